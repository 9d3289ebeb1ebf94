//! What a rule sees of a contact, a ticket or something told, and whether that is what it asks for. The desk makes it of its memory, the dry
//! run of the log.

use super::book::Visit;
use super::heard::Heard;
use super::spec::{Given, Past, Rules};
use super::words::{mood, says};
use crate::desk::id::*;
use crate::desk::person::Consent;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of calls, beside those of channels.
pub const CALL: &str = "call";
/// All kinds but calls.
pub const TEXT: &str = "text";

/// One thing that happened, with all that is known of whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub heard: Heard,
    pub person: PersonId,
    #[serde(flatten)]
    pub about: About,
}

/// What is known of whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Of the channel, or `call`; empty where it is no contact.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<TierId>,
    /// BCP 47; `None` for the house's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Of the customer, and of the contact.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    pub consent: Consent,
    /// `flow`, `waiting`, `serving`, `snoozed`, `resolved`, `quiet` or `over`; of a ticket its state.
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_kind: Option<TicketKind>,
    /// Whether its queue is open now.
    #[serde(skip)]
    pub open: bool,
}

impl About {
    pub fn is_empty(&self) -> bool {
        *self == About::default()
    }
}

/// The states of contacts.
pub const STATES: [&str; 7] = ["flow", "waiting", "serving", "snoozed", "resolved", "quiet", "over"];

/// Whether all that a rule asks for holds. `visits`: the customer's contacts of late.
pub fn holds(given: &Given, seen: &Seen, visits: &[Visit], rules: &Rules, house: &str, now: At) -> bool {
    let Seen { heard, about, .. } = seen;
    fn one<T: PartialEq>(wanted: &[T], is: Option<&T>) -> bool {
        wanted.is_empty() || is.is_some_and(|is| wanted.contains(is))
    }
    let values = |wanted: &BTreeMap<String, Vec<String>>, are: &BTreeMap<String, String>| {
        wanted.iter().all(|(name, wanted)| are.get(name).is_some_and(|is| wanted.iter().any(|value| value.trim() == is.trim())))
    };
    let tagged = |tag: &String| about.tags.contains(tag) || heard.tag.as_ref() == Some(tag);
    let language = about.language.as_deref().unwrap_or(house);
    let family = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    // The cheap ones first: words are looked for where everything else fits.
    one(&given.channels, about.channel.as_ref())
        && one(&given.kinds, Some(&about.kind))
        && one(&given.queues, about.queue.as_ref())
        && one(&given.tiers, about.tier.as_ref())
        && one(&given.ticket_kinds, about.ticket_kind.as_ref())
        && one(&given.states, Some(&about.state))
        && one(&given.dispositions, heard.disposition.as_ref())
        && (given.tags.is_empty() || tag_wanted(given, seen, &tagged))
        && !given.no_tags.iter().any(tagged)
        && given.consent.is_none_or(|wanted| wanted == about.consent)
        && given.open.is_none_or(|wanted| wanted == about.open)
        && given.lowest.is_none_or(|lowest| heard.score.is_some_and(|score| score >= lowest))
        && given.highest.is_none_or(|highest| heard.score.is_some_and(|score| score <= highest))
        && (given.languages.is_empty() || given.languages.iter().any(|wanted| family(wanted) == family(language)))
        && given.hours.as_ref().is_none_or(|(hours, within)| hours.open_at(now) == *within)
        && values(&given.fields, &about.fields)
        && values(&given.values, &heard.values)
        && given.past.iter().all(|past| was(past, visits, now))
        && (given.words.is_empty() || given.words.iter().any(|word| says(&heard.text, word)))
        && given.mood.is_none_or(|wanted| !heard.text.trim().is_empty() && mood(&heard.text, &rules.moods) == wanted)
}

/// Of a tag that was just given, that one counts; else all that there are.
fn tag_wanted(given: &Given, seen: &Seen, tagged: &impl Fn(&String) -> bool) -> bool {
    match &seen.heard.tag {
        Some(tag) => given.tags.contains(tag),
        None => given.tags.iter().any(tagged),
    }
}

fn was(past: &Past, visits: &[Visit], now: At) -> bool {
    let kind = |visit: &Visit| {
        let fits = |wanted: &String| *wanted == visit.kind || (wanted == TEXT && visit.kind != CALL);
        past.kinds.is_empty() || past.kinds.iter().any(fits)
    };
    let fits = |visit: &&Visit| {
        now.since(visit.at) <= past.within_ms && kind(visit) && past.tag.as_ref().is_none_or(|tag| visit.tags.contains(tag))
    };
    visits.iter().filter(fits).count() >= past.least
}
