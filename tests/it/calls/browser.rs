//! The agent's page as their telephone: a real browser with a tone for a microphone.

use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::{Caller, talk};
use crate::rig::proxy::keeping_back;
use crate::rig::sipp::Sipp;
use crate::rig::stranger::{Stranger, taken};
use crate::rig::visitor::Page;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OTHER_CUSTOMER_HZ, PATIENCE, until, within};
use serde_json::json;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One queue that records, asks for an outcome and opens tickets; Mara takes its calls in her browser.
pub(super) const HOUSE: &str = r#"
[[lines]]
number = "4001"
queue = "sales"
[[queues]]
id = "sales"
name = "Sales"
record = true
wrap_up = "60s"
dispositions = ["Sold", "Advice"]
disposition_required = true
open_ticket = true
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
"#;

/// Mara chooses her status by the menu, as a person does; her phone is ready then.
pub(super) async fn goes_available(page: &Browser, house: &House) {
    page.can_be_called(house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    page.sees("#list").await;
    page.can_be_called(house, "mara").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_in_the_page_and_wrapped_up() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let Some(caller) = Sipp::caller(house.sip, "4001", "+4915100138193", CUSTOMER_HZ, Duration::from_secs(9)).await else { return };
    page.click(".ringcard .accept").await;
    page.hears(CUSTOMER_HZ).await;
    caller.audio.hears(AGENT_HZ).await;
    caller.succeeds().await;
    page.sees("form.wrapup").await;
    page.click("form.wrapup [name=disposition]").await;
    page.keys("form.wrapup [name=disposition]", "Sold").await;
    page.keys("form.wrapup [name=note]", "Two racks, pick-up on Friday").await;
    page.click("form.wrapup .primary").await;
    page.loses("form.wrapup").await;
    house.stands("mara Available 0/100").await;
    house
        .shows(
            "SELECT trunk, caller, dialled, state, queue, agent, ended_by, end_cause, disposition, wrap_note FROM call",
            &["line|+4915100138193|4001|ended|sales|mara|customer|normal|Sold|Two racks, pick-up on Friday"],
        )
        .await;
    house.shows("SELECT state, error FROM recording", &["done|-"]).await;
    house.shows("SELECT agent, packets > 100, mos > 3.5 FROM leg ORDER BY id", &["-|1|1", "mara|1|1"]).await;
    house.shows("SELECT state, queue, (SELECT count(*) FROM ticket_link WHERE ticket = t.id) FROM ticket t", &["new|sales|1"]).await;
    let file = house.rows("SELECT file FROM recording").remove(0);
    let recording = Recording::read(&house.data().join("recordings").join(file));
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 2_000, "the customer on the left");
    assert!(Recording::heard(&recording.right, AGENT_HZ) > 1_000, "the agent on the right");
    assert!(
        Recording::heard(&recording.left, AGENT_HZ) == 0 && Recording::heard(&recording.right, CUSTOMER_HZ) == 0,
        "each on their own side"
    );
    page.reads("#conv", "Sold").await;
    house.close().await;
}

/// Settings and canned replies are pages of the same document; a second window takes the calls over and gives them back.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_on_over_the_settings_and_in_another_window() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    page.click(".rail a[href='/settings']").await;
    page.sees("input[name=enter]").await;
    // It rings there, and is answered there.
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    page.click(".rail a[href='/settings']").await;
    page.click("input[name=enter]").await;
    page.click("form[action='/settings'] .primary").await;
    page.sees(".ban.ok").await;
    page.click(".rail a[href='/canned']").await;
    page.sees(".crs").await;
    page.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    assert!(!house.story().iter().any(|line| line.contains("silent")), "{}", house.told());
    // The newest window is the phone; the other one says so, and takes the call back by its button.
    let Some(other) = Browser::at_the_desk(&house, "mara", OTHER_AGENT_HZ).await else { return };
    caller.hears(OTHER_AGENT_HZ).await;
    page.reads("[data-note=elsewhere]", "Your calls ring in another window.").await;
    page.click("[data-note=elsewhere] button").await;
    caller.hears(AGENT_HZ).await;
    other.reads("[data-note=elsewhere]", "Your calls ring in another window.").await;
    page.loses("[data-note=elsewhere]").await;
    house.shows("SELECT count(*), state, agent FROM call", &["1|talking|mara"]).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["customer|normal"]).await;
    house.close().await;
}

