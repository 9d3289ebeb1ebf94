//! The form after a call, in a real browser.

use super::browser::{HOUSE, goes_available};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use serde_json::json;

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
    // The form of the first call is beside that of the second, and both are still written to; so they are after a reload, by whatever page.
    page.sees("#wrapup-2 [data-overdue]").await;
    page.keys("#wrapup-1 [name=disposition]", "Helped").await;
    house.shows("SELECT count(*) FROM draft WHERE place LIKE 'wrapup/%' AND text LIKE '%Half of a word%'", &["2"]).await;
    house.shows("SELECT count(*) FROM draft WHERE place = 'wrapup/1' AND text LIKE '%Helped%'", &["1"]).await;
    page.reload().await;
    page.sees("#wrapup-1.lapsed [data-drop]").await;
    page.sees("#wrapup-2 [data-overdue]").await;
    let stands =
        "return document.querySelector('#wrapup-1 [name=disposition]').value + ': ' + document.querySelector('#wrapup-1 textarea').value";
    assert_eq!(page.run(stands, json!([])).await, json!("Helped: Half of a word about advice"));
    // What was typed in the last moment before a reload is kept as well.
    page.keys("#wrapup-2 textarea", ", really").await;
    page.reload().await;
    page.sees("#wrapup-2 textarea").await;
    let note = "return document.querySelector('#wrapup-2 textarea').value === 'Half of a word about sales, really'";
    page.wait_for(&format!("const done = arguments[arguments.length - 1], look = () => {{ const there = (() => {{ {note} }})(); there ? done(true) : setTimeout(look, 50) }}; look()"), json!([])).await;
    house.stands("mara WrapUp 0/100").await;
    assert!(house.agent("ada").await.get("/wallboard").await.text().contains("Mara Voss: wrap-up not handed in"));
    for (form, outcome) in [("#wrapup-1", "Helped"), ("#wrapup-2", "Sold")] {
        page.keys(&format!("{form} textarea"), ", and the other half").await;
        page.keys(&format!("{form} [name=disposition]"), outcome).await;
        if form == "#wrapup-2" {
            page.click("#wrapup-2 .wtask summary").await;
            page.keys("#wrapup-2 [name=task]", "Send the offer").await;
        }
        page.click(&format!("{form} .primary")).await;
        page.loses(form).await;
    }
    house.stands("mara Available 0/100").await;
    house
        .shows(
            "SELECT queue, disposition, wrap_note FROM call ORDER BY id",
            &[
                "advice|Helped|Half of a word about advice, and the other half",
                "sales|Sold|Half of a word about sales, really, and the other half",
            ],
        )
        .await;
    // What is still to be done comes back to her by itself, about this customer, in an hour.
    let task = "SELECT n.agent, n.kind, n.text, n.person = c.person, n.at - c.ended_at > 3000000 FROM notice n JOIN call c ON c.id = 2";
    house.shows(task, &["mara|task|Send the offer|1|1"]).await;
    // What is handed in is a draft no more.
    house.shows("SELECT count(*) FROM draft", &["0"]).await;
    house.close().await;
}
