//! An account against the simulated platform: real sockets, both directions.

use super::staff::{Missed, Staff};
use super::*;
use crate::channels::rehearsal::{House, amend, last, piece, with_extra, with_file};
use crate::desk::input::{Change, Delivery, Extra};
use crate::sim::wecom::{Corp, Plan, Says, Sim};
use config::StaffSection;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

async fn house(plan: Plan, more: &str) -> (Sim, Arc<House>) {
    let corp = Corp { page: 7, ..Corp::example() };
    let sim = Sim::open(corp.clone(), plan).await.expect("a platform");
    let (id, secret, token, key, account) = (&corp.corp_id, &corp.secret, &corp.token, &corp.aes_key, &corp.open_kfid);
    let text = format!(
        "corp_id = \"{id}\"\nsecret = \"{secret}\"\ntoken = \"{token}\"\naes_key = \"{key}\"\nopen_kfid = \"{account}\"\nbase_url = \"{}\"\n{more}",
        sim.url()
    );
    let section: WecomSection = toml::from_str(&text).expect("a section");
    let wecom = Wecom::open(&section, Path::new("."), House::client(), Clock::system()).expect("an account");
    let house = House::open(Arc::new(wecom)).await;
    sim.configure(&house.hook).await.expect("greeted within a second");
    (sim, house)
}

/// As the pipeline does: asks, keeps, goes on behind the cursor.
fn poll(house: &Arc<House>, times: usize) -> tokio::task::JoinHandle<Vec<Trouble>> {
    let house = house.clone();
    tokio::spawn(async move {
        let (mut cursor, mut troubles) = (None::<String>, Vec::new());
        for _ in 0..times {
            match house.platform.poll(cursor.as_deref()).await {
                Ok(polled) => {
                    house.keep(polled.events);
                    cursor = polled.cursor.or(cursor);
                }
                Err(trouble) => troubles.push(trouble),
            }
        }
        troubles
    })
}

fn anna() -> Identity {
    Identity { kind: "wecom_kf".into(), namespace: Corp::example().corp_id, value: "wmSIM1".into() }
}

// The place of hints is the process's own; each of these tests has its own corporation only by the simulator's port, so they share it in turn.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn hints_lead_to_messages_and_sessions_stay_ours() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "open_account = \"firm\"\n").await;
    let polling = poll(&house, 1_000);
    let id = sim.customer("wmSIM1", Says::Text("你好".into())).await;
    let heard = house.nth(1).await;
    assert_eq!((last(&heard).text.as_str(), &last(&heard).key, &last(&heard).from.identity), ("你好", &id, &anna()));
    assert!(house.polls() >= 1);
    sim.customer("wmSIM1", Says::Image(Bytes::from_static(PNG))).await;
    assert_eq!(house.file(last(&house.nth(2).await)).await, PNG);
    sim.customer("wmSIM1", Says::File(Bytes::from_static(b"%PDF-1.7 whatever"), "report.pdf".into())).await;
    let heard = house.nth(3).await;
    let MediaAt::Elsewhere(at) = &last(&heard).media[0].at else { panic!("not here") };
    assert_eq!(house.platform.fetch(at).await.expect("fetched").name.as_deref(), Some("report.pdf"));
    sim.customer("wmSIM1", Says::Recalls(id.clone())).await;
    assert_eq!(house.nth(4).await.last(), Some(&Heard::Recalled { key: id, from: anna() }));
    for _ in 0..200 {
        if sim.state("wmSIM1") == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sim.state("wmSIM1"), 1, "the session is the interface's");
    let profile = house.platform.profile(&anna()).await.expect("a profile");
    assert_eq!(profile.name.as_deref(), Some("客户wmSIM1"));
    assert_eq!(profile.also, [Identity { kind: "wechat_union".into(), namespace: "firm".into(), value: "union-wmSIM1".into() }]);
    polling.abort();
}

#[tokio::test]
async fn pieces_go_out_once_under_their_key() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "").await;
    let folder = tempfile::tempdir().expect("a folder");
    sim.customer("wmSIM1", Says::Text("hello".into())).await;
    let first = piece(&anna(), 1, "您好");
    assert_eq!(house.platform.send(&first).await, Ok(Handed::sent("1-0-test")));
    assert_eq!(house.platform.send(&first).await, Ok(Handed::sent("1-0-test")), "the same again");
    let options = vec!["A".to_owned(), "B".to_owned()];
    house.platform.send(&with_extra(&anna(), 2, "Which?", Extra::Choices { options: options.clone() })).await.expect("sent");
    house.platform.send(&with_file(&anna(), 3, folder.path(), "a.png", "image/png", PNG)).await.expect("sent");
    house.platform.send(&with_file(&anna(), 4, folder.path(), "a.pdf", "application/pdf", b"%PDF-1.7")).await.expect("sent");
    let sent = sim.sent();
    assert_eq!(sent.iter().map(|sent| sent.kind.as_str()).collect::<Vec<_>>(), ["text", "msgmenu", "image", "file"]);
    assert_eq!((sent[1].text.as_str(), &sent[1].options, &sent[1].ids), ("Which?", &options, &vec!["2.1".to_owned(), "2.2".to_owned()]));
    assert_eq!(sent[2].media.as_deref(), Some(PNG));
    house.platform.send(&piece(&anna(), 5, "five")).await.expect("the fifth");
    assert_eq!(house.platform.send(&piece(&anna(), 6, "six")).await, Err(Trouble::WindowClosed));
    sim.customer("wmSIM1", Says::Text("more".into())).await;
    sim.pass(Duration::from_secs(48 * 3_600 + 1));
    assert_eq!(house.platform.send(&piece(&anna(), 7, "late")).await, Err(Trouble::WindowClosed));
}

