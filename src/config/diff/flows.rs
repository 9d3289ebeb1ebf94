//! What people meet before and while they wait: flows node by node, holidays, the waiting itself, and who speaks.

use super::Changes;
use super::Effect::Live;
use super::routes::{by, holidays};
use super::{list, shown};
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::config::{FlowSection, WaitingSection};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let named = |config: &Config| -> BTreeMap<String, FlowSection> {
        config.flows.iter().map(|(id, flow)| (id.get_ref().clone(), flow.clone())).collect()
    };
    let (before, after) = (named(old), named(new));
    let flows = changes.ids("flow", ("flow_added", "flow_removed"), before.iter().map(owned).collect(), after.iter().map(owned).collect());
    for (id, before, after) in flows {
        flow(&id, before, after, changes);
    }
    let lists = changes.ids(
        "holiday_list",
        ("holiday_list_added", "holiday_list_removed"),
        by(&old.holiday_lists, |list| &list.id),
        by(&new.holiday_lists, |list| &list.id),
    );
    for (id, before, after) in lists {
        let subject = format!("holiday_list.{id}");
        changes.setting(&subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
        changes.setting(&subject, "days", Live, holidays(&before.days), holidays(&after.days));
    }
    speech(old, new, changes);
}

fn owned<'f>((id, flow): (&String, &'f FlowSection)) -> (String, &'f FlowSection) {
    (id.clone(), flow)
}

/// A node has too many keys for a sentence each: which nodes came, went or are different says enough.
fn flow(id: &str, before: &FlowSection, after: &FlowSection, changes: &mut Changes) {
    let subject = format!("flow.{id}");
    changes.setting(&subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
    changes.setting(&subject, "start", Live, shown(before.start.as_ref()), shown(after.start.as_ref()));
    let nodes: BTreeSet<&Name> = before.nodes.keys().chain(after.nodes.keys()).collect();
    let touched: Vec<&Name> = nodes.into_iter().filter(|name| before.nodes.get(*name) != after.nodes.get(*name)).collect();
    if !touched.is_empty() {
        changes.live(subject, "flow_changed", vec![("id", id.to_owned()), ("nodes", list(touched))]);
    }
}

pub(super) fn waiting(subject: &str, before: &WaitingSection, after: &WaitingSection, changes: &mut Changes) {
    let yes = |said: Option<bool>| said.unwrap_or(true).to_string();
    let keys = |waiting: &WaitingSection| list(waiting.keys.iter().map(|(key, to)| format!("{key} > {to}")));
    let every =
        |waiting: &WaitingSection| waiting.comfort_every.as_ref().map_or_else(|| "60s".to_owned(), |every| every.get_ref().to_string());
    changes.setting(subject, "announce", Live, before.announce.to_string(), after.announce.to_string());
    changes.setting(subject, "position", Live, yes(before.position), yes(after.position));
    changes.setting(subject, "estimate", Live, yes(before.estimate), yes(after.estimate));
    changes.setting(subject, "comfort", Live, shown(before.comfort.as_ref()), shown(after.comfort.as_ref()));
    changes.setting(subject, "comfort_every", Live, every(before), every(after));
    changes.setting(subject, "keys", Live, keys(before), keys(after));
    changes.setting(subject, "keys_prompt", Live, shown(before.keys_prompt.as_ref()), shown(after.keys_prompt.as_ref()));
    changes.setting(subject, "max_length", Live, before.max_length.to_string(), after.max_length.to_string());
    changes.setting(subject, "when_full", Live, shown(before.when_full.as_ref()), shown(after.when_full.as_ref()));
    changes.setting(subject, "when_late", Live, shown(before.when_late.as_ref()), shown(after.when_late.as_ref()));
    changes.setting(subject, "when_closed", Live, shown(before.when_closed.as_ref()), shown(after.when_closed.as_ref()));
    changes.setting(subject, "when_holiday", Live, shown(before.when_holiday.as_ref()), shown(after.when_holiday.as_ref()));
    changes.setting(subject, "holiday_prompt", Live, shown(before.holiday_prompt.as_ref()), shown(after.holiday_prompt.as_ref()));
}

fn speech(old: &Config, new: &Config, changes: &mut Changes) {
    let who = |config: &Config| {
        let speech = config.speech.as_ref();
        let program = speech.map(|speech| list(&speech.command)).filter(|program| program != "–");
        program.or_else(|| Some(speech?.url.as_ref()?.to_string())).unwrap_or_else(|| "–".into())
    };
    let voices = |config: &Config| {
        list(config.speech.iter().flat_map(|speech| speech.voices.iter().map(|(language, voice)| format!("{language} {voice}"))))
    };
    let timeout = |config: &Config| shown(config.speech.as_ref().and_then(|speech| speech.timeout.as_ref()).map(toml::Spanned::get_ref));
    changes.setting("speech", "by", Live, who(old), who(new));
    changes.setting("speech", "voices", Live, voices(old), voices(new));
    changes.setting("speech", "timeout", Live, timeout(old), timeout(new));
}
