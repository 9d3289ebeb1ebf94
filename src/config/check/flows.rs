//! Flows: each node has the keys of its kind, every way leads somewhere, and everybody who comes in goes out again.

use super::targets::{Nodes, target};
use super::{Names, within};
use crate::config::findings::{Declared, Findings};
use crate::config::suggest::nearest;
use crate::config::value::{Name, Period};
use crate::config::{Config, LANGUAGES, resolve};
use crate::desk::card::LONGEST_CHOICE;
use crate::desk::config::{FlowSection, NodeSection};
use crate::desk::dial::{Ask, Books, DialRefusal, Dialler, permitted, plan};
use crate::desk::id::At;
use crate::desk::ivr::{Fault, Node, Place, prove, variable};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Keys of the telephone.
const KEYS: &str = "0123456789*#";

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    let uses = Uses::of(config);
    for (id, flow) in &config.flows {
        let mut known = true;
        if flow.nodes.is_empty() {
            findings.error(id.span(), format!("flow `{id}` has no nodes")).help(format!("[flows.{id}.nodes.start] kind = \"menu\" …"));
            continue;
        }
        let nodes = Nodes::of(flow);
        start(id, flow, &nodes, findings);
        for (name, node) in &flow.nodes {
            known &= self::node(name, node, flow, &nodes, names, findings);
        }
        if known {
            said(id, flow, &uses, config, findings);
        }
        if !uses.any(id.get_ref()) {
            findings
                .warning(id.span(), format!("nothing leads to flow `{id}`"))
                .help(format!("give it to a line: flow = \"{id}\", or as a target: \"flow:{id}\""));
        }
    }
    if !findings.has_errors() {
        proven(config, findings);
        dialled(config, findings);
    }
}

/// Numbers outside that flows call: by the very rules by which the desk will call them.
fn dialled(config: &Config, findings: &mut Findings<'_>) {
    let spec = resolve::dial(config);
    let (trunks, out) = (BTreeMap::new(), BTreeMap::new());
    let books = Books { trunks: &trunks, out: &out };
    for (id, flow) in &config.flows {
        for number in flow.nodes.values().filter(|node| node.kind.get_ref() == "outside").filter_map(|node| node.number.as_ref()) {
            let by = Dialler::Flow(id.get_ref().as_str().into());
            let refused = match variable(number.get_ref()) {
                // Which number it will be is not known; whether any may be called is.
                Some(_) => permitted(&spec, &by).is_empty().then_some(DialRefusal::NotPermitted),
                None => plan(&spec, books, At::default(), &Ask::of(by, number.get_ref()), None).err().map(|refused| refused.why),
            };
            if let Some(why) = refused {
                not_called(id, number, why, findings);
            }
        }
    }
}

fn not_called(flow: &Name, number: &Name, why: DialRefusal, findings: &mut Findings<'_>) {
    let (what, help) = match why {
        DialRefusal::NotANumber => {
            (format!("`{number}` is not a telephone number"), "write it with + and country code: \"+4930123456\"".to_owned())
        }
        DialRefusal::NotPermitted => (
            format!("flow `{flow}` may not call `{number}`"),
            format!("flows call nobody unless it is allowed, and emergency numbers never: [dial] by_flow = {{ {flow} = [\"+49…\"] }}"),
        ),
        DialRefusal::Premium => {
            (format!("`{number}` is a premium-rate number"), "premium = true in the trunk's [trunks.outbound]".to_owned())
        }
        _ => (format!("no trunk takes calls to `{number}`"), "name the destination in the `allow` of a [trunks.outbound]".to_owned()),
    };
    findings.error(number.span(), what).help(help);
}

fn start(id: &Name, flow: &FlowSection, nodes: &Nodes, findings: &mut Findings<'_>) {
    match &flow.start {
        Some(start) if !nodes.0.has(start.get_ref()) => {
            findings.refer(start, &nodes.0);
        }
        None if !nodes.0.has("start") => {
            let first = flow.nodes.keys().next().map(|name| name.get_ref().as_str()).unwrap_or_default();
            findings
                .error(id.span(), format!("flow `{id}` does not say where it starts"))
                .help(format!("start = \"{first}\", or call its first node `start`"));
        }
        _ => {}
    }
}

