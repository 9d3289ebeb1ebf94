//! What customers, agents, platforms and the configuration may write is text on every page, whoever looks: in the HTML itself, not only by the
//! grace of the policy against foreign scripts, in what is pushed to open pages, and in a real browser.

use super::everyone::{PEOPLE, may, tries};
use super::table::{May, table};
use super::world::{MARK, World};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use serde_json::json;

/// Ends an attribute, an element and a script, is a template elsewhere, and turns and hides what follows it.
pub const PAYLOAD: &str = "\"><img src=x onerror=hacked=1></script>{{7*7}}\u{202e}\u{200b}";
/// What the browser would have made of it.
pub const LOOK: &str = "return [window.hacked ?? null, document.querySelectorAll('[onerror], [onload], img[src=x]').length,
    [...document.querySelectorAll('a[href], [src], form[action]')].filter(el => /^\\s*javascript:/i.test(el.getAttribute('href') ?? el.getAttribute('src') ?? el.getAttribute('action') ?? '')).length]";

/// What is wrong with this HTML.
pub fn harm(html: &str) -> Option<String> {
    let around = |at: usize| {
        let from = html.char_indices().map(|(at, _)| at).take_while(|start| *start + 80 <= at).last().unwrap_or_default();
        html[from..].chars().take(200).collect::<String>()
    };
    for raw in ["<img src=x", "href=\"javascript:", "href='javascript:", "src=\"javascript:", "onerror=hacked=1></script>"] {
        if let Some(at) = html.find(raw) {
            return Some(format!("{raw} stands in …{}…", around(at)));
        }
    }
    let drawn = html.matches("img src=x onerror").count();
    let escaped = html.matches("&#60;img src=x onerror").count() + html.matches("&lt;img src=x onerror").count();
    // In JSON of an attribute the sign is escaped once more.
    (drawn > escaped + html.matches("\\u003cimg src=x onerror").count()).then(|| format!("{drawn} times drawn, {escaped} times escaped"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_is_text_wherever_it_is_drawn() {
    let world = World::open(PAYLOAD).await;
    let web = world.house.web;
    let (mut wrong, mut pages) = (Vec::new(), Vec::new());
    for row in table(&world).iter().filter(|row| row.method == "GET" && !matches!(row.may, May::Scope(_))) {
        let Some(who) = PEOPLE.into_iter().rev().find(|who| may(row, who) || row.may == May::Link) else { continue };
        let answer = tries(&world, row, &row.path, who, &[]).await;
        if !answer.header("content-type").starts_with("text/html") && !answer.header("content-type").starts_with("image/svg") {
            continue;
        }
        let html = answer.text();
        wrong.extend(harm(&html).map(|harm| format!("{}: {harm}", row.path)));
        if row.shows == MARK && !html.contains("{{7*7}}") {
            wrong.push(format!("{} does not show what was written", row.path));
        }
        if !who.is_empty() && answer.status == 200 {
            pages.push((who, row.path.clone()));
        }
    }
    assert!(wrong.is_empty() && pages.len() > 60, "{} pages\n{}", pages.len(), wrong.join("\n"));

    let Some(browser) = Browser::start(AGENT_HZ).await else { return };
    for who in ["mara", "ada"] {
        browser.cdp("Network.clearBrowserCookies", json!({})).await;
        browser.signs_in(&format!("http://{web}"), who).await;
        for (_, path) in pages.iter().filter(|(reader, _)| *reader == who) {
            browser.go(&format!("http://{web}{path}")).await;
            let found = browser.run(LOOK, json!([])).await;
            if found != json!([null, 0, 0]) {
                wrong.push(format!("{path} as {who}: {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // What comes while a page is open.
    browser.cdp("Network.clearBrowserCookies", json!({})).await;
    browser.signs_in(&format!("http://{web}"), "mara").await;
    browser.go(&format!("http://{web}/inbox/conversation/1")).await;
    world.visitor.writes(&format!("now {PAYLOAD}")).await;
    browser.reads("#tl", "now \"><img src=x").await;
    let note = format!("later {PAYLOAD}");
    assert!(world.post("bo", "/people/1/note", &[("text", &note), ("key", "n9")]).await.status < 300);
    browser.reads("#tl", "later \"><img src=x").await;
    assert_eq!(browser.run(LOOK, json!([])).await, json!([null, 0, 0]));
    world.mara.pushed("events", "later").await;
    // A toast is put in as text, as `LOOK` has found.
    for push in world.mara.pushes().iter().filter(|push| push["type"] != "rated") {
        for html in strings(push) {
            assert_eq!(harm(html).filter(|_| html.contains('<') && !html.contains(PAYLOAD)), None, "{push}");
        }
    }
    world.house.close().await;
}

/// All texts of a push.
fn strings(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(all) => all.iter().flat_map(strings).collect(),
        serde_json::Value::Object(all) => all.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
