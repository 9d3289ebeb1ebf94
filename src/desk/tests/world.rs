//! The small firm in which scenarios play.

use super::super::callback::link::Links;
use super::super::catalog::*;
use super::super::config::FlowSection;
use super::super::dial::countries;
use super::super::dial::number::Numbering;
use super::super::dial::spec::*;
use super::super::form::spec::{FormSpec, Titles};
use super::super::hours::{Holiday, Hours, Span};
use super::super::id::*;
use super::super::ivr::{Flow, Node, Target};
use super::super::keyword::Keyword;
use super::super::outage::OutageRules;
use super::super::overlay::{Overlay, QueueOverlay};
use super::super::queue::plain_spec;
use crate::desk::traits::{Cards, FileRule, Text, Traits, Unit, Window, Within};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Monday, 2 March 2026, 00:00 UTC.
pub const MIDNIGHT: At = At(1_772_409_600_000);

/// Mara and Bo sit at browsers, p1 and p2 are desk phones. Mara knows the technology better.
pub fn shop() -> Catalog {
    let mut catalog = Catalog::default();
    for agent in [
        person("mara", 5, &["sales", "support", "chat", "urgent", "told", "mailbox", "patience", "line", "returns", "advice"]),
        person("bo", 2, &["sales", "support", "chat", "urgent", "told"]),
        person("lin", 0, &["chat", "office"]),
        // Ada supervises by her browser, Rita by a phone on her desk.
        AgentSpec { supervises: true, ..person("ada", 0, &[]) },
        AgentSpec { supervises: true, always_available: false, queues: Vec::new(), ..phone("rita") },
        phone("p1"),
        phone("p2"),
        AgentSpec { phone: Some(DeskPhone::Registered), queues: Vec::new(), ..phone("r1") },
    ] {
        catalog.agents.insert(agent.id.clone(), agent);
    }
    for queue in queues() {
        catalog.queues.insert(queue.id.clone(), queue);
    }
    for (number, to) in [
        ("4001", LineTarget::Queue("sales".into())),
        ("4002", LineTarget::Queue("support".into())),
        ("4003", LineTarget::Queue("urgent".into())),
        ("4005", LineTarget::Queue("told".into())),
        ("4004", LineTarget::Queue("night".into())),
        ("4006", LineTarget::Queue("mailbox".into())),
        ("4007", LineTarget::Queue("patience".into())),
        ("queue", LineTarget::Queue("phones".into())),
        ("91", LineTarget::Agent("p1".into())),
        ("93", LineTarget::Agent("r1".into())),
        ("92", LineTarget::Agent("mara".into())),
        ("echo", LineTarget::Echo),
        ("5001", LineTarget::Flow("main".into())),
        ("5002", LineTarget::Queue("line".into())),
        ("5006", LineTarget::Queue("returns".into())),
        ("5007", LineTarget::Queue("advice".into())),
        ("5003", LineTarget::Flow("early".into())),
        ("5004", LineTarget::Flow("night".into())),
        ("5005", LineTarget::Flow("cases".into())),
        ("5008", LineTarget::Flow("sends".into())),
    ] {
        catalog.lines.push(LineSpec { number: number.into(), trunk: None, to });
    }
    let vip = LineSpec { number: "4001".into(), trunk: Some("vip".into()), to: LineTarget::Queue("urgent".into()) };
    catalog.lines.push(vip);
    let text_channels = [
        ("web", "chat", None, None),
        ("nightweb", "night", Some("We are back at nine."), None),
        ("menuweb", "chat", None, Some("main")),
        // With three buttons of fifteen characters, and without any.
        ("tapweb", "chat", None, None),
        ("tapmenu", "chat", None, Some("buttons")),
        ("plainmenu", "chat", None, Some("buttons")),
    ];
    for (id, queue, away_text, flow) in text_channels {
        let channel = ChannelSpec {
            id: id.into(),
            addresses: Vec::new(),
            kind: "webchat".into(),
            queue: queue.into(),
            flow: flow.map(FlowId::from),
            cost: 25,
            traits: Traits {
                files: vec![FileRule { mime: "", most_bytes: 1 << 20 }],
                open_page: true,
                edit: Within::For(3_600_000),
                recall: Within::For(600_000),
                choices: if id.starts_with("tap") { 3 } else { 0 },
                cards: Cards { choice: 15, ..Cards::default() },
                ..Traits::words(Text { most: 40, unit: Unit::Characters, parts: 1 })
            },
            keywords: Vec::new(),
            away_text: away_text.map(str::to_owned),
            open_text: None,
            open_after_ms: 0,
            calls: match id {
                "web" => Some(LineTarget::Queue("support".into())),
                "menuweb" => Some(LineTarget::Flow("main".into())),
                _ => None,
            },
        };
        catalog.channels.insert(channel.id.clone(), channel);
    }
    catalog.tickets = super::tickets::rules();
    catalog.dial = dial();
    for (id, kind, queue) in [("texts", "sms", "chat"), ("voicemail", "voicemail", "voicemail")] {
        let unit = if kind == "sms" { Unit::Segments } else { Unit::Characters };
        let channel = ChannelSpec {
            id: id.into(),
            addresses: Vec::new(),
            kind: kind.into(),
            queue: queue.into(),
            cost: 25,
            traits: Traits { first: (kind == "sms").then_some("phone"), ..Traits::words(Text { most: 400, unit, parts: 2 }) },
            keywords: if kind == "sms" { keywords() } else { Vec::new() },
            away_text: None,
            open_text: None,
            open_after_ms: 0,
            flow: None,
            calls: None,
        };
        catalog.channels.insert(channel.id.clone(), channel);
    }
    // A platform that lets nobody write a day after the customer, but by templates.
    let approved = ChannelSpec {
        id: "app".into(),
        addresses: Vec::new(),
        kind: "whatsapp".into(),
        queue: "chat".into(),
        cost: 25,
        traits: Traits {
            templates: true,
            window: Some(Window { ms: 24 * 3_600_000, messages: None }),
            ..Traits::words(Text { most: 400, unit: Unit::Characters, parts: 1 })
        },
        keywords: Vec::new(),
        away_text: None,
        open_text: None,
        open_after_ms: 0,
        flow: None,
        calls: None,
    };
    catalog.channels.insert(approved.id.clone(), approved);
    let mail = ChannelSpec {
        id: "mail".into(),
        addresses: vec!["help@shop.example".into(), "Sales <sales@shop.example>".into()],
        kind: "email".into(),
        queue: "night".into(),
        cost: 25,
        traits: Traits {
            threads: true,
            whole: true,
            first: Some("email"),
            ..Traits::words(Text { most: 4_000, unit: Unit::Characters, parts: 1 })
        },
        keywords: keywords(),
        away_text: Some("We are back at nine.".into()),
        open_text: None,
        open_after_ms: 0,
        flow: None,
        calls: None,
    };
    catalog.channels.insert(mail.id.clone(), mail);
    let window = Some(Window { ms: 24 * 3_600_000, messages: None });
    let messenger = ChannelSpec {
        id: "wa".into(),
        addresses: Vec::new(),
        kind: "whatsapp".into(),
        queue: "chat".into(),
        cost: 25,
        traits: Traits { window, templates: true, ..Traits::words(Text { most: 40, unit: Unit::Characters, parts: 1 }) },
        keywords: Vec::new(),
        away_text: None,
        open_text: None,
        open_after_ms: 0,
        flow: None,
        calls: None,
    };
    catalog.channels.insert(messenger.id.clone(), messenger);
    // Whoever writes while the office is closed is answered after it has opened; one of its channels lets nobody write after two days.
    let two_days = Window { ms: 48 * 3_600_000, messages: Some(5) };
    for (id, kind, window, most, parts) in [("office", "webchat", None, 400, 1), ("gh", "wechat", Some(two_days), 40, 3)] {
        let channel = ChannelSpec {
            id: id.into(),
            addresses: Vec::new(),
            kind: kind.into(),
            queue: "office".into(),
            cost: 25,
            traits: Traits { window, open_page: window.is_none(), ..Traits::words(Text { most, unit: Unit::Characters, parts }) },
            keywords: keywords(),
            away_text: None,
            open_text: Some("Good morning!".into()),
            open_after_ms: 300_000,
            flow: None,
            calls: None,
        };
        catalog.channels.insert(channel.id.clone(), channel);
    }
    let awake = std::array::from_fn(|_| vec![Span { from: 8 * 60, to: 21 * 60 }]);
    catalog.outages = OutageRules {
        announces: true,
        after_ms: 300_000,
        windows: true,
        help: true,
        prompt: Some("outage".into()),
        customers: true,
        texts: BTreeMap::from([("en".into(), "No {channel} now.".into()), ("zh-CN".into(), "{channel}暂停。".into())]),
        names: BTreeMap::from([("web".into(), BTreeMap::from([("en".into(), "chat".into()), ("zh-CN".into(), "网聊".into())]))]),
    };
    catalog.proactive = ProactiveRules {
        waking: Some(Hours::new(TimeZone::UTC, awake, BTreeMap::new(), BTreeMap::new())),
        offer_every_ms: 7 * 24 * 3_600_000,
        channels: vec!["texts".into(), "mail".into()],
    };
    catalog.callbacks = callbacks();
    catalog.forms = forms();
    catalog.tiers.insert("gold".into(), 10);
    catalog.language = "en".into();
    catalog.flows = flows();
    catalog.overlays = overlays();
    catalog.routing.break_reasons = vec!["lunch".into(), "training".into()];
    catalog
}

