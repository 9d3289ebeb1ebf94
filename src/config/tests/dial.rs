//! Numbers and calls out: mistakes with their mending, what is odd, and what the desk gets.

use super::*;
use crate::desk::dial::number::Number;
use crate::desk::dial::spec::{CallerPolicy, Form, Place};

/// A second trunk with these lines in its `[trunks.outbound]`.
fn out(lines: &str) -> String {
    with(&format!("[dial]\ncountry = \"de\"\n[[trunks]]\nid = \"out\"\nserver = \"b.example\"\n[trunks.outbound]\n{lines}\n"))
}

#[track_caller]
fn mistake(text: &str, message: &str, marked: &str, help: &str) {
    let report = report(text);
    let errors: Vec<&Diagnostic> = report.diagnostics.iter().filter(|finding| finding.level == Level::Error).collect();
    let found = errors.iter().find(|finding| finding.message.contains(message)).unwrap_or_else(|| panic!("no `{message}` in:\n{report}"));
    assert_eq!(&text[found.span.clone()], marked, "{report}");
    assert!(found.help.clone().unwrap_or_default().contains(help), "{report}");
    assert_eq!(errors.len(), 1, "{report}");
}

#[test]
fn mistakes_are_marked_and_mended() {
    mistake(&with("[dial]\ncountry = \"xx\"\n"), "unknown country `xx`", "\"xx\"", "`de`");
    mistake(&with("[dial]\ncountry_code = \"DE\"\n"), "not a country code", "\"DE\"", "digits");
    mistake(&with("[dial]\narea_code = \"O30\"\n"), "not an area code", "\"O30\"", "digits");
    mistake(&with("[dial]\ntrunk_prefix = \"null\"\n"), "not a dialling prefix", "\"null\"", "digits");
    mistake(&with("[dial]\nemergency = [\"+112\"]\n"), "not an emergency number", "\"+112\"", "as it is dialled");
    mistake(&with("[dial]\nemergency_caller = \"030123456\"\n"), "not a number in full", "\"030123456\"", "+ and country code");
    mistake(&with("[dial]\nfailover = \"1m\"\n"), "from 1s to 30s", "\"1m\"", "dead");
    mistake(&with("[dial]\nagents = [\"national\"]\n"), "`national` says nothing", "\"national\"", "country");
    mistake(&with("[dial]\nflows = [\"0049\", \"everywhere\"]\n"), "`everywhere` is not a destination", "\"everywhere\"", "\"any\"");
    mistake(&with("[dial]\nby_agent = { marra = [\"any\"] }\n"), "unknown agent `marra`", "marra", "`mara`");
    mistake(&out("allow = [\"+49x\"]"), "not a destination", "\"+49x\"", "+49");
    mistake(&out("allow = [\"+49\"]\nweight = 0"), "`weight` is 0", "0", "");
    mistake(&out("allow = [\"+49\"]\nprices = { \"49.5\" = 1 }"), "not the beginning of numbers", "\"49.5\"", "+49");
    mistake(&out("allow = [\"+49\"]\nprices = { \"+49\" = -1 }"), "a price is -1", "-1", "");
    mistake(&out("allow = [\"+49\"]\ncost_per_day = -5"), "`cost_per_day` is -5", "-5", "");
    mistake(&out("allow = [\"+49\"]\ndial_prefix = \"9,\""), "not a dialling prefix", "\"9,\"", "digits");
    mistake(&out("allow = [\"+49\"]\nnumber = \"123\""), "not a number in full", "\"123\"", "country code");
    mistake(&out("allow = [\"+49\"]\nowns = [\"030*\"]"), "not the beginning of numbers", "\"030*\"", "*");
    mistake(&out("allow = [\"+49\"]\ncaller_id = \"number\""), "shows its number, but has none", "\"out\"", "number =");
    mistake(
        &with("[[trunks]]\nid = \"x\"\nsources = [\"192.0.2.1\"]\n[trunks.outbound]\nallow = [\"+49\"]\n"),
        "without a server",
        "\"x\"",
        "server",
    );
    mistake(&with("[[trunks]]\nid = \"x\"\nserver = \"a\"\nping = \"1s\"\n"), "`ping` must be", "\"1s\"", "");
    mistake(&with("[[trunks]]\nid = \"x\"\nserver = \"a\"\nping_failures = 0\n"), "must be from 1 to 20", "0", "");
}

