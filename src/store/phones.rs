//! Desk phones that have registered, and who is turned away for guessing: kept for the next start, and for administrators to look at.

use super::values::{all, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;

statements! {
    ALL = "SELECT agent, uri, instance, call_id, cseq, source, transport, user_agent, expires_at, answers, reachable
        FROM phone WHERE expires_at > ?1 ORDER BY agent, uri";
    CLEAR = "DELETE FROM phone WHERE agent = ?1";
    ADD = "INSERT INTO phone (agent, uri, instance, call_id, cseq, source, transport, user_agent, expires_at, answers, reachable)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    BANS = "SELECT source, until FROM sip_ban WHERE until > ?1 ORDER BY until DESC";
    CLEAR_BANS = "DELETE FROM sip_ban";
    BAN = "INSERT INTO sip_ban (source, until) VALUES (?1, ?2)";
}

/// Where one phone of an agent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRow {
    pub agent: AgentId,
    /// Its contact, as registered.
    pub uri: String,
    /// What the phone calls itself, whatever its address.
    pub instance: Option<String>,
    /// Of its last REGISTER.
    pub call_id: String,
    pub cseq: u32,
    /// Address and port that it was heard from.
    pub source: String,
    /// `udp`, `tcp` or `tls`.
    pub transport: String,
    pub user_agent: String,
    pub expires_at: At,
    /// It has answered a question before.
    pub answers: bool,
    pub reachable: bool,
}

/// A source of SIP that is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanRow {
    pub source: String,
    pub until: At,
}

/// Phones whose registration has not run out.
pub async fn contacts(store: &Store, now: At) -> Result<Vec<PhoneRow>, StoreError> {
    store.read(move |conn| all(conn, ALL, [now], phone)).await
}

/// Replaces what is known of an agent's phones.
pub async fn set(store: &Store, agent: AgentId, rows: Vec<PhoneRow>) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            run(conn, CLEAR, [&agent])?;
            for row in &rows {
                let who = (&row.agent, &row.uri, &row.instance);
                let said = (&row.call_id, row.cseq, &row.source, &row.transport, &row.user_agent);
                let is = (row.expires_at, row.answers, row.reachable);
                let columns = (who.0, who.1, who.2, said.0, said.1, said.2, said.3, said.4, is.0, is.1, is.2);
                run(conn, ADD, columns)?;
            }
            Ok(())
        })
        .await
}

/// Who is turned away now.
pub async fn bans(store: &Store, now: At) -> Result<Vec<BanRow>, StoreError> {
    store.read(move |conn| all(conn, BANS, [now], |row| Ok(BanRow { source: row.get("source")?, until: row.get("until")? }))).await
}

/// Replaces who is turned away.
pub async fn set_bans(store: &Store, rows: Vec<BanRow>) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            run(conn, CLEAR_BANS, [])?;
            for row in &rows {
                run(conn, BAN, (&row.source, row.until))?;
            }
            Ok(())
        })
        .await
}

fn phone(row: &Row<'_>) -> rusqlite::Result<PhoneRow> {
    Ok(PhoneRow {
        agent: row.get("agent")?,
        uri: row.get("uri")?,
        instance: row.get("instance")?,
        call_id: row.get("call_id")?,
        cseq: row.get("cseq")?,
        source: row.get("source")?,
        transport: row.get("transport")?,
        user_agent: row.get("user_agent")?,
        expires_at: row.get("expires_at")?,
        answers: row.get("answers")?,
        reachable: row.get("reachable")?,
    })
}
