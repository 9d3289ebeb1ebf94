//! What a kept event means: a text in one or several short messages, or a receipt.

use super::config::SmppSection;
use super::ledger::Kept;
use super::long::{self, Content};
use super::pdu::{ShortMessage, ton};
use super::{coding, receipt};
use crate::channels::numbers;
use crate::channels::platform::*;
use crate::desk::id::{At, ChannelId};
use bytes::Bytes;

/// Stands where a part never came.
const MISSING: &str = "[…]";

pub(super) fn read(channel: &ChannelId, section: &SmppSection, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let kept: Kept = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let mut parts: Vec<(u8, ShortMessage, Content)> = Vec::new();
    for (number, body) in &kept.pdus {
        let body = hex::decode(body).map_err(|error| Unreadable(error.to_string()))?;
        let message = ShortMessage::read(&body).map_err(|error| Unreadable(error.to_string()))?;
        let content = long::content(&message);
        parts.push((*number, message, content));
    }
    let Some((_, first, content)) = parts.first() else { return Err(Unreadable("an event without a message".into())) };
    if receipt::is_receipt(first) {
        let text: String = content.bytes.iter().map(|b| char::from(*b)).collect();
        let told = receipt::read(first, &text, section.receipt_ids).ok_or_else(|| Unreadable("a receipt of no message".into()))?;
        return Ok(vec![Heard::Receipt { of: OfOurs::External(told.id), state: told.state }]);
    }
    let country = section.country_code.as_ref().map(|code| code.get_ref().as_str());
    let source = &first.source;
    let international = source.ton == ton::INTERNATIONAL;
    let identity = if source.ton == ton::ALPHANUMERIC {
        numbers::identity(channel, &source.digits, false, None)
    } else {
        numbers::identity(channel, &source.digits, international, country)
    };
    let (text, media) = said(section, kept.total, &parts);
    Ok(vec![Heard::Message(Wrote {
        key: kept.name,
        from: Sender { identity, name: None, also: Vec::new(), language: None },
        text,
        extra: None,
        media,
        sent: At(kept.at),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    })])
}

/// The text; or, of what is no text, its bytes as a file.
fn said(section: &SmppSection, total: u8, parts: &[(u8, ShortMessage, Content)]) -> (String, Vec<Media>) {
    // Neighbours of one coding are joined before they are decoded: some senders cut characters.
    let mut runs: Vec<(u8, u8, u32, Vec<u8>)> = Vec::new();
    let (mut last, mut binary) = (0, false);
    for (number, message, content) in parts {
        binary |= content.for_program || coding::decode(message.data_coding, &[], section.alphabet, 0).is_none();
        match runs.last_mut() {
            Some((coding, upto, _, bytes)) if *coding == message.data_coding && *upto + 1 == *number && content.fill == 0 => {
                bytes.extend(&content.bytes);
                *upto = *number;
            }
            _ => runs.push((message.data_coding, *number, content.fill, content.bytes.clone())),
        }
    }
    if binary {
        let bytes: Vec<u8> = runs.into_iter().flat_map(|(.., bytes)| bytes).collect();
        let media = Media { name: "message.bin".into(), at: MediaAt::Here(Bytes::from(bytes)) };
        return (String::new(), vec![media]);
    }
    let mut text = String::new();
    for (data_coding, upto, fill, bytes) in runs {
        let decoded = coding::decode(data_coding, &bytes, section.alphabet, fill).unwrap_or_default();
        let first = parts.iter().map(|(number, ..)| *number).find(|number| *number > last).unwrap_or(last + 1);
        if first > last + 1 {
            text.push_str(MISSING);
        }
        text.push_str(&decoded);
        last = upto;
    }
    if last < total {
        text.push_str(MISSING);
    }
    (text.chars().filter(|c| !c.is_control() || *c == '\n').collect(), Vec::new())
}
