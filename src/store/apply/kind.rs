//! The name of each fact in the log, and whether the person's timeline shows it as a line of its own.

use crate::desk::fact::*;
use crate::desk::id::Work;
use crate::desk::input::TicketChange;

/// `(kind, shown)`. Messages, notes and calls are items of the timeline themselves, so their own facts are not shown again.
pub(super) fn of(fact: &Fact) -> (&'static str, bool) {
    match fact {
        Fact::Person(_, fact) => person(fact),
        Fact::Call(_, fact) => call(fact),
        Fact::Callback(_, fact) => callback(fact),
        Fact::Form(_, fact) => form(fact),
        Fact::Proactive(_, fact) => proactive(fact),
        // What was asked in writing stands in the story as a message.
        Fact::Survey(_, SurveyFact::Asked { .. }) => ("survey.asked", false),
        Fact::Survey(_, SurveyFact::Answered { .. }) => ("survey.answered", true),
        Fact::Survey(_, SurveyFact::FollowedUp { .. }) => ("survey.followed_up", false),
        Fact::Conversation(_, fact) => conversation(fact),
        Fact::Routing(work, fact) => routing(work, fact),
        Fact::Flow(_, fact) => flow(fact),
        Fact::Agent(_, fact) => agent(fact),
        Fact::Ticket(_, fact) => ticket(fact),
        Fact::Trunk(_, fact) => trunk(fact),
        Fact::Channel(_, ChannelFact::Down { .. }) => ("channel.down", false),
        Fact::Channel(_, ChannelFact::Announced) => ("channel.announced", false),
        Fact::Channel(_, ChannelFact::Up { .. }) => ("channel.up", false),
        Fact::Dial(_, fact) => dial(fact),
        Fact::Overlay(_, OverlayFact::SwitchedOn { .. }) => ("overlay.switched_on", false),
        Fact::Overlay(_, OverlayFact::SwitchedOff { .. }) => ("overlay.switched_off", false),
        Fact::Rule(_, RuleFact::Did { .. }) => ("rule.did", true),
        Fact::Rule(_, RuleFact::Refused { .. }) => ("rule.refused", true),
        Fact::Source(_, SourceFact::Banned { .. }) => ("source.banned", false),
        Fact::Source(_, SourceFact::Allowed { .. }) => ("source.allowed", false),
    }
}

fn person(fact: &PersonFact) -> (&'static str, bool) {
    match fact {
        PersonFact::Added { .. } => ("person.added", false),
        PersonFact::OptedOut { .. } => ("person.opted_out", true),
        PersonFact::Unreachable { .. } => ("person.unreachable", true),
        PersonFact::Consent { .. } => ("person.consent", true),
        PersonFact::Tagged { .. } => ("person.tagged", true),
        PersonFact::Untagged { .. } => ("person.untagged", true),
        PersonFact::IdentityAdded { .. } => ("person.identity_added", true),
        PersonFact::IdentityRemoved { .. } => ("person.identity_removed", true),
        PersonFact::Entered { .. } => ("person.entered", true),
        PersonFact::Blocked { .. } => ("person.blocked", true),
        PersonFact::RecordTold { .. } => ("person.record_told", false),
        PersonFact::Merged { .. } => ("person.merged", true),
        PersonFact::Unmerged { .. } => ("person.unmerged", true),
        PersonFact::KeptApart { .. } => ("person.kept_apart", false),
        PersonFact::Told { .. } => ("person.told", true),
        PersonFact::NoteAdded { .. } => ("person.note_added", false),
    }
}

fn call(fact: &CallFact) -> (&'static str, bool) {
    match fact {
        CallFact::Started { .. } => ("call.started", false),
        CallFact::Answered => ("call.answered", false),
        CallFact::RecordingStarted { .. } => ("call.recording_started", false),
        CallFact::RecordingPaused { .. } => ("call.recording_paused", false),
        CallFact::RecordingDone { .. } => ("call.recording_done", false),
        CallFact::RecordingFailed { .. } => ("call.recording_failed", true),
        CallFact::Held { .. } => ("call.held", false),
        CallFact::AgentSilent { .. } => ("call.agent_silent", false),
        CallFact::FromPage { .. } => ("call.from_page", false),
        CallFact::Knocked { .. } => ("call.knocked", true),
        CallFact::CustomerSilent { .. } => ("call.customer_silent", false),
        CallFact::Digit { .. } => ("call.digit", false),
        CallFact::LegClosed { .. } => ("call.leg_closed", false),
        CallFact::Ended { .. } => ("call.ended", false),
        // Of whom else was in a call, the bubble and its chapters tell.
        CallFact::Dialled { .. } => ("call.dialled", false),
        CallFact::Rung { .. } => ("call.rung", false),
        CallFact::Joined { .. } => ("call.joined", false),
        CallFact::NotJoined { .. } => ("call.not_joined", true),
        CallFact::Left { .. } => ("call.left", false),
        CallFact::ConsultStarted { .. } => ("call.consult_started", false),
        CallFact::ConsultSwapped { .. } => ("call.consult_swapped", false),
        CallFact::ConsultEnded { .. } => ("call.consult_ended", false),
        CallFact::Parked { .. } => ("call.parked", true),
        CallFact::Unparked { .. } => ("call.unparked", true),
        // Where supervisors are silent, the timeline must be, too: the log alone keeps it.
        CallFact::Watched { .. } => ("call.watched", false),
        CallFact::LimitNear { .. } => ("call.limit_near", true),
        CallFact::LimitReached { .. } => ("call.limit_reached", true),
        CallFact::WatchEnded { .. } => ("call.watch_ended", false),
    }
}

