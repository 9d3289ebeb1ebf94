//! One channel by which the composer answers, and how long it may.

use crate::desk::id::{At, ConversationId};

#[derive(Debug, Clone, PartialEq)]
pub struct ReplyTab {
    pub conversation: ConversationId,
    pub glyph: String,
    pub label: String,
    pub max_text: usize,
    /// Not mine: the tab says whose it is and cannot send.
    pub blocked: Option<String>,
    /// What the agent had begun to write in it.
    pub draft: String,
    /// And attached, as JSON: number and name of each.
    pub files: String,
    /// The customer has no window open.
    pub left: bool,
    /// The channel takes no files.
    pub text_only: bool,
    /// In what a text is counted: `characters`, `bytes`, `utf16` or `segments`.
    pub unit: &'static str,
    /// Approved templates can be sent here, and perhaps nothing else now.
    pub templates: Option<Templates>,
    /// What it shows of cards, as JSON for the page's script; `None`: nothing but templates goes out, or nothing at all.
    pub cards: Option<String>,
    /// For letters: what their head may say, as JSON for the page's script.
    pub mail: Option<String>,
    /// How long the customer may still be written to.
    pub window: Option<ReplyWindow>,
}

/// How a channel of templates stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Templates {
    /// Why no free text can be sent; empty: it can.
    pub only: String,
}

/// The platform's reply window, as a meter shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplyWindow {
    /// Of a hundred, what is left of the time.
    pub percent: u8,
    /// Messages that may still be sent; `None`: any number.
    pub left: Option<u32>,
    pub closed: bool,
    /// When it closes, unless the customer writes.
    pub until: At,
    /// In words.
    pub text: String,
}
