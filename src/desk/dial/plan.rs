//! Whether a number may be called, and by which ways: pure, and the only way a number leaves the house.

use super::book::{Book, Out};
use super::number::{FULL, Number};
use super::premium;
use super::route::{Context, DialRoute};
use super::spec::{DialSpec, Outbound, Place, TrunkSpec};
use super::{Ask, DialRefusal, Dialler};
use crate::desk::id::*;
use std::collections::BTreeMap;

/// With less than this left of a day's minutes no call is begun: it would be over before anything is said, ms.
const LEAST_MS: i64 = 20_000;

/// What the desk remembers of calls out.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    pub trunks: &'a BTreeMap<TrunkId, Book>,
    pub out: &'a BTreeMap<(CallId, u8), Out>,
}

/// A number that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub number: Number,
    /// At least one; in the order in which they are tried.
    pub routes: Vec<DialRoute>,
}

/// A number that may not, and on account of which trunk, if it is one's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub why: DialRefusal,
    /// As it was read, else as it was written.
    pub number: String,
    pub trunk: Option<TrunkId>,
}

/// Decides. `only` is for trying one trunk: then no other is used.
pub fn plan(spec: &DialSpec, books: Books<'_>, at: At, ask: &Ask<'_>, only: Option<&TrunkId>) -> Result<Plan, Refused> {
    let written = || ask.number.chars().filter(|c| !c.is_control()).take(40).collect::<String>();
    let refuse = |why, number: String, trunk: Option<&TrunkId>| Err(Refused { why, number, trunk: trunk.cloned() });
    let Some(number) = spec.numbering.read(ask.number).filter(|reading| reading.plain).map(|reading| reading.number) else {
        return refuse(DialRefusal::NotANumber, written(), None);
    };
    let known = || number.value().to_owned();
    if matches!(&number, Number::Full(value) if value.len() <= FULL) {
        return refuse(DialRefusal::NotANumber, known(), None);
    }
    let trunks = spec.trunks.iter().filter(|trunk| trunk.reachable && only.is_none_or(|only| trunk.id == *only));
    let now = Now { spec, books, at };
    if let (Number::Emergency(_), Dialler::Flow(_)) = (&number, &ask.by) {
        // Whoever needs help dials it; a flow would send strangers there on the house's account.
        return refuse(DialRefusal::NotPermitted, known(), None);
    }
    if let Number::Emergency(_) = &number {
        let routes = now.emergency(trunks, &number, ask);
        return if routes.is_empty() { refuse(DialRefusal::NoTrunk, known(), None) } else { Ok(Plan { number, routes }) };
    }
    if !permitted(spec, &ask.by).iter().any(|place| place.covers(&number, &spec.numbering)) {
        return refuse(DialRefusal::NotPermitted, known(), None);
    }
    let open: Vec<(&TrunkSpec, &Outbound)> = trunks.filter_map(|trunk| Some((trunk, trunk.outbound.as_ref()?))).collect();
    if open.is_empty() {
        return refuse(DialRefusal::NoTrunk, known(), None);
    }
    let dear = premium::is_premium(&number, &spec.numbering);
    let (mut ways, mut why) = (Vec::new(), (DialRefusal::NotAllowed, None));
    for (trunk, outbound) in open {
        if !outbound.allows(&number, &spec.numbering) {
            continue;
        }
        if dear && !outbound.premium {
            why = (DialRefusal::Premium, None);
        } else if let Some(limit) = now.limit(trunk, outbound, &number) {
            why = (limit, Some(&trunk.id));
        } else {
            ways.push((trunk, outbound));
        }
    }
    if dear && ways.is_empty() && why.1.is_none() {
        why = (DialRefusal::Premium, None);
    }
    if ways.is_empty() {
        return refuse(why.0, known(), why.1);
    }
    let context = now.context(ask);
    let mut routes: Vec<(Order, DialRoute)> = ways
        .into_iter()
        .map(|(trunk, outbound)| {
            let route = DialRoute::new(trunk, outbound, &number, ask, &context);
            (now.order(trunk, outbound, route.price), route)
        })
        .collect();
    // Stable: what is alike stays in the order of the file.
    routes.sort_by_key(|(order, _)| *order);
    Ok(Plan { number, routes: routes.into_iter().map(|(_, route)| route).collect() })
}

