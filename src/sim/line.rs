//! LINE as an official account sees it: signed events, tokens for one reply within a minute, pushes that are counted by the month and known by their
//! retry key, files that take a while to be ready.

use super::courier::{Courier, Sign};
use super::plan::{Dice, Plan};
use super::web::{self, cut, hmac, json as answer, millis, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A token for a reply is good for so long, ms.
const REPLY_MS: i64 = 60_000;
/// Tokens of the account, when they are fetched, s.
const TOKEN_S: u64 = 900;

/// What the account has sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub id: String,
    pub to: String,
    pub text: String,
    /// Where LINE fetches the picture that it shows.
    pub picture: Option<String>,
    /// Labels and data of what may be tapped.
    pub items: Vec<(String, String)>,
    /// It was a reply, which is free.
    pub reply: bool,
}

/// A running Messaging API; stops when dropped.
pub struct Line {
    house: Arc<House>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct House {
    secret: String,
    plan: Plan,
    dice: Dice,
    skew: AtomicI64,
    courier: Mutex<Option<Courier>>,
    state: Mutex<Book>,
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Book {
    /// Tokens that are good; fetched ones among them.
    tokens: HashSet<String>,
    /// Whose they are, and since when.
    replies: HashMap<String, (String, i64)>,
    /// Pushes by their retry key.
    pushed: HashMap<String, String>,
    /// What customers call themselves.
    names: HashMap<String, String>,
    users: HashSet<String>,
    blocked: HashSet<String>,
    /// Bytes, and how often they are not ready yet.
    files: HashMap<String, (Bytes, u32)>,
    sent: Vec<Sent>,
    refused: Vec<String>,
    loading: Vec<String>,
    read: Vec<String>,
    /// Pushes that are left this month.
    left: Option<u64>,
    next: u64,
}

impl Line {
    /// An account with this secret and this long-lived token.
    pub async fn open(secret: &str, token: &str, plan: Plan) -> std::io::Result<Line> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Mutex::new(Book { tokens: HashSet::from([token.to_owned()]), ..Book::default() });
        let (dice, moved, skew) = (Dice::new(plan.seed), watch::channel(0).0, AtomicI64::new(0));
        let house = Arc::new(House { secret: secret.to_owned(), plan, dice, skew, courier: Mutex::default(), state, moved });
        let router = Router::new()
            .route("/oauth2/v3/token", post(token_of))
            .route("/v2/bot/message/{id}/content", get(content))
            .route("/v2/bot/{*rest}", get(ask).post(tell))
            .with_state(Arc::clone(&house));
        Ok(Line { house, address, server: serve(listener, router) })
    }

    /// The configuration's `base_url` and `data_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The console's webhook is set to this address.
    pub fn calls(&self, hook: &str) {
        let secret = self.house.secret.clone();
        let sign: Sign = Arc::new(move |body: &[u8]| vec![("X-Line-Signature", signature(&secret, body))]);
        let courier = Courier::start(hook.to_owned(), sign, self.house.plan);
        *self.house.courier.lock().unwrap_or_else(PoisonError::into_inner) = Some(courier);
    }

    /// The console's button "Verify".
    pub fn verify(&self) {
        self.house.bring(&json!({ "destination": "Ubot", "events": [] }));
    }

    /// What a customer calls themselves.
    pub fn is_called(&self, user: &str, name: &str) {
        self.house.book(|book| book.names.insert(user.to_string(), name.to_owned()));
    }

    /// A customer writes; the message's id.
    pub fn customer_writes(&self, user: &str, text: &str) -> String {
        self.customer_sends(user, json!({ "type": "text", "text": text }))
    }

    /// A customer sends a message with this content.
    pub fn customer_sends(&self, user: &str, content: Value) -> String {
        let id = self.house.id("4");
        let mut message = json!({ "id": id, "quoteToken": "q", "markAsReadToken": format!("read-{id}") });
        if let (Some(message), Value::Object(content)) = (message.as_object_mut(), content) {
            message.extend(content);
        }
        self.event(user, "message", json!({ "message": message }));
        id
    }

    /// Something happens.
    pub fn event(&self, user: &str, kind: &str, content: Value) {
        let (now, reply, id) = (self.house.now(), self.house.id("r"), self.house.id("01H"));
        let mut event = json!({
            "type": kind, "mode": "active", "timestamp": now, "webhookEventId": id, "deliveryContext": { "isRedelivery": false },
            "source": { "type": "user", "userId": user },
        });
        if let (Some(event), Value::Object(content)) = (event.as_object_mut(), content) {
            if matches!(kind, "message" | "postback" | "follow") {
                event.insert("replyToken".into(), reply.as_str().into());
            }
            event.extend(content);
        }
        self.house.book(|book| {
            book.users.insert(user.to_owned());
            book.replies.insert(reply, (user.to_owned(), now));
        });
        self.house.bring(&json!({ "destination": "Ubot", "events": [event] }));
    }

    /// A file that is named by a message's id, and so often not ready.
    pub fn file(&self, message: &str, bytes: impl Into<Bytes>, unready: u32) {
        self.house.book(|book| book.files.insert(message.to_owned(), (bytes.into(), unready)));
    }

    pub fn customer_blocks(&self, user: &str) {
        self.house.book(|book| book.blocked.insert(user.to_owned()));
        self.event(user, "unfollow", json!({}));
    }

    /// So many pushes are left this month.
    pub fn quota(&self, left: u64) {
        self.house.book(|book| book.left = Some(left));
    }

    /// No token is good any more.
    pub fn forget_tokens(&self) {
        self.house.book(|book| book.tokens.clear());
    }

    /// Time goes by.
    pub fn later(&self, ms: i64) {
        self.house.skew.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.house.book(|book| book.sent.clone())
    }

    /// Waits until so many messages were sent.
    pub async fn sent_by(&self, count: usize, within: Duration) -> Vec<Sent> {
        web::waited(&self.house.moved, within, || self.house.book(|book| book.sent.len() >= count)).await;
        self.sent()
    }

    pub fn refused(&self) -> Vec<String> {
        self.house.book(|book| book.refused.clone())
    }

    /// Who saw that somebody writes, and which messages were marked as read.
    pub fn shown(&self) -> (Vec<String>, Vec<String>) {
        self.house.book(|book| (book.loading.clone(), book.read.clone()))
    }

    pub fn answers(&self) -> Vec<u16> {
        self.house.courier.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Courier::answers).unwrap_or_default()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// `X-Line-Signature` of a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    BASE64.encode(hmac(secret.as_bytes(), body))
}

type Refusal = (u16, String);

impl House {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> i64 {
        millis().saturating_add(self.skew.load(Ordering::Relaxed))
    }

