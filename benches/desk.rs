//! Inputs per second of the desk alone: a queue of desk phones, 300 calls up at any time. `cargo bench --bench desk`.

use hubline::config::Config;
use hubline::desk::Desk;
use hubline::desk::act::{Act, VoiceAct};
use hubline::desk::id::{At, CallId, PersonId, TrunkId};
use hubline::desk::input::{CallHeard, EndCause, EndedBy, Input};
use hubline::desk::person::{Identity, PersonBrief, Who};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Calls per run.
const CALLS: u64 = 20_000;
/// Calls up at the same time.
const LIVE: usize = 300;
/// Time between calls, ms.
const EVERY: i64 = 10;

fn main() {
    for agents in [500, 1_000] {
        let [invited, answered, ended] = run(agents).map(|spent| spent.as_secs_f64() * 1e6 / CALLS as f64);
        let mean = (invited + answered + ended) / 3.0;
        println!(
            "{agents} agents: invited and offered {invited:.1} µs, answered {answered:.1} µs, ended {ended:.1} µs, mean {mean:.1} µs an input"
        );
    }
}

fn run(agents: u32) -> [Duration; 3] {
    let house = format!(
        "[[queues]]\nid = \"q\"\nwrap_up = \"0s\"\n[[lines]]\nnumber = \"queue\"\nqueue = \"q\"\n\
         [[agent_groups]]\nprefix = \"a\"\ncount = {agents}\nqueues = [\"q\"]\nphone = \"sip:a{{n}}@127.0.0.1:5070\"\nalways_available = true\n"
    );
    let catalog = Config::parse(&house, Path::new("bench.toml")).unwrap_or_else(|report| panic!("{}", report.plain())).catalog;
    let mut desk = Desk::new(Arc::new(catalog));
    desk.handle(At(1), Input::Started);
    let mut spent = [Duration::ZERO; 3];
    let mut timed = |desk: &mut Desk, part: usize, at: At, input: Input| {
        let begun = Instant::now();
        let step = desk.handle(at, input);
        spent[part] += begun.elapsed();
        step
    };
    let mut live = VecDeque::new();
    for number in 0..CALLS {
        let (id, at) = (CallId(number), At(1_000 + number as i64 * EVERY));
        let step = timed(
            &mut desk,
            0,
            at,
            Input::Call(id, CallHeard::Invited { trunk: TrunkId::from("t"), who: who(number % 500), dialled: "queue".into() }),
        );
        let rung = step.acts.into_iter().find_map(|act| match act {
            Act::Voice(_, VoiceAct::RingPhone { agent, .. }) => Some(agent),
            _ => None,
        });
        timed(&mut desk, 1, at, Input::Call(id, CallHeard::AgentAnswered { agent: rung.expect("a free phone") }));
        live.push_back(id);
        if live.len() > LIVE
            && let Some(over) = live.pop_front()
        {
            timed(&mut desk, 2, at, Input::Call(over, CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Normal }));
        }
    }
    spent
}

fn who(person: u64) -> Who {
    let brief = PersonBrief {
        id: PersonId(person),
        name: "caller".into(),
        tier: None,
        language: None,
        tags: Vec::new(),
        dedicated: None,
        last_agent: None,
        blocked: false,
        opted_out: false,
        unreachable: None,
        kept: Default::default(),
    };
    Who {
        identity: Identity { kind: "phone".into(), namespace: String::new(), value: format!("+{person}") },
        display: None,
        person: Some(brief),
    }
}
