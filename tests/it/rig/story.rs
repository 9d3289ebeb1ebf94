//! Facts in a few words, so that a test can state everything that happened.

use hubline::desk::fact::*;
use hubline::desk::id::Work;
use hubline::desk::input::{LegParty, Target};

/// One fact; `None` for those that come at a time of their own.
pub fn words(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::Person(_, PersonFact::Added { .. }) => "person added".into(),
        Fact::Person(_, PersonFact::OptedOut { out, .. }) => format!("texts stopped: {out}"),
        Fact::Person(_, PersonFact::Consent { consent, by }) => format!("{by} notes consent {consent:?}"),
        Fact::Proactive(id, fact) => format!("proactive {id} {fact:?}"),
        Fact::Survey(_, SurveyFact::Asked { survey, by, .. }) => format!("asked {survey} by {by:?}"),
        Fact::Survey(_, SurveyFact::Answered { survey, score, .. }) => format!("answers {survey}: {score}"),
        Fact::Survey(_, SurveyFact::FollowedUp { ticket }) => format!("followed up by ticket {ticket}"),
        Fact::Person(id, PersonFact::Tagged { tag, by, subject }) => format!("{by} tags {id} {tag} in {subject}"),
        Fact::Person(id, PersonFact::Untagged { tag, by }) => format!("{by} untags {id} {tag}"),
        Fact::Person(_, PersonFact::Unreachable { why, .. }) => format!("unreachable: {why:?}"),
        Fact::Person(_, PersonFact::IdentityAdded { identity, .. }) => format!("known by {}", identity.value),
        Fact::Person(_, PersonFact::IdentityRemoved { identity, by }) => format!("{by} takes away {}", identity.value),
        Fact::Person(id, PersonFact::Merged { from, by, .. }) => format!("{by} joins {from} with {id}"),
        Fact::Person(id, PersonFact::Unmerged { from, by, .. }) => format!("{by} parts {from} from {id}"),
        Fact::Person(id, PersonFact::Entered { by, .. }) => format!("{by} enters {id}"),
        Fact::Person(id, PersonFact::Blocked { on, by, .. }) => format!("{by} blocks {id}: {on}"),
        Fact::Person(_, PersonFact::RecordTold { identity }) => format!("is {} in the firm's system", identity.value),
        Fact::Person(id, PersonFact::KeptApart { other, by }) => format!("{by} keeps {other} apart from {id}"),
        Fact::Person(_, PersonFact::NoteAdded { by, .. }) => format!("note by {by}"),
        // When a page has drawn it.
        Fact::Routing(_, RoutingFact::CardShown { .. }) => return None,
        Fact::Call(id, fact) => format!("call {id} {}", call(fact)?),
        Fact::Conversation(id, fact) => format!("chat {id} {}", conversation(fact)),
        Fact::Routing(Work::Call(id), fact) => format!("call {id} {}", routing(fact)),
        Fact::Callback(id, fact) => format!("callback {id} {}", callback(fact)),
        Fact::Form(id, fact) => format!("form {id} {}", form(fact)),
        Fact::Routing(Work::Callback(id), fact) => format!("callback {id} {}", routing(fact)),
        Fact::Routing(Work::Conversation(id), fact) => format!("chat {id} {}", routing(fact)),
        Fact::Flow(Work::Call(id), fact) => format!("call {id} {}", flow(fact)),
        Fact::Flow(Work::Conversation(id), fact) => format!("chat {id} {}", flow(fact)),
        Fact::Flow(Work::Callback(id), fact) => format!("callback {id} {}", flow(fact)),
        // Told at the start, perhaps before anybody listens.
        Fact::Agent(_, AgentFact::Status { why: StatusWhy::Configured, .. }) => return None,
        Fact::Agent(id, AgentFact::Status { status, why, .. }) => format!("{id} {status:?} ({why:?})"),
        Fact::Agent(id, AgentFact::StatusSet { by, .. }) => format!("{id} status set by {by}"),
        Fact::Agent(id, AgentFact::Takes { medium, on, by }) => format!("{id} takes {medium:?}: {on}, says {by}"),
        Fact::Agent(id, AgentFact::Moved { change, .. }) => format!("{id} moved: {change:?}"),
        Fact::Agent(id, AgentFact::MoveEnded { change, .. }) => format!("{id} moved back: {change:?}"),
        Fact::Overlay(id, fact) => format!("overlay {id} {fact:?}"),
        Fact::Agent(id, AgentFact::VoiceReady) => format!("{id} voice ready"),
        Fact::Agent(id, AgentFact::VoiceLost { problem }) => format!("{id} voice lost: {problem}"),
        // Strangers who come through a test's one trunk dial what they like.
        Fact::Channel(channel, fact) => format!("channel {channel} {fact:?}"),
        Fact::Trunk(_, TrunkFact::NoLine { .. }) => return None,
        Fact::Trunk(id, fact) => format!("trunk {id} {fact:?}"),
        Fact::Source(source, fact) => format!("source {source} {fact:?}"),
        Fact::Person(id, PersonFact::Told { name, by, .. }) => format!("{by} tells {name} of {id}"),
        Fact::Rule(rule, RuleFact::Did { subject, did, .. }) => format!("rule {rule} upon {subject}: {did:?}"),
        Fact::Rule(rule, RuleFact::Refused { subject, what, why, .. }) => format!("rule {rule} upon {subject}: {what} refused {why:?}"),
        Fact::Dial(by, fact) => format!("{by} dials {fact:?}"),
        Fact::Ticket(id, TicketFact::Opened { .. }) => format!("ticket {id} opened"),
        Fact::Ticket(id, TicketFact::Linked { .. }) => format!("ticket {id} linked"),
        Fact::Ticket(id, TicketFact::Changed { change, .. }) => format!("ticket {id} {change:?}"),
        Fact::Ticket(id, fact) => format!("ticket {id} {fact:?}"),
    })
}

