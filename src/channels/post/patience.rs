//! What was tried in vain: whether it is tried again, and when.

use crate::channels::platform::Trouble;
use crate::desk::input::Delivery;
use std::time::Duration;

/// The first pause before another try; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// While a channel is down nothing is given up for so many pauses: a day.
const DOWN: u32 = 24 * 60;

/// The tries of one piece.
pub(super) struct Patience {
    /// Pauses so far in which the channel was down.
    down: u32,
    tries: u32,
    /// One of them may have been done.
    uncertain: bool,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Patience {
        Patience { down: 0, tries: 0, uncertain: false, pause: PAUSE }
    }

    /// How long to wait before the next of at most so many tries; the error is what has become of it. `repeats`: tried twice it is done once.
    pub(super) fn after(&mut self, trouble: Trouble, most: u32, repeats: bool) -> Result<Duration, Delivery> {
        match trouble {
            Trouble::Uncertain(_) if !repeats => Err(Delivery::Unknown),
            Trouble::WindowClosed => Err(failed("window_closed")),
            Trouble::Blocked(why) | Trouble::Refused(why) => Err(failed(&why)),
            // Waits for whoever mends it, or for tomorrow.
            Trouble::Quota(why) | Trouble::Down(why) => {
                self.down += 1;
                if self.down > DOWN { Err(failed(&why)) } else { Ok(LONGEST_PAUSE) }
            }
            Trouble::RetryAfter(wait) => {
                self.tries += 1;
                if self.tries >= most { Err(failed("rate_limited")) } else { Ok(wait) }
            }
            Trouble::Retry(_) | Trouble::Uncertain(_) => {
                self.uncertain |= matches!(trouble, Trouble::Uncertain(_));
                self.tries += 1;
                if self.tries >= most {
                    return Err(if self.uncertain { Delivery::Unknown } else { failed(&trouble.to_string()) });
                }
                let jitter = 0.75 + 0.5 * rand::random::<f64>();
                let wait = self.pause.mul_f64(jitter);
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                Ok(wait)
            }
        }
    }
}

pub(super) fn failed(reason: &str) -> Delivery {
    Delivery::Failed { reason: reason.to_owned() }
}
