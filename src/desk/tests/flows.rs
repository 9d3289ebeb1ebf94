//! Whatever is pressed, written or left undone: a contact in a flow is always on its way out, in bounded time; and what the proof says of
//! flows that go round.

use super::super::config::FlowSection;
use super::super::id::*;
use super::super::input::*;
use super::super::ivr::{Fault, Flow, Found, Node, Place, Target, prove};
use super::script::{Stage, who};
use super::world::{MIDNIGHT, flows, shop};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

/// More than any flow of the shop takes when nobody does anything: each prompt a minute, each question three times.
const LONGEST_MS: i64 = 20 * 60_000;

fn in_flow(stage: &Stage) -> bool {
    let call = stage.desk.calls.get(&CallId(1)).is_some_and(|call| call.run.as_ref().is_some_and(|run| run.node.is_some()));
    call || stage.desk.conversations.values().any(|c| c.in_flow())
}

/// Lets the clock run until the contact has left its flow; how long that took.
fn left_alone(stage: &mut Stage, mut now: At) -> i64 {
    let since = now;
    while in_flow(stage) {
        let due = stage.desk.next_deadline().expect("a contact in a flow has a deadline");
        now = now.max(due);
        assert!(now.since(since) <= LONGEST_MS, "still in a flow after {} s", now.since(since) / 1_000);
        stage.handle(now, Input::Clock);
    }
    now.since(since)
}

fn heard() -> impl Strategy<Value = (i64, Option<CallHeard>)> {
    let heard = prop_oneof![
        6 => select("0123456789*#".chars().collect::<Vec<_>>()).prop_map(|key| Some(CallHeard::Digit(key))),
        4 => (0u32..40).prop_map(|serial| Some(CallHeard::Said { serial })),
        1 => Just(Some(CallHeard::PromptDone)),
        2 => Just(None),
    ];
    (prop_oneof![Just(0i64), 1i64..4_000, 4_000i64..70_000], heard)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_keys_end_or_wait_for_a_bounded_time(number in select(vec!["5001", "5003", "5002"]), keys in proptest::collection::vec(heard(), 0..60)) {
        let mut stage = Stage::new(shop());
        let mut now = MIDNIGHT.after(10 * 3_600_000);
        let who = who("phone", "", "+491", &["person=7", "tier=gold"]);
        stage.handle(now, Input::Call(CallId(1), CallHeard::Invited { trunk: "main".into(), who, dialled: number.into() }));
        for (after, heard) in keys {
            now = now.after(after);
            while let Some(due) = stage.desk.next_deadline().filter(|due| *due <= now) {
                stage.handle(due, Input::Clock);
            }
            let input = match heard {
                Some(heard) => Input::Call(CallId(1), heard),
                None => {
                    let serial = stage.desk.calls.get(&CallId(1)).map_or(0, |call| call.serial);
                    Input::Found { work: Work::Call(CallId(1)), serial, found: Some(Found::default()) }
                }
            };
            stage.handle(now, input);
        }
        left_alone(&mut stage, now);
    }

    #[test]
    fn any_words_end_or_wait_for_a_bounded_time(words in proptest::collection::vec("[0-9*# a-z０-９。]{0,6}", 1..30)) {
        let mut stage = Stage::new(shop());
        let mut now = MIDNIGHT.after(10 * 3_600_000);
        for (number, text) in words.into_iter().enumerate() {
            now = now.after(1_000);
            let heard = MessageHeard {
                channel: "menuweb".into(),
                external_id: number.to_string(),
                who: who("webchat", "menuweb", "v1", &[]),
                body: Body::text(text),
                page: None,
                sent: now,
                known: None,
                besides: Besides::default(),
            };
            stage.handle(now, Input::Message(heard));
        }
        prop_assert!(left_alone(&mut stage, now) <= 11 * 60_000, "one unanswered question at most");
    }
}

