//! From checked sections to the desk's catalog. Runs after the checks; what they refused is left out here, and the file is refused.

mod callbacks;
mod dial;
mod forms;
mod outages;
pub(super) mod rules;
mod surveys;
mod tickets;

use super::Config;
use super::check::{Days, days, holiday_days, numbered, spans};
use super::findings::Findings;
use super::value::{Name, Period};
use crate::desk::catalog::*;
use crate::desk::config::{
    AgentGroupSection, AgentSection, FlowSection, HoursSection, LineSection, OverlaySection, PhoneSection, QueueOverlaySection,
    QueueSection, RoleName, RoutingSection, WrapUpFieldSection,
};
use crate::desk::dial::spec::DialSpec;
use crate::desk::hours::{Holiday, Hours, Span};
use crate::desk::id::*;
use crate::desk::ivr::{Flow, HoursOf, Node, Target};
use crate::desk::keyword::Keyword;
use crate::desk::overlay::{Overlay, QueueOverlay};
use crate::desk::traits::{Text, Traits, Unit};
use crate::desk::voicemail::VOICEMAIL;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn catalog(config: &Config, findings: &mut Findings<'_>) -> Catalog {
    let mut agents: BTreeMap<AgentId, AgentSpec> = BTreeMap::new();
    for spec in config.agents.iter().map(agent).chain(config.agent_groups.iter().flat_map(group)) {
        agents.insert(spec.id.clone(), spec);
    }
    let hours = hours(config, findings);
    let lines = lines(config, &agents);
    Catalog {
        dial: dial::spec(config, &lines),
        lines,
        agents,
        queues: config.queues.iter().map(|section| queue(section, &hours)).map(|spec| (spec.id.clone(), spec)).collect(),
        channels: config.channels.iter().map(channel).chain([voicemail()]).map(|spec| (spec.id.clone(), spec)).collect(),
        tiers: config.tiers.iter().map(|tier| (id(&tier.id), tier.priority)).collect(),
        tier_names: config.tiers.iter().filter_map(|tier| Some((id(&tier.id), tier.name.clone()?))).collect(),
        skill_names: config.skills.iter().filter_map(|skill| Some((id(&skill.id), skill.name.clone()?))).collect(),
        routing: routing(&config.routing, config.site.timezone.get_ref()),
        tickets: tickets::resolve(config, &hours),
        callbacks: callbacks::resolve(config, findings),
        proactive: proactive(config),
        outages: outages::resolve(config),
        rules: rules::resolve(config, &hours),
        flows: flows(config, &|name| hours.get(name).cloned()),
        forms: forms::resolve(config),
        surveys: surveys::resolve(config),
        overlays: config.overlays.iter().map(|(name, section)| (id(name), overlay(name, section, &hours))).collect(),
        supervision: Supervision { announce: config.supervision.announce, prompt: config.supervision.prompt.get_ref().clone() },
        language: config.site.language.get_ref().clone(),
    }
}

fn id<T: for<'n> From<&'n str>>(name: &Name) -> T {
    T::from(name.get_ref().as_str())
}

/// Awake from the end of the quiet hours to their beginning.
fn proactive(config: &Config) -> ProactiveRules {
    let section = &config.proactive;
    let quiet = section.quiet.as_ref().and_then(|quiet| spans(std::slice::from_ref(quiet)).into_iter().next());
    let zone = TimeZone::get(config.site.timezone.get_ref()).unwrap_or(TimeZone::UTC);
    let waking = quiet.map(|quiet| Span { from: quiet.to, to: quiet.from });
    ProactiveRules {
        waking: waking.map(|span| Hours::new(zone, std::array::from_fn(|_| vec![span]), BTreeMap::new(), BTreeMap::new())),
        offer_every_ms: section.offer_every.millis(),
        channels: section.channels.iter().map(id).collect(),
    }
}

fn skills(skills: &BTreeMap<Name, Spanned<u8>>) -> BTreeMap<SkillId, u8> {
    skills.iter().map(|(skill, level)| (id(skill), *level.get_ref())).collect()
}

fn desk_phone(phone: &PhoneSection) -> DeskPhone {
    match phone {
        PhoneSection::At(address) => DeskPhone::At(address.clone()),
        PhoneSection::Login(_) => DeskPhone::Registered,
    }
}

