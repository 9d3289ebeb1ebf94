//! What `hubline check --live` tries at an official account or a mini-program, and which setting of the console to look at.

use super::Wechat;
use super::errors::Fault;
use crate::channels::platform::{Approval, Probe, Trouble};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Addresses {
    #[serde(default)]
    ip_list: Vec<String>,
}

#[derive(Deserialize)]
struct QuotaAnswer {
    quota: Option<Quota>,
}

#[derive(Deserialize)]
struct Quota {
    #[serde(default)]
    daily_limit: i64,
    #[serde(default)]
    remain: i64,
}

#[derive(Deserialize)]
struct Checked {
    #[serde(default)]
    dns: Vec<Dns>,
}

#[derive(Deserialize)]
struct Dns {
    #[serde(default)]
    ip: String,
}

impl Wechat {
    pub(super) async fn tried(&self) -> Vec<Probe> {
        let token = self.api.try_token().await;
        let setting = match &token {
            Err(Trouble::Down(why)) if why.starts_with("40164") => "IP白名单",
            Err(Trouble::Down(why)) if why.starts_with("40013") || why.starts_with("41002") => "开发者ID(AppID)",
            _ => "开发者密码(AppSecret)",
        };
        let failed = token.is_err();
        let mut probes = vec![Probe { what: "wechat_token", found: token.map(|()| String::new()).into(), setting }];
        if failed {
            return probes;
        }
        let asked = json!({ "cgi_path": "/cgi-bin/message/custom/send" });
        let quota: Result<QuotaAnswer, Fault> = self.api.look("/cgi-bin/openapi/quota/get", &asked).await;
        let left = quota.map_err(looking).map(|answer| answer.quota.map(|q| format!("{}/{}", q.remain, q.daily_limit)).unwrap_or_default());
        probes.push(Probe {
            what: "wechat_sending", found: left.into(), setting: if self.mini_program { "客服消息" } else { "接口权限" }
        });
        // The platform itself looks up our address and knocks there.
        let all = json!({ "action": "all", "check_operator": "DEFAULT" });
        let checked: Result<Checked, Fault> = self.api.look("/cgi-bin/callback/check", &all).await;
        let found = checked.map_err(looking).and_then(|checked| {
            let ips: Vec<String> = checked.dns.into_iter().map(|dns| dns.ip).collect();
            if ips.is_empty() { Err(Trouble::Down("the platform finds no address of ours".into())) } else { Ok(ips.join(" ")) }
        });
        probes.push(Probe {
            what: "wechat_callback",
            found: found.into(),
            setting: if self.mini_program { "消息推送 → URL(服务器地址)" } else { "服务器配置 → 服务器地址(URL)" },
        });
        let from: Result<Addresses, Fault> = self.api.get("/cgi-bin/getcallbackip", &[]).await;
        let from = from.map_err(looking).map(|answer| answer.ip_list.join(" "));
        probes.push(Probe { what: "wechat_callers", found: from.into(), setting: "服务器配置 → 令牌(Token)" });
        if !self.templates.is_empty() {
            let setting = if self.mini_program { "订阅消息 → 我的模板" } else { "模板消息 → 我的模板" };
            probes.push(Probe { what: "wechat_templates", found: self.templates_there().await.into(), setting });
        }
        probes
    }

    /// Whether the account has each template of the configuration; one that it has not concerns whoever sends that alone.
    async fn templates_there(&self) -> Result<String, Trouble> {
        let all = self.all_templates().await.map_err(only_looked)?;
        let lost: Vec<String> = all
            .iter()
            .filter_map(|template| match &template.state {
                Approval::Unusable(why) => Some(format!("{}: {why}", template.name)),
                _ => None,
            })
            .collect();
        if lost.is_empty() { Ok(format!("{0}/{0}", all.len())) } else { Err(Trouble::Refused(lost.join("; "))) }
    }
}

fn looking(fault: Fault) -> Trouble {
    only_looked(fault.trouble())
}

/// What may not be looked at, or was looked at too often today, says nothing of messages.
fn only_looked(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Quota(why) => Trouble::Refused(why),
        Trouble::Down(why) if why.starts_with("48001") => Trouble::Refused(why),
        trouble => trouble,
    }
}