fn form(fact: &FormFact) -> String {
    match fact {
        FormFact::Sent { kind, by, .. } => format!("{kind} sent by {by}"),
        FormFact::Answered { .. } => "answered".into(),
        FormFact::Judged { by, accepted, .. } => format!("accepted {accepted} by {by}"),
        FormFact::NotCalled { why } => format!("not called: {why:?}"),
        FormFact::Expired => "expired".into(),
        FormFact::Withdrawn { by } => format!("withdrawn by {by}"),
    }
}

fn call(fact: &CallFact) -> Option<String> {
    Some(match fact {
        CallFact::Started { from, dialled, .. } => format!("from {from} to {dialled}"),
        CallFact::Answered => "answered".into(),
        CallFact::RecordingStarted { .. } => "recorded".into(),
        CallFact::RecordingPaused { on, .. } => format!("recording paused {on}"),
        CallFact::RecordingFailed { error, .. } => format!("recording failed: {error}"),
        CallFact::Held { on, .. } => format!("held {on}"),
        CallFact::AgentSilent { agent, silent } => format!("{agent} silent {silent}"),
        CallFact::Knocked { page, .. } => format!("rings a page of {}", page.channel),
        CallFact::FromPage { page, .. } => format!("from a page of {}", page.channel),
        CallFact::CustomerSilent { silent } => format!("customer silent {silent}"),
        CallFact::Digit { digit } => format!("digit {digit}"),
        CallFact::Ended { by, cause } => format!("ended by {by:?}: {cause:?}"),
        CallFact::Dialled { party, number, .. } => format!("dials {number} for {}", who(party)),
        CallFact::Rung { agent, consult, .. } => format!("rings {agent}{}", if *consult { " for a consult" } else { "" }),
        CallFact::Joined { party } => format!("joined by {}", who(party)),
        CallFact::LimitNear { party, why, .. } => format!("nears a limit with {}: {why:?}", who(party)),
        CallFact::LimitReached { party, why } => format!("is at a limit with {}: {why:?}", who(party)),
        CallFact::NotJoined { party, cause } => format!("not joined by {}: {cause:?}", who(party)),
        CallFact::Left { party } => format!("left by {}", who(party)),
        CallFact::ConsultStarted { with, .. } => format!("consult with {}", who(with)),
        CallFact::ConsultSwapped { customer, .. } => format!("consult turned to the customer: {customer}"),
        CallFact::ConsultEnded { how, .. } => format!("consult {how:?}"),
        CallFact::Parked { slot, .. } => format!("parked at {slot}"),
        CallFact::Unparked { by, slot } => format!("fetched from {slot} by {}", by.as_ref().map_or("nobody", |by| by.as_str())),
        CallFact::Watched { by, mode, .. } => format!("{by} is in it: {mode:?}"),
        CallFact::WatchEnded { by, how, .. } => format!("{by} is out of it: {how:?}"),
        CallFact::LegClosed { .. } | CallFact::RecordingDone { .. } => return None,
    })
}

fn who(party: &LegParty) -> String {
    match party {
        LegParty::Customer => "the customer".into(),
        LegParty::Agent(agent) => agent.to_string(),
        LegParty::Outside(nth) => format!("outside {nth}"),
    }
}

fn callback(fact: &CallbackFact) -> String {
    match fact {
        CallbackFact::Listed { why, .. } => format!("listed: {why:?}"),
        CallbackFact::MissedAgain { why, .. } => format!("missed again: {why:?}"),
        CallbackFact::Told { .. } => "told".into(),
        CallbackFact::Booked { by, .. } => format!("booked by {by:?}"),
        CallbackFact::Claimed { by } => format!("claimed by {by}"),
        CallbackFact::LetGo { by } => format!("let go by {by}"),
        CallbackFact::Dialled { agent, attempt, .. } => format!("dialled by {agent}, attempt {attempt}"),
        CallbackFact::NotReached { why, .. } => format!("not reached: {why:?}"),
        CallbackFact::CallsIn { call } => format!("calls in by call {call}"),
        CallbackFact::Resumed => "resumed".into(),
        CallbackFact::Voicemail { .. } => "voicemail".into(),
        CallbackFact::NoMessage { .. } => "no message".into(),
        CallbackFact::Closed { how, .. } => format!("closed: {how:?}"),
    }
}

