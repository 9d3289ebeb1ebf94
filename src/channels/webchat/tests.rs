//! The visitors' side as a whole: a real store, a real line and the real routes, asked as a page would ask, and as a hostile one.

use super::{WebChat, Window};
use crate::channels::ClientAddress;
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::id::{ChannelId, ConversationId};
use crate::store::Store;
use crate::switchboard::Switchboard;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::{Extension, Router};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

const HOUSE: &str = r#"
[[queues]]
id = "sales"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[channels]]
kind = "webchat"
id = "other"
queue = "sales"
[[agents]]
id = "mara"
queues = ["sales"]
"#;
const SHOP: &str = "https://shop.example";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>";

struct House {
    routes: Router,
    /// What is asked of calls; nobody answers.
    _asked: tokio::sync::mpsc::Receiver<super::call::CallAsk>,
    _folder: tempfile::TempDir,
}

struct Heard {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

impl House {
    fn open() -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let catalog = Arc::new(Config::parse(HOUSE, Path::new("house.toml")).expect("a house").catalog);
        let switchboard = Switchboard::start(store.clone(), Clock::system(), catalog).expect("a line");
        let window = |id: &str| Window {
            id: ChannelId::from(id),
            origins: vec![SHOP.into()],
            title: "Shop".into(),
            greeting: None,
            accent: None,
            files: true,
            calls: id == "site",
            video: false,
            records: false,
            help: false,
            questions: Default::default(),
            visits: None,
            push: None,
            outages: Default::default(),
            relays: None,
            max_file: 1_000,
            max_video: 4_000,
            account_key: None,
            max_text: 40,
            language: "en".into(),
        };
        let (calls, asked) = tokio::sync::mpsc::channel(4);
        let chat =
            WebChat::start(store, switchboard, Clock::system(), [7; 32], vec![window("site"), window("other")], calls, Default::default());
        let routes = chat.router().layer(Extension(ClientAddress(IpAddr::from([203, 0, 113, 7]))));
        House { routes, _asked: asked, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Heard {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "desk.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.routes.clone().oneshot(request.body(body.into()).expect("a request")).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("a body").to_vec();
        Heard { status: parts.status, headers: parts.headers, body }
    }

    async fn session(&self, origin: &str, token: Option<&str>) -> Heard {
        let body = json!({ "token": token }).to_string();
        self.ask(Method::POST, "/chat/site/session", &[("origin", origin), ("content-type", "application/json")], body).await
    }

    async fn visitor(&self) -> Page<'_> {
        let token = self.session(SHOP, None).await.json()["token"].as_str().expect("a token").to_owned();
        Page { house: self, bearer: format!("Bearer {token}"), token }
    }
}

struct Page<'a> {
    house: &'a House,
    bearer: String,
    token: String,
}

