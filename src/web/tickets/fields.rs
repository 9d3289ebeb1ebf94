//! The fields of a kind of ticket, as forms show them.

use super::phrase::kind_spec;
use crate::desk::form::spec::{FieldKind, FieldSpec};
use crate::desk::id::TicketKind;
use crate::web::inbox::say::Say;
use std::collections::BTreeMap;

/// One field with its value.
pub struct FieldView {
    pub name: String,
    pub title: String,
    pub hint: String,
    pub required: bool,
    pub value: String,
    pub longest: usize,
    /// `text`, `area`, `number`, `date`, `email`, `phone` or `choice`.
    pub kind: &'static str,
    pub options: Vec<(String, String, bool)>,
}

pub fn fields(say: &Say, kind: Option<&TicketKind>, values: &BTreeMap<String, String>) -> Vec<FieldView> {
    let spec = kind_spec(say, kind);
    spec.into_iter().flat_map(|spec| &spec.fields).map(|field| view(say, field, values)).collect()
}

fn view(say: &Say, field: &FieldSpec, values: &BTreeMap<String, String>) -> FieldView {
    let value = values.get(&field.name).cloned().unwrap_or_default();
    let words = |titles: &crate::desk::form::spec::Titles| titles.say(say.lang.code()).to_owned();
    FieldView {
        name: field.name.clone(),
        title: words(&field.title),
        hint: words(&field.hint),
        required: field.required,
        longest: field.longest,
        kind: match field.kind {
            FieldKind::Text if field.longest > 200 => "area",
            FieldKind::Number => "number",
            FieldKind::Choice => "choice",
            FieldKind::Date => "date",
            FieldKind::Email => "email",
            FieldKind::Phone => "phone",
            FieldKind::Text | FieldKind::Consent | FieldKind::File | FieldKind::Photo => "text",
        },
        options: field.options.iter().map(|(id, title)| (id.clone(), words(title), *id == value)).collect(),
        value,
    }
}
