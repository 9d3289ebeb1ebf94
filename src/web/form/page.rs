//! What the page of a form shows, in the customer's language.

use super::{NoForm, Opened};
use crate::desk::form::read::Wrong;
use crate::desk::form::spec::{FieldKind, FieldSpec};
use crate::desk::id::At;
use crate::store::forms::Form;
use crate::web::customer::{Lang, No, Page};
use crate::web::i18n::Locale;
use crate::web::{WebState, html};
use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What the page says.
enum Say {
    Fill,
    /// The heading that says why.
    Nothing(&'static str),
}

/// One field as it is drawn.
struct FieldView {
    name: String,
    kind: FieldKind,
    title: String,
    hint: String,
    required: bool,
    value: String,
    /// Name, words, chosen.
    options: Vec<(String, String, bool)>,
    longest: usize,
    camera: &'static str,
    /// A file that has arrived already, in words.
    kept: Option<String>,
    wrong: Option<String>,
}

/// `templates/form/show.html`
#[derive(Template)]
#[template(path = "form/show.html")]
struct FormPage {
    page: Page,
    /// Where the form goes.
    action: String,
    say: Say,
    title: String,
    intro: String,
    fields: Vec<FieldView>,
    /// Of a guided form: this step, of so many, and the one before.
    step: Option<(usize, usize)>,
    back: Option<String>,
    last: bool,
    keep: String,
    /// Something must be corrected.
    wrong: bool,
}

/// Who asks, how.
pub(super) struct Asked<'a> {
    pub token: &'a str,
    /// The language chosen on the page.
    pub language: &'a Lang,
    pub headers: &'a HeaderMap,
}

/// What was written a moment ago, and what is wrong with it.
#[derive(Default)]
pub(super) struct Tried {
    pub values: BTreeMap<String, String>,
    pub wrong: BTreeMap<String, Wrong>,
}

/// The address of the page, at a step and in a language.
pub(super) fn address(token: &str, language: Option<&str>, step: Option<usize>) -> String {
    let step = step.map(|step| format!("step={step}"));
    let language = language.map(|language| format!("lang={language}"));
    let query: Vec<String> = language.into_iter().chain(step).collect();
    if query.is_empty() { format!("/form/{token}") } else { format!("/form/{token}?{}", query.join("&")) }
}

/// The step of a guided form that is shown: the one asked for, but never past the first that is not answered.
pub(super) fn step_of(opened: &Opened, asked: Option<usize>) -> Option<usize> {
    let answered = |field: &FieldSpec| opened.form.answers.iter().any(|answer| answer.field == field.name);
    let fields = &opened.spec.fields;
    let first = fields.iter().position(|field| !answered(field)).unwrap_or(fields.len().saturating_sub(1));
    opened.spec.guided.then(|| asked.map_or(first, |step| step.min(first)))
}

/// The page for whatever a link has opened.
pub(super) fn draw(state: &WebState, asked: &Asked, found: Result<(&Opened, Option<usize>, &Tried), NoForm>) -> Response {
    let step = found.as_ref().ok().and_then(|(_, step, _)| *step);
    let head = Page::new(state, asked.headers, asked.language, None);
    let mut page = FormPage {
        page: head.in_each(state, |code| address(asked.token, Some(code), step)),
        action: address(asked.token, asked.language.get(), None),
        say: Say::Fill,
        title: String::new(),
        intro: String::new(),
        fields: Vec::new(),
        step: None,
        back: None,
        last: true,
        keep: String::new(),
        wrong: false,
    };
    let status = match found {
        Ok((opened, step, tried)) => {
            let loaded = state.config.load();
            let zone = TimeZone::get(loaded.config.site.timezone.as_ref()).unwrap_or(TimeZone::UTC);
            fill(&mut page, asked, opened, step, tried, (state.clock.now(), &zone));
            if page.wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
        }
        Err(none) => {
            let (key, status) = match none {
                NoForm::Done => ("form.done", StatusCode::OK),
                NoForm::No(No::Busy) => ("form.busy", No::Busy.status()),
                NoForm::No(no) => (no.key("form.gone"), no.status()),
            };
            page.say = Say::Nothing(key);
            status
        }
    };
    (status, html(&page)).into_response()
}

fn fill(page: &mut FormPage, asked: &Asked, opened: &Opened, step: Option<usize>, tried: &Tried, (now, zone): (At, &TimeZone)) {
    let language = page.page.locale.code().to_owned();
    let spec = &opened.spec;
    page.title = spec.title.say(&language).to_owned();
    page.intro = if step.unwrap_or(0) == 0 { spec.intro.say(&language).to_owned() } else { String::new() };
    page.keep = page.page.locale.t1("form.keep", "day", page.page.locale.day(now.after(spec.keep_ms), now, zone));
    page.wrong = !tried.wrong.is_empty();
    let shown: Vec<&FieldSpec> = match step {
        Some(step) => spec.fields.iter().skip(step).take(1).collect(),
        None => spec.fields.iter().collect(),
    };
    page.fields = shown.into_iter().map(|field| view(&page.page.locale, field, &opened.form, tried)).collect();
    page.step = step.map(|step| (step + 1, spec.fields.len()));
    page.back = step.filter(|step| *step > 0).map(|step| address(asked.token, asked.language.get(), Some(step - 1)));
    page.last = step.is_none_or(|step| step + 1 == spec.fields.len());
}

fn view(locale: &Locale, field: &FieldSpec, form: &Form, tried: &Tried) -> FieldView {
    let answer = form.answers.iter().find(|answer| answer.field == field.name);
    let before = answer.map(|answer| answer.value.clone()).unwrap_or_default();
    let value = tried.values.get(&field.name).cloned().unwrap_or(before);
    let options = field.options.iter().map(|(id, title)| (id.clone(), title.say(locale.code()).to_owned(), *id == value));
    FieldView {
        name: field.name.clone(),
        kind: field.kind,
        title: field.title.say(locale.code()).to_owned(),
        hint: field.hint.say(locale.code()).to_owned(),
        required: field.required,
        options: options.collect(),
        longest: field.longest,
        camera: field.camera,
        kept: answer.and_then(|answer| answer.file.as_ref()).map(|file| format!("{} · {}", file.name, locale.bytes(file.bytes))),
        wrong: tried.wrong.get(&field.name).map(|wrong| sentence(locale, field, *wrong)),
        value,
    }
}

fn sentence(locale: &Locale, field: &FieldSpec, wrong: Wrong) -> String {
    match wrong {
        Wrong::TooLong => locale.t1(wrong.key(), "n", field.longest),
        Wrong::TooLarge => locale.t1(wrong.key(), "n", super::LARGEST / 1024 / 1024),
        Wrong::OutOfRange => {
            let bound = |bound: Option<i64>| bound.map_or_else(|| "…".to_owned(), |bound| bound.to_string());
            locale.t2(wrong.key(), "low", bound(field.lowest), "high", bound(field.highest))
        }
        _ => locale.t(wrong.key()).to_owned(),
    }
}
