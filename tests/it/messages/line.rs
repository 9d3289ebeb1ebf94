//! LINE from end to end: replies while their token is young, pushes by their key.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use hubline::sim::line::Line;
use serde_json::json;

const USER: &str = "U4af4980629";

#[tokio::test(flavor = "multi_thread")]
async fn an_official_account_weathers_the_storm() {
    let sim = Line::open("secret", "token", weather(8)).await.expect("a simulator");
    let section =
        format!("[channels.line]\nchannel_secret = \"secret\"\ntoken = \"token\"\nbase_url = \"{0}\"\ndata_url = \"{0}\"\n", sim.url());
    let sea = Sea {
        kind: "line",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        // LINE has no words beside pictures: they are all texts.
        writes: Box::new(|n| {
            if has_file(n) {
                let id = format!("9{n:09}");
                sim.file(&id, PNG, 0);
                sim.customer_sends(USER, json!({ "type": "image", "id": id, "contentProvider": { "type": "line" } }));
            } else {
                sim.customer_writes(USER, &line(n));
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        replies: Replies::Files,
        pictures: Pictures::Bare,
        order: "sent_at, id",
    };
    storm(sea, 8).await;
    let refused: Vec<String> = sim.refused().into_iter().filter(|why| why != "400 Invalid reply token").collect();
    assert_eq!(refused, Vec::<String>::new());
}