/// The keys that are written in a node, with their places.
fn written(node: &NodeSection) -> Vec<(&'static str, Range<usize>)> {
    let kind = node.kind.span();
    let mut keys: Vec<(&'static str, Range<usize>)> = Vec::new();
    let mut one = |key: &'static str, span: Option<Range<usize>>| keys.extend(span.map(|span| (key, span)));
    let of = |name: &Option<Name>| name.as_ref().map(Name::span);
    let first = |map: &BTreeMap<Name, Name>| map.keys().next().map(Name::span);
    let heard = |spoken: &Option<crate::desk::config::Spoken>| spoken.as_ref().map(|s| s.0.first().map_or(kind.clone(), Name::span));
    one("prompt", heard(&node.prompt));
    one("text", node.text.as_ref().map(toml::Spanned::span));
    one("next", of(&node.next));
    one("options", first(&node.options));
    one("labels", node.labels.keys().next().map(Name::span));
    one("wait", node.wait.as_ref().map(toml::Spanned::span));
    one("retries", node.retries.as_ref().map(toml::Spanned::span));
    one("invalid", heard(&node.invalid));
    one("silence", heard(&node.silence));
    one("otherwise", of(&node.otherwise));
    one("min", node.min.as_ref().map(toml::Spanned::span));
    one("max", node.max.as_ref().map(toml::Spanned::span));
    one("end", of(&node.end));
    one("into", of(&node.into));
    one("sensitive", node.sensitive.then(|| kind.clone()));
    one("hours", of(&node.hours));
    one("open", of(&node.open));
    one("closed", of(&node.closed));
    one("holiday", of(&node.holiday));
    one("language", of(&node.language));
    one("tiers", first(&node.tiers));
    one("tags", first(&node.tags));
    one("priority", node.priority.as_ref().map(toml::Spanned::span));
    one("skills", node.skills.keys().next().map(Name::span));
    one("add_tags", node.add_tags.first().map(Name::span));
    one("url", of(&node.url));
    one("secret", node.secret.as_ref().map(toml::Spanned::span));
    one("send", node.send.first().map(Name::span));
    one("timeout", node.timeout.as_ref().map(toml::Spanned::span));
    one("branches", first(&node.branches));
    one("queue", of(&node.queue));
    one("number", of(&node.number));
    one("ticket", of(&node.ticket));
    one("fields", first(&node.fields));
    one("survey", of(&node.survey));
    keys
}

/// Whether the node is of a kind with all that it needs.
fn node(name: &Name, node: &NodeSection, flow: &FlowSection, nodes: &Nodes, names: &Names, findings: &mut Findings<'_>) -> bool {
    if name.get_ref().contains(':') || matches!(name.get_ref().as_str(), "hangup" | "voicemail" | "callback") {
        findings.error(name.span(), format!("a node cannot be called `{name}`")).help("targets are written like that");
    }
    if !findings.word("kind of node", &node.kind, Node::KINDS) {
        return false;
    }
    let kind = node.kind.get_ref().as_str();
    let Some((allowed, needed)) = Node::keys(kind) else { return false };
    let written = written(node);
    for (key, span) in &written {
        if !allowed.contains(key) {
            let list = allowed.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let finding = findings.error(span.clone(), format!("`{key}` means nothing in a node of kind `{kind}`"));
            let finding = finding.help(format!("known there: {list}"));
            if let Some(near) = nearest(key, allowed.iter().copied()) {
                finding.label(format!("did you mean `{near}`?"));
            }
        }
    }
    if written.iter().any(|(key, _)| !allowed.contains(key)) {
        return false;
    }
    let missing = needed.iter().find(|key| !written.iter().any(|(written, _)| written == *key));
    if let Some(key) = missing {
        findings.error(node.kind.span(), format!("missing key `{key}` in node `{name}`")).label(format!("a `{kind}` needs `{key} = …`"));
        return false;
    }
    ways(node, nodes, names, findings);
    values(node, flow, names, findings);
    true
}

fn ways(node: &NodeSection, nodes: &Nodes, names: &Names, findings: &mut Findings<'_>) {
    let single = [&node.next, &node.otherwise, &node.open, &node.closed, &node.holiday];
    for name in single.into_iter().flatten().chain(node.tiers.values()).chain(node.tags.values()).chain(node.branches.values()) {
        target(name, Some(nodes), names, findings);
    }
    let languages = node.kind.get_ref() == "language";
    for (key, to) in &node.options {
        if key.get_ref().len() != 1 || !KEYS.contains(key.get_ref().as_str()) {
            findings.error(key.span(), format!("`{key}` is not a key of a telephone")).help("0 to 9, `*` or `#`");
        }
        if languages {
            findings.word("language", to, &LANGUAGES);
        } else {
            target(to, Some(nodes), names, findings);
        }
    }
}

fn values(node: &NodeSection, flow: &FlowSection, names: &Names, findings: &mut Findings<'_>) {
    for spoken in [&node.prompt, &node.invalid, &node.silence].into_iter().flatten() {
        for name in &spoken.0 {
            match variable(name.get_ref()) {
                Some(variable) => used_variable(name, variable, "spoken", flow, findings),
                None => _ = findings.refer(name, &names.prompts),
            }
        }
    }
    if let Some(text) = &node.text
        && let Some(tag) = text.get_ref().0.keys().find(|tag| !tag.is_empty() && !LANGUAGES.contains(&tag.as_str()))
    {
        findings.error(text.span(), format!("unknown language `{tag}`")).help("known: `en`, `zh-CN`");
    }
    labels(node, findings);
    if let Some(hours) = &node.hours {
        findings.refer(hours, &names.hours);
    }
    if let Some((number, variable)) = node.number.as_ref().and_then(|number| Some((number, variable(number.get_ref())?))) {
        used_variable(number, variable, "called", flow, findings);
    }
    if let Some(number) =
        node.number.as_ref().filter(|number| node.kind.get_ref() == "ticket_state" && variable(number.get_ref()).is_none())
    {
        findings.error(number.span(), format!("`{number}` is no variable")).help("number = \"{ticket}\", gathered before");
    }
    ticket(node, names, findings);
    if let Some(queue) = &node.queue {
        findings.refer(queue, &names.queues);
    }
    if let Some(language) = &node.language {
        findings.word("language", language, &LANGUAGES);
    }
    for tier in node.tiers.keys() {
        findings.refer(tier, &names.tiers);
    }
    for (skill, level) in &node.skills {
        findings.refer(skill, &names.skills);
        within("a skill", level, 1..=5, findings);
    }
    if let Some(end) = node.end.as_ref().filter(|end| end.get_ref().len() != 1 || !KEYS.contains(end.get_ref().as_str())) {
        findings.error(end.span(), format!("`{end}` is not a key of a telephone")).help("`#` or `*`");
    }
    numbers(node, findings);
    if let Some(url) = &node.url {
        address(url, findings);
    }
    if let Some(secret) = node.secret.as_ref().filter(|secret| secret.get_ref().is_plain()) {
        findings
            .warning(secret.span(), "a secret in this file can be read by everyone who can read the file")
            .help("{ env = \"NAME\" } or { file = \"PATH\" }");
    }
}

/// Buttons stand under words, and each leads somewhere.
fn labels(node: &NodeSection, findings: &mut Findings<'_>) {
    let Some(first) = node.labels.keys().next() else { return };
    if node.text.is_none() {
        findings.error(first.span(), "labels need words above them").help("text = \"How can we help?\"");
    }
    for (key, texts) in &node.labels {
        if !node.options.keys().any(|option| option.get_ref() == key.get_ref()) {
            findings.error(key.span(), format!("the key `{key}` leads nowhere")).help("each label is one of `options`");
        }
        if let Some(tag) = texts.0.keys().find(|tag| !tag.is_empty() && !LANGUAGES.contains(&tag.as_str())) {
            findings.error(key.span(), format!("unknown language `{tag}`")).help("known: `en`, `zh-CN`");
        }
        if texts.0.values().any(|text| text.trim().is_empty() || text.chars().count() > LONGEST_CHOICE) {
            findings.error(key.span(), format!("the label of `{key}` is empty or longer than {LONGEST_CHOICE} characters"));
        }
    }
}

/// A ticket that a flow opens has a kind that is there, with fields of that kind.
fn ticket(node: &NodeSection, names: &Names, findings: &mut Findings<'_>) {
    if let Some(kind) = &node.ticket {
        findings.refer(kind, &names.ticket_kinds);
    }
    if let (None, Some(field)) = (&node.ticket, node.fields.keys().next()) {
        findings.error(field.span(), "fields belong to a kind of ticket").help("ticket = \"…\", a [tickets.types.NAME]");
    }
}

fn numbers(node: &NodeSection, findings: &mut Findings<'_>) {
    if let Some(retries) = &node.retries {
        within("`retries`", retries, 0..=9, findings);
    }
    for (what, number) in [("`min`", &node.min), ("`max`", &node.max)] {
        if let Some(number) = number {
            within(what, number, 1..=64, findings);
        }
    }
    if let (Some(min), Some(max)) = (&node.min, &node.max)
        && min > max
    {
        findings.error(min.span(), "`min` is above `max`");
    }
    if let Some(wait) = node.wait.as_ref().filter(|wait| !(1_000..=60_000).contains(&wait.get_ref().millis())) {
        findings.error(wait.span(), format!("`wait` is {}, but must be from 1s to 60s", wait.get_ref()));
    }
    if let Some(timeout) = node.timeout.as_ref().filter(|t| *t.get_ref() > Period::from_secs(10) || t.get_ref().millis() < 100) {
        findings
            .error(timeout.span(), format!("`timeout` is {}, but must be from 100ms to 10s", timeout.get_ref()))
            .help("a caller hears nothing meanwhile");
    }
}

pub(super) fn address(url: &Name, findings: &mut Findings<'_>) {
    let parsed = url.get_ref().parse::<http::Uri>().ok();
    let Some(uri) = parsed.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty()))
    else {
        findings
            .error(url.span(), format!("`{url}` is not an address that can be asked"))
            .help("write it as \"https://shop.example/caller\"");
        return;
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        findings.error(url.span(), "an address must not hold a password").help("`secret` signs what is sent");
    }
    let near = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if uri.scheme_str() == Some("http") && !near {
        findings.warning(url.span(), "what is asked there can be read on the way").help("use https");
    }
}

