//! What telephones and carriers add to the plain call: session timers (RFC 4028), reliable provisional responses (RFC 3262), UPDATE in early
//! dialogs (RFC 3311), REFER and Replaces (RFC 3515, 3891), identity (RFC 3325).

use std::net::IpAddr;
use std::time::Duration;

use super::rig::{PEER, Rig, SDP, invite, request, respond, start, tag_of, udp, with_sdp, within};
use crate::sip::call::{CallKey, Outgoing};
use crate::sip::net::{Bound, Local};
use crate::sip::wire::{HeaderName, NameAddr, Uri};
use crate::sip::{Account, DialogEvent, Reach, sdp};

/// [`invite`] with more headers.
fn with(name: &str, headers: &str) -> String {
    invite(name).replacen("Content-Type:", &format!("{headers}Content-Type:"), 1)
}

fn header(text: &str, name: &str) -> String {
    text.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or("").to_owned()
}

fn over(status: u16) -> DialogEvent {
    DialogEvent::Ended { by_peer: true, status: Some(status), reason: None }
}

/// A call of the peer that is up, whose INVITE had these headers; gives its key, our tag and our 200.
fn up_with(rig: &mut Rig, name: &str, headers: &str) -> (CallKey, String, String) {
    rig.hear(&with(name, headers));
    let key = rig.calls.last().expect("a call").key;
    rig.act(|core, now| core.answer(now, key, SDP));
    let ok = rig.last();
    let tag = tag_of(&ok, HeaderName::To);
    rig.hear(&within(name, "ACK", 1, &tag, ""));
    rig.take_events();
    rig.sent.clear();
    (key, tag, ok)
}

/// A call of ours that is up, whose 200 had these headers; gives its key.
fn called_with(rig: &mut Rig, headers: &str) -> CallKey {
    let (key, sent) = rig.dial(None);
    rig.hear(&respond(&sent, "200 OK", "bob", &format!("{headers}Content-Type: application/sdp\r\n\r\n{SDP}")));
    assert!(matches!(rig.take_events()[..], [DialogEvent::Answered { .. }]));
    rig.sent.clear();
    key
}

#[test]
fn a_caller_who_should_refresh_and_does_not_is_hung_up_on() {
    let mut rig = Rig::new();
    let (_, _, ok) = up_with(&mut rig, "a", "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n");
    assert_eq!((header(&ok, "Session-Expires").as_str(), header(&ok, "Require").as_str()), ("90;refresher=uac", "timer"));
    rig.wait(Duration::from_secs(59));
    assert_eq!((rig.starts(), rig.take_events()), (vec![], vec![]));
    rig.wait(Duration::from_millis(1100));
    assert_eq!(rig.starts(), ["BYE"]);
    assert_eq!(rig.take_events(), [over(408)]);
}

#[test]
fn a_refresh_keeps_the_call_and_says_who_is_next() {
    let mut rig = Rig::new();
    let (_, tag, _) = up_with(&mut rig, "a", "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n");
    for n in 0..4 {
        rig.wait(Duration::from_secs(45));
        let update = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\nContent-Length: 0\r\n\r\n";
        rig.hear(&within("a", "UPDATE", 2 + n, &tag, update));
        let answer = rig.last();
        assert_eq!((start(&answer), header(&answer, "Session-Expires")), ("SIP/2.0 200 OK".to_owned(), "90;refresher=uac".to_owned()));
        rig.sent.clear();
    }
    assert_eq!(rig.take_events(), []);
    rig.hear(&within("a", "UPDATE", 9, &tag, "Session-Expires: 60\r\nContent-Length: 0\r\n\r\n"));
    assert!(start(&rig.last()).starts_with("SIP/2.0 422 ") && header(&rig.last(), "Min-SE") == "90");
}

