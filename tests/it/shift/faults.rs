//! No page has a serious fault for those who see, hear or move otherwise: axe-core looks at every one of them, in both languages, wide and
//! light, narrow and dark.

use super::{HOUSE, has_one};
use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::phone::Caller;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use hubline::clock::Clock;
use hubline::desk::callback::link::Links;
use hubline::desk::id::{CallbackId, ConversationId, TicketId};
use serde_json::{Value, json};

/// What has pages of its own besides: a line, a flow, a webhook.
const MORE: &str = r#"
[[lines]]
number = "4001"
queue = "sales"
[[webhooks]]
id = "crm"
url = "http://127.0.0.1:9/hear"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
events = ["ticket.*"]
[flows.main.nodes.start]
kind = "menu"
prompt = "menu"
options = { 1 = "queue:sales" }
otherwise = "queue:sales"
"#;

const AXE: &str = include_str!("../../data/axe-core/axe.min.js");

/// Every page that somebody can open; a test holds the list against the routes.
pub const PAGES: &[(&str, &str)] = &[
    ("/inbox", "/inbox"),
    ("/inbox/call/{id}", "/inbox/call/1"),
    ("/inbox/conversation/{id}", "/inbox/conversation/1"),
    ("/inbox/conversation/{id}", "/inbox/conversation/1?pane=1"),
    ("/inbox/person/{id}", "/inbox/person/1"),
    ("/conversations", "/conversations"),
    ("/people", "/people"),
    ("/people/{id}", "/people/1"),
    ("/people/{id}/mail", "/people/1/mail"),
    ("/people/blocked", "/people/blocked"),
    ("/people/import", "/people/import"),
    ("/people/import/{id}", "/people/import/1"),
    ("/tickets", "/tickets"),
    ("/tickets/new", "/tickets/new?person=1"),
    ("/tickets/{id}", "/tickets/1"),
    ("/callbacks", "/callbacks"),
    ("/canned", "/canned"),
    ("/macros", "/macros"),
    ("/scripts", "/scripts"),
    ("/notices", "/notices"),
    ("/team/{*room}", "/team/house"),
    ("/team/{*room}", "/team/with/mara"),
    ("/me/day", "/me/day"),
    ("/knowledge", "/knowledge"),
    ("/knowledge/new", "/knowledge/new"),
    ("/knowledge/{id}", "/knowledge/1"),
    ("/knowledge/{id}/edit", "/knowledge/1/edit"),
    ("/knowledge/{id}/versions", "/knowledge/1/versions?lang=en"),
    ("/knowledge/feedback", "/knowledge/feedback"),
    ("/knowledge/categories", "/knowledge/categories"),
    ("/wallboard", "/wallboard"),
    ("/wallboard/screen", "/wallboard/screen"),
    ("/supervision", "/supervision"),
    ("/topics", "/topics"),
    ("/surveys", "/surveys"),
    ("/search", "/search?q=lamp"),
    ("/settings", "/settings"),
    ("/settings/keys", "/settings/keys"),
    ("/admin/config", "/admin/config"),
    ("/admin/trunks", "/admin/trunks"),
    ("/admin/channels", "/admin/channels"),
    ("/admin/webhooks", "/admin/webhooks"),
    ("/admin/webhooks/{id}", "/admin/webhooks/crm"),
    ("/admin/flows", "/admin/flows"),
    ("/admin/flows/{flow}", "/admin/flows/main"),
    ("/admin/sessions", "/admin/sessions"),
    ("/admin/phones", "/admin/phones"),
    ("/ca", "/ca"),
    ("/invite/{token}", "/invite/00"),
    ("/help", "/help"),
    ("/help/{id}", "/help/1"),
    ("", "/no-such-page"),
];

/// What `GET` answers that is no page of its own: parts, files, data; and the customers' pages, which are looked at below by their links.
pub const NO_PAGES: &[&str] = &[
    "/",
    "/login",
    "/live",
    "/status",
    "/static/{*path}",
    "/hooks/{channel}/{name}",
    "/ca.crt",
    "/team",
    "/admin/flows/{flow}/picture.svg",
    "/inbox/parts/now",
    "/inbox/parts/person/{id}",
    "/inbox/parts/events/{id}",
    "/inbox/timeline/{id}",
    "/inbox/targets",
    "/inbox/dial",
    "/inbox/templates",
    "/inbox/colleagues",
    "/inbox/canned",
    "/inbox/macros",
    "/inbox/scripts",
    "/conversations/views",
    "/tickets/views",
    "/work/{kind}/{id}/push",
    "/work/conversation/{id}/resolve",
    "/people/{id}/same",
    "/people/export.csv",
    "/notices/count",
    "/knowledge/suggest",
    "/knowledge/files/{id}",
    "/wallboard/parts/board",
    "/wallboard/parts/screen",
    "/recordings/{name}",
    "/files/{id}",
    "/files/{id}/letter",
    "/files/{id}/spoken",
    "/ticket/{token}",
    "/survey/{token}",
    "/surveys/answers.csv",
    "/callback/{token}",
    "/form/{token}",
    "/sent/{token}",
    "/chat/call/{link}",
    "/chat/go/{link}",
    "/help/files/{id}",
    "/help/answers",
    "/chat/{channel}/socket",
    "/chat/{channel}/files/{id}",
];

/// The serious and critical faults of what the browser shows, each with the places where it is.
async fn faults(desk: &Browser) -> Value {
    faults_of(desk, "html").await
}

