//! Questions to a small server: what it is sent, what its answers become, and what becomes of it when it misbehaves.

use super::ask::{read, signature};
use super::*;
use crate::desk::id::*;
use crate::desk::ivr::Found;
use crate::desk::person::Identity;
use crate::reach::Client;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use std::collections::BTreeMap;
use std::time::Duration;

fn look() -> Look {
    Look {
        work: Work::Call(CallId(7)),
        serial: 1,
        flow: "main".into(),
        node: "who".into(),
        person: PersonId(3),
        identity: Identity { kind: "phone".into(), namespace: String::new(), value: "+491".into() },
        language: "en".into(),
        tier: Some("gold".into()),
        variables: BTreeMap::from([("order".into(), "42".into()), ("pin".into(), "1234".into())]),
    }
}

fn ask(port: u16, path: &str) -> Ask {
    let folder = std::env::temp_dir();
    let secret = toml::from_str::<BTreeMap<String, crate::config::value::Secret>>("s = \"key\"").expect("a secret").remove("s");
    Ask {
        url: format!("http://127.0.0.1:{port}{path}").parse().expect("an address"),
        secret: secret.map(|secret| (secret, folder)),
        send: vec!["order".into(), "absent".into()],
        timeout: Duration::from_secs(2),
    }
}

async fn server() -> u16 {
    let signed = |headers: HeaderMap, body: String| async move {
        let expected = format!("t=1700000000,v1={}", signature("key", 1_700_000_000, &body));
        assert_eq!(headers.get("hubline-signature").and_then(|value| value.to_str().ok()), Some(expected.as_str()));
        let asked: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(asked["call"], 7);
        assert_eq!(asked["from"], serde_json::json!({ "kind": "phone", "value": "+491" }));
        assert_eq!(asked["variables"], serde_json::json!({ "order": "42" }), "nothing but what is to be sent");
        axum::Json(serde_json::json!({ "branch": "vip", "set": { "name": "Anna", "orders": 3, "list": [1] } })).into_response()
    };
    let app = axum::Router::new()
        .route("/good", post(signed))
        .route("/moved", post(|| async { Redirect::temporary("/good") }))
        .route("/broken", post(|| async { "not json" }))
        .route("/long", post(|| async { format!("{{\"branch\": \"{}\"}}", "x".repeat(20_000)) }))
        .route("/failing", post(|| async { http::StatusCode::INTERNAL_SERVER_ERROR }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

#[tokio::test]
async fn a_question_is_signed_and_sends_only_what_it_should() {
    let port = server().await;
    let found = ask(port, "/good").ask(&Client::default(), &look(), At(1_700_000_000_000)).await.expect("an answer");
    let set = BTreeMap::from([("name".into(), "Anna".into()), ("orders".into(), "3".into())]);
    assert_eq!(found, Found { branch: Some("vip".into()), set });
}

#[tokio::test]
async fn answers_that_are_none_are_errors() {
    let port = server().await;
    for (path, expected) in
        [("/moved", "answered 307"), ("/broken", "not a JSON object"), ("/long", "longer than"), ("/failing", "answered 500")]
    {
        let error = ask(port, path).ask(&Client::default(), &look(), At(0)).await.expect_err(path).to_string();
        assert!(error.contains(expected), "{path}: {error}");
    }
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port();
    drop(silent);
    assert!(ask(port, "/").ask(&Client::default(), &look(), At(0)).await.expect_err("nobody").to_string().contains("not reachable"));
}

#[test]
fn the_signature_is_the_usual_one() {
    // echo -n '1.{}' | openssl dgst -sha256 -hmac key
    assert_eq!(signature("key", 1, "{}"), "1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224");
}

#[test]
fn what_is_answered_is_bounded() {
    let many: BTreeMap<String, u32> = (0..100).map(|n| (format!("v{n}"), n)).collect();
    let body = serde_json::json!({ "set": many, "branch": null }).to_string();
    let found = read(body.as_bytes()).expect("an answer");
    assert_eq!((found.branch, found.set.len()), (None, 32));
    assert!(read(br#"{"branch": {}}"#).is_err());
    assert!(read(br#"{"set": []}"#).is_err());
    assert_eq!(
        read(br#"{"set": {"a b": "x", "": "y", "ok": "a\u0007b"}}"#).expect("an answer").set,
        BTreeMap::from([("ok".into(), "ab".into())])
    );
}
