//! Plays a script: one line per input (`09:00:00 call 1 from +8613800138000 to 4001`), under it everything that came of it. Deadlines
//! between two lines fire by themselves and are shown as `(clock)` where something came of them. After every input the desk is
//! restored from its rows and must be the same desk, and the rows of all steps together must be those rows.

use super::super::catalog::Catalog;
use super::super::input::*;
use super::super::person::*;
use super::super::step::{Answer, LiveRow, Step};
use super::super::{Desk, id::*};
use super::world::{MIDNIGHT, shop};
use super::{print, table};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A desk with everything that must hold after each input.
pub struct Stage {
    pub desk: Desk,
    pub catalog: Arc<Catalog>,
    rows: BTreeMap<String, String>,
    /// Calls that the desk begins are numbered from 501.
    next_call: u64,
}

impl Stage {
    pub fn new(catalog: Catalog) -> Stage {
        let catalog = Arc::new(catalog);
        Stage { desk: Desk::new(catalog.clone()), catalog, rows: BTreeMap::new(), next_call: 501 }
    }

    pub fn handle(&mut self, at: At, input: Input) -> Step {
        if let Input::Catalog(catalog) = &input {
            self.catalog = catalog.clone();
        }
        if self.desk.lacks_call() {
            self.desk.lend_call(CallId(self.next_call));
            self.next_call += 1;
        }
        let step = self.desk.handle(at, input);
        for LiveRow { key, state } in step.live.clone() {
            match state {
                Some(state) => self.rows.insert(key, state),
                None => self.rows.remove(&key),
            };
        }
        let rows: Vec<LiveRow> = self.rows.iter().map(|(k, s)| LiveRow { key: k.clone(), state: Some(s.clone()) }).collect();
        assert_eq!(rows, self.desk.rows(), "the rows of the steps are not the memory");
        let restored = Desk::restore(self.catalog.clone(), rows).unwrap();
        assert!(restored == self.desk, "restored differs\nrestored: {restored:#?}\nlive: {:#?}", self.desk);
        step
    }
}

/// The script as it comes out.
pub fn play(name: &str, written: &str) -> String {
    let mut stage = Stage::new(shop());
    let mut out = String::new();
    let mut last = MIDNIGHT;
    for (number, line) in written.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            out += line;
            out.push('\n');
            continue;
        }
        if line.starts_with(' ') || line.ends_with("(clock)") {
            continue;
        }
        let bad = |why: &str| -> ! { panic!("{name}:{}: {why}: {line}", number + 1) };
        let (time, words) = line.split_once(' ').unwrap_or_else(|| bad("no time"));
        let at = parse_time(time).unwrap_or_else(|| bad("not a time"));
        assert!(at >= last, "{name}:{}: time runs backwards", number + 1);
        last = at;
        let waits = words == "wait";
        while let Some(due) = stage.desk.next_deadline().filter(|due| *due < at || waits && *due == at) {
            let step = stage.handle(due, Input::Clock);
            assert!(stage.desk.next_deadline().is_none_or(|next| next > due), "{name}: a deadline stays behind");
            if !step.facts.is_empty() || !step.acts.is_empty() {
                out += &format!("{} (clock)\n{}", print::time(due), outcome(&step));
            }
        }
        out += line;
        out.push('\n');
        if waits {
            continue;
        }
        let input = table::input(&words_of(words), at, &stage.catalog).unwrap_or_else(|| bad("not understood"));
        out += &outcome(&stage.handle(at, input));
    }
    out
}

fn outcome(step: &Step) -> String {
    let facts = step.facts.iter().map(|fact| format!("    fact {}\n", print::fact(fact)));
    let acts = step.acts.iter().map(|act| format!("    act  {}\n", print::act(act)));
    let answer = match &step.answer {
        Ok(Answer::Done) => None,
        Ok(answer) => Some(format!("    answer {}\n", print::any(answer))),
        Err(refusal) => Some(format!("    refused {}\n", print::any(refusal))),
    };
    facts.chain(acts).chain(answer).collect()
}

fn parse_time(text: &str) -> Option<At> {
    let mut parts = text.split(':');
    let (hours, minutes): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds: f64 = parts.next()?.parse().ok()?;
    Some(MIDNIGHT.after((hours * 60 + minutes) * 60_000 + (seconds * 1000.0).round() as i64))
}

/// Words, with "quoted text" as one.
fn words_of(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// `consent=offers field:plan=pro`
fn kept(known: &[&str]) -> Kept {
    let consent = known.iter().find_map(|word| word.strip_prefix("consent="));
    let fields = known.iter().filter_map(|word| word.strip_prefix("field:")?.split_once('='));
    Kept {
        consent: consent.and_then(|word| serde_json::from_value(word.into()).ok()).unwrap_or_default(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}

/// A customer by identity, with what the store knows of them: `person=7 tier=gold dedicated=bo last=mara blocked`.
pub fn who(kind: &str, namespace: &str, value: &str, known: &[&str]) -> Who {
    let find = |key: &str| known.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let person = find("person").and_then(|id| id.parse().ok()).map(|id| PersonBrief {
        id: PersonId(id),
        name: find("name").unwrap_or("somebody").to_owned(),
        tier: find("tier").map(TierId::from),
        language: find("language").map(str::to_owned),
        tags: find("tag").map(str::to_owned).into_iter().collect(),
        dedicated: find("dedicated").map(AgentId::from),
        last_agent: find("last").map(AgentId::from),
        blocked: known.contains(&"blocked"),
        opted_out: known.contains(&"opted-out"),
        unreachable: known.contains(&"unreachable").then_some(Unreachable::Blocked),
        kept: kept(known),
    });
    let identity = Identity { kind: kind.into(), namespace: namespace.into(), value: value.into() };
    Who { identity, display: find("name").map(str::to_owned), person }
}
