//! More calls than can be taken: they are told so at once and nothing is kept of them, and whoever talks notices nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rig::*;
use crate::sip::call::DialogEvent;
use crate::sip::core::Counters;
use crate::sip::{NameAddr, Outgoing, Uri};

const FULL: &str = "SIP/2.0 503 Service Unavailable";

/// A house whose desk is behind while the switch is on.
fn behind() -> (Rig, Arc<AtomicBool>) {
    let (mut rig, switch) = (Rig::new(), Arc::new(AtomicBool::new(true)));
    let asked = switch.clone();
    rig.core.set_behind(Arc::new(move || asked.load(Ordering::Relaxed)));
    (rig, switch)
}

fn to_tag(text: &str) -> String {
    let to = text.lines().find(|line| line.starts_with("To:")).expect("a To");
    to.rsplit_once("tag=").expect("a tag").1.to_owned()
}

fn kept(rig: &Rig) -> (usize, usize) {
    let Counters { transactions, dialogs, .. } = rig.core.counters();
    (transactions, dialogs)
}

#[test]
fn what_cannot_be_taken_is_told_so_and_forgotten() {
    let (mut rig, switch) = behind();
    for n in 0..10_000 {
        rig.hear(&invite(&format!("n{n}")));
        let answer = rig.sent.pop().expect("an answer");
        assert!(answer.starts_with(FULL) && answer.contains("Retry-After: 5\r\n"), "{answer}");
        assert!(rig.sent.is_empty(), "one answer each");
    }
    assert_eq!((kept(&rig), rig.calls.len(), rig.core.next_deadline()), ((0, 0), 0, None), "nothing is kept, and nothing repeated");
    // A repeat is the same request, so its answer is the same (RFC 3261 §8.2.7); the ACK is nobody's.
    rig.hear(&invite("again"));
    rig.hear(&invite("again"));
    let tags: Vec<String> = rig.sent.drain(..).map(|text| to_tag(&text)).collect();
    assert_eq!(tags[0], tags[1]);
    rig.hear(&within("again", "ACK", 1, &tags[0], ""));
    assert_eq!((rig.sent.len(), rig.core.counters().turned_away), (0, 10_002));
    // And then there is room again.
    switch.store(false, Ordering::Relaxed);
    rig.hear(&invite("again"));
    assert_eq!(rig.starts(), ["SIP/2.0 100 Trying"]);
}

#[test]
fn calls_that_run_notice_nothing() {
    let (mut rig, switch) = behind();
    switch.store(false, Ordering::Relaxed);
    let (_, tag) = rig.up("a");
    let ringing = rig.ring("b");
    rig.starts();
    switch.store(true, Ordering::Relaxed);
    rig.core.set_late(true);
    rig.hear(&invite("b"));
    assert_eq!(rig.starts(), ["SIP/2.0 100 Trying"], "a repeat of what was taken");
    rig.hear(&within("a", "INVITE", 2, &tag, &with_sdp()));
    assert!(rig.take_events().iter().any(|event| matches!(event, DialogEvent::Offer { .. })), "hold");
    rig.hear(&within("a", "OPTIONS", 3, &tag, ""));
    rig.hear(&within("a", "BYE", 4, &tag, ""));
    rig.act(|core, now| core.answer(now, ringing, SDP));
    let starts = rig.starts();
    assert!(
        !starts.iter().any(|start| start == FULL) && starts.iter().filter(|start| *start == "SIP/2.0 200 OK").count() == 3,
        "{starts:?}"
    );
    // Who asks whether we are there is told so: a trunk must not be taken for dead.
    rig.hear(&invite("ping").replace("INVITE", "OPTIONS"));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK"]);
}

#[test]
fn messages_that_waited_too_long_begin_no_call() {
    let mut rig = Rig::new();
    rig.core.set_late(true);
    rig.hear(&invite("a"));
    assert_eq!((rig.starts(), kept(&rig)), (vec![FULL.to_owned()], (0, 0)));
    rig.core.set_late(false);
    rig.hear(&invite("a"));
    assert_eq!(rig.starts(), ["SIP/2.0 100 Trying"]);
}

/// What was taken needs more than its INVITE: somebody must be rung, and it must end.
#[test]
fn a_fifth_of_the_room_is_for_those_who_are_in() {
    let mut rig = Rig::new();
    rig.core.max_transactions = 10;
    for n in 0..8 {
        rig.ring(&format!("c{n}"));
    }
    rig.starts();
    rig.hear(&invite("one-more"));
    assert_eq!(rig.starts(), [FULL]);
    let outgoing = Outgoing {
        to: Uri::parse("sip:dora@192.0.2.10").expect("a URI"),
        from: NameAddr::parse("<sip:us@192.0.2.1>").expect("a From"),
        transport: None,
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: None,
        may_refer: false,
    };
    rig.act(|core, now| drop(core.invite(now, udp(PEER), outgoing).expect("room to ring somebody")));
    assert_eq!(rig.starts(), ["INVITE"]);
}
