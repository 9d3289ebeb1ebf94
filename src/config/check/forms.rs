//! Forms: every field has a kind and what the kind needs, and a form that leads to more asks for it.

use super::within;
use crate::config::findings::Findings;
use crate::config::value::{Name, Period};
use crate::config::{Config, LANGUAGES};
use crate::desk::config::{FieldSection, FormSection, Texts};
use crate::desk::form::spec::{FieldKind, LONGEST_TEXT, MOST_FIELDS};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    findings.declare("form", "[forms.NAME]", config.forms.keys());
    for (name, form) in &config.forms {
        texts(&form.title, findings);
        form.intro.iter().for_each(|intro| texts(intro, findings));
        bounds("`expires`", &form.expires, Period::from_secs(60), findings);
        bounds("`keep`", &form.keep, Period::from_secs(3_600), findings);
        if form.fields.is_empty() || form.fields.len() > MOST_FIELDS {
            findings.error(name.span(), format!("form `{name}` has {} fields, but must have 1 to {MOST_FIELDS}", form.fields.len()));
        }
        fields(&form.fields, findings);
        leads_on(name, form, findings);
    }
}

/// The questions of a form, or of a ticket.
pub(super) fn fields(fields: &[FieldSection], findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for field in fields {
        if let Some(first) = seen.get(field.name.get_ref().as_str()) {
            let line = findings.line_of(first);
            findings
                .error(field.name.span(), format!("field `{}` is declared twice", field.name))
                .label(format!("first declared on line {line}"));
        }
        seen.insert(field.name.get_ref(), field.name.span());
        self::field(field, findings);
    }
}

/// What a form is for beyond its answers.
fn leads_on(name: &Name, form: &FormSection, findings: &mut Findings<'_>) {
    let kind = |field: &FieldSection| FieldKind::of(field.kind.get_ref());
    if *form.calls.get_ref() && form.fields.iter().filter(|field| field.required && kind(field) == Some(FieldKind::Phone)).count() != 1 {
        findings
            .error(form.calls.span(), format!("form `{name}` does not say which number is called"))
            .help("it needs one required field of kind = \"phone\"");
    }
    let consents = form.fields.first().is_some_and(|field| field.required && kind(field) == Some(FieldKind::Consent));
    if *form.verdict.get_ref() && !consents {
        findings
            .error(form.verdict.span(), format!("form `{name}` takes what is judged without asking first"))
            .help("its first field must be a required one of kind = \"consent\"");
    }
}

fn field(field: &FieldSection, findings: &mut Findings<'_>) {
    well_named(&field.name, findings);
    texts(&field.title, findings);
    field.hint.iter().for_each(|hint| texts(hint, findings));
    if !findings.word("kind of field", &field.kind, &FieldKind::WORDS) {
        return;
    }
    let Some(kind) = FieldKind::of(field.kind.get_ref()) else { return };
    let mut only = |key: &str, written: Option<Range<usize>>, of: &[FieldKind]| {
        if let Some(span) = written.filter(|_| !of.contains(&kind)) {
            findings.error(span, format!("a field of kind `{}` has no `{key}`", kind.word()));
        }
    };
    only("options", field.options.first().map(|option| option.id.span()), &[FieldKind::Choice]);
    only("longest", field.longest.as_ref().map(Spanned::span), &[FieldKind::Text]);
    only("lowest", field.lowest.as_ref().map(Spanned::span), &[FieldKind::Number]);
    only("highest", field.highest.as_ref().map(Spanned::span), &[FieldKind::Number]);
    only("camera", field.camera.as_ref().map(Spanned::span), &[FieldKind::Photo]);
    let plain = [FieldKind::Text, FieldKind::Number, FieldKind::Date, FieldKind::Email, FieldKind::Phone];
    only("masked", field.masked.get_ref().then(|| field.masked.span()), &plain);
    if kind == FieldKind::Choice && field.options.is_empty() {
        findings.error(field.kind.span(), "there is nothing to choose from").help("options = [{ id = \"a\", title = \"…\" }]");
    }
    for option in &field.options {
        well_named(&option.id, findings);
        texts(&option.title, findings);
    }
    field.longest.iter().for_each(|longest| within("`longest`", longest, 1..=LONGEST_TEXT, findings));
    field.camera.iter().for_each(|camera| _ = findings.word("camera", camera, &["back", "front"]));
    if let (Some(lowest), Some(highest)) = (&field.lowest, &field.highest)
        && lowest.get_ref() > highest.get_ref()
    {
        findings.error(highest.span(), "the highest number is below the lowest");
    }
}

/// Names of fields stand in tables and in the page.
fn well_named(name: &Name, findings: &mut Findings<'_>) {
    let text = name.get_ref();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if text.is_empty() || text.len() > 64 || !plain || !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        findings
            .error(name.span(), format!("`{text}` cannot be the name of a field"))
            .help("a name has 1 to 64 letters, digits, `_` or `-`, and begins with a letter");
    }
}

pub(super) fn texts(texts: &Spanned<Texts>, findings: &mut Findings<'_>) {
    let written = &texts.get_ref().0;
    if written.is_empty() || written.values().any(|text| text.trim().is_empty()) {
        findings.error(texts.span(), "there is nothing to read").help("write a text, or { en = \"…\", zh-CN = \"…\" }");
    }
    if let Some(tag) = written.keys().find(|tag| !tag.is_empty() && !LANGUAGES.contains(&tag.as_str())) {
        findings.error(texts.span(), format!("unknown language `{tag}`")).help("known: `en`, `zh-CN`");
    }
}

fn bounds(what: &str, value: &Spanned<Period>, least: Period, findings: &mut Findings<'_>) {
    if value.get_ref() < &least {
        findings.error(value.span(), format!("{what} must be at least {least}"));
    }
}
