//! The board as a view: the floor and the day, measured against the goals, in the reader's words.

use super::alerts::{Alert, alerts};
use super::asks::{AssistLine, Refused, assist_line, refused};
use super::cases;
use super::config::WallboardSection;
use super::figures::{self, Figure, TELLING};
use super::filter::Filter;
use super::today::Today;
use crate::desk::fact::StatusName;
use crate::desk::floor::{Floor, FloorAgent, FloorMove, FloorServing, FloorWaiting};
use crate::desk::id::{AgentId, At, ChannelId, QueueId, Work};
use crate::desk::input::{Medium, MoveChange, WatchMode};
use crate::desk::takes::medium_of;
use crate::store::figures::{Day, Time};
use crate::web::inbox::phrase::status_text;
use crate::web::inbox::reader::{Reader, glyph};
use crate::web::inbox::say::Say;
use std::collections::{BTreeMap, BTreeSet};

pub struct Board {
    pub kpis: Vec<Kpi>,
    pub queues: Vec<Group>,
    /// Who is here; those who are not stand behind them.
    pub agents: Vec<AgentLine>,
    pub offline: Vec<AgentLine>,
    pub counts: Vec<Count>,
    pub alerts: Vec<Alert>,
    pub overlays: Vec<OverlayLine>,
    pub cases: cases::Section,
    pub figures: Vec<Figure>,
    /// How the service level is counted, in words.
    pub formula: String,
}

/// One large figure.
pub struct Kpi {
    pub label: String,
    pub value: String,
    pub unit: &'static str,
    pub sub: String,
    /// ` warn`, `bad`, or nothing.
    pub class: &'static str,
}

/// A queue with its channels.
pub struct Group {
    pub id: String,
    pub name: String,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub key: String,
    pub glyph: &'static str,
    pub channel: String,
    /// Percent, with its class and what is wanted.
    pub level: Option<String>,
    pub width: f64,
    pub class: &'static str,
    pub target: u8,
    pub within: String,
    pub waiting: usize,
    pub longest: Option<At>,
    pub longest_class: &'static str,
    pub average: String,
    pub abandoned: String,
    pub offered: i64,
    pub answered: i64,
    pub ready: usize,
    pub staffed: usize,
}

pub struct AgentLine {
    pub id: String,
    pub name: String,
    /// The part after `p-` and `st-`.
    pub presence: &'static str,
    pub state: String,
    /// Chosen to come after the contact.
    pub next: Option<String>,
    pub since: At,
    pub class: &'static str,
    pub contacts: Vec<Contact>,
    pub used: u32,
    pub capacity: u32,
    pub occupancy: Option<i64>,
    /// The call with a customer that they lead.
    pub call: Option<u64>,
    /// Supervisors in it.
    pub watched: Vec<String>,
    /// How the reader is in it.
    pub mine: Option<WatchMode>,
    pub moves: Vec<MoveLine>,
    pub voice_problem: bool,
    /// What they take none of, and what lets them take it again.
    pub refuses: Vec<Refused>,
    /// Contacts for which they ask for help.
    pub assists: Vec<AssistLine>,
    /// Since when the wrap-up should have been handed in.
    pub owes: Option<At>,
    pub me: bool,
}

pub struct Contact {
    pub glyph: &'static str,
    pub label: String,
    pub href: String,
    pub held: bool,
}

pub struct MoveLine {
    pub text: String,
    pub value: String,
    pub until: At,
    pub title: String,
}

/// How many agents are in one state.
pub struct Count {
    pub presence: &'static str,
    pub name: String,
    pub n: usize,
}

pub struct OverlayLine {
    pub id: String,
    pub name: String,
    /// By whom it is on, and until when.
    pub on: Option<(String, Option<String>)>,
    /// What it changes, in short.
    pub what: String,
}

impl Board {
    /// How many are not here.
    pub fn absent(&self) -> u32 {
        self.offline.len() as u32
    }
}

