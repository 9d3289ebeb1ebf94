//! The agent's page as their telephone: a real browser with a tone for a microphone.

use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::sipp::Sipp;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_in_the_page_and_wrapped_up() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    page.can_be_called(&house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    house.stands("mara Available 0/100").await;
    page.can_be_called(&house, "mara").await;
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
