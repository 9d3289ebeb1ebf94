//! Customers who call from the chat window: a real browser with a tone for a microphone, and an agent at a browser or a desk phone.

use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::talk;
use crate::rig::visitor::{Page, ask};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_CUSTOMER_HZ, until};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One queue that records, and a window from which visitors may call into it.
pub(super) const HOUSE: &str = r#"
[[queues]]
id = "sales"
name = "Sales"
record = true
wrap_up = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[channels.calls]
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
"#;

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64
}

/// Mara at her desk in her browser, available.
pub(super) async fn mara_is_here(house: &House) -> Option<Browser> {
    let page = Browser::at_the_desk(house, "mara", AGENT_HZ).await?;
    page.can_be_called(house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    page.can_be_called(house, "mara").await;
    Some(page)
}

/// A visitor opens the window and calls.
async fn visitor_calls(house: &House, hz: f64) -> Option<Browser> {
    let visitor = Browser::start(hz).await?;
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Call us']").await;
    Some(visitor)
}

/// A visitor and Mara talk, both heard.
pub(super) async fn in_a_talk(house: &House) -> Option<(Browser, Browser)> {
    let mara = mara_is_here(house).await?;
    let visitor = visitor_calls(house, CUSTOMER_HZ).await?;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    visitor.reads_inside("Talking with Mara Voss").await;
    Some((mara, visitor))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_calls_from_the_window_and_hangs_up() {
    let house = House::open(HOUSE).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    // Muted is silent and not gone.
    visitor.click_inside("[data-act=mute]").await;
    talk(Duration::from_millis(1_500)).await;
    assert!(!house.story().iter().any(|line| line.contains("customer silent")), "{}", house.told());
    visitor.click_inside("[data-act=mute]").await;
    mara.hears(CUSTOMER_HZ).await;
    // On hold there is music, and the window says so.
    mara.click("#hold").await;
    visitor.reads_inside("has put you on hold").await;
    // The button turns round with what is recorded, a moment after the customer hears music.
    mara.sees("#hold[aria-pressed=true]").await;
    mara.click("#hold").await;
    visitor.hears(AGENT_HZ).await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    visitor.reads_inside("The call has ended").await;
    house
        .shows("SELECT trunk, dialled, state, queue, agent, ended_by, end_cause FROM call", &["page|site|ended|sales|mara|customer|normal"])
        .await;
    house.shows("SELECT agent, packets > 100, mos > 3.5 FROM leg ORDER BY id", &["-|1|1", "mara|1|1"]).await;
    let recording = super::recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 1_500, "the customer on the left");
    assert!(Recording::heard(&recording.right, AGENT_HZ) > 1_000, "the agent on the right");
    // The call stands in the same history as what they write.
    visitor.writes_inside("One more thing").await;
    house.shows("SELECT (SELECT person FROM call) = person FROM conversation", &["1"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_hangs_up_and_the_window_knows() {
    let house = House::open(HOUSE).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    mara.click("#end").await;
    house.quiet().await;
    visitor.reads_inside("The call has ended").await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal"]).await;
    // And may call again.
    visitor.click_inside("[data-act=close]").await;
    visitor.click_inside("[aria-label='Call us']").await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.shows("SELECT count(*), count(DISTINCT person) FROM call", &["2|1"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_calls_a_desk_phone_through_a_menu() {
    let dora = DeskPhone::new(AGENT_HZ, false).await;
    let business = format!(
        r#"
[[queues]]
id = "sales"
record = true
wrap_up = "0s"
[flows.main]
[flows.main.nodes.start]
kind = "menu"
prompt = "please-hold"
options = {{ "2" = "queue:sales" }}
wait = "60s"
otherwise = "hangup"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[channels.calls]
to = "flow:main"
[[agents]]
id = "dora"
queues = ["sales"]
phone = "{}"
always_available = true
"#,
        dora.uri()
    );
    let house = House::open(&business).await;
    let Some(visitor) = visitor_calls(&house, CUSTOMER_HZ).await else { return };
    visitor.reads_inside("Please hold on").await;
    visitor.click_inside("[data-act=keys]").await;
    visitor.click_inside("[data-act=key2]").await;
    dora.rings().await;
    visitor.reads_inside("You are number 1 in the queue").await;
    dora.pick_up().await;
    dora.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    talk(Duration::from_secs(1)).await;
    // The phone's own hanging up ends it on the page.
    dora.hang_up().await;
    house.quiet().await;
    visitor.reads_inside("The call has ended").await;
    let recording = super::recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 500 && Recording::heard(&recording.right, AGENT_HZ) > 500);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_page_that_is_loaded_again_keeps_the_call() {
    let house = House::open(HOUSE).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    let gone = now_ms();
    visitor.reload().await;
    visitor.sees("#hubline-chat").await;
    let back = mara.hears_since(CUSTOMER_HZ, gone + 1_500).await;
    visitor.hears(AGENT_HZ).await;
    until("the desk knows it", || house.story().contains(&"call 1 customer silent false".to_owned())).await;
    let at = |wanted: &str| house.timed_facts().into_iter().find(|(_, fact)| format!("{fact:?}").contains(wanted)).expect("a fact").0;
    let away = at("CustomerSilent { silent: false").since(at("CustomerSilent { silent: true"));
    assert!(away < 6_000, "away for {away} ms, heard again {} ms after the page went", back - gone);
    house.shows("SELECT count(*), state FROM call", &["1|talking"]).await;
    talk(Duration::from_secs(1)).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.shows("SELECT count(*), ended_by, end_cause FROM call", &["1|customer|normal"]).await;
    let recording = super::recording(&house).await;
    // Recorded before and after: the last stretch is the customer's new connection.
    let last = &recording.left[recording.left.len().saturating_sub(8_000)..];
    assert!(Recording::heard(last, CUSTOMER_HZ) > 300, "recorded on after the page came back");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stays_away_ends_its_call_and_a_second_one_is_the_same_call() {
    let business = format!("{HOUSE}[routing]\nagent_grace = \"3s\"\n");
    let house = House::open(&business).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    // A second window of the same visitor asks too: one visitor, one call.
    let token = visitor.run("return localStorage.getItem('hubline.site.token')", json!([])).await;
    let second = Page::open(house.web, token.as_str()).await;
    until("the other window knows of the call", || second.frames("call").iter().any(|frame| frame["call"]["stage"] == "talking")).await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.go("about:blank").await;
    house.quiet().await;
    house.shows("SELECT count(*), ended_by, end_cause FROM call", &["1|customer|normal"]).await;
    until("the other window knows that it is over", || second.frames("call").iter().any(|frame| frame["call"]["stage"] == "over")).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_calls_without_a_session_and_nothing_is_begun_by_asking() {
    let house = House::open(HOUSE).await;
    let own = format!("http://{}", house.web);
    let visitor = Page::open(house.web, None).await;
    let offer = |sdp: &str| json!({ "sdp": sdp });
    let path = "call";
    let token = Some(visitor.token.as_str());
    assert_eq!(ask(house.web, &own, None, "POST", path, offer("v=0")).await.status, 401, "no session");
    assert_eq!(ask(house.web, &own, Some("v1.a.1.b"), "POST", path, offer("v=0")).await.status, 401, "a forged session");
    assert_eq!(ask(house.web, "https://evil.example", token, "POST", path, offer("v=0")).await.status, 403, "another site");
    assert_eq!(ask(house.web, &own, token, "POST", path, offer("v=0")).await.status, 422, "no offer");
    assert_eq!(ask(house.web, &own, token, "POST", path, offer(&"a=".repeat(20_000))).await.status, 413, "a long one");
    assert_eq!(ask(house.web, &own, token, "POST", "call?resume=true", offer("v=0")).await.status, 410, "no call to go on with");
    let mut turned_away = 0;
    for _ in 0..20 {
        turned_away += u32::from(ask(house.web, &own, token, "POST", path, offer("v=0")).await.status == 429);
    }
    assert!(turned_away >= 10, "asked too often");
    assert_eq!(house.story(), Vec::<String>::new(), "the desk heard of none of it");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_visitors_are_two_calls() {
    let house = House::open(HOUSE).await;
    let Some((mara, first)) = in_a_talk(&house).await else { return };
    let Some(second) = visitor_calls(&house, OTHER_CUSTOMER_HZ).await else { return };
    second.reads_inside("You are number 1 in the queue").await;
    first.click_inside("[data-act=hangup]").await;
    mara.click(".ringcard .accept").await;
    mara.hears(OTHER_CUSTOMER_HZ).await;
    second.hears(AGENT_HZ).await;
    second.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.shows("SELECT count(*), count(DISTINCT person) FROM call", &["2|2"]).await;
    house.close().await;
}

/// A visitor writes, and Mara answers.
pub(super) async fn in_a_chat(house: &House, mara: &Browser) -> Option<Browser> {
    let visitor = Browser::start(CUSTOMER_HZ).await?;
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.writes_inside("My lamp flickers").await;
    mara.click(".ringcard .accept").await;
    mara.reads("#conv", "My lamp flickers").await;
    Some(visitor)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_becomes_a_call_by_one_click() {
    let business = HOUSE.replace("queues = [\"sales\"]", "queues = [\"sales\"]\ncapacity = 200");
    let house = House::open(&business).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let Some(visitor) = in_a_chat(&house, &mara).await else { return };
    mara.click("#pagecall").await;
    visitor.reads_inside("Mara Voss is calling you").await;
    visitor.click_inside("[data-act=accept]").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    visitor.reads_inside("Talking with Mara Voss").await;
    // Nobody waited in a line, and it is the history of one person.
    house.shows("SELECT direction, queue, agent, person = (SELECT person FROM conversation) FROM call", &["outbound|sales|mara|1"]).await;
    assert!(!house.story().iter().any(|line| line.starts_with("call 1 waits")), "{}", house.told());
    talk(Duration::from_secs(1)).await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["customer|normal"]).await;
    let recording = super::recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 300 && Recording::heard(&recording.right, AGENT_HZ) > 300);
    // One that is declined ends there, and the chat goes on.
    mara.click("#pagecall").await;
    visitor.reads_inside("Mara Voss is calling you").await;
    visitor.click_inside("[data-act=decline]").await;
    house.quiet().await;
    house.shows("SELECT end_cause FROM call ORDER BY id", &["normal", "not_reached"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_calls_the_agent_who_sent_it_and_no_other_link_does() {
    let business = HOUSE.replace("queues = [\"sales\"]", "queues = [\"sales\"]\ncapacity = 200");
    let house = House::open(&business).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let visitor = Page::open(house.web, None).await;
    visitor.writes("My lamp flickers").await;
    mara.click(".ringcard .accept").await;
    mara.reads("#conv", "My lamp flickers").await;
    mara.click("#calllink").await;
    let message = visitor.hears("message", "You can call us here").await;
    let text = message["line"]["text"].as_str().expect("a text");
    let link = text.rsplit(' ').next().expect("a link").to_owned();
    let Some(phone) = Browser::start(CUSTOMER_HZ).await else { return };
    // A link that nobody signed says that it is not good, and calls nobody.
    phone.go(&format!("{}x", link)).await;
    phone.reads("h1", "not good any more").await;
    phone.go(&link).await;
    phone.click("#begin").await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    phone.hears(AGENT_HZ).await;
    phone.reads_inside("Talking with Mara Voss").await;
    house.shows("SELECT direction, queue, agent, person = (SELECT person FROM conversation) FROM call", &["inbound|sales|mara|1"]).await;
    phone.reload().await;
    phone.hears(AGENT_HZ).await;
    // Beside the talk they write and send pictures, and it comes to her who talks with them.
    phone.reads_inside("Talking with Mara Voss").await;
    phone.writes_inside("This is the lamp").await;
    house.shows("SELECT id, person, agent FROM conversation WHERE id > 1", &["2|1|mara"]).await;
    phone.picks_inside("lamp.png", super::pictures::PNG).await;
    phone.has_inside(".log img[alt='lamp.png']").await;
    mara.click("#list [href='/inbox/conversation/2']").await;
    mara.reads("#conv", "This is the lamp").await;
    mara.sees("#conv img[alt='lamp.png']").await;
    mara.keys("#text", "I see it").await;
    mara.keys("#text", "\u{e009}\u{e007}").await;
    phone.reads_inside("I see it").await;
    mara.click("#end").await;
    house.quiet().await;
    phone.reads_inside("The call has ended").await;
    // Whoever holds the link may call and write, and reads nothing of what was written elsewhere.
    let token = link.rsplit('/').next().expect("a token");
    let own = format!("http://{}", house.web);
    let session = ask(house.web, &own, None, "POST", "session", json!({ "link": token })).await;
    let session = session.json()["token"].as_str().expect("a session").to_owned();
    let heard = ask(house.web, &own, Some(&session), "POST", "hear", json!(null)).await.text();
    assert!(!heard.contains("lamp") && !heard.contains("I see it"), "{heard}");
    ask(house.web, &own, Some(&session), "POST", "say", json!({ "type": "message", "key": "k", "text": "Hello" })).await;
    house.shows("SELECT person, count(*) FROM message WHERE kind = 'in' GROUP BY person", &["1|4"]).await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["1"], "nobody new");
    let forged = ask(house.web, &own, None, "POST", "session", json!({ "link": format!("{token}x") })).await;
    assert_eq!(forged.status, 410);
    house.close().await;
}

/// A site's word for who is signed in: a JSON Web Token of this account, good for an hour.
fn signed(account: &str, name: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use hmac::{Hmac, KeyInit, Mac};
    let claims = json!({ "sub": account, "name": name, "exp": now_ms() / 1_000 + 3_600 });
    let signed = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"shared with the shop").expect("a key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_who_is_signed_in_comes_with_the_call() {
    let business = HOUSE.replace("[channels.calls]", "[channels.account]\nsecret = \"shared with the shop\"\n[channels.calls]");
    let house = House::open(&business).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    visitor.at_the_shop_as(house.web, &signed("10023", "Anna Winter")).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Call us']").await;
    mara.reads(".ringcard", "Anna Winter").await;
    mara.reads(".ringcard", "10023").await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    house.shows("SELECT kind, value FROM identity", &["user|10023"]).await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    // Their chat is the same person's, on every computer.
    let own = format!("http://{}", house.web);
    let elsewhere = ask(house.web, &own, None, "POST", "session", json!({ "account": signed("10023", "Anna Winter") })).await;
    let token = elsewhere.json()["token"].as_str().expect("a session").to_owned();
    ask(house.web, &own, Some(&token), "POST", "say", json!({ "type": "message", "key": "k", "text": "It flickers again" })).await;
    house.shows("SELECT (SELECT person FROM call) = person FROM conversation", &["1"]).await;
    // Whoever is signed out is a stranger again, whatever token the page still has.
    let after = ask(house.web, &own, None, "POST", "session", json!({ "token": token })).await;
    let stranger = after.json()["token"].as_str().expect("a session").to_owned();
    let heard = ask(house.web, &own, Some(&stranger), "POST", "hear", json!(null)).await.text();
    assert!(!heard.contains("flickers"), "{heard}");
    house.close().await;
}
