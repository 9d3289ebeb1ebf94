//! A core without sockets: messages in as text, messages and events out as values.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::sip::call::{CallKey, DialogEvent, Outgoing};
use crate::sip::core::{Core, NewCall, Output};
use crate::sip::net::{Bound, Flow, Local, Reach, Transport};
use crate::sip::registrar::PhoneNews;
use crate::sip::wire::{Framing, HeaderName, Message, NameAddr, Request, Response, Uri, parse};
use crate::sip::{Ban, GuardConfig, Peer};

pub(super) const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
pub(super) const PEER: &str = "192.0.2.10:5060";

pub(super) fn addr(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

pub(super) fn udp(from: &str) -> Flow {
    Flow { transport: Transport::Udp, addr: addr(from), connection: None }
}

pub(super) fn core(us: &str, seed: u64) -> Core {
    let bound = Bound { udp: Some(addr(us)), tcp: Some(addr(us)), tls: None };
    let audio = Reach { public: None, bind: addr(us).ip() };
    let local = Local::new(bound, None, audio, Box::new(|_| None));
    let mut core = Core::new("test".to_owned(), GuardConfig::default(), local, StdRng::seed_from_u64(seed));
    core.set_peers(vec![Peer {
        name: Arc::from("trunk"),
        sources: vec!["192.0.2.0/24".parse().expect("net")],
        transport: None,
        asserts: true,
    }]);
    core
}

/// One core at 192.0.2.1 and a scripted peer at [`PEER`].
pub(super) struct Rig {
    pub core: Core,
    pub now: Instant,
    pub sent: Vec<String>,
    pub events: Vec<DialogEvent>,
    pub calls: Vec<NewCall>,
    pub phones: Vec<PhoneNews>,
    pub bans: Vec<Ban>,
}

impl Rig {
    pub fn new() -> Rig {
        Rig {
            core: core("192.0.2.1:5060", 7),
            now: super::origin(),
            sent: Vec::new(),
            events: Vec::new(),
            calls: Vec::new(),
            phones: Vec::new(),
            bans: Vec::new(),
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Send { bytes, .. } => self.sent.push(String::from_utf8_lossy(&bytes).into_owned()),
                Output::Event { event, .. } => self.events.push(event),
                Output::Incoming(call) => self.calls.push(*call),
                Output::Reply { .. } => {}
                Output::Phones(news) => self.phones.push(news),
                Output::Banned(ban) => self.bans.push(ban),
            }
        }
    }

    pub fn hear_from(&mut self, from: &str, text: &str) {
        self.hear_over(udp(from), text);
    }

    pub fn hear_over(&mut self, flow: Flow, text: &str) {
        self.core.receive(self.now, flow, &Bytes::copy_from_slice(text.as_bytes()));
        self.drain();
    }

    pub fn hear(&mut self, text: &str) {
        self.hear_from(PEER, text);
    }

    pub fn act(&mut self, verb: impl FnOnce(&mut Core, Instant)) {
        verb(&mut self.core, self.now);
        self.drain();
    }

    /// Lets time pass, each timer at its moment.
    pub fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.core.next_deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.core.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    /// First lines of what was sent since the last look.
    pub fn starts(&mut self) -> Vec<String> {
        self.sent.drain(..).map(|text| start(&text)).collect()
    }

    pub fn take_events(&mut self) -> Vec<DialogEvent> {
        std::mem::take(&mut self.events)
    }

    /// The last message sent.
    pub fn last(&self) -> String {
        self.sent.last().cloned().expect("something was sent")
    }

    /// An INVITE from the peer that has been taken and not answered.
    pub fn ring(&mut self, name: &str) -> CallKey {
        self.hear(&invite(name));
        let key = self.calls.last().expect("a call").key;
        assert_eq!(self.starts(), ["SIP/2.0 100 Trying"]);
        key
    }

    /// A call from the peer that is up; gives its key and our tag.
    pub fn up(&mut self, name: &str) -> (CallKey, String) {
        let key = self.ring(name);
        self.act(|core, now| core.answer(now, key, SDP));
        let tag = tag_of(&self.last(), HeaderName::To);
        self.sent.clear();
        self.hear(&within(name, "ACK", 1, &tag, ""));
        assert_eq!(self.take_events(), [DialogEvent::Confirmed { sdp: None }]);
        (key, tag)
    }

    /// An INVITE of ours; gives its key and text.
    pub fn dial(&mut self, credentials: Option<crate::sip::Credentials>) -> (CallKey, String) {
        let outgoing = Outgoing {
            to: Uri::parse("sip:bob@192.0.2.10").expect("uri"),
            from: NameAddr::parse("\"Us\" <sip:us@192.0.2.1>").expect("from"),
            transport: Some(Transport::Udp),
            offer: SDP.to_owned(),
            headers: Vec::new(),
            credentials,
            may_refer: false,
        };
        let (key, _) = self.core.invite(self.now, udp(PEER), outgoing).expect("room");
        self.drain();
        (key, self.last())
    }
}

