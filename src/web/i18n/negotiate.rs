//! Which language a page speaks: the user's setting, else the cookie that the language menu of the login page sets, else what the
//! browser prefers (RFC 9110 §12.5.4), else the site's own.

use super::{I18n, Locale};

/// Set by the language menu before anyone has signed in.
pub const COOKIE: &str = "hubline-language";

impl I18n {
    /// The first of these that is spoken here.
    pub fn choose(&self, setting: Option<&str>, cookie: Option<&str>, accept: Option<&str>, site: &str) -> Locale {
        setting
            .and_then(|s| self.closest(s))
            .or_else(|| cookie.and_then(|c| self.get(c)))
            .or_else(|| accept.and_then(|a| accepted(a).iter().find_map(|tag| self.closest(tag))))
            .or_else(|| self.closest(site))
            .unwrap_or_else(|| self.fallback())
    }
}

/// The tags of an `Accept-Language` header, most wanted first; at most ten are read.
pub fn accepted(header: &str) -> Vec<String> {
    let mut tags: Vec<(f32, &str)> = header
        .split(',')
        .take(10)
        .filter_map(|part| {
            let (tag, quality) = match part.split_once(';') {
                Some((tag, q)) => (tag, q.trim().strip_prefix("q=")?.parse().ok()?),
                None => (part, 1.0),
            };
            let tag = tag.trim();
            (quality > 0.0 && tag != "*" && !tag.is_empty()).then_some((quality, tag))
        })
        .collect();
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    tags.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}
