//! What a page notices by itself and what it makes an agent notice: a microphone that is lost, something that rings while they look
//! elsewhere, a field that nobody may hear; and a canned reply by the keyboard alone.

use super::{HOUSE, faults, has_one};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::proxy::keeping_back;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, PATIENCE, until};
use serde_json::{Value, json};
use std::time::Instant;

/// A line besides.
pub(super) const LINE: &str = "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n";

/// The microphone as the test has it: `microphone.deny` makes every wish refused, `microphone.pull()` takes the running one away.
const MICROPHONE: &str = "const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.microphone = { deny: '', pull() { for (const track of this.streams) { track.stop(); track.dispatchEvent(new Event('ended')); } }, streams: [] };
    navigator.mediaDevices.getUserMedia = async wish => {
        if (window.microphone.deny) throw new DOMException('', window.microphone.deny);
        const stream = await get(wish);
        window.microphone.streams.push(...stream.getAudioTracks());
        return stream;
    };";

/// Somebody who looks at another window: what the system would show, and whether a ring sounds.
pub(super) const ELSEWHERE: &str = "window.told = []; window.gone = []; window.sounding = 0;
    window.Notification = class {
        static permission = 'granted';
        constructor(text, { body, tag }) { this.tag = tag; window.told.push([text, body]); }
        close() { window.gone.push(this.tag); }
    };
    Object.defineProperty(Document.prototype, 'hidden', { get: () => !!window.elsewhere });
    Document.prototype.hasFocus = () => !window.elsewhere;
    const start = AudioBufferSourceNode.prototype.start, stop = AudioBufferSourceNode.prototype.stop;
    AudioBufferSourceNode.prototype.start = function (...all) { window.sounding++; return start.apply(this, all); };
    AudioBufferSourceNode.prototype.stop = function (...all) { window.sounding--; return stop.apply(this, all); };";

async fn desk(house: &House, script: &str) -> Option<Browser> {
    let desk = Browser::start(AGENT_HZ).await?;
    desk.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    Some(desk)
}

async fn available(house: &House, desk: &Browser) {
    desk.can_be_called(house, "mara").await;
    desk.click("#status").await;
    desk.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
}

