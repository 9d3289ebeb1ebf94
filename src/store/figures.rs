//! What the day has brought so far, counted from the rows: what the wallboard shows beside the present.

pub mod context;
pub mod flows;

use super::values::{all, first};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Connection;
use std::collections::BTreeMap;

statements! {
    // Calls that stood in a queue. Who gave up within `?2` ms is `short`; answered within `?3` ms is `in_time`.
    CALLS = "SELECT queue, '' AS channel, count(*) AS entered,
        count(*) FILTER (WHERE waited_ms IS NULL AND ended_at IS NOT NULL AND end_cause = 'abandoned' AND ended_at - queued_at < ?2) AS short,
        count(waited_ms) AS answered, count(*) FILTER (WHERE waited_ms <= ?3) AS in_time,
        count(*) FILTER (WHERE waited_ms IS NULL AND ended_at IS NOT NULL AND end_cause = 'abandoned' AND ended_at - queued_at >= ?2) AS abandoned,
        count(*) FILTER (WHERE waited_ms IS NULL AND ended_at IS NULL) AS waiting, coalesce(sum(waited_ms), 0) AS waited
        FROM call WHERE started_at >= ?1 AND direction = 'inbound' AND queue IS NOT NULL AND queued_at IS NOT NULL GROUP BY queue";
    TEXTS = "SELECT queue, channel, count(*) AS entered,
        count(*) FILTER (WHERE waited_ms IS NULL AND state IN ('open', 'resolved') AND customer_left_at - queued_at < ?2) AS short,
        count(waited_ms) AS answered, count(*) FILTER (WHERE waited_ms <= ?3) AS in_time,
        count(*) FILTER (WHERE waited_ms IS NULL AND state IN ('open', 'resolved') AND coalesce(customer_left_at - queued_at, ?2) >= ?2)
            AS abandoned,
        count(*) FILTER (WHERE waited_ms IS NULL AND state IN ('waiting', 'offered')) AS waiting, coalesce(sum(waited_ms), 0) AS waited
        FROM conversation WHERE opened_at >= ?1 AND queue IS NOT NULL AND queued_at IS NOT NULL GROUP BY queue, channel";
    // One agent at a time, so that the index of their legs serves.
    TALKED = "SELECT count(*) AS calls, coalesce(sum(max(0, min(coalesce(ended_at, ?3), ?3) - bridged_at)), 0) AS talked
        FROM leg WHERE agent = ?1 AND started_at >= ?2 AND bridged_at IS NOT NULL";
    OFFERED = "SELECT count(*) AS offers, count(*) FILTER (WHERE how = 'timed_out') AS missed
        FROM routing WHERE agent = ?1 AND at >= ?2 AND kind = 'offer_ended'";
    BEFORE = "SELECT status FROM agent_status WHERE agent = ?1 AND at < ?2 ORDER BY at DESC, id DESC LIMIT 1";
    SINCE = "SELECT at, status FROM agent_status WHERE agent = ?1 AND at >= ?2 ORDER BY at, id";
}

/// The day of one queue on one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    pub queue: Option<QueueId>,
    /// `None` for calls.
    pub channel: Option<ChannelId>,
    /// All that have come into the queue.
    pub entered: i64,
    /// Gave up so soon that they do not count.
    pub short: i64,
    pub answered: i64,
    /// Answered within the time that is the goal.
    pub in_time: i64,
    pub abandoned: i64,
    /// Nothing is known of their end yet.
    pub waiting: i64,
    /// Sum of the waits of those answered, ms.
    pub waited_ms: i64,
}

impl Day {
    /// Offered: all but those who gave up at once.
    pub fn offered(&self) -> i64 {
        self.entered - self.short
    }

    /// Answered in time of all whose end is known, without short abandons: whoever was not answered is a miss, whatever became of them.
    /// In tenths of a percent; `None` before the first.
    pub fn service_level(&self) -> Option<i64> {
        let known = self.offered() - self.waiting;
        (known > 0).then(|| (self.in_time * 1_000 + known / 2) / known)
    }

    /// Average speed of answer, ms.
    pub fn average_wait(&self) -> Option<i64> {
        (self.answered > 0).then(|| self.waited_ms / self.answered)
    }

    /// Both together.
    pub fn and(&self, other: &Day) -> Day {
        Day {
            queue: None,
            channel: None,
            entered: self.entered + other.entered,
            short: self.short + other.short,
            answered: self.answered + other.answered,
            in_time: self.in_time + other.in_time,
            abandoned: self.abandoned + other.abandoned,
            waiting: self.waiting + other.waiting,
            waited_ms: self.waited_ms + other.waited_ms,
        }
    }
}

/// Every queue on every channel of which there is something to count since then. Times in ms.
pub async fn day(store: &Store, from: At, short: i64, voice: i64, text: i64) -> Result<Vec<Day>, StoreError> {
    store
        .read(move |conn| {
            let mut days = all(conn, CALLS, (from, short, voice), day_row)?;
            days.extend(all(conn, TEXTS, (from, short, text), day_row)?);
            Ok(days)
        })
        .await
}

