//! The live side of a page: one WebSocket, `GET /live`, over which the server pushes what changed and the page tells what only it
//! knows (typing, microphone). Each open page has a bounded queue; a page too slow for it is told `resync` and reloads what it shows.

mod arrows;
mod here;
mod hub;
mod pump;
mod quality;
mod socket;
#[cfg(test)]
mod tests;
mod typing;

pub use hub::{Live, Other, PageId, Shows};
pub use pump::{Stage, pump};
pub use quality::watch_lines;
pub use socket::{Heard, connect, page_name};
pub use typing::carry;

use crate::desk::id::AgentId;
use serde::Serialize;
use std::sync::Arc;

/// One message to a page, as JSON text: `{"type": …, …}`. Drawn once, sent to many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame(Arc<str>);

/// Who gets a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    Agent(AgentId),
    /// Pages of supervisors and admins.
    Supervisors,
    /// Pages that have told that they show this path or one beneath it.
    At(String),
    All,
}

impl Frame {
    /// A frame of this type whose other fields are those of `body` (a struct or map). A body that is neither is sent as `body`.
    pub fn new(kind: &str, body: impl Serialize) -> Frame {
        let mut object = match serde_json::to_value(body) {
            Ok(serde_json::Value::Object(map)) => map,
            Ok(serde_json::Value::Null) | Err(_) => serde_json::Map::new(),
            Ok(other) => serde_json::Map::from_iter([("body".to_owned(), other)]),
        };
        object.insert("type".into(), kind.into());
        Frame(serde_json::Value::Object(object).to_string().into())
    }

    /// `{"type": "fragment", "target": "#queue", "html": "…"}`: replaces the element's content.
    pub fn fragment(target: &str, html: &str) -> Frame {
        Frame::new("fragment", serde_json::json!({ "target": target, "html": html }))
    }

    /// The page missed something and reloads what it shows.
    pub fn resync() -> Frame {
        Frame::new("resync", ())
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}
