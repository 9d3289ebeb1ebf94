//! A call from ringing to the callback list.

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::*;
use crate::store::callbacks::{self, CallbackState};
use crate::store::calls::{self, Call};
use crate::store::recordings::{self, RecordingState};
use crate::store::tests::rig::*;
use crate::store::{persons, routing};

fn call(fact: CallFact) -> Fact {
    Fact::Call(CallId(1), fact)
}

fn way(fact: RoutingFact) -> Fact {
    Fact::Routing(Work::Call(CallId(1)), fact)
}

async fn get(rig: &Rig) -> Call {
    calls::get(&rig.store, &rig.viewer, CallId(1)).await.unwrap().unwrap()
}

fn decision() -> Decision {
    Decision { chosen: vec![Reason::LongestIdle { idle_ms: 5 }], others: vec![("jo".into(), Reason::NoVoice)], more: 0 }
}

#[tokio::test]
async fn a_served_call_has_legs_talk_time_recording_decision_and_outcome() {
    let rig = rig();
    let (person_id, queue) = (PersonId(1), QueueId::from("sales"));
    rig.record(1_000, vec![person(1, "Li", phone("+8613912345678")), started(1, 1)]).await;
    assert_eq!(get(&rig).await.call.state, "arriving");
    let queued = RoutingFact::Queued { person: person_id, queue: queue.clone(), priority: 0, head: false, reason: QueuedReason::New };
    rig.record(1_100, vec![call(CallFact::Answered), way(queued)]).await;
    assert_eq!(get(&rig).await.call.state, "waiting");
    let offered =
        RoutingFact::Offered { person: person_id, queue: queue.clone(), agent: "mara".into(), until: At(9_000), decision: decision() };
    rig.record(2_000, vec![way(offered)]).await;
    let taken = RoutingFact::OfferEnded { agent: "mara".into(), how: OfferEnd::Accepted };
    let assigned = RoutingFact::Assigned { person: person_id, agent: "mara".into(), waited_ms: 1_400 };
    let recording = CallFact::RecordingStarted { file: "1.wav".into() };
    rig.record(2_500, vec![way(taken), way(assigned), call(recording)]).await;
    assert_eq!(get(&rig).await.call.state, "talking");
    assert_eq!(recordings::left_open(&rig.store).await.unwrap().len(), 1);
    rig.record(3_000, vec![call(CallFact::Held { by: "mara".into(), on: true })]).await;
    let held = get(&rig).await.legs.remove(1);
    assert_eq!((held.held_since, held.talk_ms(At(3_900))), (Some(At(3_000)), 500));
    rig.record(4_000, vec![call(CallFact::Held { by: "mara".into(), on: false })]).await;
    rig.record(4_100, vec![call(CallFact::RecordingPaused { on: true, by: "mara".into(), auto: false })]).await;
    assert!(get(&rig).await.recordings[0].paused);
    rig.record(4_200, vec![call(CallFact::AgentSilent { agent: "mara".into(), silent: true }), call(CallFact::Digit { digit: '3' })]).await;
    rig.record(4_300, vec![call(CallFact::CustomerSilent { silent: true }), call(CallFact::CustomerSilent { silent: false })]).await;
    let quality = Quality { packets: 1_000, loss_percent: 0.5, jitter_ms: 3.0, rtt_ms: None, mos: 4.25 };
    let released = RoutingFact::Released { agent: "mara".into() };
    let wrap_up = RoutingFact::WrapUpStarted { agent: "mara".into(), until: At(20_000) };
    let ended = CallFact::Ended { by: EndedBy::Customer, cause: EndCause::Normal };
    rig.record(10_000, vec![way(released), call(ended), way(wrap_up)]).await;
    let facts = vec![
        call(CallFact::LegClosed { leg: LegParty::Customer, quality }),
        call(CallFact::LegClosed { leg: LegParty::Agent("mara".into()), quality: Quality { packets: 7, ..quality } }),
        call(CallFact::LegClosed { leg: LegParty::Agent("nobody".into()), quality }),
        call(CallFact::RecordingDone { file: "1.wav".into(), millis: 7_400, bytes: 118_444, films: "customer agent".into() }),
        way(RoutingFact::WrapUpExtended { agent: "mara".into(), until: At(30_000) }),
        way(RoutingFact::WrapUpDone { agent: "mara".into(), disposition: Some("sold".into()), note: "two".into(), by_timer: false }),
    ];
    rig.record(10_100, facts).await;
    let done = get(&rig).await;
    let row = &done.call;
    assert_eq!((row.state.as_str(), row.ended_by, row.end_cause), ("ended", Some(EndedBy::Customer), Some(EndCause::Normal)));
    assert_eq!(
        (row.started_at, row.answered_at, row.bridged_at, row.ended_at),
        (At(1_000), Some(At(1_100)), Some(At(2_500)), Some(At(10_000)))
    );
    assert_eq!((row.waited_ms, row.disposition.as_deref(), row.wrap_note.as_str()), (Some(1_400), Some("sold"), "two"));
    assert_eq!((row.agent.as_ref(), row.queue.as_ref()), (Some(&"mara".into()), Some(&queue)));
    assert_eq!((row.caller.as_str(), row.dialled.as_str(), row.person_name.as_str()), ("+8613912345678", "4001", "Li"));
    let [customer, mara] = done.legs.as_slice() else { panic!("two legs: {:?}", done.legs) };
    assert_eq!((customer.agent.as_ref(), customer.bridged_at, customer.quality), (None, Some(At(2_500)), Some(quality)));
    assert_eq!((mara.started_at, mara.bridged_at, mara.ended_at), (At(2_000), Some(At(2_500)), Some(At(10_000))));
    assert_eq!((mara.hold_ms, mara.talk_ms(At(99_999)), mara.quality.unwrap().packets), (1_000, 6_500, 7));
    let wav = &done.recordings[0];
    assert_eq!((wav.state, wav.millis, wav.bytes, wav.paused), (RecordingState::Done, Some(7_400), Some(118_444), false));
    let why = routing::decision(&rig.store, Work::Call(CallId(1))).await.unwrap();
    assert_eq!(why, Some(("mara".into(), decision())));
    assert_eq!(routing::history(&rig.store, Work::Call(CallId(1))).await.unwrap().len(), 8);
    assert_eq!(persons::get(&rig.store, person_id).await.unwrap().unwrap().last_agent, Some("mara".into()));
    assert_eq!(calls::recent(&rig.store, &rig.viewer, None, 10).await.unwrap(), std::slice::from_ref(&done.call));
    assert_eq!(calls::of_agent(&rig.store, &rig.viewer, &"mara".into(), 10).await.unwrap(), [done.call]);
    assert_eq!(rig.store.next_call_id().unwrap(), 2);
}

