//! An account against the simulated platform: real sockets, both directions.

use super::*;
use crate::channels::rehearsal::{House, last, piece, with_extra, with_file};
use crate::desk::id::MessageId;
use crate::desk::input::{Delivery, Extra};
use crate::sim::wechat::{Account, Form, Mode, Plan, Says, Sim};
use std::sync::Arc;
use std::time::Duration;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";
const AMR: &[u8] = b"#!AMR\n0123456789";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42rest of it";

fn section(account: &Account, base: &str, more: &str) -> WechatSection {
    let keys = if account.mode == Mode::Plain { String::new() } else { format!("aes_key = \"{}\"\n", account.aes_key) };
    let (app_id, secret, token) = (&account.app_id, &account.secret, &account.token);
    let text = format!("app_id = \"{app_id}\"\nsecret = \"{secret}\"\ntoken = \"{token}\"\nbase_url = \"{base}\"\n{keys}{more}");
    toml::from_str(&text).expect("a section")
}

async fn house(account: Account, plan: Plan, more: &str) -> (Sim, Arc<House>) {
    let sim = Sim::open(account.clone(), plan).await.expect("a platform");
    let section = section(&account, &sim.url(), more);
    let wechat = Wechat::open(&section, Path::new("."), House::client()).expect("an account");
    let house = House::open(Arc::new(wechat)).await;
    sim.configure(&house.hook).await.expect("greeted");
    (sim, house)
}

fn anna() -> Identity {
    Identity { kind: "wechat".into(), namespace: Account::example().app_id, value: "oSIM0001".into() }
}

#[tokio::test]
async fn each_mode_and_form_is_heard() {
    for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
        for form in [Form::Xml, Form::Json] {
            let (sim, house) = house(Account { mode, form, ..Account::example() }, Plan::default(), "").await;
            sim.customer("oSIM0001", Says::Text("在吗? <b>&]]>".into()));
            let heard = house.nth(1).await;
            assert_eq!(last(&heard).text, "在吗? <b>&]]>", "{mode:?} {form:?}");
            assert_eq!(last(&heard).from.identity, anna());
            assert_eq!(house.refused(), Vec::<&str>::new());
            assert_eq!((sim.acknowledged().len(), sim.faults()), (1, 0));
        }
    }
}

#[tokio::test]
async fn files_come_and_go() {
    let (sim, house) = house(Account::example(), Plan::default(), "").await;
    let folder = tempfile::tempdir().expect("a folder");
    sim.customer("oSIM0001", Says::Image(Bytes::from_static(PNG)));
    assert_eq!(house.file(last(&house.nth(1).await)).await, PNG);
    sim.customer("oSIM0001", Says::Voice { bytes: Bytes::from_static(AMR), recognition: "明天来".into() });
    let heard = house.nth(2).await;
    assert_eq!((last(&heard).text.as_str(), &last(&heard).extra), ("明天来", &Some(Extra::Voice)));
    assert_eq!(house.file(last(&heard)).await, AMR);
    // The platform answers a film with an address.
    sim.customer("oSIM0001", Says::Video(Bytes::from_static(MP4)));
    assert_eq!(house.file(last(&house.nth(3).await)).await, MP4);
    for (n, name, mime, content) in [(1, "a.png", "image/png", PNG), (2, "a.amr", "audio/amr", AMR), (3, "a.mp4", "video/mp4", MP4)] {
        let handed = house.platform.send(&with_file(&anna(), n, folder.path(), name, mime, content)).await.expect("sent");
        assert_eq!(handed.ids, Vec::<String>::new(), "the platform gives none");
    }
    let sent: Vec<_> = sim.sent().into_iter().map(|sent| (sent.kind, sent.media.expect("a file"))).collect();
    let wanted = [("image", PNG), ("voice", AMR), ("video", MP4)].map(|(kind, content)| (kind.to_owned(), Bytes::from_static(content)));
    assert_eq!(sent, wanted);
    let refused = house.platform.send(&with_file(&anna(), 4, folder.path(), "a.pdf", "application/pdf", b"%PDF-")).await;
    assert!(matches!(refused, Err(Trouble::Refused(_))));
    // Media end after three days, our thumbnail with them.
    sim.pass(Duration::from_secs(4 * 24 * 3_600));
    sim.customer("oSIM0001", Says::Text("still there?".into()));
    house.platform.send(&with_file(&anna(), 5, folder.path(), "b.mp4", "video/mp4", MP4)).await.expect("sent with a new thumbnail");
    let heard = house.heard();
    let MediaAt::Elsewhere(at) = &last(&heard[..1]).media[0].at else { panic!("not here") };
    assert!(matches!(house.platform.fetch(at).await, Err(Trouble::Refused(why)) if why.starts_with("40007")));
}

