//! Both directions against the simulated gateway: a real store, a real line, real sockets.

use super::Sms;
use crate::channels::ClientAddress;
use crate::channels::config::ChannelSection;
use crate::channels::post::{Account, Post};
use crate::channels::reached::Mark;
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::id::*;
use crate::desk::input::*;
use crate::reach::Client;
use crate::sim::sms::{Gateway, Trouble};
use crate::store::viewer::{Role, Viewer};
use crate::store::{Store, conversations, messages};
use crate::switchboard::Switchboard;
use secrecy::SecretString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const HOUSE: &str = r#"
[[queues]]
id = "sales"
[[channels]]
kind = "sms"
id = "texts"
queue = "sales"
[channels.gateway]
url = "http://127.0.0.1:1/messages"
secret = "shared by both"
from = "+4930111"
max_parts = 2
[[agents]]
id = "mara"
queues = ["sales"]
"#;
const CUSTOMER: &str = "+4915100138193";

/// As the configuration above has it.
fn gateway_section() -> super::GatewaySection {
    #[derive(serde::Deserialize)]
    struct File {
        channels: Vec<ChannelSection>,
    }
    let channels = HOUSE.split("[[agents]]").next().and_then(|text| text.split_once("[[channels]]"));
    let file: File = toml::from_str(&format!("[[channels]]{}", channels.expect("a channel").1)).expect("configuration");
    file.channels.into_iter().next().and_then(|channel| channel.gateway).expect("a gateway")
}

