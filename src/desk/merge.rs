//! Two people who are one, and one who is two again. Nobody is joined but by an agent's hand. What is under way moves at once; what is
//! over is moved by the store, which the fact tells everything that went along.
//!
//! An edge may have looked a customer up a moment before: for a day the desk knows who has become whom.

use super::fact::{Fact, PersonFact};
use super::id::*;
use super::person::Identity;
use super::refusal::Refusal;
use super::same::{Belongings, MergeWhy, join};
use super::step::Answer;
use super::work::Job;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// An edge's word may be as old as this, ms.
const REMEMBERED_MS: i64 = 24 * 3_600_000;

/// Who has become whom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Moved {
    /// Joined with somebody: who, with whom, when.
    people: Vec<(PersonId, PersonId, At)>,
    /// Parted again: whose an identity is now, and since when.
    identities: Vec<(Identity, PersonId, At)>,
}

impl Moved {
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.identities.is_empty()
    }

    pub fn due(&self) -> Option<At> {
        let people = self.people.iter().map(|(_, _, at)| *at);
        people.chain(self.identities.iter().map(|(_, _, at)| *at)).min().map(|at| at.after(REMEMBERED_MS))
    }
}

/// What moves: everything of a person, or what a merge had brought and what came since by the same identities.
enum Which<'a> {
    All,
    These(&'a Belongings),
}

impl Which<'_> {
    fn takes(&self, job: &Job, listed: impl Fn(&Belongings) -> bool) -> bool {
        match self {
            Which::All => true,
            Which::These(these) => these.identities.contains(&job.identity) || listed(these),
        }
    }
}

impl Desk {
    /// Joins `from` with `into`, who stays. `moved` is what the store knew of `from`.
    pub(super) fn join_people(
        &mut self,
        by: AgentId,
        into: PersonId,
        from: PersonId,
        why: MergeWhy,
        mut moved: Belongings,
    ) -> Result<Answer, Refusal> {
        if into == from {
            return Err(Refusal::NothingToChange);
        }
        if self.living(into) != into || self.living(from) != from {
            return Err(Refusal::Gone);
        }
        self.move_works(from, into, &Which::All, &mut moved);
        let now = self.now;
        self.moved.people.push((from, into, now));
        self.moved.identities.retain(|(_, person, _)| *person != from);
        self.touch(Key::Moved);
        self.facts.push(Fact::Person(into, PersonFact::Merged { from, by, why, moved: Box::new(moved) }));
        Ok(Answer::Done)
    }

    /// Parts them again. `back` is what the merge had moved, and what came since by the identities that go back.
    pub(super) fn part_people(&mut self, by: AgentId, into: PersonId, from: PersonId, mut back: Belongings) -> Result<Answer, Refusal> {
        if into == from || self.living(into) != into {
            return Err(Refusal::Gone);
        }
        let these = back.clone();
        self.move_works(into, from, &Which::These(&these), &mut back);
        let now = self.now;
        self.moved.people.retain(|(person, _, _)| *person != from);
        let identities = back.identities.iter().map(|identity| (identity.clone(), from, now));
        self.moved.identities.extend(identities);
        self.touch(Key::Moved);
        self.facts.push(Fact::Person(into, PersonFact::Unmerged { from, by, back: Box::new(back) }));
        Ok(Answer::Done)
    }

    /// An agent says that they are two, whatever it looks like.
    pub(super) fn keep_apart(&mut self, by: AgentId, person: PersonId, other: PersonId) -> Result<Answer, Refusal> {
        if person == other {
            return Err(Refusal::NothingToChange);
        }
        self.facts.push(Fact::Person(person, PersonFact::KeptApart { other, by }));
        Ok(Answer::Done)
    }

    /// Who this person is by now.
    pub(super) fn living(&self, person: PersonId) -> PersonId {
        let mut living = person;
        // Each step leads to somebody who was joined later, so there are no more steps than merges.
        for _ in 0..self.moved.people.len() {
            match self.moved.people.iter().find(|(from, _, _)| *from == living) {
                Some((_, into, _)) => living = *into,
                None => break,
            }
        }
        living
    }

    /// Whose contact it is by now, when an edge says that it is this person's.
    pub(super) fn whose(&self, identity: &Identity, person: PersonId) -> PersonId {
        let parted = self.moved.identities.iter().rev().find(|(moved, _, _)| moved == identity);
        self.living(parted.map_or(person, |(_, person, _)| *person))
    }

