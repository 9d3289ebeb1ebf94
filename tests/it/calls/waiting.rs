//! Callers who wait: behind another, in vain, or for somebody who says nothing.

use super::house_of;
use crate::rig::agent::PAGE;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::{Caller, talk};
use crate::rig::wav;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_CUSTOMER_HZ, until};
use hubline::desk::input::{Device, Input};
use hubline::sim::caller::{self, Outcome, Story};
use hubline::sim::phone::Line;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinHandle;

#[tokio::test(flavor = "multi_thread")]
async fn the_second_caller_waits_with_music_and_is_served_after_the_first() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let first = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    first.hears(AGENT_HZ).await;
    let second = Caller::dial(house.sip, "4001", "+492", OTHER_CUSTOMER_HZ).await;
    second.answered().await;
    second.hears_music(&[AGENT_HZ, CUSTOMER_HZ]).await;
    assert_eq!(phone.rung(), 1, "one call at a time");
    assert!(first.share(AGENT_HZ) > 0.5 && phone.share(OTHER_CUSTOMER_HZ) < 0.1);
    first.hang_up().await;
    second.hears(AGENT_HZ).await;
    phone.hears(OTHER_CUSTOMER_HZ).await;
    second.hang_up().await;
    house.quiet().await;
    house
        .shows(
            "SELECT caller, agent, ended_by, end_cause FROM call ORDER BY id",
            &["+491|dora|customer|normal", "+492|dora|customer|normal"],
        )
        .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_waiting_is_listed_for_callback() {
    let phone = DeskPhone::new(AGENT_HZ, false).await;
    let house = house_of(&[&phone], "", "[routing]\ncallback_after = \"1s\"\n").await;
    let caller = Caller::dial(house.sip, "4001", "+4930222", CUSTOMER_HZ).await;
    caller.hears_music(&[AGENT_HZ]).await;
    phone.rings().await;
    talk(Duration::from_millis(1_200)).await;
    caller.hang_up().await;
    phone.stops_ringing().await;
    house.quiet().await;
    house
        .tells(&[
            "person added",
            "call 1 from +4930222 to 4001",
            "call 1 answered",
            "call 1 waits in sales (New)",
            "call 1 offered to dora",
            "call 1 Withdrawn by dora",
            "call 1 ended by Customer: Abandoned",
            "callback 1 listed: Abandoned",
        ])
        .await;
    let dora = house.agent("dora").await;
    assert!(dora.get("/callbacks").await.text().contains("+4930222"));
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_is_told_goodbye_and_listed() {
    let house = house_of(&[], "max_wait = \"2s\"", "[[agents]]\nid = \"nobody\"\nname = \"Nobody\"\nqueues = [\"sales\"]\n").await;
    let caller = Caller::dial(house.sip, "4001", "+4930333", CUSTOMER_HZ).await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["system|timed_out"]).await;
    house.shows("SELECT number, why FROM callback", &["+4930333|timed_out"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_a_microphone_is_offered_no_call() {
    let more = "[[agents]]\nid = \"mara\"\nname = \"Mara\"\nqueues = [\"sales\"]\n";
    let house = house_of(&[], "", more).await;
    let mara = house.agent("mara").await;
    mara.voice(Some("mic_lost")).await;
    mara.available().await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears_music(&[CUSTOMER_HZ]).await;
    talk(Duration::from_millis(500)).await;
    assert!(!house.story().iter().any(|line| line.contains("offered")), "{}", house.told());
    assert!(mara.get("/inbox").await.text().contains("data-problem=\"mic_lost\""), "the page says so before any call");
    // The page says that all is well, but there is no connection to it: that is not believed.
    mara.voice(None).await;
    talk(Duration::from_millis(500)).await;
    assert!(!house.story().iter().any(|line| line.contains("offered")), "{}", house.told());
    let connected = Device::VoiceReady { phone: PAGE.into() };
    house.app.switchboard.tell(Input::Device("mara".into(), connected)).expect("told");
    mara.pushed("ring", "/work/call/1/accept").await;
    caller.hang_up().await;
    mara.pushed("ring_end", "withdrawn").await;
    house.quiet().await;
    house.close().await;
}

fn story() -> Story {
    let line = Line { name: "Anna Berg".into(), number: "+4915100138193".into() };
    Story { line, dials: "4001".into(), about: "bolt", language: "en", patience: Duration::from_secs(60), keys: "" }
}

/// The demo's caller with the agent who has picked up: they have heard the music for long enough to know it for music.
async fn demo_call(house: &House, phone: &DeskPhone) -> JoinHandle<std::io::Result<Outcome>> {
    let sip = house.sip;
    let call = tokio::spawn(async move { caller::call(sip, &story()).await });
    talk(Duration::from_secs(5)).await;
    phone.pick_up().await;
    until("the call is with dora", || house.story().contains(&"call 1 with dora".to_owned())).await;
    call
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_caller_waits_for_somebody_who_says_nothing() {
    let phone = DeskPhone::new(0.0, false).await;
    let house = house_of(&[&phone], "", "").await;
    let call = demo_call(&house, &phone).await;
    // The first sentence comes by itself; the second only after an answer.
    talk(Duration::from_secs(13)).await;
    assert!(!call.is_finished());
    phone.hang_up().await;
    assert_eq!(call.await.expect("no panic").expect("a call"), Outcome::CutOff { said: 1 });
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_caller_tells_everything_to_somebody_who_answers() {
    let phone = DeskPhone::new(0.0, false).await;
    let house = house_of(&[&phone], "", "").await;
    let call = demo_call(&house, &phone).await;
    let answers = async {
        loop {
            talk(Duration::from_millis(2_500)).await;
            phone.tone(300.0).await;
            talk(Duration::from_millis(900)).await;
            phone.tone(0.0).await;
        }
    };
    let outcome = tokio::select! {
        outcome = call => outcome.expect("no panic").expect("a call"),
        () = answers => unreachable!("it answers for ever"),
        () = talk(Duration::from_secs(90)) => panic!("the caller does not come to an end\n{}", house.told()),
    };
    assert_eq!(outcome, Outcome::Told);
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["customer|normal"]).await;
    house.close().await;
}

const MUSIC_HZ: f64 = 700.0;
const OTHER_MUSIC_HZ: f64 = 860.0;
const COMFORT_HZ: f64 = 1_500.0;
const KEYS_HZ: f64 = 1_180.0;
const MESSAGE_HZ: f64 = 1_700.0;
const CLOSED_HZ: f64 = 1_950.0;

/// Every prompt that matters is a tone of its own.
fn prompts(folder: &Path) {
    let tones = [
        ("music-sales", MUSIC_HZ),
        ("music-repair", OTHER_MUSIC_HZ),
        ("patience", COMFORT_HZ),
        ("which-keys", KEYS_HZ),
        ("leave-message", MESSAGE_HZ),
        ("shut", CLOSED_HZ),
    ];
    for (name, hz) in tones {
        wav::write_tone(&folder.join(format!("{name}.wav")), hz, 8_000, 2);
    }
}

const LINES: &str = r#"
[[lines]]
number = "4001"
queue = "sales"
[[lines]]
number = "4002"
queue = "night"
[[queues]]
id = "sales"
music = "music-sales"
[queues.waiting]
announce = "10s"
position = false
estimate = false
comfort = "patience"
comfort_every = "10s"
keys = { "1" = "queue:repair", "2" = "voicemail" }
keys_prompt = "which-keys"
max_length = 1
when_full = "queue:repair"
[[queues]]
id = "repair"
music = "music-repair"
[[queues]]
id = "night"
hours = "never"
closed_prompt = "shut"
[queues.waiting]
when_closed = "hangup"
[[hours]]
id = "never"
[[agents]]
id = "nobody"
name = "Nobody"
queues = ["sales", "repair", "night"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_hears_the_queues_own_music_comfort_and_keys_and_leaves_by_one() {
    let folder = tempfile::tempdir().expect("a folder");
    prompts(folder.path());
    let own = format!("threads = 1\nprompts = \"{}\"", folder.path().display());
    let house = House::with(&machine(&Ports::any(), LINES).replace("threads = 1", &own)).await;
    let first = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
    first.hears(MUSIC_HZ).await;
    // One waits, as many as may: the next is led to the other queue, and hears that one's music.
    let second = Caller::dial(house.sip, "4001", "+4930222", CUSTOMER_HZ).await;
    second.hears(OTHER_MUSIC_HZ).await;
    second.hang_up().await;
    first.hears(COMFORT_HZ).await;
    first.hears(KEYS_HZ).await;
    first.hears(MUSIC_HZ).await;
    first.press("1").await;
    first.hears(OTHER_MUSIC_HZ).await;
    first.hang_up().await;
    let third = Caller::dial(house.sip, "4001", "+4930333", CUSTOMER_HZ).await;
    third.hears(MUSIC_HZ).await;
    third.press("2").await;
    third.hears(MESSAGE_HZ).await;
    third.hang_up().await;
    let late = Caller::dial(house.sip, "4002", "+4930444", CUSTOMER_HZ).await;
    late.hears(CLOSED_HZ).await;
    late.hung_up_on().await;
    house.quiet().await;
    let told = house.story();
    let chose: Vec<&String> = told.iter().filter(|line| line.contains("chooses")).collect();
    assert_eq!(chose, ["call 1 chooses 1: queue:repair", "call 3 chooses 2: voicemail"], "{}", house.told());
    house.close().await;
}
