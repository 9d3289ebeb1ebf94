//! From the configuration to what flows need outside the desk: whom lookups ask, and who speaks texts.

use crate::config::Loaded;
use crate::desk::id::FlowId;
use crate::lookup::{Ask, Asks};
use crate::speech::Speech;
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;

/// Unless the node says otherwise.
const LOOKUP: Duration = Duration::from_secs(2);

/// Where each lookup node asks.
pub(super) fn asks(loaded: &Loaded) -> Asks {
    let config = &loaded.config;
    let nodes = config.flows.iter().flat_map(|(flow, section)| section.nodes.iter().map(move |(name, node)| (flow, name, node)));
    let asks = nodes.filter_map(|(flow, name, node)| {
        let ask = Ask {
            url: node.url.as_ref()?.get_ref().parse().ok()?,
            secret: node.secret.as_ref().map(|secret| (secret.get_ref().clone(), config.folder.clone())),
            send: node.send.iter().map(|name| name.get_ref().clone()).collect(),
            timeout: node.timeout.as_ref().map_or(LOOKUP, |timeout| timeout.get_ref().duration()),
        };
        Some(((FlowId::from(flow.get_ref().as_str()), name.get_ref().clone()), Arc::new(ask)))
    });
    asks.collect()
}

/// Who speaks, set to work on everything that flows are known to say.
pub(super) fn speech(loaded: &Loaded, store: &Store) -> Speech {
    let speech = Speech::new(loaded.config.speech.as_ref(), store.data().join("speech"));
    if loaded.config.speech.is_some() {
        let texts = texts(loaded);
        let speech = speech.clone();
        tokio::spawn(async move { speech.prepare(texts).await });
    }
    speech
}

/// Language and text of everything without variables for which there is no recording.
fn texts(loaded: &Loaded) -> Vec<(String, String)> {
    let words = loaded.catalog.flows.values().flat_map(|flow| flow.nodes.values()).flat_map(|node| node.words());
    let unrecorded = words.filter(|words| words.prompts.is_empty());
    let spoken = unrecorded.flat_map(|words| words.texts.iter()).filter(|(_, text)| !text.contains('{'));
    let house = loaded.config.site.language.get_ref();
    spoken.map(|(language, text)| (if language.is_empty() { house.clone() } else { language.clone() }, text.clone())).collect()
}