#[test]
fn an_interval_that_is_too_short_is_refused_with_ours() {
    let mut rig = Rig::new();
    rig.hear(&with("a", "Supported: timer\r\nSession-Expires: 60\r\n"));
    assert_eq!((start(&rig.last()).as_str(), header(&rig.last(), "Min-SE").as_str()), ("SIP/2.0 422 Session Interval Too Small", "90"));
    assert!(rig.calls.is_empty());
    // And theirs is taken by us.
    let (_, sent) = rig.dial(None);
    assert_eq!((header(&sent, "Session-Expires").as_str(), header(&sent, "Min-SE").as_str()), ("1800", "90"));
    assert!(header(&sent, "Supported").contains("timer"));
    rig.hear(&respond(&sent, "422 Session Interval Too Small", "bob", "Min-SE: 3600\r\nContent-Length: 0\r\n\r\n"));
    let again = rig.last();
    assert_eq!(
        (start(&again).as_str(), header(&again, "Session-Expires").as_str(), header(&again, "Min-SE").as_str()),
        ("INVITE", "3600", "3600")
    );
    assert_eq!(rig.take_events(), [], "nobody hears of it");
    rig.hear(&respond(&again, "422 Session Interval Too Small", "bob", "Min-SE: 7200\r\nContent-Length: 0\r\n\r\n"));
    assert!(matches!(&rig.take_events()[..], [DialogEvent::Rejected { status: 422, .. }, _]), "once is enough");
}

#[test]
fn we_refresh_by_update_where_it_is_allowed_and_by_re_invite_elsewhere() {
    let mut rig = Rig::new();
    called_with(&mut rig, "Allow: INVITE, UPDATE\r\nSupported: timer\r\nRequire: timer\r\nSession-Expires: 600;refresher=uac\r\n");
    rig.wait(Duration::from_secs(301));
    let update = rig.sent.first().expect("a refresh").clone();
    assert_eq!((start(&update).as_str(), header(&update, "Session-Expires").as_str()), ("UPDATE", "600;refresher=uac"));
    assert!(header(&update, "Content-Length") == "0", "nothing else is touched");
    rig.hear(&respond(&update, "200 OK", "bob", "Session-Expires: 600;refresher=uac\r\nContent-Length: 0\r\n\r\n"));
    rig.sent.clear();
    rig.wait(Duration::from_secs(290));
    assert_eq!(rig.starts(), Vec::<String>::new());

    let mut rig = Rig::new();
    called_with(&mut rig, "Allow: INVITE, BYE\r\nSession-Expires: 600;refresher=uac\r\n");
    rig.wait(Duration::from_secs(301));
    let again = rig.sent.first().expect("a refresh").clone();
    assert!(start(&again) == "INVITE" && again.ends_with(SDP), "with what was described last");
    rig.hear(&respond(&again, "200 OK", "bob", &with_sdp()));
    assert!(matches!(rig.take_events()[..], [DialogEvent::OfferAnswered { sdp: Some(_) }]));

    // A peer without timers is asked all the same; one that has lost the call ends it.
    let mut rig = Rig::new();
    called_with(&mut rig, "Allow: UPDATE\r\n");
    rig.wait(Duration::from_secs(901));
    let update = rig.sent.first().expect("a refresh").clone();
    rig.hear(&respond(&update, "481 Call Leg Does Not Exist", "bob", ""));
    assert_eq!(rig.take_events(), [over(481)]);
}

#[test]
fn a_peer_that_is_gone_is_missed_by_its_silence_to_the_refresh() {
    let mut rig = Rig::new();
    called_with(&mut rig, "Allow: UPDATE\r\nSession-Expires: 600;refresher=uac\r\n");
    rig.wait(Duration::from_secs(300 + 33));
    assert_eq!(rig.take_events(), [over(408)]);
}