    fn id(&self, prefix: &str) -> String {
        self.book(|book| {
            book.next += 1;
            format!("{prefix}{:010}", book.next)
        })
    }

    fn bring(&self, body: &Value) {
        if let Some(courier) = &*self.courier.lock().unwrap_or_else(PoisonError::into_inner) {
            courier.tell(body.to_string());
        }
    }

    fn authorised(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get("authorization").and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        let good = given.is_some_and(|given| self.book(|book| book.tokens.contains(given)));
        if good {
            Ok(())
        } else {
            Err((401, "Authentication failed. Confirm that the access token in the authorization header is valid.".into()))
        }
    }

    fn refuse(&self, (status, message): Refusal) -> Response {
        self.book(|book| book.refused.push(format!("{status} {message}")));
        answer(status, &json!({ "message": message }))
    }
}

async fn token_of(State(house): State<Arc<House>>, body: String) -> Response {
    let part = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default().to_owned();
    if part("grant_type") != "client_credentials" || part("client_id").is_empty() || part("client_secret") != house.secret {
        return house.refuse((400, "invalid client_id or client_secret".into()));
    }
    let token = house.id("stateless");
    house.book(|book| book.tokens.insert(token.clone()));
    answer(200, &json!({ "token_type": "Bearer", "access_token": token, "expires_in": TOKEN_S }))
}

async fn content(State(house): State<Arc<House>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = house.authorised(&headers) {
        return house.refuse(refusal);
    }
    let found = house.book(|book| {
        let (bytes, unready) = book.files.get_mut(&id)?;
        let ready = *unready == 0;
        *unready = unready.saturating_sub(1);
        Some((bytes.clone(), ready))
    });
    match found {
        Some((bytes, true)) => Response::new(Body::from(bytes)),
        Some((_, false)) => answer(202, &json!({})),
        None => house.refuse((404, "Not found".into())),
    }
}

async fn ask(State(house): State<Arc<House>>, Path(rest): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = house.authorised(&headers) {
        return house.refuse(refusal);
    }
    let used = house.book(|book| book.sent.iter().filter(|sent| !sent.reply).count());
    match rest.as_str() {
        "info" => answer(200, &json!({ "userId": "Ubot", "basicId": "@shop", "displayName": "Shop" })),
        "channel/webhook/endpoint" => answer(200, &json!({ "endpoint": "https://shop.example/hooks/line", "active": true })),
        "message/quota" => answer(
            200,
            &house.book(|book| match book.left {
                Some(left) => json!({ "type": "limited", "value": used as u64 + left }),
                None => json!({ "type": "none" }),
            }),
        ),
        "message/quota/consumption" => answer(200, &json!({ "totalUsage": used })),
        rest => match rest.strip_prefix("profile/").filter(|user| house.book(|book| book.users.contains(*user))) {
            Some(user) => {
                let name = house.book(|book| book.names.get(user).cloned()).unwrap_or_else(|| format!("LINE {user}"));
                answer(200, &json!({ "displayName": name, "userId": user, "language": "ja" }))
            }
            None => house.refuse((404, "Not found".into())),
        },
    }
}

async fn tell(State(house): State<Arc<House>>, Path(rest): Path<String>, headers: HeaderMap, request: Request<Body>) -> Response {
    if let Err(refusal) = house.authorised(&headers) {
        return house.refuse(refusal);
    }
    let body = Bytes::from_request(request, &()).await.unwrap_or_default();
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return house.refuse((400, "The request body could not be parsed".into()));
    };
    let sends = matches!(rest.as_str(), "message/reply" | "message/push");
    if sends && house.dice.chance(house.plan.flood) {
        return answer(429, &json!({ "message": "The API rate limit has been exceeded. Try again later." }));
    }
    if sends && house.dice.chance(house.plan.busy) {
        return answer(500, &json!({ "message": "Internal server error" }));
    }
    let key = headers.get("x-line-retry-key").and_then(|key| key.to_str().ok());
    let done = match rest.as_str() {
        "message/reply" => reply(&house, &body, key),
        "message/push" => return push(&house, &body, key),
        "chat/loading/start" => loading(&house, &body),
        "chat/markAsRead" => read(&house, &body),
        _ => Err((404, "Not found".into())),
    };
    match done {
        Ok(_) if sends && house.dice.chance(house.plan.cut) => cut(),
        Ok(done) => answer(200, &done),
        Err(refusal) => house.refuse(refusal),
    }
}

