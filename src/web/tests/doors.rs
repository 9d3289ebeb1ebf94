//! Who gets in, and who does not.

use super::{PASSWORD, Rig};
use crate::web::login::local_path;
use axum::body::Body;
use http::{Request, StatusCode, header};

/// Every address of the shell, and whom it is for.
const DOORS: &[(&str, &str, &str)] = &[
    ("GET", "/login", "anyone"),
    ("POST", "/login/language", "anyone"),
    ("GET", "/invite/00", "anyone"),
    ("GET", "/ca", "anyone"),
    ("GET", "/status", "anyone"),
    ("GET", "/static/hubline.css", "anyone"),
    ("POST", "/logout", "anyone"),
    ("GET", "/settings", "agent"),
    ("POST", "/settings", "agent"),
    ("POST", "/settings/theme", "agent"),
    ("POST", "/settings/enter", "agent"),
    ("POST", "/settings/password", "agent"),
    ("POST", "/settings/sessions/99/end", "agent"),
    ("POST", "/settings/sessions/end-others", "agent"),
    ("GET", "/canned", "agent"),
    // Everybody writes their own; what is shared is looked at beside it.
    ("POST", "/canned", "agent"),
    ("POST", "/canned/99", "agent"),
    ("POST", "/canned/99/delete", "agent"),
    ("GET", "/macros", "agent"),
    ("POST", "/macros", "agent"),
    ("POST", "/macros/99", "agent"),
    ("POST", "/macros/99/delete", "agent"),
    ("GET", "/inbox/macros", "agent"),
    ("GET", "/scripts", "agent"),
    ("POST", "/scripts", "supervisor"),
    ("POST", "/scripts/99", "supervisor"),
    ("POST", "/scripts/99/delete", "supervisor"),
    ("GET", "/inbox/colleagues", "agent"),
    ("GET", "/notices", "agent"),
    ("POST", "/notices/99/seen", "agent"),
    ("POST", "/notices/task", "agent"),
    ("GET", "/team/house", "agent"),
    ("POST", "/team/house", "agent"),
    ("GET", "/conversations", "agent"),
    ("POST", "/conversations/bulk", "agent"),
    ("GET", "/conversations/views", "agent"),
    ("POST", "/conversations/views", "agent"),
    ("POST", "/tickets/bulk", "agent"),
    ("GET", "/tickets/views", "agent"),
    ("POST", "/tickets/views", "agent"),
    ("GET", "/me/day", "agent"),
    ("POST", "/me/quiet", "agent"),
    ("GET", "/settings/keys", "agent"),
    ("POST", "/settings/keys", "agent"),
    ("GET", "/knowledge", "agent"),
    ("GET", "/knowledge/new", "agent"),
    ("GET", "/knowledge/99", "agent"),
    ("GET", "/knowledge/99/edit", "agent"),
    ("GET", "/knowledge/99/versions", "agent"),
    ("GET", "/knowledge/feedback", "agent"),
    ("GET", "/knowledge/suggest", "agent"),
    ("GET", "/knowledge/files/99", "agent"),
    ("POST", "/knowledge", "agent"),
    ("POST", "/knowledge/99", "agent"),
    ("POST", "/knowledge/99/step", "agent"),
    ("POST", "/knowledge/99/cite", "agent"),
    ("POST", "/knowledge/preview", "agent"),
    ("POST", "/knowledge/feedback", "agent"),
    ("POST", "/knowledge/feedback/99/close", "agent"),
    ("GET", "/knowledge/categories", "supervisor"),
    ("POST", "/knowledge/categories", "supervisor"),
    ("POST", "/knowledge/categories/99", "supervisor"),
    ("POST", "/knowledge/categories/99/delete", "supervisor"),
    ("GET", "/admin/config", "admin"),
    ("POST", "/admin/config", "admin"),
    ("POST", "/admin/config/check", "admin"),
    ("GET", "/admin/flows", "admin"),
    ("GET", "/admin/flows/main", "admin"),
    ("GET", "/admin/flows/main/picture.svg", "admin"),
    ("GET", "/admin/sessions", "admin"),
    ("POST", "/admin/sessions/99/end", "admin"),
    ("GET", "/admin/phones", "admin"),
    ("GET", "/admin/channels", "admin"),
    ("POST", "/admin/channels/site/try", "admin"),
];

