//! `[flows.NAME]`: what a caller or writer meets before a person, node by node. One struct holds the keys of all kinds, so that a mistake
//! is shown at its own place; which keys a kind takes stands in that kind's file in `desk/ivr/`.

use crate::config::value::{Name, Period, Secret};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// One flow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowSection {
    /// As people read it. Default: the id.
    pub name: Option<String>,
    /// The node that comes first. Default: `start`.
    pub start: Option<Name>,
    /// Node by name.
    #[serde(default)]
    pub nodes: BTreeMap<Name, NodeSection>,
}

/// One node. A target is the name of a node of the same flow, or `queue:ID`, `flow:ID`, `voicemail`,
/// `callback`, `hangup`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeSection {
    /// `play`, `menu`, `gather`, `hours`, `language`, `customer`, `lookup`, `message`, `set`, `survey`, `open_ticket`, `ticket_state`, `queue`,
    /// `outside` or `hangup`.
    pub kind: Name,
    /// Recordings played one after the other; `{variable}` speaks digits that were gathered. Default: `text`, spoken.
    pub prompt: Option<Spoken>,
    /// The same as text: sent on text channels, spoken where there is no recording. Message: what is sent. One for all, or `{ en = "…", zh-CN = "…" }`.
    pub text: Option<Spanned<Texts>>,
    /// Where it goes on.
    pub next: Option<Name>,
    /// Menu: key → target. Language: key → language.
    #[serde(default)]
    pub options: BTreeMap<Name, Name>,
    /// Menu: key → what its button says on text channels that have buttons; elsewhere a line with the key. One for all, or by language. Default:
    /// none, `text` says it all.
    #[serde(default)]
    pub labels: BTreeMap<Name, Texts>,
    /// How long an answer is waited for after the prompt. Default: 5s. Outside: how long it rings. Default: as `routing.ring_out`.
    pub wait: Option<Spanned<Period>>,
    /// How often the caller is asked again. Default: 2.
    pub retries: Option<Spanned<u32>>,
    /// Played before asking again after a wrong key. Default: `invalid-key`.
    pub invalid: Option<Spoken>,
    /// Played before asking again after silence. Default: nothing.
    pub silence: Option<Spoken>,
    /// Where it goes when no answer came, nothing fits, or the number outside is not reached. Default: `hangup`; on text channels a
    /// person. Message: where there is no way to write to them. Default: as `next`.
    pub otherwise: Option<Name>,
    /// Gather: fewest and most digits, and the key that ends the entry. Default: 1, 20, `#`.
    pub min: Option<Spanned<u32>>,
    /// See `min`.
    pub max: Option<Spanned<u32>>,
    /// See `min`.
    pub end: Option<Name>,
    /// Gather: the variable that keeps the digits. Open_ticket: the one that keeps its number.
    pub into: Option<Name>,
    /// Gather: digits that are neither shown nor recorded (a PIN, a card). Default: false.
    #[serde(default)]
    pub sensitive: bool,
    /// Hours: an `[[hours]]` id.
    pub hours: Option<Name>,
    /// Hours: target while open.
    pub open: Option<Name>,
    /// Hours: target while closed.
    pub closed: Option<Name>,
    /// Hours: target on a holiday that is closed. Default: as `closed`.
    pub holiday: Option<Name>,
    /// Language: the one spoken from here on.
    pub language: Option<Name>,
    /// Customer: tier → target.
    #[serde(default)]
    pub tiers: BTreeMap<Name, Name>,
    /// Customer: tag → target.
    #[serde(default)]
    pub tags: BTreeMap<Name, Name>,
    /// Set: points added to the priority.
    pub priority: Option<Spanned<i32>>,
    /// Set: skill → lowest level that an agent must have.
    #[serde(default)]
    pub skills: BTreeMap<Name, Spanned<u8>>,
    /// Set: tags of this contact, seen by later `customer` nodes and on the timeline.
    #[serde(default)]
    pub add_tags: Vec<Name>,
    /// Lookup: the address that is asked, by a POST of JSON.
    pub url: Option<Name>,
    /// Lookup: signs what is sent.
    pub secret: Option<Spanned<Secret>>,
    /// Lookup: variables that are sent. Default: none.
    #[serde(default)]
    pub send: Vec<Name>,
    /// Lookup: the longest wait, up to 10s. Default: 2s.
    pub timeout: Option<Spanned<Period>>,
    /// Lookup: the answer's `branch` → target.
    #[serde(default)]
    pub branches: BTreeMap<Name, Name>,
    /// Queue: an id.
    pub queue: Option<Name>,
    /// Outside: the number that is called, or `{variable}`. Ticket_state: the variable with the number of the one asked for. Default: all.
    pub number: Option<Name>,
    /// Open_ticket: its kind, a `[tickets.types.NAME]`. Default: none; `text` is its subject.
    pub ticket: Option<Name>,
    /// Open_ticket: field of that kind → value, which may hold `{variable}`.
    #[serde(default)]
    pub fields: BTreeMap<Name, Name>,
    /// Survey: the name under which answers are kept.
    pub survey: Option<Name>,
}

/// One recording's name or several.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken(pub Vec<Name>);

/// One text, under the empty name, or one for each language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Spoken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Spoken, D::Error> {
        // A place is only told for a value read as such, so the one string comes in as a spanned list or a spanned string.
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Written(Spanned<OneOrMore>);
        let written = Written::deserialize(deserializer)?.0;
        let span = written.span();
        Ok(Spoken(match written.into_inner() {
            OneOrMore::One(name) => vec![Spanned::new(span, name)],
            OneOrMore::More(names) => names,
        }))
    }
}

enum OneOrMore {
    One(String),
    More(Vec<Name>),
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneOrMore, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = OneOrMore;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a recording, or a list of them")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore::One(name.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(OneOrMore::More(names))
            }
        }
        deserializer.deserialize_any(Names)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Texts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or { en = \"…\", zh-CN = \"…\" }")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(BTreeMap::from([(String::new(), text.to_owned())])))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((language, text)) = map.next_entry::<String, String>()? {
                    texts.insert(language, text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(Words)
    }
}
