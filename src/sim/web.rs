//! The little HTTP that simulated platforms need, and their own keyed hash: HMAC-SHA256 as RFC 2104 writes it.

use axum::Router;
use axum::body::Bytes;
use axum::response::Response;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Serves until it is aborted.
pub fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            let router = router.clone();
            tokio::spawn(async move {
                let service = hyper_util::service::TowerToHyperService::new(router);
                // A client that goes away is nothing to us.
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

/// Waits until there is enough, looking whenever something has moved. Whoever waited in vain sees it by what there is.
pub async fn waited(moved: &watch::Sender<u64>, within: Duration, enough: impl Fn() -> bool) {
    let mut moved = moved.subscribe();
    let waiting = async {
        while !enough() {
            if moved.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(within, waiting).await;
}

/// Posts to an address on this machine; the status and the body of the answer.
pub async fn post(url: &str, headers: &[(&'static str, String)], body: Bytes) -> anyhow::Result<(u16, Bytes)> {
    ask(http::Method::POST, url, headers, body).await
}

/// Any request to an address on this machine.
pub async fn ask(method: http::Method, url: &str, headers: &[(&'static str, String)], body: Bytes) -> anyhow::Result<(u16, Bytes)> {
    let url: http::Uri = url.parse()?;
    let host = url.authority().ok_or_else(|| anyhow::anyhow!("no host"))?.to_string();
    let stream = TcpStream::connect(&host).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = http::Request::builder().method(method).uri(path).header("host", host);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let response = sender.send_request(request.body(Full::new(body))?).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// An answer that breaks off: whoever asked cannot know what became of it.
pub fn cut() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    Response::new(axum::body::Body::from_stream(broken))
}

/// An answer in JSON.
pub fn json(status: u16, value: &serde_json::Value) -> Response {
    let mut response = Response::new(axum::body::Body::from(value.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

/// Milliseconds since 1970 UTC.
pub fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |byte: u8| block.map(|b| b ^ byte);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::hmac;

    #[test]
    fn the_keyed_hash_is_that_of_rfc_4231() {
        assert_eq!(hex::encode(hmac(&[0x0b; 20], b"Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(
            hex::encode(hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