/// A day on which Lin helps in sales, which goes first and says so.
fn overlays() -> BTreeMap<OverlayId, Overlay> {
    let sales = QueueOverlay {
        add: vec!["lin".into()],
        remove: vec!["bo".into()],
        priority: Some(20),
        greeting: Some("promotion".into()),
        wrap_up_ms: Some(5_000),
        ..QueueOverlay::default()
    };
    let night = QueueOverlay { hours: Some(weekdays(BTreeMap::new())), max_wait_ms: Some(30_000), ..QueueOverlay::default() };
    let promotion = Overlay {
        name: "Promotion".into(),
        queues: BTreeMap::from([("sales".into(), sales)]),
        lines: BTreeMap::from([("4003".to_owned(), LineTarget::Flow("main".into()))]),
        channels: BTreeMap::from([("wa".into(), LineTarget::Flow("main".into()))]),
    };
    let quiet = Overlay { name: "Quiet".into(), queues: BTreeMap::from([("sales".into(), night)]), ..Overlay::default() };
    BTreeMap::from([("promotion".into(), promotion), ("quiet".into(), quiet)])
}

/// A house in Berlin with one trunk for its own country and Austria, one for the world, and one that only brings calls.
fn dial() -> DialSpec {
    let numbering = Numbering { area_code: "30".into(), ..Numbering::of(countries::named("de").unwrap()) };
    let trunk = |id: &str, outbound: Option<Outbound>| TrunkSpec {
        id: id.into(),
        numbering: numbering.clone(),
        reachable: true,
        pinged: true,
        failures: 3,
        outbound,
    };
    let line = Outbound {
        allow: vec![Place::National, Place::Start("43".into())],
        number: Some("+4930123456".into()),
        owns: vec!["+49301234*".into()],
        weight: 1,
        asserted: true,
        max_calls: 2,
        minutes_per_day: 3,
        ..Outbound::default()
    };
    let world = Outbound {
        allow: vec![Place::Any],
        prices: vec![(String::new(), 200_000)],
        cost_per_day: 1_000_000,
        minutes_per_day: 0,
        ..line.clone()
    };
    let any = |agent: &str| (AgentId::from(agent), vec![Place::Any]);
    DialSpec {
        trunks: vec![trunk("main", Some(line)), trunk("vip", None), trunk("world", Some(world))],
        agents: BTreeMap::from([any("mara"), any("p1"), (AgentId::from("bo"), vec![Place::National])]),
        by_flow: BTreeMap::from([("night".into(), vec![Place::Start("4930".into())])]),
        place: Some("+4930123450".into()),
        numbering,
        ..DialSpec::default()
    }
}

