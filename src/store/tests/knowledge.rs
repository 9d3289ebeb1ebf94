//! Articles: what readers see, who may publish, what is found in two languages, and what is counted.

use super::rig::*;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy};
use crate::store::knowledge::*;
use crate::store::{Store, StoreError, files};
use std::collections::BTreeMap;

const NOW: At = At(1_000_000);

fn agent(name: &str) -> AgentId {
    AgentId::from(name)
}

fn written(language: &str, title: &str, body: &str) -> Written {
    Written {
        article: None,
        language: language.into(),
        title: title.into(),
        body: body.into(),
        note: String::new(),
        category: None,
        audience: Audience::Public,
        owner: agent("mara"),
        expires_at: None,
        base: 0,
    }
}

async fn kept(store: &Store, written: Written, by: &str) -> (i64, u32) {
    match save(store, written, &agent(by), NOW).await.unwrap() {
        Saved::Kept { article, version } => (article, version),
        Saved::Stale(newest) => panic!("stale: {newest}"),
    }
}

async fn publish(store: &Store, article: i64, language: &str, version: u32, by: &str) -> Moved {
    move_on(store, article, language, version, Step::Publish { by_another: true }, &agent(by), NOW).await.unwrap()
}

/// A published article.
async fn published(store: &Store, written: Written) -> i64 {
    let language = written.language.clone();
    let (article, version) = kept(store, written, "mara").await;
    assert_eq!(publish(store, article, &language, version, "kim").await, Moved::Done);
    article
}

/// Hand-written: what a bicycle shop's customers ask.
const CORPUS: [(&str, &str, &str); 10] = [
    ("en", "Returning a lamp", "You may return a lamp within 30 days. Pack it well and use the label we send by mail."),
    (
        "en",
        "The rear light does not charge",
        "Clean the contacts. Hold the button for ten seconds: the lamp starts anew. Then charge the battery.",
    ),
    ("en", "Delivery times", "Orders before noon leave the same day. A parcel takes two days."),
    ("en", "Invoices and company addresses", "Write the address of your company into the order. The invoice comes with the parcel."),
    ("en", "Replacing a battery", "Open the cover, take the old battery out, and put a new one in."),
    ("zh-CN", "如何申请退货", "收到商品三十天内可以退货。请在订单页面提交退货申请，我们会寄出面单。"),
    ("zh-CN", "车灯无法充电怎么办", "请先清洁触点，长按按钮十秒，重启车灯后再充电。"),
    ("zh-CN", "发货和配送时间", "中午前下单当天发货，一般两天送达。"),
    ("zh-CN", "开具发票", "在订单里填写公司抬头和税号，发票随包裹寄出。"),
    ("zh-CN", "更换电池", "打开后盖，取出旧电池，装入新电池。"),
];

async fn corpus(store: &Store) -> Vec<i64> {
    let mut ids = Vec::new();
    for (language, title, body) in CORPUS {
        ids.push(published(store, written(language, title, body)).await);
    }
    ids
}

fn titles(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.title.text.as_str()).collect()
}

