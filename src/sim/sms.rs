//! A gateway for text messages: takes what Hubline sends as strictly as a provider would, shows it on simulated telephones, tells receipts
//! and replies, and fails on purpose by a seeded plan. Its wire and its signatures are its own.

use super::courier::{Courier, Sign};
use super::plan::Plan;
use super::web::millis;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Html;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What shall go wrong, of a thousand each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// The text is taken and the answer is 500: the sender cannot know.
    pub taken_but_500: u32,
    /// Nothing is taken, 503.
    pub busy: u32,
    /// The connection is cut after the text was taken.
    pub cut: u32,
    /// A receipt, or what a customer writes, is told twice.
    pub twice: u32,
    /// It is told after the next ones.
    pub late: u32,
    /// A receipt is never told.
    pub lost: u32,
    pub seed: u64,
}

/// One text on a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub id: String,
    pub to: String,
    pub text: String,
    pub parts: usize,
}

/// A running gateway; stops with its last clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    secret: String,
    state: Mutex<Book>,
    arrived: watch::Sender<usize>,
    trouble: Trouble,
}

#[derive(Default)]
struct Book {
    texts: Vec<Text>,
    /// Idempotency keys that were taken.
    taken: HashSet<String>,
    refused: Vec<String>,
    /// Where replies of a number go.
    hooks: HashMap<String, String>,
    /// Where customers write who were not written to.
    hook: String,
    couriers: HashMap<String, Courier>,
    dice: u64,
    requests: usize,
}

impl Gateway {
    /// Listens on loopback; both sides sign with `secret`.
    pub async fn open(secret: &str, trouble: Trouble) -> std::io::Result<Gateway> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Mutex::new(Book { dice: trouble.seed | 1, ..Book::default() });
        let inner = Arc::new(Inner { secret: secret.to_owned(), state, arrived: watch::channel(0).0, trouble });
        let weak = Arc::downgrade(&inner);
        let router = Router::new().route("/messages", post(take)).route("/", get(telephones)).with_state(weak);
        tokio::spawn(async move { axum_serve(listener, router).await });
        Ok(Gateway { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}/messages", self.address)
    }

    /// Every text so far, in the order in which they came.
    pub fn texts(&self) -> Vec<Text> {
        self.book(|book| book.texts.clone())
    }

    /// Why requests were refused.
    pub fn refused(&self) -> Vec<String> {
        self.book(|book| book.refused.clone())
    }

    /// Requests heard, whatever became of them.
    pub fn requests(&self) -> usize {
        self.book(|book| book.requests)
    }

    /// Waits for the nth text, counted from 1.
    pub async fn text(&self, nth: usize, within: Duration) -> Option<Text> {
        let mut arrived = self.inner.arrived.subscribe();
        let there = tokio::time::timeout(within, arrived.wait_for(|count| *count >= nth)).await;
        there.ok()?.ok()?;
        self.book(|book| book.texts.get(nth - 1).cloned())
    }

    /// A customer answers by their telephone; gives the status of the hook.
    pub async fn reply(&self, from: &str, id: &str, text: &str) -> anyhow::Result<u16> {
        let hook = self.book(|book| book.hooks.get(from).cloned()).ok_or_else(|| anyhow::anyhow!("nobody wrote to {from}"))?;
        self.tell(&hook, &json!({ "type": "message", "id": id, "from": from, "text": text }).to_string(), None).await
    }

    /// Where customers write by `customer_writes`.
    pub fn calls(&self, hook: &str) {
        self.book(|book| hook.clone_into(&mut book.hook));
    }

    /// A customer writes, and it is told until the house has it.
    pub fn customer_writes(&self, id: &str, from: &str, text: &str) {
        let message = json!({ "type": "message", "id": id, "from": from, "text": text, "at": millis() });
        self.courier(&self.book(|book| book.hook.clone())).tell(message.to_string());
    }

    fn courier(&self, hook: &str) -> Courier {
        let Trouble { twice, late, seed, .. } = self.inner.trouble;
        self.book(|book| {
            let start = || {
                let secret = self.inner.secret.clone();
                let sign: Sign = Arc::new(move |body: &[u8]| {
                    let (timestamp, signature) = signed(&secret, body);
                    vec![("x-hubline-timestamp", timestamp), ("x-hubline-signature", signature)]
                });
                Courier::start(hook.to_owned(), sign, Plan { twice, late, seed, ..Plan::default() })
            };
            book.couriers.entry(hook.to_owned()).or_insert_with(start).clone()
        })
    }

    /// Posts a hook; `signature` instead of our own, to see it refused.
    pub async fn tell(&self, hook: &str, body: &str, signature: Option<&str>) -> anyhow::Result<u16> {
        let (timestamp, own) = signed(&self.inner.secret, body.as_bytes());
        let url: http::Uri = hook.parse()?;
        let host = url.authority().ok_or_else(|| anyhow::anyhow!("{hook} has no host"))?.to_string();
        let stream = TcpStream::connect(&host).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = http::Request::post(url.path())
            .header("host", host)
            .header("content-type", "application/json")
            .header("x-hubline-timestamp", timestamp)
            .header("x-hubline-signature", signature.unwrap_or(&own))
            .body(Full::new(Bytes::from(body.to_owned())))?;
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        response.into_body().collect().await?;
        Ok(status)
    }

    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.inner.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn chance(&self, of_thousand: u32) -> bool {
        self.book(|book| {
            // SplitMix64: the same seed gives the same troubles.
            book.dice = book.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = book.dice;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % 1_000 < u64::from(of_thousand)
        })
    }
}

