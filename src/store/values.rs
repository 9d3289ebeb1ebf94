//! How the desk's types stand in columns: numbers as integers, names as text, closed enums as the words of their JSON.

use super::StoreError;
use crate::desk::id::*;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

macro_rules! numbers {
    ($($name:ident)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                i64::try_from(self.0)
                    .map(|id| ToSqlOutput::Owned(Value::Integer(id)))
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let id = i64::column_result(value)?;
                u64::try_from(id).map($name).map_err(|_| FromSqlError::OutOfRange(id))
            }
        }
    )*};
}

macro_rules! names {
    ($($name:ident)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.as_str().as_bytes())))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str().map($name::from)
            }
        }
    )*};
}

/// A plain count of 64 bits; a table holds 63 of them.
pub(super) struct Count(pub u64);

numbers! { Count CallId ConversationId MessageId PersonId TicketId FileId CallbackId FormId ProactiveId SurveyId ToldId }
names! { AgentId QueueId SkillId TrunkId ChannelId TierId FormKind SurveyName TicketKind DepartmentId RuleId }

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Integer(self.0)))
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(At)
    }
}

/// A fieldless variant as the one word that it is in JSON; of a variant with fields, its name.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().next().map(|(name, _)| name).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Reads a word back into its closed enum.
pub(super) fn from_word<T: DeserializeOwned>(word: &str) -> Result<T, FromSqlError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|error| FromSqlError::Other(Box::new(error)))
}

/// A column that holds a word of a closed enum.
pub(super) fn word_at<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    from_word(&text).map_err(|error| unreadable(column, error))
}

/// The same, where NULL is allowed.
pub(super) fn maybe_word_at<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| from_word(&text).map_err(|error| unreadable(column, error))).transpose()
}

/// A column that holds JSON, or NULL for nothing.
pub(super) fn json_at<T: DeserializeOwned + Default>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: Option<String> = row.get(column)?;
    match text {
        None => Ok(T::default()),
        Some(text) => serde_json::from_str(&text).map_err(|error| unreadable(column, error)),
    }
}

fn unreadable(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    let text = format!("column {column}: {error}");
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, text.into())
}

/// A column that holds a count.
pub(super) fn count_at(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, Count>(column).map(|count| count.0)
}

/// The same, where NULL is allowed.
pub(super) fn maybe_count_at(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    row.get::<_, Option<Count>>(column).map(|count| count.map(|count| count.0))
}

/// The table word and number of a piece of work.
pub(super) fn work_columns(work: &Work) -> (&'static str, Count) {
    match work {
        Work::Call(id) => ("call", Count(id.0)),
        Work::Conversation(id) => ("conversation", Count(id.0)),
        Work::Callback(id) => ("callback", Count(id.0)),
    }
}

/// The reverse of [`work_columns`], from the columns `work_kind` and `work`.
pub(super) fn work_at(row: &Row<'_>) -> rusqlite::Result<Work> {
    let kind: String = row.get("work_kind")?;
    Ok(match kind.as_str() {
        "call" => Work::Call(row.get("work")?),
        "callback" => Work::Callback(row.get("work")?),
        _ => Work::Conversation(row.get("work")?),
    })
}

/// All rows of a query.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, map)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first row of a query, if there is one.
pub(super) fn first<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    Ok(conn.prepare_cached(sql)?.query_row(params, map).optional()?)
}

/// Executes a statement; gives the number of rows changed.
pub(super) fn run(conn: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// Executes a statement that must change a row; `what` names it in the error.
pub(super) fn change(conn: &Connection, sql: &str, params: impl Params, what: &str) -> Result<(), StoreError> {
    match run(conn, sql, params)? {
        0 => Err(StoreError::Missing(what.to_owned())),
        _ => Ok(()),
    }
}