struct House {
    store: Store,
    switchboard: Switchboard,
    gateway: Gateway,
    hook: String,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open(trouble: Trouble) -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let catalog = Arc::new(Config::parse(HOUSE, Path::new("house.toml")).unwrap_or_else(|report| panic!("{report}")).catalog);
        let switchboard = Switchboard::start(store.clone(), Clock::system(), catalog).expect("a line");
        let gateway = Gateway::open("shared by both", trouble).await.expect("a gateway");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hook = format!("http://{}/sms/texts/hook", listener.local_addr().expect("an address"));
        let mut section = gateway_section();
        section.url = toml::Spanned::new(0..0, gateway.url());
        let secret = SecretString::from("shared by both".to_owned());
        let sms = Sms::new("texts".into(), section, secret, Some(hook.clone()), Client::default(), Clock::system());
        let (id, platform, mark) = ("texts".into(), Arc::new(sms), Mark::of(&[1; 32]));
        let account = Account { id, platform, rate: 1_000, tries: 12, most_file: 0, hook: Some(hook.clone()), mark };
        let post =
            Post::start(store.clone(), switchboard.clone(), Clock::system(), "ab".into(), vec!["texts".into()], CancellationToken::new());
        post.open(vec![account]).await;
        let router = post.router().layer(axum::Extension(ClientAddress([127, 0, 0, 1].into())));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mara = AgentId::from("mara");
        for device in [Device::PageOpen] {
            switchboard.ask(Input::Device(mara.clone(), device)).await.expect("a page");
        }
        switchboard.ask(Input::Command(mara, Command::SetStatus(WantedStatus::Available))).await.expect("available");
        House { store, switchboard, gateway, hook, _folder: folder }
    }

    fn viewer() -> Viewer {
        Viewer { agent: "mara".into(), role: Role::Admin }
    }

    async fn says(&self, id: &str, text: &str) -> u16 {
        let body = serde_json::json!({ "type": "message", "id": id, "from": "+49 151 00138193", "text": text }).to_string();
        let status = self.gateway.tell(&self.hook, &body, None).await.expect("an answer");
        // Kept and answered; told to the desk a moment later.
        for _ in 0..200 {
            let known = messages::known(&self.store, &"texts".into(), id).await.expect("read");
            if known.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        status
    }

    async fn mara(&self, command: Command) -> Result<(), crate::desk::refusal::Refusal> {
        self.switchboard.ask(Input::Command("mara".into(), command)).await.map(drop)
    }

    async fn reply(&self, key: &str, text: &str) -> Result<(), crate::desk::refusal::Refusal> {
        let body = Body::text(text);
        self.mara(Command::Reply { conversation: ConversationId(1), body, key: key.into() }).await
    }

    /// Waits until so many messages stand in the conversation.
    async fn heard(&self, count: usize) {
        for _ in 0..200 {
            if self.messages().await.len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:#?}", self.messages().await);
    }

    async fn messages(&self) -> Vec<messages::MessageRow> {
        messages::page(&self.store, ConversationId(1), None, 500).await.expect("messages")
    }

    /// Waits until our messages' states are as wanted.
    async fn settled(&self, fits: impl Fn(&Delivery) -> bool) -> Vec<messages::MessageRow> {
        for _ in 0..600 {
            let rows = self.messages().await;
            if rows.iter().filter_map(|row| row.delivery.as_ref()).all(&fits) {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not settled: {:#?}", self.messages().await);
    }
}

#[tokio::test]
async fn a_customer_writes_and_is_answered() {
    let house = House::open(Trouble::default()).await;
    assert_eq!(house.says("gw-a", "Is my bicycle ready?").await, 200);
    assert_eq!(house.says("gw-a", "Is my bicycle ready?").await, 200, "told twice");
    let row = conversations::get(&house.store, &House::viewer(), ConversationId(1)).await.expect("read").expect("a conversation");
    assert_eq!((row.channel.as_str(), row.identity.kind.as_str(), row.identity.value.as_str()), ("texts", "phone", CUSTOMER));
    house.mara(Command::Accept(Work::Conversation(ConversationId(1)))).await.expect("accepted");
    house.reply("k1", "Yes, come by!").await.expect("sent");
    let text = house.gateway.text(1, Duration::from_secs(5)).await.expect("a text");
    assert_eq!((text.to.as_str(), text.text.as_str(), text.parts), (CUSTOMER, "Yes, come by!", 1));
    let rows = house.settled(|state| *state == Delivery::Delivered).await;
    assert_eq!(rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(), ["Is my bicycle ready?", "Yes, come by!"]);
    // The telephone's own answer comes back into the same conversation.
    assert_eq!(house.gateway.reply(CUSTOMER, "gw-b", "On my way").await.expect("an answer"), 200);
    house.heard(3).await;
    // What takes more parts than allowed is refused before it is sent, counted as networks count.
    use crate::desk::refusal::Refusal;
    assert_eq!(house.reply("k2", &"a".repeat(307)).await, Err(Refusal::TooManyParts { parts: 2 }));
    assert_eq!(house.reply("k3", &"您".repeat(135)).await, Err(Refusal::TooManyParts { parts: 2 }));
    house.reply("k4", &"您".repeat(134)).await.expect("two parts");
    assert_eq!(house.gateway.text(2, Duration::from_secs(5)).await.expect("a text").parts, 2);
    assert_eq!(house.gateway.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn hooks_that_are_not_the_gateways_are_refused() {
    let house = House::open(Trouble::default()).await;
    let body = r#"{"type":"message","id":"x","from":"+4915100138193","text":"hello"}"#;
    let tell = async |hook: &str, body: &str, signature: Option<&str>| house.gateway.tell(hook, body, signature).await.expect("an answer");
    let other = house.hook.replace("texts", "other");
    assert_eq!(tell(&house.hook, body, Some("v1=00")).await, 401);
    assert_eq!(tell(&house.hook, body, Some("")).await, 401);
    assert_eq!(tell(&other, body, None).await, 401, "a channel that does not exist looks the same");
    for broken in ["", "{", "[]", r#"{"type":"message"}"#, r#"{"id":"x"}"#] {
        assert_eq!(tell(&house.hook, broken, None).await, 400, "{broken}");
    }
    let long = format!(r#"{{"type":"message","id":"{}","from":"+4915100138193","text":"x"}}"#, "i".repeat(200));
    assert_eq!(tell(&house.hook, &long, None).await, 400);
    let huge = format!(r#"{{"type":"message","id":"x","from":"+49","text":"{}"}}"#, "x".repeat(70_000));
    assert_eq!(tell(&house.hook, &huge, None).await, 413);
    assert_eq!(tell(&house.hook, r#"{"type":"weather","id":"x"}"#, None).await, 200, "what we do not know yet is taken");
    assert_eq!(tell(&house.hook, r#"{"type":"receipt","id":"999","state":"delivered"}"#, None).await, 200);
    let found = conversations::get(&house.store, &House::viewer(), ConversationId(1)).await.expect("read");
    assert!(found.is_none(), "nothing of all that is a conversation");
}

/// Busy, broken after taking, cut, receipts twice or never: every text once and in order, and each with a true state.
#[tokio::test]
async fn every_text_arrives_once_and_in_order_through_a_bad_gateway() {
    let trouble = Trouble { taken_but_500: 120, busy: 120, cut: 80, twice: 200, late: 0, lost: 100, seed: 7 };
    let house = House::open(trouble).await;
    house.says("gw-a", "hello").await;
    house.mara(Command::Accept(Work::Conversation(ConversationId(1)))).await.expect("accepted");
    let sent: Vec<String> = (1..=20).map(|n| format!("line {n}")).collect();
    for text in &sent {
        house.reply(text, text).await.expect("sent");
    }
    let rows = house.settled(|state| matches!(state, Delivery::Sent | Delivery::Delivered)).await;
    let arrived: Vec<String> = house.gateway.texts().into_iter().map(|text| text.text).collect();
    assert_eq!(arrived, sent);
    assert!(house.gateway.requests() > sent.len(), "nothing went wrong, so nothing was shown");
    assert_eq!(rows.iter().filter(|row| row.delivery.is_some()).count(), sent.len());
}
