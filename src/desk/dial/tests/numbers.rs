//! What people write and providers deliver, and the one form it has here.

use super::super::countries::{self, COUNTRIES};
use super::super::number::{Number, Numbering};
use std::collections::BTreeSet;

fn house(country: &str, area: &str) -> Numbering {
    Numbering { area_code: area.into(), ..Numbering::of(countries::named(country).expect(country)) }
}

fn value(numbering: &Numbering, text: &str) -> Option<String> {
    numbering.read(text).map(|reading| reading.number.value().to_owned())
}

#[track_caller]
fn table(numbering: &Numbering, rows: &[(&str, Option<&str>)]) {
    for (text, expected) in rows {
        assert_eq!(value(numbering, text).as_deref(), *expected, "{text}");
    }
}

#[test]
fn in_china() {
    let full = Some("+8613800138000");
    table(
        &house("cn", "20"),
        &[
            ("13800138000", full),
            ("013800138000", full),
            ("+86 138-0013-8000", full),
            ("008613800138000", full),
            ("8613800138000", full),
            ("+8613800138000", full),
            ("１３８００１３８０００", full),
            ("＋８６ １３８ ００１３ ８０００", full),
            ("（138）0013-8000", full),
            ("tel:+86-138-0013-8000", full),
            ("TEL:13800138000", full),
            ("\u{202a}138 0013 8000\u{202c}", full),
            ("138\u{a0}0013\u{a0}8000", full),
            ("02088887777", Some("+862088887777")),
            ("020-8888 7777", Some("+862088887777")),
            ("(020) 88887777", Some("+862088887777")),
            ("88887777", Some("+862088887777")),
            ("88887777转801", Some("+862088887777")),
            ("+86 (020) 8888 7777", Some("+862088887777")),
            ("4008001234", Some("+864008001234")),
            ("400-800-1234", Some("+864008001234")),
            ("10086", Some("10086")),
            ("95588", Some("95588")),
            ("12345", Some("12345")),
            ("0044 20 7946 0018", Some("+442079460018")),
            ("110", Some("110")),
            ("+86110", Some("110")),
            ("801", Some("801")),
            ("alice", None),
            ("+", None),
            ("", None),
        ],
    );
}

#[test]
fn in_germany() {
    let berlin = Some("+4930123456");
    table(
        &house("de", "30"),
        &[
            ("030 123456", berlin),
            ("030/12 34 56", berlin),
            ("+49 30 123456", berlin),
            ("+49 (0)30 123456", berlin),
            ("+49 030 123456", berlin),
            ("004930123456", berlin),
            ("4930123456", berlin),
            ("123456", berlin),
            ("030 123456 ext. 12", berlin),
            ("030-123456x12", berlin),
            ("tel:+49-30-123456;ext=12", berlin),
            ("tel:123456;phone-context=+4930", berlin),
            ("tel:030123456;phone-context=example.com", berlin),
            ("+4930123456;npdi;rn=+4930", berlin),
            ("0151 23456789", Some("+4915123456789")),
            ("0800 1234567", Some("+498001234567")),
            ("0800-CALLMENOW", Some("+49800225563669")),
            ("0041 44 668 18 00", Some("+41446681800")),
            ("115", Some("115")),
            ("116117", Some("116117")),
            ("112", Some("112")),
            ("0049112", Some("112")),
            ("301", Some("301")),
            ("+4930-12 34 56 #", None),
            ("030 123456,,1", None),
            ("mara", None),
        ],
    );
}

#[test]
fn in_north_america_and_elsewhere() {
    let us = house("us", "415");
    let full = Some("+14155550123");
    for text in ["(415) 555-0123", "1 415 555 0123", "+1.415.555.0123", "14155550123", "5550123", "4155550123"] {
        assert_eq!(value(&us, text).as_deref(), full, "{text}");
    }
    table(
        &us,
        &[
            ("1-800-FLOWERS", Some("+18003569377")),
            ("1-800-XEROX-99", Some("+18009376999")),
            ("011 49 30 123456", Some("+4930123456")),
            ("911", Some("911")),
            ("411", Some("411")),
        ],
    );
    table(
        &house("it", ""),
        &[("06 6982", Some("+39066982")), ("+39 06 6982 1234", Some("+390669821234")), ("333 123 4567", Some("+393331234567"))],
    );
    table(&house("gb", ""), &[("020 7946 0018", Some("+442079460018")), ("07911 123456", Some("+447911123456")), ("999", Some("999"))]);
    table(&house("fr", ""), &[("01 23 45 67 89", Some("+33123456789")), ("33123456789", Some("+33123456789")), ("3631", Some("3631"))]);
    table(&house("ru", ""), &[("8 (495) 123-45-67", Some("+74951234567")), ("810 49 30 123456", Some("+4930123456"))]);
    table(&house("au", ""), &[("0011 49 30 123456", Some("+4930123456")), ("000", Some("000")), ("02 5550 1234", Some("+61255501234"))]);
    table(&house("es", ""), &[("912 345 678", Some("+34912345678")), ("0034912345678", Some("+34912345678"))]);
}

#[test]
fn without_a_country_numbers_stay_as_they_come() {
    table(
        &Numbering::coded(""),
        &[
            ("13800138000", Some("13800138000")),
            ("+491", Some("+491")),
            ("0049301234", Some("+49301234")),
            ("030123456", Some("030123456")),
            ("4001", Some("4001")),
        ],
    );
    // A code whose country is not in the table follows the commonest rules.
    table(&Numbering::coded("381"), &[("011 1234567", Some("+381111234567")), ("381111234567", Some("+381111234567"))]);
}

#[test]
fn a_trunk_may_bring_numbers_with_their_code() {
    let trunk = Numbering { with_code: true, ..house("de", "30") };
    table(&trunk, &[("33123456789", Some("+33123456789")), ("8613800138000", Some("+8613800138000")), ("030123456", Some("+4930123456"))]);
}

#[test]
fn what_is_more_than_a_number_is_told_apart() {
    let de = house("de", "30");
    for text in ["030 123456", "tel:+4930123456", "+49 (0)30 123456", "1-800-FLOWERS"] {
        assert!(de.read(text).is_some_and(|reading| reading.plain), "{text}");
    }
    for text in ["030 123456 ext 1", "tel:+4930123456;ext=1", "tel:1234567;phone-context=+4930", "030123456;cpc=x"] {
        assert!(de.read(text).is_some_and(|reading| !reading.plain), "{text}");
    }
}

#[test]
fn reading_twice_changes_nothing() {
    for country in COUNTRIES {
        let numbering = Numbering::of(country);
        for text in ["012345678", "123456789", "1234567890", "+4930123456", "0012125550123", "110", "10086"] {
            let Some(first) = numbering.read(text) else { continue };
            let again = numbering.read(first.number.value()).map(|reading| reading.number);
            match first.number {
                Number::Short(_) => {}
                number => assert_eq!(again.as_ref(), Some(&number), "{} {text}", country.name),
            }
        }
    }
}

#[test]
fn countries_are_told_once_and_no_code_begins_another() {
    let names: BTreeSet<&str> = COUNTRIES.iter().map(|country| country.name).collect();
    assert_eq!(names.len(), COUNTRIES.len());
    for a in COUNTRIES {
        assert!(!a.emergency.is_empty(), "{}", a.name);
        assert!(a.lengths.0 <= a.lengths.1 && a.lengths.1 + a.code.len() <= 15, "{}", a.name);
        for b in COUNTRIES.iter().filter(|b| b.code != a.code) {
            assert!(!a.code.starts_with(b.code), "{} begins with {}", a.name, b.name);
        }
    }
}
