//! The line as a whole: a real store, a real desk, and what comes out at the other end.

use super::Switchboard;
use super::act::{Outlets, Passed};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::act::{Outbound, VoiceAct};
use crate::desk::catalog::Catalog;
use crate::desk::fact::{CallFact, Fact};
use crate::desk::id::{CallId, ChannelId, ConversationId, MessageId, TrunkId};
use crate::desk::input::{Besides, Body, CallHeard, EndCause, EndedBy, Input, MessageHeard};
use crate::desk::person::{Identity, Who};
use crate::desk::refusal::Refusal;
use crate::desk::step::{Answer, Step};
use crate::store::Store;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::mpsc::error::TryRecvError;

const HOUSE: &str = r#"
[[queues]]
id = "sales"
[[lines]]
number = "4001"
queue = "sales"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
[[agents]]
id = "mara"
queues = ["sales"]
"#;

fn catalog() -> Arc<Catalog> {
    Arc::new(Config::parse(HOUSE, Path::new("house.toml")).expect("the house is well-formed").catalog)
}

fn who() -> Who {
    Who {
        identity: Identity { kind: "phone".into(), namespace: String::new(), value: "+8613800138000".into() },
        display: None,
        person: None,
    }
}

fn message(external_id: &str) -> Input {
    Input::Message(MessageHeard {
        channel: ChannelId::from("site"),
        external_id: external_id.into(),
        who: Who {
            identity: Identity { kind: "webchat".into(), namespace: "site".into(), value: "v".into() },
            display: None,
            person: None,
        },
        body: Body::text("hello"),
        page: None,
        sent: Clock::system().now(),
        known: None,
        besides: Besides::default(),
    })
}

fn invited() -> CallHeard {
    CallHeard::Invited { trunk: TrunkId::from("main"), who: who(), dialled: "4001".into() }
}

async fn next(steps: &mut broadcast::Receiver<Arc<Step>>, mut is: impl FnMut(&Fact) -> bool) -> Arc<Step> {
    let found = async {
        loop {
            let step = steps.recv().await.expect("the line is open");
            if step.facts.iter().any(&mut is) {
                return step;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_after_the_commit_and_a_repeated_message_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let switchboard = Switchboard::start(store.clone(), Clock::system(), catalog()).expect("a line");
    let Ok(Answer::Message(id)) = switchboard.ask(message("m1")).await else { panic!("not recorded") };
    let kept = crate::store::messages::get(&store, id).await.expect("readable").expect("on disk");
    assert_eq!(kept.text, "hello");
    assert_eq!(switchboard.ask(message("m1")).await, Ok(Answer::Known(id)));
    let unknown = Input::Command("nobody".into(), crate::desk::input::Command::HangUp { call: CallId(1) });
    assert_eq!(switchboard.ask(unknown).await, Err(Refusal::UnknownAgent));
}

#[tokio::test(flavor = "multi_thread")]
async fn voice_acts_reach_the_call_and_a_deaf_call_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let switchboard = Switchboard::start(store, Clock::system(), catalog()).expect("a line");
    let mut recorded = switchboard.recorded();
    let mut line = switchboard.open_line(CallId(1));
    switchboard.tell(Input::Call(CallId(1), invited())).expect("room");
    let act = tokio::time::timeout(Duration::from_secs(20), line.recv()).await.expect("in time");
    assert_eq!(act, Some(VoiceAct::Answer));
    // All acts of the step have passed once it is recorded: only then may the task go, else the first call is the lost one.
    next(&mut recorded, |fact| matches!(fact, Fact::Call(CallId(1), CallFact::Answered))).await;
    // The task is gone: the next act finds nobody, and the desk hears of it.
    drop(line);
    switchboard.tell(Input::Call(CallId(2), invited())).expect("room");
    let ended = |call| move |fact: &Fact| matches!(fact, Fact::Call(id, CallFact::Ended { by: EndedBy::Network, cause: EndCause::Failed }) if *id == CallId(call));
    next(&mut recorded, ended(2)).await;
    let mut floor = switchboard.floor_changes();
    let first_waits = floor.wait_for(|floor| floor.waiting.len() == 1);
    tokio::time::timeout(Duration::from_secs(20), first_waits).await.expect("in time").expect("the line is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_ends_the_calls_of_the_last_process_and_owes_them_a_callback() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let store = Store::open(folder.path()).expect("a store");
        let switchboard = Switchboard::start(store, Clock::system(), catalog()).expect("a line");
        let mut recorded = switchboard.recorded();
        let _line = switchboard.open_line(CallId(1));
        switchboard.tell(Input::Call(CallId(1), invited())).expect("room");
        next(&mut recorded, |fact| matches!(fact, Fact::Call(_, CallFact::Started { .. }))).await;
    }
    let store = Store::open(folder.path()).expect("the same store");
    let _switchboard = Switchboard::start(store.clone(), Clock::system(), catalog()).expect("a line");
    let owed = async {
        while crate::store::callbacks::count(&store).await.expect("readable") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), owed).await.expect("in time");
    assert_eq!(crate::store::callbacks::count(&store).await.expect("readable"), 1);
}

/// A wire that is full takes no act: the call is lost, and its task ends its legs when it listens again.
#[test]
fn a_call_that_does_not_listen_loses_its_wire() {
    let outlets = Outlets::default();
    let mut line = outlets.open_line(CallId(1));
    while outlets.voice(CallId(1), VoiceAct::Ring) == Passed::Yes {}
    assert_eq!(outlets.lines(), 0);
    while line.try_recv().is_ok() {}
    assert_eq!(line.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn calls_that_a_rebuilt_desk_does_not_know_are_ended() {
    let outlets = Outlets::default();
    let (mut known, mut unknown) = (outlets.open_line(CallId(1)), outlets.open_line(CallId(2)));
    outlets.end_unknown(&[CallId(1)].into());
    assert_eq!(unknown.try_recv(), Ok(VoiceAct::End { cause: EndCause::Failed }));
    assert_eq!(known.try_recv(), Err(TryRecvError::Empty));
}

fn outbound(message: u64) -> Outbound {
    Outbound {
        message: MessageId(message),
        conversation: ConversationId(1),
        channel: ChannelId::from("site"),
        to: Identity { kind: "webchat".into(), namespace: "site".into(), value: "v".into() },
        body: Body::default(),
        amends: None,
    }
}

#[test]
fn a_message_is_put_on_its_wire_again_only_when_it_is_neither_there_nor_sent() {
    let outlets = Outlets::default();
    outlets.send(outbound(1));
    let mut wire = outlets.open_outlet(ChannelId::from("site"));
    assert_eq!(wire.try_recv().ok(), None, "nobody took it");
    outlets.send(outbound(2));
    outlets.send(outbound(3));
    outlets.begin_resend();
    outlets.delivered(MessageId(3));
    outlets.end_resend(vec![outbound(1), outbound(2), outbound(3)]);
    let sent: Vec<u64> = std::iter::from_fn(|| wire.try_recv().ok()).map(|outbound| outbound.message.0).collect();
    assert_eq!(sent, [2, 3, 1]);
}
