//! A request with the headers that every answer needs, read once.

use std::net::SocketAddr;

use crate::sip::net::Flow;
use crate::sip::wire::{CSeq, HeaderName, Method, NameAddr, Request, Via};

/// A request whose Via was readable, so that it can be answered.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub request: Request,
    /// The topmost Via, marked with the source.
    pub via: Via,
    pub flow: Flow,
}

impl Inbound {
    /// Gives the request back when its Via cannot be read.
    pub fn new(flow: Flow, request: Request) -> Result<Inbound, Request> {
        let text = request.headers.text(&HeaderName::Via);
        let via = text.and_then(|text| crate::sip::wire::split_list(&text).next().and_then(|first| Via::parse(first).ok()));
        let Some(mut via) = via else { return Err(request) };
        via.mark_received(flow.addr);
        Ok(Inbound { request, via, flow })
    }

    /// With a Via whose parameters cannot be read: good enough to be told so.
    pub fn with_broken_via(flow: Flow, request: Request) -> Option<Inbound> {
        let mut via = {
            let text = request.headers.text(&HeaderName::Via)?;
            Via::parse(text.split([';', ',']).next()?).ok()?
        };
        via.mark_received(flow.addr);
        Some(Inbound { request, via, flow })
    }

    /// RFC 3261 §18.2.2: over a stream the same connection, or a new one to the source and the sent-by port.
    pub fn reply_flow(&self) -> Flow {
        let mut addr = self.via.reply_to(self.flow.addr);
        if self.flow.transport.is_reliable() {
            addr = SocketAddr::new(self.flow.addr.ip(), self.via.port.unwrap_or(5060));
        }
        Flow { addr, ..self.flow }
    }

    /// §17.2.3, with the source added: a stranger who learns a branch does not reach the transaction. ACK and CANCEL are given the INVITE's method.
    pub fn transaction_key(&self, method: &Method, envelope: &Envelope) -> String {
        let source = self.flow.addr.ip();
        if self.via.has_magic_branch() {
            let branch = self.via.branch().unwrap_or_default();
            return format!("{branch} {}:{} {source} {}", self.via.host, self.via.port.unwrap_or(0), method.as_str());
        }
        let from_tag = envelope.from.tag().unwrap_or_default();
        format!(
            "{} {from_tag} {} {} {} {source} {}",
            self.request.uri,
            envelope.call_id,
            envelope.cseq.number,
            self.via.host,
            method.as_str()
        )
    }
}

/// The headers every request must have (§8.1.1), typed.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub from: NameAddr,
    pub to: NameAddr,
    pub call_id: String,
    pub cseq: CSeq,
}

impl Envelope {
    /// The name of the header that is missing, twice there or unreadable goes into the 400's reason phrase.
    pub fn parse(request: &Request) -> Result<Envelope, &'static str> {
        let one = |name: HeaderName, what: &'static str| {
            if request.headers.count(&name) > 1 {
                return Err(what);
            }
            request.headers.text(&name).map(|value| value.into_owned()).filter(|value| !value.is_empty()).ok_or(what)
        };
        let from = NameAddr::parse(&one(HeaderName::From, "Bad From")?).map_err(|_| "Bad From")?;
        let to = NameAddr::parse(&one(HeaderName::To, "Bad To")?).map_err(|_| "Bad To")?;
        let call_id = one(HeaderName::CallId, "Bad Call-ID")?;
        let cseq = CSeq::parse(&one(HeaderName::CSeq, "Bad CSeq")?).map_err(|_| "Bad CSeq")?;
        if cseq.method != request.method {
            return Err("CSeq Method Mismatch");
        }
        match request.headers.text(&HeaderName::MaxForwards) {
            Some(text) if text.trim().parse::<u8>().is_err() => return Err("Bad Max-Forwards"),
            _ => {}
        }
        if request.headers.count(&HeaderName::MaxForwards) > 1 || request.headers.count(&HeaderName::ContentLength) > 1 {
            return Err("Repeated Header");
        }
        Ok(Envelope { from, to, call_id, cseq })
    }

    /// Requests that differ only in the way they took, §8.2.2.2.
    pub fn merge_key(&self) -> String {
        format!("{} {} {}", self.from.tag().unwrap_or_default(), self.call_id, self.cseq.number)
    }
}
