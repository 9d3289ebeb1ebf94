//! What `/conversations` and `/tickets` have in common: what a list shows is kept under a name, and one thing is done to many of it.

use crate::auth::{Role, Session};
use crate::desk::refusal::Refusal;
use crate::store::StoreError;
use crate::store::views::{self, List, ViewRow};
use crate::web::inbox::reader::Reader;
use crate::web::{WebError, WebState, error};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const LONGEST: usize = 60;
/// As many as a list shows at once, and some pages more.
const MOST: usize = 200;

/// A view over its list.
pub struct Choice {
    pub row: ViewRow,
    pub here: bool,
    pub mine: bool,
}

pub async fn choices(reader: &Reader, of: List, query: &str) -> Result<Vec<Choice>, StoreError> {
    let all = views::views(&reader.state.store, reader.me(), of).await?;
    Ok(all.into_iter().map(|row| Choice { here: row.query == query, mine: row.owner == *reader.me(), row }).collect())
}

/// One view as the command bar shows it.
#[derive(Serialize)]
pub struct View {
    name: String,
    href: String,
}

pub async fn known(reader: &Reader, of: List) -> Result<Json<Vec<View>>, WebError> {
    let views = views::views(&reader.state.store, reader.me(), of).await?;
    Ok(Json(views.into_iter().map(|view| View { href: format!("/{}?{}", of.word(), view.query), name: view.name }).collect()))
}

#[derive(Deserialize)]
pub struct Named {
    name: String,
    pub query: String,
    shared: Option<String>,
}

/// Only supervisors share: a list that everybody has is a matter of the house. `query` is what the list understood of what was asked.
pub async fn save(state: &WebState, me: &Session, of: List, named: Named, query: String) -> Result<Redirect, WebError> {
    let name = named.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(WebError::Bad("name"));
    }
    let shared = named.shared.is_some() && me.role >= Role::Supervisor;
    views::save(&state.store, of, &me.agent, shared, name, query.clone()).await?;
    Ok(Redirect::to(&format!("/{}?{query}", of.word())))
}

pub async fn delete(state: &WebState, me: &Session, of: List, id: i64) -> Result<Redirect, WebError> {
    match views::remove(&state.store, id, &me.agent).await {
        Ok(()) | Err(StoreError::Missing(_)) => Ok(Redirect::to(&format!("/{}", of.word()))),
        Err(error) => Err(error.into()),
    }
}

/// The numbers that were ticked, with commas between.
pub fn ticked(ids: &str) -> Vec<u64> {
    ids.split(',').filter_map(|id| id.trim().parse().ok()).take(MOST).collect()
}

/// What came of each. What is refused stays as it was.
#[derive(Default)]
pub struct Tally {
    done: u32,
    refused: BTreeMap<String, u32>,
}

impl Tally {
    pub fn count(&mut self, reader: &Reader, came: Result<(), WebError>) -> Result<(), WebError> {
        let refusal = match came {
            Ok(()) => {
                self.done += 1;
                return Ok(());
            }
            Err(WebError::Refused(refusal)) => refusal,
            Err(WebError::NotFound) => Refusal::Gone,
            Err(other) => return Err(other),
        };
        *self.refused.entry(error::refusal_text(&reader.page.locale, &refusal)).or_default() += 1;
        Ok(())
    }

    /// How many, and why not the others.
    pub fn answer(self, reader: &Reader) -> Response {
        let say = reader.say();
        let mut text = say.n("conversations.done", self.done);
        for (why, count) in self.refused {
            let refused = say.with("conversations.refused", &[("n", &count.to_string()), ("why", &why)]);
            text.push_str(&format!(" {refused}"));
        }
        (StatusCode::ACCEPTED, text).into_response()
    }
}
