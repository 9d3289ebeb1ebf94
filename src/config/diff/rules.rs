//! Rules, and the words of moods.

use super::Effect::Live;
use super::{Changes, list};
use crate::config::Config;
use crate::desk::config::RuleSection;
use std::collections::BTreeMap;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (named(&old.rules), named(&new.rules));
    for (id, before, after) in changes.ids("rule", ("rule_added", "rule_removed"), before, after) {
        let subject = format!("rule.{id}");
        if before.title.get_ref() != after.title.get_ref() {
            changes.live(subject.clone(), "rule_title", vec![("id", id.clone())]);
        }
        changes.setting(&subject, "event", Live, before.when.event.to_string(), after.when.event.to_string());
        changes.setting(&subject, "after", Live, before.when.after.to_string(), after.when.after.to_string());
        changes.setting(&subject, "unless", Live, list(&before.when.unless), list(&after.when.unless));
        let same = |rule: &RuleSection| rule.when.same.as_ref().map(ToString::to_string).unwrap_or_default();
        changes.setting(&subject, "same", Live, same(before), same(after));
        changes.setting(&subject, "again", Live, before.again.to_string(), after.again.to_string());
        changes.setting(&subject, "stop", Live, before.stop.to_string(), after.stop.to_string());
        if before.given != after.given {
            changes.live(subject.clone(), "rule_if", vec![("id", id.clone())]);
        }
        if before.then.get_ref() != after.then.get_ref() {
            let does = |rule: &RuleSection| list(rule.then.get_ref().iter().map(|action| &action.what));
            changes.live(subject, "rule_then", vec![("id", id), ("old", does(before)), ("new", does(after))]);
        }
    }
    let order = |config: &Config| config.rules.iter().map(|rule| rule.id.get_ref().clone()).collect::<Vec<_>>();
    let (mut was, mut is) = (order(old), order(new));
    let (had, has) = (was.clone(), is.clone());
    was.retain(|id| has.contains(id));
    is.retain(|id| had.contains(id));
    if was != is {
        changes.live("rules".into(), "rule_order", vec![("order", list(&has))]);
    }
    changes.setting("moods", "bad", Live, list(&old.moods.bad), list(&new.moods.bad));
    changes.setting("moods", "good", Live, list(&old.moods.good), list(&new.moods.good));
}

fn named(rules: &[RuleSection]) -> BTreeMap<String, &RuleSection> {
    rules.iter().map(|rule| (rule.id.get_ref().clone(), rule)).collect()
}