fn day_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Day> {
    let channel: String = row.get("channel")?;
    Ok(Day {
        queue: Some(row.get("queue")?),
        channel: (!channel.is_empty()).then(|| ChannelId::from(channel.as_str())),
        entered: row.get("entered")?,
        short: row.get("short")?,
        answered: row.get("answered")?,
        in_time: row.get("in_time")?,
        abandoned: row.get("abandoned")?,
        waiting: row.get("waiting")?,
        waited_ms: row.get("waited")?,
    })
}

/// How an agent's time went, ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Time {
    /// Calls in which they were.
    pub calls: i64,
    /// In calls, holds included.
    pub talked: i64,
    pub wrapped_up: i64,
    /// Available, with or without a call.
    pub available: i64,
    /// Offers that have ended, however they did.
    pub offers: i64,
    /// Of these: rang until their time was over.
    pub missed: i64,
}

impl Time {
    /// Average handle time of a call, wrap-up included, ms; `None` before the first.
    pub fn handled(&self) -> Option<i64> {
        (self.calls > 0).then(|| (self.talked + self.wrapped_up) / self.calls)
    }

    /// Offers that were missed, in tenths of a percent; `None` before the first.
    pub fn missed_share(&self) -> Option<i64> {
        (self.offers > 0).then(|| (self.missed * 1_000 + self.offers / 2) / self.offers)
    }

    /// (talk + hold + wrap-up) of (that + waiting for work), percent; `None` while there was nothing of either.
    pub fn occupancy(&self) -> Option<i64> {
        let busy = self.talked + self.wrapped_up;
        let all = self.available.max(self.talked) + self.wrapped_up;
        (all > 0).then(|| busy * 100 / all)
    }

    pub fn and(self, other: Time) -> Time {
        Time {
            calls: self.calls + other.calls,
            talked: self.talked + other.talked,
            wrapped_up: self.wrapped_up + other.wrapped_up,
            available: self.available + other.available,
            offers: self.offers + other.offers,
            missed: self.missed + other.missed,
        }
    }
}

/// The day of these agents until now.
pub async fn times(store: &Store, agents: Vec<AgentId>, from: At, now: At) -> Result<BTreeMap<AgentId, Time>, StoreError> {
    store
        .read(move |conn| {
            let mut times = BTreeMap::new();
            for agent in agents {
                let time = time(conn, &agent, from, now)?;
                times.insert(agent, time);
            }
            Ok(times)
        })
        .await
}

fn time(conn: &Connection, agent: &AgentId, from: At, now: At) -> Result<Time, StoreError> {
    let (calls, talked) = first(conn, TALKED, (agent, from, now), |row| Ok((row.get("calls")?, row.get("talked")?)))?.unwrap_or_default();
    let (offers, missed) = first(conn, OFFERED, (agent, from), |row| Ok((row.get("offers")?, row.get("missed")?)))?.unwrap_or_default();
    let mut time = Time { calls, talked, offers, missed, ..Time::default() };
    let before: Option<String> = all(conn, BEFORE, (agent, from), |row| row.get("status"))?.into_iter().next();
    let changes = all(conn, SINCE, (agent, from), |row| Ok((row.get::<_, At>("at")?, row.get::<_, String>("status")?)))?;
    let (mut at, mut status) = (from, before.unwrap_or_default());
    for (next, changed) in changes.into_iter().chain([(now, String::new())]) {
        match status.as_str() {
            "available" => time.available += next.since(at),
            "wrap_up" => time.wrapped_up += next.since(at),
            _ => {}
        }
        (at, status) = (next, changed);
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_set_gives_the_default_of_the_house() {
        // 1000 answered, 860 of them in time; 60 gave up, 10 of them at once.
        let day = Day { entered: 1_060, short: 10, answered: 1_000, in_time: 860, abandoned: 50, ..Day::default() };
        assert_eq!((day.offered(), day.service_level()), (1_050, Some(819)));
        // Somebody who still waits is neither a hit nor a miss.
        assert_eq!(Day { entered: 1_061, waiting: 1, ..day }.service_level(), Some(819));
        assert_eq!(Day::default().service_level(), None);
    }

    #[test]
    fn occupancy_counts_wrap_up_and_not_breaks() {
        let time = |talked, wrapped_up, available| Time { talked, wrapped_up, available, ..Time::default() };
        assert_eq!(time(30, 10, 50).occupancy(), Some(66));
        assert_eq!(Time::default().occupancy(), None);
        assert_eq!(time(90, 0, 0).occupancy(), Some(100), "in a call while not available");
    }

    #[test]
    fn a_call_takes_its_wrap_up_along() {
        let time = Time { calls: 4, talked: 600, wrapped_up: 200, offers: 9, missed: 1, ..Time::default() };
        assert_eq!((time.handled(), time.missed_share()), (Some(200), Some(111)));
        assert_eq!((Time::default().handled(), Time::default().missed_share()), (None, None));
    }
}
