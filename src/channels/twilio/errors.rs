//! Twilio's error codes (twilio.com/docs/api/errors): what each means for the message.

use crate::channels::platform::Trouble;
use crate::reach::Answer;
use serde::Deserialize;

/// The body of an answer that refuses.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refused {
    code: u32,
    message: String,
}

/// Of an answer that is no 2xx.
pub(super) fn of_answer(answer: &Answer) -> Trouble {
    let refused: Refused = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = if refused.code == 0 { answer.status.to_string() } else { format!("{} {}", refused.code, refused.message) };
    match (refused.code, answer.status.as_u16()) {
        (20429 | 63018, _) | (_, 429) => answer.retry_after().map_or(Trouble::Retry(said), Trouble::RetryAfter),
        (30001, _) => Trouble::Retry(said),
        (63016, _) => Trouble::WindowClosed,
        (20003 | 20005 | 21606 | 21659 | 30034 | 21705, _) | (_, 401 | 403) if !matches!(refused.code, 21408 | 21610) => {
            Trouble::Down(said)
        }
        (21211 | 21214 | 21610 | 21614 | 21612, _) => Trouble::Blocked(said),
        // A server that broke down in the middle may have passed it on.
        (0, 500..) => Trouble::Uncertain(said),
        (_, 500..) => Trouble::Retry(said),
        _ => Trouble::Refused(said),
    }
}

/// Why a message was not delivered, from the code in its receipt.
pub(super) fn reason(code: &str) -> String {
    let known = match code {
        "30001" => "too many were waiting",
        "30002" => "the account is suspended",
        "30003" => "the telephone cannot be reached",
        "30004" => "the customer or their network blocks it",
        "30005" => "the number does not exist",
        "30006" => "a landline takes no texts",
        "30007" => "the network filtered it",
        "30034" => "the sender is not registered (A2P 10DLC)",
        "21610" => "the customer has asked for no more texts",
        "63016" => "outside the window a template is needed",
        "" => return "not delivered".into(),
        _ => "not delivered",
    };
    format!("{known} (Twilio {code})").chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode};

    fn of(status: u16, body: &'static str) -> Trouble {
        let status = StatusCode::from_u16(status).expect("a status");
        of_answer(&Answer { status, headers: HeaderMap::new(), body: body.into() })
    }

    #[test]
    fn each_code_says_what_to_do() {
        assert!(matches!(of(429, r#"{"code":20429,"message":"m"}"#), Trouble::Retry(_)));
        assert!(matches!(of(401, r#"{"code":20003,"message":"m"}"#), Trouble::Down(_)));
        assert!(matches!(of(400, r#"{"code":21610,"message":"m"}"#), Trouble::Blocked(_)));
        assert!(matches!(of(400, r#"{"code":21211,"message":"m"}"#), Trouble::Blocked(_)));
        assert!(matches!(of(403, r#"{"code":21408,"message":"m"}"#), Trouble::Refused(_)), "one country, not the channel");
        assert!(matches!(of(400, r#"{"code":30034,"message":"m"}"#), Trouble::Down(_)));
        assert_eq!(of(400, r#"{"code":63016,"message":"m"}"#), Trouble::WindowClosed);
        assert!(matches!(of(502, "<html>"), Trouble::Uncertain(_)));
        assert!(matches!(of(404, "[]"), Trouble::Refused(_)));
        assert_eq!(reason("30006"), "a landline takes no texts (Twilio 30006)");
    }
}
