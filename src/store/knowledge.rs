//! The knowledge base: articles with versions and translations, who may read them, what was said of them and what came of them.
//! People write them in the browser, so they are data; the desk decides nothing about them.

pub(super) mod category;
pub(super) mod edit;
pub(super) mod feedback;
pub(super) mod files;
pub(super) mod find;
pub(super) mod plain;
pub(super) mod read;
pub(super) mod terms;
pub(super) mod usage;

pub use category::{Category, categories, change_category, create_category, remove_category};
pub use edit::{Moved, Saved, State, Step, Written, move_on, save};
pub use feedback::{Feedback, FeedbackKind, close_feedback, give_feedback, open_feedback};
pub use files::{file_number, public_picture, staff_picture};
pub use find::{Filter, Hit, Listed, counts, find, list, suggest};
pub use plain::{MARKDOWN, plain};
pub use read::{
    Article, Cited, Due, Public, Translation, Version, article, cited, due, of_category, public_article, reminded, unreminded, version,
    versions,
};
pub use usage::{Day, UseKind, Used, used, used_by_customers, used_in};

use serde::{Deserialize, Serialize};

/// Who may read an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Staff alone.
    Internal,
    /// Customers too, once it is published.
    Public,
}

/// The first part of a language tag: `zh` of `zh-CN`.
pub fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

/// Whether this is a language tag (BCP 47: letters, then letters and digits in parts), at most 20 characters.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase()));
    tag.len() <= 20 && first && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
