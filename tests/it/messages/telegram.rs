//! Telegram from end to end: a bot that is asked, and one that is called.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use crate::rig::house::House;
use hubline::sim::plan::Plan;
use hubline::sim::telegram::{Sent, Telegram};
use serde_json::json;
use std::time::Duration;

const TOKEN: &str = "4242:storm";
const ANN: i64 = 777;

fn arrived(sent: Sent) -> String {
    sent.text
}

fn sea<'s>(sim: &'s Telegram, more: &str) -> Sea<'s> {
    Sea {
        kind: "telegram",
        section: format!("[channels.telegram]\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\npoll_wait = \"2s\"\n{more}", sim.url()),
        calls: Box::new(|_| {}),
        writes: Box::new(|n| {
            if has_file(n) {
                let file = sim.file("pump.png", PNG);
                sim.customer_sends(ANN, json!({ "photo": [{ "file_id": file }], "caption": line(n) }));
            } else {
                sim.customer_writes(ANN, &line(n));
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(arrived).collect()),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        order: "id",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_asks_weathers_the_storm() {
    let sim = Telegram::open(TOKEN, weather(4)).await.expect("a simulator");
    storm(sea(&sim, ""), 4).await;
    assert_eq!(sim.waiting(), 0, "all is acknowledged");
    // A poller that was killed may still be waiting when the next one asks: that is no mistake.
    let refused: Vec<String> = sim.refused().into_iter().filter(|why| !why.starts_with("getUpdates: Conflict")).collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_called_weathers_the_storm() {
    let sim = Telegram::open(TOKEN, weather(44)).await.expect("a simulator");
    // Updates come late and beside each other; a chat's messages are numbered.
    let webhook = "[channels.telegram.webhook]\nurl = \"HOOK\"\nsecret = \"a-word-of-ours\"\n";
    let sea = Sea { order: "sent_at, seq, id", ..sea(&sim, webhook) };
    storm(sea, 44).await;
    assert!(sim.webhook().is_some_and(|url| url.ends_with("/hooks/storm")), "{:?}", sim.webhook());
    assert_eq!((sim.waiting(), sim.refused()), (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_edits_and_goodbyes_reach_the_desk() {
    let sim = Telegram::open(TOKEN, Plan::default()).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"telegram\"\nid = \"tg\"\nqueue = \"sales\"\n[channels.telegram]\n\
         token = \"{TOKEN}\"\nbase_url = \"{}\"\npoll_wait = \"2s\"\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.url()
    ))
    .await;
    let mara = super::on_duty(&house, "mara").await;
    let first = sim.customer_writes(ANN, "Is it raedy?");
    super::takes(&mara, 1).await;
    sim.customer_edits(ANN, first, "Is it ready?");
    house.shows("SELECT text, changed FROM message WHERE kind = 'in'", &["Is it ready?|edited"]).await;
    mara.does("/work/conversation/1/reply", &[("text", "It is."), ("key", "k1")]).await;
    assert_eq!(sim.sent_by(1, Duration::from_secs(10)).await[0].text, "It is.");
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["sent"]).await;
    house.shows("SELECT kind, namespace, value FROM identity", &["telegram||777"]).await;
    sim.customer_blocks(ANN);
    house.shows("SELECT unreachable FROM identity", &["blocked"]).await;
    let refused = mara.post("/work/conversation/1/reply", &[("text", "Still there?"), ("key", "k2")]).await;
    assert!(refused.status == 409 && refused.text().contains("blocked us"), "{} {}", refused.status, refused.text());
    assert_eq!(sim.sent().len(), 1, "nothing more is sent");
    house.close().await;
}
