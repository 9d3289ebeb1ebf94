//! What crosses on the wire: CANCEL and 200, forks, lost ACKs, glare; each over virtual time.

use std::time::Duration;

use super::rig::*;
use crate::sip::Credentials;
use crate::sip::call::{DialogEvent, Verb};
use crate::sip::wire::HeaderName;

const MINUTE: Duration = Duration::from_secs(60);

fn ended(by_peer: bool, status: Option<u16>) -> DialogEvent {
    DialogEvent::Ended { by_peer, status, reason: None }
}

/// After this nothing may be left.
fn assert_empty(rig: &mut Rig) {
    rig.wait(2 * MINUTE);
    let counters = rig.core.counters();
    assert_eq!((counters.transactions, counters.dialogs), (0, 0));
}

#[test]
fn a_call_in_answered_and_hung_up_by_the_peer() {
    let mut rig = Rig::new();
    let key = rig.ring("a");
    assert_eq!(rig.calls[0].from.display.as_deref(), Some("Ann"));
    assert_eq!(rig.calls[0].offer.as_deref(), Some(SDP));
    rig.act(|core, now| core.handle_verb(now, key, Verb::Ringing(None)));
    rig.hear(&invite("a"));
    assert_eq!(rig.starts(), ["SIP/2.0 180 Ringing", "SIP/2.0 180 Ringing"]);
    rig.act(|core, now| core.answer(now, key, SDP));
    let ok = response(&rig.last());
    assert_eq!(ok.headers.text(&HeaderName::Contact).as_deref(), Some("<sip:192.0.2.1:5060>"));
    assert_eq!(
        ok.headers.text(&HeaderName::Via).as_deref(),
        Some("SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKa;rport=5060;received=192.0.2.10")
    );
    let tag = tag_of(&rig.last(), HeaderName::To);
    rig.sent.clear();
    rig.hear(&within("a", "ACK", 1, &tag, ""));
    rig.hear(&within("a", "BYE", 2, &tag, ""));
    rig.hear(&within("a", "BYE", 2, &tag, ""));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
    assert_eq!(rig.take_events(), [DialogEvent::Confirmed { sdp: None }, ended(true, None)]);
    assert_empty(&mut rig);
}

#[test]
fn a_2xx_is_repeated_until_its_ack_and_the_call_ends_without_one() {
    let mut rig = Rig::new();
    let key = rig.ring("a");
    rig.act(|core, now| core.answer(now, key, SDP));
    rig.starts();
    rig.wait(Duration::from_millis(3600));
    // 0.5, 1.5 and 3.5 s.
    assert_eq!(rig.starts().len(), 3);
    rig.hear(&invite("a"));
    assert!(rig.starts().is_empty(), "the transaction absorbs it");
    rig.wait(MINUTE);
    let sent = rig.starts();
    assert_eq!(sent.iter().filter(|line| line.as_str() == "SIP/2.0 200 OK").count(), 7);
    assert!(sent.iter().any(|line| line == "BYE"), "{sent:?}");
    assert_eq!(rig.take_events(), [ended(true, Some(408))]);
    assert_empty(&mut rig);
}

#[test]
fn our_end_waits_for_the_ack() {
    let mut rig = Rig::new();
    let key = rig.ring("a");
    rig.act(|core, now| core.answer(now, key, SDP));
    let tag = tag_of(&rig.last(), HeaderName::To);
    rig.starts();
    rig.act(|core, now| core.end(now, key, Some("Q.850;cause=16".to_owned())));
    assert!(rig.starts().is_empty());
    assert_eq!(rig.take_events(), [ended(false, None)]);
    rig.hear(&within("a", "ACK", 1, &tag, ""));
    assert!(rig.last().contains("Reason: Q.850;cause=16\r\n"));
    let bye = rig.last();
    assert_eq!(rig.starts(), ["BYE"]);
    rig.hear(&respond(&bye, "200 OK", "", ""));
    assert_empty(&mut rig);
    assert!(rig.starts().is_empty() && rig.events.is_empty());
}

