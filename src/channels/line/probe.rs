//! Whether the account works: its token, its callback as LINE sees it, and what is left of the month.

use super::Line;
use crate::channels::platform::{Probe, Trouble};
use serde_json::Value;

impl Line {
    pub(super) async fn probed(&self) -> Vec<Probe> {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let me =
            self.api.get("v2/bot/info").await.map(|me| format!("{} {}", text(&me, "displayName"), text(&me, "basicId")).trim().to_owned());
        let alive = me.is_ok();
        let mut probes = vec![Probe { what: "line_token", found: me.into(), setting: "Messaging API → Channel access token" }];
        if alive {
            let hook = self.api.get("v2/bot/channel/webhook/endpoint").await;
            let hook = hook.and_then(|hook| match hook.get("active").and_then(Value::as_bool) {
                Some(true) => Ok(text(&hook, "endpoint")),
                _ => Err(Trouble::Down(format!("webhooks are off: {}", text(&hook, "endpoint")))),
            });
            probes.push(Probe {
                what: "line_webhook",
                found: hook.into(),
                setting: "Messaging API → Webhook URL, Use webhook, Webhook redelivery",
            });
            let left = async {
                let quota = self.api.get("v2/bot/message/quota").await?;
                let used = self.api.get("v2/bot/message/quota/consumption").await?;
                let used = used.get("totalUsage").and_then(Value::as_i64).unwrap_or(0);
                match quota.get("value").and_then(Value::as_i64) {
                    Some(most) if used >= most => Err(Trouble::Quota(format!("{used}/{most}"))),
                    Some(most) => Ok(format!("{used}/{most}")),
                    None => Ok(format!("{used}/∞")),
                }
            };
            probes.push(Probe {
                what: "line_quota", found: left.await.into(), setting: "LINE Official Account Manager → Settings → Plan"
            });
        }
        probes
    }
}
