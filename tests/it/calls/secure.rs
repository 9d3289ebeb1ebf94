//! A trunk over TLS with encrypted audio: two houses are each other's provider, the certificate is verified, and where one side would speak
//! in the open nobody rings.

use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::talk;
use crate::rig::{AGENT_HZ, OTHER_AGENT_HZ, until};
use hubline::desk::id::AgentId;
use hubline::desk::input::{Callee, Command, Input};
use hubline::desk::person::{Identity, Who};
use std::path::Path;
use std::time::Duration;

/// A stranger each time: whoever is known would have to be looked up.
const NUMBERS: [&str; 2] = ["+4930123456", "+4930123457"];

/// The provider's side: whoever dials the number comes to emil. `audio` is how the trunk's audio is.
async fn provider(emil: &DeskPhone, audio: &str) -> House {
    House::open(&format!(
        "transport = \"tls\"\nsrtp = \"{audio}\"\n[[lines]]\nnumber = \"4930123456\"\nqueue = \"sales\"\n[[lines]]\nnumber = \"4930123457\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"emil\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
        emil.uri()
    ))
    .await
}

/// Ours: dora calls out by a trunk that must be encrypted, to a server for which this authority vouches.
async fn ours(dora: &DeskPhone, provider: &House, authority: &Path) -> House {
    House::open(&format!(
        "[[trunks]]\nid = \"out\"\nserver = \"{}\"\ntransport = \"tls\"\nsrtp = \"required\"\nca = \"{}\"\nping = \"0s\"\n\
         [trunks.outbound]\nallow = [\"+49\"]\nform = \"plain\"\nnumber = \"+493055500\"\n[dial]\ncountry = \"de\"\nagents = [\"any\"]\n\
         [[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[agents]]\nid = \"dora\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
        provider.sip_tls.expect("SIP over TLS"),
        authority.display(),
        dora.uri()
    ))
    .await
}

async fn calls(house: &House, number: &str) {
    let identity = Identity { kind: "phone".into(), namespace: String::new(), value: number.into() };
    let callee = Callee::Number { who: Who { identity, display: None, person: None }, number: number.into(), line: None };
    let command = Command::Call { callee, queue: None, chat: None };
    house.app.switchboard.ask(Input::Command(AgentId::from("dora"), command)).await.expect("called");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_hear_each_other_and_nothing_is_in_the_open() {
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let provider = provider(&emil, "required").await;
    let ours = ours(&dora, &provider, &provider.authority()).await;
    for (ends, number) in ["dora", "emil"].into_iter().zip(NUMBERS) {
        calls(&ours, number).await;
        dora.hears(OTHER_AGENT_HZ).await;
        emil.hears(AGENT_HZ).await;
        talk(Duration::from_millis(500)).await;
        let (first, other) = if ends == "dora" { (&dora, &emil) } else { (&emil, &dora) };
        first.hang_up().await;
        other.is_idle().await;
        ours.quiet().await;
        provider.quiet().await;
    }
    ours.shows("SELECT direction, ended_by, end_cause FROM call", &["outbound|agent|normal", "outbound|customer|normal"]).await;
    provider.shows("SELECT direction, ended_by, end_cause FROM call", &["inbound|customer|normal", "inbound|agent|normal"]).await;
    ours.close().await;
    provider.close().await;
}

/// Nobody rings, nobody is heard, and the call is over at our side.
async fn is_not_reached(audio: &str, authority: impl FnOnce(&House) -> std::path::PathBuf) {
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let provider = provider(&emil, audio).await;
    let ours = ours(&dora, &provider, &authority(&provider)).await;
    calls(&ours, NUMBERS[0]).await;
    until("the call is over", || ours.rows("SELECT end_cause FROM call WHERE ended_at IS NOT NULL").len() == 1).await;
    ours.quiet().await;
    assert_eq!((emil.rung(), dora.share(OTHER_AGENT_HZ) > 0.1), (0, false));
    ours.shows("SELECT end_cause FROM call", &["not_reached"]).await;
    ours.close().await;
    provider.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_who_would_speak_in_the_open_is_not_talked_to() {
    is_not_reached("off", House::authority).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_whose_certificate_nobody_vouches_for_is_not_talked_to() {
    let other = House::open("").await;
    is_not_reached("required", |_| other.authority()).await;
    other.close().await;
}
