//! `GET /people/import`: the lists that were brought in; `POST` brings one: the body is the file, its name stands in `X-File-Name`.

use crate::auth::Supervisor;
use crate::desk::person::plain_name;
use crate::store::persons::import::{self, Import};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::people::csv;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

struct Line {
    id: i64,
    name: String,
    by: String,
    at: String,
    state: String,
    text: String,
}

/// `templates/people/imports.html`
#[derive(Template)]
#[template(path = "people/imports.html")]
struct ListPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
}

pub async fn list(Supervisor(_): Supervisor, reader: Reader) -> Result<Response, WebError> {
    let say = reader.say();
    let imports = import::list(&reader.state.store).await?;
    let lines = imports.into_iter().map(|one| Line {
        id: one.id,
        name: one.name.clone(),
        by: say.agent_name(&one.by),
        at: say.when(one.at),
        state: say.t(format!("people.import.{}", one.state)),
        text: progress(&reader, &one),
    });
    let lines = lines.collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&ListPage { frame, lines, page: reader.page }))
}

/// `120 of 500: 80 new, 30 changed, 10 left out`
pub(super) fn progress(reader: &Reader, one: &Import) -> String {
    let progress = &one.progress;
    let n = |count: u64| count.to_string();
    if progress.total == 0 {
        return String::new();
    }
    reader.say().with(
        "people.import.progress",
        &[
            ("done", &n(progress.done)),
            ("total", &n(progress.total)),
            ("added", &n(progress.added)),
            ("changed", &n(progress.changed)),
            ("skipped", &n(progress.skipped)),
        ],
    )
}

pub async fn bring(
    Supervisor(me): Supervisor,
    State(state): State<WebState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebError> {
    let text = csv::text_of(&body);
    if csv::rows(&text).len() < 2 {
        return Err(WebError::Bad("a list has a line of titles and a line below it"));
    }
    let name = headers.get("x-file-name").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = named(name);
    let name = Some(plain_name(&name, 120)).filter(|name| !name.is_empty()).unwrap_or_else(|| "list.csv".into());
    let id = import::create(&state.store, &name, me.agent, text, state.clock.now()).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/people/import/{id}"))]).into_response())
}

/// A name as a browser's `encodeURIComponent` writes it.
fn named(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        let coded = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match coded.filter(|_| *byte == b'%') {
            Some(coded) => {
                bytes.push(coded);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
