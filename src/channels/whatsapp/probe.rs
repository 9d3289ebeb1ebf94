//! Whether the number works: its token, its own state, what its app is told, its templates.

use super::Whatsapp;
use crate::channels::meta::graph::id;
use crate::channels::platform::{Approval, Probe, Trouble};
use serde_json::Value;

impl Whatsapp {
    pub(super) async fn probed(&self) -> Vec<Probe> {
        let number =
            async { self.graph.get(id(&self.phone_number_id)?, "fields=display_phone_number,verified_name,quality_rating,status").await };
        let number = number.await.and_then(|number| {
            let part = |name: &str| number.get(name).and_then(Value::as_str).unwrap_or_default();
            let told = format!("{} {} {}", part("display_phone_number"), part("verified_name"), part("quality_rating")).trim().to_owned();
            match part("status") {
                "" | "CONNECTED" => Ok(told),
                // Messages go on: of low quality, too many new ones today.
                status @ ("FLAGGED" | "RESTRICTED" | "RATE_LIMITED") => Err(Trouble::Refused(format!("{told}: {status}"))),
                status => Err(Trouble::Down(format!("{told}: {status}"))),
            }
        });
        let alive = matches!(number, Ok(_) | Err(Trouble::Refused(_)));
        let mut probes =
            vec![Probe { what: "meta_token", found: number.into(), setting: "Business settings → System users → Generate token" }];
        if alive {
            let apps = async { self.graph.get(&format!("{}/subscribed_apps", id(&self.business_account_id)?), "").await };
            let told = apps.await.and_then(|apps| match apps.get("data").and_then(Value::as_array).map_or(0, Vec::len) {
                0 => Err(Trouble::Down("no app is subscribed to this account".into())),
                apps => Ok(apps.to_string()),
            });
            probes.push(Probe {
                what: "meta_subscribed",
                found: told.into(),
                setting: "WhatsApp → Configuration → Webhook → Webhook fields: messages",
            });
            let templates = self.listed().await.map(|templates| {
                let approved = templates.iter().filter(|template| template.state == Approval::Approved).count();
                format!("{approved}/{}", templates.len())
            });
            probes.push(Probe { what: "whatsapp_templates", found: templates.into(), setting: "WhatsApp Manager → Message templates" });
        }
        probes
    }
}
