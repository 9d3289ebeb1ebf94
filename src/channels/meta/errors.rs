//! Refusals of the Graph API. Branches by code and subcode, never by the message, which changes.

use crate::channels::platform::Trouble;
use http::StatusCode;
use serde::Deserialize;
use std::time::Duration;

/// Longest explanation that is passed on, characters.
const LONGEST: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Said,
}

/// One refusal; also the form in which WhatsApp's receipts tell theirs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::channels) struct Said {
    pub code: i64,
    pub error_subcode: i64,
    pub message: String,
    pub title: String,
    pub error_data: Data,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::channels) struct Data {
    pub details: String,
}

impl Said {
    pub(in crate::channels) fn read(body: &[u8]) -> Said {
        serde_json::from_slice::<Body>(body).map(|body| body.error).unwrap_or_default()
    }

    /// For whoever has to mend it: code and words of Meta's.
    pub(in crate::channels) fn why(&self) -> String {
        let words = [&self.error_data.details, &self.title, &self.message].into_iter().find(|words| !words.is_empty());
        let words: String = words.into_iter().flat_map(|words| words.chars()).filter(|c| !c.is_control()).take(LONGEST).collect();
        match self.error_subcode {
            0 => format!("{} {words}", self.code).trim_end().to_owned(),
            subcode => format!("{}/{subcode} {words}", self.code).trim_end().to_owned(),
        }
    }
}

/// What is the same on all of Meta's platforms.
pub(in crate::channels) fn common(status: StatusCode, said: &Said, retry_after: Option<Duration>) -> Trouble {
    let why = if said.code == 0 && said.message.is_empty() { format!("status {}", status.as_u16()) } else { said.why() };
    match (said.code, status.as_u16()) {
        // Without a word of the Graph API's, something in between has answered.
        (0, 502 | 504) if said.message.is_empty() => Trouble::Uncertain(why),
        (0, 500..=599) if said.message.is_empty() => Trouble::Retry(why),
        (190 | 102 | 10 | 200..=299 | 368, _) | (_, 401) => Trouble::Down(why),
        (0, _) if status == StatusCode::FORBIDDEN || !said.message.is_empty() => Trouble::Down(why),
        (4 | 17 | 32 | 613 | 80_000..=80_014, _) | (_, 429) => retry_after.map_or(Trouble::Retry(why), Trouble::RetryAfter),
        (1 | 2 | 1_200, _) | (_, 500..=599) => Trouble::Retry(why),
        _ => Trouble::Refused(why),
    }
}
