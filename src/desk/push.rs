//! What an agent sends the customer beside the talk: a text, a link, a picture, a form. It goes to where the customer is now, a live
//! conversation of theirs on whatever channel, else as a text message to the number of the call. The same key sends once.

use super::callback::number;
use super::card::spelt;
use super::catalog::ChannelSpec;
use super::fact::FormFact;
use super::form::Form;
use super::id::*;
use super::input::{Body, Extra, Push, Seen, Way};
use super::person::{Consent, Page, Who};
use super::refusal::{NoWay, Refusal};
use super::step::Answer;
use super::traits::Unit;
use super::voicemail::VOICEMAIL;
use super::work::{Job, Stage};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// How long the link to a file works that could not be sent itself, ms.
const FILE_MS: i64 = 7 * 24 * 3_600_000;

/// The customer of a contact, also after a call is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contact {
    pub job: Job,
    /// The call's number; of a conversation none is needed.
    pub number: Option<String>,
    /// The page from which they call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
}

impl Desk {
    pub(super) fn push(&mut self, by: AgentId, work: Work, what: Push, seen: Option<Seen>, key: String) -> Result<Answer, Refusal> {
        // A page that did not hear the answer asks again with the same key, perhaps when the customer has gone elsewhere.
        if let Some(known) = self.conversations.values().find_map(|c| c.replied_as(&key)) {
            return Ok(Answer::Known(known));
        }
        let contact = self.contact(&by, work)?;
        let way = self.way_to(&by, work, &contact)?;
        if seen.is_some_and(|seen| seen != way.seen()) {
            return Err(Refusal::WayChanged);
        }
        let channel = self.channel_of(&way).ok_or(Refusal::Gone)?.clone();
        let (body, form) = match what {
            Push::Body(body) => {
                let body = self.with_links(&channel, body)?;
                takes_words(&channel, &contact.job, &body)?;
                (body, None)
            }
            Push::Form(kind) => {
                let form = self.new_form(&by, work, &contact, &kind)?;
                let body = Body::text(self.form_text(&kind, &form)?);
                takes_text(&channel, &contact.job, &body.text)?;
                (body, Some((kind, form)))
            }
        };
        let conversation = match way {
            Way::Conversation(id) => {
                self.send(id, Some(by.clone()), body, key.clone()).ok_or(Refusal::Gone)?;
                id
            }
            Way::Window(page) => {
                let job = Job { identity: page.identity(), ..contact.job.clone() };
                let id = self.conversation_with(channel.id, job, &body.text);
                self.send(id, Some(by.clone()), body, key.clone()).ok_or(Refusal::Gone)?;
                id
            }
            Way::Text { number } => self
                .write_first(channel.id, &contact.job, &number, Some(by.clone()), body, key.clone())
                .ok_or(Refusal::NoWay(NoWay::NoGateway))?,
        };
        let message = self.conversations.get(&conversation).and_then(|c| c.replied_as(&key)).ok_or(Refusal::Gone)?;
        if let Some((kind, form)) = form {
            self.keep_form(Form { conversation, ..form }, kind, message);
        }
        Ok(Answer::Message(message))
    }

    pub(super) fn push_way(&self, by: &AgentId, work: Work) -> Result<Answer, Refusal> {
        let contact = self.contact(by, work)?;
        self.way_to(by, work, &contact).map(Answer::Way)
    }

    /// Whose contact it is, while the agent has it or writes down what was said in it.
    fn contact(&self, by: &AgentId, work: Work) -> Result<Contact, Refusal> {
        match work {
            Work::Call(id) => match self.calls.get(&id) {
                Some(call) if !call.agents_in().any(|agent| agent == by) => Err(Refusal::NotYours),
                Some(call) if !call.has_customer() => Err(Refusal::NotAnswered),
                Some(call) => Ok(Contact { job: call.job.clone(), number: Some(call.from.clone()), page: call.page.clone() }),
                None => {
                    let agent = self.slot(by).and_then(|slot| self.seats.get(slot)).map(|seat| &seat.agent);
                    let wrap_up = agent.and_then(|agent| agent.wrap_up.as_ref()).filter(|wrap_up| wrap_up.call == id);
                    wrap_up.and_then(|wrap_up| wrap_up.contact.clone()).ok_or(Refusal::Gone)
                }
            },
            Work::Conversation(id) => {
                self.mine(by, work)?;
                let job = self.conversations.get(&id).ok_or(Refusal::Gone)?.job.clone();
                Ok(Contact { job, number: None, page: None })
            }
            Work::Callback(_) => Err(Refusal::Gone),
        }
    }

