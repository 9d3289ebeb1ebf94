//! What is shown while it happens and never kept: somebody is typing, goes to another page, points at a picture, a line sounds bad. It passes no
//! desk and no disk; who misses it misses nothing.

use crate::desk::id::{AgentId, At, CallId, ConversationId};
use crate::desk::input::LegParty;
use serde::{Deserialize, Serialize};

/// How one leg of a call has sounded in the last seconds, as it arrives here.
#[derive(Debug, Clone, PartialEq)]
pub struct LineQuality {
    pub call: CallId,
    pub party: LegParty,
    pub loss_percent: f32,
    pub jitter_ms: f32,
    pub rtt_ms: Option<f32>,
    /// Estimated mean opinion score, 1.0 to 4.5.
    pub mos: f32,
}

/// Somebody writes, or has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    pub conversation: ConversationId,
    pub from: Typist,
    pub on: bool,
    /// The text so far, from customers whose channel gives it; for agents' eyes only.
    pub preview: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typist {
    Customer,
    Agent(AgentId),
}

/// A customer who has agreed to be seen looks at a page of the firm's site, still or anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    pub conversation: ConversationId,
    /// `None`: they have agreed no more.
    pub page: Option<SeenPage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPage {
    pub url: String,
    pub title: String,
    pub since: At,
}

/// Somebody in a call points at something in a picture of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    pub call: CallId,
    pub by: Pointer,
    pub at: ArrowAt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointer {
    Customer,
    Agent(AgentId),
}

/// Where an arrow lies: in thousandths of the picture's width and height, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrowAt {
    /// Whose picture it lies over.
    pub over: PictureOf,
    pub from: [u16; 2],
    pub to: [u16; 2],
}

/// Who shows a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureOf {
    Customer,
    Agent,
}

impl ArrowAt {
    pub fn is_within(&self) -> bool {
        self.from.iter().chain(&self.to).all(|part| *part <= 1_000)
    }
}
