//! One customer, one story: who chats as a signed-in user and then phones is met by an agent who sees it all before answering; who may be
//! the same is suggested, joined by one click and parted again; and whoever follows a link goes on with what was written.

use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::visitor::{Page, ask};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const KEY: &str = "a key that the shop and the house share";

const HOUSE: &str = r#"
[[lines]]
number = "4001"
queue = "sales"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
prefer_agent = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[channels.account]
key = "a key that the shop and the house share"
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "bo"
name = "Bo Lind"
queues = ["sales"]
role = "supervisor"
"#;

fn hmac(text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The site's word for who is signed in, with their number.
fn token(account: &str, name: &str, phone: &str) -> String {
    let claims = json!({ "sub": account, "name": name, "phone": phone, "exp": 4_000_000_000_i64 });
    let signed = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    format!("{signed}.{}", BASE64.encode(hmac(&signed)))
}

/// A page of somebody whom the site names so.
async fn visitor(house: &House, who: Value) -> Page {
    let origin = format!("http://{}", house.web);
    let session = ask(house.web, &origin, None, "POST", "session", who).await;
    assert_eq!(session.status, 200);
    let session: Value = serde_json::from_slice(&session.body).expect("a session");
    Page::open(house.web, session["token"].as_str()).await
}

async fn mara(house: &House) -> Agent {
    let mara = house.agent("mara").await;
    mara.available().await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    mara
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_customer_phones_and_the_next_agent_knows_what_is_open() {
    let house = House::open(HOUSE).await;
    let mara = mara(&house).await;
    let anna = visitor(&house, json!({ "account": token("10023", "Anna Winter", "+4915112345678") })).await;
    anna.writes("my lamp is broken").await;
    mara.pushed("ring", "conversation/1/accept").await;
    mara.does("/work/conversation/1/accept", &[]).await;
    mara.does("/work/conversation/1/reply", &[("text", "We send you a new bulb"), ("key", "r1")]).await;
    mara.does("/me/status", &[("status", "busy")]).await;
    let Some(bo) = Browser::at_the_desk(&house, "bo", AGENT_HZ).await else { return };
    bo.can_be_called(&house, "bo").await;
    bo.click("#status").await;
    bo.click(".mestat [value=available]").await;

    let caller = Caller::dial(house.sip, "4001", "+4915112345678", CUSTOMER_HZ).await;
    bo.sees(".ringcard").await;
    bo.reads(".ringcard", "Anna Winter").await;
    bo.reads(".ringcard", "my lamp is broken").await;
    bo.reads(".ringcard", "We send you a new bulb").await;
    let shown = || house.rows("SELECT agent FROM routing WHERE work_kind = 'call' AND kind = 'card_shown'") == ["bo"];
    until("the card is told to be shown", shown).await;
    bo.click(".ringcard .accept").await;
    bo.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    bo.reads("#person", "We send you a new bulb").await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["1"], "one customer, whom the site has vouched for");
    let order = "SELECT kind FROM routing WHERE work_kind = 'call' AND kind IN ('card_shown', 'assigned') ORDER BY id";
    assert_eq!(house.rows(order), ["card_shown", "assigned"]);
    bo.go(&format!("http://{}/wallboard", house.web)).await;
    bo.reads(".kpis", "100").await;
    caller.hang_up().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_be_the_same_is_joined_by_one_click_and_parted_by_another() {
    let house = House::open(HOUSE).await;
    let mara = mara(&house).await;
    // Somebody phones and gives up; somebody whose account is signed writes, and their page says a number that is not.
    let caller = Caller::dial(house.sip, "4001", "+4915200000001", CUSTOMER_HZ).await;
    until("the caller waits", || house.rows("SELECT count(*) FROM call") == ["1"]).await;
    caller.hang_up().await;
    let hash = hex::encode(hmac("777"));
    let who = json!({ "user": "777", "user_hash": hash, "name": "Tom Reed", "phone": "+49 152 00000001" });
    let tom = visitor(&house, who).await;
    tom.writes("is anybody there?").await;
    mara.pushed("ring", "conversation/1/accept").await;
    mara.does("/work/conversation/1/accept", &[]).await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["2"], "nobody is joined by a page's word");
    let messages = || house.rows("SELECT count(*) FROM message");
    let before = messages();

    let Some(bo) = Browser::at_the_desk(&house, "bo", AGENT_HZ).await else { return };
    bo.go(&format!("http://{}/people/2", house.web)).await;
    bo.reads(".same", "unsigned").await;
    bo.click(".same [data-post='/people/2/merge']").await;
    until("they are one", || house.rows("SELECT merged_into FROM person WHERE id = 2") == ["1"]).await;
    bo.go(&format!("http://{}/people/2", house.web)).await;
    bo.reads("#tl", "is anybody there?").await;
    bo.reads("#tl", "joined").await;
    assert_eq!(house.rows("SELECT count(*) FROM conversation WHERE person = 1"), ["1"]);
    // What is said now is the one customer's, and goes back with them.
    tom.writes("hello?").await;
    bo.click("[data-post='/people/1/unmerge']").await;
    until("they are two", || house.rows("SELECT count(*) FROM person WHERE merged_into IS NULL") == ["2"]).await;
    assert_eq!(house.rows("SELECT person, count(*) FROM message GROUP BY person"), ["2|2"]);
    assert_eq!(
        messages().first().map(|count| count.parse::<u32>().ok()),
        before.first().map(|count| count.parse::<u32>().ok().map(|n| n + 1))
    );
    assert_eq!(house.rows("SELECT person FROM call"), ["1"]);
    house.close().await;
}
