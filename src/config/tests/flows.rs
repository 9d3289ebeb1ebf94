//! Flows: each mistake at its place with the way out, and what good ones become.

use super::mistakes::mistake;
use super::*;
use crate::desk::ivr::Target;

/// A flow of these nodes, which a line leads to.
fn flow(nodes: &str) -> String {
    with(&format!("[[lines]]\nnumber = \"5\"\nflow = \"main\"\n[flows.main]\n{nodes}"))
}

fn menu(more: &str) -> String {
    flow(&format!("[flows.main.nodes.start]\nkind = \"menu\"\nprompt = \"menu\"\noptions = {{ 1 = \"queue:sales\" }}\n{more}"))
}

#[test]
fn a_good_one_needs_few_lines() {
    let loaded = good(&menu(""));
    assert_eq!(loaded.warnings, []);
    let flow = &loaded.catalog.flows[&crate::desk::id::FlowId::from("main")];
    let ways = flow.nodes["start"].ways();
    assert_eq!(ways.iter().map(|way| way.target.clone()).collect::<Vec<_>>(), [Target::Queue("sales".into()), Target::HangUp]);
}

#[test]
fn targets_that_lead_nowhere_are_marked_and_the_nearest_is_proposed() {
    mistake(&menu("otherwise = \"queue:sals\"\n"), "unknown queue `sals`", "\"queue:sals\"", "did you mean `sales`, declared on line 9?");
    mistake(&menu("otherwise = \"flow:mane\"\n"), "unknown flow `mane`", "\"flow:mane\"", "did you mean `main`");
    mistake(&menu("otherwise = \"sales\"\n"), "`sales` is not a target", "\"sales\"", "write \"queue:sales\"");
    mistake(&menu("otherwise = \"strat\"\n"), "unknown node `strat`", "\"strat\"", "did you mean `start`");
    mistake(&menu("otherwise = \"nobody\"\n"), "unknown node `nobody`", "\"nobody\"", "declare it as a node of this flow");
    mistake(&menu("otherwise = \"que:sales\"\n"), "`que:sales` is not a target", "\"que:sales\"", "did you mean `queue:sales`?");
    mistake(&with("[[lines]]\nnumber = \"5\"\nflow = \"main\"\n"), "unknown flow `main`", "\"main\"", "[flows.main.nodes.start]");
    mistake(&with("[[queues]]\nid = \"q\"\n[queues.waiting]\nkeys = { 1 = \"sales\" }\n"), "`sales` is not", "\"sales\"", "queue:sales");
}

#[test]
fn nodes_have_the_keys_of_their_kind() {
    mistake(&menu("hours = \"shop\"\n"), "`hours` means nothing in a node of kind `menu`", "\"shop\"", "known there");
    mistake(&flow("[flows.main.nodes.start]\nkind = \"men\"\n"), "unknown kind of node `men`", "\"men\"", "`menu`");
    mistake(&flow("[flows.main.nodes.start]\nkind = \"menu\"\nprompt = \"menu\"\n"), "missing key `options`", "\"menu\"", "a `menu` needs");
    mistake(&flow("[flows.main.nodes.start]\nkind = \"menu\"\noptions = { 1 = \"hangup\" }\n"), "asks nothing", "\"menu\"", "add prompt");
    mistake(&flow(""), "flow `main` has no nodes", "main", "kind = \"menu\"");
    mistake(&flow("[flows.main.nodes.first]\nkind = \"hangup\"\n"), "does not say where it starts", "main", "start = \"first\"");
    mistake(&flow("start = \"frist\"\n[flows.main.nodes.first]\nkind = \"hangup\"\n"), "unknown node `frist`", "\"frist\"", "`first`");
    mistake(&menu("[flows.main.nodes.\"a:b\"]\nkind = \"hangup\"\n"), "a node cannot be called `a:b`", "\"a:b\"", "targets");
}

