//! Messages that a program has us send: the example of docs/api.md, forged and repeated requests, a template, and a house that is killed.

use super::{on_duty, takes};
use crate::rig::house::House;
use crate::rig::http::{Answer, request};
use crate::rig::served::Served;
use crate::rig::until;
use hubline::sim::meta::whatsapp::{Account, Customer, Whatsapp};
use hubline::sim::plan::Plan;
use hubline::sim::sms::{Gateway, Trouble};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NUMBER: &str = "+4915100138193";
const PATIENCE: Duration = Duration::from_secs(20);

fn business(gateway: &Gateway, more: &str) -> String {
    format!(
        "[[api.tokens]]\nname = \"shop\"\nsecret = \"{TOKEN}\"\nscopes = [\"messages\"]\n[[api.tokens]]\nname = \"other\"\nsecret = \"{TOKEN}-other\"\nscopes = []\n\
         [[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"sms\"\nid = \"texts\"\nqueue = \"sales\"\n[channels.gateway]\nurl = \"{}\"\n\
         secret = \"shared by both\"\nfrom = \"+4930111\"\n{more}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        gateway.url()
    )
}

async fn asks(web: SocketAddr, token: &str, key: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key), ("content-type", "application/json")];
    request(web, "POST", "/api/v1/messages", &headers, body.to_string()).await
}

async fn status(web: SocketAddr, url: &str) -> Value {
    let bearer = format!("Bearer {TOKEN}");
    let answer = request(web, "GET", url, &[("authorization", bearer.as_str())], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).expect("JSON")
}

