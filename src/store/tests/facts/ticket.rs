//! A ticket and its trail.

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketState};
use crate::store::tests::rig::*;
use crate::store::tickets::{self, Filter};

fn ticket(id: u64, fact: TicketFact) -> Fact {
    Fact::Ticket(TicketId(id), fact)
}

fn opened(id: u64, work: Option<Work>) -> Fact {
    let (person, queue) = (PersonId(1), Some("sales".into()));
    ticket(
        id,
        TicketFact::Opened {
            person,
            subject: format!("subject {id}"),
            work,
            queue,
            priority: 3,
            by: Some("mara".into()),
            with: Box::default(),
        },
    )
}

fn changed(id: u64, change: TicketChange) -> Fact {
    ticket(id, TicketFact::Changed { by: Some("mara".into()), change })
}

#[tokio::test]
async fn every_change_is_in_the_row_and_on_the_trail() {
    let rig = with_conversation().await;
    let work = Work::Conversation(ConversationId(1));
    rig.record(20, vec![opened(7, Some(work)), ticket(7, TicketFact::Linked { work: Work::Call(CallId(4)) })]).await;
    let changes = [
        TicketChange::State(TicketState::Open),
        TicketChange::Priority(1),
        TicketChange::Assignee(Some("jo".into())),
        TicketChange::Subject("refund".into()),
        TicketChange::Comment("called".into()),
        TicketChange::State(TicketState::Resolved),
    ];
    for (at, change) in (30..).zip(changes) {
        rig.record(at, vec![changed(7, change)]).await;
    }
    let whole = tickets::get(&rig.store, TicketId(7)).await.unwrap().unwrap();
    let head = &whole.ticket;
    assert_eq!((head.state, head.priority, head.assignee.clone()), (TicketState::Resolved, 1, Some("jo".into())));
    assert_eq!((head.subject.as_str(), head.opened_at, head.changed_at, head.resolved_at), ("refund", At(20), At(35), Some(At(35))));
    let trail: Vec<_> = whole.trail.iter().map(|line| (line.field.as_str(), line.was.as_deref(), line.value.as_deref())).collect();
    assert_eq!(
        trail,
        [
            ("opened", None, Some("subject 7")),
            ("linked", None, Some("call/4")),
            ("state", Some("new"), Some("open")),
            ("priority", Some("3"), Some("1")),
            ("assignee", None, Some("jo")),
            ("subject", Some("subject 7"), Some("refund")),
            ("comment", None, Some("called")),
            ("state", Some("open"), Some("resolved")),
        ]
    );
    assert_eq!(whole.links, [(Work::Call(CallId(4)), At(20)), (work, At(20))]);
    assert_eq!(tickets::of_work(&rig.store, work).await.unwrap(), [TicketId(7)]);
    rig.record(40, vec![changed(7, TicketChange::State(TicketState::Open))]).await;
    assert_eq!(tickets::get(&rig.store, TicketId(7)).await.unwrap().unwrap().ticket.resolved_at, None, "open again");
    assert!(rig.try_record(41, vec![changed(8, TicketChange::Priority(1))]).await.is_err(), "no such ticket");
}

#[tokio::test]
async fn lists_filter_and_page() {
    let rig = with_conversation().await;
    for id in 1..=5 {
        rig.record(20 + i64::try_from(id).unwrap(), vec![opened(id, None)]).await;
    }
    rig.record(30, vec![changed(2, TicketChange::Assignee(Some("jo".into())))]).await;
    rig.record(31, vec![changed(3, TicketChange::State(TicketState::Closed))]).await;
    let ids = async |filter: Filter| {
        let rows = tickets::list(&rig.store, filter, None, 10).await.unwrap();
        rows.iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(Filter::default()).await, [3, 2, 5, 4, 1]);
    assert_eq!(ids(Filter { assignee: Some("jo".into()), ..Filter::default() }).await, [2]);
    assert_eq!(ids(Filter { unassigned: true, open: true, ..Filter::default() }).await, [5, 4, 1]);
    assert_eq!(ids(Filter { state: Some(TicketState::Closed), ..Filter::default() }).await, [3]);
    assert_eq!(ids(Filter { person: Some(PersonId(2)), ..Filter::default() }).await, Vec::<u64>::new());
    assert_eq!(tickets::count_open(&rig.store, &"jo".into()).await.unwrap(), 1);
    let first = tickets::list(&rig.store, Filter::default(), None, 2).await.unwrap();
    let last = first.last().unwrap();
    let second = tickets::list(&rig.store, Filter::default(), Some((last.changed_at, last.id)), 10).await.unwrap();
    assert_eq!(second.iter().map(|row| row.id.0).collect::<Vec<_>>(), [5, 4, 1]);
}
