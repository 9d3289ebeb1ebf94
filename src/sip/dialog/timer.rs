//! Session timers, RFC 4028: a call whose other side has gone without a word ends by itself, because somebody asks now and then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{OurOffer, Stage};
use crate::sip::call::{CallKey, DialogEvent};
use crate::sip::core::{Core, Owner};
use crate::sip::wire::{HeaderName, Headers, Method, RequestSpec};

/// What we ask for (§4 recommends half an hour).
const INTERVAL: u32 = 1800;
/// The least we take, and the least the RFC allows (§5).
pub(in crate::sip) const MIN_SE: u32 = 90;
/// The most that a 422 can make us ask for.
const MAX_SE: u32 = 86_400;
/// A refresh that could not be sent or was refused for the moment is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The extensions we support, for Supported.
pub(in crate::sip) const SUPPORTED: &str = "timer, 100rel, replaces";

/// What both sides have agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionTimer {
    /// Seconds.
    pub interval: u32,
    /// We refresh; else we watch.
    pub ours: bool,
    /// When we refresh next, or when the session is over.
    pub due: Instant,
    /// When the session is over, whoever refreshes.
    pub expires: Instant,
}

impl SessionTimer {
    pub fn new(now: Instant, interval: u32, ours: bool) -> SessionTimer {
        let interval = interval.clamp(MIN_SE, MAX_SE);
        let whole = Duration::from_secs(u64::from(interval));
        // §10: refreshed at half; the end comes a little before, so that a BYE still finds the way open.
        let expires = now + whole - Duration::from_secs(32).min(whole / 3);
        SessionTimer { interval, ours, due: if ours { now + whole / 2 } else { expires }, expires }
    }
}

/// `Session-Expires: 1800;refresher=uac`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    seconds: u32,
    /// Whether the side that sends the request is to refresh; `None` leaves it open.
    sender: Option<bool>,
}

fn asked(headers: &Headers) -> Option<Asked> {
    let text = headers.text(&HeaderName::SessionExpires)?;
    let mut parts = text.split(';');
    let seconds = parts.next()?.trim().parse().ok()?;
    let refresher = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("refresher").then(|| value.trim().to_ascii_lowercase())
    });
    let sender = match refresher.as_deref() {
        Some("uac") => Some(true),
        Some("uas") => Some(false),
        _ => None,
    };
    Some(Asked { seconds, sender })
}

pub(super) fn supports(headers: &Headers, extension: &str) -> bool {
    [HeaderName::Supported, HeaderName::Require].iter().any(|name| headers.list(name).iter().any(|tag| tag.eq_ignore_ascii_case(extension)))
}

/// §9: a request that asks for less than we take.
pub(super) fn too_short(headers: &Headers) -> bool {
    asked(headers).is_some_and(|asked| asked.seconds < MIN_SE)
}

/// What a 422 asks for, if it is to be had.
pub(super) fn least(headers: &Headers) -> Option<u32> {
    headers.text(&HeaderName::MinSe).and_then(|text| super::leading_number(&text)).filter(|least| *least <= MAX_SE)
}

