//! Targets: `queue:ID`, `flow:ID`, `voicemail`, `callback`, `hangup`, and within a flow the name of a node.

use super::Names;
use crate::config::findings::{Declared, Findings};
use crate::config::suggest::nearest;
use crate::config::value::Name;
use crate::desk::config::FlowSection;

/// The nodes of one flow.
pub(super) struct Nodes(pub Declared);

impl Nodes {
    pub fn of(flow: &FlowSection) -> Nodes {
        let places = flow.nodes.keys().map(|name| (name.get_ref().clone(), name.span())).collect();
        Nodes(Declared { kind: "node", how: "declare it as a node of this flow".into(), places })
    }
}

/// Checks one target; `nodes` are those of the flow it stands in.
pub(super) fn target(name: &Name, nodes: Option<&Nodes>, names: &Names, findings: &mut Findings<'_>) {
    let text = name.get_ref();
    match text.split_once(':') {
        Some(("queue", id)) => prefixed(name, "queue", id, &names.queues, findings),
        Some(("flow", id)) => prefixed(name, "flow", id, &names.flows, findings),
        Some((prefix, id)) => {
            let finding = findings
                .error(name.span(), format!("`{text}` is not a target"))
                .help("targets are queue:ID, flow:ID, voicemail, callback and hangup");
            if let Some(near) = nearest(prefix, ["queue", "flow"].into_iter()) {
                finding.label(format!("did you mean `{near}:{id}`?")).fix(format!("\"{near}:{id}\""));
            }
        }
        None if matches!(text.as_str(), "hangup" | "voicemail" | "callback") => {}
        None => match nodes {
            Some(nodes) if nodes.0.has(text) => {}
            Some(nodes) => node(name, nodes, names, findings),
            None if names.queues.has(text) => prefix_missing(name, "queue", findings),
            None if names.flows.has(text) => prefix_missing(name, "flow", findings),
            None => {
                _ = findings
                    .error(name.span(), format!("`{text}` is not a target"))
                    .help("targets are queue:ID, flow:ID, voicemail, callback and hangup")
            }
        },
    }
}

fn prefixed(name: &Name, prefix: &str, id: &str, declared: &Declared, findings: &mut Findings<'_>) {
    if declared.has(id) {
        return;
    }
    let near = nearest(id, declared.places.keys().map(String::as_str)).map(str::to_owned);
    let line = near.as_ref().and_then(|near| declared.places.get(near)).map(|place| findings.line_of(place));
    let finding = findings.error(name.span(), format!("unknown {prefix} `{id}`")).label(format!("no {prefix} has this id"));
    match (near, line) {
        (Some(near), Some(line)) => {
            finding.help(format!("did you mean `{near}`, declared on line {line}?")).fix(format!("\"{prefix}:{near}\""));
        }
        _ => _ = finding.help(declared.how.replace("{}", id)),
    }
}

/// An unknown node; perhaps a queue or flow was meant.
fn node(name: &Name, nodes: &Nodes, names: &Names, findings: &mut Findings<'_>) {
    let text = name.get_ref();
    if names.queues.has(text) {
        prefix_missing(name, "queue", findings);
    } else if names.flows.has(text) {
        prefix_missing(name, "flow", findings);
    } else {
        findings.refer(name, &nodes.0);
    }
}

fn prefix_missing(name: &Name, prefix: &str, findings: &mut Findings<'_>) {
    findings
        .error(name.span(), format!("`{name}` is not a target"))
        .label(format!("there is a {prefix} of this name"))
        .help(format!("write \"{prefix}:{name}\""))
        .fix(format!("\"{prefix}:{name}\""));
}
