//! Opening: new, again, older, newer.

use crate::store::{Store, StoreError, open};
use rusqlite::Connection;

#[test]
fn a_database_of_a_newer_version_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let file = folder.path().join(open::DATABASE);
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn the_pragmas_make_an_answer_durable() {
    let folder = tempfile::tempdir().unwrap();
    let conn = open::writer(folder.path()).unwrap();
    let ask = |pragma: &str| conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(ask("journal_mode"), rusqlite::types::Value::Text("wal".into()));
    assert_eq!(ask("synchronous"), rusqlite::types::Value::Integer(2));
    assert_eq!(ask("foreign_keys"), rusqlite::types::Value::Integer(1));
}

#[test]
fn readers_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    drop(open::writer(folder.path()).unwrap());
    let error = open::reader(folder.path()).unwrap().execute("DELETE FROM person", []).unwrap_err();
    assert!(error.to_string().contains("readonly"), "{error}");
}

#[test]
fn an_older_schema_is_copied_then_migrated_and_a_bad_migration_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let mut conn = Connection::open(&file).unwrap();
    let first = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);";
    open::migrate(&mut conn, &file, &[first]).unwrap();
    let bad = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);";
    open::migrate(&mut conn, &file, &[first, bad]).unwrap_err();
    let tables = |conn: &Connection| conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(tables(&conn), 1);
    open::migrate(&mut conn, &file, &[first, "ALTER TABLE a ADD COLUMN y INTEGER;"]).unwrap();
    assert_eq!(conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    assert_eq!(conn.query_row("SELECT x + coalesce(y, 0) FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    let copy = Connection::open(folder.path().join("old.db.schema-1")).unwrap();
    assert!(copy.prepare("SELECT y FROM a").is_err() && copy.prepare("SELECT x FROM a").is_ok(), "the copy is of before");
}
