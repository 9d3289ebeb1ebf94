//! The customers' own page of a survey: the link in their message or letter opens it, and what they send from it is their answer, which they may
//! change for a while. Public, without any account and without any script. Opening it answers nothing: mail programs and their scanners open
//! every link there is.

mod answer;
mod show;

use super::WebState;
use super::customer::{self, Limit, No};
use crate::desk::id::At;
use crate::store::surveys::{self, SurveyRow};
use axum::middleware;
use axum::routing::get;
use axum::{Extension, Router};
use std::net::IpAddr;
use tower_http::csrf::CsrfLayer;

/// So long an answer may be changed, ms: as the desk takes it.
const CHANGE_MS: i64 = 24 * 3_600_000;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/survey/{token}", get(show::show).post(answer::answer))
        .route_layer(Extension(Limit::default()))
        .route_layer(CsrfLayer::new())
        .route_layer(middleware::map_response(customer::keep_secret))
        .route("/survey/look.css", get(customer::style(include_str!("../../../static/survey.css"))))
}

/// Why there is nothing to answer.
enum NoSurvey {
    No(No),
    /// Answered, and so long ago that it stays as it is.
    Closed,
}

impl From<No> for NoSurvey {
    fn from(no: No) -> NoSurvey {
        NoSurvey::No(no)
    }
}

/// What a link opens.
async fn opened(state: &WebState, limit: &Limit, from: IpAddr, token: &str) -> Result<SurveyRow, NoSurvey> {
    let id = customer::open(state, limit, from, |links, now| links.survey_of(token, now))?;
    match surveys::get(&state.store, id).await {
        Ok(Some(row)) if is_closed(&row, state.clock.now()) => Err(NoSurvey::Closed),
        Ok(Some(row)) => Ok(row),
        Ok(None) => Err(No::Gone.into()),
        Err(error) => {
            tracing::error!(survey = %id, %error, "a survey could not be read for its customer");
            Err(No::Busy.into())
        }
    }
}

fn is_closed(row: &SurveyRow, now: At) -> bool {
    row.answered_at.is_some_and(|at| at.after(CHANGE_MS) <= now)
}
