//! Viber as a bot sees it: an address that it is told and tries at once, signed callbacks under tokens of messages, receipts, customers who leave,
//! and answers of 200 that refuse. `door.rs` is what the bot asks; `wanted.rs` looks at what is sent as closely as the platform and its apps do.

mod door;
mod wanted;

use super::courier::{Courier, Sign};
use super::plan::{Dice, Plan};
use super::web::{self, hmac, json as answer, millis, serve};
use axum::Router;
use axum::body::Bytes;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a bot may be told besides messages.
const EVENTS: [&str; 6] = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"];
/// The first name of a message; they grow beyond what a number of JavaScript's holds.
const FIRST: u64 = 4_912_661_846_655_238_145;

/// What the bot has sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub token: u64,
    pub to: String,
    /// `text`, `picture`, `video`, `file`, `location`, `rich_media`.
    pub kind: String,
    /// The words, or those beside a picture, or what stands for a card.
    pub text: String,
    pub body: Value,
}

impl Sent {
    /// Words and actions of its buttons, those of the keyboard or of the card.
    pub fn buttons(&self) -> Vec<(String, String)> {
        let of = |from: &Value| from["Buttons"].as_array().cloned().unwrap_or_default();
        let text = |button: &Value, name: &str| button[name].as_str().unwrap_or_default().to_owned();
        let all = of(&self.body["keyboard"]).into_iter().chain(of(&self.body["rich_media"]));
        all.map(|button| (text(&button, "Text"), text(&button, "ActionBody"))).collect()
    }

    /// Where its file is fetched.
    pub fn media(&self) -> Option<String> {
        self.body["media"].as_str().map(str::to_owned)
    }
}

