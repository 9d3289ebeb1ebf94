//! What an agent speaks into and hears with is theirs to choose, in a call, too; the bar shows how loud they are.

use super::HOUSE;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use serde_json::json;

/// Notes which microphone is asked for, and where sound is sent to.
const NOTED: &str = "(() => {
    const asked = window.asked = [], sinks = window.sinks = [];
    const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = wish => { asked.push(wish.audio?.deviceId?.exact ?? ''); return get(wish); };
    const sink = HTMLMediaElement.prototype.setSinkId;
    HTMLMediaElement.prototype.setSinkId = function (id) { sinks.push([this.id, id]); return sink.call(this, id); };
})()";

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_chosen_in_mid_call_and_the_level_is_shown() {
    let house = House::open(&format!("{HOUSE}[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n")).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    desk.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NOTED })).await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.can_be_called(&house, "mara").await;
    desk.click("#status").await;
    desk.click(".mestat [value=available]").await;
    until("available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    desk.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    desk.hears(CUSTOMER_HZ).await;
    // A tone: bars; muted: none.
    desk.sees("#mute .mic rect.on").await;
    desk.click("#mute").await;
    desk.loses("#mute .mic rect.on").await;
    desk.click("#mute").await;
    desk.sees("#mute .mic rect.on").await;
    caller.hears(AGENT_HZ).await;

    desk.click(".rail a[href='/settings']").await;
    desk.sees("#device-microphone").await;
    let choose = "const [kind] = arguments, select = document.querySelector(`#device-${kind}`);
        select.value = select.options[select.options.length - 1].value;
        select.dispatchEvent(new Event('change', { bubbles: true }));
        return [select.options.length > 1, select.value]";
    let microphone = desk.run(choose, json!(["microphone"])).await;
    assert_eq!(microphone[0], json!(true), "a choice of microphones");
    desk.wait_for(
        "const [id, done] = arguments; (function look() { asked.at(-1) === id ? done() : setTimeout(look, 50); })()",
        json!([microphone[1]]),
    )
    .await;
    caller.hears(AGENT_HZ).await;
    let speaker = desk.run(choose, json!(["speaker"])).await;
    let goes = "const [id, done] = arguments; (function look() { sinks.some(([of, to]) => of === 'voice' && to === id) ? done() : setTimeout(look, 50); })()";
    desk.wait_for(goes, json!([speaker[1]])).await;
    desk.hears(CUSTOMER_HZ).await;
    house.shows("SELECT count(*), state FROM call", &["1|talking"]).await;

    // The next page of this browser begins with them.
    desk.reload().await;
    desk.hears(CUSTOMER_HZ).await;
    assert_eq!(desk.run("return asked.includes(arguments[0])", json!([microphone[1]])).await, json!(true));
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}
