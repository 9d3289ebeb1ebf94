//! The call strip, the capacity meter and the after-call form: the floor, with the call's name and recording from the store.

use crate::desk::fact::StatusName;
use crate::desk::floor::FloorServing;
use crate::desk::id::{CallId, Work};
use crate::store::recordings::RecordingState;
use crate::store::{StoreError, calls};
use crate::web::inbox::reader::Reader;
use crate::web::inbox::view::{Bar, CallStrip, WrapUp};

/// The reader's bar.
pub async fn bar(reader: &Reader) -> Result<Bar, StoreError> {
    let me = reader.me();
    let seat = reader.floor.agents.iter().find(|agent| agent.id == *me);
    let desk_phone = reader.catalog().agents.get(me).is_some_and(|spec| spec.phone.is_some());
    // A phone of the desk has no microphone to lose, but it may have gone.
    let of_phone = |problem: &String| problem == "phone_unregistered";
    let serving = reader.floor.serving.iter().find(|s| s.agent == *me && matches!(s.work, Work::Call(_)));
    let call = match serving {
        Some(serving) => strip(reader, serving).await?,
        None => None,
    };
    let wrap = match seat.and_then(|seat| seat.wrap_up) {
        Some((call, until)) => wrap_up(reader, call, until).await?,
        None => None,
    };
    Ok(Bar {
        used: seat.map_or(0, |seat| seat.used),
        capacity: seat.map_or(0, |seat| seat.capacity),
        voice_problem: seat.filter(|seat| !desk_phone || seat.voice_problem.as_ref().is_some_and(of_phone)).and_then(|seat| {
            let problem = seat.voice_problem.clone()?;
            // A lost microphone is said before somebody goes available; a connection that is not there yet is no news to who is offline.
            (seat.status != StatusName::Offline || problem.starts_with("mic_") || problem == "insecure").then_some(problem)
        }),
        desk_phone,
        call,
        wrap,
    })
}

async fn strip(reader: &Reader, serving: &FloorServing) -> Result<Option<CallStrip>, StoreError> {
    let Work::Call(id) = serving.work else { return Ok(None) };
    let say = reader.say();
    let Some(call) = calls::get(&reader.state.store, &reader.viewer, id).await? else { return Ok(None) };
    let recorded = call.recordings.iter().find(|r| r.state == RecordingState::Recording);
    Ok(Some(CallStrip {
        call: id,
        name: call.call.person_name,
        sub: format!("{} · {}", say.queue(&serving.queue), call.call.caller),
        since: serving.since,
        held: serving.held,
        paused: recorded.map(|r| r.paused),
    }))
}

async fn wrap_up(reader: &Reader, id: CallId, until: crate::desk::id::At) -> Result<Option<WrapUp>, StoreError> {
    let Some(call) = calls::get(&reader.state.store, &reader.viewer, id).await? else { return Ok(None) };
    let queue = call.call.queue.as_ref().and_then(|queue| reader.catalog().queues.get(queue));
    Ok(Some(WrapUp {
        call: id,
        name: call.call.person_name,
        until,
        dispositions: queue.map(|queue| queue.dispositions.clone()).unwrap_or_default(),
        required: queue.is_some_and(|queue| queue.disposition_required),
    }))
}
