//! Dialog state, RFC 3261 §12: tags, CSeq numbers, the remote target and the route set; and the requests made from it.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::sip::net::{Flow, Transport};
use crate::sip::wire::{HeaderName, Headers, Method, NameAddr, Request, RequestSpec, Response, Scheme, Uri};

#[derive(Debug, Clone)]
pub(crate) struct DialogState {
    pub call_id: Arc<str>,
    pub remote_tag: String,
    /// Our From value (To in requests to us), tag included.
    local: String,
    remote: String,
    target: Uri,
    routes: Vec<String>,
    /// Everything goes back the way it came: a phone behind a NAT, whose Contact is an address of its own network.
    pub pinned: bool,
    /// Of the last request we sent.
    pub local_cseq: u32,
    /// Of the last request we took; none before the first (UAC).
    remote_cseq: Option<u32>,
}

impl DialogState {
    /// §12.1.1: from the INVITE we take.
    pub fn uas(request: &Request, call_id: Arc<str>, from: &NameAddr, local_tag: &str, target: Uri, cseq: u32) -> DialogState {
        let text = |name| request.headers.text(&name).map(|value| value.into_owned()).unwrap_or_default();
        DialogState {
            call_id,
            remote_tag: from.tag().map(|tag| tag.into_owned()).unwrap_or_default(),
            local: format!("{};tag={local_tag}", text(HeaderName::To)),
            remote: text(HeaderName::From),
            target,
            routes: request.headers.list(&HeaderName::RecordRoute),
            pinned: false,
            local_cseq: 0,
            remote_cseq: Some(cseq),
        }
    }

    /// §12.1.2: from our INVITE and its 2xx. One without a To tag is a peer of RFC 2543 (§12.1.2 asks to bear with it);
    /// without a readable Contact the Request-URI stays the target.
    pub fn uac(spec: &RequestSpec, response: &Response) -> Option<DialogState> {
        let to = response.headers.text(&HeaderName::To)?;
        let remote_tag = NameAddr::parse(&to).ok()?.tag().map(|tag| tag.into_owned()).unwrap_or_default();
        let target = contact(&response.headers).or_else(|| Uri::parse(&spec.uri).ok())?;
        let mut routes = response.headers.list(&HeaderName::RecordRoute);
        routes.reverse();
        Some(DialogState {
            call_id: spec.call_id.clone(),
            remote_tag,
            local: spec.from.clone(),
            remote: to.into_owned(),
            target,
            routes,
            pinned: false,
            local_cseq: spec.cseq,
            remote_cseq: None,
        })
    }

    /// §12.2.2: false for a CSeq lower than the last one, which is answered 500.
    pub fn take_cseq(&mut self, number: u32) -> bool {
        if self.remote_cseq.is_some_and(|last| number <= last) {
            return false;
        }
        self.remote_cseq = Some(number);
        true
    }

    /// The confirmed dialog goes on where its early one stood.
    pub fn continue_from(&mut self, early: &DialogState) {
        self.local_cseq = self.local_cseq.max(early.local_cseq);
        self.remote_cseq = early.remote_cseq;
    }

    pub fn last_cseq(&self) -> Option<u32> {
        self.remote_cseq
    }

    /// Target refresh, §12.2: a re-INVITE, an UPDATE or their 2xx may move the peer.
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(uri) = contact(headers) {
            self.target = uri;
        }
    }

    /// The next request, with a new CSeq.
    pub fn request(&mut self, method: Method) -> RequestSpec {
        self.local_cseq += 1;
        self.spec(method, self.local_cseq)
    }

    /// The ACK of a 2xx carries the INVITE's CSeq, §13.2.2.4.
    pub fn ack(&self, cseq: u32) -> RequestSpec {
        self.spec(Method::Ack, cseq)
    }

    /// §12.2.1.1, strict routers (first route without `lr`) included.
    fn spec(&self, method: Method, cseq: u32) -> RequestSpec {
        let (mut uri, mut routes) = (self.target.to_string(), self.routes.clone());
        if let Some(first) = self.first_route().filter(|first| !first.is_loose()) {
            routes.remove(0);
            routes.push(format!("<{uri}>"));
            uri = first.to_string();
        }
        RequestSpec {
            method,
            uri,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq,
            routes,
            contact: None,
            headers: Vec::new(),
            body: None,
        }
    }

    fn first_route(&self) -> Option<Uri> {
        self.routes.first().and_then(|route| NameAddr::parse(route).ok()).map(|route| route.uri)
    }

    /// Where the next request goes. A name instead of an address falls back to where the dialog's messages come from: the core asks no DNS.
    pub fn next_hop(&self, came_from: Flow) -> Flow {
        if self.pinned && self.routes.is_empty() {
            return came_from;
        }
        let route = self.first_route();
        let uri = route.as_ref().unwrap_or(&self.target);
        let Some(addr) = uri.socket_addr() else {
            return came_from;
        };
        let named = uri.params.get("transport").and_then(|name| Transport::parse(&name));
        // What began over TLS never goes on in the open, whatever a Contact says (RFC 3261 §26.2.2 asks that of `sips:`).
        let secure = came_from.transport == Transport::Tls || uri.scheme == Scheme::Sips;
        let transport = if secure { Transport::Tls } else { named.unwrap_or(came_from.transport) };
        let same = transport == came_from.transport;
        let connection: Option<SocketAddr> =
            came_from.connection.filter(|connection| same && (route.is_none() || connection.ip() == addr.ip()));
        Flow { transport, addr, connection }
    }
}

/// The first Contact's URI, when it is one we could call.
pub(crate) fn contact(headers: &Headers) -> Option<Uri> {
    let first = headers.list(&HeaderName::Contact).into_iter().next()?;
    NameAddr::parse(&first).ok().map(|contact| contact.uri).filter(Uri::is_sip)
}
