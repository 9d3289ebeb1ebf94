//! The configuration page and the list of sessions.

use super::{Rig, TOML};
use crate::web::admin::config::mend;
use http::StatusCode;

/// The editor's hidden mark of the file it was filled from.
fn seen(page: &str) -> &str {
    page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn a_good_change_is_shown_in_words_applied_and_the_old_file_kept() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    let page = rig.get("/admin/config", &cookie).await;
    assert!(page.text.contains("This is what runs now."), "{}", page.text);
    let new = TOML.replace("name = \"Larkfield\"", "name = \"Larkfield Cycles\"");
    let sent = new.replace('\n', "\r\n");
    let checked = rig.post("/admin/config/check", &cookie, &[("text", &sent), ("seen", seen(&page.text))]).await;
    assert!(checked.text.contains("Apply 1 change") && checked.text.contains("Larkfield Cycles"), "{}", checked.text);
    assert_eq!(std::fs::read_to_string(&rig.config).unwrap(), TOML, "checking writes nothing");
    let applied = rig.post("/admin/config", &cookie, &[("text", &sent), ("seen", seen(&page.text))]).await;
    assert_eq!(applied.header("location"), "/admin/config?done=applied", "{}", applied.text);
    assert_eq!(std::fs::read_to_string(&rig.config).unwrap(), new);
    assert_eq!(std::fs::read_to_string(rig.config.with_extension("toml.bak")).unwrap(), TOML);
    assert_eq!(rig.state.config.load().config.site.name, "Larkfield Cycles");
}

#[tokio::test]
async fn an_error_is_pointed_at_mended_by_a_button_and_never_applied() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    let page = rig.get("/admin/config", &cookie).await;
    let bad = TOML.replacen("queues = [\"sales\"]", "queues = [\"salse\"]", 1);
    let answer = rig.post("/admin/config", &cookie, &[("text", &bad), ("seen", seen(&page.text))]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("data-line=\"11\"") && answer.text.contains("1 error"), "{}", answer.text);
    assert!(answer.text.contains("<b>          ^^^^^^^"), "carets stand under the value: {}", answer.text);
    assert_eq!(std::fs::read_to_string(&rig.config).unwrap(), TOML);
    let fix = answer
        .text
        .split("name=\"fix\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#34;", "\"")
        .replace("&quot;", "\"");
    let mended = rig.post("/admin/config/check", &cookie, &[("text", &bad), ("seen", seen(&page.text)), ("fix", &fix)]).await;
    assert!(mended.text.contains("No errors"), "{}", mended.text);
}

#[test]
fn a_fix_that_does_not_fit_changes_nothing() {
    assert_eq!(mend("a = \"b\"", "5-6:c"), "a = \"c\"");
    for bad in ["", "9-12:x", "3-1:x", "x-y:z", "1-2", "-:"] {
        assert_eq!(mend("a = 1", bad), "a = 1", "{bad}");
    }
    assert_eq!(mend("\"字\"", "2-3:x"), "\"字\"", "never within a character");
}

#[tokio::test]
async fn a_file_that_somebody_else_changed_is_not_overwritten_unasked() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    let page = rig.get("/admin/config", &cookie).await;
    let theirs = format!("{TOML}# theirs\n");
    std::fs::write(&rig.config, &theirs).unwrap();
    let mine = format!("{TOML}# mine\n");
    let answer = rig.post("/admin/config", &cookie, &[("text", &mine), ("seen", seen(&page.text))]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("Somebody else changed the file") && answer.text.contains("# mine"), "{}", answer.text);
    assert_eq!(std::fs::read_to_string(&rig.config).unwrap(), theirs);
    let again = rig.post("/admin/config", &cookie, &[("text", &mine), ("seen", seen(&answer.text))]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(std::fs::read_to_string(rig.config.with_extension("toml.bak")).unwrap(), theirs);
}

#[tokio::test]
async fn an_admin_sees_which_phones_are_there_and_who_is_turned_away() {
    use crate::store::phones::{BanRow, set_bans};
    let rig = Rig::new().await;
    let ada = rig.cookie("ada").await;
    let text = rig.get("/admin/phones", &ada).await.text;
    assert!(text.contains("No agent has a phone that registers here.") && text.contains("Nobody."), "{text}");
    let until = rig.state.clock.now().after(60_000);
    set_bans(&rig.state.store, vec![BanRow { source: "203.0.113.9".into(), until }]).await.unwrap();
    let text = rig.get("/admin/phones", &ada).await.text;
    assert!(text.contains("203.0.113.9"), "{text}");
}

#[tokio::test]
async fn an_admin_sees_ends_and_invites() {
    let rig = Rig::new().await;
    let (ada, jonas) = (rig.cookie("ada").await, rig.cookie("jonas").await);
    let page = rig.get("/admin/sessions", &ada).await;
    assert!(page.text.contains("Firefox · Windows") && page.text.contains("this browser"), "{}", page.text);
    let id = page.text.split("/admin/sessions/").find_map(|t| t.split_once("/end")).unwrap().0;
    assert_eq!(rig.post(&format!("/admin/sessions/{id}/end"), &ada, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.get("/settings", &jonas).await.status, StatusCode::SEE_OTHER, "signed out");

    let invited = rig.post("/admin/people/jonas/invite", &ada, &[]).await;
    let link = invited.text.split("http://desk.example").nth(1).unwrap().split('"').next().unwrap();
    let welcome = rig.get(link, "").await;
    assert!(welcome.text.contains("Welcome, jonas"), "{}", welcome.text);
    let differ = rig.post(link, "", &[("password", "long enough now"), ("again", "another one")]).await;
    assert_eq!(differ.status, StatusCode::UNPROCESSABLE_ENTITY);
    let entered = rig.post(link, "", &[("password", "long enough now"), ("again", "long enough now")]).await;
    assert_eq!(entered.header("location"), "/inbox");
    assert_eq!(rig.get(link, "").await.status, StatusCode::GONE);
    assert_eq!(rig.post("/admin/people/nobody/invite", &ada, &[]).await.status, StatusCode::NOT_FOUND);
}
