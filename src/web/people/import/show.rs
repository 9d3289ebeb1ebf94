//! `GET /people/import/{id}`: what a list would do, row by row, before anything is done; then how far it is. `POST …/columns` says what its
//! columns are.

use super::list::progress;
use super::row::{COLUMNS, entry, guess, is_column};
use crate::auth::Supervisor;
use crate::store::persons::import::{self, Entry, Match};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::people::csv;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of the look beforehand.
const PREVIEW: usize = 20;

struct Column {
    title: String,
    word: String,
}

struct Line {
    number: usize,
    cells: Vec<String>,
    /// `added`, `changed` or `skipped`.
    class: &'static str,
    what: String,
}

/// `templates/people/import.html`
#[derive(Template)]
#[template(path = "people/import.html")]
struct ImportPage {
    page: Page,
    frame: Frame,
    id: i64,
    name: String,
    state: String,
    columns: Vec<Column>,
    /// What a column may be: word and text.
    choices: Vec<(String, String)>,
    lines: Vec<Line>,
    /// The dry run over all of it, or how far it is.
    summary: String,
    problems: Vec<String>,
    done: u64,
    total: u64,
}

pub async fn show(Supervisor(_): Supervisor, reader: Reader, Path(id): Path<i64>) -> Result<Response, WebError> {
    let say = reader.say();
    let one = import::get(&reader.state.store, id).await?.ok_or(WebError::NotFound)?;
    let rows = csv::rows(&one.text);
    let (titles, rows) = rows.split_first().map(|(titles, rows)| (titles.clone(), rows)).unwrap_or_default();
    let mapping = if one.mapping.is_empty() { guess(&reader.loaded, &titles) } else { one.mapping.clone() };
    let why = |word: &str| say.t(format!("people.import.why.{word}"));
    let (mut lines, mut summary, mut problems) = (Vec::new(), progress(&reader, &one), Vec::new());
    if one.state == "new" {
        let entries: Vec<Result<Entry, &'static str>> = rows.iter().map(|cells| entry(&reader.loaded, &mapping, cells)).collect();
        let wanted = entries.iter().map(|entry| entry.as_ref().map(|entry| entry.identities.clone()).unwrap_or_default()).collect();
        let found = import::matches(&reader.state.store, wanted).await?;
        let (mut added, mut changed, mut skipped) = (0u64, 0u64, 0u64);
        // The same number twice: the second row changes whom the first brings.
        let mut seen = BTreeSet::new();
        for (at, ((entry, found), cells)) in entries.iter().zip(&found).zip(rows).enumerate() {
            let (class, what) = match (entry, found) {
                (Err(word), _) => ("skipped", why(word)),
                (Ok(_), Match::Several) => ("skipped", why("several")),
                (Ok(entry), Match::Nobody) if entry.identities.iter().any(|identity| seen.contains(identity)) => {
                    ("changed", say.t("people.import.will_change_above"))
                }
                (Ok(_), Match::Nobody) => ("added", say.t("people.import.will_add")),
                (Ok(_), Match::One(person)) => ("changed", say.with("people.import.will_change", &[("id", &person.to_string())])),
            };
            seen.extend(entry.iter().flat_map(|entry| entry.identities.iter().cloned()));
            match class {
                "added" => added += 1,
                "changed" => changed += 1,
                _ => {
                    skipped += 1;
                    if problems.len() < PREVIEW {
                        problems.push(say.with("people.import.problem", &[("row", &(at + 2).to_string()), ("why", &what)]));
                    }
                }
            }
            if at < PREVIEW {
                lines.push(Line { number: at + 2, cells: cells.clone(), class, what });
            }
        }
        let n = |count: u64| count.to_string();
        let counts = [("total", n(added + changed + skipped)), ("added", n(added)), ("changed", n(changed)), ("skipped", n(skipped))];
        let counts: Vec<(&str, &str)> = counts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        summary = say.with("people.import.dry", &counts);
    } else {
        let rows = one.progress.problems.iter();
        problems = rows.map(|(row, word)| say.with("people.import.problem", &[("row", &row.to_string()), ("why", &why(word))])).collect();
    }
    let mut choices = vec![(String::new(), say.t("people.import.leave_out"))];
    choices.extend(COLUMNS.iter().map(|word| ((*word).to_owned(), say.t(format!("people.import.column.{word}")))));
    let language = reader.locale().code().to_owned();
    let fields = reader.loaded.config.people.fields.iter();
    choices.extend(fields.map(|field| (format!("field.{}", field.id), field.title_in(&language).to_owned())));
    let columns = titles.into_iter().zip(mapping).map(|(title, word)| Column { title, word }).collect();
    let (done, total, name, state) = (one.progress.done, one.progress.total, one.name, one.state);
    let frame = Frame::load(&reader).await?;
    Ok(html(&ImportPage { frame, id, name, state, columns, choices, lines, summary, problems, done, total, page: reader.page }))
}

/// `column0=name&column1=phone…`
pub async fn columns(
    Supervisor(_): Supervisor,
    State(state): State<WebState>,
    Path(id): Path<i64>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let one = import::get(&state.store, id).await?.ok_or(WebError::NotFound)?;
    let loaded = state.config.load_full();
    let count = csv::rows(&one.text).first().map_or(0, Vec::len);
    let mapping: Vec<String> = (0..count).map(|at| fields.get(&format!("column{at}")).cloned().unwrap_or_default()).collect();
    if !mapping.iter().all(|word| is_column(&loaded, word)) {
        return Err(WebError::Bad("column"));
    }
    import::map(&state.store, id, mapping).await?;
    Ok(Redirect::to(&format!("/people/import/{id}")).into_response())
}
