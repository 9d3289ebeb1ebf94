//! An answer on its way: found by the customer before anybody is asked, offered to the agent by the customer's words, put in, sent and counted;
//! and what is internal stays inside.

use super::{on_duty, takes};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, PATIENCE};
use serde_json::json;
use std::time::{Duration, Instant};

const HOUSE: &str = r#"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "ada"
name = "Ada Lind"
role = "supervisor"
"#;

/// What the agent sends.
const ANSWER: &str = "Of course. 1. Pack it well\n2. Use the label";

/// The window's own part of the page.
const INSIDE: &str = "document.querySelector('#hubline-chat').shadowRoot";

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_found_inserted_sent_and_counted() {
    let house = House::open(HOUSE).await;
    let Some(shop) = Browser::start(CUSTOMER_HZ).await else { return };
    let ada = house.agent("ada").await;
    for (title, body, audience) in [
        ("Returning a lamp", "1. Pack it well\n2. Use the **label**", "public"),
        ("Discounts for a lamp that is returned", "Up to 20 %, never said unasked", "internal"),
    ] {
        let fields = [
            ("language", "en"),
            ("owner", "ada"),
            ("base", "0"),
            ("then", "publish"),
            ("title", title),
            ("body", body),
            ("audience", audience),
        ];
        assert_eq!(ada.post("/knowledge", &fields).await.status, 303);
    }

    // The customer looks for an answer before anybody is asked.
    shop.go(&format!("http://{}/chat/widget.js", house.web)).await;
    let open = "const s = document.createElement('script'); s.src = '/chat/widget.js'; s.dataset.channel = 'site'; s.dataset.lang = 'en'; document.body.append(s)";
    shop.run(open, json!([])).await;
    shop.sees("#hubline-chat").await;
    shop.run(&format!("{INSIDE}.querySelector('.launch').click()"), json!([])).await;
    shop.has_inside(".find input").await;
    let look = format!(
        "const box = {INSIDE}.querySelector('.find input'); box.value = 'returning my lamp'; {INSIDE}.querySelector('.find button').click()"
    );
    shop.run(&look, json!([])).await;
    shop.has_inside(".find li a").await;
    let found = shop.run(&format!("return [...{INSIDE}.querySelectorAll('.find li')].map(li => li.textContent)"), json!([])).await;
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert!(found[0].as_str().is_some_and(|text| text.starts_with("Returning a lamp")), "{found}");
    let write = format!(
        "const box = {INSIDE}.querySelector('textarea'); box.value = 'Can I return my lamp?'; box.dispatchEvent(new Event('input', {{ bubbles: true }})); {INSIDE}.querySelector('form').requestSubmit()"
    );
    shop.run(&write, json!([])).await;

    // The agent is offered it by the customer's words, puts it in by the keyboard, and sends it.
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    let desk = Browser::at_the_desk(&house, "mara", AGENT_HZ).await.expect("a browser, as before");
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.reads("#ksug .btn", "Returning a lamp").await;
    desk.keys("#text", "Of course. ??lamp").await;
    desk.reads("#kpick .mi", "Returning a lamp").await;
    desk.keys("#text", "\u{e007}").await;
    let begun = Instant::now();
    while desk.run("return document.querySelector('#text').value", json!([])).await != json!(ANSWER) {
        assert!(begun.elapsed() < PATIENCE, "the answer is not put in:\n{}", desk.text().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    desk.click("#send").await;
    house.shows("SELECT text FROM message WHERE kind = 'out'", &[ANSWER]).await;
    house
        .shows(
            "SELECT kind FROM article_use WHERE article = 1 AND work_kind = 'conversation' AND work = 1 ORDER BY kind",
            &["inserted", "sent", "shown"],
        )
        .await;
    // One key more, and it is sent at once.
    desk.keys("#text", "??lamp").await;
    desk.reads("#kpick .mi", "Returning a lamp").await;
    desk.keys("#text", "\u{e009}\u{e007}").await;
    house.shows("SELECT text FROM message WHERE kind = 'out' ORDER BY id", &[ANSWER, "1. Pack it well\n2. Use the label"]).await;
    desk.go(&format!("http://{}/knowledge/1", house.web)).await;
    desk.reads("[data-sent]", "1").await;

    // Customers find the public one in the help centre, and the internal one in no way.
    shop.go(&format!("http://{}/help?q=lamp", house.web)).await;
    shop.reads(".hit", "Returning a lamp").await;
    assert!(!shop.text().await.contains("Discounts"));
    shop.click(".hit a").await;
    shop.reads("h1", "Returning a lamp").await;
    shop.click(".vote button").await;
    shop.reads(".vote", "Thank you").await;
    house.shows("SELECT views, helped FROM article_day", &["1|1"]).await;
    shop.go(&format!("http://{}/help/2", house.web)).await;
    shop.reads("h1", "This article is not here").await;
    house.close().await;
}
