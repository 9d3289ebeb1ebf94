//! What a platform tells besides messages, and what it is told: who types, who has read, what the firm writes elsewhere, who cannot be reached.

use super::{on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::until;
use hubline::sim::generic::Bridge;
use hubline::sim::plan::Plan;
use serde_json::json;

const WEBHOOK: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test(flavor = "multi_thread")]
async fn signs_pass_both_ways_and_what_is_told_besides_is_kept() {
    let bridge = Bridge::open(WEBHOOK, Plan::default()).await.expect("a program");
    let business = format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"http\"\nid = \"bridge\"\nqueue = \"sales\"\n[channels.http]\nurl = \"{}\"\n\
         secret = \"{WEBHOOK}\"\nsignals = true\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        bridge.url()
    );
    let house = House::open(&business).await;
    bridge.calls(&format!("http://{}/hooks/bridge", house.web));
    let mara = on_duty(&house, "mara").await;
    bridge.customer_writes("m-1", "robin", "Is it ready?");
    takes(&mara, 1).await;
    house.stands("mara Available 25/100").await;
    // They type, and she sees it; she types and reads, and they see that.
    bridge.tells(&json!({ "type": "typing", "from": { "id": "robin" } }));
    until("the agent sees that they type", || mara.frames("typing").iter().any(|frame| frame["conversation"] == 1)).await;
    let signals = |kind: &str| bridge.signals().iter().filter(|signal| signal["type"] == kind && signal["to"] == "robin").count();
    for _ in 0..5 {
        mara.say(json!({ "type": "typing", "conversation": 1 })).await;
    }
    until("the customer sees that somebody types", || signals("typing") == 1).await;
    mara.does("/work/conversation/1/read", &[("upto", "1")]).await;
    until("the customer sees that it was read", || signals("read") == 1).await;
    // A colleague answers with the platform's own tool: told twice, kept once, sent by nobody.
    for _ in 0..2 {
        let from = json!({ "id": "robin" });
        bridge.tells(&json!({ "type": "message", "id": "e-1", "from": from, "text": "It is.", "echo": true }));
    }
    house.shows("SELECT kind, text FROM message ORDER BY id", &["in|Is it ready?", "elsewhere|It is."]).await;
    house.shows("SELECT last_by, unread FROM conversation", &["agent|0"]).await;
    // What goes out by us is no echo, even if the platform tells it as one.
    replies(&mara, 1, "Come by.").await;
    until("it is sent", || bridge.sent().len() == 1).await;
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["delivered"]).await;
    let ours = format!("bridge-{}", bridge.sent()[0]["id"].as_str().unwrap_or_default());
    bridge.tells(&json!({ "type": "message", "id": ours, "from": { "id": "robin" }, "text": "Come by.", "echo": true }));
    // They block us: nothing is sent, and the composer says why, until they write again.
    bridge.tells(&json!({ "type": "unreachable", "from": { "id": "robin" } }));
    house.shows("SELECT unreachable FROM identity WHERE value = 'robin'", &["unspecified"]).await;
    let refused = mara.post("/work/conversation/1/reply", &[("text", "Hello?"), ("key", "k1")]).await;
    assert!(refused.status >= 400 && refused.text().contains("nothing reaches this customer"), "{} {}", refused.status, refused.text());
    let page = mara.get("/inbox/conversation/1").await;
    assert!(page.text().contains("data-blocked=\"The platform says that nothing reaches"), "the composer says why");
    bridge.customer_writes("m-2", "robin", "Here I am again.");
    house.shows("SELECT unreachable FROM identity WHERE value = 'robin'", &["-"]).await;
    replies(&mara, 1, "Good.").await;
    until("it is sent", || bridge.sent().len() == 2).await;
    house.shows("SELECT count(*) FROM message WHERE kind = 'elsewhere'", &["1"]).await;
    assert!(signals("typing") == 1 && bridge.refused().is_empty(), "{:?} {:?}", bridge.signals(), bridge.refused());
}
