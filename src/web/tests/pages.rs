//! What every page carries: headers, language, look, hashed files.

use super::Rig;
use crate::web::assets;
use crate::web::security::CSP;
use axum::body::Body;
use http::{Request, StatusCode, header};

#[tokio::test]
async fn pages_forbid_foreign_and_inline_code() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    assert!(!CSP.contains("unsafe") && CSP.contains("default-src 'self'") && CSP.contains("frame-ancestors 'none'"), "{CSP}");
    for path in [
        "/login",
        "/settings",
        "/canned",
        "/admin/config",
        "/admin/flows",
        "/admin/sessions",
        "/admin/phones",
        "/admin/channels",
        "/ca",
        "/nothing",
        "/status",
    ] {
        let page = rig.get(path, &cookie).await;
        assert_eq!(page.header("content-security-policy"), CSP, "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert!(page.header("permissions-policy").contains("microphone=(self)"), "{path}");
        for inline in [" style=", " onclick=", "<script>", "javascript:"] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn the_language_and_look_that_a_user_chose_are_on_the_next_page() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("jonas").await;
    let chosen = [("language", "zh-CN"), ("theme", "dark"), ("density", "compact"), ("volume", "255")];
    let saved = rig.post("/settings", &cookie, &chosen).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/settings?done=saved"));
    let page = rig.get("/settings?done=saved", &cookie).await;
    assert!(page.text.contains("<html lang=\"zh-CN\" data-theme=\"dark\" data-density=\"compact\">"), "{}", &page.text[..300]);
    assert!(page.text.contains("已保存。") && page.text.contains("value=\"100\""), "a volume has an end");
    assert!(!page.text.contains("name=\"ring\" checked"), "an unticked box is off");
    assert_eq!(rig.post("/settings/theme", &cookie, &[("theme", "toggle"), ("back", "//evil")]).await.header("location"), "/inbox");
    assert!(rig.get("/settings", &cookie).await.text.contains("data-theme=\"light\""));
}

#[tokio::test]
async fn before_signing_in_the_language_is_a_cookie() {
    let rig = Rig::new().await;
    let set = rig.post("/login/language", "", &[("language", "zh-CN"), ("back", "https://evil.example")]).await;
    assert_eq!(set.header("location"), "/login");
    let cookie = set.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(rig.get("/login", &cookie).await.text.contains("登录 Larkfield"));
    assert_eq!(rig.post("/login/language", "", &[("language", "x; Domain=evil")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn files_are_kept_for_ever_under_their_hash_and_checked_without_it() {
    let rig = Rig::new().await;
    let url = assets::url("hubline.css");
    let file = rig.get(&url, "").await;
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(file.header("content-type"), "text/css; charset=utf-8");
    let etag = file.header("etag").to_owned();
    assert!(url.ends_with(etag.trim_matches('"')) && etag.len() == 18, "{url} {etag}");
    assert_eq!(rig.get("/static/hubline.css?v=old", "").await.header("cache-control"), "no-cache");
    let again = Request::get("/static/hubline.css").header(header::IF_NONE_MATCH, &etag).body(Body::empty()).unwrap();
    let again = rig.send(again).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    for missing in ["/static/nothing.css", "/static/../Cargo.toml", "/static/%2e%2e/Cargo.toml"] {
        assert_eq!(rig.get(missing, "").await.status, StatusCode::NOT_FOUND, "{missing}");
    }
    for (wished, coding) in [("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("gzip;q=0", ""), ("br", "")] {
        let packed = Request::get(&url).header(header::ACCEPT_ENCODING, wished).body(Body::empty()).unwrap();
        let packed = rig.send(packed).await;
        assert_eq!((packed.header("content-encoding"), packed.header("vary")), (coding, "accept-encoding"), "{wished}");
    }
}

#[tokio::test]
async fn canned_replies_are_written_changed_and_deleted() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("mara").await;
    let written = [("shortcut", "/Hello"), ("title", "Greeting <b>"), ("text", "Good day\r\nto you"), ("language", "en")];
    assert_eq!(rig.post("/canned", &cookie, &written).await.header("location"), "/canned?done=saved");
    let page = rig.get("/canned", &cookie).await;
    assert!(
        page.text.contains("/hello") && page.text.contains("Greeting &#60;b&#62;") && page.text.contains("Good day\nto you"),
        "{}",
        page.text
    );
    let twice = rig.post("/canned", &cookie, &written).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text.contains("has the shortcut") && twice.text.contains("Good day"), "what was typed stays");
    assert_eq!(
        rig.post("/canned", &cookie, &[("shortcut", "two words"), ("title", "x"), ("text", "y")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let id = crate::store::canned::list(&rig.state.store).await.unwrap()[0].id;
    let changed = [("shortcut", "hi"), ("title", "Greeting"), ("text", "Hi"), ("language", "")];
    assert_eq!(rig.post(&format!("/canned/{id}"), &cookie, &changed).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.post("/canned/4711", &cookie, &[("shortcut", "z"), ("title", "x"), ("text", "y")]).await.status, StatusCode::NOT_FOUND);
    // An agent writes their own, which nobody else sees or changes, and nothing for everybody.
    let jonas = rig.cookie("jonas").await;
    let text = |shared| [("shortcut", "mine"), ("title", "Mine"), ("text", "only mine"), ("language", ""), ("shared", shared)];
    assert_eq!(rig.post("/canned", &jonas, &text("all")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(rig.post("/canned", &jonas, &text("agent/mara")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(rig.post("/canned", &jonas, &text("agent/jonas")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.post(&format!("/canned/{id}"), &jonas, &text("agent/jonas")).await.status, StatusCode::FORBIDDEN);
    assert!(rig.get("/canned", &jonas).await.text.contains("only mine") && !rig.get("/canned", &cookie).await.text.contains("only mine"));
    let own = crate::store::canned::list(&rig.state.store).await.unwrap().into_iter().find(|row| row.form.shortcut == "mine").unwrap().id;
    assert_eq!(rig.post(&format!("/canned/{own}/delete"), &cookie, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(rig.post(&format!("/canned/{own}/delete"), &jonas, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.post(&format!("/canned/{id}/delete"), &cookie, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(crate::store::canned::list(&rig.state.store).await.unwrap().is_empty());
}
