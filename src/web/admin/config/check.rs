//! `POST /admin/config/check`: says what is wrong and what would change, without changing anything. The page's script asks while one
//! types and gets the side pane alone; without script it is the Check button, and the Fix buttons.

use super::finding::mend;
use super::show::draw;
use crate::auth::Admin;
use crate::web::{Page, WebError, WebState, html};
use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Edited {
    pub text: String,
    pub seen: String,
    /// Set by a Fix button.
    fix: Option<String>,
}

impl Edited {
    /// The text with the line ends of the file: browsers send CRLF for every line of a text field.
    pub fn text(&self) -> String {
        self.text.replace("\r\n", "\n")
    }
}

pub async fn check(
    State(state): State<WebState>,
    Admin(me): Admin,
    page: Page,
    headers: HeaderMap,
    Form(form): Form<Edited>,
) -> Result<Response, WebError> {
    let text = match &form.fix {
        Some(fix) => mend(&form.text(), fix),
        None => form.text(),
    };
    let drawn = draw(&state, &me, page, text, form.seen, None).await?;
    if headers.contains_key("x-fragment") {
        use askama::Template;
        let side = drawn.as_verdict().render().map_err(|error| {
            tracing::error!(%error, "template could not be drawn");
            WebError::Internal
        })?;
        return Ok(Html(side).into_response());
    }
    Ok(html(&drawn))
}
