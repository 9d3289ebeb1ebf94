//! Who may open recordings and files: every address as everyone. And what of them the pages offer to whom.

use super::Rig;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Body, FileRef};
use crate::desk::person::Identity;
use crate::desk::step::{Answer, Step};
use crate::store::viewer::{Role, Viewer};
use crate::store::{files, persons};
use http::StatusCode;
use std::sync::Arc;

/// Everyone, and whether a contact of the queue `sales` that kim had is within their reach. Jonas works in that queue, otto does not.
const EVERYONE: [(&str, bool); 5] = [("jonas", true), ("otto", false), ("kim", true), ("mara", true), ("ada", true)];

impl Rig {
    async fn record(&self, facts: Vec<Fact>) {
        let step = Step { at: self.state.clock.now(), facts, acts: Vec::new(), live: Vec::new(), answer: Ok(Answer::Done) };
        self.state.store.record(vec![Arc::new(step)]).await.remove(0).unwrap();
    }

    async fn file(&self, by: &str, text: &str) -> FileRef {
        files::create(&self.state.store, "note.txt", "text/plain", text.into(), by, self.state.clock.now()).await.unwrap()
    }

    /// A recorded call and a chat with a file of one customer; both waited in `sales`, and kim had both. Gives the file.
    async fn contacts(&self) -> FileRef {
        let (person, queue, kim) = (PersonId(1), QueueId::from("sales"), AgentId::from("kim"));
        let identity = Identity { kind: "webchat".into(), namespace: "site".into(), value: "v1".into() };
        let (call, chat) = (Work::Call(CallId(1)), Work::Conversation(ConversationId(1)));
        let queued = RoutingFact::Queued { person, queue, priority: 0, head: false, reason: QueuedReason::New };
        let assigned = RoutingFact::Assigned { person, agent: kim, waited_ms: 5 };
        let file = self.file("webchat/site/v1", "of the customer").await;
        let body = Body { files: vec![file.clone()], ..Body::text("see this") };
        let started = CallFact::Started {
            person,
            trunk: "line".into(),
            from: "+491".into(),
            dialled: "4001".into(),
            direction: Default::default(),
            queue: None,
            chat: None,
        };
        let opened = ConversationFact::Opened { person, channel: "site".into(), identity: identity.clone(), page: None };
        let received = ConversationFact::Received {
            message: MessageId(1),
            person,
            channel: "site".into(),
            external_id: "x1".into(),
            body,
            sent: At(1),
            seq: 0,
            measure: None,
        };
        self.record(vec![
            Fact::Person(person, PersonFact::Added { name: "Li Wei".into(), identity }),
            Fact::Call(CallId(1), started),
            Fact::Routing(call, queued.clone()),
            Fact::Routing(call, assigned.clone()),
            Fact::Call(CallId(1), CallFact::RecordingStarted { file: "1.wav".into() }),
            Fact::Call(CallId(1), CallFact::RecordingDone { file: "1.wav".into(), millis: 1_000, bytes: 9, films: String::new() }),
            Fact::Conversation(ConversationId(1), opened),
            Fact::Conversation(ConversationId(1), received),
            Fact::Routing(chat, queued),
            Fact::Routing(chat, assigned),
        ])
        .await;
        std::fs::write(self.state.store.data().join("recordings/1.wav"), "the sound").unwrap();
        file
    }
}

#[tokio::test]
async fn recordings_and_files_open_for_their_own_and_for_supervisors() {
    let rig = Rig::new().await;
    let sent = rig.contacts().await;
    let upload = rig.file("agent/otto", "not sent yet").await;
    let (sent, upload) = (format!("/files/{}", sent.id), format!("/files/{}", upload.id));
    for (who, reaches) in EVERYONE {
        let cookie = rig.cookie(who).await;
        let supervises = matches!(who, "mara" | "ada");
        for (path, may, text) in [
            ("/recordings/1.wav", reaches, "the sound"),
            (sent.as_str(), reaches, "of the customer"),
            (upload.as_str(), who == "otto" || supervises, "not sent yet"),
        ] {
            let answer = rig.get(path, &cookie).await;
            let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{who} {path}: {}", answer.text);
            assert_eq!(answer.text == text, may, "{who} {path}");
        }
        // Not a recording that a picture could be made of; who may not hear it is not told even that.
        let picture = rig.get("/recordings/1.svg", &cookie).await.status;
        assert_eq!(picture, if reaches { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN }, "{who}");
        for none in ["/recordings/2.wav", "/recordings/18446744073709551615.wav", "/files/99", "/files/18446744073709551615"] {
            assert_eq!(rig.get(none, &cookie).await.status, StatusCode::NOT_FOUND, "{who} {none}");
        }
    }
    for path in ["/recordings/1.wav", "/recordings/1.svg", &sent, &upload] {
        let answer = rig.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} signed out");
        assert!(!answer.text.contains("the sound"));
    }
}

