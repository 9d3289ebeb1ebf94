//! The WhatsApp Cloud API: one number, its customers, its templates. Receipts are told before the answer, now and then without the steps between, and for
//! customers who cannot be reached as `failed` after `sent`.

mod content;

use super::super::courier::Courier;
use super::super::plan::{Dice, Plan};
use super::super::web::{self, cut, json as answer, serve};
use super::{Refusal, Watch, authorised, courier, escaped};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const DAY_MS: i64 = 24 * 3_600_000;
/// An address of a file lives so long, ms.
const FILE_MS: i64 = 5 * 60_000;
const LARGEST: usize = 101 << 20;

/// Who the account is.
#[derive(Debug, Clone)]
pub struct Account {
    pub number_id: String,
    pub business_id: String,
    pub token: String,
    pub app_secret: String,
}

/// A customer: by number, by the portfolio's id, or by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    pub wa_id: Option<String>,
    pub user_id: Option<String>,
    pub name: String,
}

impl Customer {
    pub fn number(wa_id: &str) -> Customer {
        Customer { wa_id: Some(wa_id.into()), user_id: None, name: format!("Customer {wa_id}") }
    }
}

/// What the number has sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub id: String,
    /// Number or id of the customer.
    pub to: String,
    pub body: Value,
    /// Name, type and bytes of what was uploaded for it.
    pub file: Option<(String, String, Bytes)>,
}

/// A running Cloud API; stops when dropped.
pub struct Whatsapp {
    house: Arc<House>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct House {
    account: Account,
    address: SocketAddr,
    plan: Plan,
    dice: Dice,
    watch: Watch,
    courier: Mutex<Option<Courier>>,
    state: Mutex<Book>,
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Book {
    /// When each customer wrote last, by each of their names.
    windows: HashMap<String, i64>,
    unreachable: HashSet<String>,
    /// Files by id: name, type, bytes.
    files: HashMap<String, (String, String, Bytes)>,
    sent: Vec<Sent>,
    refused: Vec<String>,
    shown: Vec<(String, bool)>,
    templates: Vec<Value>,
    tokenless: bool,
    next: u64,
}

impl Whatsapp {
    pub async fn open(account: Account, plan: Plan) -> std::io::Result<Whatsapp> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (dice, moved) = (Dice::new(plan.seed), watch::channel(0).0);
        let (watch, courier, state) = (Watch::default(), Mutex::default(), Mutex::default());
        let house = Arc::new(House { account, address, plan, dice, watch, courier, state, moved });
        let router = Router::new()
            .route("/{version}/{node}", any(node))
            .route("/{version}/{node}/{edge}", any(edge))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(Arc::clone(&house));
        Ok(Whatsapp { house, address, server: serve(listener, router) })
    }

    /// The configuration's `base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The owner takes the token back.
    pub fn takes_the_token_back(&self) {
        self.house.book(|book| book.tokenless = true);
    }

    /// The app's callback is set to this address.
    pub fn calls(&self, hook: &str) {
        let courier = courier(hook, &self.house.account.app_secret, self.house.plan);
        *self.house.courier.lock().unwrap_or_else(PoisonError::into_inner) = Some(courier);
    }

    /// A customer writes; the message's id.
    pub fn customer_writes(&self, customer: &Customer, text: &str) -> String {
        self.customer_sends(customer, json!({ "type": "text", "text": { "body": text } }))
    }

    /// A customer sends a message with this content.
    pub fn customer_sends(&self, customer: &Customer, content: Value) -> String {
        let (id, change) = self.house.message(customer, content);
        self.house.tell(&[change]);
        id
    }

    /// Several messages in one callback of two entries.
    pub fn customers_write_together(&self, written: &[(Customer, &str)]) {
        let changes: Vec<Value> = written
            .iter()
            .map(|(customer, text)| self.house.message(customer, json!({ "type": "text", "text": { "body": text } })).1)
            .collect();
        self.house.tell(&changes);
    }

    /// A file of a customer's, to be named by `id` in a content.
    pub fn file(&self, name: &str, mime: &str, bytes: impl Into<Bytes>) -> String {
        self.house.keep(name, mime, bytes.into())
    }

    /// From now on nothing reaches them.
    pub fn customer_is_gone(&self, name: &str) {
        self.house.book(|book| book.unreachable.insert(name.to_owned()));
    }

    pub fn template(&self, name: &str, language: &str, status: &str, body: &str) {
        self.template_of(name, language, status, json!([{ "type": "BODY", "text": body }]));
    }

    /// One with a head or buttons.
    pub fn template_of(&self, name: &str, language: &str, status: &str, components: Value) {
        let template = json!({ "name": name, "language": language, "status": status, "category": "UTILITY", "components": components });
        self.house.book(|book| book.templates.push(template));
    }

    /// Time goes by.
    pub fn later(&self, ms: i64) {
        self.house.watch.later(ms);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.house.book(|book| book.sent.clone())
    }

    /// Waits until so many messages were sent.
    pub async fn sent_by(&self, count: usize, within: Duration) -> Vec<Sent> {
        web::waited(&self.house.moved, within, || self.house.book(|book| book.sent.len() >= count)).await;
        self.sent()
    }

    /// Why requests were refused that a correct app does not make.
    pub fn refused(&self) -> Vec<String> {
        self.house.book(|book| book.refused.clone())
    }

    /// Messages that were shown as read, and whether with typing.
    pub fn shown(&self) -> Vec<(String, bool)> {
        self.house.book(|book| book.shown.clone())
    }

    /// What the house answered to callbacks.
    pub fn answers(&self) -> Vec<u16> {
        self.house.courier.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Courier::answers).unwrap_or_default()
    }
}

