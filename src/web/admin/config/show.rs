//! `GET /admin/config`

use super::file::{self, mark};
use super::finding::Finding;
use crate::auth::{Admin, Session};
use crate::config::{Config, Effect, Level, diff};
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// `templates/admin/config.html`
#[derive(Template)]
#[template(path = "admin/config.html", blocks = ["verdict"])]
pub struct ConfigPage {
    pub page: Page,
    pub frame: Frame,
    /// The file's name, or `None` where the configuration has no file (demo).
    pub file: Option<String>,
    pub text: String,
    pub lines: usize,
    /// Of the file as the editor was filled from it.
    pub seen: String,
    pub verdict: Verdict,
    pub note: Option<Note>,
}

/// What is to be said about a text before it is applied.
pub struct Verdict {
    pub findings: Vec<Finding>,
    pub errors: usize,
    pub warnings: usize,
    /// (what it is about, the sentence, whether it needs a restart)
    pub changes: Vec<(String, String, bool)>,
    /// The text differs from the running one, if only in comments.
    pub differs: bool,
}

impl Verdict {
    /// Checks a text against the running configuration.
    pub fn of(state: &WebState, text: &str, language: &str) -> Verdict {
        let running = state.config.load();
        let (diagnostics, changes) = match Config::parse(text, &running.path) {
            Ok(new) => (new.warnings, diff(&running.config, &new.config)),
            Err(report) => (report.diagnostics, Vec::new()),
        };
        let errors = diagnostics.iter().filter(|d| d.level == Level::Error).count();
        Verdict {
            errors,
            warnings: diagnostics.len() - errors,
            findings: diagnostics.into_iter().map(|d| Finding::new(text, d.in_language(language))).collect(),
            changes: changes.iter().map(|c| (c.subject.clone(), c.text(language), c.effect == Effect::NeedsRestart)).collect(),
            differs: text != running.text,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: String,
}

pub async fn show(
    State(state): State<WebState>,
    Admin(me): Admin,
    page: Page,
    Query(Done { done }): Query<Done>,
) -> Result<Response, WebError> {
    let note = if done == "applied" { Note::ok(page.t("admin.config.applied")) } else { None };
    let (text, note) = match state.site.config_path.clone() {
        Some(path) => match file::read(path).await {
            Ok(text) => (text, note),
            Err(error) => (state.config.load().text.clone(), Note::bad(page.t1("admin.config.unreadable", "error", error))),
        },
        None => (state.config.load().text.clone(), note),
    };
    let seen = mark(&text);
    Ok(html(&draw(&state, &me, page, text, seen, note).await?))
}

pub(super) async fn draw(
    state: &WebState,
    me: &Session,
    page: Page,
    text: String,
    seen: String,
    note: Option<Note>,
) -> Result<ConfigPage, WebError> {
    let verdict = Verdict::of(state, &text, page.lang());
    let file = state.site.config_path.as_ref().map(|p| p.display().to_string());
    let frame = Frame::around(state, &page, me).await?;
    Ok(ConfigPage { frame, file, lines: text.split('\n').count(), text, seen, verdict, note, page })
}
