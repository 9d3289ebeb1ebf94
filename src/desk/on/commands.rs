//! What agents ask for: the table, and accepting, declining and taking work.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::{Decision, Fact, OfferEnd, PersonFact, Reason, StatusName, StatusWhy};
use crate::desk::id::*;
use crate::desk::input::{Command, LegFailure, LegParty};
use crate::desk::party::Presence;
use crate::desk::person::Consent;
use crate::desk::place::Placing;
use crate::desk::push::may_contact;
use crate::desk::refusal::{Refusal, within};
use crate::desk::step::Answer;
use crate::desk::work::Leg;

/// A browser leg must be up this long after the click, ms.
const JOIN_MS: i64 = 5_000;

/// Longest note on a customer, characters.
const NOTE: usize = 10_000;

impl Desk {
    pub(super) fn command(&mut self, id: AgentId, command: Command) -> Result<Answer, Refusal> {
        let slot = self.slot(&id).ok_or(Refusal::UnknownAgent)?;
        match command {
            Command::SetStatus(wanted) => self.set_status(slot, wanted, StatusWhy::Chosen),
            Command::Accept(work) => self.accept(slot, id, work),
            Command::Decline(work) => self.decline(id, work),
            Command::Take(work) => self.take(slot, id, work),
            Command::CardShown(work) => self.card_shown(id, work),
            Command::Reply { conversation, body, key } => self.reply(id, conversation, body, key),
            Command::Amend { conversation, ours, change } => self.amend(id, conversation, ours.map(|ours| *ours), change),
            Command::Write { who, channel, body, key } => self.write_letter(id, who, channel, body, key),
            Command::Template { conversation, template, values, key } => {
                self.reply_by_template(id, conversation, template.map(|template| *template), &values, key)
            }
            Command::Card { conversation, card, key } => self.reply_by_card(id, conversation, &card, key),
            Command::Note { person, work, text, key } => self.note(slot, person, work, text, key),
            Command::MarkRead { conversation, upto } => self.mark_read(id, conversation, upto),
            Command::Transfer { work, to, note } => self.transfer(slot, id, work, to, note),
            Command::Resolve { conversation, disposition, fields, note } => self.resolve(id, conversation, disposition, &fields, note),
            Command::Snooze { conversation, until } => self.snooze(id, conversation, until),
            Command::Wake { conversation } => self.wake_up(slot, id, conversation),
            Command::Hold { call, on } => self.hold(id, call, on),
            Command::SendDigits { call, digits } => self.send_digits(id, call, digits),
            Command::PauseRecording { call, on } => self.pause_recording(id, call, on),
            Command::Call { callee, queue, chat } => self.call_somebody(slot, &id, Placing { callee, queue, chat, given: false }),
            Command::Dial { callee } => self.dialled(slot, id, callee),
            Command::Push { work, what, seen, key } => self.push(id, work, what, seen, key),
            Command::PushWay { work } => self.push_way(&id, work),
            Command::Form(form, command) => self.form_command(id, form, command),
            Command::Consult { call, to, note } => self.consult(id, call, to, note),
            Command::Swap { call } => self.swap(id, call),
            Command::Merge { call } => self.merge(id, call),
            Command::Complete { call } => self.complete(id, call),
            Command::EndConsult { call } => self.cancel_consult(id, call),
            Command::Add { call, to } => self.add_party(id, call, to),
            Command::Remove { call, party } => self.remove_party(id, call, party),
            Command::Leave { call } => self.leave(id, call),
            Command::Park { call } => self.park(slot, id, call, None),
            Command::PickUp { slot: number } => self.pick_up(slot, id, number),
            Command::MaskedField { call, on } => self.masked_field(id, call, on),
            Command::Watch { call, mode } => self.watch(slot, id, call, mode),
            Command::StopWatching { call } => self.stop_watching(&id, call),
            Command::SetStatusOf { agent, wanted } => self.set_status_of(slot, id, agent, wanted),
            Command::Takes { medium, on } => self.takes(slot, id, medium, on),
            Command::TakesOf { agent, medium, on } => self.takes_of(slot, id, &agent, medium, on),
            Command::AskAssist { work, word } => self.ask_assist(slot, work, &word),
            Command::EndAssist { work } => self.end_assist(slot, work),
            Command::Assist { work } => self.assist(slot, &id, work),
            Command::Move { agent, change, until } => self.move_agent(slot, id, &agent, change, until),
            Command::EndMove { agent, change } => self.end_move(slot, id, &agent, &change),
            Command::SwitchOverlay { overlay, on, until } => self.switch_overlay(slot, id, overlay, on, until),
            Command::HangUp { call } => self.hang_up(id, call),
            Command::WrapUp { call, disposition, fields, note } => self.hand_in(slot, call, disposition, &fields, note),
            Command::ExtendWrapUp { call } => self.extend_wrap_up(slot, call),
            Command::OpenTicket(new) => self.open_ticket(&id, *new),
            Command::Ticket(ticket, command) => self.ticket_command(id, ticket, command),
            Command::Callback(callback, command) => self.callback_command(slot, id, callback, command),
            Command::SetConsent { person, consent } => self.set_consent(id, person, consent),
            Command::Tag { person, about, tag, on } => self.tag(id, person, *about, &tag, on),
            Command::JoinPeople { into, from, why, moved } => self.join_people(id, into, from, why, *moved),
            Command::PartPeople { into, from, back } => self.part_people(id, into, from, *back),
            Command::Enter { people, proof } => self.enter_people(id, people, proof),
            Command::AddIdentity { person, identity, whose } => self.add_identity(id, person, identity, whose),
            Command::RemoveIdentity { person, identity, opted_out } => self.remove_identity(id, person, identity, opted_out),
            Command::Block { person, on, reason } => self.block(id, person, on, reason),
            Command::KeepApart { person, other } => self.keep_apart(id, person, other),
            Command::PromiseCall { who, number, queue, at } => self.promise_call(id, who, number, queue, at),
        }
    }

