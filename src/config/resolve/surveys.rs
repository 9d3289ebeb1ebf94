//! `[[surveys]]` as the desk works with them, and the one of windows that only have `rating = true`.

use super::id;
use crate::config::words::say;
use crate::config::{Config, LANGUAGES};
use crate::desk::config::{CallWay, LowSection, PRIORITIES, SurveySection, Texts};
use crate::desk::id::{ChannelId, SurveyName};
use crate::desk::survey::{LowSpec, LowTicket, RATING, Scale, SurveySpec, SurveyTexts};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn resolve(config: &Config) -> Vec<SurveySpec> {
    config.surveys.iter().map(survey).chain(rating(config)).collect()
}

fn survey(section: &SurveySection) -> SurveySpec {
    let scale = Scale::of(section.kind.get_ref()).unwrap_or_default();
    SurveySpec {
        id: id(&section.id),
        scale,
        automatic: section.automatic,
        once_ms: section.once.millis(),
        channels: section.channels.iter().map(id).collect(),
        queues: section.queues.iter().map(id).collect(),
        share: *section.share.get_ref(),
        after_ms: section.after.millis(),
        open_ms: section.answer_within.get_ref().millis(),
        talked_ms: section.talked.millis(),
        keys: section.calls.contains(&CallWay::Keys),
        link: section.calls.contains(&CallWay::Link),
        prompt: section.prompt.as_ref().map_or_else(|| prompt(scale), |prompt| prompt.get_ref().clone()),
        comment: section.comment,
        low: section.low.as_ref().map(|section| low(section, scale)),
        template: section.template.as_ref().map(|name| name.get_ref().clone()),
        texts: texts(scale, section.question.as_ref(), section.thanks.as_ref()),
    }
}

/// Windows ask after each chat, where no survey of the house's own does.
fn rating(config: &Config) -> Option<SurveySpec> {
    let channels: Vec<ChannelId> = config.channels.iter().filter(|channel| channel.rating).map(|channel| id(&channel.id)).collect();
    let scale = Scale::Csat;
    (!channels.is_empty()).then(|| SurveySpec {
        id: SurveyName::from(RATING),
        scale,
        automatic: true,
        once_ms: 0,
        channels: channels.into_iter().collect(),
        queues: Default::default(),
        share: 100,
        after_ms: 0,
        open_ms: 24 * 3_600_000,
        talked_ms: 0,
        keys: false,
        link: false,
        prompt: prompt(scale),
        comment: true,
        low: None,
        template: None,
        texts: texts(scale, None, None),
    })
}

fn prompt(scale: Scale) -> String {
    match scale {
        Scale::Csat => "survey",
        Scale::Nps => "survey-nps",
    }
    .to_owned()
}

fn low(section: &LowSection, scale: Scale) -> LowSpec {
    let usual = match scale {
        Scale::Csat => 2,
        Scale::Nps => 6,
    };
    let priority = |name: &crate::config::value::Name| {
        let place = PRIORITIES.iter().position(|word| word == name.get_ref())?;
        u8::try_from(place + 1).ok()
    };
    LowSpec {
        upto: section.upto.as_ref().map_or(usual, |upto| *upto.get_ref()),
        ticket: section.ticket.as_ref().map(|ticket| LowTicket {
            kind: ticket.kind.as_ref().map(id),
            department: ticket.department.as_ref().map(id),
            priority: ticket.priority.as_ref().and_then(priority),
        }),
    }
}

fn texts(scale: Scale, question: Option<&Spanned<Texts>>, thanks: Option<&Spanned<Texts>>) -> BTreeMap<String, SurveyTexts> {
    let own = |texts: Option<&Spanned<Texts>>, language: &str| {
        let texts = &texts?.get_ref().0;
        texts.get(language).or_else(|| texts.get("")).or_else(|| texts.values().next()).cloned()
    };
    let one = |language: &str| {
        let text = |name: &str| say(language, &format!("cli.survey.{name}"), &[]);
        let of = |name: &str| text(&format!("{name}_{}", scale.word()));
        SurveyTexts {
            question: own(question, language).unwrap_or_else(|| of("question")),
            thanks: own(thanks, language).unwrap_or_else(|| text("thanks")),
            message: of("message"),
            message_plain: of("message_plain"),
            more: text("more"),
            subject: text("subject"),
            letter: text("letter"),
            worst: of("worst"),
            best: of("best"),
            low: text("low"),
        }
    };
    LANGUAGES.iter().map(|language| ((*language).to_owned(), one(language))).collect()
}
