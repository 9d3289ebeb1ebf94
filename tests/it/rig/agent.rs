//! An agent with the desk open, as the page's own scripts see it: commands by POST, pushes by the live socket.

use super::http::{Answer, form, request};
use super::{PATIENCE, until};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// What the page calls itself.
pub const PAGE: &str = "page-1";

/// Somebody who is signed in, with one page open.
pub struct Agent {
    pub id: String,
    pub cookie: String,
    web: SocketAddr,
    frames: Arc<Mutex<Vec<Value>>>,
    say: mpsc::Sender<Value>,
    page: tokio::task::JoinHandle<()>,
}

/// Signs in by the form; gives the cookie.
pub async fn sign_in(web: SocketAddr, id: &str, password: &str) -> String {
    let origin = format!("http://{web}");
    let headers = [("origin", origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = request(web, "POST", "/login", &headers, form(&[("name", id), ("password", password)])).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("set-cookie").split(';').next().expect("a cookie").to_owned()
}

impl Agent {
    /// Opens the page's socket.
    pub async fn open(web: SocketAddr, id: &str, cookie: String) -> Agent {
        let mut request = format!("ws://{web}/live").into_client_request().expect("a request");
        request.headers_mut().insert("origin", format!("http://{web}").parse().expect("a header"));
        request.headers_mut().insert("cookie", cookie.parse().expect("a header"));
        let stream = TcpStream::connect(web).await.expect("connected");
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a socket");
        let frames: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = frames.clone();
        let (say, mut said) = mpsc::channel::<Value>(16);
        let page = tokio::spawn(async move {
            loop {
                tokio::select! {
                    message = socket.next() => match message {
                        Some(Ok(Message::Text(text))) => kept.lock().expect("frames").push(serde_json::from_str(&text).expect("JSON")),
                        Some(Ok(_)) => {}
                        _ => return,
                    },
                    frame = said.recv() => match frame {
                        Some(frame) => if socket.send(Message::Text(frame.to_string().into())).await.is_err() { return },
                        None => return,
                    },
                }
            }
        });
        Agent { id: id.to_owned(), cookie, web, frames, say, page }
    }

    /// What the page was pushed so far, of this type.
    pub fn frames(&self, kind: &str) -> Vec<Value> {
        self.frames.lock().expect("frames").iter().filter(|frame| frame["type"] == kind).cloned().collect()
    }

    /// Everything that the page was pushed.
    pub fn pushes(&self) -> Vec<Value> {
        self.frames.lock().expect("frames").clone()
    }

    /// Waits for a push of this type that holds this text.
    pub async fn pushed(&self, kind: &str, text: &str) -> Value {
        let found = || self.frames(kind).into_iter().find(|frame| frame.to_string().contains(text));
        until(&format!("{} is pushed {kind} {text:?}", self.id), || found().is_some()).await;
        found().expect("just seen")
    }

    /// Says something on the socket.
    pub async fn say(&self, frame: Value) {
        self.say.send(frame).await.expect("an open page");
    }

    /// A command; the status is the caller's to look at.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.web);
        let headers = [
            ("origin", origin.as_str()),
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "*/*"),
        ];
        tokio::time::timeout(PATIENCE, request(self.web, "POST", path, &headers, form(fields))).await.expect("an answer in time")
    }

    /// A command that must be obeyed.
    #[track_caller]
    pub fn does<'a>(&'a self, path: &'a str, fields: &'a [(&'a str, &'a str)]) -> impl Future<Output = ()> + 'a {
        let asked = std::panic::Location::caller();
        async move {
            let answer = self.post(path, fields).await;
            assert!(answer.status < 300, "{path}: {} {} ({asked})", answer.status, answer.text());
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        request(self.web, "GET", path, &[("cookie", self.cookie.as_str()), ("accept", "text/html")], "").await
    }

    /// Goes available for text and, where there is a telephone, for calls.
    pub async fn available(&self) {
        self.does("/me/status", &[("status", "available")]).await;
    }

    /// Accepts the chats that ring until there is no room for more of them.
    pub async fn takes_what_rings(&self) {
        let accept =
            |frame: &Value| Some(frame["html"].as_str()?.split("data-post=\"").find_map(|rest| rest.split_once("/accept\""))?.0.to_owned());
        for taken in 0..4 {
            until(&format!("{} is rung a {taken}. time", self.id), || self.frames("ring").len() > taken).await;
            let path = accept(&self.frames("ring")[taken]).expect("a button that accepts");
            self.does(&format!("{path}/accept"), &[]).await;
        }
    }

    /// Tells that the page's microphone works or does not, as the page would.
    pub async fn voice(&self, problem: Option<&str>) {
        self.say(match problem {
            None => json!({ "type": "voice", "ready": true, "phone": PAGE }),
            Some(problem) => json!({ "type": "voice", "ready": false, "problem": problem, "phone": PAGE }),
        })
        .await;
    }

    /// Closes the page.
    pub async fn leave(self) {
        self.page.abort();
        let _ = self.page.await;
    }
}
