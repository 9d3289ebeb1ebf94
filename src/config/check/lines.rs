//! Lines: each number leads to exactly one place, and to the same place only once.

use super::Names;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Name;
use crate::desk::config::LineSection;
use std::collections::BTreeMap;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<(&str, Option<&str>), std::ops::Range<usize>> = BTreeMap::new();
    for line in &config.lines {
        number(line, findings);
        target(line, names, findings);
        if let Some(trunk) = &line.trunk {
            findings.refer(trunk, &names.trunks);
        }
        let key = (line.number.get_ref().as_str(), line.trunk.as_ref().map(|trunk| trunk.get_ref().as_str()));
        if let Some(first) = seen.get(&key) {
            let first = findings.line_of(first);
            findings
                .error(line.number.span(), format!("number `{}` is declared twice", line.number))
                .label(format!("first declared on line {first}"));
        } else {
            seen.insert(key, line.number.span());
        }
    }
    if let Some(line) = config.lines.first().filter(|_| config.trunks.is_empty()) {
        findings
            .warning(line.number.span(), "no call can arrive: there is no trunk")
            .help("declare one: [[trunks]] id = \"…\" server = \"…\"");
    }
}

fn number(line: &LineSection, findings: &mut Findings<'_>) {
    let number = line.number.get_ref();
    let stem = number.replacen("{n}", "", 1);
    if number.is_empty() || stem.contains(|c: char| c.is_whitespace() || "{}<>@:;\"".contains(c)) {
        findings
            .error(line.number.span(), format!("`{number}` is not a number that can be dialled"))
            .help("write it as the trunk delivers it: digits, `+`, or a name; `{n}` once for the number of an agent");
    }
}

fn target(line: &LineSection, names: &Names, findings: &mut Findings<'_>) {
    let number = &line.number;
    let named = [&line.queue, &line.flow, &line.agent].into_iter().flatten().count();
    let targets = named + usize::from(line.echo);
    if targets == 0 {
        findings
            .error(number.span(), format!("line `{number}` leads nowhere"))
            .help("add queue = \"…\", flow = \"…\", agent = \"…\" or echo = true");
        return;
    }
    if targets > 1 {
        findings
            .error(number.span(), format!("line `{number}` leads to {targets} places"))
            .help("keep one of `queue`, `flow`, `agent` and `echo`");
        return;
    }
    let pattern = number.get_ref().contains("{n}");
    match &line.agent {
        Some(agent) if agent.get_ref().contains("{n}") != pattern => {
            findings.error(agent.span(), "`{n}` must stand in both the number and the agent, or in neither");
        }
        Some(agent) if pattern => somebody(agent, names, findings),
        Some(agent) => {
            findings.refer(agent, &names.agents);
        }
        None if pattern => {
            findings.error(number.span(), "a number with `{n}` must lead to an agent with `{n}`");
        }
        None => {}
    }
    if let Some(queue) = &line.queue {
        findings.refer(queue, &names.queues);
    }
    if let Some(flow) = &line.flow {
        findings.refer(flow, &names.flows);
    }
}

/// At least one agent must have an id of this form.
fn somebody(pattern: &Name, names: &Names, findings: &mut Findings<'_>) {
    if names.agents.places.keys().all(|id| numbered(pattern.get_ref(), id).is_none()) {
        findings
            .error(pattern.span(), format!("no agent is called like `{pattern}`"))
            .help("the ids of agents or of an [[agent_groups]] prefix, with `{n}` for the number");
    }
}

/// The digits that `{n}` of the pattern stands for in the id, if the id is of that form.
pub(in crate::config) fn numbered<'i>(pattern: &str, id: &'i str) -> Option<&'i str> {
    let (before, after) = pattern.split_once("{n}")?;
    let digits = id.strip_prefix(before)?.strip_suffix(after)?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}
