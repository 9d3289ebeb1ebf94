//! What an edge tells the desk about the customer it hears: looked up before the input is sent, because the desk never asks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::id::{AgentId, ChannelId, PersonId, TierId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One way by which a customer is known: unique by (kind, namespace, value).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// `phone` (E.164 where known), `email`, `webchat`, `user` (signed-in shop account), `sip`, …
    pub kind: String,
    /// Who gives the value its meaning: the channel account, the shop; empty for telephone numbers and addresses.
    pub namespace: String,
    pub value: String,
}

/// The customer's entry as the store had it when the contact was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonBrief {
    pub id: PersonId,
    pub name: String,
    pub tier: Option<TierId>,
    /// BCP 47, for prompts and automatic texts.
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The agent who always serves this customer first.
    pub dedicated: Option<AgentId>,
    /// Who served them last, on any channel.
    pub last_agent: Option<AgentId>,
    /// Contacts of a blocked person are refused politely.
    pub blocked: bool,
    /// Whoever has this identity asked for no texts that they did not begin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opted_out: bool,
    /// Why nothing reaches whoever has this identity, until they write again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
    #[serde(default, skip_serializing_if = "Kept::is_empty")]
    pub kept: Kept,
}

/// What the house keeps of a customer besides, for its rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    pub consent: Consent,
    /// The fields of its configuration, by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl Kept {
    pub fn is_empty(&self) -> bool {
        *self == Kept::default()
    }
}

/// What a customer has agreed to be written about, the stricter the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody has asked them.
    #[default]
    Unknown,
    /// Offers, too.
    Offers,
    /// Nothing but what they have bought or asked.
    ServiceOnly,
    /// Nothing at all, by no way: whoever writes or calls is answered, and that is all.
    Nothing,
}

impl Consent {
    pub const ALL: [Consent; 4] = [Consent::Unknown, Consent::Offers, Consent::ServiceOnly, Consent::Nothing];

    /// As it is written in files, forms and tables.
    pub fn word(self) -> &'static str {
        match self {
            Consent::Unknown => "unknown",
            Consent::Offers => "offers",
            Consent::ServiceOnly => "service_only",
            Consent::Nothing => "nothing",
        }
    }

    pub fn read(word: &str) -> Option<Consent> {
        Consent::ALL.into_iter().find(|consent| consent.word() == word)
    }
}

/// Why a customer hears nothing from us on a channel any more, as its platform says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// They have blocked the firm's account.
    Blocked,
    /// They follow it no more.
    Unfollowed,
    /// They have switched its messages off, or asked the carrier for no more.
    SwitchedOff,
    /// Their address or account does not exist.
    NoSuchAddress,
    /// The platform says no more.
    Unspecified,
}

/// Who is calling or writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub identity: Identity,
    /// The name the caller or visitor gives themselves; unproven.
    pub display: Option<String>,
    /// `None` when no person has this identity yet: the desk then adds one.
    pub person: Option<PersonBrief>,
}

/// A page of a customer's, by which they can call and be called: a chat window, or a link that they were sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Page {
    pub channel: ChannelId,
    /// Who is at it, as the channel knows them.
    pub visitor: String,
}

/// Begins the names of visitors who are signed in at the firm's site; those of others are hexadecimal.
const ACCOUNT: char = '@';

impl Page {
    /// The chat window of somebody who writes there; `None` for those who write elsewhere.
    pub fn of(channel: &ChannelId, identity: &Identity) -> Option<Page> {
        let visitor = match identity.kind.as_str() {
            _ if identity.namespace != channel.as_str() => return None,
            "webchat" => identity.value.clone(),
            "user" => format!("{ACCOUNT}{}", BASE64.encode(&identity.value)),
            _ => return None,
        };
        Some(Page { channel: channel.clone(), visitor })
    }

    /// Whom a visitor of a window is known as: the other way round.
    pub fn identity(&self) -> Identity {
        let account = self.visitor.strip_prefix(ACCOUNT).and_then(|account| String::from_utf8(BASE64.decode(account).ok()?).ok());
        let (kind, value) = account.map_or_else(|| ("webchat", self.visitor.clone()), |account| ("user", account));
        Identity { kind: kind.into(), namespace: self.channel.to_string(), value }
    }

    /// The site has vouched for who is there.
    pub fn is_signed_in(&self) -> bool {
        self.visitor.starts_with(ACCOUNT)
    }
}

/// A name as it may be shown beside other words: one line of at most `longest` characters, without those that control, that show nothing or
/// that only turn the direction of others (Unicode Standard Annex #9, table 4). Those make `exe.gnp` out of `png.exe`, and a sentence of ours
/// out of a stranger's name. The joiners stay: names are written with them.
pub fn plain_name(name: &str, longest: usize) -> String {
    let turns = |c: char| matches!(c, '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain: String = name.chars().filter(|c| !c.is_control() && !turns(*c)).take(longest).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_who_is_at_it_are_the_same() {
        let shop = ChannelId::from("shop");
        let at = |kind: &str, value: &str| Identity { kind: kind.into(), namespace: "shop".into(), value: value.into() };
        for identity in [at("webchat", "0f3a"), at("user", "anna.w@example.com"), at("user", "客户 7")] {
            let page = Page::of(&shop, &identity).expect("a page");
            assert_eq!(page.identity(), identity);
            assert!(!page.visitor.contains('.'), "tokens count by dots");
        }
        assert_eq!(Page::of(&ChannelId::from("other"), &at("webchat", "0f3a")), None);
        assert_eq!(Page::of(&shop, &at("phone", "+491")), None);
    }

    #[test]
    fn a_name_is_one_line_that_turns_nothing_round() {
        assert_eq!(plain_name(" Anna\u{202e}gnp.exe\n", 80), "Annagnp.exe");
        assert_eq!(plain_name("李\u{2066}明\u{2069}", 80), "李明");
        assert_eq!(plain_name("عمر", 80), "عمر", "words of their own direction stay");
        assert_eq!(plain_name("\u{200f}\u{7}", 80), "");
        assert_eq!(plain_name("abcdef", 3), "abc");
    }
}
