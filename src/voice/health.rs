//! How the trunks are: each is asked by OPTIONS now and then, and the log-ins are watched. The desk hears what was found and decides.

use super::{Settings, Trunk, Voice};
use crate::desk::dial::book::TrunkProblem;
use crate::desk::id::TrunkId;
use crate::desk::input::{Input, TrunkHeard};
use crate::sip::{RegistrationState, SipError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A server that takes longer to answer an OPTIONS is no help to a caller.
const PATIENCE: Duration = Duration::from_secs(4);
/// A silent trunk is asked again sooner, so that it is known soon whether it was one lost packet.
const DOUBT: Duration = Duration::from_secs(5);

/// Watches these trunks until the token is cancelled.
pub(super) fn watch(voice: &Voice, settings: &Settings, until: &CancellationToken) {
    for trunk in &settings.trunks {
        if trunk.ping.is_some() {
            tokio::spawn(until.clone().run_until_cancelled_owned(ping(voice.clone(), trunk.clone())));
        }
        if let Some(state) = voice.shared.endpoint.registration(trunk.id.as_str()) {
            tokio::spawn(until.clone().run_until_cancelled_owned(login(voice.clone(), trunk.id.clone(), state)));
        }
    }
}

async fn ping(voice: Voice, trunk: Trunk) {
    let (Some(every), Some(server)) = (trunk.ping, &trunk.server) else { return };
    let mut silent = 0u32;
    loop {
        let asked = tokio::time::timeout(PATIENCE, voice.shared.endpoint.options(server, trunk.transport)).await;
        let problem = match asked {
            Ok(Ok(status)) => problem_of(status),
            Ok(Err(SipError::Closed)) => return,
            Ok(Err(error)) => Some(problem(&error)),
            Err(_) => Some(TrunkProblem::Silent),
        };
        silent = if problem.is_some() { silent.saturating_add(1) } else { 0 };
        tell(&voice, &trunk.id, TrunkHeard::Pinged { problem });
        let doubtful = (1..trunk.ping_failures).contains(&silent);
        tokio::time::sleep(if doubtful { every.min(DOUBT) } else { every }).await;
    }
}

/// Whoever answers is there; many refuse OPTIONS. A server that says it cannot work is believed.
fn problem_of(status: u16) -> Option<TrunkProblem> {
    (matches!(status, 500..=599) && status != 501).then_some(TrunkProblem::Status(status))
}

/// Why a server could not be asked.
pub(super) fn problem(error: &SipError) -> TrunkProblem {
    match error {
        SipError::Unresolved(_) => TrunkProblem::NoAddress,
        SipError::Unreachable => TrunkProblem::Unreachable,
        _ => TrunkProblem::Silent,
    }
}

async fn login(voice: Voice, id: TrunkId, mut state: watch::Receiver<RegistrationState>) {
    loop {
        let found = match &*state.borrow_and_update() {
            RegistrationState::Registered { .. } => Some(None),
            RegistrationState::Failed { status: Some(401 | 403 | 407), .. } => Some(Some(TrunkProblem::Login)),
            RegistrationState::Failed { status: Some(status), .. } => Some(Some(TrunkProblem::Status(*status))),
            RegistrationState::Failed { status: None, .. } => Some(Some(TrunkProblem::Silent)),
            RegistrationState::Trying | RegistrationState::Unregistered => None,
        };
        if let Some(problem) = found {
            tell(&voice, &id, TrunkHeard::Registration { problem });
        }
        if state.changed().await.is_err() {
            return;
        }
    }
}

fn tell(voice: &Voice, id: &TrunkId, heard: TrunkHeard) {
    if voice.shared.switchboard.tell(Input::Trunk(id.clone(), heard)).is_err() {
        tracing::warn!(trunk = %id, "the desk is too busy to hear how a trunk is");
    }
}
