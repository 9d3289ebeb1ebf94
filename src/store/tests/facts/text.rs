//! A conversation from the first word to the outcome.

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::*;
use crate::desk::traits::Window;
use crate::desk::window::Measure;
use crate::store::amendments::{self, Stands};
use crate::store::conversations::{self, ConversationRow};
use crate::store::messages::{self, MessageKind};
use crate::store::tests::rig::*;
use crate::store::{StoreError, files, persons, pieces, proactive};

fn text(fact: ConversationFact) -> Fact {
    Fact::Conversation(ConversationId(1), fact)
}

fn way(fact: RoutingFact) -> Fact {
    Fact::Routing(Work::Conversation(ConversationId(1)), fact)
}

async fn get(rig: &Rig) -> ConversationRow {
    conversations::get(&rig.store, &rig.viewer, ConversationId(1)).await.unwrap().unwrap()
}

fn reply(message: u64, by: Option<&str>, words: &str, key: &str) -> Fact {
    let (person, by) = (PersonId(1), by.map(Into::into));
    text(ConversationFact::Queued { message: MessageId(message), person, by, body: body(words), key: key.into(), parts: 1 })
}

fn queued(reason: QueuedReason) -> Fact {
    way(RoutingFact::Queued { person: PersonId(1), queue: "sales".into(), priority: 0, head: false, reason })
}

#[tokio::test]
async fn a_conversation_is_open_waits_is_served_and_resolved() {
    let rig = with_conversation().await;
    let (channel, mara) = (ChannelId::from("site"), AgentId::from("mara"));
    rig.record(20, vec![received(2, 1, 1, "  第一句\n话"), queued(QueuedReason::New)]).await;
    let row = get(&rig).await;
    assert_eq!((row.state.as_str(), row.unread, row.last_line.as_str(), row.last_by.as_str()), ("waiting", 1, "第一句 话", "customer"));
    assert_eq!(messages::known(&rig.store, &channel, "x2").await.unwrap(), Some(MessageId(2)));
    assert_eq!(conversations::waiting(&rig.store, &rig.viewer, 10).await.unwrap(), [row]);
    let offer = || RoutingFact::Offered {
        person: PersonId(1),
        queue: "sales".into(),
        agent: "mara".into(),
        until: At(99),
        decision: Decision::default(),
    };
    rig.record(30, vec![way(offer())]).await;
    assert_eq!(get(&rig).await.state, "offered");
    rig.record(40, vec![way(RoutingFact::OfferEnded { agent: mara.clone(), how: OfferEnd::TimedOut })]).await;
    assert_eq!(get(&rig).await.state, "waiting");
    let assigned = RoutingFact::Assigned { person: PersonId(1), agent: mara.clone(), waited_ms: 30 };
    rig.record(50, vec![way(assigned), received(3, 1, 1, "still there?")]).await;
    assert_eq!(conversations::mine(&rig.store, &rig.viewer, &mara, 10).await.unwrap().len(), 1);
    assert_eq!(conversations::unread(&rig.store, &mara).await.unwrap(), 2);
    rig.record(60, vec![text(ConversationFact::ReadByAgent { by: mara.clone(), upto: MessageId(2) })]).await;
    assert_eq!(get(&rig).await.unread, 1);
    rig.record(70, vec![reply(4, Some("mara"), "yes", "k1"), reply(5, None, "automatic", "")]).await;
    let row = get(&rig).await;
    assert_eq!((row.unread, row.last_by.as_str(), row.read_by_agent), (0, "house", Some(MessageId(2))));
    rig.record(80, vec![text(ConversationFact::ReadByCustomer { upto: MessageId(4) }), text(ConversationFact::CustomerLeft)]).await;
    let row = get(&rig).await;
    assert_eq!((row.read_by_customer, row.customer_left_at), (Some(MessageId(4)), Some(At(80))));
    let identity = visitor("v1");
    assert_eq!(conversations::open_of(&rig.store, &channel, &identity).await.unwrap(), Some(ConversationId(1)));
    let resolved = ConversationFact::Resolved { by: Some(mara.clone()), disposition: Some("answered".into()) };
    rig.record(90, vec![text(resolved), way(RoutingFact::Released { agent: mara.clone() })]).await;
    let row = get(&rig).await;
    assert_eq!((row.state.as_str(), row.resolved_at, row.disposition.as_deref()), ("resolved", Some(At(90)), Some("answered")));
    assert_eq!((row.waited_ms, row.agent.as_ref()), (Some(30), Some(&mara)));
    assert_eq!(conversations::open_of(&rig.store, &channel, &identity).await.unwrap(), None);
    assert_eq!(conversations::last_of(&rig.store, &channel, &identity).await.unwrap(), Some(ConversationId(1)));
    assert_eq!(conversations::of_person(&rig.store, &rig.viewer, PersonId(1), 10).await.unwrap().len(), 1);
    rig.record(95, vec![queued(QueuedReason::Reopened)]).await;
    assert_eq!((get(&rig).await.state.as_str(), get(&rig).await.resolved_at), ("waiting", None));
}