#[tokio::test]
async fn the_right_article_is_first_for_typed_words() {
    let rig = rig();
    corpus(&rig.store).await;
    for (query, first) in [
        ("battery", "Replacing a battery"),
        ("return lamp", "Returning a lamp"),
        ("invoice company", "Invoices and company addresses"),
        ("INVOI", "Invoices and company addresses"),
        ("how can I send my lamp back, I want to return it", "Returning a lamp"),
        ("退货", "如何申请退货"),
        ("发票", "开具发票"),
        ("充电", "车灯无法充电怎么办"),
        ("我的车灯充不了电", "车灯无法充电怎么办"),
        ("电池怎么换", "更换电池"),
    ] {
        let hits = find(&rig.store, query, &Filter::default(), NOW, 5).await.unwrap();
        assert_eq!(titles(&hits).first(), Some(&first), "{query}: {:?}", titles(&hits));
    }
    for nothing in ["", "   ", "\"*^", "NEAR(", "zebra", "斑马"] {
        assert!(find(&rig.store, nothing, &Filter::default(), NOW, 5).await.unwrap().is_empty(), "{nothing}");
    }
    let german = Filter { language: Some("de".into()), ..Filter::default() };
    assert!(find(&rig.store, "battery", &german, NOW, 5).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_customers_words_bring_answers_of_their_language_first() {
    let rig = rig();
    corpus(&rig.store).await;
    for (sentence, language, first) in [
        ("Hello, my rear light won't charge any more, what can I do?", "en", "The rear light does not charge"),
        ("Hi, when will my parcel be delivered?", "en", "Delivery times"),
        ("您好，我的车灯充不了电了，怎么办？", "zh-CN", "车灯无法充电怎么办"),
        ("请问什么时候发货", "zh-CN", "发货和配送时间"),
        ("我想退货", "zh-CN", "如何申请退货"),
        // Written in another language than the setting says: the words decide.
        ("我想退货", "en", "如何申请退货"),
    ] {
        let hits = suggest(&rig.store, sentence, language, &Filter::default(), NOW, 3).await.unwrap();
        assert_eq!(titles(&hits).first(), Some(&first), "{sentence}: {:?}", titles(&hits));
    }
    for nothing in ["Hello, how are you?", "您好，请问", "ok thanks", "", "👍"] {
        let hits = suggest(&rig.store, nothing, "en", &Filter::default(), NOW, 3).await.unwrap();
        assert!(hits.is_empty(), "{nothing}: {:?}", titles(&hits));
    }
}

#[tokio::test]
async fn readers_see_what_was_published_and_nothing_before() {
    let rig = rig();
    let store = &rig.store;
    let (article, version) = kept(store, written("en", "Secret plan", "first words"), "mara").await;
    assert!(public_article(store, article, NOW).await.unwrap().is_empty(), "a draft");
    assert_eq!(move_on(store, article, "en", version, Step::Submit, &agent("mara"), NOW).await.unwrap(), Moved::Done);
    assert!(public_article(store, article, NOW).await.unwrap().is_empty(), "in review");
    assert_eq!(publish(store, article, "en", version, "mara").await, Moved::OwnWork);
    assert_eq!(publish(store, article, "en", version + 1, "kim").await, Moved::Stale);
    assert_eq!(publish(store, article, "en", version, "kim").await, Moved::Done);
    let next = Written { article: Some(article), base: 1, ..written("en", "Secret plan", "second words") };
    assert_eq!(kept(store, next.clone(), "otto").await, (article, 2));
    assert_eq!(public_article(store, article, NOW).await.unwrap()[0].body, "first words", "a new draft changes nothing");
    let found = find(store, "second", &Filter::default(), NOW, 5).await.unwrap();
    assert!(found.is_empty(), "a draft over a published version is not found by its words");
    // Somebody else adds a comma: the words are otto's still.
    kept(store, Written { base: 2, body: "second words,".into(), ..next.clone() }, "kim").await;
    assert_eq!(publish(store, article, "en", 3, "otto").await, Moved::OwnWork);
    assert_eq!(publish(store, article, "en", 3, "kim").await, Moved::OwnWork);
    assert_eq!(publish(store, article, "en", 3, "mara").await, Moved::Done);
    assert_eq!(public_article(store, article, NOW).await.unwrap()[0].body, "second words,");
    assert_eq!(find(store, "second", &Filter { shown: true, ..Filter::default() }, NOW, 5).await.unwrap().len(), 1);
    // Saved from an old page: nothing is lost, nothing is overwritten.
    assert_eq!(save(store, Written { base: 2, ..next.clone() }, &agent("otto"), NOW).await.unwrap(), Saved::Stale(3));
    // The same words are no new version, what is besides them is kept.
    let same = Written { base: 3, body: "second words,".into(), audience: Audience::Internal, ..next };
    assert_eq!(kept(store, same.clone(), "otto").await, (article, 3));
    assert!(public_article(store, article, NOW).await.unwrap().is_empty(), "internal now");
    let public = Filter { audience: Some(Audience::Public), ..Filter::default() };
    assert!(find(store, "second", &public, NOW, 5).await.unwrap().is_empty(), "in the index too");
    kept(store, Written { audience: Audience::Public, expires_at: Some(NOW.after(10)), ..same }, "otto").await;
    assert_eq!(public_article(store, article, NOW).await.unwrap().len(), 1);
    assert!(public_article(store, article, NOW.after(10)).await.unwrap().is_empty(), "expired");
    assert!(suggest(store, "second", "en", &Filter::default(), NOW.after(10), 3).await.unwrap().is_empty());
    move_on(store, article, "en", 3, Step::Withdraw, &agent("mara"), NOW).await.unwrap();
    assert!(public_article(store, article, NOW).await.unwrap().is_empty(), "withdrawn");
    let kinds: Vec<u32> = versions(store, article, "en").await.unwrap().iter().map(|version| version.version).collect();
    assert_eq!(kinds, [3, 2, 1]);
    assert_eq!(version_body(store, article, 1).await, "first words");
}

async fn version_body(store: &Store, article: i64, number: u32) -> String {
    version(store, article, "en", number).await.unwrap().unwrap().body
}

#[tokio::test]
async fn an_article_is_found_once_in_the_language_that_fits() {
    let rig = rig();
    let article = published(&rig.store, written("en", "Warranty", "two years for every lamp XR7")).await;
    let chinese = Written { article: Some(article), ..written("zh-CN", "保修", "每盏 XR7 车灯保修两年") };
    let (_, version) = kept(&rig.store, chinese, "mara").await;
    publish(&rig.store, article, "zh-CN", version, "kim").await;
    assert_eq!(find(&rig.store, "XR7", &Filter::default(), NOW, 5).await.unwrap().len(), 1);
    for (language, title) in [("zh", "保修"), ("en-GB", "Warranty")] {
        let near = Filter { near: Some(language.into()), ..Filter::default() };
        assert_eq!(titles(&find(&rig.store, "XR7", &near, NOW, 5).await.unwrap()), [title]);
    }
}

#[tokio::test]
async fn categories_have_two_levels_and_narrow() {
    let rig = rig();
    let store = &rig.store;
    let names = |name: &str| BTreeMap::from([("en".to_owned(), name.to_owned()), ("zh-CN".to_owned(), format!("{name}类"))]);
    let top = create_category(store, None, names("Lamps"), 1).await.unwrap();
    let below = create_category(store, Some(top), names("Rear"), 1).await.unwrap();
    assert!(matches!(create_category(store, Some(below), names("x"), 0).await, Err(StoreError::Invalid(_))));
    let other = create_category(store, None, names("Post"), 0).await.unwrap();
    assert!(matches!(change_category(store, top, Some(other), names("Lamps"), 0).await, Err(StoreError::Invalid(_))), "three levels");
    assert!(matches!(change_category(store, top, Some(top), names("Lamps"), 0).await, Err(StoreError::Invalid(_))), "in itself");
    let tree: Vec<i64> = categories(store).await.unwrap().iter().map(|category| category.id).collect();
    assert_eq!(tree, [other, top, below]);
    assert_eq!(categories(store).await.unwrap()[1].name("zh-TW"), "Lamps类");
    let article = published(store, Written { category: Some(below), ..written("en", "Rear lamp", "words") }).await;
    let within = |category| Filter { category: Some(category), ..Filter::default() };
    for (category, count) in [(top, 1), (below, 1), (other, 0)] {
        assert_eq!(find(store, "words", &within(category), NOW, 5).await.unwrap().len(), count);
        assert_eq!(list(store, &within(category), None, NOW, 5).await.unwrap().len(), count);
    }
    change_category(store, below, Some(other), names("Rear"), 1).await.unwrap();
    assert_eq!(find(store, "words", &within(other), NOW, 5).await.unwrap()[0].article, article, "the index follows");
    assert!(matches!(remove_category(store, below).await, Err(StoreError::Invalid(_))), "not empty");
    assert!(matches!(
        save(store, Written { category: Some(4711), ..written("en", "t", "b") }, &agent("x"), NOW).await,
        Err(StoreError::Missing(_))
    ));
}

#[tokio::test]
async fn an_article_is_no_way_to_a_strangers_file() {
    let rig = rig();
    let store = &rig.store;
    let file =
        async |by: &str| files::create(store, "a.png", "image/png", format!("\u{89}PNG{by}").into_bytes(), by, NOW).await.unwrap().id;
    let (own, other, strange) = (file("agent/mara").await, file("agent/kim").await, file("webchat/site/v1").await);
    for denied in [other, strange] {
        let body = format!("![x](file:{denied})");
        assert!(matches!(save(store, written("en", "t", &body), &agent("mara"), NOW).await, Err(StoreError::Missing(_))));
    }
    let (article, version) = kept(store, written("en", "t", &format!("![x](file:{own})")), "mara").await;
    assert!(staff_picture(store, own, &agent("kim")).await.unwrap().is_some());
    assert!(staff_picture(store, strange, &agent("kim")).await.unwrap().is_none());
    assert!(public_picture(store, own, NOW).await.unwrap().is_none(), "a draft's picture");
    publish(store, article, "en", version, "kim").await;
    assert!(public_picture(store, own, NOW).await.unwrap().is_some());
    // A colleague goes on writing with the picture that is in the article already.
    let next = Written { article: Some(article), base: 1, ..written("en", "t", &format!("more ![x](file:{own})")) };
    kept(store, next, "kim").await;
    assert_eq!(files::purge(store, NOW.after(1)).await.unwrap(), 2, "what no article has goes, what one has stays");
    assert!(public_picture(store, own, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn use_is_counted_once_a_contact_and_the_outcome_is_known() {
    let rig = with_conversation().await;
    let store = &rig.store;
    let article = published(store, written("en", "Returns", "words")).await;
    let work = Work::Conversation(ConversationId(1));
    for kind in [UseKind::Shown, UseKind::Shown, UseKind::Inserted, UseKind::Sent, UseKind::Sent] {
        used_in(store, vec![article, 4711], kind, work, &agent("mara"), NOW).await.unwrap();
    }
    let count = used(store, article, At(0)).await.unwrap();
    assert_eq!((count.shown, count.inserted, count.sent, count.linked, count.solve_rate()), (1, 1, 1, 0, None));
    rig.record(30, vec![Fact::Conversation(ConversationId(1), ConversationFact::Resolved { by: Some(agent("mara")), disposition: None })])
        .await;
    let count = used(store, article, At(0)).await.unwrap();
    assert_eq!((count.over, count.solved, count.solve_rate()), (1, 1, Some(100)));
    // They call again within three days: it was not solved.
    rig.record(40, vec![started(9, 1)]).await;
    assert_eq!(used(store, article, At(0)).await.unwrap().solve_rate(), Some(0));
    // In the call it is read out to them, and they do not come back.
    for kind in [UseKind::Shown, UseKind::Opened, UseKind::Linked] {
        used_in(store, vec![article], kind, Work::Call(CallId(9)), &agent("mara"), NOW).await.unwrap();
    }
    rig.record(50, vec![Fact::Call(CallId(9), CallFact::Ended { by: EndedBy::Customer, cause: EndCause::Normal })]).await;
    let count = used(store, article, At(0)).await.unwrap();
    assert_eq!((count.over, count.solved, count.solve_rate()), (2, 1, Some(50)));
    for day in [Day::View, Day::View, Day::Helped, Day::Helped, Day::Unhelped] {
        used_by_customers(store, article, day, NOW).await.unwrap();
    }
    let count = used(store, article, At(0)).await.unwrap();
    assert_eq!((count.views, count.helped, count.unhelped, count.solve_rate()), (2, 2, 1, Some(60)));
}

#[tokio::test]
async fn feedback_waits_for_the_owner_and_expiry_is_told_once() {
    let rig = rig();
    let store = &rig.store;
    let article = published(store, Written { expires_at: Some(NOW.after(100)), ..written("en", "Returns", "words") }).await;
    give_feedback(store, Some(article), "en", FeedbackKind::Outdated, "30 days now", &agent("kim"), NOW).await.unwrap();
    give_feedback(store, None, "en", FeedbackKind::Missing, "child seats", &agent("kim"), NOW.after(1)).await.unwrap();
    let missing = give_feedback(store, Some(4711), "en", FeedbackKind::Wrong, "", &agent("kim"), NOW).await;
    assert!(matches!(missing, Err(StoreError::Missing(_))));
    assert_eq!(open_feedback(store, None, None, false).await.unwrap().len(), 2);
    let owners = open_feedback(store, None, Some(&agent("mara")), false).await.unwrap();
    assert_eq!((owners.len(), owners[0].title.as_str(), owners[0].words.as_str()), (1, "Returns", "30 days now"));
    assert_eq!(open_feedback(store, None, Some(&agent("mara")), true).await.unwrap().len(), 2, "strays are a supervisor's");
    assert!(close_feedback(store, owners[0].id, &agent("kim"), false, NOW).await.is_err(), "not the owner's");
    close_feedback(store, owners[0].id, &agent("mara"), false, NOW).await.unwrap();
    assert!(close_feedback(store, owners[0].id, &agent("mara"), true, NOW).await.is_err(), "closed already");
    assert!(unreminded(store, NOW.after(99)).await.unwrap().is_empty());
    assert_eq!(unreminded(store, NOW.after(100)).await.unwrap()[0].title, "Returns");
    reminded(store, article).await.unwrap();
    assert!(unreminded(store, NOW.after(100)).await.unwrap().is_empty());
    assert_eq!(due(store, &agent("mara"), NOW.after(100)).await.unwrap().len(), 1, "the page tells it still");
    let later = Written { article: Some(article), base: 1, expires_at: Some(NOW.after(200)), ..written("en", "Returns", "words") };
    kept(store, later, "mara").await;
    assert_eq!(unreminded(store, NOW.after(200)).await.unwrap().len(), 1, "another expiry is told again");
}