/// Texts go out by `texts`; a German may be called from eight to nine in the evening, German time.
fn callbacks() -> Callbacks {
    let texts = |site: &str| Texts {
        missed_wait: format!("{site}: about {{wait}} min. {{link}}"),
        missed: format!("{site}: {{link}}"),
        missed_no_link: format!("{site}: we will call you."),
        stopped: "No more texts.".into(),
        resumed: "Texts again.".into(),
        form: format!("{site}: {{title}} {{link}}"),
        number: format!("{site}: your number? {{link}}"),
    };
    let day = Span { from: 8 * 60, to: 21 * 60 };
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    Callbacks {
        text_channel: Some("texts".into()),
        polite: vec![("+49".into(), Hours::new(berlin, std::array::from_fn(|_| vec![day]), BTreeMap::new(), BTreeMap::new()))],
        texts: BTreeMap::from([("en".into(), texts("Shop")), ("zh-CN".into(), texts("小店"))]),
        site: "Shop".into(),
        links: Some(Links::new("https://shop.example", [7; 32])),
        ..Callbacks::default()
    }
}

/// An address to be written down, an identity to be judged, and a number to be called.
fn forms() -> BTreeMap<FormKind, FormSpec> {
    let form = |kind: &str, title: &str, verdict: bool, calls: bool| FormSpec {
        kind: kind.into(),
        title: Titles(BTreeMap::from([("en".into(), title.into())])),
        intro: Titles::default(),
        expires_ms: 3_600_000,
        keep_ms: 30 * 24 * 3_600_000,
        guided: verdict,
        verdict,
        calls,
        fields: Vec::new(),
    };
    [form("address", "Address", false, false), form("identity", "Identity", true, false), form("number", "Number", false, true)]
        .into_iter()
        .map(|form| (form.kind.clone(), form))
        .collect()
}