/// Where somebody may call.
pub fn permitted<'s>(spec: &'s DialSpec, by: &Dialler) -> &'s [Place] {
    match by {
        Dialler::Agent(agent) => spec.agents.get(agent).map_or(&[], Vec::as_slice),
        Dialler::Flow(flow) => spec.by_flow.get(flow.as_ref()).unwrap_or(&spec.flows),
        // A callback goes to a number that has called us, wherever trunks go.
        Dialler::House => &[Place::Any],
    }
}

/// Sick ones last, then the cheapest, the one named first, the one that has had the fewest calls for its weight.
type Order = (bool, i64, u32, u64);

struct Now<'a> {
    spec: &'a DialSpec,
    books: Books<'a>,
    at: At,
}

impl<'a> Now<'a> {
    fn book(&self, trunk: &TrunkId) -> Book {
        let mut book = self.books.trunks.get(trunk).cloned().unwrap_or_default();
        book.turn(self.spec, self.at);
        book
    }

    fn order(&self, trunk: &TrunkSpec, outbound: &Outbound, price: i64) -> Order {
        let book = self.book(&trunk.id);
        let share = u64::from(book.calls) * 1_000 / u64::from(outbound.weight.max(1));
        (!book.is_well(self.at, trunk.pinged), price, outbound.priority, share)
    }

    fn out<'s>(&'s self, trunk: &'s TrunkId) -> impl Iterator<Item = &'a Out> + 's {
        self.books.out.values().filter(move |out| out.trunk == *trunk && !out.emergency)
    }

    /// The first of a trunk's limits that stands in the way.
    fn limit(&self, trunk: &TrunkSpec, outbound: &Outbound, number: &Number) -> Option<DialRefusal> {
        let book = self.book(&trunk.id);
        let over = |limit: u32, is: usize| limit > 0 && is >= limit as usize;
        if over(outbound.max_calls, self.out(&trunk.id).count()) {
            return Some(DialRefusal::TooManyCalls);
        }
        if over(outbound.calls_per_second, book.starts.len()) {
            return Some(DialRefusal::TooFast);
        }
        let talked = book.talked_ms + self.out(&trunk.id).map(|out| out.talked_ms(self.at)).sum::<i64>();
        let left = i64::from(outbound.minutes_per_day) * 60_000 - talked;
        if outbound.minutes_per_day > 0 && left < LEAST_MS {
            return Some(DialRefusal::MinutesSpent);
        }
        let cost = book.cost + self.out(&trunk.id).map(|out| out.cost(self.at)).sum::<i64>();
        let minute = outbound.price(number.value().trim_start_matches('+'));
        let spent = cost >= outbound.cost_per_day || cost.saturating_add(minute) > outbound.cost_per_day;
        (outbound.cost_per_day > 0 && spent).then_some(DialRefusal::CostSpent)
    }

    fn context(&self, ask: &Ask<'_>) -> Context<'a> {
        let direct = match &ask.by {
            Dialler::Agent(agent) => self.spec.direct.get(agent).map(String::as_str),
            Dialler::Flow(_) | Dialler::House => None,
        };
        Context { numbering: &self.spec.numbering, patience_ms: self.spec.patience_ms, direct, emergency: false, place: None }
    }

    /// Every trunk with a server, whatever it allows: those that are well first, then those that take calls out at all.
    fn emergency(&self, trunks: impl Iterator<Item = &'a TrunkSpec>, number: &Number, ask: &Ask<'_>) -> Vec<DialRoute> {
        let closed = Outbound::default();
        let context = Context { emergency: true, place: self.spec.place.as_deref(), ..self.context(ask) };
        let mut routes: Vec<_> = trunks
            .map(|trunk| {
                let outbound = trunk.outbound.as_ref().unwrap_or(&closed);
                let route = DialRoute::new(trunk, outbound, number, ask, &context);
                let well = self.book(&trunk.id).is_well(self.at, trunk.pinged);
                ((!well, trunk.outbound.is_none(), outbound.priority), route)
            })
            .collect();
        routes.sort_by_key(|(order, _)| *order);
        routes.into_iter().map(|(_, route)| route).collect()
    }
}
