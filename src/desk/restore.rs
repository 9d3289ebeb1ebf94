//! The desk's memory as rows, and the desk again from its rows. `rebuild` is the only code that makes the derived parts from nothing; a
//! start, a reload of the configuration and the recovery from a panic all go through it.

use super::agent::{Agent, Move, Post, Seat};
use super::call::Call;
use super::callback::Callback;
use super::catalog::{AgentSpec, Catalog, QueueSpec};
use super::conversation::Conversation;
use super::dial::book::{Alarms, Book, Out};
use super::dial::number::Number;
use super::form::Form;
use super::id::*;
use super::overlay::in_force;
use super::proactive::Proactive;
use super::queue::{DIRECT, Lane, Member, Pace, plain_spec};
use super::rules::{Entry as RuleEntry, Part};
use super::step::LiveRow;
use super::survey::Asked;
use super::ticket::Ticket;
use super::work::{Job, Stage};
use super::{Desk, Ids, Key};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A row of the `live` table that this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error("live row {key} cannot be read: {reason}")]
pub struct RestoreError {
    pub key: String,
    pub reason: String,
}

impl Desk {
    /// An empty desk: nobody is here, nothing waits. `Input::Started` comes next.
    pub fn new(catalog: Arc<Catalog>) -> Desk {
        let mut desk = Desk {
            base: Arc::default(),
            catalog: Arc::default(),
            calls: BTreeMap::new(),
            conversations: BTreeMap::new(),
            tickets: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            forms: BTreeMap::new(),
            proactives: BTreeMap::new(),
            surveys: BTreeMap::new(),
            seats: Vec::new(),
            ids: Ids::default(),
            books: BTreeMap::new(),
            out: BTreeMap::new(),
            alarms: Default::default(),
            overlays: Vec::new(),
            outages: BTreeMap::new(),
            moved: Default::default(),
            book: Default::default(),
            slots: HashMap::new(),
            lanes: Vec::new(),
            lane_of: HashMap::new(),
            lines: HashMap::new(),
            chats: HashMap::new(),
            known: HashMap::new(),
            outgoing: HashMap::new(),
            people: HashMap::new(),
            claims: HashMap::new(),
            trunk_slots: Vec::new(),
            tickets_of: HashMap::new(),
            callbacks_of: HashMap::new(),
            callback_of_call: HashMap::new(),
            surveys_of: HashMap::new(),
            asked: HashMap::new(),
            followed: HashMap::new(),
            timers: Default::default(),
            lent: None,
            now: At::default(),
            facts: Vec::new(),
            acts: Vec::new(),
            touched: BTreeSet::new(),
            chain: Default::default(),
            gone: HashMap::new(),
            live: Vec::new(),
            waking: BTreeSet::new(),
            freed: BTreeSet::new(),
        };
        desk.rebuild(catalog);
        desk
    }

