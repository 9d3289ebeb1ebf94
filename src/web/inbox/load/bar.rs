//! The call strip, the capacity meter and the after-call form: the floor, with the call's name and recording from the store.

use super::pop::{Known, pop};
use crate::desk::fact::StatusName;
use crate::desk::floor::{FloorAgent, FloorMove, FloorParked, FloorServing, FloorTalk, FloorWatch, FloorWrapUp};
use crate::desk::id::{At, CallId, ChannelId, Work};
use crate::desk::input::{Direction, LegParty, PAGE, WatchMode};
use crate::desk::outage::Outage;
use crate::store::drafts::{self, Place};
use crate::store::recordings::RecordingState;
use crate::store::viewer::Role;
use crate::store::{StoreError, calls};
use crate::web::inbox::phrase::party_text;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render::work_path;
use crate::web::inbox::view::{Asked, Bar, CallStrip, Consult, Member, OutageLine, WatchStrip, WrapUp};
use crate::web::wallboard::board::{move_text, until, word};

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
    let wraps = match seat {
        Some(seat) => after_calls(reader, seat).await?,
        None => Vec::new(),
    };
    Ok(Bar {
        used: seat.map_or(0, |seat| seat.used),
        capacity: seat.map_or(0, |seat| seat.capacity),
        assists: assists(reader),
        voice_problem: seat.filter(|seat| !desk_phone || seat.voice_problem.as_ref().is_some_and(of_phone)).and_then(|seat| {
            let problem = seat.voice_problem.clone()?;
            // A lost microphone is said before somebody goes available; a connection that is not there yet is no news to who is offline.
            (seat.status != StatusName::Offline || problem.starts_with("mic_") || problem == "insecure").then_some(problem)
        }),
        desk_phone,
        call,
        wraps,
        watch: reader.floor.watches.iter().find(|watch| watch.by == *me).map(|watch| watch_strip(reader, watch)),
        moves: seat.map(|seat| moves(reader, &seat.moves)).unwrap_or_default(),
        outages: outages(reader),
        parked: my_parked(reader).len(),
    })
}

/// Contacts for which the reader has asked for help.
pub fn assists(reader: &Reader) -> String {
    let mine = reader.floor.assists.iter().filter(|assist| assist.agent == *reader.me());
    mine.map(|assist| work_path(&assist.work)).collect::<Vec<_>>().join(" ")
}

/// What customers who write there will wait for. Why it is so is for those who can mend it: it is in the platform's words.
fn outages(reader: &Reader) -> Vec<OutageLine> {
    let say = reader.say();
    let named = |id: &ChannelId| {
        let kind = reader.catalog().channels.get(id).map(|spec| say.channel(&spec.kind));
        kind.map_or_else(|| id.to_string(), |kind| format!("{kind} ({id})"))
    };
    let line = |(id, outage): (&ChannelId, &Outage)| {
        let channel = named(id);
        let mut text = say.with("desk.outage", &[("channel", &channel), ("time", &say.clock(outage.since))]);
        if outage.announced.is_some() {
            text += &format!(" {}", say.t("desk.outage_announced"));
        }
        if reader.viewer.role >= Role::Supervisor {
            text += &format!(" ({})", outage.why);
        }
        OutageLine { channel, text }
    };
    reader.floor.outages.iter().map(line).collect()
}

async fn strip(reader: &Reader, serving: &FloorServing) -> Result<Option<CallStrip>, StoreError> {
    let Work::Call(id) = serving.work else { return Ok(None) };
    let say = reader.say();
    let Some(call) = calls::get(&reader.state.store, &reader.viewer, id).await? else { return Ok(None) };
    let talk = reader.floor.talks.iter().find(|talk| talk.call == id);
    let members = members(reader, serving, talk);
    let other = |number: &str| format!("{} · {number}", say.queue(&serving.queue));
    let sub = match call.call.direction {
        Direction::Inbound => other(&call.call.caller),
        Direction::Outbound => other(&call.call.dialled),
        Direction::Internal => say.t("desk.call.internal"),
    };
    // Between colleagues each sees the other.
    let name = match (call.call.direction, members.first()) {
        (Direction::Internal, Some(other)) => other.name.clone(),
        _ => call.call.person_name.clone(),
    };
    let recorded = call.recordings.iter().find(|r| r.state == RecordingState::Recording);
    let pop = match Known::of_call(&call.call) {
        Some(known) => pop(reader, known, serving.leads).await?,
        None => None,
    };
    Ok(Some(CallStrip {
        call: id,
        pop,
        name,
        sub,
        since: serving.since,
        held: serving.held,
        paused: recorded.map(|r| r.paused),
        reaching: talk.is_some_and(|talk| talk.reaching),
        leads: serving.leads,
        customer: talk.is_none_or(|talk| talk.direction != Direction::Internal),
        page: call.call.trunk.as_str() == PAGE && reader.loaded.config.takes_video(),
        members,
        watched: watched(reader, id),
        consult: talk.and_then(|talk| {
            let (with, aside) = talk.consult.as_ref()?;
            let party = talk.parties.iter().find(|party| party.who == *with)?;
            Some(Consult {
                name: party_text(&say, with, party.number.as_deref()),
                joined: party.joined,
                aside: *aside,
                outside: party.number.is_some(),
            })
        }),
    }))
}