/// A running API; stops when dropped.
pub struct Viber {
    house: Arc<House>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

struct House {
    token: String,
    plan: Plan,
    dice: Dice,
    state: Mutex<Book>,
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Book {
    hook: String,
    events: Vec<String>,
    /// What customers call themselves.
    names: HashMap<String, String>,
    courier: Option<Courier>,
    /// What happens before the bot has an address.
    untold: Vec<Value>,
    users: BTreeSet<String>,
    gone: BTreeSet<String>,
    files: HashMap<String, Bytes>,
    sent: Vec<Sent>,
    refused: Vec<String>,
    /// Messages that are left to send.
    balance: Option<u64>,
    next: u64,
}

/// A status and its name.
type Refusal = (i64, &'static str);

impl Viber {
    /// A bot with this token.
    pub async fn open(token: &str, plan: Plan) -> std::io::Result<Viber> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (dice, moved, state) = (Dice::new(plan.seed), watch::channel(0).0, Mutex::<Book>::default());
        let house = Arc::new(House { token: token.to_owned(), plan, dice, state, moved });
        let router =
            Router::new().route("/pa/{method}", post(door::asked)).route("/dl/{name}", get(door::file)).with_state(Arc::clone(&house));
        Ok(Viber { house, address, server: serve(listener, router) })
    }

    /// The configuration's `base_url`.
    pub fn url(&self) -> String {
        format!("http://{}/pa", self.address)
    }

    /// Somebody opens the talk; they have not written yet.
    pub fn customer_opens(&self, user: &str) {
        let event = json!({ "event": "conversation_started", "type": "open", "context": "from the site", "user": person(user), "subscribed": false });
        self.house.happens(event);
    }

    /// What a customer calls themselves.
    pub fn is_called(&self, user: &str, name: &str) {
        self.house.book(|book| book.names.insert(user.to_string(), name.to_owned()));
    }

    /// A customer writes; the message's name.
    pub fn customer_writes(&self, user: &str, text: &str) -> u64 {
        self.customer_sends(user, json!({ "type": "text", "text": text }))
    }

    /// A customer sends a message with this content. The first subscribes them.
    pub fn customer_sends(&self, user: &str, mut message: Value) -> u64 {
        let (new, tracked) = self.house.book(|book| {
            book.gone.remove(user);
            let tracked = book.sent.iter().rev().find(|sent| sent.to == user).and_then(|sent| sent.body["tracking_data"].as_str());
            (!book.users.contains(user), tracked.map(str::to_owned))
        });
        if new {
            self.house.book(|book| book.users.insert(user.to_owned()));
            self.house.happens(json!({ "event": "subscribed", "user": person(user) }));
        }
        if let Some(tracked) = tracked {
            message["tracking_data"] = tracked.into();
        }
        self.house.happens(json!({ "event": "message", "sender": person(user), "message": message, "silent": false }))
    }

    /// A customer taps the nth button of a message: its action is written into the talk.
    pub fn customer_taps(&self, user: &str, sent: &Sent, nth: usize) -> u64 {
        let words = sent.buttons().get(nth).map(|(_, action)| action.clone()).unwrap_or_default();
        let message = json!({ "type": "text", "text": words, "tracking_data": sent.body["tracking_data"] });
        self.house.happens(json!({ "event": "message", "sender": person(user), "message": message, "silent": false }))
    }

    pub fn customer_leaves(&self, user: &str) {
        self.house.book(|book| book.gone.insert(user.to_owned()));
        self.house.happens(json!({ "event": "unsubscribed", "user_id": user }));
    }

    /// An app does not show what the platform took.
    pub fn fails(&self, token: u64, user: &str, why: &str) {
        self.house.tell(&json!({ "event": "failed", "timestamp": millis(), "message_token": token, "user_id": user, "desc": why }));
    }

    /// A file of a customer's; its address.
    pub fn file(&self, name: &str, bytes: impl Into<Bytes>) -> String {
        self.house.book(|book| book.files.insert(name.to_owned(), bytes.into()));
        format!("http://{}/dl/{name}?dlid=1", self.address)
    }

    /// So many messages are paid for.
    pub fn balance(&self, left: u64) {
        self.house.book(|book| book.balance = Some(left));
    }

    /// Somebody else has told Viber another address.
    pub fn calls(&self, hook: &str) {
        self.house.starts(hook, EVENTS.iter().map(ToString::to_string).collect());
    }

    /// Where it calls, and what it tells there.
    pub fn hook(&self) -> (String, Vec<String>) {
        self.house.book(|book| (book.hook.clone(), book.events.clone()))
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

    /// What the house answered to callbacks.
    pub fn answers(&self) -> Vec<u16> {
        self.house.book(|book| book.courier.as_ref().map(Courier::answers).unwrap_or_default())
    }
}

impl Drop for Viber {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// `X-Viber-Content-Signature` of a body.
pub fn signature(token: &str, body: &[u8]) -> String {
    hmac(token.as_bytes(), body).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn person(user: &str) -> Value {
    json!({ "id": user, "name": format!("Viber {user}"), "avatar": "https://media.example/a", "country": "BG", "language": "bg", "api_version": 10 })
}

impl House {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn next(&self) -> u64 {
        self.book(|book| {
            book.next += 1;
            FIRST + book.next
        })
    }

    /// Something new, under a name of its own.
    fn happens(&self, mut event: Value) -> u64 {
        let token = self.next();
        event["timestamp"] = millis().into();
        event["message_token"] = token.into();
        event["chat_hostname"] = "SN-CHAT-01_".into();
        for who in ["sender", "user"] {
            let id = event[who]["id"].as_str().unwrap_or_default();
            if let Some(name) = self.book(|book| book.names.get(id).cloned()) {
                event[who]["name"] = name.into();
            }
        }
        self.tell(&event);
        token
    }

    fn tell(&self, event: &Value) {
        let kind = event["event"].as_str().unwrap_or_default().to_owned();
        self.book(|book| match &book.courier {
            Some(courier) if kind == "message" || book.events.contains(&kind) => courier.tell(event.to_string()),
            Some(_) => {}
            None => book.untold.push(event.clone()),
        });
    }

    fn signs(&self) -> Sign {
        let token = self.token.clone();
        Arc::new(move |body: &[u8]| vec![("X-Viber-Content-Signature", signature(&token, body))])
    }

    fn starts(&self, hook: &str, events: Vec<String>) {
        let courier = Courier::start(hook.to_owned(), self.signs(), self.plan);
        let untold = self.book(|book| {
            (book.hook, book.events, book.courier) = (hook.to_owned(), events, Some(courier));
            std::mem::take(&mut book.untold)
        });
        untold.iter().for_each(|event| self.tell(event));
    }

    fn refuse(&self, (status, name): Refusal) -> Response {
        self.book(|book| book.refused.push(format!("{status} {name}")));
        answer(200, &json!({ "status": status, "status_message": name, "chat_hostname": "SN-CHAT-01_" }))
    }
}
