//! Whether somebody is asked, when, and on which way.

use super::{Asked, Scale, State, SurveySpec, SurveyTexts, TRIES, WINDOW_MS};
use crate::desk::act::Act;
use crate::desk::fact::{AskedBy, Fact, NotDone, ProactiveFact, SurveyFact};
use crate::desk::id::*;
use crate::desk::input::{Ask, Body, Extra, Mail, MailButton, Purpose, Recipient, Wording};
use crate::desk::person::Consent;
use crate::desk::proactive;
use crate::desk::traits::Traits;
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::work::Serving;
use crate::desk::{Desk, Key};

/// Who asks for these messages, in the log of messages of the house's own accord.
const ASKER: &str = "survey";

impl Desk {
    /// A rule has a customer asked, as after a contact: now, by the channel of this contact or whichever reaches them. Errors: there is no such
    /// survey (any more), or they were asked not long ago.
    pub(in crate::desk) fn ask_survey(&mut self, survey: &SurveyName, person: PersonId, work: Option<Work>) -> Result<SurveyId, NotDone> {
        let spec = self.survey_spec(survey).cloned().ok_or(NotDone::NoSurvey)?;
        let person = self.living(person);
        if !self.may_ask(&spec, person, work) {
            return Err(NotDone::AskedLately);
        }
        let agent = work.and_then(|work| self.job(work)).and_then(|job| job.last_agent.clone());
        let id = self.begin_survey(&spec, person, work, agent, None);
        self.set_survey(id, State::Due(self.now.after(spec.after_ms)));
        Ok(id)
    }

    /// A conversation that this agent has served is resolved.
    pub(in crate::desk) fn survey_after_text(&mut self, id: ConversationId, serving: &Serving) {
        let work = Work::Conversation(id);
        let Some((person, channel)) = self.conversations.get(&id).map(|c| (c.job.person, c.channel.clone())) else { return };
        let Some(spec) = self.survey_for(person, work, Some(&channel), &serving.queue) else { return };
        let asked = self.begin_survey(&spec, person, Some(work), Some(serving.agent.clone()), Some(serving.queue.clone()));
        let window = self.catalog.channels.get(&channel).is_some_and(|channel| channel.traits.open_page);
        if window {
            self.open_survey(asked, AskedBy::Window, WINDOW_MS, None);
        } else {
            self.set_survey(asked, State::Due(self.now.after(spec.after_ms)));
        }
    }

    /// A call that this agent has served is over, and the caller is gone; a page by which they called is still there and asks them.
    pub(in crate::desk) fn survey_after_call(&mut self, id: CallId, serving: &Serving) {
        let work = Work::Call(id);
        let Some(call) = self.calls.get(&id).filter(|call| call.has_customer()) else { return };
        let page = call.page.is_some() && call.silent.is_none() && self.catalog.callbacks.links.is_some();
        let person = call.job.person;
        let Some(spec) = self.survey_for(person, work, None, &serving.queue) else { return };
        if !(page || spec.link) || self.now.since(serving.since) < spec.talked_ms {
            return;
        }
        let asked = self.begin_survey(&spec, person, Some(work), Some(serving.agent.clone()), Some(serving.queue.clone()));
        if page {
            self.open_survey(asked, AskedBy::Window, WINDOW_MS, None);
        } else {
            self.set_survey(asked, State::Due(self.now.after(spec.after_ms)));
        }
    }

    /// What is asked about this contact, if anything is.
    pub(super) fn survey_for(&self, person: PersonId, work: Work, channel: Option<&ChannelId>, queue: &QueueId) -> Option<SurveySpec> {
        let fits = |spec: &&SurveySpec| {
            spec.automatic && spec.covers(channel, Some(queue)) && spec.draws(Some(work)) && self.may_ask(spec, person, Some(work))
        };
        self.catalog.surveys.iter().find(fits).cloned()
    }

    /// They were not asked the same lately, and nothing about this contact.
    fn may_ask(&self, spec: &SurveySpec, person: PersonId, work: Option<Work>) -> bool {
        let lately = |asked: &Asked| {
            let same =
                asked.survey == spec.id && (asked.again_at > self.now || matches!(asked.state, State::Due(_) | State::Looking { .. }));
            same || work.is_some_and(|work| asked.is_of(work))
        };
        !self.surveys_with(person).any(lately)
    }

    pub(super) fn begin_survey(
        &mut self,
        spec: &SurveySpec,
        person: PersonId,
        work: Option<Work>,
        agent: Option<AgentId>,
        queue: Option<QueueId>,
    ) -> SurveyId {
        let id = SurveyId(self.mint(|ids| &mut ids.survey));
        let channel = match work {
            Some(Work::Conversation(id)) => self.conversations.get(&id).map(|c| c.channel.clone()),
            _ => None,
        };
        let language = work.map_or_else(|| self.catalog.language.clone(), |work| self.language_of(work));
        let (again_at, state) = (self.now.after(spec.once_ms), State::Due(self.now));
        let (survey, scale) = (spec.id.clone(), spec.scale);
        let asked = Asked { id, survey, scale, person, work, agent, queue, channel, language, again_at, state, ticket: None };
        self.surveys.insert(id, asked);
        self.surveys_of.entry(person).or_default().insert(id);
        self.touch(Key::Survey(id));
        id
    }