#[tokio::test]
async fn each_door_opens_for_its_role_and_those_above_only() {
    let rig = Rig::new().await;
    for &(method, path, least) in DOORS {
        let ranks = [("", "anyone"), ("jonas", "agent"), ("mara", "supervisor"), ("ada", "admin")];
        let needed = ranks.iter().position(|r| r.1 == least).unwrap();
        for (rank, (who, _)) in ranks.iter().enumerate() {
            let cookie = if who.is_empty() { String::new() } else { rig.cookie(who).await };
            let answer = if method == "GET" { rig.get(path, &cookie).await } else { rig.post(path, &cookie, &[]).await };
            let signs_in = answer.header("location").starts_with("/login");
            match (rank >= needed, rank) {
                // An empty form is refused by its handler, which proves that it was reached.
                (true, _) => assert!(
                    answer.status != StatusCode::FORBIDDEN && (!signs_in || path == "/logout" || path == "/login/language"),
                    "{who:?} {method} {path}: {}",
                    answer.status
                ),
                (false, 0) => assert!(answer.status == StatusCode::SEE_OTHER && signs_in, "{method} {path}: {}", answer.status),
                (false, _) => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who:?} {method} {path}"),
            }
        }
    }
}

#[tokio::test]
async fn signing_in_leads_back_and_sets_the_cookie() {
    let rig = Rig::new().await;
    rig.set_password("jonas").await;
    let away = rig.get("/canned?edit=3", "").await;
    assert_eq!(away.header("location"), "/login?next=/canned%3Fedit%3D3");
    let page = rig.get("/login?next=/canned%3Fedit%3D3", "").await;
    assert!(page.text.contains("name=\"next\" value=\"/canned?edit=3\""), "{}", page.text);
    let wrong = rig.post("/login", "", &[("name", "jonas"), ("password", "nope"), ("next", "/canned")]).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.text.contains("9 attempts left") && !wrong.text.contains("nope"), "{}", wrong.text);
    let entered = rig.post("/login", "", &[("name", "jonas"), ("password", PASSWORD), ("next", "/canned?edit=3")]).await;
    assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, "/canned?edit=3"));
    let cookie = entered.header("set-cookie").to_owned();
    assert!(cookie.starts_with("hubline-local=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(rig.get("/settings", cookie).await.status, StatusCode::OK);
    let left = rig.post("/logout", cookie, &[]).await;
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(rig.get("/settings", cookie).await.status, StatusCode::SEE_OTHER, "the session is over, not only the cookie");
}

#[test]
fn only_own_paths_are_followed_after_signing_in() {
    for own in ["/inbox", "/people/7?tab=notes", "/a//b"] {
        assert_eq!(local_path(own), own);
    }
    for foreign in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/\tx",
        "javascript:alert(1)",
        "",
        "/logout",
        "/login?next=/login",
    ] {
        assert_eq!(local_path(foreign), "/inbox", "{foreign:?}");
    }
}

#[tokio::test]
async fn commands_from_other_sites_are_refused() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("jonas").await;
    let ask = async |name: &str, value: &str| {
        let request = Request::post("/settings/theme")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value);
        rig.send(request.body(Body::from("theme=dark")).unwrap()).await.status
    };
    assert_eq!(ask("sec-fetch-site", "cross-site").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("sec-fetch-site", "same-site").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("origin", "https://evil.example").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("sec-fetch-site", "same-origin").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn scripts_are_told_401_and_pages_are_drawn() {
    let rig = Rig::new().await;
    let script = rig.send(Request::get("/settings").header(header::ACCEPT, "*/*").body(Body::empty()).unwrap()).await;
    assert_eq!(script.status, StatusCode::UNAUTHORIZED);
    assert!(!script.text.contains('<') && !script.text.is_empty(), "{}", script.text);
    let page = rig.get("/no/such/page", "").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("<h1>There is nothing here</h1>"), "{}", page.text);
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    let big = "x".repeat(3 << 20);
    let answer = rig.post("/admin/config/check", &cookie, &[("text", &big), ("seen", "")]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_customers_side_holds_nothing_of_the_desk_and_can_stand_beside_it() {
    let rig = Rig::new().await;
    let chat = || axum::Router::new().route("/chat/hello", axum::routing::get(async || "hello"));
    let alone = crate::web::routes::public(rig.state.clone(), chat());
    let ask = async |router: &axum::Router, path: &str| {
        use tower::ServiceExt;
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    assert_eq!(ask(&alone, "/chat/hello").await, StatusCode::OK);
    for path in ["/login", "/settings", "/live", "/status", "/static/hubline.css", "/admin/config"] {
        assert_eq!(ask(&alone, path).await, StatusCode::NOT_FOUND, "{path}");
    }
    let both = rig.router.clone().merge(crate::web::routes::public(rig.state.clone(), chat()));
    assert_eq!(ask(&both, "/chat/hello").await, StatusCode::OK);
    assert_eq!(ask(&both, "/login").await, StatusCode::OK);
}