#[tokio::test]
async fn a_missed_call_stands_on_the_list_until_it_is_settled() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+86139")), started(1, 1)]).await;
    let on = |fact: CallbackFact| Fact::Callback(CallbackId(1), fact);
    let (queue, number) = (QueueId::from("sales"), "+86139".to_owned());
    let listed =
        CallbackFact::Listed { person: PersonId(1), number, queue, why: MissedWhy::Abandoned, call: Some(CallId(1)), since: At(10) };
    let ended = CallFact::Ended { by: EndedBy::Customer, cause: EndCause::Abandoned };
    rig.record(20, vec![call(ended), on(listed)]).await;
    let row = async || callbacks::get(&rig.store, &rig.viewer, CallbackId(1)).await.unwrap().unwrap();
    let one = row().await;
    assert_eq!((one.number.as_str(), one.why, one.state, one.listed_at), ("+86139", MissedWhy::Abandoned, CallbackState::Listed, At(20)));
    let wait = |fact: RoutingFact| Fact::Routing(Work::Callback(CallbackId(1)), fact);
    let queued =
        RoutingFact::Queued { person: PersonId(1), queue: "sales".into(), priority: 0, head: false, reason: QueuedReason::Callback };
    rig.record(30, vec![on(CallbackFact::Booked { by: BookedBy::Link, at: At(30) }), wait(queued)]).await;
    assert_eq!((row().await.state, row().await.due_at), (CallbackState::Waiting, Some(At(30))));
    rig.record(40, vec![on(CallbackFact::Dialled { agent: "jo".into(), call: CallId(2), attempt: 1 })]).await;
    assert_eq!((row().await.state, row().await.claimed), (CallbackState::Calling, Some("jo".into())));
    let busy = CallbackFact::NotReached { call: Some(CallId(2)), why: NotReached::Busy, tried: 1, next: Some(At(90)) };
    rig.record(50, vec![on(busy)]).await;
    let tried = row().await;
    assert_eq!((tried.state, tried.tries, tried.failure.as_deref(), tried.claimed), (CallbackState::Booked, 1, Some("busy"), None));
    assert_eq!(callbacks::open(&rig.store, &rig.viewer, 10).await.unwrap().len(), 1);
    assert_eq!(callbacks::count(&rig.store).await.unwrap(), 1);
    let closed = CallbackFact::Closed { how: CallbackEnd::Settled, by: Some("jo".into()), outcome: Some("mailed".into()) };
    rig.record(60, vec![on(closed)]).await;
    assert_eq!(callbacks::count(&rig.store).await.unwrap(), 0);
    let done = callbacks::closed(&rig.store, &rig.viewer, 10).await.unwrap();
    assert_eq!((done[0].closed_at, done[0].closed_by.clone(), done[0].how), (Some(At(60)), Some("jo".into()), Some(CallbackEnd::Settled)));
    assert_eq!(done[0].outcome.as_deref(), Some("mailed"));
}

