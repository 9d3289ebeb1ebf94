//! Letters that agents write: what may stand on their head, and beginning one that answers none.

use super::Desk;
use super::catalog::ChannelSpec;
use super::id::*;
use super::input::{Body, Extra, Mail};
use super::person::{Who, plain_name};
use super::push::{may_contact, sendable};
use super::refusal::Refusal;
use super::step::Answer;
use super::work::{Job, Stage};

/// People who get a copy of one letter, openly or not.
const MOST_COPIES: usize = 50;
/// Longest address, bytes (RFC 5321 §4.5.3.1.3, less its brackets); longest subject and quotation, characters.
const LONGEST_ADDRESS: usize = 254;
const LONGEST_SUBJECT: usize = 500;
const LONGEST_QUOTED: usize = 50_000;

impl Desk {
    /// The house writes first, to an address that somebody has; whoever wrote it gets the answer first.
    pub(super) fn write_letter(&mut self, by: AgentId, who: Who, channel: ChannelId, body: Body, key: String) -> Result<Answer, Refusal> {
        if let Some(known) = self.conversations.values().find_map(|c| c.replied_as(&key)) {
            return Ok(Answer::Known(known));
        }
        let letters = self.catalog.channels.get(&channel).filter(|spec| spec.traits.threads && spec.traits.first.is_some());
        let spec = letters.cloned().ok_or(Refusal::NoLetters)?;
        if spec.traits.first != Some(who.identity.kind.as_str()) || address(&who.identity.value).is_none() {
            return Err(Refusal::NoAddress { address: who.identity.value });
        }
        may_contact(&who)?;
        let body = headed(&spec, body)?;
        let job = Job { last_agent: Some(by.clone()), ticketed: false, stage: Stage::Apart, ..self.job_for(who) };
        sendable(&spec, &job, &body)?;
        let subject = match &body.extra {
            Some(Extra::Mail(mail)) if !mail.subject.is_empty() => mail.subject.clone(),
            _ => body.text.clone(),
        };
        let conversation = self.begin_conversation(channel, job, &subject);
        self.send(conversation, Some(by), body, key).map(Answer::Message).ok_or(Refusal::Gone)
    }
}

/// A letter as it may go out; other channels carry no head.
pub(super) fn headed(channel: &ChannelSpec, mut body: Body) -> Result<Body, Refusal> {
    let mail = match body.extra.take() {
        Some(Extra::Mail(mail)) if channel.traits.threads => mail,
        Some(Extra::Mail(_)) => return Ok(body),
        other => return Ok(Body { extra: other, ..body }),
    };
    let Mail { subject, from, cc, bcc, quoted, .. } = *mail;
    if !from.is_empty() && !channel.addresses.iter().any(|own| address(own) == address(&from)) {
        return Err(Refusal::NotOurAddress { address: from });
    }
    let mut copied = Vec::new();
    let mut each = |list: Vec<String>| {
        let mut kept = Vec::new();
        for text in list {
            let bare = address(&text).ok_or(Refusal::NoAddress { address: text })?;
            if !copied.contains(&bare) {
                copied.push(bare.clone());
                kept.push(bare);
            }
        }
        Ok::<_, Refusal>(kept)
    };
    let (cc, bcc) = (each(cc)?, each(bcc)?);
    if copied.len() > MOST_COPIES {
        return Err(Refusal::TooManyCopies { most: MOST_COPIES });
    }
    let quoted = quoted.chars().take(LONGEST_QUOTED).collect();
    let mail = Mail { subject: plain_name(&subject, LONGEST_SUBJECT), from, cc, bcc, quoted, ..Mail::default() };
    body.extra = Some(Extra::Mail(Box::new(mail)));
    Ok(body)
}

/// The address in `a@b.example` or `Name <a@b.example>`, in small letters; what could be read in two ways is none.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = match text.strip_suffix('>') {
        Some(named) => named.rsplit_once('<')?.1,
        None => text,
    };
    let (local, domain) = bare.split_once('@')?;
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | ':' | '"' | '(' | ')' | '[' | ']' | '\\' | '@')
    };
    let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let whole = !local.is_empty() && domain.contains('.') && domain.split('.').all(label) && bare.len() <= LONGEST_ADDRESS;
    (whole && !local.contains(odd) && !domain.contains(odd)).then(|| bare.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_one_way_only() {
        assert_eq!(address(" Anna W <Anna@Shop.example> ").as_deref(), Some("anna@shop.example"));
        assert_eq!(address("li@例子.example").as_deref(), Some("li@例子.example"));
        for none in [
            "",
            "anna",
            "anna@",
            "@shop.example",
            "a@b",
            "a b@c.de",
            "a@b.de, c@d.de",
            "a@b.de\r\nBcc: x@y.z",
            "\"a@b\"@c.de",
            "a@-b.de",
            "a@b..de",
            "x <a@b.de> y",
        ] {
            assert_eq!(address(none), None, "{none:?}");
        }
        assert_eq!(address(&format!("{}@b.de", "a".repeat(260))), None);
    }
}