#[tokio::test]
async fn an_outgoing_message_is_unsent_until_it_is_handed_over_and_never_goes_back() {
    let rig = with_conversation().await;
    rig.record(20, vec![reply(2, Some("mara"), "hello", "k1"), reply(3, None, "auto", "k1")]).await;
    let unsent = messages::unsent(&rig.store, MessageId(0), 10).await.unwrap();
    assert_eq!(unsent.iter().map(|out| out.message.0).collect::<Vec<_>>(), [2, 3]);
    // Page by page, until there is none.
    let page = async |after| messages::unsent(&rig.store, MessageId(after), 1).await.unwrap();
    assert_eq!((page(0).await[0].message, page(2).await[0].message, page(3).await), (MessageId(2), MessageId(3), Vec::new()));
    assert_eq!((unsent[0].to.clone(), unsent[0].body.text.as_str()), (visitor("v1"), "hello"));
    let repeated = rig.try_record(21, vec![reply(4, Some("mara"), "hello", "k1")]).await;
    assert!(matches!(repeated, Err(StoreError::Duplicate(_))), "{repeated:?}");
    let delivery = async |state: Delivery| {
        rig.record(30, vec![text(ConversationFact::Delivery { message: MessageId(2), state })]).await;
        messages::get(&rig.store, MessageId(2)).await.unwrap().unwrap().delivery.unwrap()
    };
    assert_eq!(delivery(Delivery::Sent).await, Delivery::Sent);
    assert_eq!(delivery(Delivery::Unknown).await, Delivery::Sent);
    assert_eq!(delivery(Delivery::Read).await, Delivery::Read);
    assert_eq!(delivery(Delivery::Delivered).await, Delivery::Read);
    let failed = Delivery::Failed { reason: "blocked".into() };
    assert_eq!(delivery(failed.clone()).await, failed);
    assert_eq!(messages::unsent(&rig.store, MessageId(0), 10).await.unwrap().len(), 1);
    let row = messages::get(&rig.store, MessageId(3)).await.unwrap().unwrap();
    assert_eq!((row.kind, row.agent, row.channel), (MessageKind::Auto, None, Some("site".into())));
}

#[tokio::test]
async fn a_file_is_kept_by_content_and_seen_only_by_those_it_was_shown_to() {
    let rig = with_conversation().await;
    let store = &rig.store;
    let file = files::create(store, "../../a.png", "image/png", b"bytes".to_vec(), "agent/mara", At(1)).await.unwrap();
    let twin = files::create(store, "b.png", "image/png", b"bytes".to_vec(), "agent/mara", At(2)).await.unwrap();
    assert_ne!(file.id, twin.id);
    let row = files::get(store, file.id).await.unwrap().unwrap();
    assert_eq!(std::fs::read(files::path(store, &row)).unwrap(), b"bytes");
    assert_eq!(std::fs::read_dir(store.data().join("files")).unwrap().count(), 1, "the same bytes are kept once");
    let shown = Body { files: vec![file.clone()], ..Body::default() };
    let queued =
        ConversationFact::Queued { message: MessageId(2), person: PersonId(1), by: None, body: shown, key: String::new(), parts: 1 };
    rig.record(20, vec![text(queued)]).await;
    assert_eq!(get(&rig).await.last_line, "../../a.png");
    assert_eq!(messages::get(store, MessageId(2)).await.unwrap().unwrap().files, std::slice::from_ref(&file));
    let channel = ChannelId::from("site");
    assert!(files::get_for(store, file.id, &channel, &visitor("v1")).await.unwrap().is_some());
    assert!(files::get_for(store, file.id, &channel, &visitor("v2")).await.unwrap().is_none());
    assert!(files::get_for(store, twin.id, &channel, &visitor("v1")).await.unwrap().is_none());
}

