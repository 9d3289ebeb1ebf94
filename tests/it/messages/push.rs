//! The firm's server is told of messages for an app that is not there, once, signed, and again when it did not take it; and customers rate in the
//! app.

use super::{on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::until;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ACCOUNT_KEY: &str = "0123456789abcdef0123456789abcdef";
const PUSH_KEY: &[u8] = b"thirty-two bytes of a shared key";

/// The firm's server: refuses the first, and keeps all.
#[derive(Clone, Default)]
struct Firm(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Firm {
    async fn open() -> (Firm, SocketAddr) {
        let firm = Firm::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/push", post(told)).with_state(firm.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (firm, address)
    }

    fn told(&self) -> Vec<(HeaderMap, Bytes)> {
        self.0.lock().expect("a lock").clone()
    }
}

async fn told(State(firm): State<Firm>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut told = firm.0.lock().expect("a lock");
    told.push((headers, body));
    if told.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
}

fn signed(account: &str) -> String {
    let exp = jiff::Timestamp::now().as_second() + 600;
    let claims = json!({ "sub": account, "name": "Anna Wirth", "exp": exp });
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(ACCOUNT_KEY.as_bytes()).expect("any key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// An app that speaks by plain requests alone.
struct App<'h> {
    house: &'h House,
    bearer: String,
}

impl App<'_> {
    async fn open(house: &House) -> App<'_> {
        let headers = [("origin", "https://shop.example"), ("content-type", "application/json")];
        let body = json!({ "account": signed("4711") }).to_string();
        let session = request(house.web, "POST", "/chat/site/session", &headers, body).await.json();
        assert_eq!(session["rating"], true);
        App { house, bearer: format!("Bearer {}", session["token"].as_str().expect("a token")) }
    }

    async fn ask(&self, path: &str, body: Value) -> Value {
        let headers = [("origin", "https://shop.example"), ("content-type", "application/json"), ("authorization", self.bearer.as_str())];
        request(self.house.web, "POST", path, &headers, body.to_string()).await.json()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firms_server_hears_once_of_what_waits_and_customers_rate_in_the_app() {
    let (firm, address) = Firm::open().await;
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\nrating = true\n\
         origins = [\"https://shop.example\"]\n[channels.account]\nsecret = \"{ACCOUNT_KEY}\"\n[channels.push]\nurl = \"http://{address}/push\"\n\
         secret = \"whsec_{}\"\nafter = \"2s\"\n[[agents]]\nid = \"mara\"\nname = \"Mara Voss\"\nqueues = [\"sales\"]\n",
        STANDARD.encode(PUSH_KEY)
    ))
    .await;
    let mara = on_duty(&house, "mara").await;
    let app = App::open(&house).await;
    let said = app.ask("/chat/site/say", json!({ "type": "message", "key": "k1", "text": "Is it ready?" })).await;
    assert_eq!(said["type"], "recorded");
    takes(&mara, 1).await;
    replies(&mara, 1, "Your bicycle is ready.").await;
    until("the firm's server has taken it", || firm.told().len() >= 2).await;
    let told = firm.told();
    let id = |of: &HeaderMap| of.get("webhook-id").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(id(&told[0].0), id(&told[1].0), "a repetition is known by its id");
    for (headers, body) in &told {
        let timestamp = headers.get("webhook-timestamp").and_then(|value| value.to_str().ok()).expect("a timestamp");
        let mut mac = Hmac::<Sha256>::new_from_slice(PUSH_KEY).expect("any key");
        mac.update(format!("{}.{timestamp}.", id(headers)).as_bytes());
        mac.update(body);
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(headers.get("webhook-signature").and_then(|value| value.to_str().ok()), Some(wanted.as_str()));
    }
    let body: Value = serde_json::from_slice(&told[1].1).expect("JSON");
    assert_eq!((&body["account"], &body["waiting"], &body["text"]), (&json!("4711"), &json!(1), &json!("Your bicycle is ready.")));
    assert_eq!((&body["type"], &body["from"], &body["channel"]), (&json!("message.waiting"), &json!("Mara Voss"), &json!("site")));
    // Somebody rates what is over; before it there is nothing to ask.
    let frames = app.ask("/chat/site/hear", json!({})).await;
    assert_eq!(frames[0]["rate"], false, "{frames}");
    mara.does("/work/conversation/1/resolve", &[]).await;
    house.shows("SELECT state FROM conversation", &["resolved"]).await;
    let frames = app.ask("/chat/site/hear", json!({})).await;
    assert_eq!(frames[0]["rate"], true, "{frames}");
    assert_eq!(app.ask("/chat/site/say", json!({ "type": "rate", "score": 6 })).await, Value::Null);
    let rated = app.ask("/chat/site/say", json!({ "type": "rate", "score": 4, "comment": "Quick!" })).await;
    assert_eq!(rated, json!({ "type": "rated", "score": 4 }));
    house.shows("SELECT score, comment FROM survey", &["4|Quick!"]).await;
    assert_eq!(app.ask("/chat/site/hear", json!({})).await[0]["rate"], false);
    // Told once, also by a house that is started again.
    let house = house.again().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(firm.told().len(), 2, "{:?}", firm.told());
    house.close().await;
}
