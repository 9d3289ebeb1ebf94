//! What the desk's pages show, as plain values: made from the store and the floor by `load`, drawn by `render`.
//! Everything in here is already phrased for the reader, except what every page phrases alike (times, names of states).

mod bar;
mod beside;
mod form;
mod list;

pub use bar::{Asked, Bar, CallStrip, Consult, DialPad, Member, OutageLine, Parked, ResolveBox, WatchStrip, WrapUp};
pub use beside::{HereLine, RatingLine};
pub use form::{AnswerLine, FormBox, PushBox, PushForm, SentForm};
pub use list::{DueLine, List, Row, Wait};

use super::say::Piece;
use crate::desk::id::*;
use crate::desk::input::{Body, Delivery, Extra, FileRef, TicketState};
use crate::store::messages::Changed;
pub use crate::web::inbox::reply::{ReplyTab, ReplyWindow};

/// One event of the timeline before it has its place in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Stable element id: `message-31`, `call-12`, `event-991`.
    pub id: String,
    pub at: At,
    /// Glyph of the channel or kind; a station stands where it changes.
    pub glyph: &'static str,
    pub label: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Message(Box<Bubble>),
    Note {
        by: String,
        text: String,
    },
    Call(Box<CallBox>),
    Form(Box<FormBox>),
    /// A line of the system, routing or a ticket; `more` opens beneath it.
    Line {
        pieces: Vec<Piece>,
        more: Vec<Vec<Piece>>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bubble {
    pub message: MessageId,
    /// From the customer; else from us.
    pub theirs: bool,
    /// An automatic text of the house.
    pub automatic: bool,
    /// Who wrote it, empty where it is plain from the place.
    pub by: String,
    pub text: String,
    pub files: Vec<FileRef>,
    /// What it is besides.
    pub extra: Option<Extra>,
    /// Its writer has changed it, or taken it back.
    pub changed: Option<Changed>,
    /// The reader may open the files.
    pub open: bool,
    /// How far ours has come.
    pub state: Option<Delivery>,
    pub read_at: Option<At>,
    /// What agents have made of it, oldest first.
    pub amends: Vec<AmendLine>,
    /// What the reader may make of it.
    pub may: Option<May>,
}

/// One amendment of a message of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct AmendLine {
    /// `Edited by Mara, 14:05`.
    pub text: String,
    /// It was not done, or nobody knows.
    pub bad: bool,
    /// What the customer saw before.
    pub was: Option<Body>,
}

/// What may still be done to a message, in which conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct May {
    pub conversation: ConversationId,
    pub edit: bool,
    pub recall: bool,
}

/// A call as it lies in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct CallBox {
    pub call: CallId,
    pub title: String,
    /// `Returns, answered by Theo after 0:12`.
    pub sub: String,
    /// Going on: since when.
    pub live_since: Option<At>,
    pub talk_ms: Option<i64>,
    /// The recording can be heard.
    pub recording: bool,
    /// What either side showed: side and words for it.
    pub films: Vec<(&'static str, String)>,
    /// There is one, for others than the reader.
    pub locked: bool,
    pub recording_problem: Option<String>,
    /// Who talked for how long, when there was more than one.
    pub talks: Vec<String>,
    /// Places in the recording, with what begins there.
    pub chapters: Vec<ChapterLine>,
    pub mos: Option<f32>,
    /// Loss, jitter and round trip in words, for the title of the bars.
    pub quality: String,
    pub outcome: Option<String>,
    pub note: Option<String>,
    /// The conversation that went on as this call.
    pub chat: Option<ConversationId>,
}

/// A place in a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChapterLine {
    /// From its start, ms.
    pub at_ms: i64,
    pub text: String,
}

/// An event in its place: what the partial draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub entry: Entry,
    /// A day heading stands before it.
    pub day: Option<String>,
    /// The channel goes on: a dot instead of a station.
    pub dot: bool,
    /// The same minute and side as before: the time only shows on hover.
    pub same: bool,
}

/// One page of a timeline, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    pub person: Option<PersonId>,
    pub events: Vec<Event>,
    /// Where the page before this one is, if there is one.
    pub older: Option<String>,
}

