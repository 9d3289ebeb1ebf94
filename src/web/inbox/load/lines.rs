//! Facts as lines of the timeline: what the system, the routing and the tickets did, in words.

use crate::desk::dial::DialRefusal;
use crate::desk::fact::*;
use crate::desk::id::{AgentId, PersonId, Work};
use crate::desk::person::Consent;
use crate::web::error::{refusal_text, unreachable_key};
use crate::web::inbox::phrase;
use crate::web::inbox::say::{Piece, Say, capital};
use crate::web::tickets::phrase::fact_pieces;

/// Where a piece of work is shown.
pub fn work_link(say: &Say, work: &Work) -> Piece {
    match work {
        Work::Call(id) => {
            Piece::Link { href: format!("/inbox/call/{id}"), text: say.with("desk.ticket.work_call", &[("id", &id.to_string())]) }
        }
        Work::Callback(id) => Piece::Link {
            href: format!("/callbacks#callback-{id}"),
            text: say.with("desk.ticket.work_callback", &[("id", &id.to_string())]),
        },
        Work::Conversation(id) => Piece::Link {
            href: format!("/inbox/conversation/{id}"),
            text: say.with("desk.ticket.work_conversation", &[("id", &id.to_string())]),
        },
    }
}

type Line = (Vec<Piece>, Vec<Vec<Piece>>);

/// The sentence of a fact, and what opens beneath it; `None` for facts that other entries show already.
pub fn line(say: &Say, fact: &Fact, decision: Option<&Decision>) -> Option<Line> {
    let (mut pieces, more) = sentence(say, fact, decision)?;
    begin_large(&mut pieces);
    Some((pieces, more))
}

/// "you" at the head of a sentence is "You".
fn begin_large(pieces: &mut [Piece]) {
    if let Some(Piece::Text(text) | Piece::Strong(text)) = pieces.first_mut() {
        *text = capital(text);
    }
}