#[test]
fn provisional_responses_are_reliable_where_the_caller_insists() {
    let mut rig = Rig::new();
    rig.hear(&with("a", "Require: 100rel\r\n"));
    let key = rig.calls.last().expect("a call").key;
    rig.sent.clear();
    rig.act(|core, now| core.ringing(now, key, None));
    let ringing = rig.last();
    let (rseq, tag) = (header(&ringing, "RSeq"), tag_of(&ringing, HeaderName::To));
    assert_eq!((start(&ringing).as_str(), header(&ringing, "Require").as_str()), ("SIP/2.0 180 Ringing", "100rel"));
    rig.sent.clear();
    rig.wait(Duration::from_millis(1600));
    assert_eq!(rig.starts().len(), 2, "repeated after 0.5 and 1.5 s");
    rig.hear(&within("a", "PRACK", 2, &tag, &format!("RAck: {rseq} 7 INVITE\r\nContent-Length: 0\r\n\r\n")));
    assert!(start(&rig.last()).starts_with("SIP/2.0 481"), "of another response");
    rig.hear(&within("a", "PRACK", 3, &tag, &format!("RAck: {rseq} 1 INVITE\r\nContent-Length: 0\r\n\r\n")));
    assert_eq!(start(&rig.last()), "SIP/2.0 200 OK");
    rig.sent.clear();
    rig.wait(Duration::from_secs(10));
    assert_eq!(rig.starts(), Vec::<String>::new());
    rig.act(|core, now| core.answer(now, key, SDP));
    assert_eq!(start(&rig.last()), "SIP/2.0 200 OK");
}

#[test]
fn an_answer_waits_until_what_was_described_has_arrived() {
    let mut rig = Rig::new();
    rig.hear(&with("a", "Require: 100rel\r\n"));
    let key = rig.calls.last().expect("a call").key;
    rig.act(|core, now| core.ringing(now, key, Some(SDP)));
    let progress = rig.last();
    let (rseq, tag) = (header(&progress, "RSeq"), tag_of(&progress, HeaderName::To));
    rig.sent.clear();
    rig.act(|core, now| core.answer(now, key, SDP));
    assert_eq!(rig.starts(), Vec::<String>::new());
    rig.hear(&within("a", "PRACK", 2, &tag, &format!("RAck: {rseq} 1 INVITE\r\nContent-Length: 0\r\n\r\n")));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"], "of the PRACK, then of the INVITE");
    // One that never comes ends the call.
    let mut rig = Rig::new();
    rig.hear(&with("b", "Require: 100rel\r\n"));
    let key = rig.calls.last().expect("a call").key;
    rig.act(|core, now| core.ringing(now, key, None));
    rig.wait(Duration::from_secs(33));
    assert!(start(&rig.last()).starts_with("SIP/2.0 504"));
    assert_eq!(rig.take_events(), [DialogEvent::Ended { by_peer: false, status: Some(504), reason: None }]);
}

#[test]
fn a_reliable_response_to_us_is_acknowledged_once_and_in_order() {
    let mut rig = Rig::new();
    let (key, sent) = rig.dial(None);
    assert!(header(&sent, "Supported").contains("100rel"));
    let progress = |rseq: u32| respond(&sent, "183 Session Progress", "bob", &format!("Require: 100rel\r\nRSeq: {rseq}\r\n{}", with_sdp()));
    rig.sent.clear();
    rig.hear(&progress(5));
    let prack = rig.last();
    assert_eq!(
        (start(&prack).as_str(), header(&prack, "RAck").as_str(), header(&prack, "CSeq").as_str()),
        ("PRACK", "5 1 INVITE", "2 PRACK")
    );
    assert!(prack.starts_with("PRACK sip:bob@192.0.2.10:5070 "), "to the contact of the response: {prack}");
    assert!(matches!(&rig.take_events()[..], [DialogEvent::Progress { status: 183, sdp: Some(_) }]));
    rig.sent.clear();
    rig.hear(&progress(5));
    rig.hear(&progress(8));
    assert_eq!((rig.starts(), rig.take_events()), (vec![], vec![]), "heard already, and one was skipped");
    rig.hear(&respond(&prack, "200 OK", "bob", ""));
    // The peer changes what it plays before it answers.
    let update = format!(
        "UPDATE sip:us@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKu\r\nMax-Forwards: 70\r\nFrom: <sip:bob@192.0.2.10>;tag=bob\r\n\
         To: {}\r\nCall-ID: {}\r\nCSeq: 1 UPDATE\r\nContact: <sip:bob@192.0.2.10:5070>\r\n{}",
        header(&sent, "From"),
        header(&sent, "Call-ID"),
        with_sdp()
    );
    rig.hear(&update);
    assert!(matches!(rig.take_events()[..], [DialogEvent::Offer { sdp: Some(_) }]));
    rig.act(|core, now| core.handle_verb(now, key, crate::sip::call::Verb::AnswerOffer(SDP.to_owned())));
    assert_eq!(start(&rig.last()), "SIP/2.0 200 OK");
    rig.hear(&respond(&sent, "200 OK", "bob", &with_sdp()));
    assert_eq!(rig.take_events().len(), 1);
    rig.act(|core, now| core.end(now, key, None));
    assert_eq!(header(&rig.last(), "CSeq"), "3 BYE", "the early dialog's numbers go on");
}

