//! The platform is as strict as it says: what a careless house would get.

use super::wire::{Dice, call, escapes};
use super::*;
use serde_json::{Value, json};

async fn asked(sim: &Sim, method: &str, path: &str, body: &str) -> Value {
    let (status, answer) =
        call(method, &format!("{}{path}", sim.url()), &[("content-type", "application/json")], body.to_owned()).await.expect("an answer");
    assert_eq!(status, 200, "whatever happens");
    serde_json::from_slice(&answer).expect("JSON")
}

async fn token(sim: &Sim) -> String {
    let account = Account::example();
    let body = json!({ "grant_type": "client_credential", "appid": account.app_id, "secret": account.secret });
    asked(sim, "POST", "/cgi-bin/stable_token", &body.to_string()).await["access_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn careless_requests_are_refused() {
    let sim = Sim::open(Account::example(), Plan::default()).await.expect("a platform");
    let token = token(&sim).await;
    sim.customer("o1", Says::Text("x".into()));
    let send = async |body: &str, token: &str| {
        asked(&sim, "POST", &format!("/cgi-bin/message/custom/send?access_token={token}"), body).await["errcode"].as_i64().expect("a code")
    };
    let text = |content: &str| json!({ "touser": "o1", "msgtype": "text", "text": { "content": content } }).to_string();
    assert_eq!(send(&text("hello"), &token).await, 0);
    assert_eq!(send(&text("hello"), "nonsense").await, 40001);
    assert_eq!(send(r#"{"touser":"o1","msgtype":"text","text":{"content":"\u4f60"}}"#, &token).await, 40033);
    assert_eq!(send(&text("a \\u4f60 written out"), &token).await, 0, "a backslash is no escape");
    assert_eq!(send(&text(&"x".repeat(2_049)), &token).await, 45002);
    assert_eq!(send(&text(""), &token).await, 44004);
    assert_eq!(send("{", &token).await, 47001);
    assert_eq!(send(r#"{"touser":"o1","msgtype":"file","file":{}}"#, &token).await, 40008);
    assert_eq!(send(r#"{"touser":"o1","msgtype":"image","image":{"media_id":"x"}}"#, &token).await, 40007);
    sim.pass(Duration::from_secs(7_201));
    assert_eq!(send(&text("hello"), &token).await, 42001);
}

#[tokio::test]
async fn tokens_overlap_in_both_ways() {
    let sim = Sim::open(Account::example(), Plan::default()).await.expect("a platform");
    let first = token(&sim).await;
    assert_eq!(token(&sim).await, first, "stable");
    sim.pass(Duration::from_secs(7_200 - 200));
    assert_ne!(token(&sim).await, first, "renewed before its end");
    let good =
        async |token: &str| asked(&sim, "GET", &format!("/cgi-bin/getcallbackip?access_token={token}"), "").await["errcode"].is_null();
    assert!(good(&first).await, "and both are good");
    let (old, new) = (sim.legacy_token(), sim.legacy_token());
    assert!(good(&old).await && good(&new).await);
    sim.pass(Duration::from_secs(301));
    assert!(!good(&old).await && good(&new).await, "the newer ends the older");
}

#[tokio::test]
async fn a_house_that_answers_nonsense_is_seen_by_customers_and_a_slow_one_is_asked_again() {
    use axum::routing::post;
    let slow = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = slow.clone();
    let router = axum::Router::new()
        .route(
            "/nonsense",
            post(|| async { "ok, thanks" })
                .get(|q: axum::extract::RawQuery| async move { wire::query(&q.0.unwrap_or_default(), "echostr").unwrap_or_default() }),
        )
        .route(
            "/slow",
            post(move || {
                seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                async { tokio::time::sleep(Duration::from_secs(3)).await }
            })
            .get(|q: axum::extract::RawQuery| async move { wire::query(&q.0.unwrap_or_default(), "echostr").unwrap_or_default() }),
        );
    let (_keep, stopped) = tokio::sync::watch::channel(());
    let house = wire::serve(router, stopped).await.expect("a house");
    let sim = Sim::open(Account { patience: Duration::from_millis(100), ..Account::example() }, Plan::default()).await.expect("a platform");
    sim.configure(&format!("http://{house}/nonsense")).await.expect("greeted");
    sim.customer("o1", Says::Text("x".into()));
    let until = async |faults: usize| {
        for _ in 0..200 {
            if sim.faults() >= faults {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until(1).await;
    assert_eq!((sim.faults(), sim.acknowledged().len()), (1, 0));
    sim.configure(&format!("http://{house}/slow")).await.expect("greeted");
    sim.customer("o1", Says::Text("x".into()));
    until(2).await;
    assert_eq!((sim.faults(), slow.load(std::sync::atomic::Ordering::SeqCst)), (2, 3), "three times the same, then no more");
}

#[test]
fn escapes_and_dice() {
    assert!(escapes(r#""\u4f60""#) && escapes(r#""\\\u4f60""#));
    assert!(!escapes(r#""\\u4f60""#) && !escapes("up"));
    let rolls = |seed| {
        let mut dice = Dice(seed);
        [dice.roll(), dice.roll()]
    };
    assert_eq!(rolls(7), rolls(7));
    assert_ne!(rolls(7), rolls(8));
}
