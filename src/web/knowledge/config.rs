//! `[knowledge]`: the knowledge base and the help centre.

use crate::config::value::Period;
use serde::Deserialize;
use toml::Spanned;

/// `[knowledge]`: what an administrator decides; the articles themselves are written in the browser.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KnowledgeSection {
    /// An article is published by somebody who wrote no part of it. Default: false.
    pub review_by_another: bool,
    /// Owners are reminded so long before an article expires. Default: 14d.
    pub remind_before: Spanned<Period>,
    /// Published public articles are shown to customers at `/help`. Default: true.
    pub help_centre: bool,
    /// What the help centre is called. Default: the site's name.
    pub title: Option<Spanned<String>>,
}

impl Default for KnowledgeSection {
    fn default() -> Self {
        KnowledgeSection {
            review_by_another: false,
            remind_before: Spanned::new(0..0, Period::from_secs(14 * 86_400)),
            help_centre: true,
            title: None,
        }
    }
}
