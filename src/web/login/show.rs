//! `GET /login`

use super::local_path;
use crate::web::{Page, html};
use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// `templates/login/show.html`
#[derive(Template)]
#[template(path = "login/show.html")]
pub struct LoginPage {
    pub page: Page,
    pub name: String,
    pub next: String,
    pub wrong: bool,
    pub note: Option<Note>,
}

/// One sentence above a form.
#[derive(Debug, Clone)]
pub struct Note {
    /// `bad`, `warn`, `ok`, or empty.
    pub kind: &'static str,
    pub text: String,
}

impl Note {
    pub fn bad(text: impl Into<String>) -> Option<Note> {
        Some(Note { kind: "bad", text: text.into() })
    }

    pub fn ok(text: impl Into<String>) -> Option<Note> {
        Some(Note { kind: "ok", text: text.into() })
    }

    pub fn icon(&self) -> &'static str {
        match self.kind {
            "bad" => "alert",
            "warn" => "warn",
            "ok" => "ok",
            _ => "info",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    next: String,
}

pub async fn show(page: Page, Query(asked): Query<Asked>) -> Response {
    if page.session.is_some() {
        return Redirect::to(local_path(&asked.next)).into_response();
    }
    html(&LoginPage { page, name: String::new(), next: local_path(&asked.next).to_owned(), wrong: false, note: None })
}
