//! What a customer is told who gave up: how long it would take, and a link by which we call them. On their live channel if they have one
//! open, else as a text message to a mobile number; once per person and interval, and not to whoever asked to be left alone.

use super::number;
use crate::desk::Desk;
use crate::desk::catalog::Texts;
use crate::desk::conversation::Conversation;
use crate::desk::fact::{CallbackFact, ConversationFact, Fact, PersonFact};
use crate::desk::id::*;
use crate::desk::input::Body;
use crate::desk::person::{Consent, Identity, Page};
use crate::desk::push::may_hear;
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::work::{Job, Stage};
use crate::desk::{Key, callback};

impl Desk {
    /// Tells a customer who was missed. `wait_s` is what they would wait in line.
    pub(in crate::desk) fn tell_missed(&mut self, id: CallbackId, wait_s: Option<u32>) {
        let now = self.now;
        let rules = self.catalog.callbacks.clone();
        let Some(callback) = self.callbacks.get(&id).filter(|c| c.closed.is_none()) else {
            return;
        };
        if !rules.text || callback.told.is_some_and(|told| now.since(told) < rules.text_every_ms) {
            return;
        }
        if callback.job.kept.consent == Consent::Nothing {
            return;
        }
        let (job, number, callback_page) = (callback.job.clone(), callback.number.clone(), callback.page.clone());
        let texts = rules.texts_for(job.language.as_deref());
        let link = rules.links.as_ref().map(|links| links.address(id, now.after(rules.link_ms)));
        let Some(text) = compose(texts, &rules.site, wait_s, link.as_deref()) else {
            return;
        };
        let key = format!("missed-{id}-{}", now.0);
        let page = callback_page.filter(|_| self.open_chat(job.person).is_none());
        let told = match page.and_then(|page| self.chat_at(&page, &job)) {
            Some(chat) => self.send(chat, None, Body::text(text), key).map(|_| chat),
            None => self.write_to(&job, &number, text, key),
        };
        let Some(conversation) = told else {
            return;
        };
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.told = Some(now);
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Told { conversation, wait_s });
    }

    /// Sends a text to a customer outside a conversation: into their open chat, else to their mobile number. `None` when there is no way
    /// or they asked for none.
    pub(in crate::desk) fn write_to(&mut self, job: &Job, number: &str, text: String, key: String) -> Option<ConversationId> {
        let body = Body::text(text);
        if let Some(chat) = self.open_chat(job.person) {
            return self.send(chat, None, body, key).map(|_| chat);
        }
        let channel = self.text_channel_for(job, number)?;
        self.write_first(channel, job, number, None, body, key)
    }

    /// A conversation of this person in which they can be written to now: before their eyes in a window, else where a messenger lets us.
    fn open_chat(&self, person: PersonId) -> Option<ConversationId> {
        let theirs = self.people.get(&person).into_iter().flatten().rev();
        let open = theirs.filter_map(|work| {
            let Work::Conversation(id) = *work else { return None };
            let conversation = self.conversations.get(&id).filter(|c| c.resolved.is_none() && c.left_at.is_none())?;
            let channel = self.catalog.channels.get(&conversation.channel)?;
            let messenger = !channel.traits.threads && channel.kind != VOICEMAIL && conversation.job.unreachable.is_none();
            let may = messenger && conversation.window(channel.traits.window, self.now).is_open();
            (channel.traits.open_page || may).then_some((channel.traits.open_page, id))
        });
        open.min_by_key(|(before_their_eyes, _)| !before_their_eyes).map(|(_, id)| id)
    }

    fn text_channel_for(&self, job: &Job, number: &str) -> Option<ChannelId> {
        let rules = &self.catalog.callbacks;
        let channel = rules.text_channel.as_ref().filter(|id| self.catalog.channels.contains_key(*id))?;
        let may = may_hear(job).is_ok() && job.identity.kind == "phone" && number::begins(number, &rules.mobile);
        may.then(|| channel.clone())
    }

    /// The house writes first: in the conversation that is open on this channel, else in a new one that waits for nobody until the
    /// customer answers.
    pub(in crate::desk) fn write_first(
        &mut self,
        channel: ChannelId,
        job: &Job,
        number: &str,
        by: Option<AgentId>,
        body: Body,
        key: String,
    ) -> Option<ConversationId> {
        let identity = Identity { kind: "phone".into(), namespace: String::new(), value: number.to_owned() };
        let id = self.conversation_with(channel, Job { identity, ..job.clone() }, &body.text);
        self.send(id, by, body, key).map(|_| id)
    }

    /// The chat window of somebody who called from its page.
    pub(in crate::desk) fn chat_at(&mut self, page: &Page, job: &Job) -> Option<ConversationId> {
        let takes_text = self.catalog.channels.get(&page.channel).is_some_and(|channel| channel.traits.open_page);
        // Whoever called by a link that they were sent elsewhere is told there.
        let theirs = takes_text && job.identity == page.identity();
        theirs.then(|| self.conversation_with(page.channel.clone(), job.clone(), ""))
    }

    /// What is open with this customer on a channel, else a new one.
    pub(in crate::desk) fn conversation_with(&mut self, channel: ChannelId, job: Job, subject: &str) -> ConversationId {
        let newest = self.chats.get(&(channel.clone(), job.identity.clone())).copied();
        let open = newest.filter(|id| self.conversations.get(id).is_some_and(|c| c.resolved.is_none()));
        open.unwrap_or_else(|| self.begin_conversation(channel, Job { ticketed: false, stage: Stage::Apart, ..job }, subject))
    }

    /// A conversation that the house begins: remembered for a day if nobody answers.
    pub(in crate::desk) fn begin_conversation(&mut self, channel: ChannelId, job: Job, subject: &str) -> ConversationId {
        let id = ConversationId(self.mint(|ids| &mut ids.conversation));
        let (person, identity) = (job.person, job.identity.clone());
        let conversation = Conversation::new(id, job, channel.clone(), subject, Some(self.now));
        self.know(&identity, person);
        self.conversations.insert(id, conversation);
        self.chats.insert((channel.clone(), identity.clone()), id);
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Opened { person, channel, identity, page: None });
        id
    }

    /// Somebody wrote a word of consent on a text channel: heeded at once, everywhere, and confirmed once.
    pub(in crate::desk) fn heed_consent(&mut self, id: ConversationId, text: &str) -> bool {
        let Some(out) = callback::consent_word(text) else {
            return false;
        };
        let Some(job) = self.conversations.get(&id).map(|c| c.job.clone()) else {
            return false;
        };
        let person = job.person;
        self.facts.push(Fact::Person(person, PersonFact::OptedOut { identity: job.identity.clone(), out }));
        self.tell_waiting_opt_out(&job.identity, out);
        let calls = self.calls.iter().filter(|(_, c)| c.job.person == person).map(|(id, _)| Work::Call(*id));
        let talks = self.conversations.iter().filter(|(_, c)| c.job.person == person).map(|(id, _)| Work::Conversation(*id));
        let owed = self.callbacks.iter().filter(|(_, c)| c.job.person == person).map(|(id, _)| Work::Callback(*id));
        let theirs: Vec<Work> = calls.chain(talks).chain(owed).collect();
        for work in theirs {
            if let Some(job) = self.job_mut(work) {
                job.opted_out = out;
            }
        }
        let texts = self.catalog.callbacks.texts_for(job.language.as_deref());
        let confirm = if out { texts.stopped.clone() } else { texts.resumed.clone() };
        let confirm = confirm.replace("{site}", &self.catalog.callbacks.site);
        let channel = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel));
        let takes_words = channel.is_some_and(|channel| channel.traits.text.parts > 0);
        if !confirm.is_empty() && takes_words {
            let key = format!("consent-{id}-{}", self.now.0);
            self.send(id, None, Body::text(confirm), key);
        }
        true
    }
}

/// The text; `None` where it would say nothing that helps.
fn compose(texts: &Texts, site: &str, wait_s: Option<u32>, link: Option<&str>) -> Option<String> {
    let template = match (link, wait_s) {
        (Some(_), Some(_)) => &texts.missed_wait,
        (Some(_), None) => &texts.missed,
        (None, _) => &texts.missed_no_link,
    };
    let minutes = wait_s.map_or(1, |s| s.div_ceil(60).max(1)).to_string();
    let text = template.replace("{site}", site).replace("{wait}", &minutes).replace("{link}", link.unwrap_or_default());
    (!text.trim().is_empty()).then_some(text)
}
