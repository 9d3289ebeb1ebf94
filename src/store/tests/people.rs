//! Two people who become one and two again: nothing is lost, nothing is doubled, and each has what was theirs.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Extra, Mail, Purpose};
use crate::desk::person::{Consent, Identity};
use crate::desk::rules::Subject;
use crate::desk::same::{Belongings, Clue, MergeWhy, Proof};
use crate::desk::survey::Scale;
use crate::store::figures::context::{Context, context};
use crate::store::persons::{self, Edit};
use crate::store::{search, timeline};
use proptest::prelude::*;

fn merged(into: u64, from: u64, moved: Belongings) -> Fact {
    let fact = PersonFact::Merged { from: PersonId(from), by: "mara".into(), why: MergeWhy::Chosen, moved: Box::new(moved) };
    Fact::Person(PersonId(into), fact)
}

fn unmerged(into: u64, from: u64, back: Belongings) -> Fact {
    Fact::Person(PersonId(into), PersonFact::Unmerged { from: PersonId(from), by: "mara".into(), back: Box::new(back) })
}

fn mail(address: &str) -> Identity {
    Identity { kind: "email".into(), namespace: String::new(), value: address.into() }
}

/// What is never moved: who brought a tag or a field, who follows whom, of whom somebody was told, and the merges themselves.
const STAYS: [&str; 7] = ["follower", "merge", "notice", "person_field", "record_asked", "tag", "told"];

/// Every table whose rows say whose they are, found by its column: one that is added later is looked at too.
fn tables(conn: &rusqlite::Connection) -> Vec<String> {
    let sql =
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'person' ORDER BY m.name";
    let mut statement = conn.prepare(sql).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names.collect::<Result<Vec<_>, _>>().unwrap()
}

/// Every row of those and of the people, whole and as text; what the merge itself leaves in the log and in its own table is left out.
async fn rows(rig: &Rig) -> Vec<String> {
    let read = rig.store.read(|conn| {
        let mut all = Vec::new();
        for table in tables(conn).into_iter().chain(["person".to_owned()]).filter(|table| table != "merge" && table != "follower") {
            let mut statement = conn.prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
            let columns = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            let columns: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            let only = if table == "event" { "WHERE kind NOT IN ('person.merged', 'person.unmerged')" } else { "" };
            let sql = format!("SELECT {} FROM {table} {only} ORDER BY 1", columns.join(" || '|' || "));
            let mut statement = conn.prepare(&sql)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            all.extend(rows.into_iter().map(|row| format!("{table} {row}")));
        }
        Ok(all)
    });
    read.await.unwrap()
}

/// Rows that stayed behind with somebody who has become somebody else.
async fn left_behind(rig: &Rig) -> Vec<String> {
    let read = rig.store.read(|conn| {
        let mut left = Vec::new();
        for table in tables(conn).into_iter().filter(|table| !STAYS.contains(&table.as_str())) {
            let sql = format!("SELECT count(*) FROM {table} WHERE person IN (SELECT id FROM person WHERE merged_into IS NOT NULL)");
            let count: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
            left.extend((count > 0).then(|| format!("{table}: {count}")));
        }
        Ok(left)
    });
    read.await.unwrap()
}

/// Kinds of things that happen.
const KINDS: u8 = 12;

