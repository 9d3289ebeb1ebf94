//! With whom texts of the house are shared: `all`, `queue/<queue>` or `agent/<agent>`. Everybody writes their own; what others see is for
//! supervisors to write.

use crate::auth::{Role, Session};
use crate::desk::catalog::Catalog;
use crate::desk::id::{AgentId, QueueId};
use crate::web::Page;

/// One choice of a form.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// What this writer may choose; `now` is always among it.
pub fn choices(page: &Page, catalog: &Catalog, me: &Session, now: &str) -> Vec<Choice> {
    let own = format!("agent/{}", me.agent);
    let mut all = vec![(own, page.t("sharing.mine").to_owned())];
    if me.role >= Role::Supervisor {
        all.insert(0, ("all".to_owned(), page.t("sharing.all").to_owned()));
        all.extend(catalog.queues.values().map(|queue| (format!("queue/{}", queue.id), page.t1("sharing.queue", "queue", &queue.name))));
    }
    if !all.iter().any(|(value, _)| value == now) && !now.is_empty() {
        all.push((now.to_owned(), label(page, catalog, now)));
    }
    all.into_iter().map(|(value, label)| Choice { chosen: value == now, value, label }).collect()
}

/// `all`, the queue's or the agent's name.
pub fn label(page: &Page, catalog: &Catalog, shared: &str) -> String {
    match shared.split_once('/') {
        Some(("queue", id)) => {
            let queue = catalog.queues.get(&QueueId::from(id));
            page.t1("sharing.queue", "queue", queue.map_or(id, |queue| queue.name.as_str()))
        }
        Some(("agent", id)) if page.agent().is_some_and(|me| me.as_str() == id) => page.t("sharing.mine").to_owned(),
        Some(("agent", id)) => catalog.agents.get(&AgentId::from(id)).map_or_else(|| id.to_owned(), |agent| agent.name.clone()),
        _ => page.t("sharing.all").to_owned(),
    }
}

/// Whether it is for this reader, who works in these queues. Supervisors see those of every queue, but nobody another's own.
pub fn sees(shared: &str, me: &AgentId, role: Role, queues: &[QueueId]) -> bool {
    match shared.split_once('/') {
        Some(("agent", id)) => id == me.as_str(),
        Some(("queue", id)) => role >= Role::Supervisor || queues.iter().any(|queue| queue.as_str() == id),
        _ => true,
    }
}

/// Whether this reader may write what is shared so.
pub fn may_write(shared: &str, me: &AgentId, role: Role) -> bool {
    match shared.split_once('/') {
        Some(("agent", id)) => id == me.as_str(),
        _ => role >= Role::Supervisor,
    }
}

/// Whether it can be shared so at all.
pub fn is_known(shared: &str, catalog: &Catalog) -> bool {
    match shared.split_once('/') {
        Some(("agent", id)) => !id.is_empty(),
        Some(("queue", id)) => catalog.queues.contains_key(&QueueId::from(id)),
        _ => shared == "all",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_is_nobody_elses() {
        let (mara, bo) = (AgentId::from("mara"), AgentId::from("bo"));
        let sales = [QueueId::from("sales")];
        assert!(sees("agent/mara", &mara, Role::Agent, &[]) && may_write("agent/mara", &mara, Role::Agent));
        assert!(!sees("agent/mara", &bo, Role::Admin, &sales) && !may_write("agent/mara", &bo, Role::Admin));
        assert!(sees("queue/sales", &bo, Role::Agent, &sales) && !sees("queue/sales", &bo, Role::Agent, &[]));
        assert!(!may_write("queue/sales", &bo, Role::Agent) && may_write("queue/sales", &bo, Role::Supervisor));
        assert!(sees("all", &bo, Role::Agent, &[]) && !may_write("all", &bo, Role::Agent));
    }
}
