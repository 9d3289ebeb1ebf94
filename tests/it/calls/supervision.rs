//! A supervisor in a call, listened to from every side: listen, whisper, barge in, take over; and what of it stands in the recording.

use super::{house_of, recording, way_out};
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ};
use hubline::sim::tone;
use std::time::Duration;

/// The supervisor's own tone.
const SUPERVISOR_HZ: f64 = OUTSIDE_HZ;
/// Of the prompt that announces a supervisor.
const NOTICE_HZ: f64 = 1_400.0;

/// A house with agents at these phones and a supervisor at that one.
async fn watched_house(agents: &[&DeskPhone], supervisor: &DeskPhone, more: &str) -> House {
    let sofia = format!("[[agents]]\nid = \"sofia\"\nname = \"Sofia\"\nrole = \"supervisor\"\nphone = \"{}\"\n{more}", supervisor.uri());
    house_of(agents, "", &sofia).await
}

/// When a tone has its share of a side, ms, in steps of 100.
fn moments(side: &[i16], hz: f64) -> Vec<usize> {
    let shares = side.chunks_exact(800).map(|window| tone::share(window, hz));
    shares.enumerate().filter(|(_, share)| *share > 0.2).map(|(n, _)| n * 100).collect()
}

const SILENT: &str = "[supervision]\nannounce = false\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_both_and_a_whisper_reaches_the_agent_alone() {
    let (phone, ear) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(SUPERVISOR_HZ, true).await);
    let house = watched_house(&[&phone], &ear, SILENT).await;
    let (dora, sofia) = (house.agent("dora").await, house.agent("sofia").await);
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    // Agents are no supervisors, whatever they post.
    assert_eq!(dora.post("/wallboard/call/1/watch", &[("value", "listen")]).await.status, 403);
    sofia.does("/wallboard/call/1/watch", &[("value", "listen")]).await;
    ear.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    phone.forget();
    talk(Duration::from_millis(800)).await;
    assert!(caller.share(SUPERVISOR_HZ) < 0.02 && phone.share(SUPERVISOR_HZ) < 0.02, "a listener is heard by nobody");
    sofia.does("/wallboard/call/1/watch", &[("value", "whisper")]).await;
    phone.hears_all(&[CUSTOMER_HZ, SUPERVISOR_HZ]).await;
    ear.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    talk(Duration::from_millis(1_500)).await;
    assert!(caller.share(SUPERVISOR_HZ) < 0.02, "the customer never hears a whisper");
    assert!(caller.share(AGENT_HZ) > 0.5);
    // While the customer is on hold, the two talk.
    dora.does("/work/call/1/hold", &[("on", "true")]).await;
    caller.hears_music(&[AGENT_HZ, SUPERVISOR_HZ]).await;
    phone.hears(SUPERVISOR_HZ).await;
    ear.hears(AGENT_HZ).await;
    dora.does("/work/call/1/hold", &[("on", "false")]).await;
    caller.hears(AGENT_HZ).await;
    sofia.does("/wallboard/call/1/watch", &[("value", "barge")]).await;
    caller.hears_all(&[AGENT_HZ, SUPERVISOR_HZ]).await;
    phone.hears_all(&[CUSTOMER_HZ, SUPERVISOR_HZ]).await;
    talk(Duration::from_millis(1_200)).await;
    // On hook: the call goes on as before.
    ear.hang_up().await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(600)).await;
    assert!(caller.share(SUPERVISOR_HZ) < 0.02);
    caller.hang_up().await;
    phone.is_idle().await;
    house.quiet().await;
    house
        .shows(
            "SELECT json_extract(json, '$.call[1].watched.mode'), json_extract(json, '$.call[1].watched.by') FROM event WHERE kind = 'call.watched' ORDER BY seq",
            &["listen|sofia", "whisper|sofia", "barge|sofia"],
        )
        .await;
    house.shows("SELECT json_extract(json, '$.call[1].watch_ended.how') FROM event WHERE kind = 'call.watch_ended'", &["left"]).await;
    // Silent listening stands in no table of contents; who was heard does.
    house.shows("SELECT kind, agent FROM chapter WHERE agent = 'sofia' ORDER BY id", &["barge|sofia", "watch_end|sofia"]).await;
    house.shows("SELECT agent FROM leg ORDER BY id", &["-", "dora"]).await;
    let recording = recording(&house).await;
    let barged = moments(&recording.right, SUPERVISOR_HZ);
    assert!(moments(&recording.left, SUPERVISOR_HZ).is_empty(), "the customer's side has the customer alone");
    let (begin, end) = (barged.first().copied().unwrap_or_default(), barged.last().copied().unwrap_or_default());
    assert!(barged.len() > 8 && end - begin < 5_000, "barging in is recorded: {barged:?}");
    assert!(begin > 3_000, "no whisper in the recording: the supervisor is heard from {begin} ms");
    dora.leave().await;
    sofia.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announced_everybody_hears_the_tone_once() {
    let (phone, ear) = (DeskPhone::new(0.0, true).await, DeskPhone::new(SUPERVISOR_HZ, true).await);
    let house = watched_house(&[&phone], &ear, "").await;
    let (dora, sofia) = (house.agent("dora").await, house.agent("sofia").await);
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    sofia.does("/wallboard/call/1/watch", &[("value", "listen")]).await;
    caller.hears(NOTICE_HZ).await;
    ear.hears(CUSTOMER_HZ).await;
    dora.pushed("bar", "Sofia listens").await;
    sofia.does("/wallboard/call/1/watch", &[("value", "whisper")]).await;
    dora.pushed("bar", "Sofia whispers").await;
    talk(Duration::from_millis(1_500)).await;
    sofia.does("/wallboard/call/1/stop", &[]).await;
    ear.is_idle().await;
    caller.hang_up().await;
    house.quiet().await;
    let recording = recording(&house).await;
    let tone = Recording::heard(&recording.right, NOTICE_HZ);
    assert!((100..=700).contains(&tone), "the tone is in the recording once: {tone} ms");
    assert!(moments(&recording.right, SUPERVISOR_HZ).is_empty(), "and the whisper is not");
    house.shows("SELECT kind FROM chapter WHERE agent = 'sofia' ORDER BY id", &["listen", "watch_end", "whisper", "watch_end"]).await;
    dora.leave().await;
    sofia.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_takes_over_and_the_recording_goes_on() {
    let (phone, ear) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(SUPERVISOR_HZ, true).await);
    let house = watched_house(&[&phone], &ear, SILENT).await;
    let (dora, sofia) = (house.agent("dora").await, house.agent("sofia").await);
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_millis(1_200)).await;
    sofia.does("/wallboard/call/1/watch", &[("value", "listen")]).await;
    ear.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    sofia.does("/wallboard/call/1/watch", &[("value", "take_over")]).await;
    phone.is_idle().await;
    caller.hears(SUPERVISOR_HZ).await;
    ear.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_200)).await;
    // It is hers now: every verb is the ordinary one.
    sofia.does("/work/call/1/hold", &[("on", "true")]).await;
    caller.hears_music(&[AGENT_HZ, SUPERVISOR_HZ]).await;
    sofia.does("/work/call/1/hold", &[("on", "false")]).await;
    caller.hears(SUPERVISOR_HZ).await;
    assert_eq!(dora.post("/work/call/1/hold", &[("on", "true")]).await.status, 409);
    ear.hang_up().await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call", &["sofia|agent"]).await;
    house.shows("SELECT agent, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1", "dora|1", "sofia|1"]).await;
    house.shows("SELECT kind, agent FROM chapter ORDER BY id", &["talk|dora", "talk|sofia", "hold|sofia", "resume|sofia"]).await;
    let recording = recording(&house).await;
    let (first, then) = (Recording::heard(&recording.right, AGENT_HZ), Recording::heard(&recording.right, SUPERVISOR_HZ));
    assert!(first > 900 && then > 900, "{first} and {then} ms");
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 2_500, "the customer throughout");
    dora.leave().await;
    sofia.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_conference_a_whisper_reaches_no_one_but_the_agent_in_charge() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let (outside, ear) = (DeskPhone::new(2_300.0, true).await, DeskPhone::new(SUPERVISOR_HZ, true).await);
    let house = watched_house(&[&first, &second], &ear, &format!("{SILENT}{}", way_out(&outside))).await;
    let (dora, sofia) = (house.agent("dora").await, house.agent("sofia").await);
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/1/add", &[("to", "agent/emil")]).await;
    caller.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    sofia.does("/wallboard/call/1/watch", &[("value", "whisper")]).await;
    ear.hears_all(&[CUSTOMER_HZ, AGENT_HZ, OTHER_AGENT_HZ]).await;
    first.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ, SUPERVISOR_HZ]).await;
    second.forget();
    talk(Duration::from_millis(900)).await;
    assert!(caller.share(SUPERVISOR_HZ) < 0.02 && second.share(SUPERVISOR_HZ) < 0.02);
    // In a consult she is with the agent, and who is consulted hears nothing of her.
    dora.does("/work/call/1/remove", &[("party", "agent/emil")]).await;
    second.is_idle().await;
    dora.does("/work/call/1/consult", &[("to", "outside/030 999888")]).await;
    outside.hears(AGENT_HZ).await;
    ear.hears_all(&[AGENT_HZ, 2_300.0]).await;
    first.hears_all(&[2_300.0, SUPERVISOR_HZ]).await;
    talk(Duration::from_millis(700)).await;
    assert!(outside.share(SUPERVISOR_HZ) < 0.02);
    caller.hang_up().await;
    for phone in [&first, &outside, &ear] {
        phone.is_idle().await;
    }
    house.quiet().await;
    dora.leave().await;
    sofia.leave().await;
    house.close().await;
}

