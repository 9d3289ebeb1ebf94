//! Douyin's messages, as strict as its documentation: signed webhooks whose content is an object or a text, answers that must name what they
//! answer, tokens that end.

use super::wechat::wire::{Dice, call, cut, now_ms, query, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Multipart, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
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

/// What shall go wrong, of a thousand each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// A webhook comes twice.
    pub twice: u32,
    /// Its content is a text with an object in it.
    pub text: u32,
    /// A message is taken, and the connection is cut before its answer.
    pub cut: u32,
    pub seed: u64,
}

#[derive(Default)]
struct Book {
    sent: Vec<(String, String)>,
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
    dice: Dice,
    count: u64,
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
        let book = Book { dice: Dice(plan.seed | 1), refresh: FIRST_TOKEN.into(), lasts: LASTS, renews: true, ..Book::default() };
        let inner = Arc::new(Inner { plan, book: Mutex::new(book), hook: Mutex::default(), _running: running });
        let router = Router::new()
            .route("/im/send/msg/", post(send))
            .route("/tool/imagex/client_upload/", post(upload))
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

    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The console's test: a number must come back as a number.
    pub async fn configure(&self, hook: &str) -> anyhow::Result<()> {
        *self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook.to_owned();
        let body = json!({ "event": "verify_webhook", "client_key": KEY, "content": { "challenge": 12345 } }).to_string();
        let (status, answer) = self.post(&body, "verify").await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        anyhow::ensure!(status == 200 && answer == json!({ "challenge": 12345 }), "the challenge did not come back: {status} {answer}");
        Ok(())
    }

    async fn post(&self, body: &str, id: &str) -> anyhow::Result<(u16, Bytes)> {
        let hook = self.inner.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let digest = Sha1::digest(format!("{SECRET}{body}"));
        let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let headers = [("content-type", "application/json"), ("x-douyin-signature", signature.as_str()), ("msg-id", id)];
        tokio::time::timeout(Duration::from_secs(5), call("POST", &hook, &headers, body.to_owned())).await?
    }

    /// A customer writes.
    pub async fn customer(&self, from: &str, text: &str) {
        let conversation = format!("@conv-{from}");
        let id = self.book(|book| {
            book.count += 1;
            let id = format!("@smid{}", book.count);
            book.heard.insert(id.clone(), (conversation.clone(), from.to_owned()));
            id
        });
        self.tell("im_receive_msg", from, OPEN_ID, &conversation, &id, text).await;
    }

    async fn tell(&self, event: &str, from: &str, to: &str, conversation: &str, id: &str, text: &str) {
        let infos = [from, to].map(|who| json!({ "open_id": who, "nick_name": format!("n-{who}"), "avatar": "" }));
        let content = json!({ "conversation_short_id": conversation, "server_message_id": id, "conversation_type": 1, "create_time": now_ms(),
            "source": "", "message_type": "text", "text": text, "user_infos": infos });
        let plan = self.inner.plan;
        let (as_text, twice) = self.book(|book| (book.dice.chance(plan.text), book.dice.chance(plan.twice)));
        let content = if as_text { Value::String(content.to_string()) } else { content };
        let body = json!({ "event": event, "client_key": KEY, "from_user_id": from, "to_user_id": to, "log_id": "x", "content": content })
            .to_string();
        for _ in 0..if twice { 2 } else { 1 } {
            for _ in 0..3 {
                match self.post(&body, id).await {
                    Ok((200, _)) => break,
                    Ok((status, _)) => self.book(|book| book.refused.push(format!("the house says {status}"))),
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        }
    }

    fn refuse(&self, code: i64, description: &str) -> Response {
        self.book(|book| book.refused.push(code.to_string()));
        answer(json!({ "error_code": code, "description": description }))
    }
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
    let (id, count) = sim.book(|book| {
        book.sent.push((to.to_owned(), what.clone()));
        book.count += 1;
        (format!("@ours{}", book.count), book.sent.len())
    });
    let (teller, to, echo) = (sim.clone(), to.to_owned(), id.clone());
    tokio::spawn(async move {
        let conversation = format!("@conv-{to}");
        // In the order in which they were sent.
        tokio::time::sleep(Duration::from_millis(5 * count as u64)).await;
        teller.tell("im_send_msg", OPEN_ID, &to, &conversation, &echo, &what).await;
    });
    if sim.book(|book| book.dice.chance(sim.inner.plan.cut)) {
        return cut();
    }
    answer(json!({ "error_code": 0, "description": "", "msg_id": id }))
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
            let id = sim.book(|book| {
                let id = format!("img{}", book.dice.roll());
                book.images.insert(id.clone(), bytes.len());
                id
            });
            return answer(json!({ "error_code": 0, "image_id": id }));
        }
    }
    sim.refuse(28001007, "参数不合法")
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
    let token = sim.book(|book| {
        let token = format!("act.{}", book.dice.roll());
        book.tokens.insert(token.clone());
        token
    });
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
