//! The way to a customer: which of their identities can be written to through which channel now, and which of these is the best.

use crate::desk::Desk;
use crate::desk::card::{Card, spelt};
use crate::desk::catalog::ChannelSpec;
use crate::desk::fact::Unsent;
use crate::desk::id::*;
use crate::desk::input::{Ask, Body, Extra, Mail, Reach, Wording};
use crate::desk::person::Identity;
use crate::desk::traits::Traits;
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::window::Measure;
use std::cmp::Reverse;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub channel: ChannelId,
    pub identity: Identity,
    pub body: Body,
}

pub(super) enum NoWay {
    /// The reason of the way that came nearest.
    Never(Unsent),
    /// There are ways, but the channels do not work.
    Down,
}

impl Desk {
    /// Last used first, then in the order of the configuration; with a wish, in its order. Never again where it did not arrive.
    pub(super) fn best_way(&self, ask: &Ask, tried: &[(ChannelId, Identity)]) -> Result<Chosen, NoWay> {
        let mut ways: Vec<(&Reach, &ChannelSpec)> =
            ask.to.ways.iter().flat_map(|way| self.channels_of(way).map(move |c| (way, c))).collect();
        ways.retain(|(way, channel)| {
            let wanted = ask.channels.is_empty() || ask.channels.contains(&channel.id);
            wanted && ask.outage.as_ref() != Some(&channel.id) && !tried.iter().any(|(id, who)| *id == channel.id && *who == way.identity)
        });
        let place = |list: &[ChannelId], channel: &ChannelSpec| list.iter().position(|id| *id == channel.id).unwrap_or(list.len());
        ways.sort_by_key(|(way, channel)| {
            let used = way.used_at.filter(|_| way.channel.as_ref() == Some(&channel.id));
            let order = &self.catalog.proactive.channels;
            (place(&ask.channels, channel), Reverse(used), place(order, channel), channel.id.clone(), way.identity.clone())
        });
        let (mut nearest, mut down) = (Unsent::NoWay, false);
        for (way, channel) in ways {
            match self.body_for(ask, way, channel) {
                Err(why) => nearest = nearest.max(why),
                Ok(_) if self.outages.contains_key(&channel.id) => down = true,
                Ok(body) => return Ok(Chosen { channel: channel.id.clone(), identity: way.identity.clone(), body }),
            }
        }
        Err(if down { NoWay::Down } else { NoWay::Never(nearest) })
    }

    /// Where it was used, and where it may be used without.
    fn channels_of<'a>(&'a self, way: &'a Reach) -> impl Iterator<Item = &'a ChannelSpec> {
        self.catalog.channels.values().filter(move |channel| match &way.channel {
            _ if channel.kind == VOICEMAIL => false,
            Some(used) => *used == channel.id,
            None => channel.traits.first == Some(way.identity.kind.as_str()) && way.identity.namespace.is_empty(),
        })
    }

    fn body_for(&self, ask: &Ask, way: &Reach, channel: &ChannelSpec) -> Result<Body, Unsent> {
        let known = self.chats.get(&(channel.id.clone(), way.identity.clone())).and_then(|id| self.conversations.get(id));
        if way.opted_out || known.is_some_and(|c| c.job.opted_out) {
            return Err(Unsent::OptedOut);
        }
        if way.unreachable.is_some() || known.is_some_and(|c| c.job.unreachable.is_some()) {
            return Err(Unsent::Unreachable);
        }
        // A window on a page that nobody has open shows nothing to anybody.
        if channel.traits.open_page && !known.is_some_and(|c| c.left_at.is_none() && c.resolved.is_none()) {
            return Err(Unsent::Unreachable);
        }
        let measure = match known {
            Some(c) if c.heard_at >= way.heard_at => c.measure(),
            _ => Measure { at: way.heard_at, answers: way.answers, narrow: way.narrow },
        };
        let traits = &channel.traits;
        let closed = measure.standing(traits.window, self.now).closed;
        let templates = ask.template.as_ref().filter(|_| traits.templates);
        let empty = ask.text.is_empty() && ask.card.is_none();
        if closed || traits.text.parts == 0 || empty {
            return templates.map(|wording| worded(&ask.text, wording)).ok_or(if closed { Unsent::WindowClosed } else { Unsent::NoWay });
        }
        let body = match &ask.card {
            Some(card) => carried(card, traits).ok_or(Unsent::TooLong)?,
            None => Body::text(ask.text.clone()),
        };
        if traits.text.pieces(&spelt(traits, &body).0).is_none() {
            return Err(Unsent::TooLong);
        }
        let letter = Mail { subject: ask.subject.clone(), automatic: true, ..Mail::default() };
        let extra = if traits.threads { Some(Extra::Mail(Box::new(letter))) } else { body.extra };
        Ok(Body { extra, ..Body::text(body.text) })
    }
}

/// As the platform shows it; as words where its buttons or its cards are too small for it.
fn carried(card: &Card, traits: &Traits) -> Option<Body> {
    card.body(traits).ok().or_else(|| {
        let plain = Traits::words(traits.text);
        let body = card.body(&plain).ok()?;
        Some(Body::text(spelt(&plain, &body).0))
    })
}

/// The platform puts the variables in; the story shows the text, or what it is made of.
fn worded(text: &str, wording: &Wording) -> Body {
    let Wording { name, language, variables } = wording.clone();
    let shown = if text.is_empty() { format!("{name}: {}", variables.join(", ")) } else { text.to_owned() };
    Body { extra: Some(Extra::Template { name, language, variables }), ..Body::text(shown) }
}
