//! The head of a letter in the composer: whom an answer goes to, from which of the mailbox's addresses, under what subject, and what had been
//! written before.

use super::reader::Reader;
use crate::desk::catalog::ChannelSpec;
use crate::desk::id::ConversationId;
use crate::desk::input::{Extra, Mail};
use crate::desk::letter::address;
use crate::store::conversations::ConversationRow;
use crate::store::drafts::{self, Place};
use crate::store::messages::{self, MessageKind, MessageRow};
use crate::store::{Store, StoreError};
use serde::Serialize;

/// Messages among which the customer's newest letter is looked for.
const LOOKED: u32 = 20;
/// Of a quotation, characters.
const QUOTED: usize = 20_000;

/// What the composer offers, as JSON for its script.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head {
    pub to: String,
    /// Addresses of ours; the first is the usual one.
    from: Vec<String>,
    /// The one that the customer wrote to.
    chosen: String,
    subject: String,
    /// Who else had the letter: who gets the answer, too, unless the agent says otherwise.
    others: Vec<String>,
    /// There is something to quote.
    quotes: bool,
    /// What the agent had changed, as it was kept.
    draft: serde_json::Value,
}

/// `None` for channels without letters.
pub(super) async fn head(reader: &Reader, spec: Option<&ChannelSpec>, row: &ConversationRow) -> Result<Option<String>, StoreError> {
    let Some(spec) = spec.filter(|spec| spec.traits.threads) else { return Ok(None) };
    let store = &reader.state.store;
    let newest = newest(store, row.id).await?;
    let kept = drafts::get(store, reader.me(), Place::Mail(row.id)).await?;
    let letter = newest.as_ref().and_then(letter_of);
    let ours = |text: &str| spec.addresses.iter().find(|own| address(own) == address(text));
    let named = letter.iter().flat_map(|mail| mail.to.iter().chain(&mail.cc));
    let others = named.clone().filter(|text| ours(text).is_none() && address(text).is_some_and(|bare| bare != row.identity.value));
    let head = Head {
        to: row.identity.value.clone(),
        chosen: named.clone().find_map(|text| ours(text)).or(spec.addresses.first()).cloned().unwrap_or_default(),
        from: spec.addresses.clone(),
        subject: letter.map(|mail| mail.subject.clone()).unwrap_or_default(),
        others: others.cloned().collect(),
        quotes: newest.is_some(),
        draft: serde_json::from_str(&kept).unwrap_or_default(),
    };
    Ok(serde_json::to_string(&head).ok())
}

/// The customer's newest letter as it stands below an answer; empty where there is none.
pub(in crate::web) async fn quotation(reader: &Reader, conversation: ConversationId) -> Result<String, StoreError> {
    let Some(row) = newest(&reader.state.store, conversation).await? else { return Ok(String::new()) };
    let letter = letter_of(&row);
    let from = letter.map(|mail| mail.from.clone()).unwrap_or_default();
    let zone = jiff::tz::TimeZone::get(reader.loaded.config.site.timezone.as_ref()).unwrap_or(jiff::tz::TimeZone::UTC);
    let at = jiff::Timestamp::from_millisecond(row.sent_at.unwrap_or(row.at).0).unwrap_or_default().to_zoned(zone);
    let language = reader.loaded.config.site.language.as_ref();
    let at = at.strftime("%Y-%m-%d %H:%M").to_string();
    let head = crate::config::words::say(language, "cli.mail.wrote", &[("time", &at), ("who", &from)]);
    let before = letter.map(|mail| mail.quoted.as_str()).unwrap_or_default();
    let body = if before.is_empty() { row.text } else { format!("{}\n\n{before}", row.text.trim_end()) };
    let quoted: Vec<String> =
        body.lines().map(|line| if line.starts_with('>') { format!(">{line}") } else { format!("> {line}") }).collect();
    Ok(format!("{head}\n{}", quoted.join("\n")).chars().take(QUOTED).collect())
}

async fn newest(store: &Store, conversation: ConversationId) -> Result<Option<MessageRow>, StoreError> {
    let mut page = messages::page(store, conversation, None, LOOKED).await?;
    page.retain(|row| row.kind == MessageKind::In);
    page.sort_by_key(|row| row.id);
    Ok(page.pop())
}

fn letter_of(row: &MessageRow) -> Option<&Mail> {
    match &row.extra {
        Some(Extra::Mail(mail)) => Some(mail),
        _ => None,
    }
}