impl Drop for Whatsapp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl House {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn token(&self) -> &str {
        if self.book(|book| book.tokenless) { "" } else { &self.account.token }
    }

    fn id(&self, prefix: &str) -> String {
        self.book(|book| {
            book.next += 1;
            format!("{prefix}{:08}", book.next)
        })
    }

    fn keep(&self, name: &str, mime: &str, bytes: Bytes) -> String {
        let id = self.id("9");
        self.book(|book| book.files.insert(id.clone(), (name.to_owned(), mime.to_owned(), bytes)));
        id
    }

    fn message(&self, customer: &Customer, content: Value) -> (String, Value) {
        let (id, now) = (self.id("wamid.IN"), self.watch.now());
        let names = [&customer.wa_id, &customer.user_id];
        self.book(|book| book.windows.extend(names.into_iter().flatten().map(|name| (name.clone(), now))));
        let mut message = json!({ "id": id, "timestamp": (now / 1_000).to_string() });
        let mut contact = json!({ "profile": { "name": customer.name } });
        for (value, from, of) in [(&customer.wa_id, "from", "wa_id"), (&customer.user_id, "from_user_id", "user_id")] {
            if let (Some(value), Some(message), Some(contact)) = (value, message.as_object_mut(), contact.as_object_mut()) {
                message.insert(from.into(), value.as_str().into());
                contact.insert(of.into(), value.as_str().into());
            }
        }
        if let (Some(message), Value::Object(content)) = (message.as_object_mut(), content) {
            message.extend(content);
        }
        (id, json!({ "contacts": [contact], "messages": [message] }))
    }

    /// Each in an entry of its own.
    fn tell(&self, values: &[Value]) {
        let entry = |value: &Value| {
            let mut value = value.clone();
            if let Some(value) = value.as_object_mut() {
                value.insert("messaging_product".into(), "whatsapp".into());
                value
                    .insert("metadata".into(), json!({ "display_phone_number": "15550001111", "phone_number_id": self.account.number_id }));
            }
            json!({ "id": self.account.business_id, "changes": [{ "field": "messages", "value": value }] })
        };
        let body = json!({ "object": "whatsapp_business_account", "entry": values.iter().map(entry).collect::<Vec<_>>() });
        if let Some(courier) = &*self.courier.lock().unwrap_or_else(PoisonError::into_inner) {
            courier.tell(escaped(&body));
        }
    }

