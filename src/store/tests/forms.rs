//! What customers answered is kept for its time and no longer.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::store::forms::{self, FormState, Kept};
use crate::store::{files, messages, search};

const MARA: &str = "mara";

fn sent(form: u64, until: i64) -> Fact {
    let sent = FormFact::Sent {
        person: PersonId(1),
        kind: "address".into(),
        work: Work::Conversation(ConversationId(1)),
        conversation: ConversationId(1),
        message: MessageId(form),
        by: MARA.into(),
        until: At(until),
        calls: false,
        verdict: false,
    };
    Fact::Form(FormId(form), sent)
}

fn answered(form: u64, keep_until: i64) -> Fact {
    Fact::Form(FormId(form), FormFact::Answered { keep_until: At(keep_until), ticket: None })
}

fn kept(field: &str, value: &str, file: Option<FileId>) -> Kept {
    Kept { field: field.into(), place: 0, kind: "text", masked: false, value: value.into(), file }
}

async fn answers(rig: &Rig, form: u64) -> Vec<String> {
    let form = forms::for_customer(&rig.store, FormId(form)).await.unwrap().unwrap();
    form.answers.into_iter().map(|answer| answer.value).collect()
}

#[tokio::test]
async fn answers_and_their_files_are_deleted_when_their_time_is_over() {
    let rig = with_conversation().await;
    let facts = vec![sent(1, 1_000), sent(2, 1_000), sent(3, 500), sent(4, 1_000)];
    rig.record(10, facts).await;
    let photo = files::create(&rig.store, "door.png", "image/png", "x".into(), "form/1", At(20)).await.unwrap().id;
    forms::keep(&rig.store, FormId(1), vec![kept("street", "Am Hang 5", None), kept("picture", "", Some(photo))], At(20)).await.unwrap();
    for form in [2, 3, 4] {
        forms::keep(&rig.store, FormId(form), vec![kept("street", "Am Tal 7", None)], At(20)).await.unwrap();
    }
    rig.record(30, vec![answered(1, 300), answered(2, 400), Fact::Form(FormId(4), FormFact::Withdrawn { by: MARA.into() })]).await;
    // What was taken back goes at once; nothing else is over yet.
    assert_eq!(forms::purge(&rig.store, At(299)).await.unwrap(), 1);
    assert_eq!((answers(&rig, 1).await.len(), answers(&rig, 4).await.len()), (2, 0));
    assert_eq!(files::purge(&rig.store, At(299)).await.unwrap(), 0, "the picture is the form's");
    assert_eq!(forms::purge(&rig.store, At(300)).await.unwrap(), 1);
    assert_eq!((answers(&rig, 1).await.len(), answers(&rig, 2).await), (0, vec!["Am Tal 7".to_owned()]));
    assert_eq!(files::purge(&rig.store, At(300)).await.unwrap(), 1, "nobody's any more");
    // Begun and never finished: over with its link.
    assert_eq!(forms::purge(&rig.store, At(500)).await.unwrap(), 2);
    assert_eq!(rig.count("SELECT count(*) FROM form_answer").await, 0);
    assert_eq!(forms::purge(&rig.store, At(9_999)).await.unwrap(), 0, "once");
    // That there was a form, when and by whom, stays.
    let form = forms::get(&rig.store, &rig.viewer, FormId(1)).await.unwrap().unwrap().form;
    assert_eq!((form.state, form.gone_at, form.by), (FormState::Answered, Some(At(300)), MARA.into()));
}

#[tokio::test]
async fn what_is_not_filled_in_yet_can_be_listed_and_its_link_stays_the_customers() {
    let rig = with_conversation().await;
    let link = "https://shop.example/form/1.hl5so.qrvRlYlwDOqnJQw7";
    let text = ConversationFact::Queued {
        message: MessageId(70),
        person: PersonId(1),
        by: Some(MARA.into()),
        body: body(&format!("Address, please: {link}")),
        key: "k".into(),
        parts: 1,
    };
    rig.record(10, vec![Fact::Conversation(ConversationId(1), text), sent(1, 1_000), sent(2, 1_000), sent(3, 40)]).await;
    rig.record(20, vec![answered(2, 300)]).await;
    let open = forms::open(&rig.store, PersonId(1), At(50)).await.unwrap();
    assert_eq!(open.iter().map(|form| form.id.0).collect::<Vec<_>>(), [1]);
    // Sent as it is; found, listed and shown without what opens it.
    assert!(messages::get(&rig.store, MessageId(70)).await.unwrap().unwrap().text.contains(link));
    assert_eq!(rig.count("SELECT count(*) FROM conversation WHERE last_line LIKE '%hl5so%'").await, 0);
    let found = search::search(&rig.store, &rig.viewer, "please", 9).await.unwrap();
    assert!(found.messages.iter().any(|hit| hit.text.text.contains("/form/…")), "{found:?}");
    assert!(search::search(&rig.store, &rig.viewer, "qrvRlYlwDOqnJQw7", 9).await.unwrap().messages.is_empty());
}