    fn set_survey(&mut self, id: SurveyId, state: State) {
        if let Some(asked) = self.surveys.get_mut(&id) {
            asked.state = state;
        }
        self.touch(Key::Survey(id));
    }

    pub(in crate::desk) fn survey_due(&mut self, id: SurveyId) {
        let now = self.now;
        let Some(asked) = self.surveys.get(&id).filter(|asked| asked.due() <= now) else { return };
        match asked.state.clone() {
            State::Due(_) => self.ask_now(id),
            State::Looking { tries, .. } if tries < TRIES => self.look_for_ways(id, tries + 1),
            State::Looking { .. } | State::Over => self.forget_survey(id),
            State::Open { .. } | State::Answered { .. } => self.close_survey(id),
        }
    }

    /// The time has come.
    fn ask_now(&mut self, id: SurveyId) {
        let Some(asked) = self.surveys.get(&id).cloned() else { return };
        let spec = self.survey_spec(&asked.survey).cloned();
        // Whoever is back is asked when that is over: nobody is asked how it was while it goes on.
        let (Some(spec), None) = (spec, self.people.get(&asked.person)) else { return self.forget_survey(id) };
        let waking = self.catalog.proactive.waking.as_ref().filter(|waking| !waking.open_at(self.now));
        match waking.map(|waking| waking.next_open(self.now)) {
            None => {}
            Some(Some(until)) => return self.set_survey(id, State::Due(until)),
            Some(None) => return self.forget_survey(id),
        }
        match asked.work {
            Some(Work::Conversation(conversation)) if self.may_write_there(conversation) => self.ask_there(id, conversation, &spec),
            _ => self.look_for_ways(id, 1),
        }
    }

    fn may_write_there(&self, id: ConversationId) -> bool {
        let Some(conversation) = self.conversations.get(&id) else { return false };
        let Some(channel) = self.catalog.channels.get(&conversation.channel) else { return false };
        let open = conversation.window(channel.traits.window, self.now).is_open();
        let takes = channel.kind != VOICEMAIL && !channel.traits.open_page && channel.traits.text.parts > 0;
        let newest = self.chats.get(&(conversation.channel.clone(), conversation.job.identity.clone())) == Some(&id);
        let hears = !conversation.job.opted_out && conversation.job.unreachable.is_none();
        open && takes && hears && (newest || channel.traits.threads) && !self.outages.contains_key(&conversation.channel)
    }

    /// In the conversation that it is about.
    fn ask_there(&mut self, id: SurveyId, conversation: ConversationId, spec: &SurveySpec) {
        let Some(asked) = self.surveys.get(&id).cloned() else { return };
        let channel = self.conversations.get(&conversation).and_then(|c| self.catalog.channels.get(&c.channel));
        let Some(traits) = channel.map(|channel| channel.traits.clone()) else { return self.forget_survey(id) };
        let link = self.survey_link(id, spec.open_ms);
        let texts = spec.texts_for(&asked.language);
        let body = match &link {
            Some(link) if traits.threads => self.survey_letter(spec.scale, texts, link),
            link => message_body(spec.scale, texts, link.as_deref(), &traits, &self.catalog.callbacks.site),
        };
        let Some(body) = body else { return self.look_for_ways(id, 1) };
        let by = if traits.threads { AskedBy::Letter } else { AskedBy::Message };
        self.send(conversation, None, body, format!("survey-{id}"));
        self.open_survey(id, by, spec.open_ms, Some(conversation));
    }

    fn survey_letter(&self, scale: Scale, texts: &SurveyTexts, link: &str) -> Option<Body> {
        let site = &self.catalog.callbacks.site;
        let buttons = scale.range().map(|score| MailButton { label: label(scale, texts, score), url: format!("{link}?score={score}") });
        let mail = Mail { subject: texts.subject.replace("{site}", site), automatic: true, buttons: buttons.collect(), ..Mail::default() };
        let text = format!("{}\n\n{}", texts.question.replace("{site}", site), texts.letter.replace("{site}", site));
        Some(Body { extra: Some(Extra::Mail(Box::new(mail))), ..Body::text(text) })
    }

    /// By whichever way reaches them, which the edge looks up.
    fn look_for_ways(&mut self, id: SurveyId, tries: u32) {
        let Some(person) = self.surveys.get(&id).map(|asked| asked.person) else { return };
        self.set_survey(id, State::Looking { at: self.now, tries });
        self.acts.push(Act::SurveyWays { survey: id, person, serial: tries });
    }

