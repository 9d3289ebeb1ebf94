//! Messages of an application to members of staff (应用消息): alerts. The platform takes a message although some of its receivers do not exist,
//! and silently drops what one member gets too much of; both are told here.

use super::config::StaffSection;
use crate::channels::platform::Trouble;
use crate::channels::wechat::Unopened;
use crate::channels::wechat::api::{Api, AskToken};
use crate::channels::wechat::errors::Fault;
use crate::channels::wechat::send::clean;
use crate::clock::Clock;
use crate::desk::id::At;
use crate::reach::Client;
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const SEND: &str = "/cgi-bin/message/send";
/// Longest text, bytes.
const LONGEST: usize = 2_048;
/// The platform drops what is more than 30 messages a minute to one member without saying so; we stop before.
const PER_MINUTE: usize = 20;
/// The same text within this time, s, is one message.
const DUPLICATE_S: u32 = 1_800;

/// An application that may write to members.
pub struct Staff {
    api: Api,
    clock: Clock,
    agent_id: u64,
    to: Vec<String>,
    sent: Mutex<VecDeque<At>>,
}

/// Who was not reached, by their names there; nobody: all were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missed {
    /// 账号 that do not exist or may not see the application (应用可见范围).
    pub unknown: Vec<String>,
    /// Members without a licence.
    pub unlicensed: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    invaliduser: String,
    #[serde(default)]
    unlicenseduser: String,
}

impl Staff {
    pub fn open(section: &StaffSection, folder: &Path, client: Client, clock: Clock) -> Result<Staff, Unopened> {
        let secret = section.secret.get_ref().reveal(folder).map_err(|error| Unopened::Secret("secret", error))?;
        let corp_id = section.corp_id.get_ref().clone();
        Ok(Staff {
            api: Api::new(client, section.base_url.get_ref(), AskToken::Corp { corp_id, secret }),
            clock,
            agent_id: section.agent_id,
            to: section.to.iter().map(|to| to.get_ref().clone()).collect(),
            sent: Mutex::default(),
        })
    }

    /// Tells all members of the list. `Ok` says whom it did not reach; an error, that it reached nobody.
    pub async fn alert(&self, text: &str) -> Result<Missed, Trouble> {
        self.is_few()?;
        let text = clean(text);
        let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let body = json!({
            "touser": self.to.join("|"), "msgtype": "text", "agentid": self.agent_id, "text": { "content": &text[..end] }, "safe": 0,
            "enable_duplicate_check": 1, "duplicate_check_interval": DUPLICATE_S,
        });
        let answer: Answer = self.api.post(SEND, &body).await.map_err(Fault::trouble)?;
        let names = |list: String| list.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Ok(Missed { unknown: names(answer.invaliduser), unlicensed: names(answer.unlicenseduser) })
    }

    fn is_few(&self) -> Result<(), Trouble> {
        let now = self.clock.now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        while sent.front().is_some_and(|at| now.since(*at) >= 60_000) {
            sent.pop_front();
        }
        if sent.len() >= PER_MINUTE {
            return Err(Trouble::Quota(format!("{PER_MINUTE} messages a minute")));
        }
        sent.push_back(now);
        Ok(())
    }
}