    /// The desk that had written these rows of the `live` table.
    pub fn restore(catalog: Arc<Catalog>, rows: Vec<LiveRow>) -> Result<Desk, RestoreError> {
        let mut desk = Desk::new(Arc::default());
        for LiveRow { key, state } in rows {
            let Some(state) = state else { continue };
            match key.split('/').next() {
                Some("call") => {
                    let call: Call = read(&key, &state)?;
                    desk.calls.insert(call.id, call);
                }
                Some("conversation") => {
                    let conversation: Conversation = read(&key, &state)?;
                    desk.conversations.insert(conversation.id, conversation);
                }
                Some("ticket") => {
                    let ticket: Ticket = read(&key, &state)?;
                    desk.tickets.insert(ticket.id, ticket);
                }
                Some("callback") => {
                    let callback: Callback = read(&key, &state)?;
                    desk.callbacks.insert(callback.id, callback);
                }
                Some("form") => {
                    let form: Form = read(&key, &state)?;
                    desk.forms.insert(form.id, form);
                }
                Some("proactive") => {
                    let proactive: Proactive = read(&key, &state)?;
                    desk.proactives.insert(proactive.id, proactive);
                }
                Some("survey") => {
                    let asked: Asked = read(&key, &state)?;
                    desk.surveys.insert(asked.id, asked);
                }
                Some("agent") => desk.seats.push(Seat { agent: read(&key, &state)?, post: None }),
                Some("ids") => desk.ids = read(&key, &state)?,
                Some("trunk") => {
                    let id = TrunkId::from(key.trim_start_matches("trunk/"));
                    desk.books.insert(id, read(&key, &state)?);
                }
                Some("out") => {
                    let out: Out = read(&key, &state)?;
                    desk.out.insert((out.call, out.party), out);
                }
                Some("alarms") => desk.alarms = read(&key, &state)?,
                Some("overlays") => desk.overlays = read(&key, &state)?,
                Some("outages") => desk.outages = read(&key, &state)?,
                Some("moved") => desk.moved = read(&key, &state)?,
                Some("rule") => {
                    let entry: RuleEntry = read(&key, &state)?;
                    desk.book.entries.insert(entry.subject, entry);
                }
                Some("visits") => {
                    let person = key.trim_start_matches("visits/").parse().map(PersonId);
                    let person = person.map_err(|_| RestoreError { key: key.clone(), reason: "no number of a person".into() })?;
                    desk.book.visits.insert(person, read(&key, &state)?);
                }
                Some("rule_alerts") => desk.book.alerts = read(&key, &state)?,
                _ => {
                    return Err(RestoreError { key, reason: "no such kind of object".into() });
                }
            }
        }
        desk.rebuild(catalog);
        Ok(desk)
    }

    /// The whole memory, as `restore` reads it.
    pub fn rows(&self) -> Vec<LiveRow> {
        let agents = (0..self.seats.len()).map(Key::Agent);
        let calls = self.calls.keys().map(|id| Key::Call(*id));
        let conversations = self.conversations.keys().map(|id| Key::Conversation(*id));
        let tickets = self.tickets.keys().map(|id| Key::Ticket(*id));
        let trunks = (0..self.trunk_slots.len()).map(Key::Trunk);
        let out = self.out.keys().map(|(call, party)| Key::Out(*call, *party));
        let callbacks = self.callbacks.keys().map(|id| Key::Callback(*id));
        let forms = self.forms.keys().map(|id| Key::Form(*id));
        let proactives = self.proactives.keys().map(|id| Key::Proactive(*id));
        let surveys = self.surveys.keys().map(|id| Key::Survey(*id));
        let keys = agents.chain(calls).chain(conversations).chain(tickets).chain(callbacks).chain(forms).chain(trunks).chain(out);
        let keys = keys.chain(proactives).chain(surveys).chain(self.book.parts().map(Key::Rules)).chain([
            Key::Alarms,
            Key::Overlays,
            Key::Outages,
            Key::Moved,
            Key::Ids,
        ]);
        let mut rows: Vec<LiveRow> = keys.map(|key| self.row(key)).filter(|row| row.state.is_some()).collect();
        rows.sort();
        rows
    }

    /// The rows that this input has changed; deadlines follow them.
    pub(super) fn changed_rows(&mut self) -> Vec<LiveRow> {
        let before = !self.live.is_empty();
        self.write_out();
        let mut rows = std::mem::take(&mut self.live);
        if before {
            let last: BTreeMap<String, Option<String>> = rows.into_iter().map(|row| (row.key, row.state)).collect();
            rows = last.into_iter().map(|(key, state)| LiveRow { key, state }).collect();
        }
        rows
    }

    pub(super) fn write_out(&mut self) {
        for key in std::mem::take(&mut self.touched) {
            let due = self.due(key);
            self.timers.set(key, due);
            let row = self.row(key);
            self.live.push(row);
        }
    }

