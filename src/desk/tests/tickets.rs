//! Tickets in scripts: how they are asked for, and the house's rules for them.

use super::super::form::spec::{FieldKind, FieldSpec, Titles};
use super::super::id::*;
use super::super::input::*;
use super::super::rules::About;
use super::super::ticket::spec::*;
use super::world::nine_to_five;
use std::collections::BTreeMap;

/// A new ticket: `kind=return to=bo work=conversation/1 field.amount=20 due=90 quiet tier=gold tag=vip "note=…"`.
pub fn new(person: &str, subject: &str, more: &[&str], at: At) -> Option<NewTicket> {
    let find = |key: &str| more.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let field = |word: &&str| word.strip_prefix("field.")?.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let number = |key: &str| find(key).and_then(|id| id.parse().ok()).map(TicketId);
    Some(NewTicket {
        kind: find("kind").map(TicketKind::from),
        priority: find("priority").and_then(|priority| priority.parse().ok()),
        department: find("department").map(DepartmentId::from),
        assignee: find("to").map(AgentId::from),
        work: find("work").and_then(work),
        fields: more.iter().filter_map(field).collect(),
        due: find("due").and_then(|minutes| minutes.parse::<i64>().ok()).map(|minutes| at.after(minutes * 60_000)),
        parent: number("parent"),
        follows: number("follows"),
        note: find("note").unwrap_or_default().to_owned(),
        quiet: more.contains(&"quiet"),
        key: find("key").map(str::to_owned),
        customer: About {
            tier: find("tier").map(TierId::from),
            tags: find("tag").map(str::to_owned).into_iter().collect(),
            ..About::default()
        },
        ..NewTicket::plain(PersonId(person.parse().ok()?), subject.to_owned())
    })
}

fn work(text: &str) -> Option<Work> {
    let (kind, id) = text.split_once('/')?;
    let id = id.parse().ok()?;
    match kind {
        "call" => Some(Work::Call(CallId(id))),
        "conversation" => Some(Work::Conversation(ConversationId(id))),
        _ => None,
    }
}

pub fn command(verb: &str, words: &[&str], at: At) -> Option<TicketCommand> {
    Some(match (verb, words) {
        ("changes", words) => TicketCommand::Change(change(words, at)?),
        ("merges", ["into", id]) => TicketCommand::Merge { into: TicketId(id.parse().ok()?) },
        ("splits", [subject, works @ ..]) => {
            TicketCommand::Split { subject: (*subject).to_owned(), works: works.iter().filter_map(|text| work(text)).collect() }
        }
        ("approves", []) => TicketCommand::Judge { granted: true, reason: String::new() },
        ("refuses", [reason]) => TicketCommand::Judge { granted: false, reason: (*reason).to_owned() },
        ("resolves", ["with", "all", "below"]) => TicketCommand::ResolveFamily,
        _ => return None,
    })
}

fn change(words: &[&str], at: At) -> Option<TicketChange> {
    let ticket = |id: &str| id.parse().ok().map(TicketId);
    Some(match words {
        ["state", state] => TicketChange::State(TicketState::of(state)?),
        ["priority", priority] => TicketChange::Priority(priority.parse().ok()?),
        ["assignee", "none"] => TicketChange::Assignee(None),
        ["assignee", agent] => TicketChange::Assignee(Some(AgentId::from(*agent))),
        ["subject", text] => TicketChange::Subject((*text).to_owned()),
        ["comment", text] => TicketChange::Comment((*text).to_owned()),
        ["department", to, note] => TicketChange::Department { to: DepartmentId::from(*to), note: (*note).to_owned() },
        ["kind", kind] => TicketChange::Kind(Some(TicketKind::from(*kind))),
        ["field", name, value] => TicketChange::Field { name: (*name).to_owned(), value: (*value).to_owned() },
        ["due", "never"] => TicketChange::Due(None),
        ["due", minutes] => TicketChange::Due(Some(at.after(minutes.parse::<i64>().ok()? * 60_000))),
        ["watcher", agent] => TicketChange::Watch { agent: AgentId::from(*agent), on: true },
        ["done", item] => TicketChange::Check { item: item.parse().ok()?, on: true },
        ["todo", text] => TicketChange::AddItem((*text).to_owned()),
        ["related", other] => TicketChange::Related { ticket: ticket(other)?, on: true },
        ["parent", other] => TicketChange::Parent(Some(ticket(other)?)),
        ["quiet"] => TicketChange::Quiet(true),
        ["contact", text] => TicketChange::Contact(work(text)?),
        _ => return None,
    })
}

