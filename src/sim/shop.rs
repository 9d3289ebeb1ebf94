//! The simulated shop's own system of customers: it answers what docs/crm.md says, with orders of its own for everybody who has a number. It
//! checks signatures by a hash of its own.

use super::web;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const DAY_MS: i64 = 24 * 3_600_000;

/// Runs until it is dropped.
pub struct Shop {
    pub address: SocketAddr,
    secret: String,
    served: JoinHandle<()>,
}

struct Inside {
    secret: String,
    chinese: bool,
}

impl Shop {
    /// On a port of its own.
    pub async fn open(secret: &str, language: &str) -> anyhow::Result<Shop> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inside = Arc::new(Inside { secret: secret.to_owned(), chinese: language == "zh" });
        let router = Router::new().route("/customer", post(customer)).with_state(inside);
        Ok(Shop { address, secret: secret.to_owned(), served: web::serve(listener, router) })
    }

    /// How a house asks it.
    pub fn configuration(&self) -> String {
        format!("\n[crm]\nurl = \"{}\"\nsecret = \"{}\"\n", self.url(), self.secret)
    }

    pub fn url(&self) -> String {
        format!("http://{}/customer", self.address)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn customer(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> Response {
    let signed = headers.get("hubline-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((seconds, hex)) = signed.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let said = [seconds.as_bytes(), b".", &body].concat();
    if hex::encode(web::hmac(inside.secret.as_bytes(), &said)) != hex {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    let identities = asked["identities"].as_array().cloned().unwrap_or_default();
    let known =
        |kind: &str| identities.iter().find(|one| one["kind"] == kind && one["proven"] == true).and_then(|one| one["value"].as_str());
    let seconds: i64 = seconds.parse().unwrap_or_default();
    match known("phone").or_else(|| known("user")) {
        Some(value) => {
            ([(header::CONTENT_TYPE, "application/json")], told(value, seconds * 1_000, inside.chinese).to_string()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The same for the same number each time.
fn told(value: &str, now: i64, chinese: bool) -> Value {
    let sum: i64 = value.bytes().map(i64::from).sum();
    let points = 200 + sum % 1_800;
    let (titles, states, words) = if chinese {
        (["台灯“诺拉”", "自行车篮", "雨衣（M）"], ["运输中", "已签收"], ["积分", "客户始于", "年"])
    } else {
        (["Lamp Nora", "Bicycle basket", "Rain coat, M"], ["on its way", "delivered"], ["Points", "Customer since", ""])
    };
    let order = |nth: i64| {
        let title = titles[usize::try_from((sum + nth) % 3).unwrap_or_default()];
        let amount = format!("{}{}.00", if chinese { "¥ " } else { "€ " }, 29 + (sum * (nth + 3)) % 160);
        json!({
            "number": format!("A-{}", 1_000 + (sum * 7 + nth * 31) % 9_000),
            "at": now - (2 + nth * 19) * DAY_MS - sum * 1_000,
            "title": title,
            "state": states[usize::from(nth > 0)],
            "amount": amount,
        })
    };
    let year = 2_015 + sum % 10;
    json!({
        "customer": {
            "id": format!("K-{}", 10_000 + sum * 13 % 80_000),
            "facts": [
                { "label": words[0], "value": points.to_string() },
                { "label": words[1], "value": format!("{year}{}", words[2]) },
            ],
        },
        "orders": [order(0), order(1)],
    })
}
