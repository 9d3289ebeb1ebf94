//! Rules: the shipped ones in the scripts' shop, and generated sets of them, which always come to an end.

use super::super::catalog::{Catalog, QueueSpec};
use super::super::fact::{Fact, RuleFact};
use super::super::form::spec::Titles;
use super::super::id::*;
use super::super::input::*;
use super::super::rules::Subject;
use super::super::rules::spec::*;
use super::properties::{anything, books_agree, cases};
use super::script::{Stage, who};
use super::surveys;
use super::world::{MIDNIGHT, shop};
use crate::desk::act::Act;
use crate::desk::person::Consent;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, VecDeque};

/// The rules of `config.example.toml`, in a shop that has what they name.
pub fn shipped(catalog: &Catalog) -> Catalog {
    let example = include_str!("../../../config.example.toml");
    let (_, block) = example.split_once("- rules\n").expect("the example's rules");
    let (block, _) = block.split_once("# Whatever else").expect("the end of those that ship");
    let text: String = block
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' ') || line.starts_with("  {"))
        .fold(String::new(), |text, line| text + line + "\n");
    furnished(Catalog { rules: crate::config::rules_of(&text), ..catalog.clone() })
}

fn furnished(mut catalog: Catalog) -> Catalog {
    let urgent = catalog.queues[&QueueId::from("urgent")].clone();
    let workshop = QueueSpec { id: "workshop".into(), name: "Workshop".into(), ..urgent };
    catalog.queues.insert(workshop.id.clone(), workshop);
    for queue in ["returns", "sales"] {
        let queue = catalog.queues.get_mut(&QueueId::from(queue)).expect("a queue");
        (queue.wrap_up_fields, queue.wrap_up_ms, queue.dispositions) = (Vec::new(), 30_000, vec!["complaint".into(), "sold".into()]);
    }
    for agent in catalog.agents.values_mut().filter(|agent| matches!(agent.id.as_str(), "mara" | "bo")) {
        agent.queues.push("workshop".into());
    }
    catalog
}

/// Rules for one thing each.
pub fn set(catalog: &Catalog, name: &str) -> Option<Catalog> {
    let text = match name {
        "actions" => include_str!("rules/actions.toml"),
        "chain" => include_str!("rules/chain.toml"),
        "asks" => include_str!("rules/asks.toml"),
        "customers" => include_str!("rules/customers.toml"),
        _ => return None,
    };
    let catalog = furnished(Catalog { rules: crate::config::rules_of(text), ..catalog.clone() });
    Some(if name == "asks" { surveys::with(catalog, &[]) } else { catalog })
}

/// `conversation/7`, `ticket/2`, `told/1`.
pub fn subject(text: &str) -> Option<Subject> {
    let (kind, id) = text.split_once('/')?;
    let id = id.parse().ok()?;
    Some(match kind {
        "call" => Subject::Work(Work::Call(CallId(id))),
        "conversation" => Subject::Work(Work::Conversation(ConversationId(id))),
        "callback" => Subject::Work(Work::Callback(CallbackId(id))),
        "ticket" => Subject::Ticket(TicketId(id)),
        "told" => Subject::Told(ToldId(id)),
        _ => return None,
    })
}

fn titles(text: &str) -> Titles {
    Titles(BTreeMap::from([(String::new(), text.to_owned())]))
}

