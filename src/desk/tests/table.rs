//! The words of the scripts, and the input that each line means.

use super::super::card::Card;
use super::super::catalog::Catalog;
use super::super::dial::book::TrunkProblem;
use super::super::id::*;
use super::super::input::*;
use super::super::ivr::Found;
use super::super::person::{Consent, Identity, Page};
use super::super::rules::About;
use super::super::same::{Belongings, MergeWhy, Proof};
use super::super::template::{Approval, Template, Variable};
use super::super::traits::Window;
use super::super::window::{Measure, Narrow};
use super::script::who;
use super::{surveys, tickets};
use std::sync::Arc;

pub fn input(words: &[String], at: At, catalog: &Catalog) -> Option<Input> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match words.as_slice() {
        ["start"] => Input::Started,
        ["clock"] => Input::Clock,
        ["rules", "ship"] => Input::Catalog(Arc::new(super::rules::shipped(catalog))),
        ["rules", "none"] => Input::Catalog(Arc::new(Catalog { rules: Default::default(), ..catalog.clone() })),
        ["rules", "of", set] => Input::Catalog(Arc::new(super::rules::set(catalog, set)?)),
        ["ways", "for", about, "serial", serial, rest @ ..] => {
            let to = match rest {
                ["nowhere"] => None,
                [kind, value, more @ ..] => Some(Box::new(recipient((kind, value), more, at)?)),
                _ => return None,
            };
            Input::RuleWays { subject: super::rules::subject(about)?, serial: serial.parse().ok()?, to }
        }
        ["program", by, "tells", name, key, "of", kind, value, more @ ..] => {
            let values = more.iter().filter_map(|word| word.strip_prefix("value:")?.split_once('='));
            let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let (name, by, key) = ((*name).to_owned(), (*by).to_owned(), (*key).to_owned());
            let digest = format!("{name} {values:?}");
            Input::Told(Box::new(Telling { who: who(kind, "", value, more), name, values, by, key, digest }))
        }
        ["reload", "without", agent] => {
            let mut next = catalog.clone();
            next.agents.remove(&AgentId::from(*agent));
            Input::Catalog(Arc::new(next))
        }
        ["reload", "without", "flow", flow] => {
            let mut next = catalog.clone();
            next.flows.remove(&FlowId::from(*flow));
            Input::Catalog(Arc::new(next))
        }
        [by @ ("rule" | "bot"), name, "opens", "ticket", "for", person, subject, more @ ..] => {
            let source = if *by == "rule" { Source::Rule((*name).to_owned()) } else { Source::Bot((*name).to_owned()) };
            Input::OpenTicket(Box::new(tickets::new(person, subject, more, at)?), source)
        }
        ["ways", "to", "ticket", id, "serial", serial, "nowhere"] => {
            Input::Ways { ticket: TicketId(id.parse().ok()?), serial: serial.parse().ok()?, to: None }
        }
        ["ways", "to", "ticket", id, "serial", serial, kind, value, more @ ..] => {
            let to = Some(Box::new(recipient((kind, value), more, at)?));
            Input::Ways { ticket: TicketId(id.parse().ok()?), serial: serial.parse().ok()?, to }
        }
        ["customer", "of", conversation, "goes", "on", "as", visitor, "person", person] => {
            let page = Page { channel: "web".into(), visitor: (*visitor).to_owned() };
            let (conversation, person) = (ConversationId(conversation.parse().ok()?), PersonId(person.parse().ok()?));
            Input::Continued { conversation, person, identity: page.identity() }
        }
        ["customer", "says", "ticket", id, "is", "not", "solved", text] => {
            Input::NotSolved { ticket: TicketId(id.parse().ok()?), text: (*text).to_owned() }
        }
        ["found", kind, id, "serial", serial, found @ ..] => {
            let set = found.iter().filter_map(|word| word.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()));
            let branch = found.iter().find_map(|word| word.strip_prefix("branch:")).map(str::to_owned);
            let found = (found != ["nothing"]).then(|| Found { branch, set: set.collect() });
            Input::Found { work: work(kind, id)?, serial: serial.parse().ok()?, found }
        }
        ["reload", "without", "overlay", overlay] => {
            let mut next = catalog.clone();
            next.overlays.remove(&OverlayId::from(*overlay));
            Input::Catalog(Arc::new(next))
        }
        ["reload", "with", agent, "as", "agent"] => {
            let mut next = catalog.clone();
            next.agents.get_mut(&AgentId::from(*agent))?.supervises = false;
            Input::Catalog(Arc::new(next))
        }
        ["reload", "with", agent, "for", capacity] => {
            let mut next = catalog.clone();
            next.agents.get_mut(&AgentId::from(*agent))?.capacity = capacity.parse().ok()?;
            Input::Catalog(Arc::new(next))
        }
        ["reload", "without", "survey", survey] => {
            let mut next = catalog.clone();
            next.surveys.retain(|spec| spec.id.as_str() != *survey);
            Input::Catalog(Arc::new(next))
        }
        // With links, a rating of each chat, and a survey of everything else.
        ["reload", "with", "surveys", more @ ..] => Input::Catalog(Arc::new(surveys::with(catalog.clone(), more))),
        ["survey", id, "answered", score, comment @ ..] => {
            Input::Survey(SurveyId(id.parse().ok()?), score.parse().ok()?, comment.first().copied().unwrap_or_default().to_owned())
        }
        ["ways", "to", "survey", id, "serial", serial, "nowhere"] => {
            Input::SurveyWays { survey: SurveyId(id.parse().ok()?), serial: serial.parse().ok()?, to: None }
        }
        ["ways", "to", "survey", id, "serial", serial, kind, value, more @ ..] => {
            let to = Some(Box::new(recipient((kind, value), more, at)?));
            Input::SurveyWays { survey: SurveyId(id.parse().ok()?), serial: serial.parse().ok()?, to }
        }
        ["reload", "lacking", "gateway"] => {
            let mut next = catalog.clone();
            next.callbacks.text_channel = None;
            Input::Catalog(Arc::new(next))
        }
        ["reload", "in", "silence"] => {
            let mut next = catalog.clone();
            next.supervision.announce = false;
            Input::Catalog(Arc::new(next))
        }
        ["reload", "without", "queue", queue] => {
            let mut next = catalog.clone();
            next.queues.remove(&QueueId::from(*queue));
            Input::Catalog(Arc::new(next))
        }
        ["call", id, rest @ ..] => Input::Call(CallId(id.parse().ok()?), call(rest)?),
        ["late", "delivery", id, "in", of, "known", known, state @ ..] => Input::LateDelivery {
            message: MessageId(id.parse().ok()?),
            conversation: conversation(of)?,
            known: delivery(&[known])?,
            state: delivery(state)?,
        },
        ["customer", "changes", id, "in", of, text] => Input::Changed {
            message: MessageId(id.parse().ok()?),
            conversation: conversation(of)?,
            person: PersonId(1),
            change: Change::Edited((*text).to_owned()),
        },
        ["delivery", id, state @ ..] => Input::Delivery(MessageId(id.parse().ok()?), delivery(state)?),
        ["customer", "reads", id, "upto", message] => {
            Input::CustomerRead { conversation: conversation(id)?, upto: MessageId(message.parse().ok()?) }
        }
        ["customer", "returns", "to", id] => Input::CustomerBack { conversation: conversation(id)? },
        ["customer", "rates", id, score, comment @ ..] => {
            Input::Rated(conversation(id)?, score.parse().ok()?, comment.first().copied().unwrap_or_default().to_owned())
        }
        ["customer", "leaves", id] => Input::CustomerLeft { conversation: conversation(id)? },
        ["trunk", id, rest @ ..] => Input::Trunk(TrunkId::from(*id), trunk(rest)?),
        ["source", source, "banned", ms] => Input::Source(SourceId::from(*source), SourceHeard::Banned { ms: ms.parse().ok()? }),
        ["source", source, "allowed", by] => Input::Source(SourceId::from(*source), SourceHeard::Allowed { by: AgentId::from(*by) }),
        ["trial", id, rest @ ..] => Input::Trial(CallId(id.parse().ok()?), trial(rest)?),
        ["link", id, "books"] => Input::Link(callback(id)?, LinkUse::Book { at: None }),
        ["link", id, "books", minutes] => {
            Input::Link(callback(id)?, LinkUse::Book { at: Some(at.after(minutes.parse::<i64>().ok()? * 60_000)) })
        }
        ["form", id, "answered"] => Input::Form(FormId(id.parse().ok()?), FormUse::Answered { number: None }),
        ["form", id, "answered", "with", number] => {
            Input::Form(FormId(id.parse().ok()?), FormUse::Answered { number: Some((*number).to_owned()) })
        }
        ["link", id, "withdraws"] => Input::Link(callback(id)?, LinkUse::Withdraw),
        ["program", by, "sends", purpose, text, key, "to", kind, value, more @ ..] => {
            proactive(by, (purpose, text, key), (kind, value), more, at)?
        }
        ["channel", id, "down"] => Input::Channel(ChannelId::from(*id), Some("no answer".into())),
        ["channel", id, "up"] => Input::Channel(ChannelId::from(*id), None),
        ["unreachable", kind, value, why, known @ ..] => {
            let why = serde_json::from_value((*why).into()).ok()?;
            Input::Unreachable(who(kind, if *kind == "webchat" { "web" } else { "" }, value, known), why)
        }
        [channel, visitor, "is", "written", text, external, known @ ..] => {
            let besides = Besides { automatic: known.contains(&"automatic"), ..Besides::default() };
            Input::Elsewhere(MessageHeard {
                channel: ChannelId::from(*channel),
                external_id: (*external).to_owned(),
                who: who("webchat", channel, visitor, known),
                body: body(text),
                page: None,
                sent: at,
                known: None,
                besides,
            })
        }
        ["mail", address, "writes", text, external, known @ ..] => Input::Message(MessageHeard {
            channel: ChannelId::from("mail"),
            external_id: (*external).to_owned(),
            who: who("email", "", address, known),
            body: body(text),
            page: None,
            sent: at,
            known: None,
            besides: Besides { automatic: known.contains(&"automatic"), belongs: Belongs::Anew, ..Besides::default() },
        }),
        ["texts", number, "writes", text, external, known @ ..] => Input::Message(MessageHeard {
            channel: ChannelId::from("texts"),
            external_id: (*external).to_owned(),
            who: who("phone", "", number, known),
            body: body(text),
            page: None,
            sent: at,
            known: None,
            besides: Besides::default(),
        }),
        [channel, visitor, "taps", text, external, known @ ..] => Input::Message(MessageHeard {
            channel: ChannelId::from(*channel),
            external_id: (*external).to_owned(),
            who: who("webchat", channel, visitor, known),
            body: body(text),
            page: None,
            sent: at,
            known: None,
            besides: Besides { automatic: known.contains(&"automatic"), narrow: Some(tap(known, at)?), ..Besides::default() },
        }),
        [channel, visitor, "writes", text, external, known @ ..] => Input::Message(MessageHeard {
            channel: ChannelId::from(*channel),
            external_id: (*external).to_owned(),
            who: who("webchat", channel, visitor, known),
            body: Body { extra: known.iter().find_map(|word| tapped(word.strip_prefix("taps=")?)), ..body(text) },
            page: None,
            sent: at,
            known: known.iter().find_map(|word| word.strip_prefix("seen=")?.parse().ok()).map(MessageId),
            besides: Besides::default(),
        }),
        [agent, rest @ ..] => agent_does(AgentId::from(*agent), rest, at)?,
        [] => return None,
    })
}

