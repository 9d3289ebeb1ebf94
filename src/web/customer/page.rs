//! What each of these pages is drawn with: whose house it is, in which language, and where it stands in the others.

use crate::web::WebState;
use crate::web::i18n::Locale;
use http::{HeaderMap, header};
use serde::Deserialize;
use std::fmt::Display;

/// Longest tag of a language (RFC 5646 §4.4.1), characters.
const LONGEST: usize = 35;

/// What `templates/customer/page.html` is drawn with.
pub struct Page {
    pub locale: Locale,
    /// The firm's name.
    pub site: String,
    /// The same in the other languages: address, tag, name.
    pub languages: Vec<(String, String, String)>,
}

impl Page {
    /// In the language that was chosen on the page, else the customer's own, else what their browser prefers, else the house's.
    pub fn new(state: &WebState, headers: &HeaderMap, chosen: &Lang, theirs: Option<&str>) -> Page {
        let loaded = state.config.load();
        let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let wanted = [chosen.get(), theirs].into_iter().flatten().find(|tag| state.i18n.closest(tag).is_some());
        let locale = state.i18n.choose(wanted, None, accept, loaded.config.site.language.as_ref());
        Page { locale, site: loaded.config.site.name.clone(), languages: Vec::new() }
    }

    /// With links to the other languages: `here` is its address in one of them.
    pub fn in_each(mut self, state: &WebState, here: impl Fn(&str) -> String) -> Page {
        let others = state.i18n.menu().into_iter().filter(|(code, _)| code != self.locale.code());
        self.languages = others.map(|(code, name)| (here(&code), code, name)).collect();
        self
    }

    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.locale.t(key)
    }

    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        self.locale.t1(key, name, value)
    }

    /// What stands below a heading.
    pub fn below(&self, key: &str) -> String {
        self.locale.t(&format!("{key}_text")).to_owned()
    }
}

/// A language that was chosen on a page, as its address says it. What can be no tag is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Lang(String);

impl From<String> for Lang {
    fn from(text: String) -> Lang {
        let fits = text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        Lang(if fits { text } else { String::new() })
    }
}

impl Lang {
    pub fn get(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|tag| !tag.is_empty())
    }

    /// `&lang=en`, so that the next page says it, too; empty where none was chosen.
    pub fn kept(&self) -> String {
        self.get().map(|tag| format!("&lang={tag}")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_or_nothing() {
        let read = |text: &str| Lang::from(text.to_owned());
        assert_eq!((read("zh-CN").get(), read("zh-CN").kept().as_str()), (Some("zh-CN"), "&lang=zh-CN"));
        for wrong in ["", "en&said=true", "en\r\nSet-Cookie: a=b", "../x", "中文", &"a".repeat(36)] {
            assert_eq!((read(wrong).get(), read(wrong).kept().as_str()), (None, ""), "{wrong:?}");
        }
    }
}