#[tokio::test]
async fn links_and_places_are_cards() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "").await;
    sim.customer("wmSIM1", Says::Text("hello".into())).await;
    let link =
        Extra::Link { url: "https://shop.example/1".into(), title: "订单".into(), about: "已发货".into(), picture: String::new() };
    house.platform.send(&with_extra(&anna(), 1, "订单", link)).await.expect("a link");
    let place = Extra::Place { latitude: 23_106_000, longitude: 113_325_000, label: "塔".into(), address: "广州".into() };
    house.platform.send(&with_extra(&anna(), 2, "塔", place)).await.expect("a place");
    let sent: Vec<_> = sim.sent().into_iter().map(|sent| (sent.kind, sent.text)).collect();
    assert_eq!(sent, [("link".to_owned(), "订单 https://shop.example/1".to_owned()), ("location".to_owned(), "塔".to_owned())]);
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn a_session_is_taken_back_where_the_platform_lets_us() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "").await;
    sim.customer("wmSIM1", Says::Text("hello".into())).await;
    sim.set_state("wmSIM1", 2);
    house.platform.send(&piece(&anna(), 1, "out of the pool")).await.expect("taken back");
    sim.set_state("wmSIM1", 3);
    let theirs = house.platform.send(&piece(&anna(), 2, "theirs")).await;
    assert!(matches!(&theirs, Err(Trouble::Refused(why)) if why.contains("a colleague serves")), "{theirs:?}");
    sim.set_state("wmSIM1", 4);
    assert_eq!(house.platform.send(&piece(&anna(), 3, "ended")).await, Err(Trouble::WindowClosed));
}

#[tokio::test]
async fn a_message_that_fails_later_is_told_by_its_key() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "").await;
    let polling = poll(&house, 1_000);
    sim.customer("wmSIM1", Says::Text("stop it".into())).await;
    house.nth(1).await;
    sim.block("wmSIM1");
    house.platform.send(&piece(&anna(), 9, "hello?")).await.expect("taken");
    let state = Delivery::Failed { reason: "the customer refuses messages".into() };
    assert_eq!(house.nth(2).await.last(), Some(&Heard::Receipt { of: OfOurs::Key("9-0-test".into()), state }));
    polling.abort();
}

#[tokio::test]
async fn a_welcome_is_said_at_once() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "welcome = \"欢迎光临\"\n").await;
    let polling = poll(&house, 1_000);
    sim.customer("wmSIM1", Says::Enters("web".into(), "sku=7".into())).await;
    let heard = house.nth(1).await;
    assert_eq!((last(&heard).text.as_str(), last(&heard).automatic), ("[enter] web sku=7", true));
    let welcome = sim.nth(1, Duration::from_secs(5)).await.expect("a welcome");
    assert_eq!((welcome.kind.as_str(), welcome.text.as_str(), welcome.to.as_str()), ("welcome", "欢迎光临", "wmSIM1"));
    polling.abort();
}

#[tokio::test]
async fn what_is_lost_repeated_or_forgotten_is_heard_once_and_in_order() {
    let _turn = TURN.lock().await;
    let plan = Plan { lost: 300, twice: 200, repeated: 300, empty: 300, expired: 50, seed: 5, ..Plan::default() };
    let (sim, house) = house(plan, "poll_every = \"100ms\"\n").await;
    let polling = poll(&house, 100_000);
    for n in 1..=20 {
        sim.customer("wmSIM1", Says::Text(n.to_string())).await;
        if n == 10 {
            sim.forget_cursors();
        }
    }
    let heard = house.nth(20).await;
    let texts: Vec<&str> = heard.iter().map(|heard| last(std::slice::from_ref(heard)).text.as_str()).collect();
    assert_eq!(texts, (1..=20).map(|n| n.to_string()).collect::<Vec<_>>());
    polling.abort();
}

