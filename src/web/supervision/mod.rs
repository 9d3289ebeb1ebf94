//! What supervisors did, for those who answer for it: who listened to whom, who was moved, what was switched.

mod list;
mod log;

use crate::web::WebState;
use axum::Router;
use axum::routing::get;

pub fn router() -> Router<WebState> {
    Router::new().route("/supervision", get(list::list))
}
