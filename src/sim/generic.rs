//! A program between a house and a platform, as `docs/channel.md` describes it: signs and checks by Standard Webhooks, sends nothing twice.

use super::courier::{Courier, Sign};
use super::keyed::hmac;
use super::plan::{Dice, Plan};
use super::web;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderMap, StatusCode};
use ring::digest::SHA256;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running program.
#[derive(Clone)]
pub struct Bridge {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    secret: Vec<u8>,
    plan: Plan,
    dice: Dice,
    book: Mutex<Book>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Book {
    sent: Vec<Value>,
    signals: Vec<Value>,
    refused: Vec<String>,
    known: BTreeSet<String>,
    courier: Option<Courier>,
    file: Bytes,
    seq: u64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Bridge {
    /// Listens on loopback; `secret` is `whsec_…`.
    pub async fn open(secret: &str, plan: Plan) -> anyhow::Result<Bridge> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let secret = BASE64.decode(secret.strip_prefix("whsec_").unwrap_or(secret))?;
        let inner = Arc::new_cyclic(|weak: &Weak<Inner>| {
            let router = Router::new().route("/", post(take)).route("/file.png", get(file)).with_state(weak.clone());
            Inner { secret, plan, dice: Dice::new(plan.seed), book: Mutex::default(), tasks: vec![web::serve(listener, router)] }
        });
        Ok(Bridge { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Where the house is called.
    pub fn calls(&self, hook: &str) {
        let secret = self.inner.secret.clone();
        let sign: Sign = Arc::new(move |body: &[u8]| headers(&secret, &format!("msg_{:x}", crc(body)), web::millis() / 1_000, body));
        let courier = Courier::start(hook.to_owned(), sign, self.inner.plan);
        self.inner.book(|book| book.courier = Some(courier));
    }

    /// Tells the house anything.
    pub fn tells(&self, event: &Value) {
        if let Some(courier) = self.inner.book(|book| book.courier.clone()) {
            courier.tell(event.to_string());
        }
    }

    pub fn customer_writes(&self, id: &str, from: &str, text: &str) {
        self.tells(&json!({ "type": "message", "id": id, "from": { "id": from, "name": "Robin" }, "text": text, "at": web::millis(), "seq": self.next() }));
    }

    /// With a picture that the house fetches from us.
    pub fn customer_sends(&self, id: &str, from: &str, text: &str, picture: &[u8]) {
        self.inner.book(|book| book.file = Bytes::copy_from_slice(picture));
        let media = [json!({ "name": "file.png", "url": format!("http://{}/file.png", self.address) })];
        self.tells(&json!({ "type": "message", "id": id, "from": { "id": from, "name": "Robin" }, "text": text, "media": media, "at": web::millis(), "seq": self.next() }));
    }

    fn next(&self) -> u64 {
        self.inner.book(|book| {
            book.seq += 1;
            book.seq
        })
    }

    /// Messages that the house sent, each once.
    pub fn sent(&self) -> Vec<Value> {
        self.inner.book(|book| book.sent.clone())
    }

    pub fn signals(&self) -> Vec<Value> {
        self.inner.book(|book| book.signals.clone())
    }

    pub fn refused(&self) -> Vec<String> {
        self.inner.book(|book| book.refused.clone())
    }

    pub fn answers(&self) -> Vec<u16> {
        self.inner.book(|book| book.courier.clone()).map(|courier| courier.answers()).unwrap_or_default()
    }
}

impl Inner {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The three headers of Standard Webhooks.
pub fn headers(secret: &[u8], id: &str, seconds: i64, body: &[u8]) -> Vec<(&'static str, String)> {
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    let signature = format!("v1,{}", BASE64.encode(hmac(&SHA256, secret, &signed)));
    vec![("webhook-id", id.to_owned()), ("webhook-timestamp", seconds.to_string()), ("webhook-signature", signature)]
}

/// A short name of a body: the same event has the same one.
fn crc(body: &[u8]) -> u64 {
    body.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

async fn file(State(inner): State<Weak<Inner>>) -> Response {
    inner.upgrade().map_or_else(|| StatusCode::NOT_FOUND.into_response(), |inner| inner.book(|book| book.file.clone()).into_response())
}

async fn take(State(inner): State<Weak<Inner>>, told: HeaderMap, body: Bytes) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let header = |name: &str| told.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let refuse = |status: u16, why: &str| {
        inner.book(|book| book.refused.push(why.to_owned()));
        web::json(status, &json!({ "error": why }))
    };
    let (id, at) = (header("webhook-id"), header("webhook-timestamp").parse::<i64>().unwrap_or_default());
    let wanted = headers(&inner.secret, &id, at, &body).pop().map(|(_, signature)| signature);
    if wanted != Some(header("webhook-signature")) || at.abs_diff(web::millis() / 1_000) > 300 {
        return refuse(401, "wrong signature");
    }
    if inner.dice.chance(inner.plan.busy) {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response();
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return refuse(400, "not JSON") };
    match event["type"].as_str() {
        Some("message") => {}
        Some("edit" | "recall") => return amend(&inner, &id, &event),
        Some("ping") => return web::json(200, &json!({})),
        Some("typing" | "read") => {
            inner.book(|book| book.signals.push(event));
            return web::json(200, &json!({}));
        }
        _ => return refuse(400, "unknown type"),
    }
    let number = |name: &str| event[name].as_u64().unwrap_or(0);
    if event["id"] != id.as_str()
        || event["to"].as_str().unwrap_or_default().is_empty()
        || number("part") == 0
        || number("part") > number("parts")
    {
        return refuse(400, "something is missing");
    }
    if !inner.book(|book| book.known.insert(id.clone())) {
        return web::json(409, &json!({}));
    }
    inner.book(|book| book.sent.push(event));
    if !inner.dice.chance(inner.plan.lost)
        && let Some(courier) = inner.book(|book| book.courier.clone())
    {
        courier.tell(json!({ "type": "receipt", "id": id, "state": "delivered" }).to_string());
    }
    if inner.dice.chance(inner.plan.cut) {
        return web::cut();
    }
    web::json(200, &json!({ "id": format!("bridge-{id}") }))
}

/// A message that was sent gets other words, or is gone: once, by its own names.
fn amend(inner: &Inner, id: &str, event: &Value) -> Response {
    let refuse = |why: &str| {
        inner.book(|book| book.refused.push(why.to_owned()));
        web::json(400, &json!({ "error": why }))
    };
    let named: Vec<&str> = event["messages"].as_array().into_iter().flatten().filter_map(|message| message["id"].as_str()).collect();
    if event["id"] != id || named.is_empty() {
        return refuse("something is missing");
    }
    let done = inner.book(|book| {
        if book.known.contains(id) {
            return Err(409);
        }
        if named.iter().any(|name| !book.sent.iter().any(|sent| sent["id"] == **name && sent["to"] == event["to"])) {
            return Err(400);
        }
        match event["type"].as_str() {
            Some("edit") => {
                let of = |sent: &&mut Value| sent["id"] == named[0];
                book.sent.iter_mut().filter(of).for_each(|sent| sent["text"] = event["text"].clone());
            }
            _ => book.sent.retain(|sent| !named.iter().any(|name| sent["id"] == **name)),
        }
        book.known.insert(id.to_owned());
        Ok(())
    });
    match done {
        Ok(()) if inner.dice.chance(inner.plan.cut) => web::cut(),
        Ok(()) => web::json(200, &json!({})),
        Err(409) => web::json(409, &json!({})),
        Err(_) => refuse("no such message"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn it_signs_as_standard_webhooks_say() {
        let secret = BASE64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let signed = headers(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
