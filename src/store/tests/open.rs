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

#[test]
fn callbacks_of_an_older_schema_are_followed_by_the_desk() {
    use crate::desk::Desk;
    use crate::desk::id::*;
    use crate::desk::input::{CallbackCommand, Command, Input};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(open::DATABASE);
    let mut conn = Connection::open(&file).unwrap();
    open::migrate(&mut conn, &file, &open::MIGRATIONS[..2]).unwrap();
    conn.execute_batch(
        "INSERT INTO person (id, name, created_at, contact_at) VALUES (7, 'Li', 1, 1);
         INSERT INTO call (id, person, trunk, caller, dialled, state, started_at, queue) VALUES
            (3, 7, 't', '+86139', '4001', 'ended', 50, 'sales'), (4, 7, 't', '+86138', '4001', 'ended', 60, NULL);
         INSERT INTO callback (call, person, number, cause, due_at) VALUES (3, 7, '+86139', 'abandoned', 70);
         INSERT INTO callback (call, person, number, cause, due_at, done_at, done_by) VALUES (4, 7, '+86138', 'timed_out', 60, 80, 'jo');
         INSERT INTO live (key, state) VALUES ('ids', '{\"conversation\":1,\"message\":1,\"person\":7,\"ticket\":0}');",
    )
    .unwrap();
    drop(conn);
    let store = Store::open(folder.path()).unwrap();
    let catalog = std::sync::Arc::new(
        crate::config::Config::parse("[[agents]]\nid = \"jo\"\n[[queues]]\nid = \"sales\"\n", std::path::Path::new("x.toml"))
            .unwrap()
            .catalog,
    );
    let mut desk = Desk::restore(catalog, store.live_rows().unwrap()).unwrap();
    assert_eq!(desk.floor(At(100)).callbacks, 1);
    let settle = |id| Input::Command("jo".into(), Command::Callback(CallbackId(id), CallbackCommand::Settle { outcome: String::new() }));
    assert!(desk.handle(At(100), settle(1)).answer.is_err(), "the older one was settled already");
    assert!(desk.handle(At(100), settle(2)).answer.is_ok());
    assert_eq!(desk.floor(At(100)).callbacks, 0);
}

/// A file that nobody names changes no database.
#[test]
fn every_migration_is_among_those_that_are_run() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    assert_eq!(texts, open::MIGRATIONS);
}
