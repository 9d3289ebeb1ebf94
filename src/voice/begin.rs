//! Calls that the desk begins: each gets a task, as a call does that a trunk brings.

use super::{Voice, call, hear};
use crate::desk::act::VoiceAct;
use crate::desk::id::CallId;
use crate::desk::input::{CallHeard, EndCause, EndedBy, Input};
use crate::switchboard::Begun;
use tokio::sync::mpsc;

/// Takes them until the switchboard is gone.
pub(super) async fn run(voice: Voice, mut begun: mpsc::Receiver<Begun>) {
    while let Some(Begun { call, line }) = begun.recv().await {
        voice.shared.tasks.spawn(take(voice.clone(), call, line));
    }
}

async fn take(voice: Voice, call: CallId, mut line: mpsc::Receiver<VoiceAct>) {
    let _open = hear::Open { voice: voice.clone(), call };
    let Some(VoiceAct::Open { who }) = line.recv().await else {
        tracing::error!(%call, "a call does not begin with its opening");
        return;
    };
    if voice.shared.stop.is_cancelled() {
        let ended = CallHeard::Ended { by: EndedBy::System, cause: EndCause::Restart };
        if voice.shared.switchboard.tell(Input::Call(call, ended)).is_err() {
            tracing::error!(%call, "the desk is too busy to hear that a call did not begin");
        }
        return;
    }
    tracing::info!(%call, "call out");
    let settings = voice.settings();
    call::run(call::Start { voice, settings, call, who: *who, began: call::Began::Desk, line, waits: None }).await;
}
