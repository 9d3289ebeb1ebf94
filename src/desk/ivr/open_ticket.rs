//! `open_ticket`: opens a ticket of what the flow has learnt, and goes on. Its number can then be spoken and written as a variable.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;
use crate::desk::id::TicketKind;
use std::collections::BTreeMap;

/// How long the number is waited for, ms: the desk gives it in the same step.
const WAIT_MS: i64 = 1_000;

#[derive(Debug, Clone)]
pub struct OpenTicket {
    kind: Option<TicketKind>,
    /// With `{variables}`.
    subject: Words,
    fields: BTreeMap<String, Words>,
    into: Option<String>,
    next: Target,
}

impl Kind for OpenTicket {
    const KEYS: &'static [&'static str] = &["ticket", "text", "fields", "into", "next"];
    const NEEDS: &'static [&'static str] = &["text", "next"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> OpenTicket {
        let words = |text: &str| Words { prompts: Vec::new(), texts: BTreeMap::from([(String::new(), text.to_owned())]) };
        OpenTicket {
            kind: section.ticket.as_ref().map(|kind| TicketKind::from(kind.get_ref().as_str())),
            subject: Words::new(None, section.text.as_ref().map(toml::Spanned::get_ref)),
            fields: section.fields.iter().map(|(name, value)| (name.get_ref().clone(), words(value.get_ref()))).collect(),
            into: section.into.as_ref().map(|name| name.get_ref().clone()),
            next: target(&section.next),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Next, target: &self.next }]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        let written = |words: &Words, turn: &Turn<'_>| words.written(&turn.language, turn.run).unwrap_or_default();
        let subject = written(&self.subject, turn);
        let fields = self.fields.iter().map(|(name, words)| (name.clone(), written(words, turn))).collect();
        turn.does.push(Does::OpenTicket { kind: self.kind.clone(), subject, fields });
        turn.run.speaking = false;
        turn.run.until = turn.scene.now.after(WAIT_MS);
        Next::Stay
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        match heard {
            Heard::Ticket(ticket) => {
                if let (Some(into), Some(ticket)) = (&self.into, ticket) {
                    turn.run.keep(into, &ticket.to_string());
                }
                Next::Go(self.next.clone())
            }
            Heard::Time => Next::Go(self.next.clone()),
            Heard::Said | Heard::Digit(_) | Heard::Text(_) | Heard::Found(_) | Heard::Written(_) | Heard::NotReached => Next::Stay,
        }
    }
}
