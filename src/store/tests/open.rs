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

/// What was rated in windows stood with the conversation, what was answered in flows in a table of its own; the log told of both by other names.
#[tokio::test]
async fn ratings_of_an_older_schema_become_surveys_and_stay_where_they_were_in_the_story() {
    use crate::desk::fact::{AskedBy, Fact, PersonFact};
    use crate::desk::id::*;
    use crate::desk::survey::Scale;
    use crate::store::surveys::{self, Filter};
    use crate::store::timeline::{Only, TimelineWhat, Wanted, sifted};
    use crate::store::{events, persons, tests::rig};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(open::DATABASE);
    let mut conn = Connection::open(&file).unwrap();
    open::migrate(&mut conn, &file, &open::MIGRATIONS[..25]).unwrap();
    // Li was rated by two who are one by now, and has answered in a flow of the chat; Wang in a flow of the telephone. Nobody asked Mei.
    conn.execute_batch(
        r#"INSERT INTO person (id, name, created_at, contact_at) VALUES (7, 'Li', 1, 1), (8, 'Li too', 1, 1), (9, 'Wang', 1, 1), (10, 'Mei', 1, 1);
        UPDATE person SET merged_into = 7 WHERE id = 8;
        INSERT INTO identity (person, kind, namespace, value, created_at) VALUES (7, 'webchat', 'site', 'v7', 1), (7, 'webchat', 'site', 'v8', 1);
        INSERT INTO merge (person, other, by, at, why, moved, before) VALUES (7, 8, 'mara', 250, '"chosen"',
            '{"identities":[{"kind":"webchat","namespace":"site","value":"v8"}],"conversations":[11]}', '{"was":null,"became":null,"tags":[]}');
        INSERT INTO conversation (id, person, channel, kind, namespace, value, state, queue, agent, opened_at, last_at, resolved_at, resolved_by,
                rating, rating_comment, rated_at) VALUES
            (11, 7, 'site', 'webchat', 'site', 'v8', 'resolved', 'sales', 'bo', 110, 210, 210, NULL, 5, '', 220),
            (12, 7, 'site', 'webchat', 'site', 'v7', 'resolved', 'sales', 'bo', 100, 200, 200, 'mara', 2, 'slow, "very" <b>', 310),
            (13, 10, 'site', 'webchat', 'site', 'v10', 'resolved', NULL, NULL, 120, 230, 230, NULL, NULL, '', NULL);
        INSERT INTO call (id, person, trunk, caller, dialled, state, started_at) VALUES (20, 9, 't', '+86139', '4001', 'ended', 400);
        INSERT INTO survey_answer (at, survey, work_kind, work, answer) VALUES
            (205, 'after', 'conversation', 12, 3), (405, 'after', 'call', 20, 4), (406, 'again', 'call', 20, 1);
        INSERT INTO event (at, kind, subject, person, work, shown, json) VALUES
            (205, 'flow.answered', 'conversation/12', 7, 'conversation/12', 1, '{"flow":[{"conversation":12},{"answered":{"survey":"after","answer":3}}]}'),
            (220, 'conversation.rated', 'conversation/11', 7, 'conversation/11', 1, '{"conversation":[11,{"rated":{"person":8,"agent":"bo","score":5}}]}'),
            (300, 'conversation.rated', 'conversation/12', 7, 'conversation/12', 1, '{"conversation":[12,{"rated":{"person":7,"agent":"mara","score":4}}]}'),
            (310, 'conversation.rated', 'conversation/12', 7, 'conversation/12', 1,
                '{"conversation":[12,{"rated":{"person":7,"agent":"mara","score":2,"comment":"slow, \"very\" <b>"}}]}'),
            (405, 'flow.answered', 'call/20', 9, 'call/20', 1, '{"flow":[{"call":20},{"answered":{"survey":"after","answer":4}}]}'),
            (406, 'flow.answered', 'call/20', 9, 'call/20', 1, '{"flow":[{"call":20},{"answered":{"survey":"again","answer":1}}]}');
        INSERT INTO live (key, state) VALUES ('ids', '{"conversation":13,"message":1,"person":10,"ticket":0}');"#,
    )
    .unwrap();
    drop(conn);

    let store = Store::open(folder.path()).unwrap();
    let of = async |person: u64| {
        let rows = surveys::of_person(&store, PersonId(person), 9).await.unwrap();
        assert!(
            rows.iter().all(|row| row.scale == Scale::Csat && row.answered_at == Some(row.asked_at) && !row.low && row.ticket.is_none())
        );
        let short = |row: surveys::SurveyRow| {
            let (agent, queue) = (row.agent.map(|agent| agent.to_string()), row.queue.map(|queue| queue.to_string()));
            (row.asked_at.0, row.survey.to_string(), row.by, row.score, row.comment, agent, queue, row.channel, row.work)
        };
        rows.into_iter().map(short).collect::<Vec<_>>()
    };
    let chat = |id: u64| Some(Work::Conversation(ConversationId(id)));
    let (mara, bo, sales, site, calls) =
        (Some("mara".to_owned()), Some("bo".to_owned()), Some("sales".to_owned()), Some("site".to_owned()), Some("calls".to_owned()));
    let by_call = Some(Work::Call(CallId(20)));
    let text = |text: &str| text.to_owned();
    let five = (220, text("rating"), AskedBy::Window, Some(5), text(""), bo, sales.clone(), site.clone(), chat(11));
    let ratings = [
        (310, text("rating"), AskedBy::Window, Some(2), text("slow, \"very\" <b>"), mara, sales, site.clone(), chat(12)),
        five.clone(),
        (205, text("after"), AskedBy::Flow, Some(3), text(""), None, None, site, chat(12)),
    ];
    assert_eq!(of(7).await, ratings);
    let answers = [
        (406, text("again"), AskedBy::Flow, Some(1), text(""), None, None, calls.clone(), by_call),
        (405, text("after"), AskedBy::Flow, Some(4), text(""), None, None, calls, by_call),
    ];
    assert_eq!(of(9).await, answers);
    assert!(of(10).await.is_empty(), "nobody asked her");
    let all = surveys::results(&store, Filter { to: At(1_000), ..Filter::default() }).await.unwrap().all;
    assert_eq!(all.iter().map(|part| (part.sent, part.answered, part.total)).collect::<Vec<_>>(), [(5, 5, 15)]);

    // The story and the log tell the same as before: every score at its time, the one that was changed as well.
    let story = async |person: u64| {
        let wanted = Wanted { only: Only::Ratings, words: String::new() };
        let (items, _) = sifted(&store, &rig::viewer(), PersonId(person), wanted, None, 9).await.unwrap();
        let score = |what: TimelineWhat| match what {
            TimelineWhat::Event(event) => match event.fact {
                Fact::Survey(_, crate::desk::fact::SurveyFact::Answered { score, comment, agent, .. }) => {
                    (score, comment, agent.map(|agent| agent.to_string()))
                }
                fact => panic!("{fact:?}"),
            },
            what => panic!("{what:?}"),
        };
        items.into_iter().map(|item| (item.at.0, score(item.what))).collect::<Vec<_>>()
    };
    let told = |at: i64, score: u8, comment: &str, agent: Option<&str>| (at, (score, comment.to_owned(), agent.map(str::to_owned)));
    let line = [
        told(205, 3, "", None),
        told(220, 5, "", Some("bo")),
        told(300, 4, "", Some("mara")),
        told(310, 2, "slow, \"very\" <b>", Some("mara")),
    ];
    assert_eq!(story(7).await, line);
    assert_eq!(story(9).await, [told(405, 4, "", None), told(406, 1, "", None)]);
    let log = events::after(&store, 0, 100).await.unwrap();
    assert!(log.len() == 6 && log.iter().all(|event| event.kind == "survey.answered"), "{log:?}");

    // Parted again, the one who had rated has their rating back; and the desk counts on from the last of them.
    let back = persons::returning(&store, PersonId(7), PersonId(8)).await.unwrap().unwrap();
    let parted = PersonFact::Unmerged { from: PersonId(8), by: "mara".into(), back: Box::new(back) };
    store.record(vec![rig::step(500, vec![Fact::Person(PersonId(7), parted)])]).await.remove(0).unwrap();
    assert_eq!(of(8).await, [five]);
    assert_eq!(of(7).await.len(), 2);
    assert_eq!((story(8).await, story(7).await.len()), (vec![told(220, 5, "", Some("bo"))], 3));
    let ids = store.live_rows().unwrap().into_iter().find(|row| row.key == "ids").and_then(|row| row.state).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ids).unwrap()["survey"], 5);
}