impl Page<'_> {
    async fn say(&self, says: Value) -> Value {
        let headers = [("origin", SHOP), ("content-type", "application/json"), ("authorization", self.bearer.as_str())];
        let heard = self.house.ask(Method::POST, "/chat/site/say", &headers, says.to_string()).await;
        assert_eq!(heard.status, StatusCode::OK);
        heard.json()
    }

    async fn write(&self, key: &str, text: &str) -> Value {
        self.say(json!({ "type": "message", "key": key, "text": text })).await
    }

    /// The frames of a poll that does not wait.
    async fn hear(&self, query: &str) -> Vec<Value> {
        let headers = [("origin", SHOP), ("authorization", self.bearer.as_str())];
        let heard = self.house.ask(Method::POST, &format!("/chat/site/hear{query}"), &headers, Body::empty()).await;
        assert_eq!(heard.status, StatusCode::OK);
        serde_json::from_slice(&heard.body).expect("frames")
    }

    async fn upload(&self, name: &str, bytes: &[u8]) -> Heard {
        let headers = [("origin", SHOP), ("authorization", self.bearer.as_str()), ("x-file-name", name)];
        self.house.ask(Method::POST, "/chat/site/files", &headers, bytes.to_vec()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_listed_sites_open_a_session_and_read_its_answer() {
    let house = House::open();
    let listed = house.session(SHOP, None).await;
    assert_eq!((listed.status, listed.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN].to_str().ok()), (StatusCode::OK, Some(SHOP)));
    assert_eq!(house.session("https://desk.example", None).await.status, StatusCode::OK);
    for foreign in ["https://evil.test", "null", "http://shop.example"] {
        let refused = house.session(foreign, None).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{foreign}");
        assert!(!refused.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{foreign}");
    }
    let preflight = house.ask(Method::OPTIONS, "/chat/site/files", &[("origin", SHOP)], Body::empty()).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert!(preflight.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().expect("text").contains("x-file-name"));
    let foreign = house.ask(Method::OPTIONS, "/chat/site/files", &[("origin", "https://evil.test")], Body::empty()).await;
    assert!(!foreign.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_page_is_known_by_the_authority_of_http2() {
    let house = House::open();
    let request = Request::builder()
        .method(Method::POST)
        .uri("https://desk.example/chat/site/session")
        .header(header::ORIGIN, "https://desk.example")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .expect("a request");
    assert_eq!(house.routes.clone().oneshot(request).await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_brings_the_history_back_and_a_forged_one_a_stranger() {
    let house = House::open();
    let page = house.visitor().await;
    assert_eq!(page.write("k1", "<b>hello</b>").await["type"], "recorded");
    let again = page.write("k1", "<b>hello</b>").await;
    let frames = page.hear("").await;
    let history = frames[0]["history"].as_array().expect("lines");
    assert_eq!((history.len(), &history[0]["text"], &history[0]["id"]), (1, &json!("<b>hello</b>"), &again["id"]));
    assert_eq!(frames.last().expect("a state")["type"], "state");

    let renewed = house.session(SHOP, Some(&page.token)).await.json();
    let of = |token: &Value| token["token"].as_str().and_then(|token| token.split('.').nth(1)).map(str::to_owned);
    assert_eq!(of(&renewed), page.token.split('.').nth(1).map(str::to_owned));
    let forged = page.token.replace("v1.", "v1.0");
    assert_ne!(of(&house.session(SHOP, Some(&forged)).await.json()), of(&renewed));
    for (path, token) in [("/chat/site/hear", forged.as_str()), ("/chat/other/hear", page.token.as_str()), ("/chat/site/hear", "x")] {
        let heard = house.ask(Method::POST, path, &[("origin", SHOP), ("authorization", &format!("Bearer {token}"))], Body::empty()).await;
        assert_eq!(heard.status, StatusCode::UNAUTHORIZED, "{path} {token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_tells_what_passed_between_two_polls() {
    let house = House::open();
    let page = house.visitor().await;
    let before = page.hear("").await;
    let state = before.last().expect("a state")["state"].as_str().expect("text").to_owned();
    let id = page.write("k1", "hello").await["id"].as_u64().expect("an id");
    let waits = |frames: &[Value]| frames.iter().any(|frame| frame["type"] == "waiting" && frame["position"] == 1);
    let queued = async {
        while !waits(&page.hear("").await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), queued).await.expect("in time");
    // Nothing new by number, but the visitor waits in a queue now.
    let frames = page.hear(&format!("?after={id}&state={state}")).await;
    assert_eq!(frames[0]["history"], json!([]));
    assert!(waits(&frames), "{frames:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_and_marks_are_bounded_and_floods_refused() {
    let house = House::open();
    let page = house.visitor().await;
    assert_eq!(page.write("a", &"长".repeat(41)).await["code"], "too_long");
    assert_eq!(page.write("b", " \u{0}\n ").await["code"], "empty");
    assert_eq!(page.write("c", "hello").await["type"], "recorded");
    for mark in ["got", "read"] {
        assert_eq!(page.say(json!({ "type": mark, "upto": u64::MAX })).await, Value::Null);
    }
    let foreign = page.say(json!({ "type": "message", "key": "d", "files": [u64::MAX] })).await;
    assert_eq!(foreign["code"], "bad_file");
    let mut last = Value::Null;
    for n in 0..20 {
        last = page.write(&format!("flood{n}"), "x").await;
    }
    assert_eq!(last["code"], "too_many");
    let headers = [("origin", SHOP), ("content-type", "application/json"), ("authorization", page.bearer.as_str())];
    let broken = house.ask(Method::POST, "/chat/site/say", &headers, "{\"type\":").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    let endless = house.ask(Method::POST, "/chat/site/say", &headers, vec![b' '; 200 * 1024]).await;
    assert_eq!(endless.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut sessions = 0;
    while house.session(SHOP, None).await.status == StatusCode::OK {
        sessions += 1;
        assert!(sessions < 40, "an address makes visitors without end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn films_go_to_the_disk_and_have_a_limit_of_their_own() {
    let house = House::open();
    let page = house.visitor().await;
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    film.resize(3_500, 7);
    let kept = page.upload("clip.html", &film).await.json();
    assert_eq!((&kept["file"]["mime"], &kept["file"]["bytes"]), (&serde_json::json!("video/mp4"), &serde_json::json!(3_500)));
    let url = kept["file"]["url"].as_str().expect("a url");
    let shown = house.ask(Method::GET, url, &[], Body::empty()).await;
    assert_eq!(shown.headers[header::CONTENT_TYPE], "video/mp4");
    assert_eq!(shown.headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
    assert_eq!(shown.body, film);
    let part = house.ask(Method::GET, url, &[("range", "bytes=4-11")], Body::empty()).await;
    assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, &b"ftypmp42"[..]));
    film.resize(4_001, 7);
    assert_eq!(page.upload("long.mp4", &film).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    // A picture in the same wrapping, and a film of another kind, are none that a browser plays.
    for other in [&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska"] {
        assert_eq!(page.upload("x.mp4", other).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    // Nothing is left of what was not kept.
    let names = std::fs::read_dir(house._folder.path().join("files")).expect("a folder");
    assert_eq!(names.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_what_their_bytes_say_and_are_their_owners() {
    let house = House::open();
    let page = house.visitor().await;
    let picture = page.upload("%3Cimg%20src%3Dx%3E%0d%0aSet-Cookie%3A%20x.html", PNG).await.json();
    let (id, url) = (picture["file"]["id"].clone(), picture["file"]["url"].as_str().expect("a url").to_owned());
    assert_eq!(picture["file"]["mime"], "image/png");
    let shown = house.ask(Method::GET, &url, &[], Body::empty()).await;
    assert_eq!((shown.status, shown.headers[header::CONTENT_TYPE].to_str().ok()), (StatusCode::OK, Some("image/png")));
    assert_eq!(shown.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(shown.headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
    assert!(!shown.headers.contains_key(header::SET_COOKIE));

    let drawing = page.upload("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").await.json();
    assert_eq!(drawing["file"]["mime"], "text/plain; charset=utf-8");
    let kept = house.ask(Method::GET, drawing["file"]["url"].as_str().expect("a url"), &[], Body::empty()).await;
    assert!(kept.headers[header::CONTENT_DISPOSITION].to_str().expect("text").starts_with("attachment; "));

    assert_eq!(page.upload("x.exe", b"MZ\x90\0").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(page.upload("big.txt", &[b'a'; 1_001]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let unsigned = url.replace("sig=", "sig=9");
    assert_eq!(house.ask(Method::GET, &unsigned, &[], Body::empty()).await.status, StatusCode::NOT_FOUND);
    let elsewhere = url.replace("/site/", "/other/");
    assert_eq!(house.ask(Method::GET, &elsewhere, &[], Body::empty()).await.status, StatusCode::NOT_FOUND);

    let stranger = house.visitor().await;
    let stolen = stranger.say(json!({ "type": "message", "key": "s", "files": [id] })).await;
    assert_eq!(stolen["code"], "bad_file");
    assert_eq!(page.say(json!({ "type": "message", "key": "m", "files": [id] })).await["type"], "recorded");
}

#[test]
fn who_has_had_no_page_for_a_while_has_left_and_comes_back_with_the_next() {
    use super::visitors::Visitors;
    use std::time::Instant;
    let (visitors, start, away) = (Visitors::default(), Instant::now(), Duration::from_secs(30));
    let visitor = (ChannelId::from("site"), "v1".to_owned());
    let look = |seconds: u64| visitors.look(start + Duration::from_secs(seconds), away);
    let page = visitors.open(visitor.clone()).unwrap();
    visitors.belongs(ConversationId(1), visitor.clone());
    assert_eq!(look(0), []);
    drop(page);
    assert_eq!(look(10), [], "a click on the site");
    let page = visitors.open(visitor.clone()).unwrap();
    assert_eq!(look(35), []);
    drop(page);
    assert_eq!(look(40), []);
    assert_eq!(look(69), []);
    assert_eq!(look(70), [(ConversationId(1), false)]);
    assert_eq!(look(100), [], "said once");
    let _page = visitors.open(visitor).unwrap();
    assert_eq!(look(101), [(ConversationId(1), true)]);
    assert_eq!(look(102), []);
}
