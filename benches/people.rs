//! One customer among many: how long the first screen of their line, the next by scrolling, the card that rings and a search in their line take
//! with a million messages in the house, a hundred thousand of them one customer's.
//!
//! `cargo bench --bench people [MESSAGES]` (goal: each at most 50 ms)

use hubline::desk::id::{AgentId, At, PersonId};
use hubline::store::timeline::{Only, Wanted, page, sifted};
use hubline::store::viewer::{Role, Viewer};
use hubline::store::{Store, StoreError, persons};
use std::time::{Duration, Instant};

const MESSAGES: i64 = 1_000_000;
const PEOPLE: i64 = 200_000;
/// The customer who has written for ten years.
const BUSY: PersonId = PersonId(1);
const ROUNDS: u32 = 50;
const GOAL: Duration = Duration::from_millis(50);

fn main() {
    let messages = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(MESSAGES);
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let store = Store::open(folder.path()).expect("a store");
    let began = Instant::now();
    runtime.block_on(seed(&store, messages)).expect("seeded");
    println!("{messages} messages of {PEOPLE} people in {:.0?}", began.elapsed());
    let viewer = Viewer { agent: AgentId::from("mara"), role: Role::Agent };
    let mut late = false;
    for person in [BUSY, PersonId(77_777)] {
        println!("customer {person}");
        let mut measured = |name: &str, took: Vec<Duration>| {
            let (worst, median) = (took[took.len() - 1], took[took.len() / 2]);
            println!("  {name:24} median {median:>10.2?}  worst {worst:>10.2?}");
            late |= worst > GOAL;
        };
        measured("first screen", times(|| runtime.block_on(page(&store, &viewer, person, None, 50)).map(drop)));
        let first = runtime.block_on(page(&store, &viewer, person, None, 50)).expect("a page");
        let before = first.first().map(|item| item.cursor());
        measured("next by scrolling", times(|| runtime.block_on(page(&store, &viewer, person, before, 50)).map(drop)));
        for (name, only, words) in [
            ("notes alone", Only::Notes, ""),
            ("calls alone", Only::Calls, ""),
            ("a word that is common", Only::All, "lamp"),
            ("a word that is nowhere", Only::All, "zzzz"),
        ] {
            let wanted = Wanted { only, words: words.into() };
            measured(name, times(|| runtime.block_on(sifted(&store, &viewer, person, wanted.clone(), None, 50)).map(drop)));
        }
        measured("the card that rings", times(|| runtime.block_on(persons::card(&store, &viewer, person)).map(drop)));
        measured("the open matter", times(|| runtime.block_on(persons::matter(&store, person, At(2_000_000_000_000))).map(drop)));
        measured("who may be the same", times(|| runtime.block_on(persons::suggestions(&store, &viewer, person)).map(drop)));
    }
    assert!(!late, "slower than {GOAL:?}");
}

/// In order, after a few that warm up.
fn times(mut ask: impl FnMut() -> Result<(), StoreError>) -> Vec<Duration> {
    for _ in 0..3 {
        ask().expect("an answer");
    }
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            ask().expect("an answer");
            began.elapsed()
        })
        .collect();
    took.sort();
    took
}

/// People with a number each, conversations of ten messages, a call and a line of the log now and then. Every tenth conversation is the busy
/// customer's.
async fn seed(store: &Store, messages: i64) -> Result<(), StoreError> {
    store
        .write(|conn| {
            conn.execute_batch(&format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})
                 INSERT INTO person (id, name, created_at, contact_at) SELECT i, 'Person ' || i, i, i FROM n;
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})
                 INSERT INTO identity (person, kind, namespace, value, reversed, created_at)
                 SELECT i, 'phone', '', '+4915' || (100000000 + i), NULL, i FROM n;"
            ))?;
            Ok(())
        })
        .await?;
    let conversations = messages / 10;
    let piece = 10_000;
    let mut from = 1;
    while from <= conversations {
        let to = (from + piece - 1).min(conversations);
        store
            .write(move |conn| {
                let n = format!("WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})");
                let person = format!("iif(n.i % 10 = 0, 1, n.i * 7 % {PEOPLE} + 1)");
                conn.execute_batch(&format!(
                    "{n} INSERT INTO conversation (id, person, channel, kind, namespace, value, state, opened_at, last_at)
                     SELECT n.i, {person}, 'site', 'webchat', 'site', 'v' || n.i, 'resolved', n.i * 1000, n.i * 1000 + 900 FROM n;
                     {n}, m(j) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))
                     INSERT INTO message (id, person, conversation, channel, kind, agent, text, at)
                     SELECT n.i * 10 + m.j, {person}, n.i, 'site', iif(m.j = 9, 'note', iif(m.j % 2 = 0, 'in', 'out')), iif(m.j % 2 = 0, NULL, 'mara'),
                     iif(n.i % 3 = 0, 'the lamp number ' || n.i, 'words of message ' || n.i), n.i * 1000 + m.j * 100 FROM n, m;
                     {n} INSERT INTO call (id, person, trunk, caller, dialled, state, started_at, ended_at)
                     SELECT n.i, {person}, 'line', '+49', '4001', 'ended', n.i * 1000 + 50, n.i * 1000 + 60 FROM n WHERE n.i % 20 = 0;"
                ))?;
                Ok(())
            })
            .await?;
        from = to + 1;
    }
    Ok(())
}
