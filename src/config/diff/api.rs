//! Programs that ask us, what is sent of our own accord, and what customers are told of channels that do not work.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::desk::config::OutagesSection;
use crate::web::api::config::{Scope, TokenSection};
use std::collections::BTreeMap;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.proactive, &new.proactive);
    changes.setting("proactive", "quiet", Live, shown(before.quiet.as_ref()), shown(after.quiet.as_ref()));
    changes.setting("proactive", "offer_every", Live, before.offer_every.to_string(), after.offer_every.to_string());
    changes.setting("proactive", "channels", Live, list(&before.channels), list(&after.channels));
    let (before, after) = (&old.outages, &new.outages);
    changes.setting("outages", "announce", Live, list(&before.announce), list(&after.announce));
    changes.setting("outages", "after", Live, before.after.to_string(), after.after.to_string());
    changes.setting("outages", "prompt", Live, before.prompt.to_string(), after.prompt.to_string());
    let names = |section: &OutagesSection| list(section.names.iter().map(|(channel, name)| format!("{channel}={name}")));
    changes.setting("outages", "names", Live, names(before), names(after));
    changes.setting("api", "rate", Live, old.api.rate.to_string(), new.api.rate.to_string());
    let (before, after) = (named(&old.api.tokens), named(&new.api.tokens));
    for (name, before, after) in changes.ids("token", ("token_added", "token_removed"), before, after) {
        let subject = format!("token.{name}");
        let scopes = |token: &TokenSection| list(token.scopes.iter().copied().map(Scope::word));
        changes.setting(&subject, "scopes", Live, scopes(before), scopes(after));
        changes.secrets(&subject, &[("secret", before.secret.get_ref() != after.secret.get_ref())]);
    }
}

fn named(tokens: &[TokenSection]) -> BTreeMap<String, &TokenSection> {
    tokens.iter().map(|token| (token.name.get_ref().clone(), token)).collect()
}
