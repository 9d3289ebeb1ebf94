//! What `hubline check --live` tries at a customer service account, and which setting of the console to look at.

use super::Wecom;
use crate::channels::platform::{Probe, Trouble};
use crate::channels::wechat::errors::Fault;
use serde::Deserialize;

#[derive(Deserialize)]
struct Accounts {
    #[serde(default)]
    account_list: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    open_kfid: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Addresses {
    #[serde(default)]
    ip_list: Vec<String>,
}

impl Wecom {
    pub(super) async fn tried(&self) -> Vec<Probe> {
        let token = self.api.try_token().await;
        let failed = token.is_err();
        let setting = match &token {
            Err(Trouble::Down(why)) if why.starts_with("40013") => "我的企业 → 企业信息 → 企业ID",
            _ => "应用管理 → Secret",
        };
        let mut probes = vec![Probe { what: "wecom_token", found: token.map(|()| String::new()).into(), setting }];
        if failed {
            return probes;
        }
        // The first request that the list of trusted addresses is held against.
        let accounts: Result<Accounts, Fault> = self.api.get("/cgi-bin/kf/account/list", &[]).await;
        let found = accounts.map_err(Fault::trouble).and_then(|accounts| {
            let mine = accounts.account_list.into_iter().find(|account| account.open_kfid == self.open_kfid);
            mine.map(|account| account.name)
                .ok_or_else(|| Trouble::Down(format!("{} is not among the accounts of the application", self.open_kfid)))
        });
        let setting = match &found {
            Err(Trouble::Down(why)) if why.starts_with("60020") => "应用管理 → 企业可信IP",
            _ => "微信客服 → 可调用接口的应用",
        };
        probes.push(Probe { what: "wecom_account", found: found.into(), setting });
        let from: Result<Addresses, Fault> = self.api.get("/cgi-bin/getcallbackip", &[]).await;
        let from = from.map_err(Fault::trouble).map(|answer| answer.ip_list.join(" "));
        probes.push(Probe {
            what: "wecom_callers", found: from.into(), setting: "接收消息服务器配置 → URL, Token, EncodingAESKey"
        });
        probes
    }
}