fn callback(fact: &CallbackFact) -> (&'static str, bool) {
    match fact {
        CallbackFact::Listed { .. } => ("callback.listed", true),
        CallbackFact::MissedAgain { .. } => ("callback.missed_again", false),
        CallbackFact::Told { .. } => ("callback.told", true),
        CallbackFact::Booked { .. } => ("callback.booked", true),
        CallbackFact::Claimed { .. } => ("callback.claimed", false),
        CallbackFact::LetGo { .. } => ("callback.let_go", false),
        CallbackFact::Dialled { .. } => ("callback.dialled", false),
        CallbackFact::NotReached { .. } => ("callback.not_reached", true),
        CallbackFact::CallsIn { .. } => ("callback.calls_in", false),
        CallbackFact::Resumed => ("callback.resumed", false),
        CallbackFact::Voicemail { .. } => ("callback.voicemail", false),
        CallbackFact::NoMessage { .. } => ("callback.no_message", false),
        CallbackFact::Closed { .. } => ("callback.closed", true),
    }
}

fn form(fact: &FormFact) -> (&'static str, bool) {
    match fact {
        FormFact::Sent { .. } => ("form.sent", true),
        FormFact::Answered { .. } => ("form.answered", true),
        FormFact::Judged { .. } => ("form.judged", true),
        FormFact::NotCalled { .. } => ("form.not_called", true),
        FormFact::Expired => ("form.expired", true),
        FormFact::Withdrawn { .. } => ("form.withdrawn", true),
    }
}

fn conversation(fact: &ConversationFact) -> (&'static str, bool) {
    match fact {
        ConversationFact::Opened { .. } => ("conversation.opened", true),
        ConversationFact::Received { .. } => ("conversation.received", false),
        ConversationFact::Elsewhere { .. } => ("conversation.elsewhere", false),
        ConversationFact::Changed { .. } => ("conversation.changed", false),
        ConversationFact::FileCame { .. } => ("conversation.file_came", false),
        ConversationFact::Amending { .. } => ("conversation.amending", false),
        ConversationFact::Amended { .. } => ("conversation.amended", false),
        ConversationFact::Queued { .. } => ("conversation.queued", false),
        ConversationFact::Delivery { .. } => ("conversation.delivery", false),
        ConversationFact::ReadByAgent { .. } => ("conversation.read_by_agent", false),
        ConversationFact::ReadByCustomer { .. } => ("conversation.read_by_customer", false),
        ConversationFact::OpeningUnsent { .. } => ("conversation.opening_unsent", true),
        ConversationFact::CustomerLeft => ("conversation.customer_left", true),
        // Pages come and go with every click on the shop; that somebody left and wrote again is seen by the message.
        ConversationFact::Continued { .. } => ("conversation.continued", true),
        ConversationFact::CustomerBack => ("conversation.customer_back", false),
        ConversationFact::Abandoned { .. } => ("conversation.abandoned", true),
        ConversationFact::Resolved { .. } => ("conversation.resolved", true),
        ConversationFact::Snoozed { .. } => ("conversation.snoozed", true),
        ConversationFact::Woken { .. } => ("conversation.woken", true),
    }
}

/// What is sent stands in the story as the message that it is.
fn proactive(fact: &ProactiveFact) -> (&'static str, bool) {
    match fact {
        ProactiveFact::Asked { .. } => ("proactive.asked", false),
        ProactiveFact::Waits { .. } => ("proactive.waits", false),
        ProactiveFact::Sent { .. } => ("proactive.sent", false),
        ProactiveFact::FellBack { .. } => ("proactive.fell_back", false),
        ProactiveFact::Refused { .. } => ("proactive.refused", false),
    }
}

