//! `message`: writes to a caller what is better read than heard (an address, a link): into the chat they have open, else as a text message
//! to their mobile number; then goes on. `otherwise` where there is no way to them, or they want no messages. Whoever writes reads it
//! right where they are.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;

/// The desk says in the same step whether it was sent; this long is waited for its word, ms.
const WAIT_MS: i64 = 1_000;
/// Every text message costs, and a number can be forged: so often one node writes in one call.
const MOST: u32 = 3;

#[derive(Debug, Clone)]
pub struct Message {
    /// With `{variables}`.
    text: Words,
    next: Target,
    otherwise: Option<Target>,
}

impl Message {
    fn otherwise(&self) -> Next {
        Next::Go(self.otherwise.as_ref().unwrap_or(&self.next).clone())
    }
}

impl Kind for Message {
    const KEYS: &'static [&'static str] = &["text", "next", "otherwise"];
    const NEEDS: &'static [&'static str] = &["text", "next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Message {
        Message {
            text: Words::new(None, section.text.as_ref().map(toml::Spanned::get_ref)),
            next: target(&section.next),
            otherwise: section.otherwise.as_ref().map(|name| Target::read(name.get_ref())),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let otherwise = self.otherwise.iter().map(|target| Way { label: Label::Otherwise, target });
        [Way { label: Label::Next, target: &self.next }].into_iter().chain(otherwise).collect()
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        if turn.scene.text {
            turn.say(&[&self.text]);
            return Next::Go(self.next.clone());
        }
        let Some(text) = self.text.written(&turn.language, turn.run).filter(|_| turn.another_round(MOST)) else {
            return self.otherwise();
        };
        let serial = turn.next_serial();
        turn.does.push(Does::Write { serial, text, choices: Vec::new() });
        turn.run.speaking = false;
        turn.run.until = turn.scene.now.after(WAIT_MS);
        Next::Stay
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        let sent = match heard {
            Heard::Written(sent) => *sent,
            Heard::Time => false,
            Heard::Said | Heard::Digit(_) | Heard::Text(_) | Heard::Found(_) | Heard::Ticket(_) | Heard::NotReached => return Next::Stay,
        };
        turn.wrote(sent);
        if sent { Next::Go(self.next.clone()) } else { self.otherwise() }
    }
}
