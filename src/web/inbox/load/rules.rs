//! What rules have done, and what programs have told, as lines of the timeline.

use crate::desk::fact::{Did, NotDone, RuleFact, Unsent};
use crate::desk::id::{RuleId, Work};
use crate::desk::rules::spec::TagOf;
use crate::web::error::refusal_text;
use crate::web::inbox::load::work_link;
use crate::web::inbox::say::{Piece, Say};
use std::collections::BTreeMap;

/// `Rule ‹Complaint›: tagged high-risk`
pub(super) fn line(say: &Say, rule: &RuleId, fact: &RuleFact) -> Vec<Piece> {
    let rule = Piece::Strong(say.rule(rule));
    match fact {
        RuleFact::Did { did, .. } => {
            let mut pieces = say.pieces("rules.line", &[("rule", rule)]);
            pieces.extend(done(say, did));
            pieces
        }
        RuleFact::Refused { what, why, .. } => {
            let what = Piece::Text(say.t(format!("rules.action.{what}")));
            say.pieces("rules.refused", &[("rule", rule), ("what", what), ("why", Piece::Text(reason(say, why)))])
        }
    }
}

fn done(say: &Say, did: &Did) -> Vec<Piece> {
    let strong = |text: String| Piece::Strong(text);
    match did {
        Did::Assigned { agent } => say.pieces("rules.assigned", &[("agent", strong(say.agent(agent)))]),
        Did::Queued { queue } => say.pieces("rules.queued", &[("queue", strong(say.queue(queue)))]),
        Did::Prioritised { points } => say.pieces("rules.prioritised", &[("points", strong(format!("{points:+}")))]),
        Did::TicketPriority { priority } => say.pieces("rules.ticket_priority", &[("priority", strong(priority_text(say, *priority)))]),
        Did::Tagged { tag, of: TagOf::Person } => say.pieces("rules.tagged", &[("tag", Piece::Chip(tag.clone()))]),
        Did::Tagged { tag, of: TagOf::Contact } => say.pieces("rules.tagged_contact", &[("tag", Piece::Chip(tag.clone()))]),
        Did::Replied { .. } => say.pieces("rules.replied", &[]),
        Did::Wrote { .. } => say.pieces("rules.wrote", &[]),
        Did::Ticket { ticket } => {
            let link = Piece::Link { href: format!("/tickets/{ticket}"), text: format!("#{ticket}") };
            say.pieces("rules.ticket", &[("ticket", link)])
        }
        Did::Notified { agents, text } => {
            let names: Vec<String> = agents.iter().map(|agent| say.agent_name(agent)).collect();
            let agents = strong(names.join(&say.t("desk.comma")));
            say.pieces("rules.notified", &[("agents", agents), ("text", Piece::Text(text.clone()))])
        }
        Did::Webhook { to, .. } => say.pieces("rules.webhook", &[("to", strong(to.clone()))]),
        Did::Listed { callback } => say.pieces("rules.listed", &[("list", work_link(say, &Work::Callback(*callback)))]),
        Did::Alerted { text, .. } => say.pieces("rules.alerted", &[("text", Piece::Text(text.clone()))]),
        Did::Asked { survey } => say.pieces("rules.asked", &[("survey", strong(survey.to_string()))]),
    }
}

fn priority_text(say: &Say, priority: u8) -> String {
    say.t(match priority {
        1 => "desk.tickets.urgent",
        2 => "desk.tickets.high",
        3 => "desk.tickets.normal",
        _ => "desk.tickets.low",
    })
}

fn reason(say: &Say, why: &NotDone) -> String {
    match why {
        NotDone::Desk(refusal) => refusal_text(say.lang, refusal),
        NotDone::Unsent(why) => say.t(match why {
            Unsent::NoWay => "rules.unsent.no_way",
            Unsent::TooLong => "rules.unsent.too_long",
            Unsent::WindowClosed => "rules.unsent.window_closed",
            Unsent::Unreachable => "rules.unsent.unreachable",
            Unsent::OptedOut => "rules.unsent.opted_out",
            Unsent::NoConsent => "rules.unsent.no_consent",
            Unsent::DoNotContact => "rules.unsent.do_not_contact",
            Unsent::Blocked => "rules.unsent.blocked",
            Unsent::TooOften => "rules.unsent.too_often",
            Unsent::TooLate => "rules.unsent.too_late",
        }),
        NotDone::Nobody => say.t("rules.nobody"),
        NotDone::TooMuch => say.t("rules.too_much"),
        NotDone::DoesNotFit => say.t("rules.does_not_fit"),
        NotDone::AskedLately => say.t("rules.asked_lately"),
        NotDone::NoSurvey => say.t("rules.no_survey"),
    }
}

/// `shop tells: parcel.stuck (parcel 77)`
pub(super) fn told(say: &Say, name: &str, values: &BTreeMap<String, String>, by: &str) -> Vec<Piece> {
    let mut pieces = say.pieces("rules.told", &[("by", Piece::Strong(by.to_owned())), ("name", Piece::Text(name.to_owned()))]);
    pieces.extend(values.iter().flat_map(|(name, value)| [Piece::Text(" ".into()), Piece::Chip(format!("{name} {value}"))]));
    pieces
}
