//! A new process, and a new configuration: what the old one held is put in order.

use crate::desk::Desk;
use crate::desk::agent::{PHONE_GONE, Seat};
use crate::desk::catalog::Catalog;
use crate::desk::fact::{AgentFact, OfferEnd, QueuedReason, StatusName, StatusWhy};
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, WantedStatus};
use crate::desk::restore::agent_key;
use crate::desk::stage::Entry;
use crate::desk::step::LiveRow;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Desk {
    /// Calls died with the last process, and no page is connected yet. Agents keep their status for as long as a reloading page may
    /// take; offers that nobody can see any more go back to the head of their queues.
    pub(super) fn started(&mut self) {
        let base = self.base.clone();
        self.drop_overlays(&base);
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for id in calls {
            self.finish(id, EndedBy::System, EndCause::Restart);
        }
        for slot in 0..self.seats.len() {
            self.page_lost_by_restart(slot);
            // Whether the phones are still there is asked anew.
            self.phone_lost(slot);
        }
        let owed = self.callbacks.keys().map(|id| Work::Callback(*id));
        let offered = self.conversations.keys().map(|id| Work::Conversation(*id)).chain(owed);
        let offered: Vec<Work> = offered.filter(|w| self.waiting(*w).is_some_and(|w| w.offer.is_some())).collect();
        for work in offered {
            let Some((queue, since)) = self.waiting(work).map(|w| (w.queue.clone(), w.since)) else {
                continue;
            };
            self.end_offer(work, OfferEnd::Withdrawn);
            match work {
                Work::Callback(id) => self.join_line(id),
                _ => self.enqueue(work, Entry::at_head(queue, since, QueuedReason::Restart)),
            }
        }
        let left: BTreeSet<CallId> = self.out.keys().map(|(call, _)| *call).collect();
        for call in left {
            self.all_out_over(call);
        }
        self.tidy();
        self.announce_again();
    }

    fn page_lost_by_restart(&mut self, slot: usize) {
        let grace = self.catalog.routing.page_grace_ms;
        let now = self.now;
        let Some(seat) = self.seats.get(slot) else {
            return;
        };
        let was_here = seat.agent.page_open || seat.agent.status != StatusName::Offline || !seat.agent.holds.is_empty();
        let ready = seat.agent.voice_problem.is_none();
        let spoke = seat.agent.phone.is_some() || seat.agent.microphone.is_some();
        if !was_here && !ready && !spoke {
            return;
        }
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        agent.page_open = false;
        agent.phone = None;
        agent.microphone = None;
        agent.page_due = was_here.then(|| now.after(grace.max(0)));
        if ready {
            let (id, problem) = (agent.id.clone(), String::from("offline"));
            agent.voice_problem = Some(problem.clone());
            self.agent_fact(id, AgentFact::VoiceLost { problem });
        }
    }

    pub(super) fn swap_catalog(&mut self, catalog: Arc<Catalog>) {
        self.drop_overlays(&catalog);
        self.rebuild(catalog);
        self.tidy();
    }

    /// After a start or a reload: agents no longer declared give back what they have, those who need no log-in are here, and work in
    /// queues that no longer exist finds another way. Everything that waits is looked at again, because every rule may have changed.
    fn tidy(&mut self) {
        self.dismiss_watches();
        for slot in 0..self.seats.len() {
            if self.seats.get(slot).is_some_and(|s| s.post.is_none()) {
                self.dismiss(slot);
            }
        }
        self.drop_dismissed();
        for slot in 0..self.seats.len() {
            let seat = self.seats.get(slot);
            let configured = seat.and_then(|s| s.post.as_ref()).is_some_and(|p| p.always_available);
            let reachable = seat.is_some_and(|s| s.agent.status == StatusName::Offline && s.voice_problem() != Some(PHONE_GONE));
            if configured && reachable {
                self.choose(slot, WantedStatus::Available, StatusWhy::Configured);
            }
            self.freed.insert(slot);
        }
        let live: Vec<Work> = self.people.values().flatten().copied().collect();
        for work in live {
            if self.waiting(work).is_some_and(|w| w.offer.is_none()) {
                self.rehome(work);
                self.waking.insert(work);
            }
        }
    }

    /// No longer declared: a talk is finished, all else goes back.
    fn dismiss(&mut self, slot: usize) {
        self.withdraw_offers(slot, OfferEnd::Withdrawn);
        self.drop_wrap_ups(slot);
        self.choose(slot, WantedStatus::Offline, StatusWhy::Configured);
        self.give_back_conversations(slot);
    }

    /// Agents who are gone from the catalog and hold nothing are forgotten. Slots move, so what was touched is written out first.
    fn drop_dismissed(&mut self) {
        let over = |seat: &Seat| seat.post.is_none() && seat.agent.holds.is_empty();
        if !self.seats.iter().any(over) {
            return;
        }
        self.write_out();
        for seat in self.seats.iter().filter(|s| over(s)) {
            self.live.push(LiveRow { key: agent_key(&seat.agent.id), state: None });
        }
        self.seats.retain(|seat| !over(seat));
        self.freed.clear();
        self.rebuild(self.base.clone());
    }

    /// The queue or the line's agent is no longer declared: text goes where its channel leads now, a caller is told goodbye and listed
    /// for callback.
    fn rehome(&mut self, work: Work) {
        let Some(waiting) = self.waiting(work) else {
            return;
        };
        let (queue, since) = (waiting.queue.clone(), waiting.since);
        let declared = self.lane(&queue).is_some_and(|l| l.declared);
        let named = waiting.only.as_ref().and_then(|agent| self.slot(agent)).and_then(|slot| self.seats.get(slot));
        let reachable = waiting.only.is_none() || named.is_some_and(|s| s.post.is_some());
        if declared && reachable {
            return;
        }
        match work {
            Work::Callback(id) => self.only_list(id),
            Work::Call(id) => self.say_goodbye(id),
            Work::Conversation(id) => {
                let channel = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel));
                let Some(to) = channel.map(|c| c.queue.clone()).filter(|to| *to != queue) else {
                    return;
                };
                self.enqueue(work, Entry::at_head(to, since, QueuedReason::Overflow { from: queue }));
            }
        }
    }
}