impl AgentLine {
    /// Whether the reader is in the call in this way.
    pub fn is(&self, mode: &str) -> bool {
        self.mine.is_some_and(|mine| word(mine) == mode)
    }
}

/// As a form sends it.
pub fn word(mode: WatchMode) -> &'static str {
    match mode {
        WatchMode::Listen => "listen",
        WatchMode::Whisper => "whisper",
        WatchMode::Barge => "barge",
        WatchMode::TakeOver => "take_over",
    }
}

/// A waiting line: a queue, and what comes to it by one channel; `None` is the telephone.
type Lane = (QueueId, Option<ChannelId>);

pub fn board(reader: &Reader, today: &Today, filter: &Filter) -> Board {
    let say = reader.say();
    let goals = &reader.loaded.config.wallboard;
    let (floor, counted) = filter.narrow(reader.catalog(), &reader.floor, today);
    let queues = groups(reader, &say, goals, today, filter);
    let lanes = queues.iter().map(|group| QueueId::from(group.id.as_str())).collect();
    let shown: BTreeSet<&str> = reader
        .floor
        .agents
        .iter()
        .filter(|agent| !filter.is_on() || filter.shows_agent(reader.catalog(), agent, &lanes))
        .map(|agent| agent.id.as_str())
        .collect();
    let (mut agents, mut offline) = agents(reader, &say, goals, today);
    for lines in [&mut agents, &mut offline] {
        lines.retain(|line| shown.contains(line.id.as_str()));
    }
    let times = counted.times.iter().filter(|(agent, _)| shown.contains(agent.as_str()));
    let time = times.fold(Time::default(), |all, (_, time)| all.and(*time));
    Board {
        kpis: kpis(reader, &say, goals, &counted, &floor, (&shown, &time)),
        figures: figures::figures(reader, &say, today, &time),
        alerts: alerts(reader, &say, goals, &queues, (&agents, &offline)),
        counts: counts(&say, &agents),
        overlays: overlays(reader, &say),
        cases: cases::section(reader, &say, today),
        formula: say.t("wallboard.formula"),
        queues,
        agents,
        offline,
    }
}

fn is_voice(waiting: &FloorWaiting) -> bool {
    matches!(waiting.work, Work::Call(_))
}

fn percent(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn against(level: Option<i64>, target: u8, offered: i64) -> &'static str {
    let target = i64::from(target) * 10;
    match level {
        Some(level) if level >= target => "ok",
        Some(level) if offered >= TELLING && level < target - 50 => "bad",
        Some(_) if offered >= TELLING => "warn",
        _ => "",
    }
}

