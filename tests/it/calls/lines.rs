//! Numbers and those who may dial them.

use super::house_of;
use crate::rig::CUSTOMER_HZ;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::Caller;
use hubline::sim::phone::{Line, Phone};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

#[tokio::test(flavor = "multi_thread")]
async fn the_echo_line_echoes() {
    let house = house_of(&[], "", "[[lines]]\nnumber = \"echo\"\necho = true\n").await;
    let caller = Caller::dial(house.sip, "echo", "+491", CUSTOMER_HZ).await;
    caller.answered().await;
    caller.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.tells(&["person added", "call 1 from +491 to echo", "call 1 answered", "call 1 ended by Customer: Normal"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_leads_nowhere_is_404_and_leaves_no_call() {
    let house = house_of(&[], "", "").await;
    let caller = Caller::dial(house.sip, "9999", "+491", CUSTOMER_HZ).await;
    assert_eq!(caller.refused().await, 404);
    house.quiet().await;
    house.shows("SELECT count(*) FROM call", &["0"]).await;
    assert_eq!(house.story(), Vec::<String>::new());
    house.close().await;
}

/// A request from an address that no trunk has.
async fn stranger(house: &House, from: &UdpSocket, method: &str, number: &str) -> Option<String> {
    let local = from.local_addr().expect("an address");
    let branch: u32 = rand::random();
    let text = format!(
        "{method} sip:{number}@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\nFrom: <sip:x@{local}>;tag={branch}\r\nTo: <sip:{number}@{to}>\r\n\
         Call-ID: {branch}@{local}\r\nCSeq: 1 {method}\r\nContact: <sip:x@{local}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        to = house.sip
    );
    from.send_to(text.as_bytes(), house.sip).await.expect("sent");
    let mut buffer = [0; 4_096];
    let answer = tokio::time::timeout(Duration::from_millis(700), from.recv_from(&mut buffer)).await.ok()?;
    let (n, _) = answer.expect("received");
    Some(String::from_utf8_lossy(&buffer[..n]).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_learn_nothing() {
    let house = house_of(&[], "", "").await;
    let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 2], 0))).await.expect("a port");
    // The same for numbers that exist and numbers that do not, and nothing of who we are.
    for (method, number) in [("INVITE", "4001"), ("REGISTER", "dora"), ("INVITE", "9999")] {
        let answer = stranger(&house, &socket, method, number).await.expect("an answer");
        assert!(answer.starts_with("SIP/2.0 403 "), "{answer}");
        assert!(!answer.to_lowercase().contains("hubline"), "{answer}");
    }
    assert_eq!(stranger(&house, &socket, "INVITE", "4001").await, None, "after a few refusals, silence");
    for _ in 0..30 {
        stranger_floods(&house, &socket).await;
    }
    house.shows("SELECT count(*) FROM call", &["0"]).await;
    house.tells(&["source 127.0.0.2 Banned { ms: 600000 }"]).await;
    // Those who may call are not affected.
    let caller = Caller::dial(house.sip, "9999", "+491", CUSTOMER_HZ).await;
    assert_eq!(caller.refused().await, 404);
    house.close().await;
}

async fn stranger_floods(house: &House, from: &UdpSocket) {
    from.send_to(b"OPTIONS sip:x SIP/2.0\r\n\r\n", house.sip).await.expect("sent");
}

/// A house with an echo line, whose trunk is known by this.
async fn trunk_by(known_by: &str) -> House {
    let text = machine(&Ports::any(), "[[lines]]\nnumber = \"echo\"\necho = true\n");
    House::with(&text.replace("sources = [\"127.0.0.1\"]", known_by)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_is_known_by_its_servers_name() {
    let house = trunk_by("server = \"localhost:5099\"").await;
    let caller = Caller::dial(house.sip, "echo", "+491", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_cannot_be_looked_up_keeps_nobody_from_starting() {
    // What is declared beside it is taken all the same.
    let house = trunk_by("server = \"provider.invalid\"\nsources = [\"127.0.0.1\"]").await;
    let caller = Caller::dial(house.sip, "echo", "+491", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
    let house = trunk_by("server = \"provider.invalid\"").await;
    let caller = Caller::dial(house.sip, "echo", "+491", CUSTOMER_HZ).await;
    assert_eq!(caller.refused().await, 403, "a stranger until the name is found");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_name_turns_nothing_round() {
    let house = house_of(&[], "", "[[lines]]\nnumber = \"echo\"\necho = true\n").await;
    let line = Line { name: "Anna \u{202e}nimda\u{2066} Berg".into(), number: "+491".into() };
    let mut phone = Phone::dial(house.sip, "echo", &line).await.expect("a telephone");
    assert_eq!(phone.answered().await, Ok(()));
    house.shows("SELECT name FROM person", &["Anna nimda Berg"]).await;
    phone.hang_up().await;
    house.quiet().await;
    house.close().await;
}
