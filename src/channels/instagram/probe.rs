//! Whether the account works: its token, and what its app is told.

use super::Instagram;
use super::config::InstagramLogin;
use crate::channels::meta::graph::id;
use crate::channels::platform::{Probe, Trouble};
use serde_json::Value;

impl Instagram {
    pub(super) async fn probed(&self) -> Vec<Probe> {
        let graph = &self.pages.graph;
        let account = self.pages.account.id.clone();
        let (fields, setting) = match self.login {
            InstagramLogin::Instagram => ("fields=user_id,username", "Instagram → API setup with Instagram login → Generate access tokens"),
            InstagramLogin::Page => ("fields=id,username", "Messenger → Instagram settings → Generate access tokens"),
        };
        let asked = async {
            let path = if self.login == InstagramLogin::Instagram { "me" } else { id(&account)? };
            graph.get(path, fields).await
        };
        let me = asked.await.and_then(|me| {
            let part = |name: &str| me.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let its = if part("user_id").is_empty() { part("id") } else { part("user_id") };
            if its == account { Ok(format!("@{}", part("username"))) } else { Err(Trouble::Down(format!("the token is of {its}"))) }
        });
        let alive = me.is_ok();
        let mut probes = vec![Probe { what: "meta_token", found: me.into(), setting }];
        if alive && self.login == InstagramLogin::Instagram {
            let apps = async { graph.get(&format!("{}/subscribed_apps", id(&account)?), "").await };
            let told = apps.await.and_then(|apps| match apps.get("data").and_then(Value::as_array).is_some_and(|apps| !apps.is_empty()) {
                true => Ok("messages".to_owned()),
                false => Err(Trouble::Down("no app is subscribed to this account".into())),
            });
            probes.push(Probe { what: "meta_subscribed", found: told.into(), setting: "Instagram → API setup → Configure webhooks" });
        }
        probes
    }
}
