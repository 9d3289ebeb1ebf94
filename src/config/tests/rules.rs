//! Rules: every kind of mistake is found where it stands, and what the desk gets of those without.

use super::mistakes::mistake;
use super::*;
use crate::desk::id::QueueId;
use crate::desk::rules::spec::{Do, Happening};

/// A rule of these parts, in a house with a chat window.
fn rule(when: &str, given: &str, then: &str) -> String {
    house(&format!("[[rules]]\nid = \"r\"\ntitle = \"R\"\nwhen = {{ {when} }}\nif = {{ {given} }}\nthen = [{{ {then} }}]\n"))
}

fn house(more: &str) -> String {
    with(&format!("[[channels]]\nkind = \"webchat\"\nid = \"web\"\nqueue = \"sales\"\n{more}"))
}

const MESSAGE: &str = "event = \"message\"";
const TAG: &str = "do = \"tag\", tag = \"x\"";

#[test]
fn unknown_names_are_marked_and_the_nearest_is_proposed() {
    mistake(&rule("event = \"mesage\"", "", TAG), "unknown event `mesage`", "\"mesage\"", "`message`");
    mistake(&rule("event = \"fact:Parcel Stuck\"", "", TAG), "names no event", "\"fact:Parcel Stuck\"", "small letters");
    mistake(&rule(MESSAGE, "channel = [\"wep\"]", TAG), "unknown channel `wep`", "\"wep\"", "`web`");
    mistake(&rule(MESSAGE, "queue = [\"sails\"]", TAG), "unknown queue `sails`", "\"sails\"", "`sales`");
    mistake(&rule(MESSAGE, "kind = [\"webchet\"]", TAG), "unknown kind of contact `webchet`", "\"webchet\"", "webchat");
    mistake(&rule(MESSAGE, "mood = \"angry\"", TAG), "unknown mood `angry`", "\"angry\"", "`bad`");
    mistake(&rule(MESSAGE, "field = { size = [\"L\"] }", TAG), "unknown field of customers `size`", "size", "[[people.fields]]");
    mistake(&rule(MESSAGE, "hours = \"night\"", TAG), "unknown hours `night`", "\"night\"", "");
    mistake(&rule(MESSAGE, "state = [\"done\"]", TAG), "unknown state `done`", "\"done\"", "`waiting`");
    mistake(&rule(MESSAGE, "", "do = \"tagg\", tag = \"x\""), "unknown action `tagg`", "\"tagg\"", "`tag`");
    mistake(&rule(MESSAGE, "", "do = \"assign\", agent = \"maro\""), "unknown agent `maro`", "\"maro\"", "`mara`");
    mistake(&rule(MESSAGE, "", "do = \"webhook\", to = \"crm\""), "unknown webhook `crm`", "\"crm\"", "[[webhooks]]");
    mistake(&rule(MESSAGE, "", "do = \"move\", to = \"wep\", text = \"Hello\""), "unknown channel `wep`", "\"wep\"", "`web`");
    let ticket = |more: &str| rule(MESSAGE, "", &format!("do = \"ticket\", subject = \"S\", {more}"));
    mistake(&ticket("type = \"repair\""), "unknown type of ticket `repair`", "\"repair\"", "[tickets.types.NAME]");
    mistake(&ticket("department = \"shop\""), "unknown department `shop`", "\"shop\"", "[tickets.departments.NAME]");
    let twice =
        format!("{0}{0}", "[[rules]]\nid = \"r\"\ntitle = \"R\"\nwhen = { event = \"message\" }\nthen = [{ do = \"tag\", tag = \"x\" }]\n");
    let report = report(&house(&twice));
    assert!(report.plain().contains("rule `r` is declared twice"), "{report}");
}

