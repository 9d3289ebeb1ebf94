//! A form that was answered: the answers in the reader's language, as far as the reader may see them.

use crate::desk::form::spec::{FieldKind, FieldSpec, FormSpec};
use crate::store::forms::{Answer, BESIDE_THEIRS, FROM_VIDEO, Form, FormState};
use crate::store::{StoreError, access};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::{Say, capital};
use crate::web::inbox::view::{AnswerLine, FormBox};

/// The box of a form.
pub async fn form_box(reader: &Reader, say: &Say<'_>, form: Form) -> Result<FormBox, StoreError> {
    let row = &form.form;
    let open = access::form(&reader.state.store, &reader.reach(), row.id).await?;
    let spec = reader.catalog().forms.get(&row.kind);
    let keep = match (row.gone_at, row.keep_until) {
        (Some(_), _) => say.t("desk.form.gone"),
        (None, Some(until)) => say.with("desk.form.kept", &[("time", &say.when(until))]),
        (None, None) => String::new(),
    };
    let by = row.judged_by.as_ref().map(|by| capital(&say.agent(by))).unwrap_or_default();
    let verdict = match row.state {
        FormState::Accepted => Some((say.with("desk.form.accepted", &[("by", &by)]), false)),
        FormState::Refused => {
            let reason = row.reason.clone().unwrap_or_default();
            Some((say.with("desk.form.refused", &[("by", &by), ("reason", &reason)]), true))
        }
        FormState::Sent | FormState::Answered | FormState::Expired | FormState::Withdrawn => None,
    };
    let judge = row.verdict && row.state == FormState::Answered && row.gone_at.is_none();
    Ok(FormBox {
        takes: spec.filter(|_| judge).map(|spec| takes(say, spec)).unwrap_or_default(),
        id: row.id,
        title: say.with("desk.form.answered", &[("form", &say.form(&row.kind))]),
        open,
        judge,
        verdict,
        keep,
        ticket: row.ticket,
        answers: form.answers.into_iter().map(|answer| line(say, spec, answer)).collect(),
    })
}

/// The fields that a picture of the call can answer, and what the button for each says.
pub fn takes(say: &Say, spec: &FormSpec) -> Vec<(String, String)> {
    let title = |field: &FieldSpec| say.with("desk.picture.into_case", &[("field", field.title.say(say.lang.code()))]);
    spec.fields.iter().filter(|field| field.kind == FieldKind::Photo).map(|field| (field.name.clone(), title(field))).collect()
}

fn line(say: &Say, spec: Option<&FormSpec>, answer: Answer) -> AnswerLine {
    let language = say.lang.code();
    let name = answer.field.strip_prefix(BESIDE_THEIRS).unwrap_or(&answer.field);
    let video = answer.file.is_some() && answer.value == FROM_VIDEO;
    let field = spec.and_then(|spec| spec.fields.iter().find(|field| field.name == name));
    let title = field.map_or(name, |field| field.title.say(language));
    let title = if video { say.with("desk.picture.from_video", &[("field", title)]) } else { title.to_owned() };
    let chosen = |id: &str| field.and_then(|field| field.options.iter().find(|(option, _)| option == id));
    let nothing = answer.value.is_empty() && answer.file.is_none();
    let text = match FieldKind::of(&answer.kind) {
        Some(FieldKind::File | FieldKind::Photo) => None,
        Some(FieldKind::Consent) if !nothing => Some(say.t("desk.form.agreed")),
        Some(FieldKind::Choice) => Some(chosen(&answer.value).map_or(answer.value.as_str(), |(_, title)| title.say(language)).to_owned()),
        _ => Some(answer.value.clone()),
    };
    AnswerLine { title, covered: answer.masked && answer.value.contains('•'), nothing, text, file: answer.file }
}
