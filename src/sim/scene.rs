//! The demo's outside world: callers and visitors who come one after another, never more than an agent can look at.

use super::caller::{self, Story};
use super::exchange::{Exchange, Rung};
use super::phone::{Line, Phone, PhoneEvent};
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

/// The provider's echo test.
const ECHO: &str = "10000";
/// Pause between one caller and the next.
const BETWEEN_CALLS: Duration = Duration::from_secs(20);
/// How long the impatient one waits.
const GIVES_UP: Duration = Duration::from_secs(9);
const BETWEEN_CHATS: Duration = Duration::from_secs(45);
/// How long a visitor waits for an answer to each of their messages.
const VISITOR_PATIENCE: Duration = Duration::from_secs(300);

/// Plays for ever; dropped with the demo.
pub async fn play(house: House, language: &'static str, exchange: Exchange) {
    tokio::join!(calls(house, language), chats(house, language), telephones(exchange, language));
}

/// Whoever is called picks up: customers with what they had called about, anybody else likewise.
async fn telephones(mut exchange: Exchange, language: &'static str) {
    while let Some(Rung { number, phone }) = exchange.rung().await {
        if number == ECHO {
            drop(tokio::spawn(caller::echo(phone)));
            continue;
        }
        let mut stories = callers(language);
        let at = stories.iter().position(|story| story.line.number == number).unwrap_or(0);
        let story = stories.swap_remove(at);
        tokio::spawn(async move {
            let outcome = caller::called(phone, &story).await;
            tracing::info!(%number, ?outcome, "simulated telephone");
        });
    }
}

/// The people of the demo, in the order in which they call. Their numbers are those of the seeded customers.
pub fn callers(language: &'static str) -> Vec<Story> {
    let people: [(&str, &str, &'static str, &str); 3] = match language {
        "zh" => [
            ("林月明", "+8613800138193", "bolt", "4001"),
            ("陆可", "+8613900139042", "price", "4000"),
            ("海港贸易", "+862088886017", "invoice", "4003"),
        ],
        _ => [
            ("Anna Berg", "+4915100138193", "bolt", "4001"),
            ("Juno Pike", "+447700900142", "price", "4000"),
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
            // 4000 is the menu: one for sales.
            keys: if dials == "4000" { "1" } else { "" },
        })
        .collect()
}

async fn calls(house: House, language: &'static str) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut turn = 0_u32;
    for story in callers(language).iter().cycle() {
        match caller::call(house.sip, story).await {
            Ok(outcome) => tracing::info!(caller = story.line.name, ?outcome, "simulated call"),
            Err(error) => tracing::warn!(%error, "a simulated caller could not dial"),
        }
        tokio::time::sleep(BETWEEN_CALLS).await;
        turn += 1;
        // Now and then somebody does not reach us.
        let lost = match turn % 3 {
            1 => gives_up(house, language).await,
            2 => leaves_voicemail(house, language).await,
            _ => Ok(()),
        };
        if let Err(error) = lost {
            tracing::warn!(%error, "a simulated caller could not dial");
        }
    }
}

/// Hangs up after a few seconds of waiting, and is sent a text.
async fn gives_up(house: House, language: &str) -> std::io::Result<()> {
    let line = match language {
        "zh" => Line { name: "周敏".into(), number: "+8613700137555".into() },
        _ => Line { name: "Ilse Brandt".into(), number: "+4915100137555".into() },
    };
    let mut phone = Phone::dial(house.sip, "4002", &line).await?;
    waits(&mut phone, GIVES_UP).await;
    phone.hang_up().await;
    Ok(())
}

/// Calls the evening line and speaks after the tone.
async fn leaves_voicemail(house: House, language: &str) -> std::io::Result<()> {
    let line = match language {
        "zh" => Line { name: "何志远".into(), number: "+8613600136222".into() },
        _ => Line { name: "Tomas Reed".into(), number: "+447700900222".into() },
    };
    let mut phone = Phone::dial(house.sip, "4004", &line).await?;
    waits(&mut phone, Duration::from_secs(if language == "zh" { 12 } else { 8 })).await;
    let words = caller::sound(language, "invoice-1");
    let speaks = Duration::from_millis(words.len() as u64 / 8 + 500);
    phone.say(words).await;
    waits(&mut phone, speaks).await;
    phone.hang_up().await;
    Ok(())
}

/// Lets the time pass while audio is heard, or until the other side hangs up.
async fn waits(phone: &mut Phone, time: Duration) {
    let until = tokio::time::Instant::now() + time;
    while let Ok(Some(event)) = tokio::time::timeout_at(until, phone.recv()).await {
        if event == PhoneEvent::HungUp {
            return;
        }
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
