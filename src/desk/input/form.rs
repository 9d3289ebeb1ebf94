//! What is sent to a customer beside the talk, and the forms that they fill in.

use super::Body;
use crate::desk::id::*;
use crate::desk::person::Page;
use serde::{Deserialize, Serialize};

/// What an agent sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    /// A text, a link, a picture, a file.
    Body(Body),
    /// A declared form, by a link of its own.
    Form(FormKind),
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Into this conversation, which is live.
    Conversation(ConversationId),
    /// Into the chat window from which they call and in which they have written nothing yet.
    Window(Page),
    /// As a text message to this number (E.164).
    Text { number: String },
}

/// Where the agent was shown that it would go; if that has changed meanwhile, nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    Conversation(ConversationId),
    Window,
    Text,
}

impl Way {
    pub fn seen(&self) -> Seen {
        match self {
            Way::Conversation(id) => Seen::Conversation(*id),
            Way::Window(_) => Seen::Window,
            Way::Text { .. } => Seen::Text,
        }
    }
}

/// What a customer does with the link to their form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormUse {
    /// Every answer is kept and passed the checks. `number` is what a form that asks for a call was given, as it was read (E.164).
    Answered { number: Option<String> },
}

/// What an agent does with a form that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormCommand {
    /// The verdict over what was shown; a refusal has a reason.
    Judge { accepted: bool, reason: String },
    /// The link is good for nothing any more.
    Withdraw,
}