/// `12.2`: the second choice of message 12.
fn tapped(name: &str) -> Option<Extra> {
    let (question, number) = name.split_once('.')?;
    let question = MessageId(question.parse().ok()?);
    Some(Extra::Chosen { question, number: number.parse().ok()?, choice: String::new(), asked: String::new() })
}

/// `phone=+49…`, `visitor=v1`, `call=3`, `conversation=7`, `ticket=2`: what goes along.
fn telephone(number: &str) -> Identity {
    Identity { kind: "phone".into(), namespace: String::new(), value: number.to_owned() }
}

fn belongings(words: &[&str]) -> Option<Belongings> {
    let mut all = Belongings::default();
    for (kind, value) in words.iter().map(|word| word.split_once('=')).collect::<Option<Vec<_>>>()? {
        let id = || value.parse::<u64>().ok();
        let identity = |kind: &str, namespace: &str| Identity { kind: kind.into(), namespace: namespace.into(), value: value.into() };
        match kind {
            "phone" => all.identities.push(identity("phone", "")),
            "visitor" => all.identities.push(identity("webchat", "web")),
            "call" => all.calls.push(CallId(id()?)),
            "conversation" => all.conversations.push(ConversationId(id()?)),
            "ticket" => all.tickets.push(TicketId(id()?)),
            "survey" => all.surveys.push(SurveyId(id()?)),
            _ => return None,
        }
    }
    Some(all)
}

