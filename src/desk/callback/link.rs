//! Addresses that customers are sent: which callback, form or file, until when, and a MAC over both in base64url so that it fits a text
//! message. Signed by HMAC-SHA256 (RFC 2104) with a key of this installation; nothing can be learned by counting, and a link ends by
//! itself.

use crate::desk::id::{At, CallbackId, ConversationId, FileId, FormId, SurveyId, TicketId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of the MAC that are kept: 96 bits cannot be guessed over a network.
const MAC_BYTES: usize = 12;
const MINUTE_MS: i64 = 60_000;

/// Signs and checks links.
#[derive(Clone, PartialEq, Eq)]
pub struct Links {
    /// Where customers reach our pages, without a slash at the end: `https://hubline.example:8443`.
    pub base: String,
    key: [u8; 32],
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Links {
    pub fn new(base: &str, key: [u8; 32]) -> Links {
        Links { base: base.trim_end_matches('/').to_owned(), key }
    }

    /// Where customers reach us, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The whole address, good until `expires` (to the minute).
    pub fn address(&self, callback: CallbackId, expires: At) -> String {
        format!("{}/callback/{}", self.base, self.token(callback, expires))
    }

    /// The last part of the address.
    pub fn token(&self, callback: CallbackId, expires: At) -> String {
        self.sign(Purpose::Callback, callback.0, expires)
    }

    /// Whose link this is; `None` for anything we did not sign, or too old. Compared in constant time.
    pub fn callback_of(&self, token: &str, now: At) -> Option<CallbackId> {
        self.open(Purpose::Callback, token, now).map(CallbackId)
    }

    /// Where the customer of a conversation calls us.
    pub fn call_address(&self, conversation: ConversationId, expires: At) -> String {
        format!("{}/chat/call/{}", self.base, self.sign(Purpose::Call, conversation.0, expires))
    }

    /// Whose customer calls by this link, and until when it is good.
    pub fn call_until(&self, token: &str, now: At) -> Option<(ConversationId, At)> {
        self.opened(Purpose::Call, token, now).map(|(id, until)| (ConversationId(id), until))
    }

    /// Where the customer of a conversation goes on in the chat window.
    pub fn go_address(&self, conversation: ConversationId, expires: At) -> String {
        format!("{}/chat/go/{}", self.base, self.sign(Purpose::Go, conversation.0, expires))
    }

    /// Which conversation goes on by this link.
    pub fn go_of(&self, token: &str, now: At) -> Option<ConversationId> {
        self.open(Purpose::Go, token, now).map(ConversationId)
    }

    /// Where a customer fills in their form.
    pub fn form_address(&self, form: FormId, expires: At) -> String {
        format!("{}/form/{}", self.base, self.sign(Purpose::Form, form.0, expires))
    }

    /// Which form this link opens.
    pub fn form_of(&self, token: &str, now: At) -> Option<FormId> {
        self.open(Purpose::Form, token, now).map(FormId)
    }

    /// Where a customer fetches a file that could not be sent itself.
    pub fn file_address(&self, file: FileId, expires: At) -> String {
        format!("{}/sent/{}", self.base, self.sign(Purpose::File, file.0, expires))
    }

    /// Which file this link opens.
    pub fn file_of(&self, token: &str, now: At) -> Option<FileId> {
        self.open(Purpose::File, token, now).map(FileId)
    }

    /// Where a customer sees how far their ticket has come.
    pub fn ticket_address(&self, ticket: TicketId, expires: At) -> String {
        format!("{}/ticket/{}", self.base, self.sign(Purpose::Ticket, ticket.0, expires))
    }

    /// Which ticket this link opens.
    pub fn ticket_of(&self, token: &str, now: At) -> Option<TicketId> {
        self.open(Purpose::Ticket, token, now).map(TicketId)
    }

    /// Where a customer says how it was.
    pub fn survey_address(&self, survey: SurveyId, expires: At) -> String {
        format!("{}/survey/{}", self.base, self.sign(Purpose::Survey, survey.0, expires))
    }

    /// Which survey this link answers.
    pub fn survey_of(&self, token: &str, now: At) -> Option<SurveyId> {
        self.open(Purpose::Survey, token, now).map(SurveyId)
    }

    fn sign(&self, purpose: Purpose, id: u64, expires: At) -> String {
        let minute = expires.0.div_euclid(MINUTE_MS);
        let mac = self.mac(purpose, id, minute).finalize().into_bytes();
        format!("{}.{}.{}", base36(id), base36(u64::try_from(minute).unwrap_or(0)), BASE64.encode(&mac[..MAC_BYTES]))
    }

    fn open(&self, purpose: Purpose, token: &str, now: At) -> Option<u64> {
        self.opened(purpose, token, now).map(|(id, _)| id)
    }

    /// With until when it is good.
    fn opened(&self, purpose: Purpose, token: &str, now: At) -> Option<(u64, At)> {
        let mut parts = token.split('.');
        let (id, minute, mac) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || token.len() > 64 {
            return None;
        }
        let id = u64::from_str_radix(id, 36).ok()?;
        let minute = i64::from_str_radix(minute, 36).ok()?;
        let mac = BASE64.decode(mac).ok().filter(|mac| mac.len() == MAC_BYTES)?;
        self.mac(purpose, id, minute).verify_truncated_left(&mac).ok()?;
        let until = At(minute.checked_mul(MINUTE_MS)?);
        (now < until).then_some((id, until))
    }

    fn mac(&self, purpose: Purpose, id: u64, minute: i64) -> Hmac<Sha256> {
        // A short key is filled with zeros up to the block (RFC 2104 §2).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.key);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(purpose.word());
        mac.update(&id.to_be_bytes());
        mac.update(&minute.to_be_bytes());
        mac
    }
}

/// What a link is for: one that opens a form opens no callback of the same number.
#[derive(Clone, Copy)]
enum Purpose {
    Callback,
    Form,
    File,
    Call,
    Go,
    Ticket,
    Survey,
}

impl Purpose {
    fn word(self) -> &'static [u8] {
        match self {
            Purpose::Callback => b"callback\0",
            Purpose::Form => b"form\0",
            Purpose::File => b"file\0",
            Purpose::Call => b"call\0",
            Purpose::Go => b"go\0",
            Purpose::Ticket => b"ticket\0",
            Purpose::Survey => b"survey\0",
        }
    }
}

/// Before each token there stands one of these.
const PATHS: [&str; 7] = ["/callback/", "/chat/call/", "/chat/go/", "/form/", "/sent/", "/survey/", "/ticket/"];

/// A text of ours as somebody may read it who is not the customer: what opens our links is left out of them, because whoever has it is
/// the customer to us. Also of links that were made under another address, and of such as are cut short.
pub fn covered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = PATHS.iter().filter_map(|path| Some(rest.find(path)? + path.len())).min() {
        let (before, after) = rest.split_at(end);
        out.push_str(before);
        let token = token_length(after);
        if token > 0 {
            out.push('…');
        }
        rest = &after[token..];
    }
    out + rest
}

