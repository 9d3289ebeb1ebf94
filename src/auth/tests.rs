//! The gate's own rules: guessing, cookies, tokens, and the life of a session.

use super::{Attempt, Cookies, Gate, Limits, LoginError, SessionId, read_cookie, token};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::id::{AgentId, At};
use crate::store::{Store, users};
use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderValue, header};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const HOUR: i64 = 3_600_000;
const START: At = At(1_790_000_000_000);

const TOML: &str = r#"
[server]
listen = "127.0.0.1:8080"
tls = "off"
[security]
login_attempts = 3
session_idle = "12h"
session_longest = "2d"
[[queues]]
id = "sales"
[[agents]]
id = "mara"
role = "admin"
queues = ["sales"]
"#;

async fn gate() -> (tempfile::TempDir, Clock, Gate) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let clock = Clock::test(START);
    let loaded = Config::parse(TOML, Path::new("hubline.toml")).map_err(|r| r.plain()).unwrap();
    let declared = loaded.config.members().map(|m| users::Declared { id: m.id, name: m.name, role: m.role, language: None }).collect();
    users::declare(&store, declared, clock.now()).await.unwrap();
    let gate = Gate::new(store, clock.clone(), Arc::new(ArcSwap::from_pointee(loaded)), Cookies::Https).unwrap();
    gate.set_password(&mara(), "a horse of the sea").await.unwrap();
    (folder, clock, gate)
}

fn mara() -> AgentId {
    AgentId::from("mara")
}

fn value(cookie: &str) -> &str {
    cookie.split_once('=').unwrap().1.split(';').next().unwrap()
}

#[test]
fn guessing_pauses_an_account_and_an_address_and_memory_stays_bounded() {
    let limits = Limits::default();
    assert_eq!(limits.check("Mara", HERE, false, 3, START), Attempt::Allowed);
    assert_eq!(
        (
            limits.failed("mara", HERE, false, 3, START),
            limits.failed("MARA ", HERE, false, 3, START),
            limits.failed("mara", HERE, false, 3, START)
        ),
        (2, 1, 0)
    );
    let paused = Attempt::PausedUntil(START.after(15 * 60_000));
    assert_eq!(limits.check("mara", "198.51.100.9".parse().unwrap(), false, 3, START), paused, "from any address");
    assert_eq!(limits.check("jonas", HERE, false, 3, START), Attempt::Allowed, "others may still sign in from there");
    assert_eq!(limits.check("mara", HERE, false, 3, START.after(15 * 60_000)), Attempt::Allowed);
    for n in 0..12 {
        limits.failed(&format!("user{n}"), HERE, false, 3, START);
    }
    assert_eq!(limits.check("jonas", HERE, false, 3, START), paused, "one address tries many accounts");
    for n in 0..25_000u32 {
        limits.failed(&format!("name{n}"), IpAddr::V4(n.into()), false, 3, START);
    }
    assert!(limits.remembered() <= 20_000, "{}", limits.remembered());
    assert_eq!(limits.check("mara", "198.51.100.9".parse().unwrap(), false, 3, START), paused, "a flood does not wash the pause away");
}

#[test]
fn guessing_from_elsewhere_keeps_nobody_out_of_their_own_desk() {
    let (limits, there) = (Limits::default(), "198.51.100.9".parse().unwrap());
    for _ in 0..10 {
        limits.failed("mara", there, false, 3, START);
    }
    assert_ne!(limits.check("mara", "198.51.100.10".parse().unwrap(), false, 3, START), Attempt::Allowed);
    assert_eq!(limits.check("mara", HERE, true, 3, START), Attempt::Allowed);
    // At home one may not guess for ever either, and only there.
    for _ in 0..3 {
        limits.failed("mara", HERE, true, 3, START);
    }
    assert_ne!(limits.check("mara", HERE, true, 3, START), Attempt::Allowed);
    limits.forgiven("Mara");
    assert_eq!(limits.check("mara", HERE, true, 3, START), Attempt::Allowed);
    assert_eq!(limits.check("mara", "198.51.100.10".parse().unwrap(), false, 3, START), Attempt::Allowed);
}