fn sentence(say: &Say, fact: &Fact, decision: Option<&Decision>) -> Option<Line> {
    match fact {
        Fact::Routing(_, fact) => routing(say, fact, decision),
        Fact::Conversation(_, fact) => conversation(say, fact).map(plain),
        Fact::Call(_, fact) => call(say, fact).map(plain),
        Fact::Callback(_, fact) => callback(say, fact).map(plain),
        Fact::Form(_, fact) => form(say, fact).map(plain),
        Fact::Ticket(id, fact) => fact_pieces(say, id.0, fact).map(plain),
        Fact::Flow(_, fact) => flow(say, fact).map(plain),
        Fact::Survey(_, fact) => survey(say, fact).map(plain),
        Fact::Person(_, PersonFact::Added { .. }) => Some(plain(say.pieces("desk.line.person_added", &[]))),
        Fact::Person(_, PersonFact::OptedOut { out, .. }) => {
            Some(plain(say.pieces(if *out { "desk.line.opted_out" } else { "desk.line.opted_in" }, &[])))
        }
        Fact::Person(_, PersonFact::Consent { consent, by }) => {
            let key = match consent {
                Consent::Unknown => "desk.line.consent_unknown",
                Consent::Offers => "desk.line.consent_offers",
                Consent::ServiceOnly => "desk.line.consent_service_only",
                Consent::Nothing => "desk.line.consent_nothing",
            };
            Some(plain(say.pieces(key, &[("by", strong(say.agent(by)))])))
        }
        Fact::Person(_, fact @ (PersonFact::Tagged { tag, by, .. } | PersonFact::Untagged { tag, by })) => {
            let key = if matches!(fact, PersonFact::Tagged { .. }) { "desk.line.tagged" } else { "desk.line.untagged" };
            Some(plain(say.pieces(key, &[("by", strong(say.agent(by))), ("tag", Piece::Chip(tag.clone()))])))
        }
        Fact::Person(_, PersonFact::Unreachable { identity, why }) => {
            let channel = ("channel", Piece::Text(say.channel(&identity.kind)));
            Some(plain(match why {
                Some(why) => say.pieces("desk.line.unreachable", &[channel, ("why", Piece::Text(say.t(unreachable_key(*why))))]),
                None => say.pieces("desk.line.reachable", &[channel]),
            }))
        }
        Fact::Person(_, PersonFact::Entered { by, .. }) => {
            Some(plain(say.pieces("people.blocked.entered", &[("by", strong(say.agent(by)))])))
        }
        Fact::Person(_, PersonFact::Blocked { on, by, reason }) => {
            let key = if *on { "people.blocked.line_on" } else { "people.blocked.line_off" };
            let why = if reason.is_empty() { "–" } else { reason };
            Some(plain(say.pieces(key, &[("by", strong(say.agent(by))), ("why", Piece::Text(why.to_owned()))])))
        }
        Fact::Person(_, PersonFact::Merged { from, by, .. }) => Some(plain(joined(say, "people.merged", *from, by))),
        Fact::Person(_, PersonFact::Unmerged { from, by, .. }) => Some(plain(joined(say, "people.unmerged", *from, by))),
        Fact::Person(
            _,
            fact @ (PersonFact::IdentityAdded { identity, by: Some(by), .. } | PersonFact::IdentityRemoved { identity, by }),
        ) => {
            let key = if matches!(fact, PersonFact::IdentityAdded { .. }) {
                "people.identity.line_added"
            } else {
                "people.identity.line_removed"
            };
            let channel = Piece::Text(say.channel(&identity.kind));
            Some(plain(say.pieces(key, &[("by", strong(say.agent(by))), ("channel", channel)])))
        }
        Fact::Person(_, PersonFact::IdentityAdded { identity, .. }) => {
            Some(plain(say.pieces("desk.line.identity_added", &[("channel", Piece::Text(say.channel(&identity.kind)))])))
        }
        Fact::Rule(rule, fact) => Some(plain(super::rules::line(say, rule, fact))),
        Fact::Person(_, PersonFact::Told { name, values, by, .. }) => Some(plain(super::rules::told(say, name, values, by))),
        Fact::Person(_, PersonFact::NoteAdded { .. } | PersonFact::KeptApart { .. } | PersonFact::RecordTold { .. })
        | Fact::Proactive(..)
        | Fact::Agent(..)
        | Fact::Trunk(..)
        | Fact::Channel(..)
        | Fact::Dial(..)
        | Fact::Overlay(..)
        | Fact::Source(..) => None,
    }
}

fn joined(say: &Say, key: &str, from: PersonId, by: &AgentId) -> Vec<Piece> {
    let link = Piece::Link { href: format!("/people/{from}"), text: format!("#{from}") };
    say.pieces(key, &[("by", strong(say.agent(by))), ("from", link)])
}

fn plain(pieces: Vec<Piece>) -> Line {
    (pieces, Vec::new())
}

fn strong(text: String) -> Piece {
    Piece::Strong(text)
}