fn reply(house: &House, body: &Value, key: Option<&str>) -> Result<Value, Refusal> {
    if key.is_some() {
        return Err((400, "The retry key is not acceptable for this endpoint".into()));
    }
    let message = message(body)?;
    let token = body.get("replyToken").and_then(Value::as_str).unwrap_or_default();
    let found = house.book(|book| book.replies.remove(token));
    let Some((to, _)) = found.filter(|(_, at)| house.now() - at < REPLY_MS) else { return Err((400, "Invalid reply token".into())) };
    Ok(sent(house, &to, message, true))
}

fn push(house: &House, body: &Value, key: Option<&str>) -> Response {
    let form = |key: &&str| {
        key.len() == 36
            && key.chars().enumerate().all(|(at, c)| if matches!(at, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() })
    };
    if key.is_some_and(|key| !form(&key)) {
        return house.refuse((400, "The retry key is invalid. The retry key must be in UUID format.".into()));
    }
    if let Some(before) = key.and_then(|key| house.book(|book| book.pushed.get(key).cloned())) {
        let sent = json!({ "message": "The retry key is already accepted", "sentMessages": [{ "id": before }] });
        return answer(409, &sent);
    }
    let to = body.get("to").and_then(Value::as_str).unwrap_or_default().to_owned();
    let message = match message(body) {
        Ok(message) => message,
        Err(refusal) => return house.refuse(refusal),
    };
    if !house.book(|book| book.users.contains(&to)) {
        return house.refuse((400, "The property, 'to', in the request body is invalid".into()));
    }
    if house.book(|book| book.left == Some(0)) {
        return answer(429, &json!({ "message": "You have reached your monthly limit." }));
    }
    house.book(|book| book.left = book.left.map(|left| left.saturating_sub(1)));
    let done = sent(house, &to, message, false);
    if let (Some(key), Some(id)) = (key, done.pointer("/sentMessages/0/id").and_then(Value::as_str)) {
        house.book(|book| book.pushed.insert(key.to_owned(), id.to_owned()));
    }
    if house.dice.chance(house.plan.cut) { cut() } else { answer(200, &done) }
}

struct Message {
    text: String,
    picture: Option<String>,
    items: Vec<(String, String)>,
}

