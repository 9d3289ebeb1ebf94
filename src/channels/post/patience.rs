//! What was tried in vain: whether it is tried again, and when.

use crate::channels::platform::Trouble;
use crate::desk::input::Delivery;
use std::time::Duration;

/// The first pause before another try; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// While a channel does not work, and while the platform puts one customer off, nothing is given up for so long.
const A_DAY: Duration = Duration::from_secs(24 * 3_600);

/// The tries of one piece.
pub(super) struct Patience {
    tries: u32,
    /// Waited so far for a channel that does not work, and for this customer's own limits.
    waited: Duration,
    /// One of them may have been done.
    uncertain: bool,
    pause: Duration,
}

/// On what terms a message is tried.
pub(super) struct Terms {
    /// Tries at most, where the trouble is the message's own.
    pub most: u32,
    /// Tried twice it is done once.
    pub repeats: bool,
    /// The channel as a whole does not work: nothing goes, whoever it is for.
    pub failing: bool,
}

impl Patience {
    pub(super) fn new() -> Patience {
        Patience { tries: 0, waited: Duration::ZERO, uncertain: false, pause: PAUSE }
    }

    /// How long to wait before the next try; the error is what has become of it.
    pub(super) fn after(&mut self, trouble: Trouble, Terms { most, repeats, failing }: Terms) -> Result<Duration, Delivery> {
        self.uncertain |= matches!(trouble, Trouble::Uncertain(_));
        match trouble {
            Trouble::Uncertain(_) if !repeats => Err(Delivery::Unknown),
            Trouble::WindowClosed => Err(failed("window_closed")),
            Trouble::Blocked(why) | Trouble::Refused(why) => Err(failed(&why)),
            // Waits for whoever mends it, or for tomorrow.
            Trouble::Quota(why) | Trouble::Down(why) => self.waits(LONGEST_PAUSE, &why),
            Trouble::LaterForThem(wait) => self.waits(wait, "rate_limited"),
            Trouble::RetryAfter(wait) if failing => self.waits(wait, "rate_limited"),
            Trouble::RetryAfter(wait) => {
                self.tries += 1;
                if self.tries >= most { Err(failed("rate_limited")) } else { Ok(wait) }
            }
            Trouble::Retry(_) | Trouble::Uncertain(_) => {
                let jitter = 0.75 + 0.5 * rand::random::<f64>();
                let wait = self.pause.mul_f64(jitter);
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                self.tries += u32::from(!failing);
                match failing {
                    true => self.waits(wait, &trouble.to_string()),
                    false if self.tries >= most => Err(self.given_up(&trouble.to_string())),
                    false => Ok(wait),
                }
            }
        }
    }

    fn waits(&mut self, wait: Duration, why: &str) -> Result<Duration, Delivery> {
        self.waited += wait;
        if self.waited > A_DAY { Err(self.given_up(why)) } else { Ok(wait) }
    }

    fn given_up(&self, why: &str) -> Delivery {
        if self.uncertain { Delivery::Unknown } else { failed(why) }
    }
}

pub(super) fn failed(reason: &str) -> Delivery {
    Delivery::Failed { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: fn(bool) -> Terms = |repeats| Terms { most: 3, repeats, failing: false };
    const OUTAGE: fn() -> Terms = || Terms { most: 3, repeats: true, failing: true };

    /// What it waits for until it is given up, and what becomes of it.
    fn until_given_up(trouble: &Trouble, terms: impl Fn() -> Terms) -> (Duration, Delivery) {
        let (mut patience, mut waited) = (Patience::new(), Duration::ZERO);
        loop {
            match patience.after(trouble.clone(), terms()) {
                Ok(wait) => waited += wait,
                Err(state) => return (waited, state),
            }
        }
    }

    #[test]
    fn what_only_this_message_meets_is_given_up_soon() {
        let (waited, state) = until_given_up(&Trouble::Retry("500".into()), || OWN(true));
        assert!(waited < Duration::from_secs(3) && state == failed("not now: 500"), "{waited:?} {state:?}");
        assert_eq!(until_given_up(&Trouble::Uncertain("cut".into()), || OWN(true)).1, Delivery::Unknown);
        assert_eq!(until_given_up(&Trouble::Uncertain("cut".into()), || OWN(false)), (Duration::ZERO, Delivery::Unknown));
        assert_eq!(until_given_up(&Trouble::RetryAfter(Duration::from_secs(5)), || OWN(true)).1, failed("rate_limited"));
    }

    #[test]
    fn what_nobodys_message_gets_through_waits_for_a_day() {
        for trouble in [Trouble::Retry("500".into()), Trouble::RetryAfter(Duration::from_secs(5)), Trouble::Down("token".into())] {
            let (waited, state) = until_given_up(&trouble, OUTAGE);
            assert!(waited > A_DAY - 2 * LONGEST_PAUSE && waited <= A_DAY, "{waited:?}");
            assert!(matches!(state, Delivery::Failed { .. }), "{state:?}");
        }
        assert_eq!(until_given_up(&Trouble::Uncertain("cut".into()), OUTAGE).1, Delivery::Unknown);
    }

    #[test]
    fn the_tries_before_an_outage_was_known_count_for_nothing_after_it() {
        let mut patience = Patience::new();
        for failing in [false, false, true, true, true, true, false] {
            let state = patience.after(Trouble::Retry("500".into()), Terms { failing, ..OWN(true) });
            assert_eq!(state.is_ok(), patience.tries < 3, "two tries are left of three, and the outage takes none");
        }
    }
}