    /// The customer of a call that is about to be over, for what is sent to them afterwards.
    pub(super) fn contact_of_call(&self, id: CallId) -> Option<Contact> {
        let call = self.calls.get(&id).filter(|call| call.has_customer())?;
        let job = Job { stage: Stage::Apart, ..call.job.clone() };
        Some(Contact { job, number: Some(call.from.clone()), page: call.page.clone() })
    }

    fn way_to(&self, by: &AgentId, work: Work, contact: &Contact) -> Result<Way, Refusal> {
        if let Work::Conversation(id) = work {
            let channel = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel));
            return match channel.is_some_and(|c| c.kind == VOICEMAIL) {
                true => Err(Refusal::NoReplyHere),
                false => Ok(Way::Conversation(id)),
            };
        }
        if let Some(id) = self.live_conversation(by, contact.job.person) {
            return Ok(Way::Conversation(id));
        }
        let window = |page: &&Page| self.catalog.channels.get(&page.channel).is_some_and(|channel| channel.traits.open_page);
        if let Some(page) = contact.page.as_ref().filter(window) {
            return Ok(Way::Window(page.clone()));
        }
        let rules = &self.catalog.callbacks;
        let theirs = contact.number.as_ref().filter(|n| contact.job.identity.kind == "phone" && number::begins(n, ["+"]));
        let number = theirs.ok_or(Refusal::NoWay(NoWay::NoNumber))?;
        if !rules.text_channel.as_ref().is_some_and(|id| self.catalog.channels.contains_key(id)) {
            return Err(Refusal::NoWay(NoWay::NoGateway));
        }
        if !number::begins(number, &rules.mobile) {
            return Err(Refusal::NoWay(NoWay::NotMobile));
        }
        may_hear(&contact.job)?;
        Ok(Way::Text { number: number.clone() })
    }

    /// A conversation in which the customer reads what we write now: an open window, or a talk by messages that somebody has or waits for.
    /// The agent's own first, then open windows, then the newest.
    fn live_conversation(&self, by: &AgentId, person: PersonId) -> Option<ConversationId> {
        let theirs = self.people.get(&person).into_iter().flatten().filter_map(|work| match work {
            Work::Conversation(id) => self.conversations.get(id),
            Work::Call(_) | Work::Callback(_) => None,
        });
        let live = theirs.filter_map(|c| {
            let kind = self.catalog.channels.get(&c.channel)?.kind.as_str();
            let window = kind == "webchat";
            let reads = if window { c.left_at.is_none() } else { kind != VOICEMAIL && may_hear(&c.job).is_ok() };
            let mine = matches!(&c.job.stage, Stage::Serving(serving) if serving.agent == *by);
            (c.resolved.is_none() && reads).then_some((mine, window, c.id))
        });
        live.max().map(|(_, _, id)| id)
    }

    fn channel_of(&self, way: &Way) -> Option<&ChannelSpec> {
        let id = match way {
            Way::Conversation(id) => &self.conversations.get(id)?.channel,
            Way::Window(page) => &page.channel,
            Way::Text { .. } => self.catalog.callbacks.text_channel.as_ref()?,
        };
        self.catalog.channels.get(id)
    }

    /// Where no file can go, a link to it does.
    fn with_links(&self, channel: &ChannelSpec, body: Body) -> Result<Body, Refusal> {
        if body.files.iter().all(|file| channel.traits.file(&file.mime).is_some_and(|rule| file.bytes <= rule.most_bytes)) {
            return Ok(body);
        }
        let links = self.catalog.callbacks.links.as_ref().ok_or(Refusal::NoLinks)?;
        let until = self.now.after(FILE_MS);
        let mut lines: Vec<String> = Some(body.text.trim().to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
        lines.extend(body.files.iter().map(|file| links.file_address(file.id, until)));
        Ok(Body { text: lines.join("\n"), ..body })
    }

    /// The form as it will be if it can be sent.
    fn new_form(&self, by: &AgentId, work: Work, contact: &Contact, kind: &FormKind) -> Result<Form, Refusal> {
        let spec = self.catalog.forms.get(kind).ok_or(Refusal::UnknownForm)?;
        let language = contact.job.language.as_deref().unwrap_or(&self.catalog.language);
        let waited = self.serving(work).map(|serving| (serving.queue.clone(), serving.since));
        Ok(Form {
            id: FormId(self.ids.form + 1),
            job: Job { ticketed: false, stage: Stage::Apart, ..contact.job.clone() },
            title: spec.title.say(language).to_owned(),
            by: by.clone(),
            work,
            conversation: ConversationId(0),
            sent: self.now,
            until: self.now.after(spec.expires_ms),
            keep_ms: spec.keep_ms,
            calls: waited.filter(|_| spec.calls),
            verdict: spec.verdict,
            answered: None,
        })
    }

    fn form_text(&self, kind: &FormKind, form: &Form) -> Result<String, Refusal> {
        let rules = &self.catalog.callbacks;
        let link = rules.links.as_ref().ok_or(Refusal::NoLinks)?.form_address(form.id, form.until);
        let texts = rules.texts_for(form.job.language.as_deref());
        let calls = self.catalog.forms.get(kind).is_some_and(|spec| spec.calls);
        let template = if calls { &texts.number } else { &texts.form };
        Ok(template.replace("{site}", &rules.site).replace("{title}", &form.title).replace("{link}", &link))
    }

    fn keep_form(&mut self, form: Form, kind: FormKind, message: MessageId) {
        let id = FormId(self.mint(|ids| &mut ids.form));
        let fact = FormFact::Sent {
            person: form.job.person,
            kind,
            work: form.work,
            conversation: form.conversation,
            message,
            by: form.by.clone(),
            until: form.until,
            calls: form.calls.is_some(),
            verdict: form.verdict,
        };
        self.forms.insert(id, form);
        self.touch(Key::Form(id));
        self.form_fact(id, fact);
    }
}

