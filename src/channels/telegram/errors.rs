//! What the Bot API refuses, in our words. Branches by code; the description only where the code is the same for two different things.

use super::wire::Said;
use crate::channels::platform::Trouble;
use http::StatusCode;
use std::time::Duration;

/// Longest description that is passed on, characters.
const LONGEST: usize = 200;

/// Why a request was not done.
pub(super) fn trouble(status: StatusCode, said: &Said) -> Trouble {
    let code = said.error_code.unwrap_or(status.as_u16());
    let why: String = said.description.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let why = if why.is_empty() { format!("status {code}") } else { why };
    let low = why.to_lowercase();
    match code {
        400 if ["chat not found", "user not found", "peer_id_invalid", "user is deactivated"].iter().any(|known| low.contains(known)) => {
            Trouble::Blocked(why)
        }
        400 | 413 => Trouble::Refused(why),
        // An unknown token is 401, and 404 where it has not even the shape of one.
        401 | 404 => Trouble::Down(why),
        403 => Trouble::Blocked(why),
        // Our own former question may still be open: it passes, or it goes on and is said then.
        409 => Trouble::Retry(why),
        429 => Trouble::RetryAfter(Duration::from_secs(said.parameters.retry_after.unwrap_or(1))),
        // A gateway in between gave up: what is behind it may have done it.
        502 | 504 => Trouble::Uncertain(why),
        500..600 => Trouble::Retry(why),
        _ => Trouble::Refused(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_says_what_to_do() {
        let of = |code: u16, description: &str| {
            let said = Said { error_code: Some(code), description: description.into(), ..Said::default() };
            trouble(StatusCode::from_u16(code).unwrap(), &said)
        };
        assert!(matches!(of(403, "Forbidden: bot was blocked by the user"), Trouble::Blocked(_)));
        assert!(matches!(of(400, "Bad Request: chat not found"), Trouble::Blocked(_)));
        assert!(matches!(of(400, "Bad Request: message text is empty"), Trouble::Refused(_)));
        assert!(matches!(of(401, "Unauthorized"), Trouble::Down(_)));
        assert!(matches!(of(409, "Conflict: terminated by other getUpdates request"), Trouble::Retry(_)));
        assert!(matches!(of(500, ""), Trouble::Retry(_)));
        assert!(matches!(of(502, ""), Trouble::Uncertain(_)));
        let said: Said = serde_json::from_str(
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#,
        )
        .unwrap();
        assert_eq!(trouble(StatusCode::TOO_MANY_REQUESTS, &said), Trouble::RetryAfter(Duration::from_secs(7)));
    }
}
