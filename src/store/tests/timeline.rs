//! The person's line: every item once, in order, whatever the page size.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::store::timeline::{Cursor, TimelineItem, TimelineWhat, page};
use proptest::prelude::*;

async fn walk(rig: &Rig, limit: u32) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    let mut before: Option<Cursor> = None;
    loop {
        let mut part = page(&rig.store, &rig.viewer, PersonId(1), before, limit).await.unwrap();
        assert!(part.len() <= usize::try_from(limit).unwrap());
        let Some(first) = part.first() else {
            return items;
        };
        let cursor = first.cursor();
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        before = Some(cursor);
        part.extend(items);
        items = part;
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]
    #[test]
    fn pages_of_any_size_make_the_same_line(things in prop::collection::vec((0u8..4, 100i64..106), 0..40), limit in 1u32..8) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let rig = rig();
            rig.record(10, vec![person(1, "Li", visitor("v1")), person(2, "Other", visitor("v2")), opened(2, 2)]).await;
            rig.record(99, vec![opened(1, 1)]).await;
            let mut facts = 1;
            for (id, (kind, at)) in (10u64..).zip(&things) {
                let fact = match kind {
                    0 => received(id, 1, 1, "x"),
                    1 => started(id, 1),
                    2 => Fact::Conversation(ConversationId(1), ConversationFact::CustomerLeft),
                    _ => received(id, 2, 2, "another person's"),
                };
                facts += usize::from(*kind < 3);
                rig.record(*at, vec![fact]).await;
            }
            let whole = page(&rig.store, &rig.viewer, PersonId(1), None, 1_000).await.unwrap();
            assert_eq!(whole.len(), facts);
            assert!(whole.is_sorted_by_key(|item| item.at));
            assert_eq!(walk(&rig, limit).await, whole);
        });
    }
}

#[tokio::test]
async fn a_note_and_a_call_stand_beside_messages_and_another_person_is_not_there() {
    let rig = with_conversation().await;
    let note = PersonFact::NoteAdded { message: MessageId(5), work: Some(Work::Call(CallId(1))), by: "mara".into(), text: "angry".into() };
    rig.record(20, vec![received(2, 1, 1, "hello"), started(1, 1)]).await;
    rig.record(21, vec![Fact::Person(PersonId(1), note), person(2, "Other", visitor("v2"))]).await;
    let items = page(&rig.store, &rig.viewer, PersonId(1), None, 10).await.unwrap();
    let kinds: Vec<&str> = items
        .iter()
        .map(|item| match &item.what {
            TimelineWhat::Message(_) => "message",
            TimelineWhat::Call(_) => "call",
            TimelineWhat::Event(_) => "event",
        })
        .collect();
    assert_eq!(kinds, ["event", "call", "message", "message"]);
    assert!(page(&rig.store, &rig.viewer, PersonId(2), None, 10).await.unwrap().is_empty());
    for text in ["", "1", "1.2", "a.b.c", "1.999.1", "1.2.3.4"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }
}