#[test]
fn what_can_never_act_is_said() {
    mistake(&rule("event = \"call_ended\"", "words = [\"lamp\"]", TAG), "never has what `words` asks for", "\"lamp\"", "");
    mistake(&rule(MESSAGE, "score_at_most = 2", TAG), "never has what `score_at_most` asks for", "2", "");
    mistake(&rule(MESSAGE, "value = { a = [\"b\"] }", TAG), "never has what `value` asks for", "a", "");
    mistake(&rule(MESSAGE, "disposition = [\"sold\"]", TAG), "never has what `disposition` asks for", "\"sold\"", "");
    mistake(&rule("event = \"fact:paid\"", "queue = [\"sales\"]", TAG), "never has what `queue` asks for", "\"sales\"", "");
    mistake(&rule("event = \"message\", unless = [\"answered\"]", "", TAG), "no meaning without `after`", "\"answered\"", "");
    mistake(&rule("event = \"message\", after = \"40d\"", "", TAG), "at most 31d", "\"40d\"", "");
    let first =
        "[[rules]]\nid = \"a\"\ntitle = \"A\"\nwhen = { event = \"message\" }\nthen = [{ do = \"tag\", tag = \"x\" }]\nstop = true\n";
    let second = first.replace("\"a\"", "\"b\"");
    let warned = good(&house(&format!("{first}{second}"))).warnings;
    assert!(warned.iter().any(|warning| warning.message.contains("rule `b` never acts: `a` before it")), "{warned:?}");
}

#[test]
fn actions_take_what_is_theirs_and_fit_the_event() {
    mistake(&rule("event = \"call_ended\"", "", "do = \"reply\", text = \"Thanks\""), "`reply` does not fit", "\"reply\"", "");
    mistake(&rule("event = \"queued\"", "kind = [\"call\"]", "do = \"reply\", text = \"Hello\""), "`reply` does not fit", "\"reply\"", "");
    mistake(&rule("event = \"fact:x\"", "", "do = \"assign\", agent = \"mara\""), "`assign` does not fit", "\"assign\"", "");
    mistake(&rule("event = \"ticket_late\"", "", "do = \"assign\", queue = \"sales\""), "a ticket has no queue", "\"assign\"", "");
    mistake(&rule("event = \"ticket_late\"", "", "do = \"prioritise\", points = 5"), "by `priority`", "\"prioritise\"", "");
    mistake(&rule(MESSAGE, "", "do = \"prioritise\", priority = \"high\""), "by `points`", "\"prioritise\"", "");
    mistake(&rule(MESSAGE, "", "do = \"tag\""), "`tag` needs `tag`", "\"tag\"", "");
    mistake(&rule(MESSAGE, "", "do = \"tag\", tag = \"x\", text = \"y\""), "`tag` takes no `text`", "\"tag\"", "");
    mistake(&rule(MESSAGE, "", "do = \"assign\""), "either `agent` or `queue`", "\"assign\"", "");
    mistake(&rule(MESSAGE, "", "do = \"notify\", text = \"x\""), "needs `agents`", "\"notify\"", "");
    mistake(&rule(MESSAGE, "", "do = \"move\", to = \"web\""), "what the customer reads", "\"move\"", "");
    mistake(&rule("event = \"fact:x\"", "", "do = \"move\", to = \"calls\""), "say by `queue` who shall call", "\"move\"", "");
    mistake(&rule(MESSAGE, "", "do = \"reply\", text = { de = \"Hallo\" }"), "unknown language `de`", "{ de = \"Hallo\" }", "");
}

#[test]
fn the_desk_gets_what_it_says() {
    let text = rule(
        "event = \"message\", after = \"4h\", unless = [\"answered\"]",
        "queue = [\"sales\"], past = [{ least = 3, within = \"2d\" }]",
        TAG,
    );
    let rules = good(&text).catalog.rules;
    let rule = &rules.list[0];
    assert_eq!((rule.when.event.clone(), rule.when.after_ms), (Happening::Message, 4 * 3_600_000));
    assert_eq!((rule.when.unless.clone(), rule.given.queues.clone()), (vec![Happening::Answered], vec![QueueId::from("sales")]));
    assert!(matches!(&rule.then[..], [Do::Tag { tag, .. }] if tag == "x"));
    assert_eq!((rules.past_ms, rules.reads_fields), (2 * 86_400_000, false));
    assert_eq!(good(FIRST_DAY).catalog.rules.list.len(), 0);
}
