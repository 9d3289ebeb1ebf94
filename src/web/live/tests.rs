//! The hub's queues and the origin rule.

use super::socket::own_origin;
use super::{Frame, Live};
use crate::auth::{Role, SessionId};
use crate::desk::id::AgentId;
use std::sync::atomic::Ordering;

#[test]
fn a_page_that_does_not_keep_up_is_marked_and_the_others_are_not() {
    let live = Live::default();
    let (slow, mut quick) =
        (live.enter(AgentId::from("a"), Role::Agent, SessionId(1)), live.enter(AgentId::from("b"), Role::Agent, SessionId(2)));
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
    let (one, two) = (live.enter(agent.clone(), Role::Agent, SessionId(1)), live.enter(agent.clone(), Role::Agent, SessionId(1)));
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
