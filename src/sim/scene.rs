//! The demo's outside world: callers and visitors who come one after another, never more than an agent can look at.

use super::caller::{self, Story};
use super::phone::Line;
use super::visitor::Visitor;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Where the house is reached.
#[derive(Debug, Clone, Copy)]
pub struct House {
    pub sip: SocketAddr,
    pub web: SocketAddr,
}

/// Pause between one caller and the next.
const BETWEEN_CALLS: Duration = Duration::from_secs(20);
const BETWEEN_CHATS: Duration = Duration::from_secs(45);
/// How long a visitor waits for an answer to each of their messages.
const VISITOR_PATIENCE: Duration = Duration::from_secs(300);

/// Plays for ever; dropped with the demo.
pub async fn play(house: House, language: &'static str) {
    tokio::join!(calls(house, language), chats(house, language));
}

/// The people of the demo, in the order in which they call. Their numbers are those of the seeded customers.
pub fn callers(language: &'static str) -> Vec<Story> {
    let people: [(&str, &str, &'static str, &str); 3] = match language {
        "zh" => [
            ("林月明", "+8613800138193", "bolt", "4001"),
            ("陆可", "+8613900139042", "price", "4002"),
            ("海港贸易", "+862088886017", "invoice", "4003"),
        ],
        _ => [
            ("Anna Berg", "+4915100138193", "bolt", "4001"),
            ("Juno Pike", "+447700900142", "price", "4002"),
            ("Priya Fennimore", "+447700900617", "invoice", "4003"),
        ],
    };
    people
        .into_iter()
        .map(|(name, number, about, dials)| Story {
            line: Line { name: name.into(), number: number.into() },
            dials: dials.into(),
            about,
            language,
            patience: Duration::from_secs(180),
        })
        .collect()
}

async fn calls(house: House, language: &'static str) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    for story in callers(language).iter().cycle() {
        match caller::call(house.sip, story).await {
            Ok(outcome) => tracing::info!(caller = story.line.name, ?outcome, "simulated call"),
            Err(error) => tracing::warn!(%error, "a simulated caller could not dial"),
        }
        tokio::time::sleep(BETWEEN_CALLS).await;
    }
}

async fn chats(house: House, language: &'static str) {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let stories: &[&[&str]] = match language {
        "zh" => &[
            &["你好，请问你们周日开门吗？", "下午五点前可以自提吗？", "好的，谢谢！"],
            &["儿童座椅和后货架能一起装吗？", "车架是 M 码的", "明白了，那我下单啦"],
        ],
        _ => &[
            &["Hi! Are you open on Sunday?", "Can I pick up my order before five?", "Great, thank you!"],
            &["Is the child seat compatible with the rear rack?", "It is size M", "Good to know, I will order it now"],
        ],
    };
    loop {
        tokio::time::sleep(Duration::from_secs(8)).await;
        let story = stories[TURN.fetch_add(1, Ordering::Relaxed) % stories.len()];
        if let Err(error) = chat(house, story).await {
            tracing::warn!(%error, "a simulated visitor could not write");
        }
        tokio::time::sleep(BETWEEN_CHATS).await;
    }
}

/// Writes each line once the one before was answered.
async fn chat(house: House, story: &[&str]) -> anyhow::Result<()> {
    let mut visitor = Visitor::open(house.web, "site", None).await?;
    for line in story {
        visitor.write(line).await?;
        if !visitor.answered(VISITOR_PATIENCE).await {
            break;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    visitor.leave().await
}