#[test]
fn values_are_checked() {
    mistake(&menu("wait = \"90s\"\n"), "`wait` is 1m30s", "\"90s\"", "");
    mistake(&menu("retries = 20\n"), "`retries` is 20", "20", "");
    mistake(&menu("invalid = \"invalid-kee\"\n"), "unknown prompt `invalid-kee`", "\"invalid-kee\"", "`invalid-key`");
    let asks = |options: &str| flow(&format!("[flows.main.nodes.start]\nkind = \"menu\"\nprompt = \"menu\"\noptions = {options}\n"));
    mistake(&asks("{ 12 = \"hangup\" }"), "`12` is not a key of a telephone", "12", "0 to 9");
    let gather = |more: &str| {
        flow(&format!(
            "[flows.main.nodes.start]\nkind = \"gather\"\nprompt = \"menu\"\ninto = \"pin\"\nnext = \"say\"\n{more}[flows.main.nodes.say]\nkind = \"play\"\nprompt = [\"{{pin}}\"]\nnext = \"hangup\"\n"
        ))
    };
    good(&gather(""));
    mistake(&gather("min = 9\nmax = 3\n"), "`min` is above `max`", "9", "");
    mistake(&gather("sensitive = true\n"), "`pin` is sensitive and is not spoken", "\"{pin}\"", "");
    mistake(&gather("end = \"##\"\n"), "`##` is not a key", "\"##\"", "`#` or `*`");
    mistake(
        &flow("[flows.main.nodes.start]\nkind = \"play\"\nprompt = [\"{pin}\"]\nnext = \"hangup\"\n"),
        "nothing in this flow gathers `pin`",
        "\"{pin}\"",
        "into = \"pin\"",
    );
    let lookup = |url: &str| flow(&format!("[flows.main.nodes.start]\nkind = \"lookup\"\nurl = \"{url}\"\notherwise = \"hangup\"\n"));
    good(&lookup("https://shop.example/who"));
    mistake(&lookup("ftp://shop.example"), "is not an address that can be asked", "\"ftp://shop.example\"", "https://");
    mistake(
        &lookup("https://me:secret@shop.example/"),
        "must not hold a password",
        "\"https://me:secret@shop.example/\"",
        "`secret` signs",
    );
    mistake(&(lookup("https://shop.example/") + "timeout = \"20s\"\n"), "`timeout` is 20s", "\"20s\"", "hears nothing");
    mistake(
        &flow("[flows.main.nodes.start]\nkind = \"language\"\nlanguage = \"zh\"\nnext = \"hangup\"\n"),
        "unknown language `zh`",
        "\"zh\"",
        "`zh-CN`",
    );
    mistake(
        &flow("[flows.main.nodes.start]\nkind = \"customer\"\ntiers = { gold = \"hangup\" }\notherwise = \"hangup\"\n"),
        "unknown tier `gold`",
        "gold",
        "[[tiers]]",
    );
}

#[test]
fn a_number_outside_is_one_that_the_flow_may_call_through_a_trunk() {
    let outside = |dial: &str, number: &str, more: &str| {
        flow(&format!(
            "[flows.main.nodes.start]\nkind = \"outside\"\nnumber = \"{number}\"\notherwise = \"hangup\"\n{more}\
             [[trunks]]\nid = \"out\"\nserver = \"b.example\"\n[trunks.outbound]\nallow = [\"+49\"]\n[dial]\ncountry = \"de\"\n{dial}\n"
        ))
    };
    let by_flow = "by_flow = { main = [\"+4930\", \"+43\"] }";
    let loaded = good(&outside(by_flow, "+4930123456", "wait = \"20s\"\n"));
    assert_eq!(loaded.warnings, []);
    let ways = loaded.catalog.flows[&crate::desk::id::FlowId::from("main")].nodes["start"].ways();
    assert_eq!(ways.iter().map(|way| way.target.clone()).collect::<Vec<_>>(), [Target::Outside("+4930123456".into()), Target::HangUp]);
    mistake(&outside("", "+4930123456", ""), "flow `main` may not call `+4930123456`", "\"+4930123456\"", "by_flow = { main");
    mistake(&outside(by_flow, "+4940123456", ""), "flow `main` may not call `+4940123456`", "\"+4940123456\"", "[dial]");
    mistake(&outside("flows = [\"any\"]", "112", ""), "flow `main` may not call `112`", "\"112\"", "emergency numbers never");
    mistake(&outside(by_flow, "+43112345678", ""), "no trunk takes calls to `+43112345678`", "\"+43112345678\"", "`allow`");
    mistake(&outside("flows = [\"any\"]", "+499001234567", ""), "is a premium-rate number", "\"+499001234567\"", "premium = true");
    mistake(&outside(by_flow, "*21*030#", ""), "is not a telephone number", "\"*21*030#\"", "country code");
    mistake(&outside(by_flow, "{who}", ""), "nothing in this flow gathers `who`", "\"{who}\"", "gather");
    mistake(&outside("by_flow = { mane = [\"any\"] }", "+4930123456", ""), "unknown flow `mane`", "mane", "`main`");
    let gathered = "[flows.main.nodes.ask]\nkind = \"gather\"\nprompt = \"menu\"\ninto = \"who\"\nnext = \"start\"\n";
    let asks = |dial: &str, more: &str| {
        outside(dial, "{who}", &format!("{gathered}{more}")).replace("[flows.main]\n", "[flows.main]\nstart = \"ask\"\n")
    };
    good(&asks(by_flow, ""));
    mistake(&asks("", ""), "flow `main` may not call `{who}`", "\"{who}\"", "by_flow");
    mistake(&asks(by_flow, "sensitive = true\n"), "`who` is sensitive and is not called", "\"{who}\"", "");
}

#[test]
fn rounds_are_shown_with_every_step() {
    let round = "[flows.main.nodes.start]\nkind = \"play\"\nprompt = \"welcome\"\nnext = \"b\"\n[flows.main.nodes.b]\nkind = \"play\"\nprompt = \"welcome\"\nnext = \"start\"\n";
    mistake(&flow(round), "go round here for ever", "start", "main/b → main/start → main/b");
    let full = "[[queues]]\nid = \"q\"\n[queues.waiting]\nmax_length = 1\nwhen_full = \"queue:r\"\n[[queues]]\nid = \"r\"\n[queues.waiting]\nmax_length = 1\nwhen_full = \"queue:q\"\n";
    mistake(&with(full), "go round here for ever", "\"r\"", "queue:q → queue:r → queue:q");
}