/// Mara in a call in her page, both sides heard.
async fn in_a_call(house: &House) -> Option<(Browser, Caller)> {
    let page = Browser::at_the_desk(house, "mara", AGENT_HZ).await?;
    goes_available(&page, house).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    page.hears(CUSTOMER_HZ).await;
    Some((page, caller))
}

/// A browser's time as one of ours.
fn moment(ms: i64) -> Instant {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    Instant::now() - Duration::from_millis(now.saturating_sub(ms).max(0) as u64)
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64
}

/// Half a second without a packet is silence, and then there is music; the rest is what a busy machine may take.
const QUIET: Duration = Duration::from_millis(1_000);
/// How soon after a page's return both sides hear each other.
const BACK: i64 = 3_000;

/// Both hear each other again soon after the page came back (ms since 1970); until then, since it was gone, the caller had music.
async fn both_hear_again(page: &Browser, caller: &Caller, gone: Instant, returned: i64) {
    let heard = caller.hears_since(AGENT_HZ, moment(returned)).await;
    let late = heard.duration_since(moment(returned)).as_millis();
    assert!(late as i64 <= BACK, "the caller hears the agent {late} ms after the page is back");
    let late = page.hears_since(CUSTOMER_HZ, returned).await - returned;
    assert!(late <= BACK, "the agent hears the caller {late} ms after the page is back");
    let quiet = caller.quiet(gone, heard);
    assert!(quiet <= QUIET, "the caller heard nothing for {quiet:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_mid_call_keeps_the_customer() {
    let house = House::open(HOUSE).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let gone = Instant::now();
    page.reload().await;
    // Sound begins without a click in the new page: it is the same tab, and the click before counts.
    both_hear_again(&page, &caller, gone, page.loaded().await).await;
    let music = caller.music(gone, Instant::now(), AGENT_HZ);
    assert!(music >= Duration::from_millis(100), "music while nobody was there: {music:?}");
    page.sees("#call .call").await;
    house.shows("SELECT count(*), state FROM call", &["1|talking"]).await;
    let story = house.story();
    assert!(
        story.contains(&"call 1 mara silent true".to_owned()) && story.contains(&"call 1 mara silent false".to_owned()),
        "{}",
        house.told()
    );
    caller.hang_up().await;
    house.quiet().await;
    page.sees("form.wrapup").await;
    house.shows("SELECT state, agent, ended_by, end_cause FROM call", &["ended|mara|customer|normal"]).await;
    house.shows("SELECT state, error FROM recording", &["done|-"]).await;
    house.close().await;
}

/// The page draws the call before its modules have come: it finds the call all the same, with the microphone on.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_modules_come_late_is_heard_again() {
    let house = House::open(&format!("{HOUSE}[routing]\nagent_grace = \"60s\"\n")).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let slow = keeping_back(house.web, "/static/softphone").await;
    page.go(&format!("http://{}/inbox", slow.address)).await;
    // Whatever is drawn anew.
    page.click("#record").await;
    page.sees("#record[aria-pressed=true]").await;
    let here = "return performance.getEntriesByType('resource').some(one => one.name.includes('/static/softphone'))";
    assert_eq!(page.run(here, json!([])).await, json!(false), "the modules are there already");
    slow.release.send(true).expect("somebody waits");
    page.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT count(*), agent, ended_by FROM call", &["1|mara|customer"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_sleeps_in_mid_call_keeps_the_customer() {
    let house = House::open(HOUSE).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let asleep = Instant::now();
    page.falls_asleep();
    caller.hears_music(&[AGENT_HZ]).await;
    talk(Duration::from_secs(4)).await;
    assert!(caller.share(AGENT_HZ) < 0.3, "music goes on");
    let awake = now_ms();
    page.wakes_up();
    both_hear_again(&page, &caller, asleep, awake).await;
    // It stays so: what the page thinks of its sleep later does not take the caller away again.
    talk(Duration::from_secs(3)).await;
    caller.hears(AGENT_HZ).await;
    page.hears(CUSTOMER_HZ).await;
    house.shows("SELECT count(*), state, agent FROM call", &["1|talking|mara"]).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_is_frozen_in_mid_call_keeps_the_customer() {
    let house = House::open(HOUSE).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let frozen = Instant::now();
    page.cdp("Page.setWebLifecycleState", json!({ "state": "frozen" })).await;
    talk(Duration::from_secs(4)).await;
    let thawed = now_ms();
    page.cdp("Page.setWebLifecycleState", json!({ "state": "active" })).await;
    both_hear_again(&page, &caller, frozen, thawed).await;
    house.shows("SELECT count(*), state, agent FROM call", &["1|talking|mara"]).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_call_waits_while_the_page_talks_and_is_answered_after() {
    let house = House::open(HOUSE).await;
    let Some((page, first)) = in_a_call(&house).await else { return };
    let second = Caller::dial(house.sip, "4001", "+492", OTHER_CUSTOMER_HZ).await;
    second.answered().await;
    second.hears_music(&[AGENT_HZ, CUSTOMER_HZ, OTHER_CUSTOMER_HZ]).await;
    page.reads("#list .waits", "Caller +492").await;
    talk(Duration::from_secs(1)).await;
    assert_eq!(page.run("return document.querySelectorAll('.ringcard').length", json!([])).await, json!(0), "one call at a time");
    assert!(first.share(AGENT_HZ) > 0.5 && second.share(AGENT_HZ) < 0.1, "each hears their own");
    page.hears(CUSTOMER_HZ).await;
    first.hang_up().await;
    page.sees("form.wrapup").await;
    second.hears_music(&[AGENT_HZ, CUSTOMER_HZ, OTHER_CUSTOMER_HZ]).await;
    assert!(!house.story().contains(&"call 2 offered to mara".to_owned()), "not before the first is wrapped up: {}", house.told());
    page.keys("form.wrapup [name=disposition]", "Advice").await;
    page.click("form.wrapup .primary").await;
    page.click(".ringcard .accept").await;
    second.hears(AGENT_HZ).await;
    page.hears(OTHER_CUSTOMER_HZ).await;
    page.reads("#call .call", "Caller +492").await;
    second.hang_up().await;
    house.quiet().await;
    house
        .shows(
            "SELECT caller, agent, ended_by, end_cause FROM call ORDER BY id",
            &["+491|mara|customer|normal", "+492|mara|customer|normal"],
        )
        .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_chats_and_the_page_has_four() {
    // Four offers are looked at one after the other, on a slow machine.
    let business = HOUSE.replace("[[queues]]\n", "[[queues]]\noffer = \"60s\"\n");
    let business = format!("{business}[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n");
    let house = House::open(&business).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let mut visitors = Vec::new();
    for n in 1..=20 {
        let visitor = Page::open(house.web, None).await;
        visitor.writes(&format!("Question {n:02}")).await;
        visitors.push(visitor);
    }
    let counts = async |css: &str, expected: usize| {
        let start = Instant::now();
        loop {
            let count = page.run("return document.querySelectorAll(arguments[0]).length", json!([css])).await;
            if count == json!(expected) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{count} of {css}, not {expected}\n{}", page.text().await);
            talk(Duration::from_millis(100)).await;
        }
    };
    for taken in 1..=4 {
        page.click(".ringcard .accept").await;
        // Its own conversation: a page still on its way would close a menu that is opened too early.
        page.reads("#conv", &format!("Question {taken:02}")).await;
        counts(".ringcard", 4 - taken).await;
    }
    house.stands("mara Available 100/100").await;
    page.reads(".cap", "100/100").await;
    page.reads("#list", "Question 20").await;
    // Four served, sixteen wait, and nothing rings that could not be taken.
    counts("#list .cv.waits", 16).await;
    counts("#list .cv", 20).await;
    counts(".ringcard", 0).await;
    page.click("#resolve summary").await;
    page.click("#resolve [data-disposition=Advice]").await;
    page.reads(".ringcard", "Question 05").await;
    page.click(".ringcard .accept").await;
    page.reads("#conv", "Question 05").await;
    house.stands("mara Available 100/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_mute_keys_and_hanging_up_by_the_pages_buttons() {
    let house = House::open(HOUSE).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let Some(caller) = Sipp::caller(house.sip, "4001", "+491", CUSTOMER_HZ, Duration::from_secs(60)).await else { return };
    page.click(".ringcard .accept").await;
    caller.audio.hears(AGENT_HZ).await;
    page.click("#hold").await;
    house.shows("SELECT held_since IS NOT NULL FROM leg WHERE agent = 'mara'", &["1"]).await;
    until("music in place of the agent", || caller.audio.share(AGENT_HZ) < 0.2).await;
    page.click("#hold").await;
    caller.audio.hears(AGENT_HZ).await;
    page.hears(CUSTOMER_HZ).await;
    page.click("#mute").await;
    until("silence in place of the agent", || caller.audio.share(AGENT_HZ) < 0.2).await;
    assert!(!house.story().iter().any(|line| line.contains("silent")), "muted is not gone: {}", house.told());
    page.click("#mute").await;
    caller.audio.hears(AGENT_HZ).await;
    page.click("#keypad").await;
    for key in ["4", "2", "#"] {
        page.click(&format!("[data-digit='{key}']")).await;
    }
    until("the customer's end hears the keys", || caller.audio.keys() == "42#").await;
    page.run("document.querySelector('#padbox').close()", json!([])).await;
    page.click("#end").await;
    house.quiet().await;
    house.shows("SELECT state, ended_by, end_cause FROM call", &["ended|agent|normal"]).await;
    page.sees("form.wrapup").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_beside_the_call_of_the_same_page() {
    let business = format!(
        "{}capacity = 150\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n",
        HOUSE.trim_end().to_owned() + "\n"
    );
    let house = House::open(&business).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    goes_available(&page, &house).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    page.hears(CUSTOMER_HZ).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("While you talk: is the lamp in stock?").await;
    page.reads(".ringcard", "is the lamp in stock?").await;
    page.click(".ringcard .accept").await;
    page.reads("#conv", "is the lamp in stock?").await;
    page.keys("#text", "It is, two of them").await;
    page.click("#send").await;
    visitor.hears("message", "It is, two of them").await;
    page.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    house.stands("mara Available 125/150").await;
    caller.hang_up().await;
    house.quiet().await;
    page.sees("form.wrapup").await;
    house.close().await;
}

/// A second agent, with a desk phone, and somebody who administers.
fn with_wim(phone: &DeskPhone, routing: &str) -> String {
    format!(
        "{HOUSE}[[agents]]\nid = \"wim\"\nname = \"Wim\"\nqueues = [\"sales\"]\nphone = \"{}\"\n[[agents]]\nid = \"ada\"\nname = \"Ada\"\nrole = \"admin\"\n[routing]\n{routing}\n",
        phone.uri()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_for_good_loses_the_caller_to_the_next() {
    let phone = DeskPhone::new(OTHER_AGENT_HZ, true).await;
    let house = House::open(&with_wim(&phone, "")).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let wim = house.agent("wim").await;
    wim.available().await;
    let gone = Instant::now();
    drop(page);
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    talk(Duration::from_secs(10)).await;
    assert!(!house.story().iter().any(|line| line.contains("AgentLost")), "fifteen seconds to come back: {}", house.told());
    within(3 * PATIENCE, "the caller hears the next agent", || caller.share(OTHER_AGENT_HZ) > 0.5).await;
    phone.hears(CUSTOMER_HZ).await;
    assert!(caller.quiet(gone, Instant::now()) <= QUIET, "music all the time: {:?}", caller.quiet(gone, Instant::now()));
    assert!(house.story().contains(&"call 1 waits in sales at the head (AgentLost)".to_owned()), "{}", house.told());
    let at = |wanted: &str| house.timed_facts().into_iter().find(|(_, fact)| format!("{fact:?}").contains(wanted)).expect("a fact").0;
    let grace = at("AgentLost").since(at("silent: true"));
    assert!((15_000..20_000).contains(&grace), "{grace} ms");
    // The next agent reads why.
    let shown = wim.get("/inbox/call/1").await.text();
    assert!(shown.contains("page was gone"), "{shown}");
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT count(*), agent, ended_by FROM call", &["1|wim|customer"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_by_the_admin_hears_no_more_and_the_caller_goes_to_the_next() {
    let phone = DeskPhone::new(OTHER_AGENT_HZ, true).await;
    let house = House::open(&with_wim(&phone, "agent_grace = \"3s\"")).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let (wim, ada) = (house.agent("wim").await, house.agent("ada").await);
    wim.available().await;
    let session = house.rows("SELECT id FROM session WHERE user = 'mara'").remove(0);
    let ended = Instant::now();
    let answer = ada.post(&format!("/admin/sessions/{session}/end"), &[]).await;
    assert!(answer.status < 400, "{}", answer.text());
    // The connection of the page would outlive its session: nobody may listen on it. As with any agent who is gone, there is music first.
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    page.sees("input[name=password]").await;
    caller.hears(OTHER_AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    assert!(caller.quiet(ended, Instant::now()) <= QUIET, "{:?}", caller.quiet(ended, Instant::now()));
    assert!(house.story().contains(&"call 1 waits in sales at the head (AgentLost)".to_owned()), "{}", house.told());
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call", &["wim|customer"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_neither_heard_nor_answered_in_the_pages_call() {
    let free = Ports::free();
    let ports = Ports { media: free.media, ..Ports::any() };
    let house = House::with(&machine(&ports, HOUSE)).await;
    let Some((page, caller)) = in_a_call(&house).await else { return };
    let legs = taken(ports.rtp);
    assert!(!legs.is_empty(), "the caller has a port");
    // One on the caller's own machine, one elsewhere.
    let mut strangers = [Stranger::at([127, 0, 0, 1]).await, Stranger::at([127, 0, 0, 2]).await];
    let before = caller.samples();
    for burst in 0..200 {
        for stranger in &mut strangers {
            for to in legs.iter().chain([&ports.media]) {
                stranger.sings(*to, OTHER_AGENT_HZ).await;
            }
            stranger.throws(ports.media, &binding_request(burst)).await;
        }
        talk(Duration::from_millis(20)).await;
        if burst % 50 == 49 {
            assert!(caller.share(AGENT_HZ) > 0.5 && caller.share(OTHER_AGENT_HZ) < 0.05, "the caller hears the agent alone");
        }
    }
    assert!(caller.samples() > before + 8_000, "all the time");
    page.hears(CUSTOMER_HZ).await;
    assert_eq!(strangers.map(|stranger| stranger.got_back()), [0, 0], "nothing is sent back to whom nobody called");
    caller.hang_up().await;
    house.quiet().await;
    let recording = super::recording(&house).await;
    assert!(Recording::heard(&recording.left, OTHER_AGENT_HZ) + Recording::heard(&recording.right, OTHER_AGENT_HZ) == 0);
    house.close().await;
}

/// A STUN binding request (RFC 8489) of somebody who does not know the connection's credentials.
fn binding_request(number: u8) -> Vec<u8> {
    let name = b"guess:them\0\0";
    let mut request = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
    request.extend([number; 12]);
    request.extend([0, 6, 0, 10]);
    request.extend(name);
    request
}
