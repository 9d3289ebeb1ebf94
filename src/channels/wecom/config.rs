//! `[channels.wecom]`: one account of WeCom customer service (企业微信 → 微信客服).

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One customer service account (客服账号); the names in brackets are the console's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WecomSection {
    /// 企业ID of 我的企业 → 企业信息.
    pub corp_id: Name,
    /// Secret of the application that may call the interface (微信客服 → 可调用接口的应用): `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// Token of its 接收消息服务器.
    pub token: Spanned<Secret>,
    /// EncodingAESKey of its 接收消息服务器, 43 characters.
    pub aes_key: Spanned<Secret>,
    /// The former EncodingAESKey while the console still uses it. Default: none.
    pub previous_aes_key: Option<Spanned<Secret>>,
    /// 客服账号ID, begins with `wk`. Several accounts are several channels; they may share one application and its callback address.
    pub open_kfid: Name,
    /// A name for the Open Platform account (微信开放平台) to which WeCom is bound: customers are then known by their unionid, as in official
    /// accounts with the same name. Default: none.
    #[serde(default)]
    pub open_account: String,
    /// Sent to customers who open the talk, where the console has no 欢迎语 of its own. Default: none.
    pub welcome: Option<String>,
    /// Asked so often without having been called, for calls that were lost, 1m to 1h. Default: 3m.
    #[serde(default = "poll_every")]
    pub poll_every: Spanned<Period>,
    /// Where the platform is reached. Default: `https://qyapi.weixin.qq.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Customers may be written to for this long after they wrote. Default: 48h.
    #[serde(default = "window")]
    pub window: Period,
    /// So often in this time, 1 to 100. Default: 5.
    #[serde(default = "messages")]
    pub window_messages: Spanned<u32>,
    /// Longest text of one message, bytes, 100 to 20000. Default: 2048.
    #[serde(default = "max_bytes")]
    pub max_bytes: Spanned<usize>,
}

/// `[alerts]`: who is told when a channel does not work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertsSection {
    /// Told when it has not worked for so long. Default: 1m.
    pub after: Period,
    /// Members of staff, by an application of WeCom. Default: nobody.
    pub wecom: Option<StaffSection>,
}

impl Default for AlertsSection {
    fn default() -> AlertsSection {
        AlertsSection { after: Period::from_secs(60), wecom: None }
    }
}

/// `[alerts.wecom]`: members of staff are told by messages of an application (企业微信 → 应用管理 → 自建应用).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffSection {
    /// 企业ID.
    pub corp_id: Name,
    /// Secret of the application.
    pub secret: Spanned<Secret>,
    /// AgentId of the application.
    pub agent_id: u64,
    /// Who is told: 账号 of members.
    pub to: Vec<Name>,
    /// Where the platform is reached. Default: `https://qyapi.weixin.qq.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://qyapi.weixin.qq.com".to_owned())
}

fn poll_every() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(180))
}

fn window() -> Period {
    Period::from_secs(48 * 3_600)
}

fn messages() -> Spanned<u32> {
    Spanned::new(0..0, 5)
}

fn max_bytes() -> Spanned<usize> {
    Spanned::new(0..0, 2_048)
}