#[tokio::test]
async fn a_lost_answer_may_be_asked_for_again() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan { cut: 300, busy: 200, seed: 3, ..Plan::default() }, "").await;
    for n in 1..=20 {
        sim.customer("wmSIM1", Says::Text("go on".into())).await;
        let piece = piece(&anna(), n, &n.to_string());
        while let Err(trouble) = house.platform.send(&piece).await {
            assert!(matches!(trouble, Trouble::Uncertain(_) | Trouble::Retry(_)), "{trouble:?}");
        }
    }
    assert!(house.platform.traits().tells.repeats_safely);
    let sent: Vec<String> = sim.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(sent, (1..=20).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn hooks_that_are_not_the_platforms_are_refused() {
    let _turn = TURN.lock().await;
    let (_sim, house) = house(Plan::default(), "").await;
    use crate::sim::wechat::wire::call;
    let now = crate::sim::wechat::wire::now_ms() / 1_000;
    let url = format!("{}?msg_signature=00&timestamp={now}&nonce=1", house.hook);
    let (status, body) = call("POST", &url, &[], "<xml><Encrypt><![CDATA[AAAA]]></Encrypt></xml>").await.expect("an answer");
    assert_eq!((status, body.len()), (403, 0));
    let (status, _) = call("POST", &format!("{}?timestamp={now}&nonce=1", house.hook), &[], "<xml></xml>").await.expect("an answer");
    assert_eq!(status, 403);
    let (status, _) = call("GET", &format!("{url}&echostr=AAAA"), &[], "").await.expect("an answer");
    assert_eq!(status, 403);
    assert_eq!(house.refused().len(), 3);
}

#[tokio::test]
async fn probes_name_the_settings_of_the_console() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "").await;
    let probes = house.platform.probe().await;
    assert!(probes.iter().all(|probe| probe.works()), "{probes:#?}");
    sim.allow(false);
    let probes = house.platform.probe().await;
    assert_eq!(probes[1].setting, "应用管理 → 企业可信IP");
    assert!(matches!(&probes[1].found, Found::Bad(Trouble::Down(why)) if why.contains("203.0.113.9")));
}

#[tokio::test]
async fn staff_are_told_and_who_is_not_there_is_named() {
    let corp = Corp::example();
    let sim = Sim::open(corp.clone(), Plan::default()).await.expect("a platform");
    let section = |to: &str| -> StaffSection {
        let text = format!(
            "corp_id = \"{}\"\nsecret = \"{}\"\nagent_id = {}\nto = {to}\nbase_url = \"{}\"\n",
            corp.corp_id,
            corp.secret,
            corp.agent_id,
            sim.url()
        );
        toml::from_str(&text).expect("a section")
    };
    let open = |to: &str| Staff::open(&section(to), Path::new("."), House::client(), Clock::system()).expect("staff");
    let staff = open(r#"["mara", "nobody", "liwei"]"#);
    let missed = staff.alert("The channel wechat is down").await.expect("told");
    assert_eq!(missed, Missed { unknown: vec!["nobody".into()], unlicensed: Vec::new() });
    assert_eq!(sim.sent().iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), ["mara", "liwei"]);
    assert!(matches!(open(r#"["nobody"]"#).alert("x").await, Err(Trouble::Blocked(why)) if why.starts_with("81013")));
    // More than the platform would silently drop is not sent at all.
    let staff = open(r#"["mara"]"#);
    let mut told = 0;
    for n in 0..40 {
        told += usize::from(staff.alert(&format!("alert {n}")).await.is_ok());
    }
    assert_eq!(told, 20);
    assert_eq!(sim.sent().len(), 22);
}

#[tokio::test]
async fn a_message_is_taken_back_for_two_minutes() {
    let _turn = TURN.lock().await;
    let (sim, house) = house(Plan::default(), "").await;
    sim.customer("wmSIM1", Says::Text("hello".into())).await;
    let (first, second) = (piece(&anna(), 1, "您好"), piece(&anna(), 2, "在的"));
    for piece in [&first, &second] {
        house.platform.send(piece).await.expect("sent");
    }
    let recall = |piece: &Piece| amend(piece, Some(&piece.key), Change::Recalled);
    house.platform.amend(&recall(&first)).await.expect("taken back");
    assert_eq!(sim.sent().iter().map(|sent| sent.text.as_str()).collect::<Vec<_>>(), ["在的"]);
    assert!(matches!(house.platform.amend(&recall(&first)).await, Err(Trouble::Refused(_))), "nothing is there");
    assert!(matches!(house.platform.amend(&amend(&second, None, Change::Edited("在".into()))).await, Err(Trouble::Refused(_))));
    sim.pass(Duration::from_secs(121));
    assert!(matches!(house.platform.amend(&recall(&second)).await, Err(Trouble::Refused(_))), "too late");
    assert_eq!(sim.sent().len(), 1);
}
