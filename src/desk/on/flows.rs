//! Flows at work: what the machine says is to be done is done here, by voice for calls and by messages for text.

use crate::desk::act::{Act, Look, VoiceAct};
use crate::desk::call::{Apart, Away, GOODBYE_PROMPT, PROMPT_LIMIT_MS};
use crate::desk::card::Card;
use crate::desk::catalog::Catalog;
use crate::desk::dial::Dialler;
use crate::desk::fact::{ConversationFact, FlowFact};
use crate::desk::id::*;
use crate::desk::input::{Body, EndCause, EndedBy, NewTicket, Source};
use crate::desk::ivr::machine::{self, Does, Exit, Heard, Scene, TicketSeen, Turn};
use crate::desk::ivr::{Found, Node, Run};
use crate::desk::queue::DIRECT;
use crate::desk::step::Answer;
use crate::desk::work::Stage;
use crate::desk::{Desk, Key};
use std::collections::BTreeMap;

impl Desk {
    /// Leads a contact into a flow, from wherever it was. A caller is answered, because a flow speaks.
    pub(in crate::desk) fn enter_flow(&mut self, work: Work, flow: &FlowId) {
        self.set_stage(work, Stage::Apart);
        if let Work::Call(id) = work {
            self.answer_call(id);
            let (now, home) = (self.now, self.catalog.flows.get(flow).and_then(|flow| flow.home().cloned()));
            if let Some(call) = self.calls.get_mut(&id) {
                call.prompts.clear();
                call.waits.quiet();
                call.apart = Some(Apart::Flow);
                if let (None, Some(queue)) = (&call.away, home) {
                    call.away = Some(Away { queue, since: now, only: None, closed: false });
                }
            }
            // Nobody talks to them now.
            self.retune(id);
        }
        self.flow_turn(work, |catalog, turn| machine::begin(catalog, flow, turn));
    }

    pub(in crate::desk) fn flow_hears_digit(&mut self, id: CallId, digit: char) {
        self.flow_hears(Work::Call(id), Heard::Digit(digit));
    }

    pub(in crate::desk) fn flow_said(&mut self, id: CallId) {
        self.flow_hears(Work::Call(id), Heard::Said);
    }

    /// A message of somebody who may be in a flow.
    pub(super) fn flow_reads(&mut self, id: ConversationId, text: &str) {
        self.flow_hears(Work::Conversation(id), Heard::Text(text));
    }

    pub(super) fn flow_found(&mut self, work: Work, serial: u32, found: Option<Found>) {
        if self.run_of(work).is_some_and(|run| run.serial == serial) {
            self.flow_hears(work, Heard::Found(found.as_ref()));
        }
    }

    /// The deadline of a contact in a flow.
    pub(super) fn flow_due(&mut self, work: Work) {
        if self.run_of(work).is_some_and(|run| run.until <= self.now) {
            self.flow_hears(work, Heard::Time);
        }
    }

    /// The customer is gone while in a flow.
    pub(super) fn flow_abandoned(&mut self, work: Work) {
        if let Some(run) = self.run_of(work) {
            let (flow, node) = (run.flow.clone(), run.node.clone().unwrap_or_default());
            self.flow_fact(work, FlowFact::Abandoned { flow, node });
        }
    }

    fn flow_hears(&mut self, work: Work, heard: Heard<'_>) {
        if self.run_of(work).is_some() {
            self.flow_turn(work, |catalog, turn| machine::hear(catalog, &heard, turn));
        }
    }

    /// The run of a contact that is in a flow now.
    fn run_of(&self, work: Work) -> Option<&Run> {
        let run = match work {
            Work::Call(id) => self.calls.get(&id)?.run.as_ref(),
            Work::Conversation(id) => self.conversations.get(&id)?.run.as_ref(),
            Work::Callback(_) => None,
        };
        run.filter(|run| run.node.is_some())
    }

