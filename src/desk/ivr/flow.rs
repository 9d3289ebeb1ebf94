//! A flow as the desk knows it: nodes by name, each of one kind, and the ways from one to the next.

use super::machine::{Heard, Next, Turn};
use super::words::Words;
use super::{
    customer, gather, hangup, hours, language, lookup, menu, message, open_ticket, outside, play, queue, set, survey, ticket_state,
};
use crate::desk::config::NodeSection;
use crate::desk::hours::Hours;
use crate::desk::id::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a caller or writer meets before a person.
#[derive(Debug, Clone)]
pub struct Flow {
    pub id: FlowId,
    pub name: String,
    /// The node that comes first.
    pub start: String,
    pub nodes: BTreeMap<String, Node>,
}

/// Where a way leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Node(String),
    Flow(FlowId),
    Queue(QueueId),
    /// Asked to leave a message.
    Voicemail,
    /// Offered to be called back.
    Callback,
    /// Put through to this number. Only a node of that kind leads there, because the caller may come back from it.
    Outside(String),
    /// Goodbye, and the end.
    HangUp,
}

impl Flow {
    /// The queue that a contact of this flow would most likely have come to: where they are listed if they are lost on the way.
    pub fn home(&self) -> Option<&QueueId> {
        let first = self.nodes.get(&self.start).into_iter().chain(self.nodes.values());
        first.flat_map(Node::ways).find_map(|way| if let Target::Queue(queue) = way.target { Some(queue) } else { None })
    }
}

impl Target {
    /// As it is written: `menu`, `queue:sales`, `flow:main`, `hangup`.
    pub fn read(text: &str) -> Target {
        match text.split_once(':') {
            Some(("queue", id)) => Target::Queue(QueueId::from(id)),
            Some(("flow", id)) => Target::Flow(FlowId::from(id)),
            None if text == "hangup" => Target::HangUp,
            None if text == "voicemail" => Target::Voicemail,
            None if text == "callback" => Target::Callback,
            _ => Target::Node(text.to_owned()),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Node(node) => f.write_str(node),
            Target::Flow(flow) => write!(f, "flow:{flow}"),
            Target::Queue(queue) => write!(f, "queue:{queue}"),
            Target::Voicemail => f.write_str("voicemail"),
            Target::Callback => f.write_str("callback"),
            Target::Outside(number) => f.write_str(number),
            Target::HangUp => f.write_str("hangup"),
        }
    }
}

/// What leads along a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// Simply the next.
    Next,
    /// A key, or the number written.
    Key(String),
    /// Digits were entered.
    Entered,
    /// No answer, or nothing fits.
    Otherwise,
    Open,
    Closed,
    Holiday,
    Tier(String),
    Tag(String),
    /// What a lookup answered.
    Answer(String),
    /// The one called has answered.
    Reached,
}

/// One way out of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way<'n> {
    pub label: Label,
    pub target: &'n Target,
}

impl Label {
    /// Whether the caller has done something; all other ways are taken by themselves.
    pub fn by_caller(&self) -> bool {
        matches!(self, Label::Key(_) | Label::Entered)
    }
}

/// Opening hours by their id, while a flow is read.
pub type HoursOf<'a> = &'a dyn Fn(&str) -> Option<Hours>;

/// What every kind of node is. `Self` is what the desk keeps of a `NodeSection` of that kind.
pub(super) trait Kind: Sized {
    /// Keys that may stand in such a node, besides `kind`.
    const KEYS: &'static [&'static str];
    /// Those that must.
    const NEEDS: &'static [&'static str];

    /// Sections were checked before; what is still missing takes its default.
    fn read(section: &NodeSection, hours: HoursOf<'_>) -> Self;

    fn ways(&self) -> Vec<Way<'_>>;

    /// Everything it may say.
    fn words(&self) -> Vec<&Words> {
        Vec::new()
    }

    /// The contact comes here.
    fn enter(&self, turn: &mut Turn<'_>) -> Next;

    /// Something happened while it is here.
    fn hear(&self, _turn: &mut Turn<'_>, _heard: &Heard<'_>) -> Next {
        Next::Stay
    }
}

macro_rules! kinds {
    ($($word:literal $module:ident::$kind:ident)*) => {
        /// A node of one of the kinds.
        #[derive(Debug, Clone)]
        pub enum Node {
            $($kind($module::$kind),)*
        }

        impl Node {
            /// What is keyed in here shall be kept nowhere.
            pub fn is_sensitive(&self) -> bool {
                matches!(self, Node::Gather(gather) if gather.is_sensitive())
            }

            /// The kinds as they are written.
            pub const KINDS: &'static [&'static str] = &[$($word),*];

            /// Keys that may and those that must stand in a node of this kind.
            pub fn keys(kind: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
                match kind {
                    $($word => Some((<$module::$kind as Kind>::KEYS, <$module::$kind as Kind>::NEEDS)),)*
                    _ => None,
                }
            }

            /// `None` for a kind that does not exist.
            pub fn read(section: &NodeSection, hours: HoursOf<'_>) -> Option<Node> {
                match section.kind.get_ref().as_str() {
                    $($word => Some(Node::$kind(<$module::$kind as Kind>::read(section, hours))),)*
                    _ => None,
                }
            }

            pub fn kind(&self) -> &'static str {
                match self {
                    $(Node::$kind(_) => $word,)*
                }
            }

            /// Every way out, in the order in which it is drawn.
            pub fn ways(&self) -> Vec<Way<'_>> {
                match self {
                    $(Node::$kind(node) => node.ways(),)*
                }
            }

            pub fn words(&self) -> Vec<&Words> {
                match self {
                    $(Node::$kind(node) => node.words(),)*
                }
            }

            pub(super) fn enter(&self, turn: &mut Turn<'_>) -> Next {
                match self {
                    $(Node::$kind(node) => node.enter(turn),)*
                }
            }

            pub(super) fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
                match self {
                    $(Node::$kind(node) => node.hear(turn, heard),)*
                }
            }
        }
    };
}

kinds! {
    "play" play::Play
    "menu" menu::Menu
    "gather" gather::Gather
    "hours" hours::HoursNode
    "language" language::Language
    "customer" customer::Customer
    "lookup" lookup::Lookup
    "message" message::Message
    "set" set::Set
    "survey" survey::Survey
    "open_ticket" open_ticket::OpenTicket
    "ticket_state" ticket_state::TicketState
    "queue" queue::Queue
    "outside" outside::Outside
    "hangup" hangup::HangUp
}

/// A target key of a section; `HangUp` where none is written.
pub(super) fn target(name: &Option<crate::config::value::Name>) -> Target {
    name.as_ref().map_or(Target::HangUp, |name| Target::read(name.get_ref()))
}
