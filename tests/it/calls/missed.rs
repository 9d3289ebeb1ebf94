//! Nobody who called is lost: who gives up is told by text and called back, who leaves a voicemail is heard.

use super::by_text;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::visitor::Page;
use crate::rig::wav::{self, Recording};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_CUSTOMER_HZ, PATIENCE, until};
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::tone;
use serde_json::json;
use std::time::Duration;

const NUMBER: &str = "+4915100138193";

/// One queue; Mara in her browser; texts by this gateway; calls out to this telephone.
async fn house(gateway: &Gateway, outside: Option<&DeskPhone>, queue: &str) -> House {
    let outside = outside.map(|phone| phone.uri().replace("sip:desk@", "")).unwrap_or_else(|| "127.0.0.1:9".into());
    let business = format!(
        r#"
[dial]
agents = ["any"]
[routing]
callback_after = "0s"
[[queues]]
id = "sales"
name = "Sales"
record = true
wrap_up = "0s"
{queue}
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
"#
    );
    House::open(&(by_text(gateway, &outside) + &business)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_is_told_at_once_books_by_the_link_and_is_called_back() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let customer = DeskPhone::new(OTHER_CUSTOMER_HZ, false).await;
    let house = house(&gateway, Some(&customer), "").await;
    let Some(caller) = Sipp::caller(house.sip, "4001", NUMBER, CUSTOMER_HZ, Duration::from_secs(2)).await else { return };
    caller.succeeds().await;
    let text = gateway.text(1, Duration::from_secs(1)).await.expect("a text within the second");
    assert_eq!(text.to, NUMBER);
    let link = text.text.split_whitespace().find(|word| word.starts_with("http")).expect("a link").to_owned();
    house.shows("SELECT state, why, told_at IS NOT NULL FROM callback", &["listed|abandoned|1"]).await;
    // The link, in a browser of their own.
    let Some(theirs) = Browser::start(CUSTOMER_HZ).await else { return };
    theirs.go(&link.replace("/callback/", "/callback/x")).await;
    assert!(theirs.text().await.contains("not good any more"));
    theirs.go(&link).await;
    let page = theirs.text().await;
    assert!(page.contains("+491•••••••193") && !page.contains(NUMBER), "{page}");
    house.shows("SELECT state FROM callback", &["listed"]).await;
    theirs.click("form[action$='/book'] button").await;
    theirs.reads("h1", "We will call you").await;
    house.shows("SELECT state FROM callback", &["waiting"]).await;
    // The agent is offered it, accepts, and the customer's telephone rings.
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    page.reads(".rail .missedn", "1").await;
    page.can_be_called(&house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    page.click(".ringcard .accept").await;
    customer.pick_up().await;
    customer.hears(AGENT_HZ).await;
    page.hears(OTHER_CUSTOMER_HZ).await;
    talk(Duration::from_secs(2)).await;
    customer.hang_up().await;
    house.shows("SELECT state, how, closed_by, tries FROM callback", &["closed|reached|mara|0"]).await;
    house.shows("SELECT state FROM recording", &["done"]).await;
    let file = house.rows("SELECT file FROM recording").remove(0);
    let recording = Recording::read(&house.data().join("recordings").join(file));
    assert!(Recording::heard(&recording.left, OTHER_CUSTOMER_HZ) > 1_000, "the customer on the left");
    assert!(Recording::heard(&recording.right, AGENT_HZ) > 1_000, "the agent on the right");
    theirs.reload().await;
    assert!(theirs.text().await.contains("All done"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voicemail_is_what_was_said_and_is_played_by_the_page() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let queue = "max_wait = \"1s\"\n[queues.waiting]\nwhen_late = \"voicemail\"\n";
    let house = house(&gateway, None, queue).await;
    let caller = Caller::dial(house.sip, "4001", NUMBER, CUSTOMER_HZ).await;
    let begun = || house.story().iter().any(|line| line.ends_with("recorded"));
    until("the message is recorded", begun).await;
    talk(Duration::from_secs(3)).await;
    caller.press("#").await;
    caller.hung_up_on().await;
    house.shows("SELECT state, why, voicemail FROM callback", &["listed|voicemail|1"]).await;
    house.shows("SELECT channel, state, queue FROM conversation", &["voicemail|waiting|sales"]).await;
    house.shows("SELECT end_cause FROM call", &["voicemail"]).await;
    assert_eq!(gateway.texts(), [], "who left a message is not asked whether we shall call");
    // The file holds the caller's tone and nothing else.
    let sha = house.rows("SELECT sha256 FROM file").remove(0);
    let samples = wav::read_pcm(&house.data().join("files").join(sha));
    assert!(samples.len() > 8_000 * 2, "{} samples", samples.len());
    let tones = samples.chunks_exact(800).filter(|window| tone::share(window, CUSTOMER_HZ) > 0.9).count();
    assert!(tones * 800 > samples.len() * 8 / 10, "{tones} of {} windows", samples.len() / 800);
    // The page plays it, and calls back by one click.
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    page.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    page.sees(".voicemsg").await;
    let start = std::time::Instant::now();
    loop {
        let script =
            "const a = document.querySelector('.voicemsg'); if (a.paused && !a.ended) { a.muted = true; a.play().catch(() => {}); }
            return [a.duration || 0, a.currentTime, a.error?.code ?? 0]";
        let played = page.run(script, json!([])).await;
        if played[1].as_f64().is_some_and(|at| at > 0.5) {
            assert!(played[0].as_f64().is_some_and(|length| length > 2.0), "{played}");
            break;
        }
        assert!(start.elapsed() < PATIENCE, "not played: {played}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    page.sees(".chd [data-post='/callbacks/1/call']").await;
    page.go(&format!("http://{}/callbacks", house.web)).await;
    page.sees("#callback-1").await;
    page.click("#callback-1 [data-post$='/claim']").await;
    page.sees("#callback-1.mine").await;
    house.shows("SELECT claimed FROM callback", &["mara"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_after_the_tone_is_a_missed_call() {
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let queue = "max_wait = \"1s\"\n[queues.waiting]\nwhen_late = \"voicemail\"\n";
    let house = house(&gateway, None, queue).await;
    let caller = Caller::dial(house.sip, "4001", NUMBER, 0.0).await;
    caller.hung_up_on().await;
    house.shows("SELECT state, why, voicemail FROM callback", &["listed|no_message|-"]).await;
    house.shows("SELECT count(*) FROM conversation", &["0"]).await;
    house.close().await;
}

/// Who leaves a chat that nobody answered stands on the same list as who called: there is no number to call, but a page to be rung and written to.
#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_a_chat_unanswered_stands_on_the_list_and_is_written_to() {
    let house = House::open(&format!("{}[routing]\nleft_grace = \"1s\"\n", super::pages::HOUSE)).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is anybody there?").await;
    let token = visitor.token.clone();
    visitor.leaves().await;
    house.shows("SELECT why, state, call IS NULL FROM callback", &["chat|listed|1"]).await;
    house.shows("SELECT state, abandoned_at IS NOT NULL FROM conversation", &["resolved|1"]).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    page.reads(".rail .missedn", "1").await;
    page.click(".rail a[href='/callbacks']").await;
    page.reads(".cbk", "Left the chat unanswered").await;
    page.sees(".cbk [data-post='/callbacks/1/call']").await;
    page.click(".cbk .drop summary").await;
    page.keys("#txt-1", "We are here now").await;
    page.click(".cbf[data-form$='/write'] button").await;
    page.reads(".cbk", "has been sent a link").await;
    // It waits for them in their window; what they answer goes to whoever is there, and settles it.
    let again = Page::open(house.web, Some(&token)).await;
    again.hears("welcome", "We are here now").await;
    page.can_be_called(&house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    again.writes("Good").await;
    page.click(".ringcard .accept").await;
    page.reads("#conv", "Good").await;
    house.shows("SELECT state, how FROM callback", &["closed|called_in"]).await;
    page.click(".rail a[href='/callbacks']").await;
    page.sees(".empty").await;
    until("nobody is counted any more", || house.app.switchboard.floor().callbacks == 0).await;
    house.close().await;
}