fn used_variable(name: &Name, variable: &str, used: &str, flow: &FlowSection, findings: &mut Findings<'_>) {
    let into = |node: &&NodeSection| node.into.as_ref().is_some_and(|into| into.get_ref() == variable);
    let gathered: Vec<&NodeSection> = flow.nodes.values().filter(into).collect();
    if gathered.iter().any(|node| node.sensitive) {
        findings.error(name.span(), format!("`{variable}` is sensitive and is not {used}"));
    } else if gathered.is_empty() && !flow.nodes.values().any(|node| node.kind.get_ref() == "lookup") {
        findings
            .error(name.span(), format!("nothing in this flow gathers `{variable}`"))
            .help(format!("kind = \"gather\", into = \"{variable}\""));
    }
}

/// By which ways the contacts of a flow come.
struct Uses {
    calls: BTreeSet<String>,
    texts: BTreeSet<String>,
}

impl Uses {
    fn of(config: &Config) -> Uses {
        let lines = config.lines.iter().filter_map(|line| line.flow.as_ref()).map(|flow| flow.get_ref().clone());
        let flow = |to: &Name| to.get_ref().strip_prefix("flow:").map(str::to_owned);
        let lines = lines.chain(config.overlays.values().flat_map(|overlay| overlay.lines.values()).filter_map(flow));
        let waiting = config.queues.iter().flat_map(|queue| {
            let w = &queue.waiting;
            [&w.when_full, &w.when_late, &w.when_closed, &w.when_holiday].into_iter().flatten().chain(w.keys.values())
        });
        let waiting = waiting.filter_map(|target| target.get_ref().strip_prefix("flow:").map(str::to_owned));
        let texts = config.channels.iter().filter_map(|channel| channel.flow.as_ref()).map(|flow| flow.get_ref().clone());
        let texts = texts.chain(config.overlays.values().flat_map(|overlay| overlay.channels.values()).filter_map(flow));
        Uses { calls: reach(config, lines.chain(waiting).collect()), texts: reach(config, texts.collect()) }
    }