fn agent(section: &AgentSection) -> AgentSpec {
    AgentSpec {
        id: id(&section.id),
        name: section.name.clone().unwrap_or_else(|| section.id.get_ref().clone()),
        skills: skills(&section.skills),
        queues: section.queues.iter().map(id).collect(),
        capacity: *section.capacity.get_ref(),
        phone: section.phone.as_ref().map(|phone| desk_phone(phone.get_ref())),
        always_available: section.always_available,
        max_calls: *section.max_calls.get_ref(),
        outbound_queue: section.outbound_queue.as_ref().map(id),
        supervises: section.role >= RoleName::Supervisor,
    }
}

fn group(section: &AgentGroupSection) -> impl Iterator<Item = AgentSpec> + '_ {
    let queues: Vec<QueueId> = section.queues.iter().map(id).collect();
    let skills = skills(&section.skills);
    // Past 10,000 the count has been refused; the bound keeps a slip of the hand from filling the memory first.
    (section.first..).take((*section.count.get_ref()).min(10_000) as usize).map(move |number| {
        let number = number.to_string();
        let id = format!("{}{number}", section.prefix);
        AgentSpec {
            id: AgentId::from(id.as_str()),
            name: section.name.as_ref().map_or(id, |name| name.replace("{n}", &number)),
            skills: skills.clone(),
            queues: queues.clone(),
            capacity: *section.capacity.get_ref(),
            phone: section.phone.as_ref().map(|phone| desk_phone(&phone.get_ref().numbered(&number))),
            always_available: section.always_available,
            max_calls: *section.max_calls.get_ref(),
            outbound_queue: None,
            supervises: false,
        }
    })
}

fn wrap_up_field(section: &WrapUpFieldSection) -> WrapUpField {
    WrapUpField { name: section.name.get_ref().trim().to_owned(), required: section.required, choices: section.choices.clone() }
}

fn queue(section: &QueueSection, hours: &BTreeMap<&str, Hours>) -> QueueSpec {
    let text = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().clone());
    QueueSpec {
        id: id(&section.id),
        name: section.name.clone().unwrap_or_else(|| section.id.get_ref().clone()),
        requires: section
            .requires
            .iter()
            .map(|wanted| Requirement {
                skill: id(&wanted.skill),
                minimum: *wanted.minimum.get_ref(),
                preferred: *wanted.preferred.as_ref().unwrap_or(&wanted.minimum).get_ref(),
                relax_ms: wanted.relax.get_ref().millis(),
            })
            .collect(),
        priority: section.priority,
        offer_ms: section.offer.get_ref().millis(),
        wrap_up_ms: section.wrap_up.millis(),
        dispositions: section.dispositions.clone(),
        disposition_required: section.disposition_required,
        wrap_up_fields: section.wrap_up_fields.iter().map(wrap_up_field).collect(),
        greeting: text(&section.greeting),
        music: text(&section.music).unwrap_or_else(|| "music".to_owned()),
        record: section.record,
        record_notice: text(&section.record_notice),
        record_outbound: section.record_outbound.unwrap_or(section.record),
        overflow: section.overflow.as_ref().map(|overflow| Overflow { after_ms: overflow.after.millis(), to: id(&overflow.to) }),
        max_wait_ms: section.max_wait.millis(),
        hours: section.hours.as_ref().and_then(|name| hours.get(name.get_ref().as_str()).cloned()),
        closed_prompt: text(&section.closed_prompt),
        prefer_agent_ms: section.prefer_agent.millis(),
        open_ticket: section.open_ticket,
        waiting: waiting(section),
    }
}

fn overlay(name: &Name, section: &OverlaySection, hours: &BTreeMap<&str, Hours>) -> Overlay {
    let text = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().clone());
    let queue = |section: &QueueOverlaySection| QueueOverlay {
        add: section.add_agents.iter().map(id).collect(),
        remove: section.remove_agents.iter().map(id).collect(),
        priority: section.priority,
        greeting: text(&section.greeting),
        music: text(&section.music),
        hours: section.hours.as_ref().and_then(|name| hours.get(name.get_ref().as_str()).cloned()),
        closed_prompt: text(&section.closed_prompt),
        overflow: section.overflow.as_ref().map(|overflow| Overflow { after_ms: overflow.after.millis(), to: id(&overflow.to) }),
        max_wait_ms: section.max_wait.map(Period::millis),
        wrap_up_ms: section.wrap_up.map(Period::millis),
    };
    Overlay {
        name: section.name.clone().unwrap_or_else(|| name.get_ref().clone()),
        queues: section.queues.iter().map(|(name, section)| (id(name), queue(section))).collect(),
        lines: section.lines.iter().filter_map(|(number, to)| Some((number.get_ref().clone(), place(to)?))).collect(),
        channels: section.channels.iter().filter_map(|(channel, to)| Some((id(channel), place(to)?))).collect(),
    }
}