fn routing(say: &Say, fact: &RoutingFact, decision: Option<&Decision>) -> Option<Line> {
    let text = |text: String| Piece::Text(text);
    Some(match fact {
        RoutingFact::Queued { queue, reason, .. } => plain(
            say.pieces("desk.line.queued", &[("queue", strong(say.queue(queue))), ("reason", text(phrase::queued_text(say, reason)))]),
        ),
        RoutingFact::Offered { agent, decision, .. } => {
            let more = phrase::others(say, decision).into_iter().map(|line| vec![Piece::Text(line)]).collect();
            let why = phrase::chosen(say, decision);
            (say.pieces("desk.line.offered", &[("agent", strong(say.agent(agent))), ("why", text(why))]), more)
        }
        RoutingFact::OfferEnded { agent, how } => {
            let key = match how {
                OfferEnd::Accepted => return None,
                OfferEnd::Declined => "desk.line.offer_declined",
                OfferEnd::TimedOut => "desk.line.offer_timed_out",
                OfferEnd::Withdrawn => "desk.line.offer_withdrawn",
                OfferEnd::Failed => "desk.line.offer_failed",
            };
            plain(say.pieces(key, &[("agent", strong(say.agent(agent)))]))
        }
        RoutingFact::Assigned { agent, waited_ms, .. } => {
            let (who, waited) = (strong(say.agent(agent)), text(say.span(*waited_ms)));
            match decision.filter(|decision| !decision.chosen.is_empty()) {
                Some(decision) => {
                    let more = phrase::others(say, decision).into_iter().map(|line| vec![Piece::Text(line)]).collect();
                    let why = text(phrase::chosen(say, decision));
                    (say.pieces("desk.line.assigned_why", &[("agent", who), ("why", why), ("time", waited)]), more)
                }
                None => plain(say.pieces("desk.line.assigned", &[("agent", who), ("time", waited)])),
            }
        }
        RoutingFact::Transferred { by, to, note } => {
            let key = if note.is_empty() { "desk.line.transferred" } else { "desk.line.transferred_note" };
            plain(
                say.pieces(
                    key,
                    &[("by", strong(say.agent(by))), ("to", strong(phrase::target_text(say, to))), ("note", text(note.clone()))],
                ),
            )
        }
        RoutingFact::WrapUpDone { agent, disposition, by_timer, .. } => match (disposition, by_timer) {
            (Some(outcome), _) => {
                plain(say.pieces("desk.line.wrapped", &[("agent", strong(say.agent(agent))), ("outcome", Piece::Chip(outcome.clone()))]))
            }
            (None, true) => plain(say.pieces("desk.line.wrapped_timer", &[("agent", strong(say.agent(agent)))])),
            (None, false) => return None,
        },
        RoutingFact::AssistAsked { agent, word, .. } if word.is_empty() => {
            plain(say.pieces("desk.line.assist_asked", &[("agent", strong(say.agent(agent)))]))
        }
        RoutingFact::AssistAsked { agent, word, .. } => {
            plain(say.pieces("desk.line.assist_asked_word", &[("agent", strong(say.agent(agent))), ("word", text(word.clone()))]))
        }
        RoutingFact::AssistEnded { how: AssistEnd::Came { by }, .. } => {
            plain(say.pieces("desk.line.assist_came", &[("by", strong(say.agent(by)))]))
        }
        RoutingFact::AssistEnded { agent, how: AssistEnd::TakenBack } => {
            plain(say.pieces("desk.line.assist_taken_back", &[("agent", strong(say.agent(agent)))]))
        }
        RoutingFact::AssistEnded { how: AssistEnd::Over, .. } => plain(say.pieces("desk.line.assist_over", &[])),
        RoutingFact::CardShown { .. } => return None,
        RoutingFact::Released { .. }
        | RoutingFact::WrapUpStarted { .. }
        | RoutingFact::WrapUpExtended { .. }
        | RoutingFact::WrapUpOverdue { .. } => {
            return None;
        }
    })
}

