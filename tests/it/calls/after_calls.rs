//! The form after a call, in a real browser.

use super::browser::{HOUSE, goes_available};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};

/// The time of a wrap-up runs out in the middle of a sentence: where the queue asks for nothing Mara is ready again, where it asks for an
/// outcome she is not, and in both cases what she wrote stays until she hands it in.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_outlives_the_time_for_it() {
    let business = format!(
        "[[lines]]\nnumber = \"4002\"\nqueue = \"advice\"\n[[queues]]\nid = \"advice\"\nname = \"Advice\"\nwrap_up = \"12s\"\ndispositions = [\"Helped\"]\n{}         [[agents]]\nid = \"ada\"\nname = \"Ada\"\nrole = \"supervisor\"\n",
        HOUSE.replace("60s", "12s").replace("queues = [\"sales\"]", "queues = [\"sales\", \"advice\"]")
    );
    let house = House::open(&business).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    for (number, queue) in [("4002", "advice"), ("4001", "sales")] {
        let caller = Caller::dial(house.sip, number, "+491", CUSTOMER_HZ).await;
        page.click(".ringcard .accept").await;
        page.hears(CUSTOMER_HZ).await;
        caller.hang_up().await;
        page.keys(".wrapup:not(.lapsed) textarea", &format!("Half of a word about {queue}")).await;
        if queue == "advice" {
            house.stands("mara Available 0/100").await;
            page.sees("#wrapup-1.lapsed").await;
        }
    }
    // The form of the first call is beside that of the second, and both are still written to.
    page.sees("#wrapup-2 [data-overdue]").await;
    house.stands("mara WrapUp 0/100").await;
    assert!(house.agent("ada").await.get("/wallboard").await.text().contains("Mara Voss: wrap-up not handed in"));
    for (form, outcome) in [("#wrapup-1", "Helped"), ("#wrapup-2", "Sold")] {
        page.keys(&format!("{form} textarea"), ", and the other half").await;
        page.keys(&format!("{form} [name=disposition]"), outcome).await;
        page.click(&format!("{form} .primary")).await;
        page.loses(form).await;
    }
    house.stands("mara Available 0/100").await;
    house
        .shows(
            "SELECT queue, disposition, wrap_note FROM call ORDER BY id",
            &["advice|Helped|Half of a word about advice, and the other half", "sales|Sold|Half of a word about sales, and the other half"],
        )
        .await;
    house.close().await;
}
