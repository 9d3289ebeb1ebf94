//! `lookup`: asks an address of the firm's own and goes by its answer, or by `otherwise` when none came in time.

use super::flow::{HoursOf, Kind, Label, Target, Way, target};
use super::machine::{Does, Heard, Next, Turn};
use super::words::Words;
use crate::desk::config::NodeSection;
use crate::desk::fact::LookupResult;
use std::collections::BTreeMap;

/// How much longer than the lookup itself the desk waits for word of it, ms.
const GRACE_MS: i64 = 500;

#[derive(Debug, Clone)]
pub struct Lookup {
    /// Played meanwhile.
    words: Words,
    timeout_ms: i64,
    branches: BTreeMap<String, Target>,
    next: Option<Target>,
    otherwise: Target,
}

impl Kind for Lookup {
    const KEYS: &'static [&'static str] = &["prompt", "text", "url", "secret", "send", "timeout", "branches", "next", "otherwise"];
    const NEEDS: &'static [&'static str] = &["url", "otherwise"];

    fn read(section: &NodeSection, _: HoursOf<'_>) -> Lookup {
        Lookup {
            words: Words::of(section),
            timeout_ms: section.timeout.as_ref().map_or(2_000, |timeout| timeout.get_ref().millis()),
            branches: section.branches.iter().map(|(name, to)| (name.get_ref().clone(), Target::read(to.get_ref()))).collect(),
            next: section.next.as_ref().map(|name| Target::read(name.get_ref())),
            otherwise: target(&section.otherwise),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let branches = self.branches.iter().map(|(name, target)| Way { label: Label::Answer(name.clone()), target });
        let next = self.next.iter().map(|target| Way { label: Label::Next, target });
        branches.chain(next).chain([Way { label: Label::Otherwise, target: &self.otherwise }]).collect()
    }

    fn words(&self) -> Vec<&Words> {
        vec![&self.words]
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Next {
        turn.say(&[&self.words]);
        let serial = turn.next_serial();
        let node = turn.node();
        turn.does.push(Does::Look { serial, node });
        turn.run.until = turn.scene.now.after(self.timeout_ms.saturating_add(GRACE_MS));
        Next::Stay
    }

    fn hear(&self, turn: &mut Turn<'_>, heard: &Heard<'_>) -> Next {
        let found = match heard {
            Heard::Found(found) => *found,
            Heard::Time => None,
            Heard::Said | Heard::Digit(_) | Heard::Text(_) | Heard::Ticket(_) | Heard::Written(_) | Heard::NotReached => return Next::Stay,
        };
        let result = match (found, heard) {
            (Some(_), _) => LookupResult::Found,
            (None, Heard::Time) => LookupResult::TimedOut,
            (None, _) => LookupResult::Failed,
        };
        turn.hush();
        let answered = found.is_some();
        let branch = turn.found(found, result).and_then(|branch| self.branches.get(&branch));
        let next = self.next.as_ref().filter(|_| answered);
        Next::Go(branch.or(next).unwrap_or(&self.otherwise).clone())
    }
}
