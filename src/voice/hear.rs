//! Outside → Input: a call from a trunk. The caller is looked up here, because the desk never asks.

use super::{Voice, call, caller, dialled, phones};
use crate::desk::id::{AgentId, CallId, TrunkId};
use crate::desk::input::{CallHeard, Input};
use crate::desk::person::{Identity, Who};
use crate::sip::{Caller, Incoming, IncomingCall};
use crate::store::persons;
use tokio::sync::mpsc;

/// Takes calls until the endpoint is gone.
pub(super) async fn run(voice: Voice, mut incoming: mpsc::Receiver<Incoming>) {
    while let Some(incoming) = incoming.recv().await {
        match incoming {
            Incoming::Invite(invited) => drop(voice.shared.tasks.spawn(take(voice.clone(), invited))),
            Incoming::Phones(news) => phones::heard(&voice.shared, news).await,
            Incoming::Banned(ban) => phones::banned(&voice.shared, ban).await,
        }
    }
}

/// Looks the caller up, gives the call a number and a task, and tells the desk.
async fn take(voice: Voice, invited: Box<IncomingCall>) {
    if voice.shared.stop.is_cancelled() {
        return invited.dialog.reject(503, "");
    }
    let trunk_id = match &invited.caller {
        Caller::Trunk(trunk) => TrunkId(trunk.clone()),
        Caller::Phone(agent) => {
            let agent = AgentId(agent.clone());
            return dialled::take(voice, agent, invited).await;
        }
    };
    // Asked by the endpoint too, before the call came to be; those that were on their way since then are counted here.
    let Some(waits) = voice.shared.admission.enter(invited.arrived) else {
        return invited.dialog.reject(503, "");
    };
    let settings = voice.settings();
    let numbering = Voice::trunk(&settings, &trunk_id).map(|trunk| trunk.numbering.clone()).unwrap_or_default();
    let dialled = invited.request_uri.user().unwrap_or_default().into_owned();
    let call = voice.shared.switchboard.number_call();
    // RFC 3325 §9.3: who asks for privacy is known to the network, not to those who are called.
    let shown = (!invited.private).then(|| caller::identity(&invited.from, invited.asserted.as_ref(), &numbering)).flatten();
    let identity = shown
        // Each hidden call is a person of its own until an agent says who it was.
        .unwrap_or_else(|| Identity { kind: "anonymous".into(), namespace: "call".into(), value: call.to_string() });
    let person = match persons::brief(&voice.shared.store, identity.clone()).await {
        Ok(person) => person,
        Err(error) => {
            // A store that cannot be read must not turn callers away: the desk takes them as unknown.
            tracing::error!(%call, %error, "the caller could not be looked up");
            None
        }
    };
    tracing::info!(%call, trunk = %trunk_id, %dialled, known = person.is_some(), "call");
    let display = (!invited.private).then(|| caller::display(&invited.from)).flatten();
    let who = Who { identity, display, person };
    let line = voice.shared.switchboard.open_line(call);
    let _open = Open { voice: voice.clone(), call };
    let heard = Input::Call(call, CallHeard::Invited { trunk: trunk_id, who: who.clone(), dialled });
    if voice.shared.switchboard.tell(heard).is_err() {
        return invited.dialog.reject(503, "");
    }
    let waits = Some(waits);
    call::run(call::Start { voice, settings, call, who, began: call::Began::Phone(invited), line, waits }).await;
}

/// A call's wire, closed however its task ends.
pub(super) struct Open {
    pub voice: Voice,
    pub call: CallId,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.voice.shared.switchboard.close_line(self.call);
        if std::thread::panicking() {
            let lost = Input::Call(self.call, CallHeard::Lost);
            let heard = self.voice.shared.switchboard.tell(lost).is_ok();
            tracing::error!(call = %self.call, heard, "the call's task panicked: the call is lost");
        }
    }
}