/// A desk that an older version has left behind, with a conversation that was rated a moment ago, goes on.
#[test]
fn a_desk_that_remembers_an_old_rating_goes_on() {
    use crate::desk::Desk;
    use crate::desk::id::*;
    use crate::desk::input::{Besides, Body, Input, MessageHeard};
    use crate::desk::person::{Identity, Who};
    let business = "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n\
        [[agents]]\nid = \"jo\"\nqueues = [\"sales\"]\n";
    let catalog = std::sync::Arc::new(crate::config::Config::parse(business, std::path::Path::new("x.toml")).unwrap().catalog);
    let mut desk = Desk::new(catalog.clone());
    let identity = Identity { kind: "webchat".into(), namespace: "site".into(), value: "v1".into() };
    let heard = MessageHeard {
        channel: "site".into(),
        external_id: "1".into(),
        who: Who { identity, display: None, person: None },
        body: Body::text("hello"),
        page: None,
        sent: At(100),
        known: None,
        besides: Besides::default(),
    };
    assert!(desk.handle(At(100), Input::Message(heard)).answer.is_ok());
    let mut rows = desk.rows();
    let state = rows.iter_mut().find(|row| row.key.starts_with("conversation/")).and_then(|row| row.state.as_mut()).unwrap();
    let mut old: serde_json::Value = serde_json::from_str(state).unwrap();
    old["rated"] = serde_json::json!([4, "nice"]);
    *state = old.to_string();
    assert!(Desk::restore(catalog, rows).unwrap() == desk);
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

#[tokio::test]
async fn whoever_asks_and_does_not_listen_holds_nobody_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut deaf = Vec::new();
    for _ in 0..50 {
        let mut one = Box::pin(store.read(|_| Ok(())));
        if futures_util::poll!(&mut one).is_pending() {
            deaf.push(one);
        }
    }
    let others = tokio::time::timeout(std::time::Duration::from_secs(20), store.read(|_| Ok(7)));
    assert_eq!(others.await.expect("an answer").unwrap(), 7);
    for one in deaf {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn a_question_that_panics_takes_no_reader_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for _ in 0..10 {
        let panicked = store.read::<(), _>(|_| panic!("as planned")).await;
        assert!(matches!(panicked, Err(StoreError::Panicked(text)) if text == "as planned"));
    }
    assert_eq!(store.read(|_| Ok(7)).await.unwrap(), 7);
}
