//! How long and how often a customer may be written to where the platform limits it: for the whole of its window after a message of theirs,
//! for a narrower one after something less, such as a tap on a menu.

use super::id::At;
use super::traits::Window;
use serde::{Deserialize, Serialize};

/// What a platform's window is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Measure {
    /// When the customer last did what opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// How often they were written to since then.
    #[serde(default)]
    pub answers: u32,
    /// What that opens, where it is less than a message does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrow: Option<Window>,
}

/// Something of a customer's that opens less than a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrow {
    pub window: Window,
    /// What was open before it, as far as the store knows: the desk has forgotten what was resolved long ago.
    pub before: Measure,
}

/// How long and how often the customer may still be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub until: Option<At>,
    pub left: Option<u32>,
    pub closed: bool,
}

impl Standing {
    pub fn is_open(self) -> bool {
        !self.closed
    }
}

impl Measure {
    /// How the platform's window stands, whose own is `window`.
    pub fn standing(&self, window: Option<Window>, now: At) -> Standing {
        let Some(window) = window else { return Standing { until: None, left: None, closed: false } };
        let window = self.narrow.unwrap_or(window);
        let until = self.at.map(|at| at.after(window.ms));
        let left = window.messages.map(|most| most.saturating_sub(self.answers));
        Standing { until, left, closed: until.is_none_or(|until| until <= now) || left == Some(0) }
    }

    /// After a message that was sent then. One that comes late shortens nothing.
    pub fn written(self, sent: At) -> Measure {
        Measure { at: self.at.max(Some(sent)), answers: 0, narrow: None }
    }

    /// After something less: it takes nothing from a message whose window is still open.
    pub fn tapped(self, narrow: Narrow, own: Window, sent: At, now: At) -> Measure {
        let known = if self.at >= narrow.before.at { self } else { narrow.before };
        if known.narrow.is_none() && known.standing(Some(own), now).is_open() {
            return known;
        }
        if known.at > Some(sent) { known } else { Measure { at: Some(sent), answers: 0, narrow: Some(narrow.window) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Window = Window { ms: 100_000, messages: Some(5) };
    const TAP: Window = Window { ms: 1_000, messages: Some(3) };

    fn tap(before: Measure) -> Narrow {
        Narrow { window: TAP, before }
    }

    #[test]
    fn a_tap_opens_less_and_takes_nothing_away() {
        let none = Measure::default();
        assert!(!none.standing(Some(OWN), At(5)).is_open() && none.standing(None, At(5)).is_open());
        let tapped = none.tapped(tap(none), OWN, At(10), At(20));
        assert_eq!(tapped, Measure { at: Some(At(10)), answers: 0, narrow: Some(TAP) });
        assert_eq!(tapped.standing(Some(OWN), At(20)), Standing { until: Some(At(1_010)), left: Some(3), closed: false });
        assert!(!tapped.standing(Some(OWN), At(1_010)).is_open());
        assert!(!Measure { answers: 3, ..tapped }.standing(Some(OWN), At(20)).is_open());
        // Another one begins anew; one that comes late does not.
        let again = Measure { answers: 3, ..tapped }.tapped(tap(none), OWN, At(500), At(500));
        assert_eq!(again, Measure { at: Some(At(500)), ..tapped });
        assert_eq!(again.tapped(tap(none), OWN, At(400), At(600)), again);
        // A message resets it, and what it opens stays open.
        let written = again.written(At(700));
        assert_eq!(written, Measure { at: Some(At(700)), answers: 0, narrow: None });
        assert_eq!(written.tapped(tap(none), OWN, At(900), At(900)), written);
        // Answered as often as may be, or long ago: three more.
        assert_eq!(Measure { answers: 5, ..written }.tapped(tap(none), OWN, At(900), At(900)).narrow, Some(TAP));
        assert_eq!(written.tapped(tap(none), OWN, At(200_000), At(200_000)).narrow, Some(TAP));
    }

    #[test]
    fn what_the_desk_has_forgotten_is_not_narrowed_either() {
        let before = Measure { at: Some(At(50)), answers: 2, narrow: None };
        assert_eq!(Measure::default().tapped(tap(before), OWN, At(900), At(900)), before);
        let newer = Measure { at: Some(At(60)), answers: 4, narrow: None };
        assert_eq!(newer.tapped(tap(before), OWN, At(900), At(900)), newer);
    }
}
