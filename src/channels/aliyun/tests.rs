//! Against the simulated Aliyun: templates out, pushes in, and what is refused.

use super::config::AliyunSection;
use super::*;
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::Delivery;
use crate::desk::person::Identity;
use crate::sim::aliyun::Aliyun as Sim;
use crate::sim::plan::Plan;
use bytes::Bytes;
use http::HeaderMap;

fn house(sim: &Sim, secret: &str) -> Aliyun {
    let section = format!(
        "access_key = \"AK\"\nsecret = \"x\"\nsign = \"海港\"\npush_key = \"x\"\ntemplates = {{ SMS_1 = [\"code\"], SMS_2 = [] }}\nbase_url = \"{}\"",
        sim.url()
    );
    let section: AliyunSection = toml::from_str(&section).expect("a section");
    let secrets = (SecretString::from(secret.to_owned()), SecretString::from("push".to_owned()));
    Aliyun::new("texts".into(), section, secrets, Client::default(), Clock::system())
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

fn told(aliyun: &Aliyun, query: &str, body: &str) -> Result<Hooked, HookRefused> {
    let (headers, body) = (HeaderMap::new(), Bytes::from(body.to_owned()));
    let from = "203.0.113.1".parse().expect("an address");
    aliyun.hook(&HookRequest { method: &Method::POST, url: "", query, headers: &headers, body: &body, from, now: At(5) })
}

#[tokio::test]
async fn templates_alone_go_out() {
    let sim = Sim::open("AK", "secret", "海港", Plan::default()).await.expect("a port");
    let aliyun = house(&sim, "secret");
    let handed = aliyun.send(&piece("+8613800138000", Some(("SMS_1", &["42 & 7"])))).await.expect("taken");
    let sent = sim.sent().remove(0);
    assert_eq!(handed.ids, [sent.biz_id]);
    assert_eq!(
        (sent.to.as_str(), sent.out_id.as_str(), &sent.variables),
        ("13800138000", "1-0-ab", &serde_json::json!({ "code": "42 & 7" }))
    );
    let free = aliyun.send(&piece("+8613800138000", None)).await;
    assert!(matches!(&free, Err(Trouble::Refused(why)) if why.contains("no free text")), "{free:?}");
    assert!(matches!(aliyun.send(&piece("+8613800138000", Some(("SMS_1", &[])))).await, Err(Trouble::Refused(_))));
    assert!(matches!(aliyun.send(&piece("+8613800138000", Some(("SMS_2", &[])))).await, Err(Trouble::Refused(_))));
    assert!(matches!(aliyun.send(&piece("+86138", Some(("SMS_1", &["1"])))).await, Err(Trouble::Blocked(_))));
    sim.fail("13900139000", "isv.BUSINESS_LIMIT_CONTROL");
    let limited = aliyun.send(&piece("+8613900139000", Some(("SMS_1", &["1"])))).await;
    assert!(matches!(limited, Err(Trouble::LaterForThem(_))), "{limited:?}");
    let wrong = house(&sim, "wrong").send(&piece("+8613800138000", Some(("SMS_1", &["1"])))).await;
    assert!(matches!(wrong, Err(Trouble::Down(_))), "{wrong:?}");
    assert_eq!(sim.sent().len(), 1);
    let cut = Sim::open("AK", "secret", "海港", Plan { cut: 1_000, ..Plan::default() }).await.expect("a port");
    let lost = house(&cut, "secret").send(&piece("+8613800138000", Some(("SMS_1", &["1"])))).await;
    assert!(matches!(lost, Err(Trouble::Uncertain(_))), "{lost:?}");
}

#[tokio::test]
async fn probes_ask_for_the_signature_and_each_template() {
    let sim = Sim::open("AK", "secret", "海港", Plan::default()).await.expect("a port");
    let results: Vec<bool> = house(&sim, "secret").probe().await.iter().map(|probe| probe.works()).collect();
    assert_eq!(results, [true, true, false], "the second template is not approved");
    assert!(!house(&sim, "wrong").probe().await[0].works());
    let listed = house(&sim, "secret").templates().await.expect("a list");
    let [code, sale] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(
        (code.title.as_str(), code.text.as_str(), &code.state),
        ("验证码", "您的验证码是{{code}}，五分钟内有效。", &Approval::Approved)
    );
    assert_eq!(code.variables, [Variable { name: "code".into(), most: 35 }]);
    assert_eq!((sale.name.as_str(), &sale.state), ("SMS_2", &Approval::Unusable("未附营销授权".into())));
    assert!(house(&sim, "wrong").templates().await.is_err());
}

#[tokio::test]
async fn pushes_are_read_and_strangers_refused() {
    let sim = Sim::open("AK", "secret", "海港", Plan::default()).await.expect("a port");
    let aliyun = house(&sim, "secret");
    let up = r#"[{"phone_number":"13800138000","content":"TD","send_time":"2026-01-01 10:00:00","dest_code":"1069","sequence_id":1234567,"sign_name":"X"}]"#;
    let hooked = told(&aliyun, "key=push", up).expect("believed");
    assert_eq!(&hooked.answer.body[..], r#"{"code":0,"msg":"接收成功"}"#.as_bytes());
    let heard = aliyun.read(&hooked.events[0].body).expect("readable");
    let [Heard::Message(wrote)] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((wrote.text.as_str(), wrote.from.identity.value.as_str(), wrote.sent), ("TD", "+8613800138000", At(1_767_232_800_000)));
    // A number at one time, a text at another: the same message.
    let again = told(&aliyun, "key=push", &up.replace("1234567", "\"1234567\"")).expect("believed");
    assert_eq!(again.events[0].key, hooked.events[0].key);
    let report = r#"[{"phone_number":"138","success":false,"err_code":"MOBILE_NOT_ON_SERVICE","err_msg":"停机","biz_id":"9^0","out_id":"7-0-ab"},{"phone_number":"138","success":true,"biz_id":"8^0"},{"new":1}]"#;
    let hooked = told(&aliyun, "key=push", report).expect("believed");
    let heard: Vec<_> = hooked.events.iter().map(|raw| aliyun.read(&raw.body)).collect();
    let failed = Delivery::Failed { reason: "MOBILE_NOT_ON_SERVICE 停机".into() };
    assert_eq!(heard[0].as_ref().ok(), Some(&vec![Heard::Receipt { of: OfOurs::Key("7-0-ab".into()), state: failed }]));
    assert_eq!(heard[1].as_ref().ok(), Some(&vec![Heard::Receipt { of: OfOurs::External("8^0".into()), state: Delivery::Delivered }]));
    assert!(heard[2].is_err(), "kept, and not understood");
    let status = |query: &str, body: &str| told(&aliyun, query, body).err().map(|refused| refused.status.as_u16());
    assert_eq!(status("", up), Some(403));
    assert_eq!(status("key=pus", up), Some(403));
    assert_eq!(status("key=push", &"[".repeat(300_000)), Some(413));
    for broken in ["", "[", "{}", "\"x\"", &"[".repeat(10_000)] {
        assert_eq!(status("key=push", broken), Some(400), "{}", broken.len());
    }
    for rubbish in [&b""[..], b"{}", b"{\"item\":7}", b"{\"item\":{\"phone_number\":\"1\",\"content\":\"x\"}}"] {
        assert!(aliyun.read(rubbish).is_err());
    }
}
