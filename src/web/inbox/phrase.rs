//! The desk's closed enums as sentences: why this agent, why not another, how a call ended. The match is complete, so a new reason
//! does not compile until it has words.

use super::say::Say;
use super::view::Why;
use crate::desk::fact::{CallbackEnd, Decision, MissedWhy, QueuedReason, Reason, StatusName};
use crate::desk::input::{EndCause, EndedBy, LegFailure, LegParty, Target};
pub use crate::web::tickets::phrase::{change_pieces, state_text};

/// One reason with the glyph that stands before it.
pub fn why(say: &Say, reason: &Reason) -> Why {
    let glyph = match reason {
        Reason::Dedicated | Reason::LastAgent | Reason::SamePerson => "history",
        Reason::Skill { .. } | Reason::Took => "ok",
        Reason::LongestIdle { .. } | Reason::IdleShorter { .. } => "clock",
        Reason::TierFirst { .. } => "vip",
        Reason::Transferred { .. } => "transfer",
        Reason::NotAvailable { .. }
        | Reason::NoVoice
        | Reason::NotTaking { .. }
        | Reason::NoCapacity { .. }
        | Reason::SkillTooLow { .. }
        | Reason::NotInQueue
        | Reason::ReservedForAnother
        | Reason::MissedJustNow
        | Reason::LessSkilled => "info",
    };
    Why { glyph, text: reason_text(say, reason) }
}

/// `Last served by you`, `Returns 4, wanted 3`.
pub fn reason_text(say: &Say, reason: &Reason) -> String {
    let n = |number: u32| number.to_string();
    match reason {
        Reason::Dedicated => say.t("desk.reason.dedicated"),
        Reason::LastAgent => say.t("desk.reason.last_agent"),
        Reason::Skill { skill, level, wanted } => say.with(
            "desk.reason.skill",
            &[("skill", &say.skill(skill)), ("level", &n(u32::from(*level))), ("wanted", &n(u32::from(*wanted)))],
        ),
        Reason::LongestIdle { idle_ms } => say.with("desk.reason.longest_idle", &[("time", &say.span(*idle_ms))]),
        Reason::SamePerson => say.t("desk.reason.same_person"),
        Reason::TierFirst { tier } => say.with("desk.reason.tier_first", &[("tier", &say.tier(tier))]),
        Reason::Transferred { by } => say.with("desk.reason.transferred", &[("agent", &say.agent(by))]),
        Reason::Took => say.t("desk.reason.took"),
        Reason::NotAvailable { status } => say.with("desk.reason.not_available", &[("status", &status_text(say, *status))]),
        Reason::NoVoice => say.t("desk.reason.no_voice"),
        Reason::NotTaking { medium } => say.t(format!("desk.reason.not_taking.{}", medium.word())),
        Reason::NoCapacity { used, capacity, cost } => {
            say.with("desk.reason.no_capacity", &[("used", &n(*used)), ("capacity", &n(*capacity)), ("cost", &n(*cost))])
        }
        Reason::SkillTooLow { skill, level, wanted } => say.with(
            "desk.reason.skill_too_low",
            &[("skill", &say.skill(skill)), ("level", &n(u32::from(*level))), ("wanted", &n(u32::from(*wanted)))],
        ),
        Reason::NotInQueue => say.t("desk.reason.not_in_queue"),
        Reason::ReservedForAnother => say.t("desk.reason.reserved"),
        Reason::MissedJustNow => say.t("desk.reason.missed"),
        Reason::LessSkilled => say.t("desk.reason.less_skilled"),
        Reason::IdleShorter { idle_ms } => say.with("desk.reason.idle_shorter", &[("time", &say.span(*idle_ms))]),
    }
}

/// All reasons for the chosen agent in one line.
pub fn chosen(say: &Say, decision: &Decision) -> String {
    let parts: Vec<String> = decision.chosen.iter().map(|reason| reason_text(say, reason)).collect();
    parts.join(&say.t("desk.comma"))
}

/// One line per agent who was passed over, and how many more were looked at.
pub fn others(say: &Say, decision: &Decision) -> Vec<String> {
    let mut lines: Vec<String> = decision
        .others
        .iter()
        .map(|(agent, reason)| say.with("desk.reason.other", &[("agent", &say.agent_name(agent)), ("reason", &reason_text(say, reason))]))
        .collect();
    if decision.more > 0 {
        lines.push(say.n("desk.reason.more", decision.more));
    }
    lines
}

pub fn status_text(say: &Say, status: StatusName) -> String {
    say.t(match status {
        StatusName::Available => "desk.status.available",
        StatusName::Busy => "desk.status.busy",
        StatusName::Break => "desk.status.break",
        StatusName::WrapUp => "desk.status.wrap_up",
        StatusName::Offline => "desk.status.offline",
    })
}

/// Shape of a status: the part after `p-` and `st-` in the design.
pub fn presence(status: StatusName) -> &'static str {
    match status {
        StatusName::Available => "available",
        StatusName::Busy => "contact",
        StatusName::Break => "break",
        StatusName::WrapUp => "wrap",
        StatusName::Offline => "off",
    }
}

pub fn queued_text(say: &Say, reason: &QueuedReason) -> String {
    match reason {
        QueuedReason::Snoozed => say.t("desk.queued.snoozed"),
        QueuedReason::New => say.t("desk.queued.new"),
        QueuedReason::OfferLost => say.t("desk.queued.offer_lost"),
        QueuedReason::Transferred => say.t("desk.queued.transferred"),
        QueuedReason::Overflow { from } => say.with("desk.queued.overflow", &[("queue", &say.queue(from))]),
        QueuedReason::AgentLost => say.t("desk.queued.agent_lost"),
        QueuedReason::Callback => say.t("desk.queued.callback"),
        QueuedReason::Reopened => say.t("desk.queued.reopened"),
        QueuedReason::Restart => say.t("desk.queued.restart"),
        QueuedReason::ParkTimeout => say.t("desk.queued.park_timeout"),
        QueuedReason::HandOverFailed => say.t("desk.queued.hand_over_failed"),
        QueuedReason::Rule { rule } => say.with("desk.queued.rule", &[("rule", &say.rule(rule))]),
    }
}

