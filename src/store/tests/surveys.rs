//! What was asked and answered: figures by channel, the newest answer counts, and a low score is told to who supervises.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::survey::Scale;
use crate::store::surveys::{self, Filter, Which};

fn asked(id: u64, scale: Scale, channel: Option<&str>, agent: &str) -> Fact {
    let asked = SurveyFact::Asked {
        survey: "after".into(),
        scale,
        person: PersonId(1),
        work: Some(match channel {
            Some(_) => Work::Conversation(ConversationId(1)),
            None => Work::Call(CallId(1)),
        }),
        agent: Some(agent.into()),
        queue: Some("sales".into()),
        channel: channel.map(ChannelId::from),
        by: AskedBy::Window,
    };
    Fact::Survey(SurveyId(id), asked)
}

fn answered(id: u64, scale: Scale, score: u8, comment: &str, low: bool) -> Fact {
    let answered = SurveyFact::Answered {
        survey: "after".into(),
        scale,
        person: PersonId(1),
        work: None,
        agent: None,
        score,
        comment: comment.into(),
        low,
    };
    Fact::Survey(SurveyId(id), answered)
}

#[tokio::test]
async fn figures_count_who_was_asked_and_who_answered() {
    let rig = with_conversation().await;
    let csat = Scale::Csat;
    rig.record(100, vec![asked(1, csat, Some("web"), "mara"), asked(2, csat, None, "mara"), asked(3, csat, Some("web"), "bo")]).await;
    rig.record(110, vec![asked(4, Scale::Nps, None, "bo"), asked(5, Scale::Nps, None, "bo"), asked(6, Scale::Nps, None, "bo")]).await;
    rig.record(200, vec![answered(1, csat, 5, "", false), answered(1, csat, 2, "slow", true), answered(2, csat, 4, "", false)]).await;
    rig.record(300, vec![answered(4, Scale::Nps, 10, "", false), answered(5, Scale::Nps, 6, "", false)]).await;
    let all = Filter { to: At(1_000), ..Filter::default() };
    let results = surveys::results(&rig.store, all.clone()).await.unwrap();
    let [csat, nps] = &results.all[..] else { panic!("{:?}", results.all) };
    assert_eq!((csat.sent, csat.answered, csat.mean(), csat.top_share(), csat.rate()), (3, 2, Some(300), Some(50), Some(67)));
    assert_eq!((nps.sent, nps.answered, nps.nps(), nps.rate()), (3, 2, Some(0), Some(67)));
    let parts: Vec<(&str, i64, Option<i64>)> = results.channels.iter().map(|part| (part.part.as_str(), part.sent, part.mean())).collect();
    assert_eq!(parts, [("calls", 1, Some(400)), ("calls", 3, Some(800)), ("web", 2, Some(200))]);
    let bo = Filter { agent: Some("bo".into()), ..all.clone() };
    assert_eq!(surveys::results(&rig.store, bo).await.unwrap().all.iter().map(|part| part.sent).sum::<i64>(), 4);
    let low = surveys::answers(&rig.store, all.clone(), Which::Low, None, 10).await.unwrap();
    assert_eq!(low.iter().map(|row| (row.id.0, row.comment.as_str())).collect::<Vec<_>>(), [(1, "slow")]);
    let page = surveys::answers(&rig.store, all, Which::All, Some(SurveyId(4)), 1).await.unwrap();
    assert_eq!(page.iter().map(|row| row.id.0).collect::<Vec<_>>(), [2], "what is older than the fourth, newest first");
    let early = Filter { to: At(100), ..Filter::default() };
    assert_eq!(surveys::results(&rig.store, early).await.unwrap().all, [], "before anybody was asked");
    assert_eq!(surveys::of_person(&rig.store, PersonId(1), 9).await.unwrap().len(), 4);
    assert!(surveys::in_window(&rig.store, ConversationId(1), At(0)).await.unwrap().is_some_and(|row| row.id.0 == 3));
    assert!(surveys::in_window(&rig.store, ConversationId(1), At(100)).await.unwrap().is_none(), "asked too long ago");
}
