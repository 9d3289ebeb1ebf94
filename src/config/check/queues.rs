//! Queues: what they require, where they overflow to, and whether anybody can serve them.

use super::{Names, within};
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::{Name, Period};
use crate::desk::config::{QueueSection, RequirementSection};
use std::collections::BTreeMap;
use toml::Spanned;

type Skills = BTreeMap<Name, Spanned<u8>>;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    for queue in &config.queues {
        let id = &queue.id;
        let mut known = true;
        for requirement in &queue.requires {
            known &= self::requirement(requirement, names, findings);
        }
        if queue.offer.get_ref() < &Period::from_secs(1) {
            findings.error(queue.offer.span(), "an offer must stand for at least 1s");
        }
        if queue.disposition_required && queue.dispositions.is_empty() {
            findings.error(id.span(), format!("queue `{id}` requires an outcome but offers none")).help("dispositions = [\"…\"]");
        }
        for (nth, field) in queue.wrap_up_fields.iter().enumerate() {
            let name = field.name.get_ref().trim();
            if name.is_empty() {
                findings.error(field.name.span(), "a field of the wrap-up needs a name");
            } else if queue.wrap_up_fields.iter().take(nth).any(|other| other.name.get_ref().trim() == name) {
                findings.error(field.name.span(), format!("two fields of the wrap-up are called `{name}`"));
            }
        }
        for prompt in [&queue.greeting, &queue.music, &queue.record_notice, &queue.closed_prompt].into_iter().flatten() {
            findings.refer(prompt, &names.prompts);
        }
        if let Some(hours) = &queue.hours {
            findings.refer(hours, &names.hours);
        }
        waiting(queue, names, findings);
        overflow(queue, config, names, findings);
        if known {
            servable(queue, config, findings);
        }
    }
}

fn requirement(requirement: &RequirementSection, names: &Names, findings: &mut Findings<'_>) -> bool {
    let known = findings.refer(&requirement.skill, &names.skills);
    within("`minimum`", &requirement.minimum, 1..=5, findings);
    if let Some(preferred) = &requirement.preferred {
        within("`preferred`", preferred, 1..=5, findings);
        if preferred < &requirement.minimum {
            findings.error(preferred.span(), "`preferred` is below `minimum`");
        }
    }
    if requirement.relax.get_ref() < &Period::from_secs(1) {
        findings.error(requirement.relax.span(), "`relax` must be at least 1s");
    }
    known
}

fn waiting(queue: &QueueSection, names: &Names, findings: &mut Findings<'_>) {
    let waiting = &queue.waiting;
    for prompt in [&waiting.comfort, &waiting.keys_prompt, &waiting.holiday_prompt].into_iter().flatten() {
        findings.refer(prompt, &names.prompts);
    }
    for target in [&waiting.when_full, &waiting.when_late, &waiting.when_closed, &waiting.when_holiday].into_iter().flatten() {
        super::targets::target(target, None, names, findings);
    }
    for (key, target) in &waiting.keys {
        if key.get_ref().len() != 1 || !"0123456789*#".contains(key.get_ref().as_str()) {
            findings.error(key.span(), format!("`{key}` is not a key of a telephone")).help("0 to 9, `*` or `#`");
        }
        super::targets::target(target, None, names, findings);
    }
    if let Some(every) = waiting.comfort_every.as_ref().filter(|every| every.get_ref() < &Period::from_secs(10)) {
        findings.error(every.span(), "a comfort message more often than every 10s is none");
    }
    if waiting.announce.millis() > 0 && waiting.announce < Period::from_secs(10) {
        findings.error(queue.id.span(), format!("queue `{}` announces more often than every 10s", queue.id)).help("announce = \"30s\"");
    }
    if let Some(late) = waiting.when_late.as_ref().filter(|_| queue.max_wait.millis() == 0) {
        findings.warning(late.span(), "no caller ever waits too long here").help("add max_wait = \"10m\" to the queue");
    }
    if let Some(full) = waiting.when_full.as_ref().filter(|_| waiting.max_length == 0) {
        findings.warning(full.span(), "this queue is never full").help("add max_length = 20");
    }
}

fn overflow(queue: &QueueSection, config: &Config, names: &Names, findings: &mut Findings<'_>) {
    let Some(overflow) = &queue.overflow else { return };
    if !findings.refer(&overflow.to, &names.queues) {
        return;
    }
    let mut at = overflow.to.get_ref();
    for _ in 0..=config.queues.len() {
        if at == queue.id.get_ref() {
            let message = format!("queue `{}` overflows back to itself", queue.id);
            findings
                .error(overflow.to.span(), message)
                .help("waiting work would go round for ever; let the last queue of the chain have no overflow");
            return;
        }
        let next = config.queues.iter().find(|queue| queue.id.get_ref() == at).and_then(|queue| queue.overflow.as_ref());
        let Some(next) = next else { return };
        at = next.to.get_ref();
    }
}

/// A warning if no agent is in the queue, or none of those who are has what it requires.
fn servable(queue: &QueueSection, config: &Config, findings: &mut Findings<'_>) {
    let people = config.agents.iter().map(|agent| (&agent.queues, &agent.skills));
    let phones = config.agent_groups.iter().map(|group| (&group.queues, &group.skills));
    let serving: Vec<&Skills> = people.chain(phones).filter(|(queues, _)| queues.contains(&queue.id)).map(|(_, skills)| skills).collect();
    let id = &queue.id;
    if serving.is_empty() {
        findings
            .warning(id.span(), format!("nobody serves queue `{id}`"))
            .label("no agent names it")
            .help(format!("add it to an agent: queues = [\"{id}\"]"));
        return;
    }
    if serving.iter().any(|skills| queue.requires.iter().all(|wanted| meets(skills, wanted))) {
        return;
    }
    let alone = queue.requires.iter().find(|wanted| !serving.iter().any(|skills| meets(skills, wanted)));
    let place = alone.map_or_else(|| id.span(), |wanted| wanted.skill.span());
    let help = match alone {
        Some(wanted) => format!("none of its agents has `{}` at level {} or better", wanted.skill, wanted.minimum),
        None => "none of its agents has all the skills it requires".to_owned(),
    };
    findings.warning(place, format!("nobody can serve queue `{id}`")).help(help);
}

fn meets(skills: &Skills, wanted: &RequirementSection) -> bool {
    skills.get(&wanted.skill).is_some_and(|level| level >= &wanted.minimum)
}
