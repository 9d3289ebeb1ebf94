//! From the configuration to the relay that browsers may use.

use crate::auth::Relays;
use crate::config::Config;
use anyhow::Context;

/// The firm's relay; `None` where it has none.
pub(super) fn relays(config: &Config) -> anyhow::Result<Option<Relays>> {
    let media = &config.media;
    let Some(secret) = media.turn_secret.as_ref().filter(|_| !media.turn.is_empty()) else { return Ok(None) };
    let secret = secret.get_ref().reveal(&config.folder).context("media.turn_secret")?;
    Ok(Some(Relays::new(media.turn.iter().map(|url| url.get_ref().clone()).collect(), secret)))
}
