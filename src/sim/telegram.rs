//! Telegram as a bot sees it: keeps updates until they are acknowledged, hands them to one poller or tells them to a webhook, gives files away by
//! paths with the token in them, and takes messages as strictly as the Bot API does. It shares nothing with the connector.

mod amend;
mod form;
mod markup;

use self::form::{Attached, parameters};
use super::courier::Courier;
use super::plan::{Dice, Plan};
use super::web::{self, cut, json as answer, millis, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Largest request: a document of 50 MB and what is around it.
const LARGEST: usize = 52 << 20;
/// The bot's own number.
const BOT: i64 = 4_242;

/// What the bot has sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub method: String,
    pub chat: i64,
    pub id: i64,
    pub text: String,
    /// Field, name, type and bytes of what was attached.
    pub file: Option<(String, String, String, Bytes)>,
    pub buttons: Vec<(String, String)>,
    pub connection: Option<String>,
    /// Of a venue, in degrees.
    pub place: Option<(f64, f64)>,
}

/// A running Bot API; stops when dropped.
pub struct Telegram {
    house: Arc<House>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct House {
    token: String,
    plan: Plan,
    dice: Dice,
    state: Mutex<Book>,
    /// Wakes whoever waits: something was written, or somebody else asks.
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Book {
    /// What customers call themselves.
    names: HashMap<String, String>,
    updates: BTreeMap<i64, Value>,
    next_update: i64,
    /// The newest message of each chat.
    messages: HashMap<i64, i64>,
    files: HashMap<String, (String, Bytes)>,
    sent: Vec<Sent>,
    /// When each was sent, ms.
    times: HashMap<(i64, i64), i64>,
    deleted: HashSet<(i64, i64)>,
    /// So much time has passed besides, ms.
    offset: i64,
    /// Nothing more is taken for the moment.
    flooded: bool,
    /// The next amendment is done, and its answer lost.
    cut_next: bool,
    refused: Vec<String>,
    /// Nothing works any more.
    down: bool,
    in_vain: usize,
    blocked: HashSet<i64>,
    confirmed: Vec<String>,
    actions: Vec<(i64, String)>,
    /// Whoever asks last is the only one who asks.
    poller: u64,
    webhook: Option<(String, String, Courier)>,
}

/// Why a request is refused: code, description, further parameters.
type Refusal = (u16, String, Value);

impl Telegram {
    /// A bot of this token on a port of its own.
    pub async fn open(token: &str, plan: Plan) -> std::io::Result<Telegram> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Mutex::new(Book { next_update: 1_000, ..Book::default() });
        let house = Arc::new(House { token: token.to_owned(), plan, dice: Dice::new(plan.seed), state, moved: watch::channel(0).0 });
        let router = Router::new()
            .route("/{bot}/{method}", any(call))
            .route("/file/{bot}/{*path}", get(file))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(Arc::clone(&house));
        Ok(Telegram { house, address, server: serve(listener, router) })
    }

    /// The configuration's `base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a customer calls themselves.
    pub fn is_called(&self, user: i64, name: &str) {
        self.house.book(|book| book.names.insert(user.to_string(), name.to_owned()));
    }

    /// A customer writes; the number of the message.
    pub fn customer_writes(&self, user: i64, text: &str) -> i64 {
        self.customer_sends(user, json!({ "text": text }))
    }

    /// A customer sends a message with this content, as the Bot API words it.
    pub fn customer_sends(&self, user: i64, content: Value) -> i64 {
        let id = self.house.next_message(user);
        self.update("message", with(message(user, id), content));
        id
    }

    /// A file of the customer's, to be named by `file_id` in a content.
    pub fn file(&self, name: &str, bytes: impl Into<Bytes>) -> String {
        self.house.book(|book| {
            let id = format!("AgAC{}", book.files.len() + 1);
            book.files.insert(id.clone(), (format!("documents/{}_{name}", book.files.len()), bytes.into()));
            id
        })
    }

    pub fn customer_edits(&self, user: i64, id: i64, text: &str) {
        self.update("edited_message", with(message(user, id), json!({ "text": text, "edit_date": millis() / 1_000 })));
    }

    /// Taps the nth button of one of the bot's messages.
    pub fn customer_taps(&self, user: i64, id: i64, nth: usize) {
        let found = self.house.book(|book| book.sent.iter().find(|sent| (sent.chat, sent.id) == (user, id)).cloned());
        let Some(sent) = found else { return };
        let Some((_, data)) = sent.buttons.get(nth) else { return };
        let keyboard: Vec<Value> = sent.buttons.iter().map(|(text, data)| json!([{ "text": text, "callback_data": data }])).collect();
        let under = json!({
            "message_id": id, "date": millis() / 1_000, "chat": { "id": user, "type": "private" },
            "from": { "id": BOT, "is_bot": true, "first_name": "Bot" }, "text": sent.text, "reply_markup": { "inline_keyboard": keyboard },
        });
        self.update("callback_query", json!({ "id": format!("{user}{id}{nth}"), "from": person(user), "message": under, "data": data }));
    }

    pub fn customer_blocks(&self, user: i64) {
        self.house.book(|book| book.blocked.insert(user));
        let chat = json!({ "id": user, "type": "private" });
        self.update("my_chat_member", json!({ "chat": chat, "from": person(user), "date": 1, "new_chat_member": { "status": "kicked" } }));
    }

    /// Anything else that happens.
    pub fn update(&self, kind: &str, mut content: Value) {
        let (update, told) = self.house.book(|book| {
            book.next_update += 1;
            if let Some(name) = book.names.get(&content["from"]["id"].to_string()) {
                content["from"]["first_name"] = name.as_str().into();
            }
            let update = json!({ "update_id": book.next_update, kind: content });
            match &book.webhook {
                Some((_, _, courier)) => (update, Some(courier.clone())),
                None => {
                    book.updates.insert(book.next_update, update.clone());
                    (update, None)
                }
            }
        });
        match told {
            Some(courier) => courier.tell(update.to_string()),
            None => self.house.moved.send_modify(|moved| *moved += 1),
        }
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.house.book(|book| book.sent.clone())
    }

    /// Waits until so many messages were sent.
    pub async fn sent_by(&self, count: usize, within: Duration) -> Vec<Sent> {
        web::waited(&self.house.moved, within, || self.house.book(|book| book.sent.len() >= count)).await;
        self.sent()
    }

    /// Whether too much is sent for the moment.
    pub fn is_flooded(&self, yes: bool) {
        self.house.book(|book| book.flooded = yes);
    }

    /// From now on nothing works.
    pub fn breaks_down(&self) {
        self.house.book(|book| book.down = true);
    }

    /// All works again.
    pub fn works_again(&self) {
        self.house.book(|book| book.down = false);
    }

    /// Requests while it was down.
    pub fn asked_in_vain(&self) -> usize {
        self.house.book(|book| book.in_vain)
    }

    /// Why requests were refused that a correct bot does not make.
    pub fn refused(&self) -> Vec<String> {
        self.house.book(|book| book.refused.clone())
    }

    /// Taps that were confirmed.
    pub fn confirmed(&self) -> Vec<String> {
        self.house.book(|book| book.confirmed.clone())
    }

    pub fn actions(&self) -> Vec<(i64, String)> {
        self.house.book(|book| book.actions.clone())
    }

    /// Updates that nobody has acknowledged.
    pub fn waiting(&self) -> usize {
        self.house.book(|book| book.updates.len())
    }

    pub fn webhook(&self) -> Option<String> {
        self.house.book(|book| book.webhook.as_ref().map(|(url, _, _)| url.clone()))
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl House {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> i64 {
        millis() + self.book(|book| book.offset)
    }

    fn next_message(&self, chat: i64) -> i64 {
        self.book(|book| {
            let last = book.messages.entry(chat).or_insert(0);
            *last += 1;
            *last
        })
    }
}

fn person(user: i64) -> Value {
    json!({ "id": user, "is_bot": false, "first_name": format!("Customer {user}"), "username": format!("c{user}"), "language_code": "en" })
}

fn message(user: i64, id: i64) -> Value {
    json!({ "message_id": id, "date": millis() / 1_000, "from": person(user), "chat": { "id": user, "type": "private", "first_name": "C" } })
}

fn with(mut message: Value, content: Value) -> Value {
    if let (Some(message), Value::Object(content)) = (message.as_object_mut(), content) {
        message.extend(content);
    }
    message
}

async fn call(State(house): State<Arc<House>>, Path((bot, method)): Path<(String, String)>, request: Request) -> Response {
    if bot != format!("bot{}", house.token) {
        house.book(|book| book.refused.push("unknown token".into()));
        return refuse((401, "Unauthorized".into(), json!({})));
    }
    let down = house.book(|book| {
        book.in_vain += usize::from(book.down);
        book.down
    });
    if down {
        return refuse((502, "Bad Gateway".into(), json!({})));
    }
    let (parameters, file) = match parameters(request).await {
        Ok(read) => read,
        Err(why) => return refuse((400, format!("Bad Request: {why}"), json!({}))),
    };
    let done = match method.as_str() {
        "getUpdates" => updates(&house, &parameters).await,
        "sendMessage" | "sendPhoto" | "sendDocument" | "sendVoice" | "sendVideo" | "sendVenue" => {
            if house.dice.chance(house.plan.flood) || house.book(|book| book.flooded) {
                return refuse((429, "Too Many Requests: retry after 1".into(), json!({ "retry_after": 1 })));
            }
            if house.dice.chance(house.plan.busy) {
                return refuse((500, "Internal Server Error".into(), json!({})));
            }
            let sent = take(&house, &method, &parameters, file);
            if sent.is_ok() && house.dice.chance(house.plan.cut) {
                return cut();
            }
            sent
        }
        "editMessageText" | "editMessageCaption" | "deleteMessage" | "deleteBusinessMessages" => {
            if house.dice.chance(house.plan.busy) {
                return refuse((500, "Internal Server Error".into(), json!({})));
            }
            let done = amend::amend(&house, &method, &parameters);
            house.moved.send_modify(|moved| *moved += 1);
            if done.is_ok() && house.book(|book| std::mem::take(&mut book.cut_next)) {
                return cut();
            }
            done
        }
        _ => small(&house, &method, &parameters),
    };
    match done {
        Ok(result) => answer(200, &json!({ "ok": true, "result": result })),
        Err(refusal) => {
            house.book(|book| book.refused.push(format!("{method}: {}", refusal.1)));
            refuse(refusal)
        }
    }
}

fn refuse((code, description, parameters): Refusal) -> Response {
    answer(code, &json!({ "ok": false, "error_code": code, "description": description, "parameters": parameters }))
}

async fn updates(house: &House, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
    let number = |name: &str| parameters.get(name).and_then(Value::as_i64);
    let (limit, wait) = (number("limit").unwrap_or(100), number("timeout").unwrap_or(0));
    if !(1..=100).contains(&limit) || !(0..=50).contains(&wait) {
        return Err((400, "Bad Request: limit or timeout out of bounds".into(), json!({})));
    }
    let me = house.book(|book| {
        if book.webhook.is_some() {
            return Err((
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first".into(),
                json!({}),
            ));
        }
        // Told again now and then: an acknowledgement may be lost on Telegram's side as well.
        if let Some(offset) = number("offset")
            && !house.dice.chance(house.plan.twice)
        {
            book.updates = book.updates.split_off(&offset);
        }
        book.poller += 1;
        Ok(book.poller)
    })?;
    let mut moved = house.moved.subscribe();
    house.moved.send_modify(|moved| *moved += 1);
    let until = tokio::time::Instant::now() + Duration::from_secs(u64::try_from(wait).unwrap_or(0));
    loop {
        moved.mark_unchanged();
        let (poller, found) = house
            .book(|book| (book.poller, book.updates.values().take(usize::try_from(limit).unwrap_or(100)).cloned().collect::<Vec<_>>()));
        if poller != me {
            return Err((
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running".into(),
                json!({}),
            ));
        }
        if !found.is_empty() || tokio::time::timeout_at(until, moved.changed()).await.is_err() {
            return Ok(Value::Array(found));
        }
    }
}

fn take(house: &House, method: &str, parameters: &Map<String, Value>, file: Attached) -> Result<Value, Refusal> {
    let bad = |why: &str| (400, format!("Bad Request: {why}"), json!({}));
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let chat = parameters.get("chat_id").and_then(Value::as_i64).ok_or_else(|| bad("chat_id is empty"))?;
    let (known, blocked) = house.book(|book| (book.messages.contains_key(&chat), book.blocked.contains(&chat)));
    if !known {
        return Err(bad("chat not found"));
    }
    if blocked {
        return Err((403, "Forbidden: bot was blocked by the user".into(), json!({})));
    }
    let said = match method {
        "sendMessage" => text("text"),
        "sendVenue" => format!("{}\n{}", text("title"), text("address")),
        _ => text("caption"),
    };
    if method == "sendMessage" && said.trim().is_empty() {
        return Err(bad("message text is empty"));
    }
    if said.encode_utf16().count() > if method == "sendMessage" { 4_096 } else { 1_024 } {
        return Err(bad("message is too long"));
    }
    let place = if method == "sendVenue" { Some(markup::venue(parameters)?) } else { None };
    // A picture may also be an address, from which it is fetched; nothing is where these lead.
    let fetched = method == "sendPhoto" && text("photo").starts_with("http");
    if fetched && text("photo").contains("nowhere") {
        return Err(bad("wrong file identifier/HTTP URL specified"));
    }
    if method != "sendMessage" && method != "sendVenue" && !fetched {
        let wanted = method.trim_start_matches("send").to_lowercase();
        let Some((field, _, _, bytes)) = &file else { return Err(bad("there is no file in the request")) };
        let most = if method == "sendPhoto" { 10 << 20 } else { 50 << 20 };
        if *field != wanted {
            return Err(bad("there is no file in the request"));
        }
        if bytes.is_empty() || bytes.len() > most {
            return Err(bad("file must be non-empty and not too big"));
        }
        if method == "sendPhoto" && !bytes.starts_with(b"\x89PNG") && !bytes.starts_with(b"\xff\xd8") && !bytes.starts_with(b"RIFF") {
            return Err(bad("IMAGE_PROCESS_FAILED"));
        }
    }
    let buttons = markup::buttons(parameters)?;
    let connection = parameters.get("business_connection_id").and_then(Value::as_str).map(str::to_owned);
    let id = house.next_message(chat);
    let mut result = json!({
        "message_id": id, "date": millis() / 1_000, "text": said,
        "from": { "id": BOT, "is_bot": true, "first_name": "Bot" }, "chat": { "id": chat, "type": "private" },
    });
    if let (Some(connection), Some(result)) = (&connection, result.as_object_mut()) {
        result.insert("business_connection_id".into(), connection.as_str().into());
    }
    let now = house.now();
    house.book(|book| book.times.insert((chat, id), now));
    house.book(|book| book.sent.push(Sent { method: method.into(), chat, id, text: said, file, buttons, connection, place }));
    house.moved.send_modify(|moved| *moved += 1);
    Ok(result)
}

fn small(house: &House, method: &str, parameters: &Map<String, Value>) -> Result<Value, Refusal> {
    let bad = |why: &str| (400, format!("Bad Request: {why}"), json!({}));
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match method {
        "getMe" => Ok(json!({ "id": BOT, "is_bot": true, "first_name": "Bot", "username": "sim_bot" })),
        "getWebhookInfo" => {
            let url = house.book(|book| book.webhook.as_ref().map(|(url, _, _)| url.clone()).unwrap_or_default());
            Ok(json!({ "url": url, "has_custom_certificate": false, "pending_update_count": house.book(|book| book.updates.len()) }))
        }
        "setWebhook" => {
            let (url, secret) = (text("url"), text("secret_token"));
            let word =
                !secret.is_empty() && secret.len() <= 256 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            if url.is_empty() || !word {
                return Err(bad("bad webhook"));
            }
            // Told again of what it knows already: what waits is told in the order in which it came.
            if house.book(|book| book.webhook.as_ref().is_some_and(|(known, word, _)| (known, word) == (&url, &secret))) {
                return Ok(Value::Bool(true));
            }
            let header = secret.clone();
            let sign: super::courier::Sign = Arc::new(move |_: &[u8]| vec![("X-Telegram-Bot-Api-Secret-Token", header.clone())]);
            let courier = Courier::start(url.clone(), sign, house.plan);
            let waiting = house.book(|book| {
                book.webhook = Some((url, secret, courier.clone()));
                std::mem::take(&mut book.updates)
            });
            waiting.into_values().for_each(|update| courier.tell(update.to_string()));
            Ok(Value::Bool(true))
        }
        "deleteWebhook" => {
            house.book(|book| book.webhook = None);
            Ok(Value::Bool(true))
        }
        "answerCallbackQuery" => {
            house.book(|book| book.confirmed.push(text("callback_query_id")));
            Ok(Value::Bool(true))
        }
        "sendChatAction" => {
            let chat = parameters.get("chat_id").and_then(Value::as_i64).ok_or_else(|| bad("chat_id is empty"))?;
            house.book(|book| book.actions.push((chat, text("action"))));
            Ok(Value::Bool(true))
        }
        "getFile" => {
            let (path, bytes) = house.book(|book| book.files.get(&text("file_id")).cloned()).ok_or_else(|| bad("invalid file_id"))?;
            if bytes.len() > 20 << 20 {
                return Err(bad("file is too big"));
            }
            Ok(json!({ "file_id": text("file_id"), "file_size": bytes.len(), "file_path": path }))
        }
        _ => Err((404, "Not Found".into(), json!({}))),
    }
}

async fn file(State(house): State<Arc<House>>, Path((bot, path)): Path<(String, String)>) -> Response {
    let found = house.book(|book| book.files.values().find(|(known, _)| *known == path).map(|(_, bytes)| bytes.clone()));
    match found.filter(|_| bot == format!("bot{}", house.token)) {
        Some(bytes) => Response::new(Body::from(bytes)),
        None => answer(404, &json!({ "ok": false, "error_code": 404, "description": "Not Found" })),
    }
}
