//! When a trunk's minutes or money of the day are gone if all who talk through it talk on. Pure: it follows from what is remembered alone.

use super::book::{Book, Out};
use super::spec::{DialSpec, Outbound};
use super::{Books, DialRefusal};
use crate::desk::id::*;

/// Nobody talks for longer than a day without another count.
const LONGEST_MIN: i64 = 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// Until when this leg may go on, and what is gone then; `None` where nothing runs out.
pub fn ends(spec: &DialSpec, books: Books<'_>, out: &Out) -> Option<(At, DialRefusal)> {
    let outbound = spec.trunk(&out.trunk)?.outbound.as_ref()?;
    out.answered.filter(|_| !out.emergency)?;
    let others: Vec<&Out> =
        books.out.values().filter(|other| other.trunk == out.trunk && !other.emergency && other.answered.is_some()).collect();
    let book = books.trunks.get(&out.trunk).cloned().unwrap_or_default();
    let end = first(&book, outbound, &others, out)?;
    // At midnight the figures begin anew.
    if spec.day(end.0) == book.day { Some(end) } else { first(&Book::default(), outbound, &others, out) }
}

fn first(book: &Book, outbound: &Outbound, others: &[&Out], out: &Out) -> Option<(At, DialRefusal)> {
    let minutes = minutes_end(book, outbound, others).map(|at| (at, DialRefusal::MinutesSpent));
    let money = money_end(book, outbound, others, out).map(|at| (at, DialRefusal::CostSpent));
    minutes.into_iter().chain(money).min_by_key(|(at, _)| *at)
}

/// All who talk use up what is left together.
fn minutes_end(book: &Book, outbound: &Outbound, others: &[&Out]) -> Option<At> {
    let limit = i64::from(outbound.minutes_per_day) * MINUTE_MS;
    let talking = i64::try_from(others.len()).ok().filter(|talking| limit > 0 && *talking > 0)?;
    let began: i128 = others.iter().filter_map(|other| other.answered).map(|at| i128::from(at.0)).sum();
    let end = (i128::from(limit - book.talked_ms) + began).div_euclid(i128::from(talking));
    i64::try_from(end).ok().map(At)
}

/// The end of the last minute of this leg that can be paid, while all others go on.
fn money_end(book: &Book, outbound: &Outbound, others: &[&Out], out: &Out) -> Option<At> {
    let answered = out.answered?;
    let over = |at: At| book.cost.saturating_add(others.iter().map(|other| other.cost(at)).sum()) > outbound.cost_per_day;
    let begins = |minute: i64| answered.after(minute * MINUTE_MS + 1);
    if outbound.cost_per_day == 0 || out.price == 0 || !over(begins(LONGEST_MIN)) {
        return None;
    }
    // The first of its minutes that is too dear: cost only grows.
    let (mut low, mut high) = (0, LONGEST_MIN);
    while low < high {
        let middle = low + (high - low) / 2;
        if over(begins(middle)) { high = middle } else { low = middle + 1 }
    }
    Some(answered.after(low * MINUTE_MS))
}
