//! What an agent dials on their desk phone: the desk is asked for the call, as if the agent had clicked, and the phone's own INVITE is the
//! agent's leg of it.

use super::{Settings, Voice, taking};
use crate::desk::id::AgentId;
use crate::desk::input::{Callee, Command, Input};
use crate::desk::person::{Identity, Who};
use crate::desk::refusal::Refusal;
use crate::sip::{DialogId, IncomingCall};
use crate::store::persons;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The call that was asked for takes its INVITE within moments. Where it is gone by then, the phone must not hang for ever, nor keep its agent
/// from dialling again.
const TAKEN: Duration = Duration::from_secs(5);

/// INVITEs of phones about which the desk is asked, until it says in which call they are (`VoiceAct::OffHook`).
#[derive(Default)]
pub(super) struct Dialled {
    waiting: Mutex<BTreeMap<AgentId, Box<IncomingCall>>>,
}

impl Dialled {
    /// The INVITE that is this agent's leg already.
    pub(super) fn take(&self, agent: &AgentId) -> Option<Box<IncomingCall>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(agent)
    }

    /// The same, if it is this one still.
    fn take_again(&self, agent: &AgentId, id: &DialogId) -> Option<Box<IncomingCall>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.get(agent)?.dialog.id() == id { waiting.remove(agent) } else { None }
    }

    /// Gives it back when another one of the agent's waits.
    fn put(&self, agent: &AgentId, invited: Box<IncomingCall>) -> Result<(), Box<IncomingCall>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.contains_key(agent) {
            return Err(invited);
        }
        waiting.insert(agent.clone(), invited);
        Ok(())
    }
}

/// Asks the desk for the call that a phone has dialled.
pub(super) async fn take(voice: Voice, agent: AgentId, invited: Box<IncomingCall>) {
    if invited.replaces.is_some() {
        return taking::take(&voice, agent, invited).await;
    }
    let settings = voice.settings();
    let dialled = invited.request_uri.user().unwrap_or_default().into_owned();
    tracing::info!(%agent, %dialled, "dialled on a desk phone");
    let callee = callee(&voice, &settings, &agent, dialled).await;
    let (dialled, id) = (&voice.shared.dialled, invited.dialog.id().clone());
    if let Err(invited) = dialled.put(&agent, invited) {
        return invited.dialog.reject(486, "");
    }
    let answer = voice.shared.switchboard.ask(Input::Command(agent.clone(), Command::Dial { callee })).await;
    if answer.is_ok() {
        tokio::select! {
            () = tokio::time::sleep(TAKEN) => {}
            () = voice.shared.stop.cancelled() => {}
        }
    }
    if let Some(invited) = dialled.take_again(&agent, &id) {
        tracing::info!(%agent, ?answer, "the call is not placed");
        invited.dialog.reject(answer.err().as_ref().map_or(480, status), "");
    }
}

/// A colleague by their name or their own line, else a number: of a slot, or out there.
async fn callee(voice: &Voice, settings: &Settings, agent: &AgentId, dialled: String) -> Callee {
    let own = |agent: &AgentId| Identity { kind: "agent".into(), namespace: String::new(), value: agent.to_string() };
    if let Some(colleague) = settings.colleagues.get(&dialled) {
        let who = Who { identity: own(agent), display: Some(agent.to_string()), person: None };
        return Callee::Colleague { agent: colleague.clone(), who };
    }
    let numbering = settings.trunks.first().map(|trunk| trunk.numbering.clone()).unwrap_or_default();
    let number = numbering.read(&dialled).map_or_else(|| dialled.clone(), |read| read.number.value().to_owned());
    let identity = Identity { kind: "phone".into(), namespace: String::new(), value: number };
    // A store that cannot be read must not keep anybody from calling.
    let person = persons::brief(&voice.shared.store, identity.clone()).await.unwrap_or_default();
    Callee::Number { who: Who { identity, display: None, person }, number: dialled, line: None }
}

/// How a refusal is said in SIP (RFC 3261 §21.4–21.6).
fn status(refusal: &Refusal) -> u16 {
    match refusal {
        Refusal::Dial(_) | Refusal::UnknownAgent | Refusal::NotYours => 403,
        Refusal::NothingParked => 404,
        Refusal::NoCapacity | Refusal::ConsultRunning => 486,
        Refusal::Busy | Refusal::NotRecorded => 503,
        _ => 480,
    }
}