    fn flow_turn(&mut self, work: Work, moves: impl FnOnce(&Catalog, &mut Turn<'_>)) {
        let catalog = self.catalog.clone();
        let language = self.language_of(work);
        let Some(job) = self.job(work) else { return };
        let kept = match work {
            Work::Call(id) => self.calls.get(&id).map(|call| {
                let mut run = call.run.clone().unwrap_or_else(|| Run::new(FlowId::from("")));
                run.serial = call.serial;
                run
            }),
            Work::Conversation(id) => self.conversations.get(&id).map(|c| c.run.clone().unwrap_or_else(|| Run::new(FlowId::from("")))),
            Work::Callback(_) => None,
        };
        let Some(mut run) = kept else { return };
        let tickets = self.tickets_seen(job.person, &language);
        let text = matches!(work, Work::Conversation(_));
        let scene = Scene { now: self.now, text, tier: job.tier.as_ref(), tags: &job.asks.tags, tickets: &tickets };
        let mut turn = Turn { run: &mut run, scene: &scene, language, tags: Default::default(), does: Vec::new() };
        moves(&catalog, &mut turn);
        let does = std::mem::take(&mut turn.does);
        self.touch(work);
        match work {
            Work::Call(id) => {
                let node = run.node.as_ref().and_then(|node| catalog.flows.get(&run.flow)?.nodes.get(node));
                let sensitive = node.is_some_and(Node::is_sensitive);
                if let Some(call) = self.calls.get_mut(&id) {
                    call.serial = run.serial;
                    call.run = Some(run);
                }
                self.pause_while_asked(id, sensitive);
            }
            Work::Conversation(id) => {
                if let Some(conversation) = self.conversations.get_mut(&id) {
                    conversation.run = Some(run);
                }
            }
            Work::Callback(_) => {}
        }
        for does in does {
            self.do_for(work, does);
        }
    }

    fn do_for(&mut self, work: Work, does: Does) {
        match (does, work) {
            (Does::Say { serial, pieces }, Work::Call(id)) => self.voice(id, VoiceAct::Say { serial, pieces }),
            (Does::Hush, Work::Call(id)) => self.voice(id, VoiceAct::Hush),
            (Does::Say { .. } | Does::Hush, Work::Conversation(_) | Work::Callback(_)) => {}
            (Does::Write { serial, text, choices }, Work::Conversation(id)) => {
                let body = self.flow_asks(id, text, choices);
                self.send(id, None, body, format!("flow-{id}-{serial}"));
            }
            (Does::Write { serial, text, .. }, Work::Call(id)) => self.flow_writes(id, serial, text),
            (Does::Write { .. }, Work::Callback(_)) => {}
            (Does::Speak(language), _) => {
                if let Some(job) = self.job_mut(work) {
                    job.language = Some(language.clone());
                }
                if let Work::Call(id) = work {
                    self.voice(id, VoiceAct::Language { language });
                }
            }
            (Does::Set { priority, skills, tags }, _) => {
                if let Some(job) = self.job_mut(work) {
                    job.asks.priority = job.asks.priority.saturating_add(priority);
                    job.asks.skills.extend(skills);
                    job.asks.tags.extend(tags);
                }
            }
            (Does::Look { serial, node }, _) => self.look(work, serial, node),
            (Does::OpenTicket { kind, subject, fields }, _) => self.flow_opens_ticket(work, kind, subject, fields),
            (Does::Dial { number, ring_ms }, Work::Call(id)) => self.put_through(id, &number, ring_ms),
            (Does::Dial { .. }, Work::Conversation(_) | Work::Callback(_)) => {}
            (Does::Answered { survey, score }, _) => self.survey_by_flow(work, SurveyName::from(survey.as_str()), score),
            (Does::Tell(fact), _) => self.flow_fact(work, fact),
            (Does::Leave(exit), _) => self.leave_flow(work, exit),
        }
    }

    /// What the customer has said may not fit the kind's fields: then the subject alone is kept.
    fn flow_opens_ticket(&mut self, work: Work, kind: Option<TicketKind>, subject: String, fields: BTreeMap<String, String>) {
        let Some((person, flow)) = self.job(work).map(|job| job.person).zip(self.run_of(work).map(|run| run.flow.clone())) else { return };
        let queue = match work {
            Work::Call(id) => self.calls.get(&id).and_then(|call| call.away.as_ref()).map(|away| away.queue.clone()),
            Work::Conversation(_) | Work::Callback(_) => self.catalog.flows.get(&flow).and_then(|flow| flow.home().cloned()),
        };
        let department = queue.and_then(|queue| self.catalog.tickets.department_of(&queue).cloned());
        let own = kind.as_ref().and_then(|kind| self.catalog.tickets.kinds.get(kind)).is_some_and(|kind| kind.department.is_some());
        let plain = NewTicket { kind, work: Some(work), department: department.filter(|_| !own), ..NewTicket::plain(person, subject) };
        let whole = NewTicket { fields, ..plain.clone() };
        let source = Source::Flow(flow);
        let opened = self.new_ticket(whole, None, source.clone()).or_else(|_| self.new_ticket(plain, None, source));
        let ticket = match opened {
            Ok(Answer::Ticket(ticket)) => Some(ticket),
            _ => None,
        };
        self.flow_hears(work, Heard::Ticket(ticket));
    }

    /// Buttons where the channel has them for so many words, else a line for each key.
    fn flow_asks(&self, id: ConversationId, text: String, choices: Vec<(char, String)>) -> Body {
        if choices.is_empty() {
            return Body::text(text);
        }
        let traits = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel)).map(|channel| &channel.traits);
        let (keys, labels): (Vec<char>, Vec<String>) = choices.into_iter().unzip();
        let asked = Card::Choices { question: text.clone(), choices: labels.clone() };
        if let Some(Ok(body)) = traits.filter(|traits| traits.choices > 0 && !traits.threads).map(|traits| asked.body(traits)) {
            return body;
        }
        let lines = keys.iter().zip(&labels).map(|(key, label)| format!("{key}. {label}"));
        Body::text(std::iter::once(text).chain(lines).collect::<Vec<_>>().join("\n"))
    }

    fn flow_writes(&mut self, id: CallId, serial: u32, text: String) {
        let Some((job, number)) = self.calls.get(&id).map(|call| (call.job.clone(), call.from.clone())) else { return };
        let sent = self.write_to(&job, &number, text, format!("flow-call-{id}-{serial}")).is_some();
        self.flow_hears(Work::Call(id), Heard::Written(sent));
    }

    fn tickets_seen(&self, person: PersonId, language: &str) -> Vec<TicketSeen> {
        let rules = &self.catalog.tickets;
        let seen = |ticket: &crate::desk::ticket::Ticket| TicketSeen {
            id: ticket.id,
            state: ticket.state,
            name: rules.states.get(&ticket.state).map(|titles| titles.say(language).to_owned()),
            line: self.state_line(ticket, language),
        };
        self.tickets_shown(person, None).into_iter().map(seen).collect()
    }

    fn look(&mut self, work: Work, serial: u32, node: String) {
        let language = self.language_of(work);
        let (Some(job), Some(run)) = (self.job(work), self.run_of(work)) else { return };
        let look = Look {
            work,
            serial,
            flow: run.flow.clone(),
            node,
            person: job.person,
            identity: job.identity.clone(),
            language,
            tier: job.tier.clone(),
            variables: run.variables.clone(),
        };
        self.acts.push(Act::Look(look));
    }

    /// Calls a number for a caller, who hears it ring. Their flow is left when it answers; else it goes on from the same node.
    fn put_through(&mut self, id: CallId, number: &str, ring_ms: Option<i64>) {
        let Some(flow) = self.run_of(Work::Call(id)).map(|run| run.flow.clone()) else { return };
        let queue = self.calls.get(&id).and_then(|call| call.away.as_ref()).map(|away| away.queue.clone());
        let ring_ms = ring_ms.unwrap_or(self.catalog.routing.ring_out_ms);
        if self.dial_in(id, number, Dialler::Flow(flow.as_str().into()), ring_ms).is_err() {
            return self.flow_hears(Work::Call(id), Heard::NotReached);
        }
        self.set_apart(id, Apart::Handed { queue: queue.unwrap_or_else(|| QueueId::from(DIRECT)), by: None });
        self.retune(id);
    }

    /// The number that a flow called has answered.
    pub(in crate::desk) fn flow_reached(&mut self, id: CallId, number: String) {
        let Some(run) = self.calls.get_mut(&id).and_then(|call| call.run.as_mut()) else { return };
        if run.node.take().is_none() {
            return;
        }
        let flow = run.flow.clone();
        self.touch(Key::Call(id));
        self.flow_fact(Work::Call(id), FlowFact::Left { flow, to: number });
    }

    /// The number that a flow called was not reached: the caller hears it ring no more, and goes on.
    pub(in crate::desk) fn flow_not_reached(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = Some(Apart::Flow);
            call.told = Default::default();
        }
        self.touch(Key::Call(id));
        self.voice(id, VoiceAct::Hush);
        self.flow_hears(Work::Call(id), Heard::NotReached);
    }

    fn leave_flow(&mut self, work: Work, exit: Exit) {
        let to = match &exit {
            Exit::Queue(queue) => format!("queue:{queue}"),
            Exit::Voicemail => "voicemail".into(),
            Exit::Callback => "callback".into(),
            Exit::Person => "person".into(),
            Exit::HangUp { .. } => "hangup".into(),
            Exit::Astray => "astray".into(),
        };
        let flow = match work {
            Work::Call(id) => self.calls.get(&id).and_then(|call| call.run.as_ref()),
            Work::Conversation(id) => self.conversations.get(&id).and_then(|c| c.run.as_ref()),
            Work::Callback(_) => None,
        };
        if let Some(flow) = flow.map(|run| run.flow.clone()) {
            self.flow_fact(work, FlowFact::Left { flow, to });
        }
        match work {
            Work::Call(id) => self.caller_leaves(id, exit),
            Work::Conversation(id) => self.writer_leaves(id, exit),
            Work::Callback(_) => {}
        }
    }

    fn caller_leaves(&mut self, id: CallId, exit: Exit) {
        match exit {
            Exit::Queue(queue) => self.send_on(id, &crate::desk::ivr::Target::Queue(queue)),
            Exit::Voicemail => self.send_on(id, &crate::desk::ivr::Target::Voicemail),
            Exit::Callback => self.send_on(id, &crate::desk::ivr::Target::Callback),
            Exit::HangUp { said: true } => {
                self.voice(id, VoiceAct::End { cause: EndCause::Normal });
                self.finish(id, EndedBy::System, EndCause::Normal);
            }
            Exit::HangUp { said: false } => self.say_bye(id),
            // A caller who went astray is called back.
            Exit::Person | Exit::Astray => self.say_goodbye(id),
        }
    }

    fn writer_leaves(&mut self, id: ConversationId, exit: Exit) {
        let channel = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel));
        let away = channel.and_then(|channel| channel.away_text.clone());
        let own = channel.map(|channel| channel.queue.clone());
        let queue = match exit {
            Exit::HangUp { .. } => return self.close_by_house(id),
            Exit::Queue(queue) if self.lane(&queue).is_some_and(|lane| lane.declared) => Some(queue),
            // What only a voice can do is done by a person in writing.
            Exit::Queue(_) | Exit::Voicemail | Exit::Callback | Exit::Person | Exit::Astray => own,
        };
        if let Some(queue) = queue {
            self.first_in_line(id, queue, false, away);
            if let Some(newest) = self.conversations.get(&id).and_then(|c| c.newest) {
                self.owe_opening(id, newest);
            }
        }
    }

    /// The flow has done what the customer wanted.
    fn close_by_house(&mut self, id: ConversationId) {
        let now = self.now;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.resolved = Some(now);
        }
        self.touch(Key::Conversation(id));
        self.conversation_fact(id, ConversationFact::Resolved { by: None, disposition: None });
    }

    /// A friendly end: nobody is owed a call.
    pub(in crate::desk) fn say_bye(&mut self, id: CallId) {
        self.answer_call(id);
        self.set_stage(Work::Call(id), Stage::Apart);
        let until = self.now.after(PROMPT_LIMIT_MS);
        if let Some(call) = self.calls.get_mut(&id) {
            call.prompts.clear();
            call.apart = Some(Apart::Bye { until });
        }
        self.touch(Key::Call(id));
        self.voice(id, VoiceAct::Play { prompt: GOODBYE_PROMPT.into() });
    }
}