/// `floor` and `today` are what the filter leaves of them; `shown` are the agents, and how their time went.
fn kpis(
    reader: &Reader,
    say: &Say,
    goals: &WallboardSection,
    today: &Today,
    floor: &Floor,
    (shown, time): (&BTreeSet<&str>, &Time),
) -> Vec<Kpi> {
    let target = *goals.target.get_ref();
    let sum = |voice: bool| today.days.iter().filter(|day| day.channel.is_none() == voice).fold(Day::default(), |all, day| all.and(day));
    let level = |key: &str, day: &Day, within: i64| {
        let class = match against(day.service_level(), target, day.offered()) {
            "ok" => "",
            class => class,
        };
        let sub = say.with("wallboard.goal", &[("target", &target.to_string()), ("time", &say.duration(within))]);
        let value = day.service_level().map_or_else(|| "–".to_owned(), percent);
        Kpi { label: say.t(key), unit: if day.service_level().is_some() { "%" } else { "" }, value, sub, class }
    };
    let (voice, text) = (sum(true), sum(false));
    let all = voice.and(&text);
    let waiting: Vec<&FloorWaiting> = floor.waiting.iter().filter(|w| !matches!(w.work, Work::Callback(_))).collect();
    let oldest = waiting.iter().min_by_key(|w| w.since);
    let waited = oldest.map_or(0, |w| reader.page.now.since(w.since));
    let plain = |key: &str, value: String, sub: String, class: &'static str| Kpi { label: say.t(key), value, unit: "", sub, class };
    let longest =
        oldest.map_or_else(|| say.t("wallboard.nobody_waits"), |w| say.with("wallboard.longest_in", &[("queue", &say.queue(&w.queue))]));
    let here: Vec<&FloorAgent> =
        floor.agents.iter().filter(|agent| agent.status != StatusName::Offline && shown.contains(agent.id.as_str())).collect();
    let ready = here.iter().filter(|agent| is_ready(agent, Medium::Calls, reader.catalog().routing.call_cost)).count();
    let talking: BTreeSet<&AgentId> = floor.serving.iter().map(|s| &s.agent).collect();
    let lost = if all.offered() > 0 { all.abandoned * 1_000 / all.offered() } else { 0 };
    let context = today.context.share().map(|share| Kpi {
        label: say.t("people.context.kpi"),
        value: percent(share),
        unit: "%",
        sub: say.with("people.context.of", &[("n", &today.context.shown.to_string()), ("all", &today.context.crossed.to_string())]),
        class: if share < i64::from(*goals.context_target.get_ref()) * 10 { "warn" } else { "" },
    });
    let kpis = vec![
        plain("wallboard.waiting_now", waiting.len().to_string(), longest, over(waited, goals.long_wait.get_ref().millis())),
        level("wallboard.level_voice", &voice, goals.voice_within.get_ref().millis()),
        level("wallboard.level_text", &text, goals.text_within.get_ref().millis()),
        Kpi {
            label: say.t("wallboard.abandoned"),
            value: if all.offered() > 0 { percent(lost) } else { "–".into() },
            unit: if all.offered() > 0 { "%" } else { "" },
            sub: say.with("wallboard.of_offered", &[("n", &all.abandoned.to_string()), ("all", &all.offered().to_string())]),
            class: "",
        },
        plain(
            "wallboard.callbacks",
            floor.callbacks.to_string(),
            say.t("wallboard.callbacks_sub"),
            if floor.callbacks > 0 { "warn" } else { "" },
        ),
        plain("wallboard.on_contact", talking.len().to_string(), say.n("wallboard.contacts", floor.serving.len() as u32), ""),
        plain("wallboard.ready", ready.to_string(), say.with("wallboard.of_staffed", &[("n", &here.len().to_string())]), ""),
        Kpi {
            label: say.t("wallboard.occupancy"),
            value: time.occupancy().map_or_else(|| "–".into(), |percent| percent.to_string()),
            unit: if time.occupancy().is_some() { "%" } else { "" },
            sub: say.t("wallboard.occupancy_sub"),
            class: if time.occupancy().is_some_and(|percent| percent > 85) { "warn" } else { "" },
        },
    ];
    kpis.into_iter().chain(context).collect()
}

/// ` bad` once a time has passed its limit.
fn over(ms: i64, limit: i64) -> &'static str {
    if ms >= limit { "bad" } else { "" }
}

/// Could be given something of this cost now.
fn is_ready(agent: &FloorAgent, medium: Medium, cost: u32) -> bool {
    let reachable = medium != Medium::Calls || agent.voice_problem.is_none();
    agent.status == StatusName::Available && agent.used + cost <= agent.capacity && reachable && !agent.refuses.contains(&medium)
}