fn conversation(say: &Say, fact: &ConversationFact) -> Option<Vec<Piece>> {
    Some(match fact {
        ConversationFact::Opened { page: Some(page), .. } if !page.is_empty() => {
            say.pieces("desk.line.opened", &[("page", Piece::Text(page.clone()))])
        }
        ConversationFact::Opened { .. } => say.pieces("desk.line.opened_plain", &[]),
        ConversationFact::Continued { .. } => say.pieces("people.go.line", &[]),
        ConversationFact::OpeningUnsent { why, .. } => {
            say.pieces("desk.line.opening_unsent", &[("why", Piece::Text(refusal_text(say.lang, why)))])
        }
        ConversationFact::CustomerLeft => say.pieces("desk.line.customer_left", &[]),
        ConversationFact::Abandoned { queue, waited_ms, .. } => {
            say.pieces("desk.line.abandoned", &[("queue", strong(say.queue(queue))), ("time", Piece::Text(say.span(*waited_ms)))])
        }
        ConversationFact::Resolved { by: None, .. } => say.pieces("desk.line.resolved_house", &[]),
        ConversationFact::Resolved { by: Some(by), disposition: Some(outcome) } => {
            say.pieces("desk.line.resolved_as", &[("by", strong(say.agent(by))), ("outcome", Piece::Chip(outcome.clone()))])
        }
        ConversationFact::Resolved { by: Some(by), disposition: None } => {
            say.pieces("desk.line.resolved", &[("by", strong(say.agent(by)))])
        }
        ConversationFact::Snoozed { by, until } => {
            say.pieces("desk.line.snoozed", &[("by", strong(say.agent(by))), ("time", strong(say.until(*until)))])
        }
        ConversationFact::Woken { why: Woken::Due } => say.pieces("desk.line.woken", &[]),
        ConversationFact::Woken { why: Woken::Written } => say.pieces("desk.line.woken_written", &[]),
        ConversationFact::Woken { why: Woken::By(by) } => say.pieces("desk.line.woken_by", &[("by", strong(say.agent(by)))]),
        ConversationFact::Received { .. }
        | ConversationFact::Elsewhere { .. }
        | ConversationFact::Changed { .. }
        | ConversationFact::FileCame { .. }
        | ConversationFact::Amending { .. }
        | ConversationFact::Amended { .. }
        | ConversationFact::Queued { .. }
        | ConversationFact::Delivery { .. }
        | ConversationFact::CustomerBack
        | ConversationFact::ReadByAgent { .. }
        | ConversationFact::ReadByCustomer { .. } => return None,
    })
}

fn flow(say: &Say, fact: &FlowFact) -> Option<Vec<Piece>> {
    let chip = |text: &str| Piece::Chip(text.to_owned());
    Some(match fact {
        FlowFact::Chose { key, to, .. } => say.pieces("desk.line.flow_chose", &[("key", chip(key)), ("to", strong(destination(say, to)))]),
        FlowFact::Gathered { variable, value, .. } => {
            let value = value.as_deref().unwrap_or("••••");
            say.pieces("desk.line.flow_gathered", &[("variable", Piece::Text(variable.clone())), ("value", strong(value.to_owned()))])
        }
        FlowFact::Language { language } => say.pieces("desk.line.flow_language", &[("language", strong(language_name(language)))]),
        FlowFact::LookedUp { node, result } => {
            let key = match result {
                LookupResult::Found => return None,
                LookupResult::TimedOut => "desk.line.flow_lookup_late",
                LookupResult::Failed => "desk.line.flow_lookup_failed",
            };
            say.pieces(key, &[("node", Piece::Text(node.clone()))])
        }
        FlowFact::Set { tags, .. } if !tags.is_empty() => {
            say.pieces("desk.line.flow_tags", &[("tags", strong(tags.join(&say.t("desk.comma"))))])
        }
        // What was sent stands in the timeline itself.
        FlowFact::Wrote { node, sent: false } => say.pieces("desk.line.flow_not_written", &[("node", Piece::Text(node.clone()))]),
        FlowFact::Abandoned { node, .. } => say.pieces("desk.line.flow_abandoned", &[("node", Piece::Text(node.clone()))]),
        FlowFact::Entered { .. } | FlowFact::Wrote { .. } | FlowFact::Set { .. } | FlowFact::Left { .. } => return None,
    })
}

fn survey(say: &Say, fact: &SurveyFact) -> Option<Vec<Piece>> {
    let SurveyFact::Answered { survey, scale, agent, score, comment, .. } = fact else { return None };
    let key = match (agent, comment.is_empty()) {
        (Some(_), true) => "desk.line.rated",
        (Some(_), false) => "desk.line.rated_why",
        (None, true) => "desk.line.survey_answered",
        (None, false) => "desk.line.survey_answered_why",
    };
    let values = [
        ("agent", strong(agent.as_ref().map(|agent| say.agent(agent)).unwrap_or_default())),
        ("survey", Piece::Text(survey.to_string())),
        ("score", Piece::Chip(score.to_string())),
        ("best", Piece::Text(scale.best().to_string())),
        ("comment", Piece::Text(comment.clone())),
    ];
    Some(say.pieces(key, &values))
}