/// One warning that holds these words.
#[track_caller]
fn warning(text: &str, words: &str) {
    let warnings = good(text).warnings;
    assert_eq!(warnings.iter().filter(|finding| finding.message.contains(words)).count(), 1, "{warnings:#?}");
}

#[test]
fn what_is_only_read_needs_no_voice_but_a_way() {
    let message = "[flows.main.nodes.start]\nkind = \"message\"\ntext = \"https://shop.example\"\nnext = \"hangup\"\n";
    warning(&flow(message), "writes to those alone who have a chat open");
    let texts = "[callbacks]\ntext_channel = \"texts\"\n[[channels]]\nid = \"texts\"\nkind = \"sms\"\nqueue = \"sales\"\n[channels.gateway]\nurl = \"https://gateway.example/send\"\nsecret = { env = \"PATH\" }\nfrom = \"+4930111\"\n";
    let warnings = good(&(flow(message) + texts)).warnings;
    assert!(!warnings.iter().any(|finding| finding.message.contains("have a chat open")), "{warnings:#?}");
    mistake(
        &flow(&message.replace("text =", "prompt =")),
        "`prompt` means nothing in a node of kind `message`",
        "\"https://shop.example\"",
        "known there",
    );
    let ticket = "[flows.main.nodes.start]\nkind = \"open_ticket\"\ntext = \"Asked by telephone\"\nnext = \"hangup\"\n";
    assert_eq!(good(&flow(ticket)).warnings, []);
}

#[test]
fn what_can_be_meant_is_a_warning() {
    warning(&menu("[flows.main.nodes.lost]\nkind = \"hangup\"\n"), "nothing leads to node `lost`");
    warning(&with("[flows.main.nodes.start]\nkind = \"hangup\"\n"), "nothing leads to flow `main`");
    let chat = "[[channels]]\nkind = \"webchat\"\nid = \"w\"\nqueue = \"sales\"\nflow = \"main\"\n";
    warning(&menu(chat), "has nothing to read");
    warning(&flow("[flows.main.nodes.start]\nkind = \"play\"\ntext = \"Hello\"\nnext = \"hangup\"\n"), "nobody can speak this text");
    let lookup = flow("[flows.main.nodes.start]\nkind = \"lookup\"\nurl = \"http://shop.example\"\notherwise = \"hangup\"\n");
    warning(&lookup, "can be read on the way");
    warning(&with("[[queues]]\nid = \"q\"\n[queues.waiting]\nwhen_full = \"hangup\"\n"), "never full");
}

#[test]
fn holidays_are_days_spans_years_and_lists() {
    let hours = |holidays: &str| {
        with(&format!(
            "[[queues]]\nid = \"shop\"\nhours = \"shop\"\n[[hours]]\nid = \"shop\"\ntimezone = \"Asia/Shanghai\"\nholiday_lists = [\"cn\"]\n\
             [hours.week]\nmon-sun = [\"09:00-18:00\"]\n[hours.holidays]\n{holidays}\n[[holiday_lists]]\nid = \"cn\"\n[holiday_lists.days]\n\
             \"2026-10-01..2026-10-07\" = \"National Day\"\n\"01-01\" = \"New Year\"\n"
        ))
    };
    let loaded = good(&hours("\"2026-10-05\" = { name = \"Make-up day\", open = [\"10:00-12:00\"] }"));
    let shop = loaded.catalog.queues[&crate::desk::id::QueueId::from("shop")].hours.clone().expect("hours");
    let at = |text: &str| crate::desk::id::At(text.parse::<jiff::Timestamp>().expect(text).as_millisecond());
    assert_eq!(shop.holiday(at("2026-10-07T03:00:00Z")), Some("National Day"));
    assert_eq!(shop.holiday(at("2026-10-05T03:00:00Z")), Some("Make-up day"), "its own days go first");
    assert!(shop.open_at(at("2026-10-05T03:00:00Z")) && !shop.open_at(at("2026-10-06T03:00:00Z")));
    assert_eq!(shop.holiday(at("2031-01-01T03:00:00Z")), Some("New Year"));
    assert_eq!(shop.holiday(at("2026-10-08T03:00:00Z")), None);
    mistake(&hours("\"13-45\" = \"x\""), "`13-45` is not a date", "\"13-45\"", "\"12-25\"");
    mistake(&hours("\"2026-10-07..2026-10-01\" = \"x\""), "is not a date", "\"2026-10-07..2026-10-01\"", "for several days");
    mistake(&hours("\"2026-10-09\" = { open = [\"10:00-12:00\"] }"), "a holiday has a name", "\"2026-10-09\"", "");
    mistake(&hours("").replace("[\"cn\"]", "[\"nc\"]"), "unknown holiday list `nc`", "\"nc\"", "");
}
