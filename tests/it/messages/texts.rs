//! Channels that reach telephones and programs, from end to end: a carrier's message centre, Twilio, a gateway's program, and the two of
//! China that send templates alone.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm, weather};
use super::{on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::python::Script;
use crate::rig::until;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hubline::sim::aliyun::Aliyun;
use hubline::sim::generic::Bridge;
use hubline::sim::plan::Plan;
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::smsc::{Habits, Smsc};
use hubline::sim::tencent::Tencent;
use hubline::sim::twilio::Twilio;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CUSTOMER: &str = "+4915100138193";
const PATIENCE: Duration = Duration::from_secs(20);
const WEBHOOK: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test(flavor = "multi_thread")]
async fn a_message_centre_weathers_the_storm() {
    let habits = Habits { two_ids: true, plain_receipts: false, receipt_first: true, torn: true };
    let smsc = Smsc::open("sim", "secret", habits, weather(34)).await.expect("a message centre");
    let section = format!("[channels.smpp]\nserver = \"{}\"\nuser = \"sim\"\npassword = \"secret\"\nfrom = \"Acme\"\n", smsc.address);
    let sea = Sea {
        kind: "smpp",
        section,
        calls: Box::new(|_| {}),
        writes: Box::new(|n| {
            if has_file(n) {
                smsc.customer_sends(CUSTOMER, &[PNG, &[n as u8]].concat());
            } else {
                smsc.customer_writes(CUSTOMER, &line(n));
            }
        }),
        arrived: Box::new(|| smsc.texts().into_iter().map(|text| text.text).collect()),
        replies: Replies::Words,
        pictures: Pictures::Bare,
        order: "sent_at, seq, id",
    };
    storm(sea, 34).await;
    assert_eq!(smsc.refused(), Vec::<String>::new());
}

/// Twilio tells no time of what customers write, so nothing of it comes late here: the order is that in which it comes.
#[tokio::test(flavor = "multi_thread")]
async fn twilio_weathers_the_storm() {
    let sim = Twilio::open("the token", Plan { late: 0, ..weather(35) }).await.expect("Twilio");
    let section = format!(
        "[channels.twilio]\naccount = \"{}\"\ntoken = \"the token\"\nfrom = \"+15550001111\"\nmms = true\nbase_url = \"{}\"\n",
        sim.account(),
        sim.url()
    );
    let sea = Sea {
        kind: "twilio",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            if has_file(n) {
                sim.customer_sends(&format!("{n:03}"), CUSTOMER, &line(n), PNG);
            } else {
                sim.customer_writes(&format!("{n:03}"), CUSTOMER, &line(n));
            }
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.body).collect()),
        replies: Replies::Words,
        pictures: Pictures::Captioned,
        // Twilio tells neither a time nor an order.
        order: "text",
    };
    storm(sea, 35).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_weathers_the_storm() {
    let bridge = Bridge::open(WEBHOOK, weather(36)).await.expect("a program");
    let section = format!("[channels.http]\nurl = \"{}\"\nsecret = \"{WEBHOOK}\"\nsignals = true\n", bridge.url());
    let sea = Sea {
        kind: "http",
        section,
        calls: Box::new(|hook| bridge.calls(hook)),
        writes: Box::new(|n| {
            if has_file(n) {
                bridge.customer_sends(&format!("m-{n}"), "robin", &line(n), PNG);
            } else {
                bridge.customer_writes(&format!("m-{n}"), "robin", &line(n));
            }
        }),
        arrived: Box::new(|| bridge.sent().iter().map(|sent| sent["text"].as_str().unwrap_or_default().to_owned()).collect()),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        order: "sent_at, seq, id",
    };
    storm(sea, 36).await;
    assert_eq!(bridge.refused(), Vec::<String>::new());
}

