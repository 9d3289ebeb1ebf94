//! `[callbacks]` as the desk works with it: the hours of the customers' own countries are worked out here, because asking for the rules
//! of a time zone is reading files.

use super::super::Config;
use super::super::LANGUAGES;
use super::super::check::spans;
use super::super::findings::Findings;
use super::super::words::say;
use crate::desk::callback::number::{MOBILE, ZONES};
use crate::desk::catalog::{Callbacks, Texts};
use crate::desk::hours::Hours;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

pub(super) fn resolve(config: &Config, findings: &mut Findings<'_>) -> Callbacks {
    let section = &config.callbacks;
    let polite = spans(std::slice::from_ref(&section.polite));
    let zone = |(prefix, name): &(&str, &str)| match TimeZone::get(name) {
        Ok(zone) => {
            Some(((*prefix).to_owned(), Hours::new(zone, std::array::from_fn(|_| polite.clone()), BTreeMap::new(), BTreeMap::new())))
        }
        Err(error) => {
            findings.warning(section.polite.span(), format!("time zone `{name}` cannot be read: {error}")).label("not heeded there");
            None
        }
    };
    let polite = if polite.is_empty() { Vec::new() } else { ZONES.iter().filter_map(zone).collect() };
    let mobile: Vec<String> = section.mobile.iter().map(|prefix| prefix.get_ref().clone()).collect();
    Callbacks {
        text: section.text,
        text_channel: section.text_channel.as_ref().map(super::id),
        mobile: if mobile.is_empty() { MOBILE.iter().map(|&prefix| prefix.to_owned()).collect() } else { mobile },
        text_every_ms: section.text_every.millis(),
        link_ms: section.link_valid.get_ref().millis(),
        slot_ms: section.slot.get_ref().millis(),
        tries: *section.tries.get_ref(),
        busy_retry_ms: section.busy_retry.millis(),
        no_answer_retry_ms: section.no_answer_retry.millis(),
        expire_ms: section.expire.get_ref().millis(),
        polite,
        voicemail_longest_ms: section.voicemail_longest.get_ref().millis(),
        voicemail_silence_ms: section.voicemail_silence.millis(),
        site: config.site.name.clone(),
        language: config.site.language.get_ref().clone(),
        texts: LANGUAGES.iter().map(|language| ((*language).to_owned(), texts_in(language))).collect(),
        links: None,
    }
}

fn texts_in(language: &str) -> Texts {
    let text = |name: &str| say(language, &format!("cli.callback.{name}"), &[]);
    Texts {
        missed_wait: text("missed_wait"),
        missed: text("missed"),
        missed_no_link: text("missed_no_link"),
        stopped: text("stopped"),
        resumed: text("resumed"),
        form: text("form"),
        number: text("number"),
    }
}