/// `queue:ID` or `flow:ID`.
fn place(to: &Name) -> Option<LineTarget> {
    match Target::read(to.get_ref()) {
        Target::Queue(queue) => Some(LineTarget::Queue(queue)),
        Target::Flow(flow) => Some(LineTarget::Flow(flow)),
        _ => None,
    }
}

fn waiting(section: &QueueSection) -> WaitingSpec {
    let section = &section.waiting;
    let text = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().clone());
    let target = |name: &Option<Name>| name.as_ref().map(|name| Target::read(name.get_ref()));
    WaitingSpec {
        announce_ms: section.announce.millis(),
        say_position: section.position.unwrap_or(true),
        say_wait: section.estimate.unwrap_or(true),
        comfort: text(&section.comfort),
        comfort_ms: section.comfort_every.as_ref().map_or(60_000, |every| every.get_ref().millis()),
        keys: section.keys.iter().filter_map(|(key, to)| Some((key.get_ref().chars().next()?, Target::read(to.get_ref())))).collect(),
        keys_prompt: text(&section.keys_prompt),
        max_length: section.max_length as usize,
        full: target(&section.when_full),
        late: target(&section.when_late),
        closed: target(&section.when_closed),
        holiday: target(&section.when_holiday),
        holiday_prompt: text(&section.holiday_prompt),
    }
}

/// Where each queue sends callers on by itself: what the proof that nobody goes round needs.
pub(super) fn onward(config: &Config) -> BTreeMap<QueueId, Vec<Target>> {
    let of = |section: &QueueSection| {
        let w = &section.waiting;
        let ways = [&w.when_full, &w.when_late, &w.when_closed, &w.when_holiday].into_iter().flatten();
        ways.map(|name| Target::read(name.get_ref())).collect()
    };
    config.queues.iter().map(|section| (id(&section.id), of(section))).collect()
}

/// Nodes of an unknown kind have been refused.
pub(super) fn flows(config: &Config, hours: HoursOf<'_>) -> BTreeMap<FlowId, Flow> {
    let flow = |(name, section): (&Name, &FlowSection)| {
        let nodes = section.nodes.iter().filter_map(|(name, node)| Some((name.get_ref().clone(), Node::read(node, hours)?)));
        let flow = Flow {
            id: id(name),
            name: section.name.clone().unwrap_or_else(|| name.get_ref().clone()),
            start: section.start.as_ref().map_or_else(|| "start".to_owned(), |start| start.get_ref().clone()),
            nodes: nodes.collect(),
        };
        (flow.id.clone(), flow)
    };
    config.flows.iter().map(flow).collect()
}

/// What decides about calls out, but for the lines of agents.
pub(super) fn dial(config: &Config) -> DialSpec {
    dial::spec(config, &[])
}

fn lines(config: &Config, agents: &BTreeMap<AgentId, AgentSpec>) -> Vec<LineSpec> {
    let spec = |section: &LineSection, number: String, to: LineTarget| LineSpec { number, trunk: section.trunk.as_ref().map(id), to };
    let mut lines = Vec::new();
    let mut patterns = Vec::new();
    for section in &config.lines {
        let number = section.number.get_ref();
        if let (Some(flow), None, None, false) = (&section.flow, &section.queue, &section.agent, section.echo) {
            lines.push(spec(section, number.clone(), LineTarget::Flow(id(flow))));
            continue;
        }
        match (&section.queue, &section.agent, section.echo) {
            (Some(queue), None, false) => lines.push(spec(section, number.clone(), LineTarget::Queue(id(queue)))),
            (None, None, true) => lines.push(spec(section, number.clone(), LineTarget::Echo)),
            (None, Some(pattern), false) if number.contains("{n}") => {
                for agent in agents.keys() {
                    if let Some(digits) = numbered(pattern.get_ref(), agent.as_str()) {
                        patterns.push(spec(section, number.replace("{n}", digits), LineTarget::Agent(agent.clone())));
                    }
                }
            }
            (None, Some(agent), false) => lines.push(spec(section, number.clone(), LineTarget::Agent(id(agent)))),
            _ => {}
        }
    }
    // A number written out wins over one that a pattern gives.
    patterns.retain(|line| !lines.iter().any(|exact| exact.number == line.number && exact.trunk == line.trunk));
    lines.extend(patterns);
    lines
}

