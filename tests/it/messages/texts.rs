//! Channels that reach telephones and programs, from end to end: a carrier's message centre, Twilio, a gateway's program, and the two of
//! China that send templates alone.

use super::storm::{PNG, Sea, has_file, line, storm, weather};
use super::{on_duty, takes};
use crate::rig::house::House;
use hubline::sim::aliyun::Aliyun;
use hubline::sim::generic::Bridge;
use hubline::sim::plan::Plan;
use hubline::sim::tencent::Tencent;
use hubline::sim::twilio::Twilio;

const CUSTOMER: &str = "+4915100138193";
const WEBHOOK: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

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
        files: false,
        captions: true,
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
        files: true,
        captions: true,
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
