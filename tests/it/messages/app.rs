//! The firm's own app: the reference client of docs/app.md against a house. One customer who is signed in sees one history in the app and on the
//! site.

use super::{on_duty, replies, takes};
use crate::rig::house::House;
use crate::rig::http::request;
use crate::rig::visitor::Page;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The firm's word for who is signed in.
fn signed(account: &str) -> String {
    let exp = jiff::Timestamp::now().as_second() + 600;
    let claims = json!({ "sub": account, "name": "Anna Wirth", "exp": exp });
    let signed = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// Runs the reference client; gives what it printed, a value a line. `None`: there is no Python here.
async fn app(house: &House, account: &str, what: &[&str]) -> Option<Vec<Value>> {
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/app-client.py");
    let mut command = std::process::Command::new("python3");
    command.arg(client).arg(format!("http://{}", house.web)).args(["site", "--account", account]).args(what);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), output).await.expect("in time").expect("no panic");
    let Ok(output) = output else {
        assert!(std::env::var_os("CI").is_none(), "python3 must be installed in CI");
        eprintln!("SKIPPED: python3 is not installed");
        return None;
    };
    let (out, err) = (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{what:?}: {out}{err}");
    Some(out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

fn texts(lines: &[Value]) -> Vec<(&str, &str)> {
    lines.iter().map(|line| (line["from"].as_str().unwrap_or_default(), line["text"].as_str().unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn app_and_site_of_one_customer_share_the_history() {
    let business = format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\norigins = [\"https://shop.example\"]\n\
         [channels.account]\nsecret = \"{KEY}\"\n[[agents]]\nid = \"mara\"\nname = \"Mara Voss\"\nqueues = [\"sales\"]\n"
    );
    let house = House::open(&business).await;
    let mara = on_duty(&house, "mara").await;
    let anna = signed("anna@customer.example");
    let Some(said) = app(&house, &anna, &["say", "Where is my order?"]).await else { return };
    assert_eq!(said, [json!({ "id": 1 })]);
    takes(&mara, 1).await;
    replies(&mara, 1, "On its way.").await;
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["sent"]).await;
    // On the site, in another browser, signed in as the same customer.
    let headers = [("origin", "https://shop.example"), ("content-type", "application/json")];
    let session = request(house.web, "POST", "/chat/site/session", &headers, json!({ "account": anna }).to_string()).await;
    let token = session.json()["token"].as_str().expect("a token").to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("origin", "https://shop.example"), ("content-type", "application/json"), ("authorization", bearer.as_str())];
    let heard = request(house.web, "POST", "/chat/site/hear", &headers, "{}").await.json();
    let history = heard[0]["history"].as_array().cloned().unwrap_or_default();
    assert_eq!(texts(&history), [("visitor", "Where is my order?"), ("agent", "On its way.")]);
    let says = json!({ "type": "message", "key": "web-1", "text": "Thank you!" });
    let recorded = request(house.web, "POST", "/chat/site/say", &headers, says.to_string()).await.json();
    assert_eq!(recorded["type"], "recorded");
    // The app has what was written on the site; a file goes the same way.
    let picture = tempfile::NamedTempFile::with_suffix(".png").expect("a file");
    std::fs::write(picture.path(), super::storm::PNG).expect("written");
    let path = picture.path().to_string_lossy().into_owned();
    app(&house, &anna, &["say", "And this?", "--file", &path]).await.expect("Python");
    let history = app(&house, &anna, &["history"]).await.expect("Python");
    let all = [("visitor", "Where is my order?"), ("agent", "On its way."), ("visitor", "Thank you!"), ("visitor", "And this?")];
    assert_eq!(texts(&history), all);
    assert_eq!(history[3]["files"][0]["mime"], "image/png");
    assert_eq!(house.rows("SELECT count(*), count(DISTINCT conversation) FROM message"), ["4|1"]);
    // Nobody else sees any of it, whoever they say they are.
    assert_eq!(app(&house, &signed("bob@customer.example"), &["history"]).await, Some(Vec::new()));
    assert_eq!(app(&house, &format!("{anna}x"), &["history"]).await, Some(Vec::new()));
    let stranger = Page::open(house.web, None).await;
    crate::rig::until("a stranger is welcome", || stranger.frames("welcome").len() == 1).await;
    assert_eq!(stranger.frames("welcome")[0]["history"], json!([]));
}