#[tokio::test]
async fn a_voicemail_that_is_no_conversation_yet_is_found_again() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+86139")), started(1, 1)]).await;
    let file = "1-voicemail.wav".to_owned();
    let done = CallFact::RecordingDone { file: file.clone(), millis: 5_000, bytes: 80_000, films: String::new() };
    rig.record(20, vec![call(CallFact::RecordingStarted { file: file.clone() })]).await;
    assert!(callbacks::unheard(&rig.store, At(0)).await.unwrap().is_empty(), "still recording");
    rig.record(30, vec![call(done)]).await;
    assert_eq!(callbacks::unheard(&rig.store, At(0)).await.unwrap(), [(CallId(1), file)]);
    assert!(callbacks::unheard(&rig.store, At(100)).await.unwrap().is_empty(), "too long ago");
}

#[tokio::test]
async fn a_word_of_consent_is_kept_with_the_number() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+86139"))]).await;
    let brief = async || persons::brief(&rig.store, phone("+86139")).await.unwrap().unwrap().opted_out;
    assert!(!brief().await);
    let say = |out| Fact::Person(PersonId(1), PersonFact::OptedOut { identity: phone("+86139"), out });
    rig.record(20, vec![say(true)]).await;
    assert!(brief().await);
    rig.record(30, vec![say(false)]).await;
    assert!(!brief().await);
}

#[tokio::test]
async fn a_recording_that_fails_or_was_left_open_says_so() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+86139")), started(1, 1)]).await;
    let begin = |file: &str| call(CallFact::RecordingStarted { file: file.into() });
    rig.record(20, vec![begin("a.wav"), begin("b.wav")]).await;
    rig.record(30, vec![call(CallFact::RecordingFailed { file: "a.wav".into(), error: "disk full".into() })]).await;
    let open = recordings::left_open(&rig.store).await.unwrap();
    assert_eq!(open.iter().map(|row| row.file.as_str()).collect::<Vec<_>>(), ["b.wav"]);
    recordings::repaired(&rig.store, "b.wav", 900, 14_444, "agent").await.unwrap();
    let both = recordings::of_call(&rig.store, CallId(1)).await.unwrap();
    assert_eq!((both[0].state, both[0].error.as_deref()), (RecordingState::Failed, Some("disk full")));
    assert_eq!((both[1].state, both[1].millis), (RecordingState::Done, Some(900)));
}

#[tokio::test]
async fn a_transferred_call_has_a_leg_for_each_turn_of_an_agent() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li", phone("+86139")), started(1, 1)]).await;
    let assigned = |agent: &str| way(RoutingFact::Assigned { person: PersonId(1), agent: agent.into(), waited_ms: 5 });
    let released = |agent: &str| way(RoutingFact::Released { agent: agent.into() });
    let to = Target::Agent("jo".into());
    let transferred = way(RoutingFact::Transferred { by: "mara".into(), to, note: "wants a manager".into() });
    rig.record(20, vec![assigned("mara")]).await;
    rig.record(30, vec![call(CallFact::Held { by: "mara".into(), on: true })]).await;
    rig.record(50, vec![transferred, released("mara"), assigned("jo")]).await;
    rig.record(60, vec![released("jo"), assigned("mara")]).await;
    rig.record(90, vec![call(CallFact::Ended { by: EndedBy::Agent, cause: EndCause::Normal })]).await;
    let legs = get(&rig).await.legs;
    let turns: Vec<_> = legs.iter().map(|leg| (leg.agent.as_ref().map(ToString::to_string), leg.talk_ms(At(0)))).collect();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(turns, [(None, 70), (name("mara"), 10), (name("jo"), 10), (name("mara"), 30)]);
    assert_eq!(get(&rig).await.call.agent, Some("mara".into()));
}
