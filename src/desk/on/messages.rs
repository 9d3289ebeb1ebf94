//! The customer's side of a conversation: messages, reading, leaving, and how far our own messages have come.

use crate::desk::callback::Missed;
use crate::desk::conversation::{Conversation, is_progress};
use crate::desk::fact::{ConversationFact, Fact, MissedWhy, PersonFact, QueuedReason, Woken};
use crate::desk::id::*;
use crate::desk::input::{Belongs, Body, Change, Delivery, FileRef, MessageHeard};
use crate::desk::keyword;
use crate::desk::person::{Page, PersonBrief};
use crate::desk::refusal::Refusal;
use crate::desk::same::Proof;
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use crate::desk::ticket::asks_state;
use crate::desk::traits::Unit;
use crate::desk::work::Stage;
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn message(&mut self, heard: MessageHeard) -> Result<Answer, Refusal> {
        if let Some(known) = heard.known {
            return Ok(Answer::Known(known));
        }
        let channel = self.catalog.channels.get(&heard.channel).ok_or(Refusal::UnknownQueue)?;
        let (queue, away, flow) = (channel.queue.clone(), channel.away_text.clone(), channel.flow.clone());
        self.lane(&queue).ok_or(Refusal::UnknownQueue)?;
        let newest = self.at_hand(&heard).and_then(|id| self.conversations.get(&id));
        if let Some(known) = newest.and_then(|c| c.heard_as(&heard.external_id)) {
            return Ok(Answer::Known(known));
        }
        if heard.who.person.as_ref().is_some_and(|p| p.blocked) {
            return Err(Refusal::Gone);
        }
        if heard.body.text.trim().is_empty() && heard.body.files.is_empty() {
            return Err(Refusal::Empty);
        }
        let texts = channel.traits.text.unit == Unit::Segments;
        let automatic = heard.besides.automatic;
        let text = heard.body.text.clone();
        let keyword = keyword::matching(&channel.keywords, &text).cloned();
        let open = newest.filter(|c| c.resolved.is_none()).map(|c| c.id);
        let newest = newest.map(|c| c.id);
        if let Some(answer) = self.survey_reads(&heard) {
            return Ok(answer);
        }
        let (id, reopened) = match open {
            Some(id) => (id, false),
            None => self.open_conversation(&heard, newest),
        };
        self.know_better(id, heard.who.person.as_ref());
        let message = self.receive(id, heard);
        if !automatic {
            self.tell_if_down(id);
        }
        // A machine waits for nobody.
        if automatic {
            self.wait_in_quiet(id);
            return Ok(Answer::Message(message));
        }
        // Whoever asks for no more texts wants no talk; it is heeded, and kept with what they wrote.
        let consent = texts && self.heed_consent(id, &text);
        if !consent && self.is_snoozed(id) {
            self.wake(id, Woken::Written, None);
            self.owe_opening(id, message);
            return Ok(Answer::Message(message));
        }
        let waits = self.job(Work::Conversation(id)).is_some_and(|job| !matches!(job.stage, Stage::Serving(_)));
        let in_flow = self.conversations.get(&id).is_some_and(|c| c.in_flow());
        if let Some(number) = asks_state(&self.catalog.tickets.words, &text).filter(|_| waits && !in_flow && !consent) {
            self.answer_state(id, message, number);
            self.wait_in_quiet(id);
            return Ok(Answer::Message(message));
        }
        if open.is_some() && !consent && self.conversations.get(&id).is_some_and(|c| c.in_flow()) {
            self.flow_reads(id, &text);
            return Ok(Answer::Message(message));
        }
        let apart = self.job(Work::Conversation(id)).is_some_and(|job| job.stage == Stage::Apart);
        if let Some(keyword) = keyword.filter(|_| apart && !consent && self.talking_to(id).is_none()) {
            self.follow_keyword(id, message, queue, &keyword, &text);
            return Ok(Answer::Message(message));
        }
        let flow = flow.filter(|flow| self.catalog.flows.contains_key(flow) && self.talking_to(id).is_none());
        if let Some(flow) = flow.filter(|_| apart && !consent) {
            self.enter_flow(Work::Conversation(id), &flow);
        } else if apart && !consent {
            self.first_in_line(id, queue, reopened, away);
        } else {
            self.wait_in_quiet(id);
        }
        if !consent {
            self.owe_opening(id, message);
        }
        Ok(Answer::Message(message))
    }

    /// What the edge has looked up of the customer just now, for the rules that ask for it.
    fn know_better(&mut self, id: ConversationId, brief: Option<&PersonBrief>) {
        let Some(kept) = brief.filter(|_| !self.catalog.rules.list.is_empty()).map(|brief| self.kept_of(brief)) else { return };
        if let (Some(conversation), Some(brief)) = (self.conversations.get_mut(&id), brief) {
            conversation.job.kept = kept;
            conversation.job.asks.tags.extend(brief.tags.iter().cloned());
        }
    }

    /// A conversation in which nobody waits for anybody is forgotten in its time.
    pub(in crate::desk) fn wait_in_quiet(&mut self, id: ConversationId) {
        let now = self.now;
        if let Some(conversation) = self.conversations.get_mut(&id)
            && conversation.job.stage == Stage::Apart
            && conversation.snoozed.is_none()
        {
            conversation.begun.get_or_insert(now);
        }
    }

    /// The conversation that is remembered of its customer and thread, resolved or not.
    pub(in crate::desk) fn at_hand(&self, heard: &MessageHeard) -> Option<ConversationId> {
        match heard.besides.belongs {
            Belongs::Newest => self.chats.get(&(heard.channel.clone(), heard.who.identity.clone())).copied(),
            Belongs::To(id) => Some(id).filter(|id| self.conversations.get(id).is_some_and(|c| c.channel == heard.channel)),
            Belongs::Anew => None,
        }
    }

    pub(in crate::desk) fn receive(&mut self, id: ConversationId, heard: MessageHeard) -> MessageId {
        let message = self.mint_message();
        let MessageHeard { channel, external_id, body, sent, besides, .. } = heard;
        let (own, now) = (self.catalog.channels.get(&channel).and_then(|channel| channel.traits.window), self.now);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return message;
        };
        conversation.left_at = None;
        let known = conversation.measure();
        match besides.narrow.zip(own) {
            Some((narrow, own)) => conversation.measured(known.tapped(narrow, own, sent, now)),
            None if !besides.automatic => conversation.measured(known.written(sent)),
            None => {}
        }
        let less = own.is_some() && (besides.automatic || besides.narrow.is_some());
        let measure = less.then(|| conversation.measure());
        conversation.newest = Some(message);
        let body = conversation.answered(body);
        conversation.remember_heard(external_id.clone(), message);
        let person = conversation.job.person;
        self.touch(Key::Conversation(id));
        for identity in besides.also {
            let proof = identity.proof().is_none().then_some(Proof::Platform);
            self.facts.push(Fact::Person(person, PersonFact::IdentityAdded { identity, proof, by: None }));
        }
        let seq = besides.seq;
        self.conversation_fact(id, ConversationFact::Received { message, person, channel, external_id, body, sent, seq, measure });
        // What a machine answers says nothing of them.
        if !besides.automatic {
            self.reachable_again(id);
            self.tickets_heard(person, Work::Conversation(id));
        }
        message
    }

    /// A resolved conversation stays resolved: the next message opens a new one with the same agent first.
    fn open_conversation(&mut self, heard: &MessageHeard, former: Option<ConversationId>) -> (ConversationId, bool) {
        let mut job = self.job_for(heard.who.clone());
        let former_job = former.and_then(|id| self.conversations.get(&id)).map(|c| c.job.clone());
        if let Some(former) = &former_job {
            job.last_agent = former.last_agent.clone().or(job.last_agent);
        }
        let id = ConversationId(self.mint(|ids| &mut ids.conversation));
        let identity = job.identity.clone();
        let person = job.person;
        let (channel, page) = (heard.channel.clone(), heard.page.clone());
        let conversation = Conversation::new(id, job, channel.clone(), &heard.body.text, None);
        self.know(&identity, person);
        self.conversations.insert(id, conversation);
        self.chats.insert((channel.clone(), identity.clone()), id);
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Opened { person, channel, identity, page });
        (id, former_job.is_some())
    }

    /// Whoever talks to this customer right now gets what they write, without another ring.
    pub(super) fn first_in_line(&mut self, id: ConversationId, queue: QueueId, reopened: bool, away: Option<String>) {
        let work = Work::Conversation(id);
        let open = self.is_open(&queue);
        let reason = if reopened { QueuedReason::Reopened } else { QueuedReason::New };
        self.enqueue(work, Entry::new(queue, self.now, reason));
        if let Some(slot) = self.talking_to(id) {
            self.assign(work, slot);
        } else if let (false, Some(text)) = (open, away) {
            self.send(id, None, Body::text(text), format!("away-{id}"));
        }
    }

    /// Who talks to this customer by telephone right now and could write, too.
    pub(in crate::desk) fn talking_to(&self, id: ConversationId) -> Option<usize> {
        let person = self.job(Work::Conversation(id))?.person;
        let on_call = self.people.get(&person).into_iter().flatten().filter(|w| matches!(w, Work::Call(_)));
        let talking = on_call.filter_map(|w| self.serving(*w)).find_map(|s| self.slot(&s.agent));
        talking.filter(|slot| self.seats.get(*slot).is_some_and(|s| s.agent.page_open))
    }

    /// What a customer changes stays where it stood; whoever reads it sees that it is not what it was.
    pub(super) fn changed(&mut self, message: MessageId, id: ConversationId, person: PersonId, change: Change) {
        let person = self.whose_conversation(id, person);
        self.conversation_fact(id, ConversationFact::Changed { message, person, change });
    }

    pub(super) fn file_came(
        &mut self,
        late: i64,
        message: MessageId,
        id: ConversationId,
        person: PersonId,
        file: FileRef,
        instead: String,
    ) {
        let person = self.whose_conversation(id, person);
        self.conversation_fact(id, ConversationFact::FileCame { late, message, person, file, instead });
    }

    /// A conversation that was over long ago is in the store alone, and `person` is whose it was there.
    fn whose_conversation(&self, id: ConversationId, person: PersonId) -> PersonId {
        self.conversations.get(&id).map_or_else(|| self.living(person), |conversation| conversation.job.person)
    }

    pub(super) fn customer_read(&mut self, id: ConversationId, upto: MessageId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        // Nobody has read what was not written yet, whatever a page says: later messages would count as read before they are sent.
        let Some(upto) = conversation.newest.map(|newest| upto.min(newest)) else {
            return;
        };
        if conversation.read_by_customer >= Some(upto) {
            return;
        }
        conversation.read_by_customer = Some(upto);
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::ReadByCustomer { upto });
    }

    pub(super) fn customer_left(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if conversation.left_at.is_some() || conversation.job.stage == Stage::Apart {
            return;
        }
        conversation.left_at = Some(self.now);
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::CustomerLeft);
    }

    pub(super) fn customer_back(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get_mut(&id).filter(|c| c.left_at.is_some() && c.resolved.is_none()) else {
            return;
        };
        conversation.left_at = None;
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::CustomerBack);
    }

    /// Nobody is there to be served any more: the chat leaves its queue as a missed one. Who writes again later gets a new one.
    pub(super) fn abandon(&mut self, id: ConversationId) {
        let work = Work::Conversation(id);
        let Some((queue, since)) = self.waiting(work).map(|w| (w.queue.clone(), w.since)) else {
            return;
        };
        let Some(person) = self.job(work).map(|job| job.person) else {
            return;
        };
        let drains = self.waiting(work).and_then(|w| w.drains.clone()).and_then(|agent| self.slot(&agent));
        if let Some(slot) = drains {
            self.stop_draining(slot);
        }
        self.set_stage(work, Stage::Apart);
        let now = self.now;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.resolved = Some(now);
        }
        self.conversation_fact(id, ConversationFact::Abandoned { person, queue: queue.clone(), waited_ms: now.since(since) });
        self.chat_missed(id, queue, since);
    }

    /// Nobody who wrote is lost either: they stand on the list of missed contacts until somebody has talked to them.
    fn chat_missed(&mut self, id: ConversationId, queue: QueueId, since: At) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let job = conversation.job.clone();
        let page = Page::of(&conversation.channel, &job.identity);
        let number = job.identity.value.clone();
        self.list_missed(Missed { job, number, line: None, page, queue, only: None, why: MissedWhy::Chat, call: None, since });
    }

    /// [`Refusal::Gone`]: it is not followed, or no longer.
    pub(super) fn delivery(&mut self, message: MessageId, heard: Delivery) -> Result<Answer, Refusal> {
        let id = self.outgoing.get(&message).copied().ok_or(Refusal::Gone)?;
        let Some(known) = self.conversations.get_mut(&id).and_then(|c| c.out.get_mut(&message)) else {
            self.amended(id, message, heard);
            return Ok(Answer::Done);
        };
        if !is_progress(known, &heard) {
            return Ok(Answer::Done);
        }
        *known = heard.clone();
        if matches!(heard, Delivery::Read | Delivery::Failed { .. }) {
            self.outgoing.remove(&message);
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.out.remove(&message);
            }
        }
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Delivery { message, state: heard.clone() });
        self.followed_came(id, message, &heard);
        Ok(Answer::Done)
    }

    pub(super) fn late_delivery(&mut self, message: MessageId, id: ConversationId, known: &Delivery, state: Delivery) {
        if is_progress(known, &state) {
            self.conversation_fact(id, ConversationFact::Delivery { message, state });
        }
    }

    pub(super) fn forget_conversation(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.remove(&id) else {
            return;
        };
        for message in conversation.out.keys().chain(conversation.amending.iter().map(|amending| &amending.amendment)) {
            self.outgoing.remove(message);
        }
        self.unknow(&conversation.job.identity, conversation.job.person);
        let chat = (conversation.channel, conversation.job.identity);
        if self.chats.get(&chat) == Some(&id) {
            self.chats.remove(&chat);
        }
        self.touch(Key::Conversation(id));
    }
}