/// Three messages in a minute; `before=1440/2` is what the store knows: how many minutes ago they wrote, and how often they were answered.
fn tap(known: &[&str], at: At) -> Option<Narrow> {
    let before = match known.iter().find_map(|word| word.strip_prefix("before=")) {
        None => Measure::default(),
        Some(before) => {
            let (minutes, answers) = before.split_once('/')?;
            let heard = at.after(-minutes.parse::<i64>().ok()? * 60_000);
            Measure { at: Some(heard), answers: answers.parse().ok()?, narrow: None }
        }
    };
    Some(Narrow { window: Window { ms: 60_000, messages: Some(3) }, before })
}

fn body(text: &str) -> Body {
    Body::text(text)
}

/// `way=texts/phone/+49…/USED/HEARD` is a channel that was used, with minutes since then or `-`; `text=` gives the template its words.
fn proactive(by: &str, (purpose, text, key): (&str, &str, &str), to: (&str, &str), more: &[&str], at: At) -> Option<Input> {
    let find = |key: &str| more.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let wording = |name: &str| Wording { name: name.into(), language: "en".into(), variables: vec!["7".into()] };
    Some(Input::Proactive(Box::new(Ask {
        to: recipient(to, more, at)?,
        text: text.to_owned(),
        card: None,
        subject: find("subject").unwrap_or_default().to_owned(),
        template: find("template").map(wording),
        purpose: serde_json::from_value(purpose.into()).ok()?,
        channels: find("via").into_iter().flat_map(|list| list.split(',')).map(ChannelId::from).collect(),
        not_after: find("within").and_then(|minutes| minutes.parse::<i64>().ok()).map(|minutes| at.after(minutes * 60_000)),
        outage: find("outage").map(ChannelId::from),
        by: by.to_owned(),
        key: key.to_owned(),
        digest: format!("{purpose} {text}"),
    })))
}

fn recipient((kind, value): (&str, &str), more: &[&str], at: At) -> Option<Recipient> {
    let find = |key: &str| more.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let ago = |minutes: &str| minutes.parse::<i64>().ok().map(|minutes| at.after(-minutes * 60_000));
    let reach = |identity: Identity| Reach {
        identity,
        channel: None,
        used_at: None,
        heard_at: None,
        answers: 0,
        narrow: None,
        opted_out: more.contains(&"opted-out"),
        unreachable: None,
    };
    let used = |word: &str| {
        let [channel, kind, value, used, heard] = <[&str; 5]>::try_from(word.split('/').collect::<Vec<_>>()).ok()?;
        let namespace = if kind == "webchat" { channel } else { "" };
        let identity = Identity { kind: kind.into(), namespace: namespace.into(), value: value.into() };
        Some(Reach { channel: Some(ChannelId::from(channel)), used_at: ago(used), heard_at: ago(heard), ..reach(identity) })
    };
    let who = who(kind, "", value, more);
    let mut ways: Vec<Reach> = more.iter().filter_map(|word| used(word.strip_prefix("way=")?)).collect();
    ways.push(reach(who.identity.clone()));
    let consent = find("consent").map_or(Some(Consent::Unknown), |word| serde_json::from_value(word.into()).ok())?;
    Some(Recipient { who, consent, offered_at: find("offered").and_then(ago), ways })
}