/// Bytes of the token with which this begins: two numbers and what may be of a MAC, between dots.
fn token_length(text: &str) -> usize {
    let number = |text: &str| text.bytes().take_while(|b| b.is_ascii_digit() || b.is_ascii_lowercase()).count();
    let mut length = 0;
    for _ in 0..2 {
        let digits = number(&text[length..]);
        if digits == 0 || !text[length + digits..].starts_with('.') {
            return 0;
        }
        length += digits + 1;
    }
    length + text[length..].bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count()
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_covered_text_opens_nothing() {
        let links = Links::new("https://hub.example", [7; 32]);
        let until = At(90 * MINUTE_MS);
        for link in [
            links.address(CallbackId(1), until),
            links.form_address(FormId(36), until),
            links.call_address(ConversationId(2), until),
            links.ticket_address(TicketId(40), until),
        ] {
            let token = link.rsplit('/').next().expect("a token");
            let text = covered(&format!("Shop: please, {link}. {link} 谢谢"));
            assert!(!text.contains(token) && text.starts_with("Shop: please, https://hub.example/") && text.ends_with("… 谢谢"), "{text}");
            for cut in 1..token.len() {
                let short = covered(&link[..link.len() - cut]);
                let mac = token.rsplit('.').next().expect("a MAC");
                assert!(token.len() - cut <= token.len() - mac.len() || short.ends_with('…'), "{short}");
            }
        }
        for plain in ["", "see https://shop.example/form/order", "a/form/1.2", "1.2.3", "/form/", "/form/é.1.x"] {
            assert_eq!(covered(plain), plain);
        }
    }

    #[test]
    fn a_link_opens_its_own_callback_for_its_time_only() {
        let links = Links::new("https://hub.example/", [7; 32]);
        let (id, until) = (CallbackId(4_711), At(90 * MINUTE_MS));
        let token = links.token(id, until);
        assert_eq!(links.address(id, until), format!("https://hub.example/callback/{token}"));
        assert_eq!(links.callback_of(&token, At(0)), Some(id));
        assert_eq!(links.callback_of(&token, until), None, "expired");
        assert_eq!(Links::new("https://hub.example", [8; 32]).callback_of(&token, At(0)), None, "another house's key");
        let (number, rest) = token.split_once('.').unwrap();
        assert_ne!(number, "3mw");
        for forged in [
            format!("3mw.{rest}"),
            token.replace('.', ""),
            format!("{token}.a"),
            String::new(),
            "..".into(),
            token[..token.len() - 1].into(),
        ] {
            assert_eq!(links.callback_of(&forged, At(0)), None, "{forged}");
        }
        let later = token.replace(&base36(90), &base36(91));
        assert_eq!(links.callback_of(&later, At(0)), None, "a prolonged link");
    }

    #[test]
    fn a_link_opens_nothing_of_another_kind() {
        let links = Links::new("https://hub.example", [7; 32]);
        let until = At(90 * MINUTE_MS);
        let form = links.form_address(FormId(9), until);
        let token = form.strip_prefix("https://hub.example/form/").unwrap();
        assert_eq!(links.form_of(token, At(0)), Some(FormId(9)));
        assert_eq!((links.callback_of(token, At(0)), links.file_of(token, At(0)), links.ticket_of(token, At(0))), (None, None, None));
        assert_eq!(links.form_of(&links.token(CallbackId(9), until), At(0)), None);
        let file = links.file_address(FileId(9), until);
        assert_eq!(links.file_of(file.strip_prefix("https://hub.example/sent/").unwrap(), until), None, "expired");
    }

    #[test]
    fn a_link_is_short_enough_for_a_text() {
        let links = Links::new("https://hubline.example:8443", [1; 32]);
        assert!(links.address(CallbackId(1_000_000), At(1_800_000_000_000)).len() < 70);
    }
}
