//! Colleagues: who else is there, who is named, who follows, what they write to each other; and much at once.

use super::{HOUSE, has_one};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::visitor::Page;
use hubline::desk::id::TicketId;
use hubline::desk::input::Input;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_are_named_and_follow() {
    let house = House::open(HOUSE).await;
    let visitor = has_one(&house, "mara", "My lamp is broken").await;
    let (mara, sumi) = (house.agent("mara").await, house.agent("sumi").await);
    // Named in a note: told at once, and it stays until it is seen. A name within a word is no name.
    mara.does("/people/1/note", &[("text", "@sumi can you look? not@sumithing"), ("work", "conversation/1"), ("key", "n1")]).await;
    assert_eq!(sumi.pushed("notices", "\"open\":1").await["person"], 1);
    mara.does("/people/1/note", &[("text", "@sumi can you look? not@sumithing"), ("work", "conversation/1"), ("key", "n1")]).await;
    house.shows("SELECT agent, kind, by, person FROM notice", &["sumi|mention|mara|1"]).await;
    assert!(sumi.get("/notices").await.text().contains("Mara Voss"));
    sumi.does("/notices/seen", &[("person", "1")]).await;
    // Followed: each new word is told once until it is seen, and not to whoever wrote it.
    sumi.does("/people/1/follow", &[("on", "true")]).await;
    visitor.writes("And the shade, too").await;
    visitor.writes("Are you there?").await;
    sumi.does("/people/1/note", &[("text", "my own"), ("key", "n2")]).await;
    house.shows("SELECT agent, kind, text FROM notice WHERE seen_at IS NULL", &["sumi|follow|Are you there?"]).await;
    sumi.does("/people/1/follow", &[("on", "false")]).await;
    // A task of one's own comes at its time.
    sumi.does("/notices/task", &[("text", "Call them"), ("when", "20"), ("person", "1")]).await;
    assert_eq!(house.rows("SELECT count(*) FROM notice WHERE kind = 'task' AND at > (SELECT max(at) FROM message)"), ["1"]);
    // Nobody sees another's.
    let task = house.rows("SELECT id FROM notice WHERE kind = 'task'").remove(0);
    mara.does(&format!("/notices/{task}/seen"), &[]).await;
    house.shows("SELECT seen_at IS NULL FROM notice WHERE kind = 'task'", &["1"]).await;

    // The rooms: a line goes once, to whoever is in the room, and to nobody else.
    for _ in 0..2 {
        mara.does("/team/with/sumi", &[("text", "lunch?"), ("key", "t1")]).await;
    }
    assert_eq!(sumi.pushed("team", "lunch?").await["room"], "with/mara");
    house.shows("SELECT room, by, text FROM team_line", &["pair/mara/sumi|mara|lunch?"]).await;
    let ada = house.agent("ada").await;
    assert!(!ada.get("/team/house").await.text().contains("lunch?"));
    assert_eq!(ada.get("/team/with/ada").await.status, 404);
    house.close().await;
}

/// A house calls the states of its tickets as it likes, in both languages.
#[tokio::test(flavor = "multi_thread")]
async fn states_are_named_as_the_house_names_them() {
    let house = House::open(&format!("{HOUSE}[tickets.states]\nopen = {{ en = \"in repair\", zh-CN = \"维修中\" }}\n")).await;
    let _visitor = has_one(&house, "mara", "My lamp is broken").await;
    let mara = house.agent("mara").await;
    mara.does("/tickets", &[("person", "1"), ("subject", "a lamp"), ("key", "t1")]).await;
    let ticket = house.rows("SELECT max(id) FROM ticket").remove(0);
    mara.does(&format!("/tickets/{ticket}/change"), &[("field", "state"), ("value", "open")]).await;
    house.shows(&format!("SELECT state FROM ticket WHERE id = {ticket}"), &["open"]).await;
    for (language, name) in [("en", "in repair"), ("zh-CN", "维修中")] {
        mara.post("/settings", &[("language", language), ("theme", "light"), ("density", "compact"), ("volume", "70")]).await;
        let drawn = mara.get(&format!("/tickets/{ticket}")).await.text();
        assert!(drawn.contains(name), "in {language}: {drawn}");
    }
    house.close().await;
}

