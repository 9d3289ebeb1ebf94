//! Twilio as a house meets it: takes messages as strictly as it does, signs what it tells, keeps its media behind a password and a redirect.

use super::courier::{Courier, Sign};
use super::keyed::hmac;
use super::plan::{Dice, Plan};
use super::web;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderMap, StatusCode, header};
use ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const ACCOUNT: &str = "AC00000000000000000000000000000001";

/// One message on a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub sid: String,
    pub to: String,
    pub body: String,
    /// Bytes of each picture that was fetched from the house.
    pub pictures: Vec<usize>,
    /// ContentSid and ContentVariables.
    pub template: Option<(String, String)>,
}

/// A running account.
#[derive(Clone)]
pub struct Twilio {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

struct Inner {
    token: String,
    plan: Plan,
    dice: Dice,
    book: Mutex<Book>,
    /// Where files really are; another server.
    files: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Book {
    sent: Vec<Sent>,
    refused: Vec<String>,
    opted_out: BTreeSet<String>,
    media: BTreeMap<String, Bytes>,
    courier: Option<Courier>,
    next: u64,
    /// WhatsApp has not looked at any template yet.
    unseen: bool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Twilio {
    /// Listens on loopback.
    pub async fn open(token: &str, plan: Plan) -> std::io::Result<Twilio> {
        let (listener, files) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let (address, file_address) = (listener.local_addr()?, files.local_addr()?);
        let inner = Arc::new_cyclic(|weak: &Weak<Inner>| {
            let api = Router::new()
                .route("/2010-04-01/Accounts/{account}/Messages.json", post(take))
                .route("/2010-04-01/Accounts/{account}", get(account))
                .route("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", get(media))
                .route("/v1/ContentAndApprovals", get(contents))
                .with_state(weak.clone());
            let stored = Router::new().route("/{media}", get(file)).with_state(weak.clone());
            let tasks = vec![web::serve(listener, api), web::serve(files, stored)];
            let book = Mutex::new(Book::default());
            Inner { token: token.to_owned(), plan, dice: Dice::new(plan.seed), book, files: file_address, tasks }
        });
        Ok(Twilio { inner, address })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn account(&self) -> &'static str {
        ACCOUNT
    }

    /// The address in the console: `A message comes in`.
    pub fn calls(&self, hook: &str) {
        let (token, url) = (self.inner.token.clone(), hook.to_owned());
        let sign: Sign = Arc::new(move |body: &[u8]| vec![("x-twilio-signature", signature(&token, &url, body))]);
        let courier = Courier::start(hook.to_owned(), sign, self.inner.plan);
        self.inner.book(|book| book.courier = Some(courier));
    }

    /// WhatsApp has not looked at any template yet.
    pub fn approves_none(&self) {
        self.inner.book(|book| book.unseen = true);
    }

    /// A customer writes; the sid is made of `id`.
    pub fn customer_writes(&self, id: &str, from: &str, text: &str) {
        self.tell(id, from, text, &[]);
    }

    /// The same with a file.
    pub fn customer_sends(&self, id: &str, from: &str, text: &str, file: &[u8]) {
        let name = format!("ME{id}");
        self.inner.book(|book| book.media.insert(name.clone(), Bytes::copy_from_slice(file)));
        let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages/SM{id}/Media/{name}", self.url());
        self.tell(id, from, text, &[("MediaUrl0", &url), ("MediaContentType0", "image/png")]);
    }

    /// A customer texts STOP: Twilio answers itself, and refuses what is sent to them.
    pub fn customer_stops(&self, id: &str, from: &str) {
        self.inner.book(|book| book.opted_out.insert(from.to_owned()));
        self.tell(id, from, "STOP", &[("OptOutType", "STOP")]);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.inner.book(|book| book.sent.clone())
    }

    /// Why requests were refused.
    pub fn refused(&self) -> Vec<String> {
        self.inner.book(|book| book.refused.clone())
    }

    /// What the house answered to what it was told.
    pub fn answers(&self) -> Vec<u16> {
        self.inner.book(|book| book.courier.clone()).map(|courier| courier.answers()).unwrap_or_default()
    }

    fn tell(&self, id: &str, from: &str, text: &str, more: &[(&str, &str)]) {
        let media = if more.iter().any(|(name, _)| *name == "MediaUrl0") { "1" } else { "0" };
        let sid = format!("SM{id}");
        let mut fields = vec![
            ("ToCountry", "US"),
            ("MessageSid", sid.as_str()),
            ("SmsSid", &sid),
            ("AccountSid", ACCOUNT),
            ("From", from),
            ("To", "+15550001111"),
            ("Body", text),
            ("NumMedia", media),
            ("NumSegments", "1"),
            ("SmsStatus", "received"),
            // Twilio adds parameters without notice.
            ("FieldOfTomorrow", " a & b "),
        ];
        fields.extend(more);
        self.inner.tell(form(&fields));
    }
}

impl Inner {
    fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, body: String) {
        if let Some(courier) = self.book(|book| book.courier.clone()) {
            courier.tell(body);
        }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let wanted = format!("Basic {}", BASE64.encode(format!("{ACCOUNT}:{}", self.token)));
        headers.get(header::AUTHORIZATION).is_some_and(|given| given.as_bytes() == wanted.as_bytes())
    }
}

fn refused(inner: &Inner, status: u16, code: u32, message: &str) -> Response {
    inner.book(|book| book.refused.push(format!("{code} {message}")));
    web::json(status, &json!({ "code": code, "message": message, "more_info": "", "status": status }))
}

/// The templates of the account, one a page.
async fn contents(
    State(weak): State<Weak<Inner>>,
    headers: HeaderMap,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Response {
    let Some(inner) = weak.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if !inner.knows(&headers) {
        return refused(&inner, 401, 20003, "Authenticate");
    }
    let page: usize = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("Page=")?.parse().ok()).unwrap_or(0);
    let body = |body: &str| json!({ "twilio/text": { "body": body } });
    let unseen = inner.book(|book| book.unseen);
    let told = |sid: &str, name: &str, types: serde_json::Value, status: &str| {
        let status = if unseen { "received" } else { status };
        json!({
            "sid": sid, "friendly_name": name, "language": "en", "variables": { "1": "Anna" }, "types": types,
            "approval_requests": { "status": status, "category": "UTILITY", "rejection_reason": if status == "rejected" { "too vague" } else { "" } },
        })
    };
    let button = json!({ "twilio/call-to-action": { "body": "Track it", "actions": [{ "url": "https://shop.example/{{1}}" }] } });
    let all = [
        told("HX0001", "parcel", body("Hello {{1}}, parcel {{2}} is on its way."), "approved"),
        told("HX0002", "waits", body("Hello {{1}}"), "pending"),
        told("HX0003", "vague", body("Hello"), "rejected"),
        told("HX0004", "track", button, "approved"),
        told("HX0005", "names", body("Hello {{name}}"), "approved"),
    ];
    // As the real one does, it names an address of its own; a client that sent its password anywhere named would send it there.
    let next =
        (page + 1 < all.len()).then(|| format!("https://content.twilio.example/v1/ContentAndApprovals?PageSize=100&Page={}", page + 1));
    let contents: Vec<_> = all.get(page).into_iter().collect();
    axum::Json(json!({ "contents": contents, "meta": { "next_page_url": next } })).into_response()
}

async fn take(State(inner): State<Weak<Inner>>, Path(named): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if inner.dice.chance(inner.plan.flood) {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")], r#"{"code":20429,"message":"Too many requests"}"#).into_response();
    }
    if inner.dice.chance(inner.plan.busy) {
        return web::json(503, &json!({ "code": 20503, "message": "Service unavailable" }));
    }
    if !inner.knows(&headers) || named != ACCOUNT {
        return refused(&inner, 401, 20003, "Authenticate");
    }
    let Some(fields) = parsed(&body) else { return refused(&inner, 400, 21620, "not a form") };
    let get = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let to = get("To");
    let number = to.rsplit(':').next().unwrap_or_default();
    let digits = number.strip_prefix('+').unwrap_or_default();
    if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return refused(&inner, 400, 21211, "Invalid 'To' Phone Number");
    }
    if get("From").is_empty() && get("MessagingServiceSid").is_empty() {
        return refused(&inner, 400, 21603, "A 'From' phone number is required");
    }
    if inner.book(|book| book.opted_out.contains(to)) {
        return refused(&inner, 400, 21610, "Attempt to send to unsubscribed recipient");
    }
    let urls: Vec<&String> = fields.iter().filter(|(name, _)| name == "MediaUrl").map(|(_, url)| url).collect();
    if get("Body").is_empty() && urls.is_empty() && get("ContentSid").is_empty() {
        return refused(&inner, 400, 21602, "Message body is required");
    }
    if get("Body").chars().count() > 1_600 {
        return refused(&inner, 400, 21617, "The concatenated message body exceeds the 1600 character limit");
    }
    let mut pictures = Vec::new();
    for url in urls {
        match web::ask(http::Method::GET, url, &[], Bytes::new()).await {
            Ok((200, picture)) => pictures.push(picture.len()),
            _ => return refused(&inner, 400, 11200, "HTTP retrieval failure"),
        }
    }
    let template = (!get("ContentSid").is_empty()).then(|| (get("ContentSid").to_owned(), get("ContentVariables").to_owned()));
    let sid = inner.book(|book| {
        book.next += 1;
        let sid = format!("SM{:032x}", book.next);
        book.sent.push(Sent { sid: sid.clone(), to: to.to_owned(), body: get("Body").to_owned(), pictures, template });
        sid
    });
    if !get("StatusCallback").is_empty() && !inner.dice.chance(inner.plan.lost) {
        for state in ["sent", "delivered"] {
            inner.tell(form(&[
                ("MessageSid", &sid),
                ("MessageStatus", state),
                ("To", to),
                ("AccountSid", ACCOUNT),
                ("RawDlrDoneDate", "2611211900"),
            ]));
        }
    }
    if inner.dice.chance(inner.plan.cut) {
        return web::cut();
    }
    web::json(201, &json!({ "sid": sid, "status": "queued", "num_segments": "1", "error_code": null }))
}

async fn account(State(inner): State<Weak<Inner>>, Path(named): Path<String>, headers: HeaderMap) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if !inner.knows(&headers) || named != format!("{ACCOUNT}.json") {
        return refused(&inner, 401, 20003, "Authenticate");
    }
    web::json(200, &json!({ "sid": ACCOUNT, "status": "active", "friendly_name": "Simulated account" }))
}

