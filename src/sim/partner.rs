//! A platform that no connector knows, with JSON of its own: the one in `docs/channel.md` that is connected by a profile. It signs by MD5, tells
//! several events at once, and has a code for each refusal.

use super::courier::{Courier, Manner, Sign};
use super::plan::{Dice, Plan};
use super::web;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What it wants to hear of whoever it tells.
const HEARD: &[u8] = br#"{"result":1}"#;

/// One message at a customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub to: String,
    pub text: String,
}

/// A running platform.
#[derive(Clone)]
pub struct Partner {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    secret: String,
    token: String,
    plan: Plan,
    dice: Dice,
    book: Mutex<Book>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Book {
    sent: Vec<Sent>,
    refused: Vec<String>,
    courier: Option<Courier>,
    picture: Bytes,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Partner {
    /// Listens on loopback; it signs with `secret`, and whoever sends shows `token`.
    pub async fn open(secret: &str, token: &str, plan: Plan) -> std::io::Result<Partner> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inner = Arc::new_cyclic(|weak: &Weak<Inner>| {
            let router = Router::new().route("/im/send", post(take)).route("/picture.png", get(picture)).with_state(weak.clone());
            let tasks = vec![web::serve(listener, router)];
            let (secret, token) = (secret.to_owned(), token.to_owned());
            Inner { secret, token, plan, dice: Dice::new(plan.seed), book: Mutex::default(), tasks }
        });
        Ok(Partner { inner, address })
    }

    /// Where messages are sent.
    pub fn url(&self) -> String {
        format!("http://{}/im/send", self.address)
    }

    pub fn calls(&self, hook: &str) {
        let (secret, hook) = (self.inner.secret.clone(), hook.to_owned());
        let sign: Sign = Arc::new(move |body: &[u8]| {
            let signature = Md5::new().chain_update(body).chain_update(&secret).finalize();
            vec![("x-partner-sign", hex::encode(signature))]
        });
        let manner = Manner { taken: |status, answer| status == 200 && answer == HEARD, ..Manner::default() };
        let courier = Courier::with(Arc::new(move || hook.clone()), sign, manner, self.inner.plan);
        self.inner.book(|book| book.courier = Some(courier));
    }

    pub fn customer_writes(&self, id: u64, from: &str, text: &str) {
        self.inner.tells(json!({ "message_id": id, "open_id": from, "nick": "小林", "content": text, "timestamp": web::millis() }));
    }

    /// With a picture that the house fetches from us.
    pub fn customer_sends(&self, id: u64, from: &str, text: &str, picture: &[u8]) {
        self.inner.book(|book| book.picture = Bytes::copy_from_slice(picture));
        let picture = format!("http://{}/picture.png", self.address);
        self.inner.tells(
            json!({ "message_id": id, "open_id": from, "nick": "小林", "content": text, "picture": picture, "timestamp": web::millis() }),
        );
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.inner.book(|book| book.sent.clone())
    }

    pub fn refused(&self) -> Vec<String> {
        self.inner.book(|book| book.refused.clone())
    }
}

impl Inner {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A message, and beside it something that concerns nobody here.
    fn tells(&self, message: Value) {
        self.tell(&json!([{ "event": "PRIVATE_MESSAGE", "data": message }, { "event": "LIKED", "data": { "open_id": "o-2" } }]));
    }

    fn tell(&self, events: &Value) {
        if let Some(courier) = self.book(|book| book.courier.clone()) {
            courier.tell(json!({ "events": events }).to_string());
        }
    }

    /// It refuses with status 200.
    fn refuse(&self, code: u32, why: &str) -> Response {
        self.book(|book| book.refused.push(why.to_owned()));
        web::json(200, &json!({ "code": code, "message": why }))
    }
}

async fn picture(State(inner): State<Weak<Inner>>) -> Response {
    inner.upgrade().map_or_else(|| StatusCode::NOT_FOUND.into_response(), |inner| inner.book(|book| book.picture.clone()).into_response())
}

async fn take(State(inner): State<Weak<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if inner.dice.chance(inner.plan.busy) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if headers.get("access-token").is_none_or(|token| token != inner.token.as_str()) {
        return inner.refuse(1004, "no such token");
    }
    if inner.dice.chance(inner.plan.flood) {
        return web::json(200, &json!({ "code": 1003, "message": "too often" }));
    }
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let field = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (to, text) = (field("/open_id"), field("/content/text"));
    if to.is_empty() || text.is_empty() || field("/content/type") != "text" || field("/client_id").is_empty() {
        return inner.refuse(1, "something is missing");
    }
    let id = inner.book(|book| {
        book.sent.push(Sent { to, text });
        9_000 + book.sent.len()
    });
    if !inner.dice.chance(inner.plan.lost) {
        inner.tell(&json!([{ "event": "MESSAGE_STATE", "data": { "message_id": id, "state": "DONE" } }]));
    }
    if inner.dice.chance(inner.plan.cut) {
        return web::cut();
    }
    web::json(200, &json!({ "code": 0, "data": { "message_id": id } }))
}