fn groups(reader: &Reader, say: &Say, goals: &WallboardSection, today: &Today, filter: &Filter) -> Vec<Group> {
    let (floor, catalog) = (&reader.floor, reader.catalog());
    let mut lanes: BTreeSet<Lane> = BTreeSet::new();
    let declared = catalog.channels.values().filter(|channel| catalog.queues.contains_key(&channel.queue));
    lanes.extend(declared.map(|channel| (channel.queue.clone(), Some(channel.id.clone()))));
    lanes.extend(today.days.iter().filter_map(|day| Some((day.queue.clone()?, day.channel.clone()))));
    lanes.extend(floor.waiting.iter().map(|w| (w.queue.clone(), w.channel.clone())));
    lanes.extend(floor.serving.iter().map(|s| (s.queue.clone(), s.channel.clone())));
    // What no channel leads to is for calls.
    let silent: Vec<QueueId> = catalog.queues.keys().filter(|queue| !lanes.iter().any(|(of, _)| of == *queue)).cloned().collect();
    let dialled = catalog.lines.iter().filter_map(|line| match &line.to {
        crate::desk::catalog::LineTarget::Queue(queue) => Some(queue.clone()),
        _ => None,
    });
    lanes.extend(silent.into_iter().chain(dialled).map(|queue| (queue, None)));
    let mut groups: BTreeMap<QueueId, Vec<Row>> = BTreeMap::new();
    for lane in lanes.into_iter().filter(|(queue, channel)| filter.shows(catalog, queue, channel.as_ref())) {
        let row = row(reader, say, goals, today, &lane);
        groups.entry(lane.0).or_default().push(row);
    }
    let group = |(id, rows): (QueueId, Vec<Row>)| Group { name: say.queue(&id), id: id.to_string(), rows };
    groups.into_iter().map(group).collect()
}

fn row(reader: &Reader, say: &Say, goals: &WallboardSection, today: &Today, lane: &Lane) -> Row {
    let (queue, channel) = lane;
    let floor = &reader.floor;
    let voice = channel.is_none();
    let spec = channel.as_ref().and_then(|id| reader.catalog().channels.get(id));
    let kind = spec.map_or(if voice { "phone" } else { "webchat" }, |spec| spec.kind.as_str());
    let medium = if voice { Medium::Calls } else { medium_of(kind) };
    let cost = spec.map_or(reader.catalog().routing.call_cost, |spec| spec.cost);
    let none = Day::default();
    let day = today.days.iter().find(|day| day.queue.as_ref() == Some(queue) && day.channel == *channel).unwrap_or(&none);
    let waits = |w: &&FloorWaiting| w.queue == *queue && w.channel == *channel && (!voice || is_voice(w));
    let longest = floor.waiting.iter().filter(waits).map(|w| w.since).min();
    let within = if voice { goals.voice_within.get_ref() } else { goals.text_within.get_ref() }.millis();
    let waited = longest.map_or(0, |since| reader.page.now.since(since));
    let members = || floor.agents.iter().filter(|agent| agent.queues.contains(queue) && agent.status != StatusName::Offline);
    let target = *goals.target.get_ref();
    Row {
        key: format!("{queue}/{}", channel.as_ref().map_or("phone", |id| id.as_str())),
        glyph: glyph(kind),
        channel: say.channel(kind),
        level: day.service_level().map(percent),
        width: day.service_level().unwrap_or(0) as f64 / 10.0,
        class: against(day.service_level(), target, day.offered()),
        target,
        within: say.duration(within),
        waiting: floor.waiting.iter().filter(waits).count(),
        longest,
        longest_class: match waited {
            ms if longest.is_some() && ms >= goals.long_wait.get_ref().millis() => "hot bad",
            ms if longest.is_some() && ms >= within => "hot warn",
            _ => "",
        },
        average: day.average_wait().map_or_else(|| "–".into(), |ms| say.span(ms)),
        abandoned: if day.offered() > 0 { format!("{} %", percent(day.abandoned * 1_000 / day.offered())) } else { "–".into() },
        offered: day.offered(),
        answered: day.answered,
        ready: members().filter(|agent| is_ready(agent, medium, cost)).count(),
        staffed: members().count(),
    }
}

