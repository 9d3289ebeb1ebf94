//! When a trunk's minutes or money of the day are gone if all who talk through it talk on. Pure: it follows from what is remembered alone. One look
//! at all who talk is enough for each of them.

use super::book::{Book, Out};
use super::spec::{DialSpec, Outbound};
use super::{Books, DialRefusal};
use crate::desk::id::*;
use std::cell::OnceCell;

/// Nobody talks for longer than a day without another count.
const LONGEST_MIN: i64 = 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// What is left of a trunk's day.
pub struct Left<'a> {
    spec: &'a DialSpec,
    outbound: &'a Outbound,
    /// All who talk through it, emergencies excepted.
    talking: Vec<&'a Out>,
    /// The local date of the figures.
    day: String,
    today: Gone,
    /// The same for figures that begin anew at midnight.
    fresh: OnceCell<Gone>,
}

/// When figures are used up.
#[derive(Default)]
struct Gone {
    minutes: Option<At>,
    /// The first moment that is too dear.
    money: Option<At>,
}

/// What is left of this trunk's day; `None` where its days have no limit.
pub fn left<'a>(spec: &'a DialSpec, books: Books<'a>, trunk: &TrunkId) -> Option<Left<'a>> {
    let outbound = spec.trunk(trunk)?.outbound.as_ref().filter(|outbound| outbound.minutes_per_day > 0 || outbound.cost_per_day > 0)?;
    let talking: Vec<&Out> = books.out.values().filter(|out| out.trunk == *trunk && !out.emergency && out.answered.is_some()).collect();
    let none = Book::default();
    let book = books.trunks.get(trunk).unwrap_or(&none);
    let today = gone(book, outbound, &talking);
    Some(Left { spec, outbound, talking, day: book.day.clone(), today, fresh: OnceCell::new() })
}

impl Left<'_> {
    /// Until when this leg may go on, and what is gone then; `None` where nothing runs out.
    pub fn end_of(&self, out: &Out) -> Option<(At, DialRefusal)> {
        let answered = out.answered.filter(|_| !out.emergency)?;
        let end = self.today.end(out.price, answered)?;
        if self.spec.day(end.0) == self.day {
            return Some(end);
        }
        self.fresh.get_or_init(|| gone(&Book::default(), self.outbound, &self.talking)).end(out.price, answered)
    }
}

impl Gone {
    fn end(&self, price: i64, answered: At) -> Option<(At, DialRefusal)> {
        let minutes = self.minutes.map(|at| (at, DialRefusal::MinutesSpent));
        let money = self.money.filter(|_| price != 0).and_then(|money| last_minute(money, answered)).map(|at| (at, DialRefusal::CostSpent));
        minutes.into_iter().chain(money).min_by_key(|(at, _)| *at)
    }
}

/// The end of the last minute, of those that began with this moment, that begins before it is too dear.
fn last_minute(dear: At, answered: At) -> Option<At> {
    let minutes = (dear.0 - 1 - answered.0 + MINUTE_MS - 1).div_euclid(MINUTE_MS).max(0);
    (minutes <= LONGEST_MIN).then(|| answered.after(minutes * MINUTE_MS))
}

fn gone(book: &Book, outbound: &Outbound, talking: &[&Out]) -> Gone {
    Gone { minutes: minutes_gone(book, outbound, talking), money: money_gone(book, outbound, talking) }
}

/// All who talk use up what is left together.
fn minutes_gone(book: &Book, outbound: &Outbound, talking: &[&Out]) -> Option<At> {
    let limit = i64::from(outbound.minutes_per_day) * MINUTE_MS;
    let count = i64::try_from(talking.len()).ok().filter(|count| limit > 0 && *count > 0)?;
    let began: i128 = talking.iter().filter_map(|out| out.answered).map(|at| i128::from(at.0)).sum();
    let end = (i128::from(limit - book.talked_ms) + began).div_euclid(i128::from(count));
    i64::try_from(end).ok().map(At)
}

/// Each begins another minute when its last is over, until one is too dear.
fn money_gone(book: &Book, outbound: &Outbound, talking: &[&Out]) -> Option<At> {
    let began = || talking.iter().filter_map(|out| out.answered);
    let over = |at: At| book.cost.saturating_add(talking.iter().map(|out| out.cost(at)).sum()) > outbound.cost_per_day;
    let (mut low, mut high) = (began().min()?, began().max()?.after(LONGEST_MIN * MINUTE_MS + 1));
    if outbound.cost_per_day == 0 || !over(high) {
        return None;
    }
    // Cost only grows.
    while low < high {
        let middle = low.after(high.since(low) / 2);
        if over(middle) { high = middle } else { low = middle.after(1) }
    }
    Some(low)
}