#[test]
fn a_whole_office_signs_in_from_one_address() {
    let limits = Limits::default();
    for n in 0..200 {
        let name = format!("agent{n}");
        assert_eq!(limits.check(&name, HERE, false, 3, START), Attempt::Allowed, "{name}");
        limits.failed(&name, HERE, false, 3, START);
        limits.succeeded(&name, HERE, false);
        limits.take_back(HERE);
    }
    for n in 0..12 {
        limits.failed(&format!("guess{n}"), HERE, false, 3, START);
    }
    assert_ne!(limits.check("agent1", HERE, false, 3, START), Attempt::Allowed, "who guesses beside them is still told apart");
}

#[test]
fn an_ipv6_customer_is_their_whole_network() {
    let limits = Limits::default();
    for n in 0..4u16 {
        limits.failed(&format!("u{n}"), format!("2001:db8::{n}").parse().unwrap(), false, 1, START);
    }
    assert_ne!(limits.check("x", "2001:db8::ffff".parse().unwrap(), false, 1, START), Attempt::Allowed);
    assert_eq!(limits.check("x", "2001:db8:0:1::1".parse().unwrap(), false, 1, START), Attempt::Allowed);
}

#[test]
fn cookies_are_flagged_and_the_two_kinds_have_two_names() {
    let set = Cookies::Https.set("ab", 60);
    assert_eq!(set, "__Host-hubline=ab; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure");
    let local = Cookies::Localhost.set("ab", 60);
    assert_eq!(local, "hubline-local=ab; Max-Age=60; Path=/; HttpOnly; SameSite=Lax");
    assert!(Cookies::Https.clear().contains("Max-Age=0"));
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_static("x__Host-hubline=no; __Host-hubline=yes; __Host-hubline=later"));
    assert_eq!(read_cookie(&headers, "__Host-hubline"), Some("yes"));
    assert_eq!(read_cookie(&headers, "hubline-local"), None);
}

#[test]
fn tokens_differ_and_only_their_hash_is_kept() {
    let ((a, kept), (b, _)) = (token::fresh().unwrap(), token::fresh().unwrap());
    assert_ne!(a, b);
    assert_eq!(a.len(), 64);
    assert_eq!(token::hash(&a), Some(kept));
    assert_ne!(hex::encode(kept), a);
    for bad in ["", "zz", &a[1..], &format!("{a}00")] {
        assert_eq!(token::hash(bad), None);
    }
}

#[tokio::test]
async fn a_session_begins_with_the_password_and_ends_by_idleness_age_or_hand() {
    let (_folder, clock, gate) = gate().await;
    let enter = async || gate.login("Mara", "a horse of the sea", HERE, "Test/1", None).await.unwrap().cookie;
    let cookie = enter().await;
    let found = gate.find(value(&cookie)).await.unwrap().unwrap();
    assert_eq!((found.agent.as_str(), found.role), ("mara", super::Role::Admin));
    assert!(gate.find(&"00".repeat(32)).await.unwrap().is_none());

    clock.advance(12 * HOUR);
    assert!(gate.find(value(&cookie)).await.unwrap().is_none(), "idle for twelve hours");

    let cookie = enter().await;
    for _ in 0..4 {
        clock.advance(11 * HOUR);
        assert!(gate.find(value(&cookie)).await.unwrap().is_some(), "used in time");
    }
    clock.advance(5 * HOUR);
    assert!(gate.find(value(&cookie)).await.unwrap().is_none(), "older than two days, however used");

    let (here, there) = (enter().await, enter().await);
    let mut heard = gate.revocations();
    let id = gate.find(value(&there)).await.unwrap().unwrap().id;
    gate.revoke(id).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), id);
    assert!(gate.find(value(&there)).await.unwrap().is_none());
    assert!(!gate.stands(&mara(), id).await.unwrap());
    assert!(gate.find(value(&here)).await.unwrap().is_some());
    gate.revoke(SessionId(id.0)).await.unwrap();
}