pub(super) fn start(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.starts_with("SIP/") { line.to_owned() } else { line.split(' ').next().unwrap_or("").to_owned() }
}

pub(super) fn request(text: &str) -> Request {
    match parse(&Bytes::copy_from_slice(text.as_bytes()), Framing::Datagram) {
        Ok(Message::Request(request)) => request,
        other => panic!("no request: {other:?}"),
    }
}

pub(super) fn response(text: &str) -> Response {
    match parse(&Bytes::copy_from_slice(text.as_bytes()), Framing::Datagram) {
        Ok(Message::Response(response)) => response,
        other => panic!("no response: {other:?}"),
    }
}

pub(super) fn tag_of(text: &str, header: HeaderName) -> String {
    let headers = match parse(&Bytes::copy_from_slice(text.as_bytes()), Framing::Datagram) {
        Ok(Message::Request(request)) => request.headers,
        Ok(Message::Response(response)) => response.headers,
        Err(error) => panic!("{error}"),
    };
    let value = headers.text(&header).expect("the header").into_owned();
    NameAddr::parse(&value).expect("an address").tag().expect("a tag").into_owned()
}

pub(super) fn invite(name: &str) -> String {
    let length = SDP.len();
    format!(
        "INVITE sip:4001@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{name};rport\r\nMax-Forwards: 70\r\n\
         From: \"Ann\" <sip:ann@192.0.2.10>;tag=f{name}\r\nTo: <sip:4001@192.0.2.1>\r\nCall-ID: {name}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:ann@192.0.2.10:5060>\r\nContent-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{SDP}"
    )
}

/// The CANCEL of [`invite`].
pub(super) fn cancel(name: &str) -> String {
    format!(
        "CANCEL sip:4001@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{name};rport\r\nMax-Forwards: 70\r\n\
         From: \"Ann\" <sip:ann@192.0.2.10>;tag=f{name}\r\nTo: <sip:4001@192.0.2.1>\r\nCall-ID: {name}\r\nCSeq: 1 CANCEL\r\n\
         Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A request of the peer within the dialog that [`invite`] began; `rest` is more headers, an empty line and a body, or nothing.
pub(super) fn within(name: &str, method: &str, cseq: u32, our_tag: &str, rest: &str) -> String {
    let rest = if rest.is_empty() { "Content-Length: 0\r\n\r\n" } else { rest };
    format!(
        "{method} sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{name}{method}{cseq};rport\r\nMax-Forwards: 70\r\n\
         From: \"Ann\" <sip:ann@192.0.2.10>;tag=f{name}\r\nTo: <sip:4001@192.0.2.1>;tag={our_tag}\r\nCall-ID: {name}\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sip:ann@192.0.2.10:5060>\r\n{rest}"
    )
}

pub(super) fn with_sdp() -> String {
    format!("Content-Type: application/sdp\r\n\r\n{SDP}")
}

/// The peer's response to a request of ours.
pub(super) fn respond(request_text: &str, status: &str, tag: &str, rest: &str) -> String {
    let r = request(request_text);
    let text = |name| r.headers.text(&name).map(|value| value.into_owned()).unwrap_or_default();
    let to = text(HeaderName::To);
    let to = if to.contains("tag=") || tag.is_empty() { to } else { format!("{to};tag={tag}") };
    let rest = if rest.is_empty() { "Content-Length: 0\r\n\r\n" } else { rest };
    format!(
        "SIP/2.0 {status}\r\nVia: {}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: <sip:bob@192.0.2.10:5070>\r\n{rest}",
        text(HeaderName::Via),
        text(HeaderName::From),
        text(HeaderName::CallId),
        text(HeaderName::CSeq)
    )
}
