//! Which ways a number takes: order, form, the number shown, limits, and emergency calls past all of them.

use super::super::book::{Book, Down, Out, TrunkProblem};
use super::super::countries;
use super::super::number::Numbering;
use super::super::spec::*;
use super::super::*;
use crate::desk::id::*;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Tuesday, 3 March 2026, 12:00 in Berlin.
const NOON: At = At(1_772_535_600_000);

fn berlin() -> Numbering {
    Numbering { area_code: "30".into(), ..Numbering::of(countries::named("de").expect("Germany")) }
}

fn outbound(number: &str) -> Outbound {
    Outbound { allow: vec![Place::Any], weight: 1, number: Some(number.into()), asserted: true, ..Outbound::default() }
}

fn trunk(id: &str, outbound: Option<Outbound>) -> TrunkSpec {
    TrunkSpec { id: id.into(), numbering: berlin(), reachable: true, pinged: true, failures: 3, outbound }
}

/// A house with its memory.
struct House {
    spec: DialSpec,
    books: BTreeMap<TrunkId, Book>,
    out: BTreeMap<(CallId, u8), Out>,
}

impl House {
    fn new(trunks: Vec<TrunkSpec>) -> House {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        let agents = BTreeMap::from([("mara".into(), vec![Place::Any])]);
        let spec = DialSpec { numbering: berlin(), zone, trunks, agents, ..DialSpec::default() };
        House { spec, books: BTreeMap::new(), out: BTreeMap::new() }
    }

    fn ask(&self, at: At, ask: &Ask<'_>) -> Result<Plan, Refused> {
        plan(&self.spec, Books { trunks: &self.books, out: &self.out }, at, ask, None)
    }

    fn routes(&self, number: &str) -> Vec<DialRoute> {
        let ask = Ask { by: Dialler::Agent("mara".into()), number, line: None, anonymous: false };
        self.ask(NOON, &ask).unwrap_or_else(|refused| panic!("{number}: {refused:?}")).routes
    }

    fn order(&self, number: &str) -> Vec<String> {
        self.routes(number).iter().map(|route| route.trunk.to_string()).collect()
    }

    fn why(&self, at: At, number: &str) -> Option<(DialRefusal, Option<String>)> {
        let ask = Ask { by: Dialler::Agent("mara".into()), number, line: None, anonymous: false };
        self.ask(at, &ask).err().map(|refused| (refused.why, refused.trunk.map(|trunk| trunk.to_string())))
    }

    fn book(&mut self, trunk: &str) -> &mut Book {
        let day = self.spec.day(NOON);
        self.books.entry(trunk.into()).or_insert_with(|| Book { day, ..Book::default() })
    }

    fn talking(&mut self, call: u64, trunk: &str, answered: At, price: i64) {
        let out = Out {
            call: CallId(call),
            party: 0,
            trunk: trunk.into(),
            number: "+491".into(),
            emergency: false,
            price,
            answered: Some(answered),
            warned: false,
        };
        self.out.insert((CallId(call), 0), out);
    }
}

#[test]
fn the_cheapest_then_the_first_then_by_weight_and_the_sick_last() {
    let priced = |prices: &[(&str, i64)], priority: u32| Outbound {
        prices: prices.iter().map(|(start, price)| ((*start).to_owned(), *price)).collect(),
        priority,
        ..outbound("+4930123456")
    };
    let mut house = House::new(vec![
        trunk("dear", Some(priced(&[("", 90_000)], 1))),
        trunk("cheap", Some(priced(&[("49", 10_000), ("4915", 120_000)], 9))),
        trunk("second", Some(priced(&[("49", 20_000), ("4915", 60_000)], 2))),
        trunk("first", Some(priced(&[("49", 20_000), ("4915", 60_000)], 1))),
    ]);
    assert_eq!(house.order("030123456"), ["cheap", "first", "second", "dear"]);
    assert_eq!(house.order("0151 23456789"), ["first", "second", "dear", "cheap"], "the longest beginning counts");
    house.book("cheap").down = Some(Down { since: NOON, problem: TrunkProblem::Silent });
    house.book("first").unregistered = Some(TrunkProblem::Login);
    assert_eq!(house.order("030123456"), ["second", "dear", "cheap", "first"]);

    let shared = |weight| Outbound { weight, ..outbound("+4930123456") };
    let mut house = House::new(vec![trunk("one", Some(shared(1))), trunk("three", Some(shared(3)))]);
    let mut had = BTreeMap::new();
    for _ in 0..40 {
        let first = house.order("030123456").remove(0);
        house.book(&first).calls += 1;
        *had.entry(first).or_insert(0) += 1;
    }
    assert_eq!(had, BTreeMap::from([("one".to_owned(), 10), ("three".to_owned(), 30)]));
}

