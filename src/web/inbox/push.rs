//! Steps and the floor → frames for the right pages. What rings leaves with the decision, everything else after its commit; the
//! partials are those of the page. Whoever made a change learns of it here, as everybody else does.
//!
//! Frames: `ring {key, html, call, title, until}`, `ring_end {key, how}`, `list {html, unread}`, `bar {html, alerts, wrap}`,
//! `events {person, html, from}`, `person {person, html}`, `receipt {message, html}`, `ticket {ticket}`, `callbacks {open}`, `away`,
//! `left {conversation, left}`.

use super::draws::{Draws, Touch};
use super::load::{self, Offer};
use super::reader::Reader;
use super::render::{self, work_key};
use super::slice::{slice, waits_for};
use super::touched::touched;
use super::{alarms, rated};
use crate::auth::{Session, SessionId, person};
use crate::desk::fact::*;
use crate::desk::floor::{Floor, FloorRung};
use crate::desk::id::{AgentId, At, CallId, PersonId, Work};
use crate::desk::input::{Body, Direction, LegParty};
use crate::desk::step::Step;
use crate::store::viewer::Role;
use crate::store::{StoreError, callbacks, users};
use crate::web::WebState;
use crate::web::live::{Audience, Frame, Stage};
use crate::web::notices;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// People heard of but perhaps not yet on disk: enough for the steps that can be waiting for it.
const RECENT: usize = 2_048;

/// Names and numbers of people as the desk added them, for a ring that is faster than the disk.
#[derive(Clone, Default)]
pub struct Recent(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    people: HashMap<PersonId, (String, String, String)>,
    order: VecDeque<PersonId>,
}

impl Recent {
    fn learn(&self, step: &Step) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for fact in &step.facts {
            let Fact::Person(id, PersonFact::Added { name, identity }) = fact else { continue };
            if heard.people.insert(*id, (name.clone(), identity.kind.clone(), identity.value.clone())).is_none() {
                heard.order.push_back(*id);
            }
            if heard.order.len() > RECENT
                && let Some(old) = heard.order.pop_front()
            {
                heard.people.remove(&old);
            }
        }
    }

    fn find(&self, person: PersonId) -> Option<(String, String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).people.get(&person).cloned()
    }
}

/// Draws what one step changes on open pages, or has it drawn. A part that cannot be read makes its agent's pages resync.
pub async fn render_step(state: WebState, recent: Recent, draws: Draws, stage: Stage, step: Arc<Step>) -> Vec<(Audience, Frame)> {
    match stage {
        Stage::Decided => {
            recent.learn(&step);
            decided(&state, &recent, &step).await
        }
        Stage::Recorded => {
            let mut frames = recorded(&state, &draws, &step).await;
            // What cannot be read now is read when the page asks.
            frames.extend(notices::push::recorded(&state, &step).await.unwrap_or_default());
            frames
        }
    }
}

