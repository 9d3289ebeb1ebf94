//! `POST /form/{token}`: what a customer has written and pictured. Each answer is checked here and kept; when nothing is missing any more the
//! desk is told. Nothing is believed: names of fields, types of files and lengths are the form's own.

use super::page::{Asked, Tried, address, draw, step_of};
use super::show::Where;
use super::{LARGEST, Opened, opened};
use crate::desk::form::read::{Wrong, value};
use crate::desk::form::spec::{FieldKind, FieldSpec};
use crate::desk::id::FormId;
use crate::desk::input::{FormUse, Input};
use crate::desk::refusal::Refusal;
use crate::store::files::kind::by_content;
use crate::store::forms::{self, Kept};
use crate::store::{StoreError, files};
use crate::web::WebState;
use crate::web::client::ClientIp;
use crate::web::customer::{Limit, No};
use crate::web::files::upload::file_name;
use axum::Extension;
use axum::extract::{Multipart, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use http::HeaderMap;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Files that one form takes, also those that were taken again: what was replaced lies there until the next removal.
const FILES: u32 = 30;
/// Forms remembered for that; past it all begin anew.
const MOST: usize = 4_096;
/// Requests with pictures in memory at once, of all customers.
const AT_ONCE: usize = 8;
/// A request takes no longer than this, however slow the line: its place is wanted.
const WITHIN: Duration = Duration::from_secs(120);
/// Longest text of one field as it comes, bytes; what fits a field is counted in characters.
const LONGEST: usize = 16 * 1024;
/// The field that names the step.
const STEP: &str = "step";

const PHOTOS: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
const OTHERS: [&str; 3] = ["image/gif", "application/pdf", "text/plain"];

/// Bounds on what customers send.
#[derive(Clone)]
pub struct Uploads {
    taken: Arc<Mutex<HashMap<FormId, u32>>>,
    places: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads { taken: Arc::default(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Uploads {
    fn allows(&self, form: FormId) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= MOST && !taken.contains_key(&form) {
            taken.clear();
        }
        let count = taken.entry(form).or_default();
        *count += 1;
        *count <= FILES
    }
}

/// What came of one field.
#[derive(Default)]
struct Written {
    text: String,
    file: Option<(String, Bytes)>,
}

pub async fn fill(
    State(state): State<WebState>,
    (Extension(limit), Extension(uploads)): (Extension<Limit>, Extension<Uploads>),
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let asked = Asked { token: &token, language: &place.lang, headers: &headers };
    let busy = || draw(&state, &asked, Err(No::Busy.into()));
    let opened = match opened(&state, &limit, from, &token).await {
        Ok(opened) => opened,
        Err(why) => return draw(&state, &asked, Err(why)),
    };
    let Ok(_place) = uploads.places.try_acquire() else { return busy() };
    let written = match tokio::time::timeout(WITHIN, read(form, &opened.spec.fields)).await {
        Ok(Some(written)) => written,
        // Cut off, too large, or no form at all: it is written again.
        Ok(None) | Err(_) => return busy(),
    };
    let asked_step = written.get(STEP).and_then(|step| step.text.parse().ok());
    let step = step_of(&opened, asked_step);
    let (kept, tried) = match keep(&state, &uploads, &opened, step, written).await {
        Ok(done) => done,
        Err(error) => {
            tracing::error!(form = %opened.id, %error, "answers of a form could not be kept");
            return busy();
        }
    };
    if !tried.wrong.is_empty() {
        return draw(&state, &asked, Ok((&opened, step, &tried)));
    }
    if let Some(step) = step.filter(|step| step + 1 < opened.spec.fields.len()) {
        return Redirect::to(&address(&token, place.lang.get(), Some(step + 1))).into_response();
    }
    if let Some(missing) = missing(&opened, &kept) {
        return Redirect::to(&address(&token, place.lang.get(), Some(missing))).into_response();
    }
    match state.switchboard.ask(Input::Form(opened.id, FormUse::Answered { number: number(&opened, &kept) })).await {
        // Whether it is done now or was before, the page says it.
        Ok(_) | Err(Refusal::Gone) => Redirect::to(&address(&token, place.lang.get(), None)).into_response(),
        Err(_) => busy(),
    }
}

/// The parts that are fields of this form. `None`: the body cannot be read.
async fn read(mut form: Multipart, fields: &[FieldSpec]) -> Option<BTreeMap<String, Written>> {
    let mut written = BTreeMap::new();
    while let Some(part) = form.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        let field = fields.iter().find(|field| field.name == name);
        if (field.is_none() && name != STEP) || written.contains_key(&name) {
            continue;
        }
        let file = part.file_name().map(file_name);
        let bytes = part.bytes().await.ok()?;
        let entry = if field.is_some_and(|field| field.kind.is_file()) {
            Written { text: String::new(), file: (!bytes.is_empty()).then(|| (file.unwrap_or_else(|| "file".into()), bytes)) }
        } else {
            let text = bytes.get(..bytes.len().min(LONGEST)).unwrap_or_default();
            Written { text: String::from_utf8_lossy(text).replace("\r\n", "\n"), file: None }
        };
        written.insert(name, entry);
    }
    Some(written)
}

/// Checks what was asked for and keeps what is good: all that the form has by then, and what is wrong.
async fn keep(
    state: &WebState,
    uploads: &Uploads,
    opened: &Opened,
    step: Option<usize>,
    mut written: BTreeMap<String, Written>,
) -> Result<(BTreeMap<String, String>, Tried), StoreError> {
    let numbering = state.config.load().catalog.dial.numbering.clone();
    let mut all: BTreeMap<String, String> = opened.form.answers.iter().map(|a| (a.field.clone(), a.value.clone())).collect();
    let (mut good, mut tried) = (Vec::new(), Tried::default());
    for (place, field) in (0u32..).zip(&opened.spec.fields) {
        if step.is_some_and(|step| step != place as usize) {
            continue;
        }
        let part = written.remove(&field.name).unwrap_or_default();
        let kept =
            |value: String, file| Kept { field: field.name.clone(), place, kind: field.kind.word(), masked: field.masked, value, file };
        let read = if field.kind.is_file() {
            match checked(opened, field, part.file) {
                Ok(None) => Ok(None),
                Ok(Some(_)) if !uploads.allows(opened.id) => Err(Wrong::TooManyFiles),
                Ok(Some((name, mime, bytes))) => {
                    let by = format!("form/{}", opened.id);
                    let file = files::create(&state.store, &name, mime, bytes.to_vec(), &by, state.clock.now()).await?;
                    Ok(Some(kept(String::new(), Some(file.id))))
                }
                Err(wrong) => Err(wrong),
            }
        } else {
            tried.values.insert(field.name.clone(), part.text.clone());
            value(field, &part.text, &numbering).map(|value| Some(kept(value, None)))
        };
        match read {
            Ok(answer) => good.extend(answer),
            Err(wrong) => _ = tried.wrong.insert(field.name.clone(), wrong),
        }
    }
    all.extend(good.iter().map(|kept| (kept.field.clone(), kept.value.clone())));
    forms::keep(&state.store, opened.id, good, state.clock.now()).await?;
    Ok((all, tried))
}

/// A file by what it is, whatever it is called. `None`: none came, and none is needed (any more).
fn checked(opened: &Opened, field: &FieldSpec, file: Option<(String, Bytes)>) -> Result<Option<(String, &'static str, Bytes)>, Wrong> {
    let Some((name, bytes)) = file else {
        let before = opened.form.answers.iter().any(|answer| answer.field == field.name && answer.file.is_some());
        return if field.required && !before { Err(Wrong::Missing) } else { Ok(None) };
    };
    if bytes.len() > LARGEST {
        return Err(Wrong::TooLarge);
    }
    let mime = by_content(&bytes);
    let fits = PHOTOS.contains(&mime) || field.kind == FieldKind::File && OTHERS.contains(&mime);
    match (fits, field.kind) {
        (true, _) => Ok(Some((name, mime, bytes))),
        (false, FieldKind::Photo) => Err(Wrong::NotAPicture),
        (false, _) => Err(Wrong::NotAFile),
    }
}

/// The first field that must be answered and is not.
fn missing(opened: &Opened, kept: &BTreeMap<String, String>) -> Option<usize> {
    opened.spec.fields.iter().position(|field| {
        let nothing = kept.get(&field.name).is_none_or(|value| value.is_empty() && !field.kind.is_file());
        field.required && nothing
    })
}

/// Where the customer wants to be called.
fn number(opened: &Opened, kept: &BTreeMap<String, String>) -> Option<String> {
    let field = opened.spec.fields.iter().find(|field| field.kind == FieldKind::Phone && field.required)?;
    kept.get(&field.name).filter(|number| !number.is_empty() && opened.spec.calls).cloned()
}
