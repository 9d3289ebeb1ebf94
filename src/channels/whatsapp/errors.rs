//! WhatsApp's own codes (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes).

use crate::channels::meta::errors::Said;
use crate::channels::platform::Trouble;
use std::time::Duration;

/// One customer gets about one message in six seconds.
const PAIR: Duration = Duration::from_secs(6);

pub(super) fn judge(said: &Said) -> Option<Trouble> {
    let why = said.why();
    Some(match said.code {
        131_000 | 131_016 | 130_429 => Trouble::Retry(why),
        131_056 => Trouble::LaterForThem(PAIR),
        131_047 => Trouble::WindowClosed,
        131_026 => Trouble::Blocked(why),
        // Too many were marked as unwanted: more today would cost the number.
        131_048 => Trouble::Quota(why),
        131_005 | 131_031 | 131_045 | 133_000..=133_016 => Trouble::Down(why),
        // A number that the trial of the platform does not list; marketing that the customer wants no more, or that the platform holds
        // back; parameters; kinds; templates; ids that cannot be used for this.
        131_030 | 131_049 | 131_050 | 131_008 | 131_009 | 131_021 | 131_051..=131_053 | 131_062 | 132_000..=132_069 | 135_000 | 100 => {
            Trouble::Refused(why)
        }
        _ => return None,
    })
}