/// A workshop beside the shop.
const WORKSHOP: &str = r#"
[[agents]]
id = "jo"
name = "Jo Brandt"
[tickets.departments.workshop]
name = "Workshop"
agents = ["sumi", "jo"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn news_of_tickets_reach_those_whom_they_concern() {
    let house = House::open(&format!("{HOUSE}{WORKSHOP}")).await;
    let _visitor = has_one(&house, "mara", "My lamp is broken").await;
    let (mara, sumi, jo, ada) = (house.agent("mara").await, house.agent("sumi").await, house.agent("jo").await, house.agent("ada").await);
    let change = "/tickets/1/change";
    let unseen = "SELECT agent, kind, coalesce(news, ''), coalesce(by, ''), text FROM notice WHERE seen_at IS NULL ORDER BY agent, id";
    mara.does("/tickets", &[("person", "1"), ("subject", "A broken lamp"), ("key", "k")]).await;
    // What comes to a department is told to each of it, once.
    mara.does(change, &[("field", "department"), ("value", "workshop"), ("note", "please soon")]).await;
    house.shows(unseen, &["jo|ticket|arrived|mara|please soon", "sumi|ticket|arrived|mara|please soon"]).await;
    for colleague in [&sumi, &jo] {
        let told = colleague.pushed("notices", "\"news\":true").await;
        assert_eq!((&told["open"], &told["ticket"]), (&json!(1), &json!(1)));
    }
    // One takes it: that is no news to her, and the other need not look any more.
    sumi.does(change, &[("field", "assignee"), ("value", "sumi")]).await;
    assert_eq!(jo.pushed("notices", "\"open\":0").await["news"], false);
    house.shows(unseen, &[]).await;

    // From then on who has it and who watches it hear of changes; who is named, that they are named.
    jo.does(change, &[("field", "watch"), ("value", "")]).await;
    sumi.does(change, &[("field", "state"), ("value", "open")]).await;
    mara.does(change, &[("field", "comment"), ("value", "@jo, do you have the part?")]).await;
    let told =
        ["jo|ticket|state|sumi|", "jo|mention||mara|@jo, do you have the part?", "sumi|ticket|comment|mara|@jo, do you have the part?"];
    house.shows(unseen, &told).await;
    let page = sumi.get("/notices").await.text();
    assert!(page.contains("Mara Voss wrote in ticket #1: A broken lamp") && page.contains("href=\"/tickets/1\""), "{page}");
    // In their own language; and they may have it without a sound.
    let tastes = [("language", "zh-CN"), ("theme", ""), ("density", ""), ("volume", "70"), ("notices", "on")];
    assert_eq!(jo.post("/settings", &tastes).await.status, 303);
    let page = jo.get("/notices").await.text();
    assert!(page.contains("Mara Voss在工单 #1 中提到了您：A broken lamp"), "{page}");
    assert!(page.contains("&#34;tickets&#34;:false") && page.contains("&#34;notices&#34;:true"), "{page}");
    // Whoever opens the ticket has seen it.
    sumi.does("/notices/seen", &[("ticket", "1")]).await;
    jo.does("/notices/seen", &[("ticket", "1")]).await;
    house.shows(unseen, &[]).await;

    // The customer's own word.
    sumi.does(change, &[("field", "state"), ("value", "resolved")]).await;
    jo.does("/notices/seen", &[("ticket", "1")]).await;
    let not_solved = Input::NotSolved { ticket: TicketId(1), text: "it flickers".into() };
    house.app.switchboard.ask(not_solved).await.expect("heard");
    house.shows(unseen, &["jo|ticket|not_solved||it flickers", "sumi|ticket|not_solved||it flickers"]).await;
    // Nobody else was told anything: the first that the others hear is what is theirs.
    sumi.does(change, &[("field", "comment"), ("value", "@ada and @mara: may it be replaced?")]).await;
    for other in [&mara, &ada] {
        other.pushed("notices", "\"open\":1").await;
        assert_eq!(other.frames("notices").len(), 1, "{}: {:?}", other.id, other.frames("notices"));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_views_and_macros() {
    let house = House::open(HOUSE).await;
    let mara = house.agent("mara").await;
    mara.available().await;
    let visitors = [Page::open(house.web, None).await, Page::open(house.web, None).await, Page::open(house.web, None).await];
    for (n, visitor) in visitors.iter().enumerate() {
        visitor.writes(&format!("question {n}")).await;
        mara.does(&format!("/work/conversation/{}/take", n + 1), &[]).await;
    }
    house.shows("SELECT count(*) FROM conversation WHERE state = 'serving' AND agent = 'mara'", &["3"]).await;
    // Each as if it were done alone: what is refused is said, the rest is done.
    let done = mara.post("/conversations/bulk", &[("ids", "1,2,99"), ("act", "snooze"), ("value", "60"), ("key", "b1")]).await;
    assert_eq!(done.status, 202);
    assert!(done.text().starts_with("2 done.") && done.text().contains("1 not:"), "{}", done.text());
    house.shows("SELECT id, state FROM conversation ORDER BY id", &["1|snoozed", "2|snoozed", "3|serving"]).await;
    assert_eq!(mara.post("/conversations/bulk", &[("ids", "1,2"), ("act", "wake"), ("key", "b2")]).await.status, 202);
    assert_eq!(mara.post("/conversations/bulk", &[("ids", "1,2,3"), ("act", "tag"), ("value", "lamp"), ("key", "b3")]).await.status, 202);
    house.shows("SELECT count(*) FROM tag WHERE name = 'lamp'", &["3"]).await;
    // A view keeps what the list was asked for, and only that.
    let named = [("name", "Lamps"), ("query", "state=serving&agent=me&tag=lamp&evil=1")];
    assert_eq!(mara.post("/conversations/views", &named).await.status, 303);
    house.shows("SELECT owner, shared, query FROM view", &["mara|0|state=serving&agent=me&tag=lamp"]).await;
    assert!(mara.get("/conversations?state=serving&agent=me&tag=lamp").await.text().contains("Lamps"));
    let sumi = house.agent("sumi").await;
    assert!(!sumi.get("/conversations").await.text().contains("Lamps"), "nobody sees another's view");

    // The same of tickets: what is refused is said, the rest is done; and a view of tickets is none of conversations.
    for subject in ["A lamp", "A shade"] {
        mara.does("/tickets", &[("person", "1"), ("subject", subject), ("key", subject)]).await;
    }
    let done = mara.post("/tickets/bulk", &[("ids", "1,2,99"), ("act", "take")]).await;
    assert!(done.status == 202 && done.text().starts_with("2 done. 1 not:"), "{} {}", done.status, done.text());
    assert_eq!(mara.post("/tickets/bulk", &[("ids", "1"), ("act", "state"), ("value", "pending")]).await.status, 202);
    house.shows("SELECT id, assignee, state FROM ticket ORDER BY id", &["1|mara|pending", "2|mara|assigned"]).await;
    for wrong in [("act", "delete"), ("act", "subject"), ("act", "priority")] {
        assert_eq!(mara.post("/tickets/bulk", &[("ids", "1"), wrong, ("value", "7")]).await.status, 400, "{wrong:?}");
    }
    let named = [("name", "Lamps"), ("query", "show=mine&state=pending&evil=1")];
    let kept = mara.post("/tickets/views", &named).await;
    assert_eq!((kept.status, kept.header("location")), (303, "/tickets?show=mine&state=pending"));
    house
        .shows(
            "SELECT page, query FROM view ORDER BY page",
            &["conversations|state=serving&agent=me&tag=lamp", "tickets|show=mine&state=pending"],
        )
        .await;
    let page = mara.get("/tickets?show=mine&state=pending").await.text();
    assert!(page.contains("Lamps") && page.contains("A lamp") && !page.contains("A shade"), "{page}");
    assert!(!sumi.get("/tickets").await.text().contains("Lamps"), "nobody sees another's view");
    let views = mara.get("/tickets/views").await.text();
    assert!(views.contains("/tickets?show=mine") && !views.contains("tag=lamp"), "{views}");
    let view = house.rows("SELECT id FROM view WHERE page = 'tickets'").remove(0);
    let delete = format!("/tickets/views/{view}/delete");
    sumi.post(&delete, &[]).await;
    house.shows("SELECT count(*) FROM view", &["2"]).await;
    mara.post(&delete, &[]).await;
    house.shows("SELECT page FROM view", &["conversations"]).await;

    // A macro replies, tags, sets a field, resolves and goes on; the same key again sends nothing twice.
    let steps = [
        ("name", "Thanks"),
        ("folder", "Daily"),
        ("shared", "agent/mara"),
        ("does0", "reply"),
        ("value0", "Thank you, {name}! I am {agent}."),
        ("does1", "tag"),
        ("value1", "thanked"),
        ("does2", "field"),
        ("value2", "plan = gold"),
        ("does3", "resolve"),
        ("value3", "delivery / late"),
        ("does4", "next"),
    ];
    // A field that there is not, and what cannot be chosen in one that there is: such a macro is not kept.
    for wrong in ["colour=red", "plan=wood", "gold"] {
        let sent: Vec<(&str, &str)> = steps.iter().map(|(name, value)| (*name, if *name == "value2" { wrong } else { *value })).collect();
        assert_eq!(mara.post("/macros", &sent).await.status, 422, "{wrong}");
    }
    assert_eq!(mara.post("/macros", &steps).await.status, 303);
    assert_eq!(sumi.post("/work/conversation/1/macro/1", &[("key", "m0")]).await.status, 404, "it is mara's own");
    let ran = mara.post("/work/conversation/1/macro/1", &[("key", "m1")]).await;
    assert_eq!(ran.status, 204, "{}", ran.text());
    assert!(ran.header("location").starts_with("/inbox/conversation/"), "it goes on to the next");
    house.shows("SELECT state, disposition FROM conversation WHERE id = 1", &["resolved|delivery / late"]).await;
    house.shows("SELECT person, field, value FROM person_field", &["1|plan|gold"]).await;
    let sent = house.rows("SELECT text FROM message WHERE conversation = 1 AND kind = 'out'");
    assert!(sent.len() == 1 && sent[0].ends_with("I am Mara Voss."), "{sent:?}");
    assert_eq!(mara.post("/work/conversation/1/macro/1", &[("key", "m1")]).await.status, 409, "it is not hers any more");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_stand_side_by_side() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _one = has_one(&house, "mara", "first question").await;
    let _two = has_one(&house, "mara", "second question").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.cdp("Emulation.setDeviceMetricsOverride", json!({ "width": 1700, "height": 950, "deviceScaleFactor": 1, "mobile": false })).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.click("#beside").await;
    desk.sees("#panes iframe").await;
    desk.run("document.querySelector('#row-conversation-2').click()", json!([])).await;
    desk.reads("#tl", "second question").await;
    desk.sees("#tabs .tab").await;
    assert_eq!(desk.run("return document.querySelectorAll('#tabs .tab').length", json!([])).await, json!(2));
    // One writes in the pane while the other stays open; the pane is a page of its own.
    let write = "const done = arguments[arguments.length - 1], frame = document.querySelector('#panes iframe');
        const ready = () => {
            const inside = frame.contentDocument, text = inside?.querySelector('#text');
            if (!text || !inside.querySelector('#tl')?.textContent.includes('first question')) { setTimeout(ready, 100); return; }
            text.value = 'from the pane';
            text.dispatchEvent(new Event('input', { bubbles: true }));
            inside.querySelector('#send').click();
            done(true);
        };
        ready()";
    desk.wait_for(write, json!([])).await;
    house.shows("SELECT conversation, text FROM message WHERE kind = 'out'", &["1|from the pane"]).await;
    desk.click("#panes [data-unpane]").await;
    desk.loses("#panes iframe").await;
    house.close().await;
}
