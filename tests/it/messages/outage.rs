//! A channel that does not work is announced on the others: in chat windows, in the help centre, and to customers who wait for an answer there;
//! agents, supervisors and those who are to mend it are told.

use super::{on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::served::Served;
use crate::rig::until;
use crate::rig::visitor::Page;
use axum::Json;
use axum::extract::State;
use axum::routing::post;
use hubline::desk::fact::{ChannelFact, Fact};
use hubline::sim::douyin::{self, Sim as Douyin};
use hubline::sim::generic::Bridge;
use hubline::sim::plan::Plan;
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::telegram::Telegram;
use hubline::sim::wecom::{Corp, Plan as Manners, Sim};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

const TOKEN: &str = "4242:outage";
const ANN: i64 = 777;
const NUMBER: &str = "+4915100138193";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_channel_is_announced_on_the_others() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let telegram = Telegram::open(TOKEN, Plan::default()).await.expect("a simulator");
    let corp = Corp::example();
    let wecom = Sim::open(corp.clone(), Manners::default()).await.expect("a simulator");
    let house = House::open(&format!(
        "[knowledge]\nhelp_centre = true\n[outages]\nannounce = [\"windows\", \"help\", \"customers\"]\nafter = \"1s\"\n\
         [[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n\
         [[channels]]\nkind = \"sms\"\nid = \"texts\"\nqueue = \"sales\"\n[channels.gateway]\nurl = \"{}\"\nsecret = \"shared by both\"\nfrom = \"+4930111\"\n\
         [[channels]]\nkind = \"telegram\"\nid = \"tg\"\nqueue = \"sales\"\n[channels.telegram]\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\npoll_wait = \"1s\"\n\
         [alerts]\nafter = \"1s\"\n[alerts.wecom]\ncorp_id = \"{}\"\nsecret = \"{}\"\nagent_id = {}\nto = [\"liwei\"]\nbase_url = \"{}\"\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n[[agents]]\nid = \"ada\"\nqueues = []\nrole = \"admin\"\n",
        gateway.url(),
        telegram.url(),
        corp.corp_id,
        corp.secret,
        corp.agent_id,
        wecom.url()
    ))
    .await;
    let mara = on_duty(&house, "mara").await;
    telegram.customer_writes(ANN, "Is it ready?");
    takes(&mara, 1).await;
    telegram
        .customer_sends(ANN, json!({ "contact": { "phone_number": NUMBER.trim_start_matches('+'), "first_name": "Ann", "user_id": ANN } }));
    house.shows("SELECT value FROM identity WHERE kind = 'phone'", &[NUMBER]).await;
    // A window that is open while it happens, and the help centre before it.
    let window = Page::open(house.web, None).await;
    until("a visitor is welcome", || window.frames("welcome").len() == 1).await;
    assert!(!request(house.web, "GET", "/help?lang=en", &[], "").await.text().contains("Telegram"));
    telegram.breaks_down();
    let text = gateway.text(1, PATIENCE).await.expect("a text");
    assert_eq!(text.to, NUMBER);
    assert!(text.text.starts_with("Test House: we cannot be reached by Telegram at the moment."), "{}", text.text);
    until("the window says it", || !window.frames("outages").is_empty()).await;
    assert_eq!(window.frames("outages")[0]["names"], json!([{ "en": "Telegram", "zh-CN": "Telegram" }]));
    let help = request(house.web, "GET", "/help?lang=en", &[], "").await;
    assert!(help.text().contains("We cannot be reached by Telegram at the moment."), "{}", help.text());
    assert_eq!(help.headers.get("cache-control").and_then(|value| value.to_str().ok()), Some("no-store"));
    // Those who work here read it, those who are to mend it with the platform's words, and these are told.
    let why = "Bad Gateway";
    let desk = mara.get("/inbox").await.text();
    assert!(desk.contains("Telegram (tg) has not worked since") && !desk.contains(why), "{desk}");
    assert!(desk.contains("Customers are told on the other channels."), "{desk}");
    let desk = house.agent("ada").await.get("/inbox").await.text();
    assert!(desk.contains("Telegram (tg) has not worked since") && desk.contains(why), "{desk}");
    let board = house.agent("ada").await.get("/wallboard").await.text();
    assert!(board.contains("The channel tg does not work") && board.contains(why), "{board}");
    let alerts = || wecom.sent().into_iter().map(|sent| (sent.to, sent.text)).collect::<Vec<_>>();
    until("staff are told", || !alerts().is_empty()).await;
    let (to, text) = alerts().remove(0);
    assert!(to == "liwei" && text.starts_with("Hubline: the channel tg does not work: ") && text.contains(why), "{to}: {text}");
    // Whoever comes later reads it, too; nobody is told twice, though the house is started again meanwhile.
    let house = house.again().await;
    let asked = telegram.asked_in_vain();
    let later = Page::open(house.web, None).await;
    until("a later window says it", || !later.frames("outages").is_empty()).await;
    until("it is known that the trouble lasts", || telegram.asked_in_vain() > asked + 3).await;
    house.shows("SELECT asker, state FROM proactive", &["outage:tg|sent"]).await;
    let works_again = |(_, fact): &(_, Fact)| matches!(fact, Fact::Channel(_, ChannelFact::Up { .. }));
    assert!(!house.timed_facts().iter().any(works_again), "{}", house.told());
    // It works again, and whoever mended it tries it.
    telegram.works_again();
    let ada = house.agent("ada").await;
    assert!(ada.post("/admin/channels/tg/try", &[]).await.text().contains("The token of the bot is good"));
    until("it works", || house.timed_facts().iter().any(works_again)).await;
    until("staff are told", || alerts().len() > 1).await;
    assert_eq!(alerts()[1..], [("liwei".to_owned(), "Hubline: the channel tg works again.".to_owned())], "each once");
    assert!(!ada.get("/inbox").await.text().contains("has not worked since"));
    assert!(!ada.get("/wallboard").await.text().contains("does not work"));
    house.quiet().await;
    assert_eq!((gateway.texts().len(), alerts().len()), (1, 2));
}

