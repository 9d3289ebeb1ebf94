//! What visitors' pages are shown of their calls. A call belongs to a visitor from its first fact to its last; a page that was loaded again is
//! shown where it stands.

use super::limits::Counted;
use super::rate::ASKED_MS;
use super::visitors::Visitor;
use super::wire::{CallShown, VisitorHears};
use super::{WebChat, act};
use crate::desk::fact::{AskedBy, CallFact, Fact, RoutingFact, SurveyFact};
use crate::desk::floor::Floor;
use crate::desk::id::{AgentId, CallId, Work};
use crate::desk::input::LegParty;
use crate::desk::step::Step;
use crate::switchboard::{Arrow, ArrowAt, Pointer};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::error::RecvError;

/// The calls of all visitors; as many at most as calls there are.
#[derive(Default)]
pub(super) struct Calls(Mutex<HashMap<CallId, (Visitor, CallShown)>>);

impl Calls {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, (Visitor, CallShown)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page of this visitor is to show.
    pub(super) fn of(&self, visitor: &Visitor) -> Option<CallShown> {
        self.calls().values().find(|(of, _)| of == visitor).map(|(_, shown)| shown.clone())
    }

    /// The call in which this visitor sees and is seen.
    fn talk_of(&self, visitor: &Visitor) -> Option<CallId> {
        let seen = |shown: &CallShown| matches!(shown, CallShown::Talking { held: false, .. });
        self.calls().iter().find(|(_, (of, shown))| of == visitor && seen(shown)).map(|(id, _)| *id)
    }

    fn begin(&self, call: CallId, visitor: Visitor, shown: CallShown) {
        self.calls().insert(call, (visitor, shown));
    }

    /// Changes what is shown; gives whose it is when that is another picture.
    fn change(&self, call: CallId, change: impl FnOnce(&CallShown) -> Option<CallShown>) -> Option<(Visitor, CallShown)> {
        let mut calls = self.calls();
        let (visitor, shown) = calls.get_mut(&call)?;
        let next = change(shown).filter(|next| next != shown)?;
        *shown = next.clone();
        Some((visitor.clone(), next))
    }

    fn end(&self, call: CallId) -> Option<Visitor> {
        self.calls().remove(&call).map(|(visitor, _)| visitor)
    }
}

/// Follows what is decided about visitors' calls: it need not be on disk to be shown.
pub(super) async fn follow(chat: WebChat) {
    let mut decided = chat.shared.switchboard.decided();
    loop {
        match decided.recv().await {
            Ok(step) => show(&chat, &step).await,
            // The floor says the rest; a call that has ended says so by its connection.
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "chat windows missed what became of calls"),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn show(chat: &WebChat, step: &Step) {
    for fact in &step.facts {
        match fact {
            Fact::Call(id, CallFact::FromPage { page, .. }) => {
                begin(chat, *id, (page.channel.clone(), page.visitor.clone()), CallShown::Waiting { position: None, estimate_s: None });
            }
            Fact::Call(id, CallFact::Knocked { page, by, video, .. }) => {
                let agent = name(chat, by).await;
                begin(chat, *id, (page.channel.clone(), page.visitor.clone()), CallShown::Rings { agent, video: *video });
            }
            Fact::Call(id, CallFact::Joined { party: LegParty::Customer }) => {
                change(chat, *id, |shown| match shown {
                    CallShown::Rings { agent, .. } => Some(CallShown::Talking { agent: agent.clone(), held: false }),
                    _ => None,
                });
            }
            Fact::Call(id, CallFact::Held { on, .. }) => change(chat, *id, |shown| match shown {
                CallShown::Talking { agent, .. } => Some(CallShown::Talking { agent: agent.clone(), held: *on }),
                _ => None,
            }),
            Fact::Routing(Work::Call(id), RoutingFact::Assigned { agent, .. }) if chat.shared.calls_shown.calls().contains_key(id) => {
                let agent = name(chat, agent).await;
                change(chat, *id, |_| Some(CallShown::Talking { agent, held: false }));
            }
            Fact::Routing(Work::Call(id), RoutingFact::Queued { .. }) => {
                change(chat, *id, |_| Some(CallShown::Waiting { position: None, estimate_s: None }));
            }
            Fact::Call(id, CallFact::Ended { .. }) => {
                if let Some(visitor) = chat.shared.calls_shown.end(*id) {
                    let survey = asked_after(chat, step, *id);
                    chat.shared.visitors.tell(&visitor, &VisitorHears::Call { call: CallShown::Over { survey } });
                }
            }
            _ => {}
        }
    }
}

/// Where the page of a call asks how it was. A page that shows it has no keys any more; its link is good for as long as the question stands.
fn asked_after(chat: &WebChat, step: &Step, call: CallId) -> Option<String> {
    let survey = step.facts.iter().find_map(|fact| match fact {
        Fact::Survey(id, SurveyFact::Asked { work: Some(Work::Call(of)), by: AskedBy::Window, .. }) if *of == call => Some(*id),
        _ => None,
    })?;
    let links = chat.shared.links.load();
    Some(links.as_ref().as_ref()?.survey_address(survey, step.at.after(ASKED_MS)))
}

fn begin(chat: &WebChat, call: CallId, visitor: Visitor, shown: CallShown) {
    chat.shared.calls_shown.begin(call, visitor.clone(), shown.clone());
    chat.shared.visitors.tell(&visitor, &VisitorHears::Call { call: shown });
}

fn change(chat: &WebChat, call: CallId, change: impl FnOnce(&CallShown) -> Option<CallShown>) {
    if let Some((visitor, call)) = chat.shared.calls_shown.change(call, change) {
        chat.shared.visitors.tell(&visitor, &VisitorHears::Call { call });
    }
}

/// The places of those who wait, when they have changed.
pub(super) fn places(chat: &WebChat, floor: &Floor) {
    for row in &floor.waiting {
        if let Work::Call(id) = row.work {
            change(chat, id, |shown| {
                let place = CallShown::Waiting { position: Some(row.position), estimate_s: row.estimate_s };
                matches!(shown, CallShown::Waiting { .. }).then_some(place)
            });
        }
    }
}

async fn name(chat: &WebChat, agent: &AgentId) -> String {
    act::agent_name(chat, agent).await.unwrap_or_else(|| agent.as_str().to_owned())
}

/// A visitor points at something in a picture of their call.
pub(super) fn point(chat: &WebChat, visitor: &Visitor, at: ArrowAt) {
    let Some(call) = chat.shared.calls_shown.talk_of(visitor).filter(|_| at.is_within()) else { return };
    if chat.shared.limits.allow(Counted::Arrows(visitor.1.clone()), chat.shared.clock.now()) {
        chat.shared.switchboard.show_arrow(Arrow { call, by: Pointer::Customer, at });
    }
}

/// Somebody else points: the visitor of that call sees it.
pub(super) fn pointed(chat: &WebChat, arrow: &Arrow) {
    let visitor = chat.shared.calls_shown.calls().get(&arrow.call).map(|(visitor, _)| visitor.clone());
    if let Some(visitor) = visitor.filter(|_| arrow.by != Pointer::Customer) {
        chat.shared.visitors.tell(&visitor, &VisitorHears::Arrow { at: arrow.at });
    }
}
