//! Against the simulated Tencent Cloud: templates out, callbacks in, and what is refused.

use super::config::TencentSection;
use super::*;
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::Delivery;
use crate::desk::person::Identity;
use crate::sim::plan::Plan;
use crate::sim::tencent::Tencent as Sim;
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::time::Duration;

fn house(sim: &Sim, secret: &str) -> Tencent {
    let section = format!(
        "secret_id = \"AKID\"\nsecret = \"x\"\napp = \"1400000001\"\nsign = \"海港\"\npush_key = \"x\"\ntemplates = [\"1001\", \"1002\"]\nbase_url = \"{}\"",
        sim.url()
    );
    let section: TencentSection = toml::from_str(&section).expect("a section");
    let secrets = (SecretString::from(secret.to_owned()), SecretString::from("push".to_owned()));
    Tencent::new("texts".into(), section, secrets, Client::default(), Clock::system())
}

fn piece(to: &str, template: Option<(&str, &[&str])>) -> Piece {
    Piece {
        message: MessageId(1),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: Identity { kind: "phone".into(), namespace: String::new(), value: to.into() },
        key: "1-0-ab".into(),
        text: "您的验证码是 42".into(),
        files: Vec::new(),
        extra: template.map(|(name, variables)| Extra::Template {
            name: name.into(),
            language: "zh-CN".into(),
            variables: variables.iter().map(|value| (*value).to_owned()).collect(),
        }),
        answers: Answers::default(),
    }
}

fn told(tencent: &Tencent, query: &str, body: &str) -> Result<Hooked, HookRefused> {
    let (headers, body) = (HeaderMap::new(), Bytes::from(body.to_owned()));
    let from = "203.0.113.1".parse().expect("an address");
    tencent.hook(&HookRequest { method: &Method::POST, url: "", query, headers: &headers, body: &body, from, now: At(5) })
}

#[tokio::test]
async fn templates_alone_go_out_and_each_number_has_its_verdict() {
    let sim = Sim::open("AKID", "secret", "海港", Plan::default()).await.expect("a port");
    let tencent = house(&sim, "secret");
    let handed = tencent.send(&piece("+8613800138000", Some(("1001", &["四二"])))).await.expect("taken");
    let sent = sim.sent().remove(0);
    assert_eq!(handed.ids, [sent.serial]);
    assert_eq!((sent.to.as_str(), sent.context.as_str(), sent.variables), ("+8613800138000", "1-0-ab", vec!["四二".to_owned()]));
    let free = tencent.send(&piece("+8613800138000", None)).await;
    assert!(matches!(&free, Err(Trouble::Refused(why)) if why.contains("no free text")), "{free:?}");
    // The request succeeds, the number does not.
    sim.fail("+8613900139000", "LimitExceeded.PhoneNumberThirtySecondLimit");
    let limited = tencent.send(&piece("+8613900139000", Some(("1001", &["1"])))).await;
    assert_eq!(limited, Err(Trouble::LaterForThem(Duration::from_secs(30))));
    sim.fail("+8613900139001", "FailedOperation.PhoneNumberInBlacklist");
    assert!(matches!(tencent.send(&piece("+8613900139001", Some(("1001", &["1"])))).await, Err(Trouble::Blocked(_))));
    assert!(matches!(tencent.send(&piece("+8613800138000", Some(("1001", &[])))).await, Err(Trouble::Refused(_))));
    assert!(matches!(house(&sim, "wrong").send(&piece("+8613800138000", Some(("1001", &["1"])))).await, Err(Trouble::Down(_))));
    assert_eq!(sim.sent().len(), 1);
    let cut = Sim::open("AKID", "secret", "海港", Plan { cut: 1_000, ..Plan::default() }).await.expect("a port");
    assert!(matches!(house(&cut, "secret").send(&piece("+8613800138000", Some(("1001", &["1"])))).await, Err(Trouble::Uncertain(_))));
    let results: Vec<bool> = tencent.probe().await.iter().map(|probe| probe.works()).collect();
    assert_eq!(results, [true, false], "the second template is not approved");
    let listed = tencent.templates().await.expect("a list");
    let [ready, sale] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((ready.name.as_str(), ready.title.as_str(), ready.text.as_str()), ("1001", "取货", "您的订单{{1}}可以取货了。"));
    assert_eq!(ready.variables.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>(), ["1"]);
    assert_eq!((&ready.state, &sale.state), (&Approval::Approved, &Approval::Unusable("-1 内容不符".into())));
}

#[tokio::test]
async fn callbacks_are_read_and_strangers_refused() {
    let sim = Sim::open("AKID", "secret", "海港", Plan::default()).await.expect("a port");
    let tencent = house(&sim, "secret");
    let reply = r#"{"extend":"","mobile":"13800138000","nationcode":"86","sign":"X","text":"T","time":1700000000}"#;
    let hooked = told(&tencent, "key=push", reply).expect("believed");
    assert_eq!(&hooked.answer.body[..], br#"{"result":0,"errmsg":"OK"}"#);
    let heard = tencent.read(&hooked.events[0].body).expect("readable");
    let [Heard::Message(wrote)] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((wrote.text.as_str(), wrote.from.identity.value.as_str(), wrote.sent), ("T", "+8613800138000", At(1_700_000_000_000)));
    assert_eq!(told(&tencent, "key=push", reply).expect("believed").events[0].key, hooked.events[0].key, "told again");
    let report = r#"[{"user_receive_time":"2026-01-01 10:00:00","nationcode":"86","mobile":"138","report_status":"FAIL","errmsg":"REJECTD","description":"黑名单","sid":"5000:1"}]"#;
    let hooked = told(&tencent, "key=push", report).expect("believed");
    let state = Delivery::Failed { reason: "REJECTD 黑名单".into() };
    assert_eq!(tencent.read(&hooked.events[0].body).ok(), Some(vec![Heard::Receipt { of: OfOurs::External("5000:1".into()), state }]));
    let status = |query: &str, body: &str| told(&tencent, query, body).err().map(|refused| refused.status.as_u16());
    assert_eq!(status("", reply), Some(403));
    assert_eq!(status("key=", reply), Some(403));
    assert_eq!(status("key=push", &" ".repeat(300_000)), Some(413));
    for broken in ["", "[", "7", "\"x\""] {
        assert_eq!(status("key=push", broken), Some(400), "{broken}");
    }
    for rubbish in [&b""[..], b"{}", b"{\"item\":7}", b"{\"item\":{\"mobile\":\"1\"}}"] {
        assert!(tencent.read(rubbish).is_err());
    }
}