/// §9: how we answer a request that makes or renews a session.
pub(super) fn agree(now: Instant, request: &Headers) -> (SessionTimer, Vec<(&'static str, String)>) {
    let theirs = supports(request, "timer");
    let (seconds, sender) = match asked(request) {
        Some(asked) => (asked.seconds, asked.sender.unwrap_or(theirs) && theirs),
        None => (INTERVAL, theirs),
    };
    let timer = SessionTimer::new(now, seconds, !sender);
    let mut headers = vec![("Session-Expires", format!("{};refresher={}", timer.interval, if sender { "uac" } else { "uas" }))];
    if sender {
        headers.push(("Require", "timer".to_owned()));
    }
    (timer, headers)
}

/// §7.2: what the 2xx to our request makes of it. A peer without timers is asked by us now and then all the same.
pub(super) fn granted(now: Instant, response: &Headers, interval: u32) -> SessionTimer {
    match asked(response) {
        Some(asked) => SessionTimer::new(now, asked.seconds, asked.sender.unwrap_or(true)),
        None => SessionTimer::new(now, interval, true),
    }
}

/// What an INVITE of ours has asked for.
pub(super) fn interval_of(spec: &RequestSpec) -> u32 {
    let header = spec.headers.iter().find(|(name, _)| name == "Session-Expires");
    header.and_then(|(_, value)| super::leading_number(value)).unwrap_or(INTERVAL)
}

/// Asks for this interval instead.
pub(super) fn replace(spec: &mut RequestSpec, interval: u32) {
    let fresh = headers(Some(interval.max(INTERVAL)), None);
    spec.headers.retain(|(name, _)| !fresh.iter().any(|(fresh, _)| fresh == name));
    spec.headers.extend(fresh);
}

/// The headers of a request of ours that makes or renews a session.
pub(super) fn headers(interval: Option<u32>, refresher: Option<bool>) -> Vec<(String, String)> {
    let interval = interval.unwrap_or(INTERVAL);
    let refresher = match refresher {
        Some(true) => ";refresher=uac",
        Some(false) => ";refresher=uas",
        None => "",
    };
    vec![
        ("Supported".to_owned(), SUPPORTED.to_owned()),
        ("Session-Expires".to_owned(), format!("{interval}{refresher}")),
        // After a 422 the interval is the least that somebody on the way takes (§7.3).
        ("Min-SE".to_owned(), if interval > INTERVAL { interval } else { MIN_SE }.to_string()),
    ]
}

impl Core {
    /// The timer of a call has come: a refresh, or the end.
    pub(super) fn on_session_timer(&mut self, now: Instant, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let busy = call.open_offer.is_some() || call.our_offer.is_some() || call.unacked.is_some() || call.refreshing;
        let (Stage::Up, Some(timer)) = (&call.stage, call.timer.as_mut()) else { return };
        if timer.due > now {
            return;
        }
        if timer.expires <= now {
            tracing::info!("sip session expired: the other side has gone");
            self.hang_up(now, key, Some("SIP;cause=408;text=\"Session expired\""));
            return self.over(now, key, DialogEvent::Ended { by_peer: true, status: Some(408), reason: None });
        }
        timer.due = (now + AGAIN).min(timer.expires);
        if busy {
            return;
        }
        let interval = timer.interval;
        if call.updates {
            self.refresh_by_update(now, key, interval);
        } else if let Some(sdp) = call.last_sdp.clone() {
            call.our_offer = Some(OurOffer { sdp, tx: None, tries: 0, retry_at: None });
            self.send_offer(now, key);
        }
    }

    /// UPDATE without SDP (RFC 3311) renews the session and disturbs nothing else.
    fn refresh_by_update(&mut self, now: Instant, key: CallKey, interval: u32) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let flow = call.flow;
        let Some(dialog) = call.dialog.as_mut() else { return };
        let mut update = dialog.request(Method::Update);
        let hop = dialog.next_hop(flow);
        call.refreshing = true;
        update.headers = headers(Some(interval), Some(true));
        update.contact = Some(self.contact(hop));
        self.authorize(key, &mut update);
        self.send_request(now, hop, &update.clone(), Owner::Within { call: Some(key), spec: Arc::new(update), retried: false });
    }

    /// Somebody has renewed the session.
    pub(super) fn set_timer(&mut self, key: CallKey, timer: SessionTimer) {
        if let Some(call) = self.calls.get_mut(&key) {
            call.timer = Some(timer);
            call.refreshing = false;
            self.arm(key);
        }
    }

    /// The answer to our UPDATE.
    pub(super) fn refreshed(&mut self, now: Instant, key: CallKey, status: u16, headers: &Headers) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.refreshing = false;
        let interval = call.timer.map_or(INTERVAL, |timer| timer.interval);
        match status {
            200..300 => self.set_timer(key, granted(now, headers, interval)),
            422 => {
                if let (Some(timer), Some(least)) = (call.timer.as_mut(), least(headers)) {
                    timer.interval = timer.interval.max(least);
                    timer.due = now;
                    self.arm(key);
                }
            }
            // It says that it allows UPDATE, and does not.
            405 | 501 => call.updates = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::wire::{Framing, Message, parse};

    fn request(headers: &str) -> Headers {
        let text = format!("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bKx\r\n{headers}\r\n\r\n");
        match parse(&bytes::Bytes::from(text), Framing::Datagram) {
            Ok(Message::Request(request)) => request.headers,
            other => panic!("{other:?}"),
        }
    }

    /// RFC 4028 §9, table 2, and what we add where the caller says nothing.
    #[test]
    fn the_refresher_is_chosen_as_the_table_says() {
        let now = Instant::now();
        let table = [
            ("Supported: timer\r\nSession-Expires: 600;refresher=uac", "600;refresher=uac", true, false),
            ("Supported: timer\r\nSession-Expires: 600;refresher=uas", "600;refresher=uas", false, true),
            ("Supported: timer\r\nSession-Expires: 600", "600;refresher=uac", true, false),
            ("Session-Expires: 600", "600;refresher=uas", false, true),
            ("x: 600;refresher=uac", "600;refresher=uas", false, true),
            ("Supported: timer", "1800;refresher=uac", true, false),
            ("Subject: nothing of timers", "1800;refresher=uas", false, true),
        ];
        for (headers, expected, require, ours) in table {
            let (timer, answer) = agree(now, &request(headers));
            assert_eq!(answer[0], ("Session-Expires", expected.to_owned()), "{headers}");
            assert_eq!(answer.iter().any(|(name, _)| *name == "Require"), require, "{headers}");
            assert_eq!(timer.ours, ours, "{headers}");
            let half = Duration::from_secs(u64::from(timer.interval) / 2);
            assert_eq!(timer.due == now + half, ours, "{headers}");
        }
        assert!(too_short(&request("Session-Expires: 89")));
        assert!(!too_short(&request("Session-Expires: 90")));
        assert!(!too_short(&request("Session-Expires: soon")));
    }

    #[test]
    fn a_peer_without_timers_is_asked_all_the_same() {
        let now = Instant::now();
        assert_eq!(granted(now, &request("Subject: x"), 1800), SessionTimer::new(now, 1800, true));
        assert_eq!(granted(now, &request("Session-Expires: 300;refresher=uas"), 1800), SessionTimer::new(now, 300, false));
        assert_eq!(granted(now, &request("Session-Expires: 300;refresher=uac"), 1800), SessionTimer::new(now, 300, true));
    }
}
