//! What customers said when a contact was over, for those who answer for it: figures of a period by channel, queue and agent, every answer with
//! its comment, and all of it as a table for a spreadsheet.

mod export;
pub mod figure;
mod filter;
mod list;

use crate::web::WebState;
use axum::Router;
use axum::routing::get;

pub fn router() -> Router<WebState> {
    Router::new().route("/surveys", get(list::list)).route("/surveys/answers.csv", get(export::export))
}