    pub(in crate::desk) fn survey_ways(&mut self, id: SurveyId, serial: u32, to: Option<Recipient>) {
        let Some(asked) = self.surveys.get(&id).cloned() else { return };
        if !matches!(asked.state, State::Looking { tries, .. } if tries == serial) {
            return;
        }
        let spec = self.survey_spec(&asked.survey).cloned();
        // Who wants nothing but what they asked for has not asked for this.
        let (Some(spec), Some(to)) = (spec, to.filter(|to| to.consent < Consent::ServiceOnly)) else { return self.forget_survey(id) };
        // Whoever has written or called meanwhile is asked when that is over.
        if self.people.contains_key(&asked.person) {
            return self.forget_survey(id);
        }
        let language = to.who.person.as_ref().and_then(|person| person.language.clone()).unwrap_or_else(|| asked.language.clone());
        if let Some(asked) = self.surveys.get_mut(&id) {
            asked.language = language.clone();
        }
        let link = self.survey_link(id, spec.open_ms);
        let texts = spec.texts_for(&language);
        let text = message_text(texts, link.as_deref(), &self.catalog.callbacks.site);
        let template = spec.template.clone().zip(link).map(|(name, link)| Wording { name, language, variables: vec![link] });
        let (subject, digest) = (texts.subject.replace("{site}", &self.catalog.callbacks.site), text.clone());
        let (purpose, by, key) = (Purpose::Service, ASKER.to_owned(), id.to_string());
        let (channels, not_after, outage) = (Vec::new(), None, None);
        let before = self.facts.len();
        let _ = self.proactive(Ask {
            to,
            text,
            card: None,
            subject,
            template,
            purpose,
            channels,
            not_after,
            outage,
            by: by.clone(),
            key: key.clone(),
            digest,
        });
        let sent = self.facts.iter().skip(before).find_map(|fact| match fact {
            Fact::Proactive(_, ProactiveFact::Sent { conversation, .. }) => Some(*conversation),
            _ => None,
        });
        let waits = self.asked.get(&(by, key)).and_then(|id| self.proactives.get(id)).is_some_and(proactive::Proactive::waits);
        if sent.is_some() || waits {
            self.open_survey(id, AskedBy::Message, spec.open_ms, sent);
        } else {
            self.forget_survey(id);
        }
    }

    /// The customer's own page of it.
    pub(super) fn survey_link(&self, id: SurveyId, open_ms: i64) -> Option<String> {
        Some(self.catalog.callbacks.links.as_ref()?.survey_address(id, self.now.after(open_ms)))
    }

    /// A question of a flow was answered there.
    pub(in crate::desk) fn survey_by_flow(&mut self, work: Work, survey: SurveyName, score: u8) {
        let Some(person) = self.job(work).map(|job| job.person) else { return };
        let id = SurveyId(self.mint(|ids| &mut ids.survey));
        let channel = match work {
            Work::Conversation(id) => self.conversations.get(&id).map(|c| c.channel.clone()),
            Work::Call(_) | Work::Callback(_) => None,
        };
        let (scale, work, agent) = (Scale::Csat, Some(work), None);
        let asked = SurveyFact::Asked { survey: survey.clone(), scale, person, work, agent: None, queue: None, channel, by: AskedBy::Flow };
        self.survey_fact(id, asked);
        self.survey_fact(id, SurveyFact::Answered { survey, scale, person, work, agent, score, comment: String::new(), low: false });
    }
}

/// `5`, and what it means where it is the lowest or the highest.
fn label(scale: Scale, texts: &SurveyTexts, score: u8) -> String {
    match score {
        score if score == *scale.range().start() => format!("{score} · {}", texts.worst),
        score if score == scale.best() => format!("{score} · {}", texts.best),
        score => score.to_string(),
    }
}

fn message_text(texts: &SurveyTexts, link: Option<&str>, site: &str) -> String {
    let text = if link.is_some() { &texts.message } else { &texts.message_plain };
    let text = text.replace("{question}", &texts.question).replace("{worst}", &texts.worst).replace("{best}", &texts.best);
    text.replace("{site}", site).replace("{link}", link.unwrap_or_default()).trim().to_owned()
}

/// A message that the channel can carry: with the link, else without; with choices to tap where there are so many.
fn message_body(scale: Scale, texts: &SurveyTexts, link: Option<&str>, traits: &Traits, site: &str) -> Option<Body> {
    let all = [message_text(texts, link, site), message_text(texts, None, site)];
    let text = all.into_iter().find(|text| !text.is_empty() && traits.text.pieces(text).is_some())?;
    let options: Vec<String> = scale.range().map(|score| score.to_string()).collect();
    let extra = (options.len() <= traits.choices).then_some(Extra::Choices { options });
    Some(Body { extra, ..Body::text(text) })
}