#[test]
fn a_trunk_that_is_never_pinged_is_tried_again_after_a_minute() {
    let unasked = TrunkSpec { pinged: false, ..trunk("a", Some(outbound("+4930123456"))) };
    let mut house = House::new(vec![unasked, trunk("b", Some(outbound("+4930123456")))]);
    house.book("a").down = Some(Down { since: At(NOON.0 - 59_000), problem: TrunkProblem::Silent });
    assert_eq!(house.order("030123456"), ["b", "a"]);
    house.book("a").down = Some(Down { since: At(NOON.0 - 61_000), problem: TrunkProblem::Silent });
    assert_eq!(house.order("030123456"), ["a", "b"]);
}

#[test]
fn each_trunk_gets_the_number_as_it_wants_it() {
    for (form, prefix, number, expected) in [
        (Form::E164, "", "030 123456", "+4930123456"),
        (Form::Plain, "", "030 123456", "4930123456"),
        (Form::International, "", "030 123456", "004930123456"),
        (Form::National, "", "030 123456", "030123456"),
        (Form::National, "", "+43 1 12345", "0043112345"),
        (Form::National, "9", "0151 23456789", "9015123456789"),
        (Form::E164, "", "115", "115"),
        (Form::National, "9", "112", "112"),
    ] {
        let way = Outbound { form, dial_prefix: prefix.into(), ..outbound("+4930123456") };
        let house = House::new(vec![trunk("a", Some(way))]);
        assert_eq!(house.routes(number)[0].number, expected, "{number} as {form:?}");
    }
    let cn = Numbering::of(countries::named("cn").expect("China"));
    let way = Outbound { form: Form::National, ..outbound("+862088887777") };
    let mut house = House::new(vec![trunk("a", Some(way))]);
    house.spec.numbering = cn;
    assert_eq!(house.routes("+8613800138000")[0].number, "13800138000", "mobiles are written bare");
    assert_eq!(house.routes("+862088887777")[0].number, "02088887777");
}

#[test]
fn only_numbers_that_the_trunk_owns_are_shown() {
    let shown = |caller: CallerPolicy, by: Dialler, line: Option<&str>, anonymous: bool| {
        let way = Outbound { caller, owns: vec!["+49301234*".into()], ..outbound("+4930123400") };
        let mut house = House::new(vec![trunk("a", Some(way))]);
        house.spec.direct = BTreeMap::from([("mara".into(), "+4930123477".into()), ("bo".into(), "+4940999999".into())]);
        house.spec.agents.insert("bo".into(), vec![Place::Any]);
        let ask = Ask { by, number: "+4915123456789", line, anonymous };
        let route = house.ask(NOON, &ask).expect("a route").routes.remove(0);
        (route.caller_id, route.asserted)
    };
    let (mara, bo) = (|| Dialler::Agent("mara".into()), || Dialler::Agent("bo".into()));
    let number = |text: &str| Some(text.to_owned());
    let alike = |text: &str| (number(text), number(text));
    assert_eq!(shown(CallerPolicy::Line, mara(), Some("030 123488"), false), alike("+4930123488"));
    assert_eq!(shown(CallerPolicy::Line, mara(), Some("040 999999"), false), alike("+4930123400"), "not the trunk's");
    assert_eq!(shown(CallerPolicy::Line, mara(), None, false), alike("+4930123400"));
    assert_eq!(shown(CallerPolicy::Agent, mara(), None, false), alike("+4930123477"));
    assert_eq!(shown(CallerPolicy::Agent, bo(), None, false), alike("+4930123400"), "not the trunk's");
    assert_eq!(shown(CallerPolicy::Agent, Dialler::House, Some("030123488"), false), alike("+4930123488"));
    assert_eq!(shown(CallerPolicy::Number, mara(), Some("030123488"), false), alike("+4930123400"));
    assert_eq!(shown(CallerPolicy::Anonymous, mara(), Some("030123488"), false), (None, number("+4930123400")));
    assert_eq!(shown(CallerPolicy::Line, mara(), Some("030123488"), true), (None, number("+4930123400")));
}

