//! What the small firm asks its customers, for those scenarios that want it.

use super::super::catalog::Catalog;
use super::super::id::*;
use super::super::survey::{CALLS, LowSpec, LowTicket, RATING, Scale, SurveySpec, plain};

/// `rating`: the window alone, after each chat. Else: calls, texts and letters; a low score opens a ticket; the chat that is asked by `nps`.
pub fn with(mut catalog: Catalog, more: &[&str]) -> Catalog {
    let channels = |names: &[&str]| names.iter().map(|name| ChannelId::from(*name)).collect();
    let rating = SurveySpec { once_ms: 0, channels: channels(&["web"]), keys: false, link: false, ..plain(RATING.into(), Scale::Csat) };
    let ticket = LowTicket { priority: Some(1), ..LowTicket::default() };
    let low = Some(LowSpec { upto: 2, ticket: Some(ticket) });
    let after = SurveySpec { channels: channels(&["texts", "mail", CALLS]), low, ..plain("after".into(), Scale::Csat) };
    let nps = SurveySpec { channels: channels(&[CALLS]), prompt: "survey-nps".into(), ..plain("nps".into(), Scale::Nps) };
    catalog.surveys = match more {
        ["rating"] => vec![rating],
        ["nps"] => vec![nps],
        _ => vec![after, rating],
    };
    catalog
}
