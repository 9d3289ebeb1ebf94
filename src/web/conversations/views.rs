//! `POST /conversations/views` keeps what the list shows under a name; `GET` gives the views as JSON, for the command bar.

use super::list::Asked;
use crate::auth::Agent;
use crate::store::views::List;
use crate::web::inbox::reader::Reader;
use crate::web::views::{self, Named, View};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::Redirect;
use axum::{Form, Json};

pub async fn list(reader: Reader) -> Result<Json<Vec<View>>, WebError> {
    views::known(&reader, List::Conversations).await
}

pub async fn save(State(state): State<WebState>, Agent(me): Agent, Form(named): Form<Named>) -> Result<Redirect, WebError> {
    // Only what the list understands is kept.
    let query = Asked::read(&named.query).ok_or(WebError::Bad("query"))?.query();
    views::save(&state, &me, List::Conversations, named, query).await
}

pub async fn delete(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    views::delete(&state, &me, List::Conversations, id).await
}
