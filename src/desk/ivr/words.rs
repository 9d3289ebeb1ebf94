//! What a node says: recordings for the ear, a text for the eye, and for the ear where nothing is recorded.

use super::machine::Run;
use super::spoken;
use crate::desk::config::{NodeSection, Spoken, Texts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing to be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// A recording by its name, in the call's language where there is one.
    Prompt(String),
    /// A sentence in the call's language, spoken by the configured voice.
    Text(String),
}

/// What a node says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Names of recordings; `{variable}` for digits.
    pub prompts: Vec<String>,
    /// By language; under the empty name for all.
    pub texts: BTreeMap<String, String>,
}

impl Words {
    pub(super) fn of(section: &NodeSection) -> Words {
        Words::new(section.prompt.as_ref(), section.text.as_ref().map(toml::Spanned::get_ref))
    }

    pub(super) fn new(prompt: Option<&Spoken>, text: Option<&Texts>) -> Words {
        let prompts = prompt.map(|spoken| spoken.0.iter().map(|name| name.get_ref().clone()).collect()).unwrap_or_default();
        Words { prompts, texts: text.map(|texts| texts.0.clone()).unwrap_or_default() }
    }

    /// Recordings alone.
    pub(super) fn prompt(spoken: Option<&Spoken>, default: Option<&str>) -> Words {
        match spoken {
            Some(spoken) => Words::new(Some(spoken), None),
            None => Words { prompts: default.into_iter().map(str::to_owned).collect(), texts: BTreeMap::new() },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.prompts.is_empty() && self.texts.is_empty()
    }

    /// The text in this language, in the one for all, in a related one, or in any.
    pub fn text(&self, language: &str) -> Option<&str> {
        let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
        let related = || self.texts.iter().find(|(tag, _)| !tag.is_empty() && base(tag) == base(language)).map(|(_, text)| text);
        let found = self.texts.get(language).or_else(related).or_else(|| self.texts.get(""));
        found.or_else(|| self.texts.get("en")).or_else(|| self.texts.values().next()).map(String::as_str)
    }

    /// For the ear.
    pub(super) fn pieces(&self, language: &str, run: &Run) -> Vec<Piece> {
        if self.prompts.is_empty() {
            return self.written(language, run).map(Piece::Text).into_iter().collect();
        }
        let piece = |name: &String| match variable(name) {
            Some(variable) => spoken::digits(run.said(variable).unwrap_or_default()),
            None => vec![Piece::Prompt(name.clone())],
        };
        self.prompts.iter().flat_map(piece).collect()
    }

    /// For the eye, with `{variables}` filled in; `None` where there is nothing to read.
    pub(super) fn written(&self, language: &str, run: &Run) -> Option<String> {
        let mut text = self.text(language)?.to_owned();
        for (name, value) in &run.variables {
            let place = format!("{{{name}}}");
            if text.contains(&place) {
                text = text.replace(&place, if run.hidden.contains(name) { "••••" } else { value });
            }
        }
        (!text.trim().is_empty()).then_some(text)
    }
}

/// The variable that a name in braces means.
pub(crate) fn variable(name: &str) -> Option<&str> {
    name.strip_prefix('{')?.strip_suffix('}')
}
