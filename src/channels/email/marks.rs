//! The names that we give to letters and conversations: they come back in answers and delivery reports, in the hands of anybody, so each
//! carries a code that only this house can make.

use crate::desk::id::ConversationId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Bytes of a code. Guessing takes a letter a try.
const CODE: usize = 10;

/// Makes and knows the marks of one house.
#[derive(Clone)]
pub(super) struct Marks {
    key: [u8; 32],
    /// What is right of the `@` in Message-IDs.
    domain: String,
}

/// What the extension of one of our addresses (`support+…@`) names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extension {
    Conversation(u64),
    /// The letter of this key: only delivery reports go there.
    Letter(String),
}

impl Marks {
    pub fn new(key: [u8; 32], domain: &str) -> Marks {
        Marks { key, domain: domain.to_owned() }
    }

    /// The Message-ID of the letter with this key, with its brackets.
    pub fn message_id(&self, key: &str) -> String {
        format!("<{}@{}>", self.signed(key), self.domain)
    }

    /// The key with its code, as our own head `X-Hubline` has it.
    pub fn signed(&self, key: &str) -> String {
        format!("{key}.{}", self.code("letter", key))
    }

    /// The key of a letter of ours, by its Message-ID or its head.
    pub fn key_of(&self, id: &str) -> Option<String> {
        let id = id.trim().trim_matches(['<', '>']);
        let local = id.rsplit_once('@').map_or(id, |(local, _)| local).to_ascii_lowercase();
        let (key, code) = local.rsplit_once('.')?;
        self.is("letter", key, code).then(|| key.to_owned())
    }

    /// The extension by which answers of a conversation come back.
    pub fn conversation(&self, id: ConversationId) -> String {
        let number = id.0.to_string();
        format!("c{number}.{}", self.code("conversation", &number))
    }

    /// Where delivery reports of a letter come back to; `None` where the address would be longer than addresses may be.
    pub fn bounce(&self, key: &str, local: &str) -> Option<String> {
        let extension = format!("b{}", self.signed(key));
        (local.len() + 1 + extension.len() <= 64).then_some(extension)
    }

    /// What an extension names; `None` for one that is not of this house.
    pub fn extension(&self, extension: &str) -> Option<Extension> {
        let extension = extension.to_ascii_lowercase();
        let (name, code) = extension.rsplit_once('.')?;
        if let Some(number) = name.strip_prefix('c').filter(|number| self.is("conversation", number, code)) {
            return number.parse().ok().map(Extension::Conversation);
        }
        let key = name.strip_prefix('b')?;
        self.is("letter", key, code).then(|| Extension::Letter(key.to_owned()))
    }

    /// The GUID of a conversation in Outlook's Thread-Index: its number, and a code.
    pub fn guid(&self, id: ConversationId) -> [u8; 16] {
        let mut guid = [0; 16];
        let number = id.0.to_be_bytes();
        let code = self.mac("thread", &id.0.to_string());
        let bytes = number.iter().skip(2).chain(&code);
        guid.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        guid
    }

    /// The conversation whose thread this is.
    pub fn of_guid(&self, guid: &[u8; 16]) -> Option<ConversationId> {
        let number = guid.iter().take(6).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        let id = ConversationId(number);
        bool::from(self.guid(id).ct_eq(guid)).then_some(id)
    }

    fn is(&self, what: &str, name: &str, code: &str) -> bool {
        self.code(what, name).as_bytes().ct_eq(code.as_bytes()).into()
    }

    fn code(&self, what: &str, name: &str) -> String {
        self.mac(what, name).into_iter().take(CODE).map(|byte| format!("{byte:02x}")).collect()
    }

    fn mac(&self, what: &str, name: &str) -> [u8; 32] {
        // A short key is filled up with zeros (RFC 2104 §2).
        let mut block = [0; 64];
        block.iter_mut().zip(self.key).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(what.as_bytes());
        mac.update(b"\0");
        mac.update(name.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_names_are_known_again_and_nobody_else_makes_them() {
        let (ours, theirs) = (Marks::new([7; 32], "shop.example"), Marks::new([8; 32], "shop.example"));
        let id = ours.message_id("h-12-0");
        assert!(id.starts_with("<h-12-0.") && id.ends_with("@shop.example>"), "{id}");
        assert_eq!(ours.key_of(&id).as_deref(), Some("h-12-0"));
        assert_eq!(ours.key_of(&id.to_uppercase()).as_deref(), Some("h-12-0"), "some relays shout");
        assert_eq!(theirs.key_of(&id), None);
        assert_eq!(ours.key_of("<h-13-0.00@shop.example>"), None);
        assert_eq!(ours.key_of("nothing"), None);
        let to = ours.conversation(ConversationId(88));
        assert_eq!(ours.extension(&to), Some(Extension::Conversation(88)));
        assert_eq!(ours.extension(&to.replace("c88", "c89")), None);
        assert_eq!(theirs.extension(&to), None);
        let back = ours.bounce("h-12-0", "support").expect("short enough");
        assert_eq!(ours.extension(&back), Some(Extension::Letter("h-12-0".into())));
        assert_eq!(ours.bounce(&"k".repeat(32), "customer-support-desk"), None);
        let guid = ours.guid(ConversationId(88));
        assert_eq!((ours.of_guid(&guid), theirs.of_guid(&guid)), (Some(ConversationId(88)), None));
    }
}
