//! An account against a simulated Send API, by real sockets; its token's life.

use super::*;
use crate::channels::platform::{Answers, LocalFile};
use crate::desk::id::{At, ConversationId, MessageId};
use crate::sim::meta::pages::{Page, Pages as Sim};
use crate::sim::meta::signature;
use crate::sim::plan::Plan;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

async fn sim() -> Sim {
    let page = Page { object: "instagram", id: "178414".into(), token: "ig-token".into(), app_secret: "ig-app".into(), human_agent: false };
    Sim::open(page, Plan::default()).await.expect("a simulator")
}

fn account(base: &str, more: &str, clock: Clock) -> Instagram {
    let text = format!(
        "account_id = \"178414\"\ntoken = \"ig-token\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{base}\"\n{more}"
    );
    let section: InstagramSection = toml::from_str(&text).expect("a section");
    Instagram::open(&section, Path::new("."), Client::default(), Some("http://127.0.0.1/hooks/ig".into()), clock).expect("an account")
}

fn piece(text: &str) -> Piece {
    Piece {
        message: MessageId(7),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: Identity { kind: "instagram".into(), namespace: "178414".into(), value: "900".into() },
        key: "7-0-ab".into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

#[tokio::test]
async fn texts_are_counted_in_bytes() {
    let sim = sim().await;
    let account = account(&sim.url(), "", Clock::system());
    sim.customer_writes("900", "hi");
    account.send(&piece(&"é".repeat(500))).await.expect("a thousand bytes");
    assert!(matches!(account.send(&piece(&"é".repeat(501))).await, Err(Trouble::Refused(_))));
    let long = "é".repeat(501);
    let pieces = account.traits().text.pieces(&long).expect("two");
    assert_eq!(pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>(), [1_000, 2]);
    assert_eq!(sim.sent()[0].body["message"].get("metadata"), None, "Instagram knows no metadata");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    std::fs::write(&path, b"bytes").expect("written");
    let file = |mime: &str| LocalFile { name: "a".into(), mime: mime.into(), bytes: 5, path: path.clone() };
    account.send(&Piece { files: vec![file("image/jpeg")], ..piece("") }).await.expect("sent");
    let url = sim.sent().pop().expect("a message").body["message"]["attachment"]["payload"]["url"].as_str().map(str::to_owned);
    assert!(url.is_some_and(|url| url.starts_with("http://127.0.0.1/hooks/ig?file=")));
    account.send(&Piece { files: vec![file("application/pdf")], ..piece("") }).await.expect("a link");
    assert!(account.probe().await.iter().all(|probe| probe.works()), "{:?}", account.probe().await);
}

#[test]
fn either_secret_signs() {
    let both = account("http://127.0.0.1:1", "instagram_app_secret = \"ig-app\"\n", Clock::system());
    let one = account("http://127.0.0.1:1", "", Clock::system());
    let body = Bytes::from_static(
        br#"{"object":"instagram","entry":[{"id":"178414","messaging":[{"sender":{"id":"9"},"message":{"mid":"m","text":"x"}}]}]}"#,
    );
    let told = |account: &Instagram, secret: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-hub-signature-256", signature(secret, &body).parse().unwrap());
        let (method, url) = (Method::POST, "");
        let request =
            HookRequest { method: &method, url, query: "", headers: &headers, body: &body, from: [127, 0, 0, 1].into(), now: At(0) };
        account.hook(&request).map(|hooked| hooked.events.len()).map_err(|refused| refused.status)
    };
    assert_eq!((told(&both, "app"), told(&both, "ig-app")), (Ok(1), Ok(1)));
    assert_eq!((told(&one, "app"), told(&one, "ig-app")), (Ok(1), Err(StatusCode::UNAUTHORIZED)));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_the_new_one_is_kept() {
    let sim = sim().await;
    let clock = Clock::test(At(1_800_000_000_000));
    let first = account(&sim.url(), "", clock.clone());
    let cursor = first.poll(None).await.expect("looked at").cursor.expect("a place");
    assert_eq!((sim.token().as_str(), first.poll(Some(&cursor)).await.expect("young").cursor), ("ig-token", None), "it may be of today");
    clock.advance(25 * 3_600_000);
    let cursor = first.poll(Some(&cursor)).await.expect("renewed").cursor.expect("a place");
    assert_ne!(sim.token(), "ig-token");
    // After a restart, the written token is no good any more; the kept one is.
    let second = account(&sim.url(), "", clock.clone());
    sim.customer_writes("900", "hi");
    assert!(matches!(second.send(&piece("hello")).await, Err(Trouble::Down(_))));
    assert_eq!(second.poll(Some(&cursor)).await.expect("looked at").cursor, None);
    second.send(&piece("hello")).await.expect("sent");
    let before = sim.token();
    clock.advance(49 * DAY_MS);
    second.poll(Some(&cursor)).await.expect("not yet");
    assert_eq!(sim.token(), before);
    clock.advance(DAY_MS);
    second.poll(Some(&cursor)).await.expect("renewed");
    assert_ne!(sim.token(), before);
    // Another token was written: what was kept is not of it.
    let cursor = cursor.replace("sha256/", "sha256/0");
    assert!(second.poll(Some(&cursor)).await.expect("looked at").cursor.is_some());
    assert!(!account(&sim.url(), "login = \"page\"\n", clock).polls());
}
