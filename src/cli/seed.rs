//! `hubline seed`: years of data in bulk, for those who develop Hubline or want to see how it stands after them.

use super::{Failed, Outcome, load, show, user};
use crate::clock::Clock;
use crate::desk::catalog::Catalog;
use crate::sim::seed::{Amounts, Place, write};
use crate::store::persons;
use anyhow::{Context, bail};
use std::io::Write;
use std::path::Path;

/// Fill an empty data folder with years of made-up customers, messages, tickets and articles.
///
/// It needs a configuration with a chat window and an agent of its queue. What it takes grows with what is asked for: the defaults are minutes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  hubline seed --people 2000 --messages 10000 --tickets 1000 --articles 500")]
pub(super) struct Seed {
    /// Customers.
    #[arg(long, default_value_t = 200_000)]
    people: u64,
    /// Messages of all of them together.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    /// Tickets; one in twenty stays open.
    #[arg(long, default_value_t = 100_000)]
    tickets: u64,
    /// Articles of the knowledge base, in two languages.
    #[arg(long, default_value_t = 50_000)]
    articles: u64,
}

impl Seed {
    pub fn run(self, config: &Path) -> Outcome {
        let loaded = load(config)?;
        let place = place(&loaded.catalog)?;
        let amounts = Amounts { people: self.people, messages: self.messages, tickets: self.tickets, articles: self.articles };
        let begun = Clock::system().now();
        super::block_on(async {
            let store = user::open(&loaded)?;
            if !persons::recent(&store, None, 1).await?.is_empty() {
                bail!("there are customers in {} already: seed fills an empty folder only", loaded.config.data().display());
            }
            let catalog = std::sync::Arc::new(loaded.catalog.clone());
            let told = |messages| {
                // Progress that cannot be shown is no reason to stop.
                let _ = write!(std::io::stderr(), "\r{messages} of {} messages", self.messages);
            };
            write(&store, catalog, place, amounts, Clock::system().now(), told).await.context("the store")
        })??;
        let _ = writeln!(std::io::stderr());
        show(&format!("seeded in {} s", Clock::system().now().since(begun) / 1_000));
        Ok(())
    }
}

/// A chat window, and an agent of its queue.
fn place(catalog: &Catalog) -> Result<Place, Failed> {
    let channels = catalog.channels.iter().filter(|(_, channel)| channel.kind == "webchat");
    let places = channels.filter_map(|(id, channel)| {
        let agent = catalog.agents.values().find(|agent| agent.queues.contains(&channel.queue))?;
        Some(Place { channel: id.clone(), agent: agent.id.clone() })
    });
    let found = places.into_iter().next();
    Ok(found.context("the configuration needs a channel of the kind webchat, and an agent of its queue")?)
}
