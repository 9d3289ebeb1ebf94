//! From the configuration to the accounts of platforms.

use crate::channels::config::ChannelKind;
use crate::channels::post::Account;
use crate::channels::{Opening, open};
use crate::config::Config;
use crate::desk::id::ChannelId;
use crate::reach::{Abroad, Client};
use anyhow::Context;
use sha2::{Digest, Sha256};

/// The accounts as configured; `base` is where platforms reach us.
pub(super) fn accounts(config: &Config, base: Option<&str>, secret: &[u8; 32]) -> anyhow::Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for section in &config.channels {
        let id = ChannelId::from(section.id.get_ref().as_str());
        let allowed = section.private_networks.iter().map(|network| *network.get_ref()).collect();
        let path = if section.kind == ChannelKind::Sms { format!("sms/{id}/hook") } else { format!("hooks/{id}") };
        let hook = base.map(|base| format!("{base}/{path}"));
        let opening =
            Opening { section, folder: &config.folder, client: Client::new(Abroad { allowed }), secret: *secret, hook: hook.clone() };
        let Some(platform) = open(opening).with_context(|| format!("the channel {id}"))? else { continue };
        let (rate, tries) = section.pace();
        accounts.push(Account { id, platform, rate, tries, most_file: u64::from(*section.max_file_mb.get_ref()) << 20, hook });
    }
    Ok(accounts)
}

/// The name of this house among those that use the same accounts.
pub(super) fn house(secret: &[u8; 32]) -> String {
    let mut digest = Sha256::new_with_prefix(b"pieces ");
    digest.update(secret);
    hex::encode(&digest.finalize()[..4])
}
