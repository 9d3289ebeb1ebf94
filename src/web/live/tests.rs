//! The hub's queues and the origin rule.

use super::socket::own_origin;
use super::{Audience, Frame, Live, Shows};
use crate::auth::{Role, SessionId};
use crate::desk::id::{AgentId, PersonId};
use std::sync::atomic::Ordering;

#[test]
fn a_page_that_does_not_keep_up_is_marked_and_the_others_are_not() {
    let live = Live::default();
    let (slow, mut quick) = (
        live.enter(AgentId::from("a"), "Ann".into(), Role::Agent, SessionId(1)),
        live.enter(AgentId::from("b"), "Ben".into(), Role::Agent, SessionId(2)),
    );
    assert!(slow.first && quick.first);
    for n in 0..257 {
        live.to_all(Frame::new("floor", n));
        assert_eq!(quick.frames.try_recv().unwrap().text(), format!("{{\"body\":{n},\"type\":\"floor\"}}"));
    }
    assert!(slow.missed.load(Ordering::Relaxed) && !quick.missed.load(Ordering::Relaxed));
    assert_eq!(slow.frames.len(), 256);
}

#[test]
fn the_last_page_of_an_agent_is_noticed() {
    let live = Live::default();
    let agent = AgentId::from("a");
    let (one, two) = (
        live.enter(agent.clone(), "Ann".into(), Role::Agent, SessionId(1)),
        live.enter(agent.clone(), "Ann".into(), Role::Agent, SessionId(1)),
    );
    assert!(one.first && !two.first);
    assert_eq!(live.open_pages(&agent), 2);
    assert!(!live.leave(one.id));
    assert!(live.leave(two.id));
    assert!(!live.leave(two.id), "gone already");
}

#[test]
fn an_origin_is_ours_when_its_host_is_the_one_asked() {
    let trusted = ["https://desk.example.com".to_owned()];
    for (origin, host, ours) in [
        ("https://desk.local:8443", "desk.local:8443", true),
        ("https://DESK.local:8443", "desk.local:8443", true),
        ("https://desk.local", "desk.local:8443", false),
        ("https://evil.example", "desk.local:8443", false),
        ("https://desk.example.com", "10.0.0.5:8080", true),
        ("https://desk.example.com.evil", "10.0.0.5:8080", false),
        ("ftp://desk.local", "desk.local", false),
        ("null", "desk.local", false),
        ("", "", false),
        ("https://", "", false),
    ] {
        assert_eq!(own_origin(origin, host, &trusted), ours, "{origin} {host}");
    }
}

#[test]
fn pages_at_one_person_hear_of_each_other_and_of_who_writes() {
    let live = Live::default();
    let open = |id: &str, name: &str, session| live.enter(AgentId::from(id), name.to_owned(), Role::Agent, SessionId(session));
    let (mut ann, mut ben, mut cleo) = (open("a", "Ann", 1), open("b", "Ben", 2), open("c", "Cleo", 3));
    let shows = |path: &str, person: u64| Shows { path: path.to_owned(), person: Some(PersonId(person)), ..Shows::default() };
    live.look(ann.id, shows("/inbox/conversation/7", 1));
    assert_eq!(ann.frames.try_recv().unwrap().text(), r#"{"others":[],"person":1,"type":"viewers"}"#);
    live.look(ben.id, shows("/inbox/person/1", 1));
    live.look(cleo.id, shows("/inbox/person/2", 2));
    assert_eq!(ann.frames.try_recv().unwrap().text(), r#"{"others":[{"agent":"b","name":"Ben"}],"person":1,"type":"viewers"}"#);
    assert_eq!(ben.frames.try_recv().unwrap().text(), r#"{"others":[{"agent":"a","name":"Ann"}],"person":1,"type":"viewers"}"#);
    // Who writes is told to the other at the same person, and to nobody else.
    cleo.frames.try_recv().unwrap();
    live.writes(ben.id);
    assert_eq!(ann.frames.try_recv().unwrap().text(), r#"{"name":"Ben","person":1,"type":"writes"}"#);
    assert!(ben.frames.try_recv().is_err() && cleo.frames.try_recv().is_err());
    // A colleague who goes elsewhere, or closes the page, is gone.
    live.look(ben.id, shows("/tickets/5", 2));
    assert_eq!(ann.frames.try_recv().unwrap().text(), r#"{"others":[],"person":1,"type":"viewers"}"#);
    live.leave(ben.id);
    cleo.frames.try_recv().unwrap();
    assert_eq!(cleo.frames.try_recv().unwrap().text(), r#"{"others":[],"person":2,"type":"viewers"}"#);
    assert!(live.looks_at(&AgentId::from("a"), PersonId(1)) && !live.looks_at(&AgentId::from("b"), PersonId(2)));
}

#[test]
fn frames_for_a_page_go_to_those_who_show_it() {
    let live = Live::default();
    let open = |id: &str| live.enter(AgentId::from(id), id.to_owned(), Role::Agent, SessionId(1));
    let (mut list, mut one, mut other) = (open("a"), open("b"), open("c"));
    for (seat, path) in [(&list, "/tickets"), (&one, "/tickets/5"), (&other, "/ticketsx")] {
        live.look(seat.id, Shows { path: path.to_owned(), ..Shows::default() });
    }
    live.to(&Audience::At("/tickets".into()), Frame::new("ticket", ()));
    assert!(list.frames.try_recv().is_ok() && one.frames.try_recv().is_ok() && other.frames.try_recv().is_err());
    live.to(&Audience::At("/tickets/5".into()), Frame::new("ticket", ()));
    assert!(list.frames.try_recv().is_err() && one.frames.try_recv().is_ok());
}
