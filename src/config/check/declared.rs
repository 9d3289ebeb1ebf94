//! Which names exist, so that references can be checked against them.

use crate::config::Config;
use crate::config::findings::{Declared, Findings};
use crate::config::value::Name;
use crate::media::config::BUILT_IN;

/// Every name that something may refer to.
pub(in crate::config) struct Names {
    pub agents: Declared,
    pub queues: Declared,
    pub skills: Declared,
    pub hours: Declared,
    pub trunks: Declared,
    pub prompts: Declared,
}

impl Names {
    pub fn declare(config: &Config, findings: &mut Findings<'_>) -> Names {
        findings.declare("tier", "[[tiers]]", config.tiers.iter().map(|tier| &tier.id));
        findings.declare("channel", "[[channels]]", config.channels.iter().map(|channel| &channel.id));
        let mut prompts = findings.declare("prompt", "[[prompts]]", config.prompts.iter().map(|prompt| &prompt.id));
        for name in BUILT_IN {
            prompts.places.entry(name.to_owned()).or_insert(0..0);
        }
        Names {
            agents: agents(config, findings),
            queues: findings.declare("queue", "[[queues]]", config.queues.iter().map(|queue| &queue.id)),
            skills: skills(config, findings),
            hours: findings.declare("hours", "[[hours]]", config.hours.iter().map(|hours| &hours.id)),
            trunks: findings.declare("trunk", "[[trunks]]", config.trunks.iter().map(|trunk| &trunk.id)),
            prompts,
        }
    }
}

fn agents(config: &Config, findings: &mut Findings<'_>) -> Declared {
    let mut agents = findings.declare("agent", "[[agents]]", config.agents.iter().map(|agent| &agent.id));
    for group in &config.agent_groups {
        for number in (group.first..).take(*group.count.get_ref() as usize) {
            let id = format!("{}{number}", group.prefix);
            if let Some(first) = agents.places.get(&id) {
                let line = findings.line_of(first);
                findings.error(group.prefix.span(), format!("agent `{id}` of this group is declared already, on line {line}"));
                break;
            }
            agents.places.insert(id, group.prefix.span());
        }
    }
    agents
}

/// The declared skills; if none is declared, those that agents have.
fn skills(config: &Config, findings: &mut Findings<'_>) -> Declared {
    let mut skills = findings.declare("skill", "[[skills]]", config.skills.iter().map(|skill| &skill.id));
    if config.skills.is_empty() {
        let agents = config.agents.iter().flat_map(|agent| agent.skills.keys());
        let groups = config.agent_groups.iter().flat_map(|group| group.skills.keys());
        let had: Vec<&Name> = agents.chain(groups).collect();
        for name in had {
            skills.places.entry(name.get_ref().clone()).or_insert(name.span());
        }
    }
    skills
}
