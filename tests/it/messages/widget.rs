//! The chat window in a real browser, and what it weighs.

use super::{HOUSE, on_duty, replies, takes};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::proxy::{changing, without_sockets};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;

/// What a hostile visitor or agent might write.
const HOSTILE: &str = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>&lt;b&gt;";

/// The window's own part of the page.
const INSIDE: &str = "document.querySelector('#hubline-chat').shadowRoot";

/// A page of the window's own origin, without any policy that would save us, and the window open on it.
pub async fn opens_the_window(browser: &Browser, house: SocketAddr) {
    browser.go(&format!("http://{house}/chat/widget.js")).await;
    browser
        .run(
            "const s = document.createElement('script'); s.src = '/chat/widget.js'; s.dataset.channel = 'site'; document.body.append(s)",
            json!([]),
        )
        .await;
    browser.sees("#hubline-chat").await;
    browser.run(&format!("{INSIDE}.querySelector('.launch').click()"), json!([])).await;
}

/// Writes and sends.
pub async fn types(browser: &Browser, text: &str) {
    let type_in = format!(
        "const box = {INSIDE}.querySelector('textarea'); box.value = arguments[0]; box.dispatchEvent(new Event('input', {{ bubbles: true }})); {INSIDE}.querySelector('form').requestSubmit()"
    );
    browser.run(&type_in, json!([text])).await;
}

/// Waits until the window shows this.
async fn window_shows(browser: &Browser, text: &str) {
    window_shows_within(browser, text, crate::rig::PATIENCE).await;
}

async fn window_shows_within(browser: &Browser, text: &str, patience: Duration) {
    let log = format!("return {INSIDE}.querySelector('.log').textContent + {INSIDE}.querySelector('header').textContent");
    let start = std::time::Instant::now();
    loop {
        let shown = browser.run(&log, json!([])).await;
        if shown.as_str().is_some_and(|shown| shown.contains(text)) {
            return;
        }
        assert!(start.elapsed() < patience, "the window does not show {text:?}: {shown}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_without_sockets_still_chats() {
    let house = House::open(HOUSE).await;
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    let network = without_sockets(house.web).await;
    opens_the_window(&browser, network.address).await;
    types(&browser, "Can you hear me?").await;
    house.shows("SELECT text FROM message", &["Can you hear me?"]).await;
    assert!(network.cut_off() >= 2, "a socket was tried, and tried again");
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    window_shows(&browser, "Mara Voss").await;
    replies(&mara, 1, "Loud and clear").await;
    window_shows(&browser, "Loud and clear").await;
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["delivered"]).await;
    types(&browser, "Then all is well").await;
    window_shows(&browser, "Sent").await;
    house.shows("SELECT text FROM message WHERE kind = 'in' ORDER BY id", &["Can you hear me?", "Then all is well"]).await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    window_shows(&browser, "This chat has ended").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_on_in_another_network() {
    let house = House::open(HOUSE).await;
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    let network = changing(house.web).await;
    opens_the_window(&browser, network.address).await;
    types(&browser, "From the train").await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    window_shows(&browser, "Mara Voss").await;
    // The socket is dead, and neither side is told.
    network.change();
    replies(&mara, 1, "Are you there?").await;
    types(&browser, "At home now").await;
    browser.run("window.dispatchEvent(new Event('online'))", json!([])).await;
    // Requests find the connections dead that they would use again, one after the other.
    window_shows_within(&browser, "Are you there?", 3 * crate::rig::PATIENCE).await;
    house.shows("SELECT text FROM message WHERE kind = 'in' ORDER BY id", &["From the train", "At home now"]).await;
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["delivered"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_small() {
    let house = House::open(HOUSE).await;
    let packed = request(house.web, "GET", "/chat/widget.js", &[("accept-encoding", "gzip")], "").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    assert!(packed.body.len() <= 30 * 1024, "{} bytes", packed.body.len());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_html_is_html() {
    let house = House::open(HOUSE).await;
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    opens_the_window(&browser, house.web).await;
    types(&browser, HOSTILE).await;
    house.shows("SELECT kind FROM message", &["in"]).await;
    house.shows("SELECT text FROM message", &[HOSTILE]).await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    replies(&mara, 1, HOSTILE).await;
    let shown = format!(
        "return [...{INSIDE}.querySelectorAll('.b')].filter(b => b.textContent === arguments[0]).length === 2 && !{INSIDE}.querySelector('.log img, .log script') && !window.hacked"
    );
    let start = std::time::Instant::now();
    while browser.run(&shown, json!([HOSTILE])).await != json!(true) {
        assert!(
            start.elapsed() < crate::rig::PATIENCE,
            "{}",
            browser.run(&format!("return {INSIDE}.querySelector('.log').innerHTML"), json!([])).await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The agent's desk shows the same as text.
    let desk = Browser::at_the_desk(&house, "sumi", AGENT_HZ).await.expect("a browser, as before");
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.reads("#conv", HOSTILE).await;
    assert_eq!(desk.run("return [!window.hacked, !document.querySelector('#conv img[src=x]')]", json!([])).await, json!([true, true]));
    house.close().await;
}
