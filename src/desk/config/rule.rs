//! `[[rules]]` and `[moods]`: what the house does by itself when something happens.

use super::flow::Texts;
use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `[[rules]]`: when this happens, if that holds, then these are done. Rules look at what happens in the order of the file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSection {
    /// By which the log and `hubline simulate` name it.
    pub id: Name,
    /// As the timeline shows it. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub title: Spanned<Texts>,
    /// What must happen.
    pub when: WhenSection,
    /// What must hold then. Default: nothing.
    #[serde(default, rename = "if")]
    pub given: IfSection,
    /// What is done, in this order.
    pub then: Spanned<Vec<ThenSection>>,
    /// For the same contact, ticket or event it acts again after so long; 0s for never. Default: 0s.
    #[serde(default = "none")]
    pub again: Spanned<Period>,
    /// Rules after it do not look at what it has acted upon. Default: false.
    #[serde(default)]
    pub stop: bool,
}

/// What must happen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenSection {
    /// `opened`, `message`, `queued`, `assigned`, `answered`, `call_ended`, `wrapped_up`, `missed`, `resolved`, `ticket_opened`,
    /// `ticket_state`, `ticket_late`, `rating`, `tagged` (by another rule or an agent), or `fact:NAME`, which a program of the firm's tells.
    pub event: Name,
    /// So long after it. Default: at once.
    #[serde(default = "none")]
    pub after: Spanned<Period>,
    /// Unless one of these has happened meanwhile. Default: whatever happens.
    #[serde(default)]
    pub unless: Vec<Name>,
    /// What a program tells calls it off only where this value is the same, such as the number of the parcel. Default: whatever it tells of
    /// the same customer.
    #[serde(default)]
    pub same: Option<Name>,
}

/// What must hold; of each list one, and all of the keys.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IfSection {
    /// `[[channels]]` ids.
    pub channel: Vec<Name>,
    /// Kinds of channels (`webchat`, `email`, …), or `call`.
    pub kind: Vec<Name>,
    /// `[[queues]]` ids.
    pub queue: Vec<Name>,
    /// `[[tiers]]` ids.
    pub tier: Vec<Name>,
    /// Tags of the customer or the contact; of `tagged` the tag that was given.
    pub tag: Vec<Name>,
    /// None of these tags.
    pub no_tag: Vec<Name>,
    /// Words or phrases that the customer has said.
    pub words: Vec<Name>,
    /// `bad`, `neutral` or `good`, by lists of words (`[moods]` adds to them).
    pub mood: Option<Name>,
    /// The contact's queue is open (`true`), or closed.
    pub open: Option<Spanned<bool>>,
    /// Within these hours, an `[[hours]]` id.
    pub hours: Option<Name>,
    /// Outside of these hours.
    pub outside: Option<Name>,
    /// Languages of the customer, BCP 47.
    pub language: Vec<Name>,
    /// `[[people.fields]]` ids and the values that they may have.
    pub field: BTreeMap<Name, Vec<String>>,
    /// The same of what a program has told.
    pub value: BTreeMap<Name, Vec<String>>,
    /// `offers`, `service_only`, `nothing` or `unknown`.
    pub consent: Option<Name>,
    /// Of a contact: `flow`, `waiting`, `serving`, `snoozed`, `resolved`, `quiet`, `over`; of a ticket its state.
    pub state: Vec<Name>,
    /// Outcomes that agents have chosen.
    pub disposition: Vec<Name>,
    /// `[tickets.types.NAME]`.
    pub ticket: Vec<Name>,
    /// Of a rating, from 1 to 5.
    pub score_at_least: Option<Spanned<u8>>,
    /// The same.
    pub score_at_most: Option<Spanned<u8>>,
    /// Contacts that the customer must have had, this one among them.
    pub past: Vec<PastSection>,
}

/// Contacts of a customer's within a time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastSection {
    /// Kinds of channels, `call`, or `text` for all but calls. Default: all.
    #[serde(default)]
    pub kind: Vec<Name>,
    /// Contacts with this tag. Default: all.
    pub tag: Option<Name>,
    /// So many. Default: 1.
    #[serde(default = "one")]
    pub least: Spanned<usize>,
    /// Within so long.
    pub within: Spanned<Period>,
}

/// One thing that is done: `do` says what, and each takes some of the other keys.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThenSection {
    /// `assign`, `prioritise`, `tag`, `reply`, `message`, `move`, `ticket`, `notify`, `webhook`, `alert` or `survey`.
    #[serde(rename = "do")]
    pub what: Name,
    /// assign: to whom.
    pub agent: Option<Name>,
    /// assign: to another queue. move to `calls`: the queue of the call list. Default: the contact's own.
    pub queue: Option<Name>,
    /// prioritise: points for a contact, below 0 for less.
    pub points: Option<Spanned<i32>>,
    /// prioritise a ticket, ticket: `urgent`, `high`, `normal` or `low`.
    pub priority: Option<Name>,
    /// tag: its name.
    pub tag: Option<Name>,
    /// tag: `person` or `contact`. Default: `person`.
    pub of: Option<Name>,
    /// reply, message, move: what the customer reads. notify, alert: what staff read. Places: `{site}`, `{queue}`, `{channel}`, `{number}`,
    /// `{text}` (the customer's words), and the names of values that a program has told.
    pub text: Option<Spanned<Texts>>,
    /// message, move: of a letter. ticket: its subject.
    pub subject: Option<Spanned<Texts>>,
    /// reply, message, move: what goes where the platform takes approved texts alone. Default: none.
    pub template: Option<TemplateSection>,
    /// message: `service` or `offer`, which needs the customer's consent. Default: `service`.
    pub purpose: Option<Name>,
    /// message: only these channels, in this order. Default: the one that reaches the customer best.
    #[serde(default)]
    pub channels: Vec<Name>,
    /// move: a channel, or `calls` for the call list. webhook: a `[[webhooks]]` id.
    pub to: Option<Name>,
    /// ticket: a `[tickets.types.NAME]`. Default: none.
    #[serde(rename = "type")]
    pub kind: Option<Name>,
    /// ticket: a `[tickets.departments.NAME]`. Default: the type's.
    pub department: Option<Name>,
    /// ticket: whose it is. Default: nobody's.
    pub assignee: Option<Name>,
    /// ticket: its first comment. Default: none.
    pub note: Option<Spanned<Texts>>,
    /// notify: these agents.
    #[serde(default)]
    pub agents: Vec<Name>,
    /// notify: all supervisors. Default: false.
    #[serde(default)]
    pub supervisors: bool,
    /// alert: so long on the wallboard. Default: 1h.
    #[serde(rename = "for")]
    pub shown: Option<Spanned<Period>>,
    /// survey: a `[[surveys]]` id.
    pub survey: Option<Name>,
}

/// A text that a platform has approved.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSection {
    pub name: Name,
    /// As the platform writes it.
    pub language: Name,
    /// What stands in its places, in order; with the same places as a text. Default: none.
    #[serde(default)]
    pub variables: Vec<String>,
}

/// `[moods]`: words that the house counts besides its own lists.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MoodsSection {
    /// Of customers who are angry. Default: none.
    pub bad: Vec<Name>,
    /// Of customers who are content. Default: none.
    pub good: Vec<Name>,
}

fn none() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(0))
}

fn one() -> Spanned<usize> {
    Spanned::new(0..0, 1)
}
