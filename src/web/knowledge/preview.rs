//! `POST /knowledge/preview`: a text as readers would see it.

use super::{LONGEST_BODY, markup};
use crate::auth::Agent;
use crate::web::WebError;
use axum::Form;
use axum::response::Html;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Typed {
    body: String,
}

pub async fn preview(Agent(_): Agent, Form(typed): Form<Typed>) -> Result<Html<String>, WebError> {
    if typed.body.chars().count() > LONGEST_BODY {
        return Err(WebError::Bad("too long"));
    }
    Ok(Html(markup::article(&typed.body, "/knowledge/files/").0))
}