fn agents(reader: &Reader, say: &Say, goals: &WallboardSection, today: &Today) -> (Vec<AgentLine>, Vec<AgentLine>) {
    let lines = reader.floor.agents.iter().map(|agent| agent_line(reader, say, goals, today, agent));
    let (mut here, mut offline): (Vec<AgentLine>, Vec<AgentLine>) = lines.partition(|line| line.presence != "off");
    let rank = |line: &AgentLine| ["contact", "ring", "wrap", "available", "break"].iter().position(|state| *state == line.presence);
    here.sort_by_cached_key(|line| (rank(line), line.since, line.name.clone()));
    offline.sort_by_cached_key(|line| line.name.clone());
    (here, offline)
}

fn agent_line(reader: &Reader, say: &Say, goals: &WallboardSection, today: &Today, agent: &FloorAgent) -> AgentLine {
    let floor = &reader.floor;
    let now = reader.page.now;
    let serving: Vec<&FloorServing> = floor.serving.iter().filter(|s| s.agent == agent.id).collect();
    let leads = serving.iter().find(|s| s.leads && matches!(s.work, Work::Call(_)));
    let call = leads.and_then(|s| match s.work {
        Work::Call(id) => Some(id),
        _ => None,
    });
    let internal =
        |id| floor.talks.iter().any(|talk| talk.call == id && (talk.reaching || talk.direction == crate::desk::input::Direction::Internal));
    let rings = floor.waiting.iter().any(|w| w.offered_to.as_ref().is_some_and(|(to, _)| *to == agent.id));
    let rung = floor.rung.iter().any(|rung| rung.agent == agent.id);
    let (presence, state, since) = match (agent.status, serving.first()) {
        (StatusName::WrapUp, _) => ("wrap", status_text(say, agent.status), agent.since),
        (_, Some(first)) if leads.is_some() => ("contact", say.t("wallboard.on_call"), leads.unwrap_or(first).since),
        (StatusName::Available, _) if rings || rung => ("ring", say.t("wallboard.ringing"), agent.since),
        (StatusName::Available, Some(first)) => ("contact", say.t("wallboard.in_chats"), first.since),
        (StatusName::Break, _) => ("break", agent.reason.clone().unwrap_or_else(|| status_text(say, agent.status)), agent.since),
        (StatusName::Busy, _) => ("break", status_text(say, agent.status), agent.since),
        (StatusName::Available, None) => ("available", status_text(say, agent.status), agent.since),
        (StatusName::Offline, _) => ("off", status_text(say, agent.status), agent.since),
    };
    let limit = match presence {
        "contact" if leads.is_some() => goals.long_call.get_ref().millis(),
        "break" => goals.long_break.get_ref().millis(),
        _ => i64::MAX,
    };
    let mine = floor.watches.iter().find(|w| Some(w.call) == call && w.by == *reader.me());
    let watched = floor.watches.iter().filter(|w| Some(w.call) == call && w.since.is_some());
    AgentLine {
        id: agent.id.to_string(),
        name: say.agent_name(&agent.id),
        presence,
        state,
        next: agent.next.map(|next| say.with("wallboard.then", &[("status", &status_text(say, next))])),
        since,
        class: if now.since(since) >= limit { "warn" } else { "sub" },
        contacts: serving.iter().map(|s| contact(reader, say, s)).collect(),
        used: agent.used,
        capacity: agent.capacity,
        occupancy: today.times.get(&agent.id).and_then(|time| time.occupancy()),
        call: call.filter(|id| !internal(*id) && agent.id != *reader.me()).map(|id| id.0),
        watched: watched.map(|w| say.with(&format!("wallboard.watch.{}", word(w.mode)), &[("who", &say.agent_name(&w.by))])).collect(),
        mine: mine.map(|w| w.mode),
        moves: agent.moves.iter().map(|m| move_line(say, m)).collect(),
        voice_problem: agent.voice_problem.is_some() && agent.status == StatusName::Available,
        refuses: agent.refuses.iter().map(|medium| refused(say, agent, *medium)).collect(),
        assists: floor.assists.iter().filter(|assist| assist.agent == agent.id).map(|assist| assist_line(say, assist)).collect(),
        owes: agent.wrap_up.as_ref().filter(|wrap_up| wrap_up.overdue).map(|wrap_up| wrap_up.until),
        me: agent.id == *reader.me(),
    }
}