/// The same of one part of the page.
pub(super) async fn faults_of(desk: &Browser, part: &str) -> Value {
    let look = "const [part, done] = arguments;
        axe.run(document.querySelector(part), { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })
            .then(found => done(found.violations.filter(fault => ['serious', 'critical'].includes(fault.impact))
                .map(fault => `${fault.id}: ${fault.nodes.slice(0, 3).map(node => node.target.join(' ')).join(', ')}`)), error => done(String(error)))";
    desk.run(&format!("{AXE}; window.axe = axe"), json!([])).await;
    desk.wait_for(look, json!([part])).await
}

/// An article that customers read, a list, a webhook's page, a caller who gave up.
async fn writes_the_rest(house: &House, ada: &Agent) {
    let article =
        [("title", "Lamps"), ("language", "en"), ("body", "# Bulbs\n\n- 40 W\n- 60 W"), ("audience", "public"), ("then", "publish")];
    assert_eq!(ada.post("/knowledge", &article).await.status, 303);
    assert_eq!(ada.post("/knowledge/categories", &[("name.en", "Repair")]).await.status, 303);
    assert_eq!(ada.post("/knowledge/feedback", &[("article", "1"), ("kind", "wrong"), ("words", "60 W?")]).await.status, 303);
    let headers = [("cookie", ada.cookie.as_str()), ("x-file-name", "list.csv")];
    let brought = request(house.web, "POST", "/people/import", &headers, "Name;Phone\r\nTom;0151 2345678\r\n").await;
    assert_eq!(brought.status, 201, "{}", brought.text());
    let caller = Caller::dial(house.sip, "4001", "+4915112345678", CUSTOMER_HZ).await;
    until("the caller waits", || house.rows("SELECT count(*) FROM call") == ["1"]).await;
    caller.hang_up().await;
    house.quiet().await;
}

/// The customers' own pages, by their links.
async fn of_customers(house: &House, desk: &Browser) -> Vec<String> {
    let key = std::fs::read(house.data().join("chat.key")).expect("the key").try_into().expect("32 bytes");
    let links = Links::new(&format!("http://{}", house.web), key);
    let soon = Clock::system().now().after(3_600_000);
    let mut found = Vec::new();
    for address in [
        links.ticket_address(TicketId(1), soon),
        links.address(CallbackId(1), soon),
        links.go_address(ConversationId(1), soon),
        links.call_address(ConversationId(1), soon),
        links.ticket_address(TicketId(99), soon),
    ] {
        for language in ["en", "zh-CN"] {
            desk.go(&format!("{address}?lang={language}")).await;
            // Pages without scripts of theirs run ours all the same: the browser's own tools stand above the policy.
            match faults(desk).await {
                Value::Array(faults) => found.extend(faults.iter().map(|fault| format!("{address} {language}: {fault}"))),
                other => found.push(format!("{address} {language}: {other}")),
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_serious_fault() {
    let house = House::open(&format!("{HOUSE}{MORE}")).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "ada", "My lamp is broken").await;
    let ada = house.agent("ada").await;
    ada.does("/tickets", &[("person", "1"), ("subject", "A broken lamp")]).await;
    ada.does("/people/1/note", &[("text", "likes green"), ("key", "n1")]).await;
    let reply = [("shortcut", "hi"), ("title", "Greeting"), ("text", "Hello {name}"), ("folder", "Daily"), ("shared", "all")];
    assert_eq!(ada.post("/canned", &reply).await.status, 303);
    let script = [("name", "Returns"), ("text", "# Hello\nWhat is it?\n- broken -> Sorry\n# Sorry\nI am sorry.")];
    assert_eq!(ada.post("/scripts", &script).await.status, 303);
    ada.does("/notices/task", &[("text", "Call them"), ("when", "20"), ("person", "1")]).await;
    ada.does("/team/house", &[("text", "Good morning"), ("key", "t1")]).await;
    writes_the_rest(&house, &ada).await;
    house.password("ada").await;
    desk.signs_in(&format!("http://{}", house.web), "ada").await;
    let mut found = Vec::new();
    for (language, theme, width, mobile) in [("en", "light", 1440, false), ("zh-CN", "dark", 390, true)] {
        let look = [("language", language), ("theme", theme), ("density", "comfortable"), ("volume", "70")];
        assert_eq!(ada.post("/settings", &look).await.status, 303);
        let screen = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": mobile });
        desk.cdp("Emulation.setDeviceMetricsOverride", screen).await;
        for (_, page) in PAGES {
            desk.go(&format!("http://{}{page}", house.web)).await;
            let shown =
                desk.run("return [document.documentElement.lang, document.documentElement.scrollWidth <= innerWidth]", json!([])).await;
            if !page.starts_with("/help") && shown[0] != json!(language) {
                found.push(format!("{page} {language} {theme} {width}: speaks {}", shown[0]));
            }
            if shown[1] != json!(true) {
                found.push(format!("{page} {language} {theme} {width}: is wider than the screen"));
            }
            match faults(&desk).await {
                Value::Array(faults) => found.extend(faults.iter().map(|fault| format!("{page} {language} {theme} {width}: {fault}"))),
                other => found.push(format!("{page} {language} {theme} {width}: {other}")),
            }
        }
    }
    found.extend(of_customers(&house, &desk).await);
    // The dialogs, which pages open.
    desk.cdp("Emulation.clearDeviceMetricsOverride", json!({})).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    for open in [
        "document.dispatchEvent(new CustomEvent('desk:help'))",
        "document.dispatchEvent(new CustomEvent('desk:commands'))",
        "document.querySelector('#snooze').click()",
        "document.querySelector('#script').click()",
    ] {
        desk.run(&format!("document.querySelectorAll('dialog[open]').forEach(box => box.close()); {open}"), json!([])).await;
        if let Value::Array(faults) = faults(&desk).await {
            found.extend(faults.iter().map(|fault| format!("{open}: {fault}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    house.close().await;
}
