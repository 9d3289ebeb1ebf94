//! Messenger and Instagram from end to end: echoes of everything, receipts by watermarks.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use hubline::sim::meta::pages::{Page, Pages, Sent};
use serde_json::json;

fn arrived(sent: Sent) -> String {
    let text = sent.body.pointer("/message/text").and_then(|text| text.as_str()).map(str::to_owned);
    text.unwrap_or_else(|| sent.file.map(|file| file.0).unwrap_or_default())
}

fn sea<'s>(sim: &'s Pages, kind: &'s str, section: String, replies: Replies) -> Sea<'s> {
    Sea {
        kind,
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            if has_file(n) {
                let url = sim.file("pump.png", PNG);
                sim.customer_sends(
                    "2400000001",
                    json!({ "text": line(n), "attachments": [{ "type": "image", "payload": { "url": url } }] }),
                );
            } else {
                sim.customer_writes("2400000001", &line(n));
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(arrived).collect()),
        replies,
        pictures: Pictures::Captioned,
        order: "sent_at, id",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_weathers_the_storm() {
    let page = Page { object: "page", id: "108".into(), token: "page".into(), app_secret: "app".into(), human_agent: false };
    let sim = Pages::open(page, weather(6)).await.expect("a simulator");
    let section = format!(
        "[channels.messenger]\npage_id = \"108\"\ntoken = \"page\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n",
        sim.url()
    );
    storm(sea(&sim, "messenger", section, Replies::Files), 6).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instagram_account_weathers_the_storm() {
    let page = Page { object: "instagram", id: "178".into(), token: "ig".into(), app_secret: "ig-app".into(), human_agent: false };
    let sim = Pages::open(page, weather(7)).await.expect("a simulator");
    let section = format!(
        "[channels.instagram]\naccount_id = \"178\"\ntoken = \"ig\"\napp_secret = \"app\"\ninstagram_app_secret = \"ig-app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n",
        sim.url()
    );
    storm(sea(&sim, "instagram", section, Replies::Files), 7).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
}
