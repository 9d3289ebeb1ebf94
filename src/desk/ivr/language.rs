//! `language`: the contact's language from here on, either the one written or the one whose key is pressed. Prompts, announcements and
//! texts follow it, and the agent sees it.

use super::ask::{Ask, question_keys};
use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;
use crate::desk::fact::FlowFact;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Language {
    ask: Ask,
    language: Option<String>,
    options: BTreeMap<char, String>,
    next: Target,
}

impl Language {
    fn speak(&self, turn: &mut Turn<'_>, language: &str) -> Next {
        turn.hush();
        turn.language = language.to_owned();
        turn.does.push(Does::Speak(language.to_owned()));
        turn.tell(FlowFact::Language { language: language.to_owned() });
        Next::Go(self.next.clone())
    }

    fn key(&self, turn: &mut Turn<'_>, key: char) -> Next {
        match self.options.get(&key).cloned() {
            Some(language) => self.speak(turn, &language),
            None => self.ask.wrong(turn),
        }
    }
}

impl Kind for Language {
    const KEYS: &'static [&'static str] = question_keys!("language", "options", "next");
    const NEEDS: &'static [&'static str] = &["next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Language {
        let option = |(key, language): (&crate::config::value::Name, &crate::config::value::Name)| {
            Some((key.get_ref().chars().next()?, language.get_ref().clone()))
        };
        Language {
            ask: Ask::read(section),
            language: section.language.as_ref().map(|language| language.get_ref().clone()),
            options: section.options.iter().filter_map(option).collect(),
            next: target(&section.next),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        if self.language.is_some() {
            return vec![Way { label: Label::Next, target: &self.next }];
        }
        let keys = self.options.iter().map(|(key, language)| Way { label: Label::Key(format!("{key} {language}")), target: &self.next });
        keys.chain([self.ask.otherwise()]).collect()
    }

    fn words(&self) -> Vec<&Words> {
        if self.language.is_some() { Vec::new() } else { self.ask.words() }
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        match &self.language {
            Some(language) => self.speak(turn, language),
            None => self.ask.begin(turn),
        }
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        self.ask.hear(turn, heard, |turn, key| self.key(turn, key))
    }
}
