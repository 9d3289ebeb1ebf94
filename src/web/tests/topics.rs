//! Hot topics: what rises is shown with the way to it; who may look is tried with the wallboard's pages.

use super::Rig;
use crate::desk::fact::{ConversationFact, Did, Fact, PersonFact, RuleFact};
use crate::desk::id::*;
use crate::desk::input::Body;
use crate::desk::person::Identity;
use crate::desk::rules::Subject;
use crate::desk::rules::spec::TagOf;
use crate::desk::step::{Answer, Step};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;

/// Each customer writes this once, then.
async fn wrote(rig: &Rig, people: std::ops::Range<u64>, at: At, text: &str) {
    for id in people {
        let (person, conversation) = (PersonId(id), ConversationId(id));
        let identity = Identity { kind: "webchat".into(), namespace: "web".into(), value: format!("v{id}") };
        let channel = ChannelId::from("web");
        let received = ConversationFact::Received {
            message: MessageId(id),
            person,
            channel: channel.clone(),
            external_id: format!("m{id}"),
            body: Body::text(text),
            sent: at,
            seq: 0,
            measure: None,
        };
        let facts = vec![
            Fact::Person(person, PersonFact::Added { name: format!("Flora {id}"), identity: identity.clone() }),
            Fact::Conversation(conversation, ConversationFact::Opened { person, channel, identity, page: None }),
            Fact::Conversation(conversation, received),
        ];
        happened(rig, at, facts).await;
    }
}

async fn happened(rig: &Rig, at: At, facts: Vec<Fact>) {
    let step = Arc::new(Step { at, facts, acts: Vec::new(), live: Vec::new(), answer: Ok(Answer::Done) });
    rig.state.store.record(vec![step]).await.remove(0).unwrap();
}

#[tokio::test]
async fn what_more_customers_say_is_shown_with_the_way_to_it() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("mara").await;
    let now = rig.state.clock.now();
    wrote(&rig, 1..20, now.after(-20 * DAY_MS), "an old complaint about brakes").await;
    wrote(&rig, 21..30, now.after(-9 * DAY_MS), "where is my parcel 20417?").await;
    wrote(&rig, 31..40, now.after(-2 * DAY_MS), "where is my parcel 20418? Flora, flora@example.com").await;
    wrote(&rig, 41..49, now.after(-DAY_MS), "the Broken Lamp flickers").await;
    wrote(&rig, 50..58, now.after(-DAY_MS), "优惠券不能用").await;
    let tagged = |id: u64, tag: &str| {
        let told = Subject::Told(ToldId(id));
        Fact::Person(PersonId(id), PersonFact::Tagged { tag: tag.to_owned(), by: "mara".into(), subject: told })
    };
    let by_rule = |id: u64| {
        let (subject, did) =
            (Subject::Work(Work::Conversation(ConversationId(id))), Did::Tagged { tag: "lamp <b>".into(), of: TagOf::Person });
        Fact::Rule("lamps".into(), RuleFact::Did { subject, person: PersonId(id), did })
    };
    happened(&rig, now.after(-DAY_MS), (41..45).map(|id| tagged(id, "lamp <b>")).chain((45..49).map(by_rule)).collect()).await;
    // Who had it already writes of it again: nobody was given it this week.
    happened(&rig, now.after(-20 * DAY_MS), (50..58).map(|id| tagged(id, "regular")).collect()).await;
    let page = rig.get("/topics", &cookie).await.text;
    assert!(page.contains("/search?q=broken%20lamp") && page.contains(">broken lamp</a>"), "{page}");
    assert!(page.contains("优惠券") && page.contains("25 customers, 25 messages"), "{page}");
    assert!(page.contains("lamp &#60;b&#62;") || page.contains("lamp &lt;b&gt;"), "{page}");
    assert!(!page.contains("regular"), "{page}");
    for never in ["brakes", "parcel", "20418", "flora", "example.com", "lamp <b>"] {
        assert!(!page.contains(&format!(">{never}</a>")), "{never}: {page}");
    }
    // The same minutes read what was counted.
    wrote(&rig, 60..70, now.after(-1), "a flood of invoices").await;
    assert!(!rig.get("/topics", &cookie).await.text.contains("invoices"));
}

#[tokio::test]
async fn a_house_to_which_nobody_writes_says_so() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    assert!(rig.get("/topics", &cookie).await.text.contains("Nobody has written"));
}
