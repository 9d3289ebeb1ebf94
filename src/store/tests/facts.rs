//! Each fact and its rows, read back by the functions that pages use.

mod call;
mod notices;
mod text;
mod ticket;

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::person::PersonBrief;
use crate::store::{StoreError, agents, events, messages, persons};

#[tokio::test]
async fn a_person_is_added_once_and_known_by_the_identity() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li Wei", phone("+86139"))]).await;
    let brief = persons::brief(&rig.store, phone("+86139")).await.unwrap().unwrap();
    let expected = PersonBrief {
        id: PersonId(1),
        name: "Li Wei".into(),
        tier: None,
        language: None,
        tags: Vec::new(),
        dedicated: None,
        last_agent: None,
        blocked: false,
        opted_out: false,
        unreachable: None,
        kept: Default::default(),
    };
    assert_eq!(brief, expected);
    assert_eq!(persons::brief(&rig.store, visitor("+86139")).await.unwrap(), None, "the kind is part of it");
    let twin = rig.try_record(11, vec![person(2, "Twin", phone("+86139"))]).await;
    assert!(matches!(twin, Err(StoreError::Duplicate(_))));
    assert_eq!(persons::get(&rig.store, PersonId(2)).await.unwrap(), None, "nothing of the step is left");
}

#[tokio::test]
async fn what_agents_edit_is_what_the_next_contact_brings() {
    let rig = rig();
    rig.record(10, vec![person(1, "Visitor", visitor("v1"))]).await;
    let edit = persons::Edit {
        name: "Li Wei".into(),
        tier: Some("gold".into()),
        language: Some("zh-CN".into()),
        dedicated_agent: Some("mara".into()),
        blocked: true,
        company: "Acme".into(),
        about: "likes tea".into(),
    };
    persons::edit(&rig.store, PersonId(1), edit).await.unwrap();
    persons::add_identity(&rig.store, PersonId(1), phone("+86139"), At(11)).await.unwrap();
    let brief = persons::brief(&rig.store, phone("+86139")).await.unwrap().unwrap();
    assert_eq!((brief.tier, brief.dedicated, brief.blocked), (Some("gold".into()), Some("mara".into()), true));
    let again = persons::add_identity(&rig.store, PersonId(1), phone("+86139"), At(12)).await;
    assert!(matches!(again, Err(StoreError::Duplicate(_))));
    let known = persons::identities(&rig.store, &rig.viewer, PersonId(1)).await.unwrap();
    assert_eq!(known.iter().map(|row| row.value.as_str()).collect::<Vec<_>>(), ["+86139", "v1"]);
    assert!(persons::remove_identity(&rig.store, PersonId(9), known[0].id).await.is_err(), "not that person's");
    persons::remove_identity(&rig.store, PersonId(1), known[0].id).await.unwrap();
    assert_eq!(persons::brief(&rig.store, phone("+86139")).await.unwrap(), None);
    persons::set_tags(&rig.store, PersonId(1), vec!["vip".into(), "欠款".into()]).await.unwrap();
    assert_eq!(persons::tags(&rig.store, PersonId(1)).await.unwrap(), ["vip", "欠款"]);
    assert_eq!(persons::tag_names(&rig.store).await.unwrap().len(), 2);
    let recent = persons::recent(&rig.store, None, 10).await.unwrap();
    assert_eq!(recent.len(), 1);
    assert!(persons::recent(&rig.store, Some((recent[0].contact_at, recent[0].id)), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_note_belongs_to_the_person_and_to_its_work() {
    let rig = with_conversation().await;
    rig.record(15, vec![started(1, 1)]).await;
    for (id, work) in [(5, None), (6, Some(Work::Conversation(ConversationId(1)))), (7, Some(Work::Call(CallId(1))))] {
        let note = PersonFact::NoteAdded { message: MessageId(id), work, by: "mara".into(), text: format!("note {id}") };
        rig.record(20, vec![Fact::Person(PersonId(1), note)]).await;
    }
    let places = async |id| {
        let row = messages::get(&rig.store, MessageId(id)).await.unwrap().unwrap();
        assert_eq!((row.kind, row.agent), (messages::MessageKind::Note, Some("mara".into())));
        (row.conversation, row.call)
    };
    assert_eq!(places(5).await, (None, None));
    assert_eq!(places(6).await, (Some(ConversationId(1)), None));
    assert_eq!(places(7).await, (None, Some(CallId(1))));
    assert_eq!(messages::page(&rig.store, ConversationId(1), None, 10).await.unwrap().len(), 1);
    assert!(messages::public_page(&rig.store, ConversationId(1), None, 10).await.unwrap().is_empty(), "never to the visitor");
    assert!(messages::public_after(&rig.store, ConversationId(1), MessageId(0), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_agents_statuses_are_a_history_and_voice_is_in_the_log() {
    let rig = rig();
    let agent = |fact| Fact::Agent("mara".into(), fact);
    let status = |status, reason: Option<&str>, why| agent(AgentFact::Status { status, reason: reason.map(Into::into), why });
    rig.record(10, vec![status(StatusName::Available, None, StatusWhy::Chosen)]).await;
    rig.record(20, vec![status(StatusName::Break, Some("lunch"), StatusWhy::AfterContact)]).await;
    rig.record(30, vec![agent(AgentFact::VoiceReady), agent(AgentFact::VoiceLost { problem: "mic_lost".into() })]).await;
    let history = agents::history(&rig.store, &"mara".into(), At(10), At(21)).await.unwrap();
    assert_eq!(
        history.iter().map(|row| (row.at.0, row.status)).collect::<Vec<_>>(),
        [(10, StatusName::Available), (20, StatusName::Break)]
    );
    assert_eq!((history[1].reason.as_deref(), history[1].why), (Some("lunch"), StatusWhy::AfterContact));
    let events = events::after(&rig.store, 0, 10).await.unwrap();
    assert_eq!(
        events.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(),
        ["agent.status", "agent.status", "agent.voice_ready", "agent.voice_lost"]
    );
    assert_eq!(events[3].fact, agent(AgentFact::VoiceLost { problem: "mic_lost".into() }), "the log gives the fact back");
    assert_eq!(events::after(&rig.store, events[1].seq, 1).await.unwrap(), events[2..3]);
}
