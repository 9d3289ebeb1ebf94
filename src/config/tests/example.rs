//! `config.example.toml` and `benches/load.toml` hold: as they stand, with all comments taken off, and block by block.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const EXAMPLE: &str = include_str!("../../../config.example.toml");
const LOAD: &str = include_str!("../../../benches/load.toml");

/// An optional line begins with `#` and no space.
fn optional(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '))
}

fn uncommented(text: &str) -> String {
    text.lines().map(|line| if optional(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

/// The folder that the example speaks of. The password's environment variable is replaced by a file in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir(folder.path().join("prompts")).expect("prompts");
    std::fs::write(folder.path().join("password"), "secret").expect("password");
    std::fs::write(folder.path().join("channel-secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
    let authority = rcgen::generate_simple_self_signed(vec!["provider.example".to_owned()]).expect("a certificate");
    std::fs::write(folder.path().join("provider-ca.pem"), authority.cert.pem()).expect("the provider's authority");
    folder
}

fn parse_in(folder: &Path, text: &str) -> Result<Loaded, Report> {
    let text = text.replace("{ env = \"HUBLINE_TRUNK_PASSWORD\" }", "{ file = \"password\" }");
    let text = text.replace("{ env = \"HUBLINE_PHONE_PASSWORD\" }", "{ file = \"password\" }");
    Config::parse(&text, &folder.join("hubline.toml"))
}

#[test]
fn it_is_a_working_configuration_without_warnings() {
    assert_eq!(good(EXAMPLE).warnings, []);
}

#[test]
fn all_of_it_uncommented_is_good() {
    let folder = folder();
    let loaded = parse_in(folder.path(), &uncommented(EXAMPLE)).unwrap_or_else(|report| panic!("{report}"));
    let needless = |finding: &&Diagnostic| !finding.message.contains("not used") && !finding.message.contains("no proxy");
    assert_eq!(loaded.warnings.iter().filter(needless).collect::<Vec<_>>(), Vec::<&Diagnostic>::new());
    assert_eq!(loaded.catalog.agents.len(), 21);
    assert_eq!(loaded.catalog.lines.len(), 1 + 1 + 1 + 20 + 1);
}

/// Each run of lines without an empty one between is parsed uncommented on its own. What it refers to may be in another block.
#[test]
fn each_block_uncommented_parses() {
    let folder = folder();
    let blocks: Vec<&str> = EXAMPLE.split("\n\n").collect();
    let mut tried = 0;
    for (index, block) in blocks.iter().enumerate() {
        if !block.lines().any(optional) {
            continue;
        }
        let text: Vec<String> =
            blocks.iter().enumerate().map(|(at, other)| if at == index { uncommented(block) } else { (*other).to_owned() }).collect();
        if let Err(report) = parse_in(folder.path(), &text.join("\n\n")) {
            let elsewhere = |finding: &Diagnostic| {
                let said = &finding.message;
                said.starts_with("unknown ") || said.starts_with("no agent is called") || said.starts_with("flow `main` may not call")
            };
            assert!(report.diagnostics.iter().filter(|finding| finding.level == Level::Error).all(elsewhere), "{report}");
            assert!(!report.diagnostics.iter().any(|finding| finding.message.starts_with("unknown key")), "{report}");
        }
        tried += 1;
    }
    assert!(tried > 15, "only {tried} blocks were tried");
}

/// Puts a key that cannot exist into every table in turn. `deny_unknown_fields` then names the keys that the struct has; each must stand
/// in the example. This proves at once that every table refuses unknown keys.
#[test]
fn every_key_of_every_struct_stands_in_it() {
    let table: toml::Table = uncommented(EXAMPLE).parse().expect("TOML");
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    keys(&table, "", &mut written);
    let maps = [
        ".agents.skills",
        ".agent_groups.skills",
        ".hours.week",
        ".hours.holidays",
        ".trunks.outbound.prices",
        ".dial.by_agent",
        ".dial.by_flow",
        ".holiday_lists.days",
        ".queues.waiting.keys",
        ".speech.voices",
        // Named by the firm; a node has the keys of all kinds, which stand in its nodes together.
        ".flows",
        ".flows.main.nodes",
        ".forms",
        ".tickets.states",
        ".tickets.departments",
        ".tickets.promises",
        ".tickets.types",
        ".overlays",
        ".overlays.promotion.queues",
        ".overlays.promotion.lines",
        ".overlays.promotion.channels",
        ".outages.names",
        ".channels.invitations.text",
        ".surveys.question",
        ".surveys.thanks",
        ".people.fields.title",
        ".rules.if.field",
        ".rules.if.value",
        ".channels.http.profile.message.when",
        ".channels.http.profile.receipt.when",
        ".channels.http.profile.receipt.states",
        ".channels.http.profile.send.headers",
        ".channels.http.profile.send.taken",
        ".channels.http.profile.send.codes",
    ];
    let mut known = 0;
    for (path, have) in
        written.iter().filter(|(path, _)| !maps.contains(&path.as_str()) && !path.ends_with(".password") && !path.ends_with("secret"))
    {
        // A secret by its place, and what the firm names by its platform's names.
        if have.iter().all(|key| matches!(key.as_str(), "env" | "file")) || path.ends_with(".clicks") || path.ends_with(".templates") {
            continue;
        }
        let path_of = path.strip_prefix(".hours.holidays.").map_or(path.as_str(), |_| path);
        if path_of.starts_with(".hours.holidays.")
            || path_of.starts_with(".holiday_lists.days.")
            || path_of.starts_with(".flows.main.nodes.")
            // The keys of a form stand in the first one; words are by language.
            || path_of.starts_with(".forms.identity")
            || path_of.starts_with(".forms.") && [".title", ".intro", ".hint"].iter().any(|words| path_of.ends_with(words))
            || path_of.starts_with(".rules.") && [".title", ".text", ".subject"].iter().any(|words| path_of.ends_with(words))
            // Those of a ticket's type stand in the one that has them all, those of its fields in a form.
            || path_of.starts_with(".tickets.types.repair")
            || path_of.starts_with(".tickets.types.return.fields")
            || path_of.starts_with(".tickets.") && [".title", ".name", ".open"].iter().any(|words| path_of.ends_with(words))
        {
            continue;
        }
        let mut broken = table.clone();
        assert!(inject(&mut broken, path.split('.').filter(|part| !part.is_empty())), "no table at {path}");
        let error = toml::from_str::<Config>(&toml::to_string(&broken).expect("TOML")).expect_err(path);
        let message = error.message();
        assert!(message.contains("`zz_probe`"), "{path}: {message}");
        let wanted: BTreeSet<String> = message.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        assert!(!wanted.is_empty(), "{path}: {message}");
        let missing: Vec<_> = wanted.difference(have).collect();
        assert!(missing.is_empty(), "not in the example: {path} {missing:?}");
        known += wanted.len();
    }
    assert!(known > 110, "only {known} keys were seen");
    every_key_of_nodes(&table);
}

/// The keys that a node may have stand in one node or another.
fn every_key_of_nodes(table: &toml::Table) {
    let nodes = table["flows"]["main"]["nodes"].as_table().expect("nodes");
    let have: BTreeSet<String> = nodes.values().filter_map(toml::Value::as_table).flat_map(|node| node.keys().cloned()).collect();
    let mut broken = table.clone();
    let path = ["flows", "main", "nodes", "welcome"];
    assert!(inject(&mut broken, path.into_iter()), "no such node");
    let error = toml::from_str::<Config>(&toml::to_string(&broken).expect("TOML")).expect_err("a key that cannot exist");
    let wanted: BTreeSet<String> = error.message().split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(wanted.len() > 25, "{error}");
    assert_eq!(wanted.difference(&have).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the example");
    let kinds: BTreeSet<&str> = nodes.values().filter_map(|node| node["kind"].as_str()).collect();
    let missing: Vec<_> = crate::desk::ivr::Node::KINDS.iter().filter(|kind| !kinds.contains(*kind)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "kinds without an example");
}

/// The keys of every table, those of all members of an array together.
fn keys(table: &toml::Table, path: &str, all: &mut BTreeMap<String, BTreeSet<String>>) {
    let entry = all.entry(path.to_owned()).or_default();
    entry.extend(table.keys().cloned());
    for (key, value) in table {
        let path = format!("{path}.{key}");
        let inner: Vec<&toml::Table> = match value {
            toml::Value::Table(table) => vec![table],
            toml::Value::Array(values) => values.iter().filter_map(toml::Value::as_table).collect(),
            _ => Vec::new(),
        };
        inner.into_iter().for_each(|table| keys(table, &path, all));
    }
}

/// Adds the probe to the table at this path: the first member of an array that leads there.
fn inject<'p>(table: &mut toml::Table, mut path: impl Iterator<Item = &'p str> + Clone) -> bool {
    let Some(key) = path.next() else {
        table.insert("zz_probe".to_owned(), true.into());
        return true;
    };
    match table.get_mut(key) {
        Some(toml::Value::Table(inner)) => inject(inner, path),
        Some(toml::Value::Array(values)) => {
            values.iter_mut().filter_map(toml::Value::as_table_mut).any(|inner| inject(inner, path.clone()))
        }
        _ => false,
    }
}

/// What docs/china.md shows can be copied as it stands.
#[test]
fn the_chinese_platforms_are_configured_as_documented() {
    let folder = folder();
    let blocks: Vec<&str> =
        include_str!("../../../docs/china.md").split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        let house = format!("[[queues]]\nid = \"sales\"\n[[agents]]\nid = \"mara\"\nrole = \"admin\"\nqueues = [\"sales\"]\n{block}");
        let loaded = parse_in(folder.path(), &house).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(loaded.warnings, []);
    }
}

#[test]
fn the_load_configuration_is_what_the_harness_expects() {
    let loaded = Config::parse(LOAD, Path::new("benches/load.toml")).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(loaded.warnings, []);
    let catalog = &loaded.catalog;
    assert_eq!(catalog.agents.len(), 1_000);
    assert!(catalog.agents.values().all(|agent| agent.always_available && agent.max_calls == 1 && agent.queues.len() == 2));
    let last = &catalog.agents[&AgentId::from("a1000")];
    assert_eq!(last.phone, Some(crate::desk::catalog::DeskPhone::At("sip:a1000@127.0.0.1:5070".into())));
    let numbers: Vec<&str> = catalog.lines.iter().map(|line| line.number.as_str()).collect();
    for number in ["queue", "queuerec", "echo", "91", "9500", "91000"] {
        assert!(numbers.contains(&number), "{number}");
    }
    assert_eq!(loaded.config.media.rtp_ports.get_ref().range(), 10_000..=29_998);
    assert!(catalog.queues.values().all(|queue| queue.wrap_up_ms == 0 && queue.requires.is_empty()));
    assert_eq!(catalog.queues.values().filter(|queue| queue.record).count(), 1);
}
