//! What somebody writes that is too long is refused, whatever it is, and nothing of it is kept: no word is cut off behind their back.

use super::script::Stage;
use super::table;
use super::world::{MIDNIGHT, shop};
use crate::desk::refusal::Refusal;
use crate::desk::step::Step;

/// The line of a script, in which `long:9` is a text of nine characters.
fn hears(stage: &mut Stage, line: &str) -> Step {
    let word = |word: &str| match word.split_once("long:") {
        Some((before, many)) => before.to_owned() + &"长".repeat(many.parse().unwrap()),
        None => word.to_owned(),
    };
    let words: Vec<String> = line.split_whitespace().map(word).collect();
    let at = MIDNIGHT.after(9 * 3_600_000);
    let input = table::input(&words, at, &stage.catalog).unwrap_or_else(|| panic!("{line} is not understood"));
    stage.handle(at, input)
}

/// One character more than the limit is refused; the limit itself is not.
fn takes_only(stage: &mut Stage, limit: usize, line: &str) {
    let step = hears(stage, &line.replace("long:", &format!("long:{}", limit + 1)));
    assert_eq!(step.answer, Err(Refusal::TooLong { limit }), "{line}");
    assert!(step.facts.is_empty() && step.acts.is_empty(), "{line} leaves {:?}", step.facts);
    let step = hears(stage, &line.replace("long:", &format!("long:{limit}")));
    assert!(!matches!(step.answer, Err(Refusal::TooLong { .. })), "{line}");
}

#[test]
fn what_is_too_long_is_refused_and_leaves_nothing() {
    let mut stage = Stage::new(shop());
    for line in [
        "start",
        "mara opens page",
        "mara voice ready",
        "mara status available",
        "call 1 from +8613800138000 to 5007 via main",
        "mara accepts call 1",
        "call 1 mara answers",
        "mara opens ticket for 1 lamp",
    ] {
        assert!(hears(&mut stage, line).answer.is_ok(), "{line}");
    }
    takes_only(&mut stage, 10_000, "mara notes person 1 long:");
    takes_only(&mut stage, 200, "mara opens ticket for 1 long:");
    takes_only(&mut stage, 10_000, "mara opens ticket for 1 lamp note=long:");
    takes_only(&mut stage, 200, "bot shop opens ticket for 1 long:");
    takes_only(&mut stage, 200, "mara changes ticket 1 subject long:");
    takes_only(&mut stage, 200, "mara changes ticket 1 todo long:");
    takes_only(&mut stage, 10_000, "mara changes ticket 1 comment long:");
    let full = (0..60).map(|item| hears(&mut stage, &format!("mara changes ticket 1 todo item{item}")).answer).find_map(Result::err);
    assert_eq!(full, Some(Refusal::ListFull { most: 50 }));
    takes_only(&mut stage, 2_000, "mara consults call 1 agent bo long:");
    takes_only(&mut stage, 2_000, "mara transfers call 1 to agent bo long:");
    assert!(hears(&mut stage, "mara ends call 1").answer.is_ok());
    takes_only(&mut stage, 500, "mara wraps call 1 up note as helped with size=long:");
    assert_eq!(hears(&mut stage, "mara wraps call 1 up again as helped").answer, Err(Refusal::Gone), "it was taken");
    for line in ["call 2 from +8613800138000 to 5007 via main", "mara accepts call 2", "call 2 mara answers", "mara ends call 2"] {
        assert!(hears(&mut stage, line).answer.is_ok(), "{line}");
    }
    takes_only(&mut stage, 4_000, "mara wraps call 2 up long: as helped");
}
