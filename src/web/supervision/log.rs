//! Facts as entries: what began and what ended it are one, with the time between.

use crate::desk::fact::{AgentFact, CallFact, Fact, OverlayFact, WatchEnd};
use crate::desk::id::{AgentId, At, CallId, OverlayId};
use crate::desk::input::{Medium, MoveChange, WantedStatus, WatchMode};
use crate::store::supervision::Act;
use std::collections::HashMap;

/// One thing that a supervisor did.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub at: At,
    /// `None`: the clock, at the end of a time that was set.
    pub by: Option<AgentId>,
    pub what: What,
    /// The agent whom it was about.
    pub to: Option<AgentId>,
    pub call: Option<(CallId, String)>,
    /// How long it lasted, ms; `None` for what has no length, or still goes on.
    pub lasted: Option<i64>,
    /// How their part in a call ended; `None` while it goes on, or where it went over into another.
    pub end: Option<WatchEnd>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Watched { mode: WatchMode, announced: bool },
    Status(WantedStatus),
    Takes { medium: Medium, on: bool },
    Moved { change: MoveChange, until: At },
    MoveEnded(MoveChange),
    On { overlay: OverlayId, until: Option<At> },
    Off(OverlayId),
}

impl What {
    /// As the address names it.
    pub fn kind(&self) -> &'static str {
        match self {
            What::Watched { mode, .. } => crate::web::wallboard::board::word(*mode),
            What::Status(_) | What::Takes { .. } => "status",
            What::Moved { .. } | What::MoveEnded(_) => "move",
            What::On { .. } | What::Off(_) => "overlay",
        }
    }
}

/// The kinds, in the order in which they are offered.
pub const KINDS: [&str; 7] = ["listen", "whisper", "barge", "take_over", "move", "status", "overlay"];

/// Entries of these acts, oldest first. What ends with a later act than these has no end here.
pub fn entries(acts: Vec<Act>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    // What goes on: a supervisor's part in a call, and overlays that are on.
    let mut watching: HashMap<(CallId, AgentId), usize> = HashMap::new();
    let mut on: HashMap<OverlayId, usize> = HashMap::new();
    for Act { at, fact, customer } in acts {
        let did = |by: Option<AgentId>, what| Entry { at, by, what, to: None, call: None, lasted: None, end: None };
        match fact {
            Fact::Call(id, CallFact::Watched { by, agent, mode, announced }) => {
                // Otherwise than before: the former way is over.
                let before = watching.insert((id, by.clone()), entries.len());
                lasts_until(&mut entries, before, at);
                let call = Some((id, customer.unwrap_or_default()));
                entries.push(Entry { to: Some(agent), call, ..did(Some(by), What::Watched { mode, announced }) });
            }
            Fact::Call(id, CallFact::WatchEnded { by, how, .. }) => {
                // Without a beginning, their leg never came up: nothing was heard.
                let Some(index) = watching.remove(&(id, by)) else { continue };
                let Some(entry) = entries.get_mut(index) else { continue };
                match entry.what {
                    // From here on an ordinary call of theirs, which is told elsewhere.
                    What::Watched { mode: WatchMode::TakeOver, .. } => entry.end = Some(how),
                    What::Watched { announced, .. } if how == WatchEnd::TookOver => {
                        entry.lasted = Some(at.since(entry.at));
                        let what = What::Watched { mode: WatchMode::TakeOver, announced };
                        let taken = Entry { at, what, lasted: None, end: Some(how), ..entry.clone() };
                        entries.push(taken);
                    }
                    _ => (entry.lasted, entry.end) = (Some(at.since(entry.at)), Some(how)),
                }
            }
            Fact::Agent(agent, AgentFact::StatusSet { by, wanted }) => {
                entries.push(Entry { to: Some(agent), ..did(Some(by), What::Status(wanted)) });
            }
            // What they choose for themselves is no supervision.
            Fact::Agent(agent, AgentFact::Takes { medium, on, by }) if by != agent => {
                entries.push(Entry { to: Some(agent), ..did(Some(by), What::Takes { medium, on }) });
            }
            Fact::Agent(agent, AgentFact::Moved { change, by, until }) => {
                entries.push(Entry { to: Some(agent), lasted: Some(until.since(at)), ..did(Some(by), What::Moved { change, until }) });
            }
            Fact::Agent(agent, AgentFact::MoveEnded { change, by }) => {
                entries.push(Entry { to: Some(agent), ..did(by, What::MoveEnded(change)) });
            }
            Fact::Overlay(overlay, OverlayFact::SwitchedOn { by, until }) => {
                on.insert(overlay.clone(), entries.len());
                entries.push(did(Some(by), What::On { overlay, until }));
            }
            Fact::Overlay(overlay, OverlayFact::SwitchedOff { by }) => {
                let before = on.remove(&overlay);
                lasts_until(&mut entries, before, at);
                entries.push(did(by, What::Off(overlay)));
            }
            _ => {}
        }
    }
    entries
}

