//! A full disk: everybody hears of it, nothing half is kept, and it goes on when there is room.

use super::rig::*;
use crate::store::StoreError;

#[tokio::test]
async fn a_full_disk_is_an_error_for_those_who_wait_and_over_when_there_is_room() {
    let rig = with_conversation().await;
    rig.record(20, vec![received(2, 1, 1, "before")]).await;
    let pages = rig.count("PRAGMA page_count").await;
    limit(&rig, pages + 20).await;
    // Unlike words, so that the index grows as well.
    let long = |id: u64| (0..4_000).map(|word| format!("w{id}x{word} ")).collect::<String>();
    let steps = (10..74).map(|id| step(30, vec![received(id, 1, 1, &long(id))])).collect();
    let results = rig.store.record(steps).await;
    assert_eq!(results.len(), 64);
    assert!(results.iter().any(|result| matches!(result, Err(StoreError::DiskFull(_)))), "{:?}", results.first());
    let kept = results.iter().filter(|result| result.is_ok()).count();
    let messages = rig.count("SELECT count(*) FROM message").await;
    assert_eq!(messages, 1 + i64::try_from(kept).unwrap(), "what was answered as written is there, nothing else");
    assert_eq!(rig.count("SELECT count(*) FROM event WHERE kind = 'conversation.received'").await, messages);
    limit(&rig, 1 << 30).await;
    rig.record(40, vec![received(200, 1, 1, &long(200))]).await;
    assert_eq!(rig.count("SELECT count(*) FROM message").await, messages + 1);
    let whole: String = rig.store.read(|conn| Ok(conn.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(whole, "ok");
}

async fn limit(rig: &Rig, pages: i64) {
    let set = rig.store.write(move |conn| Ok(conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))?));
    set.await.unwrap();
}
