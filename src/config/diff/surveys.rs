//! Surveys.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::desk::config::{LowSection, SurveySection, Texts};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (named(&old.surveys), named(&new.surveys));
    for (id, before, after) in changes.ids("survey", ("survey_added", "survey_removed"), before, after) {
        survey(&format!("survey.{id}"), before, after, changes);
    }
}

fn named(surveys: &[SurveySection]) -> BTreeMap<String, &SurveySection> {
    surveys.iter().map(|survey| (survey.id.get_ref().clone(), survey)).collect()
}

fn survey(subject: &str, before: &SurveySection, after: &SurveySection, changes: &mut Changes) {
    let said = |texts: &Option<Spanned<Texts>>| list(texts.iter().flat_map(|texts| texts.get_ref().0.values()));
    let low = |low: &Option<LowSection>| {
        let Some(low) = low else { return String::new() };
        let upto = low.upto.as_ref().map(|upto| upto.get_ref().to_string());
        let ticket = low.ticket.iter().flat_map(|ticket| [&ticket.kind, &ticket.department, &ticket.priority]);
        list(upto.into_iter().chain(ticket.flatten().map(ToString::to_string)))
    };
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("kind", before.kind.to_string(), after.kind.to_string());
    one("question", said(&before.question), said(&after.question));
    one("thanks", said(&before.thanks), said(&after.thanks));
    one("automatic", before.automatic.to_string(), after.automatic.to_string());
    one("once", before.once.to_string(), after.once.to_string());
    one("channels", list(&before.channels), list(&after.channels));
    one("queues", list(&before.queues), list(&after.queues));
    one("share", before.share.get_ref().to_string(), after.share.get_ref().to_string());
    one("after", before.after.to_string(), after.after.to_string());
    one("answer_within", before.answer_within.get_ref().to_string(), after.answer_within.get_ref().to_string());
    one("talked", before.talked.to_string(), after.talked.to_string());
    one("calls", list(&before.calls), list(&after.calls));
    one("prompt", shown(before.prompt.as_ref()), shown(after.prompt.as_ref()));
    one("comment", before.comment.to_string(), after.comment.to_string());
    one("template", shown(before.template.as_ref()), shown(after.template.as_ref()));
    one("low", low(&before.low), low(&after.low));
}
