//! What holds for every sequence of inputs, sensible or not: capacity, one offer at most per contact, no leak, nobody starves, and a
//! desk that restores to itself. `Stage` checks the restoration after each input.

use super::super::Desk;
use super::super::call::{Call, Reaching};
use super::super::fact::{Fact, Reason, RoutingFact, StatusName};
use super::super::id::*;
use super::super::input::*;
use super::super::same::{Belongings, MergeWhy};
use super::super::sound::Told;
use super::super::traits::Window;
use super::super::window::{Measure, Narrow};
use super::super::work::Stage as Place;
use super::script::{Stage, who};
use super::world::{MIDNIGHT, shop};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const AGENTS: [&str; 8] = ["mara", "bo", "lin", "ada", "rita", "p1", "p2", "nobody"];
const NUMBERS: [&str; 11] = ["5007", "4001", "4002", "4003", "4004", "4006", "4007", "queue", "91", "92", "echo"];

fn agent() -> impl Strategy<Value = AgentId> {
    select(AGENTS.to_vec()).prop_map(AgentId::from)
}

fn work() -> impl Strategy<Value = Work> {
    prop_oneof![
        4 => (1u64..7).prop_map(|id| Work::Call(CallId(id))),
        4 => (1u64..7).prop_map(|id| Work::Conversation(ConversationId(id))),
        2 => (1u64..7).prop_map(|id| Work::Callback(CallbackId(id))),
    ]
}

fn invited() -> impl Strategy<Value = Input> {
    (1u64..7, select(NUMBERS.to_vec()), 0u64..4).prop_map(|(id, dialled, known)| {
        let brief = format!("person={}", known + 100);
        let brief = [brief.as_str(), "last=bo", "tier=gold"];
        let who = who("phone", "", &format!("+861380013800{known}"), if known == 0 { &[] } else { &brief });
        Input::Call(CallId(id), CallHeard::Invited { trunk: "main".into(), who, dialled: dialled.into() })
    })
}

fn call_heard() -> impl Strategy<Value = Input> {
    let heard = prop_oneof![
        1 => Just(CallHeard::PromptDone),
        1 => Just(CallHeard::Lost),
        1 => select(vec!['1', '#', '5']).prop_map(CallHeard::Digit),
        1 => Just(CallHeard::Quiet),
        1 => Just(CallHeard::NoMessage),
        1 => Just(CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Normal }),
        6 => agent().prop_map(|agent| CallHeard::AgentAnswered { agent }),
        1 => agent().prop_map(|agent| CallHeard::AgentFailed { agent, cause: LegFailure::Unreachable }),
        1 => agent().prop_map(|agent| CallHeard::AgentLeft { agent }),
        2 => agent().prop_map(|agent| CallHeard::AgentSilent { agent }),
        1 => agent().prop_map(|agent| CallHeard::AgentCompletes { agent }),
        1 => agent().prop_map(|agent| CallHeard::AgentJoins { agent }),
        1 => (agent(), any::<bool>()).prop_map(|(agent, on)| CallHeard::AgentRecords { agent, on }),
        1 => (agent(), any::<bool>()).prop_map(|(agent, customer)| CallHeard::AgentTurns { agent, customer }),
        1 => agent().prop_map(|agent| CallHeard::SecondLineOver { agent }),
        1 => agent().prop_map(|agent| CallHeard::AgentHeard { agent }),
        2 => Just(CallHeard::CustomerSilent),
        1 => Just(CallHeard::CustomerHeard),
    ];
    (call_id(), heard).prop_map(|(id, heard)| Input::Call(id, heard))
}

/// Calls that arrive, and the first that the desk begins.
fn call_id() -> impl Strategy<Value = CallId> {
    prop_oneof![2 => 1u64..7, 1 => 501u64..505].prop_map(CallId)
}

fn party() -> impl Strategy<Value = LegParty> {
    prop_oneof![1 => Just(LegParty::Customer), 2 => (1u8..3).prop_map(LegParty::Outside), 1 => agent().prop_map(LegParty::Agent)]
}

fn party_heard() -> impl Strategy<Value = Input> {
    let heard = (party(), 0u8..8, any::<bool>()).prop_map(|(party, what, early)| match what {
        0 => CallHeard::PartyRinging { party, early },
        1..=5 => CallHeard::PartyAnswered { party },
        6 => CallHeard::PartyFailed { party, cause: LegFailure::Busy },
        _ => CallHeard::PartyLeft { party },
    });
    (call_id(), heard).prop_map(|(id, heard)| Input::Call(id, heard))
}