fn message(body: &Value) -> Result<Message, Refusal> {
    let bad = |why: &str| (400, format!("The request body has 1 error(s): {why}"));
    let [message] = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() else {
        return Err(bad("messages"));
    };
    let text = message.get("text").and_then(Value::as_str).unwrap_or_default();
    if message.get("type").and_then(Value::as_str) == Some("image") {
        // In the real world by https alone.
        let url = |name: &str| {
            let url = message.get(name).and_then(Value::as_str).unwrap_or_default();
            let reachable = url.starts_with("https://") || url.starts_with("http://127.0.0.1");
            (reachable && url.len() <= 2_000).then(|| url.to_owned())
        };
        return match (url("originalContentUrl"), url("previewImageUrl")) {
            (picture @ Some(_), Some(_)) => Ok(Message { text: String::new(), picture, items: Vec::new() }),
            _ => Err(bad("invalid uri scheme")),
        };
    }
    let within =
        |at: &str, most: usize| message.pointer(at).and_then(Value::as_str).is_some_and(|text| (1..=most).contains(&text.chars().count()));
    if message["type"] == "location" {
        let number = |name: &str, most: f64| message[name].as_f64().is_some_and(|number| number.abs() <= most);
        if !within("/title", 100) || !within("/address", 100) || !number("latitude", 90.0) || !number("longitude", 180.0) {
            return Err(bad("location"));
        }
        let text = format!("{}\n{}", message["title"].as_str().unwrap_or_default(), message["address"].as_str().unwrap_or_default());
        return Ok(Message { text, picture: None, items: Vec::new() });
    }
    if message["type"] == "template" {
        let card = &message["template"];
        let opens = |action: &Value| {
            let label = action["label"].as_str().filter(|label| (1..=20).contains(&label.chars().count()))?;
            let uri = action["uri"].as_str().filter(|uri| uri.starts_with("http") && uri.len() <= 1_000)?;
            (action["type"] == "uri").then(|| (label.to_owned(), uri.to_owned()))
        };
        let buttons: Option<Vec<_>> = card["actions"].as_array().map(|all| all.iter().map(opens).collect()).unwrap_or_default();
        let picture = card.get("thumbnailImageUrl").and_then(Value::as_str).map(str::to_owned);
        let good = card["type"] == "buttons" && within("/altText", 400) && within("/template/title", 40) && within("/template/text", 60);
        return match buttons.filter(|all| good && (1..=4).contains(&all.len())) {
            Some(_) if picture.as_ref().is_some_and(|url| !url.starts_with("https://")) => Err(bad("invalid uri scheme")),
            Some(items) => {
                let text = format!("{}\n{}", card["title"].as_str().unwrap_or_default(), card["text"].as_str().unwrap_or_default());
                Ok(Message { text, picture, items })
            }
            None => Err(bad("template")),
        };
    }
    if message.get("type").and_then(Value::as_str) != Some("text") || text.trim().is_empty() || text.encode_utf16().count() > 5_000 {
        return Err(bad("Length must be between 0 and 5000"));
    }
    let items = message.pointer("/quickReply/items").and_then(Value::as_array).cloned().unwrap_or_default();
    let item = |item: &Value| {
        let part = |name: &str, most: usize| {
            let text = item.get("action")?.get(name)?.as_str()?;
            (1..=most).contains(&text.chars().count()).then(|| text.to_owned())
        };
        (item["type"] == "action" && item["action"]["type"] == "postback").then(|| part("label", 20).zip(part("data", 300))).flatten()
    };
    let read: Option<Vec<(String, String)>> = items.iter().map(item).collect();
    match read.filter(|items| items.len() <= 13) {
        Some(items) => Ok(Message { text: text.to_owned(), picture: None, items }),
        None => Err(bad("quickReply")),
    }
}

/// A blocked account is not told: the message only does not arrive.
fn sent(house: &House, to: &str, Message { text, picture, items }: Message, reply: bool) -> Value {
    let id = house.id("5");
    house.book(|book| {
        if !book.blocked.contains(to) {
            book.sent.push(Sent { id: id.clone(), to: to.to_owned(), text, picture, items, reply });
        }
    });
    house.moved.send_modify(|moved| *moved += 1);
    json!({ "sentMessages": [{ "id": id, "quoteToken": "q" }] })
}

fn loading(house: &House, body: &Value) -> Result<Value, Refusal> {
    let seconds = body.get("loadingSeconds").and_then(Value::as_i64).unwrap_or(0);
    let user = body.get("chatId").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !(5..=60).contains(&seconds) || seconds % 5 != 0 || !house.book(|book| book.users.contains(&user)) {
        return Err((400, "The property, 'loadingSeconds', in the request body is invalid".into()));
    }
    house.book(|book| book.loading.push(user));
    Ok(json!({}))
}

fn read(house: &House, body: &Value) -> Result<Value, Refusal> {
    match body.get("markAsReadToken").and_then(Value::as_str).and_then(|token| token.strip_prefix("read-")) {
        Some(message) => {
            house.book(|book| book.read.push(message.to_owned()));
            Ok(json!({}))
        }
        None => Err((400, "markAsReadToken".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::signature;

    /// Published vector (Appendix A.10 of the channels' reference).
    #[test]
    fn signatures_are_lines() {
        let body = br#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#;
        assert_eq!(signature("8c570fa6dd201bb328f1c1eac23a96d8", body), "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=");
    }
}
