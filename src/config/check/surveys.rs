//! Surveys: names that lead somewhere, and scores that the scale has.

use super::forms::texts;
use super::{Names, within};
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Period;
use crate::desk::config::{PRIORITIES, SurveySection};
use crate::desk::survey::{CALLS, RATING, Scale};

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    findings.declare("survey", "[[surveys]]", config.surveys.iter().map(|survey| &survey.id));
    for channel in config.channels.iter().filter(|channel| channel.id.get_ref() == CALLS) {
        findings.error(channel.id.span(), "`calls` is the telephone: no channel has that name");
    }
    for survey in &config.surveys {
        self::survey(survey, names, findings);
    }
}

fn survey(survey: &SurveySection, names: &Names, findings: &mut Findings<'_>) {
    if survey.id.get_ref() == RATING {
        findings.error(survey.id.span(), "`rating` is the survey of windows that have `rating = true`");
    }
    findings.word("kind of survey", &survey.kind, &[Scale::Csat.word(), Scale::Nps.word()]);
    [&survey.question, &survey.thanks].into_iter().flatten().for_each(|written| texts(written, findings));
    for channel in survey.channels.iter().filter(|channel| channel.get_ref() != CALLS) {
        findings.refer(channel, &names.channels);
    }
    survey.queues.iter().for_each(|queue| _ = findings.refer(queue, &names.queues));
    within("`share`", &survey.share, 1..=100, findings);
    if survey.answer_within.get_ref() < &Period::from_secs(3_600) {
        findings.error(survey.answer_within.span(), "`answer_within` must be at least 1h");
    }
    survey.prompt.iter().for_each(|prompt| _ = findings.refer(prompt, &names.prompts));
    let Some(low) = &survey.low else { return };
    let scale = Scale::of(survey.kind.get_ref()).unwrap_or_default();
    if let Some(upto) = &low.upto {
        within("`upto`", upto, *scale.range().start()..=scale.best().saturating_sub(1), findings);
    }
    if let Some(ticket) = &low.ticket {
        ticket.kind.iter().for_each(|kind| _ = findings.refer(kind, &names.ticket_kinds));
        ticket.department.iter().for_each(|department| _ = findings.refer(department, &names.departments));
        ticket.priority.iter().for_each(|priority| _ = findings.word("priority", priority, &PRIORITIES));
    }
}