#[tokio::test]
async fn words_menus_and_links_go_out_as_they_are() {
    let (sim, house) = house(Account::example(), Plan::default(), "").await;
    sim.customer("oSIM0001", Says::Text("hello".into()));
    house.nth(1).await;
    house.platform.send(&piece(&anna(), 1, "您好 \"quoted\" \\ 🙂\u{1}\nline two")).await.expect("sent");
    let options = vec!["满意".to_owned(), "不满意".to_owned()];
    house.platform.send(&with_extra(&anna(), 2, "满意吗?", Extra::Choices { options: options.clone() })).await.expect("sent");
    let link = Extra::Link { url: "https://shop.example/1".into(), title: "Order".into(), about: "1".into(), picture: String::new() };
    house.platform.send(&with_extra(&anna(), 3, "Order https://shop.example/1", link)).await.expect("sent");
    let sent = sim.sent();
    assert_eq!((sent[0].kind.as_str(), sent[0].text.as_str()), ("text", "您好 \"quoted\" \\ 🙂\nline two"));
    assert_eq!((sent[1].kind.as_str(), sent[1].text.as_str(), &sent[1].options), ("msgmenu", "满意吗?", &options));
    assert_eq!(sent[1].ids, ["2.1", "2.2"]);
    assert_eq!((sent[2].kind.as_str(), sent[2].text.as_str()), ("news", "Order https://shop.example/1"));
    house.platform.signal(&anna(), Signal::Typing).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
    sim.customer("oSIM0001", Says::Choice { id: "2.1".into(), content: "满意".into() });
    let heard = house.nth(2).await;
    let chosen = Extra::Chosen { question: MessageId(2), number: 1, choice: String::new(), asked: String::new() };
    assert_eq!(last(&heard).extra, Some(chosen));
    assert_eq!((last(&heard).text.as_str(), last(&heard).window.and_then(|window| window.messages)), ("满意", Some(3)));
}

#[tokio::test]
async fn the_window_closes_by_count_and_by_time() {
    let (sim, house) = house(Account::example(), Plan::default(), "").await;
    let send = async |n: u64| house.platform.send(&piece(&anna(), n, "hello")).await;
    assert!(matches!(send(1).await, Err(Trouble::Refused(why)) if why.starts_with("40003")), "nobody of ours");
    sim.customer("oSIM0001", Says::Text("hello".into()));
    for n in 2..7 {
        assert!(send(n).await.is_ok(), "{n}");
    }
    assert_eq!(send(7).await, Err(Trouble::WindowClosed), "the sixth");
    sim.customer("oSIM0001", Says::Text("and?".into()));
    sim.pass(Duration::from_secs(48 * 3_600 + 1));
    assert_eq!(send(8).await, Err(Trouble::WindowClosed), "too late");
    sim.customer("oSIM0001", Says::Clicks("MENU".into()));
    for n in 9..12 {
        assert!(send(n).await.is_ok(), "{n}");
    }
    assert_eq!(send(12).await, Err(Trouble::WindowClosed), "a tap gives three");
    let tap = last(&house.nth(3).await).window.expect("less than a message");
    assert_eq!((tap.ms, tap.messages), (60_000, Some(3)), "as many as the platform takes");
    sim.customer("oSIM0001", Says::Leaves);
    assert!(matches!(send(13).await, Err(Trouble::Blocked(why)) if why.starts_with("43004")));
}

#[tokio::test]
async fn tokens_end_and_are_renewed_once() {
    let (sim, house) = house(Account::example(), Plan::default(), "").await;
    sim.customer("oSIM0001", Says::Text("hello".into()));
    house.platform.send(&piece(&anna(), 1, "one")).await.expect("sent");
    // The old way of asking has tokens of its own.
    sim.legacy_token();
    house.platform.send(&piece(&anna(), 2, "two")).await.expect("sent");
    sim.pass(Duration::from_secs(7_200));
    house.platform.send(&piece(&anna(), 3, "three")).await.expect("sent with a new token");
    assert_eq!(sim.sent().len(), 3);
    assert_eq!(sim.refused().len(), 1, "42001 once: {:?}", sim.refused());
    sim.allow(false);
    sim.pass(Duration::from_secs(7_200));
    let down = house.platform.send(&piece(&anna(), 4, "four")).await;
    assert!(matches!(&down, Err(Trouble::Down(why)) if why.contains("40164") && why.contains("203.0.113.9")), "{down:?}");
}

