//! No page has a serious fault for those who see, hear or move otherwise: axe-core looks at every one of them, in both languages, wide and
//! light, narrow and dark.

use super::{HOUSE, has_one};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use serde_json::{Value, json};

const AXE: &str = include_str!("../../data/axe-core/axe.min.js");

/// Every page that somebody at the desk can open.
const PAGES: &[&str] = &[
    "/inbox",
    "/inbox/conversation/1",
    "/inbox/person/1",
    "/inbox/conversation/1?pane=1",
    "/conversations",
    "/people",
    "/people/1",
    "/tickets",
    "/tickets/1",
    "/callbacks",
    "/canned",
    "/macros",
    "/scripts",
    "/notices",
    "/team/house",
    "/me/day",
    "/knowledge",
    "/knowledge/new",
    "/wallboard",
    "/wallboard/screen",
    "/supervision",
    "/search?q=lamp",
    "/settings",
    "/settings/keys",
    "/admin/config",
    "/admin/trunks",
    "/admin/channels",
    "/admin/flows",
    "/admin/sessions",
    "/admin/phones",
    "/ca",
    "/help",
    "/no-such-page",
];

/// The serious and critical faults of what the browser shows, each with the places where it is.
async fn faults(desk: &Browser) -> Value {
    let look = "const done = arguments[arguments.length - 1];
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })
            .then(found => done(found.violations.filter(fault => ['serious', 'critical'].includes(fault.impact))
                .map(fault => `${fault.id}: ${fault.nodes.slice(0, 3).map(node => node.target.join(' ')).join(', ')}`)), error => done(String(error)))";
    desk.run(&format!("{AXE}; window.axe = axe"), json!([])).await;
    desk.wait_for(look, json!([])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_serious_fault() {
    let house = House::open(HOUSE).await;
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
    house.password("ada").await;
    desk.signs_in(&format!("http://{}", house.web), "ada").await;
    let mut found = Vec::new();
    for (language, theme, width, mobile) in [("en", "light", 1440, false), ("zh-CN", "dark", 390, true)] {
        let look = [("language", language), ("theme", theme), ("density", "comfortable"), ("volume", "70")];
        assert_eq!(ada.post("/settings", &look).await.status, 303);
        let screen = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": mobile });
        desk.cdp("Emulation.setDeviceMetricsOverride", screen).await;
        for page in PAGES {
            desk.go(&format!("http://{}{page}", house.web)).await;
            let shown =
                desk.run("return [document.documentElement.lang, document.documentElement.scrollWidth <= innerWidth]", json!([])).await;
            if *page != "/help" && shown[0] != json!(language) {
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