/// Whether the channel takes this.
pub(super) fn sendable(channel: &ChannelSpec, job: &Job, body: &Body) -> Result<(), Refusal> {
    if matches!(body.extra, Some(Extra::Template { .. })) && channel.traits.templates {
        return may_hear(job);
    }
    for file in &body.files {
        let rule = channel.traits.file(&file.mime).ok_or(match channel.traits.files.is_empty() {
            true => Refusal::TextOnly,
            false => Refusal::NotThisFile,
        })?;
        if file.bytes > rule.most_bytes {
            return Err(Refusal::FileTooLarge { most_bytes: rule.most_bytes });
        }
    }
    takes_words(channel, job, body)
}

/// The same for what goes as a link where the channel takes no file.
pub(super) fn takes_words(channel: &ChannelSpec, job: &Job, body: &Body) -> Result<(), Refusal> {
    if body.text.trim().is_empty() && body.files.is_empty() {
        return Err(Refusal::Empty);
    }
    let limit = channel.traits.text;
    let (text, _) = spelt(&channel.traits, body);
    if limit.unit != Unit::Segments && limit.parts > 0 && limit.pieces(&text).is_none() {
        let longest = limit.longest();
        return Err(if limit.unit == Unit::Bytes { Refusal::TooManyBytes { limit: longest } } else { Refusal::TooLong { limit: longest } });
    }
    takes_text(channel, job, &text)
}

/// Whether we may begin a talk with them; whoever writes or calls is answered in any case.
pub(super) fn may_contact(who: &Who) -> Result<(), Refusal> {
    let consent = who.person.as_ref().map(|person| person.kept.consent).unwrap_or_default();
    if consent == Consent::Nothing { Err(Refusal::DoNotContact) } else { Ok(()) }
}

/// Whether they want and can get anything by this identity.
pub(super) fn may_hear(job: &Job) -> Result<(), Refusal> {
    match job.unreachable {
        _ if job.opted_out => Err(Refusal::OptedOut),
        Some(why) => Err(Refusal::Unreachable(why)),
        None => Ok(()),
    }
}

/// What holds for our own sentences, too.
fn takes_text(channel: &ChannelSpec, job: &Job, text: &str) -> Result<(), Refusal> {
    may_hear(job)?;
    let limit = channel.traits.text;
    if limit.parts == 0 {
        return Err(Refusal::TemplatesOnly);
    }
    let too_many = limit.unit == Unit::Segments && limit.pieces(text).is_none();
    if too_many { Err(Refusal::TooManyParts { parts: limit.parts }) } else { Ok(()) }
}
