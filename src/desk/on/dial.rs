//! Numbers that leave the house: planned, refused, counted. Every call out passes here, and nothing else asks voice to dial.

use crate::desk::act::VoiceAct;
use crate::desk::dial::book::{Alarms, Out};
use crate::desk::dial::number::Number;
use crate::desk::dial::{Ask, Books, DialRefusal, DialRoute, Dialler, Left, Plan, Refused, left, plan};
use crate::desk::fact::{CallFact, DialFact, Fact, TrunkFact};
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, LegParty, Trial};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::{Desk, Key};
use std::collections::BTreeSet;

/// How long before the end those who talk are told, ms.
const WARNED_MS: i64 = 60_000;
/// The prompt that tells them.
const WARNING: &str = "minute-left";
/// Longest part of a dialled number that is kept.
const LONGEST_DIALLED: usize = 40;
/// Different things told of in a day; what goes on beyond is the same trouble.
const MOST_TOLD: usize = 200;

impl Desk {
    /// Whether a number may be called, and how. What may not is a fact, and the first of its kind a day an alarm.
    pub(in crate::desk) fn plan_out(&mut self, ask: &Ask<'_>, call: Option<CallId>, only: Option<&TrunkId>) -> Result<Plan, Refusal> {
        let books = Books { trunks: &self.books, out: &self.out };
        let refused = match plan(&self.catalog.dial, books, self.now, ask, only) {
            Ok(plan) => return Ok(plan),
            Err(refused) => refused,
        };
        let Refused { why, number, trunk } = refused;
        self.dial_fact(&ask.by, DialFact::Blocked { number: number.clone(), why, trunk: trunk.clone(), call });
        if self.is_news(why, trunk.as_ref()) {
            self.dial_fact(&ask.by, DialFact::Alarm { number, why, trunk });
        }
        Err(Refusal::Dial(why))
    }

    /// A trunk brings calls for a number that leads nowhere: told once a day, because it may go on all day.
    pub(in crate::desk) fn no_line(&mut self, trunk: &TrunkId, dialled: &str) {
        let dialled: String = dialled.chars().filter(|c| !c.is_control()).take(LONGEST_DIALLED).collect();
        self.turn_alarms();
        if self.alarms.told.len() < MOST_TOLD && self.alarms.told.insert(format!("no_line {trunk} {dialled}")) {
            self.touch(Key::Alarms);
            self.trunk_fact(trunk, TrunkFact::NoLine { dialled });
        }
    }

    fn turn_alarms(&mut self) {
        let day = self.catalog.dial.day(self.now);
        if self.alarms.day != day {
            self.alarms = Alarms { day, ..Alarms::default() };
            self.touch(Key::Alarms);
        }
    }

    /// Counts a refusal; true the first time a day for its kind. Slips of the finger are counted and alarm nobody.
    fn is_news(&mut self, why: DialRefusal, trunk: Option<&TrunkId>) -> bool {
        self.turn_alarms();
        self.alarms.blocked = self.alarms.blocked.saturating_add(1);
        self.touch(Key::Alarms);
        if matches!(why, DialRefusal::NotANumber | DialRefusal::NoTrunk) {
            return false;
        }
        let kind = serde_json::to_value(why).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        self.alarms.told.insert(match trunk {
            Some(trunk) => format!("{kind} {trunk}"),
            None => kind,
        })
    }

    /// A number begins to be called: its place among the trunk's calls is taken.
    pub(in crate::desk) fn out_begins(&mut self, call: CallId, party: u8, by: &Dialler, number: &Number, routes: &[DialRoute]) {
        let Some(first) = routes.first() else { return };
        let emergency = matches!(number, Number::Emergency(_));
        if emergency {
            self.dial_fact(by, DialFact::Emergency { number: number.value().to_owned(), call });
        }
        let out = Out {
            call,
            party,
            trunk: first.trunk.clone(),
            number: number.value().to_owned(),
            emergency,
            price: first.price,
            answered: None,
            warned: false,
        };
        self.out.insert((call, party), out);
        self.touch(Key::Out(call, party));
        self.count_start(&first.trunk);
    }