/// The composer of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Composer {
    pub person: PersonId,
    pub name: String,
    /// Tabs to answer by; the first is the one in use.
    pub tabs: Vec<ReplyTab>,
    /// What the agent had begun to write as a note.
    pub note: String,
    /// The call or conversation that a note belongs to: `call/12`.
    pub work: Option<Work>,
}

impl Composer {
    /// What stands in the text field first: the draft of the tab in use.
    pub fn text(&self) -> &str {
        self.tabs.first().map_or(&self.note, |tab| &tab.draft)
    }

    /// The window of the tab in use.
    pub fn window(&self) -> Option<&ReplyWindow> {
        self.tabs.first().and_then(|tab| tab.window.as_ref())
    }

    /// The customer of the tab in use will read it later.
    pub fn left(&self) -> bool {
        self.tabs.first().is_some_and(|tab| tab.left)
    }
}

/// The way into the firm's own system beside a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Pop {
    pub href: String,
    /// `call/12`; empty on a customer's own page.
    pub work: String,
    pub by_itself: bool,
}

/// The header of the centre pane.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub person: PersonId,
    pub name: String,
    pub tier: Option<String>,
    pub meta: Vec<Piece>,
    pub conversation: Option<ConversationId>,
    /// Resolve asks for one of these first, when there are any.
    pub dispositions: Vec<String>,
    pub disposition_required: bool,
    /// The queue asks for more than an outcome: a dialog asks for it.
    pub asks_fields: bool,
    /// Mine: can be transferred and resolved.
    pub mine: bool,
    /// Put aside until then.
    pub snoozed: Option<(At, ConversationId)>,
    /// Waiting: can be taken.
    pub take: Option<String>,
    /// The newest message of the customer, to be marked read.
    pub upto: Option<MessageId>,
    /// A voicemail whose caller can be called back: the address that does it.
    pub call_back: Option<String>,
    /// They write in a page that can be called.
    pub page_call: bool,
    /// With pictures, too.
    pub page_video: bool,
    /// They can be sent a link by which they call us.
    pub call_link: bool,
    /// They can be sent a link by which they go on in our chat window.
    pub chat_link: bool,
    /// Mine, and a customer who could be called: whether their number is known.
    pub phone: Option<bool>,
    pub pop: Option<Pop>,
}

/// The right pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    pub id: u64,
    pub name: String,
    pub tier: Option<String>,
    /// Id of the tier, for the form.
    pub tier_id: String,
    pub language: String,
    pub blocked: bool,
    /// `unknown`, `offers`, `service_only` or `nothing`.
    pub consent: &'static str,
    /// Who wrote it down, and when.
    pub consented: Option<String>,
    /// Company, language and remark, in one line.
    pub about: String,
    pub company: String,
    pub remark: String,
    /// Id of the agent who always serves them first, for the form; and the same in words.
    pub dedicated: String,
    pub served_by: Option<String>,
    pub tags: Vec<String>,
    /// The reader is told what is new of them.
    pub following: bool,
    /// Who else is.
    pub followers: Vec<String>,
    pub identities: Vec<IdentityLine>,
    pub tickets: Vec<TicketLine>,
    pub contacts: Vec<ContactLine>,
    pub notes: Vec<NoteLine>,
    /// Forms that were sent and not filled in yet.
    pub forms: Vec<SentForm>,
    /// Tiers to choose from: id and name.
    pub tiers: Vec<(String, String)>,
    /// Agents to choose from: id and name.
    pub agents: Vec<(String, String)>,
    /// Who may be the same person.
    pub same: Vec<SameLine>,
    /// Who has become this person.
    pub merged: Vec<MergedLine>,
    /// What the firm's own system says, and their newest orders.
    pub records: Vec<RecordLine>,
    pub orders: Vec<OrderLine>,
    /// What the house keeps of them besides.
    pub fields: Vec<FieldLine>,
    /// The reader may block them.
    pub rules: bool,
    /// What is open, what they were told, and what they have shown.
    pub points: Vec<PointLine>,
    pub offered: Vec<OfferedLine>,
    pub pictures: Vec<FileRef>,
    /// What they said when contacts were over, the newest first.
    pub ratings: Vec<RatingLine>,
    /// The page of the firm's site that they look at now.
    pub here: Option<HereLine>,
}

