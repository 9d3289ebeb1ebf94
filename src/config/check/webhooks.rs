//! Addresses that are told what happens.

use super::platform;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::reach::signed::Key;
use crate::webhooks::config::fits;
use crate::webhooks::event::KINDS;

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    findings.declare("webhook", "[[webhooks]]", config.webhooks.iter().map(|webhook| &webhook.id));
    platform::secrets(config.webhooks.iter().map(|webhook| &webhook.secret), findings);
    for webhook in &config.webhooks {
        platform::address(&webhook.url, findings);
        match webhook.secret.get_ref().reveal(&config.folder) {
            Ok(secret) => {
                if let Err(error) = Key::read(&secret) {
                    findings.error(webhook.secret.span(), error.to_string());
                }
            }
            Err(error) => {
                findings.warning(webhook.secret.span(), format!("the secret of webhook `{}` cannot be had: {error}", webhook.id));
            }
        }
        for wanted in &webhook.events {
            if !KINDS.iter().any(|kind| fits(wanted.get_ref(), kind)) {
                findings.word("event", wanted, &KINDS);
            }
        }
    }
}
