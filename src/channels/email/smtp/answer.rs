//! What an SMTP server answers, and what to do about it.

use super::super::bounce;
use crate::channels::platform::Trouble;
use std::time::Duration;

/// What most servers that put strangers off ask for.
const PUT_OFF: Duration = Duration::from_secs(300);

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Answer {
    pub code: u16,
    pub lines: Vec<String>,
}

impl Answer {
    pub fn text(&self) -> String {
        let text: String = self.lines.join(" ");
        text.chars().filter(|c| !c.is_control()).take(300).collect()
    }

    pub fn positive(&self) -> Result<(), Trouble> {
        if matches!(self.code / 100, 2 | 3) { Ok(()) } else { Err(self.trouble()) }
    }

    /// The enhanced code (RFC 3463), where there is one.
    fn enhanced(&self) -> &str {
        let first = self.lines.first().and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        let shaped = first.splitn(3, '.').filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).count() == 3;
        if shaped { first } else { "" }
    }

    /// By class, by enhanced code, and by what the providers that matter say in words.
    pub fn trouble(&self) -> Trouble {
        let text = format!("{} {}", self.code, self.text());
        let lower = text.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let enhanced = self.enhanced();
        let quota = enhanced == "5.4.5"
            || says(&[
                "daily user sending",
                "sending limit",
                "submissionquota",
                "quota exceeded for sending",
                "发信超过",
                "daily limit",
                "超出每日",
            ]);
        if quota {
            return Trouble::Quota(text);
        }
        // Who puts strangers off (greylisting) wants minutes, not seconds.
        if self.code / 100 == 4 && says(&["greylist", "graylist", "grey-list", "try again in", "please retry later"]) {
            return Trouble::LaterForThem(PUT_OFF);
        }
        if self.code / 100 == 4 {
            return Trouble::Retry(text);
        }
        // Signing in was not enough, or no more: nothing at all goes out until somebody looks.
        if matches!(self.code, 530 | 534 | 535 | 538) || matches!(enhanced, "5.7.8" | "5.7.9" | "5.7.30" | "5.7.57" | "5.7.139") {
            return Trouble::Down(text);
        }
        if says(&["connection frequency limited", "too many messages", "too many connections", "rate limit"]) {
            return Trouble::Retry(text);
        }
        let gone = bounce::is_gone(enhanced)
            || (self.code == 550
                && says(&[
                    "user unknown",
                    "no such user",
                    "does not exist",
                    "user not found",
                    "mailbox not found",
                    "invalid recipient",
                    "recipient rejected",
                ]));
        if gone {
            return Trouble::Blocked(text);
        }
        Trouble::Refused(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_what_to_do_about_them() {
        let says = |code: u16, line: &str| Answer { code, lines: vec![line.to_owned()] }.trouble();
        assert!(matches!(says(451, "4.7.1 greylisted"), Trouble::LaterForThem(_)));
        assert!(matches!(says(451, "4.3.2 busy"), Trouble::Retry(_)));
        assert!(matches!(says(421, "closing"), Trouble::Retry(_)));
        assert!(matches!(says(550, "5.1.1 <x@y>: user unknown"), Trouble::Blocked(_)));
        assert!(matches!(says(550, "User not found: x@163.com"), Trouble::Blocked(_)));
        assert!(matches!(says(554, "5.7.1 spam"), Trouble::Refused(_)));
        assert!(matches!(says(552, "5.2.2 mailbox full"), Trouble::Refused(_)));
        assert!(matches!(says(535, "5.7.8 bad password"), Trouble::Down(_)));
        assert!(matches!(says(550, "5.7.30 Basic authentication is not supported for Client Submission."), Trouble::Down(_)));
        assert!(matches!(says(550, "5.4.5 Daily user sending limit exceeded"), Trouble::Quota(_)));
        assert!(matches!(says(554, "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"), Trouble::Quota(_)));
        assert!(matches!(says(550, "Connection frequency limited"), Trouble::Retry(_)));
    }
}
