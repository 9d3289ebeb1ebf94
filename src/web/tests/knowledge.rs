//! The knowledge base through its pages: who may do what, what customers see and what they never see, and that nothing written runs.

use super::{Answer, Rig};
use crate::desk::id::{AgentId, At};
use crate::store::files;
use crate::store::knowledge;
use crate::web::routes;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode, header};
use tower::ServiceExt;

/// What somebody hostile would write into every field.
const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";

impl Rig {
    /// What customers' listener answers.
    async fn help(&self, path: &str) -> Answer {
        self.at_help(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn vote(&self, path: &str, site: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Body::from("helped=true"));
        self.at_help(request.unwrap()).await
    }

    async fn at_help(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert("desk.example".parse().unwrap());
        let response = routes::public(self.state.clone(), Router::new()).oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 4 << 20).await.unwrap();
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Writes an article as this user and gives where it leads.
    async fn write(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![("language", "en"), ("owner", who), ("audience", "public"), ("base", "0")];
        form.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        form.extend_from_slice(fields);
        self.post(path, &self.cookie(who).await, &form).await
    }

    /// Publishes a new article and gives its number.
    async fn published(&self, fields: &[(&str, &str)]) -> i64 {
        let answer = self.write("mara", "/knowledge", &[fields, &[("then", "publish")]].concat()).await;
        let there = answer.header("location").to_owned();
        assert!(there.ends_with("done=published"), "{there} {}", answer.text);
        there.trim_start_matches("/knowledge/").split('?').next().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn agents_write_and_supervisors_publish() {
    let rig = Rig::new().await;
    let words = [("title", "Returns"), ("body", "within 30 days"), ("then", "publish")];
    let kept = rig.write("jonas", "/knowledge", &words).await;
    assert_eq!(kept.header("location"), "/knowledge/1?lang=en&done=saved", "an agent's wish to publish is a save");
    let step = [("language", "en"), ("version", "1")];
    let jonas = rig.cookie("jonas").await;
    for denied in ["publish", "withdraw", "send_back"] {
        let answer = rig.post("/knowledge/1/step", &jonas, &[&step[..], &[("step", denied)]].concat()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{denied}");
    }
    assert_eq!(rig.help("/help/1").await.status, StatusCode::NOT_FOUND);
    let handed = rig.post("/knowledge/1/step", &jonas, &[&step[..], &[("step", "submit")]].concat()).await;
    assert!(handed.header("location").ends_with("done=submitted"));
    let mara = rig.cookie("mara").await;
    assert!(rig.get("/knowledge?show=review", &mara).await.text.contains("Returns"));
    assert!(
        rig.post("/knowledge/1/step", &mara, &[&step[..], &[("step", "publish")]].concat())
            .await
            .header("location")
            .ends_with("done=published")
    );
    assert_eq!(rig.help("/help/1").await.status, StatusCode::OK);
    // Of what readers see, an agent changes the words of the next version alone: for whom it is stays.
    let next = [
        ("title", "Returns"),
        ("body", "within 60 days"),
        ("base", "1"),
        ("audience", "internal"),
        ("owner", "jonas"),
        ("expires", "2020-01-01"),
    ];
    assert!(rig.write("jonas", "/knowledge/1", &next).await.header("location").ends_with("done=saved"));
    let page = rig.help("/help/1").await;
    assert!(page.status == StatusCode::OK && page.text.contains("within 30 days") && !page.text.contains("60 days"), "{}", page.text);
    // From an old page: refused, with all that was typed.
    let stale = rig.write("jonas", "/knowledge/1", &[("title", "Returns"), ("body", "my long work"), ("base", "1")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text.contains("my long work"));
    let versions = rig.get("/knowledge/1/versions?lang=en", &jonas).await.text;
    assert!(versions.contains("<del>within 30 days</del>") && versions.contains("<ins>within 60 days</ins>"), "{versions}");
}

#[tokio::test]
async fn who_reviews_is_another_where_the_house_wants_it() {
    let rig = Rig::new().await;
    let mut toml = std::fs::read_to_string(&rig.config).unwrap();
    toml.push_str("[knowledge]\nreview_by_another = true\n");
    std::fs::write(&rig.config, toml).unwrap();
    rig.state.reload.now().await.unwrap();
    let own = rig.write("mara", "/knowledge", &[("title", "T"), ("body", "words"), ("then", "publish")]).await;
    assert!(own.header("location").ends_with("done=own_work"), "{}", own.header("location"));
    assert_eq!(rig.help("/help/1").await.status, StatusCode::NOT_FOUND);
    let ada = rig.cookie("ada").await;
    let answer = rig.post("/knowledge/1/step", &ada, &[("language", "en"), ("version", "1"), ("step", "publish")]).await;
    assert!(answer.header("location").ends_with("done=published"));
    assert_eq!(rig.help("/help/1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn customers_find_what_is_public_and_nothing_else() {
    let rig = Rig::new().await;
    assert_eq!(rig.help("/help/answers").await.status, StatusCode::NOT_FOUND, "there is nothing to find yet");
    let public = rig.published(&[("title", "Returning a lamp"), ("body", "# Pack it\n\nthe *marker* label")]).await;
    let internal = rig.published(&[("title", "Discounts we may give"), ("body", "the marker secret"), ("audience", "internal")]).await;
    let gone = rig.published(&[("title", "Old offer"), ("body", "the marker of yesterday"), ("expires", "2020-01-01")]).await;
    rig.write("jonas", "/knowledge", &[("title", "Not ready"), ("body", "the marker draft")]).await;
    let page = rig.help(&format!("/help/{public}")).await;
    assert!(page.text.contains("<h1>Returning a lamp</h1>") && page.text.contains("<em>marker</em>"), "{}", page.text);
    assert_eq!(page.header("cache-control"), "public, max-age=300");
    assert_eq!(page.header("set-cookie"), "");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    for hidden in [internal, gone, public + 3, 4711, -1] {
        assert_eq!(rig.help(&format!("/help/{hidden}")).await.status, StatusCode::NOT_FOUND, "{hidden}");
        assert_eq!(rig.vote(&format!("/help/{hidden}/vote"), "same-origin").await.status, StatusCode::NOT_FOUND, "{hidden}");
    }
    for path in [
        "/help",
        "/help?q=marker",
        "/help?q=discounts",
        "/help?q=offer",
        "/help?q=ready",
        "/help/answers?q=marker",
        "/help?lang=zh-CN&q=marker",
    ] {
        let text = rig.help(path).await.text;
        for word in ["Discounts", "secret", "Old offer", "yesterday", "Not ready", "jonas", "mara"] {
            assert!(!text.contains(word), "{path} has {word}: {text}");
        }
    }
    assert!(rig.help("/help?q=marker").await.text.contains("Returning a lamp"));
    let answers = rig.help("/help/answers?q=how+do+I+return+my+lamp").await;
    assert!(
        answers.text.contains("\"title\":\"Returning a lamp\"") && answers.header("access-control-allow-origin") == "*",
        "{}",
        answers.text
    );
    assert_eq!(rig.help("/help/answers").await.status, StatusCode::OK, "there is something to find");
    // A vote counts once from one address, and from other sites not at all.
    assert_eq!(rig.vote(&format!("/help/{public}/vote"), "cross-site").await.status, StatusCode::FORBIDDEN);
    let thanked = rig.vote(&format!("/help/{public}/vote?lang=en"), "same-origin").await;
    assert_eq!(thanked.header("location"), format!("/help/{public}?lang=en&done=thanks"));
    let used = knowledge::used(&rig.state.store, public, At(0)).await.unwrap();
    assert_eq!((used.helped, used.unhelped), (1, 0));
}

#[tokio::test]
async fn without_a_help_centre_nothing_is_there() {
    let rig = Rig::new().await;
    let public = rig.published(&[("title", "Returning a lamp"), ("body", "words")]).await;
    let mut toml = std::fs::read_to_string(&rig.config).unwrap();
    toml.push_str("[knowledge]\nhelp_centre = false\n");
    std::fs::write(&rig.config, toml).unwrap();
    rig.state.reload.now().await.unwrap();
    for path in ["/help".to_owned(), format!("/help/{public}"), "/help?q=lamp".into(), "/help/answers?q=lamp".into()] {
        let answer = rig.help(&path).await;
        assert!(answer.status == StatusCode::NOT_FOUND && !answer.text.contains("lamp"), "{path}");
    }
}

#[tokio::test]
async fn nothing_that_is_written_runs() {
    let rig = Rig::new().await;
    let body = format!(
        "{HOSTILE}\n\n[x](javascript:alert(3)) [y](data:text/html,x) ![z](https://evil.example/p.png) ![q](javascript:1)\n\n<iframe src=//evil></iframe>\n\n<a href=\"x\" onclick=\"alert(4)\">a</a>"
    );
    let names = [("name.en", HOSTILE), ("parent", ""), ("place", "0")];
    let mara = rig.cookie("mara").await;
    rig.post("/knowledge/categories", &mara, &names).await;
    let article = rig.published(&[("title", HOSTILE), ("body", &body), ("note", HOSTILE), ("category", "1")]).await;
    rig.post("/knowledge/feedback", &mara, &[("article", &article.to_string()), ("kind", "wrong"), ("language", "en"), ("words", HOSTILE)])
        .await;
    rig.post("/knowledge/feedback", &mara, &[("kind", "missing"), ("words", HOSTILE)]).await;
    let query = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in [
        "/knowledge".to_owned(),
        format!("/knowledge?q={query}&language={query}&category={query}"),
        "/knowledge?q=alert".into(),
        format!("/knowledge/{article}"),
        format!("/knowledge/{article}/edit?lang=en"),
        format!("/knowledge/{article}/versions?lang=en"),
        format!("/knowledge/new?title={query}"),
        "/knowledge/feedback".into(),
        "/knowledge/categories?edit=1".into(),
        "/search?q=alert".into(),
    ] {
        inert(&path, &rig.get(&path, &mara).await.text);
    }
    for path in [format!("/help/{article}"), "/help".into(), "/help?q=alert".into(), format!("/help?q={query}&lang={query}")] {
        inert(&path, &rig.help(&path).await.text);
    }
    let preview = rig.post("/knowledge/preview", &mara, &[("body", &body)]).await;
    assert_eq!(preview.status, StatusCode::OK);
    inert("preview", &preview.text);
    assert!(!preview.text.contains("evil.example/p.png") && preview.text.contains('z'), "{}", preview.text);
}

fn inert(path: &str, text: &str) {
    for bad in [
        "<script>alert",
        "<img src=x",
        "<iframe",
        "href=\"javascript",
        "href=\"data:text",
        "src=\"javascript",
        " onclick=\"",
        "src=\"https://evil",
    ] {
        assert!(!text.contains(bad), "{path} has {bad}: {text}");
    }
}

#[tokio::test]
async fn pictures_are_seen_where_their_article_is() {
    let rig = Rig::new().await;
    let png = b"\x89PNG\r\n\x1a\nrest".to_vec();
    let now = rig.state.clock.now();
    let own = files::create(&rig.state.store, "a.png", "image/png", png.clone(), "agent/mara", now).await.unwrap().id;
    let strange = files::create(&rig.state.store, "b.png", "image/png", png, "webchat/site/v1", now).await.unwrap().id;
    let denied = rig.write("mara", "/knowledge", &[("title", "t"), ("body", &format!("![x](file:{strange})"))]).await;
    assert_eq!(denied.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (at_desk, at_help) = (format!("/knowledge/files/{own}"), format!("/help/files/{own}"));
    let jonas = rig.cookie("jonas").await;
    assert_eq!(rig.get(&at_desk, &jonas).await.status, StatusCode::NOT_FOUND, "nobody's article has it");
    let body = format!("![the lamp](file:{own})");
    let article = rig.published(&[("title", "t"), ("body", &body), ("audience", "internal")]).await;
    assert_eq!(rig.get(&at_desk, &jonas).await.status, StatusCode::OK);
    assert_eq!(rig.help(&at_help).await.status, StatusCode::NOT_FOUND, "an internal article's");
    rig.write("mara", &format!("/knowledge/{article}"), &[("title", "t"), ("body", &body), ("base", "1")]).await;
    assert_eq!(rig.help(&at_help).await.status, StatusCode::OK, "public now");
    assert!(rig.help(&format!("/help/{article}")).await.text.contains(&format!("<img src=\"{at_help}\" alt=\"the lamp\">")));
    for path in [format!("/help/files/{strange}"), format!("/knowledge/files/{strange}")] {
        assert_eq!(rig.help(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(rig.get(&path, &jonas).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_article_goes_into_a_reply_with_its_link() {
    let rig = Rig::new().await;
    let public = rig.published(&[("title", "Returning a lamp"), ("body", "1. Pack it\n2. Send it")]).await;
    let internal = rig.published(&[("title", "Lamp prices"), ("body", "ask **first**"), ("audience", "internal")]).await;
    let jonas = rig.cookie("jonas").await;
    let cite = async |id: i64, kind: &str| {
        rig.post(&format!("/knowledge/{id}/cite"), &jonas, &[("language", "en"), ("kind", kind), ("conversation", "7")]).await
    };
    let words: serde_json::Value = serde_json::from_str(&cite(public, "inserted").await.text).unwrap();
    assert_eq!(words["text"], "1. Pack it\n2. Send it");
    assert_eq!(words["link"], format!("http://localhost/help/{public}?lang=en"));
    let words: serde_json::Value = serde_json::from_str(&cite(internal, "opened").await.text).unwrap();
    assert_eq!((&words["text"], &words["link"]), (&"ask first".into(), &serde_json::Value::Null));
    assert_eq!(cite(public, "sent").await.status, StatusCode::BAD_REQUEST, "what is sent is counted where it is sent");
    assert_eq!(cite(4711, "inserted").await.status, StatusCode::NOT_FOUND);
    let used = knowledge::used(&rig.state.store, public, At(0)).await.unwrap();
    assert_eq!((used.inserted, used.sent), (1, 0));
    let found = rig.get("/knowledge/suggest?q=lamp", &jonas).await;
    assert!(found.text.contains("Returning a lamp") && found.text.contains("Lamp prices"), "{}", found.text);
    // What somebody else owns is closed by its owner or a supervisor.
    let said =
        rig.post("/knowledge/feedback", &jonas, &[("article", &public.to_string()), ("kind", "outdated"), ("words", "30 days")]).await;
    assert!(said.header("location").ends_with("done=thanked"));
    assert_eq!(rig.post("/knowledge/feedback/1/close", &jonas, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(rig.post("/knowledge/feedback/1/close", &rig.cookie("ada").await, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(knowledge::open_feedback(&rig.state.store, None, Some(&AgentId::from("mara")), true).await.unwrap().is_empty());
}
