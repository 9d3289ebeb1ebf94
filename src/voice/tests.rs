//! What a whole house cannot be made to show: a desk that says nothing.

use super::softphone::Softphones;
use super::{Parts, Settings, Voice, call};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::id::CallId;
use crate::desk::person::{Identity, Who};
use crate::media::{Plane, PlaneConfig};
use crate::sim::phone::{Line, Phone};
use crate::sip::{Endpoint, EndpointConfig, GuardConfig, Incoming, Peer};
use crate::speech::Speech;
use crate::store::Store;
use crate::switchboard::Switchboard;
use crate::voice::prompts::Prompts;
use crate::webrtc::WebConfig;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Voice on loopback, with everything it needs, and the calls that come in.
async fn voice(folder: &Path) -> (Voice, SocketAddr, mpsc::Receiver<Incoming>) {
    let (store, clock) = (Store::open(folder).expect("a store"), Clock::system());
    let catalog = Config::parse("", Path::new("hubline.toml")).expect("a configuration").catalog;
    let switchboard = Switchboard::start(store.clone(), clock.clone(), Arc::new(catalog)).expect("a switchboard");
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let plane = Plane::start(PlaneConfig {
        threads: 1,
        rtp_ports: 40_000..=40_099,
        bind: local.ip(),
        web: Some(local),
        silence_after: Duration::from_millis(500),
        rtp_silence_after: Duration::from_secs(30),
        clock: Instant::now,
    });
    let plane = plane.expect("a media plane");
    let web = WebConfig::new(plane.web_addr().expect("a port"), vec![local]);
    let config = EndpointConfig {
        udp: Some(local),
        tcp: None,
        tls: None,
        authorities: crate::sip::Authorities::system().expect("authorities"),
        name_servers: Vec::new(),
        public_address: None,
        audio: crate::sip::Reach { public: None, bind: local.ip() },
        user_agent: String::new(),
        guard: GuardConfig::default(),
        max_calls: 10,
    };
    let (endpoint, incoming) = Endpoint::bind(config).await.expect("an endpoint");
    let address = endpoint.local_udp().expect("an address");
    let settings = Settings {
        trunks: Vec::new(),
        phones: Vec::new(),
        colleagues: std::collections::BTreeMap::new(),
        prompts: Prompts::new("en", None),
        speech: Speech::new(None, folder.join("speech")),
        language: "en".into(),
        browsers: false,
        host: address,
    };
    let softphones = Softphones::new(plane.clone(), web.clone(), switchboard.clone(), clock.clone());
    let parts = Parts {
        store,
        switchboard,
        endpoint: endpoint.clone(),
        plane,
        softphones,
        web,
        clock: clock.clone(),
        settings,
        recordings: folder.join("recordings"),
    };
    // Calls are taken by the test, not by voice.
    let (_, nothing) = mpsc::channel(1);
    let voice = Voice::start(parts, nothing).await.expect("voice");
    endpoint
        .set_peers(vec![Peer {
            name: "line".into(),
            sources: vec!["127.0.0.1".parse().expect("an address")],
            transport: None,
            asserts: true,
        }])
        .await;
    (voice, address, incoming)
}

#[tokio::test]
async fn a_caller_of_whom_the_desk_never_heard_does_not_ring_for_ever() {
    let folder = tempfile::tempdir().expect("a folder");
    let (voice, address, mut incoming) = voice(folder.path()).await;
    let line = Line { name: "Ann".into(), number: "+491".into() };
    let mut phone = Phone::dial(address, "4001", &line).await.expect("a telephone");
    let Some(Incoming::Invite(invited)) = incoming.recv().await else { panic!("no call") };
    let identity = Identity { kind: "phone".into(), namespace: String::new(), value: "+491".into() };
    // The wire stays open, as the wire of a desk that has just panicked does, and nothing comes.
    let (_desk, line) = mpsc::channel(1);
    let waits = voice.shared.admission.enter(invited.arrived).expect("room");
    let start = call::Start {
        settings: voice.settings(),
        voice: voice.clone(),
        call: CallId(1),
        who: Who { identity, display: None, person: None },
        began: call::Began::Phone(invited),
        line,
        waits: Some(waits),
    };
    let begun = Instant::now();
    let call = tokio::spawn(call::run(start));
    assert_eq!(phone.answered().await, Err(503));
    let patience = begun.elapsed().as_secs();
    assert!((9..20).contains(&patience), "{patience} s");
    call.await.expect("the call's task ends");
}

/// Everything that the house itself can say is there in each language.
#[test]
fn every_built_in_prompt_and_number_can_be_played() {
    use crate::desk::ivr::{Piece, SPOKEN, digits, position, wait};
    for language in SPOKEN {
        let prompts = super::prompts::Prompts::new(language, None);
        let numbers = (1..=59).flat_map(|n| position(language, n).into_iter().chain(wait(language, n * 61)));
        let numbers = numbers.chain(wait(language, 0)).chain(wait(language, 100_000)).chain(digits("0123456789"));
        let names = numbers.map(|piece| match piece {
            Piece::Prompt(name) => name,
            Piece::Text(text) => panic!("{text} is not recorded"),
        });
        for name in names.chain(crate::media::config::BUILT_IN.map(str::to_owned)) {
            prompts.get(&name).unwrap_or_else(|error| panic!("{language}: {error}"));
        }
    }
}
