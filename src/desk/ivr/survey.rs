//! `survey`: one question, answered by a key from 1 (worst) to 5 (best), and kept.

use super::ask::{Ask, question_keys};
use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;

#[derive(Debug, Clone)]
pub struct Survey {
    ask: Ask,
    survey: String,
    next: Target,
}

impl Survey {
    fn key(&self, turn: &mut Turn<'_>, key: char) -> Next {
        let Some(answer) = key.to_digit(10).filter(|n| (1..=5).contains(n)) else {
            return self.ask.wrong(turn);
        };
        turn.hush();
        turn.answered(&self.survey, answer as u8);
        Next::Go(self.next.clone())
    }
}

impl Kind for Survey {
    const KEYS: &'static [&'static str] = question_keys!("survey", "next");
    const NEEDS: &'static [&'static str] = &["survey", "next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Survey {
        let survey = section.survey.as_ref().map(|survey| survey.get_ref().clone()).unwrap_or_default();
        Survey { ask: Ask::read(section), survey, next: target(&section.next) }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Key("1–5".into()), target: &self.next }, self.ask.otherwise()]
    }

    fn words(&self) -> Vec<&Words> {
        self.ask.words()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        self.ask.begin(turn)
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        self.ask.hear(turn, heard, |turn, key| self.key(turn, key))
    }
}
