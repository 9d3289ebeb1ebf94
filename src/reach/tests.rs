use super::guard::is_public;
use super::*;
use axum::Router;
use axum::routing::{get, post};
use std::net::SocketAddr;

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum_serve(listener, router).await });
    at
}

async fn axum_serve(listener: tokio::net::TcpListener, router: Router) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let io = hyper_util::rt::TokioIo::new(stream);
            hyper::server::conn::http1::Builder::new().serve_connection(io, service).await
        });
    }
}

fn url(at: SocketAddr, path: &str) -> Uri {
    format!("http://{at}{path}").parse().expect("an address")
}

#[test]
fn only_the_public_internet_is_public() {
    for inside in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "192.0.0.8",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001::1",
        "::127.0.0.1",
    ] {
        assert!(!is_public(inside.parse().expect("an address")), "{inside}");
    }
    for outside in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
        assert!(is_public(outside.parse().expect("an address")), "{outside}");
    }
}

#[tokio::test]
async fn an_address_from_outside_never_leads_inside() {
    let at = serve(Router::new().route("/", get(|| async { "secret" }))).await;
    let client = Client::default();
    assert_eq!(client.ask(Ask::get(url(at, "/"))).await.expect("ours").body, "secret");
    let named: Uri = format!("http://localhost:{}/", at.port()).parse().expect("an address");
    for inside in [url(at, "/"), named] {
        assert_eq!(client.fetch(Ask::get(inside)).await.expect_err("inside"), Lost::Forbidden("it leads into a private network"));
    }
    let odd: Uri = "ftp://example.com/".parse().expect("an address");
    assert_eq!(client.fetch(Ask::get(odd)).await.expect_err("no http"), Lost::Forbidden("neither http nor https"));
    let allowed = Client::new(Abroad { allowed: vec!["127.0.0.0/8".parse().expect("a network")] });
    assert_eq!(allowed.fetch(Ask::get(url(at, "/"))).await.expect("allowed").body, "secret");
}

#[tokio::test]
async fn a_redirect_takes_no_secret_along_and_leads_nowhere_inside() {
    let show = |headers: HeaderMap| async move {
        format!("{:?}", headers.get("authorization").map(|value| value.to_str().unwrap_or_default().to_owned()))
    };
    let other = serve(Router::new().route("/file", get(show))).await;
    let there = format!("http://{other}/file");
    let first = serve(
        Router::new()
            .route("/away", get(move || async move { (StatusCode::FOUND, [(header::LOCATION, there)]) }))
            .route("/here", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/file")]) }))
            .route("/round", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/round")]) }))
            .route("/file", get(show)),
    )
    .await;
    let ask = |path| Ask::get(url(first, path)).header(header::AUTHORIZATION, "secret");
    let allowed = Client::new(Abroad { allowed: vec!["127.0.0.1".parse().expect("a network")] });
    assert_eq!(allowed.fetch(ask("/away")).await.expect("followed").body, "None");
    assert_eq!(allowed.fetch(ask("/here")).await.expect("followed").body, "Some(\"secret\")");
    assert_eq!(allowed.fetch(ask("/round")).await.expect_err("round"), Lost::Forbidden("too many redirects"));
    let away = Client::default().fetch_own(ask("/away")).await;
    assert_eq!(away.expect_err("inside"), Lost::Forbidden("it leads into a private network"));
}

#[tokio::test]
async fn what_is_lost_says_whether_it_was_sent() {
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        "late"
    };
    let at = serve(
        Router::new()
            .route("/slow", get(slow))
            .route("/long", get(|| async { "x".repeat(100) }))
            .route("/say", post(|body: String| async { body })),
    )
    .await;
    let client = Client::default();
    let late = client.ask(Ask::get(url(at, "/slow")).within(Duration::from_millis(300))).await.expect_err("late");
    assert_eq!(late, Lost::Uncertain("it took too long".into()));
    assert_eq!(client.ask(Ask::get(url(at, "/long")).most(50)).await.expect_err("long"), Lost::TooLong(50));
    assert_eq!(client.ask(Ask::post(url(at, "/say"), "text/plain", "你好")).await.expect("said").body, "你好".as_bytes());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    assert!(matches!(client.ask(Ask::get(url(nobody, "/"))).await, Err(Lost::NotSent(_))));
}

#[test]
fn a_file_name_ends_no_header() {
    let (kind, body) =
        multipart(&[Part::text("to", "ann"), Part::file("file", "a\"\r\nx: y.png", "image/png", Bytes::from_static(b"\x89PNG"))]);
    let boundary = kind.rsplit_once("boundary=").expect("a boundary").1;
    let body = String::from_utf8_lossy(&body);
    assert!(
        body.starts_with(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nann\r\n--{boundary}\r\n")),
        "{body}"
    );
    assert!(body.contains("name=\"file\"; filename=\"a%22%0D%0Ax: y.png\"\r\nContent-Type: image/png\r\n\r\n"), "{body}");
    assert!(body.ends_with(&format!("\r\n--{boundary}--\r\n")), "{body}");
}
