//! Rules in the scripts' shop: the shipped ones, and sets of their own.

use super::super::catalog::{Catalog, QueueSpec};
use super::super::id::*;
use super::super::rules::Subject;

/// The rules of `config.example.toml`, in a shop that has what they name.
pub fn shipped(catalog: &Catalog) -> Catalog {
    let example = include_str!("../../../config.example.toml");
    let (_, block) = example.split_once("- rules\n").expect("the example's rules");
    let (block, _) = block.split_once("# Whatever else").expect("the end of those that ship");
    let text: String = block
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' ') || line.starts_with("  {"))
        .fold(String::new(), |text, line| text + line + "\n");
    furnished(Catalog { rules: crate::config::rules_of(&text), ..catalog.clone() })
}

fn furnished(mut catalog: Catalog) -> Catalog {
    let urgent = catalog.queues[&QueueId::from("urgent")].clone();
    let workshop = QueueSpec { id: "workshop".into(), name: "Workshop".into(), ..urgent };
    catalog.queues.insert(workshop.id.clone(), workshop);
    for queue in ["returns", "sales"] {
        let queue = catalog.queues.get_mut(&QueueId::from(queue)).expect("a queue");
        (queue.wrap_up_fields, queue.wrap_up_ms, queue.dispositions) = (Vec::new(), 30_000, vec!["complaint".into(), "sold".into()]);
    }
    for agent in catalog.agents.values_mut().filter(|agent| matches!(agent.id.as_str(), "mara" | "bo")) {
        agent.queues.push("workshop".into());
    }
    catalog
}

/// Rules for one thing each.
pub fn set(catalog: &Catalog, name: &str) -> Option<Catalog> {
    let text = match name {
        "actions" => include_str!("rules/actions.toml"),
        "chain" => include_str!("rules/chain.toml"),
        _ => return None,
    };
    Some(furnished(Catalog { rules: crate::config::rules_of(text), ..catalog.clone() }))
}

/// `conversation/7`, `ticket/2`, `told/1`.
pub fn subject(text: &str) -> Option<Subject> {
    let (kind, id) = text.split_once('/')?;
    let id = id.parse().ok()?;
    Some(match kind {
        "call" => Subject::Work(Work::Call(CallId(id))),
        "conversation" => Subject::Work(Work::Conversation(ConversationId(id))),
        "callback" => Subject::Work(Work::Callback(CallbackId(id))),
        "ticket" => Subject::Ticket(TicketId(id)),
        "told" => Subject::Told(ToldId(id)),
        _ => return None,
    })
}
