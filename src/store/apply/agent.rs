//! Rows of facts about agents.

use crate::desk::fact::AgentFact;
use crate::desk::id::*;
use crate::store::StoreError;
use crate::store::values::{run, word};
use rusqlite::Connection;

statements! {
    STATUS = "INSERT INTO agent_status (agent, at, status, reason, why) VALUES (?1, ?2, ?3, ?4, ?5)";
}

pub(super) fn rows(conn: &Connection, at: At, id: &AgentId, fact: &AgentFact) -> Result<(), StoreError> {
    match fact {
        AgentFact::Status { status, reason, why } => run(conn, STATUS, (id, at, word(status), reason, word(why))).map(drop),
        // Kept in the log alone.
        AgentFact::VoiceReady
        | AgentFact::VoiceLost { .. }
        | AgentFact::StatusSet { .. }
        | AgentFact::Moved { .. }
        | AgentFact::Takes { .. }
        | AgentFact::MoveEnded { .. } => Ok(()),
    }
}