    fn set_consent(&mut self, by: AgentId, person: PersonId, consent: Consent) -> Result<Answer, Refusal> {
        let person = self.living(person);
        self.tell_waiting_consent(person, consent);
        self.facts.push(Fact::Person(person, PersonFact::Consent { consent, by }));
        Ok(Answer::Done)
    }

    /// A chat goes on as a call only for whoever has it.
    fn call_somebody(&mut self, slot: usize, id: &AgentId, placing: Placing) -> Result<Answer, Refusal> {
        match placing.chat {
            // Who writes to us is in contact with us.
            Some(chat) => _ = self.mine(id, Work::Conversation(chat))?,
            None => may_contact(placing.callee.who())?,
        }
        self.place_call(slot, placing).map(Answer::Call)
    }

    fn accept(&mut self, slot: usize, id: AgentId, work: Work) -> Result<Answer, Refusal> {
        if self.serving(work).is_some_and(|s| s.agent == id) {
            return Ok(Answer::Done);
        }
        if let Work::Call(call) = work
            && let Some(party) = self.party(call, &LegParty::Agent(id.clone()))
        {
            return match party.presence {
                Presence::In { .. } | Presence::Ringing { leg: Leg::Joining, .. } => Ok(Answer::Done),
                Presence::Ringing { leg: Leg::Phone, .. } => Err(Refusal::VoiceNotReady { problem: "desk_phone".into() }),
                Presence::Ringing { leg: Leg::Page, .. } => self.join_talk(slot, id, call),
            };
        }
        let offer = self.waiting(work).and_then(|w| w.offer.as_ref()).filter(|o| o.agent == id).ok_or(Refusal::NoLongerOffered)?;
        match (work, offer.leg) {
            (Work::Conversation(_), _) => self.assign(work, slot),
            (Work::Call(_), Leg::Joining) => {}
            (Work::Call(_), Leg::Phone) => {
                return Err(Refusal::VoiceNotReady { problem: "desk_phone".into() });
            }
            (Work::Call(call), Leg::Page) => self.join(slot, id, call)?,
            (Work::Callback(callback), _) => return self.dial_back(slot, id, callback),
        }
        Ok(Answer::Done)
    }

    /// A colleague's call is taken: rung until the browser leg is up.
    fn join_talk(&mut self, slot: usize, id: AgentId, call: CallId) -> Result<Answer, Refusal> {
        if let Some(problem) = self.seats.get(slot).and_then(|s| s.voice_problem()) {
            return Err(Refusal::VoiceNotReady { problem: problem.to_owned() });
        }
        let deadline = self.now.after(JOIN_MS);
        if let Some(party) = self.party_mut(call, &LegParty::Agent(id.clone())) {
            party.presence = Presence::Ringing { until: Some(deadline), leg: Leg::Joining, early: false };
        }
        self.voice(call, VoiceAct::Join { agent: id });
        Ok(Answer::Done)
    }