#[tokio::test]
async fn the_card_shows_the_open_conversation_with_its_last_three_lines() {
    let rig = with_conversation().await;
    let lines = (2..7).map(|id| received(id, 1, 1, &format!("line {id}"))).collect();
    rig.record(20, lines).await;
    rig.record(30, vec![started(1, 1)]).await;
    let ticket = TicketFact::Opened {
        person: PersonId(1),
        subject: "refund".into(),
        work: None,
        queue: None,
        priority: 2,
        by: None,
        with: Box::default(),
    };
    rig.record(40, vec![Fact::Ticket(TicketId(3), ticket)]).await;
    let card = persons::card(&rig.store, &rig.viewer, PersonId(1)).await.unwrap().unwrap();
    let last: Vec<&str> = card.conversations[0].last.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(last, ["line 4", "line 5", "line 6"]);
    assert_eq!((card.tickets[0].id, card.tickets[0].priority), (TicketId(3), 2));
    let counts = card.counts;
    assert_eq!((counts.calls, counts.conversations, counts.tickets, counts.last_contact), (1, 1, 1, None));
    assert_eq!(persons::card(&rig.store, &rig.viewer, PersonId(9)).await.unwrap(), None);
}

/// The page, a program that wants to write, and a tap in another conversation read what the desk has measured.
#[tokio::test]
async fn the_window_is_measured_as_the_desk_said() {
    let rig = with_conversation().await;
    let heard = async || messages::heard(&rig.store, ConversationId(1)).await.unwrap();
    let says = |message: u64, measure: Measure| {
        let mut fact = received(message, 1, 1, "a tap");
        if let Fact::Conversation(_, ConversationFact::Received { measure: said, .. }) = &mut fact {
            *said = Some(measure);
        }
        fact
    };
    assert_eq!(heard().await, Measure::default());
    rig.record(20, vec![says(2, Measure::default()), reply(3, None, "Hello", "k1")]).await;
    assert_eq!(heard().await, Measure { at: None, answers: 1, narrow: None }, "a notice opens nothing");
    let narrow = Some(Window { ms: 60_000, messages: Some(3) });
    let tap = Measure { at: Some(At(21)), answers: 0, narrow };
    rig.record(21, vec![says(4, tap)]).await;
    rig.record(22, vec![reply(5, Some("mara"), "Yes?", "k2")]).await;
    assert_eq!(heard().await, Measure { answers: 1, ..tap });
    rig.record(23, vec![says(6, Measure::default())]).await;
    assert_eq!(heard().await, Measure { answers: 1, ..tap }, "and closes nothing");
    let site = ChannelId::from("site");
    assert_eq!(messages::heard_from(&rig.store, &site, &visitor("v1")).await.unwrap(), Measure { answers: 1, ..tap });
    assert_eq!(messages::heard_from(&rig.store, &site, &visitor("v2")).await.unwrap(), Measure::default());
    let ways = match proactive::recipient(&rig.store, proactive::To::Person(PersonId(1))).await.unwrap() {
        proactive::Found::Recipient(to) => to.ways,
        other => panic!("{other:?}"),
    };
    let way = ways.iter().find(|way| way.channel.as_ref() == Some(&site)).expect("where they wrote");
    assert_eq!((way.heard_at, way.answers, way.narrow), (Some(At(21)), 1, narrow));
    // What is kept of an older message still counts with a new one: two answered, then a tap that took nothing from it.
    rig.record(24, vec![received(7, 1, 1, "a message"), reply(8, None, "One", "k3")]).await;
    assert_eq!(heard().await, Measure { at: Some(At(1)), answers: 1, narrow: None });
    rig.record(25, vec![says(9, Measure { at: Some(At(1)), answers: 1, narrow: None }), reply(10, None, "Two", "k4")]).await;
    assert_eq!(heard().await, Measure { at: Some(At(1)), answers: 2, narrow: None });
}

fn amending(amendment: u64, change: Change) -> Fact {
    let (amendment, message, person, by) = (MessageId(amendment), MessageId(2), PersonId(1), "mara".into());
    text(ConversationFact::Amending { amendment, message, person, by, change })
}

fn amended(amendment: u64, change: Change, state: Delivery) -> Fact {
    text(ConversationFact::Amended { amendment: MessageId(amendment), message: MessageId(2), person: PersonId(1), change, state })
}

fn sent(message: u64) -> Fact {
    text(ConversationFact::Delivery { message: MessageId(message), state: Delivery::Sent })
}