fn conversation(id: &str) -> Option<ConversationId> {
    id.parse().ok().map(ConversationId)
}

/// What the edge has found of this name: `ready` may be sent, `sale` may not.
fn template(name: &str) -> Option<Template> {
    let variable = |name: &str| Variable { name: name.into(), most: 10 };
    let (state, text, variables) = match name {
        "ready" => (Approval::Approved, "Order {{1}} is {{2}}.", vec![variable("1"), variable("2")]),
        "sale" => (Approval::Unusable("REJECTED".into()), "Buy!", Vec::new()),
        _ => return None,
    };
    let (title, category) = (String::new(), String::new());
    Some(Template { name: name.into(), title, language: "en_US".into(), category, state, text: text.into(), variables, most: 100 })
}

fn callback(id: &str) -> Option<CallbackId> {
    id.parse().ok().map(CallbackId)
}

fn call(words: &[&str]) -> Option<CallHeard> {
    let agent = |name: &str| AgentId::from(name);
    Some(match words {
        ["from", number, "to", dialled, "via", trunk, known @ ..] => {
            CallHeard::Invited { trunk: TrunkId::from(*trunk), who: who("phone", "", number, known), dialled: (*dialled).to_owned() }
        }
        ["from", "page", visitor, "of", channel, known @ ..] => CallHeard::FromPage {
            page: Page { channel: ChannelId::from(*channel), visitor: (*visitor).to_owned() },
            video: known.contains(&"video"),
            who: who("webchat", channel, visitor, known),
            first: known.iter().find_map(|word| word.strip_prefix("first=")).map(AgentId::from),
        },
        ["page", "silent"] => CallHeard::CustomerSilent,
        ["page", "heard"] => CallHeard::CustomerHeard,
        ["tries", "customer", "over", trunk, price] => {
            CallHeard::RouteTried { party: LegParty::Customer, trunk: TrunkId::from(*trunk), price: price.parse().ok()? }
        }
        ["loses", trunk, problem] => {
            CallHeard::RouteFailed { trunk: TrunkId::from(*trunk), problem: serde_json::from_value((*problem).into()).ok()? }
        }
        ["hangs", "up"] => CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Normal },
        ["gives", "up"] => CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Abandoned },
        ["fails"] => CallHeard::Ended { by: EndedBy::Network, cause: EndCause::Failed },
        ["lost"] => CallHeard::Lost,
        ["prompt", "done"] => CallHeard::PromptDone,
        ["said", serial] => CallHeard::Said { serial: serial.parse().ok()? },
        ["digit", digit] => CallHeard::Digit(digit.chars().next()?),
        ["quiet"] => CallHeard::Quiet,
        ["message", "left"] => CallHeard::MessageLeft {
            file: FileRef { id: FileId(1), name: "voicemail.wav".into(), mime: "audio/wav".into(), bytes: 80_044 },
            millis: 5_000,
        },
        ["no", "message"] => CallHeard::NoMessage,
        ["recording", "done"] => CallHeard::RecordingDone { file: "1.wav".into(), millis: 5_000, bytes: 80_044, films: String::new() },
        ["customer", rest @ ..] => party(LegParty::Customer, rest)?,
        ["outside", nth, rest @ ..] => party(LegParty::Outside(nth.parse().ok()?), rest)?,
        [name, "rings"] => CallHeard::AgentRinging { agent: agent(name) },
        [name, "answers"] => CallHeard::AgentAnswered { agent: agent(name) },
        [name, "busy"] => CallHeard::AgentFailed { agent: agent(name), cause: LegFailure::Busy },
        [name, "unreachable"] => CallHeard::AgentFailed { agent: agent(name), cause: LegFailure::Unreachable },
        [name, "leaves"] => CallHeard::AgentLeft { agent: agent(name) },
        [name, "refers", "to", to] => CallHeard::AgentRefers { agent: agent(name), to: (*to).to_owned() },
        [name, "joins"] => CallHeard::AgentJoins { agent: agent(name) },
        [name, "records", on] => CallHeard::AgentRecords { agent: agent(name), on: *on == "on" },
        [name, "completes"] => CallHeard::AgentCompletes { agent: agent(name) },
        [name, "turns", "to", "customer"] => CallHeard::AgentTurns { agent: agent(name), customer: true },
        [name, "turns", "aside"] => CallHeard::AgentTurns { agent: agent(name), customer: false },
        [name, "hangs", "up", "aside"] => CallHeard::SecondLineOver { agent: agent(name) },
        [name, "silent"] => CallHeard::AgentSilent { agent: agent(name) },
        [name, "heard"] => CallHeard::AgentHeard { agent: agent(name) },
        _ => return None,
    })
}