    fn row(&self, key: Key) -> LiveRow {
        match key {
            Key::Agent(slot) => match self.seats.get(slot).map(|s| &s.agent) {
                // An agent about whom nothing is known yet needs no row: a thousand declared phones are no thousand rows.
                Some(agent) if *agent == Agent::new(agent.id.clone()) => LiveRow { key: agent_key(&agent.id), state: None },
                agent => LiveRow { key: agent.map(|a| agent_key(&a.id)).unwrap_or_default(), state: agent.map(json) },
            },
            Key::Call(id) => LiveRow { key: format!("call/{id}"), state: self.calls.get(&id).map(json) },
            Key::Conversation(id) => LiveRow { key: format!("conversation/{id}"), state: self.conversations.get(&id).map(json) },
            Key::Ticket(id) => LiveRow { key: format!("ticket/{id}"), state: self.tickets.get(&id).map(json) },
            Key::Trunk(slot) => {
                let id = self.trunk_slots.get(slot);
                let book = id.and_then(|id| self.books.get(id)).filter(|book| **book != Book::default());
                LiveRow { key: id.map(|id| format!("trunk/{id}")).unwrap_or_default(), state: book.map(json) }
            }
            Key::Out(call, party) => LiveRow { key: format!("out/{call}/{party}"), state: self.out.get(&(call, party)).map(json) },
            Key::Overlays => {
                let state = (!self.overlays.is_empty()).then(|| json(&self.overlays));
                LiveRow { key: "overlays".into(), state }
            }
            Key::Outages => {
                let state = (!self.outages.is_empty()).then(|| json(&self.outages));
                LiveRow { key: "outages".into(), state }
            }
            Key::Moved => {
                let state = (!self.moved.is_empty()).then(|| json(&self.moved));
                LiveRow { key: "moved".into(), state }
            }
            Key::Rules(part @ Part::Entry(subject)) => LiveRow { key: part.to_string(), state: self.book.entries.get(&subject).map(json) },
            Key::Rules(part @ Part::Visits(person)) => LiveRow { key: part.to_string(), state: self.book.visits.get(&person).map(json) },
            Key::Rules(part @ Part::Alerts) => {
                let state = (!self.book.alerts.is_empty()).then(|| json(&self.book.alerts));
                LiveRow { key: part.to_string(), state }
            }
            Key::Alarms if self.alarms == Alarms::default() => LiveRow { key: "alarms".into(), state: None },
            Key::Alarms => LiveRow { key: "alarms".into(), state: Some(json(&self.alarms)) },
            Key::Callback(id) => LiveRow { key: format!("callback/{id}"), state: self.callbacks.get(&id).map(json) },
            Key::Form(id) => LiveRow { key: format!("form/{id}"), state: self.forms.get(&id).map(json) },
            Key::Proactive(id) => LiveRow { key: format!("proactive/{id}"), state: self.proactives.get(&id).map(json) },
            Key::Survey(id) => LiveRow { key: format!("survey/{id}"), state: self.surveys.get(&id).map(json) },
            Key::Ids if self.ids == Ids::default() => LiveRow { key: "ids".into(), state: None },
            Key::Ids => LiveRow { key: "ids".into(), state: Some(json(&self.ids)) },
        }
    }

    /// Makes everything derived from the objects in memory and this catalog.
    pub(super) fn rebuild(&mut self, catalog: Arc<Catalog>) {
        let moved: Vec<(&AgentId, &[Move])> = self.seats.iter().map(|seat| (&seat.agent.id, seat.agent.moves.as_slice())).collect();
        self.catalog = in_force(&catalog, &self.overlays, &moved);
        self.base = catalog;
        self.build_lanes();
        self.build_seats();
        self.lines.clear();
        for (index, line) in self.catalog.lines.iter().enumerate() {
            self.lines.entry(line.number.clone()).or_default().push(index);
        }
        self.read_lines();
        self.index_people();
        let declared = self.catalog.dial.trunks.iter().map(|trunk| &trunk.id);
        let trunks: BTreeSet<TrunkId> = declared.chain(self.books.keys()).cloned().collect();
        self.trunk_slots = trunks.into_iter().collect();
        self.timers = Default::default();
        let agents = (0..self.seats.len()).map(Key::Agent);
        let calls = self.calls.keys().map(|id| Key::Call(*id));
        let conversations = self.conversations.keys().map(|id| Key::Conversation(*id));
        let tickets = self.tickets.keys().map(|id| Key::Ticket(*id));
        let callbacks = self.callbacks.keys().map(|id| Key::Callback(*id));
        let forms = self.forms.keys().map(|id| Key::Form(*id));
        let proactives = self.proactives.keys().map(|id| Key::Proactive(*id));
        let surveys = self.surveys.keys().map(|id| Key::Survey(*id));
        let trunks = (0..self.trunk_slots.len()).map(Key::Trunk);
        let rules = self.book.parts().map(Key::Rules);
        let keys: Vec<Key> = agents
            .chain(calls)
            .chain(conversations)
            .chain(tickets)
            .chain(callbacks)
            .chain(forms)
            .chain(proactives)
            .chain(surveys)
            .chain(trunks)
            .chain(rules)
            .chain([Key::Overlays, Key::Outages, Key::Moved])
            .collect();
        for key in keys {
            let due = self.due(key);
            self.timers.set(key, due);
        }
    }