fn channel(section: &crate::channels::config::ChannelSection) -> ChannelSpec {
    ChannelSpec {
        id: id(&section.id),
        kind: section.kind.as_str().to_owned(),
        queue: id(&section.queue),
        flow: section.flow.as_ref().map(id),
        cost: section.cost,
        traits: section.traits(),
        addresses: section.email.as_ref().map(|email| email.addresses()).unwrap_or_default(),
        keywords: section.keywords.iter().map(keyword).collect(),
        away_text: section.away_text.clone(),
        open_text: section.open_text.clone(),
        open_after_ms: section.open_after.get_ref().millis(),
        calls: section.calls.as_ref().and_then(|calls| match &calls.to {
            None => Some(LineTarget::Queue(id(&section.queue))),
            Some(to) => place(to),
        }),
    }
}

fn keyword(section: &crate::channels::config::KeywordSection) -> Keyword {
    let words = section.words.iter().map(|word| word.get_ref().clone()).collect();
    let reply = section.reply.as_ref().map(|reply| reply.get_ref().clone());
    Keyword { words, reply, ticket: section.ticket.clone(), flow: section.flow.as_ref().map(id) }
}

/// Voicemail is a channel like others, but nobody declares it.
fn voicemail() -> ChannelSpec {
    ChannelSpec {
        id: ChannelId::from(VOICEMAIL),
        kind: VOICEMAIL.to_owned(),
        // A voicemail waits in the queue that was called.
        queue: QueueId::from(VOICEMAIL),
        flow: None,
        cost: 25,
        addresses: Vec::new(),
        traits: Traits::words(Text { most: 0, unit: Unit::Characters, parts: 1 }),
        keywords: Vec::new(),
        away_text: None,
        open_text: None,
        open_after_ms: 0,
        calls: None,
    }
}

fn routing(section: &RoutingSection, timezone: &str) -> Routing {
    Routing {
        call_cost: section.call_cost,
        missed_limit: section.missed_limit,
        aging_per_minute: section.aging_per_minute,
        agent_grace_ms: section.agent_grace.millis(),
        page_grace_ms: section.page_grace.millis(),
        break_reasons: section.break_reasons.clone(),
        timezone: timezone.to_owned(),
        callback_after_ms: section.callback_after.millis(),
        left_grace_ms: section.left_grace.millis(),
        ring_out_ms: section.ring_out.millis(),
        record_internal: section.record_internal,
        park_slots: {
            let first = *section.park_first.get_ref();
            first..=first.saturating_add((*section.park_slots.get_ref()).clamp(1, 100) - 1)
        },
        park_ms: section.park_time.millis(),
    }
}

fn hours<'c>(config: &'c Config, findings: &mut Findings<'_>) -> BTreeMap<&'c str, Hours> {
    let mut all = BTreeMap::new();
    for section in &config.hours {
        let zone = section.timezone.as_ref().unwrap_or(&config.site.timezone);
        match TimeZone::get(zone.get_ref()) {
            Ok(zone) => {
                let (dates, yearly) = holidays(config, section);
                all.insert(section.id.get_ref().as_str(), Hours::new(zone, week(section), dates, yearly));
            }
            // An unknown name has been reported by the checks; a known one whose rules cannot be read is told here.
            Err(error) if !findings.has_errors() => {
                findings.error(zone.span(), format!("time zone `{zone}` cannot be read: {error}"));
            }
            Err(_) => {}
        }
    }
    all
}

fn week(section: &HoursSection) -> [Vec<Span>; 7] {
    let mut week: [Vec<Span>; 7] = Default::default();
    for (key, times) in &section.week {
        for day in days(key.get_ref()).unwrap_or_default() {
            week[day] = spans(times);
        }
    }
    week
}

/// Days written in the hours themselves go before those of the lists, and an earlier list before a later one.
fn holidays(config: &Config, section: &HoursSection) -> (BTreeMap<jiff::civil::Date, Holiday>, BTreeMap<(i8, i8), Holiday>) {
    let (mut dates, mut yearly) = (BTreeMap::new(), BTreeMap::new());
    let list = |name: &Name| config.holiday_lists.iter().find(|list| list.id == *name).map(|list| &list.days);
    for (key, day) in std::iter::once(&section.holidays).chain(section.holiday_lists.iter().filter_map(list)).flatten() {
        let holiday = Holiday { name: day.name.clone(), open: spans(&day.open) };
        match holiday_days(key.get_ref()) {
            Some(Days::Dates(days)) => days.into_iter().for_each(|day| _ = dates.entry(day).or_insert_with(|| holiday.clone())),
            Some(Days::Yearly(month, day)) => _ = yearly.entry((month, day)).or_insert(holiday),
            None => {}
        }
    }
    (dates, yearly)
}
