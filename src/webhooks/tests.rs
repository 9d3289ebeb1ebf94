//! Addresses that answer, that do not, and that want to hear no more.

use super::config::{WebhookSection, fits};
use super::event::{KINDS, told};
use super::*;
use crate::config::Config;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Besides, Body, Delivery, Input, MessageHeard, TicketChange, TicketState};
use crate::desk::person::{Identity, Who};
use crate::reach::signed::{ID, Key, SIGNATURE, TIMESTAMP, refusal};
use crate::store::webhooks::{self, Backlog};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that is told: keeps what is signed rightly and answers as it is bidden, else 204.
#[derive(Clone, Default)]
struct Program {
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

async fn hear(State(program): State<Program>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = Key::read(&SecretString::from(SECRET.to_owned())).expect("a key");
    let now = Clock::system().now().0 / 1_000;
    let (id, at, signature) = (header(ID), header(TIMESTAMP), header(SIGNATURE));
    assert_eq!(refusal(&[key], id, at, signature, &body, now), None, "signed");
    let bidden = program.answers.lock().unwrap().pop_front();
    program.heard.lock().unwrap().push((id.to_owned(), serde_json::from_slice(&body).expect("JSON")));
    StatusCode::from_u16(bidden.unwrap_or(204)).expect("a status")
}

impl Program {
    fn kinds(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, told)| told["type"].as_str().unwrap_or_default().to_owned()).collect()
    }

    async fn hears(&self, count: usize) -> Vec<(String, Value)> {
        let start = Instant::now();
        while self.heard.lock().unwrap().len() < count {
            assert!(start.elapsed() < PATIENCE, "heard {:?}", self.kinds());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.heard.lock().unwrap().clone()
    }
}

struct Bench {
    _folder: tempfile::TempDir,
    store: Store,
    switchboard: Switchboard,
    clock: Clock,
    program: Program,
    _running: DropGuard,
}

/// A house that tells a program of these kinds.
async fn bench(events: &str, answers: &[u16]) -> Bench {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hear", listener.local_addr().expect("an address"));
    let program = Program { answers: Arc::new(Mutex::new(answers.iter().copied().collect())), ..Program::default() };
    let router = Router::new().route("/hear", post(hear)).with_state(program.clone());
    let stop = CancellationToken::new();
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move { axum::serve(listener, router).await }));
    let text = format!(
        "[[queues]]\nid = \"sales\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n\
         [[webhooks]]\nid = \"crm\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\nevents = [{events}]\n"
    );
    let loaded = Config::parse(&text, Path::new("house.toml")).unwrap_or_else(|report| panic!("{report}"));
    let folder = tempfile::tempdir().expect("a folder");
    let (store, clock) = (Store::open(folder.path()).expect("a store"), Clock::system());
    let switchboard = Switchboard::start(store.clone(), clock.clone(), Arc::new(loaded.catalog.clone())).expect("a line");
    let outlet = switchboard.open_outlet(ChannelId::from("site"));
    let config = Arc::new(ArcSwap::from_pointee(loaded));
    let webhooks = Webhooks { store: store.clone(), switchboard: switchboard.clone(), clock: clock.clone(), config };
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
        let _outlet = outlet;
        webhooks.run().await
    }));
    let bench = Bench { _folder: folder, store, switchboard, clock, program, _running: stop.drop_guard() };
    // What happens before an address is known is not told: the tests begin after.
    let start = Instant::now();
    while webhooks::known(&bench.store, "crm").await.expect("a store").is_none() {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bench
}

impl Bench {
    async fn write(&self, key: &str) {
        let heard = MessageHeard {
            channel: ChannelId::from("site"),
            external_id: key.into(),
            who: Who {
                identity: Identity { kind: "webchat".into(), namespace: "site".into(), value: "v".into() },
                display: None,
                person: None,
            },
            body: Body::text(format!("hello {key}")),
            page: None,
            sent: self.clock.now(),
            known: None,
            besides: Besides::default(),
        };
        self.switchboard.ask(Input::Message(heard)).await.expect("recorded");
    }