/// Both services of China in one house: what customers write is heard once however often it is told; free text is refused before it is
/// recorded, with a sentence that says why.
#[tokio::test(flavor = "multi_thread")]
async fn channels_of_templates_hear_and_refuse_free_text() {
    let plan = Plan { twice: 500, seed: 37, ..Plan::default() };
    let aliyun = Aliyun::open("AK", "secret", "海港", plan).await.expect("Aliyun");
    let tencent = Tencent::open("AKID", "secret", "海港", plan).await.expect("Tencent");
    let business = format!(
        r#"
[[queues]]
id = "sales"
[[channels]]
kind = "aliyun"
id = "ali"
queue = "sales"
[channels.aliyun]
access_key = "AK"
secret = "secret"
sign = "海港"
push_key = "push"
base_url = "{}"
[[channels]]
kind = "tencent"
id = "tx"
queue = "sales"
[channels.tencent]
secret_id = "AKID"
secret = "secret"
app = "1400000001"
sign = "海港"
push_key = "push"
base_url = "{}"
[[agents]]
id = "mara"
queues = ["sales"]
"#,
        aliyun.url(),
        tencent.url()
    );
    let house = House::open(&business).await;
    aliyun.calls(&format!("http://{}/hooks/ali?key=push", house.web));
    tencent.calls(&format!("http://{}/hooks/tx?key=push", house.web));
    let mara = on_duty(&house, "mara").await;
    for n in 1..=20 {
        aliyun.customer_writes(n, "13800138000", &format!("订单 {n}"));
        tencent.customer_writes(1_700_000_000 + n as i64, "13900139000", &format!("投诉 {n}"));
    }
    takes(&mara, 1).await;
    house.shows("SELECT count(*), count(DISTINCT external_id) FROM message WHERE kind = 'in'", &["40|40"]).await;
    let answer = mara.post("/work/conversation/1/reply", &[("text", "free words"), ("key", "k1")]).await;
    assert!(answer.status >= 400 && answer.text().contains("template"), "{} {}", answer.status, answer.text());
    assert!(aliyun.sent().is_empty() && tencent.sent().is_empty());
    assert_eq!(house.rows("SELECT count(*) FROM message WHERE kind = 'out'"), ["0"]);
}

/// The bytes that we write are read by others, and theirs by us: short and long, both directions, receipts.
#[tokio::test(flavor = "multi_thread")]
async fn smpplib_is_a_message_centre_that_we_understand() {
    let Some(centre) = Script::start("smpplib_centre.py", &[], "smpplib", "smpplib") else { return };
    until("smpplib listens", || centre.port().is_some()).await;
    let business = format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"smpp\"\nid = \"carrier\"\nqueue = \"sales\"\n[channels.smpp]\nserver = \"127.0.0.1:{}\"\n\
         user = \"lakeside\"\npassword = \"secret\"\nfrom = \"Lakeside\"\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        centre.port().unwrap_or_default()
    );
    let house = House::open(&business).await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    let long = "A long text of a customer, in two parts at least. ".repeat(5);
    let texts = format!("Hello @ [smpplib]|{CUSTOMER}");
    let identity = "SELECT text, (SELECT value FROM identity WHERE kind = 'phone') FROM message WHERE kind = 'in' ORDER BY id LIMIT 1";
    house.shows(identity, &[texts.as_str()]).await;
    house.shows("SELECT text FROM message WHERE kind = 'in' ORDER BY id", &["Hello @ [smpplib]", long.trim_end()]).await;
    let bind = centre.all("bind").remove(0);
    assert_eq!(
        (bind["system_id"].as_str(), bind["password"].as_str(), bind["version"].as_u64()),
        (Some("lakeside"), Some("secret"), Some(0x34))
    );
    replies(&mara, 1, "Ready €").await;
    replies(&mara, 1, &"您的自行车修好了。".repeat(10)).await;
    house.shows("SELECT delivery FROM message WHERE kind = 'out' ORDER BY id", &["delivered", "delivered"]).await;
    let sent = centre.all("submit");
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(
        (sent[0]["to"].as_str(), sent[0]["from"].as_str(), sent[0]["from_ton"].as_u64()),
        (Some("4915100138193"), Some("Lakeside"), Some(5))
    );
    assert_eq!(sent[0]["text"].as_str(), Some("5265616479201b65"), "the GSM alphabet");
    let udh: Vec<&str> = sent[1..].iter().filter_map(|part| part["text"].as_str()?.get(..12)).collect();
    assert!(udh[0].starts_with("050003") && udh[0].ends_with("0201") && udh[1].ends_with("0202"), "{udh:?}");
    assert_eq!(
        sent[1..].iter().map(|part| (part["esm_class"].as_u64(), part["coding"].as_u64())).collect::<Vec<_>>(),
        [(Some(0x40), Some(8)); 2]
    );
    assert!(centre.all("kept").iter().all(|kept| kept["status"] == 0), "every one was taken");
}