#[test]
fn what_stands_open_is_said() {
    for (text, message) in [
        (out(""), "nothing may go out through trunk `out`"),
        (out("allow = [\"any\"]"), "every number of the world"),
        (out("allow = [\"+49\"]\ncost_per_day = 5"), "is never reached"),
        (with("[dial]\ncountry = \"de\"\narea_code = \"030\"\n"), "without its leading 0"),
        (
            out("allow = [\"+49\"]\nnumber = \"+4930123456\"\nowns = [\"+493012*\"]\n[[lines]]\nnumber = \"+4940999\"\nqueue = \"sales\""),
            "customers who dialled `+4940999` are called back with `+4930123456`: trunk `out` does not own it",
        ),
    ] {
        let warnings: Vec<String> = good(&text).warnings.into_iter().map(|finding| finding.message).collect();
        assert!(warnings.iter().any(|warning| warning.contains(message)), "{message} not in {warnings:?}");
    }
    assert_eq!(good(&out("allow = [\"any\"]\nminutes_per_day = 60")).warnings, []);
}

#[test]
fn the_desk_gets_what_the_file_says() {
    let loaded = good(&with(
        r#"
[site]
timezone = "Europe/Berlin"
[dial]
country = "de"
area_code = "30"
emergency_caller = "+4930123450"
failover = "3s"
agents = ["national"]
flows = ["+4930"]
by_agent = { jo = ["10086", "+43"] }
by_flow = { night = ["any"] }
[flows.night.nodes.start]
kind = "hangup"
[[lines]]
number = "+4930123477"
agent = "jo"
[[agents]]
id = "jo"
queues = ["sales"]
[[trunks]]
id = "out"
server = "b.example"
ping = "0s"
country_code = "+86"
numbers_with_code = true
[trunks.outbound]
allow = ["national", "+43"]
deny = ["+4932"]
premium = true
prices = { "+49" = 0.015, any = 0.2, "115" = 1 }
form = "national"
caller_id = "agent"
number = "+4930123456"
owns = ["+49301234*", "+4940999999"]
minutes_per_day = 90
cost_per_day = 2.5
"#,
    ));
    let dial = &loaded.catalog.dial;
    assert_eq!(dial.numbering.read("123456").map(|read| read.number), Some(Number::Full("+4930123456".into())));
    assert_eq!((dial.place.as_deref(), dial.patience_ms), (Some("+4930123450"), 3_000));
    assert_eq!(dial.agents[&AgentId::from("mara")], [Place::Any], "an administrator");
    assert_eq!(dial.agents[&AgentId::from("jo")], [Place::Short("10086".into()), Place::Start("43".into())]);
    assert_eq!((dial.flows.as_slice(), dial.by_flow["night"].as_slice()), (&[Place::Start("4930".into())][..], &[Place::Any][..]));
    assert_eq!(dial.direct[&AgentId::from("jo")], "+4930123477");
    assert!(dial.trunks[0].outbound.is_none() && dial.trunks[0].pinged);
    let trunk = &dial.trunks[1];
    assert_eq!(trunk.numbering.read("8613800138000").map(|read| read.number), Some(Number::Full("+8613800138000".into())));
    assert_eq!((trunk.reachable, trunk.pinged, trunk.failures), (true, false, 3));
    let outbound = trunk.outbound.as_ref().expect("outbound");
    assert_eq!((outbound.form, outbound.caller, outbound.premium, outbound.asserted), (Form::National, CallerPolicy::Agent, true, true));
    assert_eq!([outbound.price("4930123456"), outbound.price("4312345"), outbound.price("115")], [15_000, 200_000, 1_000_000]);
    assert!(outbound.owns("+4930123499") && outbound.owns("+4940999999") && outbound.owns("+4930123456") && !outbound.owns("+4940999998"));
    assert_eq!((outbound.max_calls, outbound.calls_per_second, outbound.minutes_per_day, outbound.cost_per_day), (10, 2, 90, 2_500_000));
    assert_eq!(dial.day(crate::desk::id::At(1_772_492_400_000)), "2026-03-03", "23:00 UTC is midnight in Berlin");
}
