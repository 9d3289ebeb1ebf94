//! Pages that visitors looked at: kept for their time, so many of each visitor, and gone when they say so.

use super::rig::*;
use crate::desk::id::*;
use crate::desk::person::Identity;
use crate::store::timeline::{Only, Wanted, sifted};
use crate::store::visits::{self, Count, Known, Seen};

const DAY: i64 = 24 * 3_600_000;

fn seen(key: &str, url: &str, dwell_ms: i64, keep_until: i64) -> Seen {
    Seen { key: key.into(), url: url.into(), title: format!("Page {key}"), dwell_ms, keep_until: At(keep_until) }
}

impl Rig {
    async fn looks(&self, who: &Identity, seen: Seen, at: i64) -> Known {
        visits::keep(&self.store, who.clone(), seen, At(at)).await.unwrap()
    }

    async fn pages(&self) -> i64 {
        self.count("SELECT count(*) FROM visit").await
    }
}

#[tokio::test]
async fn a_page_is_deleted_when_its_time_has_passed() {
    let rig = with_conversation().await;
    let who = visitor("v1");
    rig.looks(&who, seen("a", "https://shop.example/lamps", 0, 10 * DAY), 9 * DAY).await;
    rig.looks(&who, seen("b", "https://shop.example/cart", 0, 12 * DAY), 11 * DAY - 1).await;
    assert_eq!(visits::purge(&rig.store, At(10 * DAY - 1)).await.unwrap(), 0, "not a moment before");
    assert_eq!(visits::purge(&rig.store, At(10 * DAY)).await.unwrap(), 1);
    let wanted = Wanted { only: Only::Visits, words: String::new() };
    let (story, _) = sifted(&rig.store, &rig.viewer, PersonId(1), wanted, None, 9).await.unwrap();
    let told = format!("{story:?}");
    assert!(story.len() == 1 && told.contains("/cart") && !told.contains("/lamps"), "{told}");
    assert_eq!(visits::purge(&rig.store, At(12 * DAY)).await.unwrap(), 1);
    assert_eq!((rig.pages().await, visits::here(&rig.store, PersonId(1)).await.unwrap()), (0, None), "nothing of them is left anywhere");
}

#[tokio::test]
async fn of_one_visitor_so_many_pages_are_kept_and_no_other_loses_any() {
    let rig = rig();
    let (busy, other) = (visitor("busy"), visitor("other"));
    rig.looks(&other, seen("o", "https://shop.example/", 0, 10 * DAY), 1).await;
    for n in 0..510 {
        rig.looks(&busy, seen(&format!("k{n}"), &format!("https://shop.example/{n}"), 0, 10 * DAY), 100 + n).await;
    }
    assert_eq!(rig.count("SELECT count(*) FROM visit WHERE value = 'busy'").await, 500);
    assert_eq!(rig.count("SELECT count(*) FROM visit WHERE value = 'busy' AND at < 110").await, 0, "the oldest are gone");
    assert_eq!(rig.count("SELECT count(*) FROM visit WHERE value = 'other'").await, 1);
    visits::forget(&rig.store, busy).await.unwrap();
    assert_eq!(
        (rig.pages().await, rig.count("SELECT count(*) FROM visit WHERE value = 'other'").await),
        (1, 1),
        "nobody else is forgotten"
    );
}

#[tokio::test]
async fn one_showing_is_one_page_however_often_it_tells_and_no_longer_than_it_can_have_been_open() {
    let rig = rig();
    let who = visitor("v1");
    let page = |dwell: i64| seen("a", "https://shop.example/", dwell, 10 * DAY);
    assert_eq!(rig.looks(&who, page(0), 1_000).await, Known { days: 1, dwell_ms: 0 });
    assert_eq!(rig.looks(&who, page(9_000), 11_000).await.dwell_ms, 9_000);
    assert_eq!(rig.looks(&who, page(4_000), 12_000).await.dwell_ms, 9_000, "never less");
    assert_eq!(rig.looks(&who, page(3_600_000), 21_000).await.dwell_ms, 20_000, "never longer");
    assert_eq!(rig.looks(&who, seen("b", "https://shop.example/", 0, 10 * DAY), DAY + 1).await, Known { days: 2, dwell_ms: 0 });
    assert_eq!(rig.pages().await, 2);
    // The same name in another visitor's page is another page.
    rig.looks(&visitor("v2"), page(0), 30_000).await;
    assert_eq!(rig.pages().await, 3);
}

#[tokio::test]
async fn who_was_invited_settles_it_once_and_it_is_counted_for_a_year() {
    let rig = rig();
    let (who, other) = (visitor("v1"), visitor("v2"));
    let id = visits::invite(&rig.store, who.clone(), "lamps".into(), At(100)).await.unwrap();
    visits::settle(&rig.store, other, id, true).await.unwrap();
    assert_eq!(visits::count(&rig.store, At(0)).await.unwrap(), Count { shown: 1, accepted: 0, dismissed: 0 }, "nobody settles another's");
    visits::settle(&rig.store, who.clone(), id, false).await.unwrap();
    visits::settle(&rig.store, who.clone(), id, true).await.unwrap();
    assert_eq!(visits::count(&rig.store, At(0)).await.unwrap(), Count { shown: 1, accepted: 0, dismissed: 1 }, "the first word counts");
    assert!(visits::invited(&rig.store, who.clone()).await.unwrap()[0].dismissed);
    visits::purge(&rig.store, At(100 + 400 * DAY)).await.unwrap();
    assert_eq!(visits::invited(&rig.store, who.clone()).await.unwrap().len(), 1);
    visits::purge(&rig.store, At(101 + 400 * DAY)).await.unwrap();
    assert_eq!(visits::invited(&rig.store, who).await.unwrap(), []);
}
