//! Whether the bot works: its token, and what Viber knows of our address.

use super::Viber;
use super::hear::lacking;
use crate::channels::platform::{Found, Probe, Trouble};
use serde_json::{Value, json};

impl Viber {
    pub(super) async fn probed(&self) -> Vec<Probe> {
        let account = self.api.ask("get_account_info", &json!({})).await;
        let text = |account: &Value, name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let me = account.as_ref().map(|me| text(me, "name")).map_err(Clone::clone);
        let mut probes = vec![Probe { what: "viber_token", found: me.into(), setting: "Settings → Bots → Edit Info → Your app key" }];
        if let (Ok(account), Some(hook)) = (account, &self.hook) {
            let found = match lacking(&account, hook) {
                None => Found::Well(hook.clone()),
                Some(why) => Found::Bad(Trouble::Down(why)),
            };
            probes.push(Probe { what: "viber_webhook", found, setting: "set_webhook: url, event_types (told by `hubline serve`)" });
        }
        probes
    }
}