#[tokio::test]
async fn a_login_gets_a_new_token_and_the_old_one_is_dead() {
    let (_folder, _clock, gate) = gate().await;
    let first = gate.login("mara", "a horse of the sea", HERE, "", None).await.unwrap().cookie;
    let second = gate.login("mara", "a horse of the sea", HERE, "", Some(value(&first))).await.unwrap().cookie;
    assert_ne!(value(&first), value(&second));
    assert!(gate.find(value(&first)).await.unwrap().is_none());
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_answer_alike_and_run_out() {
    let (_folder, clock, gate) = gate().await;
    for (name, left) in [("mara", 2), ("mara", 1), ("mara", 0), ("nobody", 2)] {
        let error = gate.login(name, "wrong", HERE, "", None).await.unwrap_err();
        assert!(matches!(error, LoginError::Wrong { left: l } if l == left), "{name}: {error:?}");
    }
    let error = gate.login("mara", "a horse of the sea", HERE, "", None).await.unwrap_err();
    assert!(matches!(error, LoginError::Paused { until } if until == clock.now().after(15 * 60_000)), "{error:?}");
    clock.advance(15 * 60_000);
    assert!(gate.login("mara", "a horse of the sea", HERE, "", None).await.is_ok());
}

#[tokio::test]
async fn a_changed_password_throws_the_others_out() {
    let (_folder, _clock, gate) = gate().await;
    let (here, there) = (
        gate.login("mara", "a horse of the sea", HERE, "", None).await.unwrap().cookie,
        gate.login("mara", "a horse of the sea", HERE, "", None).await.unwrap().cookie,
    );
    let me = gate.find(value(&here)).await.unwrap().unwrap();
    assert!(matches!(gate.change_password(&mara(), me.id, "no", "another long one", HERE).await, Err(LoginError::Wrong { .. })));
    assert!(matches!(gate.change_password(&mara(), me.id, "a horse of the sea", "short", HERE).await, Err(LoginError::Password(_))));
    gate.change_password(&mara(), me.id, "a horse of the sea", "another long one", HERE).await.unwrap();
    assert!(gate.find(value(&here)).await.unwrap().is_some());
    assert!(gate.find(value(&there)).await.unwrap().is_none());
    assert!(gate.login("mara", "a horse of the sea", HERE, "", None).await.is_err());
}

#[tokio::test]
async fn an_invitation_works_once_and_not_for_ever() {
    let (_folder, clock, gate) = gate().await;
    let old = gate.invite(&mara()).await.unwrap();
    let link = gate.invite(&mara()).await.unwrap();
    let token = |link: &str| link.strip_prefix("/invite/").unwrap().to_owned();
    assert!(gate.invited(&token(&old)).await.is_err(), "a newer link replaces it");
    assert!(gate.accept_invite(&token(&link), "tiny", HERE, "").await.is_err());
    let entered = gate.accept_invite(&token(&link), "chosen by herself", HERE, "").await.unwrap();
    assert!(gate.find(value(&entered.cookie)).await.unwrap().is_some());
    assert!(gate.accept_invite(&token(&link), "chosen by a thief", HERE, "").await.is_err());
    let late = gate.invite(&mara()).await.unwrap();
    clock.advance(7 * 24 * HOUR);
    assert!(gate.invited(&token(&late)).await.is_err());
    assert!(gate.invite(&AgentId::from("nobody")).await.is_err());
}

#[tokio::test]
async fn a_restart_gives_nobody_new_guesses() {
    let (folder, clock, gate) = gate().await;
    for left in [2, 1, 0] {
        let wrong = gate.login("Mara", "wrong", HERE, "Test/1", None).await;
        assert!(matches!(wrong, Err(LoginError::Wrong { left: told }) if told == left), "{wrong:?}");
    }
    drop(gate);
    clock.advance(60_000);
    let store = Store::open(folder.path()).unwrap();
    let loaded = Config::parse(TOML, Path::new("hubline.toml")).map_err(|r| r.plain()).unwrap();
    let again = Gate::new(store, clock.clone(), Arc::new(ArcSwap::from_pointee(loaded)), Cookies::Https).unwrap();
    again.remember().await.unwrap();
    let right = again.login("mara", "a horse of the sea", HERE, "Test/1", None).await;
    assert!(matches!(right, Err(LoginError::Paused { until }) if until == START.after(15 * 60_000)), "{right:?}");
    // A pause ends, and a success is remembered as well: only what came after it counts.
    clock.advance(15 * 60_000);
    assert!(again.login("mara", "a horse of the sea", HERE, "Test/1", None).await.is_ok());
    again.remember().await.unwrap();
    assert!(again.login("mara", "a horse of the sea", HERE, "Test/1", None).await.is_ok());
}
