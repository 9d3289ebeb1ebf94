//! A channel that does not work is announced on the others: in chat windows, in the help centre, and to customers who wait for an answer there;
//! agents, supervisors and those who are to mend it are told.

use super::{on_duty, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use crate::rig::visitor::Page;
use hubline::desk::fact::{ChannelFact, Fact};
use hubline::sim::douyin::{self, Sim as Douyin};
use hubline::sim::plan::Plan;
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::telegram::Telegram;
use hubline::sim::wecom::{Corp, Plan as Manners, Sim};
use serde_json::json;
use std::time::Duration;

const TOKEN: &str = "4242:outage";
const ANN: i64 = 777;
const NUMBER: &str = "+4915100138193";
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