    /// The click is not the connection: the offer stands until the browser leg is up.
    pub(super) fn join(&mut self, slot: usize, id: AgentId, call: CallId) -> Result<(), Refusal> {
        if let Some(problem) = self.seats.get(slot).and_then(|s| s.voice_problem()) {
            return Err(Refusal::VoiceNotReady { problem: problem.to_owned() });
        }
        let until = self.now.after(JOIN_MS);
        if let Some(offer) = self.waiting_mut(Work::Call(call)).and_then(|w| w.offer.as_mut()) {
            offer.leg = Leg::Joining;
            offer.until = until;
        }
        self.voice(call, VoiceAct::Join { agent: id });
        Ok(())
    }

    fn decline(&mut self, id: AgentId, work: Work) -> Result<Answer, Refusal> {
        let offered = self.waiting(work).and_then(|w| w.offer.as_ref()).is_some_and(|o| o.agent == id);
        if let (false, Work::Call(call)) = (offered, work) {
            let me = LegParty::Agent(id);
            if self.party(call, &me).is_none_or(|party| party.is_in()) {
                return Err(Refusal::NoLongerOffered);
            }
            self.let_leg_go(call, &me);
            self.party_failed(call, &me, Some(LegFailure::Declined));
            return Ok(Answer::Done);
        }
        if !offered {
            return Err(Refusal::NoLongerOffered);
        }
        self.lose_offer(work, OfferEnd::Declined);
        Ok(Answer::Done)
    }

    /// An agent reaches into the queue. A call still has to be joined; a conversation is theirs at once.
    fn take(&mut self, slot: usize, id: AgentId, work: Work) -> Result<Answer, Refusal> {
        self.job(work).ok_or(Refusal::Gone)?;
        let waiting = self.waiting(work).ok_or(Refusal::NotWaiting)?;
        if waiting.offer.as_ref().is_some_and(|o| o.agent == id) {
            return self.accept(slot, id, work);
        }
        self.can_reach_for(slot, work)?;
        self.end_offer(work, OfferEnd::Withdrawn);
        match work {
            Work::Call(call) => {
                let phone = self.phone_of(slot).is_some();
                self.make_offer(work, slot, Decision { chosen: vec![Reason::Took], ..Decision::default() });
                if !phone {
                    self.join(slot, id, call)?;
                }
            }
            Work::Conversation(_) => self.assign(work, slot),
            Work::Callback(callback) => return self.dial_back(slot, id, callback),
        }
        Ok(Answer::Done)
    }

    /// Whether the agent may take this work by their own hand: whatever they have chosen but offline.
    pub(super) fn can_reach_for(&self, slot: usize, work: Work) -> Result<(), Refusal> {
        let person = self.job(work).ok_or(Refusal::Gone)?.person;
        let cost = self.cost(work);
        let seat = self.seats.get(slot).ok_or(Refusal::UnknownAgent)?;
        let post = seat.post.as_ref().ok_or(Refusal::UnknownAgent)?;
        let is_call = matches!(work, Work::Call(_) | Work::Callback(_));
        if seat.agent.status == StatusName::Offline {
            return Err(Refusal::Offline);
        }
        if is_call && seat.agent.wrap_up.is_some() {
            return Err(Refusal::InWrapUp);
        }
        if let (true, Some(problem)) = (is_call, seat.voice_problem()) {
            return Err(Refusal::VoiceNotReady { problem: problem.to_owned() });
        }
        let charge = seat.agent.charge_for(person, cost);
        if seat.agent.used + charge > post.capacity || (is_call && seat.agent.calls() >= post.max_calls) {
            return Err(Refusal::NoCapacity);
        }
        Ok(())
    }

    fn note(&mut self, slot: usize, person: PersonId, work: Option<Work>, text: String, key: String) -> Result<Answer, Refusal> {
        let agent = &self.seats.get(slot).ok_or(Refusal::UnknownAgent)?.agent;
        // A page that did not hear the answer asks again with the same key.
        if let Some((_, known)) = agent.noted.iter().find(|(noted, _)| *noted == key) {
            return Ok(Answer::Known(*known));
        }
        let id = agent.id.clone();
        if text.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        within(&text, NOTE)?;
        let (message, person) = (self.mint_message(), self.living(person));
        if let Some(agent) = self.agent_mut(slot).filter(|_| !key.is_empty()) {
            agent.remember_note(key, message);
        }
        self.facts.push(crate::desk::fact::Fact::Person(person, PersonFact::NoteAdded { message, work, by: id, text }));
        Ok(Answer::Message(message))
    }
}