/// Repairs go to the workshop with a promise in office hours, returns need a yes, and what the house does for itself nobody hears of.
pub fn rules() -> Tickets {
    let title = |text: &str| Titles(BTreeMap::from([(String::new(), text.to_owned())]));
    let field = |name: &str, kind: FieldKind, required: bool| FieldSpec {
        name: name.into(),
        kind,
        title: title(name),
        hint: Titles::default(),
        required,
        masked: false,
        options: ["broken", "regret"].map(|id| (id.to_owned(), title(id))).into(),
        longest: 40,
        lowest: None,
        highest: None,
        camera: "environment",
    };
    let kind = |name: &str| KindSpec {
        title: title(name),
        fields: Vec::new(),
        department: None,
        priority: 3,
        promise: None,
        checklist: Vec::new(),
        checklist_required: false,
        approval: None,
        internal: false,
    };
    let condition = |field: &str, rule| Condition { field: field.into(), rule };
    let returned = ApprovalSpec {
        by: ["ada".into(), "bo".into()].into(),
        automatic: vec![condition("amount", Rule::Most(50.0)), condition("why", Rule::OneOf(vec!["broken".into()]))],
    };
    let kinds = [
        (
            "repair",
            KindSpec {
                fields: vec![field("serial", FieldKind::Text, false)],
                department: Some("workshop".into()),
                checklist: vec![title("take it apart"), title("test it")],
                checklist_required: true,
                ..kind("Repair")
            },
        ),
        (
            "return",
            KindSpec {
                fields: vec![field("amount", FieldKind::Number, true), field("why", FieldKind::Choice, true)],
                approval: Some(returned),
                ..kind("Return")
            },
        ),
        ("house", KindSpec { internal: true, ..kind("House") }),
    ];
    let hour = 3_600_000;
    let office = Promise {
        hours: Some(nine_to_five()),
        first: [hour / 4, hour, 2 * hour, 8 * hour],
        next: [hour; 4],
        resolution: [4 * hour, 8 * hour, 16 * hour, 0],
    };
    let department = |name: &str, agents: &[&str]| DepartmentSpec {
        name: title(name),
        agents: agents.iter().map(|agent| AgentId::from(*agent)).collect(),
        promise: (name == "Workshop").then(|| "office".into()),
        ..DepartmentSpec::default()
    };
    let texts = |site: &str, states: [&str; 7]| TicketTexts {
        opened: format!("{site}: we have it, number {{number}}."),
        changed: format!("{site}: {{number}} is {{state}}."),
        approved: format!("{site}: {{number}} approved."),
        denied: format!("{site}: {{number}} not approved."),
        link: "{link}".into(),
        line: "{number} ({subject}): {state}".into(),
        none: format!("{site}: nothing open."),
        subject: "Ticket {number}".into(),
        states: TicketState::ALL.into_iter().zip(states.map(str::to_owned)).collect(),
    };
    Tickets {
        kinds: kinds.map(|(id, kind)| (TicketKind::from(id), kind)).into(),
        departments: [("workshop", department("Workshop", &["bo"])), ("shop", department("Shop", &["mara", "lin"]))]
            .map(|(id, department)| (DepartmentId::from(id), department))
            .into(),
        promises: BTreeMap::from([("office".to_owned(), office)]),
        words: vec!["ticket".into(), "工单".into()],
        texts: BTreeMap::from([
            ("en".to_owned(), texts("Shop", ["new", "assigned", "in progress", "pending", "resolved", "closed", "reopened"])),
            ("zh-CN".to_owned(), texts("小店", ["已受理", "已派单", "处理中", "等待", "已解决", "已关闭", "重新处理"])),
        ]),
        ..Tickets::default()
    }
}
