//! Opens the database: pragmas that make an answer durable, and migrations that either happen whole or not at all.

use super::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every schema change in order; the file's number is the schema it leads to. Never edited after a release, only added to.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_seams.sql"),
    include_str!("migrations/0003_blocked.sql"),
    include_str!("migrations/0004_call_control.sql"),
    include_str!("migrations/0005_callbacks.sql"),
    include_str!("migrations/0006_phones.sql"),
    include_str!("migrations/0007_flows.sql"),
    include_str!("migrations/0008_forms.sql"),
    include_str!("migrations/0009_wallboard.sql"),
    include_str!("migrations/0010_supervision.sql"),
    include_str!("migrations/0011_channels.sql"),
    include_str!("migrations/0012_shown.sql"),
    include_str!("migrations/0013_knowledge.sql"),
    include_str!("migrations/0014_templates.sql"),
    include_str!("migrations/0015_reach.sql"),
    include_str!("migrations/0016_proactive.sql"),
    include_str!("migrations/0017_snooze.sql"),
    include_str!("migrations/0018_people.sql"),
    include_str!("migrations/0019_context.sql"),
    include_str!("migrations/0020_webhooks.sql"),
    include_str!("migrations/0021_shift.sql"),
    include_str!("migrations/0022_lists.sql"),
    include_str!("migrations/0023_rating.sql"),
    include_str!("migrations/0024_tickets.sql"),
    include_str!("migrations/0025_told.sql"),
    include_str!("migrations/0026_surveys.sql"),
    include_str!("migrations/0027_visits.sql"),
    include_str!("migrations/0028_scale.sql"),
    include_str!("migrations/0029_draft_files.sql"),
    include_str!("migrations/0030_ticket_notices.sql"),
    include_str!("migrations/0031_measure.sql"),
    include_str!("migrations/0032_ticket_views.sql"),
    include_str!("migrations/0033_amendments.sql"),
    include_str!("migrations/0034_tags.sql"),
    include_str!("migrations/0035_late_files.sql"),
    include_str!("migrations/0036_flows.sql"),
    include_str!("migrations/0037_parts.sql"),
];

/// The database's name within the data folder.
pub(super) const DATABASE: &str = "hubline.db";

/// What nobody should have to wait for a query.
const SLOW: Duration = Duration::from_millis(20);

/// WAL with FULL: an answer given after COMMIT survives a power cut; group commit makes that cheap.
/// The log is folded back each 16 MB: pages that many messages touch (indexes, the search) are then written once instead of often.
const PRAGMAS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA busy_timeout = 5000;";

/// Makes the folders, opens the one writing connection and brings the schema up to date.
pub(super) fn writer(data: &Path) -> Result<Connection, StoreError> {
    for folder in [data.to_owned(), data.join("recordings"), data.join("files")] {
        std::fs::create_dir_all(&folder).map_err(|error| StoreError::io(format!("make {}", folder.display()), error))?;
    }
    let file = data.join(DATABASE);
    let mut conn = Connection::open(&file)?;
    conn.execute_batch(PRAGMAS)?;
    conn.pragma_update(None, "cache_size", -65_536)?;
    conn.set_prepared_statement_cache_capacity(256);
    plan_once(&conn)?;
    // SQLite refuses silently where memory cannot be mapped, and would then be slow and lock readers out.
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::NoWal(mode));
    }
    migrate(&mut conn, &file, MIGRATIONS)?;
    Ok(conn)
}

/// Opens one reading connection; it cannot write, whatever the SQL says.
pub(super) fn reader(data: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(data.join(DATABASE), flags)?;
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(tell_slow))?;
    conn.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;")?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.set_prepared_statement_cache_capacity(128);
    plan_once(&conn)?;
    Ok(conn)
}

/// Without this SQLite looks at the values of a prepared statement and plans it anew for each other one: with the person's id in it, at every
/// message. What a partial index is for stands in the text of its queries.
fn plan_once(conn: &Connection) -> Result<(), StoreError> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A page waits for its queries: one that takes long is told, with its text and none of its values.
fn tell_slow(event: TraceEvent<'_>) {
    if let TraceEvent::Profile(query, took) = event
        && took >= SLOW
    {
        tracing::debug!(ms = took.as_millis(), sql = %query.sql(), "a slow query");
    }
}

/// Applies what is missing of `migrations`, each in one transaction. A database that already holds something is copied first.
pub(super) fn migrate(conn: &mut Connection, file: &Path, migrations: &[&str]) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = version(conn)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found > 0 && found < known {
        copy_before(conn, file, found)?;
    }
    for (number, sql) in (1i64..).zip(migrations) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read again inside the lock: another process may have migrated meanwhile.
        if version(&tx)? >= number {
            continue;
        }
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    if found < known {
        tracing::info!(from = found, schema = known, "database schema brought up to date");
    }
    Ok(())
}

fn version(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Leaves `hubline.db.schema-N` beside the database, so that an update can be taken back.
fn copy_before(conn: &Connection, file: &Path, found: i64) -> Result<(), StoreError> {
    let copy = PathBuf::from(format!("{}.schema-{found}", file.display()));
    match std::fs::remove_file(&copy) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::io("remove an old copy", error));
        }
        _ => {}
    }
    let name = copy.to_str().ok_or_else(|| StoreError::Invalid("the data folder's name is not UTF-8".into()))?;
    conn.execute("VACUUM INTO ?1", [name])?;
    tracing::info!(copy = %copy.display(), "copied the database before changing its schema");
    Ok(())
}

/// Refuses a database of a newer version.
pub(super) fn known_schema(conn: &Connection) -> Result<(), StoreError> {
    let (found, known) = (version(conn)?, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX));
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(()) }
}