    async fn backlog_is(&self, wanted: Backlog) {
        let start = Instant::now();
        loop {
            let backlog = webhooks::backlog(&self.store, "crm").await.expect("a store");
            if backlog == wanted {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{backlog:?}, not {wanted:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_and_once() {
    let bench = bench("\"conversation.opened\", \"message.*\"", &[]).await;
    bench.write("m1").await;
    bench.write("m1").await;
    let heard = bench.program.hears(2).await;
    bench.backlog_is(Backlog::default()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.program.kinds().len(), 2, "nothing besides: {:?}", bench.program.kinds());
    let mut told: Vec<_> = heard.iter().map(|(id, told)| (told["sequence"].as_i64(), id.clone(), told["type"].clone())).collect();
    told.sort_by_key(|(sequence, ..)| *sequence);
    assert_eq!([&told[0].2, &told[1].2], [&json!("conversation.opened"), &json!("message.received")]);
    assert_eq!(told[1].1, format!("evt_{}", told[1].0.expect("a number")));
    let message = heard.iter().find(|(_, told)| told["type"] == "message.received").map(|(_, told)| told["data"].clone());
    let message = message.expect("the message");
    assert_eq!((&message["text"], &message["channel"], &message["files"]), (&json!("hello m1"), &json!("site"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_told_again_under_the_same_name() {
    let bench = bench("\"message.received\"", &[500]).await;
    bench.write("m1").await;
    let first = bench.program.hears(1).await;
    bench.backlog_is(Backlog { waiting: 1, given_up: 0 }).await;
    let row = webhooks::newest(&bench.store, "crm", i64::MAX, true, 9).await.expect("a store").remove(0);
    assert_eq!((row.status, row.due.tries, row.state.as_str()), (Some(500), 1, "waits"));
    assert!(row.next_at.since(row.last_at.expect("tried")) >= 5_000, "not at once");
    assert!(webhooks::again(&bench.store, "crm", row.due.id, bench.clock.now()).await.expect("a store"));
    let both = bench.program.hears(2).await;
    assert_eq!(first[0], both[1], "the same name and the same words");
    bench.backlog_is(Backlog::default()).await;
    assert!(!webhooks::again(&bench.store, "crm", 999, bench.clock.now()).await.expect("a store"), "there is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_told_nothing_until_it_is_wanted() {
    let bench = bench("\"message.received\"", &[410]).await;
    bench.write("m1").await;
    bench.program.hears(1).await;
    let start = Instant::now();
    while webhooks::known(&bench.store, "crm").await.expect("a store").and_then(|cursor| cursor.stopped_at).is_none() {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bench.write("m2").await;
    bench.backlog_is(Backlog { waiting: 2, given_up: 0 }).await;
    assert_eq!(bench.program.kinds().len(), 1);
    webhooks::stop(&bench.store, "crm", None).await.expect("a store");
    let heard = bench.program.hears(2).await;
    assert_eq!(heard[1].1["data"]["text"], "hello m2");
}

#[tokio::test]
async fn after_the_last_try_it_is_given_up_and_can_be_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let now = At(1_000);
    webhooks::cursor(&store, "crm").await.expect("a store");
    webhooks::keep(&store, "crm", 7, vec![(7, "call.ended", "{}".into())], now).await.expect("kept");
    webhooks::keep(&store, "crm", 7, vec![(7, "call.ended", "{}".into())], now).await.expect("kept once");
    let due = webhooks::due(&store, "crm", now, 9).await.expect("a store");
    assert_eq!(due.len(), 1);
    let failed = webhooks::Outcome::Failed { status: None, why: "not reachable".into(), next: None };
    webhooks::settle(&store, vec![(due[0].id, failed)], now).await.expect("settled");
    assert_eq!(webhooks::backlog(&store, "crm").await.expect("a store"), Backlog { waiting: 0, given_up: 1 });
    assert_eq!(webhooks::all_again(&store, "crm", now).await.expect("a store"), 1);
    assert_eq!(webhooks::due(&store, "crm", now, 9).await.expect("a store")[0].tries, 0);
    webhooks::settle(&store, vec![(due[0].id, webhooks::Outcome::Done { status: 204 })], now).await.expect("settled");
    webhooks::purge(&store, now.after(29 * 24 * 3_600_000)).await.expect("a store");
    assert_eq!(webhooks::newest(&store, "crm", i64::MAX, false, 9).await.expect("a store").len(), 1, "kept for a month");
    webhooks::purge(&store, now.after(31 * 24 * 3_600_000)).await.expect("a store");
    assert_eq!(webhooks::newest(&store, "crm", i64::MAX, false, 9).await.expect("a store").len(), 0);
}

#[test]
fn patterns_fit_what_they_say() {
    assert!(fits("*", "call.ended") && fits("call.*", "call.ended") && fits("call.ended", "call.ended"));
    assert!(!fits("call.*", "callback.listed") && !fits("call", "call.ended"));
    let section: WebhookSection = toml::from_str("id = \"a\"\nurl = \"b\"\nsecret = \"c\"").expect("a section");
    assert!(KINDS.iter().all(|kind| section.wants(kind)), "everything by default");
    assert!(KINDS.is_sorted());
}

#[test]
fn what_stays_in_the_house_is_not_told() {
    assert_eq!(told(&Fact::Call(CallId(1), CallFact::Digit { digit: '4' })), None);
    let note = PersonFact::NoteAdded { message: MessageId(1), work: None, by: AgentId::from("mara"), text: "grumpy".into() };
    assert_eq!(told(&Fact::Person(PersonId(1), note)), None);
    let failed = ConversationFact::Delivery { message: MessageId(3), state: Delivery::Failed { reason: "blocked".into() } };
    let delivery = told(&Fact::Conversation(ConversationId(2), failed)).expect("told");
    assert_eq!(delivery.kind, "message.delivery");
    assert_eq!(delivery.data, json!({ "conversation": 2, "message": 3, "state": "failed", "reason": "blocked" }));
    let change = TicketFact::Changed { by: None, change: TicketChange::State(TicketState::Resolved) };
    let changed = told(&Fact::Ticket(TicketId(4), change)).expect("told");
    assert_eq!(changed.data, json!({ "ticket": 4, "agent": null, "field": "state", "value": "resolved" }));
}
