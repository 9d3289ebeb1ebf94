//! Customers: the list, one person, and what agents change about them by hand.

mod blocked;
pub mod config;
mod consent;
pub mod csv;
mod edit;
mod enter;
mod fields;
pub mod identity;
mod import;
mod list;
mod mail;
mod merge;
mod note;
mod same;
mod show;
pub mod tag;

pub use fields::assigned;

use crate::desk::id::PersonId;
use crate::store::persons;
use crate::web::{WebError, WebState};
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/people", get(list::list))
        .route("/people/{id}", get(show::show))
        .route("/people/{id}/note", post(note::note))
        .route("/people/{id}/consent", post(consent::consent))
        .route("/people/{id}/mail", get(mail::show).post(mail::send))
        .route("/people/{id}/mail/draft", post(mail::draft))
        .route("/people/{id}/edit", post(edit::edit))
        .route("/people/{id}/identity", post(identity::identity))
        .route("/people/enter", post(enter::enter))
        .route("/people/{id}/tag", post(tag::tag))
        .route("/people/blocked", get(blocked::list))
        .route("/people/block", post(blocked::add))
        .route("/people/{id}/block", post(blocked::block))
        .route("/people/{id}/unblock", post(blocked::unblock))
        .route("/people/{id}/fields", post(fields::fields))
        .merge(import::router())
        .route("/people/{id}/same", get(same::same))
        .route("/people/{id}/merge", post(merge::merge))
        .route("/people/{id}/unmerge", post(merge::unmerge))
        .route("/people/{id}/apart", post(merge::apart))
}

/// Who this person is by now: an address may be older than a merge.
async fn living(state: &WebState, id: u64) -> Result<PersonId, WebError> {
    persons::living(&state.store, PersonId(id)).await?.ok_or(WebError::NotFound)
}
