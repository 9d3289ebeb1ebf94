//! Messenger and Instagram: the Send API of one page or account, its customers, and the echoes of everything that is sent, which may come before the
//! answer.

use super::super::courier::Courier;
use super::super::plan::{Dice, Plan};
use super::super::web::{self, cut, json as answer, serve};
use super::{Refusal, Watch, authorised, courier, escaped};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const DAY_MS: i64 = 24 * 3_600_000;
const LARGEST: usize = 26 << 20;

/// Whose page it is.
#[derive(Debug, Clone)]
pub struct Page {
    /// `page` or `instagram`.
    pub object: &'static str,
    pub id: String,
    pub token: String,
    /// What signs the callbacks.
    pub app_secret: String,
    /// The app may use the tag of human agents.
    pub human_agent: bool,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub id: String,
    pub to: String,
    pub body: Value,
    /// Name, type and bytes of what was uploaded with it.
    pub file: Option<(String, String, Bytes)>,
}

/// A running Send API; stops when dropped.
pub struct Pages {
    house: Arc<House>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct House {
    page: Page,
    token: Mutex<String>,
    plan: Plan,
    dice: Dice,
    watch: Watch,
    courier: Mutex<Option<Courier>>,
    state: Mutex<Book>,
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Book {
    /// What customers call themselves.
    names: HashMap<String, String>,
    windows: HashMap<String, i64>,
    blocked: HashSet<String>,
    files: HashMap<String, Bytes>,
    sent: Vec<Sent>,
    refused: Vec<String>,
    actions: Vec<(String, String)>,
    next: u64,
}

impl Pages {
    pub async fn open(page: Page, plan: Plan) -> std::io::Result<Pages> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (dice, moved, token) = (Dice::new(plan.seed), watch::channel(0).0, Mutex::new(page.token.clone()));
        let house = House { page, token, plan, dice, watch: Watch::default(), courier: Mutex::default(), state: Mutex::default(), moved };
        let house = Arc::new(house);
        let router = Router::new()
            .route("/cdn/{name}", get(cdn))
            .route("/refresh_access_token", get(refresh))
            .route("/{version}/{node}", any(node))
            .route("/{version}/{node}/{edge}", any(edge))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(Arc::clone(&house));
        Ok(Pages { house, address, server: serve(listener, router) })
    }

    /// The configuration's `base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The app's callback is set to this address.
    pub fn calls(&self, hook: &str) {
        let courier = courier(hook, &self.house.page.app_secret, self.house.plan);
        *self.house.courier.lock().unwrap_or_else(PoisonError::into_inner) = Some(courier);
    }

    /// What a customer calls themselves.
    pub fn is_called(&self, user: &str, name: &str) {
        self.house.book(|book| book.names.insert(user.to_string(), name.to_owned()));
    }

    /// A customer writes; the message's id.
    pub fn customer_writes(&self, customer: &str, text: &str) -> String {
        self.customer_sends(customer, json!({ "text": text }))
    }

    /// A customer sends a message with this content.
    pub fn customer_sends(&self, customer: &str, content: Value) -> String {
        let (mid, now) = (self.house.id("m_in"), self.house.watch.now());
        self.house.book(|book| book.windows.insert(customer.to_owned(), now));
        let mut message = json!({ "mid": mid });
        if let (Some(message), Value::Object(content)) = (message.as_object_mut(), content) {
            message.extend(content);
        }
        self.house.from(customer, json!({ "message": message }));
        mid
    }

    /// The address of a customer's file.
    pub fn file(&self, name: &str, bytes: impl Into<Bytes>) -> String {
        self.house.book(|book| book.files.insert(name.to_owned(), bytes.into()));
        format!("http://{}/cdn/{name}?oh=1", self.address)
    }

    /// They have read all that was sent so far.
    pub fn customer_reads(&self, customer: &str) {
        let last = self.house.book(|book| book.sent.iter().rev().find(|sent| sent.to == customer).map(|sent| sent.id.clone()));
        let read = match (self.house.page.object, last) {
            ("instagram", Some(mid)) => json!({ "mid": mid }),
            _ => json!({ "watermark": self.house.watch.now() }),
        };
        self.house.from(customer, json!({ "read": read }));
    }

    pub fn customer_blocks(&self, customer: &str) {
        self.house.book(|book| book.blocked.insert(customer.to_owned()));
    }

    /// Anything else that a customer does.
    pub fn customer_does(&self, customer: &str, event: Value) {
        self.house.from(customer, event);
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

    pub fn refused(&self) -> Vec<String> {
        self.house.book(|book| book.refused.clone())
    }

    pub fn actions(&self) -> Vec<(String, String)> {
        self.house.book(|book| book.actions.clone())
    }

    /// The token that is good now.
    pub fn token(&self) -> String {
        self.house.token()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl House {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn token(&self) -> String {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn id(&self, prefix: &str) -> String {
        self.book(|book| {
            book.next += 1;
            format!("{prefix}{:06}", book.next)
        })
    }

    fn from(&self, customer: &str, event: Value) {
        self.tell(customer, &self.page.id, event);
    }

    fn tell(&self, sender: &str, recipient: &str, event: Value) {
        let now = self.watch.now();
        let mut told = json!({ "sender": { "id": sender }, "recipient": { "id": recipient }, "timestamp": now });
        if let (Some(told), Value::Object(event)) = (told.as_object_mut(), event) {
            told.extend(event);
        }
        let body = json!({ "object": self.page.object, "entry": [{ "id": self.page.id, "time": now, "messaging": [told] }] });
        if let Some(courier) = &*self.courier.lock().unwrap_or_else(PoisonError::into_inner) {
            courier.tell(escaped(&body));
        }
    }
}

async fn cdn(State(house): State<Arc<House>>, Path(name): Path<String>, request: Request<Body>) -> Response {
    // Whoever brings a token here gives it away.
    if request.headers().contains_key("authorization") {
        house.book(|book| book.refused.push("cdn: a token".into()));
    }
    let found = house.book(|book| book.files.get(&name).cloned());
    found.map_or_else(|| answer(404, &json!({})), |bytes| Response::new(Body::from(bytes)))
}

async fn refresh(State(house): State<Arc<House>>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let good =
        query.contains("grant_type=ig_refresh_token") && query.split('&').any(|pair| pair == format!("access_token={}", house.token()));
    if !good {
        return Refusal::new(400, 190, "Invalid OAuth access token").answer();
    }
    let token = house.id("IGfresh");
    *house.token.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
    answer(200, &json!({ "access_token": token, "token_type": "bearer", "expires_in": 5_184_000 }))
}

async fn node(State(house): State<Arc<House>>, Path((_, node)): Path<(String, String)>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Err(refusal) = authorised(request.headers(), &query, &house.token()) {
        return refuse(&house, &refusal);
    }
    if node == "me" || node == house.page.id {
        return answer(200, &json!({ "id": house.page.id, "user_id": house.page.id, "name": "Shop", "username": "shop" }));
    }
    match house.book(|book| book.windows.contains_key(&node)) {
        true => {
            let name = house.book(|book| book.names.get(&node).cloned()).unwrap_or_else(|| format!("Ann {node}"));
            let (first, last) = name.split_once(' ').unwrap_or((&name, ""));
            answer(200, &json!({ "id": node, "first_name": first, "last_name": last, "name": name, "username": "ann" }))
        }
        false => refuse(&house, &Refusal { subcode: 33, ..Refusal::new(400, 100, "Unsupported get request") }),
    }
}

async fn edge(State(house): State<Arc<House>>, Path((_, node, edge)): Path<(String, String, String)>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Err(refusal) = authorised(request.headers(), &query, &house.token()) {
        return refuse(&house, &refusal);
    }
    if node != "me" && node != house.page.id {
        return refuse(&house, &Refusal::new(400, 100, "Unsupported request"));
    }
    if edge == "subscribed_apps" {
        let fields = ["messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes"];
        return answer(200, &json!({ "data": [{ "id": "1", "subscribed_fields": fields }] }));
    }
    let (body, file) = match read(request).await {
        Ok(read) => read,
        Err(why) => return refuse(&house, &Refusal::new(400, 100, &why)),
    };
    if house.dice.chance(house.plan.flood) {
        return Refusal::new(400, 613, "(#613) Calls to this api have exceeded the rate limit.").answer();
    }
    if house.dice.chance(house.plan.busy) {
        return Refusal::new(500, 2, "Service temporarily unavailable").answer();
    }
    match take(&house, &body, file) {
        Ok(_) if house.dice.chance(house.plan.cut) && body.get("message").is_some() => cut(),
        Ok(taken) => answer(200, &taken),
        Err(refusal) => refuse(&house, &refusal),
    }
}

fn refuse(house: &House, refusal: &Refusal) -> Response {
    house.book(|book| book.refused.push(format!("{}/{} {}", refusal.code, refusal.subcode, refusal.message)));
    refusal.answer()
}

type Attached = Option<(String, String, Bytes)>;

async fn read(request: Request<Body>) -> Result<(Value, Attached), String> {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    if !kind.starts_with("multipart/") {
        let bytes = Bytes::from_request(request, &()).await.map_err(|error| error.to_string())?;
        return serde_json::from_slice(&bytes).map(|body| (body, None)).map_err(|error| error.to_string());
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| error.to_string())?;
    let (mut body, mut attached) = (Map::new(), None);
    while let Some(field) = form.next_field().await.map_err(|error| error.to_string())? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned).zip(field.content_type().map(str::to_owned));
        let bytes = field.bytes().await.map_err(|error| error.to_string())?;
        match file {
            Some((file, mime)) if name == "filedata" => attached = Some((file, mime, bytes)),
            _ => {
                let text = String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())?;
                body.insert(name, serde_json::from_str(&text).unwrap_or(Value::String(text)));
            }
        }
    }
    Ok((Value::Object(body), attached))
}

fn take(house: &House, body: &Value, file: Attached) -> Result<Value, Refusal> {
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let bad = |why: &str| Refusal::new(400, 100, why);
    // A form's field may have been read as a number.
    let to = body.pointer("/recipient/id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).unwrap_or_default();
    let (last, blocked) = house.book(|book| (book.windows.get(&to).copied(), book.blocked.contains(&to)));
    let Some(last) = last else { return Err(Refusal { subcode: 2_018_001, ..bad("(#100) No matching user found") }) };
    if blocked {
        return Err(Refusal { subcode: 1_545_041, ..Refusal::new(400, 551, "(#551) This person isn't available right now.") });
    }
    let action = text("/sender_action");
    if !action.is_empty() {
        if !["typing_on", "typing_off", "mark_seen"].contains(&action.as_str()) || body.get("message").is_some() {
            return Err(bad("(#100) sender_action"));
        }
        house.book(|book| book.actions.push((to.clone(), action)));
        return Ok(json!({ "recipient_id": to }));
    }
    let age = house.watch.now() - last;
    let tagged = text("/messaging_type") == "MESSAGE_TAG" && text("/tag") == "HUMAN_AGENT" && house.page.human_agent && age < 7 * DAY_MS;
    if age >= DAY_MS && !tagged {
        return Err(Refusal { subcode: 2_018_278, ..Refusal::new(400, 10, "(#10) This message is sent outside of allowed window.") });
    }
    let (said, attachment) = (text("/message/text"), text("/message/attachment/type"));
    let long = if house.page.object == "instagram" { said.len() > 1_000 } else { said.chars().count() > 2_000 };
    if long {
        return Err(Refusal { subcode: 2_018_279, ..bad("(#100) Length of param message[text] must be less than or equal to the limit") });
    }
    let url = text("/message/attachment/payload/url");
    match (said.is_empty(), attachment.as_str(), &file) {
        // Fetched from where it is; in the real world by https alone.
        (true, "image" | "audio" | "video", None) if url.starts_with("https://") || url.starts_with("http://127.0.0.1") => {}
        (false, "", None) => {}
        (true, "template", None) if is_template(body.pointer("/message/attachment/payload")) => {}
        (true, "image" | "audio" | "video" | "file", Some((_, _, bytes))) if house.page.object == "page" && !bytes.is_empty() => {}
        _ => return Err(bad("(#100) You must provide text or an attachment")),
    }
    let replies = body.pointer("/message/quick_replies").and_then(Value::as_array).cloned().unwrap_or_default();
    let good = |reply: &Value| {
        let within = |name: &str, most: usize| {
            reply.get(name).and_then(Value::as_str).is_some_and(|text| (1..=most).contains(&text.chars().count()))
        };
        reply["content_type"] == "text" && within("title", 20) && within("payload", 1_000)
    };
    if replies.len() > 13 || !replies.iter().all(good) {
        return Err(bad("(#100) quick_replies"));
    }
    let mid = house.id("m_out");
    house.book(|book| book.sent.push(Sent { id: mid.clone(), to: to.clone(), body: body.clone(), file }));
    house.moved.send_modify(|moved| *moved += 1);
    let mut echo = json!({ "mid": mid, "is_echo": true, "app_id": 42, "text": said });
    if let (Some(echo), Some(metadata)) = (echo.as_object_mut(), body.pointer("/message/metadata")) {
        echo.insert("metadata".into(), metadata.clone());
    }
    house.tell(&house.page.id, &to, json!({ "message": echo }));
    if house.page.object == "page" && !house.dice.chance(house.plan.lost) {
        house.from(&to, json!({ "delivery": { "watermark": house.watch.now() } }));
    }
    Ok(json!({ "recipient_id": to, "message_id": mid }))
}

/// A generic template of one element, as little as the platform takes.
fn is_template(payload: Option<&Value>) -> bool {
    let Some(payload) = payload.filter(|payload| payload["template_type"] == "generic") else { return false };
    let Some([element]) = payload["elements"].as_array().map(Vec::as_slice) else { return false };
    let within = |value: &Value, most: usize| value.as_str().is_some_and(|text| (1..=most).contains(&text.chars().count()));
    let address = |value: &Value| value.as_str().is_some_and(|url| url.starts_with("https://") || url.starts_with("http://"));
    let optional = |name: &str, good: &dyn Fn(&Value) -> bool| element.get(name).is_none_or(good);
    let button = |button: &Value| button["type"] == "web_url" && within(&button["title"], 20) && address(&button["url"]);
    within(&element["title"], 80)
        && optional("subtitle", &|value| within(value, 80))
        && optional("image_url", &address)
        // It has no title of its own.
        && optional("default_action", &|action| action["type"] == "web_url" && address(&action["url"]) && action.get("title").is_none())
        && optional("buttons", &|buttons| buttons.as_array().is_some_and(|all| (1..=3).contains(&all.len()) && all.iter().all(button)))
}
