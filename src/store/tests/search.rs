//! The one box, in Chinese and English, whatever is typed.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::TicketChange;
use crate::store::persons::{self, Edit};
use crate::store::search::search;

const TEXTS: [&str; 10] = [
    "您好，我想申请退款，订单已经取消了",
    "发票什么时候可以开？",
    "请转人工客服",
    "南京市长江大桥的店在哪里",
    "收货地址和联系电话都要改",
    "无法登录，请看退款记录",
    "I want a refund for my last order",
    "VIP客户专线的 login 不行",
    "Login fails: error 504, Refunded?",
    "Café au lait 𠮷野家",
];

#[tokio::test]
async fn every_query_of_the_table_finds_what_a_scan_finds() {
    let rig = with_conversation().await;
    for (id, text) in (2u64..).zip(TEXTS) {
        rig.record(20, vec![received(id, 1, 1, text)]).await;
    }
    let queries = "退款 发票 客服 订单 长江 市长 退 收货地址 无法登录 refund login VIP客户 地址和联 款记 REFUND 𠮷野 CAFÉ log";
    for query in queries.split(' ') {
        let found = search(&rig.store, &rig.viewer, query, 50).await.unwrap();
        let mut ids: Vec<u64> = found.messages.iter().map(|hit| hit.id.0).collect();
        ids.sort_unstable();
        let scan: Vec<u64> =
            (2u64..).zip(TEXTS).filter(|(_, text)| text.to_lowercase().contains(&query.to_lowercase())).map(|(id, _)| id).collect();
        assert_eq!(ids, scan, "{query}");
        for hit in &found.messages {
            let marked: Vec<&str> = hit.text.pieces().into_iter().filter(|piece| piece.0).map(|piece| piece.1).collect();
            assert!(marked.iter().any(|piece| query.to_lowercase().contains(&piece.to_lowercase())), "{query}: {:?}", hit.text);
        }
    }
    // All words must be there, in any order; across the border of Han and Latin too.
    assert_eq!(search(&rig.store, &rig.viewer, "退款 登录", 50).await.unwrap().messages.len(), 1);
    assert_eq!(search(&rig.store, &rig.viewer, "cafe", 50).await.unwrap().messages.len(), 1);
    assert_eq!(search(&rig.store, &rig.viewer, "款退", 50).await.unwrap().messages.len(), 0);
}

#[tokio::test]
async fn what_is_typed_is_never_syntax() {
    let rig = with_conversation().await;
    rig.record(20, vec![received(2, 1, 1, "退款 ok NEAR by"), received(3, 1, 1, "<b>x</b> OR 1=1")]).await;
    let hostile = [
        "\"",
        "\"\"\"",
        "' OR 1=1 --",
        "\" OR NEAR( 退* ^x:y",
        "text:退款",
        "-退款",
        "退款*",
        "(",
        ")",
        "AND",
        "OR NOT",
        "^",
        "{a b}:c",
        "\0",
        "%",
        "_",
        "\u{202e}",
        "'; DROP TABLE message; --",
        "a\u{301}",
        "\u{fffd}",
        "9999999999999999999999",
        "#",
        "#-1",
    ];
    for query in hostile {
        let found = search(&rig.store, &rig.viewer, query, 10).await;
        assert!(found.is_ok(), "{query:?}: {found:?}");
    }
    for query in ["退款*", "text 退款", "-退款 ", "NEAR(\"退"] {
        let found = search(&rig.store, &rig.viewer, query, 10).await.unwrap();
        let expected = usize::from(!query.contains("text"));
        assert_eq!(found.messages.len(), expected, "{query}");
    }
    let long = "退".repeat(100_000);
    assert_eq!(search(&rig.store, &rig.viewer, &long, 10).await.unwrap().messages.len(), 0);
    assert_eq!(search(&rig.store, &rig.viewer, "  ,. ", 10).await.unwrap(), Default::default());
    assert_eq!(rig.count("SELECT count(*) FROM message").await, 2);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn any_text_is_found_by_any_run_of_its_han_and_no_query_fails(text in "[a-c退款订单 ,\"*]{0,40}", query in "\\PC{0,30}") {
        let folder = tempfile::tempdir().unwrap();
        let conn = crate::store::open::writer(folder.path()).unwrap();
        conn.execute_batch("INSERT INTO person (id, name, created_at, contact_at) VALUES (1, '', 1, 1)").unwrap();
        conn.execute("INSERT INTO message (id, person, kind, text, at) VALUES (1, 1, 'note', ?1, 1)", [&text]).unwrap();
        crate::store::search::index_message(&conn, MessageId(1), &text).unwrap();
        crate::store::search::search_in(&conn, &viewer(), &query, 5).unwrap();
        for run in text.split(|c: char| !"退款订单".contains(c)).filter(|run| !run.is_empty()) {
            let found = crate::store::search::search_in(&conn, &viewer(), run, 5).unwrap();
            proptest::prop_assert_eq!(found.messages.len(), 1, "{} in {}", run, text);
            let hit = &found.messages[0].text;
            proptest::prop_assert_eq!(hit.pieces().iter().map(|piece| piece.1).collect::<String>(), hit.text.clone());
            proptest::prop_assert!(hit.pieces().iter().any(|piece| piece.0 && piece.1.contains(run)));
        }
    }
}

