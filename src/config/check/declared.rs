//! Which names exist, so that references can be checked against them.

use crate::config::Config;
use crate::config::findings::{Declared, Findings};
use crate::config::value::Name;
use crate::media::config::BUILT_IN;
use std::collections::BTreeMap;
use std::ops::Range;

/// Every name that something may refer to.
pub(in crate::config) struct Names {
    pub channels: Declared,
    pub agents: Declared,
    pub queues: Declared,
    pub skills: Declared,
    pub hours: Declared,
    pub trunks: Declared,
    pub prompts: Declared,
    pub tiers: Declared,
    pub flows: Declared,
    pub holiday_lists: Declared,
    pub ticket_kinds: Declared,
    pub departments: Declared,
    pub promises: Declared,
}

impl Names {
    pub fn declare(config: &Config, findings: &mut Findings<'_>) -> Names {
        Names {
            channels: findings.declare("channel", "[[channels]]", config.channels.iter().map(|channel| &channel.id)),
            agents: agents(config, findings),
            queues: findings.declare("queue", "[[queues]]", config.queues.iter().map(|queue| &queue.id)),
            skills: skills(config, findings),
            hours: findings.declare("hours", "[[hours]]", config.hours.iter().map(|hours| &hours.id)),
            trunks: findings.declare("trunk", "[[trunks]]", config.trunks.iter().map(|trunk| &trunk.id)),
            prompts: prompts(config, findings),
            tiers: findings.declare("tier", "[[tiers]]", config.tiers.iter().map(|tier| &tier.id)),
            flows: super::flows::declare(config, findings),
            holiday_lists: findings.declare("holiday list", "[[holiday_lists]]", config.holiday_lists.iter().map(|list| &list.id)),
            ticket_kinds: findings.declare("type of ticket", "[tickets.types.NAME]", config.tickets.types.keys()),
            departments: findings.declare("department", "[tickets.departments.NAME]", config.tickets.departments.keys()),
            promises: findings.declare("promise", "[tickets.promises.NAME]", config.tickets.promises.keys()),
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

/// The built-in recordings and the firm's own files.
fn prompts(config: &Config, findings: &mut Findings<'_>) -> Declared {
    let mut places: BTreeMap<String, Range<usize>> = BUILT_IN.iter().map(|name| ((*name).to_owned(), 0..0)).collect();
    if let (Some(written), Some(folder)) = (&config.media.prompts, config.prompts()) {
        match std::fs::read_dir(&folder) {
            Ok(files) => {
                places.extend(recordings(files).map(|name| (name, 0..0)));
                // One folder per language: the names are the same in each, and one is enough for a name to exist.
                for language in ["en", "zh"] {
                    places.extend(std::fs::read_dir(folder.join(language)).into_iter().flat_map(recordings).map(|name| (name, 0..0)));
                }
            }
            Err(error) => {
                findings.error(written.span(), format!("the folder {} cannot be read: {error}", folder.display()));
            }
        }
    }
    Declared { kind: "prompt", how: "put a recording of that name (.wav) into the folder that media.prompts names".to_owned(), places }
}

fn recordings(files: std::fs::ReadDir) -> impl Iterator<Item = String> {
    files.flatten().filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".wav")?.to_owned()))
}