/// The supervisor's page is reloaded in mid-listening: she is in the call again by herself, in the same way, and nobody hears anything of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_whose_page_is_reloaded_goes_on_listening_and_the_log_tells_it() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let sofia = format!("[[agents]]\nid = \"sofia\"\nname = \"Sofia\"\nrole = \"supervisor\"\n{SILENT}");
    let house = house_of(&[&phone], "", &sofia).await;
    let Some(page) = Browser::at_the_desk(&house, "sofia", SUPERVISOR_HZ).await else { return };
    page.can_be_called(&house, "sofia").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    page.click("a[href='/wallboard']").await;
    page.click("[data-post='/wallboard/call/1/watch'][data-value=listen]").await;
    page.hears(CUSTOMER_HZ).await;
    page.reload().await;
    page.hears(CUSTOMER_HZ).await;
    page.sees("[data-post='/wallboard/call/1/stop']").await;
    page.click("[data-post='/wallboard/call/1/watch'][data-value=whisper]").await;
    phone.hears_all(&[CUSTOMER_HZ, SUPERVISOR_HZ]).await;
    page.reload().await;
    page.hears(CUSTOMER_HZ).await;
    phone.forget();
    phone.hears_all(&[CUSTOMER_HZ, SUPERVISOR_HZ]).await;
    assert!(caller.share(SUPERVISOR_HZ) < 0.02, "and the customer never does");
    page.click("[data-post='/wallboard/call/1/stop']").await;
    page.loses("[data-post='/wallboard/call/1/stop']").await;
    caller.hears(AGENT_HZ).await;
    let ended = "SELECT json_extract(json, '$.call[1].watch_ended.how') FROM event WHERE kind = 'call.watch_ended'";
    house.shows(ended, &["left"]).await;
    house.shows("SELECT count(*) FROM event WHERE kind = 'call.watched'", &["2"]).await;
    page.click("a[href='/supervision']").await;
    page.reads("main", "Whispered, unannounced").await;
    page.reads("main", "Listened, unannounced").await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}