/// What arrives at the firm's program: the texts, in the order in which they come.
type Arrived = Arc<Mutex<Vec<String>>>;

async fn take(State(arrived): State<Arrived>, Json(sent): Json<Value>) -> Json<Value> {
    if sent["type"] == "message" {
        arrived.lock().expect("a lock").push(sent["text"].as_str().unwrap_or_default().to_owned());
    }
    Json(json!({ "id": format!("theirs-{}", sent["id"]) }))
}

/// Nobody listens where the channel sends to: what is written waits, also over a kill, and goes out in its order once somebody does.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_in_an_outage_goes_out_in_order_when_it_is_over() {
    let bridge = Bridge::open(SECRET, Plan::default()).await.expect("a program that tells");
    let address = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let mut house = Served::new(&format!(
        "[routing]\npage_grace = \"30m\"\n[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"http\"\nid = \"bridge\"\nqueue = \"sales\"\n\
         private_networks = [\"127.0.0.0/8\"]\n[channels.http]\nurl = \"http://{address}/\"\nsecret = \"{SECRET}\"\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n[[agents]]\nid = \"ada\"\nqueues = []\nrole = \"admin\"\n"
    ));
    house.start().await;
    bridge.calls(&format!("http://{}/hooks/bridge", house.web));
    let mara = house.agent("mara").await;
    mara.available().await;
    bridge.customer_writes("m-1", "robin", "Is it ready?");
    takes(&mara, 1).await;
    let texts: Vec<String> = (1..=8).map(|n| format!("answer {n}")).collect();
    for text in &texts[..5] {
        replies(&mara, 1, text).await;
    }
    until("the channel is known to be out", || house.rows("SELECT count(*) FROM event WHERE kind = 'channel.down'") == ["1"]).await;
    house.kill();
    house.start().await;
    let mara = house.agent("mara").await;
    mara.available().await;
    for text in &texts[5..] {
        replies(&mara, 1, text).await;
    }
    assert_eq!(
        house.rows("SELECT DISTINCT delivery FROM message WHERE kind = 'out'"),
        ["queued"],
        "nothing is given up, nothing is in doubt"
    );
    let arrived = Arrived::default();
    let program = axum::Router::new().route("/", post(take)).with_state(arrived.clone());
    let listener = TcpListener::bind(address).await.expect("the same port");
    tokio::spawn(async move { axum::serve(listener, program).await });
    let sent = "SELECT count(*) FROM message WHERE kind = 'out' AND delivery = 'sent'";
    until("all has gone out", || house.rows(sent) == [texts.len().to_string()]).await;
    assert_eq!(*arrived.lock().expect("a lock"), texts, "each once, in order");
    // After a start the heartbeat says so, or whoever has mended it.
    assert!(house.agent("ada").await.post("/admin/channels/bridge/try", &[]).await.status < 400);
    until("the outage is over", || house.rows("SELECT count(*) FROM event WHERE kind = 'channel.up'") == ["1"]).await;
    house.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorisation_that_ends_soon_is_told_to_those_who_can_mend_it_and_is_no_outage() {
    let corp = Corp::example();
    let wecom = Sim::open(corp.clone(), Manners::default()).await.expect("a simulator");
    let douyin = Douyin::open(Plan::default()).await.expect("a simulator");
    douyin.renews_no_more();
    douyin.lasts(6 * 86_400 + 60);
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"douyin\"\nid = \"dy\"\nqueue = \"sales\"\n\
         [channels.douyin]\nclient_key = \"{}\"\nclient_secret = \"{}\"\nopen_id = \"{}\"\nrefresh_token = \"{}\"\nbase_url = \"{}\"\n\
         [alerts]\nafter = \"1s\"\n[alerts.wecom]\ncorp_id = \"{}\"\nsecret = \"{}\"\nagent_id = {}\nto = [\"liwei\"]\nbase_url = \"{}\"\n\
         [[agents]]\nid = \"ada\"\nqueues = []\nrole = \"admin\"\n",
        douyin::KEY,
        douyin::SECRET,
        douyin::OPEN_ID,
        douyin::FIRST_TOKEN,
        douyin.url(),
        corp.corp_id,
        corp.secret,
        corp.agent_id,
        wecom.url()
    ))
    .await;
    let ada = house.agent("ada").await;
    assert!(ada.post("/admin/channels/dy/try", &[]).await.text().contains("it ends in 6 days"));
    let page = ada.get("/admin/channels").await.text();
    assert!(page.contains("it ends in 6 days") && page.contains("chip warn\">See to it"), "{page}");
    until("staff are told", || !wecom.sent().is_empty()).await;
    let text = wecom.sent().remove(0).text;
    assert!(text.starts_with("Hubline: the channel dy stops working in 6 days"), "{text}");
    assert!(house.app.switchboard.floor().outages.is_empty());
    house.close().await;
}
