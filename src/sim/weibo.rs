//! Weibo's fans service, as strict as its documentation: signed pushes, three tries, forms with JSON in them, codes in the body.

use super::wechat::crypt::signature;
use super::wechat::wire::{Dice, call, cut, now_ms, query, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// The application's App Secret.
pub const SECRET: &str = "xyz123xyz";
const WINDOW_MS: i64 = 48 * 3_600_000;

/// What shall go wrong, of a thousand each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// A push comes twice.
    pub twice: u32,
    /// A message is taken, and the connection is cut before its answer.
    pub cut: u32,
    pub seed: u64,
}

/// What a customer does.
#[derive(Debug, Clone)]
pub enum Says {
    Text(String),
    Image(Bytes),
    Clicks(String),
    Unfollows,
}

#[derive(Default)]
struct Book {
    sent: Vec<(String, String)>,
    refused: Vec<String>,
    windows: HashMap<String, i64>,
    files: HashMap<String, Bytes>,
    token: String,
    /// How long the token is good, s.
    lasts: i64,
    offset_ms: i64,
    dice: Dice,
}

/// A running platform; stops with its last clone.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    plan: Plan,
    book: Mutex<Book>,
    hook: Mutex<String>,
    _running: watch::Sender<()>,
}

impl Sim {
    pub async fn open(plan: Plan) -> std::io::Result<Sim> {
        let (running, stopped) = watch::channel(());
        let book = Book { dice: Dice(plan.seed | 1), token: "2.00sim".into(), lasts: 30_000_000, ..Book::default() };
        let inner = Arc::new(Inner { plan, book: Mutex::new(book), hook: Mutex::default(), _running: running });
        let router = Router::new()
            .route("/2/messages/reply.json", post(reply))
            .route("/2/users/show.json", get(user))
            .route("/2/mss/msget", get(file))
            .route("/oauth2/get_token_info", post(token_info))
            .with_state(Arc::downgrade(&inner));
        let address = serve(router, stopped).await?;
        Ok(Sim { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn token(&self) -> String {
        self.book(|book| book.token.clone())
    }

    /// The token is good for so many seconds more.
    pub fn lasts(&self, seconds: i64) {
        self.book(|book| book.lasts = seconds);
    }

    /// The token ends.
    pub fn end_token(&self) {
        self.book(|book| book.token.push('x'));
    }

    /// To whom, and what.
    pub fn sent(&self) -> Vec<(String, String)> {
        self.book(|book| book.sent.clone())
    }

    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    pub fn pass(&self, time: Duration) {
        self.book(|book| book.offset_ms += i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn signed(&self) -> String {
        let (timestamp, nonce) = (now_ms().to_string(), self.book(|book| book.dice.roll() % 100_000_000).to_string());
        format!("signature={}&timestamp={timestamp}&nonce={nonce}", signature(vec![SECRET, &timestamp, &nonce]))
    }

    /// The console's greeting.
    pub async fn configure(&self, hook: &str) -> anyhow::Result<()> {
        let (status, body) = call("GET", &format!("{hook}?{}&echostr=5927", self.signed()), &[], Bytes::new()).await?;
        anyhow::ensure!(status == 200 && body == "5927", "the greeting was not echoed: {status}");
        *self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook.to_owned();
        Ok(())
    }

    /// A customer does something; told up to three times.
    pub async fn customer(&self, uid: u64, says: Says) {
        let (kind, text, data) = match says {
            Says::Text(text) => ("text", text, json!({})),
            Says::Image(bytes) => {
                let id = self.book(|book| {
                    let id = book.dice.roll() % 1_000_000_000;
                    book.files.insert(id.to_string(), bytes);
                    id
                });
                ("image", "发了一张图片".to_owned(), json!({ "vfid": id + 1, "tovfid": id }))
            }
            Says::Clicks(key) => ("event", "菜单事件".to_owned(), json!({ "subtype": "click", "key": key })),
            Says::Unfollows => ("event", "取消关注事件".to_owned(), json!({ "subtype": "unfollow" })),
        };
        let until =
            self.book(|book| now_ms() + book.offset_ms) + if kind == "event" && data["subtype"] == "unfollow" { 0 } else { WINDOW_MS };
        self.book(|book| book.windows.insert(uid.to_string(), until));
        let body =
            json!({ "type": kind, "receiver_id": 1_902_538_057_u64, "sender_id": uid, "created_at": ctime(), "text": text, "data": data });
        let body = body.to_string();
        let hook = self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let times = if self.book(|book| book.dice.chance(self.inner.plan.twice)) { 2 } else { 1 };
        for _ in 0..times {
            for _ in 0..3 {
                let url = format!("{hook}?{}", self.signed());
                let asked =
                    tokio::time::timeout(Duration::from_secs(5), call("POST", &url, &[("content-type", "application/json")], body.clone()))
                        .await;
                match asked {
                    Ok(Ok((200, answer))) if answer.is_empty() => break,
                    Ok(Ok((status, _))) => self.book(|book| book.refused.push(format!("the house says {status}"))),
                    _ => {}
                }
            }
        }
    }

    fn refuse(&self, status: StatusCode, code: i64, error: &str, request: &str) -> Response {
        self.book(|book| book.refused.push(format!("{code} {error}")));
        (status, axum::Json(json!({ "error": error, "error_code": code, "request": request }))).into_response()
    }
}

/// `Mon Jul 16 18:09:20 +0800 2012`.
fn ctime() -> String {
    let shanghai = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let now = jiff::Timestamp::from_millisecond(now_ms()).unwrap_or_default().to_zoned(shanghai);
    now.strftime("%a %b %d %H:%M:%S %z %Y").to_string()
}

fn sim(inner: &Weak<Inner>) -> Option<Sim> {
    Some(Sim { inner: inner.upgrade()?, address: SocketAddr::from(([127, 0, 0, 1], 0)) })
}

async fn reply(State(inner): State<Weak<Inner>>, body: String) -> Response {
    const PATH: &str = "/2/messages/reply.json";
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let field = |name: &str| query(&body, name).unwrap_or_default();
    if field("access_token") != sim.token() {
        return sim.refuse(StatusCode::FORBIDDEN, 21327, "expired_token", PATH);
    }
    let (to, kind) = (field("receiver_id"), field("type"));
    let Ok(data) = serde_json::from_str::<Value>(&field("data")) else {
        return sim.refuse(StatusCode::BAD_REQUEST, 10017, "parameter (data)'s value invalid", PATH);
    };
    let open = sim.book(|book| book.windows.get(&to).is_some_and(|until| *until > now_ms() + book.offset_ms));
    if !open {
        return sim.refuse(StatusCode::BAD_REQUEST, 10017, "parameter (receiver_id)'s value invalid", PATH);
    }
    let text = match kind.as_str() {
        "text" => data["text"].as_str().unwrap_or_default().to_owned(),
        "position" => format!("{},{}", data["latitude"].as_str().unwrap_or_default(), data["longitude"].as_str().unwrap_or_default()),
        _ => String::new(),
    };
    if text.is_empty() || text.chars().count() > 300 || !matches!(field("save_sender_box").as_str(), "0" | "1") {
        return sim.refuse(StatusCode::BAD_REQUEST, 10017, "parameter (data)'s value invalid", PATH);
    }
    sim.book(|book| book.sent.push((to.clone(), text)));
    if sim.book(|book| book.dice.chance(sim.inner.plan.cut)) {
        return cut();
    }
    axum::Json(json!({ "result": true, "sender_id": "1902538057", "receiver_id": to, "type": kind, "data": data.to_string() }))
        .into_response()
}

async fn user(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let asked = asked.unwrap_or_default();
    if query(&asked, "access_token") != Some(sim.token()) {
        return sim.refuse(StatusCode::FORBIDDEN, 21327, "expired_token", "/2/users/show.json");
    }
    let uid = query(&asked, "uid").unwrap_or_default();
    axum::Json(json!({ "idstr": uid, "screen_name": format!("用户{uid}") })).into_response()
}

async fn file(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let asked = asked.unwrap_or_default();
    if query(&asked, "access_token") != Some(sim.token()) {
        return sim.refuse(StatusCode::FORBIDDEN, 21327, "expired_token", "/2/mss/msget");
    }
    match sim.book(|book| book.files.get(&query(&asked, "fid").unwrap_or_default()).cloned()) {
        Some(bytes) => ([("content-type", "image/jpeg")], bytes).into_response(),
        None => sim.refuse(StatusCode::BAD_REQUEST, 20101, "target does not exist", "/2/mss/msget"),
    }
}

async fn token_info(State(inner): State<Weak<Inner>>, body: String) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if query(&body, "access_token") != Some(sim.token()) {
        return sim.refuse(StatusCode::FORBIDDEN, 21327, "expired_token", "/oauth2/get_token_info");
    }
    axum::Json(json!({ "uid": 1_902_538_057_u64, "appkey": "1", "scope": "", "create_at": 1, "expire_in": sim.book(|book| book.lasts) }))
        .into_response()
}
