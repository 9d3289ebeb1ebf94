//! `play`: says something, then goes on.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;

#[derive(Debug, Clone)]
pub struct Play {
    words: Words,
    next: Target,
}

impl Kind for Play {
    const KEYS: &'static [&'static str] = &["prompt", "text", "next"];
    const NEEDS: &'static [&'static str] = &["next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Play {
        Play { words: Words::of(section), next: target(&section.next) }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Next, target: &self.next }]
    }

    fn words(&self) -> Vec<&Words> {
        vec![&self.words]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        if turn.say(&[&self.words]) && !turn.scene.text { Next::Stay } else { Next::Go(self.next.clone()) }
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        match heard {
            Heard::Said | Heard::Time => {
                turn.run.speaking = false;
                Next::Go(self.next.clone())
            }
            Heard::Digit(_) | Heard::Text(_) | Heard::Found(_) | Heard::Ticket(_) | Heard::Written(_) | Heard::NotReached => Next::Stay,
        }
    }
}
