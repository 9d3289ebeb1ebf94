//! Prepared sets of routing rules ("a promotion day"), which supervisors switch on and off, with an end or without. What is in force is the
//! catalog as it was read, the overlays upon it in the order in which they were switched on, and upon those what was changed for single agents.

use super::agent::Move;
use super::catalog::{Catalog, LineTarget, Overflow, QueueSpec};
use super::fact::{Fact, OverlayFact};
use super::hours::Hours;
use super::id::*;
use super::input::MoveChange;
use super::refusal::Refusal;
use super::step::Answer;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest that an end may be away, ms: 31 days.
pub(super) const LONGEST_MS: i64 = 31 * 24 * 3_600_000;

/// What one overlay changes.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// As people read it.
    pub name: String,
    pub queues: BTreeMap<QueueId, QueueOverlay>,
    /// Where calls to a number go instead, as the number is declared.
    pub lines: BTreeMap<String, LineTarget>,
    /// Where those go who write in a channel.
    pub channels: BTreeMap<ChannelId, LineTarget>,
}

/// What of a queue is otherwise; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct QueueOverlay {
    /// These agents serve it too.
    pub add: Vec<AgentId>,
    /// These do not.
    pub remove: Vec<AgentId>,
    /// For work that comes from then on.
    pub priority: Option<i32>,
    pub greeting: Option<String>,
    pub music: Option<String>,
    pub hours: Option<Hours>,
    pub closed_prompt: Option<String>,
    pub overflow: Option<Overflow>,
    pub max_wait_ms: Option<i64>,
    pub wrap_up_ms: Option<i64>,
}

/// An overlay that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OverlayOn {
    pub id: OverlayId,
    pub by: AgentId,
    pub since: At,
    /// `None`: until it is switched off.
    pub until: Option<At>,
}

impl QueueOverlay {
    fn change(&self, spec: &mut QueueSpec) {
        let set = |at: &mut Option<String>, to: &Option<String>| {
            if to.is_some() {
                at.clone_from(to);
            }
        };
        set(&mut spec.greeting, &self.greeting);
        set(&mut spec.closed_prompt, &self.closed_prompt);
        spec.priority = self.priority.unwrap_or(spec.priority);
        spec.max_wait_ms = self.max_wait_ms.unwrap_or(spec.max_wait_ms);
        spec.wrap_up_ms = self.wrap_up_ms.unwrap_or(spec.wrap_up_ms);
        if let Some(music) = &self.music {
            spec.music.clone_from(music);
        }
        if let Some(hours) = &self.hours {
            spec.hours = Some(hours.clone());
        }
        if let Some(overflow) = &self.overflow {
            spec.overflow = Some(overflow.clone());
        }
    }
}

/// The catalog as it is in force. The same one where nothing is changed.
pub(super) fn in_force(base: &Arc<Catalog>, on: &[OverlayOn], moved: &[(&AgentId, &[Move])]) -> Arc<Catalog> {
    if on.is_empty() && moved.iter().all(|(_, moves)| moves.is_empty()) {
        return base.clone();
    }
    let mut catalog = Catalog::clone(base);
    for overlay in on.iter().filter_map(|on| base.overlays.get(&on.id)) {
        for (queue, change) in &overlay.queues {
            let Some(spec) = catalog.queues.get_mut(queue) else { continue };
            change.change(spec);
            for agent in change.add.iter() {
                join(&mut catalog, agent, queue);
            }
            for agent in change.remove.iter() {
                leave(&mut catalog, agent, queue);
            }
        }
        for line in &mut catalog.lines {
            if let Some(to) = overlay.lines.get(&line.number) {
                line.to = to.clone();
            }
        }
        for (channel, to) in &overlay.channels {
            let Some(channel) = catalog.channels.get_mut(channel) else { continue };
            match to {
                LineTarget::Queue(queue) => (channel.queue, channel.flow) = (queue.clone(), None),
                LineTarget::Flow(flow) => channel.flow = Some(flow.clone()),
                LineTarget::Agent(_) | LineTarget::Echo => {}
            }
        }
    }
    for (agent, change) in moved.iter().flat_map(|(agent, moves)| moves.iter().map(move |m| (*agent, &m.change))) {
        match change {
            MoveChange::Join(queue) => join(&mut catalog, agent, queue),
            MoveChange::Leave(queue) => leave(&mut catalog, agent, queue),
            MoveChange::Skill { skill, level } => {
                if let Some(spec) = catalog.agents.get_mut(agent) {
                    match level {
                        0 => drop(spec.skills.remove(skill)),
                        level => drop(spec.skills.insert(skill.clone(), *level)),
                    }
                }
            }
        }
    }
    Arc::new(catalog)
}

