//! Weibo's fans service, as strict as its documentation: signed pushes, three tries, forms with JSON in them, codes in the body. What goes
//! wrong, goes wrong by a seeded plan; there are no receipts that could get lost.

use super::courier::{Courier, Manner};
use super::plan::{Dice, Plan};
use super::wechat::crypt::signature;
use super::wechat::wire::{call, cut, now_ms, query, serve};
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

/// How often a push is tried, and how long each waits for its answer.
const TRIES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// The platform does not give up.
    insists: bool,
}

/// A running platform; stops with its last clone.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    plan: Plan,
    dice: Dice,
    book: Mutex<Book>,
    courier: Mutex<Option<Courier>>,
    _running: watch::Sender<()>,
}

impl Sim {
    pub async fn open(plan: Plan) -> std::io::Result<Sim> {
        let (running, stopped) = watch::channel(());
        let book = Book { token: "2.00sim".into(), lasts: 30_000_000, ..Book::default() };
        let dice = Dice::new(plan.seed);
        let inner = Arc::new(Inner { plan, dice, book: Mutex::new(book), courier: Mutex::default(), _running: running });
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

    /// What the house has answered to pushes.
    pub fn answers(&self) -> Vec<u16> {
        self.inner.courier.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Courier::answers).unwrap_or_default()
    }

    /// Tries without end: what the platform gives up after three tries was never the house's.
    pub fn insists(&self) {
        self.book(|book| book.insists = true);
    }

    /// The platform's clock is so far behind the house's.
    pub fn behind(&self, time: Duration) {
        self.book(|book| book.offset_ms -= i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// Time goes by there.
    pub fn pass(&self, time: Duration) {
        self.book(|book| book.offset_ms += i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The console's greeting.
    pub async fn configure(&self, hook: &str) -> anyhow::Result<()> {
        let (status, body) = call("GET", &format!("{}&echostr=5927", signed(hook, &self.inner.dice)), &[], Bytes::new()).await?;
        anyhow::ensure!(status == 200 && body == "5927", "the greeting was not echoed: {status}");
        self.calls(hook);
        Ok(())
    }

    /// Where the house is from now on; it was greeted before, or will be.
    pub fn calls(&self, hook: &str) {
        let (hook, dice) = (hook.to_owned(), Dice::new(self.inner.plan.seed ^ 0x9109));
        let tries = if self.book(|book| book.insists) { usize::MAX } else { TRIES };
        // Nothing is to be said in the answer but that it came.
        let manner = Manner { tries, patience: PATIENCE, taken: |status, answer| status == 200 && answer.is_empty() };
        let courier = Courier::with(Arc::new(move || signed(&hook, &dice)), Arc::new(|_| Vec::new()), manner, self.inner.plan);
        *self.inner.courier.lock().unwrap_or_else(PoisonError::into_inner) = Some(courier);
    }

    /// A customer does something, and the house is told soon.
    pub fn customer(&self, uid: u64, says: Says) {
        let (kind, text, data) = match says {
            Says::Text(text) => ("text", text, json!({})),
            Says::Image(bytes) => {
                let id = self.inner.dice.roll() % 1_000_000_000;
                self.book(|book| book.files.insert(id.to_string(), bytes));
                ("image", "发了一张图片".to_owned(), json!({ "vfid": id + 1, "tovfid": id }))
            }
            Says::Clicks(key) => ("event", "菜单事件".to_owned(), json!({ "subtype": "click", "key": key })),
            Says::Unfollows => ("event", "取消关注事件".to_owned(), json!({ "subtype": "unfollow" })),
        };
        let now = self.book(|book| now_ms() + book.offset_ms);
        let until = if data["subtype"] == "unfollow" { now } else { now + WINDOW_MS };
        self.book(|book| book.windows.insert(uid.to_string(), until));
        let body = json!({ "type": kind, "receiver_id": 1_902_538_057_u64, "sender_id": uid, "created_at": ctime(now), "text": text, "data": data });
        if let Some(courier) = &*self.inner.courier.lock().unwrap_or_else(PoisonError::into_inner) {
            courier.tell(body.to_string());
        }
    }

    fn refuse(&self, status: StatusCode, code: i64, error: &str, request: &str) -> Response {
        self.book(|book| book.refused.push(format!("{code} {error}")));
        (status, axum::Json(json!({ "error": error, "error_code": code, "request": request }))).into_response()
    }
}

/// The address as a push has it.
fn signed(hook: &str, dice: &Dice) -> String {
    let (timestamp, nonce) = (now_ms().to_string(), (dice.roll() % 100_000_000).to_string());
    format!("{hook}?signature={}&timestamp={timestamp}&nonce={nonce}", signature(vec![SECRET, &timestamp, &nonce]))
}

/// `Mon Jul 16 18:09:20 +0800 2012`: whole seconds, of which it has no parts.
fn ctime(ms: i64) -> String {
    let shanghai = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let now = jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(shanghai);
    now.strftime("%a %b %d %H:%M:%S %z %Y").to_string()
}

fn sim(inner: &Weak<Inner>) -> Option<Sim> {
    Some(Sim { inner: inner.upgrade()?, address: SocketAddr::from(([127, 0, 0, 1], 0)) })
}

/// What the customer sees of it; `None` where the platform refuses it.
fn shown(kind: &str, data: &Value) -> Option<String> {
    let word = |of: &Value, name: &str| of[name].as_str().map(str::to_owned);
    match kind {
        "text" => word(data, "text").filter(|text| (1..300).contains(&text.chars().count())),
        "articles" => {
            let articles = data["articles"].as_array().filter(|articles| (1..=8).contains(&articles.len()))?;
            let one = |article: &Value| {
                let (name, summary) = (word(article, "display_name").filter(|name| !name.is_empty())?, word(article, "summary")?);
                let image =
                    word(article, "image").filter(|image| [".jpg", ".jpeg", ".png"].iter().any(|ending| image.ends_with(ending)))?;
                let url = word(article, "url").filter(|url| url.starts_with("http://") || url.starts_with("https://"))?;
                Some(format!("[{name}] {summary} {image} {url}"))
            };
            articles.iter().map(one).collect::<Option<Vec<String>>>().map(|all| all.join("\n"))
        }
        "position" => {
            let within = |name: &str, most: f64| word(data, name).filter(|text| text.parse::<f64>().is_ok_and(|at| at.abs() <= most));
            Some(format!("({}, {})", within("latitude", 90.0)?, within("longitude", 180.0)?))
        }
        _ => None,
    }
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
    let Some(text) = shown(&kind, &data).filter(|_| matches!(field("save_sender_box").as_str(), "0" | "1")) else {
        return sim.refuse(StatusCode::BAD_REQUEST, 10017, "parameter (data)'s value invalid", PATH);
    };
    if sim.inner.dice.chance(sim.inner.plan.busy) {
        return sim.refuse(StatusCode::SERVICE_UNAVAILABLE, 10009, "Too many pending tasks, system is busy", PATH);
    }
    if sim.inner.dice.chance(sim.inner.plan.flood) {
        return sim.refuse(StatusCode::FORBIDDEN, 10023, "User requests out of rate limit", PATH);
    }
    sim.book(|book| book.sent.push((to.clone(), text)));
    if sim.inner.dice.chance(sim.inner.plan.cut) {
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
