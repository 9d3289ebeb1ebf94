//! What agents are told: of tickets, and of customers whom they follow.

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketState};
use crate::store::notices::{self, NoticeKind, Seen};
use crate::store::tests::rig::*;

fn ticket(fact: TicketFact) -> Fact {
    Fact::Ticket(TicketId(1), fact)
}

fn opened_ticket() -> Fact {
    let (subject, with) = ("a broken lamp".to_owned(), Box::default());
    ticket(TicketFact::Opened { person: PersonId(1), subject, work: None, queue: None, priority: 3, by: None, with })
}

fn changed(by: &str, change: TicketChange) -> Fact {
    ticket(TicketFact::Changed { by: Some(by.into()), change })
}

fn notified(agents: &[&str], news: TicketNews, text: &str) -> Fact {
    let agents = agents.iter().map(|agent| AgentId::from(*agent)).collect();
    ticket(TicketFact::Notified { agents, news, by: Some("mara".into()), text: text.into() })
}

/// What this agent has not seen: what it is, of what kind of news, and its words.
async fn unseen(rig: &Rig, agent: &str) -> Vec<(NoticeKind, Option<TicketNews>, String)> {
    let rows = notices::list(&rig.store, &agent.into(), At(i64::MAX), 50).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.ticket.and_then(|ticket| ticket.news), row.text)).collect()
}

#[tokio::test]
async fn what_has_come_to_many_is_over_when_one_takes_it() {
    let rig = with_conversation().await;
    rig.record(20, vec![opened_ticket(), notified(&["sumi", "jo"], TicketNews::Arrived, "please soon")]).await;
    let arrived = (NoticeKind::Ticket, Some(TicketNews::Arrived), "please soon".to_owned());
    assert_eq!(unseen(&rig, "sumi").await, std::slice::from_ref(&arrived));
    assert_eq!(unseen(&rig, "jo").await, [arrived]);
    assert_eq!(notices::told_of_ticket(&rig.store, TicketId(1), At(20)).await.unwrap().0.len(), 2);
    rig.record(30, vec![changed("jo", TicketChange::Assignee(Some("jo".into())))]).await;
    assert_eq!((unseen(&rig, "sumi").await, unseen(&rig, "jo").await), (vec![], vec![]));
    let (told, past) = notices::told_of_ticket(&rig.store, TicketId(1), At(30)).await.unwrap();
    assert_eq!((told.len(), past.len()), (0, 2), "their bells are counted anew");
    assert!(notices::list(&rig.store, &"sumi".into(), At(0), 50).await.unwrap().is_empty(), "what others took is no history of hers");
    // It came back, and was taken again a day later: what is over is forgotten.
    rig.record(40, vec![notified(&["sumi"], TicketNews::Arrived, "")]).await;
    rig.record(100_000_000, vec![changed("sumi", TicketChange::Assignee(Some("sumi".into())))]).await;
    assert_eq!(rig.count("SELECT count(*) FROM notice").await, 1);
}

#[tokio::test]
async fn one_line_of_each_kind_of_news_stands_until_it_is_seen() {
    let rig = with_conversation().await;
    rig.record(20, vec![opened_ticket(), notified(&["sumi"], TicketNews::Comment, "one")]).await;
    rig.record(21, vec![notified(&["sumi"], TicketNews::Comment, "two"), notified(&["sumi"], TicketNews::Mention, "@sumi")]).await;
    rig.record(22, vec![notified(&["sumi"], TicketNews::State, "")]).await;
    let expected = [
        (NoticeKind::Ticket, Some(TicketNews::State), String::new()),
        (NoticeKind::Mention, None, "@sumi".to_owned()),
        (NoticeKind::Ticket, Some(TicketNews::Comment), "two".to_owned()),
    ];
    assert_eq!(unseen(&rig, "sumi").await, expected);
    assert_eq!(notices::open(&rig.store, &"sumi".into(), At(22)).await.unwrap(), 3);
    notices::seen_all(&rig.store, &"sumi".into(), Seen::Person(PersonId(1)), At(23)).await.unwrap();
    assert_eq!(unseen(&rig, "sumi").await.len(), 3, "the customer's page does not show the ticket's story");
    notices::seen_all(&rig.store, &"sumi".into(), Seen::Ticket(TicketId(1)), At(24)).await.unwrap();
    assert!(unseen(&rig, "sumi").await.is_empty());
    rig.record(25, vec![notified(&["sumi"], TicketNews::Comment, "three")]).await;
    assert_eq!(unseen(&rig, "sumi").await, [(NoticeKind::Ticket, Some(TicketNews::Comment), "three".to_owned())]);
}

#[tokio::test]
async fn followers_hear_of_calls_and_tickets_too() {
    let rig = with_conversation().await;
    notices::follow(&rig.store, PersonId(1), &"sumi".into(), true, At(11)).await.unwrap();
    rig.record(20, vec![started(5, 1)]).await;
    let rows = notices::list(&rig.store, &"sumi".into(), At(99), 50).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.kind, row.work)).collect::<Vec<_>>(), [(NoticeKind::Follow, Some(Work::Call(CallId(5))))]);
    rig.record(21, vec![opened_ticket()]).await;
    rig.record(22, vec![changed("mara", TicketChange::Priority(1))]).await;
    let rows = notices::list(&rig.store, &"sumi".into(), At(99), 50).await.unwrap();
    let line = rows.first().unwrap();
    assert_eq!((rows.len(), line.work, line.text.as_str(), line.at), (1, None, "a broken lamp", At(21)), "one line until it is seen");
    assert_eq!(line.ticket.as_ref().map(|ticket| (ticket.id, ticket.state)), Some((TicketId(1), TicketState::New)));
    // Nobody hears of what they did.
    notices::seen_all(&rig.store, &"sumi".into(), Seen::All, At(23)).await.unwrap();
    rig.record(24, vec![changed("sumi", TicketChange::State(TicketState::Resolved))]).await;
    assert!(unseen(&rig, "sumi").await.is_empty());
    rig.record(25, vec![changed("mara", TicketChange::State(TicketState::Reopened)), received(2, 1, 1, "hello")]).await;
    let rows = notices::list(&rig.store, &"sumi".into(), At(99), 50).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.text.as_str(), row.ticket.is_none())).collect::<Vec<_>>(), [("hello", true)]);
}