fn dial_phone(rig: &mut Rig) -> (CallKey, String) {
    let outgoing = Outgoing {
        to: Uri::parse("sip:bob@192.0.2.10").expect("uri"),
        from: NameAddr::parse("<sip:us@192.0.2.1>").expect("from"),
        transport: None,
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: None,
        may_refer: true,
    };
    let (key, _) = rig.core.invite(rig.now, udp(PEER), outgoing).expect("room");
    rig.act(|_, _| {});
    let sent = rig.last();
    rig.hear(&respond(&sent, "200 OK", "bob", &with_sdp()));
    rig.take_events();
    rig.sent.clear();
    (key, sent)
}

fn refer(invite: &str, to: &str) -> String {
    format!(
        "REFER sip:us@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKr\r\nMax-Forwards: 70\r\nFrom: <sip:bob@192.0.2.10>;tag=bob\r\n\
         To: {}\r\nCall-ID: {}\r\nCSeq: 7 REFER\r\nContact: <sip:bob@192.0.2.10:5070>\r\nRefer-To: {to}\r\nContent-Length: 0\r\n\r\n",
        header(invite, "From"),
        header(invite, "Call-ID")
    )
}

#[test]
fn a_phone_of_ours_may_refer_its_call_and_hears_how_it_goes() {
    let mut rig = Rig::new();
    let (other, other_invite) = dial_phone(&mut rig);
    let (key, sent) = dial_phone(&mut rig);
    rig.hear(&refer(&sent, "<sip:4711@hub.example>"));
    assert_eq!(rig.sent.iter().map(|text| start(text)).collect::<Vec<_>>(), ["SIP/2.0 202 Accepted", "NOTIFY"]);
    let notify = rig.last();
    assert_eq!((header(&notify, "Event").as_str(), header(&notify, "Subscription-State").as_str()), ("refer;id=7", "active;expires=120"));
    assert!(notify.ends_with("SIP/2.0 100 Trying\r\n"));
    let to = Uri::parse("sip:4711@hub.example").expect("uri");
    assert_eq!(rig.take_events(), [DialogEvent::Refer { to, replaces: None }]);
    rig.act(|core, now| core.handle_verb(now, key, crate::sip::call::Verb::ReferProgress(200)));
    let last = rig.last();
    assert!(header(&last, "Subscription-State").starts_with("terminated") && last.ends_with("SIP/2.0 200 OK\r\n"), "{last}");
    // An attended transfer names the other call by what the phone sees of it.
    let replaces = format!("{}%3Bto-tag%3Dbob%3Bfrom-tag%3D{}", header(&other_invite, "Call-ID"), tag_of(&other_invite, HeaderName::From));
    rig.hear(
        &refer(&sent, &format!("<sip:x@hub.example?Replaces={replaces}>")).replace("CSeq: 7", "CSeq: 8").replace("z9hG4bKr", "z9hG4bKs"),
    );
    match &rig.take_events()[..] {
        [DialogEvent::Refer { replaces: Some(id), .. }] => assert_eq!(*id.call_id, *header(&other_invite, "Call-ID")),
        events => panic!("{events:?}"),
    }
    // One that is over has no place to give, and is no call to somebody either (RFC 3891 §3).
    rig.act(|core, now| core.end(now, other, None));
    rig.sent.clear();
    rig.hear(
        &refer(&sent, &format!("<sip:x@hub.example?Replaces={replaces}>")).replace("CSeq: 7", "CSeq: 9").replace("z9hG4bKr", "z9hG4bKt"),
    );
    assert_eq!(rig.sent.iter().map(|text| start(text)).collect::<Vec<_>>(), ["SIP/2.0 202 Accepted", "NOTIFY"]);
    assert!(rig.last().ends_with("SIP/2.0 603 Decline\r\n"), "{}", rig.last());
    for (number, (to, answer)) in [
        ("nonsense", "SIP/2.0 400 Bad Refer-To"),
        ("<sip:x@hub.example?Replaces=only-a-name>", "SIP/2.0 400 Bad Replaces"),
        ("<sip:x@hub.example?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc&Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>", "SIP/2.0 400 Bad Replaces"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = refer(&sent, to).replace("CSeq: 7", &format!("CSeq: {}", number + 10));
        rig.hear(&text.replace("z9hG4bKr", &format!("z9hG4bKu{number}")));
        assert_eq!(start(&rig.last()), answer, "{to}");
    }
    // Nothing but the end of the one that is over.
    assert_eq!(rig.take_events(), [DialogEvent::Ended { by_peer: false, status: None, reason: None }]);
}

#[test]
fn a_trunk_may_not() {
    let mut rig = Rig::new();
    let (_, tag, _) = up_with(&mut rig, "a", "");
    rig.hear(&within("a", "REFER", 2, &tag, "Refer-To: <sip:+8859000@premium.example>\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(start(&rig.last()), "SIP/2.0 603 Decline");
    // Whatever it names: its own call, one that never was, or nothing that can be read.
    let own = format!("Replaces: a;to-tag={tag};from-tag=fa\r\n");
    let twice = "Replaces: a;to-tag=x;from-tag=y\r\nReplaces: a;to-tag=x;from-tag=y\r\n";
    for (name, replaces) in
        [("b", own.as_str()), ("c", "Replaces: a;to-tag=x;from-tag=y\r\n"), ("d", "Replaces: rubbish\r\n"), ("e", twice)]
    {
        rig.hear(&with(name, replaces));
        assert_eq!(start(&rig.last()), "SIP/2.0 403 Forbidden", "{replaces}");
    }
    assert_eq!(rig.take_events(), []);
}

#[test]
fn identity_is_believed_of_trunks_that_are_and_privacy_is_heard() {
    let mut rig = Rig::new();
    rig.hear(&with("a", "P-Asserted-Identity: \"A\" <sip:+4930@carrier>\r\nPrivacy: user;id\r\n"));
    let call = rig.calls.pop().expect("a call");
    assert!(call.private && call.asserted.is_some());
    let peer =
        crate::sip::Peer { name: "open".into(), sources: vec!["192.0.2.0/24".parse().expect("net")], transport: None, asserts: false };
    rig.core.set_peers(vec![peer]);
    rig.hear(&with("b", "P-Asserted-Identity: \"A\" <sip:+4930@carrier>\r\n"));
    let call = rig.calls.pop().expect("a call");
    assert!(!call.private && call.asserted.is_none());
}

#[test]
fn when_we_are_full_the_caller_is_told_when_to_come_again() {
    let mut rig = Rig::new();
    let key = rig.ring("a");
    rig.act(|core, now| core.reject(now, key, 503, ""));
    assert_eq!((start(&rig.last()).as_str(), header(&rig.last(), "Retry-After").as_str()), ("SIP/2.0 503 Service Unavailable", "5"));
    rig.core.max_calls = 0;
    rig.hear(&invite("b"));
    assert_eq!((start(&rig.last()).as_str(), header(&rig.last(), "Retry-After").as_str()), ("SIP/2.0 503 Service Unavailable", "5"));
}

#[test]
fn a_late_offer_without_an_answer_is_no_call() {
    let mut rig = Rig::new();
    let text = invite("a");
    let (head, _) = text.split_once("Content-Type").expect("a body");
    rig.hear(&format!("{head}Content-Length: 0\r\n\r\n"));
    let key = rig.calls.last().expect("a call").key;
    rig.act(|core, now| core.answer(now, key, SDP));
    let tag = tag_of(&rig.last(), HeaderName::To);
    rig.sent.clear();
    rig.hear(&within("a", "ACK", 1, &tag, ""));
    assert_eq!(rig.starts(), ["BYE"]);
    assert_eq!(rig.take_events(), [over(488)]);
}

#[test]
fn digits_by_info_in_both_spellings() {
    let mut rig = Rig::new();
    let (_, tag) = rig.up("a");
    let info = |n: u32, kind: &str, body: &str| {
        within("a", "INFO", n, &tag, &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    };
    rig.hear(&info(2, "application/dtmf-relay", "Signal=5\r\nDuration=250\r\n"));
    rig.hear(&info(3, "application/dtmf-relay", "Signal= #\r\n"));
    rig.hear(&info(4, "application/dtmf", "11"));
    rig.hear(&info(5, "application/dtmf", "7\r\n"));
    let digit = |digit, ms| DialogEvent::Dtmf { digit, ms };
    assert_eq!(rig.take_events(), [digit('5', 250), digit('#', 160), digit('#', 160), digit('7', 160)]);
    for (n, asked) in [(8, "on"), (9, "OFF"), (10, "perhaps")] {
        rig.hear(&within("a", "INFO", n, &tag, &format!("Record: {asked}\r\nContent-Length: 0\r\n\r\n")));
        assert!(start(&rig.last()).starts_with("SIP/2.0 200"));
    }
    assert_eq!(rig.take_events(), [DialogEvent::Record { on: true }, DialogEvent::Record { on: false }]);
    rig.hear(&info(11, "application/broadsoft", "event talk"));
    assert!(start(&rig.last()).starts_with("SIP/2.0 415"));
    assert!(request(&info(12, "x/y", "z")).body.len() == 1);
}

#[test]
fn an_own_address_that_changes_is_told_to_running_calls() {
    let mut rig = Rig::new();
    let account = Account { agent: "mara".into(), username: "mara".to_owned(), password: "s3cret".into(), tls_only: false };
    rig.act(|core, now| core.set_accounts(now, vec![account]));
    rig.up("a");
    let public = Some("203.0.113.50".parse().expect("an address"));
    rig.act(|core, now| core.set_public_address(now, public, Reach { public, bind: sdp::OPEN }));
    assert_eq!(rig.take_events(), [DialogEvent::Moved]);
}

#[test]
fn our_audio_is_where_the_peer_reaches_it() {
    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }
    let home = Reach { public: Some(ip("203.0.113.50")), bind: sdp::OPEN };
    let routes = |peer: IpAddr| Some(if peer == ip("10.1.0.9") { ip("10.1.0.1") } else { ip("198.51.100.2") });
    let mut local = Local::new(Bound::default(), None, home, Box::new(routes));
    let mut told = |reach, peer: &str| {
        local.set_public(None, reach);
        local.audio_facing(ip(peer)).to_string()
    };
    assert_eq!([told(home, "192.0.2.1"), told(home, "10.1.0.9")], ["203.0.113.50", "10.1.0.1"], "out there, and a telephone in the house");
    let alone = Reach { public: None, ..home };
    assert_eq!([told(alone, "192.0.2.1"), told(alone, "10.1.0.9")], ["198.51.100.2", "10.1.0.1"], "two networks of its own");
    assert_eq!(told(alone, "2001:db8::1"), "198.51.100.2", "a socket of IPv4");
    let bound = Reach { bind: ip("10.1.0.1"), ..home };
    assert_eq!([told(bound, "192.0.2.1"), told(bound, "10.1.0.9")], ["203.0.113.50", "10.1.0.1"]);
    let inside = Reach { public: Some(ip("10.9.0.1")), ..home };
    assert_eq!(told(inside, "10.1.0.9"), "10.9.0.1", "a name for the house itself");
}

#[test]
fn a_description_left_open_is_completed_in_answers_and_offers() {
    let mut rig = Rig::new();
    let open = SDP.replace("127.0.0.1", "0.0.0.0");
    assert_ne!(open, SDP);
    let public = Some("203.0.113.50".parse().expect("an address"));
    rig.hear(&invite("a"));
    let key = rig.calls.last().expect("a call").key;
    rig.act(|core, now| core.set_public_address(now, public, Reach { public, bind: sdp::OPEN }));
    rig.act(|core, now| core.answer(now, key, &open));
    let answer = rig.last();
    assert!(answer.ends_with(&SDP.replace("127.0.0.1", "203.0.113.50")), "{answer}");
}

#[test]
fn an_offer_in_prack_is_answered_in_its_200_before_the_invites() {
    let mut rig = Rig::new();
    rig.hear(&with("a", "Require: 100rel\r\n"));
    let key = rig.calls.last().expect("a call").key;
    rig.act(|core, now| core.ringing(now, key, Some(SDP)));
    let early = rig.last();
    let (tag, rseq) = (tag_of(&early, HeaderName::To), header(&early, "RSeq"));
    // Picked up before the PRACK has come.
    rig.act(|core, now| core.answer(now, key, SDP));
    rig.sent.clear();
    rig.hear(&within("a", "PRACK", 2, &tag, &format!("RAck: {rseq} 1 INVITE\r\n{}", with_sdp())));
    assert!(matches!(&rig.take_events()[..], [DialogEvent::Offer { sdp: Some(_) }]), "asked of the call");
    assert_eq!(rig.starts(), Vec::<String>::new(), "nothing until it is answered");
    rig.act(|core, now| core.answer_offer(now, key, SDP));
    let sent = rig.sent.clone();
    assert_eq!(sent.iter().map(|text| start(text)).collect::<Vec<_>>(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
    let (prack, invite) = (&sent[0], &sent[1]);
    assert!(header(prack, "CSeq") == "2 PRACK" && prack.ends_with(SDP), "{prack}");
    assert_eq!(header(invite, "CSeq"), "1 INVITE");
}

#[test]
fn an_offer_in_prack_that_cannot_be_taken_is_refused_and_the_call_goes_on() {
    let mut rig = Rig::new();
    for described in [true, false] {
        let name = if described { "a" } else { "b" };
        rig.hear(&with(name, "Require: 100rel\r\n"));
        let key = rig.calls.last().expect("a call").key;
        rig.act(|core, now| core.ringing(now, key, described.then_some(SDP)));
        let early = rig.last();
        let (tag, rseq) = (tag_of(&early, HeaderName::To), header(&early, "RSeq"));
        rig.sent.clear();
        rig.hear(&within(name, "PRACK", 2, &tag, &format!("RAck: {rseq} 1 INVITE\r\n{}", with_sdp())));
        if described {
            rig.take_events();
            rig.act(|core, now| core.reject_offer(now, key, 488));
        }
        assert_eq!(start(&rig.last()), "SIP/2.0 488 Not Acceptable Here", "theirs of the INVITE is not answered, or not to be taken");
        rig.act(|core, now| core.answer(now, key, SDP));
        assert!(start(&rig.last()) == "SIP/2.0 200 OK" && header(&rig.last(), "CSeq") == "1 INVITE");
    }
}

#[test]
fn where_a_redirection_leads_is_told_with_the_refusal() {
    let mut rig = Rig::new();
    let (_, sent) = rig.dial(None);
    let contacts =
        "Contact: <sip:+4930123@10.0.0.2:5070>;q=0.7, <sip:+499001@198.51.100.9>, <mailto:x@example.com>\r\nContent-Length: 0\r\n\r\n";
    rig.hear(&respond(&sent, "302 Moved Temporarily", "bob", contacts));
    let events = rig.take_events();
    let [DialogEvent::Redirected { targets }, DialogEvent::Rejected { status: 302, .. }, DialogEvent::Ended { .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(targets.iter().skip(1).map(Uri::to_string).collect::<Vec<_>>(), ["sip:+4930123@10.0.0.2:5070", "sip:+499001@198.51.100.9"]);
}
