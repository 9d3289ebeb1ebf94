//! Searching 50,000 articles in English and Chinese: what agents type and what customers write. `cargo bench --bench knowledge`.

use hubline::desk::id::{AgentId, At};
use hubline::sim::plan::Dice;
use hubline::sim::seed::articles;
use hubline::sim::seed::words::{CHINESE, ENGLISH, word, words};
use hubline::store::Store;
use hubline::store::knowledge::{self, Audience, Filter};
use std::time::{Duration, Instant};

const ARTICLES: u64 = 50_000;
const RUNS: usize = 1_000;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    let dice = Dice::new(1);
    let begun = Instant::now();
    articles::write(&store, &dice, ARTICLES, &AgentId::from("mara"), At(1)).await?;
    println!("{ARTICLES} articles written in {:.1} s", begun.elapsed().as_secs_f64());
    let every = Filter { shown: true, ..Filter::default() };
    let customers = Filter { audience: Some(Audience::Public), near: Some("zh".into()), ..every.clone() };
    measure("one word, en", &store, &every, || word(&dice, &ENGLISH)).await?;
    measure("three words, en", &store, &every, || words(&dice, &ENGLISH, 3, " ")).await?;
    measure("one word, zh", &store, &every, || word(&dice, &CHINESE)).await?;
    measure("three words, zh, public", &store, &customers, || words(&dice, &CHINESE, 3, " ")).await?;
    let english = || format!("Hello, my {} does not work any more", words(&dice, &ENGLISH, 4, " and the "));
    measure("a sentence, en", &store, &every, english).await?;
    let chinese = || format!("您好，我的{}坏了怎么办", words(&dice, &CHINESE, 4, "和"));
    measure("a sentence, zh", &store, &customers, chinese).await
}

async fn measure(what: &str, store: &Store, filter: &Filter, query: impl Fn() -> String) -> anyhow::Result<()> {
    let mut waits = Vec::with_capacity(RUNS);
    let mut found = 0;
    for _ in 0..RUNS {
        let query = query();
        let begun = Instant::now();
        let hits = knowledge::find(store, &query, filter, At(2), 20).await?;
        waits.push(begun.elapsed());
        found += hits.len();
    }
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)];
    let ms = |wait: Duration| wait.as_secs_f64() * 1e3;
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms, {:.1} found", ms(at(50)), ms(at(99)), found as f64 / RUNS as f64);
    Ok(())
}