#[tokio::test]
async fn the_timeline_offers_only_what_its_reader_may_open() {
    let rig = Rig::new().await;
    let file = rig.contacts().await;
    for (who, reaches) in EVERYONE {
        let page = rig.get("/inbox/person/1", &rig.cookie(who).await).await.text;
        assert_eq!(page.contains("data-player=\"/recordings/1.wav\""), reaches, "{who}");
        assert_eq!(page.contains(&format!("href=\"/files/{}\"", file.id)), reaches, "{who}");
        assert_eq!(page.contains("The recording is for colleagues of its queue."), !reaches, "{who}");
        assert!(page.contains("note.txt"), "{who}: that there is a file is no secret");
    }
}

#[tokio::test]
async fn part_of_a_recording_is_answered_with_that_part() {
    let rig = Rig::new().await;
    rig.contacts().await;
    let request = http::Request::get("/recordings/1.wav").header("cookie", rig.cookie("kim").await).header("range", "bytes=4-6");
    let answer = rig.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::PARTIAL_CONTENT, "sou"));
    assert_eq!((answer.header("content-range"), answer.header("content-type")), ("bytes 4-6/9", "audio/wav"));
}

#[tokio::test]
async fn what_was_begun_is_there_on_another_machine() {
    let rig = Rig::new().await;
    rig.contacts().await;
    let (here, elsewhere, other) = (rig.cookie("kim").await, rig.cookie("kim").await, rig.cookie("jonas").await);
    assert_eq!(rig.post("/people/1/draft", &here, &[("text", "wants a ladder")]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(rig.post("/work/conversation/1/draft", &here, &[("text", "Dear Li Wei")]).await.status, StatusCode::NO_CONTENT);
    let page = rig.get("/inbox/person/1", &elsewhere).await.text;
    assert!(page.contains("data-draft=\"wants a ladder\""), "the note");
    // The channel of the chat is not declared here, so that only the note can be written; the reply's draft is the agent's own all the same.
    let page = rig.get("/inbox/person/1", &other).await.text;
    assert!(!page.contains("wants a ladder") && !page.contains("Dear Li Wei"), "a colleague sees nothing of it");
    assert_eq!(rig.post("/people/1/draft", &here, &[("text", "")]).await.status, StatusCode::NO_CONTENT);
    assert!(!rig.get("/inbox/person/1", &elsewhere).await.text.contains("wants a ladder"));
}

#[tokio::test]
async fn how_enter_sends_follows_the_agent() {
    let rig = Rig::new().await;
    let (here, elsewhere) = (rig.cookie("jonas").await, rig.cookie("jonas").await);
    let settings = async || rig.get("/inbox", &elsewhere).await.text;
    assert!(settings().await.contains("enterSends&#34;:false"), "{}", settings().await);
    assert_eq!(rig.post("/settings/enter", &here, &[("on", "true")]).await.status, StatusCode::NO_CONTENT);
    assert!(settings().await.contains("enterSends&#34;:true"));
    let form = [("language", ""), ("theme", ""), ("density", ""), ("volume", "50"), ("enter", "on")];
    rig.post("/settings", &here, &form).await;
    assert!(settings().await.contains("enterSends&#34;:true"));
    rig.post("/settings", &here, &form[..4]).await;
    assert!(settings().await.contains("enterSends&#34;:false"), "an unticked box is off");
}

#[tokio::test]
async fn the_phone_lives_in_every_page_of_the_shell() {
    let rig = Rig::new().await;
    let cookie = rig.cookie("ada").await;
    for path in [
        "/inbox",
        "/people",
        "/tickets",
        "/callbacks",
        "/search",
        "/settings",
        "/canned",
        "/knowledge",
        "/knowledge/new",
        "/admin/config",
        "/admin/flows",
        "/admin/sessions",
    ] {
        let page = rig.get(path, &cookie).await.text;
        for part in ["data-swap", "<audio id=\"voice\"", "id=\"rings\"", "id=\"desk-settings\"", "/static/app.js"] {
            assert!(page.contains(part), "{path} has no {part}");
        }
    }
}

#[tokio::test]
async fn a_tag_stands_with_the_customer_and_who_gave_it_in_their_line() {
    let rig = Rig::new().await;
    rig.contacts().await;
    let (mara, path) = (rig.cookie("mara").await, "/people/1/tag");
    let line = || async { rig.get("/people/1", &rig.cookie("ada").await).await.text };
    assert_eq!(rig.post(path, &mara, &[("add", " lamp ")]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(rig.post(path, &mara, &[("add", "lamp")]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(persons::tags(&rig.state.store, PersonId(1)).await.unwrap(), ["lamp"]);
    assert_eq!(line().await.matches("gave the tag").count(), 1, "what they have is given once");
    assert_eq!(rig.post(path, &mara, &[("add", &"x".repeat(41))]).await.status, StatusCode::CONFLICT);
    assert_eq!(rig.post(path, &mara, &[("remove", "lamp")]).await.status, StatusCode::NO_CONTENT);
    assert!(line().await.contains("took away the tag"));
    assert!(persons::tags(&rig.state.store, PersonId(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_customer_is_entered_and_known_by_hand_and_nobody_loses_a_number() {
    let rig = Rig::new().await;
    let account = Identity { kind: "webchat".into(), namespace: "site".into(), value: "v1".into() };
    rig.record(vec![Fact::Person(PersonId(77), PersonFact::Added { name: "Li Wei".into(), identity: account })]).await;
    let mara = rig.cookie("mara").await;
    let entered = [("name", "Anna"), ("phone", "+49 151 2345 6789"), ("email", "Anna@Shop.example")];
    let enters = async || {
        let answer = rig.post("/people/enter", &mara, &entered).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
        answer.headers["location"].to_str().unwrap().to_owned()
    };
    let page = enters().await;
    assert_eq!(enters().await, page, "who is known already is opened");
    let known = async |page: &str| {
        let id = page.rsplit('/').next().unwrap().parse().unwrap();
        let rows = persons::identities(&rig.state.store, &Viewer { agent: "mara".into(), role: Role::Agent }, PersonId(id)).await.unwrap();
        rows.into_iter().filter(|row| row.kind != "webchat").collect::<Vec<_>>()
    };
    let values = async |page: &str| known(page).await.into_iter().map(|row| row.value).collect::<Vec<_>>();
    assert_eq!(values(&page).await, ["anna@shop.example", "+4915123456789"]);
    for wrong in ["Anna", "12", "anna@shop", "a b@shop.example"] {
        assert_eq!(rig.post("/people/77/identity", &mara, &[("add", wrong)]).await.status, StatusCode::CONFLICT, "{wrong}");
        assert_eq!(rig.post("/people/enter", &mara, &[("name", "Bo"), ("phone", wrong)]).await.status, StatusCode::CONFLICT, "{wrong}");
    }
    assert_eq!(rig.post("/people/enter", &mara, &[("name", "Bo")]).await.status, StatusCode::CONFLICT, "by nothing");
    let taken = rig.post("/people/77/identity", &mara, &[("add", "+49 151 23456789")]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.text.contains("another customer"), "{}", taken.text);
    assert_eq!(rig.post("/people/77/identity", &mara, &[("add", "li@wei.example")]).await.status, StatusCode::NO_CONTENT);
    let number = known(&page).await[1].id.to_string();
    let remove = format!("{page}/identity");
    assert_eq!(rig.post("/people/77/identity", &mara, &[("remove", &number)]).await.status, StatusCode::NOT_FOUND, "another's");
    assert_eq!(rig.post(&remove, &mara, &[("remove", &number)]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(values(&page).await, ["anna@shop.example"]);
    assert_eq!(rig.post("/people/77/identity", &mara, &[("add", "+49 151 23456789")]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(values("/people/77").await, ["li@wei.example", "+4915123456789"]);
    let line = rig.get("/people/77", &rig.cookie("ada").await).await.text;
    assert_eq!(line.matches("added a way to reach them").count(), 2);
    let visitor = persons::identities(&rig.state.store, &Viewer { agent: "mara".into(), role: Role::Agent }, PersonId(77)).await.unwrap();
    let visitor = visitor.iter().find(|row| row.kind == "webchat").unwrap().id.to_string();
    assert_eq!(rig.post("/people/77/identity", &mara, &[("remove", &visitor)]).await.status, StatusCode::BAD_REQUEST, "their account");
}

#[tokio::test]
async fn whoever_always_serves_a_customer_is_chosen_by_hand() {
    let rig = Rig::new().await;
    rig.contacts().await;
    let mara = rig.cookie("mara").await;
    let edit = [("name", "Li Wei"), ("dedicated", "kim"), ("company", "Acme"), ("about", "likes tea")];
    assert_eq!(rig.post("/people/1/edit", &mara, &edit).await.status, StatusCode::NO_CONTENT);
    let row = persons::get(&rig.state.store, PersonId(1)).await.unwrap().unwrap();
    assert_eq!((row.dedicated_agent, row.company.as_str(), row.about.as_str()), (Some("kim".into()), "Acme", "likes tea"));
    let page = rig.get("/people/1", &mara).await.text;
    assert!(page.contains("<option value=\"kim\" selected>"), "the form shows who it is");
    let wrong = rig.post("/people/1/edit", &mara, &[("name", "Li Wei"), ("dedicated", "nobody")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}