fn party(party: LegParty, words: &[&str]) -> Option<CallHeard> {
    Some(match words {
        ["rings"] => CallHeard::PartyRinging { party, early: false },
        ["rings", "with", "sound"] => CallHeard::PartyRinging { party, early: true },
        ["answers"] => CallHeard::PartyAnswered { party },
        ["busy"] => CallHeard::PartyFailed { party, cause: LegFailure::Busy },
        ["declines"] => CallHeard::PartyFailed { party, cause: LegFailure::Declined },
        ["unreachable"] => CallHeard::PartyFailed { party, cause: LegFailure::Unreachable },
        ["leaves"] => CallHeard::PartyLeft { party },
        _ => return None,
    })
}

fn target(kind: &str, name: &str) -> Option<Target> {
    Some(match kind {
        "agent" => Target::Agent(AgentId::from(name)),
        "queue" => Target::Queue(QueueId::from(name)),
        "line" => Target::Line(name.to_owned()),
        "outside" => Target::Outside(name.to_owned()),
        _ => return None,
    })
}

fn trunk(words: &[&str]) -> Option<TrunkHeard> {
    Some(match words {
        ["answers"] => TrunkHeard::Pinged { problem: None },
        ["is", problem] => TrunkHeard::Pinged { problem: Some(serde_json::from_value((*problem).into()).ok()?) },
        ["takes", "our", "login"] => TrunkHeard::Registration { problem: None },
        ["refuses", "our", "login"] => TrunkHeard::Registration { problem: Some(TrunkProblem::Login) },
        _ => return None,
    })
}

fn trial(words: &[&str]) -> Option<Trial> {
    Some(match words {
        ["asks", number, "via", trunk, "by", by] => {
            Trial::Ask { by: (*by).to_owned().try_into().ok()?, trunk: TrunkId::from(*trunk), number: (*number).to_owned() }
        }
        ["rings"] => Trial::Rings,
        ["answered"] => Trial::Answered,
        ["fails", "on", trunk, problem] => {
            Trial::RouteFailed { trunk: TrunkId::from(*trunk), problem: serde_json::from_value((*problem).into()).ok()? }
        }
        ["over"] => Trial::Over,
        _ => return None,
    })
}

/// A message of Mara's, sent a second ago, unless the words say otherwise.
fn ours(message: &str, was: &str, more: &[&str], at: At) -> Option<Option<Box<Ours>>> {
    if more.contains(&"unknown") {
        return Some(None);
    }
    let find = |key: &str| more.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let state = match find("state") {
        Some("queued") => Delivery::Queued,
        Some("failed") => Delivery::Failed { reason: "blocked".into() },
        Some(state) => delivery(&[state])?,
        None => Delivery::Sent,
    };
    let extra = more.contains(&"choices").then(|| Extra::Choices { options: vec!["Yes".into(), "No".into()] });
    let by = find("by").unwrap_or("mara");
    Some(Some(Box::new(Ours {
        message: MessageId(message.parse().ok()?),
        by: (by != "nobody").then(|| AgentId::from(by)),
        body: Body { extra, ..body(was) },
        at: at.after(-find("ago").map_or(Some(1_000), |ms| ms.parse().ok())?),
        state,
        recalled: more.contains(&"recalled"),
    })))
}

fn delivery(words: &[&str]) -> Option<Delivery> {
    Some(match words {
        ["sent"] => Delivery::Sent,
        ["delivered"] => Delivery::Delivered,
        ["read"] => Delivery::Read,
        ["unknown"] => Delivery::Unknown,
        ["failed", reason] => Delivery::Failed { reason: (*reason).to_owned() },
        _ => return None,
    })
}

fn work(kind: &str, id: &str) -> Option<Work> {
    let id = id.parse().ok()?;
    match kind {
        "call" => Some(Work::Call(CallId(id))),
        "conversation" => Some(Work::Conversation(ConversationId(id))),
        "callback" => Some(Work::Callback(CallbackId(id))),
        _ => None,
    }
}

/// What the agent was shown: `seen=conversation/1`, `seen=window`, `seen=text`.
fn seen(words: &[&str]) -> Option<Seen> {
    let seen = words.iter().find_map(|word| word.strip_prefix("seen="))?;
    match seen.strip_prefix("conversation/") {
        Some(id) => conversation(id).map(Seen::Conversation),
        None if seen == "window" => Some(Seen::Window),
        None => Some(Seen::Text),
    }
}

