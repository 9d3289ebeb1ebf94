//! A visitor of a web site who writes in its chat window: by the window's own requests and socket, as any browser would.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};

/// A page that is open in a visitor's browser.
pub struct Visitor {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What the page would keep in its storage.
    pub token: String,
    key: u32,
}

impl Visitor {
    /// Opens the chat window `channel` of the house at `to`; with a former visit's token, as the same visitor.
    pub async fn open(to: SocketAddr, channel: &str, token: Option<&str>) -> anyhow::Result<Visitor> {
        Visitor::open_as(to, channel, &json!({ "token": token })).await
    }

    /// The same, where the page says more of who its visitor is.
    pub async fn open_as(to: SocketAddr, channel: &str, who: &Value) -> anyhow::Result<Visitor> {
        let session = post(to, &format!("/chat/{channel}/session"), who).await?;
        let token = session["token"].as_str().ok_or_else(|| anyhow::anyhow!("no token: {session}"))?.to_owned();
        let mut request = format!("ws://{to}/chat/{channel}/socket").into_client_request()?;
        request.headers_mut().insert("origin", HeaderValue::from_str(&format!("http://{to}"))?);
        let stream = MaybeTlsStream::Plain(TcpStream::connect(to).await?);
        let (socket, _) = client_async(request, stream).await?;
        let mut visitor = Visitor { socket, token: token.clone(), key: 0 };
        visitor.send(&json!({ "type": "hello", "token": token })).await?;
        Ok(visitor)
    }

    /// Writes a message after typing for a while; gives the key by which it is confirmed.
    pub async fn write(&mut self, text: &str) -> anyhow::Result<String> {
        self.send(&json!({ "type": "typing", "on": true, "preview": text })).await?;
        tokio::time::sleep(Duration::from_millis(20 * text.chars().count() as u64)).await;
        self.say(text).await
    }

    /// Sends a message at once; gives its key.
    pub async fn say(&mut self, text: &str) -> anyhow::Result<String> {
        self.key += 1;
        let key = format!("{}-{}", rand::random::<u32>(), self.key);
        self.repeat(&key, text).await?;
        Ok(key)
    }

    /// Sends a message under a key it may have been sent under before.
    pub async fn repeat(&mut self, key: &str, text: &str) -> anyhow::Result<()> {
        self.send(&json!({ "type": "message", "key": key, "text": text, "page": "https://shop.example/racks" })).await
    }

    pub async fn leave(&mut self) -> anyhow::Result<()> {
        self.send(&json!({ "type": "leave" })).await
    }

    /// The next frame; `None` when the house closed the socket.
    pub async fn recv(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => return serde_json::from_str(&text).ok(),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    /// The next frame of this type, others passing by.
    pub async fn wait(&mut self, kind: &str, within: Duration) -> Option<Value> {
        let found = async {
            loop {
                let frame = self.recv().await?;
                if frame["type"] == kind {
                    return Some(frame);
                }
            }
        };
        tokio::time::timeout(within, found).await.ok().flatten()
    }

    /// Whether an agent wrote within this time. The page also hears what its visitor and the house itself said.
    pub async fn answered(&mut self, within: Duration) -> bool {
        let answer = async {
            while let Some(frame) = self.wait("message", within).await {
                if frame["line"]["from"] == "agent" {
                    return true;
                }
            }
            false
        };
        tokio::time::timeout(within, answer).await.unwrap_or(false)
    }

    /// Sends any frame, also one that no page of ours would.
    pub async fn send(&mut self, frame: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::Text(frame.to_string().into())).await?)
    }
}

/// One request with a JSON body, from a page of the house itself.
async fn post(to: SocketAddr, path: &str, body: &Value) -> anyhow::Result<Value> {
    let stream = TcpStream::connect(to).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = http::Request::post(path)
        .header("host", to.to_string())
        .header("origin", format!("http://{to}"))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let bytes = response.into_body().collect().await?.to_bytes();
    anyhow::ensure!(status.is_success(), "{path}: {status}");
    Ok(serde_json::from_slice(&bytes)?)
}