impl Panel {
    pub fn has_matter(&self) -> bool {
        !self.points.is_empty() || !self.offered.is_empty() || !self.pictures.is_empty()
    }
}

/// A record of the firm's own system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLine {
    pub id: String,
    /// Shows it there.
    pub href: Option<String>,
    pub facts: Vec<(String, String)>,
    pub told: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    pub number: String,
    pub title: String,
    pub state: String,
    pub at: At,
}

/// A field of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldLine {
    pub id: String,
    pub title: String,
    /// `text`, `number`, `date` or `choice`.
    pub kind: &'static str,
    pub options: Vec<String>,
    pub value: String,
    /// The reader sees its end alone, and cannot change it.
    pub closed: bool,
}

/// Something that nobody has settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointLine {
    pub href: String,
    pub glyph: &'static str,
    pub what: String,
    pub text: String,
    pub at: At,
}

/// What somebody of ours has told the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedLine {
    pub by: String,
    pub text: String,
    pub at: At,
}

/// Somebody who may be the same person, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameLine {
    pub person: u64,
    pub name: String,
    pub why: String,
    /// The word of the clue.
    pub clue: String,
    /// By what they are known.
    pub known: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedLine {
    pub person: u64,
    pub name: String,
    pub by: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct IdentityLine {
    pub id: i64,
    /// A number that can be called.
    pub phone: bool,
    pub glyph: String,
    pub channel: String,
    pub shown: String,
    pub verified: bool,
    /// Who vouches for it, in words.
    pub proof: String,
    /// An agent may take it away.
    pub removable: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TicketLine {
    pub id: TicketId,
    pub subject: String,
    pub priority: u8,
    pub state: TicketState,
    pub assignee: Option<String>,
    pub person: String,
    pub updated: At,
    pub opened: At,
    pub queue: Option<String>,
    /// The next moment by which something was promised, and whether it has passed.
    pub due: Option<(At, bool)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ContactLine {
    pub href: String,
    pub glyph: String,
    pub channel: String,
    pub title: String,
    pub meta: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NoteLine {
    pub by: String,
    pub at: At,
    pub text: String,
}

/// What rings.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    pub work: Work,
    pub person: PersonId,
    pub queue: String,
    pub name: String,
    pub tier: Option<String>,
    /// Number or account, as this reader may see it.
    pub identity: String,
    pub verified: bool,
    pub glyph: String,
    pub until: At,
    /// How long the offer stands in all, ms.
    pub total_ms: i64,
    pub waited_ms: i64,
    pub why: Vec<Why>,
    pub others: Vec<String>,
    pub chats: Vec<Peek>,
    pub tickets: Vec<TicketLine>,
    /// What they were told already.
    pub offered: Vec<OfferedLine>,
    /// The desk phone rings, the page cannot answer for it.
    pub desk_phone: bool,
    /// A colleague asks for the reader.
    pub asked: Option<String>,
    /// The customer shows themselves.
    pub video: bool,
    pub pop: Option<Pop>,
}

impl Ring {
    pub fn is_call(&self) -> bool {
        matches!(self.work, Work::Call(_) | Work::Callback(_))
    }

    /// Accepting it calls the customer, who is not on the line.
    pub fn is_callback(&self) -> bool {
        matches!(self.work, Work::Callback(_))
    }

    /// Where the agent is after accepting.
    pub fn then(&self) -> String {
        match self.work {
            Work::Call(id) => format!("/inbox/call/{id}"),
            Work::Conversation(id) => format!("/inbox/conversation/{id}"),
            Work::Callback(_) => format!("/inbox/person/{}", self.person),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub glyph: &'static str,
    pub text: String,
}

/// An open chat with its last lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Peek {
    pub glyph: String,
    pub channel: String,
    pub at: At,
    pub lines: Vec<String>,
    /// The newest picture of the customer.
    pub picture: Option<FileRef>,
}

/// The transfer dialog: who could take it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Targets {
    pub agents: Vec<TargetLine>,
    pub queues: Vec<TargetLine>,
    /// Numbers of ours and what they lead to.
    pub lines: Vec<TargetLine>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TargetLine {
    pub id: String,
    pub name: String,
    pub presence: &'static str,
    pub sub: String,
    pub able: bool,
}
