//! The platform's codes, in the words of what to do. HTTP's status is always 200; the body says how it went.

use crate::channels::platform::Trouble;
use serde::Deserialize;
use std::time::Duration;

/// What every answer may carry; where it is missing, it went well.
#[derive(Debug, Default, Deserialize)]
pub struct Outcome {
    #[serde(default)]
    pub errcode: i64,
    #[serde(default)]
    pub errmsg: String,
}

/// What did not work, with what a connector can do about it by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The access token is not believed any more.
    Token(String),
    /// What was uploaded is not there any more.
    Media(String),
    /// WeCom customer service: the session is in a state in which the API may not send.
    Session(String),
    Trouble(Trouble),
}

impl Fault {
    /// As a trouble, where nothing can be done about it.
    pub fn trouble(self) -> Trouble {
        match self {
            Fault::Token(text) => Trouble::Down(text),
            Fault::Media(text) | Fault::Session(text) => Trouble::Refused(text),
            Fault::Trouble(trouble) => trouble,
        }
    }
}

/// Official accounts and mini-programs.
pub fn of_wechat(code: i64, message: &str) -> Fault {
    let text = text(code, message);
    Fault::Trouble(match code {
        40001 | 40014 | 42001 => return Fault::Token(text),
        40007 => return Fault::Media(text),
        -1 => Trouble::Retry(text),
        45011 => Trouble::RetryAfter(Duration::from_secs(60)),
        45015 | 45047 => Trouble::WindowClosed,
        45009 => Trouble::Quota(text),
        43004 | 43019 | 48002 | 50002 | 50005 => Trouble::Blocked(text),
        40013 | 40125 | 40164 | 40243 | 41004 | 48001 | 48004 | 50001 | 61024 | 89503 => Trouble::Down(text),
        _ => Trouble::Refused(text),
    })
}

/// WeCom: customer service and messages of an application.
pub fn of_wecom(code: i64, message: &str) -> Fault {
    let text = text(code, message);
    Fault::Trouble(match code {
        40014 | 42001 => return Fault::Token(text),
        40007 => return Fault::Media(text),
        95018 => return Fault::Session(text),
        -1 | 6000 => Trouble::Retry(text),
        45009 | 45033 => Trouble::RetryAfter(Duration::from_secs(60)),
        95001 | 95002 | 95013 => Trouble::WindowClosed,
        40096 | 81013 => Trouble::Blocked(text),
        40001 | 40013 | 40091 | 48002 | 60011 | 60020 | 95000 | 95004 | 95011 | 95012 | 95017 => Trouble::Down(text),
        _ => Trouble::Refused(text),
    })
}

/// As its documentation is searched: the code first. Of the message, what helps; it ends with a request id.
fn text(code: i64, message: &str) -> String {
    let message: String = message.chars().take(200).collect();
    format!("{code} {message}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_says_what_to_do() {
        let wechat = |code| of_wechat(code, "why").trouble();
        assert_eq!(of_wechat(42001, "access_token expired"), Fault::Token("42001 access_token expired".into()));
        assert_eq!(of_wechat(40007, ""), Fault::Media("40007".into()));
        assert_eq!(wechat(-1), Trouble::Retry("-1 why".into()));
        assert_eq!(wechat(45015), Trouble::WindowClosed);
        assert_eq!(wechat(45047), Trouble::WindowClosed);
        assert_eq!(wechat(45009), Trouble::Quota("45009 why".into()));
        assert_eq!(wechat(43004), Trouble::Blocked("43004 why".into()));
        assert_eq!(wechat(40003), Trouble::Refused("40003 why".into()));
        assert!(matches!(wechat(45011), Trouble::RetryAfter(_)));
        // The address to be allowed stands in the message.
        let message = "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1";
        assert!(of_wechat(40164, message).trouble().to_string().contains("203.0.113.9"));
        let wecom = |code| of_wecom(code, "why").trouble();
        assert_eq!(of_wecom(95018, "send msg session status invalid"), Fault::Session("95018 send msg session status invalid".into()));
        assert_eq!(wecom(60020), Trouble::Down("60020 why".into()));
        assert_eq!(wecom(95001), Trouble::WindowClosed);
        assert_eq!(wecom(40096), Trouble::Blocked("40096 why".into()));
    }
}