/// What happens to the `who`th of the people: message, call, note, ticket, a line in the log, and everything else that is somebody's.
fn happening(id: u64, who: u64, what: u8) -> Vec<Fact> {
    let conversation = || Work::Conversation(ConversationId(who));
    let rule = |subject| {
        let did = RuleFact::Did { subject, person: PersonId(who), did: Did::Prioritised { points: 1 } };
        Fact::Rule("vip".into(), did)
    };
    let survey = |work| SurveyFact::Asked {
        survey: "after".into(),
        scale: Scale::Csat,
        person: PersonId(who),
        work,
        agent: Some("mara".into()),
        queue: None,
        channel: None,
        by: AskedBy::Message,
    };
    let answered = || SurveyFact::Answered {
        survey: "after".into(),
        scale: Scale::Csat,
        person: PersonId(who),
        work: None,
        agent: None,
        score: 1,
        comment: format!("bad {id}"),
        low: true,
    };
    let note = || PersonFact::NoteAdded { message: MessageId(id), work: None, by: "mara".into(), text: format!("note {id}") };
    let ticket = || TicketFact::Opened {
        person: PersonId(who),
        subject: format!("ticket {id}"),
        work: Some(Work::Conversation(ConversationId(who))),
        queue: None,
        priority: 3,
        by: None,
        with: Box::default(),
    };
    match what {
        0 => vec![received(id, who, who, &format!("message {id}"))],
        1 => vec![started(id, who)],
        2 => vec![Fact::Person(PersonId(who), note())],
        3 => vec![Fact::Ticket(TicketId(id), ticket())],
        4 => vec![Fact::Conversation(ConversationId(who), ConversationFact::CustomerLeft)],
        5 => {
            let (number, queue, since) = (format!("+4900{id}"), QueueId::from("sales"), At(20));
            let listed = CallbackFact::Listed { person: PersonId(who), number, queue, why: MissedWhy::Abandoned, call: None, since };
            vec![Fact::Callback(CallbackId(id), listed)]
        }
        6 => {
            let sent = FormFact::Sent {
                person: PersonId(who),
                kind: "identity".into(),
                work: conversation(),
                conversation: ConversationId(who),
                message: MessageId(id),
                by: "mara".into(),
                until: At(10_000),
                calls: false,
                verdict: false,
            };
            vec![Fact::Form(FormId(id), sent)]
        }
        // Asked about a conversation and answered; asked by a rule about nothing.
        7 => vec![Fact::Survey(SurveyId(id), survey(Some(conversation()))), Fact::Survey(SurveyId(id), answered())],
        8 => vec![Fact::Survey(SurveyId(id), survey(None)), Fact::Survey(SurveyId(id), answered())],
        9 => {
            let (by, key, person) = ("shop".to_owned(), format!("k{id}"), Some(PersonId(who)));
            let asked = ProactiveFact::Asked { by, key, digest: String::new(), person, purpose: Purpose::Service };
            vec![Fact::Proactive(ProactiveId(id), asked)]
        }
        // A rule acts upon a ticket, and upon what a program has told.
        10 => vec![Fact::Ticket(TicketId(id), ticket()), rule(Subject::Ticket(TicketId(id)))],
        _ => {
            let (name, by, key) = ("parcel.stuck".to_owned(), "shop".to_owned(), format!("t{id}"));
            let told = PersonFact::Told { told: ToldId(id), name, values: Default::default(), by, key, digest: String::new() };
            vec![Fact::Person(PersonId(who), told), rule(Subject::Told(ToldId(id)))]
        }
    }
}

