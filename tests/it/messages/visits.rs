//! Pages that visitors look at: told only where they agreed, kept as text, forgotten when they say so; and invitations, which the house decides.

use super::on_duty;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, PATIENCE};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HOUSE: &str = r#"
[[queues]]
id = "sales"
wrap_up = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
visits = { keep = "1d" }
[[channels.invitations]]
id = "undecided"
urls = ["/chat/*"]
after = "0s"
cart = 50.0
text = { en = "Any question before you order?", zh-CN = "下单前有什么问题吗？" }
[[agents]]
id = "mara"
name = "Mara Voss"
role = "supervisor"
queues = ["sales"]
"#;

const INSIDE: &str = "document.querySelector('#hubline-chat').shadowRoot";

/// A shop page with the window's tag.
async fn at_the_shop(browser: &Browser, house: &House, mode: &str, lang: &str) {
    browser.go(&format!("http://{}/chat/widget.js", house.web)).await;
    let tag = "const s = document.createElement('script'); s.src = '/chat/widget.js'; s.dataset.channel = 'site'; s.dataset.visits = arguments[0]; s.dataset.lang = arguments[1]; document.body.append(s)";
    browser.run("document.title = 'Lamps <b>'", json!([])).await;
    browser.run(tag, json!([mode, lang])).await;
    browser.sees("#hubline-chat").await;
}

/// Waits until the bubble says this.
async fn bubble(browser: &Browser, text: &str) {
    let start = Instant::now();
    loop {
        let shown = browser
            .run(&format!("const b = {INSIDE}.querySelector('.bubble'); return b && !b.hidden ? b.textContent : ''"), json!([]))
            .await;
        if shown.as_str().is_some_and(|shown| shown.contains(text)) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "the bubble does not say {text:?}: {shown}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn press(browser: &Browser, button: &str) {
    browser.run(&format!("{INSIDE}.querySelector('.bubble {button}').click()"), json!([])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_no_is_not_seen_and_who_agrees_is_and_may_be_invited() {
    let house = House::open(HOUSE).await;
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    let mara = on_duty(&house, "mara").await;
    at_the_shop(&browser, &house, "ask", "en").await;
    bubble(&browser, "May we see which pages").await;
    let focus = browser.run("return document.activeElement === document.body", json!([])).await;
    assert_eq!(focus, Value::Bool(true), "it takes no focus");
    press(&browser, "button:not(.yes)").await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    house.shows("SELECT count(*) FROM visit", &["0"]).await;
    let kept =
        browser.run("return [localStorage.getItem('hubline.site.visits'), localStorage.getItem('hubline.site.token')]", json!([])).await;
    assert_eq!(kept, json!(["no", null]), "nobody is known who said no");
    // Asked no more, in the other language neither; the page may say later that they have agreed.
    at_the_shop(&browser, &house, "ask", "zh-CN").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let hidden = browser.run(&format!("return {INSIDE}.querySelector('.bubble').hidden"), json!([])).await;
    assert_eq!(hidden, Value::Bool(true));
    browser.run("hubline('consent', true)", json!([])).await;
    let page = format!("http://{}/chat/widget.js|Lamps <b>", house.web);
    house.shows("SELECT url, title FROM visit", &[&page]).await;
    // Nobody is invited for an empty cart.
    house.shows("SELECT count(*) FROM invitation", &["0"]).await;
    browser.run("hubline('cart', { value: 80, items: 2 })", json!([])).await;
    bubble(&browser, "下单前有什么问题吗").await;
    house.shows("SELECT name, outcome FROM invitation", &["undecided|"]).await;
    press(&browser, ".yes").await;
    house.shows("SELECT name, outcome FROM invitation", &["undecided|accepted"]).await;
    let open = browser.run(&format!("return !{INSIDE}.querySelector('.win').hidden"), json!([])).await;
    assert_eq!(open, Value::Bool(true), "the window opens");
    // Once in a visit, whatever the cart.
    browser.run("hublineChat.close(); hubline('cart', { value: 900 })", json!([])).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    house.shows("SELECT count(*) FROM invitation", &["1"]).await;
    let board = mara.get("/wallboard").await.text();
    assert!(board.contains("1 shown, 1 accepted, 0 dismissed"), "the figure");
    // They write: the page stands in their story and beside it, as text.
    browser.run("hublineChat.open()", json!([])).await;
    let write = format!(
        "const box = {INSIDE}.querySelector('textarea'); box.value = 'hello'; box.dispatchEvent(new Event('input', {{ bubbles: true }})); {INSIDE}.querySelector('form').requestSubmit()"
    );
    browser.run(&write, json!([])).await;
    super::takes(&mara, 1).await;
    let story = mara.get("/people/1?show=visits").await.text();
    assert!(story.contains("Lamps &#60;b&#62;") && !story.contains("Lamps <b>"), "{story}");
    // Agreed no more: nothing stays.
    browser.run("hubline('consent', false)", json!([])).await;
    house.shows("SELECT count(*) FROM visit", &["0"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_reports_are_refused_and_bounded() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    let visit = |key: &str, url: &str, seconds: i64| json!({ "type": "visit", "key": key, "url": url, "title": "x".repeat(5_000), "seconds": seconds });
    for url in ["javascript:alert(1)", "data:text/html,<script>", "file:///etc/passwd", "", "/relative", "http://"] {
        visitor.sends(visit("k", url, 1)).await;
    }
    visitor.sends(visit("", "https://shop.example/", 1)).await;
    visitor.sends(visit("k1", "https://anna:secret@shop.example/lamps?token=1#top", 4_000_000)).await;
    house.shows("SELECT url, length(title), dwell_ms < 60000 FROM visit", &["https://shop.example/lamps|200|1"]).await;
    for n in 0..100 {
        visitor.sends(visit(&format!("n{n}"), "https://shop.example/", 1)).await;
    }
    visitor.writes("hello").await;
    let kept: i64 = house.rows("SELECT count(*) FROM visit")[0].parse().expect("a number");
    assert!((2..45).contains(&kept), "the rate is bounded: {kept}");
    // A window that tells of no pages keeps none, and nobody settles what is not theirs.
    visitor.sends(json!({ "type": "invited", "id": 1, "accepted": true })).await;
    visitor.sends(json!({ "type": "forget" })).await;
    house.shows("SELECT count(*) FROM visit", &["0"]).await;
    house.close().await;
}