#[test]
fn cancel_before_and_after_our_200() {
    let mut rig = Rig::new();
    rig.ring("a");
    rig.hear(&cancel("a"));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    let reason = Some("SIP;cause=200;text=\"Call completed elsewhere\"".to_owned());
    assert_eq!(rig.take_events(), [DialogEvent::Cancelled, DialogEvent::Ended { by_peer: true, status: Some(487), reason }]);
    rig.hear(&cancel("a"));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK"]);
    assert_empty(&mut rig);
    rig.sent.clear();

    let key = rig.ring("b");
    rig.act(|core, now| core.answer(now, key, SDP));
    let tag = tag_of(&rig.last(), HeaderName::To);
    rig.starts();
    rig.hear(&cancel("b"));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK"]);
    rig.hear(&within("b", "ACK", 1, &tag, ""));
    assert_eq!(rig.take_events(), [DialogEvent::Confirmed { sdp: None }]);
    rig.hear(&cancel("nobody"));
    assert_eq!(rig.starts(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
}

#[test]
fn our_cancel_waits_for_a_provisional_and_a_200_that_crosses_it_is_hung_up() {
    let mut rig = Rig::new();
    let (key, text) = rig.dial(None);
    rig.sent.clear();
    rig.act(|core, now| core.end(now, key, None));
    assert_eq!((rig.starts().len(), rig.take_events()), (0, vec![ended(false, None)]));
    rig.hear(&respond(&text, "180 Ringing", "b", ""));
    let cancel = rig.last();
    assert_eq!(rig.starts(), ["CANCEL"]);
    assert_eq!(request(&cancel).headers.text(&HeaderName::Via), request(&text).headers.text(&HeaderName::Via));
    rig.hear(&respond(&text, "200 OK", "b", &with_sdp()));
    let bye = rig.last();
    assert_eq!(rig.starts(), ["ACK", "BYE"]);
    assert!(bye.starts_with("BYE sip:bob@192.0.2.10:5070 "));
    rig.hear(&respond(&cancel, "200 OK", "b", ""));
    rig.hear(&respond(&bye, "200 OK", "b", ""));
    rig.hear(&respond(&text, "200 OK", "b", &with_sdp()));
    assert_eq!(rig.starts(), ["ACK"], "a repeated 2xx is acknowledged after the call is gone");
    assert!(rig.events.is_empty());
    assert_empty(&mut rig);
}

#[test]
fn a_cancelled_invite_is_acked_or_forgotten() {
    let mut rig = Rig::new();
    let (key, text) = rig.dial(None);
    rig.hear(&respond(&text, "180 Ringing", "b", ""));
    rig.act(|core, now| core.end(now, key, None));
    rig.sent.clear();
    rig.hear(&respond(&text, "487 Request Terminated", "b", ""));
    assert_eq!(rig.starts(), ["ACK"]);
    assert_empty(&mut rig);

    let (key, text) = rig.dial(None);
    rig.hear(&respond(&text, "180 Ringing", "b", ""));
    rig.act(|core, now| core.end(now, key, None));
    assert_empty(&mut rig);
}

#[test]
fn a_second_answer_of_a_fork_is_acked_and_hung_up() {
    let mut rig = Rig::new();
    let (key, text) = rig.dial(None);
    rig.hear(&respond(&text, "183 Session Progress", "b", &with_sdp()));
    rig.hear(&respond(&text, "200 OK", "b", &with_sdp()));
    let answered =
        vec![DialogEvent::Progress { status: 183, sdp: Some(SDP.to_owned()) }, DialogEvent::Answered { sdp: Some(SDP.to_owned()) }];
    assert_eq!(rig.take_events(), answered);
    rig.sent.clear();
    rig.hear(&respond(&text, "200 OK", "c", &with_sdp()));
    assert_eq!(rig.starts(), ["ACK", "BYE"]);
    rig.hear(&respond(&text, "200 OK", "c", &with_sdp()));
    rig.hear(&respond(&text, "200 OK", "b", &with_sdp()));
    assert_eq!(rig.starts(), ["ACK", "ACK"]);
    rig.act(|core, now| core.end(now, key, None));
    assert_eq!((rig.starts(), rig.take_events()), (vec!["BYE".to_owned()], vec![ended(false, None)]));
    assert_empty(&mut rig);
}

#[test]
fn refusals_timeouts_and_challenges() {
    let mut rig = Rig::new();
    let (_, text) = rig.dial(None);
    rig.hear(&respond(&text, "486 Busy Here", "b", "Retry-After: 30 (lunch)\r\nContent-Length: 0\r\n\r\n"));
    let rejected = DialogEvent::Rejected { status: 486, reason: "Busy Here".to_owned(), retry_after: Some(30) };
    assert_eq!(rig.take_events(), [rejected, ended(true, Some(486))]);
    rig.dial(None);
    rig.wait(MINUTE);
    let rejected = DialogEvent::Rejected { status: 408, reason: String::new(), retry_after: None };
    assert_eq!(rig.take_events(), [rejected, ended(true, Some(408))]);

    let credentials = || Some(Credentials { username: "u".to_owned(), password: "p".into() });
    let (_, text) = rig.dial(credentials());
    let challenge = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\"\r\nContent-Length: 0\r\n\r\n";
    rig.sent.clear();
    rig.hear(&respond(&text, "407 Proxy Authentication Required", "b", challenge));
    let again = rig.last();
    assert_eq!(rig.starts(), ["ACK", "INVITE"]);
    assert!(again.contains("CSeq: 2 INVITE") && again.contains("Proxy-Authorization: Digest username=\"u\""));
    rig.hear(&respond(&again, "407 Proxy Authentication Required", "b", challenge));
    assert!(
        matches!(rig.take_events()[..], [DialogEvent::Rejected { status: 407, .. }, DialogEvent::Ended { .. }]),
        "a wrong password is not tried again"
    );

    let (_, text) = rig.dial(credentials());
    rig.hear(&respond(&text, "407 x", "b", challenge));
    let again = rig.last();
    rig.hear(&respond(&again, "407 x", "b", &challenge.replace("n1\"", "n2\", stale=true")));
    assert!(rig.last().contains("nonce=\"n2\""));
    let third = rig.last();
    rig.hear(&respond(&third, "200 OK", "b", &with_sdp()));
    assert_eq!(rig.take_events(), [DialogEvent::Answered { sdp: Some(SDP.to_owned()) }]);
}

#[test]
fn offers_both_ways_and_their_glare() {
    let mut rig = Rig::new();
    let (key, tag) = rig.up("a");
    // Theirs, by re-INVITE and by UPDATE.
    rig.hear(&within("a", "INVITE", 2, &tag, &with_sdp()));
    assert_eq!(rig.take_events(), [DialogEvent::Offer { sdp: Some(SDP.to_owned()) }]);
    rig.hear(&within("a", "INVITE", 3, &tag, &with_sdp()));
    assert_eq!(rig.starts(), ["SIP/2.0 100 Trying", "SIP/2.0 500 Server Internal Error"]);
    rig.hear(&within("a", "ACK", 3, &tag, "").replace("ACK3", "INVITE3"));
    rig.act(|core, now| core.handle_verb(now, key, Verb::Reinvite(SDP.to_owned())));
    assert_eq!(rig.take_events(), [DialogEvent::OfferRejected { status: 491 }]);
    rig.act(|core, now| core.handle_verb(now, key, Verb::AnswerOffer(SDP.to_owned())));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK"]);
    rig.hear(&within("a", "ACK", 2, &tag, ""));
    rig.hear(&within("a", "UPDATE", 4, &tag, &with_sdp()));
    rig.act(|core, now| core.handle_verb(now, key, Verb::RejectOffer(488)));
    rig.hear(&within("a", "UPDATE", 5, &tag, ""));
    assert_eq!(rig.starts(), ["SIP/2.0 488 Not Acceptable Here", "SIP/2.0 200 OK"]);
    assert_eq!(rig.take_events(), [DialogEvent::Offer { sdp: Some(SDP.to_owned()) }]);
    // Without SDP: we offer, they answer in the ACK.
    rig.hear(&within("a", "INVITE", 6, &tag, ""));
    rig.act(|core, now| core.handle_verb(now, key, Verb::AnswerOffer(SDP.to_owned())));
    rig.hear(&within("a", "ACK", 6, &tag, &with_sdp()));
    assert_eq!(rig.take_events(), [DialogEvent::Offer { sdp: None }, DialogEvent::OfferAnswered { sdp: Some(SDP.to_owned()) }]);
    rig.sent.clear();
    // Ours; theirs crosses it: 491 both ways, then ours goes out again within 2 s.
    rig.act(|core, now| core.handle_verb(now, key, Verb::Reinvite(SDP.to_owned())));
    let ours = rig.last();
    rig.hear(&within("a", "INVITE", 7, &tag, &with_sdp()));
    rig.hear(&respond(&ours, "491 Request Pending", "", ""));
    assert_eq!(rig.starts(), ["INVITE", "SIP/2.0 491 Request Pending", "ACK"]);
    rig.hear(&within("a", "ACK", 7, &tag, "").replace("ACK7", "INVITE7"));
    rig.wait(Duration::from_millis(2010));
    let ours = rig.last();
    assert_eq!(rig.starts()[0], "INVITE");
    rig.hear(&respond(&ours, "200 OK", "", &with_sdp()));
    rig.hear(&respond(&ours, "200 OK", "", &with_sdp()));
    assert_eq!(rig.starts(), ["ACK", "ACK"]);
    assert_eq!(rig.take_events(), [DialogEvent::OfferAnswered { sdp: Some(SDP.to_owned()) }]);
    // A hang-up leaves no offer of theirs open.
    rig.hear(&within("a", "INVITE", 8, &tag, &with_sdp()));
    rig.act(|core, now| core.end(now, key, None));
    assert_eq!(rig.starts(), ["SIP/2.0 100 Trying", "BYE", "SIP/2.0 487 Request Terminated"]);
    assert_empty(&mut rig);
}

#[test]
fn a_dialog_that_the_peer_has_lost_ends() {
    let mut rig = Rig::new();
    let (key, _) = rig.up("a");
    rig.act(|core, now| core.handle_verb(now, key, Verb::Dtmf('5', 160)));
    let info = rig.last();
    assert!(info.contains("Signal=5\r\nDuration=160"));
    rig.hear(&respond(&info, "481 Gone", "", ""));
    assert_eq!(rig.take_events(), [ended(true, Some(481))]);
    assert_empty(&mut rig);
}

#[test]
fn an_invite_without_an_offer_is_offered_to() {
    let mut rig = Rig::new();
    let (head, _) = invite("a").split_once("Content-Type").map(|(head, body)| (head.to_owned(), body.to_owned())).expect("a body");
    rig.hear(&format!("{head}Content-Length: 0\r\n\r\n"));
    assert_eq!(rig.calls[0].offer, None);
    let key = rig.calls[0].key;
    rig.act(|core, now| core.answer(now, key, SDP));
    let tag = tag_of(&rig.last(), HeaderName::To);
    rig.hear(&within("a", "ACK", 1, &tag, &with_sdp()));
    assert_eq!(rig.take_events(), [DialogEvent::Confirmed { sdp: Some(SDP.to_owned()) }]);
}

#[test]
fn hang_ups_that_cross_with_a_phone_that_is_no_peer() {
    let mut rig = Rig::new();
    let (key, text) = rig.dial(None);
    rig.core.set_peers(Vec::new());
    rig.hear(&respond(&text, "200 OK", "b", &with_sdp()));
    rig.act(|core, now| core.end(now, key, None));
    rig.sent.clear();
    let us = request(&text);
    let from = us.headers.text(&HeaderName::From).expect("from").into_owned();
    let call_id = us.headers.text(&HeaderName::CallId).expect("id").into_owned();
    let bye = |branch: u32| {
        format!(
            "BYE sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKx{branch}\r\nFrom: <sip:bob@192.0.2.10>;tag=b\r\nTo: {from}\r\n\
             Call-ID: {call_id}\r\nCSeq: {branch} BYE\r\nContent-Length: 0\r\n\r\n"
        )
    };
    for n in 0..50 {
        rig.hear(&bye(n));
    }
    assert_eq!(rig.starts(), vec!["SIP/2.0 481 Call/Transaction Does Not Exist"; 50]);
    assert_eq!(rig.core.counters().banned, 0);
}
