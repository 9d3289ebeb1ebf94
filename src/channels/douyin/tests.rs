//! An account against the simulated platform: real sockets, both directions.

use super::*;
use crate::channels::rehearsal::{House, amend, last, piece, with_file};
use crate::desk::input::Change;
use crate::sim::douyin::{FIRST_TOKEN, KEY, OPEN_ID, SECRET, Sim};
use crate::sim::plan::Plan;
use std::sync::Arc;

/// With what the account's owner gave first.
fn opened(sim: &Sim) -> Douyin {
    let text = format!(
        "client_key = \"{KEY}\"\nclient_secret = \"{SECRET}\"\nopen_id = \"{OPEN_ID}\"\nrefresh_token = \"{FIRST_TOKEN}\"\nbase_url = \"{}\"\n",
        sim.url()
    );
    let section: DouyinSection = toml::from_str(&text).expect("a section");
    Douyin::open(&section, Path::new("."), House::client()).expect("an account")
}

async fn house(plan: Plan) -> (Sim, Arc<House>) {
    let sim = Sim::open(plan).await.expect("a platform");
    let house = House::open(Arc::new(opened(&sim))).await;
    sim.configure(&house.hook).await.expect("the challenge came back");
    (sim, house)
}

fn answer(to: &Wrote, n: u64, text: &str) -> Piece {
    let newest = Some((to.key.clone(), to.sent));
    Piece { answers: Answers { newest, ..Answers::default() }, ..piece(&to.from.identity, n, text) }
}

#[tokio::test]
async fn both_directions() {
    let (sim, house) = house(Plan::default()).await;
    sim.customer("open_id_C", "你好");
    let heard = house.nth(1).await;
    let wrote = last(&heard);
    assert_eq!((wrote.text.as_str(), wrote.from.name.as_deref()), ("你好", Some("n-open_id_C")));
    let first = house.platform.send(&answer(wrote, 1, "您好")).await.expect("sent");
    let folder = tempfile::tempdir().expect("a folder");
    let png = b"\x89PNG\r\n\x1a\n0123456789";
    let file = Piece { files: with_file(&wrote.from.identity, 2, folder.path(), "a.png", "image/png", png).files, ..answer(wrote, 2, "") };
    house.platform.send(&file).await.expect("sent");
    // Our own come back as what the firm wrote.
    let heard = house.nth(3).await;
    let echoes: Vec<&str> =
        heard[1..].iter().filter_map(|heard| if let Heard::Echo(wrote) = heard { Some(wrote.key.as_str()) } else { None }).collect();
    assert_eq!((echoes.len(), first.ids), (2, vec![echoes[0].to_owned()]), "by the name that the answer gave");
    assert_eq!(
        sim.sent().iter().map(|(to, what)| (to.as_str(), what.as_str())).collect::<Vec<_>>(),
        [("open_id_C", "您好"), ("open_id_C", "image 18")]
    );
    assert_eq!(house.platform.send(&piece(&wrote.from.identity, 3, "out of nowhere")).await, Err(Trouble::WindowClosed));
    assert_eq!((sim.refused(), house.refused()), (Vec::new(), Vec::new()));
    assert!(sim.answers().iter().all(|status| *status == 200));
    sim.end_token();
    house.platform.send(&answer(wrote, 4, "again")).await.expect("sent with a fresh token");
    assert_eq!(sim.refused(), ["28001008"]);
    assert!(house.platform.probe().await.iter().all(|probe| matches!(probe.found, Found::Well(_))));
    sim.end_authorisation();
    assert!(matches!(&house.platform.probe().await[0].found, Found::Bad(Trouble::Down(why)) if why.starts_with("10010")));
}

const DAY_S: i64 = 86_400;

#[tokio::test]
async fn the_authorisation_is_renewed_as_often_as_the_platform_does_and_then_somebody_is_told() {
    let (sim, house) = house(Plan::default()).await;
    let mut cursor = None::<String>;
    let look = async |cursor: &mut Option<String>| {
        let polled = house.platform.poll(cursor.as_deref()).await.expect("hearing does not hang on it");
        *cursor = polled.cursor.or(cursor.take());
    };
    look(&mut cursor).await;
    assert_eq!((sim.renewals(), &cursor), (0, &None), "it is good for long");
    for nth in 1..=5 {
        sim.lasts(9 * DAY_S);
        look(&mut cursor).await;
        look(&mut cursor).await;
        assert_eq!(sim.renewals(), nth);
        assert!(matches!(&house.platform.probe().await[0].found, Found::Well(days) if days == "30 d"));
    }
    // Another start knows the newest, and the count, before it asks anything.
    let again = opened(&sim);
    again.recall(cursor.as_deref().expect("kept"));
    assert!(again.probe().await[0].works());
    assert!(!opened(&sim).probe().await[0].works(), "what the administrator wrote is void");
    sim.lasts(6 * DAY_S + 5);
    look(&mut cursor).await;
    assert_eq!(sim.renewals(), 5);
    assert_eq!(again.probe().await[0].found, Found::Odd(Odd::Ends { days: 6 }), "the owner must give it again; nothing fails");
    assert!(!sim.refused().iter().any(|code| code == "10020"), "the platform is not asked in vain: {:?}", sim.refused());
}