/// Where a key led, by the name that people know.
fn destination(say: &Say, to: &str) -> String {
    match to.split_once(':') {
        Some(("queue", id)) => say.queue(&crate::desk::id::QueueId::from(id)),
        Some((_, id)) => id.to_owned(),
        None => to.to_owned(),
    }
}

/// A language's name for itself is the same in every language.
fn language_name(language: &str) -> String {
    match language {
        tag if tag.starts_with("en") => "English".into(),
        tag if tag.starts_with("zh") => "中文".into(),
        other => other.to_owned(),
    }
}

fn call(say: &Say, fact: &CallFact) -> Option<Vec<Piece>> {
    Some(match fact {
        CallFact::Held { by, on } => say.pieces(if *on { "desk.line.held" } else { "desk.line.unheld" }, &[("by", strong(say.agent(by)))]),
        CallFact::RecordingPaused { on, by, auto } => {
            let key = match (on, auto) {
                (true, false) => "desk.line.rec_paused",
                (true, true) => "desk.line.rec_paused_auto",
                (false, _) => "desk.line.rec_resumed",
            };
            say.pieces(key, &[("by", strong(say.agent(by)))])
        }
        CallFact::NotJoined { party, cause } => say.pieces(
            "desk.line.not_joined",
            &[("party", strong(phrase::party_text(say, party, None))), ("why", Piece::Text(phrase::failure_text(say, *cause)))],
        ),
        CallFact::LimitNear { why, until, .. } => {
            say.pieces("desk.line.limit_near", &[("why", Piece::Text(say.t(spent_key(*why)))), ("time", strong(say.clock(*until)))])
        }
        CallFact::LimitReached { why, .. } => say.pieces("desk.line.limit_reached", &[("why", Piece::Text(say.t(spent_key(*why))))]),
        CallFact::Parked { by, slot, .. } => {
            say.pieces("desk.line.parked", &[("by", strong(say.agent(by))), ("slot", strong(slot.to_string()))])
        }
        CallFact::Unparked { by: Some(by), slot } => {
            say.pieces("desk.line.unparked", &[("by", strong(say.agent(by))), ("slot", strong(slot.to_string()))])
        }
        CallFact::Unparked { by: None, slot } => say.pieces("desk.line.park_over", &[("slot", strong(slot.to_string()))]),
        CallFact::AgentSilent { agent, silent } => {
            say.pieces(if *silent { "desk.line.agent_silent" } else { "desk.line.agent_back" }, &[("agent", strong(say.agent(agent)))])
        }
        CallFact::CustomerSilent { silent } => say.pieces(if *silent { "desk.line.page_silent" } else { "desk.line.page_back" }, &[]),
        CallFact::Knocked { by, .. } => say.pieces("desk.line.knocked", &[("by", strong(say.agent(by)))]),
        CallFact::RecordingFailed { error, .. } => say.pieces("desk.call.rec_failed", &[("error", Piece::Text(error.clone()))]),
        CallFact::Started { .. }
        | CallFact::FromPage { .. }
        | CallFact::Dialled { .. }
        | CallFact::Rung { .. }
        | CallFact::Joined { .. }
        | CallFact::Left { .. }
        | CallFact::ConsultStarted { .. }
        | CallFact::ConsultSwapped { .. }
        | CallFact::ConsultEnded { .. }
        | CallFact::Answered
        | CallFact::RecordingStarted { .. }
        | CallFact::RecordingDone { .. }
        | CallFact::Digit { .. }
        | CallFact::LegClosed { .. }
        | CallFact::Watched { .. }
        | CallFact::WatchEnded { .. }
        | CallFact::Ended { .. } => return None,
    })
}

/// What of a trunk's day is gone.
fn spent_key(why: DialRefusal) -> &'static str {
    if why == DialRefusal::CostSpent { "desk.line.money" } else { "desk.line.minutes" }
}

