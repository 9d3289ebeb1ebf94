//! Searching 50,000 articles in English and Chinese: what agents type and what customers write. `cargo bench --bench knowledge`.

use hubline::desk::id::{AgentId, At};
use hubline::store::Store;
use hubline::store::knowledge::{self, Audience, Filter, Saved, Step, Written};
use std::time::{Duration, Instant};

const ARTICLES: usize = 50_000;
/// Saved at once, so that commits are shared.
const AT_ONCE: usize = 256;
const RUNS: usize = 1_000;
const VOCABULARY: usize = 1_000;

const ENGLISH: [&str; 40] = [
    "lamp", "battery", "return", "invoice", "delivery", "parcel", "frame", "saddle", "brake", "chain", "wheel", "charge", "warranty",
    "order", "address", "company", "payment", "refund", "bolt", "rack", "child", "seat", "helmet", "lock", "pump", "tyre", "spoke",
    "pedal", "screw", "cable", "display", "motor", "software", "update", "reset", "button", "contact", "cover", "label", "repair",
];
const CHINESE: [&str; 40] = [
    "车灯",
    "电池",
    "退货",
    "发票",
    "配送",
    "包裹",
    "车架",
    "车座",
    "刹车",
    "链条",
    "车轮",
    "充电",
    "保修",
    "订单",
    "地址",
    "公司",
    "付款",
    "退款",
    "螺栓",
    "货架",
    "儿童",
    "座椅",
    "头盔",
    "车锁",
    "气筒",
    "轮胎",
    "辐条",
    "踏板",
    "螺丝",
    "线缆",
    "显示屏",
    "电机",
    "软件",
    "升级",
    "重置",
    "按钮",
    "触点",
    "后盖",
    "标签",
    "维修",
];

/// The same numbers each run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// A word of a language of a thousand: the first come often, the last seldom, as in any language.
    fn word(&mut self, of: &[&str]) -> String {
        let last = self.roll(VOCABULARY) + 1;
        let rank = self.roll(last);
        match (rank / of.len(), of[rank % of.len()]) {
            (0, word) => word.to_owned(),
            (more, word) if word.is_ascii() => format!("{word}{more}"),
            (more, word) => format!("{word}{}", of[more % of.len()]),
        }
    }

    fn words(&mut self, of: &[&str], count: usize, between: &str) -> String {
        let words: Vec<String> = (0..count).map(|_| self.word(of)).collect();
        words.join(between)
    }
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let begun = Instant::now();
    for first in (0..ARTICLES).step_by(AT_ONCE) {
        let all: Vec<Written> = (first..(first + AT_ONCE).min(ARTICLES)).map(|number| article(&mut dice, number)).collect();
        let saves = all.into_iter().map(|written| write(store.clone(), written)).map(tokio::spawn);
        for save in saves.collect::<Vec<_>>() {
            save.await??;
        }
    }
    println!("{ARTICLES} articles written in {:.1} s", begun.elapsed().as_secs_f64());
    let every = Filter { shown: true, ..Filter::default() };
    let customers = Filter { audience: Some(Audience::Public), near: Some("zh".into()), ..every.clone() };
    measure("one word, en", &store, &every, || dice.word(&ENGLISH)).await?;
    let mut dice = Dice(7);
    measure("three words, en", &store, &every, || dice.words(&ENGLISH, 3, " ")).await?;
    let mut dice = Dice(8);
    measure("one word, zh", &store, &every, || dice.word(&CHINESE)).await?;
    let mut dice = Dice(9);
    measure("three words, zh, public", &store, &customers, || dice.words(&CHINESE, 3, " ")).await?;
    let mut dice = Dice(10);
    measure("a sentence, en", &store, &every, || format!("Hello, my {} does not work any more", dice.words(&ENGLISH, 4, " and the ")))
        .await?;
    let mut dice = Dice(11);
    measure("a sentence, zh", &store, &customers, || format!("您好，我的{}坏了怎么办", dice.words(&CHINESE, 4, "和"))).await?;
    Ok(())
}

/// Every second one in Chinese, every third internal.
fn article(dice: &mut Dice, number: usize) -> Written {
    let chinese = number % 2 == 1;
    let (words, language, between) = if chinese { (&CHINESE, "zh-CN", "的") } else { (&ENGLISH, "en", " ") };
    let body: Vec<String> = (0..12).map(|_| dice.words(words, 12, between)).collect();
    Written {
        article: None,
        language: language.into(),
        title: format!("{} {number}", dice.words(words, 3, between)),
        body: body.join(".\n\n"),
        note: String::new(),
        category: None,
        audience: if number.is_multiple_of(3) { Audience::Internal } else { Audience::Public },
        owner: AgentId::from("mara"),
        expires_at: None,
        base: 0,
    }
}

async fn write(store: Store, written: Written) -> anyhow::Result<()> {
    let (language, by) = (written.language.clone(), AgentId::from("mara"));
    if let Saved::Kept { article, version } = knowledge::save(&store, written, &by, At(1)).await? {
        knowledge::move_on(&store, article, &language, version, Step::Publish { by_another: false }, &by, At(1)).await?;
    }
    Ok(())
}

async fn measure(what: &str, store: &Store, filter: &Filter, mut query: impl FnMut() -> String) -> anyhow::Result<()> {
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