#[tokio::test]
async fn without_the_right_to_renew_nothing_fails_and_the_end_is_told() {
    let (sim, house) = house(Plan::default()).await;
    sim.renews_no_more();
    sim.lasts(3 * DAY_S + 5);
    let polled = house.platform.poll(None).await.expect("hearing does not hang on it");
    assert_eq!((polled.cursor, sim.refused()), (None, vec!["28001018".to_owned()]));
    assert_eq!(house.platform.probe().await[0].found, Found::Odd(Odd::Ends { days: 3 }));
}

#[tokio::test]
async fn a_bad_platform_loses_and_doubles_nothing() {
    let (sim, house) = house(Plan { twice: 300, late: 200, busy: 100, cut: 200, seed: 9, ..Plan::default() }).await;
    sim.wraps(500);
    for n in 1..=20 {
        sim.customer("open_id_C", &n.to_string());
    }
    let heard = house.nth(20).await;
    assert_eq!(heard.len(), 20);
    let wrote = last(&heard);
    let (mut taken, mut unknown, mut busy) = (0, 0, 0);
    for n in 1..=20 {
        match house.platform.send(&answer(wrote, n, &n.to_string())).await {
            Ok(_) => taken += 1,
            Err(Trouble::Uncertain(_)) => unknown += 1,
            Err(Trouble::Retry(_)) => busy += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    sim.customer_shows("open_id_C", b"\x89PNG\r\n\x1a\n a shelf");
    let shown = async {
        loop {
            let heard = house.heard();
            let picture = heard.iter().find_map(|heard| {
                if let Heard::Message(wrote) = heard { Some(wrote).filter(|wrote| !wrote.media.is_empty()) } else { None }
            });
            if let Some(wrote) = picture {
                return house.file(wrote).await;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(20), shown).await.expect("a picture");
    assert_eq!(shown.as_ref(), b"\x89PNG\r\n\x1a\n a shelf");
    assert_eq!(sim.sent().len(), taken + unknown);
    assert!(unknown > 0 && busy > 0);
}

#[tokio::test]
async fn hooks_that_are_not_the_platforms_are_refused() {
    use crate::sim::wechat::wire::call;
    let (_sim, house) = house(Plan::default()).await;
    let body = r#"{"event":"im_receive_msg","content":{}}"#;
    for (method, headers) in [("POST", vec![]), ("POST", vec![("x-douyin-signature", "00")]), ("GET", vec![])] {
        let (status, said) = call(method, &house.hook, &headers, body).await.expect("an answer");
        assert!(matches!(status, 403 | 405) && said.is_empty(), "{method} {status}");
    }
    let huge = "x".repeat(LARGEST + 1);
    let (status, _) = call("POST", &house.hook, &[], huge).await.expect("an answer");
    assert_eq!(status, 413);
    assert!(house.refused().len() >= 3);
}

#[tokio::test]
async fn a_message_of_ours_is_taken_back_once() {
    let (sim, house) = house(Plan::default()).await;
    sim.customer("open_id_C", "你好");
    let heard = house.nth(1).await;
    let said = answer(last(&heard), 1, "您好");
    let id = house.platform.send(&said).await.expect("sent").ids.remove(0);
    assert_eq!(sim.seen(), ["您好"]);
    house.platform.amend(&amend(&said, Some(&id), Change::Recalled)).await.expect("taken back");
    assert_eq!((sim.seen(), sim.refused()), (Vec::new(), Vec::new()));
    for wrong in [Some(id.as_str()), Some("@smid1 @conv-open_id_C"), None] {
        let refused = house.platform.amend(&amend(&said, wrong, Change::Recalled)).await;
        assert!(matches!(refused, Err(Trouble::Refused(_))), "{wrong:?} {refused:?}");
    }
}
