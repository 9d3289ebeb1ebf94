//! The left pane.

use crate::desk::id::{At, Work};

/// One line of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub work: Work,
    pub href: String,
    /// Icon name of the channel.
    pub glyph: String,
    pub channel: String,
    /// A live call.
    pub live: bool,
    pub name: String,
    pub tier: Option<String>,
    pub line: String,
    pub meta: String,
    pub since: At,
    pub unread: u32,
    /// The customer has no window open.
    pub away: bool,
    pub selected: bool,
    /// Waiting work: where it stands in line, and the URL that takes it.
    pub wait: Option<Wait>,
    /// What was promised about the ticket to which it belongs.
    pub due: Option<DueLine>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    pub position: u32,
    /// Being offered to somebody: cannot be taken.
    pub offered: bool,
    pub take: String,
}

/// The next moment by which something was promised.
#[derive(Debug, Clone, PartialEq)]
pub struct DueLine {
    pub at: At,
    /// Little time is left.
    pub risk: bool,
    pub late: bool,
    /// The ticket and the moment, in words.
    pub text: String,
}

/// The whole pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct List {
    pub mine: Vec<Row>,
    pub waiting: Vec<Row>,
    /// Put aside by the reader.
    pub snoozed: Vec<Row>,
    /// The empty pane says what comes next, by status.
    pub available: bool,
}

impl List {
    pub fn unread(&self) -> u32 {
        self.mine.iter().map(|row| row.unread).sum()
    }
}
