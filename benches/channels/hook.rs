//! A platform that tells of messages, signed as the channel `http` wants it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hubline::sim::generic::headers;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One connection of it.
pub struct Hook {
    to: SocketAddr,
    secret: Vec<u8>,
    sender: SendRequest<Full<Bytes>>,
}

impl Hook {
    pub async fn open(to: SocketAddr) -> anyhow::Result<Hook> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Hook { to, secret: BASE64.decode(SECRET.trim_start_matches("whsec_"))?, sender })
    }

    /// The nth message of all, of this customer; over when it is acknowledged.
    pub async fn tell(&mut self, n: usize, customer: usize, text: &str) -> anyhow::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let event = serde_json::json!({
            "type": "message", "id": format!("m-{n}"), "from": { "id": format!("c-{customer}"), "name": format!("Customer {customer}") },
            "text": text, "at": u64::try_from(now.as_millis())?, "seq": n,
        });
        let body = Bytes::from(event.to_string());
        let mut request =
            http::Request::post("/hooks/bench").header("host", self.to.to_string()).header("content-type", "application/json");
        for (name, value) in headers(&self.secret, &format!("msg_{n}"), i64::try_from(now.as_secs())?, &body) {
            request = request.header(name, value);
        }
        let answer = self.sender.send_request(request.body(Full::new(body))?).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        anyhow::ensure!(status.is_success(), "message {n}: {status}");
        Ok(())
    }
}
