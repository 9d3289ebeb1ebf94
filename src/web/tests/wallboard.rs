//! The wallboard: whose it is, what it shows, and that it says no where the desk says no.

use super::Rig;
use http::StatusCode;

const COMMANDS: [(&str, &[(&str, &str)]); 7] = [
    ("/wallboard/call/1/watch", &[("value", "listen")]),
    ("/wallboard/call/1/stop", &[]),
    ("/wallboard/agent/jonas/status", &[("value", "busy")]),
    ("/wallboard/agent/otto/move", &[("value", "join:sales"), ("minutes", "120")]),
    ("/wallboard/agent/otto/move/end", &[("value", "join:sales")]),
    ("/wallboard/overlay/promotion/on", &[("minutes", "0")]),
    ("/wallboard/overlay/promotion/off", &[]),
];

impl Rig {
    /// The floor that pages show is a moment behind the desk.
    async fn shows(&self, path: &str, cookie: &str, text: &str, there: bool) {
        for _ in 0..200 {
            if self.get(path, cookie).await.text.contains(text) == there {
                return;
            }
            self.state.clock.advance(100);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{path}: {text} is there: {}", !there);
    }
}

#[tokio::test]
async fn it_is_for_supervisors_and_admins_alone() {
    let rig = Rig::new().await;
    for (who, may) in [("jonas", false), ("otto", false), ("mara", true), ("ada", true)] {
        let cookie = rig.cookie(who).await;
        for path in ["/wallboard", "/wallboard/screen", "/wallboard/parts/board", "/wallboard/parts/screen", "/supervision", "/topics"] {
            let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(rig.get(path, &cookie).await.status, expected, "{who} {path}");
        }
        assert_eq!(rig.get("/settings", &cookie).await.text.contains("href=\"/wallboard\""), may, "{who}");
        if !may {
            for (path, form) in COMMANDS {
                assert_eq!(rig.post(path, &cookie, form).await.status, StatusCode::FORBIDDEN, "{who} {path}");
            }
        }
    }
    for (path, form) in COMMANDS {
        assert_eq!(rig.post(path, "", form).await.status, StatusCode::SEE_OTHER, "signed out {path}");
    }
}

#[tokio::test]
async fn a_supervisor_moves_an_agent_and_sees_it_on_the_board() {
    let rig = Rig::new().await;
    let mara = rig.cookie("mara").await;
    let path = "/wallboard/agent/otto/move";
    assert_eq!(rig.post(path, &mara, &[("value", "join:sales"), ("minutes", "120")]).await.status, StatusCode::NO_CONTENT);
    rig.shows("/wallboard", &mara, "data-value=\"join:sales\"", true).await;
    // The agent's own page says so too.
    rig.shows("/inbox", &rig.cookie("otto").await, "Changed for you: + sales", true).await;
    for (form, status) in [
        ([("value", "join:sales"), ("minutes", "0")], StatusCode::CONFLICT),
        ([("value", "join:nowhere"), ("minutes", "5")], StatusCode::CONFLICT),
        ([("value", "hire"), ("minutes", "5")], StatusCode::BAD_REQUEST),
        ([("value", "join:sales"), ("minutes", "-5")], StatusCode::UNPROCESSABLE_ENTITY),
        ([("value", "join:sales"), ("minutes", "4000000000")], StatusCode::CONFLICT),
    ] {
        assert_eq!(rig.post(path, &mara, &form).await.status, status, "{form:?}");
    }
    assert_eq!(rig.post("/wallboard/agent/otto/move/end", &mara, &[("value", "join:sales")]).await.status, StatusCode::NO_CONTENT);
    rig.shows("/wallboard", &mara, "data-value=\"join:sales\"", false).await;
    assert_eq!(rig.post("/wallboard/call/1/watch", &mara, &[("value", "listen")]).await.status, StatusCode::CONFLICT);
    assert_eq!(rig.post("/wallboard/call/1/watch", &mara, &[("value", "shout")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rig.post("/wallboard/agent/otto/status", &mara, &[("value", "wrap_up")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(rig.post("/wallboard/overlay/promotion/on", &mara, &[("minutes", "0")]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn boards_reach_supervisors_alone_whatever_a_page_says_it_shows() {
    use crate::auth::{Role, SessionId};
    use crate::web::live::{Frame, Shows};
    let rig = Rig::new().await;
    let live = &rig.state.live;
    let shows = || Shows { path: "/wallboard".into(), ..Shows::default() };
    let mut agent = live.enter("jonas".into(), "Jonas".into(), Role::Agent, SessionId(1));
    let mut supervisor = live.enter("mara".into(), "Mara".into(), Role::Supervisor, SessionId(2));
    live.look(agent.id, shows());
    live.look(supervisor.id, shows());
    assert_eq!(live.supervisors_at("/wallboard").into_iter().collect::<Vec<_>>(), [("mara".into(), String::new())]);
    for who in ["jonas", "mara"] {
        live.to_supervisor_at(&who.into(), "/wallboard", "", &Frame::new("board", ()));
    }
    assert!(supervisor.frames.try_recv().is_ok() && agent.frames.try_recv().is_err());
}

#[tokio::test]
async fn a_board_shows_the_part_that_its_address_says() {
    let rig = Rig::new().await;
    let mara = rig.cookie("mara").await;
    let board = |query: &'static str| {
        let (rig, mara) = (&rig, &mara);
        async move { rig.get(&format!("/wallboard/parts/board{query}"), mara).await.text }
    };
    let all = board("").await;
    assert!(["sales</th>", "support</th>", "otto", "jonas"].iter().all(|word| all.contains(word)), "{all}");
    let sales = board("?queue=sales").await;
    assert!(sales.contains("sales</th>") && !sales.contains("support</th>"), "{sales}");
    assert!(sales.contains("jonas") && !sales.contains("otto"), "who serves it, and nobody else: {sales}");
    let nothing = board("?queue=nowhere").await;
    assert!(!nothing.contains("sales</th>") && nothing.contains("class=\"empty\""), "{nothing}");
    assert!(board("?channel=phone").await.contains("sales</th>") && !board("?channel=fax").await.contains("sales</th>"));
    let page = rig.get("/wallboard?queue=sales", &mara).await.text;
    assert!(page.contains("data-board=\"/wallboard/parts/board?queue=sales\"") && page.contains("value=\"sales\" selected"), "{page}");
    assert!(page.contains("href=\"/wallboard\""), "the way back to everything");
}

#[tokio::test]
async fn the_log_tells_what_supervisors_did_by_day_person_and_kind() {
    let rig = Rig::new().await;
    let (mara, ada) = (rig.cookie("mara").await, rig.cookie("ada").await);
    assert!(rig.get("/supervision", &mara).await.text.contains("Nothing on this day"));
    rig.post("/wallboard/agent/otto/move", &mara, &[("value", "join:sales"), ("minutes", "120")]).await;
    rig.post("/wallboard/agent/kim/status", &ada, &[("value", "busy")]).await;
    let log = |query: &'static str| {
        let (rig, ada) = (&rig, &ada);
        async move { rig.get(&format!("/supervision{query}"), ada).await }
    };
    let all = log("").await.text;
    assert!(all.contains("Moved: + sales, until") && all.contains("Set the status to Busy") && all.contains("2 h"), "{all}");
    let moved = log("?kind=move").await.text;
    assert!(moved.contains("Moved: + sales") && !moved.contains("Set the status"), "{moved}");
    for (query, moved) in [("?who=otto", true), ("?who=mara", true), ("?who=kim", false), ("?who=nobody", false)] {
        assert_eq!(log(query).await.text.contains("Moved: + sales"), moved, "{query}");
    }
    assert!(log("?who=kim&kind=move").await.text.contains("Nothing fits"));
    assert!(log("?day=2020-02-29").await.text.contains("Nothing on this day"));
    for wrong in ["?day=2020-02-30", "?day=x", "?day=9999-12-31"] {
        assert_eq!(log(wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
