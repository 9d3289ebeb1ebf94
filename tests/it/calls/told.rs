//! Nobody is recorded untold: what a caller hears before a recording begins, by whatever way they come to it.

use super::recording;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, until};
use hubline::sim::g711;
use std::time::Duration;

/// Where in what was heard a piece of the built-in sentence is, ms. It is sent as it stands in its file.
fn told_at(heard: &[i16]) -> Option<usize> {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/static/sounds/en/recorded.wav")).expect("the sentence");
    let data = file.windows(4).position(|four| four == b"data").expect("audio") + 8;
    let piece: Vec<i16> = file[data..].iter().copied().map(g711::decode).skip(8_000).take(800).collect();
    heard.windows(piece.len()).position(|window| window == piece).map(|at| at / 8)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_to_a_queue_that_records_tells_first() {
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&format!(
        r#"
[[lines]]
number = "4001"
queue = "open"
[[queues]]
id = "open"
wrap_up = "0s"
[[queues]]
id = "told"
record = true
record_notice = "recorded"
wrap_up = "0s"
[[agents]]
id = "dora"
queues = ["open"]
phone = "{}"
always_available = true
[[agents]]
id = "emil"
queues = ["told"]
phone = "{}"
always_available = true
"#,
        dora.uri(),
        emil.uri()
    ))
    .await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_secs(1)).await;
    assert_eq!(told_at(&caller.everything()), None, "nothing is recorded yet");
    house.agent("dora").await.does("/work/call/1/transfer", &[("to", "queue/told"), ("note", "")]).await;
    // The whole sentence comes before the desk phone is even called.
    until("the sentence is heard", || told_at(&caller.everything()).is_some()).await;
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(1)).await;
    caller.hang_up().await;
    house.quiet().await;
    let order: Vec<String> =
        house.story().into_iter().filter(|line| line.contains("waits") || line.contains("offered") || line.contains("recorded")).collect();
    assert_eq!(
        order,
        [
            "call 1 waits in open (New)",
            "call 1 offered to dora",
            "call 1 waits in told at the head (Transferred)",
            "call 1 offered to emil",
            "call 1 recorded"
        ]
    );
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 700 && Recording::heard(&recording.right, OTHER_AGENT_HZ) > 700);
    assert_eq!(Recording::heard(&recording.right, AGENT_HZ), 0, "what was said before is not kept");
    assert!(dora.rung() == 1 && emil.rung() == 1);
    house.close().await;
}