/// What the firm's own address was asked, and with which signature.
type Asked = Arc<Mutex<Vec<(Value, String)>>>;

/// The firm's own address: it knows one order.
async fn shop() -> (SocketAddr, Asked) {
    let (asked, listener) = (Asked::default(), tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port"));
    let address = listener.local_addr().expect("an address");
    let router = axum::Router::new().route("/order", post(order)).with_state(asked.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, asked)
}

async fn order(State(asked): State<Asked>, headers: HeaderMap, Json(question): Json<Value>) -> Result<Json<Value>, StatusCode> {
    let signature = headers.get("hubline-signature").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let known = question["variables"]["order"] == "1042";
    asked.lock().expect("a lock").push((question, signature));
    if known { Ok(Json(json!({ "set": { "state": "shipped" } }))) } else { Err(StatusCode::NOT_FOUND) }
}

/// The example of docs/sms.md: a word asks for the order's number, which is looked up and answered, and nobody is rung; what the firm's address
/// does not know goes to a person.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_asked_for_by_text_and_answered_by_itself() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (shop, asked) = shop().await;
    let mut examples = include_str!("../../../docs/sms.md").split("```toml\n").skip(2).filter_map(|rest| rest.split("```").next());
    let (words, flow) = (examples.next().expect("words"), examples.next().expect("a flow"));
    let flow = flow.replace("https://shop.example", &format!("http://{shop}")).replace("{ file = \"password\" }", "\"of the shop\"");
    let business = format!(
        r#"
[[queues]]
id = "sales"
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "{}"
secret = "shared by both"
from = "+4930111"
{words}{flow}[[agents]]
id = "mara"
queues = ["sales"]
"#,
        gateway.url()
    );
    let house = House::open(&business).await;
    let mara = on_duty(&house, "mara").await;
    let hook = format!("http://{}/sms/texts/hook", house.web);
    let writes = async |id: &str, text: &str| {
        let message = json!({ "type": "message", "id": id, "from": CUSTOMER, "text": text }).to_string();
        assert_eq!(gateway.tell(&hook, &message, None).await.expect("told"), 200);
    };
    let hears = async |nth: usize| gateway.text(nth, PATIENCE).await.map(|text| (text.to, text.text));
    writes("m1", "查询订单").await;
    assert_eq!(hears(1).await, Some((CUSTOMER.into(), "Your order number, please.".into())));
    writes("m2", "1042").await;
    assert_eq!(hears(2).await, Some((CUSTOMER.into(), "Order 1042: shipped".into())));
    house.shows("SELECT state, resolved_by FROM conversation", &["resolved|-"]).await;
    assert_eq!(house.rows("SELECT count(*) FROM event WHERE kind LIKE 'routing.%'"), ["0"], "nobody was rung");
    let (question, signature) = asked.lock().expect("a lock").first().cloned().expect("asked");
    assert_eq!((&question["from"]["value"], &question["conversation"], &question["node"]), (&json!(CUSTOMER), &json!(1), &json!("look")));
    assert!(signature.starts_with("t=") && signature.contains(",v1="), "{signature}");
    writes("m3", "Order please").await;
    assert_eq!(hears(3).await, Some((CUSTOMER.into(), "Your order number, please.".into())));
    writes("m4", "9999").await;
    takes(&mara, 2).await;
    assert_eq!(gateway.texts().len(), 3, "nothing is made up");
    house.close().await;
}
