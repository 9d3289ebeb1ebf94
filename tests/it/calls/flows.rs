//! Flows by ear: what is asked is heard, a key cuts it short and leads to the right desk, silence leads on by itself, and the same flow
//! is answered in writing by numbers. The voice of these houses speaks in tones: a text `tone 700` is a tone of 700 Hz.

use super::by_text;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, PATIENCE, until};
use hubline::sim::sms::{Gateway, Trouble};
use hubline::sim::tone;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

pub(super) const MENU_HZ: f64 = 700.0;
const AGAIN_HZ: f64 = 2_200.0;

/// A program that speaks in tones of six seconds.
pub(super) fn voice(folder: &Path) -> String {
    for hz in [MENU_HZ, AGAIN_HZ] {
        let samples: Vec<u8> = tone::sine(hz, 0, 6 * 8_000).into_iter().flat_map(i16::to_le_bytes).collect();
        let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data".to_vec();
        wav.extend((samples.len() as u32).to_le_bytes());
        wav.extend(samples);
        std::fs::write(folder.join(format!("{hz}.wav")), wav).expect("written");
    }
    let program = folder.join("speak");
    let script = format!("#!/bin/sh\nread word hz\nexec cat {}/$hz.wav\n", folder.display());
    std::fs::write(&program, script).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("made a program");
    program.display().to_string()
}