fn asked(name: &str, required: bool, choices: &[&str]) -> WrapUpField {
    WrapUpField { name: name.into(), required, choices: choices.iter().map(|choice| (*choice).to_owned()).collect() }
}

fn queues() -> Vec<QueueSpec> {
    let tech = Requirement { skill: "tech".into(), minimum: 2, preferred: 4, relax_ms: 15_000 };
    let named = |id: &str| QueueSpec { offer_ms: 20_000, ..plain_spec(id.into()) };
    vec![
        QueueSpec {
            wrap_up_ms: 30_000,
            dispositions: vec!["sold".into(), "lost".into()],
            greeting: Some("welcome".into()),
            record: true,
            record_outbound: true,
            prefer_agent_ms: 15_000,
            open_ticket: true,
            ..named("sales")
        },
        QueueSpec {
            requires: vec![tech],
            overflow: Some(Overflow { after_ms: 60_000, to: "urgent".into() }),
            max_wait_ms: 120_000,
            ..named("support")
        },
        QueueSpec { priority: 5, ..named("urgent") },
        QueueSpec { dispositions: vec!["solved".into()], open_ticket: true, prefer_agent_ms: 15_000, ..named("chat") },
        QueueSpec { hours: Some(weekdays(BTreeMap::new())), closed_prompt: Some("closed".into()), ..named("night") },
        QueueSpec { hours: Some(nine_to_five()), ..named("office") },
        QueueSpec {
            max_wait_ms: 30_000,
            waiting: WaitingSpec { late: Some(Target::Voicemail), ..WaitingSpec::default() },
            ..named("mailbox")
        },
        QueueSpec {
            max_wait_ms: 30_000,
            waiting: WaitingSpec { late: Some(Target::Callback), ..WaitingSpec::default() },
            ..named("patience")
        },
        named("phones"),
        QueueSpec {
            max_wait_ms: 240_000,
            hours: Some(nine_to_five()),
            closed_prompt: Some("closed".into()),
            waiting: WaitingSpec {
                announce_ms: 45_000,
                say_position: true,
                say_wait: true,
                comfort: Some("all-busy".into()),
                comfort_ms: 60_000,
                keys: [('1', Target::Queue("urgent".into())), ('2', Target::Flow("main".into()))].into(),
                keys_prompt: Some("queue-keys".into()),
                max_length: 2,
                full: Some(Target::Queue("urgent".into())),
                late: Some(Target::Flow("early".into())),
                closed: Some(Target::Flow("early".into())),
                holiday: Some(Target::HangUp),
                holiday_prompt: Some("holiday".into()),
            },
            ..named("line")
        },
        QueueSpec {
            wrap_up_ms: 30_000,
            dispositions: vec!["delivery / late".into(), "delivery / broken".into()],
            wrap_up_fields: vec![asked("order", true, &[]), asked("size", false, &["S", "M"])],
            ..named("returns")
        },
        QueueSpec { wrap_up_ms: 30_000, dispositions: vec!["helped".into()], disposition_required: true, ..named("advice") },
        QueueSpec {
            greeting: Some("welcome".into()),
            record: true,
            record_notice: Some("recorded".into()),
            record_outbound: true,
            ..named("told")
        },
    ]
}