fn agent_does(agent: AgentId, words: &[&str], at: At) -> Option<Input> {
    let device = |device| Some(Input::Device(agent.clone(), device));
    let command = match words {
        ["opens", "page"] => return device(Device::PageOpen),
        ["closes", "page"] => return device(Device::PageGone),
        ["phone", "ready"] => return device(Device::PhoneReady),
        ["phone", "lost"] => return device(Device::PhoneLost),
        ["voice", "ready"] => return device(Device::VoiceReady { phone: "page".into() }),
        ["voice", "ready", phone] => return device(Device::VoiceReady { phone: (*phone).to_owned() }),
        ["microphone", "works", "in", phone] => return device(Device::Microphone { phone: (*phone).to_owned(), problem: None }),
        ["microphone", problem, "in", phone] => {
            return device(Device::Microphone { phone: (*phone).to_owned(), problem: Some((*problem).to_owned()) });
        }
        ["voice", "lost", problem] => {
            return device(Device::VoiceLost { problem: (*problem).to_owned() });
        }
        ["status", "available"] => Command::SetStatus(WantedStatus::Available),
        ["status", "busy"] => Command::SetStatus(WantedStatus::Busy),
        ["status", "offline"] => Command::SetStatus(WantedStatus::Offline),
        ["status", "break", reason] => Command::SetStatus(WantedStatus::Break { reason: (*reason).to_owned() }),
        ["takes", "no", medium] => Command::Takes { medium: serde_json::from_value((*medium).into()).ok()?, on: false },
        ["takes", medium, "again"] => Command::Takes { medium: serde_json::from_value((*medium).into()).ok()?, on: true },
        ["lets", other, "take", medium] => {
            Command::TakesOf { agent: AgentId::from(*other), medium: serde_json::from_value((*medium).into()).ok()?, on: true }
        }
        ["lets", other, "take", "no", medium] => {
            Command::TakesOf { agent: AgentId::from(*other), medium: serde_json::from_value((*medium).into()).ok()?, on: false }
        }
        ["asks", "for", "help", "with", kind, id] => Command::AskAssist { work: work(kind, id)?, word: String::new() },
        ["asks", "for", "help", "with", kind, id, word] => Command::AskAssist { work: work(kind, id)?, word: (*word).to_owned() },
        ["needs", "no", "help", "with", kind, id] => Command::EndAssist { work: work(kind, id)? },
        ["comes", "to", kind, id] => Command::Assist { work: work(kind, id)? },
        ["edits", message, "in", id, text, "was", was, more @ ..] => Command::Amend {
            conversation: conversation(id)?,
            ours: ours(message, was, more, at)?,
            change: Change::Edited((*text).to_owned()),
        },
        ["recalls", message, "in", id, "was", was, more @ ..] => {
            Command::Amend { conversation: conversation(id)?, ours: ours(message, was, more, at)?, change: Change::Recalled }
        }
        ["writes", "to", address, "by", channel, text, key, more @ ..] => {
            let find = |key: &str| more.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default();
            let list = |key: &str| find(key).split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect();
            let mail =
                Mail { subject: find("subject").into(), from: find("from").into(), cc: list("cc"), bcc: list("bcc"), ..Mail::default() };
            let body = Body { extra: Some(Extra::Mail(Box::new(mail))), ..body(text) };
            Command::Write { who: who("email", "", address, more), channel: ChannelId::from(*channel), body, key: (*key).to_owned() }
        }
        ["sets", other, status] => {
            let wanted = match *status {
                "available" => WantedStatus::Available,
                "busy" => WantedStatus::Busy,
                "offline" => WantedStatus::Offline,
                reason => WantedStatus::Break { reason: reason.to_owned() },
            };
            Command::SetStatusOf { agent: AgentId::from(*other), wanted }
        }
        ["moves", other, what, "for", minutes] => {
            let until = at.after(minutes.parse::<i64>().ok()? * 60_000);
            Command::Move { agent: AgentId::from(*other), change: moved(what)?, until }
        }
        ["moves", other, "back", "from", what] => Command::EndMove { agent: AgentId::from(*other), change: moved(what)? },
        ["switches", overlay, "off"] => Command::SwitchOverlay { overlay: OverlayId::from(*overlay), on: false, until: None },
        ["switches", overlay, "on"] => Command::SwitchOverlay { overlay: OverlayId::from(*overlay), on: true, until: None },
        ["switches", overlay, "on", "for", minutes] => {
            let until = Some(at.after(minutes.parse::<i64>().ok()? * 60_000));
            Command::SwitchOverlay { overlay: OverlayId::from(*overlay), on: true, until }
        }
        ["declines", kind, id] => Command::Decline(work(kind, id)?),
        ["takes", kind, id] => Command::Take(work(kind, id)?),
        ["transfers", kind, id, "to", to, name, note] => {
            Command::Transfer { work: work(kind, id)?, to: target(to, name)?, note: (*note).to_owned() }
        }
        ["calls", "callback", id] => Command::Callback(callback(id)?, CallbackCommand::Call),
        ["calls", "colleague", colleague] => {
            let who = who("agent", "", agent.as_str(), &[]);
            Command::Call { callee: Callee::Colleague { agent: AgentId::from(*colleague), who }, queue: None, chat: None }
        }
        ["rings", "page", visitor, "of", channel, known @ ..] => {
            let video = known.contains(&"video");
            let page = Page { channel: ChannelId::from(*channel), visitor: (*visitor).to_owned() };
            Command::Call { callee: Callee::Page { who: who("webchat", channel, visitor, known), page, video }, queue: None, chat: None }
        }
        ["calls", number, "for", queue, known @ ..] => Command::Call {
            callee: Callee::Number { who: who("phone", "", number, known), number: (*number).to_owned(), line: None },
            queue: Some(QueueId::from(*queue)),
            chat: None,
        },
        ["calls", number, "from", "conversation", chat, known @ ..] => Command::Call {
            callee: Callee::Number { who: who("phone", "", number, known), number: (*number).to_owned(), line: None },
            queue: None,
            chat: conversation(chat),
        },
        ["calls", number, known @ ..] => Command::Call {
            callee: Callee::Number { who: who("phone", "", number, known), number: (*number).to_owned(), line: None },
            queue: None,
            chat: None,
        },
        ["asks", "the", "way", "for", kind, id] => Command::PushWay { work: work(kind, id)? },
        ["pushes", text, "to", kind, id, key, more @ ..] => {
            let file = |id: &str| {
                let id = FileId(id.parse().ok()?);
                Some(FileRef { id, name: "shelf.png".into(), mime: "image/png".into(), bytes: 9_000 })
            };
            let files = more.iter().filter_map(|word| file(word.strip_prefix("file=")?)).collect();
            let what = Push::Body(Body { files, ..Body::text(*text) });
            Command::Push { work: work(kind, id)?, what, seen: seen(more), key: (*key).to_owned() }
        }
        ["sends", "form", form, "to", kind, id, key, more @ ..] => {
            let what = Push::Form(FormKind::from(*form));
            Command::Push { work: work(kind, id)?, what, seen: seen(more), key: (*key).to_owned() }
        }
        ["asks", question, "in", id, key, choices @ ..] => Command::Card {
            conversation: conversation(id)?,
            card: Box::new(Card::Choices {
                question: (*question).to_owned(),
                choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
            }),
            key: (*key).to_owned(),
        },
        ["sends", "template", name, "in", id, key, values @ ..] => Command::Template {
            conversation: conversation(id)?,
            template: template(name).map(Box::new),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            key: (*key).to_owned(),
        },
        ["accepts", "form", id] => Command::Form(FormId(id.parse().ok()?), FormCommand::Judge { accepted: true, reason: String::new() }),
        ["refuses", "form", id, reason] => {
            Command::Form(FormId(id.parse().ok()?), FormCommand::Judge { accepted: false, reason: (*reason).to_owned() })
        }
        ["accepts", kind, id] => Command::Accept(work(kind, id)?),
        ["withdraws", "form", id] => Command::Form(FormId(id.parse().ok()?), FormCommand::Withdraw),
        ["dials", "agent", colleague] => {
            let who = who("agent", "", agent.as_str(), &[]);
            Command::Dial { callee: Callee::Colleague { agent: AgentId::from(*colleague), who } }
        }
        ["dials", "number", number, known @ ..] => {
            Command::Dial { callee: Callee::Number { who: who("phone", "", number, known), number: (*number).to_owned(), line: None } }
        }
        ["picks", "up", slot] => Command::PickUp { slot: slot.parse().ok()? },
        ["replies", id, text, key] => Command::Reply { conversation: conversation(id)?, body: body(text), key: (*key).to_owned() },
        ["reads", id, "upto", message] => Command::MarkRead { conversation: conversation(id)?, upto: MessageId(message.parse().ok()?) },
        ["resolves", id] => resolved(conversation(id)?, None, &[], ""),
        ["resolves", id, "as", outcome] => resolved(conversation(id)?, Some(outcome), &[], ""),
        ["resolves", id, note, "as", outcome, "with", answers @ ..] => resolved(conversation(id)?, Some(outcome), answers, note),
        ["notes", "person", person, text] => {
            Command::Note { person: PersonId(person.parse().ok()?), work: None, text: (*text).to_owned(), key: String::new() }
        }
        ["notes", "person", person, text, key] => {
            let person = PersonId(person.parse().ok()?);
            Command::Note { person, work: None, text: (*text).to_owned(), key: (*key).to_owned() }
        }
        ["snoozes", id, "for", minutes] => {
            Command::Snooze { conversation: conversation(id)?, until: at.after(minutes.parse::<i64>().ok()? * 60_000) }
        }
        ["wakes", id] => Command::Wake { conversation: conversation(id)? },
        ["writes", text, "about", "callback", id] => Command::Callback(callback(id)?, CallbackCommand::Write { text: (*text).to_owned() }),
        ["invites", "callback", id] => Command::Callback(callback(id)?, CallbackCommand::Write { text: "Call us here: {link}".into() }),
        ["claims", "callback", id] => Command::Callback(callback(id)?, CallbackCommand::Claim),
        ["lets", "go", "callback", id] => Command::Callback(callback(id)?, CallbackCommand::LetGo),
        ["books", "callback", id] => Command::Callback(callback(id)?, CallbackCommand::Book { at: None }),
        ["settles", "callback", id, "as", outcome] => {
            Command::Callback(callback(id)?, CallbackCommand::Settle { outcome: (*outcome).to_owned() })
        }
        ["promises", number, "a", "call", "from", queue] => Command::PromiseCall {
            who: who("phone", "", number, &[]),
            number: (*number).to_owned(),
            queue: QueueId::from(*queue),
            at: None,
        },
        ["notes", "consent", consent, "of", person] => {
            let consent = serde_json::from_value((*consent).into()).ok()?;
            Command::SetConsent { person: PersonId(person.parse().ok()?), consent }
        }
        [verb @ ("tags" | "untags"), person, tag, had @ ..] => Command::Tag {
            person: PersonId(person.parse().ok()?),
            about: Box::new(About { tags: had.iter().map(|tag| (*tag).to_owned()).collect(), ..About::default() }),
            tag: (*tag).to_owned(),
            on: *verb == "tags",
        },
        ["enters", name, number] => {
            Command::Enter { people: vec![Entered { name: (*name).to_owned(), identities: vec![telephone(number)] }], proof: Proof::Agent }
        }
        ["knows", person, "by", number, known @ ..] => Command::AddIdentity {
            person: PersonId(person.parse().ok()?),
            identity: telephone(number),
            whose: known.first().and_then(|who| who.strip_prefix("of=")).and_then(|who| who.parse().ok()).map(PersonId),
        },
        ["parts", number, "and", person, said @ ..] => Command::RemoveIdentity {
            person: PersonId(person.parse().ok()?),
            identity: telephone(number),
            opted_out: said == ["opted", "out"],
        },
        ["merges", from, "into", into, moved @ ..] => Command::JoinPeople {
            into: PersonId(into.parse().ok()?),
            from: PersonId(from.parse().ok()?),
            why: MergeWhy::Chosen,
            moved: Box::new(belongings(moved)?),
        },
        ["parts", from, "from", into, back @ ..] => Command::PartPeople {
            into: PersonId(into.parse().ok()?),
            from: PersonId(from.parse().ok()?),
            back: Box::new(belongings(back)?),
        },
        ["keeps", person, "apart", "from", other] => {
            Command::KeepApart { person: PersonId(person.parse().ok()?), other: PersonId(other.parse().ok()?) }
        }
        ["opens", "ticket", "for", person, subject, more @ ..] => Command::OpenTicket(Box::new(tickets::new(person, subject, more, at)?)),
        [verb, "ticket", id, what @ ..] => Command::Ticket(TicketId(id.parse().ok()?), tickets::command(verb, what, at)?),
        [verb, "call", id, rest @ ..] => on_call(verb, CallId(id.parse().ok()?), rest)?,
        _ => return None,
    };
    Some(Input::Command(agent, command))
}

