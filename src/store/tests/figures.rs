//! The day's figures: counted as the wallboard says they are.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::*;
use crate::store::figures::flows::{Flows, flows};
use crate::store::figures::{self, Day, Time};

/// Call `id` comes into sales at this moment.
fn comes(id: u64) -> Vec<Fact> {
    let queued = RoutingFact::Queued { person: PersonId(1), queue: "sales".into(), priority: 0, head: false, reason: QueuedReason::New };
    vec![started(id, 1), Fact::Routing(Work::Call(CallId(id)), queued)]
}

fn taken(id: u64, waited_ms: i64) -> Fact {
    Fact::Routing(Work::Call(CallId(id)), RoutingFact::Assigned { person: PersonId(1), agent: "mara".into(), waited_ms })
}

fn over(id: u64, cause: EndCause) -> Fact {
    Fact::Call(CallId(id), CallFact::Ended { by: EndedBy::Customer, cause })
}

fn status(status: StatusName) -> Fact {
    Fact::Agent("mara".into(), AgentFact::Status { status, reason: None, why: StatusWhy::Chosen })
}

#[tokio::test]
async fn calls_are_counted_by_their_outcome() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+491"))]).await;
    // Yesterday's does not count.
    rig.record(500, comes(1)).await;
    for id in 2..=7 {
        rig.record(1_000, comes(id)).await;
    }
    rig.record(16_000, vec![taken(2, 15_000)]).await;
    rig.record(41_000, vec![taken(3, 40_000)]).await;
    // Gave up at once, gave up later, was sent to voicemail; the seventh waits.
    rig.record(3_000, vec![over(4, EndCause::Abandoned)]).await;
    rig.record(31_000, vec![over(5, EndCause::Abandoned), over(6, EndCause::Voicemail)]).await;
    let days = figures::day(&rig.store, At(1_000), 5_000, 20_000, 60_000).await.unwrap();
    let queue = Some(QueueId::from("sales"));
    let sales = Day { queue, channel: None, entered: 6, short: 1, answered: 2, in_time: 1, abandoned: 1, waiting: 1, waited_ms: 55_000 };
    assert_eq!(days, std::slice::from_ref(&sales));
    // In time: one of the four whose end is known.
    assert_eq!((sales.offered(), sales.service_level(), sales.average_wait()), (5, Some(250), Some(27_500)));
}

#[tokio::test]
async fn chats_are_counted_by_channel() {
    let rig = with_conversation().await;
    let work = Work::Conversation(ConversationId(1));
    let queued = RoutingFact::Queued { person: PersonId(1), queue: "chat".into(), priority: 0, head: false, reason: QueuedReason::New };
    rig.record(1_000, vec![Fact::Routing(work, queued)]).await;
    let day = async || figures::day(&rig.store, At(0), 5_000, 20_000, 60_000).await.unwrap().remove(0);
    assert_eq!((day().await.channel.as_ref().map(ChannelId::as_str), day().await.waiting), (Some("site"), 1));
    let assigned = RoutingFact::Assigned { person: PersonId(1), agent: "mara".into(), waited_ms: 50_000 };
    rig.record(51_000, vec![Fact::Routing(work, assigned)]).await;
    assert_eq!((day().await.answered, day().await.in_time, day().await.service_level()), (1, 1, Some(1_000)));
}

#[tokio::test]
async fn an_agents_day_is_talk_wrap_up_and_waiting_for_work() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+491")), status(StatusName::Available)]).await;
    rig.record(20_000, comes(1)).await;
    rig.record(30_000, vec![taken(1, 10_000)]).await;
    let released = Fact::Routing(Work::Call(CallId(1)), RoutingFact::Released { agent: "mara".into() });
    rig.record(60_000, vec![released, over(1, EndCause::Normal), status(StatusName::WrapUp)]).await;
    rig.record(70_000, vec![status(StatusName::Break)]).await;
    let times = figures::times(&rig.store, vec!["mara".into(), "jo".into()], At(10_000), At(90_000)).await.unwrap();
    assert_eq!(times[&AgentId::from("mara")], Time { calls: 1, talked: 30_000, wrapped_up: 10_000, available: 50_000, ..Time::default() });
    assert_eq!(times[&AgentId::from("mara")].occupancy(), Some(66));
    assert_eq!(times[&AgentId::from("jo")].occupancy(), None);
}

#[tokio::test]
async fn a_flow_settles_what_asks_for_nobody() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+491"))]).await;
    let led = |id| Fact::Flow(Work::Call(CallId(id)), FlowFact::Entered { flow: "menu".into() });
    // The day before; alone; then for an agent, who gave up waiting; still in it; never in one.
    rig.record(500, vec![started(1, 1), led(1), over(1, EndCause::Normal)]).await;
    rig.record(1_000, vec![started(2, 1), led(2), led(2), over(2, EndCause::Normal)]).await;
    rig.record(1_000, [comes(3), vec![led(3), over(3, EndCause::Abandoned)]].concat()).await;
    rig.record(1_000, vec![started(4, 1), led(4), started(5, 1), over(5, EndCause::Normal)]).await;
    let counted = flows(&rig.store, At(1_000)).await.unwrap();
    assert_eq!((counted, counted.share()), (Flows { led: 2, alone: 1 }, Some(500)));
    assert_eq!(flows(&rig.store, At(2_000)).await.unwrap().share(), None);
}