#[test]
fn limits_of_the_day_and_of_the_moment() {
    let limited = Outbound { max_calls: 2, calls_per_second: 2, minutes_per_day: 10, cost_per_day: 1_000_000, ..outbound("+4930123456") };
    let limited = Outbound { prices: vec![("49".into(), 100_000)], ..limited };
    let house = || House::new(vec![trunk("a", Some(limited.clone()))]);
    let ask = "030123456";
    assert_eq!(house().why(NOON, ask), None);

    let mut busy = house();
    busy.talking(1, "a", NOON, 0);
    assert_eq!(busy.why(NOON, ask), None);
    busy.talking(2, "a", NOON, 0);
    assert_eq!(busy.why(NOON, ask), Some((DialRefusal::TooManyCalls, Some("a".into()))));

    let mut fast = house();
    fast.book("a").starts = vec![NOON, NOON];
    assert_eq!(fast.why(NOON.after(999), ask), Some((DialRefusal::TooFast, Some("a".into()))));
    assert_eq!(fast.why(NOON.after(1_000), ask), None);

    let mut spent = house();
    spent.book("a").talked_ms = 8 * 60_000;
    spent.talking(1, "a", At(NOON.0 - 100_000), 0);
    assert_eq!(spent.why(NOON, ask), None);
    assert_eq!(spent.why(NOON.after(1), ask), Some((DialRefusal::MinutesSpent, Some("a".into()))), "running calls count");

    let mut dear = house();
    dear.book("a").cost = 800_000;
    dear.talking(1, "a", At(NOON.0 - 60_000), 100_000);
    assert_eq!(dear.why(NOON, ask), None);
    assert_eq!(dear.why(NOON.after(1), ask), Some((DialRefusal::CostSpent, Some("a".into()))), "a minute begun is a minute");

    // 23:59:59 in Berlin and a second later: an hour before midnight UTC.
    let mut night = house();
    night.book("a").talked_ms = 10 * 60_000;
    assert_eq!(night.why(NOON.after(12 * 3_600_000 - 1_000), ask), Some((DialRefusal::MinutesSpent, Some("a".into()))));
    assert_eq!(night.why(NOON.after(12 * 3_600_000), ask), None, "a new day in Berlin");
}

#[test]
fn a_full_trunk_leaves_the_call_to_the_next() {
    let small = Outbound { max_calls: 1, priority: 1, ..outbound("+4930123456") };
    let next = Outbound { priority: 2, ..outbound("+4930123456") };
    let mut house = House::new(vec![trunk("small", Some(small)), trunk("next", Some(next))]);
    house.talking(1, "small", NOON, 0);
    assert_eq!(house.order("030123456"), ["next"]);
}

#[test]
fn emergency_calls_pass_everything() {
    let full = Outbound {
        max_calls: 1,
        allow: Vec::new(),
        caller: CallerPolicy::Anonymous,
        owns: vec!["+493012345*".into()],
        ..outbound("+4930123456")
    };
    let mut house = House::new(vec![
        trunk("closed", None),
        trunk("full", Some(full.clone())),
        TrunkSpec { reachable: false, ..trunk("deaf", None) },
        trunk("other", Some(Outbound { priority: 5, owns: Vec::new(), number: Some("+4930777".into()), ..full })),
    ]);
    house.spec.place = Some("+4930123450".into());
    house.talking(1, "full", NOON, 0);
    for by in [Dialler::Agent("nobody".into()), Dialler::House] {
        let routes = house.ask(NOON, &Ask { by, number: "1 1 2", line: None, anonymous: true }).expect("always").routes;
        let ways: Vec<(&str, &str, Option<&str>)> =
            routes.iter().map(|route| (route.trunk.as_str(), route.number.as_str(), route.caller_id.as_deref())).collect();
        let place = Some("+4930123450");
        assert_eq!(ways, [("full", "112", place), ("other", "112", Some("+4930777")), ("closed", "112", place)]);
    }
    let stranger = Ask::of(Dialler::Flow("night".into()), "112");
    assert_eq!(
        house.ask(NOON, &stranger).err().map(|refused| refused.why),
        Some(DialRefusal::NotPermitted),
        "strangers dial it themselves"
    );
    house.book("full").down = Some(Down { since: NOON, problem: TrunkProblem::Unreachable });
    assert_eq!(house.order("110"), ["other", "closed", "full"]);
    // Emergency calls take no place among the others.
    let House { out, .. } = &mut house;
    out.get_mut(&(CallId(1), 0)).expect("the call").emergency = true;
    assert_eq!(house.why(NOON, "030123456"), Some((DialRefusal::NotAllowed, None)));
}

#[test]
fn one_trunk_alone_can_be_tried() {
    let house = House::new(vec![trunk("a", Some(outbound("+4930123456"))), trunk("b", Some(outbound("+4930123456")))]);
    let ask = Ask { by: Dialler::Agent("mara".into()), number: "030123456", line: None, anonymous: false };
    let books = Books { trunks: &house.books, out: &house.out };
    let only = plan(&house.spec, books, NOON, &ask, Some(&"b".into())).expect("a route").routes;
    assert_eq!(only.iter().map(|route| route.trunk.as_str()).collect::<Vec<_>>(), ["b"]);
}
