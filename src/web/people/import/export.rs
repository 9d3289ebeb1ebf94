//! `GET /people/export.csv`: everybody with what is known of them, as this viewer may see it, a piece at a time.

use crate::auth::Supervisor;
use crate::config::Loaded;
use crate::desk::id::PersonId;
use crate::store::persons::import::{self, Line};
use crate::store::viewer::{SENSITIVE, Viewer, shown};
use crate::web::people::csv;
use crate::web::{WebError, WebState};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;

const PIECE: u32 = 500;

pub async fn export(Supervisor(me): Supervisor, State(state): State<WebState>) -> Result<Response, WebError> {
    let loaded = state.config.load_full();
    let viewer = Viewer { agent: me.agent.clone(), role: me.role };
    let mut titles =
        vec!["#", "record", "name", "company", "about", "tier", "language", "dedicated", "phone", "email", "consent", "blocked", "tags"];
    titles.extend(loaded.config.people.fields.iter().map(|field| field.id.get_ref().as_str()));
    // With the mark by which spreadsheets know UTF-8.
    let head = format!("\u{feff}{}", csv::line(titles));
    let rest = futures_util::stream::unfold((PersonId(0), false), move |(after, over)| {
        let (state, viewer, loaded) = (state.clone(), viewer.clone(), loaded.clone());
        async move {
            if over {
                return None;
            }
            match import::lines(&state.store, &viewer, after, PIECE).await {
                Ok(lines) => {
                    let last = lines.last()?.id;
                    let text: String = lines.iter().map(|line| row(&loaded, &viewer, line)).collect();
                    Some((Ok::<Bytes, std::io::Error>(text.into()), (last, false)))
                }
                Err(error) => {
                    tracing::error!(%error, "the list of customers breaks off");
                    Some((Err(std::io::Error::other("the list breaks off")), (after, true)))
                }
            }
        }
    });
    let first = futures_util::stream::once(async move { Ok::<Bytes, std::io::Error>(head.into()) });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"customers.csv\"")];
    Ok((headers, body).into_response())
}

fn row(loaded: &Loaded, viewer: &Viewer, line: &Line) -> String {
    let consent = line.consent.word();
    let id = line.id.to_string();
    let joined = |values: &[String]| values.join(" | ");
    let (records, phones, emails, tags) = (joined(&line.records), joined(&line.phones), joined(&line.emails), joined(&line.tags));
    let fields = loaded.config.people.fields.iter().map(|field| {
        let value = line.fields.get(field.id.get_ref()).map(String::as_str).unwrap_or_default();
        if field.masked { shown(viewer, SENSITIVE, value) } else { value.to_owned() }
    });
    let fields: Vec<String> = fields.collect();
    let mut cells = vec![
        id.as_str(),
        &records,
        &line.name,
        &line.company,
        &line.about,
        line.tier.as_ref().map_or("", |tier| tier.as_str()),
        line.language.as_deref().unwrap_or_default(),
        line.dedicated.as_ref().map_or("", |agent| agent.as_str()),
        &phones,
        &emails,
        consent,
        if line.blocked { "yes" } else { "" },
        &tags,
    ];
    cells.extend(fields.iter().map(String::as_str));
    csv::line(cells)
}