fn talk_command() -> impl Strategy<Value = Input> {
    let command = prop_oneof![
        3 => agent().prop_map(|agent| {
            Command::Call { callee: Callee::Colleague { agent, who: who("agent", "", "mara", &["person=900"]) }, queue: None, chat: None }
        }),
        3 => (0u64..4).prop_map(|n| {
            Command::Call { callee: Callee::Number { who: who("phone", "", &format!("+{n}000"), &[]), number: format!("+{n}000"), line: None }, queue: None, chat: None }
        }),
        4 => (call_id(), target()).prop_map(|(call, to)| Command::Consult { call, to, note: String::new() }),
        2 => call_id().prop_map(|call| Command::Swap { call }),
        2 => call_id().prop_map(|call| Command::Merge { call }),
        3 => call_id().prop_map(|call| Command::Complete { call }),
        1 => call_id().prop_map(|call| Command::EndConsult { call }),
        4 => (call_id(), target()).prop_map(|(call, to)| Command::Add { call, to }),
        1 => (call_id(), party()).prop_map(|(call, party)| Command::Remove { call, party }),
        3 => call_id().prop_map(|call| Command::Leave { call }),
        2 => call_id().prop_map(|call| Command::Park { call }),
        2 => (701u32..703).prop_map(|slot| Command::PickUp { slot }),
        3 => prop_oneof![Just("701"), Just("702"), Just("+4000")].prop_map(|number| Command::Dial {
            callee: Callee::Number { who: who("phone", "", number, &[]), number: number.into(), line: None },
        }),
        1 => (call_id(), any::<bool>()).prop_map(|(call, on)| Command::MaskedField { call, on }),
        1 => (call_id(), any::<bool>()).prop_map(|(call, on)| Command::Hold { call, on }),
        2 => (work(), 0u64..3, 0u32..9).prop_map(|(work, what, key)| Command::Push {
            work,
            what: match what {
                0 => Push::Body(Body::text("https://shop.example")),
                1 => Push::Form("identity".into()),
                _ => Push::Form("number".into()),
            },
            seen: None,
            key: key.to_string(),
        }),
        1 => (1u64..6, any::<bool>()).prop_map(|(form, accepted)| {
            Command::Form(FormId(form), FormCommand::Judge { accepted, reason: "blurred".into() })
        }),
        1 => (1u64..6).prop_map(|form| Command::Form(FormId(form), FormCommand::Withdraw)),
    ];
    (agent(), command).prop_map(|(agent, command)| Input::Command(agent, command))
}

fn answered() -> impl Strategy<Value = Input> {
    (1u64..6, any::<bool>()).prop_map(|(form, number)| {
        let number = number.then(|| "+4915187654321".to_owned());
        Input::Form(FormId(form), FormUse::Answered { number })
    })
}

fn written() -> impl Strategy<Value = Input> {
    (0u64..8, 0u64..40, any::<bool>()).prop_map(|(visitor, external, taps)| {
        let brief = format!("person={}", visitor + 100);
        let known: &[&str] = if visitor < 2 { &[] } else { &[&brief] };
        let narrow = Some(Narrow { window: Window { ms: 60_000, messages: Some(3) }, before: Measure::default() });
        Input::Message(MessageHeard {
            channel: match visitor {
                5 => "nightweb".into(),
                6 => "office".into(),
                7 => "gh".into(),
                _ => "web".into(),
            },
            external_id: external.to_string(),
            who: who("webchat", "web", &visitor.to_string(), known),
            body: Body::text("hello"),
            page: None,
            sent: MIDNIGHT,
            known: None,
            besides: Besides { narrow: narrow.filter(|_| taps), ..Besides::default() },
        })
    })
}

fn device() -> impl Strategy<Value = Input> {
    let device = prop_oneof![
        3 => Just(Device::PageOpen),
        1 => Just(Device::PageGone),
        3 => (0..2u8).prop_map(|page| Device::VoiceReady { phone: page.to_string() }),
        1 => Just(Device::VoiceLost { problem: "offline".into() }),
        2 => (0..2u8, any::<bool>()).prop_map(|(page, works)| Device::Microphone {
            phone: page.to_string(),
            problem: (!works).then(|| "mic_lost".to_owned()),
        }),
    ];
    (agent(), device).prop_map(|(agent, device)| Input::Device(agent, device))
}

