//! A shift on a telephone's screen, by touch alone. What is tapped must be in sight and not be covered.

use super::HOUSE;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_and_a_chat_on_a_narrow_screen() {
    let line = "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n";
    let config = format!("{}{line}", HOUSE.replace("wrap_up = \"0s\"", "wrap_up = \"60s\"\ndisposition_required = true"));
    let house = House::open(&config).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
    desk.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    desk.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.can_be_called(&house, "mara").await;
    desk.click("#status").await;
    desk.click(".mestat [value=available]").await;
    house.stands("mara Available 0/100").await;

    // A call: taken, held and taken back, muted and heard again, hung up, wrapped up.
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    desk.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    desk.hears(CUSTOMER_HZ).await;
    desk.click("#hold").await;
    caller.hears_music(&[AGENT_HZ]).await;
    desk.click("#hold").await;
    caller.hears(AGENT_HZ).await;
    // While they talk, who it is and what was before, and back.
    desk.click(".tabbar [href='#person']").await;
    desk.sees("#person").await;
    desk.click(".tabbar [href='#conv']").await;
    desk.sees("#tl").await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is the lamp in stock?").await;
    desk.click("#end").await;
    caller.hung_up_on().await;
    // A telephone opens its own list here; what is typed chooses in it.
    desk.keys(".wrapup [name=disposition]", "late").await;
    desk.click(".wrapup .primary").await;
    desk.loses(".wrapup").await;
    house.shows("SELECT disposition, ended_by, agent FROM call", &["delivery / late|agent|mara"]).await;

    // The chat: taken, answered, looked up, resolved with its outcome.
    desk.click(".ringcard .accept").await;
    desk.reads("#tl", "Is the lamp in stock?").await;
    desk.keys("#text", "Yes").await;
    desk.click("#send").await;
    house.shows("SELECT text FROM message WHERE kind = 'out'", &["Yes"]).await;
    desk.click(".tabbar [href='#list']").await;
    desk.click("#row-conversation-1").await;
    desk.click("#resolve summary").await;
    desk.click("#resolve .mi").await;
    house.shows("SELECT state FROM conversation", &["resolved"]).await;
    house.stands("mara Available 0/100").await;
    // To the other pages and back.
    desk.click(".tabbar .more summary").await;
    desk.click(".tabbar .more [href='/tickets']").await;
    desk.sees("main").await;
    desk.click(".tabbar [href='/inbox']").await;
    desk.sees("#list").await;
    house.quiet().await;
    house.close().await;
}
