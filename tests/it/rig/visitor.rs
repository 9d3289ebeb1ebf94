//! A visitor's page with everything it is told kept, and the same by plain requests.

use super::http::{Answer, request};
use super::until;
use hubline::sim::visitor::Visitor;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// A page open in a visitor's browser.
pub struct Page {
    pub token: String,
    frames: Arc<Mutex<Vec<Value>>>,
    orders: mpsc::Sender<Order>,
    task: tokio::task::JoinHandle<()>,
}

enum Order {
    Say { key: String, text: String },
    Send(Value),
    Leave,
}

impl Page {
    /// Opens the window `site`; with a former token, as the same visitor.
    pub async fn open(web: SocketAddr, token: Option<&str>) -> Page {
        Page::open_as(web, json!({ "token": token })).await
    }

    /// The same on a page that says more of who its visitor is.
    pub async fn open_as(web: SocketAddr, who: Value) -> Page {
        let mut visitor = Visitor::open_as(web, "site", &who).await.expect("a chat window");
        let token = visitor.token.clone();
        let frames: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = frames.clone();
        let (orders, mut ordered) = mpsc::channel(64);
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    frame = visitor.recv() => match frame {
                        Some(frame) => kept.lock().expect("frames").push(frame),
                        None => return kept.lock().expect("frames").push(json!({ "type": "closed" })),
                    },
                    order = ordered.recv() => {
                        let sent = match order {
                            Some(Order::Say { key, text }) => visitor.repeat(&key, &text).await,
                            Some(Order::Send(frame)) => visitor.send(&frame).await,
                            Some(Order::Leave) => visitor.leave().await,
                            None => return,
                        };
                        if sent.is_err() {
                            return kept.lock().expect("frames").push(json!({ "type": "closed" }));
                        }
                    }
                }
            }
        });
        Page { token, frames, orders, task }
    }

    pub fn frames(&self, kind: &str) -> Vec<Value> {
        self.frames.lock().expect("frames").iter().filter(|frame| frame["type"] == kind).cloned().collect()
    }

    /// Waits for a frame of this type that holds this text; gives it.
    #[track_caller]
    pub fn hears<'a>(&'a self, kind: &'a str, text: &'a str) -> impl Future<Output = Value> + 'a {
        let found = move || self.frames(kind).into_iter().rev().find(|frame| frame.to_string().contains(text));
        let waited = until(&format!("the visitor is told {kind} {text:?}"), move || found().is_some());
        async move {
            waited.await;
            found().expect("just seen")
        }
    }

    /// Sends a message under this key without waiting.
    pub async fn says(&self, key: &str, text: &str) {
        self.order(Order::Say { key: key.to_owned(), text: text.to_owned() }).await;
    }

    /// Sends a message and waits until it is on disk; gives its number.
    pub async fn writes(&self, text: &str) -> u64 {
        let key = format!("k{}", rand::random::<u64>());
        self.says(&key, text).await;
        self.hears("recorded", &key).await["id"].as_u64().expect("a number")
    }

    pub async fn sends(&self, frame: Value) {
        self.order(Order::Send(frame)).await;
    }

    pub async fn leaves(&self) {
        self.order(Order::Leave).await;
    }

    /// Closes the page.
    pub async fn close(self) -> String {
        self.task.abort();
        let _ = self.task.await;
        self.token
    }

    async fn order(&self, order: Order) {
        // A page whose socket is gone says nothing; the test looks at `closed`.
        let _ = self.orders.send(order).await;
    }
}

/// A request to the window `site` from a page of this origin.
pub async fn ask(web: SocketAddr, origin: &str, token: Option<&str>, method: &str, path: &str, body: Value) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("origin", origin), ("content-type", "application/json")];
    if let Some(bearer) = &bearer {
        headers.push(("authorization", bearer));
    }
    request(web, method, &format!("/chat/site/{path}"), &headers, if body.is_null() { String::new() } else { body.to_string() }).await
}
