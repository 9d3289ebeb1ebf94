//! The WebSocket over real loopback sockets: who may open it, what it carries, when it is closed.

use super::Rig;
use crate::desk::id::AgentId;
use crate::web::live::{Audience, Frame, pump};
use crate::web::serve::{Transport, serve};
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn listen(rig: &Rig, stop: &CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Transport::Loopback, rig.router.clone(), stop.clone()));
    tokio::spawn(pump(rig.state.clone(), stop.clone(), async |_, _, _| Vec::new()));
    address
}

async fn open(address: SocketAddr, origin: Option<&str>, cookie: &str) -> Result<Socket, Error> {
    let mut request = format!("ws://{address}/live").into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    Ok(connect_async(request).await?.0)
}

fn status(result: Result<Socket, Error>) -> u16 {
    match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

async fn next(socket: &mut Socket) -> Message {
    timeout(Duration::from_secs(5), socket.next()).await.expect("in time").expect("open").expect("readable")
}

#[tokio::test]
async fn only_own_pages_of_people_who_are_signed_in_get_a_socket() {
    let (rig, stop) = (Rig::new().await, CancellationToken::new());
    let _stopped = stop.clone().drop_guard();
    let address = listen(&rig, &stop).await;
    let (cookie, own) = (rig.cookie("jonas").await, format!("http://{address}"));
    assert_eq!(status(open(address, Some("https://evil.example"), &cookie).await), 403);
    assert_eq!(status(open(address, Some("null"), &cookie).await), 403);
    assert_eq!(status(open(address, None, &cookie).await), 403);
    assert_eq!(status(open(address, Some(&own), "").await), 401);
    assert!(open(address, Some(&own), &cookie).await.is_ok());
}

#[tokio::test]
async fn frames_reach_whom_they_are_for_and_a_revoked_session_is_closed() {
    let (rig, stop) = (Rig::new().await, CancellationToken::new());
    let _stopped = stop.clone().drop_guard();
    let address = listen(&rig, &stop).await;
    let own = format!("http://{address}");
    let (jonas, mara) = (rig.cookie("jonas").await, rig.cookie("mara").await);
    let mut his = open(address, Some(&own), &jonas).await.unwrap();
    let mut hers = open(address, Some(&own), &mara).await.unwrap();
    for socket in [&mut his, &mut hers] {
        socket.send(Message::text("{\"type\":\"ping\"}")).await.unwrap();
        assert_eq!(next(socket).await.to_text().unwrap(), "{\"type\":\"pong\"}");
    }
    let live = &rig.state.live;
    assert_eq!((live.agents().len(), live.open_pages(&AgentId::from("jonas"))), (2, 1));
    live.to(&Audience::Supervisors, Frame::new("floor", ()));
    live.to_agent(&AgentId::from("jonas"), Frame::fragment("#x", "<b>"));
    live.to_all(Frame::resync());
    assert_eq!(next(&mut hers).await.to_text().unwrap(), "{\"type\":\"floor\"}");
    assert_eq!(next(&mut hers).await.to_text().unwrap(), "{\"type\":\"resync\"}");
    assert_eq!(next(&mut his).await.to_text().unwrap(), "{\"html\":\"<b>\",\"target\":\"#x\",\"type\":\"fragment\"}");
    assert_eq!(next(&mut his).await.to_text().unwrap(), "{\"type\":\"resync\"}");

    his.send(Message::text("not json")).await.unwrap();
    his.send(Message::text("{\"type\":\"typing\",\"conversation\":7}")).await.unwrap();
    rig.post("/logout", &jonas, &[]).await;
    let Message::Close(Some(close)) = next(&mut his).await else { panic!("not closed") };
    assert_eq!(u16::from(close.code), 4401);
    hers.send(Message::text("{\"type\":\"ping\"}")).await.unwrap();
    assert_eq!(next(&mut hers).await.to_text().unwrap(), "{\"type\":\"pong\"}", "others stay");
}

#[tokio::test]
async fn plain_http_is_for_loopback_only() {
    let rig = Rig::new().await;
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = serve(listener, Transport::Loopback, rig.router.clone(), CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
