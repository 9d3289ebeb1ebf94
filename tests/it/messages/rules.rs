//! Rules in a whole house: a chat, a shop that tells what happened, a text to the customer, a restart while a rule waits, and what pages say of it.

use super::{on_duty, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use crate::rig::visitor::Page;
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NUMBER: &str = "+4915100138193";
const PATIENCE: Duration = Duration::from_secs(20);

fn business(gateway: &Gateway) -> String {
    format!(
        r#"
[[api.tokens]]
name = "shop"
secret = "{TOKEN}"
scopes = ["facts"]
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
[[queues]]
id = "senior"
name = "Senior"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
[[agents]]
id = "mara"
name = "Mara Voss"
role = "supervisor"
queues = ["sales", "senior"]
[[rules]]
id = "refund"
title = {{ en = "Refund", zh-CN = "退款" }}
when = {{ event = "message" }}
if = {{ kind = ["webchat"], words = ["refund", "退款"] }}
then = [
  {{ do = "tag", tag = "refund" }},
  {{ do = "assign", queue = "senior" }},
  {{ do = "reply", text = {{ en = "We look at it at once.", zh-CN = "我们马上处理。" }} }},
  {{ do = "notify", supervisors = true, text = "Refund: {{text}}" }},
  {{ do = "alert", text = "A refund is asked for" }},
  {{ do = "move", to = "calls" }},
]
[[rules]]
id = "stuck"
title = "Stuck parcel"
when = {{ event = "fact:parcel.stuck", after = "4s", unless = ["fact:parcel.moves"] }}
then = [{{ do = "message", text = "Your parcel {{parcel}} is late." }}]
"#,
        gateway.url()
    )
}

async fn tells(web: SocketAddr, key: &str, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key), ("content-type", "application/json")];
    let answer = request(web, "POST", "/api/v1/facts", &headers, body.to_string()).await;
    (answer.status, serde_json::from_str(&answer.text()).unwrap_or_default())
}

fn stuck(name: &str, number: &str, parcel: &str) -> Value {
    json!({ "to": { "identities": [{ "kind": "phone", "value": number }] }, "name": name, "values": { "parcel": parcel } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_treated_by_the_rules_and_pages_say_so() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway)).await;
    let mara = on_duty(&house, "mara").await;
    let visitor = Page::open(house.web, None).await;
    visitor.hears("welcome", "").await;
    visitor.writes("I want a REFUND for my lamp").await;
    visitor.hears("message", "We look at it at once.").await;
    takes(&mara, 1).await;
    house.shows("SELECT kind, text FROM message ORDER BY id", &["in|I want a REFUND for my lamp", "auto|We look at it at once."]).await;
    house.shows("SELECT name FROM tag", &["refund"]).await;
    house.shows("SELECT agent, kind, by, text FROM notice", &["mara|rule|refund|Refund: I want a REFUND for my lamp"]).await;
    house.shows("SELECT queue FROM conversation", &["senior"]).await;
    // A visitor of the window has no telephone: it is said, not silent.
    house.shows("SELECT count(*) FROM event WHERE kind = 'rule.refused'", &["1"]).await;
    let page = mara.get("/inbox/person/1").await.text();
    for said in ["Rule <b>Refund</b>: ", "We look at it at once.", "on the call list was not done", "refund"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(mara.get("/notices").await.text().contains("Rule Refund"), "the notice names the rule");
    // The floor is a moment behind.
    let alarmed = || house.app.switchboard.floor().rule_alerts.len() == 1;
    until("the alert", alarmed).await;
    assert!(mara.get("/wallboard").await.text().contains("A refund is asked for"), "the wallboard shows it");
    // Once is enough.
    visitor.writes("a refund, please").await;
    house.shows("SELECT count(*) FROM message WHERE kind = 'auto'", &["1"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_shop_tells_reaches_the_customer_also_after_a_restart() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway)).await;
    let (status, first) = tells(house.web, "k1", &stuck("parcel.stuck", NUMBER, "77")).await;
    assert_eq!(status, 202, "{first}");
    assert_eq!(tells(house.web, "k1", &stuck("parcel.stuck", NUMBER, "77")).await, (202, first));
    let (status, problem) = tells(house.web, "k1", &stuck("parcel.stuck", NUMBER, "78")).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("key_used")));
    for (body, code) in [
        (stuck("Parcel Stuck", NUMBER, "1"), "name"),
        (stuck("x", "0151", "1"), "recipient"),
        (json!({ "to": { "person": 99 }, "name": "x" }), "unknown_recipient"),
        (stuck("x", NUMBER, &"x".repeat(501)), "values"),
    ] {
        let (status, problem) = tells(house.web, "other", &body).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some(code)), "{problem}");
    }
    assert_eq!(tells(house.web, "k2", &stuck("parcel.stuck", "+4915100138194", "79")).await.0, 202);
    assert_eq!(tells(house.web, "k3", &stuck("parcel.moves", "+4915100138194", "79")).await.0, 202);
    // The rule waits, and the house is started anew.
    let house = house.again().await;
    let text = gateway.text(1, PATIENCE).await.expect("a text");
    assert_eq!((text.to.as_str(), text.text.as_str()), (NUMBER, "Your parcel 77 is late."));
    house.shows("SELECT kind FROM event WHERE kind LIKE 'rule.%'", &["rule.did"]).await;
    house.shows("SELECT asker, state FROM proactive", &["rule:stuck|sent"]).await;
    house.quiet().await;
    assert_eq!(gateway.texts().len(), 1, "the other parcel moves again");
    let again = tells(house.web, "k1", &stuck("parcel.stuck", NUMBER, "77")).await;
    assert_eq!(again.0, 202, "also after the restart it is the same");
    house.shows("SELECT count(*) FROM told", &["3"]).await;
    house.close().await;
}
