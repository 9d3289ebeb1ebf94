//! Pages that visitors look at: told only where they agreed, kept as text, forgotten when they say so; and invitations, which the house decides.

use super::on_duty;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, PATIENCE, until};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

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
[[channels]]
kind = "webchat"
id = "plain"
queue = "sales"
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

/// Whether the house keeps nothing, also a moment later.
async fn nothing_is_kept(house: &House, why: &str) {
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(house.rows("SELECT count(*) FROM visit"), ["0"], "{why}");
}

/// What the browser of this visitor keeps of them, and whether the window asks anything.
async fn known(browser: &Browser) -> Value {
    let look =
        format!("const b = {INSIDE}.querySelector('.bubble'); return [localStorage.getItem('hubline.site.token'), !!b && !b.hidden]");
    browser.run(&look, json!([])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_seen_before_the_page_says_that_they_agree_nor_whose_browser_refuses() {
    let house = House::open(HOUSE).await;
    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    // The site asks by itself: until it has, nobody is known and nothing is sent.
    at_the_shop(&browser, &house, "site", "en").await;
    browser.run("hubline('cart', { value: 80, items: 2 })", json!([])).await;
    nothing_is_kept(&house, "nobody has agreed").await;
    assert_eq!(known(&browser).await, json!([null, false]), "not asked, and not known");
    browser.run("hubline('consent', true)", json!([])).await;
    house.shows("SELECT count(*) FROM visit", &["1"]).await;
    browser.run("hubline('consent', false)", json!([])).await;
    house.shows("SELECT count(*) FROM visit", &["0"]).await;
    for (name, value) in [("globalPrivacyControl", "true"), ("doNotTrack", "'1'")] {
        let Some(browser) = Browser::start(AGENT_HZ).await else { return };
        let says = format!("Object.defineProperty(Navigator.prototype, '{name}', {{ get: () => {value}, configurable: true }})");
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": says })).await;
        at_the_shop(&browser, &house, "ask", "en").await;
        browser.run("hubline('consent', true); hubline('cart', { value: 80, items: 2 })", json!([])).await;
        nothing_is_kept(&house, name).await;
        assert_eq!(known(&browser).await, json!([null, false]), "{name}: neither asked nor known");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusing_browser_is_not_seen_whatever_its_page_tells() {
    let house = House::open(HOUSE).await;
    let origin = format!("http://{}", house.web);
    let says = async |channel: &str, path: &str, token: &str, header: (&str, &str), body: Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("origin", origin.as_str()), ("content-type", "application/json"), ("authorization", bearer.as_str()), header];
        let answer = request(house.web, "POST", &format!("/chat/{channel}/{path}"), &headers, body.to_string()).await;
        assert_eq!(answer.status, 200, "{channel} {path}: {}", answer.text());
        answer
    };
    let visit = |key: &str| json!({ "type": "visit", "key": key, "url": "https://shop.example/lamps", "title": "Lamps", "seconds": 1 });
    let nothing = ("x-nothing", "1");
    let token = says("site", "session", "", nothing, json!({ "token": null })).await.json()["token"].as_str().expect("a token").to_owned();
    for header in [("sec-gpc", "1"), ("dnt", "1")] {
        says("site", "say", &token, header, visit("k1")).await;
        assert_eq!(house.rows("SELECT count(*) FROM visit"), ["0"], "{header:?}");
    }
    // A window that keeps no pages keeps none, whoever tells.
    let plain = says("plain", "session", "", nothing, json!({ "token": null })).await.json()["token"].as_str().expect("a token").to_owned();
    says("plain", "say", &plain, nothing, visit("k2")).await;
    assert_eq!(house.rows("SELECT count(*) FROM visit"), ["0"]);
    // The same by the socket, whose browser says it when it opens it.
    let mut asked = format!("ws://{}/chat/site/socket", house.web).into_client_request().expect("a request");
    asked.headers_mut().insert("origin", origin.parse().expect("a header"));
    asked.headers_mut().insert("sec-gpc", "1".parse().expect("a header"));
    let stream = TcpStream::connect(house.web).await.expect("connected");
    let (mut socket, _) = tokio_tungstenite::client_async(asked, stream).await.expect("a socket");
    let message = json!({ "type": "message", "key": "m1", "text": "hello", "files": [], "page": null });
    for frame in [json!({ "type": "hello", "token": token }), visit("k3"), message] {
        socket.send(Message::Text(frame.to_string().into())).await.expect("said");
    }
    let recorded = async {
        while let Some(Ok(frame)) = socket.next().await {
            if matches!(&frame, Message::Text(text) if text.contains("\"recorded\"")) {
                return;
            }
        }
        panic!("the line was cut");
    };
    tokio::time::timeout(PATIENCE, recorded).await.expect("what came after it is on disk");
    assert_eq!(house.rows("SELECT count(*) FROM visit"), ["0"], "by the socket");
    // It was for that word alone: without it the same is kept.
    says("site", "say", &token, ("sec-gpc", "0"), visit("k4")).await;
    assert_eq!(house.rows("SELECT url FROM visit"), ["https://shop.example/lamps"]);
    house.close().await;
}

/// Where they go is beside their timeline at once, for whoever looks at it and nobody else, until they have agreed no more.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_sees_where_a_visitor_goes() {
    let house = House::open(HOUSE).await;
    let mara = on_duty(&house, "mara").await;
    let visitor = Page::open(house.web, None).await;
    let visit = |key: &str, path: &str, title: &str| json!({ "type": "visit", "key": key, "url": format!("https://shop.example{path}?from=mail"), "title": title, "seconds": 0 });
    visitor.sends(visit("a", "/", "Shop")).await;
    visitor.writes("hello").await;
    super::takes(&mara, 1).await;
    let panel = mara.get("/inbox/conversation/1").await.text();
    assert!(panel.contains(">Shop</a>"), "{panel}");
    // Nobody shows their timeline yet.
    visitor.sends(visit("b", "/lamps", "Lamps")).await;
    house.shows("SELECT count(*) FROM visit", &["2"]).await;
    // Whom a page concerns is read from the picture of the house, which is drawn ten times a second.
    until("the picture shows whose the conversation is", || !house.app.switchboard.floor().serving.is_empty()).await;
    mara.say(json!({ "type": "look", "path": "/inbox/conversation/1", "query": "", "person": 1 })).await;
    mara.pushed("viewers", "\"person\":1").await;
    assert!(mara.frames("here").is_empty(), "{:?}", mara.frames("here"));
    visitor.sends(visit("c", "/lamps/42", "<b>Lamp 42</b>")).await;
    let here = mara.pushed("here", "Lamp 42").await;
    assert_eq!((&here["person"], &here["href"]), (&json!(1), &json!("https://shop.example/lamps/42")), "{here}");
    assert!(here["since"].as_i64().is_some_and(|since| since > 1_600_000_000_000), "{here}");
    visitor.sends(json!({ "type": "forget" })).await;
    mara.pushed("here", "\"title\":\"\"").await;
    // In a real page: the line follows, as text, and goes.
    let Some(desk) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#tl").await;
    let seen = "const line = document.querySelector('#person .here'); return line.hidden ? '' : line.querySelector('a').textContent";
    assert_eq!(desk.run(seen, json!([])).await, json!(""));
    let start = Instant::now();
    while desk.run(seen, json!([])).await != json!("<b>Cart</b>") {
        assert!(start.elapsed() < PATIENCE, "the line does not follow");
        visitor.sends(visit("d", "/cart", "<b>Cart</b>")).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    visitor.sends(json!({ "type": "forget" })).await;
    desk.loses("#person .here:not([hidden])").await;
    house.close().await;
}
