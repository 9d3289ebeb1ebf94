//! `ticket_state`: tells customers how far their tickets have come; with a number that one alone, if it is theirs.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Heard, Next, Turn};
use super::spoken;
use super::words::{Piece, Words, variable};
use crate::desk::config::NodeSection;

/// Tickets that are read out, one after the other: nobody remembers more.
const MOST: usize = 3;

#[derive(Debug, Clone)]
pub struct TicketState {
    /// Said before them.
    words: Words,
    /// The variable that has the number of the one that is asked for.
    number: Option<String>,
    next: Target,
    /// There is none.
    otherwise: Target,
}

impl Kind for TicketState {
    const KEYS: &'static [&'static str] = &["prompt", "text", "number", "next", "otherwise"];
    const NEEDS: &'static [&'static str] = &["next", "otherwise"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> TicketState {
        TicketState {
            words: Words::of(section),
            number: section.number.as_ref().and_then(|name| variable(name.get_ref())).map(str::to_owned),
            next: target(&section.next),
            otherwise: target(&section.otherwise),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way { label: Label::Next, target: &self.next }, Way { label: Label::Otherwise, target: &self.otherwise }]
    }

    fn words(&self) -> Vec<&Words> {
        vec![&self.words]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        let wanted = self.number.as_ref().map(|name| turn.run.variables.get(name).cloned().unwrap_or_default());
        let fits = |id: &crate::desk::id::TicketId| wanted.as_ref().is_none_or(|wanted| wanted.parse() == Ok(id.0));
        let found: Vec<_> = turn.scene.tickets.iter().filter(|ticket| fits(&ticket.id)).take(MOST).collect();
        if found.is_empty() {
            return Next::Go(self.otherwise.clone());
        }
        if turn.scene.text {
            let before = self.words.written(&turn.language, turn.run);
            let lines = before.into_iter().chain(found.iter().map(|ticket| ticket.line.clone()));
            let text = lines.collect::<Vec<_>>().join("\n");
            let serial = turn.next_serial();
            turn.run.speaking = false;
            turn.does.push(Does::Write { serial, text, choices: Vec::new() });
            return Next::Go(self.next.clone());
        }
        let read = found.iter().flat_map(|ticket| match &ticket.name {
            None => spoken::ticket(ticket.id, ticket.state),
            Some(name) => spoken::ticket_number(ticket.id).into_iter().chain([Piece::Text(name.clone())]).collect(),
        });
        let pieces: Vec<Piece> = self.words.pieces(&turn.language, turn.run).into_iter().chain(read).collect();
        turn.say_pieces(pieces);
        Next::Stay
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        match heard {
            Heard::Said | Heard::Time => {
                turn.run.speaking = false;
                Next::Go(self.next.clone())
            }
            // Who has heard enough goes on.
            Heard::Digit(_) => {
                turn.hush();
                Next::Go(self.next.clone())
            }
            Heard::Text(_) | Heard::Found(_) | Heard::Ticket(_) | Heard::Written(_) | Heard::NotReached => Next::Stay,
        }
    }
}