fn routing(work: &Work, fact: &RoutingFact) -> (&'static str, bool) {
    match fact {
        // The first queueing goes without saying; a return to the queue is part of the story.
        RoutingFact::Queued { reason, .. } => ("routing.queued", *reason != QueuedReason::New && !matches!(work, Work::Callback(_))),
        RoutingFact::Offered { .. } => ("routing.offered", false),
        RoutingFact::OfferEnded { .. } => ("routing.offer_ended", false),
        // A call's bubble shows its agents.
        RoutingFact::Assigned { .. } => ("routing.assigned", matches!(work, Work::Conversation(_))),
        RoutingFact::Transferred { .. } => ("routing.transferred", true),
        RoutingFact::AssistAsked { .. } => ("routing.assist_asked", true),
        RoutingFact::AssistEnded { .. } => ("routing.assist_ended", true),
        RoutingFact::Released { .. } => ("routing.released", false),
        RoutingFact::WrapUpStarted { .. } => ("routing.wrap_up_started", false),
        RoutingFact::CardShown { .. } => ("routing.card_shown", false),
        RoutingFact::WrapUpExtended { .. } => ("routing.wrap_up_extended", false),
        RoutingFact::WrapUpOverdue { .. } => ("routing.wrap_up_overdue", false),
        RoutingFact::WrapUpDone { .. } => ("routing.wrap_up_done", false),
    }
}

fn flow(fact: &FlowFact) -> (&'static str, bool) {
    match fact {
        FlowFact::Entered { .. } => ("flow.entered", false),
        FlowFact::Chose { .. } => ("flow.chose", true),
        FlowFact::Gathered { .. } => ("flow.gathered", true),
        FlowFact::Language { .. } => ("flow.language", true),
        FlowFact::LookedUp { result, .. } => ("flow.looked_up", *result != LookupResult::Found),
        FlowFact::Wrote { sent, .. } => ("flow.wrote", !sent),
        FlowFact::Set { tags, .. } => ("flow.set", !tags.is_empty()),
        FlowFact::Left { .. } => ("flow.left", false),
        FlowFact::Abandoned { .. } => ("flow.abandoned", true),
    }
}

fn agent(fact: &AgentFact) -> (&'static str, bool) {
    match fact {
        AgentFact::Status { .. } => ("agent.status", false),
        AgentFact::StatusSet { .. } => ("agent.status_set", false),
        AgentFact::Moved { .. } => ("agent.moved", false),
        AgentFact::MoveEnded { .. } => ("agent.move_ended", false),
        AgentFact::Takes { .. } => ("agent.takes", false),
        AgentFact::VoiceReady => ("agent.voice_ready", false),
        AgentFact::VoiceLost { .. } => ("agent.voice_lost", false),
    }
}

fn ticket(fact: &TicketFact) -> (&'static str, bool) {
    match fact {
        TicketFact::Opened { .. } => ("ticket.opened", true),
        TicketFact::Linked { .. } => ("ticket.linked", true),
        TicketFact::Changed { change, .. } => ("ticket.changed", told(change)),
        TicketFact::Clock { now: ClockNow::Late, .. } => ("ticket.late", true),
        TicketFact::Clock { .. } => ("ticket.clock", false),
        TicketFact::Approval(_) => ("ticket.approval", true),
        TicketFact::Merged { .. } => ("ticket.merged", true),
        TicketFact::Split { .. } => ("ticket.split", true),
        TicketFact::NotSolved { .. } => ("ticket.not_solved", true),
        TicketFact::Notified { .. } => ("ticket.notified", false),
    }
}

/// What matters to whoever talks with the customer; the rest stands on the ticket's own page.
fn told(change: &TicketChange) -> bool {
    use TicketChange::*;
    match change {
        State(_) | Priority(_) | Assignee(_) | Subject(_) | Comment(_) | Department { .. } | Kind(_) | Due(_) => true,
        Field { .. } | Watch { .. } | Check { .. } | AddItem(_) | Related { .. } | Parent(_) | Attach(_) | Quiet(_) | Contact(_) => false,
    }
}

fn trunk(fact: &TrunkFact) -> (&'static str, bool) {
    match fact {
        TrunkFact::Down { .. } => ("trunk.down", false),
        TrunkFact::Up => ("trunk.up", false),
        TrunkFact::Unregistered { .. } => ("trunk.unregistered", false),
        TrunkFact::Registered => ("trunk.registered", false),
        TrunkFact::RouteFailed { .. } => ("trunk.route_failed", false),
        TrunkFact::NoLine { .. } => ("trunk.no_line", false),
    }
}

fn dial(fact: &DialFact) -> (&'static str, bool) {
    match fact {
        DialFact::Blocked { .. } => ("dial.blocked", false),
        DialFact::Alarm { .. } => ("dial.alarm", false),
        DialFact::Emergency { .. } => ("dial.emergency", false),
    }
}
