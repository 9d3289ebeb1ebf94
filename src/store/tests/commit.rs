//! What one commit of many jobs promises.

use super::rig::*;
use crate::desk::id::*;
use crate::desk::step::{Answer, LiveRow, Step};
use crate::store::{Store, StoreError, messages};
use std::sync::Arc;

#[tokio::test]
async fn a_duplicate_fails_alone_and_the_others_of_the_batch_are_kept() {
    let rig = with_conversation().await;
    let mut twice = received(3, 1, 1, "again");
    if let crate::desk::fact::Fact::Conversation(_, crate::desk::fact::ConversationFact::Received { external_id, .. }) = &mut twice {
        *external_id = "x2".into();
    }
    // The first fact of the failing step is sound: it must go with the second.
    let bad = Arc::new(Step {
        live: vec![LiveRow { key: "conversation/1".into(), state: Some("{}".into()) }],
        ..(*step(30, vec![opened(9, 1), twice])).clone()
    });
    let steps = vec![step(20, vec![received(2, 1, 1, "one")]), bad, step(40, vec![received(4, 1, 1, "two")])];
    let results = rig.store.record(steps).await;
    assert!(matches!(&results[1], Err(StoreError::Duplicate(columns)) if columns.contains("external_id")), "{results:?}");
    let (first, last) = (results[0].clone().unwrap(), results[2].clone().unwrap());
    assert!(first < last);
    let page = messages::page(&rig.store, ConversationId(1), None, 10).await.unwrap();
    assert_eq!(page.iter().map(|row| row.id.0).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(rig.count("SELECT count(*) FROM conversation").await, 1);
    assert_eq!(rig.count("SELECT count(*) FROM live").await, 0);
    assert_eq!(rig.count("SELECT count(*) FROM event WHERE at = 30").await, 0);
}

#[tokio::test]
async fn a_fact_about_nobody_is_missing_and_leaves_nothing() {
    let rig = rig();
    let error = rig.try_record(1, vec![opened(1, 77)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing(_)), "{error:?}");
    assert_eq!(rig.count("SELECT count(*) FROM conversation").await, 0);
}

#[tokio::test]
async fn a_panic_undoes_its_own_rows_and_the_writer_goes_on() {
    let rig = rig();
    let panicking = rig.store.write::<(), _>(|conn| {
        conn.execute("INSERT INTO live (key, state) VALUES ('half', '{}')", [])?;
        panic!("as planned");
    });
    let sound = rig.store.write(|conn| Ok(conn.execute("INSERT INTO live (key, state) VALUES ('whole', '{}')", [])?));
    let (panicked, sound) = tokio::join!(panicking, sound);
    assert!(matches!(panicked, Err(StoreError::Panicked(text)) if text == "as planned"));
    assert_eq!(sound.unwrap(), 1);
    assert_eq!(rig.store.live_rows().unwrap(), [LiveRow { key: "whole".into(), state: Some("{}".into()) }]);
}

#[tokio::test]
async fn the_desks_memory_is_written_over_and_forgotten() {
    let rig = rig();
    let live = |key: &str, state: Option<&str>| LiveRow { key: key.into(), state: state.map(Into::into) };
    let with = |rows| Arc::new(Step { at: At(1), facts: Vec::new(), acts: Vec::new(), live: rows, answer: Ok(Answer::Done) });
    let first = with(vec![live("call/1", Some("a")), live("ids", Some("1"))]);
    let second = with(vec![live("call/1", None), live("ids", Some("2"))]);
    let results = rig.store.record(vec![first, second]).await;
    assert_eq!(results.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(rig.store.live_rows().unwrap(), [live("ids", Some("2"))]);
}

#[tokio::test]
async fn dropping_the_last_store_finishes_what_waits_and_a_new_one_reads_it() {
    let rig = with_conversation().await;
    assert_eq!(rig.store.next_call_id().unwrap(), 1);
    rig.record(20, vec![started(41, 1)]).await;
    let data = rig.store.data().to_owned();
    // Nobody waits for this answer: the asker is gone once the job is in the queue.
    let asker = tokio::spawn({
        let store = rig.store.clone();
        async move { store.record(vec![step(30, vec![received(2, 1, 1, "last words")])]).await }
    });
    tokio::task::yield_now().await;
    asker.abort();
    assert!(asker.await.is_err(), "aborted while it waited");
    let Rig { store, folder, .. } = rig;
    drop(store);
    let again = Store::open(&data).unwrap();
    assert_eq!(again.next_call_id().unwrap(), 42);
    let found = messages::known(&again, &ChannelId::from("site"), "x2").await.unwrap();
    assert_eq!(found, Some(MessageId(2)));
    drop(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_producers_share_commits_and_all_are_kept_in_their_order() {
    let rig = with_conversation().await;
    let mut tasks = Vec::new();
    for producer in 0..32u64 {
        let store = rig.store.clone();
        tasks.push(tokio::spawn(async move {
            let mut before = 0;
            for turn in 0..20u64 {
                let id = 100 + producer * 20 + turn;
                let seq = store.record(vec![step(50, vec![received(id, 1, 1, "hello")])]).await.remove(0).unwrap();
                assert!(seq > before, "a later step has a later event");
                before = seq;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(rig.count("SELECT count(*) FROM message").await, 640);
    assert_eq!(rig.count("SELECT unread FROM conversation").await, 640);
    assert_eq!(rig.count("SELECT count(*) FROM event WHERE kind = 'conversation.received'").await, 640);
}

#[tokio::test]
async fn a_number_that_names_a_recording_does_not_come_again() {
    let rig = with_conversation().await;
    let folder = rig.store.data().join("recordings");
    for name in ["7.wav", "12.wav", "notes.txt", "99.wav.part", "x.wav"] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    assert_eq!(rig.store.next_call_id().unwrap(), 13);
}
