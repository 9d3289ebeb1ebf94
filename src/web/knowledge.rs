//! The knowledge base as staff use it: the list and an article beside it, the editor, versions, feedback, categories, and what is put into a
//! reply. Everybody writes; supervisors publish.

mod categories;
mod cite;
pub mod config;
mod edit;
mod feedback;
pub(in crate::web) mod files;
pub(in crate::web) mod lines;
pub mod markup;
mod preview;
pub mod remind;
mod save;
mod show;
mod step;
mod suggest;
mod versions;

use crate::store::viewer::Role;
use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

/// Longest title, characters.
const LONGEST_TITLE: usize = 160;
/// Longest text of an article, characters.
const LONGEST_BODY: usize = 60_000;
/// Longest remark, note of a version, or name, characters.
const LONGEST_WORDS: usize = 1_000;

/// Languages that an article may be written in besides those of the pages, with their own names.
const LANGUAGES: &[(&str, &str)] = &[
    ("en", "English"),
    ("zh-CN", "简体中文"),
    ("zh-TW", "繁體中文"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("pt", "Português"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("ru", "Русский"),
    ("ar", "العربية"),
    ("th", "ไทย"),
    ("vi", "Tiếng Việt"),
    ("id", "Bahasa Indonesia"),
];

/// A language's own name.
pub fn language_name(tag: &str) -> String {
    LANGUAGES.iter().find(|(known, _)| *known == tag).map_or_else(|| tag.to_owned(), |(_, name)| (*name).to_owned())
}

/// Who may publish, withdraw, arrange categories and see to anybody's feedback.
fn publishes(role: Role) -> bool {
    role >= Role::Supervisor
}

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/knowledge", get(show::list).post(save::create))
        .route("/knowledge/new", get(edit::new))
        .route("/knowledge/preview", post(preview::preview))
        .route("/knowledge/suggest", get(suggest::suggest))
        .route("/knowledge/feedback", get(feedback::list).post(feedback::give))
        .route("/knowledge/feedback/{id}/close", post(feedback::close))
        .route("/knowledge/categories", get(categories::list).post(categories::create))
        .route("/knowledge/categories/{id}", post(categories::change))
        .route("/knowledge/categories/{id}/delete", post(categories::delete))
        .route("/knowledge/files/{id}", get(files::show))
        .route("/knowledge/{id}", get(show::article).post(save::update))
        .route("/knowledge/{id}/edit", get(edit::edit))
        .route("/knowledge/{id}/step", post(step::step))
        .route("/knowledge/{id}/versions", get(versions::show))
        .route("/knowledge/{id}/cite", post(cite::cite))
}