    fn status(&self, id: &str, to: &str, status: &str, opaque: Option<&str>, error: Option<Value>) {
        let mut told = json!({ "id": id, "status": status, "timestamp": (self.watch.now() / 1_000).to_string(), "recipient_id": to });
        if let Some(told) = told.as_object_mut() {
            if let Some(opaque) = opaque {
                told.insert("biz_opaque_callback_data".into(), opaque.into());
            }
            if let Some(error) = error {
                told.insert("errors".into(), json!([error]));
            }
        }
        self.tell(&[json!({ "statuses": [told] })]);
    }
}

async fn node(State(house): State<Arc<House>>, Path((_, node)): Path<(String, String)>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Err(refusal) = authorised(request.headers(), &query, house.token()) {
        return refuse(&house, "token", &refusal);
    }
    if node == house.account.number_id {
        return answer(
            200,
            &json!({ "id": node, "display_phone_number": "+1 555 000 1111", "verified_name": "Shop", "status": "CONNECTED" }),
        );
    }
    if let Some(id) = node.strip_prefix("file-") {
        // What lies there: for five minutes, and for programs that say who they are.
        let given = query.split('&').find_map(|pair| pair.strip_prefix("until=")).and_then(|until| until.parse::<i64>().ok());
        let alive = given.is_some_and(|until| house.watch.now() < until) && request.headers().contains_key("user-agent");
        let found = house.book(|book| book.files.get(id).map(|(_, _, bytes)| bytes.clone())).filter(|_| alive);
        return found.map_or_else(|| answer(404, &json!({})), |bytes| Response::new(Body::from(bytes)));
    }
    let found = house.book(|book| book.files.get(&node).map(|(_, mime, bytes)| (mime.clone(), bytes.len())));
    match found {
        Some((mime, size)) => {
            let url = format!("http://{}/f/file-{node}?until={}", house.address, house.watch.now() + FILE_MS);
            answer(200, &json!({ "id": node, "url": url, "mime_type": mime, "file_size": size, "messaging_product": "whatsapp" }))
        }
        None => {
            refuse(&house, "node", &Refusal { subcode: 33, ..Refusal::new(400, 100, "Unsupported get request. Object does not exist") })
        }
    }
}

async fn edge(State(house): State<Arc<House>>, Path((_, node, edge)): Path<(String, String, String)>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Err(refusal) = authorised(request.headers(), &query, house.token()) {
        return refuse(&house, &edge, &refusal);
    }
    let (number, business) = (node == house.account.number_id, node == house.account.business_id);
    let done = match edge.as_str() {
        "messages" if number => return messages(&house, request).await,
        "media" if number => upload(&house, request).await,
        "message_templates" if business => Ok(templates(&house, &query)),
        "subscribed_apps" if business => Ok(json!({ "data": [{ "whatsapp_business_api_data": { "id": "1" } }] })),
        _ => Err(Refusal::new(400, 100, "Unsupported request")),
    };
    done.map_or_else(|refusal| refuse(&house, &edge, &refusal), |done| answer(200, &done))
}

fn refuse(house: &House, what: &str, refusal: &Refusal) -> Response {
    house.book(|book| book.refused.push(format!("{what}: {} {}", refusal.code, refusal.message)));
    refusal.answer()
}

/// Two on a page, so that there are pages.
fn templates(house: &House, query: &str) -> Value {
    let from: usize = query.split('&').find_map(|pair| pair.strip_prefix("after=")).and_then(|after| after.parse().ok()).unwrap_or(0);
    house.book(|book| {
        let page: Vec<Value> = book.templates.iter().skip(from).take(2).cloned().collect();
        let mut paging = json!({ "cursors": { "after": (from + page.len()).to_string() } });
        if let (true, Some(paging)) = (from + page.len() < book.templates.len(), paging.as_object_mut()) {
            paging.insert("next".into(), "https://graph.example/next".into());
        }
        json!({ "data": page, "paging": paging })
    })
}