    fn count_start(&mut self, trunk: &TrunkId) {
        let now = self.now;
        if let Some(book) = self.book_mut(trunk) {
            book.calls += 1;
            book.starts.push(now);
        }
    }

    /// The number is tried by another route.
    pub(in crate::desk) fn out_moves(&mut self, call: CallId, party: u8, trunk: &TrunkId, price: i64) {
        let Some(out) = self.out.get_mut(&(call, party)).filter(|out| out.trunk != *trunk) else { return };
        out.trunk = trunk.clone();
        out.price = price;
        self.touch(Key::Out(call, party));
        self.count_start(trunk);
    }

    pub(in crate::desk) fn out_rings(&mut self, call: CallId, party: u8) {
        if let Some(trunk) = self.out.get(&(call, party)).map(|out| out.trunk.clone()) {
            self.trunk_answers(&trunk);
        }
    }

    /// From here on minutes and money run.
    pub(in crate::desk) fn out_answered(&mut self, call: CallId, party: u8) {
        let now = self.now;
        let Some(out) = self.out.get_mut(&(call, party)).filter(|out| out.answered.is_none()) else { return };
        out.answered = Some(now);
        let trunk = out.trunk.clone();
        self.touch(Key::Out(call, party));
        self.trunk_answers(&trunk);
        self.others_change(&trunk);
    }

    /// Gone, or not reached: its place is free and its minutes are booked.
    pub(in crate::desk) fn out_over(&mut self, call: CallId, party: u8) {
        let Some(out) = self.out.remove(&(call, party)) else { return };
        self.touch(Key::Out(call, party));
        let now = self.now;
        let (talked, cost) = (out.talked_ms(now), out.cost(now));
        if talked > 0
            && !out.emergency
            && let Some(book) = self.book_mut(&out.trunk)
        {
            book.talked_ms += talked;
            book.cost = book.cost.saturating_add(cost);
        }
        self.others_change(&out.trunk);
    }

    /// Somebody talks through this trunk, or does no more: for the others there is less or more left of its day.
    fn others_change(&mut self, trunk: &TrunkId) {
        let Some(left) = self.left_of(trunk) else { return };
        let calm = |out: &Out| out.warned && left.end_of(out).is_none_or(|(end, _)| end > self.now.after(WARNED_MS));
        let calm: Vec<(CallId, u8)> = self.out_through(trunk).filter(|out| calm(out)).map(|out| (out.call, out.party)).collect();
        for (call, party) in calm {
            if let Some(out) = self.out.get_mut(&(call, party)) {
                out.warned = false;
            }
            self.touch(Key::Out(call, party));
        }
        self.touch_trunk(trunk);
    }

    fn out_through(&self, trunk: &TrunkId) -> impl Iterator<Item = &Out> {
        self.out.values().filter(move |out| out.trunk == *trunk)
    }

