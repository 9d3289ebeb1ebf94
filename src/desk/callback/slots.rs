//! The times a customer may choose from: whole half hours (or what the house has set) while the queue is open and it is no night where
//! they are.

use super::line::first_moment;
use crate::desk::hours::Hours;
use crate::desk::id::At;

/// How far ahead a call may be booked, ms.
const HORIZON_MS: i64 = 7 * 24 * 3_600_000;

/// Beginnings of slots after `now`, at most `most`. `step_ms` is their length, at least a minute.
pub fn slots(hours: Option<&Hours>, polite: Option<&Hours>, now: At, step_ms: i64, most: usize) -> Vec<At> {
    let step = step_ms.max(60_000);
    let round_up = |at: At| At(at.0.div_euclid(step) * step + if at.0.rem_euclid(step) == 0 { 0 } else { step });
    let mut found = Vec::new();
    // The slot that has nearly begun is no choice: it is "now".
    let mut at = round_up(now.after(step / 2));
    while found.len() < most && at.since(now) <= HORIZON_MS {
        let Some(open) = first_moment(hours, polite, at) else { break };
        let slot = round_up(open);
        if slot == open {
            found.push(slot);
            at = slot.after(step);
        } else {
            at = slot;
        }
    }
    found
}

/// The first moment from `now` on at which both tables are open.
pub fn earliest(hours: Option<&Hours>, polite: Option<&Hours>, now: At) -> Option<At> {
    first_moment(hours, polite, now)
}

/// Whether this is one of the times that could have been chosen.
pub fn is_slot(hours: Option<&Hours>, polite: Option<&Hours>, now: At, step_ms: i64, at: At) -> bool {
    let step = step_ms.max(60_000);
    at > now && at.since(now) <= HORIZON_MS && at.0.rem_euclid(step) == 0 && first_moment(hours, polite, at) == Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::hours::Span;
    use jiff::tz::TimeZone;
    use std::collections::BTreeMap;

    const HOUR: i64 = 3_600_000;
    /// Monday, 2 March 2026, 00:00 UTC.
    const MONDAY: At = At(1_772_409_600_000);

    fn daily(from: u16, to: u16) -> Hours {
        let day = || vec![Span { from, to }];
        Hours::new(TimeZone::UTC, [day(), day(), day(), day(), day(), day(), day()], BTreeMap::new(), BTreeMap::new())
    }

    #[test]
    fn slots_lie_within_both_tables() {
        let (shop, polite) = (daily(9 * 60, 17 * 60), daily(10 * 60, 20 * 60));
        let now = MONDAY.after(16 * HOUR);
        let found = slots(Some(&shop), Some(&polite), now, HOUR / 2, 4);
        let next = MONDAY.after(34 * HOUR);
        assert_eq!(found, [MONDAY.after(16 * HOUR + HOUR / 2), next, next.after(HOUR / 2), next.after(HOUR)]);
        for at in &found {
            assert!(is_slot(Some(&shop), Some(&polite), now, HOUR / 2, *at));
        }
        for wrong in [now, next.after(1), MONDAY.after(33 * HOUR), next.after(9 * 24 * HOUR)] {
            assert!(!is_slot(Some(&shop), Some(&polite), now, HOUR / 2, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_house_that_never_opens_has_none() {
        let closed = Hours::new(TimeZone::UTC, Default::default(), BTreeMap::new(), BTreeMap::new());
        assert!(slots(Some(&closed), None, MONDAY, HOUR, 5).is_empty());
        assert_eq!(slots(None, None, MONDAY.after(1), HOUR, 2), [MONDAY.after(HOUR), MONDAY.after(2 * HOUR)]);
    }
}
