//! Durable chat messages per second through the whole line: desk, commit, answer. `cargo bench --bench messages`.

use hubline::clock::Clock;
use hubline::config::Config;
use hubline::desk::id::{At, ChannelId};
use hubline::desk::input::{Besides, Body, Input, MessageHeard};
use hubline::desk::person::{Identity, Who};
use hubline::store::{Store, persons};
use hubline::switchboard::Switchboard;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOUSE: &str = "[[queues]]\nid = \"q\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"q\"\n";
/// Messages per run, over all visitors.
const MESSAGES: usize = 20_000;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for visitors in [1, 16, 64, 256] {
        runtime.block_on(run(visitors))?;
    }
    Ok(())
}

async fn run(visitors: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    let catalog = Config::parse(HOUSE, Path::new("bench.toml")).map_err(|report| anyhow::anyhow!(report.plain()))?.catalog;
    let switchboard = Switchboard::start(store.clone(), Clock::system(), Arc::new(catalog))?;
    let each = if visitors == 1 { MESSAGES / 20 } else { MESSAGES / visitors };
    let begun = Instant::now();
    let writers: Vec<_> = (0..visitors).map(|visitor| tokio::spawn(write(switchboard.clone(), store.clone(), visitor, each))).collect();
    let mut waits = Vec::new();
    for writer in writers {
        waits.extend(writer.await??);
    }
    let took = begun.elapsed();
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)].as_secs_f64() * 1e3;
    let rate = (visitors * each) as f64 / took.as_secs_f64();
    println!("{visitors} visitors: {rate:.0} messages/s on disk, p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
    Ok(())
}

async fn write(switchboard: Switchboard, store: Store, visitor: usize, count: usize) -> anyhow::Result<Vec<Duration>> {
    let identity = Identity { kind: "webchat".into(), namespace: "site".into(), value: format!("visitor-{visitor}") };
    let mut waits = Vec::with_capacity(count);
    for number in 0..count {
        let begun = Instant::now();
        let person = persons::brief(&store, identity.clone()).await?;
        let message = MessageHeard {
            channel: ChannelId::from("site"),
            external_id: format!("{visitor}:{number}"),
            who: Who { identity: identity.clone(), display: None, person },
            body: Body::text("Is the child seat compatible with the rear rack?"),
            page: None,
            sent: At(number as i64),
            known: None,
            besides: Besides::default(),
        };
        if let Err(refusal) = switchboard.ask(Input::Message(message)).await {
            anyhow::bail!("refused: {refusal:?}");
        }
        waits.push(begun.elapsed());
    }
    Ok(waits)
}