    fn any(&self, flow: &str) -> bool {
        self.calls.contains(flow) || self.texts.contains(flow)
    }
}

/// These flows and all that they lead to.
fn reach(config: &Config, mut next: Vec<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    while let Some(flow) = next.pop() {
        let Some((_, section)) = config.flows.iter().find(|(id, _)| *id.get_ref() == flow) else { continue };
        if seen.insert(flow) {
            let targets = section.nodes.values().flat_map(targets_of).filter_map(|name| name.get_ref().strip_prefix("flow:"));
            next.extend(targets.map(str::to_owned));
        }
    }
    seen
}

fn targets_of(node: &NodeSection) -> impl Iterator<Item = &Name> {
    let single = [&node.next, &node.otherwise, &node.open, &node.closed, &node.holiday].into_iter().flatten();
    single.chain(node.options.values()).chain(node.tiers.values()).chain(node.tags.values()).chain(node.branches.values())
}

/// Questions that cannot be heard or read by those who are asked.
fn said(id: &Name, flow: &FlowSection, uses: &Uses, config: &Config, findings: &mut Findings<'_>) {
    for (name, node) in &flow.nodes {
        let chosen = node.kind.get_ref() == "language" && node.language.is_some();
        let asks = matches!(node.kind.get_ref().as_str(), "menu" | "gather" | "survey" | "language") && !chosen;
        if asks && node.prompt.is_none() && node.text.is_none() {
            findings.error(node.kind.span(), format!("node `{name}` asks nothing")).help("add prompt = \"…\" or text = \"…\"");
        } else if asks && node.text.is_none() && uses.texts.contains(id.get_ref()) {
            findings
                .warning(node.kind.span(), format!("node `{name}` has nothing to read, but people write into this flow"))
                .help("add text = \"…\"");
        }
        // A ticket's subject and what is sent are only read.
        let spoken = !matches!(node.kind.get_ref().as_str(), "open_ticket" | "message");
        if let Some(text) = node.text.as_ref().filter(|_| spoken && node.prompt.is_none() && uses.calls.contains(id.get_ref()))
            && config.speech.is_none()
        {
            findings
                .warning(text.span(), format!("callers hear nothing at node `{name}`: nobody can speak this text"))
                .help("add prompt = \"…\", or [speech] with a program that speaks");
        }
        if node.kind.get_ref() == "message" && uses.calls.contains(id.get_ref()) && config.callbacks.text_channel.is_none() {
            findings
                .warning(node.kind.span(), format!("node `{name}` writes to those alone who have a chat open"))
                .help("[callbacks] text_channel = \"…\", a channel of kind = \"sms\"");
        }
        if node.sensitive && uses.texts.contains(id.get_ref()) {
            findings
                .warning(node.kind.span(), format!("what is written at node `{name}` stands in the conversation, sensitive or not"))
                .help("ask for it by telephone only");
        }
    }
}