/// Everybody but the customer and the reader.
fn members(reader: &Reader, serving: &FloorServing, talk: Option<&FloorTalk>) -> Vec<Member> {
    let say = reader.say();
    let lead = reader.floor.serving.iter().find(|s| s.work == serving.work && s.leads && s.agent != *reader.me());
    let lead =
        lead.map(|lead| Member { key: format!("agent/{}", lead.agent), name: say.agent_name(&lead.agent), joined: true, held: lead.held });
    let others = talk.into_iter().flat_map(|talk| &talk.parties).filter_map(|party| {
        let key = match &party.who {
            LegParty::Agent(agent) if agent == reader.me() => return None,
            LegParty::Agent(agent) => format!("agent/{agent}"),
            LegParty::Outside(nth) => format!("outside/{nth}"),
            LegParty::Customer => return None,
        };
        let name = party_text(&say, &party.who, party.number.as_deref());
        Some(Member { key, name, joined: party.joined, held: party.held })
    });
    lead.into_iter().chain(others).collect()
}

/// Who listens, where it is announced; who is heard is named in any case.
fn watched(reader: &Reader, call: CallId) -> Vec<String> {
    let say = reader.say();
    let here = reader.floor.watches.iter().filter(|watch| watch.call == call && watch.agent == *reader.me() && watch.since.is_some());
    let told = here.filter(|watch| watch.announced || watch.mode != WatchMode::Listen);
    told.map(|watch| say.with(&format!("wallboard.watch.{}", word(watch.mode)), &[("who", &say.agent(&watch.by))])).collect()
}

fn watch_strip(reader: &Reader, watch: &FloorWatch) -> WatchStrip {
    let say = reader.say();
    let title = say.with(&format!("wallboard.strip.{}", word(watch.mode)), &[("who", &say.agent(&watch.agent))]);
    WatchStrip { call: watch.call, title, queue: say.queue(&watch.queue), mode: word(watch.mode), since: watch.since }
}

fn moves(reader: &Reader, moves: &[FloorMove]) -> Vec<String> {
    let say = reader.say();
    let text =
        |m: &FloorMove| say.with("wallboard.moved_for_you", &[("what", &move_text(&say, &m.change)), ("time", &until(&say, m.until))]);
    moves.iter().map(text).collect()
}

/// Calls at slots in the reader's queues.
pub fn my_parked(reader: &Reader) -> Vec<&FloorParked> {
    let queues = reader.queues();
    reader.floor.parked.iter().filter(|parked| parked.by == *reader.me() || queues.contains(&parked.queue)).collect()
}

/// The form that is owed, and those whose time was over in the middle of a sentence.
async fn after_calls(reader: &Reader, seat: &FloorAgent) -> Result<Vec<WrapUp>, StoreError> {
    let mut wraps = Vec::new();
    for (call, queue) in &seat.lapsed {
        let over = FloorWrapUp { call: *call, queue: queue.clone(), until: At::default(), overdue: false };
        wraps.extend(after_call(reader, &over, true).await?);
    }
    if let Some(wrap_up) = &seat.wrap_up {
        wraps.extend(after_call(reader, wrap_up, false).await?);
    }
    Ok(wraps)
}

async fn after_call(reader: &Reader, wrap_up: &FloorWrapUp, lapsed: bool) -> Result<Option<WrapUp>, StoreError> {
    let FloorWrapUp { call, queue, until, overdue } = wrap_up;
    let draft = drafts::get(&reader.state.store, reader.me(), Place::WrapUp(*call)).await?;
    if lapsed && draft.is_empty() {
        return Ok(None);
    }
    let Some(row) = calls::get(&reader.state.store, &reader.viewer, *call).await? else { return Ok(None) };
    let asked = Asked::of(reader.catalog().queues.get(queue));
    Ok(Some(WrapUp { call: *call, name: row.call.person_name, until: *until, overdue: *overdue, lapsed, asked, draft }))
}
