//! `POST /conversations/views` keeps what the list shows under a name; `GET` gives the views as JSON, for the command bar.

use super::list::Asked;
use crate::auth::{Agent, Role};
use crate::store::{StoreError, views};
use crate::web::inbox::reader::Reader;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::Redirect;
use axum::{Form, Json};
use serde::{Deserialize, Serialize};

const LONGEST: usize = 60;

/// One view as the command bar shows it.
#[derive(Serialize)]
pub struct View {
    name: String,
    href: String,
}

pub async fn list(reader: Reader) -> Result<Json<Vec<View>>, WebError> {
    let views = views::views(&reader.state.store, reader.me()).await?;
    Ok(Json(views.into_iter().map(|view| View { href: format!("/conversations?{}", view.query), name: view.name }).collect()))
}

#[derive(Deserialize)]
pub struct Named {
    name: String,
    query: String,
    shared: Option<String>,
}

/// Only supervisors share: a list that everybody has is a matter of the house.
pub async fn save(State(state): State<WebState>, Agent(me): Agent, Form(named): Form<Named>) -> Result<Redirect, WebError> {
    let name = named.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(WebError::Bad("name"));
    }
    // Only what the list understands is kept.
    let asked = Asked::read(&named.query).ok_or(WebError::Bad("query"))?;
    let query = asked.query();
    let shared = named.shared.is_some() && me.role >= Role::Supervisor;
    views::save(&state.store, &me.agent, shared, name, query.clone()).await?;
    Ok(Redirect::to(&format!("/conversations?{query}")))
}

pub async fn delete(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    match views::remove(&state.store, id, &me.agent).await {
        Ok(()) | Err(StoreError::Missing(_)) => Ok(Redirect::to("/conversations")),
        Err(error) => Err(error.into()),
    }
}