    /// Lines are found also as everybody else may write them: providers change how they deliver a number. What is declared so comes first.
    fn read_lines(&mut self) {
        let catalog = self.catalog.clone();
        let mut read: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, line) in catalog.lines.iter().enumerate() {
            if let Some(Number::Full(number)) = catalog.dial.numbering.read(&line.number).map(|read| read.number) {
                read.entry(number).or_default().push(index);
            }
        }
        read.retain(|number, _| !self.lines.contains_key(number));
        self.lines.extend(read);
    }

    /// Declared queues, the one for direct lines, and those in which work is left though they are no longer declared.
    fn build_lanes(&mut self) {
        let mut paces: HashMap<QueueId, Pace> = self.lanes.drain(..).map(|lane| (lane.spec.id, lane.pace)).collect();
        let mut specs: BTreeMap<QueueId, (QueueSpec, bool)> =
            self.catalog.queues.values().map(|spec| (spec.id.clone(), (spec.clone(), true))).collect();
        let direct = QueueId::from(DIRECT);
        specs.entry(direct.clone()).or_insert_with(|| (plain_spec(direct), true));
        let waiting = |job: &Job| match &job.stage {
            Stage::Apart => None,
            Stage::Waiting(waiting) => Some(waiting.queue.clone()),
            Stage::Serving(serving) => Some(serving.queue.clone()),
        };
        let texts = self.conversations.values().map(|c| &c.job);
        let others = texts.chain(self.callbacks.values().map(|c| &c.job)).filter_map(waiting);
        let queues: Vec<QueueId> = self.calls.values().filter_map(Call::queue).cloned().chain(others).collect();
        for queue in &queues {
            specs.entry(queue.clone()).or_insert_with(|| (plain_spec(queue.clone()), false));
        }
        let lanes = specs.into_values().map(|(spec, declared)| {
            let pace = paces.remove(&spec.id).unwrap_or_default();
            Lane { spec, declared, members: Vec::new(), waiting: BTreeSet::new(), pace }
        });
        self.lanes = lanes.collect();
        self.lane_of = self.lanes.iter().enumerate().map(|(index, lane)| (lane.spec.id.clone(), index)).collect();
    }

    fn build_seats(&mut self) {
        let mut agents: BTreeMap<AgentId, Agent> = self.seats.drain(..).map(|seat| (seat.agent.id.clone(), seat.agent)).collect();
        for id in self.catalog.agents.keys() {
            agents.entry(id.clone()).or_insert_with(|| Agent::new(id.clone()));
        }
        for (slot, (id, agent)) in agents.into_iter().enumerate() {
            let post = self.catalog.agents.get(&id).map(|spec| {
                let mut lanes: Vec<usize> = spec.queues.iter().filter_map(|q| self.lane_of.get(q).copied()).collect();
                lanes.sort_unstable();
                lanes.dedup();
                Post::new(spec, lanes)
            });
            for lane in post.iter().flat_map(|p| &p.lanes) {
                if let (Some(lane), Some(spec)) = (self.lanes.get_mut(*lane), self.catalog.agents.get(&id)) {
                    let member = Member { slot, levels: levels(&lane.spec, spec) };
                    lane.members.push(member);
                }
            }
            self.seats.push(Seat { agent, post });
        }
        self.slots = self.seats.iter().enumerate().map(|(slot, seat)| (seat.agent.id.clone(), slot)).collect();
    }

    pub(super) fn index_people(&mut self) {
        self.people.clear();
        self.claims.clear();
        self.known.clear();
        self.chats.clear();
        self.outgoing.clear();
        self.tickets_of.clear();
        self.callbacks_of.clear();
        self.callback_of_call.clear();
        self.asked = self.proactives.values().map(|p| ((p.ask.by.clone(), p.ask.key.clone()), p.id)).collect();
        self.followed = self.proactives.values().filter_map(|p| Some((p.follows()?, p.id))).collect();
        let calls = self.calls.values().map(|c| (Work::Call(c.id), c.job.identity.clone(), c.job.person));
        let text = self.conversations.values().map(|c| (Work::Conversation(c.id), c.job.identity.clone(), c.job.person));
        let owed = self.callbacks.values().map(|c| (Work::Callback(c.id), c.job.identity.clone(), c.job.person));
        let works: Vec<_> = calls.chain(text).chain(owed).collect();
        for (work, identity, person) in works {
            self.enter_indexes(work);
            self.know(&identity, person);
        }
        for conversation in self.conversations.values() {
            // Ids grow, so the last one is the newest.
            self.chats.insert((conversation.channel.clone(), conversation.job.identity.clone()), conversation.id);
            let amending = conversation.amending.iter().map(|amending| amending.amendment);
            self.outgoing.extend(conversation.out.keys().copied().chain(amending).map(|message| (message, conversation.id)));
        }
        for callback in self.callbacks.values() {
            self.callbacks_of.entry(callback.job.person).or_default().insert(callback.id);
            self.callback_of_call.extend(callback.live_call().map(|call| (call, callback.id)));
        }
        self.surveys_of.clear();
        for survey in self.surveys.values() {
            self.surveys_of.entry(survey.person).or_default().insert(survey.id);
        }
        for ticket in self.tickets.values() {
            self.tickets_of.entry(ticket.person).or_default().insert(ticket.id);
        }
    }
}