/// An order is looked up, a complaint becomes a ticket.
fn keywords() -> Vec<Keyword> {
    let rule = |word: &str, reply: Option<&str>, ticket: Option<&str>, flow: Option<&str>| Keyword {
        words: vec![word.into()],
        reply: reply.map(str::to_owned),
        ticket: ticket.map(str::to_owned),
        flow: flow.map(FlowId::from),
    };
    vec![
        rule("hours", Some("We are open from nine to five."), None, None),
        rule("complaint", Some("We have written it down."), Some("Complaint by text"), None),
        rule("menu", None, None, Some("main")),
        rule("查询订单", None, None, Some("orders")),
    ]
}

/// The flows of `flows.toml`, as the configuration would resolve them.
pub fn flows() -> BTreeMap<FlowId, Flow> {
    let sections: BTreeMap<String, FlowSection> = toml::from_str(include_str!("flows.toml")).unwrap();
    let flow = |(id, section): (String, FlowSection)| {
        let nodes = section.nodes.iter().map(|(name, node)| (name.get_ref().clone(), Node::read(node, &|_| Some(nine_to_five())).unwrap()));
        let start = section.start.as_ref().map_or("start", |start| start.get_ref());
        (FlowId::from(id.as_str()), Flow { id: id.as_str().into(), name: id.clone(), start: start.into(), nodes: nodes.collect() })
    };
    sections.into_iter().map(flow).collect()
}

/// Weekdays, but for a holiday on the 3rd of March.
pub fn nine_to_five() -> Hours {
    weekdays(BTreeMap::from([(jiff::civil::date(2026, 3, 3), Holiday { name: "Peach Day".into(), open: Vec::new() })]))
}

fn weekdays(holidays: BTreeMap<jiff::civil::Date, Holiday>) -> Hours {
    let open: Vec<Span> = vec![Span { from: 9 * 60, to: 17 * 60 }];
    let week = [open.clone(), open.clone(), open.clone(), open.clone(), open, Vec::new(), Vec::new()];
    Hours::new(TimeZone::UTC, week, holidays, BTreeMap::new())
}

fn person(id: &str, tech: u8, queues: &[&str]) -> AgentSpec {
    AgentSpec {
        id: id.into(),
        name: id.into(),
        skills: BTreeMap::from([("tech".into(), tech)]),
        queues: queues.iter().map(|q| QueueId::from(*q)).collect(),
        capacity: 100,
        phone: None,
        always_available: false,
        max_calls: 1,
        outbound_queue: None,
        supervises: false,
    }
}

fn phone(id: &str) -> AgentSpec {
    AgentSpec { phone: Some(DeskPhone::At(format!("sip:{id}@127.0.0.1:5070"))), always_available: true, ..person(id, 0, &["phones"]) }
}
