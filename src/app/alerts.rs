//! Members of staff are told when a channel does not work for a while, and when it works again.

use crate::channels::post::Post;
use crate::channels::wecom::staff::Staff;
use crate::clock::Clock;
use crate::config::{Loaded, words};
use crate::desk::id::ChannelId;
use crate::reach::Client;
use arc_swap::ArcSwap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(10);

/// Runs until the process stops.
pub(super) async fn run(post: Post, config: Arc<ArcSwap<Loaded>>, clock: Clock) {
    let mut ticks = tokio::time::interval(EVERY);
    let (mut read, mut staff) = (None::<Arc<Loaded>>, None);
    let mut told = BTreeSet::new();
    loop {
        ticks.tick().await;
        let now = config.load_full();
        if read.as_ref().is_none_or(|read| !Arc::ptr_eq(read, &now)) {
            staff = open(&now, &clock);
            read = Some(now.clone());
        }
        let Some(staff) = &staff else { continue };
        for (text, channel, failing) in news(&post, &now, &told, &clock) {
            match staff.alert(&text).await {
                Ok(missed) => {
                    if !missed.unknown.is_empty() || !missed.unlicensed.is_empty() {
                        tracing::warn!(unknown = ?missed.unknown, unlicensed = ?missed.unlicensed, "an alert did not reach all members");
                    }
                    if failing {
                        told.insert(channel)
                    } else {
                        told.remove(&channel)
                    };
                }
                // Tried again with the next turn.
                Err(trouble) => tracing::error!(%trouble, %channel, "an alert reached nobody"),
            }
        }
    }
}

fn open(loaded: &Loaded, clock: &Clock) -> Option<Staff> {
    let section = loaded.config.alerts.wecom.as_ref()?;
    let opened = Staff::open(section, &loaded.config.folder, Client::default(), clock.clone());
    opened.inspect_err(|error| tracing::error!(%error, "[alerts.wecom] cannot be used")).ok()
}

/// What is to be told: the text, the channel, and whether it fails.
fn news(post: &Post, loaded: &Loaded, told: &BTreeSet<ChannelId>, clock: &Clock) -> Vec<(String, ChannelId, bool)> {
    let (now, language) = (clock.now(), loaded.config.site.language.get_ref().as_str());
    let after = loaded.config.alerts.after.millis();
    let one = |(channel, health): (ChannelId, crate::channels::post::Health)| {
        let name = channel.to_string();
        match health.failing() {
            Some((since, why)) if !told.contains(&channel) && now.since(*since) >= after => {
                let text = words::say(language, "cli.alerts.channel_fails", &[("channel", &name), ("why", why)]);
                Some((text, channel, true))
            }
            None if told.contains(&channel) => {
                Some((words::say(language, "cli.alerts.channel_works", &[("channel", &name)]), channel, false))
            }
            _ => None,
        }
    };
    post.health().into_iter().filter_map(one).collect()
}
