//! Desk phones that register: their contacts outlive a restart, and the desk hears whether an agent's phone can be rung.

use super::Shared;
use crate::desk::id::{AgentId, At};
use crate::desk::input::{Device, Input, SourceHeard};
use crate::sip::{Account, Ban, Contact, PhoneNews, Transport};
use crate::store::phones::{self, BanRow, PhoneRow};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// What the desk was told of each agent's phones.
#[derive(Default)]
pub(super) struct Phones {
    told: Mutex<BTreeMap<AgentId, bool>>,
}

/// Lets these phones in, and takes over where the last process knew them to be. Each is asked at once whether it is still there.
pub(super) async fn begin(shared: &Shared, accounts: Vec<Account>) {
    let now = shared.clock.now();
    let known = phones::contacts(&shared.store, now).await.unwrap_or_else(|error| {
        tracing::error!(%error, "where phones were is not known: they are rung again once they register");
        Vec::new()
    });
    let known = known.into_iter().filter_map(|row| contact(row, now)).collect();
    shared.endpoint.set_accounts(accounts, known).await;
}

/// An agent's phones came, went or moved.
pub(super) async fn heard(shared: &Shared, news: PhoneNews) {
    let agent = AgentId(news.agent.clone());
    let up = news.contacts.iter().any(|contact| contact.reachable);
    let told = || shared.phones.told.lock().unwrap_or_else(PoisonError::into_inner);
    if told().insert(agent.clone(), up) != Some(up) {
        tracing::info!(%agent, up, phones = news.contacts.len(), "desk phone");
        let device = if up { Device::PhoneReady } else { Device::PhoneLost };
        if shared.switchboard.tell(Input::Device(agent.clone(), device)).is_err() {
            // Told again with the next news.
            told().remove(&agent);
            tracing::error!(%agent, "the desk is too busy to hear of a phone");
        }
    }
    let now = shared.clock.now();
    let rows = news.contacts.into_iter().map(|contact| row(contact, now)).collect();
    if let Err(error) = phones::set(&shared.store, agent, rows).await {
        tracing::error!(%error, "where a phone is will not be known after a restart");
    }
}

/// A source is turned away from now on: for the record, and for the list.
pub(super) async fn banned(shared: &Shared, ban: Ban) {
    let ms = i64::try_from(ban.left.as_millis()).unwrap_or(i64::MAX);
    tell(shared, ban.source, SourceHeard::Banned { ms });
    write_bans(shared).await;
}

/// Lets a source in again; whether it was turned away.
pub(super) async fn allow(shared: &Shared, source: IpAddr, by: AgentId) -> bool {
    let allowed = shared.endpoint.allow(source).await;
    if allowed {
        tracing::info!(%source, %by, "sip source allowed again");
        tell(shared, source, SourceHeard::Allowed { by });
    }
    write_bans(shared).await;
    allowed
}

fn tell(shared: &Shared, source: IpAddr, heard: SourceHeard) {
    if shared.switchboard.tell(Input::Source(source.to_string().as_str().into(), heard)).is_err() {
        tracing::error!(%source, "the desk is too busy to hear of a source");
    }
}

/// Writes down who is turned away, for administrators.
pub(super) async fn write_bans(shared: &Shared) {
    let now = shared.clock.now();
    let bans = shared.endpoint.bans().await;
    let until = |left: std::time::Duration| now.after(i64::try_from(left.as_millis()).unwrap_or(i64::MAX));
    let rows = bans.iter().map(|ban| BanRow { source: ban.source.to_string(), until: until(ban.left) }).collect();
    if let Err(error) = phones::set_bans(&shared.store, rows).await {
        tracing::error!(%error, "banned sources cannot be shown");
    }
}

fn row(contact: Contact, now: At) -> PhoneRow {
    PhoneRow {
        agent: AgentId(contact.agent),
        uri: contact.uri,
        instance: contact.instance,
        call_id: contact.call_id,
        cseq: contact.cseq,
        source: contact.source.to_string(),
        transport: contact.transport.name().to_owned(),
        user_agent: contact.user_agent,
        expires_at: now.after(i64::from(contact.expires_in) * 1000),
        answers: contact.answers,
        reachable: contact.reachable,
    }
}

/// `None` for a row that has run out or cannot be read.
fn contact(row: PhoneRow, now: At) -> Option<Contact> {
    let left = u32::try_from((row.expires_at.0 - now.0) / 1000).ok().filter(|left| *left > 0)?;
    Some(Contact {
        agent: row.agent.0,
        uri: row.uri,
        instance: row.instance,
        call_id: row.call_id,
        cseq: row.cseq,
        source: row.source.parse().ok()?,
        transport: Transport::parse(&row.transport)?,
        user_agent: row.user_agent,
        expires_in: left,
        answers: row.answers,
        reachable: row.reachable,
    })
}