/// Waits until the page gives this.
pub(super) async fn gives(desk: &Browser, script: &str, expected: Value) {
    let start = Instant::now();
    loop {
        let now = desk.run(script, json!([])).await;
        if now == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{script} gives {now}, not {expected}\n{}", desk.text().await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_microphone_is_said_before_a_call_is_offered() {
    let house = House::open(&format!("{HOUSE}{LINE}")).await;
    let Some(desk) = desk(&house, MICROPHONE).await else { return };
    available(&house, &desk).await;
    // Pulled out, and no other is there.
    desk.run("microphone.deny = 'NotFoundError'; microphone.pull()", json!([])).await;
    let problem = || house.app.switchboard.floor().agents.iter().find(|a| a.id.as_str() == "mara").and_then(|a| a.voice_problem.clone());
    until("the house knows", || problem().is_some_and(|problem| problem.starts_with("mic_"))).await;
    desk.reads("#voicebar, #bar, body", "microphone").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    until("the caller waits", || house.story().iter().any(|line| line == "call 1 waits in sales (New)")).await;
    // Nothing is offered to who could not be heard, and the caller is not lost meanwhile.
    assert!(!house.story().iter().any(|line| line.contains("offered to mara")), "{}", house.told());
    assert_eq!(desk.run("return document.querySelectorAll('.ringcard').length", json!([])).await, json!(0));
    // Plugged in again.
    desk.run("microphone.deny = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))", json!([])).await;
    until("the house knows", || problem().is_none()).await;
    desk.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    desk.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_elsewhere_is_told_by_title_notification_and_ring() {
    let house = House::open(&format!("{HOUSE}{LINE}")).await;
    let Some(desk) = desk(&house, ELSEWHERE).await else { return };
    available(&house, &desk).await;
    // Whoever looks at the page needs no notification.
    let first = Caller::dial(house.sip, "4001", "+49891234", CUSTOMER_HZ).await;
    desk.sees(".ringcard .accept").await;
    gives(&desk, "return [document.title.includes('☎'), sounding, told.length]", json!([true, 1, 0])).await;
    first.hang_up().await;
    house.quiet().await;
    gives(&desk, "return [document.title.includes('☎'), sounding, told.length]", json!([false, 0, 0])).await;
    desk.run("window.elsewhere = true", json!([])).await;
    let second = Caller::dial(house.sip, "4001", "+49891234", CUSTOMER_HZ).await;
    gives(&desk, "return [told.length, told[0]?.[1].includes('+49891234'), sounding, gone.length]", json!([1, true, 1, 0])).await;
    second.hang_up().await;
    house.quiet().await;
    // What rings no more is not shown any more either.
    gives(&desk, "return [told.length, gone.length, sounding]", json!([1, 1, 0])).await;
    // What waits unread is counted in the title.
    desk.run("window.elsewhere = false", json!([])).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is the lamp there?").await;
    desk.click(".ringcard .accept").await;
    desk.reads("#tl", "Is the lamp there?").await;
    desk.click("a[href='/conversations']").await;
    visitor.writes("Hello?").await;
    gives(&desk, "return document.title.startsWith('(1) ')", json!(true)).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_field_pauses_the_recording_while_it_is_typed_in() {
    let house = House::open(&format!("{}{LINE}", HOUSE.replace("wrap_up = \"0s\"", "wrap_up = \"0s\"\nrecord = true"))).await;
    let Some(desk) = desk(&house, "").await else { return };
    available(&house, &desk).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    desk.click(".ringcard .accept").await;
    desk.hears(CUSTOMER_HZ).await;
    desk.run("const more = document.querySelector('input[data-masked]').closest('details'); if (more) more.open = true; document.querySelector('input[data-masked]').focus()", json!([])).await;
    house.shows("SELECT paused FROM recording", &["1"]).await;
    desk.run("const field = document.querySelector('input[data-masked]'); field.value = '4111'; field.blur()", json!([])).await;
    house.shows("SELECT paused FROM recording", &["0"]).await;
    let paused: Vec<_> = house.story().into_iter().filter(|line| line.contains("recording paused")).collect();
    assert_eq!(paused, ["call 1 recording paused true", "call 1 recording paused false"]);
    // What was typed is nowhere: not on the page, not in the log.
    assert_eq!(desk.run("return document.querySelector('input[data-masked]').value", json!([])).await, json!(""));
    house.shows("SELECT count(*) FROM event WHERE json LIKE '%4111%'", &["0"]).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canned_reply_comes_by_a_slash_and_the_window_has_no_fault() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let ada = house.agent("ada").await;
    for (shortcut, text) in [("hi", "Hello {name}, I am {agent}."), ("hours", "We are open from nine to six.")] {
        let reply = [("shortcut", shortcut), ("title", shortcut), ("text", text), ("folder", ""), ("shared", "all")];
        assert_eq!(ada.post("/canned", &reply).await.status, 303);
    }
    let _visitor = has_one(&house, "mara", "Are you open?").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.keys("#text", "/ho").await;
    desk.reads("#pick", "We are open from nine to six.").await;
    assert!(!desk.run("return document.querySelector('#pick').textContent", json!([])).await.to_string().contains("Hello"));
    desk.keys("#text", "\u{e007}").await;
    gives(&desk, "return document.querySelector('#text').value", json!("We are open from nine to six.")).await;
    house.shows("SELECT count(*) FROM message WHERE kind = 'out'", &["0"]).await;
    // Customers' window: open, with a talk in it, in both languages, light and dark, wide and narrow.
    let mut found = Vec::new();
    for (language, theme, width) in [("en", "light", 1280), ("zh-CN", "dark", 390)] {
        let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
        let screen = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600 });
        visitor.cdp("Emulation.setDeviceMetricsOverride", screen).await;
        visitor.cdp("Emulation.setEmulatedMedia", json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] })).await;
        visitor.cdp("Emulation.setUserAgentOverride", json!({ "userAgent": "Mozilla/5.0", "acceptLanguage": language })).await;
        visitor.at_the_shop(house.web).await;
        visitor.click_inside(".launch").await;
        visitor.has_inside("textarea").await;
        visitor.writes_inside("Hello").await;
        visitor.reads_inside("Hello").await;
        match faults::faults_of(&visitor, "#hubline-chat").await {
            Value::Array(faults) => found.extend(faults.iter().map(|fault| format!("{language} {theme} {width}: {fault}"))),
            other => found.push(format!("{language} {theme} {width}: {other}")),
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    house.close().await;
}

/// What begins and ceases to ring between the drawing of a page and its socket: a slow network must neither hide a card nor leave one standing.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_socket_comes_late_shows_what_rings() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    house.password("mara").await;
    let mara = house.agent("mara").await;
    mara.available().await;
    let first = Page::open(house.web, None).await;
    first.writes("Hello").await;
    mara.pushed("ring", "conversation/1/accept").await;
    let slow = keeping_back(house.web, "/live").await;
    desk.signs_in(&format!("http://{}", slow.address), "mara").await;
    desk.sees("#ring-conversation-1").await;
    // Her other page accepts the one, and another begins.
    mara.does("/work/conversation/1/accept", &[]).await;
    let second = Page::open(house.web, None).await;
    second.writes("Good morning").await;
    mara.pushed("ring", "conversation/2/accept").await;
    assert_eq!(desk.run("return document.querySelectorAll('.ringcard').length", json!([])).await, json!(1), "nobody told this page");
    slow.release.send_replace(true);
    desk.sees("#ring-conversation-2").await;
    desk.loses("#ring-conversation-1").await;
    house.close().await;
}
