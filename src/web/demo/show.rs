//! `GET /demo`: what to try.

use crate::auth::{Known, people};
use crate::web::{Page, WebState, html};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

/// `templates/demo/show.html`
#[derive(Template)]
#[template(path = "demo/show.html")]
pub struct DemoPage {
    pub page: Page,
    pub people: Vec<Known>,
}

impl DemoPage {
    pub fn role(&self, person: &Known) -> String {
        self.page.t(&format!("role.{}", person.role.as_str())).to_owned()
    }
}

pub async fn show(State(state): State<WebState>, page: Page) -> Response {
    let people = people(&state.config.load()).collect();
    html(&DemoPage { page, people })
}