    /// What is left of a trunk's day; `None` where it has no limit.
    fn left_of(&self, trunk: &TrunkId) -> Option<Left<'_>> {
        left(&self.catalog.dial, Books { trunks: &self.books, out: &self.out }, trunk)
    }

    /// Every leg of a trunk whose day has a limit: when something is to be done about it, until when it may go on, and what is gone then.
    fn limits(&self, trunk: &TrunkId) -> impl Iterator<Item = (At, &Out, At, DialRefusal)> {
        let left = self.left_of(trunk);
        // Trials end by themselves.
        let legs = self.out_through(trunk).filter(|out| self.calls.contains_key(&out.call));
        legs.filter_map(move |out| {
            let (end, why) = left.as_ref()?.end_of(out)?;
            Some((if out.warned { end } else { end.after(-WARNED_MS) }, out, end, why))
        })
    }

    /// When a limit of the trunk's day is to be told of, or has come.
    pub(in crate::desk) fn due_trunk(&self, slot: usize) -> Option<At> {
        self.limits(self.trunk_slots.get(slot)?).map(|(due, ..)| due).min()
    }

    /// Told a minute before, then let go: a limit of the day is one for calls that go on, too.
    pub(super) fn trunk_due(&mut self, slot: usize) {
        let Some(trunk) = self.trunk_slots.get(slot).cloned() else { return };
        let mut done = BTreeSet::new();
        loop {
            let due = self.limits(&trunk).filter(|(due, out, ..)| *due <= self.now && !done.contains(&(out.call, out.party)));
            let due: Vec<_> = due.map(|(_, out, end, why)| ((out.call, out.party), end, why)).collect();
            if due.is_empty() {
                return;
            }
            for ((call, party), end, why) in due {
                done.insert((call, party));
                if end <= self.now {
                    self.limit_reached(call, party, why);
                    // For the others there may be more left now.
                    break;
                }
                self.limit_near(call, party, end, why);
            }
        }
    }

    fn limit_near(&mut self, call: CallId, party: u8, until: At, why: DialRefusal) {
        let Some(out) = self.out.get_mut(&(call, party)) else { return };
        if !std::mem::replace(&mut out.warned, true) {
            self.touch(Key::Out(call, party));
            self.call_fact(call, CallFact::LimitNear { party: out_party(party), why, until });
            self.warn(call);
        }
    }

    fn limit_reached(&mut self, call: CallId, party: u8, why: DialRefusal) {
        let who = out_party(party);
        self.call_fact(call, CallFact::LimitReached { party: who.clone(), why });
        if party == 0 {
            self.customer_gone(call, EndedBy::System, EndCause::Normal);
            self.voice(call, VoiceAct::End { cause: EndCause::Normal });
        } else {
            self.dismiss_party(call, &who);
        }
    }

    /// A tone for everybody who talks.
    fn warn(&mut self, call: CallId) {
        let Some(state) = self.calls.get(&call) else { return };
        let agents = state.agents_in().cloned().map(LegParty::Agent);
        let outside = state.parties.iter().filter(|party| party.is_in()).map(|party| party.who.clone());
        let mut to: Vec<LegParty> = std::iter::once(LegParty::Customer).chain(agents).chain(outside).collect();
        to.dedup();
        self.voice(call, VoiceAct::Tone { to, prompt: WARNING.into() });
    }

    /// The whole call is over.
    pub(in crate::desk) fn all_out_over(&mut self, call: CallId) {
        let parties: Vec<u8> = self.out.range((call, 0)..=(call, u8::MAX)).map(|((_, party), _)| *party).collect();
        for party in parties {
            self.out_over(call, party);
        }
    }

    /// An administrator tries a trunk. It counts as every call does.
    pub(in crate::desk) fn trial(&mut self, call: CallId, trial: Trial) -> Result<Answer, Refusal> {
        match trial {
            Trial::Ask { by, trunk, number } => {
                let ask = Ask { by, number: &number, line: None, anonymous: false };
                let plan = self.plan_out(&ask, Some(call), Some(&trunk))?;
                self.out_begins(call, 0, &ask.by, &plan.number, &plan.routes);
                return Ok(Answer::Routes(plan.routes));
            }
            Trial::Rings => self.out_rings(call, 0),
            Trial::Answered => self.out_answered(call, 0),
            Trial::RouteFailed { trunk, problem } => self.route_failed(&trunk, call, problem),
            Trial::Over => self.all_out_over(call),
        }
        Ok(Answer::Done)
    }

    fn dial_fact(&mut self, by: &Dialler, fact: DialFact) {
        self.facts.push(Fact::Dial(by.clone(), fact));
    }
}

fn out_party(party: u8) -> LegParty {
    if party == 0 { LegParty::Customer } else { LegParty::Outside(party) }
}
