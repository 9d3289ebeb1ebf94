//! `POST /me/status`: `available`, `busy`, `break:<reason>` or `offline`. The form works without a script and then leads back.

use crate::auth::Agent;
use crate::desk::input::{Command, WantedStatus};
use crate::web::error::accepts_html;
use crate::web::work;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Wanted {
    status: String,
}

pub async fn choose(
    State(state): State<WebState>,
    Agent(me): Agent,
    headers: HeaderMap,
    Form(Wanted { status }): Form<Wanted>,
) -> Result<Response, WebError> {
    let wanted = wanted(&status).ok_or(WebError::Bad("status"))?;
    let done = work::command(&state, &me, Command::SetStatus(wanted)).await?;
    Ok(if accepts_html(&headers) { Redirect::to("/inbox").into_response() } else { done.into_response() })
}

/// `None` where it is no status that can be chosen.
pub fn wanted(text: &str) -> Option<WantedStatus> {
    match text.split_once(':') {
        Some(("break", reason)) if !reason.is_empty() => Some(WantedStatus::Break { reason: reason.to_owned() }),
        Some(_) => None,
        None => match text {
            "available" => Some(WantedStatus::Available),
            "busy" => Some(WantedStatus::Busy),
            "offline" => Some(WantedStatus::Offline),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_needs_its_reason_and_wrap_up_is_never_chosen() {
        assert_eq!(wanted("available"), Some(WantedStatus::Available));
        assert_eq!(wanted("break:Lunch: late"), Some(WantedStatus::Break { reason: "Lunch: late".into() }));
        for wrong in ["break", "break:", "wrap_up", "", "available:now"] {
            assert_eq!(wanted(wrong), None, "{wrong}");
        }
    }
}