fn conversation(fact: &ConversationFact) -> String {
    match fact {
        ConversationFact::Opened { channel, .. } => format!("opened on {channel}"),
        ConversationFact::Received { body, .. } => format!("received {:?}", body.text),
        ConversationFact::Elsewhere { body, .. } => format!("says elsewhere {:?}", body.text),
        ConversationFact::Changed { change, .. } => format!("changed: {change:?}"),
        ConversationFact::FileCame { file, .. } => format!("its file came: {}", file.name),
        ConversationFact::Amending { change, by, .. } => format!("amending by {by}: {change:?}"),
        ConversationFact::Amended { change, state, .. } => format!("amended: {change:?}, {state:?}"),
        ConversationFact::Queued { body, by, .. } => {
            format!("says {:?} by {}", body.text, by.as_ref().map_or("the house", |by| by.as_str()))
        }
        ConversationFact::Delivery { state, .. } => format!("{state:?}"),
        ConversationFact::ReadByAgent { by, .. } => format!("read by {by}"),
        ConversationFact::ReadByCustomer { .. } => "read by the customer".into(),
        ConversationFact::Continued { channel } => format!("goes on in {channel}"),
        ConversationFact::OpeningUnsent { why, .. } => format!("not answered after the opening: {why:?}"),
        ConversationFact::CustomerLeft => "customer left".into(),
        ConversationFact::CustomerBack => "customer back".into(),
        ConversationFact::Abandoned { .. } => "abandoned".into(),
        ConversationFact::Resolved { by, .. } => format!("resolved by {}", by.as_ref().map_or("the house", |by| by.as_str())),
        ConversationFact::Snoozed { by, .. } => format!("put aside by {by}"),
        ConversationFact::Woken { why } => format!("woken: {why:?}"),
    }
}

fn flow(fact: &FlowFact) -> String {
    match fact {
        FlowFact::Entered { flow } => format!("enters {flow}"),
        FlowFact::Chose { key, to, .. } => format!("chooses {key}: {to}"),
        FlowFact::Gathered { variable, value, .. } => format!("enters {variable} {}", value.as_deref().unwrap_or("hidden")),
        FlowFact::Language { language } => format!("speaks {language}"),
        FlowFact::LookedUp { result, .. } => format!("is looked up: {result:?}"),
        FlowFact::Wrote { sent, .. } => format!("is {}written to", if *sent { "" } else { "not " }),
        FlowFact::Set { tags, .. } => format!("is marked {}", tags.join(", ")),
        FlowFact::Left { flow, to } => format!("leaves {flow} for {to}"),
        FlowFact::Abandoned { flow, node } => format!("gives up at {flow}/{node}"),
    }
}

fn routing(fact: &RoutingFact) -> String {
    match fact {
        RoutingFact::Queued { queue, head, reason, .. } => {
            format!("waits in {queue}{} ({reason:?})", if *head { " at the head" } else { "" })
        }
        RoutingFact::Offered { agent, .. } => format!("offered to {agent}"),
        RoutingFact::OfferEnded { agent, how } => format!("{how:?} by {agent}"),
        RoutingFact::CardShown { agent } => format!("seen by {agent}"),
        RoutingFact::Assigned { agent, .. } => format!("with {agent}"),
        RoutingFact::AssistAsked { agent, .. } => format!("needs help, says {agent}"),
        RoutingFact::AssistEnded { agent, how } => format!("needs no help, says {agent}: {how:?}"),
        RoutingFact::Transferred { by, to: Target::Agent(to), .. } => format!("transferred by {by} to {to}"),
        RoutingFact::Transferred { by, to: Target::Queue(to), .. } => format!("transferred by {by} to queue {to}"),
        RoutingFact::Transferred { by, to: Target::Line(to), .. } => format!("transferred by {by} to line {to}"),
        RoutingFact::Transferred { by, to: Target::Outside(to), .. } => format!("transferred by {by} to {to}"),
        RoutingFact::Released { agent } => format!("leaves {agent}"),
        RoutingFact::WrapUpStarted { agent, .. } => format!("wrap-up of {agent}"),
        RoutingFact::WrapUpExtended { agent, .. } => format!("more wrap-up for {agent}"),
        RoutingFact::WrapUpOverdue { agent } => format!("wrap-up of {agent} is owed"),
        RoutingFact::WrapUpDone { agent, by_timer, .. } => format!("wrapped up by {agent}{}", if *by_timer { "'s clock" } else { "" }),
    }
}
