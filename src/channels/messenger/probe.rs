//! Whether the page works: its token, and what its app is told.

use super::Messenger;
use crate::channels::meta::graph::id;
use crate::channels::platform::{Probe, Trouble};
use serde_json::Value;

/// What the app must have subscribed to, as the console names it.
const FIELDS: [&str; 5] = ["messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes"];

impl Messenger {
    pub(super) async fn probed(&self) -> Vec<Probe> {
        let graph = &self.pages.graph;
        let me = graph.get("me", "fields=id,name").await.and_then(|me| {
            let part = |name: &str| me.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            match part("id") == self.pages.account.id {
                true => Ok(part("name")),
                false => Err(Trouble::Down(format!("the token is of {} ({})", part("name"), part("id")))),
            }
        });
        let alive = me.is_ok();
        let mut probes =
            vec![Probe {
                what: "meta_token", found: me.into(), setting: "Messenger → Messenger API Settings → Generate access tokens"
            }];
        if alive {
            let apps = async { graph.get(&format!("{}/subscribed_apps", id(&self.pages.account.id)?), "").await };
            let told = apps.await.and_then(|apps| subscribed(&apps));
            probes.push(Probe {
                what: "meta_subscribed",
                found: told.into(),
                setting: "Messenger → Messenger API Settings → Configure webhooks → Webhook fields",
            });
        }
        probes
    }
}

fn subscribed(apps: &Value) -> Result<String, Trouble> {
    let fields = |app: &Value| -> Vec<String> {
        let fields = app.get("subscribed_fields").and_then(Value::as_array).into_iter().flatten();
        fields.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let all: Vec<String> = apps.get("data").and_then(Value::as_array).into_iter().flatten().flat_map(fields).collect();
    let missing: Vec<&str> = FIELDS.into_iter().filter(|field| !all.iter().any(|known| known == field)).collect();
    let told = || format!("missing: {}", missing.join(", "));
    match missing.first() {
        None => Ok(FIELDS.join(", ")),
        // Nothing is heard at all.
        Some(&"messages") => Err(Trouble::Down(told())),
        Some(_) => Err(Trouble::Refused(told())),
    }
}
