//! `menu`: one key of several. A key counts at once, also while the prompt still plays.

use super::ask::{Ask, PERSON, question_keys};
use super::flow::{HoursOf, Kind, Label, Target, Way};
use super::machine::{Exit, Heard, Next, Turn};
use super::words::Words;
use crate::desk::card::same;
use crate::desk::config::NodeSection;
use crate::desk::fact::FlowFact;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Menu {
    ask: Ask,
    options: BTreeMap<char, Target>,
}

impl Menu {
    fn key(&self, turn: &mut Turn<'_>, key: char) -> Next {
        match self.options.get(&key) {
            Some(target) => {
                turn.hush();
                let node = turn.node();
                turn.tell(FlowFact::Chose { node, key: key.to_string(), to: target.to_string() });
                Next::Go(target.clone())
            }
            None if turn.scene.text && key == PERSON => Next::Leave(Exit::Person),
            None => self.ask.wrong(turn),
        }
    }
}

impl Kind for Menu {
    const KEYS: &'static [&'static str] = question_keys!("options", "labels");
    const NEEDS: &'static [&'static str] = &["options"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Menu {
        let option = |(key, to): (&crate::config::value::Name, &crate::config::value::Name)| {
            Some((key.get_ref().chars().next()?, Target::read(to.get_ref())))
        };
        let label = |(key, texts): (&crate::config::value::Name, &crate::desk::config::Texts)| {
            Some((key.get_ref().chars().next()?, Words::new(None, Some(texts))))
        };
        let ask = Ask::read(section).with(section.labels.iter().filter_map(label).collect());
        Menu { ask, options: section.options.iter().filter_map(option).collect() }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let keys = self.options.iter().map(|(key, target)| Way { label: Label::Key(key.to_string()), target });
        keys.chain([self.ask.otherwise()]).collect()
    }

    fn words(&self) -> Vec<&Words> {
        self.ask.words()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        self.ask.begin(turn)
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        // A button says its words, and some people write them.
        if let Heard::Text(text) = heard
            && let Some(key) = self.ask.named(|words| words.texts.values().any(|label| same(label, text)))
        {
            return self.key(turn, key);
        }
        self.ask.hear(turn, heard, |turn, key| self.key(turn, key))
    }
}
