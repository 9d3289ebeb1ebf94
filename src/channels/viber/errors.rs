//! Viber's statuses (Error Codes) in our words. One that says nothing of what was done leaves it unknown.

use super::wire::Said;
use crate::channels::platform::Trouble;
use crate::reach::Answer;
use std::time::Duration;

/// After so long one customer is tried again.
const LATER: Duration = Duration::from_secs(5);
/// Longest explanation that is passed on, characters.
const LONGEST: usize = 200;

/// Why a request was not done, by Viber's own status.
pub(super) fn trouble(said: &Said) -> Trouble {
    let words: String = said.status_message.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let why = if words.is_empty() { format!("status {}", said.status) } else { words };
    match said.status {
        // invalidUrl (of the webhook), invalidAuthToken; publicAccountBlocked, NotFound, Suspended, NotAuthorized.
        1 | 2 | 7 | 8 | 9 | 15 => Trouble::Down(why),
        // receiverNotRegistered, receiverNotSubscribed.
        5 | 6 => Trouble::Blocked(why),
        // webhookNotSet: it is being set.
        10 => Trouble::Retry(why),
        // tooManyRequests, also after a hundred messages to one customer within an hour without a word from them. Which it is it does not say: nobody
        // else is held up, and nothing is given up.
        12 => Trouble::LaterForThem(LATER),
        // freeMessagesExceeded, noBalance.
        23 | 24 => Trouble::Quota(why),
        // badData, missingData, a device or a country without this, and what only other kinds of accounts may.
        3 | 4 | 11 | 13 | 14 | 16..=22 => Trouble::Refused(why),
        // "General error", and what is newer than this list.
        _ => Trouble::Uncertain(why),
    }
}

/// The same where nothing of Viber's own came: a proxy or a balancer speaks.
pub(super) fn unsaid(answer: &Answer) -> Trouble {
    let why = format!("status {}", answer.status.as_u16());
    match answer.status.as_u16() {
        401 | 403 | 404 => Trouble::Down(why),
        429 => answer.retry_after().map_or(Trouble::Retry(why), Trouble::RetryAfter),
        500 | 503 => Trouble::Retry(why),
        400..=499 => Trouble::Refused(why),
        _ => Trouble::Uncertain(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    #[test]
    fn each_status_says_what_to_do() {
        let of = |status: i64| trouble(&Said { status, status_message: "why\n".into() });
        assert_eq!(of(2), Trouble::Down("why".into()));
        assert!(matches!(of(3), Trouble::Refused(_)));
        assert!(matches!(of(6), Trouble::Blocked(_)));
        assert_eq!(of(12), Trouble::LaterForThem(LATER));
        assert!(matches!(of(24), Trouble::Quota(_)));
        assert!(matches!(of(-1), Trouble::Uncertain(_)), "a general error");
        assert_eq!(trouble(&Said { status: 4, status_message: String::new() }), Trouble::Refused("status 4".into()));
        let http = |status: u16| {
            unsaid(&Answer { status: StatusCode::from_u16(status).expect("a status"), headers: HeaderMap::new(), body: Bytes::new() })
        };
        assert!(matches!(http(503), Trouble::Retry(_)));
        assert!(matches!(http(504), Trouble::Uncertain(_)), "what is behind it may have done it");
        assert!(matches!(http(413), Trouble::Refused(_)));
    }
}
