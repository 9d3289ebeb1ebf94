//! A finished voicemail becomes a file for agents, and the desk hears of it. The recording itself is kept as every recording is; a process
//! that died between the two does it at its next start.

use super::Voice;
use crate::clock::Clock;
use crate::desk::id::{At, CallId};
use crate::desk::input::{CallHeard, Input};
use crate::desk::voicemail::VOICEMAIL;
use crate::media::recording::said;
use crate::store::{Store, StoreError, callbacks, files};
use crate::switchboard::Switchboard;
use std::path::PathBuf;

/// How far back a start looks for voicemails that are no conversation yet, ms.
const LOOK_BACK_MS: i64 = 7 * 24 * 3_600_000;

/// After a recording of a call has ended: if it is a voicemail, makes it one for agents.
pub(super) fn keep(voice: &Voice, call: CallId, file: &str) {
    if file != format!("{call}-{VOICEMAIL}.wav") {
        return;
    }
    let (store, switchboard) = (voice.shared.store.clone(), voice.shared.switchboard.clone());
    let path = voice.shared.recordings.join(file);
    voice.shared.tasks.spawn(async move { make(&store, &switchboard, call, path, Clock::system().now()).await });
}

/// At a start: what the last process recorded and did not pass on.
pub async fn catch_up(store: &Store, switchboard: &Switchboard, now: At) -> Result<(), StoreError> {
    for (call, file) in callbacks::unheard(store, now.after(-LOOK_BACK_MS)).await? {
        let path = store.data().join("recordings").join(file);
        make(store, switchboard, call, path, now).await;
    }
    Ok(())
}

async fn make(store: &Store, switchboard: &Switchboard, call: CallId, path: PathBuf, now: At) {
    let read = tokio::task::spawn_blocking(move || said(&path)).await;
    let heard = match read {
        Ok(Ok(Some(message))) => {
            match files::create(store, &format!("voicemail-{call}.wav"), "audio/wav", message.wav, &format!("call/{call}"), now).await {
                Ok(file) => CallHeard::MessageLeft { file, millis: message.millis },
                Err(error) => return tracing::error!(%call, %error, "a voicemail cannot be kept; it stays with the call"),
            }
        }
        Ok(Ok(None)) => CallHeard::NoMessage,
        Ok(Err(error)) => return tracing::error!(%call, %error, "a voicemail cannot be read"),
        Err(error) => return tracing::error!(%call, %error, "reading a voicemail failed"),
    };
    if let Err(refusal) = switchboard.ask(Input::Call(call, heard)).await {
        tracing::error!(%call, ?refusal, "a voicemail is not passed on; the next start tries again");
    }
}