/// Theirs behind a password; the file itself is elsewhere, where nobody may bring the password.
async fn media(State(inner): State<Weak<Inner>>, Path((_, _, media)): Path<(String, String, String)>, headers: HeaderMap) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if !inner.knows(&headers) {
        return refused(&inner, 401, 20003, "Authenticate");
    }
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("http://{}/{media}", inner.files))]).into_response()
}

async fn file(State(inner): State<Weak<Inner>>, Path(media): Path<String>, headers: HeaderMap) -> Response {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if headers.contains_key(header::AUTHORIZATION) {
        inner.book(|book| book.refused.push("the password was brought to the server of files".into()));
        return StatusCode::BAD_REQUEST.into_response();
    }
    match inner.book(|book| book.media.get(&media).cloned()) {
        Some(bytes) => ([(header::CONTENT_TYPE, "image/png")], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// As Twilio signs: the address, then every name and value by name.
pub fn signature(token: &str, url: &str, body: &[u8]) -> String {
    let mut fields = parsed(body).unwrap_or_default();
    fields.sort();
    let said = fields.iter().fold(url.to_owned(), |said, (name, value)| said + name + value);
    BASE64.encode(hmac(&SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes(), said.as_bytes()))
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"*-._".contains(&b);
        text.bytes()
            .map(|b| {
                if b == b' ' {
                    "+".into()
                } else if plain(b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

pub(super) fn parsed(body: &[u8]) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            match (first, tail) {
                (b'%', [high, low, tail @ ..]) => {
                    let pair = std::str::from_utf8(&[*high, *low]).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())?;
                    bytes.push(pair);
                    rest = tail;
                }
                _ => {
                    bytes.push(*first);
                    rest = tail;
                }
            }
        }
        String::from_utf8(bytes).ok()
    };
    let text = std::str::from_utf8(body).ok()?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| Some((decode(name)?, decode(value)?)))
        .collect()
}

/// Waits until so many messages are on telephones.
pub async fn arrived(twilio: &Twilio, count: usize, within: Duration) -> bool {
    let until = tokio::time::Instant::now() + within;
    while twilio.sent().len() < count {
        if tokio::time::Instant::now() > until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::signature;

    /// The example of Twilio's documentation.
    #[test]
    fn it_signs_as_twilio_does() {
        let body = b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212";
        assert_eq!(signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", body), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    }
}