fn status() -> impl Strategy<Value = WantedStatus> {
    prop_oneof![
        4 => Just(WantedStatus::Available),
        1 => Just(WantedStatus::Busy),
        1 => Just(WantedStatus::Break { reason: "lunch".into() }),
        1 => Just(WantedStatus::Offline),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let queue = select(vec!["sales", "urgent", "chat", "none"]).prop_map(|q| Target::Queue(q.into()));
    let outside = Just(Target::Outside("+49 30 1234".into()));
    let line = select(vec!["4001", "92", "echo", "none"]).prop_map(|number| Target::Line(number.into()));
    prop_oneof![3 => agent().prop_map(Target::Agent), 2 => queue, 2 => outside, 1 => line]
}

fn command() -> impl Strategy<Value = Input> {
    let call = || (1u64..7).prop_map(CallId);
    let talk = || (1u64..7).prop_map(ConversationId);
    let command = prop_oneof![
        4 => status().prop_map(Command::SetStatus),
        8 => work().prop_map(Command::Accept),
        1 => work().prop_map(Command::Decline),
        2 => work().prop_map(Command::Take),
        2 => (work(), target()).prop_map(|(work, to)| Command::Transfer { work, to, note: String::new() }),
        2 => talk().prop_map(|conversation| Command::Resolve { conversation, disposition: None, fields: Vec::new(), note: String::new() }),
        2 => (talk(), 1i64..90_000).prop_map(|(conversation, ms)| Command::Snooze { conversation, until: MIDNIGHT.after(9 * 3_600_000 + ms) }),
        1 => talk().prop_map(|conversation| Command::Wake { conversation }),
        1 => (call(), any::<bool>()).prop_map(|(call, on)| Command::Hold { call, on }),
        1 => call().prop_map(|call| Command::HangUp { call }),
        1 => (call(), select(vec!["sold", "helped"])).prop_map(|(call, outcome)| {
            Command::WrapUp { call, disposition: Some(outcome.into()), fields: Vec::new(), note: String::new() }
        }),
        1 => call().prop_map(|call| Command::ExtendWrapUp { call }),
        2 => work().prop_map(|work| Command::AskAssist { work, word: "please".into() }),
        1 => work().prop_map(|work| Command::EndAssist { work }),
        1 => (select(Medium::ALL.to_vec()), any::<bool>()).prop_map(|(medium, on)| Command::Takes { medium, on }),
        1 => (talk(), 0u64..9).prop_map(|(conversation, key)| {
            Command::Reply { conversation, body: Body::text("yes"), key: key.to_string() }
        }),
        1 => (1u64..4).prop_map(|t| Command::Ticket(TicketId(t), TicketCommand::Change(TicketChange::State(TicketState::Closed)))),
    ];
    (agent(), command).prop_map(|(agent, command)| Input::Command(agent, command))
}

fn supervision() -> impl Strategy<Value = Input> {
    let mode = select(vec![WatchMode::Listen, WatchMode::Whisper, WatchMode::Barge, WatchMode::TakeOver]);
    let change = prop_oneof![
        select(vec!["sales", "urgent", "none"]).prop_map(|queue| MoveChange::Join(queue.into())),
        select(vec!["sales", "chat"]).prop_map(|queue| MoveChange::Leave(queue.into())),
        (0u8..7).prop_map(|level| MoveChange::Skill { skill: "tech".into(), level }),
    ];
    let until = || (0i64..200).prop_map(|minutes| MIDNIGHT.after(9 * 3_600_000 + minutes * 10_000));
    let overlay = select(vec!["promotion", "quiet", "none"]).prop_map(OverlayId::from);
    let command = prop_oneof![
        10 => (call_id(), mode).prop_map(|(call, mode)| Command::Watch { call, mode }),
        2 => call_id().prop_map(|call| Command::StopWatching { call }),
        2 => (agent(), status()).prop_map(|(agent, wanted)| Command::SetStatusOf { agent, wanted }),
        3 => (agent(), change.clone(), until()).prop_map(|(agent, change, until)| Command::Move { agent, change, until }),
        1 => (agent(), change).prop_map(|(agent, change)| Command::EndMove { agent, change }),
        2 => (agent(), select(Medium::ALL.to_vec()), any::<bool>()).prop_map(|(agent, medium, on)| Command::TakesOf { agent, medium, on }),
        2 => work().prop_map(|work| Command::Assist { work }),
        3 => (overlay, any::<bool>(), prop::option::of(until())).prop_map(|(overlay, on, until)| {
            Command::SwitchOverlay { overlay, on, until }
        }),
    ];
    let who = prop_oneof![4 => select(vec!["ada", "rita"]).prop_map(AgentId::from), 1 => agent()];
    (who, command).prop_map(|(agent, command)| Input::Command(agent, command))
}

fn on_the_list() -> impl Strategy<Value = Input> {
    let id = || (1u64..7).prop_map(CallbackId);
    let at = || prop_oneof![Just(None), (0i64..200).prop_map(|minutes| Some(MIDNIGHT.after(minutes * 600_000)))];
    let command = prop_oneof![
        3 => Just(CallbackCommand::Claim),
        2 => Just(CallbackCommand::LetGo),
        4 => Just(CallbackCommand::Call),
        4 => at().prop_map(|at| CallbackCommand::Book { at }),
        1 => Just(CallbackCommand::Settle { outcome: "told".into() }),
    ];
    prop_oneof![
        6 => (agent(), id(), command).prop_map(|(agent, id, command)| Input::Command(agent, Command::Callback(id, command))),
        3 => (id(), at()).prop_map(|(id, at)| Input::Link(id, LinkUse::Book { at })),
        1 => id().prop_map(|id| Input::Link(id, LinkUse::Withdraw)),
        1 => select(vec!["STOP", "START", "hello"]).prop_map(|text| Input::Message(MessageHeard {
            channel: "texts".into(),
            external_id: text.into(),
            who: who("phone", "", "+8613800138001", &[]),
            body: Body::text(text),
            page: None,
            sent: MIDNIGHT,
            known: None,
            besides: Besides::default(),
        })),
    ]
}

fn ticketing() -> impl Strategy<Value = Input> {
    let id = || (1u64..9).prop_map(TicketId);
    let person = || (100u64..104).prop_map(PersonId);
    let kind = || prop::option::of(select(vec!["repair", "return", "house", "none"]).prop_map(TicketKind::from));
    let state = select(TicketState::ALL.to_vec());
    let at = || prop::option::of((0i64..200).prop_map(|minutes| MIDNIGHT.after(9 * 3_600_000 + minutes * 60_000)));
    let fields = (0u32..120, any::<bool>()).prop_map(|(amount, broken)| {
        let why = if broken { "broken" } else { "regret" };
        [("amount", amount.to_string()), ("why", why.to_owned())].map(|(name, value)| (name.to_owned(), value)).into()
    });
    let new = (person(), kind(), prop::option::of(agent()), prop::option::of(work()), prop::option::of(id()), at(), fields, any::<bool>());
    let new = new
        .prop_map(|(person, kind, assignee, work, parent, due, fields, quiet)| NewTicket {
            fields: if kind == Some(TicketKind::from("return")) { fields } else { Default::default() },
            kind,
            assignee,
            work,
            parent,
            due,
            quiet,
            ..NewTicket::plain(person, "lamp".into())
        })
        .boxed();
    let change = prop_oneof![
        8 => state.prop_map(TicketChange::State),
        2 => (1u8..5).prop_map(TicketChange::Priority),
        2 => prop::option::of(agent()).prop_map(TicketChange::Assignee),
        2 => select(vec!["workshop", "shop"]).prop_map(|to| TicketChange::Department { to: to.into(), note: String::new() }),
        2 => kind().prop_map(TicketChange::Kind),
        2 => (0u32..90).prop_map(|amount| TicketChange::Field { name: "amount".into(), value: amount.to_string() }),
        1 => at().prop_map(TicketChange::Due),
        1 => (agent(), any::<bool>()).prop_map(|(agent, on)| TicketChange::Watch { agent, on }),
        2 => (0u32..3, any::<bool>()).prop_map(|(item, on)| TicketChange::Check { item, on }),
        2 => prop::option::of(id()).prop_map(TicketChange::Parent),
        1 => work().prop_map(TicketChange::Contact),
    ];
    let command = prop_oneof![
        10 => change.prop_map(TicketCommand::Change),
        1 => Just(TicketCommand::ResolveFamily),
        2 => any::<bool>().prop_map(|granted| TicketCommand::Judge { granted, reason: "no".into() }),
        1 => id().prop_map(|into| TicketCommand::Merge { into }),
        1 => prop::collection::vec(work(), 0..3).prop_map(|works| TicketCommand::Split { subject: "second".into(), works }),
    ];
    prop_oneof![
        4 => (agent(), new.clone()).prop_map(|(agent, new)| Input::Command(agent, Command::OpenTicket(Box::new(new)))),
        2 => new.prop_map(|new| Input::OpenTicket(Box::new(new), Source::Rule("r".into()))),
        16 => (agent(), id(), command).prop_map(|(agent, id, command)| Input::Command(agent, Command::Ticket(id, command))),
        2 => id().prop_map(|ticket| Input::NotSolved { ticket, text: String::new() }),
        4 => (id(), 0u32..4).prop_map(|(ticket, serial)| Input::Ways { ticket, serial, to: None }),
    ]
}

/// Agents say that two are one, and that they are two after all.
fn joining() -> impl Strategy<Value = Input> {
    let person = || select(vec![1u64, 2, 3, 100, 101, 102, 103]).prop_map(PersonId);
    let visitor = (0u64..6).prop_map(|visitor| who("webchat", "web", &visitor.to_string(), &[]).identity);
    let back =
        (visitor, prop::collection::vec(1u64..7, 0..3), prop::collection::vec(1u64..7, 0..3)).prop_map(|(identity, works, others)| {
            Belongings {
                identities: vec![identity],
                calls: works.iter().copied().map(CallId).collect(),
                conversations: others.iter().copied().map(ConversationId).collect(),
                tickets: works.into_iter().map(TicketId).collect(),
                forms: others.into_iter().map(FormId).collect(),
                ..Belongings::default()
            }
        });
    let command = (person(), person(), prop::option::of(back)).prop_map(|(into, from, back)| match back {
        Some(back) => Command::PartPeople { into, from, back: Box::new(back) },
        None => Command::JoinPeople { into, from, why: MergeWhy::Chosen, moved: Box::default() },
    });
    (agent(), command).prop_map(|(agent, command)| Input::Command(agent, command))
}

fn delivery() -> impl Strategy<Value = Input> {
    let state = select(vec![Delivery::Sent, Delivery::Delivered, Delivery::Read, Delivery::Failed { reason: "no".into() }]);
    (1u64..30, state).prop_map(|(id, state)| Input::Delivery(MessageId(id), state))
}

pub(super) fn anything() -> impl Strategy<Value = (i64, Input)> {
    let reload = any::<bool>().prop_map(|whole| {
        let mut catalog = shop();
        if !whole {
            catalog.agents.remove(&AgentId::from("mara"));
            catalog.queues.remove(&QueueId::from("urgent"));
        }
        Input::Catalog(catalog.into())
    });
    let input = prop_oneof![
        40 => command(),
        12 => ticketing(),
        6 => joining(),
        20 => invited(),
        20 => call_heard(),
        15 => party_heard(),
        30 => talk_command(),
        25 => supervision(),
        10 => answered(),
        20 => written(),
        20 => device(),
        5 => delivery(),
        15 => on_the_list(),
        10 => Just(Input::Clock),
        1 => Just(Input::Started),
        1 => reload,
        1 => (1u64..7).prop_map(|id| Input::CustomerLeft { conversation: ConversationId(id) }),
        1 => (1u64..7).prop_map(|id| Input::CustomerBack { conversation: ConversationId(id) }),
    ];
    (prop_oneof![Just(0i64), 1i64..3_000, 3_000i64..40_000], input)
}

/// Every hold belongs to work that names this agent, and every offer and service has its hold.
pub(super) fn books_agree(desk: &Desk) {
    let mut held: BTreeSet<(Work, AgentId)> = BTreeSet::new();
    for seat in &desk.seats {
        let agent = &seat.agent;
        assert_eq!(agent.used, agent.holds.iter().map(|h| h.charge).sum::<u32>(), "sum of {}", agent.id);
        if let Some(post) = &seat.post {
            assert!(agent.used <= post.capacity, "{} holds {} of {}", agent.id, agent.used, post.capacity);
            assert!(agent.calls() <= post.max_calls, "{} has {} calls", agent.id, agent.calls());
        }
        for assist in &agent.assists {
            let has = agent.holds.iter().any(|hold| hold.work == assist.work && hold.served);
            assert!(has, "{} asks for help with {}, which is not theirs", agent.id, assist.work);
        }
        for hold in &agent.holds {
            assert!(held.insert((hold.work, agent.id.clone())), "{} is held twice", hold.work);
        }
    }
    let jobs = desk.calls.values().map(|c| (Work::Call(c.id), &c.job));
    let jobs = jobs.chain(desk.conversations.values().map(|c| (Work::Conversation(c.id), &c.job)));
    let jobs = jobs.chain(desk.callbacks.values().map(|c| (Work::Callback(c.id), &c.job)));
    for (work, job) in jobs {
        let named = match &job.stage {
            Place::Apart => None,
            Place::Waiting(waiting) => waiting.offer.as_ref().map(|o| &o.agent),
            Place::Serving(serving) => Some(&serving.agent),
        };
        if let Some(agent) = named {
            assert!(held.remove(&(work, agent.clone())), "{work} has no hold of {agent}");
        }
    }
    for call in desk.calls.values() {
        for agent in call.parties.iter().filter_map(|party| party.agent()) {
            assert!(held.remove(&(Work::Call(call.id), agent.clone())), "call {} has no hold of {agent}", call.id);
        }
        for watch in &call.watches {
            assert!(held.remove(&(Work::Call(call.id), watch.by.clone())), "call {} has no hold of {}", call.id, watch.by);
            assert!(matches!(call.job.stage, Place::Serving(_)), "{} watches call {}, which nobody serves", watch.by, call.id);
            whispers_stay(desk, call, &watch.by, watch.mode);
        }
        assert!(call.parties.is_empty() || !matches!(call.job.stage, Place::Waiting(_)), "others are in a call that waits");
        let with = call.consult.as_ref().map(|consult| &consult.with);
        assert!(with.is_none_or(|with| call.parties.iter().any(|p| p.who == *with)), "somebody is consulted who is not there");
        if !matches!(call.job.stage, Place::Waiting(_)) {
            assert_eq!(call.told, if spoken(call) { desk.picture(call) } else { call.told.clone() }, "call {} is told otherwise", call.id);
        }
    }
    assert!(held.is_empty(), "leaked: {held:?}");
}

/// Nobody but the agent in charge hears who whispers, and nobody at all who listens.
fn whispers_stay(desk: &Desk, call: &Call, by: &AgentId, mode: WatchMode) {
    let me = LegParty::Agent(by.clone());
    let Told::Hear { hearing, .. } = desk.picture(call) else { return };
    let charge = desk.serving(Work::Call(call.id)).map(|serving| LegParty::Agent(serving.agent.clone()));
    let hearers: Vec<&LegParty> = hearing.iter().filter(|(_, sources)| sources.contains(&me)).map(|(who, _)| who).collect();
    match mode {
        WatchMode::Barge => {}
        WatchMode::Whisper => assert!(hearers.iter().all(|who| Some(*who) == charge.as_ref()), "{hearers:?} hear a whisper"),
        WatchMode::Listen | WatchMode::TakeOver => assert!(hearers.is_empty(), "{hearers:?} hear a listener"),
    }
}

/// Before the agent's own leg is up nobody has been told anything.
fn spoken(call: &Call) -> bool {
    !matches!(call.reaching, Some(Reaching::Own { .. }))
}

/// Facts alone must tell the same story: an offer begins where none stands, and ends once.
#[derive(Default)]
struct Offers(BTreeMap<Work, AgentId>);

impl Offers {
    fn hear(&mut self, facts: &[Fact], desk: &Desk) {
        for fact in facts {
            match fact {
                Fact::Routing(work, RoutingFact::Offered { agent, decision, .. }) => {
                    assert!(!decision.chosen.is_empty(), "{work} is offered without a reason");
                    let seat = desk.slot(agent).and_then(|slot| desk.seats.get(slot)).filter(|_| desk.job(*work).is_some());
                    let refuses = seat.is_some_and(|seat| seat.agent.refuses.contains(&desk.medium(*work)));
                    assert!(decision.chosen == [Reason::Took] || !refuses, "{work} is offered to {agent}, who takes none of it");
                    assert!(self.0.insert(*work, agent.clone()).is_none(), "{work} is offered twice");
                }
                Fact::Routing(work, RoutingFact::OfferEnded { agent, .. }) => {
                    assert_eq!(self.0.remove(work).as_ref(), Some(agent), "{work}");
                }
                _ => {}
            }
        }
    }
}

/// When everything has been ended, every point is free again.
fn end_everything(stage: &mut Stage, mut now: At) {
    let calls: Vec<CallId> = stage.desk.calls.keys().copied().collect();
    for id in calls {
        stage.handle(now, Input::Call(id, CallHeard::Lost));
    }
    let talks: Vec<ConversationId> = stage.desk.conversations.keys().copied().collect();
    // Twice, because Lin may be full until the first round has resolved what she had.
    for id in talks.iter().chain(&talks).copied() {
        let work = Work::Conversation(id);
        let open = stage.desk.conversations.get(&id).is_some_and(|c| c.resolved.is_none());
        let lin = AgentId::from("lin");
        if open && stage.desk.serving(work).is_none() {
            stage.handle(now, Input::Device(lin.clone(), Device::PageOpen));
            stage.handle(now, Input::Command(lin.clone(), Command::SetStatus(WantedStatus::Available)));
            stage.handle(now, Input::Command(lin, Command::Take(work)));
        }
        if let Some(serving) = stage.desk.serving(work).cloned() {
            // What may be asked for is given; the other queues know no outcome.
            let disposition = match serving.queue.as_str() {
                "sales" => Some("sold".to_owned()),
                "advice" => Some("helped".to_owned()),
                _ => None,
            };
            let command = Command::Resolve { conversation: id, disposition, fields: Vec::new(), note: String::new() };
            stage.handle(now, Input::Command(serving.agent, command));
        }
    }
    let owed: Vec<CallbackId> = stage.desk.callbacks.keys().copied().collect();
    for id in owed {
        stage.handle(now, Input::Command("lin".into(), Command::Callback(id, CallbackCommand::LetGo)));
        stage.handle(now, Input::Command("lin".into(), Command::Callback(id, CallbackCommand::Settle { outcome: String::new() })));
    }
    for _ in 0..10_000 {
        let Some(due) = stage.desk.next_deadline() else {
            break;
        };
        now = now.max(due);
        stage.handle(now, Input::Clock);
    }
    assert!(stage.desk.calls.is_empty() && stage.desk.conversations.is_empty(), "lives for ever: {:?}", stage.desk.conversations);
    assert!(stage.desk.callbacks.is_empty(), "owed for ever: {:?}", stage.desk.callbacks);
    assert!(stage.desk.callback_of_call.is_empty() && stage.desk.callbacks_of.is_empty(), "an index is left");
    assert!(stage.desk.timers.next().is_none(), "a timer is left");
    for seat in &stage.desk.seats {
        assert_eq!((seat.agent.used, seat.agent.holds.len()), (0, 0), "{} still holds something", seat.agent.id);
    }
}

/// The same cases in every run, so that a red one can be run again; `PROPTEST_RNG_SEED` asks for others.
pub(super) fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let rng_seed = match asked.rng_seed {
        RngSeed::Random => RngSeed::Fixed(3261),
        fixed => fixed,
    };
    ProptestConfig { cases: 128, failure_persistence: None, rng_seed, ..asked }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_books_agree_whatever_is_heard(inputs in prop::collection::vec(anything(), 1..120)) {
        let mut stage = Stage::new(shop());
        let mut now = MIDNIGHT.after(9 * 3_600_000);
        let mut offers = Offers::default();
        offers.hear(&stage.handle(now, Input::Started).facts, &stage.desk);
        for (pause, input) in inputs {
            now = now.after(pause);
            let clock = matches!(input, Input::Clock);
            offers.hear(&stage.handle(now, input).facts, &stage.desk);
            books_agree(&stage.desk);
            if clock {
                prop_assert!(stage.desk.next_deadline().is_none_or(|next| next > now), "a deadline stays behind");
            }
        }
        end_everything(&mut stage, now);
    }

    /// One agent, a stream of chats that would fill any gap, and a call: the call is offered as soon as the chats that stood when it was
    /// set aside are done.
    #[test]
    fn chats_never_starve_a_call(lengths in prop::collection::vec(5_000i64..60_000, 40..60)) {
        let mut stage = Stage::new(shop());
        let mut now = MIDNIGHT.after(9 * 3_600_000);
        stage.handle(now, Input::Started);
        let mara = AgentId::from("mara");
        for device in [Device::PageOpen, Device::VoiceReady { phone: "page".into() }] {
            stage.handle(now, Input::Device(mara.clone(), device));
        }
        stage.handle(now, Input::Command(mara.clone(), Command::SetStatus(WantedStatus::Available)));
        let mut open: Vec<(At, ConversationId)> = Vec::new();
        let mut rung = None;
        for (index, length) in lengths.iter().enumerate() {
            now = now.after(4_000);
            let mut facts = Vec::new();
            while let Some(due) = stage.desk.next_deadline().filter(|due| *due <= now) {
                facts.extend(stage.handle(due, Input::Clock).facts);
            }
            if index == 5 {
                let who = who("phone", "", "+1", &["person=1000"]);
                let heard = CallHeard::Invited { trunk: "main".into(), who, dialled: "4003".into() };
                facts.extend(stage.handle(now, Input::Call(CallId(1), heard)).facts);
            }
            facts.extend(stage.handle(now, visitor(index as u64, now)).facts);
            let (done, still): (Vec<_>, Vec<_>) = open.into_iter().partition(|(until, _)| *until <= now);
            open = still;
            for (_, conversation) in done {
                let command = Command::Resolve { conversation, disposition: None, fields: Vec::new(), note: String::new() };
                facts.extend(stage.handle(now, Input::Command(mara.clone(), command)).facts);
            }
            // What an acceptance leads to is heard as well: the call may be offered by it.
            let mut facts = VecDeque::from(facts);
            while let Some(fact) = facts.pop_front() {
                match fact {
                    Fact::Routing(Work::Conversation(id), RoutingFact::Offered { .. }) => {
                        let accept = Input::Command(mara.clone(), Command::Accept(Work::Conversation(id)));
                        facts.extend(stage.handle(now, accept).facts);
                        open.push((now.after(*length), id));
                    }
                    Fact::Routing(Work::Call(_), RoutingFact::Offered { .. }) => rung = rung.or(Some(index)),
                    _ => {}
                }
            }
        }
        // 20 s until the agent is set aside, 60 s for the longest chat, one round of slack: 22 rounds of 4 s after the fifth.
        prop_assert!(rung.is_some_and(|round| round <= 27), "the call was first rung in round {rung:?}");
    }

    /// One agent serves live callers and promised calls of one queue, who come in any order: everybody is served in the order in which
    /// their waiting began, so neither kind overtakes or starves the other, and nobody is dialled while somebody is being dialled.
    #[test]
    fn promised_calls_and_live_callers_are_served_in_the_order_of_waiting(
        arrivals in prop::collection::vec((1_000i64..30_000, any::<bool>()), 4..20),
        talk in 5_000i64..40_000,
    ) {
        let mut stage = Stage::new(shop());
        let mut now = MIDNIGHT.after(9 * 3_600_000);
        stage.handle(now, Input::Started);
        let mara = AgentId::from("mara");
        stage.handle(now, Input::Device(mara.clone(), Device::PageOpen));
        stage.handle(now, Input::Device(mara.clone(), Device::VoiceReady { phone: "p".into() }));
        let mut came: Vec<Work> = Vec::new();
        for (index, (pause, live)) in arrivals.iter().enumerate() {
            now = now.after(*pause);
            let number = format!("+86138001380{index:02}");
            if *live {
                let id = CallId(index as u64 + 1);
                let who = who("phone", "", &number, &[]);
                stage.handle(now, Input::Call(id, CallHeard::Invited { trunk: "main".into(), who, dialled: "4003".into() }));
                came.push(Work::Call(id));
            } else {
                let who = who("phone", "", &number, &[]);
                let promise = Command::PromiseCall { who, number, queue: "urgent".into(), at: None };
                let step = stage.handle(now, Input::Command(mara.clone(), promise));
                let Ok(crate::desk::step::Answer::Callback(id)) = step.answer else { panic!("{:?}", step.answer) };
                came.push(Work::Callback(id));
            }
        }
        stage.handle(now, Input::Command(mara.clone(), Command::SetStatus(WantedStatus::Available)));
        let mut served = Vec::new();
        let mut lent = 500;
        while served.len() < came.len() {
            let floor = stage.desk.floor(now);
            let offered = floor.waiting.iter().find(|w| w.offered_to.is_some()).map(|w| w.work);
            let Some(work) = offered else {
                let due = stage.desk.next_deadline().expect("somebody is still to be served");
                now = now.max(due);
                stage.handle(now, Input::Clock);
                continue;
            };
            lent += 1;
            stage.desk.lend_call(CallId(lent));
            stage.handle(now, Input::Command(mara.clone(), Command::Accept(work)));
            served.push(work);
            let dialled = stage.desk.callbacks.values().filter(|c| c.attempt.is_some()).count();
            prop_assert!(dialled <= 1, "{dialled} at once");
            let call = match work {
                Work::Call(id) => id,
                _ => CallId(lent),
            };
            stage.handle(now, Input::Call(call, CallHeard::AgentAnswered { agent: mara.clone() }));
            stage.handle(now, Input::Call(call, CallHeard::PartyAnswered { party: LegParty::Customer }));
            now = now.after(talk);
            stage.handle(now, Input::Call(call, CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Normal }));
        }
        prop_assert_eq!(served, came);
    }

    /// A page shows each agent once, and nobody who is offline has an offer.
    #[test]
    fn the_floor_tells_the_truth(inputs in prop::collection::vec(anything(), 1..60)) {
        let mut stage = Stage::new(shop());
        let mut now = MIDNIGHT.after(9 * 3_600_000);
        for (pause, input) in inputs {
            now = now.after(pause);
            stage.handle(now, input);
            let floor = stage.desk.floor(now);
            prop_assert_eq!(floor.agents.len(), stage.desk.seats.len());
            for waiting in &floor.waiting {
                let offline = |id: &AgentId| floor.agents.iter().any(|a| a.id == *id && a.status == StatusName::Offline);
                prop_assert!(waiting.offered_to.as_ref().is_none_or(|(agent, _)| !offline(agent)));
            }
        }
    }
}

fn visitor(number: u64, now: At) -> Input {
    Input::Message(MessageHeard {
        channel: "web".into(),
        external_id: format!("m{number}"),
        who: who("webchat", "web", &format!("visitor {number}"), &[]),
        body: Body::text("hello"),
        page: None,
        sent: now,
        known: None,
        besides: Besides::default(),
    })
}
