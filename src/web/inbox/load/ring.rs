//! The card that rings: the decision, and everything of the person that is worth a glance before saying hello, in one read.

use super::offered_line;
use super::pop::{Known, pop};
use crate::desk::callback::link::covered;
use crate::desk::fact::Decision;
use crate::desk::floor::FloorRung;
use crate::desk::id::{AgentId, At, PersonId, QueueId, Work};
use crate::desk::input::PAGE;
use crate::desk::input::{Body, FileRef};
use crate::store::messages::MessageKind;
use crate::store::persons::{Card, CardConversation, card, matter};
use crate::store::{StoreError, access, callbacks, calls, conversations, routing};
use crate::web::inbox::phrase;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::say::Say;
use crate::web::inbox::view::{Peek, Ring, TicketLine};

/// Open chats a card shows, and things that they were told.
const MOST_CHATS: usize = 2;
const MOST_TOLD: usize = 2;

/// An offer as the desk made it.
#[derive(Debug, Clone)]
pub struct Offer {
    pub work: Work,
    pub person: PersonId,
    pub queue: QueueId,
    pub until: At,
    pub since: At,
    pub decision: Decision,
    /// What the person is called while the store does not know them yet.
    pub name: Option<String>,
    /// Their number or account, likewise.
    pub identity: Option<(String, String)>,
    /// What they have just written, likewise.
    pub said: Option<Body>,
    /// A colleague asks for the reader, instead of the router.
    pub asked: Option<Asked>,
    /// The customer shows themselves.
    pub video: bool,
}

/// Who asks the reader into a call, and what for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub by: AgentId,
    pub consult: bool,
    /// Only the two of them.
    pub internal: bool,
}

impl Asked {
    fn text(&self, say: &Say) -> String {
        let key = match (self.internal, self.consult) {
            (true, _) => "desk.ring.colleague",
            (false, true) => "desk.ring.consult",
            (false, false) => "desk.ring.conference",
        };
        say.with(key, &[("by", &say.agent_name(&self.by))])
    }
}

/// The card for an offer.
pub async fn ring(reader: &Reader, offer: Offer) -> Result<Ring, StoreError> {
    let (store, viewer, say) = (&reader.state.store, &reader.viewer, reader.say());
    let card = card(store, viewer, offer.person).await?;
    let spec = reader.catalog().queues.get(&offer.queue);
    let (kind, identity) = identity(reader, &offer, card.as_ref()).await?;
    let known = card.as_ref().is_some_and(|card| card.counts.calls + card.counts.conversations > 1);
    let card_known = card.is_some();
    let kept =
        card.as_ref().is_some_and(|card| card.conversations.iter().any(|c| Work::Conversation(c.id) == offer.work && !c.last.is_empty()));
    let shown = card.iter().flat_map(|card| &card.conversations).map(|c| Work::Conversation(c.id)).collect();
    let mut open = access::within(store, &reader.reach(), shown).await?;
    // What rings is the reader's, before that is on disk.
    open.insert(offer.work);
    let (mut chats, tickets, name, tier): (Vec<Peek>, _, _, _) = match card {
        Some(card) => (
            card.conversations
                .iter()
                .filter(|c| Work::Conversation(c.id) != offer.work || !c.last.is_empty())
                .take(MOST_CHATS)
                .map(|c| peek(reader, &say, c, open.contains(&Work::Conversation(c.id))))
                .collect(),
            card.tickets.iter().take(3).map(|ticket| line(&say, &card, ticket)).collect(),
            card.person.name.clone(),
            card.person.tier.as_ref().map(|tier| say.tier(tier)),
        ),
        None => (Vec::new(), Vec::new(), offer.name.clone().unwrap_or_else(|| identity.clone()), None),
    };
    if let Some(body) = offer.said.filter(|_| !kept) {
        chats.insert(0, just_said(&say, &kind, offer.since, body));
        chats.truncate(MOST_CHATS);
    }
    let of_number = |kind: &str, value: &str| if kind == "phone" { value.to_owned() } else { String::new() };
    let contact = Known {
        work: Some(offer.work),
        person: offer.person,
        name: name.clone(),
        number: of_number(&kind, &identity),
        direction: "in",
        queue: offer.queue.to_string(),
        channel: kind.clone(),
    };
    let internal = offer.asked.as_ref().is_some_and(|asked| asked.internal);
    let pop = if internal { None } else { pop(reader, contact, false).await? };
    let told = if card_known { matter(store, offer.person, say.now).await?.offered } else { Vec::new() };
    Ok(Ring {
        offered: told.into_iter().take(MOST_TOLD).map(|one| offered_line(&say, one)).collect(),
        work: offer.work,
        person: offer.person,
        queue: say.queue(&offer.queue),
        name,
        tier,
        identity,
        verified: known,
        glyph: glyph(&kind).into(),
        until: offer.until,
        total_ms: spec.map_or_else(|| offer.until.since(say.now), |spec| spec.offer_ms).max(1_000),
        waited_ms: say.now.since(offer.since),
        why: offer.decision.chosen.iter().map(|reason| phrase::why(&say, reason)).collect(),
        others: phrase::others(&say, &offer.decision),
        chats,
        tickets,
        video: offer.video,
        pop,
        asked: offer.asked.as_ref().map(|asked| asked.text(&say)),
        desk_phone: reader.catalog().agents.get(reader.me()).is_some_and(|spec| spec.phone.is_some()),
    })
}