async fn upload(house: &House, request: Request<Body>) -> Result<Value, Refusal> {
    let bad = |why: &str| Refusal::new(400, 100, why);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| bad(&error.to_string()))?;
    let (mut product, mut kind, mut file) = (String::new(), String::new(), None);
    while let Some(field) = form.next_field().await.map_err(|error| bad(&error.to_string()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let given = field.file_name().map(str::to_owned).zip(field.content_type().map(str::to_owned));
        let bytes = field.bytes().await.map_err(|error| bad(&error.to_string()))?;
        match (name.as_str(), given) {
            ("file", Some((name, mime))) => file = Some((name, mime, bytes)),
            ("messaging_product", _) => product = String::from_utf8_lossy(&bytes).into_owned(),
            ("type", _) => kind = String::from_utf8_lossy(&bytes).into_owned(),
            _ => {}
        }
    }
    let (name, mime, bytes) = file.ok_or_else(|| bad("(#100) The parameter file is required."))?;
    if product != "whatsapp" || kind != mime || bytes.is_empty() {
        return Err(bad("(#100) messaging_product or type"));
    }
    Ok(json!({ "id": house.keep(&name, &mime, bytes) }))
}

async fn messages(house: &Arc<House>, request: Request<Body>) -> Response {
    let body = match Bytes::from_request(request, &()).await {
        Ok(bytes) => serde_json::from_slice::<Value>(&bytes).unwrap_or_default(),
        Err(_) => Value::Null,
    };
    if body.get("status").is_some() {
        let shown = body.get("message_id").and_then(Value::as_str).filter(|id| id.starts_with("wamid.IN")).map(str::to_owned);
        return match shown.filter(|_| body.get("status") == Some(&json!("read"))) {
            Some(id) => {
                house.book(|book| book.shown.push((id, body.get("typing_indicator").is_some())));
                answer(200, &json!({ "success": true }))
            }
            None => refuse(house, "read", &Refusal::new(400, 131_009, "(#131009) Parameter value is not valid")),
        };
    }
    if house.dice.chance(house.plan.flood) {
        return Refusal::new(400, 130_429, "(#130429) Rate limit hit").answer();
    }
    if house.dice.chance(house.plan.busy) {
        return Refusal::new(500, 131_016, "(#131016) Service unavailable").answer();
    }
    match take(house, &body) {
        Ok(taken) if house.dice.chance(house.plan.cut) => {
            drop(taken);
            cut()
        }
        Ok(taken) => answer(200, &taken),
        Err(refusal) => refuse(house, "messages", &refusal),
    }
}

/// What the platform takes, and tells receipts of.
fn take(house: &Arc<House>, body: &Value) -> Result<Value, Refusal> {
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let bad = |why: &str| Refusal::new(400, 100, why);
    if text("/messaging_product") != "whatsapp" {
        return Err(bad("(#100) The parameter messaging_product is required."));
    }
    let to = if text("/to").is_empty() { text("/recipient") } else { text("/to") };
    let number = to.bytes().all(|b| b.is_ascii_digit());
    if to.is_empty() || number == text("/to").is_empty() {
        return Err(bad("(#100) The parameter to is required."));
    }
    let kind = text("/type");
    let open = house.book(|book| book.windows.get(to).is_some_and(|last| house.watch.now() - last < DAY_MS));
    if kind != "template" && !open {
        return Err(Refusal::new(400, 131_047, "(#131047) Re-engagement message"));
    }
    let file = content::check(house, kind, body)?;
    let id = house.id("wamid.OUT");
    let opaque = body.get("biz_opaque_callback_data").and_then(Value::as_str).map(str::to_owned);
    house.book(|book| book.sent.push(Sent { id: id.clone(), to: to.to_owned(), body: body.clone(), file }));
    house.moved.send_modify(|moved| *moved += 1);
    house.status(&id, to, "sent", opaque.as_deref(), None);
    if house.book(|book| book.unreachable.contains(to)) {
        let error = json!({ "code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable" });
        house.status(&id, to, "failed", opaque.as_deref(), Some(error));
    } else {
        if !house.dice.chance(house.plan.lost) {
            house.status(&id, to, "delivered", opaque.as_deref(), None);
        }
        house.status(&id, to, "read", opaque.as_deref(), None);
    }
    // Numbers of Mexico are known by another spelling.
    let wa_id =
        to.strip_prefix("52").filter(|rest| number && !rest.starts_with('1')).map_or_else(|| to.to_owned(), |rest| format!("521{rest}"));
    let contact = if number { json!({ "input": to, "wa_id": wa_id }) } else { json!({ "input": to, "user_id": to }) };
    Ok(json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [{ "id": id, "message_status": "accepted" }] }))
}
