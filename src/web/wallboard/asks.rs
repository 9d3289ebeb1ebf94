//! What stands on an agent's line besides their state: what they take none of, and where they ask for help.

use crate::desk::floor::{FloorAgent, FloorAssist};
use crate::desk::id::At;
use crate::desk::input::Medium;
use crate::web::inbox::render::work_path;
use crate::web::inbox::say::Say;

/// What somebody takes none of.
pub struct Refused {
    pub what: String,
    /// As a form sends it for the contrary, and what that does.
    pub value: String,
    pub again: String,
}

/// Help that somebody has asked for.
pub struct AssistLine {
    pub text: String,
    /// `call/12`.
    pub work: String,
    pub since: At,
}

pub(super) fn refused(say: &Say, agent: &FloorAgent, medium: Medium) -> Refused {
    let what = say.t(format!("wallboard.none.{}", medium.word()));
    let again = say.with("wallboard.take_again", &[("who", &say.agent_name(&agent.id)), ("what", &what)]);
    Refused { what, value: format!("{}:on", medium.word()), again }
}

pub(super) fn assist_line(say: &Say, assist: &FloorAssist) -> AssistLine {
    let text = if assist.word.is_empty() { say.t("wallboard.assist") } else { say.with1("wallboard.assist_word", "word", &assist.word) };
    AssistLine { text, work: work_path(&assist.work), since: assist.since }
}