/// Everything offered to the reader now: what a page that loads while it rings must show.
pub async fn offered_to(reader: &Reader) -> Result<Vec<Ring>, StoreError> {
    let mut rings = Vec::new();
    for waiting in &reader.floor.waiting {
        let Some((agent, until)) = &waiting.offered_to else { continue };
        if agent != reader.me() {
            continue;
        }
        let decision = routing::decision(&reader.state.store, waiting.work).await?.map(|(_, decision)| decision).unwrap_or_default();
        let offer = Offer {
            work: waiting.work,
            person: waiting.person,
            queue: waiting.queue.clone(),
            until: *until,
            since: waiting.since,
            decision,
            name: None,
            identity: None,
            said: None,
            asked: None,
            video: waiting.video,
        };
        rings.push(ring(reader, offer).await?);
    }
    for rung in reader.floor.rung.iter().filter(|rung| rung.agent == *reader.me()) {
        rings.push(ring(reader, rung_offer(rung, reader.say().now)).await?);
    }
    Ok(rings)
}

/// The card of a call for which a colleague asks.
pub fn rung_offer(rung: &FloorRung, now: At) -> Offer {
    let asked = rung.by.clone().map(|by| Asked { by, consult: rung.consult, internal: rung.internal });
    Offer {
        work: Work::Call(rung.call),
        person: rung.person,
        queue: rung.queue.clone(),
        until: rung.until,
        since: now,
        decision: Decision::default(),
        name: None,
        identity: None,
        said: None,
        asked,
        video: false,
    }
}

/// Kind and value of what the contact came by.
async fn identity(reader: &Reader, offer: &Offer, card: Option<&Card>) -> Result<(String, String), StoreError> {
    let (store, viewer) = (&reader.state.store, &reader.viewer);
    let found = match offer.work {
        // Who calls from a page has no number; the account, where their site vouches for them, is an identity of theirs.
        Work::Call(id) => {
            let call = calls::get(store, viewer, id).await?.filter(|call| call.call.trunk.as_str() != PAGE);
            call.map(|call| ("phone".to_owned(), call.call.caller))
        }
        Work::Callback(id) => callbacks::get(store, viewer, id).await?.map(|row| ("phone".to_owned(), row.number)),
        Work::Conversation(id) => conversations::get(store, viewer, id).await?.map(|row| {
            let kind = reader.catalog().channels.get(&row.channel).map_or(row.identity.kind.clone(), |spec| spec.kind.clone());
            let text = row.page.unwrap_or_default();
            (kind, text)
        }),
    };
    let fallback = || {
        let first = card.and_then(|card| card.identities.first());
        first.map(|identity| (identity.kind.clone(), identity.value.clone())).unwrap_or_default()
    };
    let (kind, value) = found.or_else(|| offer.identity.clone()).unwrap_or_else(fallback);
    // A visitor's random id says nothing to anybody.
    let nameless = kind == "webchat" && matches!(offer.work, Work::Call(_));
    Ok((kind, if nameless { String::new() } else { value }))
}

fn peek(reader: &Reader, say: &Say, conversation: &CardConversation, open: bool) -> Peek {
    let kind = reader.catalog().channels.get(&conversation.channel).map_or("webchat", |spec| spec.kind.as_str());
    let theirs = conversation.last.iter().filter(|message| message.kind == MessageKind::In);
    let picture: Option<FileRef> = theirs.clone().rev().flat_map(|m| &m.files).find(|f| f.mime.starts_with("image/")).cloned();
    Peek {
        glyph: glyph(kind).into(),
        channel: say.channel(kind),
        at: conversation.last_at,
        lines: conversation.last.iter().filter(|message| !message.text.is_empty()).map(|message| covered(&message.text)).collect(),
        picture: picture.filter(|_| open),
    }
}

/// A chat whose first line is not on disk yet.
fn just_said(say: &Say, kind: &str, at: At, body: Body) -> Peek {
    let picture = body.files.into_iter().find(|file| file.mime.starts_with("image/"));
    let lines = Some(covered(&body.text)).filter(|text| !text.is_empty()).into_iter().collect();
    Peek { glyph: glyph(kind).into(), channel: say.channel(kind), at, lines, picture }
}

fn line(say: &Say, card: &Card, ticket: &crate::store::persons::CardTicket) -> TicketLine {
    TicketLine {
        id: ticket.id,
        subject: ticket.subject.clone(),
        priority: ticket.priority,
        state: ticket.state,
        assignee: ticket.assignee.as_ref().map(|agent| say.agent(agent)),
        person: card.person.name.clone(),
        updated: ticket.changed_at,
        opened: ticket.changed_at,
        due: ticket.promised_at.map(|at| (at, ticket.late)),
        queue: None,
    }
}
