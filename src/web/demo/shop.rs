//! `GET /demo/shop`: a page of the firm's web site, with the chat window on it.

use crate::web::{Page, html};
use askama::Template;
use axum::response::Response;

/// `templates/demo/shop.html`
#[derive(Template)]
#[template(path = "demo/shop.html")]
pub struct ShopPage {
    pub page: Page,
}

pub async fn show(page: Page) -> Response {
    html(&ShopPage { page })
}