    pub(super) fn moved_due(&mut self) {
        let now = self.now;
        self.moved.people.retain(|(_, _, at)| at.after(REMEMBERED_MS) > now);
        self.moved.identities.retain(|(_, _, at)| at.after(REMEMBERED_MS) > now);
    }

    fn move_works(&mut self, from: PersonId, to: PersonId, which: &Which, all: &mut Belongings) {
        let mut keys: Vec<Key> = Vec::new();
        let mut works: Vec<Work> = Vec::new();
        for (id, call) in &mut self.calls {
            if call.job.person == from && which.takes(&call.job, |these| these.calls.contains(id)) {
                call.job.person = to;
                join(&mut all.calls, *id);
                works.push(Work::Call(*id));
            }
        }
        for (id, conversation) in &mut self.conversations {
            if conversation.job.person == from && which.takes(&conversation.job, |these| these.conversations.contains(id)) {
                conversation.job.person = to;
                join(&mut all.conversations, *id);
                works.push(Work::Conversation(*id));
            }
        }
        for (id, callback) in &mut self.callbacks {
            if callback.job.person == from && which.takes(&callback.job, |these| these.callbacks.contains(id)) {
                callback.job.person = to;
                join(&mut all.callbacks, *id);
                works.push(Work::Callback(*id));
            }
        }
        for (id, form) in &mut self.forms {
            if form.job.person == from && which.takes(&form.job, |these| these.forms.contains(id)) {
                form.job.person = to;
                join(&mut all.forms, *id);
                keys.push(Key::Form(*id));
            }
        }
        for (id, ticket) in &mut self.tickets {
            let listed = match which {
                Which::All => true,
                Which::These(these) => these.tickets.contains(id),
            };
            if ticket.person == from && listed {
                ticket.person = to;
                join(&mut all.tickets, *id);
                keys.push(Key::Ticket(*id));
            }
        }
        for (id, proactive) in &mut self.proactives {
            let listed = match which {
                Which::All => true,
                Which::These(these) => these.proactives.contains(id) || these.identities.contains(&proactive.ask.to.who.identity),
            };
            if let Some(brief) = &mut proactive.ask.to.who.person
                && brief.id == from
                && listed
            {
                brief.id = to;
                join(&mut all.proactives, *id);
                keys.push(Key::Proactive(*id));
            }
        }
        for (id, asked) in &mut self.surveys {
            let listed = match (which, asked.work) {
                (Which::All, _) => true,
                (Which::These(these), Some(Work::Call(call))) => these.calls.contains(&call),
                (Which::These(these), Some(Work::Conversation(conversation))) => these.conversations.contains(&conversation),
                (Which::These(these), Some(Work::Callback(_)) | None) => these.surveys.contains(id),
            };
            if asked.person == from && listed {
                asked.person = to;
                join(&mut all.surveys, *id);
                keys.push(Key::Survey(*id));
            }
        }
        if let Which::All = which {
            // Somebody whom the desk has only just added may not be on disk yet.
            for (identity, people) in &self.known {
                if people.contains_key(&from) {
                    join(&mut all.identities, identity.clone());
                }
            }
            all.identities.sort();
        }
        for slot in 0..self.seats.len() {
            self.move_holds(slot, (from, to), &works, which);
        }
        keys.extend(works.into_iter().map(Key::from));
        for key in keys {
            self.touch(key);
        }
        self.index_people();
    }

    /// What agents hold of them costs what it did: nobody has more or less room because two are one.
    fn move_holds(&mut self, slot: usize, (from, to): (PersonId, PersonId), works: &[Work], which: &Which) {
        let Some(seat) = self.seats.get(slot) else { return };
        let held = seat.agent.holds.iter().any(|hold| hold.person == from && works.contains(&hold.work));
        let theirs = |job: &Job| job.person == from && which.takes(job, |_| false);
        let wrapping = seat.agent.wrap_up.as_ref().and_then(|wrap| wrap.contact.as_ref()).is_some_and(|contact| theirs(&contact.job));
        if !held && !wrapping {
            return;
        }
        let Some(agent) = self.agent_mut(slot) else { return };
        for hold in agent.holds.iter_mut().filter(|hold| hold.person == from && works.contains(&hold.work)) {
            hold.person = to;
        }
        if let Some(contact) = agent.wrap_up.as_mut().and_then(|wrap| wrap.contact.as_mut()).filter(|_| wrapping) {
            contact.job.person = to;
        }
    }
}
