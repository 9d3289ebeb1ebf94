//! Each fact and its rows, read back by the functions that pages use.

mod call;
mod notices;
mod text;
mod ticket;

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::person::PersonBrief;
use crate::desk::same::Proof;
use crate::store::{StoreError, agents, events, messages, persons, search};

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
        company: "Acme".into(),
        about: "likes tea".into(),
    };
    persons::edit(&rig.store, PersonId(1), edit).await.unwrap();
    let by: AgentId = "mara".into();
    let hand = |who, fact| Fact::Person(PersonId(who), fact);
    let add = |value| PersonFact::IdentityAdded { identity: phone(value), proof: Some(Proof::Agent), by: Some(by.clone()) };
    let remove = |value| PersonFact::IdentityRemoved { identity: phone(value), by: by.clone() };
    rig.record(11, vec![hand(1, PersonFact::Blocked { on: true, by: by.clone(), reason: String::new() }), hand(1, add("+86139"))]).await;
    let brief = persons::brief(&rig.store, phone("+86139")).await.unwrap().unwrap();
    assert_eq!((brief.tier, brief.dedicated, brief.blocked), (Some("gold".into()), Some("mara".into()), true));
    persons::set_tier(&rig.store, PersonId(1), "silver".into()).await.unwrap();
    persons::set_language(&rig.store, PersonId(1), "en".into()).await.unwrap();
    let brief = persons::brief(&rig.store, phone("+86139")).await.unwrap().unwrap();
    assert_eq!((brief.tier, brief.language, brief.blocked), (Some("silver".into()), Some("en".into()), true), "the rest stays as it is");
    rig.record(12, vec![hand(9, PersonFact::Entered { name: "Bo".into(), identities: Vec::new(), proof: Proof::Agent, by: by.clone() })])
        .await;
    rig.record(12, vec![hand(9, remove("+86139")), hand(9, add("+86139"))]).await;
    let known = persons::identities(&rig.store, &rig.viewer, PersonId(1)).await.unwrap();
    let shown: Vec<_> = known.iter().map(|row| (row.value.as_str(), row.proof)).collect();
    assert_eq!(shown, [("+86139", Some(Proof::Agent)), ("v1", None)], "nobody takes what is another's");
    assert!(persons::identities(&rig.store, &rig.viewer, PersonId(9)).await.unwrap().is_empty());
    rig.record(13, vec![hand(1, remove("+86139"))]).await;
    assert_eq!(persons::brief(&rig.store, phone("+86139")).await.unwrap(), None);
    let found = async |query: &str| search::people(&rig.store, &rig.viewer, query, 9).await.unwrap().len();
    assert_eq!((found("86139").await, found("Wei").await), (0, 1), "who is looked for by it is not found any more");
    persons::set_tags(&rig.store, PersonId(1), vec!["vip".into(), "欠款".into()]).await.unwrap();
    assert_eq!(persons::tags(&rig.store, PersonId(1)).await.unwrap(), ["vip", "欠款"]);
    assert_eq!(persons::tag_names(&rig.store).await.unwrap().len(), 2);
    let recent = persons::recent(&rig.store, None, 10).await.unwrap();
    assert_eq!(recent.len(), 2);
    assert!(persons::recent(&rig.store, Some((recent[1].contact_at, recent[1].id)), 10).await.unwrap().is_empty());
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
