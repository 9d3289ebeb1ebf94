//! What is remembered of each trunk: how it is, and what went out through it today. One live row per trunk, one per leg that is out.

use super::spec::DialSpec;
use crate::desk::id::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A trunk that is never asked how it is counts as well again after this long, ms.
const TRY_AGAIN_MS: i64 = 60_000;

/// Of one trunk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Book {
    /// The local date that the figures are of.
    pub day: String,
    /// Calls begun today.
    pub calls: u32,
    /// Talk of the calls that ended today, ms.
    pub talked_ms: i64,
    /// What that cost, millionths.
    pub cost: i64,
    /// When the calls of the last second began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<At>,
    /// Pings in a row that nobody answered.
    pub failures: u32,
    pub down: Option<Down>,
    /// Why we are not logged in at a trunk that asks for it.
    pub unregistered: Option<TrunkProblem>,
    /// The last thing that went wrong, kept when it is well again.
    pub last_problem: Option<(At, TrunkProblem)>,
}

/// What supervisors were told of today: each kind of refusal once a day and trunk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    pub day: String,
    /// `premium`, `minutes_spent provider`.
    pub told: BTreeSet<String>,
    /// Numbers refused today.
    pub blocked: u32,
}

/// Since when a trunk does not answer, and how it showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Down {
    pub since: At,
    pub problem: TrunkProblem,
}

/// What is wrong with a trunk. The pages phrase it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkProblem {
    /// No answer.
    Silent,
    /// The network says that nobody is there.
    Unreachable,
    /// Its name has no address.
    NoAddress,
    /// The user or password is wrong.
    Login,
    /// It sends calls on to where they may not go.
    Redirected,
    /// It answers so.
    Status(u16),
}

/// A number that is being called or talked to, through a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    pub call: CallId,
    /// 0 is the customer, n the nth outside party.
    pub party: u8,
    pub trunk: TrunkId,
    pub number: String,
    pub emergency: bool,
    /// Of the route in use, millionths a minute.
    pub price: i64,
    pub answered: Option<At>,
    /// Those who talk were told that the day's minutes or money are nearly gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warned: bool,
}

impl Out {
    /// Talk until now, ms.
    pub fn talked_ms(&self, at: At) -> i64 {
        self.answered.map_or(0, |answered| at.since(answered))
    }

    /// What it has cost until now, millionths; a minute that was begun is a whole one, as providers count.
    pub fn cost(&self, at: At) -> i64 {
        let talked = self.talked_ms(at);
        let minutes = talked / 60_000 + i64::from(talked % 60_000 > 0);
        minutes.saturating_mul(self.price)
    }
}

impl Book {
    /// The figures of today: those of another day are over.
    pub fn turn(&mut self, spec: &DialSpec, at: At) {
        let day = spec.day(at);
        if self.day != day {
            (self.day, self.calls, self.talked_ms, self.cost) = (day, 0, 0, 0);
        }
        self.starts.retain(|start| at.since(*start) < 1_000);
    }

    /// Whether calls may be expected to get through.
    pub fn is_well(&self, at: At, pinged: bool) -> bool {
        let down = self.down.as_ref().is_some_and(|down| pinged || at.since(down.since) < TRY_AGAIN_MS);
        !down && self.unregistered.is_none()
    }
}