#[tokio::test]
async fn people_are_found_by_name_and_by_the_end_of_a_number_and_lose_old_words() {
    let rig = rig();
    rig.record(1, vec![person(1, "王小明", phone("+8613912345678")), person(2, "Mia Wong", phone("+14155550123"))]).await;
    let names = async |query: &str| {
        let found = search(&rig.store, &rig.viewer, query, 10).await.unwrap();
        found.people.iter().map(|hit| hit.id.0).collect::<Vec<_>>()
    };
    assert_eq!(names("小明").await, [1]);
    assert_eq!(names("5678").await, [1]);
    assert_eq!(names("0139 1234-5678").await, [1]);
    assert_eq!(names("0086 139 1234 5678").await, [1]);
    assert_eq!(names("678").await, Vec::<u64>::new(), "three digits are too few to be the end of a number");
    assert_eq!(names("won").await, [2]);
    let edit = Edit { name: "王大明".into(), company: "Acme".into(), ..Edit::default() };
    persons::edit(&rig.store, PersonId(1), edit).await.unwrap();
    assert_eq!(names("小明").await, Vec::<u64>::new());
    assert_eq!(names("大明 acm").await, [1]);
    persons::set_tags(&rig.store, PersonId(2), vec!["欠款".into(), " ".into(), "欠款".into()]).await.unwrap();
    assert_eq!(names("欠款").await, [2]);
}

#[tokio::test]
async fn tickets_are_found_by_subject_comment_and_number() {
    let rig = with_conversation().await;
    let ticket = |fact| Fact::Ticket(TicketId(17), fact);
    let opened = TicketFact::Opened {
        person: PersonId(1),
        subject: "退款申请".into(),
        work: None,
        queue: None,
        priority: 3,
        by: None,
        with: Box::default(),
    };
    let comment = TicketChange::Comment("Customer sent the invoice".into());
    rig.record(20, vec![ticket(opened), ticket(TicketFact::Changed { by: None, change: comment })]).await;
    for query in ["退款", "invoice", "17", "#17", " # 17 "] {
        let found = search(&rig.store, &rig.viewer, query, 10).await.unwrap();
        assert_eq!(found.tickets.iter().map(|hit| hit.id.0).collect::<Vec<_>>(), [17], "{query}");
    }
    let found = search(&rig.store, &rig.viewer, "invoice", 10).await.unwrap();
    assert_eq!(found.tickets[0].comment.as_ref().unwrap().pieces()[1], (true, "invoice"));
    let subject = TicketChange::Subject("换货".into());
    rig.record(30, vec![ticket(TicketFact::Changed { by: None, change: subject })]).await;
    assert!(search(&rig.store, &rig.viewer, "退款", 10).await.unwrap().tickets.is_empty());
}

#[tokio::test]
async fn notes_of_wrapped_up_calls_are_found() {
    let rig = rig();
    rig.record(10, vec![person(1, "Li Wei", phone("+8613912345678")), started(1, 1)]).await;
    let done = |note: &str| RoutingFact::WrapUpDone { agent: "mara".into(), disposition: None, note: note.into(), by_timer: false };
    rig.record(20, vec![Fact::Routing(Work::Call(CallId(1)), done("要求更换车座"))]).await;
    rig.record(30, vec![Fact::Routing(Work::Call(CallId(1)), done("Promised a saddle by Friday"))]).await;
    for query in ["车座", "saddle friday", "SADDLE"] {
        let found = search(&rig.store, &rig.viewer, query, 5).await.unwrap();
        assert_eq!(found.calls.iter().map(|hit| (hit.id, hit.person)).collect::<Vec<_>>(), [(CallId(1), PersonId(1))], "{query}");
        assert!(!found.calls[0].note.marks.is_empty() && found.messages.is_empty(), "{query}");
    }
    assert!(search(&rig.store, &rig.viewer, "ladder", 5).await.unwrap().calls.is_empty());
}
