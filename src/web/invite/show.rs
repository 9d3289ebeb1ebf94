//! `GET /invite/{token}`

use crate::auth::InviteError;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// `templates/invite/show.html`; `who` none for a link that is no longer good.
#[derive(Template)]
#[template(path = "invite/show.html")]
pub struct InvitePage {
    pub page: Page,
    pub token: String,
    pub who: Option<(String, String)>,
    pub shortest: usize,
    pub note: Option<Note>,
}

pub async fn show(State(state): State<WebState>, page: Page, Path(token): Path<String>) -> Result<Response, WebError> {
    match state.gate.invited(&token).await {
        Ok(invited) => {
            let who = Some((invited.who.id.to_string(), invited.who.name));
            Ok(html(&InvitePage { page, token, who, shortest: state.gate.shortest_password(), note: None }))
        }
        Err(InviteError::Store(error)) => Err(error.into()),
        Err(_) => Ok(gone(page)),
    }
}

/// Used, too old or never made: all the same to whoever asks.
pub fn gone(page: Page) -> Response {
    let drawn = html(&InvitePage { page, token: String::new(), who: None, shortest: 0, note: None });
    (StatusCode::GONE, drawn).into_response()
}
