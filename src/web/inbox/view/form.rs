//! Forms with their answers, and the dialog that sends something beside a call.

use crate::desk::id::{FormId, TicketId};
use crate::desk::input::FileRef;
use crate::web::inbox::targets::Canned;

/// The dialog by which something is sent to a customer beside the talk.
#[derive(Debug, Clone, PartialEq)]
pub struct PushBox {
    /// `call/12`
    pub path: String,
    pub title: String,
    pub glyph: &'static str,
    /// Where it goes, or why nothing can be sent.
    pub goes: Result<String, String>,
    /// The same as the server knows it, to be sent along.
    pub seen: String,
    pub forms: Vec<PushForm>,
    pub replies: Vec<Canned>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushForm {
    pub kind: String,
    pub title: String,
    /// An identity check.
    pub verdict: bool,
}

/// A form with its answers, as it lies in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct FormBox {
    pub id: FormId,
    pub title: String,
    pub answers: Vec<AnswerLine>,
    /// The reader may open the pictures and judge.
    pub open: bool,
    /// It waits for a verdict.
    pub judge: bool,
    /// What may be taken from the picture of a call: field and button.
    pub takes: Vec<(String, String)>,
    /// The verdict, in words, and whether it is a refusal.
    pub verdict: Option<(String, bool)>,
    /// Until when the answers are kept, or that they are gone.
    pub keep: String,
    pub ticket: Option<TicketId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AnswerLine {
    pub title: String,
    /// In words; `None` for a file.
    pub text: Option<String>,
    /// Covered for this reader.
    pub covered: bool,
    /// Left out.
    pub nothing: bool,
    pub file: Option<FileRef>,
}

/// A form that waits for its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentForm {
    /// The fields that a picture of the call can answer, and what the button for each says.
    pub takes: Vec<(String, String)>,
    pub id: FormId,
    pub title: String,
    /// By whom, and until when.
    pub meta: String,
    /// The reader may take it back.
    pub takes_back: bool,
}