fn callback(say: &Say, fact: &CallbackFact) -> Option<Vec<Piece>> {
    let text = Piece::Text;
    Some(match fact {
        CallbackFact::Listed { why, queue, .. } => {
            let why = text(phrase::missed_text(say, *why));
            say.pieces("desk.line.missed", &[("why", why), ("queue", strong(say.queue(queue)))])
        }
        CallbackFact::Told { wait_s: Some(wait_s), .. } => {
            say.pieces("desk.line.told_wait", &[("time", text(say.span(i64::from(*wait_s) * 1_000)))])
        }
        CallbackFact::Told { wait_s: None, .. } => say.pieces("desk.line.told", &[]),
        CallbackFact::Booked { by, at } => {
            let when = ("time", strong(say.when(*at)));
            match by {
                BookedBy::Key => say.pieces("desk.line.booked_key", &[when]),
                BookedBy::Link => say.pieces("desk.line.booked_link", &[when]),
                BookedBy::Agent(agent) => say.pieces("desk.line.booked_agent", &[("by", strong(say.agent(agent))), when]),
                BookedBy::Rule => say.pieces("desk.line.booked_rule", &[when]),
            }
        }
        CallbackFact::NotReached { why, next, .. } => {
            let why = ("why", text(phrase::not_reached_text(say, word(*why))));
            match next {
                Some(at) => say.pieces("desk.line.not_reached_next", &[why, ("time", strong(say.when(*at)))]),
                None => say.pieces("desk.line.not_reached", &[why]),
            }
        }
        CallbackFact::Closed { how, by, outcome } => {
            let how = ("how", text(phrase::closed_text(say, *how)));
            let by = by.as_ref().map_or_else(|| say.t("desk.system"), |by| say.agent(by));
            match outcome {
                Some(outcome) => {
                    say.pieces("desk.line.callback_closed_as", &[how, ("by", strong(by)), ("outcome", Piece::Chip(outcome.clone()))])
                }
                None => say.pieces("desk.line.callback_closed", &[how, ("by", strong(by))]),
            }
        }
        CallbackFact::MissedAgain { .. }
        | CallbackFact::Claimed { .. }
        | CallbackFact::LetGo { .. }
        | CallbackFact::Dialled { .. }
        | CallbackFact::CallsIn { .. }
        | CallbackFact::Resumed
        | CallbackFact::Voicemail { .. }
        | CallbackFact::NoMessage { .. } => return None,
    })
}

fn form(say: &Say, fact: &FormFact) -> Option<Vec<Piece>> {
    Some(match fact {
        FormFact::Sent { by, kind, until, .. } => say.pieces(
            "desk.line.form_sent",
            &[("by", strong(say.agent(by))), ("form", strong(say.form(kind))), ("time", Piece::Text(say.when(*until)))],
        ),
        FormFact::Judged { by, accepted: true, .. } => say.pieces("desk.line.form_accepted", &[("by", strong(say.agent(by)))]),
        FormFact::Judged { by, accepted: false, reason } => {
            let reason = reason.clone().unwrap_or_default();
            say.pieces("desk.line.form_refused", &[("by", strong(say.agent(by))), ("reason", Piece::Bad(reason))])
        }
        FormFact::NotCalled { why } => {
            say.pieces("desk.line.form_not_called", &[("why", Piece::Text(say.t(crate::web::error::dial_key(*why))))])
        }
        FormFact::Expired => say.pieces("desk.line.form_expired", &[]),
        FormFact::Withdrawn { by } => say.pieces("desk.line.form_withdrawn", &[("by", strong(say.agent(by)))]),
        // Drawn with its answers.
        FormFact::Answered { .. } => return None,
    })
}

fn word(why: NotReached) -> &'static str {
    match why {
        NotReached::Busy => "busy",
        NotReached::NoAnswer => "no_answer",
        NotReached::Unreachable => "unreachable",
        NotReached::NotPlaced => "not_placed",
        NotReached::Stopped => "stopped",
    }
}
