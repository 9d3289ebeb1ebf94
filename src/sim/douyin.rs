//! Douyin's messages, as strict as its documentation: signed webhooks whose content is an object or a text, answers that must name what they
//! answer, tokens that end. What goes wrong, goes wrong by a seeded plan.

use super::courier::{Courier, Manner};
use super::plan::{Dice, Plan};
use super::wechat::wire::{call, cut, now_ms, query, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Multipart, Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

pub const KEY: &str = "ck";
pub const SECRET: &str = "client_secret";
/// The account that customers write to.
pub const OPEN_ID: &str = "open_id_B";
/// The refresh_token that the owner gave.
pub const FIRST_TOKEN: &str = "rft.sim";
/// 30 days, s.
const LASTS: i64 = 2_592_000;
/// What the owner gave is renewed so often.
const RENEWALS: u32 = 5;

/// How often a webhook is tried, and how long each waits for its answer.
const TRIES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Book {
    /// What customers call themselves.
    names: HashMap<String, String>,
    sent: Vec<(String, String)>,
    /// Where each of them stands: id → conversation and place.
    ours: HashMap<String, (String, usize)>,
    /// Places of those that were taken back.
    recalled: HashSet<usize>,
    refused: Vec<String>,
    /// Messages of customers: id → conversation and who.
    heard: HashMap<String, (String, String)>,
    images: HashMap<String, usize>,
    tokens: HashSet<String>,
    refresh: String,
    /// How long it is good, s, and how often it was renewed.
    lasts: i64,
    renewals: u32,
    /// The application has the right to renew.
    renews: bool,
    ended: bool,
    count: u64,
    /// Pictures of customers, by their number.
    shown: HashMap<u64, Bytes>,
    /// Of a thousand contents, so many are a text with an object in it.
    texts: u32,
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
        let book = Book { refresh: FIRST_TOKEN.into(), lasts: LASTS, renews: true, ..Book::default() };
        let dice = Dice::new(plan.seed);
        let inner = Arc::new(Inner { plan, dice, book: Mutex::new(book), courier: Mutex::default(), _running: running });
        let router = Router::new()
            .route("/im/send/msg/", post(send))
            .route("/im/recall/msg/", post(recall))
            .route("/tool/imagex/client_upload/", post(upload))
            .route("/shown/{number}", get(shown))
            .route("/oauth/refresh_token/", post(refresh))
            .route("/oauth/renew_refresh_token/", post(renew))
            .with_state(Arc::downgrade(&inner));
        let address = serve(router, stopped).await?;
        Ok(Sim { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn refresh_token(&self) -> String {
        self.book(|book| book.refresh.clone())
    }

    /// All access tokens end.
    pub fn end_token(&self) {
        self.book(|book| book.tokens.clear());
    }

    /// The authorisation is good for so many seconds more.
    pub fn lasts(&self, seconds: i64) {
        self.book(|book| book.lasts = seconds);
    }

    /// The platform takes the right to renew away.
    pub fn renews_no_more(&self) {
        self.book(|book| book.renews = false);
    }

    pub fn renewals(&self) -> u32 {
        self.book(|book| book.renewals)
    }

    /// The account's owner takes the authorisation back.
    pub fn end_authorisation(&self) {
        self.book(|book| book.ended = true);
    }

    /// To whom, and what.
    pub fn sent(&self) -> Vec<(String, String)> {
        self.book(|book| book.sent.clone())
    }

    /// What of it customers still see.
    pub fn seen(&self) -> Vec<String> {
        self.book(|book| {
            book.sent.iter().enumerate().filter(|(place, _)| !book.recalled.contains(place)).map(|(_, (_, what))| what.clone()).collect()
        })
    }

    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the house has answered to webhooks.
    pub fn answers(&self) -> Vec<u16> {
        self.inner.courier.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Courier::answers).unwrap_or_default()
    }

    /// Tries without end: what the platform gives up after three tries was never the house's.
    pub fn insists(&self) {
        self.book(|book| book.insists = true);
    }

    /// Of a thousand contents, so many are a text with an object in it.
    pub fn wraps(&self, of_thousand: u32) {
        self.book(|book| book.texts = of_thousand);
    }

    /// The console's test: a number must come back as a number.
    pub async fn configure(&self, hook: &str) -> anyhow::Result<()> {
        let body = json!({ "event": "verify_webhook", "client_key": KEY, "content": { "challenge": 12345 } }).to_string();
        let proof = proof(body.as_bytes());
        let headers: Vec<(&str, &str)> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, answer) = tokio::time::timeout(PATIENCE, call("POST", hook, &headers, body)).await??;
        let answer: Value = serde_json::from_slice(&answer)?;
        anyhow::ensure!(status == 200 && answer == json!({ "challenge": 12345 }), "the challenge did not come back: {status} {answer}");
        self.calls(hook);
        Ok(())
    }

    /// Where the house is from now on; it was tested before, or will be.
    pub fn calls(&self, hook: &str) {
        let hook = hook.to_owned();
        let tries = if self.book(|book| book.insists) { usize::MAX } else { TRIES };
        let manner = Manner { tries, patience: PATIENCE, taken: |status, _| status == 200 };
        let courier = Courier::with(Arc::new(move || hook.clone()), Arc::new(proof), manner, self.inner.plan);
        *self.inner.courier.lock().unwrap_or_else(PoisonError::into_inner) = Some(courier);
    }

    /// What a customer calls themselves.
    pub fn is_called(&self, user: &str, name: &str) {
        self.book(|book| book.names.insert(user.to_string(), name.to_owned()));
    }

    /// A customer writes, and the house is told soon.
    pub fn customer(&self, from: &str, text: &str) {
        self.heard(from, json!({ "message_type": "text", "text": text }));
    }

    /// A customer sends a picture, to an application that may know where it is.
    pub fn customer_shows(&self, from: &str, picture: &[u8]) {
        let number = self.book(|book| {
            book.count += 1;
            book.shown.insert(book.count, Bytes::copy_from_slice(picture));
            book.count
        });
        self.heard(from, json!({ "message_type": "user_local_image", "resource_url": format!("{}/shown/{number}", self.url()) }));
    }

    /// Somebody of the firm's writes with the platform's own app.
    pub fn firm(&self, to: &str, text: &str) {
        let id = self.book(|book| {
            book.count += 1;
            format!("@app{}", book.count)
        });
        self.tell("im_send_msg", (OPEN_ID, to), &format!("@conv-{to}"), &id, json!({ "message_type": "text", "text": text }));
    }

    fn heard(&self, from: &str, what: Value) {
        let conversation = format!("@conv-{from}");
        let id = self.book(|book| {
            book.count += 1;
            let id = format!("@smid{}", book.count);
            book.heard.insert(id.clone(), (conversation.clone(), from.to_owned()));
            id
        });
        self.tell("im_receive_msg", (from, OPEN_ID), &conversation, &id, what);
    }

    fn tell(&self, event: &str, (from, to): (&str, &str), conversation: &str, id: &str, what: Value) {
        let name = |who: &str| self.book(|book| book.names.get(who).cloned()).unwrap_or_else(|| format!("n-{who}"));
        let infos = [from, to].map(|who| json!({ "open_id": who, "nick_name": name(who), "avatar": "" }));
        let mut content = json!({ "conversation_short_id": conversation, "server_message_id": id, "conversation_type": 1, "create_time": now_ms(),
            "source": "", "user_infos": infos });
        if let (Some(content), Value::Object(what)) = (content.as_object_mut(), what) {
            content.extend(what);
        }
        let as_text = self.inner.dice.chance(self.book(|book| book.texts));
        let content = if as_text { Value::String(content.to_string()) } else { content };
        let body = json!({ "event": event, "client_key": KEY, "from_user_id": from, "to_user_id": to, "log_id": "x", "content": content });
        if let Some(courier) = &*self.inner.courier.lock().unwrap_or_else(PoisonError::into_inner) {
            courier.tell(body.to_string());
        }
    }

    fn refuse(&self, code: i64, description: &str) -> Response {
        self.book(|book| book.refused.push(code.to_string()));
        answer(json!({ "error_code": code, "description": description }))
    }
}

/// The platform's hash, which is no HMAC, and the id by which a delivery is known again.
fn proof(body: &[u8]) -> Vec<(&'static str, String)> {
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let signature = hex(&Sha1::new().chain_update(SECRET).chain_update(body).finalize());
    vec![("content-type", "application/json".into()), ("x-douyin-signature", signature), ("msg-id", hex(&Sha1::digest(body)))]
}

fn answer(data: Value) -> Response {
    let code = data["error_code"].as_i64().unwrap_or(0);
    axum::Json(
        json!({ "data": data, "extra": { "error_code": code, "description": "", "sub_error_code": 0, "logid": "x", "now": now_ms() } }),
    )
    .into_response()
}

fn sim(inner: &Weak<Inner>) -> Option<Sim> {
    Some(Sim { inner: inner.upgrade()?, address: SocketAddr::from(([127, 0, 0, 1], 0)) })
}

fn admitted(sim: &Sim, headers: &HeaderMap, asked: Option<String>) -> bool {
    let token = headers.get("access-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let account = query(&asked.unwrap_or_default(), "open_id");
    sim.book(|book| book.tokens.contains(token)) && account.as_deref() == Some(OPEN_ID)
}

async fn send(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if !admitted(&sim, &headers, asked) {
        return sim.refuse(28001008, "access_token过期,请刷新或重新授权");
    }
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (to, id) = (message["to_user_id"].as_str().unwrap_or_default(), message["msg_id"].as_str().unwrap_or_default());
    let known = sim.book(|book| book.heard.get(id).cloned());
    let right = known.is_some_and(|(conversation, who)| message["conversation_id"] == conversation.as_str() && who == to);
    if !right || message["scene"] != "im_reply_msg" {
        return sim.refuse(28001007, "参数不合法");
    }
    let content = &message["content"];
    let what = match content["msg_type"].as_i64() {
        Some(1) => content["text"]["text"].as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        Some(2) => {
            let image = content["image"]["media_id"].as_str().unwrap_or_default();
            sim.book(|book| book.images.get(image).map(|bytes| format!("image {bytes}")))
        }
        _ => None,
    };
    let Some(what) = what else { return sim.refuse(28001007, "参数不合法") };
    let plan = sim.inner.plan;
    if sim.inner.dice.chance(plan.busy) {
        return sim.refuse(28001005, "系统内部错误,请重试");
    }
    let id = sim.book(|book| {
        book.count += 1;
        let id = format!("@ours{}", book.count);
        book.ours.insert(id.clone(), (format!("@conv-{to}"), book.sent.len()));
        book.sent.push((to.to_owned(), what.clone()));
        id
    });
    if !sim.inner.dice.chance(plan.lost) {
        let echo = match content["msg_type"].as_i64() {
            Some(2) => json!({ "message_type": "image" }),
            _ => json!({ "message_type": "text", "text": what }),
        };
        sim.tell("im_send_msg", (OPEN_ID, to), &format!("@conv-{to}"), &id, echo);
    }
    if sim.inner.dice.chance(plan.cut) {
        return cut();
    }
    answer(json!({ "error_code": 0, "description": "", "msg_id": id }))
}

/// A message of the account's own, in its talk, once.
async fn recall(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if !admitted(&sim, &headers, asked) {
        return sim.refuse(28001008, "access_token过期,请刷新或重新授权");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let done = sim.book(|book| {
        let (conversation, place) = book.ours.get(asked["msg_id"].as_str().unwrap_or_default()).cloned().unwrap_or_default();
        asked["conversation_id"] == conversation.as_str() && asked["conversation_type"] == 1 && book.recalled.insert(place)
    });
    if done { answer(json!({ "error_code": 0, "description": "" })) } else { sim.refuse(28001007, "参数不合法") }
}

async fn upload(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, headers: HeaderMap, mut form: Multipart) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if !admitted(&sim, &headers, asked) {
        return sim.refuse(28001008, "access_token过期,请刷新或重新授权");
    }
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("image")
            && let Ok(bytes) = field.bytes().await
        {
            let id = format!("img{}", sim.inner.dice.roll());
            sim.book(|book| book.images.insert(id.clone(), bytes.len()));
            return answer(json!({ "error_code": 0, "image_id": id }));
        }
    }
    sim.refuse(28001007, "参数不合法")
}

async fn shown(State(inner): State<Weak<Inner>>, Path(number): Path<u64>) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match sim.book(|book| book.shown.get(&number).cloned()) {
        Some(bytes) => ([("content-type", "image/png")], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn refresh(State(inner): State<Weak<Inner>>, body: String) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let field = |name: &str| query(&body, name).unwrap_or_default();
    if field("client_key") != KEY || field("grant_type") != "refresh_token" || field("refresh_token") != sim.refresh_token() {
        return sim.refuse(10010, "refresh_token错误");
    }
    if sim.book(|book| book.ended) {
        return sim.refuse(10010, "refresh_token过期");
    }
    let token = format!("act.{}", sim.inner.dice.roll());
    sim.book(|book| book.tokens.insert(token.clone()));
    answer(json!({ "error_code": 0, "access_token": token, "expires_in": 1_296_000, "refresh_token": sim.refresh_token(),
        "refresh_expires_in": sim.book(|book| book.lasts), "open_id": OPEN_ID, "scope": "im" }))
}

/// The former one is void at once.
async fn renew(State(inner): State<Weak<Inner>>, body: String) -> Response {
    let Some(sim) = sim(&inner) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let field = |name: &str| query(&body, name).unwrap_or_default();
    if field("client_key") != KEY || field("refresh_token") != sim.refresh_token() || sim.book(|book| book.ended) {
        return sim.refuse(10010, "refresh_token过期");
    }
    if !sim.book(|book| book.renews) {
        return sim.refuse(28001018, "应用未获得该能力");
    }
    if sim.renewals() >= RENEWALS {
        return sim.refuse(10020, "refresh_token刷新次数超过限制");
    }
    sim.book(|book| {
        book.renewals += 1;
        book.refresh = format!("rft.sim{}", book.renewals);
        book.lasts = LASTS;
    });
    answer(json!({ "error_code": 0, "description": "", "refresh_token": sim.refresh_token(), "expires_in": LASTS }))
}
