//! Rows of facts about customers.

use crate::desk::fact::PersonFact;
use crate::desk::id::*;
use crate::desk::same::Proof;
use crate::store::values::{change, run, word};
use crate::store::{StoreError, notices, persons};
use rusqlite::Connection;

statements! {
    ADD = "INSERT INTO person (id, name, created_at, contact_at) VALUES (?1, ?2, ?3, ?3)";
    CONSENT = "UPDATE identity SET opted_out_at = ?4 WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    UNREACHABLE = "UPDATE identity SET unreachable = ?4 WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    AGREED = "UPDATE person SET consent = ?2, consent_by = ?3, consent_at = ?4 WHERE id = ?1";
    TOLD = "INSERT INTO told (id, asker, key, digest, person, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    NOTE = "INSERT INTO message (id, person, conversation, call, kind, agent, text, at) VALUES (?1, ?2, ?3, ?4, 'note', ?5, ?6, ?7)";
}

pub(super) fn rows(conn: &Connection, at: At, id: PersonId, fact: &PersonFact) -> Result<(), StoreError> {
    match fact {
        PersonFact::Added { name, identity } => {
            run(conn, ADD, (id, name, at))?;
            persons::insert_identity(conn, id, identity, identity.proof(), at)
        }
        PersonFact::OptedOut { identity, out } => {
            let since = out.then_some(at);
            run(conn, CONSENT, (&identity.kind, &identity.namespace, &identity.value, since)).map(drop)
        }
        PersonFact::Consent { consent, by } => change(conn, AGREED, (id, word(consent), by, at), "person"),
        PersonFact::Tagged { tag, .. } => persons::tag_row(conn, id, tag),
        PersonFact::Untagged { tag, .. } => persons::untag_row(conn, id, tag),
        PersonFact::Unreachable { identity, why } => {
            let why = why.as_ref().map(word);
            run(conn, UNREACHABLE, (&identity.kind, &identity.namespace, &identity.value, why)).map(drop)
        }
        // Known already, of this person or of another: it stays whose it is.
        PersonFact::IdentityAdded { identity, proof, .. } if persons::brief_of(conn, identity)?.is_some() => {
            match proof.or(identity.proof()) {
                Some(proof) => persons::prove_of(conn, id, identity, proof, at),
                None => Ok(()),
            }
        }
        PersonFact::IdentityAdded { identity, proof, .. } => persons::insert_identity(conn, id, identity, proof.or(identity.proof()), at),
        PersonFact::IdentityRemoved { identity, .. } => persons::remove_identity(conn, id, identity),
        PersonFact::Entered { name, identities, proof, by: _ } => persons::enter_rows(conn, at, id, name, identities, *proof),
        PersonFact::Blocked { on, by, reason } => persons::block_rows(conn, at, id, *on, by, reason),
        PersonFact::RecordTold { identity } => match persons::brief_of(conn, identity)? {
            None => persons::insert_identity(conn, id, identity, Some(Proof::Platform), at),
            Some(_) => Ok(()),
        },
        PersonFact::Merged { from, by, why, moved: _ } => persons::merge_rows(conn, at, (id, *from), by, why),
        PersonFact::Unmerged { from, by, back } => persons::unmerge_rows(conn, at, (id, *from), by, back),
        PersonFact::KeptApart { other, by } => persons::keep_apart_rows(conn, at, id, *other, by),
        PersonFact::Told { told, by, key, digest, .. } => run(conn, TOLD, (told, by, key, digest, id, at)).map(drop),
        PersonFact::NoteAdded { message, work, by, text } => {
            let (conversation, call) = match work {
                None | Some(Work::Callback(_)) => (None, None),
                Some(Work::Conversation(conversation)) => (Some(conversation), None),
                Some(Work::Call(call)) => (None, Some(call)),
            };
            run(conn, NOTE, (message, id, conversation, call, by, text, at))?;
            notices::mentioned(conn, at, id, work.as_ref(), by, text)?;
            notices::tell_followers(conn, at, id, work.as_ref(), Some(by), text)
        }
    }
}
