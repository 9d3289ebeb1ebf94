//! The whole connector against the simulated message centre, over real sockets: difficult habits, broken connections, a restart.

use super::*;
use crate::desk::id::{ConversationId, MessageId};
use crate::desk::person::Identity;
use crate::sim::plan::Plan;
use crate::sim::smsc::{Habits, Smsc};
use std::collections::BTreeSet;

fn house(smsc: &Smsc, password: &str, more: &str) -> Smpp {
    let section = format!("server = \"{}\"\nuser = \"sim\"\npassword = \"x\"\nfrom = \"Acme\"\nmax_parts = 10\n{more}", smsc.address);
    let section: SmppSection = toml::from_str(&section).expect("a section");
    Smpp::open("texts".into(), section, &secrecy::SecretString::from(password.to_owned()), None, Clock::system()).expect("short words")
}

fn piece(number: u64, to: &str, text: &str) -> Piece {
    Piece {
        message: MessageId(number),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: Identity { kind: "phone".into(), namespace: String::new(), value: to.into() },
        key: format!("{number}-0-ab"),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

/// What the pipeline does: keeps the events and the cursor, each event once.
#[derive(Default)]
struct Keeper {
    cursor: Option<String>,
    known: BTreeSet<String>,
    heard: Vec<Heard>,
}

impl Keeper {
    async fn until(&mut self, smpp: &Smpp, enough: impl Fn(&[Heard]) -> bool) {
        let listening = async {
            while !enough(&self.heard) {
                match smpp.poll(self.cursor.as_deref()).await {
                    Ok(polled) => {
                        for raw in polled.events.into_iter().filter(|raw| self.known.insert(raw.key.clone())) {
                            self.heard.extend(smpp.read(&raw.body).expect("readable"));
                        }
                        self.cursor = polled.cursor.or(self.cursor.take());
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), listening).await.unwrap_or_else(|_| panic!("only {} heard", self.heard.len()));
    }

    fn texts(&self) -> Vec<&str> {
        let text = |heard: &'_ Heard| if let Heard::Message(wrote) = heard { Some(wrote.text.clone().leak() as &str) } else { None };
        self.heard.iter().filter_map(text).collect()
    }

    fn receipts(&self) -> BTreeSet<String> {
        let receipt = |heard: &Heard| match heard {
            Heard::Receipt { of: OfOurs::External(id), state: Delivery::Delivered } => Some(id.clone()),
            _ => None,
        };
        self.heard.iter().filter_map(receipt).collect()
    }
}

fn messages(heard: &[Heard]) -> usize {
    heard.iter().filter(|heard| matches!(heard, Heard::Message(_))).count()
}

#[tokio::test]
async fn both_directions_with_a_difficult_message_centre() {
    let habits = Habits { two_ids: true, plain_receipts: true, receipt_first: true, torn: true };
    let smsc = Smsc::open("sim", "secret", habits, Plan { twice: 1_000, late: 1_000, seed: 7, ..Plan::default() }).await.expect("a port");
    let smpp = house(&smsc, "secret", "receipt_ids = \"hex-then-decimal\"");
    let long = "您好，您的自行车已经修好了。".repeat(12);
    smsc.customer_writes("+8613800138000", "你好");
    smsc.customer_writes("+8613800138000", &long);
    let mut keeper = Keeper::default();
    keeper.until(&smpp, |heard| messages(heard) == 2).await;
    assert_eq!(keeper.texts(), ["你好", &long]);
    let Heard::Message(wrote) = &keeper.heard[0] else { panic!() };
    assert_eq!(wrote.from.identity.value, "+8613800138000");
    let mut ids = BTreeSet::new();
    for (number, text) in [(1, "Ready [€ 5]!"), (2, long.as_str()), (3, "ok")] {
        let handed = smpp.send(&piece(number, "+8613800138000", text)).await.expect("taken");
        // The last part alone has a receipt of its delivery.
        ids.extend(handed.ids.last().cloned());
    }
    let texts: Vec<String> = smsc.texts().into_iter().map(|text| text.text).collect();
    assert_eq!(texts, ["Ready [€ 5]!", long.as_str(), "ok"]);
    assert_eq!((smsc.texts()[1].parts, smsc.texts()[0].from.as_str()), (segments_of(&long), "Acme"));
    keeper.until(&smpp, |heard| heard.len() - messages(heard) >= 3).await;
    assert_eq!(keeper.receipts(), ids);
    keeper.until(&smpp, |_| smsc.untold() == 0).await;
    assert_eq!(smsc.refused(), Vec::<String>::new());
}

fn segments_of(text: &str) -> usize {
    crate::desk::segments::measure(text).1
}

#[tokio::test]
async fn every_way_of_long_texts_arrives() {
    let smsc = Smsc::open("sim", "secret", Habits::default(), Plan::default()).await.expect("a port");
    let long = "Your bicycle is ready. ".repeat(20);
    for (nth, way) in ["udh", "udh16", "sar", "payload"].into_iter().enumerate() {
        let smpp = house(&smsc, "secret", &format!("long = \"{way}\""));
        smpp.send(&piece(nth as u64, "+4915100138193", &long)).await.expect("taken");
        assert_eq!(smsc.texts().pop().map(|text| text.text), Some(long.clone()), "{way}");
    }
    assert_eq!(smsc.refused(), Vec::<String>::new());
}

/// The house dies after it was told and before it has acknowledged, again and again: every message once and in order.
#[tokio::test]
async fn nothing_is_lost_and_nothing_doubled_when_the_house_dies() {
    let smsc = Smsc::open("sim", "secret", Habits { torn: true, ..Habits::default() }, Plan::default()).await.expect("a port");
    let wanted: Vec<String> = (1..=40).map(|n| if n % 7 == 0 { format!("{n} ").repeat(60) } else { format!("line {}", n / 2) }).collect();
    let mut keeper = Keeper::default();
    for (nth, text) in wanted.iter().enumerate() {
        smsc.customer_writes("+4915100138193", text);
        if nth % 8 == 7 {
            // A new process: nothing but the cursor is left.
            let smpp = house(&smsc, "secret", "");
            keeper.until(&smpp, |heard| messages(heard) > nth / 2).await;
            drop(smpp);
            alone(&smsc).await;
        }
    }
    let smpp = house(&smsc, "secret", "");
    keeper.until(&smpp, |heard| messages(heard) >= wanted.len()).await;
    assert_eq!(keeper.texts(), wanted.iter().map(|text| text.trim_end_matches('\u{0}')).collect::<Vec<_>>());
}

/// Waits until nobody is connected: two at once would share what is told.
async fn alone(smsc: &Smsc) {
    for _ in 0..500 {
        if smsc.connections() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} connections", smsc.connections());
}

#[tokio::test]
async fn busy_broken_and_wrong_are_told_apart() {
    let smsc = Smsc::open("sim", "secret", Habits::default(), Plan::default()).await.expect("a port");
    let smpp = house(&smsc, "secret", "");
    let long = "a".repeat(400);
    smpp.send(&piece(1, "+4915100138193", "x")).await.expect("taken");
    smsc.throttle(1);
    assert!(matches!(smpp.send(&piece(2, "+4915100138193", &long)).await, Err(Trouble::RetryAfter(_))));
    assert_eq!(smpp.send(&piece(2, "+4915100138193", &long)).await.expect("taken").ids.len(), 3);
    assert!(matches!(smpp.send(&piece(3, "+0123456", "x")).await, Err(Trouble::Blocked(_))));
    assert!(matches!(smpp.send(&piece(4, "+4915100138193", &"a".repeat(5_000))).await, Err(Trouble::Refused(_))));
    assert!(smpp.probe().await[0].works());
    let probe = house(&smsc, "wrong", "").probe().await.remove(0);
    assert!(matches!(&probe.found, Found::Bad(Trouble::Down(why)) if why.contains("password")), "{probe:?}");
    drop(smpp);
    alone(&smsc).await;
    let cut = Smsc::open("sim", "secret", Habits::default(), Plan { cut: 1_000, ..Plan::default() }).await.expect("a port");
    let smpp = house(&cut, "secret", "");
    assert!(matches!(smpp.send(&piece(1, "+4915100138193", "x")).await, Err(Trouble::Uncertain(_))));
    assert_eq!(cut.texts().len(), 1, "it went out, and nobody can know");
    // It comes back by itself.
    smsc.refuse_binds(0x08);
    let smpp = house(&smsc, "secret", "");
    assert!(matches!(smpp.send(&piece(9, "+4915100138193", "x")).await, Err(Trouble::Retry(_))));
    smsc.refuse_binds(0);
    let mut keeper = Keeper::default();
    smsc.customer_writes("+4915100138193", "are you there?");
    keeper.until(&smpp, |heard| messages(heard) == 1).await;
}