async fn three() -> Rig {
    let rig = rig();
    for id in 1..=3u64 {
        rig.record(10, vec![person(id, &format!("Person {id}"), visitor(&format!("v{id}"))), opened(id, id)]).await;
        let identity = mail(&format!("p{id}@shop.example"));
        let added = PersonFact::IdentityAdded { identity, proof: Some(Proof::Agent), by: Some("bo".into()) };
        rig.record(11, vec![Fact::Person(PersonId(id), added)]).await;
        persons::set_tags(&rig.store, PersonId(id), vec![format!("tag{id}"), "all".into()]).await.unwrap();
    }
    let edit = Edit { name: "Person 2".into(), tier: Some("gold".into()), company: "Lamps".into(), ..Edit::default() };
    persons::edit(&rig.store, PersonId(2), edit).await.unwrap();
    let blocked = PersonFact::Blocked { on: true, by: "bo".into(), reason: "rude".into() };
    rig.record(12, vec![Fact::Person(PersonId(2), blocked)]).await;
    let consent = PersonFact::Consent { consent: Consent::ServiceOnly, by: "bo".into() };
    rig.record(12, vec![Fact::Person(PersonId(3), consent)]).await;
    rig
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]
    #[test]
    fn merged_and_parted_is_as_it_was(things in prop::collection::vec((1u64..4, 0..KINDS), 0..24), second_first in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let rig = three().await;
            for (id, (who, what)) in (100u64..).zip(&things) {
                rig.record(20 + i64::try_from(id).unwrap(), happening(id, *who, *what)).await;
            }
            let before = rows(&rig).await;
            let messages = rig.count("SELECT count(*) FROM message").await;
            for other in [2, 3] {
                let moved = persons::belongings(&rig.store, PersonId(other)).await.unwrap();
                rig.record(900, vec![merged(1, other, moved)]).await;
            }
            assert_eq!(rig.count("SELECT count(*) FROM message WHERE person = 1").await, messages, "all of it is one customer's");
            assert_eq!(rig.count("SELECT count(*) FROM identity WHERE person = 1").await, 6);
            assert_eq!(left_behind(&rig).await, [""; 0]);
            assert_eq!(persons::living(&rig.store, PersonId(3)).await.unwrap(), Some(PersonId(1)));
            let row = persons::get(&rig.store, PersonId(1)).await.unwrap().unwrap();
            assert_eq!((row.company.as_str(), row.blocked, row.consent), ("Lamps", true, Consent::ServiceOnly), "what binds us stays");
            for other in if second_first { [3, 2] } else { [2, 3] } {
                let back = persons::returning(&rig.store, PersonId(1), PersonId(other)).await.unwrap().unwrap();
                rig.record(901, vec![unmerged(1, other, back)]).await;
            }
            let strip = |rows: Vec<String>| rows.into_iter().filter(|row| !row.starts_with("person ")).collect::<Vec<_>>();
            let after = rows(&rig).await;
            if second_first {
                assert_eq!(after, before, "merged and parted in turn is as it was");
            } else {
                // What the second had taken over from the first by way of the one who stayed is theirs no more; the rows are where they were.
                assert_eq!(strip(after), strip(before));
            }
        });
    }

    /// Any merges and partings in any order, also of those who had others in them: nothing is lost on the way, and when all are parted
    /// again every row is whose it was.
    #[test]
    fn however_often_people_are_joined_and_parted_nothing_is_lost(
        things in prop::collection::vec((1u64..5, 0..KINDS), 0..20),
        turns in prop::collection::vec((1u64..5, 1u64..5, any::<bool>()), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let rig = three().await;
            rig.record(13, vec![person(4, "Person 4", visitor("v4")), opened(4, 4)]).await;
            for (id, (who, what)) in (100u64..).zip(&things) {
                rig.record(20 + i64::try_from(id).unwrap(), happening(id, *who, *what)).await;
            }
            let before = rows(&rig).await;
            // Who has become whom, the last one last.
            let mut joined: Vec<(u64, u64)> = Vec::new();
            let (mut at, mut in_turn) = (900, true);
            let part = async |into: u64, from: u64, at: i64| {
                let back = persons::returning(&rig.store, PersonId(into), PersonId(from)).await.unwrap().unwrap();
                rig.record(at, vec![unmerged(into, from, back)]).await;
            };
            for (one, other, join) in turns {
                at += 1;
                let lives = |who: u64| joined.iter().all(|(_, from)| *from != who);
                let last = joined.iter().rposition(|(into, _)| *into == one);
                if join && one != other && lives(one) && lives(other) {
                    let moved = persons::belongings(&rig.store, PersonId(other)).await.unwrap();
                    rig.record(at, vec![merged(one, other, moved)]).await;
                    joined.push((one, other));
                } else if !join && lives(one) && let Some(place) = last {
                    let (into, from) = joined.remove(place);
                    in_turn &= place == joined.len();
                    part(into, from, at).await;
                }
                assert_eq!(rows(&rig).await.len(), before.len() + tags(&rig).await - tags_in(&before), "no row is lost and none is made");
                assert_eq!(left_behind(&rig).await, [""; 0], "{joined:?}");
            }
            while let Some((into, from)) = joined.pop() {
                at += 1;
                part(into, from, at).await;
            }
            // Parted in another order, somebody may keep what a third had lent them of their card; all else is whose it was.
            let kept = |rows: Vec<String>| rows.into_iter().filter(|row| in_turn || !row.starts_with("person ")).collect::<Vec<_>>();
            assert_eq!(kept(rows(&rig).await), kept(before));
        });
    }
}

