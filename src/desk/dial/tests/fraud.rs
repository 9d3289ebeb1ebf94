//! Toll fraud: forty ways in which somebody tries to have a dear number called by a house that allows its own country and Austria. None
//! gets through, for an agent, a flow or a callback; and what is meant to be called still is.

use super::super::countries;
use super::super::number::Numbering;
use super::super::spec::*;
use super::super::*;
use crate::desk::id::*;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

fn house() -> DialSpec {
    let numbering = Numbering { area_code: "30".into(), ..Numbering::of(countries::named("de").expect("Germany")) };
    let outbound = Outbound {
        allow: vec![Place::National, Place::Start("43".into()), Place::Start("1".into())],
        deny: vec![Place::Start("4932".into())],
        number: Some("+4930123456".into()),
        weight: 1,
        ..Outbound::default()
    };
    let trunk =
        TrunkSpec { id: "line".into(), numbering: numbering.clone(), reachable: true, pinged: true, failures: 3, outbound: Some(outbound) };
    DialSpec {
        numbering,
        zone: TimeZone::UTC,
        trunks: vec![trunk],
        agents: BTreeMap::from([("mara".into(), vec![Place::Any])]),
        flows: vec![Place::Any],
        ..DialSpec::default()
    }
}

fn asked(number: &str, by: Dialler) -> Result<Plan, Refused> {
    let books = Books { trunks: &BTreeMap::new(), out: &BTreeMap::new() };
    plan(&house(), books, At(0), &Ask { by, number, line: None, anonymous: false }, None)
}

const SPELLINGS: [(&str, DialRefusal); 52] = {
    use DialRefusal::*;
    [
        // Premium rate, written in every way.
        ("0900 1234567", Premium),
        ("  0900 1234567", Premium),
        ("+49 900 1234567", Premium),
        ("+49 (0)900 1234567", Premium),
        ("+49 0900 1234567", Premium),
        ("0049 900 1234567", Premium),
        ("49900 1234567", Premium),
        ("tel:+49-900-1234567", Premium),
        ("０９００１２３４５６７", Premium),
        ("09\u{200b}00\u{200b}1234567", Premium),
        ("\u{202d}09001234567\u{202c}", Premium),
        ("0137 8123456", Premium),
        ("0180 5 123456", Premium),
        ("11833", Premium),
        ("+1 900 555 0123", Premium),
        ("001 900 555 0123", Premium),
        ("+1 976 555 0123", Premium),
        // Satellites and networks without a country.
        ("+870 773 123456", Premium),
        ("00881 6 12345678", Premium),
        ("+882 16 1234567", Premium),
        ("+979 0 12345678", Premium),
        // Countries that are not allowed.
        ("00 44 20 7946 0018", NotAllowed),
        ("+371 9912 3456", NotAllowed),
        ("+252 61 1234567", NotAllowed),
        ("00960 123 4567", NotAllowed),
        ("+53 7 123 4567", NotAllowed),
        // Places behind an allowed country code.
        ("+1 876 555 0123", NotAllowed),
        ("+1 (809) 555-0123", NotAllowed),
        ("0012465550123", NotAllowed),
        // An allowed beginning put before another number: too long for any number, or the denied part of it.
        ("+49 0044 20 7946 0018 1234", NotANumber),
        ("00 49 00 44 20 7946 0018", NotANumber),
        ("+43 00 371 99123456 12", NotANumber),
        ("032 12345678", NotAllowed),
        // More than a number.
        ("tel:900123456;phone-context=+49", NotANumber),
        ("030123456;phone-context=+1900", NotANumber),
        ("tel:+4930123456;ext=00371", NotANumber),
        ("030123456,,00371", NotANumber),
        ("030123456w0900", NotANumber),
        ("030123456p0900", NotANumber),
        ("030 123456 ext. 0900", NotANumber),
        ("%2B49900123456", NotANumber),
        ("%30%39%30%301234567", NotANumber),
        ("+49%20900%201234567", NotANumber),
        ("sip:0900@evil.example", NotANumber),
        ("sips:+4930123456@evil.example", NotANumber),
        ("0900@provider.example", NotANumber),
        ("+4930123456?Replaces=1", NotANumber),
        ("\"x\" <sip:0900@provider.example>", NotANumber),
        // Codes of the exchange: forwarding, suppression, carrier selection by star.
        ("*21*0900123456#", NotANumber),
        ("*31#0900123456", NotANumber),
        // Digits of other scripts.
        ("٠٩٠٠١٢٣٤٥٦٧", NotANumber),
        ("०९००१२३४५६७", NotANumber),
    ]
};

#[test]
fn no_spelling_of_a_dear_number_gets_through() {
    for by in [Dialler::Agent("mara".into()), Dialler::Flow("night".into()), Dialler::House] {
        for (text, why) in SPELLINGS {
            match asked(text, by.clone()) {
                Err(refused) => assert_eq!(refused.why, why, "{text} by {by}"),
                Ok(plan) => panic!("{text} by {by} is called: {plan:?}"),
            }
        }
    }
}

#[test]
fn forwarded_and_referred_numbers_are_read_by_the_same_rules() {
    // What a REFER or a redirect names comes here as the user part of its address.
    for text in ["+3719912345", "0900123456", "+18765550123", "00882161234567"] {
        assert!(asked(text, Dialler::House).is_err(), "{text}");
    }
}

#[test]
fn ordinary_numbers_still_go_out() {
    for (text, to) in [
        ("030 123456", "+4930123456"),
        ("0151 23456789", "+4915123456789"),
        ("0800 1234567", "+498001234567"),
        ("+43 1 12345", "+43112345"),
        ("+1 (415) 555-0123", "+14155550123"),
        ("115", "115"),
        ("112", "112"),
        ("+49110", "110"),
    ] {
        let routes = asked(text, Dialler::Agent("mara".into())).unwrap_or_else(|refused| panic!("{text}: {refused:?}")).routes;
        assert_eq!(routes[0].number, to, "{text}");
    }
}

#[test]
fn nobody_calls_by_default() {
    let books = Books { trunks: &BTreeMap::new(), out: &BTreeMap::new() };
    let ask = |by: Dialler| Ask { by, number: "030123456", line: None, anonymous: false };
    let mut spec = house();
    spec.flows = Vec::new();
    let why = |spec: &DialSpec, by: Dialler| plan(spec, books, At(0), &ask(by), None).err().map(|refused| refused.why);
    assert_eq!(why(&spec, Dialler::Flow("night".into())), Some(DialRefusal::NotPermitted));
    assert_eq!(why(&spec, Dialler::Agent("stranger".into())), Some(DialRefusal::NotPermitted));
    spec.trunks[0].outbound = None;
    assert_eq!(why(&spec, Dialler::Agent("mara".into())), Some(DialRefusal::NoTrunk));
    spec.trunks[0].outbound = Some(Outbound::default());
    assert_eq!(why(&spec, Dialler::Agent("mara".into())), Some(DialRefusal::NotAllowed));
}