#[tokio::test]
async fn what_the_customer_sees_changes_when_it_is_done_and_what_they_saw_is_kept() {
    let rig = with_conversation().await;
    let (edited, failed) = (|text: &str| Change::Edited(text.into()), || Delivery::Failed { reason: "too late".into() });
    rig.record(20, vec![reply(2, Some("mara"), "It is raedy.", "k1")]).await;
    rig.record(21, vec![sent(2), amending(3, edited("It is ready."))]).await;
    let row = async || messages::get(&rig.store, MessageId(2)).await.unwrap().unwrap();
    assert_eq!((row().await.text.as_str(), row().await.changed), ("It is raedy.", None));
    let unsent = messages::unsent(&rig.store, MessageId(0), 10).await.unwrap();
    let amends = Some(crate::desk::act::Amends { message: MessageId(2), change: edited("It is ready.") });
    assert_eq!(unsent.iter().map(|out| (out.message, &out.amends)).collect::<Vec<_>>(), [(MessageId(3), &amends)]);
    rig.record(22, vec![amended(3, edited("It is ready."), Delivery::Sent)]).await;
    assert_eq!((row().await.text.as_str(), row().await.changed), ("It is ready.", Some(messages::Changed::Edited)));
    assert_eq!(get(&rig).await.last_line, "It is ready.");
    // Told again, or late, it changes nothing.
    rig.record(23, vec![amended(3, edited("It is raedy."), Delivery::Sent), amending(4, edited("No."))]).await;
    rig.record(24, vec![amended(4, edited("No."), failed())]).await;
    assert_eq!(row().await.text, "It is ready.");
    rig.record(25, vec![amending(5, Change::Recalled)]).await;
    rig.record(26, vec![amended(5, Change::Recalled, Delivery::Sent)]).await;
    assert_eq!((row().await.text.as_str(), row().await.changed), ("", Some(messages::Changed::Recalled)));
    assert_eq!(get(&rig).await.last_line, "");
    let kept = amendments::of(&rig.store, vec![MessageId(2)]).await.unwrap().remove(&MessageId(2)).unwrap();
    let was: Vec<_> = kept.iter().map(|kept| (kept.state.clone(), kept.was.as_ref().map(|was| was.text.as_str()))).collect();
    assert_eq!(was, [(Delivery::Sent, Some("It is raedy.")), (failed(), None), (Delivery::Sent, Some("It is ready."))]);
    assert_eq!(messages::unsent(&rig.store, MessageId(0), 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_had_not_gone_out_goes_out_as_it_was_made() {
    let rig = with_conversation().await;
    rig.record(20, vec![reply(2, Some("mara"), "one", "k1")]).await;
    assert_eq!(amendments::fold(&rig.store, MessageId(2)).await.unwrap(), None);
    rig.record(21, vec![amending(3, Change::Edited("two".into())), amending(4, Change::Edited("three".into()))]).await;
    assert_eq!(amendments::fold(&rig.store, MessageId(2)).await.unwrap(), Some(Change::Edited("three".into())));
    pieces::begin(&rig.store, MessageId(2), 0, At(22)).await.unwrap();
    // What comes once it is under way is done behind it.
    rig.record(23, vec![amending(5, Change::Recalled)]).await;
    assert_eq!(amendments::fold(&rig.store, MessageId(2)).await.unwrap(), Some(Change::Edited("three".into())));
    let begin = async |id| amendments::begin(&rig.store, MessageId(id), At(24)).await.unwrap();
    assert_eq!(begin(3).await, Some(Stands::Folded(Delivery::Queued)));
    assert_eq!(begin(5).await, Some(Stands::Unseen(Delivery::Queued)));
    pieces::sent(&rig.store, &"site".into(), MessageId(2), 0, vec!["their-1".into()], At(25)).await.unwrap();
    rig.record(26, vec![sent(2)]).await;
    assert_eq!((begin(3).await, begin(4).await), (Some(Stands::Folded(Delivery::Sent)), Some(Stands::Folded(Delivery::Sent))));
    assert_eq!((begin(5).await, begin(5).await), (Some(Stands::Open { again: false }), Some(Stands::Open { again: true })));
    assert_eq!(begin(6).await, None);
    assert_eq!(amendments::pieces(&rig.store, &"site".into(), MessageId(2)).await.unwrap(), [(0, Some("their-1".into()))]);
}

#[tokio::test]
async fn lists_show_what_a_customer_said_last_as_they_have_made_it() {
    let rig = with_conversation().await;
    let changed = |change| text(ConversationFact::Changed { message: MessageId(1), person: PersonId(1), change });
    rig.record(20, vec![received(1, 1, 1, "第一句"), changed(Change::Edited("第二句".into()))]).await;
    assert_eq!(get(&rig).await.last_line, "第二句");
    rig.record(21, vec![changed(Change::Recalled)]).await;
    assert_eq!(get(&rig).await.last_line, "");
    rig.record(22, vec![reply(2, Some("mara"), "Never mind.", "k1"), changed(Change::Edited("第三句".into()))]).await;
    assert_eq!(get(&rig).await.last_line, "Never mind.", "it is not the last any more");
}
