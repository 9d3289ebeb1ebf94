//! `[outages]` as the desk works with it: what customers are told, in each language.

use super::super::words::say;
use super::super::{Config, LANGUAGES};
use crate::desk::config::Place;
use crate::desk::id::ChannelId;
use crate::desk::outage::OutageRules;
use std::collections::BTreeMap;

pub(super) fn resolve(config: &Config) -> OutageRules {
    let section = &config.outages;
    let at = |place: Place| section.announce.contains(&place);
    let site = |text: String| text.replace("{site}", &config.site.name);
    OutageRules {
        announces: !section.announce.is_empty(),
        after_ms: section.after.millis(),
        windows: at(Place::Windows),
        help: at(Place::Help),
        prompt: at(Place::Calls).then(|| section.prompt.get_ref().clone()),
        customers: at(Place::Customers),
        texts: LANGUAGES.iter().map(|language| ((*language).to_owned(), site(say(language, "cli.outage.customer", &[])))).collect(),
        names: names(config),
    }
}

/// By which names customers know the channels, in each language.
fn names(config: &Config) -> BTreeMap<ChannelId, BTreeMap<String, String>> {
    let given = |id: &str| config.outages.names.iter().find(|(known, _)| known.get_ref() == id).map(|(_, name)| name.clone());
    let one = |section: &crate::channels::config::ChannelSection| {
        let id = section.id.get_ref();
        let name = |language: &str| given(id).unwrap_or_else(|| say(language, &format!("channels.name.{}", section.kind.as_str()), &[]));
        (ChannelId::from(id.as_str()), LANGUAGES.iter().map(|language| ((*language).to_owned(), name(language))).collect())
    };
    config.channels.iter().map(one).collect()
}