async fn decided(state: &WebState, recent: &Recent, step: &Step) -> Vec<(Audience, Frame)> {
    let mut frames = Vec::new();
    for fact in &step.facts {
        match fact {
            Fact::Routing(work, RoutingFact::Offered { person, queue, agent, until, decision }) if state.live.open_pages(agent) > 0 => {
                let known = recent.find(*person);
                let offer = Offer {
                    work: *work,
                    person: *person,
                    queue: queue.clone(),
                    until: *until,
                    since: waiting_since(&state.switchboard.floor(), work).unwrap_or(step.at),
                    decision: decision.clone(),
                    name: known.as_ref().map(|(name, _, _)| name.clone()),
                    identity: known.map(|(_, kind, value)| (kind, value)),
                    said: said(step, work),
                    asked: None,
                    video: is_video(state, step, work),
                };
                frames.push((Audience::Agent(agent.clone()), ring_frame(state, agent, offer).await));
            }
            Fact::Routing(work, RoutingFact::OfferEnded { agent, how }) if state.live.open_pages(agent) > 0 => {
                frames.push((Audience::Agent(agent.clone()), Frame::new("ring_end", json!({ "key": work_key(work), "how": how }))));
            }
            Fact::Call(id, CallFact::Rung { agent, by, consult, until }) if state.live.open_pages(agent) > 0 => {
                if let Some(offer) = rung(state, recent, *id, (agent, by), *consult, *until, step).await {
                    frames.push((Audience::Agent(agent.clone()), ring_frame(state, agent, offer).await));
                }
            }
            Fact::Call(
                id,
                CallFact::Joined { party: LegParty::Agent(agent) } | CallFact::NotJoined { party: LegParty::Agent(agent), .. },
            ) => {
                let body = json!({ "key": work_key(&Work::Call(*id)), "how": "over" });
                frames.push((Audience::Agent(agent.clone()), Frame::new("ring_end", body)));
            }
            // Whoever was still rung into it rings no more.
            Fact::Call(id, CallFact::Ended { .. }) => {
                let key = work_key(&Work::Call(*id));
                let rung = state.switchboard.floor().rung.iter().filter(|r| r.call == *id).map(|r| r.agent.clone()).collect::<Vec<_>>();
                let over = |agent| (Audience::Agent(agent), Frame::new("ring_end", json!({ "key": key, "how": "over" })));
                frames.extend(rung.into_iter().map(over));
            }
            _ => {}
        }
    }
    frames
}

/// The card of a call into which a colleague is asked, drawn from the floor: it is published before such a step.
async fn rung(
    state: &WebState,
    recent: &Recent,
    call: CallId,
    (agent, by): (&AgentId, &AgentId),
    consult: bool,
    until: At,
    step: &Step,
) -> Option<Offer> {
    let floor = state.switchboard.floor();
    let serving = floor.serving.iter().find(|s| s.work == Work::Call(call) && s.agent == *by)?;
    let internal = floor.talks.iter().any(|talk| talk.call == call && talk.direction == Direction::Internal);
    let (person, queue) = (serving.person, serving.queue.clone());
    let known = recent.find(person);
    let rung = FloorRung { call, person, agent: agent.clone(), by: Some(by.clone()), queue, consult, internal, until };
    Some(Offer {
        name: known.as_ref().map(|(name, _, _)| name.clone()),
        identity: known.map(|(_, kind, value)| (kind, value)),
        ..load::rung_offer(&rung, step.at)
    })
}

/// What the message that led to an offer says: the card is quicker than the disk.
fn said(step: &Step, work: &Work) -> Option<Body> {
    step.facts.iter().find_map(|fact| match fact {
        Fact::Conversation(id, ConversationFact::Received { body, .. }) if Work::Conversation(*id) == *work => Some(body.clone()),
        _ => None,
    })
}

/// The customer shows themselves: what the call began with, when that is newer than the floor.
fn is_video(state: &WebState, step: &Step, work: &Work) -> bool {
    let begins = |fact: &Fact| matches!(fact, Fact::Call(id, CallFact::FromPage { video: true, .. }) if Work::Call(*id) == *work);
    step.facts.iter().any(begins) || state.switchboard.floor().waiting.iter().any(|waiting| waiting.work == *work && waiting.video)
}

fn waiting_since(floor: &Floor, work: &Work) -> Option<At> {
    floor.waiting.iter().find(|w| w.work == *work).map(|w| w.since)
}

async fn ring_frame(state: &WebState, agent: &AgentId, offer: Offer) -> Frame {
    let drawn = async {
        let reader = reader(state, agent).await?;
        let ring = load::ring(&reader, offer).await?;
        let html = render::ring(&reader.say(), &ring).0;
        let body = json!({ "key": ring.key(), "html": html, "call": ring.is_call(), "title": ring.name, "until": ring.until });
        Ok::<_, StoreError>(Frame::new("ring", body))
    };
    drawn.await.unwrap_or_else(|error| resync(&error))
}

pub(super) fn resync(error: &StoreError) -> Frame {
    tracing::warn!(%error, "a push could not be drawn; the page reloads");
    Frame::resync()
}