/// Every contact goes out again, and every node can be come to.
fn proven(config: &Config, findings: &mut Findings<'_>) {
    let flows = resolve::flows(config, &|_| None);
    let queues = resolve::onward(config);
    for fault in prove(&flows, &queues) {
        match fault {
            Fault::Unreachable { flow, node } => {
                if let Some((name, _)) = find(config, flow.as_str(), &node) {
                    findings.warning(name.span(), format!("nothing leads to node `{node}` of flow `{flow}`")).help("it can be left out");
                }
            }
            Fault::Endless { round } => endless(config, &round, findings),
        }
    }
}

fn endless(config: &Config, round: &[Place], findings: &mut Findings<'_>) {
    let names: Vec<String> = round.iter().chain(round.first()).map(Place::to_string).collect();
    // Shown at the last node of a flow in it; queues that send callers back and forth have none.
    let node = round.iter().rev().find_map(|place| match place {
        Place::Node(flow, node) => find(config, flow.as_str(), node).map(|(name, _)| name.span()),
        Place::Queue(_) => None,
    });
    let queue = round.iter().rev().find_map(|place| match place {
        Place::Queue(queue) => config.queues.iter().find(|q| q.id.get_ref() == queue.as_str()).map(|q| q.id.span()),
        Place::Node(..) => None,
    });
    findings
        .error(node.or(queue).unwrap_or(0..0), "callers go round here for ever without doing anything")
        .label("the round closes here")
        .help(format!("{}: lead it to `hangup`, or through a question", names.join(" → ")));
}

fn find<'c>(config: &'c Config, flow: &str, node: &str) -> Option<(&'c Name, &'c NodeSection)> {
    let (_, flow) = config.flows.iter().find(|(id, _)| id.get_ref() == flow)?;
    flow.nodes.iter().find(|(name, _)| name.get_ref() == node)
}

/// The flows by name.
pub(super) fn declare(config: &Config, findings: &mut Findings<'_>) -> Declared {
    let mut flows = findings.declare("flow", "[flows]", config.flows.keys());
    flows.how = "declare it: [flows.{}.nodes.start]".into();
    flows
}
