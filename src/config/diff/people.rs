//! Agents, groups and skills: who came, who went, who can do what from now on.

use super::Effect::Live;
use super::routes::by;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::config::{AgentGroupSection, AgentSection, PhoneSection};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let agents = changes.ids("agent", ("agent_added", "agent_removed"), by(&old.agents, |a| &a.id), by(&new.agents, |a| &a.id));
    for (id, before, after) in agents {
        agent(&format!("agent.{id}"), before, after, changes);
    }
    let groups = changes.ids(
        "agent_group",
        ("group_added", "group_removed"),
        by(&old.agent_groups, |g| &g.prefix),
        by(&new.agent_groups, |g| &g.prefix),
    );
    for (id, before, after) in groups {
        group(&format!("agent_group.{id}"), before, after, changes);
    }
    let declared = changes.ids("skill", ("skill_added", "skill_removed"), by(&old.skills, |s| &s.id), by(&new.skills, |s| &s.id));
    for (id, before, after) in declared {
        changes.setting(&format!("skill.{id}"), "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
    }
}

fn agent(subject: &str, before: &AgentSection, after: &AgentSection, changes: &mut Changes) {
    changes.setting(subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
    changes.setting(subject, "role", Live, format!("{:?}", before.role).to_lowercase(), format!("{:?}", after.role).to_lowercase());
    queues(subject, &before.queues, &after.queues, changes);
    skills(subject, &before.skills, &after.skills, changes);
    changes.setting(subject, "capacity", Live, before.capacity.to_string(), after.capacity.to_string());
    phone(subject, before.phone.as_ref(), after.phone.as_ref(), changes);
    changes.setting(subject, "always_available", Live, before.always_available.to_string(), after.always_available.to_string());
    changes.setting(subject, "max_calls", Live, before.max_calls.to_string(), after.max_calls.to_string());
    let outbound = |agent: &AgentSection| shown(agent.outbound_queue.as_ref());
    changes.setting(subject, "outbound_queue", Live, outbound(before), outbound(after));
    changes.setting(subject, "language", Live, shown(before.language.as_ref()), shown(after.language.as_ref()));
}

fn group(subject: &str, before: &AgentGroupSection, after: &AgentGroupSection, changes: &mut Changes) {
    changes.setting(subject, "count", Live, before.count.to_string(), after.count.to_string());
    changes.setting(subject, "first", Live, before.first.to_string(), after.first.to_string());
    changes.setting(subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
    queues(subject, &before.queues, &after.queues, changes);
    skills(subject, &before.skills, &after.skills, changes);
    changes.setting(subject, "capacity", Live, before.capacity.to_string(), after.capacity.to_string());
    phone(subject, before.phone.as_ref(), after.phone.as_ref(), changes);
    changes.setting(subject, "always_available", Live, before.always_available.to_string(), after.always_available.to_string());
    changes.setting(subject, "max_calls", Live, before.max_calls.to_string(), after.max_calls.to_string());
}

fn phone(subject: &str, before: Option<&Spanned<PhoneSection>>, after: Option<&Spanned<PhoneSection>>, changes: &mut Changes) {
    changes.setting(subject, "phone", Live, shown(before), shown(after));
    let password = |phone: Option<&Spanned<PhoneSection>>| {
        phone.and_then(|phone| phone.get_ref().login()).map(|login| login.password.get_ref().clone())
    };
    if let (Some(before), Some(after)) = (password(before), password(after))
        && before != after
    {
        changes.live(subject.to_owned(), "secret", vec![("setting", "phone".to_owned())]);
    }
}

fn queues(subject: &str, before: &[Name], after: &[Name], changes: &mut Changes) {
    for queue in after.iter().filter(|queue| !before.contains(queue)) {
        changes.live(subject.to_owned(), "joins_queue", vec![("queue", queue.to_string())]);
    }
    for queue in before.iter().filter(|queue| !after.contains(queue)) {
        changes.live(subject.to_owned(), "leaves_queue", vec![("queue", queue.to_string())]);
    }
}

fn skills(subject: &str, before: &BTreeMap<Name, Spanned<u8>>, after: &BTreeMap<Name, Spanned<u8>>, changes: &mut Changes) {
    let show = |skills: &BTreeMap<Name, Spanned<u8>>| list(skills.iter().map(|(skill, level)| format!("{skill} {level}")));
    if before != after {
        changes.live(subject.to_owned(), "skills", vec![("old", show(before)), ("new", show(after))]);
    }
}
