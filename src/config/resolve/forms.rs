//! `[forms.NAME]` as the desk and the pages work with them.

use super::id;
use crate::config::words::say;
use crate::config::{Config, LANGUAGES};
use crate::desk::config::{FieldSection, FormSection, Texts};
use crate::desk::form::spec::*;
use crate::desk::id::FormKind;
use std::collections::BTreeMap;
use toml::Spanned;

/// Longest text unless the field says otherwise, characters.
const LONGEST: usize = 500;
const DAY_MS: i64 = 24 * 3_600_000;

pub(super) fn resolve(config: &Config) -> BTreeMap<FormKind, FormSpec> {
    let mut forms: BTreeMap<FormKind, FormSpec> = config.forms.iter().map(|(name, section)| (id(name), form(id(name), section))).collect();
    // A chat goes on by telephone in every house, also where nobody has declared how to ask for the number.
    if !forms.values().any(|form| form.calls) {
        let number = number();
        forms.entry(number.kind.clone()).or_insert(number);
    }
    forms
}

fn form(kind: FormKind, section: &FormSection) -> FormSpec {
    FormSpec {
        kind,
        title: titles(&section.title),
        intro: maybe(section.intro.as_ref()),
        expires_ms: section.expires.get_ref().millis(),
        keep_ms: section.keep.get_ref().millis(),
        guided: section.guided,
        verdict: *section.verdict.get_ref(),
        calls: *section.calls.get_ref(),
        fields: section.fields.iter().map(field).collect(),
    }
}

pub(super) fn field(section: &FieldSection) -> FieldSpec {
    FieldSpec {
        name: section.name.get_ref().clone(),
        // An unknown kind has been reported, and the file is refused.
        kind: FieldKind::of(section.kind.get_ref()).unwrap_or(FieldKind::Text),
        title: titles(&section.title),
        hint: maybe(section.hint.as_ref()),
        required: section.required,
        masked: *section.masked.get_ref(),
        options: section.options.iter().map(|option| (option.id.get_ref().clone(), titles(&option.title))).collect(),
        longest: section.longest.as_ref().map_or(LONGEST, |longest| *longest.get_ref()).min(LONGEST_TEXT),
        lowest: section.lowest.as_ref().map(|lowest| *lowest.get_ref()),
        highest: section.highest.as_ref().map(|highest| *highest.get_ref()),
        camera: if section.camera.as_ref().is_some_and(|camera| camera.get_ref() == "front") { "user" } else { "environment" },
    }
}

pub(super) fn titles(texts: &Spanned<Texts>) -> Titles {
    Titles(texts.get_ref().0.clone())
}

fn maybe(texts: Option<&Spanned<Texts>>) -> Titles {
    texts.map(titles).unwrap_or_default()
}

/// Asks for a number to call.
fn number() -> FormSpec {
    let titles = |key: &str| {
        Titles(LANGUAGES.iter().map(|language| ((*language).to_owned(), say(language, &format!("cli.callback.{key}"), &[]))).collect())
    };
    FormSpec {
        kind: FormKind::from("call-me"),
        title: titles("call_me"),
        intro: titles("call_me_intro"),
        expires_ms: DAY_MS,
        keep_ms: 90 * DAY_MS,
        guided: false,
        verdict: false,
        calls: true,
        fields: vec![FieldSpec {
            name: "number".into(),
            kind: FieldKind::Phone,
            title: titles("call_me_number"),
            hint: Titles::default(),
            required: true,
            masked: false,
            options: Vec::new(),
            longest: 40,
            lowest: None,
            highest: None,
            camera: "environment",
        }],
    }
}
