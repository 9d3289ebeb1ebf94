//! Overlays, supervision, the wallboard, the knowledge base.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::config::{OverlaySection, QueueOverlaySection};
use std::collections::BTreeMap;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (named(&old.overlays), named(&new.overlays));
    for (id, before, after) in changes.ids("overlay", ("overlay_added", "overlay_removed"), before, after) {
        overlay(&format!("overlay.{id}"), before, after, changes);
    }
    let (before, after) = (&old.supervision, &new.supervision);
    changes.setting("supervision", "announce", Live, before.announce.to_string(), after.announce.to_string());
    changes.setting("supervision", "prompt", Live, before.prompt.to_string(), after.prompt.to_string());
    let (before, after) = (&old.wallboard, &new.wallboard);
    let mut one = |name, old: String, new: String| changes.setting("wallboard", name, Live, old, new);
    one("target", before.target.to_string(), after.target.to_string());
    one("voice_within", before.voice_within.to_string(), after.voice_within.to_string());
    one("text_within", before.text_within.to_string(), after.text_within.to_string());
    one("short_abandon", before.short_abandon.to_string(), after.short_abandon.to_string());
    one("long_wait", before.long_wait.to_string(), after.long_wait.to_string());
    one("long_call", before.long_call.to_string(), after.long_call.to_string());
    one("long_break", before.long_break.to_string(), after.long_break.to_string());
    one("solved_target", before.solved_target.to_string(), after.solved_target.to_string());
    one("repeats_limit", before.repeats_limit.to_string(), after.repeats_limit.to_string());
    one("context_target", before.context_target.to_string(), after.context_target.to_string());
    one("csat_target", before.csat_target.to_string(), after.csat_target.to_string());
    let (before, after) = (&old.knowledge, &new.knowledge);
    let mut one = |name, old: String, new: String| changes.setting("knowledge", name, Live, old, new);
    one("review_by_another", before.review_by_another.to_string(), after.review_by_another.to_string());
    one("remind_before", before.remind_before.to_string(), after.remind_before.to_string());
    one("help_centre", before.help_centre.to_string(), after.help_centre.to_string());
    one("title", shown(before.title.as_ref().map(toml::Spanned::get_ref)), shown(after.title.as_ref().map(toml::Spanned::get_ref)));
}

fn named<T>(things: &BTreeMap<Name, T>) -> BTreeMap<String, &T> {
    things.iter().map(|(name, thing)| (name.get_ref().clone(), thing)).collect()
}

fn overlay(subject: &str, before: &OverlaySection, after: &OverlaySection, changes: &mut Changes) {
    changes.setting(subject, "name", Live, shown(before.name.as_ref()), shown(after.name.as_ref()));
    let (old, new) = (named(&before.queues), named(&after.queues));
    let all: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let none = QueueOverlaySection::default();
    for queue in all {
        let (before, after) = (old.get(queue).copied().unwrap_or(&none), new.get(queue).copied().unwrap_or(&none));
        self::queue(&format!("{subject}.queues.{queue}"), before, after, changes);
    }
    let all = |of: &BTreeMap<Name, Name>| of.iter().map(|(name, to)| format!("{name} → {to}")).collect::<Vec<_>>().join(", ");
    changes.setting(subject, "lines", Live, all(&before.lines), all(&after.lines));
    changes.setting(subject, "channels", Live, all(&before.channels), all(&after.channels));
}

fn queue(subject: &str, before: &QueueOverlaySection, after: &QueueOverlaySection, changes: &mut Changes) {
    changes.setting(subject, "add_agents", Live, list(&before.add_agents), list(&after.add_agents));
    changes.setting(subject, "remove_agents", Live, list(&before.remove_agents), list(&after.remove_agents));
    changes.setting(subject, "priority", Live, shown(before.priority.as_ref()), shown(after.priority.as_ref()));
    changes.setting(subject, "greeting", Live, shown(before.greeting.as_ref()), shown(after.greeting.as_ref()));
    changes.setting(subject, "music", Live, shown(before.music.as_ref()), shown(after.music.as_ref()));
    changes.setting(subject, "hours", Live, shown(before.hours.as_ref()), shown(after.hours.as_ref()));
    changes.setting(subject, "closed_prompt", Live, shown(before.closed_prompt.as_ref()), shown(after.closed_prompt.as_ref()));
    let overflow = |section: &QueueOverlaySection| {
        section.overflow.as_ref().map_or_else(|| "–".to_owned(), |overflow| format!("{} {}", overflow.to, overflow.after))
    };
    changes.setting(subject, "overflow", Live, overflow(before), overflow(after));
    changes.setting(subject, "max_wait", Live, shown(before.max_wait.as_ref()), shown(after.max_wait.as_ref()));
    changes.setting(subject, "wrap_up", Live, shown(before.wrap_up.as_ref()), shown(after.wrap_up.as_ref()));
}
