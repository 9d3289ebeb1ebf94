//! The agent's page as their telephone: a real browser with a tone for a microphone.

use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::visitor::Page;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, until};
use std::time::Duration;

/// One queue that records, asks for an outcome and opens tickets; Mara takes its calls in her browser.
const HOUSE: &str = r#"
[[lines]]
number = "4001"
queue = "sales"
[[queues]]
id = "sales"
name = "Sales"
record = true
wrap_up = "60s"
dispositions = ["Sold", "Advice"]
disposition_required = true
open_ticket = true
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
"#;

/// Mara chooses her status by the menu, as a person does; her phone is ready then.
async fn goes_available(page: &Browser, house: &House) {
    page.can_be_called(house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    page.sees("#list").await;
    page.can_be_called(house, "mara").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_in_the_page_and_wrapped_up() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let Some(caller) = Sipp::caller(house.sip, "4001", "+4915100138193", CUSTOMER_HZ, Duration::from_secs(9)).await else { return };
    page.click(".ringcard .accept").await;
    page.hears(CUSTOMER_HZ).await;
    caller.audio.hears(AGENT_HZ).await;
    caller.succeeds().await;
    page.sees("form.wrapup").await;
    page.click("#wo").await;
    page.keys("#wo", "Sold").await;
    page.keys("#wn", "Two racks, pick-up on Friday").await;
    page.click("form.wrapup .primary").await;
    page.loses("form.wrapup").await;
    house.stands("mara Available 0/100").await;
    house
        .shows(
            "SELECT trunk, caller, dialled, state, queue, agent, ended_by, end_cause, disposition, wrap_note FROM call",
            &["line|+4915100138193|4001|ended|sales|mara|customer|normal|Sold|Two racks, pick-up on Friday"],
        )
        .await;
    house.shows("SELECT state, error FROM recording", &["done|-"]).await;
    house.shows("SELECT agent, packets > 100, mos > 3.5 FROM leg ORDER BY id", &["-|1|1", "mara|1|1"]).await;
    house.shows("SELECT state, queue, (SELECT count(*) FROM ticket_link WHERE ticket = t.id) FROM ticket t", &["new|sales|1"]).await;
    let file = house.rows("SELECT file FROM recording").remove(0);
    let recording = Recording::read(&house.data().join("recordings").join(file));
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 2_000, "the customer on the left");
    assert!(Recording::heard(&recording.right, AGENT_HZ) > 1_000, "the agent on the right");
    assert!(
        Recording::heard(&recording.left, AGENT_HZ) == 0 && Recording::heard(&recording.right, CUSTOMER_HZ) == 0,
        "each on their own side"
    );
    page.reads("#conv", "Sold").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_mid_call_keeps_the_customer() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    page.hears(CUSTOMER_HZ).await;
    page.reload().await;
    let back = std::time::Instant::now();
    caller.hears(AGENT_HZ).await;
    assert!(back.elapsed() < Duration::from_secs(8), "{:?} after the reload", back.elapsed());
    // Sound begins without a click in the new page: it is the same tab, and the click before counts.
    page.hears(CUSTOMER_HZ).await;
    page.sees("#call .call").await;
    house.shows("SELECT count(*), state FROM call", &["1|talking"]).await;
    let story = house.story();
    assert!(
        story.contains(&"call 1 mara silent true".to_owned()) && story.contains(&"call 1 mara silent false".to_owned()),
        "{}",
        house.told()
    );
    caller.hang_up().await;
    house.quiet().await;
    page.sees("form.wrapup").await;
    house.shows("SELECT state, agent, ended_by, end_cause FROM call", &["ended|mara|customer|normal"]).await;
    house.shows("SELECT state, error FROM recording", &["done|-"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_mute_keys_and_hanging_up_by_the_pages_buttons() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let Some(caller) = Sipp::caller(house.sip, "4001", "+491", CUSTOMER_HZ, Duration::from_secs(60)).await else { return };
    page.click(".ringcard .accept").await;
    caller.audio.hears(AGENT_HZ).await;
    page.click("#hold").await;
    house.shows("SELECT held_since IS NOT NULL FROM leg WHERE agent = 'mara'", &["1"]).await;
    until("music in place of the agent", || caller.audio.share(AGENT_HZ) < 0.2).await;
    page.click("#hold").await;
    caller.audio.hears(AGENT_HZ).await;
    page.hears(CUSTOMER_HZ).await;
    page.click("#mute").await;
    until("silence in place of the agent", || caller.audio.share(AGENT_HZ) < 0.2).await;
    assert!(!house.story().iter().any(|line| line.contains("silent")), "muted is not gone: {}", house.told());
    page.click("#mute").await;
    caller.audio.hears(AGENT_HZ).await;
    page.click("#keypad").await;
    for key in ["4", "2", "#"] {
        page.click(&format!("[data-digit='{key}']")).await;
    }
    until("the customer's end hears the keys", || caller.audio.keys() == "42#").await;
    page.run("document.querySelector('#padbox').close()", serde_json::json!([])).await;
    page.click("#end").await;
    house.quiet().await;
    house.shows("SELECT state, ended_by, end_cause FROM call", &["ended|agent|normal"]).await;
    page.sees("form.wrapup").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_beside_the_call_of_the_same_page() {
    let business = format!(
        "{}capacity = 150\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n",
        HOUSE.trim_end().to_owned() + "\n"
    );
    let house = House::open(&business).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    page.hears(CUSTOMER_HZ).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("While you talk: is the lamp in stock?").await;
    page.reads(".ringcard", "is the lamp in stock?").await;
    page.click(".ringcard .accept").await;
    page.reads("#conv", "is the lamp in stock?").await;
    page.keys("#text", "It is, two of them").await;
    page.click("#send").await;
    visitor.hears("message", "It is, two of them").await;
    page.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    house.stands("mara Available 125/150").await;
    caller.hang_up().await;
    house.quiet().await;
    page.sees("form.wrapup").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_for_good_loses_the_caller_to_the_next() {
    let phone = DeskPhone::new(OTHER_AGENT_HZ, true).await;
    let more = format!(
        "[[agents]]\nid = \"wim\"\nname = \"Wim\"\nqueues = [\"sales\"]\nphone = \"{}\"\n[routing]\nagent_grace = \"3s\"\n",
        phone.uri()
    );
    let house = House::open(&format!("{HOUSE}{more}")).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    let wim = house.agent("wim").await;
    wim.available().await;
    drop(page);
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    caller.hears(OTHER_AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    assert!(house.story().contains(&"call 1 waits in sales at the head (AgentLost)".to_owned()), "{}", house.told());
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT count(*), agent, ended_by FROM call", &["1|wim|customer"]).await;
    talk(Duration::from_millis(100)).await;
    house.close().await;
}
