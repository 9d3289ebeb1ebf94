//! A ticket and its trail.

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketState};
use crate::store::tests::rig::*;
use crate::store::tickets::{self, Filter};
use crate::store::{drafts, files};

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

#[tokio::test]
async fn what_presses_is_found_by_contact_and_what_is_attached_is_no_stray_upload() {
    let rig = with_conversation().await;
    let (chat, call) = (Work::Conversation(ConversationId(1)), Work::Call(CallId(9)));
    let clock = |id, clock, now| ticket(id, TicketFact::Clock { clock, now });
    let runs = |until: i64| ClockNow::Runs { until: At(until) };
    rig.record(30, vec![opened(1, Some(chat)), opened(2, Some(chat))]).await;
    let pressing = async || tickets::pressing(&rig.store, vec![call, chat]).await.unwrap().into_iter().collect::<Vec<_>>();
    assert!(pressing().await.is_empty(), "nothing is promised");
    rig.record(31, vec![clock(1, ClockKind::First, runs(900)), clock(2, ClockKind::First, runs(500))]).await;
    let found = |ticket: u64, at: i64, risk: Option<&str>| {
        (chat, tickets::Pressing { ticket: TicketId(ticket), at: At(at), risk: risk.map(str::to_owned) })
    };
    assert_eq!(pressing().await, [found(2, 500, None)], "the one that is due first");
    rig.record(32, vec![clock(2, ClockKind::First, ClockNow::Late)]).await;
    assert_eq!(pressing().await, [found(2, 500, Some("late"))]);
    rig.record(33, vec![changed(2, TicketChange::State(TicketState::Resolved)), clock(2, ClockKind::First, ClockNow::Met)]).await;
    assert_eq!(pressing().await, [found(1, 900, None)]);
    assert!(tickets::aside(&rig.store, TicketId(1)).await.unwrap().is_empty());

    // Files: in a draft, only one's own; on a ticket for good; else an upload that goes.
    let keep =
        async |name: &'static str, by: &'static str| files::create(&rig.store, name, "text/plain", name.into(), by, At(1)).await.unwrap();
    let (drafted, theirs, held) =
        (keep("drafted", "agent/mara").await, keep("theirs", "agent/theo").await, keep("held", "agent/mara").await);
    let (mara, place) = (AgentId::from("mara"), drafts::Place::Letter(PersonId(1)));
    rig.record(34, vec![changed(1, TicketChange::Attach(held.clone()))]).await;
    drafts::attach(&rig.store, &mara, place, vec![theirs.id, drafted.id, FileId(999)], At(40)).await.unwrap();
    let kept = async || drafts::files(&rig.store, &mara, place).await.unwrap();
    assert_eq!(kept().await, std::slice::from_ref(&drafted));
    assert_eq!(files::purge(&rig.store, At(1_000)).await.unwrap(), 1, "nobody holds the colleague's");
    assert!(files::get(&rig.store, held.id).await.unwrap().is_some() && files::get(&rig.store, drafted.id).await.unwrap().is_some());
    drafts::done(&rig.store, &mara, place).await.unwrap();
    assert!(kept().await.is_empty());
    drafts::attach(&rig.store, &mara, place, vec![drafted.id], At(41)).await.unwrap();
    drafts::purge(&rig.store, At(41)).await.unwrap();
    assert!(kept().await.is_empty(), "left too long");
    assert_eq!(files::purge(&rig.store, At(1_000)).await.unwrap(), 1);
    assert!(files::get(&rig.store, held.id).await.unwrap().is_some(), "a ticket keeps what it has");
}
