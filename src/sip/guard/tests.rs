//! Answers, silence, bans, and a bounded memory.

use super::*;

#[test]
fn a_few_answers_then_silence_then_a_ban_that_ends() {
    let t0 = crate::sip::tests::origin();
    let config = GuardConfig::default();
    let mut guard = Guard::new(config.clone());
    let ip = "203.0.113.9".parse().expect("ip");
    let verdicts: Vec<_> = (0..config.strikes).map(|_| guard.strike(t0, ip)).collect();
    assert_eq!(verdicts.iter().filter(|v| **v == Verdict::Refuse).count(), config.answers as usize);
    assert!(guard.is_banned(t0, ip));
    assert!(!guard.is_banned(t0 + config.ban, ip));
    assert_eq!(guard.banned(), 0);
    assert_eq!(guard.strike(t0 + config.ban, ip), Verdict::Refuse);
}

#[test]
fn whom_we_call_is_not_banned() {
    let t0 = crate::sip::tests::origin();
    let mut guard = Guard::new(GuardConfig::default());
    let ip = "10.0.0.5".parse().expect("ip");
    guard.called(t0, ip);
    for _ in 0..1000 {
        guard.strike(t0, ip);
    }
    assert!(!guard.is_banned(t0, ip));
}

#[test]
fn a_flood_from_everywhere_stays_bounded() {
    let t0 = crate::sip::tests::origin();
    let mut guard = Guard::new(GuardConfig { sources: 100, strikes: 2, ..GuardConfig::default() });
    for host in 0..20_000u32 {
        let ip = IpAddr::from((0x0b00_0000 + host).to_be_bytes());
        guard.strike(t0, ip);
        guard.strike(t0, ip);
        guard.called(t0, ip);
    }
    assert!(guard.remembered() <= 400, "{}", guard.remembered());
    let v6 = |text: &str| text.parse::<IpAddr>().expect("ip");
    assert_eq!(network(v6("2001:db8::1")), network(v6("2001:db8::ffff")));
}

#[test]
fn a_trunks_own_address_is_never_banned_nor_listed() {
    let t0 = crate::sip::tests::origin();
    let mut guard = Guard::new(GuardConfig::default());
    let ip = |text: &str| text.parse::<IpAddr>().expect("ip");
    let strangers = ["203.0.113.9", "2001:db8:1::9", "198.51.100.7"].map(ip);
    strangers.iter().for_each(|stranger| guard.ban(t0, *stranger));
    assert_eq!((guard.bans(t0).len(), guard.news().len()), (3, 3));
    // A trunk is declared there: what was banned is let in.
    guard.spare(vec!["203.0.113.0/28".parse().expect("a network"), "2001:db8:1::1".parse().expect("an address")]);
    for _ in 0..1_000 {
        for stranger in strangers {
            guard.strike(t0, stranger);
        }
        guard.ban(t0, ip("2001:db8:1::77"));
    }
    assert_eq!(guard.bans(t0).iter().map(|ban| ban.source).collect::<Vec<_>>(), [ip("198.51.100.7")]);
    assert!(!guard.is_banned(t0, strangers[0]) && !guard.is_banned(t0, strangers[1]));
}
