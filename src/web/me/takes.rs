//! `POST /me/takes`: `chats:off` for no new chats while being available for the rest, `chats:on` for chats again; `calls` and `mail` likewise.

use crate::auth::Agent;
use crate::desk::input::{Command, Medium};
use crate::web::error::accepts_html;
use crate::web::work;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Takes {
    takes: String,
}

pub async fn takes(
    State(state): State<WebState>,
    Agent(me): Agent,
    headers: HeaderMap,
    Form(Takes { takes }): Form<Takes>,
) -> Result<Response, WebError> {
    let (medium, on) = medium(&takes).ok_or(WebError::Bad("takes"))?;
    let done = work::command(&state, &me, Command::Takes { medium, on }).await?;
    Ok(if accepts_html(&headers) { Redirect::to("/inbox").into_response() } else { done.into_response() })
}

/// `chats:off`; `None` for anything else.
pub fn medium(text: &str) -> Option<(Medium, bool)> {
    let (word, on) = text.split_once(':')?;
    let medium = Medium::ALL.into_iter().find(|medium| medium.word() == word)?;
    match on {
        "on" => Some((medium, true)),
        "off" => Some((medium, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_contact_is_switched_by_its_name() {
        assert_eq!(medium("chats:off"), Some((Medium::Chats, false)));
        assert_eq!(medium("mail:on"), Some((Medium::Mail, true)));
        for wrong in ["", "chats", "chats:", "chats:maybe", "faxes:on", ":on"] {
            assert_eq!(medium(wrong), None, "{wrong}");
        }
    }
}
