//! `GET /surveys/answers.csv`: the answers that the page shows, all of them.

use super::figure::channel_name;
use super::filter::Asked;
use crate::auth::Supervisor;
use crate::store::surveys::{self, SurveyRow};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::say::Say;
use crate::web::people::csv;
use crate::web::{WebError, WebState};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header;
use jiff::Timestamp;

/// Answers in one file.
const MOST: u32 = 50_000;
const HEAD: [&str; 12] =
    ["id", "asked_at", "answered_at", "survey", "kind", "score", "comment", "person", "agent", "queue", "channel", "ticket"];

pub async fn export(
    Supervisor(_): Supervisor,
    State(state): State<WebState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let filter = asked.filter(&reader.page.zone, reader.page.now);
    let rows = surveys::answers(&state.store, filter, asked.which(), None, MOST).await?;
    let say = reader.say();
    // With the mark by which spreadsheets know UTF-8.
    let mut text = format!("\u{feff}{}", csv::line(HEAD));
    rows.iter().for_each(|row| text.push_str(&line(&reader, &say, row)));
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"surveys.csv\"")];
    Ok((headers, text).into_response())
}

fn line(reader: &Reader, say: &Say, row: &SurveyRow) -> String {
    let moment = |at: crate::desk::id::At| Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let channel = row.channel.as_deref().map(|id| channel_name(reader, say, id)).unwrap_or_default();
    let cells = [
        row.id.to_string(),
        moment(row.asked_at),
        row.answered_at.map(moment).unwrap_or_default(),
        row.survey.to_string(),
        row.scale.word().to_owned(),
        row.score.map(|score| score.to_string()).unwrap_or_default(),
        row.comment.clone(),
        row.person_name.clone(),
        row.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        row.queue.as_ref().map(ToString::to_string).unwrap_or_default(),
        channel,
        row.ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