fn join(catalog: &mut Catalog, agent: &AgentId, queue: &QueueId) {
    let known = catalog.queues.contains_key(queue);
    if let Some(spec) = catalog.agents.get_mut(agent).filter(|spec| known && !spec.queues.contains(queue)) {
        spec.queues.push(queue.clone());
    }
}

fn leave(catalog: &mut Catalog, agent: &AgentId, queue: &QueueId) {
    if let Some(spec) = catalog.agents.get_mut(agent) {
        spec.queues.retain(|of| of != queue);
    }
}

impl Desk {
    pub(super) fn switch_overlay(
        &mut self,
        slot: usize,
        by: AgentId,
        id: OverlayId,
        on: bool,
        until: Option<At>,
    ) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        if !self.base.overlays.contains_key(&id) {
            return Err(Refusal::UnknownOverlay);
        }
        let is_on = self.overlays.iter().position(|on| on.id == id);
        let now = self.now;
        match (on, is_on) {
            (true, _) if until.is_some_and(|at| at <= now || at > now.after(LONGEST_MS)) => return Err(Refusal::BadTime),
            // Only its end is another one.
            (true, Some(at)) => {
                let Some(running) = self.overlays.get_mut(at).filter(|on| on.until != until) else { return Err(Refusal::NothingToChange) };
                running.until = until;
                running.by = by.clone();
                self.touch(Key::Overlays);
                self.facts.push(Fact::Overlay(id, OverlayFact::SwitchedOn { by, until }));
            }
            (true, None) => {
                self.overlays.push(OverlayOn { id: id.clone(), by: by.clone(), since: now, until });
                self.touch(Key::Overlays);
                self.facts.push(Fact::Overlay(id, OverlayFact::SwitchedOn { by, until }));
                self.reshape();
            }
            (false, None) => return Err(Refusal::NothingToChange),
            (false, Some(_)) => self.switch_off(&id, Some(by)),
        }
        Ok(Answer::Done)
    }

    fn switch_off(&mut self, id: &OverlayId, by: Option<AgentId>) {
        self.overlays.retain(|on| on.id != *id);
        self.touch(Key::Overlays);
        self.facts.push(Fact::Overlay(id.clone(), OverlayFact::SwitchedOff { by }));
        self.reshape();
    }

    /// Their time is over.
    pub(super) fn overlays_due(&mut self) {
        let now = self.now;
        let over = self.overlays.iter().filter(|on| on.until.is_some_and(|at| at <= now));
        let over: Vec<OverlayId> = over.map(|on| on.id.clone()).collect();
        for id in over {
            self.switch_off(&id, None);
        }
    }

    /// Before a new catalog: what it does not declare is not on.
    pub(super) fn drop_overlays(&mut self, next: &Catalog) {
        let gone = self.overlays.iter().filter(|on| !next.overlays.contains_key(&on.id));
        let gone: Vec<OverlayId> = gone.map(|on| on.id.clone()).collect();
        for id in gone {
            self.overlays.retain(|on| on.id != id);
            self.touch(Key::Overlays);
            self.facts.push(Fact::Overlay(id, OverlayFact::SwitchedOff { by: None }));
        }
    }

    /// Other rules are in force: everything that waits is looked at again. Running contacts go on.
    pub(super) fn reshape(&mut self) {
        self.rebuild(self.base.clone());
        self.freed.extend(0..self.seats.len());
        let live: Vec<Work> = self.people.values().flatten().copied().collect();
        let waits = |work: &Work| self.waiting(*work).is_some_and(|w| w.offer.is_none());
        let waiting: Vec<Work> = live.into_iter().filter(waits).collect();
        self.waking.extend(waiting);
    }
}
