//! Each agent's pages are drawn by a task of their own, from the store as it is then: whoever has much to see waits for nobody, nobody waits for
//! them, and what changes while they are drawn is drawn together after it.

use super::load;
use super::push::{reader, resync};
use super::render;
use crate::desk::id::{AgentId, MessageId, PersonId};
use crate::store::{StoreError, messages};
use crate::web::WebState;
use crate::web::live::Frame;
use serde_json::json;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What of an agent's pages is to be drawn anew; the list always is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// Newest events and panel of these.
    pub people: BTreeSet<PersonId>,
    pub receipts: BTreeSet<MessageId>,
    pub amended: BTreeSet<MessageId>,
    /// Status and call strip.
    pub floor: bool,
}

impl Touch {
    fn add(&mut self, more: Touch) {
        self.people.extend(more.people);
        self.receipts.extend(more.receipts);
        self.amended.extend(more.amended);
        self.floor |= more.floor;
    }
}

/// Agents whose pages are being drawn, each with what came meanwhile.
#[derive(Clone, Default)]
pub struct Draws(Arc<Mutex<HashMap<AgentId, Option<Touch>>>>);

impl Draws {
    /// Has this drawn, now or after what is being drawn.
    pub fn draw(&self, state: &WebState, agent: AgentId, touch: Touch) {
        match self.lock().entry(agent.clone()) {
            Entry::Occupied(mut meanwhile) => return meanwhile.get_mut().get_or_insert_default().add(touch),
            Entry::Vacant(free) => _ = free.insert(None),
        }
        let (turn, state) = (Turn { draws: self.clone(), agent }, state.clone());
        tokio::spawn(async move {
            let mut next = Some(touch);
            while let Some(touch) = next {
                for frame in frames(&state, &turn.agent, touch).await.unwrap_or_else(|error| vec![resync(&error)]) {
                    state.live.to_agent(&turn.agent, frame);
                }
                next = turn.draws.next(&turn.agent);
            }
        });
    }

    /// What came while the agent's pages were drawn; `None` ends the task.
    fn next(&self, agent: &AgentId) -> Option<Touch> {
        let mut drawn = self.lock();
        let next = drawn.get_mut(agent).and_then(Option::take);
        if next.is_none() {
            drawn.remove(agent);
        }
        next
    }

    /// A panic while holding the map leaves it whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, Option<Touch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An agent's pages are being drawn.
struct Turn {
    draws: Draws,
    agent: AgentId,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Else nothing would ever be drawn for them again.
        if std::thread::panicking() {
            self.draws.lock().remove(&self.agent);
        }
    }
}

async fn frames(state: &WebState, agent: &AgentId, touch: Touch) -> Result<Vec<Frame>, StoreError> {
    let reader = reader(state, agent).await?;
    let say = reader.say();
    let mut frames = Vec::new();
    if touch.floor {
        let bar = load::bar(&reader).await?;
        let body = json!({
            "me": render::me(&reader.page).0,
            "html": render::bar(&say, &bar).0,
            "alerts": render::voice(&say, &bar).0,
            "wrap": render::wrap_up(&say, &bar).0,
        });
        frames.push(Frame::new("bar", body));
    }
    for person in touch.people {
        let events = load::newest(&reader, person).await?;
        let html: String = events.iter().map(|event| render::event(&say, event).0).collect();
        frames.push(Frame::new("events", json!({ "person": person, "html": html })));
        if let Some(panel) = load::panel(&reader, person).await? {
            frames.push(Frame::new("person", json!({ "person": person, "html": render::person(&say, &panel).0 })));
        }
    }
    for message in touch.amended {
        if let Some(event) = load::amended(&reader, message).await? {
            frames.push(Frame::new("amended", json!({ "message": message, "html": render::event(&say, &event).0 })));
        }
    }
    for message in touch.receipts {
        if let Some(row) = messages::get(&state.store, message).await?
            && let Some(delivery) = row.delivery
        {
            let html = render::receipt(&say, &load::receipt(row.id, delivery)).0;
            frames.push(Frame::new("receipt", json!({ "message": message, "html": html })));
        }
    }
    let list = load::list(&reader, None).await?;
    let html = render::list(&say, &list).0;
    frames.push(Frame::new("list", json!({ "html": html, "unread": list.unread() })));
    Ok(frames)
}
