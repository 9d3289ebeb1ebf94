//! `GET /canned`, and with `?edit=<id>` the same with that reply in the form.

use crate::auth::Agent;
use crate::store::canned::{self, CannedForm, CannedRow};
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// `templates/canned/list.html`
#[derive(Template)]
#[template(path = "canned/list.html")]
pub struct CannedPage {
    pub page: Page,
    pub frame: Frame,
    pub replies: Vec<CannedRow>,
    pub form: CannedForm,
    /// The reply in the form; `None` for a new one.
    pub edit: Option<i64>,
    pub note: Option<Note>,
}

impl CannedPage {
    /// Whether this reply is the one in the form.
    fn edits(&self, reply: &CannedRow) -> bool {
        self.edit == Some(reply.id)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    edit: Option<i64>,
    done: String,
}

pub async fn list(State(state): State<WebState>, Agent(me): Agent, page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let replies = canned::list(&state.store).await?;
    let edit = asked.edit.and_then(|id| replies.iter().find(|r| r.id == id));
    let form = edit.map_or_else(
        || CannedForm { shortcut: String::new(), title: String::new(), text: String::new(), language: String::new() },
        |r| CannedForm { shortcut: r.shortcut.clone(), title: r.title.clone(), text: r.text.clone(), language: r.language.clone() },
    );
    let note = match asked.done.as_str() {
        "saved" => Note::ok(page.t("canned.saved")),
        "deleted" => Note::ok(page.t("canned.deleted")),
        _ => None,
    };
    let edit = edit.map(|r| r.id);
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&CannedPage { page, frame, replies, form, edit, note }))
}
