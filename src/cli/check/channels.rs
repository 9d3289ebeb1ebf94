//! Live checks of the platforms: token, rights, address, mailbox, as each connector tries them.

use super::live::Finding::{self, Bad, Good};
use crate::channels::config::ChannelSection;
use crate::channels::{Opening, open};
use crate::config::Config;

/// What each connector tried. A chat window needs nobody else.
pub(super) async fn check(config: &Config, section: &ChannelSection, base: Option<&str>) -> Vec<Finding> {
    // Nothing that a trial says is marked as ours.
    match open(Opening::of(section, &config.folder, base, [0; 32])) {
        Err(error) => vec![Bad(format!("{error:#}"))],
        Ok(None) => Vec::new(),
        Ok(Some(platform)) => platform.probe().await.into_iter().map(found).collect(),
    }
}

fn found(probe: crate::channels::platform::Probe) -> Finding {
    match probe.result {
        Ok(said) => Good(format!("{}: {said}", probe.what)),
        Err(trouble) => Bad(format!("{}: {trouble} ({})", probe.what, probe.setting)),
    }
}
