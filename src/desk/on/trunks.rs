//! How trunks are: pings, log-ins, and what calls found out by themselves. A trunk that is down is not given up, it comes last.

use crate::desk::dial::book::{Book, Down, TrunkProblem};
use crate::desk::fact::{Fact, TrunkFact};
use crate::desk::id::*;
use crate::desk::input::TrunkHeard;
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn trunk_heard(&mut self, id: &TrunkId, heard: TrunkHeard) {
        match heard {
            TrunkHeard::Pinged { problem: None } => self.trunk_answers(id),
            TrunkHeard::Pinged { problem: Some(problem) } => self.trunk_silent(id, problem),
            TrunkHeard::Registration { problem } => self.trunk_registration(id, problem),
        }
    }

    /// One sign of life is enough.
    pub(super) fn trunk_answers(&mut self, id: &TrunkId) {
        if self.books.get(id).is_none_or(|book| book.failures == 0 && book.down.is_none()) {
            return;
        }
        let Some(book) = self.book_mut(id) else { return };
        book.failures = 0;
        if book.down.take().is_some() {
            self.trunk_fact(id, TrunkFact::Up);
        }
    }

    fn trunk_silent(&mut self, id: &TrunkId, problem: TrunkProblem) {
        let Some(patience) = self.catalog.dial.trunk(id).map(|trunk| trunk.failures) else { return };
        let now = self.now;
        let Some(book) = self.book_mut(id) else { return };
        // Counted no further than it matters: each change is a row.
        book.failures = (book.failures + 1).min(patience);
        if book.failures >= patience {
            self.trunk_down(id, Down { since: now, problem });
        }
    }

    /// A call that nobody took notice of is worth as much as several pings: the next caller must not wait for it again.
    pub(super) fn route_failed(&mut self, id: &TrunkId, call: CallId, problem: TrunkProblem) {
        let now = self.now;
        self.trunk_fact(id, TrunkFact::RouteFailed { call, problem: problem.clone() });
        let dead = match &problem {
            TrunkProblem::Silent | TrunkProblem::Unreachable | TrunkProblem::NoAddress => true,
            TrunkProblem::Login | TrunkProblem::Redirected | TrunkProblem::Status(_) => false,
        };
        if let Some(book) = self.book_mut(id) {
            book.last_problem = Some((now, problem.clone()));
        }
        if dead {
            self.trunk_down(id, Down { since: now, problem });
        }
    }

    fn trunk_down(&mut self, id: &TrunkId, down: Down) {
        let Some(book) = self.book_mut(id) else { return };
        let news = book.down.is_none();
        let problem = down.problem.clone();
        book.last_problem = Some((down.since, problem.clone()));
        match &mut book.down {
            // Since when is the first time; when it is tried again without pings counts from the last.
            Some(before) => *before = down,
            none => *none = Some(down),
        }
        if news {
            self.trunk_fact(id, TrunkFact::Down { problem });
        }
    }

    fn trunk_registration(&mut self, id: &TrunkId, problem: Option<TrunkProblem>) {
        if self.books.get(id).map_or(problem.is_none(), |book| book.unregistered == problem) {
            return;
        }
        let now = self.now;
        let Some(book) = self.book_mut(id) else { return };
        book.unregistered = problem.clone();
        match problem {
            Some(problem) => {
                book.last_problem = Some((now, problem.clone()));
                self.trunk_fact(id, TrunkFact::Unregistered { problem });
            }
            None => self.trunk_fact(id, TrunkFact::Registered),
        }
    }

    /// For changing; the figures are those of today. `None` for a trunk that is not declared.
    pub(super) fn book_mut(&mut self, id: &TrunkId) -> Option<&mut Book> {
        self.trunk_slots.binary_search(id).ok()?;
        self.touch_trunk(id);
        let book = self.books.entry(id.clone()).or_default();
        book.turn(&self.catalog.dial, self.now);
        Some(book)
    }

    pub(super) fn touch_trunk(&mut self, id: &TrunkId) {
        if let Ok(slot) = self.trunk_slots.binary_search(id) {
            self.touch(Key::Trunk(slot));
        }
    }

    pub(super) fn trunk_fact(&mut self, id: &TrunkId, fact: TrunkFact) {
        self.facts.push(Fact::Trunk(id.clone(), fact));
    }
}
