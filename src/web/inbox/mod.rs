//! The agent's desk: three panes (what waits and what is mine, one timeline of the person, who they are), the softphone bar above
//! them and the card that rings.

mod alarms;
mod dial;
pub mod draws;
pub mod fill;
pub mod frame;
pub mod load;
pub(in crate::web) mod mail;
mod parts;
pub mod phrase;
pub mod push;
mod rated;
pub mod reader;
pub mod render;
pub mod reply;
pub mod say;
mod show;
mod slice;
pub mod targets;
mod templates;
#[cfg(test)]
mod tests;
mod touched;
pub mod view;

use crate::web::WebState;
use axum::Router;
use axum::routing::get;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/inbox", get(show::nothing))
        .route("/inbox/call/{id}", get(show::call))
        .route("/inbox/conversation/{id}", get(show::conversation))
        .route("/inbox/person/{id}", get(show::person))
        .route("/inbox/parts/now", get(parts::now))
        .route("/inbox/parts/person/{id}", get(parts::person))
        .route("/inbox/parts/events/{id}", get(parts::events))
        .route("/inbox/timeline/{id}", get(parts::older))
        .route("/inbox/targets", get(targets::list))
        .route("/inbox/dial", get(dial::pad))
        .route("/inbox/templates", get(templates::list).post(templates::refresh))
        .route("/inbox/colleagues", get(targets::all))
        .route("/inbox/canned", get(targets::canned))
}
