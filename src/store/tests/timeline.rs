//! The person's line: every item once, in order, whatever the page size.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::store::timeline::{Cursor, Only, TimelineItem, TimelineWhat, Wanted, page, sifted};
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
            TimelineWhat::Purchase(_) => "order",
            TimelineWhat::Visit(_) => "page",
        })
        .collect();
    assert_eq!(kinds, ["event", "call", "message", "message"]);
    assert!(page(&rig.store, &rig.viewer, PersonId(2), None, 10).await.unwrap().is_empty());
    for text in ["", "1", "1.2", "a.b.c", "1.999.1", "1.2.3.4"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn the_line_is_narrowed_to_a_kind_and_to_words_and_nothing_is_passed_over() {
    let rig = with_conversation().await;
    let say = |id: u64| if id.is_multiple_of(40) { format!("the lamp {id}") } else { format!("something {id}") };
    for id in 0..200u64 {
        rig.record(100 + i64::try_from(id).unwrap(), vec![received(1_000 + id, 1, 1, &say(id))]).await;
    }
    let note = PersonFact::NoteAdded { message: MessageId(5), work: None, by: "mara".into(), text: "灯坏了，客户很生气".into() };
    rig.record(90, vec![Fact::Person(PersonId(1), note), started(1, 1)]).await;
    rig.store
        .write(|conn| {
            conn.execute("INSERT INTO identity (person, kind, namespace, value, created_at) VALUES (1, 'record', '', 'K7', 1)", [])?;
            conn.execute("INSERT INTO purchase (record, number, at, title, state) VALUES ('K7', 'A-1', 95, 'Lamp', 'sent')", [])?;
            conn.execute(
                "INSERT INTO visit (kind, namespace, value, at, url, title) VALUES ('webchat', 'site', 'v1', 96, 'https://shop.example/lamps', 'Lamps')",
                [],
            )?;
            Ok(())
        })
        .await
        .unwrap();
    let walk = async |only: Only, words: &str| {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let wanted = Wanted { only, words: words.into() };
            let (items, next) = sifted(&rig.store, &rig.viewer, PersonId(1), wanted, before, 2).await.unwrap();
            assert!(items.len() <= 2);
            all.splice(0..0, items);
            match next {
                Some(next) => before = Some(next),
                None => return all,
            }
        }
    };
    assert_eq!(walk(Only::All, "lamp").await.len(), 7, "five messages, the order and the page");
    assert_eq!(walk(Only::Messages, "lamp").await.len(), 5);
    assert_eq!(walk(Only::All, "坏了").await.len(), 1);
    assert_eq!(walk(Only::Notes, "").await.len(), 1);
    assert_eq!(walk(Only::Calls, "").await.len(), 1);
    assert_eq!(walk(Only::Orders, "").await.len(), 1);
    assert_eq!(walk(Only::Visits, "").await.len(), 1);
    assert_eq!(walk(Only::Files, "").await.len(), 0);
    assert_eq!(walk(Only::Messages, "").await.len(), 200);
    assert_eq!(walk(Only::All, "nowhere").await.len(), 0);
}
