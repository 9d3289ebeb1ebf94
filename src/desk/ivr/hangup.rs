//! `hangup`: a last word, then the end. On a text channel the conversation is closed.

use super::flow::{HoursOf, Kind, Way};
use super::machine::{Exit, Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;

#[derive(Debug, Clone)]
pub struct HangUp {
    words: Words,
}

impl Kind for HangUp {
    const KEYS: &'static [&'static str] = &["prompt", "text"];
    const NEEDS: &'static [&'static str] = &[];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> HangUp {
        HangUp { words: Words::of(section) }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        Vec::new()
    }

    fn words(&self) -> Vec<&Words> {
        vec![&self.words]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        let said = turn.say(&[&self.words]);
        if said && !turn.scene.text { Next::Stay } else { Next::Leave(Exit::HangUp { said }) }
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        match heard {
            Heard::Said | Heard::Time => {
                turn.run.speaking = false;
                Next::Leave(Exit::HangUp { said: true })
            }
            Heard::Digit(_) | Heard::Text(_) | Heard::Found(_) | Heard::Ticket(_) | Heard::Written(_) | Heard::NotReached => Next::Stay,
        }
    }
}
