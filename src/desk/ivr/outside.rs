//! `outside`: the caller is put through to a number outside, as far as `[dial]` and the trunks let this flow call. Whoever is not reached
//! goes on by `otherwise`; so does everybody who writes. When the number hangs up after a talk, the call is over. Nobody of ours is in
//! that talk, so nothing of it is recorded.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Heard, Next, Turn};
use super::words::{Words, variable};
use crate::desk::config::NodeSection;

#[derive(Debug, Clone)]
pub struct Outside {
    words: Words,
    /// A number, or `{variable}`.
    number: String,
    to: Target,
    /// How long it rings; `None`: as long as calls out do.
    ring_ms: Option<i64>,
    otherwise: Target,
}

impl Outside {
    /// The number that is called, as it was written; `None` where the variable is not known or must not be told.
    fn number(&self, turn: &Turn<'_>) -> Option<String> {
        match variable(&self.number) {
            Some(variable) => turn.run.said(variable).map(str::to_owned),
            None => Some(self.number.clone()),
        }
    }

    fn call(&self, turn: &mut Turn<'_>) -> Next {
        turn.run.speaking = false;
        let Some(number) = self.number(turn) else { return Next::Go(self.otherwise.clone()) };
        turn.does.push(Does::Dial { number, ring_ms: self.ring_ms });
        Next::Stay
    }
}

impl Kind for Outside {
    const KEYS: &'static [&'static str] = &["prompt", "text", "number", "wait", "otherwise"];
    const NEEDS: &'static [&'static str] = &["number", "otherwise"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Outside {
        let number = section.number.as_ref().map(|number| number.get_ref().clone()).unwrap_or_default();
        Outside {
            words: Words::of(section),
            to: Target::Outside(number.clone()),
            number,
            ring_ms: section.wait.as_ref().map(|wait| wait.get_ref().millis()),
            otherwise: target(&section.otherwise),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Reached, target: &self.to }, Way { label: Label::Otherwise, target: &self.otherwise }]
    }

    fn words(&self) -> Vec<&Words> {
        vec![&self.words]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        if turn.scene.text {
            return Next::Go(self.otherwise.clone());
        }
        if turn.say(&[&self.words]) { Next::Stay } else { self.call(turn) }
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        match heard {
            Heard::Said | Heard::Time => self.call(turn),
            Heard::NotReached => Next::Go(self.otherwise.clone()),
            Heard::Digit(_) | Heard::Text(_) | Heard::Found(_) | Heard::Ticket(_) | Heard::Written(_) => Next::Stay,
        }
    }
}
