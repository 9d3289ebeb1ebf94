//! Rows of facts about surveys.

use crate::desk::fact::SurveyFact;
use crate::desk::id::*;
use crate::desk::survey::CALLS;
use crate::store::values::{change, run, word, work_columns};
use crate::store::{StoreError, notices};
use rusqlite::Connection;

statements! {
    ASK = "INSERT INTO survey (id, name, scale, person, work_kind, work, agent, queue, channel, by, asked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    ANSWER = "UPDATE survey SET score = ?2, comment = ?3, low = ?4, answered_at = ?5 WHERE id = ?1";
    FOLLOW_UP = "UPDATE survey SET ticket = ?2 WHERE id = ?1";
}

pub(super) fn rows(conn: &Connection, at: At, id: SurveyId, fact: &SurveyFact) -> Result<(), StoreError> {
    match fact {
        SurveyFact::Asked { survey, scale, person, work, agent, queue, channel, by } => {
            let (kind, number) = work.as_ref().map(work_columns).map_or((None, None), |(kind, id)| (Some(kind), Some(id)));
            let channel = channel.as_ref().map(ChannelId::as_str).or_else(|| matches!(work, Some(Work::Call(_))).then_some(CALLS));
            let by = word(by);
            run(conn, ASK, (id, survey, scale.word(), person, kind, number, agent, queue, channel, by, at)).map(drop)
        }
        SurveyFact::Answered { person, work, agent: _, score, comment, low, survey: _, scale: _ } => {
            change(conn, ANSWER, (id, score, comment, low, at), "survey")?;
            if *low {
                notices::tell_supervisors(conn, at, *person, work.as_ref(), &format!("{score} {comment}"))?;
            }
            Ok(())
        }
        SurveyFact::FollowedUp { ticket } => change(conn, FOLLOW_UP, (id, ticket), "survey"),
    }
}