fn contact(reader: &Reader, say: &Say, serving: &FloorServing) -> Contact {
    let spec = serving.channel.as_ref().and_then(|id| reader.catalog().channels.get(id));
    let kind = spec.map_or("webchat", |spec| spec.kind.as_str());
    let (glyph, href) = match serving.work {
        Work::Call(id) => ("phone", format!("/inbox/call/{id}")),
        Work::Conversation(id) => (glyph(kind), format!("/inbox/conversation/{id}")),
        Work::Callback(id) => ("callback", format!("/callbacks#callback-{id}")),
    };
    Contact { glyph, href, label: say.queue(&serving.queue), held: serving.held }
}

/// What was changed, in words.
pub fn move_text(say: &Say, change: &MoveChange) -> String {
    match change {
        MoveChange::Join(queue) => say.with("wallboard.moved.join", &[("queue", &say.queue(queue))]),
        MoveChange::Leave(queue) => say.with("wallboard.moved.leave", &[("queue", &say.queue(queue))]),
        MoveChange::Skill { skill, level: 0 } => say.with("wallboard.moved.no_skill", &[("skill", &say.skill(skill))]),
        MoveChange::Skill { skill, level } => {
            say.with("wallboard.moved.skill", &[("skill", &say.skill(skill)), ("level", &level.to_string())])
        }
    }
}

/// An end, with the hour also where it is not today's.
pub fn until(say: &Say, at: At) -> String {
    if say.day_key(at) == say.day_key(say.now) { say.when(at) } else { format!("{} {}", say.when(at), say.clock(at)) }
}

fn move_line(say: &Say, moved: &FloorMove) -> MoveLine {
    let title = say.with("wallboard.moved.by", &[("who", &say.agent(&moved.by)), ("time", &until(say, moved.until))]);
    MoveLine { text: move_text(say, &moved.change), value: super::agent::written(&moved.change), until: moved.until, title }
}

fn counts(say: &Say, agents: &[AgentLine]) -> Vec<Count> {
    let of = |presence: &'static str, key: &str| Count {
        presence,
        name: say.t(key),
        n: agents.iter().filter(|line| line.presence == presence).count(),
    };
    vec![
        of("contact", "wallboard.state.contact"),
        of("ring", "wallboard.state.ring"),
        of("available", "wallboard.state.available"),
        of("wrap", "wallboard.state.wrap"),
        of("break", "wallboard.state.break"),
    ]
}

fn overlays(reader: &Reader, say: &Say) -> Vec<OverlayLine> {
    let on = |id: &str| reader.floor.overlays.iter().find(|on| on.id.as_str() == id);
    let line = |(id, overlay): (&crate::desk::id::OverlayId, &crate::desk::overlay::Overlay)| OverlayLine {
        id: id.to_string(),
        name: overlay.name.clone(),
        on: on(id.as_str()).map(|on| (say.agent_name(&on.by), on.until.map(|at| until(say, at)))),
        what: changed(say, overlay).join(&say.t("desk.comma")),
    };
    reader.catalog().overlays.iter().map(line).collect()
}

/// What an overlay changes, in short.
fn changed(say: &Say, overlay: &crate::desk::overlay::Overlay) -> Vec<String> {
    let queues = overlay.queues.keys().map(|queue| say.queue(queue));
    queues.chain(overlay.lines.keys().cloned()).chain(overlay.channels.keys().map(ToString::to_string)).collect()
}
