//! Overlays, supervision, the wallboard and the knowledge base: what they name must be there, and an overlay must change something.

use super::{Names, targets, within};
use crate::config::Config;
use crate::config::findings::{Declared, Findings};
use crate::config::value::{Name, Period};
use crate::desk::config::QueueOverlaySection;
use crate::desk::ivr::Target;
use toml::Spanned;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    // The same number may stand there once for each trunk.
    let places = config.lines.iter().map(|line| (line.number.get_ref().clone(), line.number.span())).collect();
    let lines = Declared { kind: "line", how: "[[lines]] number = \"…\"".to_owned(), places };
    for (name, overlay) in &config.overlays {
        if overlay.queues.is_empty() && overlay.lines.is_empty() && overlay.channels.is_empty() {
            findings.warning(name.span(), format!("overlay `{name}` changes nothing")).help("add [overlays.NAME.queues.QUEUE]");
        }
        for (number, to) in &overlay.lines {
            findings.refer(number, &lines);
            place(to, names, findings);
        }
        for (channel, to) in &overlay.channels {
            findings.refer(channel, &names.channels);
            place(to, names, findings);
        }
        for (queue, change) in &overlay.queues {
            findings.refer(queue, &names.queues);
            self::queue(queue, change, names, findings);
        }
    }
    findings.refer(&config.supervision.prompt, &names.prompts);
    let board = &config.wallboard;
    within("`target`", &board.target, 1..=100, findings);
    within("`solved_target`", &board.solved_target, 1..=100, findings);
    within("`repeats_limit`", &board.repeats_limit, 0..=100, findings);
    within("`context_target`", &board.context_target, 1..=100, findings);
    within("`csat_target`", &board.csat_target, 1.0..=5.0, findings);
    for period in [&board.voice_within, &board.text_within, &board.long_wait, &board.long_call, &board.long_break] {
        too_short(period, findings);
    }
    let knowledge = &config.knowledge;
    if knowledge.remind_before.get_ref() > &Period::from_secs(366 * 86_400) {
        findings.error(knowledge.remind_before.span(), "`remind_before` is at most 366d");
    }
    if let Some(title) = &knowledge.title
        && !(1..=80).contains(&title.get_ref().trim().chars().count())
    {
        findings.error(title.span(), "the help centre's `title` has 1 to 80 characters");
    }
}

fn place(to: &Name, names: &Names, findings: &mut Findings<'_>) {
    match Target::read(to.get_ref()) {
        Target::Voicemail | Target::Callback | Target::Outside(_) | Target::HangUp => {
            findings.error(to.span(), format!("`{to}` is not a target")).help("an overlay leads to queue:ID or flow:ID");
        }
        Target::Queue(_) | Target::Flow(_) | Target::Node(_) => targets::target(to, None, names, findings),
    }
}

fn queue(queue: &Name, change: &QueueOverlaySection, names: &Names, findings: &mut Findings<'_>) {
    for agent in change.add_agents.iter().chain(&change.remove_agents) {
        findings.refer(agent, &names.agents);
    }
    for agent in change.add_agents.iter().filter(|agent| change.remove_agents.contains(agent)) {
        findings.error(agent.span(), format!("`{agent}` is both added to queue `{queue}` and removed from it"));
    }
    for prompt in [&change.greeting, &change.music, &change.closed_prompt].into_iter().flatten() {
        findings.refer(prompt, &names.prompts);
    }
    if let Some(hours) = &change.hours {
        findings.refer(hours, &names.hours);
    }
    if let Some(overflow) = change.overflow.as_ref().filter(|overflow| findings.refer(&overflow.to, &names.queues))
        && overflow.to == *queue
    {
        findings.error(overflow.to.span(), format!("queue `{queue}` overflows back to itself"));
    }
}

fn too_short(period: &Spanned<Period>, findings: &mut Findings<'_>) {
    if period.get_ref() < &Period::from_secs(1) {
        findings.error(period.span(), "the wallboard counts in seconds: at least 1s");
    }
}
