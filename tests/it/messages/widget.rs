//! The chat window in a real browser, and what it weighs.

use super::{HOUSE, on_duty, replies, takes};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use serde_json::json;

/// What a hostile visitor or agent might write.
const HOSTILE: &str = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>&lt;b&gt;";

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
    // A page of the window's own origin, without any policy that would save us.
    browser.go(&format!("http://{}/chat/widget.js", house.web)).await;
    browser
        .run(
            "const s = document.createElement('script'); s.src = '/chat/widget.js'; s.dataset.channel = 'site'; document.body.append(s)",
            json!([]),
        )
        .await;
    let inside = "document.querySelector('#hubline-chat').shadowRoot";
    browser.sees("#hubline-chat").await;
    browser.run(&format!("{inside}.querySelector('.launch').click()"), json!([])).await;
    let type_in = format!(
        "const box = {inside}.querySelector('textarea'); box.value = arguments[0]; box.dispatchEvent(new Event('input', {{ bubbles: true }})); {inside}.querySelector('form').requestSubmit()"
    );
    browser.run(&type_in, json!([HOSTILE])).await;
    house.shows("SELECT kind FROM message", &["in"]).await;
    house.shows("SELECT text FROM message", &[HOSTILE]).await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    replies(&mara, 1, HOSTILE).await;
    let shown = format!(
        "return [...{inside}.querySelectorAll('.b')].filter(b => b.textContent === arguments[0]).length === 2 && !{inside}.querySelector('.log img, .log script') && !window.hacked"
    );
    let start = std::time::Instant::now();
    while browser.run(&shown, json!([HOSTILE])).await != json!(true) {
        assert!(
            start.elapsed() < crate::rig::PATIENCE,
            "{}",
            browser.run(&format!("return {inside}.querySelector('.log').innerHTML"), json!([])).await
        );
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // The agent's desk shows the same as text.
    let desk = Browser::at_the_desk(&house, "sumi", AGENT_HZ).await.expect("a browser, as before");
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.reads("#conv", HOSTILE).await;
    assert_eq!(desk.run("return [!window.hacked, !document.querySelector('#conv img[src=x]')]", json!([])).await, json!([true, true]));
    house.close().await;
}
