//! A channel that does not work is announced on the others: in chat windows, in the help centre, and to customers who wait for an answer there.

use super::{on_duty, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use crate::rig::visitor::Page;
use hubline::desk::fact::{ChannelFact, Fact};
use hubline::sim::plan::Plan;
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::telegram::Telegram;
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
    let house = House::open(&format!(
        "[knowledge]\nhelp_centre = true\n[outages]\nannounce = [\"windows\", \"help\", \"customers\"]\nafter = \"1s\"\n\
         [[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n\
         [[channels]]\nkind = \"sms\"\nid = \"texts\"\nqueue = \"sales\"\n[channels.gateway]\nurl = \"{}\"\nsecret = \"shared by both\"\nfrom = \"+4930111\"\n\
         [[channels]]\nkind = \"telegram\"\nid = \"tg\"\nqueue = \"sales\"\n[channels.telegram]\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\npoll_wait = \"1s\"\n\
         [[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        gateway.url(),
        telegram.url()
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
    // Whoever comes later reads it, too; nobody is told twice, though the house is started again meanwhile.
    let house = house.again().await;
    let asked = telegram.asked_in_vain();
    let later = Page::open(house.web, None).await;
    until("a later window says it", || !later.frames("outages").is_empty()).await;
    until("it is known that the trouble lasts", || telegram.asked_in_vain() > asked + 3).await;
    house.shows("SELECT asker, state FROM proactive", &["outage:tg|sent"]).await;
    let works_again = |(_, fact): &(_, Fact)| matches!(fact, Fact::Channel(_, ChannelFact::Up { .. }));
    assert!(!house.timed_facts().iter().any(works_again), "{}", house.told());
    house.quiet().await;
    assert_eq!(gateway.texts().len(), 1);
}