#[test]
fn the_same_question_is_not_asked_for_ever() {
    let mut stage = Stage::new(shop());
    let mut now = MIDNIGHT.after(10 * 3_600_000);
    stage.handle(
        now,
        Input::Call(CallId(1), CallHeard::Invited { trunk: "main".into(), who: who("phone", "", "+491", &[]), dialled: "5001".into() }),
    );
    let mut rounds = 0;
    while in_flow(&stage) {
        now = now.after(500);
        // 9 changes the language and comes back to the menu.
        stage.handle(now, Input::Call(CallId(1), CallHeard::Digit('9')));
        rounds += 1;
        assert!(rounds < 20);
    }
    assert_eq!(rounds, 10);
    assert!(stage.desk.waiting(Work::Call(CallId(1))).is_some_and(|w| w.queue.as_str() == "urgent"), "as if nothing had been pressed");
}

fn read(text: &str) -> BTreeMap<FlowId, Flow> {
    let sections: BTreeMap<String, FlowSection> = toml::from_str(text).expect("flows");
    let flow = |(id, section): (String, FlowSection)| {
        let nodes = section.nodes.iter().map(|(name, node)| (name.get_ref().clone(), Node::read(node, &|_| None).expect("a kind")));
        (FlowId::from(id.as_str()), Flow { id: id.as_str().into(), name: id.clone(), start: "start".into(), nodes: nodes.collect() })
    };
    sections.into_iter().map(flow).collect()
}

fn rounds(text: &str, queues: &[(&str, &str)]) -> Vec<String> {
    let queues = queues.iter().map(|(queue, to)| (QueueId::from(*queue), vec![Target::read(to)])).collect();
    let show = |round: Vec<Place>| round.iter().map(Place::to_string).collect::<Vec<_>>().join(" > ");
    let faults = prove(&read(text), &queues);
    faults.into_iter().filter_map(|fault| if let Fault::Endless { round } = fault { Some(show(round)) } else { None }).collect()
}

#[test]
fn rounds_without_a_key_are_found_through_flows_and_queues() {
    let menu = "[a.nodes.start]\nkind = \"menu\"\nprompt = \"menu\"\n";
    // By a key: the machine counts.
    assert_eq!(rounds(&format!("{menu}options = {{ 1 = \"start\" }}\n"), &[]), Vec::<String>::new());
    assert_eq!(rounds(&format!("{menu}options = {{ 1 = \"hangup\" }}\notherwise = \"start\"\n"), &[]), ["a/start"]);
    let play = |flow: &str, node: &str, next: &str| format!("[{flow}.nodes.{node}]\nkind = \"play\"\nprompt = \"x\"\nnext = \"{next}\"\n");
    let two = play("a", "start", "b") + &play("a", "b", "start");
    assert_eq!(rounds(&two, &[]), ["a/b > a/start"]);
    let across = play("a", "start", "flow:b") + &play("b", "start", "flow:a");
    assert_eq!(rounds(&across, &[]), ["a/start > b/start"]);
    let by_queue = play("a", "start", "queue:q");
    assert_eq!(rounds(&by_queue, &[("q", "flow:a")]), ["a/start > queue:q"]);
    assert_eq!(rounds(&by_queue, &[("q", "hangup")]), Vec::<String>::new());
    assert_eq!(rounds("", &[("q", "queue:r"), ("r", "queue:q")]), ["queue:q > queue:r"]);
    assert_eq!(prove(&flows(), &BTreeMap::new()), [], "the shop's own");
}

#[test]
fn nodes_that_nothing_leads_to_are_named() {
    let text =
        "[a.nodes.start]\nkind = \"hangup\"\n[a.nodes.lost]\nkind = \"play\"\nnext = \"lost2\"\n[a.nodes.lost2]\nkind = \"hangup\"\n";
    let faults = prove(&read(text), &BTreeMap::new());
    let lost = |node: &str| Fault::Unreachable { flow: "a".into(), node: node.into() };
    assert_eq!(faults, [lost("lost"), lost("lost2")]);
}
