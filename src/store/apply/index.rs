//! Which facts bring or change words that the search finds.

use crate::desk::fact::*;
use crate::desk::id::Work;
use crate::desk::input::{Change, Delivery, TicketChange};
use crate::desk::rules::spec::TagOf;
use crate::store::{StoreError, search};
use rusqlite::Connection;

/// Indexes what a recorded fact says. Its rows are there already.
pub(super) fn words(conn: &Connection, fact: &Fact) -> Result<(), StoreError> {
    match fact {
        Fact::Person(id, PersonFact::Added { .. }) => search::index_person(conn, *id),
        Fact::Person(id, PersonFact::IdentityAdded { .. } | PersonFact::IdentityRemoved { .. }) => search::index_person(conn, *id),
        Fact::Person(id, PersonFact::Entered { .. } | PersonFact::RecordTold { .. }) => search::index_person(conn, *id),
        Fact::Rule(_, RuleFact::Did { person, did: Did::Tagged { of: TagOf::Person, .. }, .. }) => search::index_person(conn, *person),
        Fact::Person(id, PersonFact::Tagged { .. } | PersonFact::Untagged { .. }) => search::index_person(conn, *id),
        Fact::Person(id, PersonFact::Merged { from, .. } | PersonFact::Unmerged { from, .. }) => {
            search::index_person(conn, *id)?;
            search::index_person(conn, *from)
        }
        Fact::Person(
            _,
            PersonFact::OptedOut { .. }
            | PersonFact::Unreachable { .. }
            | PersonFact::Consent { .. }
            | PersonFact::KeptApart { .. }
            | PersonFact::Told { .. }
            | PersonFact::Blocked { .. },
        ) => Ok(()),
        Fact::Person(_, PersonFact::NoteAdded { message, text, .. }) => search::index_message(conn, *message, text),
        Fact::Conversation(
            _,
            ConversationFact::Received { message, body, .. }
            | ConversationFact::Elsewhere { message, body, .. }
            | ConversationFact::Queued { message, body, .. },
        ) => search::index_message(conn, *message, &body.text),
        Fact::Conversation(_, ConversationFact::Changed { message, change, .. }) => match change {
            Change::Edited(text) => search::index_message(conn, *message, text),
            Change::Recalled => search::index_message(conn, *message, ""),
        },
        Fact::Conversation(_, ConversationFact::Amended { message, change, state, .. }) => match (state, change) {
            (Delivery::Queued | Delivery::Unknown | Delivery::Failed { .. }, _) => Ok(()),
            (_, Change::Edited(text)) => search::index_message(conn, *message, text),
            (_, Change::Recalled) => search::index_message(conn, *message, ""),
        },
        Fact::Ticket(id, TicketFact::Opened { .. }) => search::index_ticket(conn, *id),
        Fact::Ticket(id, TicketFact::Changed { change, .. }) => match change {
            TicketChange::Subject(_) | TicketChange::Comment(_) => search::index_ticket(conn, *id),
            TicketChange::State(_)
            | TicketChange::Priority(_)
            | TicketChange::Assignee(_)
            | TicketChange::Department { .. }
            | TicketChange::Kind(_)
            | TicketChange::Field { .. }
            | TicketChange::Due(_)
            | TicketChange::Watch { .. }
            | TicketChange::Check { .. }
            | TicketChange::AddItem(_)
            | TicketChange::Related { .. }
            | TicketChange::Parent(_)
            | TicketChange::Attach(_)
            | TicketChange::Quiet(_)
            | TicketChange::Contact(_) => Ok(()),
        },
        Fact::Routing(Work::Call(call), RoutingFact::WrapUpDone { note, .. }) if !note.is_empty() => search::index_call(conn, *call),
        // Nothing in them is text that people look for.
        Fact::Ticket(..)
        | Fact::Conversation(..)
        | Fact::Call(..)
        | Fact::Callback(..)
        | Fact::Form(..)
        | Fact::Proactive(..)
        | Fact::Survey(..)
        | Fact::Routing(..)
        | Fact::Flow(..)
        | Fact::Agent(..)
        | Fact::Trunk(..)
        | Fact::Channel(..)
        | Fact::Dial(..)
        | Fact::Overlay(..)
        | Fact::Source(..)
        | Fact::Rule(..) => Ok(()),
    }
}