/// Two desks are equal when they remember the same and would decide the same. The rate of service is only for estimates, and an empty
/// queue that is no longer declared is only a place in a list.
impl PartialEq for Desk {
    fn eq(&self, other: &Desk) -> bool {
        let lanes = |desk: &Desk| -> Vec<_> {
            let kept = desk.lanes.iter().filter(|l| l.declared || !l.waiting.is_empty());
            kept.map(|l| (l.spec.id.clone(), l.declared, l.waiting.clone(), l.members.clone())).collect()
        };
        let agents = |desk: &Desk| -> Vec<_> { desk.seats.iter().map(|s| (s.agent.clone(), s.post.is_some())).collect() };
        self.calls == other.calls
            && self.conversations == other.conversations
            && self.tickets == other.tickets
            && self.callbacks == other.callbacks
            && self.forms == other.forms
            && self.proactives == other.proactives
            && self.asked == other.asked
            && self.surveys == other.surveys
            && self.surveys_of == other.surveys_of
            && agents(self) == agents(other)
            && self.ids == other.ids
            && self.books == other.books
            && self.out == other.out
            && self.alarms == other.alarms
            && self.overlays == other.overlays
            && self.moved == other.moved
            && self.book == other.book
            && self.outages == other.outages
            && self.slots == other.slots
            && self.chats == other.chats
            && self.known == other.known
            && self.outgoing == other.outgoing
            && self.people == other.people
            && self.claims == other.claims
            && self.tickets_of == other.tickets_of
            && self.callbacks_of == other.callbacks_of
            && self.callback_of_call == other.callback_of_call
            && self.timers == other.timers
            && lanes(self) == lanes(other)
    }
}

pub(super) fn agent_key(agent: &AgentId) -> String {
    format!("agent/{agent}")
}

/// Plain structs with string keys: writing them cannot fail.
fn json<T: Serialize>(object: &T) -> String {
    serde_json::to_string(object).unwrap_or_default()
}

fn read<T: DeserializeOwned>(key: &str, state: &str) -> Result<T, RestoreError> {
    serde_json::from_str(state).map_err(|error| RestoreError { key: key.to_owned(), reason: error.to_string() })
}

fn levels(queue: &QueueSpec, agent: &AgentSpec) -> Vec<u8> {
    queue.requires.iter().map(|r| agent.skills.get(&r.skill).copied().unwrap_or(0)).collect()
}
