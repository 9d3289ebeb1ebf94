//! Facts of customers.

use crate::desk::id::*;
use crate::desk::person::{Consent, Identity, Unreachable};
use crate::desk::rules::Subject;
use crate::desk::same::{Belongings, MergeWhy, Proof};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonFact {
    /// A contact of somebody unknown: a person is made for the identity.
    Added {
        name: String,
        identity: Identity,
    },
    /// By a word of consent in a text message: no more texts (`out`), or texts again.
    OptedOut {
        identity: Identity,
        out: bool,
    },
    /// Nothing reaches them by this identity any more, as the platform says; `None`: they have written again.
    Unreachable {
        identity: Identity,
        why: Option<Unreachable>,
    },
    /// What they have agreed to, as they told this agent.
    Consent {
        consent: Consent,
        by: AgentId,
    },
    /// An agent has given them a tag, in this contact; `Told`: in none.
    Tagged {
        tag: String,
        by: AgentId,
        subject: Subject,
    },
    Untagged {
        tag: String,
        by: AgentId,
    },
    /// It is theirs, unless it is known as somebody else's: they have shown it, or an agent says so.
    IdentityAdded {
        identity: Identity,
        /// `None`: what the identity itself proves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Proof>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
    },
    /// An agent says that it is not theirs, or no longer.
    IdentityRemoved {
        identity: Identity,
        by: AgentId,
    },
    /// Somebody of ours has written them down before they came.
    Entered {
        name: String,
        identities: Vec<Identity>,
        /// How their identities are known to be theirs.
        #[serde(default = "Proof::listed")]
        proof: Proof,
        by: AgentId,
    },
    /// Their contacts are refused from now on, or taken again.
    Blocked {
        on: bool,
        by: AgentId,
        reason: String,
    },
    /// The firm's own system knows them by this record, and has told of it.
    RecordTold {
        identity: Identity,
    },
    /// `from` is this person from now on; everything of theirs has moved.
    Merged {
        from: PersonId,
        by: AgentId,
        why: MergeWhy,
        moved: Box<Belongings>,
    },
    /// `from` is somebody of their own again, with all of this.
    Unmerged {
        from: PersonId,
        by: AgentId,
        back: Box<Belongings>,
    },
    /// An agent knows that these are two.
    KeptApart {
        other: PersonId,
        by: AgentId,
    },
    /// A program of the firm's has told of them.
    Told {
        told: ToldId,
        name: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
        by: String,
        key: String,
        digest: String,
    },
    NoteAdded {
        message: MessageId,
        work: Option<Work>,
        by: AgentId,
        text: String,
    },
}