fn action() -> impl Strategy<Value = Do> {
    let queue = select(vec!["sales", "chat", "urgent", "workshop", "nowhere"]).prop_map(QueueId::from);
    let agent = select(vec!["mara", "bo", "lin", "p1", "nobody"]).prop_map(AgentId::from);
    let letter =
        |purpose| Letter { text: titles("News of {parcel}").0, subject: BTreeMap::new(), template: None, purpose, channels: Vec::new() };
    prop_oneof![
        agent.prop_map(|agent| Do::Assign { agent }),
        queue.clone().prop_map(|queue| Do::Queue { queue }),
        (-50i32..50).prop_map(|points| Do::Prioritise { points }),
        (1u8..5).prop_map(|priority| Do::TicketPriority { priority }),
        (select(vec!["a", "b", "c"]), any::<bool>())
            .prop_map(|(tag, of)| Do::Tag { tag: tag.into(), of: if of { TagOf::Person } else { TagOf::Contact } }),
        Just(Do::Reply { text: titles("We have it."), template: None }),
        select(vec![Purpose::Service, Purpose::Offer]).prop_map(move |purpose| Do::Message(Box::new(letter(purpose)))),
        Just(Do::Ticket(Box::new(TicketAsked {
            subject: titles("By a rule"),
            kind: None,
            department: None,
            priority: None,
            assignee: None,
            note: Titles::default(),
        }))),
        Just(Do::Notify { agents: vec!["mara".into()], supervisors: true, text: titles("{text}") }),
        Just(Do::Webhook { to: "crm".into() }),
        queue.prop_map(|queue| Do::CallList { queue: Some(queue) }),
        Just(Do::Alert { text: titles("Look"), for_ms: 60_000 }),
        Just(Do::Survey { survey: "stars".into() }),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let events: Vec<Happening> = Happening::WORDS.into_iter().map(|(_, event)| event).chain([Happening::Fact("f".into())]).collect();
    let tags = prop_oneof![3 => Just(Vec::new()), 1 => select(vec!["a", "b", "c"]).prop_map(|tag| vec![tag.to_owned()])];
    let past = prop_oneof![
        3 => Just(Vec::new()),
        1 => (1usize..4).prop_map(|least| vec![Past { kinds: Vec::new(), tag: None, least, within_ms: 600_000 }]),
    ];
    let when = (select(events.clone()), select(vec![0i64, 0, 0, 30_000, 3_600_000]), prop::collection::vec(select(events), 0..2));
    let rest = (prop::collection::vec(action(), 1..4), any::<bool>(), tags, past, prop::bool::weighted(0.1));
    (when, rest).prop_map(|((event, after_ms, unless), (then, again, tags, past, stop))| Rule {
        id: "r".into(),
        title: titles("R"),
        when: When { event, after_ms, unless, same: None },
        given: Given { tags, past, ..Given::default() },
        then,
        again_ms: i64::from(again),
        stop,
    })
}

fn heard() -> impl Strategy<Value = (i64, Input)> {
    let told = (0u64..5, 0u64..50).prop_map(|(person, key)| {
        let brief = format!("person={}", person + 100);
        let who = who("phone", "", &format!("+861380013800{person}"), &[&brief]);
        let (name, by, key) = ("f".to_owned(), "shop".to_owned(), key.to_string());
        Input::Told(Box::new(Telling { who, name, values: BTreeMap::new(), by, digest: key.clone(), key }))
    });
    prop_oneof![6 => anything(), 1 => told.prop_map(|input| (5_000, input))]
}

/// The edge's answer to who is to be reached, or none.
fn found(subject: Subject, person: PersonId, serial: u32) -> Input {
    let number = format!("+8613800138{:03}", person.0 % 1_000);
    let identity = crate::desk::person::Identity { kind: "phone".into(), namespace: String::new(), value: number.clone() };
    let way =
        Reach { identity, channel: None, used_at: None, heard_at: None, answers: 0, narrow: None, opted_out: false, unreachable: None };
    let who = who("phone", "", &number, &[&format!("person={person}")]);
    let to = Recipient { who, consent: Consent::Offers, offered_at: None, ways: vec![way] };
    Input::RuleWays { subject, serial, to: (!serial.is_multiple_of(3)).then(|| Box::new(to)) }
}

proptest! {
    #![proptest_config(cases())]

    /// Whatever the rules are: every step ends, within one each acts once upon one thing, and those that do not say when again act upon it
    /// once for good. What they are asked to remember is never more than there are rules.
    #[test]
    fn rules_never_run_in_circles(rules in prop::collection::vec(rule(), 1..8), inputs in prop::collection::vec(heard(), 1..60)) {
        let mut catalog = furnished(shop());
        let list: Vec<Rule> =
            rules.into_iter().enumerate().map(|(place, rule)| Rule { id: RuleId::from(format!("r{place}").as_str()), ..rule }).collect();
        let past_ms = if list.iter().any(|rule| !rule.given.past.is_empty()) { 600_000 } else { 0 };
        let does: BTreeMap<RuleId, (usize, i64)> = list.iter().map(|rule| (rule.id.clone(), (rule.then.len(), rule.again_ms))).collect();
        catalog.rules = Rules { past_ms, list, ..Rules::default() };
        let mut stage = Stage::new(catalog);
        let mut now = MIDNIGHT.after(9 * 3_600_000);
        let mut all: BTreeMap<(RuleId, Subject), usize> = BTreeMap::new();
        stage.handle(now, Input::Started);
        for (pause, input) in inputs {
            now = now.after(pause);
            let mut queue = VecDeque::from([input, Input::Clock]);
            while let Some(input) = queue.pop_front() {
                let errand = matches!(input, Input::RuleWays { .. });
                let step = stage.handle(now, input);
                let mut once: BTreeMap<(RuleId, Subject), usize> = BTreeMap::new();
                for fact in &step.facts {
                    if let Fact::Rule(rule, RuleFact::Did { subject, .. } | RuleFact::Refused { subject, .. }) = fact {
                        *once.entry((rule.clone(), *subject)).or_default() += 1;
                        *all.entry((rule.clone(), *subject)).or_default() += 1;
                    }
                }
                for ((rule, subject), times) in once {
                    let (most, again) = does[&rule];
                    // An errand of before may have been given up in this step.
                    prop_assert!(times <= most * 2, "{rule} acted {times} times upon {subject} in one step");
                    prop_assert!(again > 0 || all[&(rule.clone(), subject)] <= most, "{rule} acted again upon {subject}");
                }
                if !errand {
                    for act in &step.acts {
                        if let Act::RuleWays { subject, person, serial } = act {
                            queue.push_back(found(*subject, *person, *serial));
                        }
                    }
                }
                books_agree(&stage.desk);
            }
            prop_assert!(stage.desk.next_deadline().is_none_or(|next| next > now), "a deadline stays behind");
            for entry in stage.desk.book.entries.values() {
                prop_assert!(entry.waits.len() <= does.len() && entry.done.len() <= does.len() && entry.errands.len() <= 16);
            }
        }
    }
}
