//! What agents choose for themselves in the middle of a shift: to take no new chats, to ask a supervisor for help, not to be disturbed.

use super::keys::press;
use super::noticed::{ELSEWHERE, LINE, gives};
use super::{HOUSE, has_one};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::visitor::Page;
use serde_json::json;

/// By keys alone: no new chats; a supervisor sees it and lets them come again.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_no_new_chats_until_a_supervisor_lets_them_come() {
    let house = House::open(&format!("{HOUSE}{LINE}")).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    let mara = house.agent("mara").await;
    mara.available().await;
    desk.reads("#status", "All channels").await;
    press(&desk, &["l"]).await;
    let on = "return document.activeElement.value ?? ''";
    for _ in 0..12 {
        if desk.run(on, json!([])).await == json!("chats:off") {
            break;
        }
        press(&desk, &["\u{e004}"]).await;
    }
    assert_eq!(desk.run(on, json!([])).await, json!("chats:off"), "it is reached by the keyboard");
    press(&desk, &["\u{e007}"]).await;
    desk.reads("#status", "no new chats").await;
    house.shows("SELECT kind FROM event WHERE kind = 'agent.takes'", &["agent.takes"]).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is the lamp there?").await;
    house.shows("SELECT state FROM conversation", &["waiting"]).await;
    assert!(!house.story().iter().any(|line| line.contains("offered to mara")), "{}", house.told());
    let ada = house.agent("ada").await;
    let board = ada.get("/wallboard").await.text();
    assert!(board.contains("no new chats") && board.contains("chats:on"), "{board}");
    ada.post("/settings", &[("language", "zh-CN"), ("theme", "light"), ("density", "compact"), ("volume", "70")]).await;
    assert!(ada.get("/wallboard").await.text().contains("不接新对话"));
    assert_eq!(mara.post("/wallboard/agent/mara/takes", &[("value", "chats:on")]).await.status, 403);
    ada.does("/wallboard/agent/mara/takes", &[("value", "chats:on")]).await;
    desk.sees(".ringcard .accept").await;
    desk.reads("#status", "All channels").await;
    assert!(ada.get("/supervision").await.text().contains("Mara Voss"), "what was done for them is in the log");
    house.close().await;
}

/// One key and Enter: the supervisor's page says so, also to who looks elsewhere; the board leads there, and the request is over.
#[tokio::test(flavor = "multi_thread")]
async fn help_is_asked_for_and_comes() {
    let house = House::open(HOUSE).await;
    let (Some(desk), Some(board)) = (Browser::start(AGENT_HZ).await, Browser::start(AGENT_HZ).await) else { return };
    let _visitor = has_one(&house, "mara", "I want my money back").await;
    board.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": ELSEWHERE })).await;
    for (page, agent) in [(&desk, "mara"), (&board, "ada")] {
        house.password(agent).await;
        page.signs_in(&format!("http://{}", house.web), agent).await;
    }
    board.go(&format!("http://{}/wallboard", house.web)).await;
    board.reads("main", "Mara Voss").await;
    board.run("window.elsewhere = true", json!([])).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees(".chd [data-assist]").await;
    let ask = async |word: &str| {
        desk.run("document.activeElement?.blur()", json!([])).await;
        press(&desk, &["\u{e008}", "s"]).await;
        desk.sees("#assistbox[open] #assistword:focus").await;
        desk.keys("#assistword", &format!("{word}\u{e007}")).await;
        desk.sees(".chd [data-assist][aria-pressed=true]").await;
    };
    ask("refund over 500").await;
    gives(&board, "return told.map(([text, body]) => `${text} ${body}`).join().includes('Mara Voss asks for help')", json!(true)).await;
    board.reads(".assist", "refund over 500").await;
    // Taken back by the same key.
    desk.run("document.activeElement?.blur()", json!([])).await;
    press(&desk, &["\u{e008}", "s"]).await;
    desk.sees(".chd [data-assist][aria-pressed=false]").await;
    board.loses(".agent .assist").await;
    house.shows("SELECT count(*) FROM notice WHERE kind = 'assist' AND seen_at IS NULL", &["0"]).await;
    ask("").await;
    board.click(".agent .assist [data-post]").await;
    board.reads("#tl", "I want my money back").await;
    desk.sees(".chd [data-assist][aria-pressed=false]").await;
    desk.reads("#tl", "came to help").await;
    let kinds = "SELECT kind FROM event WHERE kind LIKE 'routing.assist%' ORDER BY seq";
    house.shows(kinds, &["routing.assist_asked", "routing.assist_ended", "routing.assist_asked", "routing.assist_ended"]).await;
    house.close().await;
}

/// Not to be disturbed: what can wait makes no sound and no notification, and is counted; what rings has its card and its notification.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_to_be_disturbed_still_sees_what_rings() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    desk.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": ELSEWHERE })).await;
    let _visitor = has_one(&house, "mara", "Hello").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.sees("#status").await;
    let sumi = house.agent("sumi").await;
    let names = async |key: &str| sumi.does("/people/1/note", &[("text", "@mara look"), ("work", "conversation/1"), ("key", key)]).await;
    desk.run("window.elsewhere = true", json!([])).await;
    names("n1").await;
    gives(&desk, "return told.length", json!(1)).await;
    // By the command bar's own function, as a key does it.
    desk.run("document.activeElement?.blur()", json!([])).await;
    press(&desk, &["\u{e009}", "k"]).await;
    desk.keys("#findtext", "disturb").await;
    desk.sees("#commands [role=option], #commands button").await;
    press(&desk, &["\u{e007}"]).await;
    desk.reads("#toast", "Quiet for an hour").await;
    house.shows("SELECT count(*) FROM user WHERE id = 'mara' AND prefs LIKE '%quiet_until%'", &["1"]).await;
    names("n2").await;
    desk.reads(".bell .navn", "2").await;
    gives(&desk, "return told.length", json!(1)).await;
    let other = Page::open(house.web, None).await;
    other.writes("Is the lamp there?").await;
    desk.sees(".ringcard .accept").await;
    gives(&desk, "return told.length", json!(2)).await;
    desk.click(".ringcard .accept").await;
    desk.reads("#tl", "Is the lamp there?").await;
    // It lasts over a reload.
    desk.reload().await;
    desk.sees("#status").await;
    desk.run("window.elsewhere = true", json!([])).await;
    names("n3").await;
    desk.reads(".bell .navn", "3").await;
    gives(&desk, "return told.length", json!(0)).await;
    house.close().await;
}
