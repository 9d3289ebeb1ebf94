//! From the configuration to the accounts of platforms.

use crate::channels::config::ChannelKind;
use crate::channels::post::Account;
use crate::channels::reached::Mark;
use crate::channels::{Opening, open};
use crate::config::Config;
use crate::desk::id::ChannelId;
use anyhow::Context;
use sha2::{Digest, Sha256};

/// The channels that are platforms: all but the chat window, which has wires of its own.
pub(super) fn names(config: &Config) -> Vec<ChannelId> {
    let platforms = config.channels.iter().filter(|section| section.kind != ChannelKind::Webchat);
    platforms.map(|section| ChannelId::from(section.id.get_ref().as_str())).collect()
}

/// The accounts as configured; `base` is where platforms reach us.
pub(super) fn accounts(config: &Config, base: Option<&str>, secret: &[u8; 32]) -> anyhow::Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for section in &config.channels {
        let id = ChannelId::from(section.id.get_ref().as_str());
        let opening = Opening::of(section, &config.folder, base, *secret);
        let hook = opening.hook.clone();
        let Some(platform) = open(opening).with_context(|| format!("the channel {id}"))? else { continue };
        let (rate, tries) = section.pace();
        let (most_file, mark) = (u64::from(section.most_file_mb()) << 20, Mark::of(secret));
        accounts.push(Account { id, platform, rate, tries, most_file, hook, mark });
    }
    Ok(accounts)
}

/// The name of this house among those that use the same accounts.
pub(super) fn house(secret: &[u8; 32]) -> String {
    let mut digest = Sha256::new_with_prefix(b"pieces ");
    digest.update(secret);
    hex::encode(&digest.finalize()[..4])
}
