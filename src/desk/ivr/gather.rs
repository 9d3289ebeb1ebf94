//! `gather`: digits into a variable, such as an order number or a PIN.

use super::ask::{Ask, PERSON, narrow, question_keys};
use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Exit, Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;
use crate::desk::fact::FlowFact;

#[derive(Debug, Clone)]
pub struct Gather {
    ask: Ask,
    min: usize,
    max: usize,
    end: char,
    into: String,
    sensitive: bool,
    next: Target,
}

impl Gather {
    pub(super) fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    fn digit(&self, turn: &mut Turn<'_>, digit: char) -> Next {
        if digit == self.end {
            return self.finish(turn);
        }
        if !digit.is_ascii_digit() {
            return self.ask.wrong(turn);
        }
        turn.run.typed.push(digit);
        if turn.run.typed.len() >= self.max { self.finish(turn) } else { self.ask.go_on(turn) }
    }

    fn finish(&self, turn: &mut Turn<'_>) -> Next {
        if turn.run.typed.len() < self.min {
            return self.ask.wrong(turn);
        }
        turn.hush();
        let value = std::mem::take(&mut turn.run.typed);
        turn.run.keep(&self.into, &value);
        if self.sensitive {
            turn.run.hidden.insert(self.into.clone());
        } else {
            turn.run.hidden.remove(&self.into);
        }
        let value = (!self.sensitive).then_some(value);
        let node = turn.node();
        turn.tell(FlowFact::Gathered { node, variable: self.into.clone(), value });
        Next::Go(self.next.clone())
    }

    /// A whole message: digits, perhaps with blanks and dashes between.
    fn text(&self, turn: &mut Turn<'_>, text: &str) -> Next {
        let typed: String = text.chars().map(narrow).filter(|c| !c.is_whitespace() && !"-–./#".contains(*c)).collect();
        if typed.len() == 1 && typed.starts_with(PERSON) && self.min > 1 {
            return Next::Leave(Exit::Person);
        }
        if typed.len() > self.max || !typed.bytes().all(|b| b.is_ascii_digit()) {
            return self.ask.wrong(turn);
        }
        turn.run.typed = typed;
        self.finish(turn)
    }
}

impl Kind for Gather {
    const KEYS: &'static [&'static str] = question_keys!("min", "max", "end", "into", "sensitive", "next");
    const NEEDS: &'static [&'static str] = &["into", "next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Gather {
        let number = |value: &Option<toml::Spanned<u32>>, default: usize| value.as_ref().map_or(default, |n| *n.get_ref() as usize);
        Gather {
            ask: Ask::read(section),
            min: number(&section.min, 1),
            max: number(&section.max, 20).max(1),
            end: section.end.as_ref().and_then(|end| end.get_ref().chars().next()).unwrap_or('#'),
            into: section.into.as_ref().map(|into| into.get_ref().clone()).unwrap_or_default(),
            sensitive: section.sensitive,
            next: target(&section.next),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Entered, target: &self.next }, self.ask.otherwise()]
    }

    fn words(&self) -> Vec<&Words> {
        self.ask.words()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        self.ask.begin(turn)
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        match heard {
            Heard::Said => self.ask.said(turn),
            Heard::Digit(digit) => self.digit(turn, *digit),
            Heard::Text(text) => self.text(turn, text),
            // Whoever stops after enough digits has finished.
            Heard::Time if !turn.run.typed.is_empty() && turn.run.typed.len() >= self.min => self.finish(turn),
            Heard::Time if !turn.run.typed.is_empty() => self.ask.wrong(turn),
            Heard::Time => self.ask.silent(turn),
            Heard::Found(_) | Heard::Ticket(_) | Heard::Written(_) | Heard::NotReached => Next::Stay,
        }
    }
}