/// A menu before two queues: dora sells, emil repairs.
pub(super) fn business(dora: &DeskPhone, emil: &DeskPhone, voice: &str) -> String {
    format!(
        r#"
[speech]
command = ["{voice}"]
[[lines]]
number = "5000"
flow = "main"
[[queues]]
id = "sales"
wrap_up = "0s"
[[queues]]
id = "service"
wrap_up = "0s"
[[agents]]
id = "dora"
queues = ["sales"]
phone = "{}"
always_available = true
[[agents]]
id = "emil"
queues = ["service"]
phone = "{}"
always_available = true
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
flow = "main"
[flows.main.nodes.start]
kind = "menu"
text = "tone {MENU_HZ}"
options = {{ 1 = "queue:sales", 2 = "queue:service", 3 = "number", 4 = "told" }}
invalid = []
wait = "1s"
retries = 1
otherwise = "queue:sales"
[flows.main.nodes.told]
kind = "message"
text = "https://shop.example/parts"
next = "queue:sales"
[flows.main.nodes.number]
kind = "gather"
text = "tone {AGAIN_HZ}"
into = "pin"
sensitive = true
min = 4
max = 4
next = "queue:service"
"#,
        dora.uri(),
        emil.uri()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cuts_the_menu_short_and_leads_to_its_queue() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let caller = Caller::dial(house.sip, "5000", "+491", CUSTOMER_HZ).await;
    caller.hears(MENU_HZ).await;
    let heard = caller.samples();
    caller.press("2").await;
    caller.hears(OTHER_AGENT_HZ).await;
    assert!(caller.samples() - heard < 5 * 8_000, "the menu of six seconds was not heard out");
    emil.hears(CUSTOMER_HZ).await;
    assert_eq!(dora.rung(), 0);
    assert!(caller.share(MENU_HZ) < 0.1);
    caller.hang_up().await;
    house.quiet().await;
    house
        .tells(&[
            "person added",
            "call 1 from +491 to 5000",
            "call 1 answered",
            "call 1 enters main",
            "call 1 chooses 2: queue:service",
            "call 1 leaves main for queue:service",
            "call 1 waits in service (New)",
            "call 1 offered to emil",
            "call 1 Accepted by emil",
            "call 1 with emil",
            "call 1 leaves emil",
            "call 1 ended by Customer: Normal",
        ])
        .await;
    house.close().await;
}

/// Whom an agent cannot place is handed on to the line's own questions, and answers them.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_hands_a_caller_back_to_the_menu() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let page = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "5000", "+491", CUSTOMER_HZ).await;
    caller.hears(MENU_HZ).await;
    caller.press("1").await;
    caller.hears(AGENT_HZ).await;
    page.does("/work/call/1/transfer", &[("to", "line/5000")]).await;
    dora.is_idle().await;
    caller.hears(MENU_HZ).await;
    house.stands("dora Available 0/100").await;
    caller.press("2").await;
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(CUSTOMER_HZ).await;
    assert_eq!((dora.rung(), emil.rung()), (1, 1));
    caller.hang_up().await;
    house.quiet().await;
    house
        .shows("SELECT agent, bridged_at IS NOT NULL, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1|1", "dora|1|1", "emil|1|1"])
        .await;
    house.shows("SELECT count(*), queue, agent, ended_by FROM call", &["1|service|emil|customer"]).await;
    page.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_that_are_secret_are_nowhere_and_silence_leads_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let caller = Caller::dial(house.sip, "5000", "+491", CUSTOMER_HZ).await;
    caller.hears(MENU_HZ).await;
    caller.press("3").await;
    caller.hears(AGAIN_HZ).await;
    caller.press("4711").await;
    caller.hears(OTHER_AGENT_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT count(*) FROM event WHERE json LIKE '%4711%'", &["0"]).await;
    assert!(house.story().contains(&"call 1 enters pin hidden".to_owned()), "{:?}", house.story());
    // Another says nothing at all: asked twice, then on to sales.
    let silent = Caller::dial(house.sip, "5000", "+492", CUSTOMER_HZ).await;
    silent.hears(AGENT_HZ).await;
    dora.hears(CUSTOMER_HZ).await;
    silent.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_in_the_menu_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let caller = Caller::dial(house.sip, "5000", "+491", CUSTOMER_HZ).await;
    caller.hears(MENU_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    until("the story ends", || house.story().last().is_some_and(|line| line == "call 1 ended by Customer: Normal")).await;
    assert!(house.story().contains(&"call 1 gives up at main/start".to_owned()), "{:?}", house.story());
    assert_eq!((dora.rung(), emil.rung()), (0, 0));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_flow_is_answered_in_writing_by_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let visitor = Page::open(house.web, None).await;
    visitor.hears("welcome", "").await;
    visitor.writes("Hello").await;
    visitor.hears("message", "tone 700").await;
    visitor.writes("7").await;
    until("it is asked again", || visitor.frames("message").iter().filter(|frame| frame.to_string().contains("tone 700")).count() == 2)
        .await;
    visitor.writes("2").await;
    visitor.hears("waiting", "").await;
    house.shows("SELECT queue, state FROM conversation", &["service|waiting"]).await;
    let other = Page::open(house.web, None).await;
    other.hears("welcome", "").await;
    other.writes("Hello").await;
    other.hears("message", "tone 700").await;
    other.writes("0").await;
    other.hears("waiting", "").await;
    house.shows("SELECT queue, state FROM conversation ORDER BY id", &["service|waiting", "sales|waiting"]).await;
    let third = Page::open(house.web, None).await;
    third.hears("welcome", "").await;
    third.writes("Hello").await;
    third.hears("message", "tone 700").await;
    third.writes("4").await;
    third.hears("message", "https://shop.example/parts").await;
    third.hears("waiting", "").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_written_to_and_who_takes_no_texts_goes_on_otherwise() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Gateway::open("shared by both", Trouble::default()).await.expect("a gateway");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let track = r#"
[[lines]]
number = "5100"
flow = "track"
[flows.track.nodes.start]
kind = "gather"
text = "tone 700"
into = "order"
min = 4
max = 4
next = "link"
[flows.track.nodes.link]
kind = "message"
text = "Order {order}: https://shop.example/track/{order}"
next = "queue:sales"
otherwise = "queue:service"
"#;
    let house = House::open(&(by_text(&gateway, "127.0.0.1:9") + &business(&dora, &emil, &voice(folder.path())) + track)).await;
    let caller = Caller::dial(house.sip, "5100", "+4915100138193", CUSTOMER_HZ).await;
    caller.hears(MENU_HZ).await;
    caller.press("4711").await;
    let text = gateway.text(1, PATIENCE).await.expect("a text");
    assert_eq!((text.to.as_str(), text.text.as_str()), ("+4915100138193", "Order 4711: https://shop.example/track/4711"));
    caller.hears(AGENT_HZ).await;
    dora.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    assert!(house.story().contains(&"call 1 is written to".to_owned()), "{:?}", house.story());
    // A telephone on a desk takes no texts.
    let desk = Caller::dial(house.sip, "5100", "+4930123456", CUSTOMER_HZ).await;
    desk.hears(MENU_HZ).await;
    desk.press("4711").await;
    desk.hears(OTHER_AGENT_HZ).await;
    emil.hears(CUSTOMER_HZ).await;
    desk.hang_up().await;
    house.quiet().await;
    assert!(house.story().contains(&"call 2 is not written to".to_owned()), "{:?}", house.story());
    assert_eq!(gateway.texts().len(), 1);
    house.shows("SELECT person, count(*) FROM message GROUP BY person", &["1|1"]).await;
    house.close().await;
}
