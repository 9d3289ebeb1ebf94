//! Changes are told in plain words, and which of them wait for a restart.

use super::*;
use std::path::Path;

const OLD: &str = r#"
[[trunks]]
id = "provider"
server = "sip.example"
[[lines]]
number = "100"
queue = "sales"
[[queues]]
id = "sales"
[[agents]]
id = "mara"
role = "admin"
queues = ["sales"]
skills = { selling = 3 }
"#;

fn config(text: &str) -> Config {
    Config::parse(text, Path::new("hubline.toml")).unwrap_or_else(|report| panic!("{report}")).config
}

fn told(new: &str, language: &str) -> Vec<(String, Effect, String)> {
    diff(&config(OLD), &config(new)).into_iter().map(|change| (change.subject.clone(), change.effect, change.text(language))).collect()
}

#[test]
fn nothing_changes_by_comments_or_order() {
    let (trunk, rest) = OLD.split_once("[[lines]]").expect("lines");
    assert_eq!(told(&format!("# a remark\n[[lines]]{rest}{trunk}"), "en"), []);
}

#[test]
fn each_change_is_one_sentence() {
    let new = OLD
        .replace("queues = [\"sales\"]\nskills = { selling = 3 }", "queues = [\"sales\", \"repairs\"]\nskills = { selling = 4 }")
        .replace("[[queues]]\nid = \"sales\"", "[[queues]]\nid = \"sales\"\noffer = \"30s\"\n[[queues]]\nid = \"repairs\"")
        .replace("number = \"100\"\nqueue = \"sales\"", "number = \"100\"\nagent = \"mara\"")
        + "[[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\n[sip]\nudp = \"0.0.0.0:5070\"\n";
    let line = |subject: &str, effect, text: &str| (subject.to_owned(), effect, text.to_owned());
    assert_eq!(
        told(&new, "en"),
        [
            line("sip", Effect::NeedsRestart, "`udp` changes from 0.0.0.0:5060 to 0.0.0.0:5070"),
            line("line.100", Effect::Live, "Number 100 leads to agent mara instead of queue sales"),
            line("queue.repairs", Effect::Live, "Queue repairs is new"),
            line("queue.sales", Effect::Live, "`offer` changes from 20s to 30s"),
            line("agent.jo", Effect::Live, "Agent jo is new: invite them with `hubline user invite jo`"),
            line("agent.mara", Effect::Live, "Is offered the work of queue repairs from now on"),
            line("agent.mara", Effect::Live, "Skills change from selling 3 to selling 4"),
        ]
    );
    assert_eq!(told(&new, "zh-CN")[2].2, "新增队列 repairs");
}

#[test]
fn secrets_are_compared_but_not_shown() {
    let with = |password: &str| {
        OLD.replace(
            "server = \"sip.example\"",
            &format!("server = \"sip.example\"\nuser = \"u\"\nregister = true\npassword = \"{password}\""),
        )
    };
    let changes = diff(&config(&with("hunter2")), &config(&with("swordfish")));
    let texts: Vec<String> = changes.iter().map(|change| change.text("en")).collect();
    assert_eq!(texts, ["`password` is read from another place"]);
}

/// Every sentence exists in both languages: a key without text would be shown bare.
#[test]
fn every_kind_of_change_has_words() {
    let example = include_str!("../../../config.example.toml");
    let full: String = example
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .filter(|line| {
            !line.contains("_PASSWORD\"") && !line.starts_with("ca =") && !line.starts_with("register") && !line.starts_with("prompts")
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let (full, empty) = (config(&full), config(""));
    for change in diff(&empty, &full).iter().chain(&diff(&full, &empty)) {
        for language in ["en", "zh-CN"] {
            let text = change.text(language);
            let unfilled = ["{id}", "{old}", "{new}", "{setting}", "{queue}"].iter().any(|name| text.contains(name));
            assert!(!text.starts_with("cli.diff") && !unfilled, "{text}");
        }
    }
}

#[test]
fn what_goes_out_is_told_in_one_sentence_each() {
    let open = OLD.replace("server = \"sip.example\"", "server = \"sip.example\"\n[trunks.outbound]\nallow = [\"+49\", \"+43\"]");
    let told_of = |old: &str, new: &str, language: &str| -> Vec<String> {
        diff(&config(old), &config(new)).into_iter().map(|change| format!("{}: {}", change.subject, change.text(language))).collect()
    };
    assert_eq!(told_of(OLD, &open, "en"), ["trunk.provider: Calls to +49, +43 go out through this trunk from now on"]);
    assert_eq!(told_of(OLD, &open, "zh-CN"), ["trunk.provider: 从现在起，拨往 +49, +43 的电话可经此中继呼出"]);
    assert_eq!(told_of(&open, OLD, "en"), ["trunk.provider: Nothing but emergency calls goes out through this trunk any more"]);
    let wider = open.replace("\"+43\"]", "\"+41\"]\nmax_calls = 5\nprices = { \"+49\" = 0.5 }") + "[dial]\narea_code = \"30\"\n";
    assert_eq!(
        told_of(&open, &wider, "en"),
        [
            "trunk.provider: `allow` changes from +49, +43 to +49, +41",
            "trunk.provider: `prices` changes from – to +49 0.5",
            "trunk.provider: `max_calls` changes from 10 to 5",
            "dial: `area_code` changes from – to 30",
        ]
    );
}