async fn axum_serve(listener: TcpListener, router: Router) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let router = router.clone();
        tokio::spawn(async move {
            let service = hyper_util::service::TowerToHyperService::new(router);
            // A sender that goes away is nothing to us.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn take(State(inner): State<std::sync::Weak<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let gateway = Gateway { inner, address };
    gateway.book(|book| book.requests += 1);
    let trouble = gateway.inner.trouble;
    if gateway.chance(trouble.busy) {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response();
    }
    match check(&gateway.inner.secret, &headers, &body) {
        Err(error) => {
            gateway.book(|book| book.refused.push(error.clone()));
            let status = if error.contains("signature") { StatusCode::UNAUTHORIZED } else { StatusCode::UNPROCESSABLE_ENTITY };
            (status, axum::Json(json!({ "error": error }))).into_response()
        }
        Ok((key, message, hook)) => {
            let fresh = gateway.book(|book| book.taken.insert(key));
            if !fresh {
                return StatusCode::CONFLICT.into_response();
            }
            let count = gateway.book(|book| {
                if let Some(hook) = &hook {
                    book.hooks.insert(message.to.clone(), hook.clone());
                }
                book.texts.push(message.clone());
                book.texts.len()
            });
            gateway.inner.arrived.send_replace(count);
            if let Some(hook) = hook {
                tokio::spawn(receipt(gateway.clone(), hook, message.id.clone()));
            }
            if gateway.chance(trouble.cut) {
                // hyper closes a connection whose body fails: the sender sees no answer.
                let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
                return Response::new(axum::body::Body::from_stream(broken));
            }
            if gateway.chance(trouble.taken_but_500) {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            (StatusCode::ACCEPTED, axum::Json(json!({ "id": format!("gw-{count}") }))).into_response()
        }
    }
}

/// What the telephones show, newest first; links can be followed.
async fn telephones(State(inner): State<std::sync::Weak<Inner>>) -> Html<String> {
    let texts = inner.upgrade().map(|inner| inner.state.lock().unwrap_or_else(PoisonError::into_inner).texts.clone()).unwrap_or_default();
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let word = |word: &str| {
        let plain = escape(word);
        if word.starts_with("http") { format!("<a href=\"{plain}\">{plain}</a>") } else { plain }
    };
    let item = |text: &Text| {
        let words: Vec<String> = text.text.split(' ').map(word).collect();
        format!("<li><b>{}</b><p>{}</p></li>", escape(&text.to), words.join(" "))
    };
    let list: String = texts.iter().rev().map(item).collect();
    let head = "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Simulated telephones</title>";
    Html(format!("{head}<h1>Simulated telephones</h1><ul>{list}</ul>"))
}

/// Delivered, a moment later.
async fn receipt(gateway: Gateway, hook: String, id: String) {
    tokio::time::sleep(Duration::from_millis(50)).await;
    if !gateway.chance(gateway.inner.trouble.lost) {
        gateway.courier(&hook).tell(json!({ "type": "receipt", "id": id, "state": "delivered" }).to_string());
    }
}

/// What a provider refuses: a wrong signature, numbers that are none, texts without a word or too long, parts counted wrongly.
fn check(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<(String, Text, Option<String>), String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let timestamp = header("x-hubline-timestamp");
    let mut signed = timestamp.as_bytes().to_vec();
    signed.push(b'.');
    signed.extend(body);
    if header("x-hubline-signature") != format!("v1={}", hmac(secret.as_bytes(), &signed)) {
        return Err("wrong signature".into());
    }
    let age = timestamp.parse::<u64>().map_or(u64::MAX, |at| at.abs_diff(seconds()));
    if age > 300 {
        return Err("the signature is too old".into());
    }
    let key = header("idempotency-key");
    if key.is_empty() {
        return Err("no idempotency key".into());
    }
    let message: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let field = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let (id, to, text) = (field("id"), field("to"), field("text"));
    let digits = to.strip_prefix('+').unwrap_or_default();
    if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("{to} is no number"));
    }
    if text.trim().is_empty() || id.is_empty() || field("from").is_empty() {
        return Err("something is missing".into());
    }
    // Counted roughly and from above: plain ASCII is all in GSM 7-bit, everything else is taken for UCS-2.
    let plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ' || c == '\n')
        && !text.contains(['^', '{', '}', '\\', '[', '~', ']', '|', '`']);
    let units = if plain { text.len() } else { text.encode_utf16().count() };
    let (alone, each) = if plain { (160, 153) } else { (70, 67) };
    let parts = if units <= alone { 1 } else { units.div_ceil(each) };
    let told = message["parts"].as_u64().and_then(|parts| usize::try_from(parts).ok()).unwrap_or(0);
    if plain && told != parts {
        return Err(format!("{parts} parts, not {told}"));
    }
    if parts > 10 {
        return Err("too long".into());
    }
    Ok((key.to_owned(), Text { id, to, text, parts: told }, message["callback"].as_str().map(str::to_owned)))
}

/// The two headers of whoever tells this now.
fn signed(secret: &str, body: &[u8]) -> (String, String) {
    let timestamp = seconds().to_string();
    let signature = format!("v1={}", hmac(secret.as_bytes(), &[timestamp.as_bytes(), b".", body].concat()));
    (timestamp, signature)
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// HMAC-SHA256 as RFC 2104 writes it, in hex.
fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut block = [0u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |byte: u8| block.map(|b| b ^ byte);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    hex::encode(Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

#[cfg(test)]
mod tests {
    use super::hmac;

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        assert_eq!(hmac(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(hmac(b"Jefe", b"what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