/// The status of a problem and its code, which must be one as RFC 9457 has them.
fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(
        answer.headers.get("content-type").and_then(|value| value.to_str().ok()),
        Some("application/problem+json"),
        "{}",
        answer.text()
    );
    let body: Value = serde_json::from_str(&answer.text()).expect("JSON");
    assert_eq!(body["status"], answer.status);
    (answer.status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// The request that docs/api.md shows.
fn example() -> Value {
    let text = include_str!("../../../docs/api.md");
    let block = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    serde_json::from_str(block).expect("JSON")
}

fn service(number: &str, text: &str) -> Value {
    json!({ "to": { "identities": [{ "kind": "phone", "value": number }] }, "text": text, "purpose": "service" })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_documentation_reaches_the_customer_once() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway, "")).await;
    let answer = asks(house.web, TOKEN, "order-1042-shipped", &example()).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let told: Value = serde_json::from_str(&answer.text()).expect("JSON");
    let url = told["url"].as_str().expect("an address").to_owned();
    assert_eq!(answer.headers.get("location").and_then(|value| value.to_str().ok()), Some(url.as_str()));
    let text = gateway.text(1, PATIENCE).await.expect("a text");
    assert_eq!((text.to.as_str(), text.text.as_str()), (NUMBER, "Hello Anna, order 1042 is on its way."));
    house.shows("SELECT delivery FROM message", &["delivered"]).await;
    let status = status(house.web, &url).await;
    assert_eq!((status["state"].as_str(), status["channel"].as_str()), (Some("delivered"), Some("texts")), "{status}");
    // The same again is the same; something else under its key is refused.
    let again = asks(house.web, TOKEN, "order-1042-shipped", &example()).await;
    assert_eq!(again.status, 202);
    assert_eq!(serde_json::from_str::<Value>(&again.text()).expect("JSON")["id"], told["id"]);
    let other = asks(house.web, TOKEN, "order-1042-shipped", &service(NUMBER, "Something else.")).await;
    assert_eq!(problem(&other), (422, "key_used".into()));
    // What they answer comes to the queue, with what they were sent.
    let mara = on_duty(&house, "mara").await;
    gateway.reply(NUMBER, "r-1", "When?").await.expect("a reply");
    takes(&mara, 1).await;
    house
        .shows("SELECT conversation, kind, text FROM message ORDER BY id", &["1|auto|Hello Anna, order 1042 is on its way.", "1|in|When?"])
        .await;
    assert_eq!(gateway.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_too_large_or_senseless_is_refused() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let house = House::open(&business(&gateway, "")).await;
    let good = service(NUMBER, "Hello.");
    let ask = |token: &'static str, key: &'static str, body: Value| async move { problem(&asks(house.web, token, key, &body).await) };
    assert_eq!(ask("0123456789abcdef0123456789abcdee", "k", good.clone()).await, (401, "unauthorized".into()));
    assert_eq!(ask("", "k", good.clone()).await, (401, "unauthorized".into()));
    assert_eq!(ask("0123456789abcdef0123456789abcdef-other", "k", good.clone()).await, (403, "forbidden".into()));
    assert_eq!(ask(TOKEN, "", good.clone()).await, (400, "key_missing".into()));
    assert_eq!(ask(TOKEN, "k", json!({ "text": "Hello." })).await, (400, "unreadable".into()));
    assert_eq!(ask(TOKEN, "k", service("0151", "Hello.")).await, (422, "recipient".into()));
    assert_eq!(
        ask(TOKEN, "k", json!({ "to": { "person": 99 }, "text": "Hello.", "purpose": "service" })).await,
        (422, "unknown_recipient".into())
    );
    assert_eq!(ask(TOKEN, "k", service(NUMBER, "")).await, (422, "empty".into()));
    let mut elsewhere = good.clone();
    elsewhere["channels"] = json!(["pigeon"]);
    assert_eq!(ask(TOKEN, "k", elsewhere).await, (422, "unknown_channel".into()));
    assert_eq!(ask(TOKEN, "k", service(NUMBER, &"x".repeat(70 << 10))).await, (413, "too_large".into()));
    let bearer = format!("Bearer {TOKEN}");
    for (method, path, wanted) in
        [("GET", "/api/v1/messages/1", 404), ("GET", "/api/v1/messages/x", 404), ("GET", "/api/v2", 404), ("GET", "/api/v1/messages", 405)]
    {
        let answer = request(house.web, method, path, &[("authorization", bearer.as_str()), ("accept", "text/html")], "").await;
        assert_eq!(problem(&answer).0, wanted, "{method} {path}");
    }
    assert_eq!(house.rows("SELECT count(*) FROM proactive"), ["0"]);
    // An offer needs consent; the answer says so, and nothing is sent.
    let mut offer = good;
    offer["purpose"] = json!("offer");
    let answer = asks(house.web, TOKEN, "offer", &offer).await;
    let told: Value = serde_json::from_str(&answer.text()).expect("JSON");
    assert_eq!((answer.status, told["state"].as_str(), told["reason"].as_str()), (202, Some("refused"), Some("no_consent")), "{told}");
    assert!(gateway.texts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_goes_where_nothing_else_may() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let account = Account { number_id: "106".into(), business_id: "102".into(), token: "wa".into(), app_secret: "app".into() };
    let sim = Whatsapp::open(account, Plan::default()).await.expect("a simulator");
    sim.template("order_shipped", "en", "APPROVED", "Hello {{1}}, order {{2}} is on its way.");
    let whatsapp = format!(
        "[[channels]]\nkind = \"whatsapp\"\nid = \"wa\"\nqueue = \"sales\"\n[channels.whatsapp]\nphone_number_id = \"106\"\nbusiness_account_id = \"102\"\ntoken = \"wa\"\n\
         app_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n",
        sim.url()
    );
    let house = House::open(&business(&gateway, &whatsapp)).await;
    sim.calls(&format!("http://{}/hooks/wa", house.web));
    sim.customer_writes(&Customer { wa_id: Some("4915100138193".into()), user_id: None, name: "Anna".into() }, "hello");
    house.shows("SELECT kind, text FROM message", &["in|hello"]).await;
    // The day after, the window is closed.
    sim.later(25 * 3_600_000);
    let house = house.again_after(|db| {
        db.execute_batch("UPDATE message SET at = at - 90000000, sent_at = sent_at - 90000000; UPDATE conversation SET state = 'resolved'; DELETE FROM live WHERE key LIKE 'conversation/%';")
            .expect("a day later");
    });
    let house = house.await;
    let mut request = example();
    request["channels"] = json!(["wa"]);
    request["to"] = json!({ "person": 1 });
    let answer = asks(house.web, TOKEN, "order-1042-shipped", &request).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let sent = sim.sent_by(1, PATIENCE).await;
    assert_eq!(
        sent.first().map(|sent| sent.body["template"]["name"].clone()),
        Some(json!("order_shipped")),
        "{} {:?}",
        answer.text(),
        sim.refused()
    );
    house.shows("SELECT text FROM message WHERE kind = 'auto'", &["Hello Anna, order 1042 is on its way."]).await;
    assert!(gateway.texts().is_empty());
}

/// Whatever is promised is sent, and nothing twice, also when the house dies between.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_twice_when_the_house_is_killed() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let mut house = Served::new(&business(&gateway, ""));
    house.start().await;
    for n in 0..20 {
        let (key, number) = (format!("order-{n}"), format!("+49151001382{n:02}"));
        let answer = asks(house.web, TOKEN, &key, &service(&number, &format!("Parcel {n}."))).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        if n % 7 == 3 {
            house.kill();
            house.start().await;
            let again = asks(house.web, TOKEN, &key, &service(&number, &format!("Parcel {n}."))).await;
            assert_eq!(again.status, 202, "{}", again.text());
        }
    }
    until("all are sent", || gateway.texts().len() >= 20).await;
    until("and settled", || house.rows("SELECT count(*) FROM message WHERE delivery = 'queued'") == ["0"]).await;
    let mut texts: Vec<String> = gateway.texts().into_iter().map(|text| text.text).collect();
    texts.sort();
    let mut wanted: Vec<String> = (0..20).map(|n| format!("Parcel {n}.")).collect();
    wanted.sort();
    assert_eq!(texts, wanted);
    assert_eq!(house.rows("SELECT count(*), count(DISTINCT key) FROM proactive"), ["20|20"]);
}