fn lasts_until(entries: &mut [Entry], index: Option<usize>, at: At) {
    if let Some(entry) = index.and_then(|index| entries.get_mut(index)) {
        entry.lasted = Some(at.since(entry.at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(at: i64, fact: Fact) -> Act {
        Act { at: At(at), fact, customer: Some("Li Na".into()) }
    }

    fn watched(at: i64, call: u64, by: &str, mode: WatchMode) -> Act {
        act(at, Fact::Call(CallId(call), CallFact::Watched { by: by.into(), agent: "mara".into(), mode, announced: true }))
    }

    fn ended(at: i64, call: u64, by: &str, how: WatchEnd) -> Act {
        act(at, Fact::Call(CallId(call), CallFact::WatchEnded { by: by.into(), how, watched_ms: 1 }))
    }

    fn told(acts: Vec<Act>) -> Vec<(i64, &'static str, Option<i64>, Option<WatchEnd>)> {
        entries(acts).into_iter().map(|entry| (entry.at.0, entry.what.kind(), entry.lasted, entry.end)).collect()
    }

    #[test]
    fn each_way_of_being_in_a_call_is_an_entry_with_its_length() {
        let acts = vec![
            watched(1_000, 1, "ada", WatchMode::Listen),
            watched(2_000, 1, "rita", WatchMode::Listen),
            watched(4_000, 1, "ada", WatchMode::Whisper),
            ended(9_000, 1, "ada", WatchEnd::Left),
            ended(9_500, 7, "ada", WatchEnd::Failed),
        ];
        let left = Some(WatchEnd::Left);
        assert_eq!(
            told(acts),
            [(1_000, "listen", Some(3_000), None), (2_000, "listen", None, None), (4_000, "whisper", Some(5_000), left)],
            "one goes on, and who never came up has heard nothing"
        );
    }

    #[test]
    fn a_call_is_taken_over_from_within_or_at_once() {
        let took = Some(WatchEnd::TookOver);
        let within = vec![watched(0, 1, "ada", WatchMode::Listen), ended(5_000, 1, "ada", WatchEnd::TookOver)];
        assert_eq!(told(within), [(0, "listen", Some(5_000), None), (5_000, "take_over", None, took)]);
        let at_once = vec![watched(0, 1, "ada", WatchMode::TakeOver), ended(0, 1, "ada", WatchEnd::TookOver)];
        assert_eq!(told(at_once), [(0, "take_over", None, took)]);
    }

    #[test]
    fn moves_and_overlays_have_their_ends() {
        let change = MoveChange::Join("returns".into());
        let moved = AgentFact::Moved { change: change.clone(), by: "ada".into(), until: At(60_000) };
        let on = OverlayFact::SwitchedOn { by: "ada".into(), until: None };
        let acts = vec![
            act(0, Fact::Agent("mara".into(), moved)),
            act(10, Fact::Overlay("promotion".into(), on)),
            act(60_000, Fact::Agent("mara".into(), AgentFact::MoveEnded { change, by: None })),
            act(70_010, Fact::Overlay("promotion".into(), OverlayFact::SwitchedOff { by: None })),
        ];
        let kinds = [(0, "move", Some(60_000), None), (10, "overlay", Some(70_000), None), (60_000, "move", None, None)];
        assert_eq!(told(acts), [&kinds[..], &[(70_010, "overlay", None, None)]].concat());
    }
}