/// `+urgent`, `-sales`, `tech:4`.
fn moved(what: &str) -> Option<MoveChange> {
    Some(match what.split_at_checked(1)? {
        ("+", queue) => MoveChange::Join(QueueId::from(queue)),
        ("-", queue) => MoveChange::Leave(QueueId::from(queue)),
        _ => {
            let (skill, level) = what.split_once(':')?;
            MoveChange::Skill { skill: SkillId::from(skill), level: level.parse().ok()? }
        }
    })
}

fn on_call(verb: &str, call: CallId, rest: &[&str]) -> Option<Command> {
    Some(match (verb, rest) {
        ("listens" | "whispers" | "barges" | "seizes", []) => {
            let mode = match verb {
                "listens" => WatchMode::Listen,
                "whispers" => WatchMode::Whisper,
                "barges" => WatchMode::Barge,
                _ => WatchMode::TakeOver,
            };
            Command::Watch { call, mode }
        }
        ("forgets", []) => Command::StopWatching { call },
        ("holds", []) => Command::Hold { call, on: true },
        ("resumes", []) => Command::Hold { call, on: false },
        ("ends", []) => Command::HangUp { call },
        ("pauses", ["recording"]) => Command::PauseRecording { call, on: true },
        ("dials", [digits]) => Command::SendDigits { call, digits: (*digits).to_owned() },
        ("wraps", ["up", note]) => Command::WrapUp { call, disposition: None, fields: Vec::new(), note: (*note).to_owned() },
        ("wraps", ["up", note, "as", outcome]) => {
            Command::WrapUp { call, disposition: Some((*outcome).to_owned()), fields: Vec::new(), note: (*note).to_owned() }
        }
        ("wraps", ["up", note, "as", outcome, "with", answers @ ..]) => {
            Command::WrapUp { call, disposition: Some((*outcome).to_owned()), fields: fields(answers), note: (*note).to_owned() }
        }
        ("extends", ["wrap-up"]) => Command::ExtendWrapUp { call },
        ("consults", [kind, name, note]) => Command::Consult { call, to: target(kind, name)?, note: (*note).to_owned() },
        ("swaps", []) => Command::Swap { call },
        ("merges", []) => Command::Merge { call },
        ("completes", []) => Command::Complete { call },
        ("returns", ["to", "the", "customer"]) => Command::EndConsult { call },
        ("adds", [kind, name]) => Command::Add { call, to: target(kind, name)? },
        ("removes", ["agent", name]) => Command::Remove { call, party: LegParty::Agent(AgentId::from(*name)) },
        ("removes", ["outside", nth]) => Command::Remove { call, party: LegParty::Outside(nth.parse().ok()?) },
        ("leaves", []) => Command::Leave { call },
        ("parks", []) => Command::Park { call },
        ("masks", []) => Command::MaskedField { call, on: true },
        ("unmasks", []) => Command::MaskedField { call, on: false },
        ("records", ["again"]) => Command::PauseRecording { call, on: false },
        _ => return None,
    })
}

fn resolved(conversation: ConversationId, outcome: Option<&str>, answers: &[&str], note: &str) -> Command {
    Command::Resolve { conversation, disposition: outcome.map(str::to_owned), fields: fields(answers), note: note.to_owned() }
}

/// `order=20417 size=M`
fn fields(answers: &[&str]) -> Vec<(String, String)> {
    answers.iter().filter_map(|answer| answer.split_once('=')).map(|(name, answer)| (name.to_owned(), answer.to_owned())).collect()
}