#[tokio::test]
async fn a_new_key_is_taken_while_the_old_one_still_comes() {
    let fresh = "zyxwvutsrqponmlkjihgfedcba9876543210ZYXWVUT";
    let account = Account { aes_key: fresh.into(), ..Account::example() };
    let old = Account::example().aes_key;
    let sim = Sim::open(Account::example(), Plan::default()).await.expect("a platform");
    let section = section(&account, &sim.url(), &format!("previous_aes_key = \"{old}\"\n"));
    let house = House::open(Arc::new(Wechat::open(&section, Path::new("."), House::client()).expect("an account"))).await;
    sim.configure(&house.hook).await.expect("greeted");
    sim.customer("oSIM0001", Says::Text("old".into()));
    house.nth(1).await;
    sim.rotate_key(fresh);
    sim.customer("oSIM0001", Says::Text("new".into()));
    assert_eq!(last(&house.nth(2).await).text, "new");
    sim.rotate_key("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    sim.customer("oSIM0001", Says::Text("stranger".into()));
    for _ in 0..200 {
        if !house.refused().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(house.refused().first(), Some(&"its envelope was made with another EncodingAESKey"));
}

#[tokio::test]
async fn templates_go_out_without_a_window_and_come_back_as_receipts() {
    let more = "[templates.order]\nid = \"TM00015\"\nfields = [\"thing1\", \"time2\"]\n[templates.gone]\nid = \"TM1\"\nfields = []\n";
    let (sim, house) = house(Account::example(), Plan::default(), more).await;
    assert!(house.platform.traits().templates);
    let listed = house.platform.templates().await.expect("a list");
    let [gone, order] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((gone.name.as_str(), gone.text.as_str()), ("gone", ""));
    assert!(matches!(&gone.state, Approval::Unusable(why) if why.ends_with("TM1")));
    assert_eq!(
        (order.title.as_str(), order.text.as_str(), &order.state),
        ("进度通知", "thing1：{{thing1}}\ntime2：{{time2}}", &Approval::Approved)
    );
    assert_eq!(order.variables.iter().map(|variable| variable.most).collect::<Vec<_>>(), [20, 24]);
    sim.customer("oSIM0001", Says::Follows("shop-7".into()));
    house.nth(1).await;
    sim.pass(Duration::from_secs(3_600));
    let template = |variables: &[&str]| Extra::Template {
        name: "order".into(),
        language: "zh-CN".into(),
        variables: variables.iter().map(|v| (*v).to_owned()).collect(),
    };
    let ready = with_extra(&anna(), 1, "Bicycle: ready, 10:00", template(&["Bicycle", "10:00"]));
    let handed = house.platform.send(&ready).await.expect("sent");
    assert_eq!(house.platform.send(&ready).await.expect("the same again"), handed, "one message by its key");
    let heard = house.nth(2).await;
    let told = Heard::Receipt { of: OfOurs::External(handed.ids[0].clone()), state: Delivery::Delivered };
    assert_eq!(heard.last(), Some(&told));
    assert_eq!(sim.sent().iter().map(|sent| sent.text.as_str()).collect::<Vec<_>>(), ["Bicycle | 10:00"]);
    let short = house.platform.send(&with_extra(&anna(), 2, "x", template(&["Bicycle"]))).await;
    assert!(matches!(short, Err(Trouble::Refused(_))));
}

#[tokio::test]
async fn who_writes_is_known_by_their_unionid() {
    let (sim, house) = house(Account::example(), Plan::default(), "open_account = \"firm\"\n").await;
    sim.customer("oSIM0001", Says::Text("hello".into()));
    let profile = house.platform.profile(&anna()).await.expect("a profile");
    assert_eq!(profile.also, [Identity { kind: "wechat_union".into(), namespace: "firm".into(), value: "union-oSIM0001".into() }]);
    assert_eq!(profile.language.as_deref(), Some("zh-CN"));
    assert_eq!(house.platform.profile(&Identity { value: "oNOBODY".into(), ..anna() }).await, None);
}

#[tokio::test]
async fn a_mini_program_speaks_the_same_with_less() {
    let account = Account { mini_program: true, form: Form::Json, ..Account::example() };
    let (sim, house) = house(account, Plan::default(), "mini_program = true\n").await;
    assert_eq!(house.platform.traits().choices, 0);
    assert!(house.platform.traits().file("video/mp4").is_none());
    sim.customer("oSIM0001", Says::Enters("pages/shoe?id=7".into()));
    let heard = house.nth(1).await;
    assert_eq!((last(&heard).text.as_str(), last(&heard).automatic), ("[enter] pages/shoe?id=7", true));
    for n in 1..3 {
        house.platform.send(&piece(&anna(), n, "welcome")).await.expect("two in a minute");
    }
    assert_eq!(house.platform.send(&piece(&anna(), 3, "welcome")).await, Err(Trouble::WindowClosed));
    sim.customer("oSIM0001", Says::Text("hi".into()));
    assert_eq!(last(&house.nth(2).await).text, "hi");
    let link = Extra::Link { url: "https://shop.example/1".into(), title: "Order".into(), about: "1".into(), picture: String::new() };
    house.platform.send(&with_extra(&anna(), 4, "Order https://shop.example/1", link)).await.expect("a card");
    assert_eq!(
        sim.sent().last().map(|sent| (sent.kind.clone(), sent.text.clone())),
        Some(("link".into(), "Order https://shop.example/1".into()))
    );
}

#[tokio::test]
async fn a_bad_platform_loses_and_doubles_nothing() {
    let plan = Plan { twice: 200, reordered: 200, busy: 100, cut: 100, expired: 50, seed: 11 };
    let (sim, house) = house(Account::example(), plan, "").await;
    for n in 1..=20 {
        sim.customer("oSIM0001", Says::Text(format!("{n}")));
    }
    let mut texts: Vec<Wrote> = house
        .nth(20)
        .await
        .into_iter()
        .map(|heard| match heard {
            Heard::Message(wrote) => wrote,
            other => panic!("{other:?}"),
        })
        .collect();
    texts.sort_by_key(|wrote| (wrote.sent.0, wrote.seq));
    assert_eq!(texts.iter().map(|wrote| wrote.text.clone()).collect::<Vec<_>>(), (1..=20).map(|n| n.to_string()).collect::<Vec<_>>());
    let (mut taken, mut unknown) = (0, 0);
    for n in 1..=40 {
        sim.customer("oSIM0001", Says::Text("go on".into()));
        match house.platform.send(&piece(&anna(), n, &n.to_string())).await {
            Ok(_) => taken += 1,
            Err(Trouble::Uncertain(_)) => unknown += 1,
            Err(Trouble::Retry(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    // What is uncertain was taken here; nothing was sent twice.
    assert_eq!(sim.sent().len(), taken + unknown);
    assert!(taken > 25 && unknown > 0, "{taken} {unknown}");
}

#[tokio::test]
async fn probes_name_the_settings_of_the_console() {
    let (sim, house) = house(Account::example(), Plan::default(), "").await;
    let probes = house.platform.probe().await;
    assert!(probes.iter().all(|probe| probe.works()), "{probes:#?}");
    assert_eq!(probes.len(), 4);
    for mini_program in [false, true] {
        let account = Account { mini_program, ..Account::example() };
        let sim = Sim::open(account.clone(), Plan::default()).await.expect("a platform");
        let program = if mini_program { "mini_program = true\n" } else { "" };
        let found = async |templates: &str| {
            let section = section(&account, &sim.url(), &format!("{program}{templates}"));
            let wechat = Wechat::open(&section, Path::new("."), House::client()).expect("an account");
            wechat.probe().await.pop().expect("a probe")
        };
        let order = "[templates.order]\nid = \"TM00015\"\nfields = [\"thing1\", \"time2\"]\n";
        let probe = found(order).await;
        assert_eq!((probe.what, probe.found), ("wechat_templates", Found::Well("1/1".into())));
        let probe = found(&format!("{order}[templates.gone]\nid = \"TM1\"\nfields = []\n")).await;
        let wanted = Trouble::Refused("gone: the account has no template TM1".into());
        assert_eq!(probe.found, Found::Bad(wanted), "messages go out nevertheless");
        assert_eq!(probe.setting, if mini_program { "订阅消息 → 我的模板" } else { "模板消息 → 我的模板" });
    }
    sim.allow(false);
    sim.pass(Duration::from_secs(7_200));
    let (sim, wrong) = (sim.url(), Account { secret: "wrong".into(), ..Account::example() });
    let wechat = Wechat::open(&section(&wrong, &sim, ""), Path::new("."), House::client()).expect("an account");
    let probes = wechat.probe().await;
    assert_eq!((probes.len(), probes[0].setting), (1, "IP白名单"));
    assert!(matches!(&probes[0].found, Found::Bad(Trouble::Down(why)) if why.contains("203.0.113.9")));
}

#[test]
fn keys_that_are_none_are_said_before_anything_starts() {
    let section = section(&Account { aes_key: "short".into(), ..Account::example() }, "http://127.0.0.1:1", "");
    let opened = Wechat::open(&section, Path::new("."), House::client());
    assert!(matches!(opened.err(), Some(Unopened::Key("aes_key"))));
}