pub fn ended_text(say: &Say, by: EndedBy, cause: EndCause) -> String {
    say.t(match (cause, by) {
        (EndCause::Normal, EndedBy::Customer) => "desk.ended.customer",
        (EndCause::Normal, EndedBy::Agent) => "desk.ended.agent",
        (EndCause::Normal, EndedBy::Outside) => "desk.ended.outside",
        (EndCause::Normal, EndedBy::System | EndedBy::Network) => "desk.ended.system",
        (EndCause::NotReached, _) => "desk.ended.not_reached",
        (EndCause::Abandoned, _) => "desk.ended.abandoned",
        (EndCause::Rejected, _) => "desk.ended.rejected",
        (EndCause::TimedOut, _) => "desk.ended.timed_out",
        (EndCause::Failed, _) => "desk.ended.failed",
        (EndCause::Restart, _) => "desk.ended.restart",
        (EndCause::Voicemail, _) => "desk.ended.voicemail",
        (EndCause::Callback, _) => "desk.ended.callback",
    })
}

/// Why a customer stands on the list of missed calls.
pub fn missed_text(say: &Say, why: MissedWhy) -> String {
    say.t(match why {
        MissedWhy::Abandoned => "desk.missed.abandoned",
        MissedWhy::TimedOut => "desk.missed.timed_out",
        MissedWhy::Failed => "desk.missed.failed",
        MissedWhy::Restart => "desk.missed.restart",
        MissedWhy::Closed => "desk.missed.closed",
        MissedWhy::Voicemail => "desk.missed.voicemail",
        MissedWhy::NoMessage => "desk.missed.no_message",
        MissedWhy::Asked => "desk.missed.asked",
        MissedWhy::Chat => "desk.missed.chat",
        MissedWhy::Rule => "desk.missed.rule",
    })
}

/// Why an attempt failed, from its word in the table.
pub fn not_reached_text(say: &Say, word: &str) -> String {
    say.t(match word {
        "busy" => "desk.not_reached.busy",
        "no_answer" => "desk.not_reached.no_answer",
        "unreachable" => "desk.not_reached.unreachable",
        "not_placed" => "desk.not_reached.not_placed",
        _ => "desk.not_reached.stopped",
    })
}

/// How a callback ended.
pub fn closed_text(say: &Say, how: CallbackEnd) -> String {
    say.t(match how {
        CallbackEnd::Reached => "desk.callback_end.reached",
        CallbackEnd::CalledIn => "desk.callback_end.called_in",
        CallbackEnd::Settled => "desk.callback_end.settled",
        CallbackEnd::NotReached => "desk.callback_end.not_reached",
        CallbackEnd::Expired => "desk.callback_end.expired",
        CallbackEnd::Withdrawn => "desk.callback_end.withdrawn",
    })
}

pub fn target_text(say: &Say, target: &Target) -> String {
    match target {
        Target::Agent(agent) => say.agent(agent),
        Target::Queue(queue) => say.queue(queue),
        Target::Line(number) => say.with("desk.line_number", &[("number", number)]),
        Target::Outside(number) => number.clone(),
    }
}

/// Who is in a call, as a name.
pub fn party_text(say: &Say, party: &LegParty, number: Option<&str>) -> String {
    match party {
        LegParty::Customer => say.t("desk.party.customer"),
        LegParty::Agent(agent) => say.agent(agent),
        LegParty::Outside(_) => number.map_or_else(|| say.t("desk.party.outside"), str::to_owned),
    }
}

/// Why somebody could not be had.
pub fn failure_text(say: &Say, cause: Option<LegFailure>) -> String {
    say.t(match cause {
        Some(LegFailure::Busy) => "desk.not_had.busy",
        Some(LegFailure::Declined) => "desk.not_had.declined",
        Some(LegFailure::NoAnswer) => "desk.not_had.no_answer",
        Some(LegFailure::NoSuchNumber) => "desk.not_had.no_such_number",
        Some(LegFailure::Unreachable) => "desk.not_had.unreachable",
        None => "desk.not_had.cancelled",
    })
}

/// What is wrong with the agent's voice path, from the code the softphone reports.
pub fn voice_problem(say: &Say, code: &str) -> String {
    say.t(match code {
        "mic_denied" => "desk.voice.mic_denied",
        "mic_missing" => "desk.voice.mic_missing",
        "mic_lost" => "desk.voice.mic_lost",
        "mic_busy" => "desk.voice.mic_busy",
        "phone_unregistered" => "desk.voice.phone_unregistered",
        "media_failed" => "desk.voice.media_failed",
        "offline" | "media_lost" => "desk.voice.offline",
        "insecure" => "desk.voice.insecure",
        "unsupported" => "desk.voice.unsupported",
        _ => "desk.voice.other",
    })
}

/// What the agent can do about it.
pub fn voice_todo(say: &Say, code: &str) -> String {
    say.t(match code {
        "mic_denied" => "desk.voice.todo_denied",
        "mic_missing" | "mic_lost" => "desk.voice.todo_missing",
        "mic_busy" => "desk.voice.todo_busy",
        "phone_unregistered" => "desk.voice.todo_phone",
        "media_failed" | "media_lost" | "offline" => "desk.voice.todo_offline",
        "insecure" => "desk.voice.todo_insecure",
        _ => "desk.voice.todo_other",
    })
}