async fn recorded(state: &WebState, draws: &Draws, step: &Step) -> Vec<(Audience, Frame)> {
    let open = state.live.agents();
    if open.is_empty() {
        return Vec::new();
    }
    let floor = state.switchboard.floor();
    let touched = touched(state, &floor, step).await;
    let mut draw: BTreeMap<AgentId, Touch> = BTreeMap::new();
    for person in &touched.people {
        let theirs = floor.serving.iter().filter(|s| s.person == *person).map(|s| s.agent.clone());
        for agent in theirs.chain(touched.by.iter().cloned()).chain(state.live.lookers(*person)) {
            let touch = draw.entry(agent).or_default();
            touch.people.insert(*person);
            touch.receipts.extend(&touched.receipts);
            touch.amended.extend(&touched.amended);
        }
    }
    for agent in touched.strips {
        draw.entry(agent).or_default().floor = true;
    }
    // What is promised about a ticket stands in every list that shows one of its contacts.
    for agent in open.iter().filter(|agent| touched.aside.contains(*agent) || waits_for(state, &floor, agent, &touched.contacts)) {
        draw.entry(agent.clone()).or_default();
    }
    for (agent, touch) in draw.into_iter().filter(|(agent, _)| open.contains(agent)) {
        draws.draw(state, agent, touch);
    }
    let away = touched.away.into_iter().filter(|agent| open.contains(agent));
    let mut frames: Vec<_> = away.map(|agent| (Audience::Agent(agent), Frame::new("away", ()))).collect();
    // To the pages that show them: the list of tickets, and each ticket's own.
    frames.extend(touched.tickets.iter().map(|id| (Audience::At("/tickets".into()), Frame::new("ticket", json!({ "ticket": id })))));
    frames.extend(crate::web::tickets::alarm::frames(state, step).await);
    if step.facts.iter().any(|fact| matches!(fact, Fact::Trunk(..) | Fact::Dial(..))) {
        frames.extend(alarms::frames(state, step).await);
        frames.push((Audience::At("/admin/trunks".into()), Frame::new("trunks", ())));
    }
    frames.extend(rated::frames(state, step).await);
    if touched.callbacks {
        // The count stands in the navigation of every page.
        let open = callbacks::count(&state.store).await.unwrap_or_default();
        frames.push((Audience::All, Frame::new("callbacks", json!({ "open": open }))));
    }
    frames.extend(touched.left.iter().map(|(conversation, left)| {
        let frame = Frame::new("left", json!({ "conversation": conversation, "left": left }));
        (Audience::At("/inbox".into()), frame)
    }));
    frames
}

/// Runs until stopped: has status, call strip and list drawn of every agent with an open page whose part of the floor changed.
pub async fn watch_floor(state: WebState, draws: Draws, stop: CancellationToken) {
    let mut changes = state.switchboard.floor_changes();
    let mut seen: BTreeMap<AgentId, String> = BTreeMap::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
        let floor = changes.borrow_and_update().clone();
        let open = state.live.agents();
        seen.retain(|agent, _| open.contains(agent));
        for agent in open {
            let now = slice(&state, &floor, &agent);
            if seen.get(&agent) == Some(&now) {
                continue;
            }
            seen.insert(agent.clone(), now);
            draws.draw(&state, agent, Touch { floor: true, ..Touch::default() });
        }
    }
}

/// The reader of a push: language and role as the configuration and the settings have them now.
pub async fn reader(state: &WebState, agent: &AgentId) -> Result<Reader, StoreError> {
    let known = person(&state.config.load(), agent.as_str());
    let user = users::get(&state.store, agent).await?;
    let prefs = user.as_ref().map(|user| user.prefs.clone()).unwrap_or_default();
    let session = Session {
        // A push belongs to no session: it is drawn with the agent's own language and role.
        id: SessionId(0),
        agent: agent.clone(),
        name: known.as_ref().map_or_else(|| agent.to_string(), |known| known.name.clone()),
        role: known.as_ref().map_or(Role::Agent, |known| known.role),
        language: user.as_ref().and_then(|user| user.language.clone()),
        theme: user.and_then(|user| user.theme),
        prefs,
    };
    Ok(Reader::for_push(state, session))
}