/// Tags alone are had by both while two are one.
async fn tags(rig: &Rig) -> usize {
    usize::try_from(rig.count("SELECT (SELECT count(*) FROM tag) + (SELECT count(*) FROM person_field)").await).unwrap()
}

fn tags_in(rows: &[String]) -> usize {
    rows.iter().filter(|row| row.starts_with("tag ") || row.starts_with("person_field ")).count()
}

#[tokio::test]
async fn what_comes_after_the_merge_goes_with_the_identity_by_which_it_came() {
    let rig = three().await;
    let moved = persons::belongings(&rig.store, PersonId(2)).await.unwrap();
    rig.record(20, vec![merged(1, 2, moved)]).await;
    // By the identity of the one who came, and by that of the one who stayed.
    let open = |id: u64, token: &str| {
        let opened =
            ConversationFact::Opened { person: PersonId(1), channel: ChannelId::from("site"), identity: visitor(token), page: None };
        Fact::Conversation(ConversationId(id), opened)
    };
    rig.record(21, vec![open(11, "v2"), received(50, 11, 1, "from the second"), open(12, "v1"), received(51, 12, 1, "from the first")])
        .await;
    let found = search::search(&rig.store, &rig.viewer, "Person 2", 5).await.unwrap();
    assert!(found.people.iter().all(|hit| hit.id != PersonId(2)), "who has become somebody else is found as that one");
    let list = persons::recent(&rig.store, None, 10).await.unwrap();
    assert_eq!(list.len(), 2);
    let back = persons::returning(&rig.store, PersonId(1), PersonId(2)).await.unwrap().unwrap();
    assert!(back.conversations.contains(&ConversationId(11)) && !back.conversations.contains(&ConversationId(12)));
    rig.record(30, vec![unmerged(1, 2, back)]).await;
    let line = timeline::page(&rig.store, &rig.viewer, PersonId(2), None, 50).await.unwrap();
    let texts = format!("{line:?}");
    assert!(texts.contains("from the second") && !texts.contains("from the first"));
    assert!(persons::returning(&rig.store, PersonId(1), PersonId(2)).await.unwrap().is_none(), "they are parted");
    assert_eq!(search::search(&rig.store, &rig.viewer, "Lamps", 5).await.unwrap().people.len(), 1);
}

#[tokio::test]
async fn clues_suggest_and_never_join() {
    let rig = three().await;
    let number = Fact::Person(PersonId(9), PersonFact::Added { name: "Wang".into(), identity: phone("+8613800138000") });
    rig.record(20, vec![number, received(60, 1, 1, "我的电话 138 0013 8000，谢谢")]).await;
    let same = persons::suggestions(&rig.store, &rig.viewer, PersonId(1)).await.unwrap();
    assert_eq!(same.iter().map(|one| (one.person, one.clue)).collect::<Vec<_>>(), [(PersonId(9), Clue::Said)]);
    let back = persons::suggestions(&rig.store, &rig.viewer, PersonId(9)).await.unwrap();
    assert_eq!(back.iter().map(|one| (one.person, one.clue)).collect::<Vec<_>>(), [(PersonId(1), Clue::Said)], "from either side");
    // An unsigned letter is by somebody of their own.
    let unsigned = Identity { namespace: persons::UNSIGNED.into(), ..mail("p1@shop.example") };
    rig.record(30, vec![person(10, "p1", unsigned)]).await;
    let same = persons::suggestions(&rig.store, &rig.viewer, PersonId(10)).await.unwrap();
    assert_eq!(same.iter().map(|one| (one.person, one.clue)).collect::<Vec<_>>(), [(PersonId(1), Clue::Unsigned)]);
    assert_eq!(rig.count("SELECT count(*) FROM merge").await, 0);
    let apart = PersonFact::KeptApart { other: PersonId(9), by: "mara".into() };
    rig.record(40, vec![Fact::Person(PersonId(1), apart)]).await;
    let left = persons::suggestions(&rig.store, &rig.viewer, PersonId(9)).await.unwrap();
    assert!(left.is_empty(), "who was told apart is not suggested again: {left:?}");
}

#[tokio::test]
async fn a_signed_letter_proves_an_address() {
    let rig = rig();
    let opened =
        ConversationFact::Opened { person: PersonId(1), channel: ChannelId::from("mail"), identity: mail("li@shop.example"), page: None };
    rig.record(10, vec![person(1, "Li", mail("li@shop.example")), Fact::Conversation(ConversationId(1), opened)]).await;
    let proof = async || persons::identities(&rig.store, &rig.viewer, PersonId(1)).await.unwrap()[0].proof;
    let letter = |message: u64, signed: Option<bool>| {
        let extra = Extra::Mail(Box::new(Mail { signed, ..Mail::default() }));
        let received = ConversationFact::Received {
            message: MessageId(message),
            person: PersonId(1),
            channel: ChannelId::from("mail"),
            external_id: format!("x{message}"),
            body: crate::desk::input::Body { extra: Some(extra), ..body("hello") },
            sent: At(1),
            seq: 0,
            measure: None,
        };
        Fact::Conversation(ConversationId(1), received)
    };
    rig.record(11, vec![letter(1, None)]).await;
    assert_eq!(proof().await, None);
    rig.record(12, vec![letter(2, Some(true))]).await;
    assert_eq!(proof().await, Some(Proof::Dkim));
}

#[tokio::test]
async fn who_comes_from_another_channel_is_counted_and_whether_the_agent_knew() {
    let rig = with_conversation().await;
    let way = |fact: RoutingFact| Fact::Routing(Work::Call(CallId(1)), fact);
    let assigned = || RoutingFact::Assigned { person: PersonId(1), agent: "mara".into(), waited_ms: 1 };
    rig.record(20, vec![received(1, 1, 1, "my lamp"), started(1, 1)]).await;
    rig.record(21, vec![way(RoutingFact::CardShown { agent: "bo".into() }), way(assigned())]).await;
    let count = async || context(&rig.store, At(0)).await.unwrap();
    assert_eq!(count().await, Context { crossed: 1, shown: 0 }, "another agent's page");
    // Seen and answered; and seen only after the answer.
    rig.record(30, vec![started(2, 1)]).await;
    let way = |fact: RoutingFact| Fact::Routing(Work::Call(CallId(2)), fact);
    rig.record(31, vec![way(RoutingFact::CardShown { agent: "mara".into() }), way(assigned())]).await;
    rig.record(40, vec![started(3, 1)]).await;
    let way = |fact: RoutingFact| Fact::Routing(Work::Call(CallId(3)), fact);
    rig.record(41, vec![way(assigned()), way(RoutingFact::CardShown { agent: "mara".into() })]).await;
    // Somebody who had never been here does not count.
    rig.record(50, vec![person(2, "New", phone("+491")), started(4, 2)]).await;
    rig.record(
        51,
        vec![Fact::Routing(Work::Call(CallId(4)), RoutingFact::Assigned { person: PersonId(2), agent: "bo".into(), waited_ms: 1 })],
    )
    .await;
    assert_eq!(count().await, Context { crossed: 3, shown: 1 });
    assert_eq!(count().await.share(), Some(333));
}
