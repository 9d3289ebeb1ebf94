//! The REGISTER client, RFC 3261 §10.2: registers, refreshes before it expires, answers MD5 and SHA-256 challenges, and backs off when refused.
//! One task per registration; what it waits for next is decided by `Plan`, which knows no clock.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::SipError;
use super::dialog::leading_number;
use super::endpoint::Endpoint;
use super::net::Transport;
use super::wire::auth::choose;
use super::wire::digest::{Credentials, DigestClient};
use super::wire::{HeaderName, Method, NameAddr, RequestSpec, Response, Uri};

/// What to keep registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Names it for `unregister`; a second registration of the same name replaces the first.
    pub name: Arc<str>,
    /// Request-URI: `sip:provider.example`.
    pub registrar: Uri,
    /// `None` takes what the name server says, else UDP.
    pub transport: Option<Transport>,
    /// The address of record: `sip:1000@provider.example`.
    pub aor: Uri,
    pub credentials: Option<Credentials>,
    /// The user part of our Contact, by which the peer's INVITEs come in; the address of record's when `None`.
    pub contact_user: Option<String>,
    /// What we ask for; the registrar may grant less.
    pub expires: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationState {
    /// The first REGISTER is on its way.
    Trying,
    Registered {
        expires: Duration,
    },
    /// `status` is the registrar's answer, or `None` when there was none; tried again after `retry_in`.
    Failed {
        status: Option<u16>,
        retry_in: Duration,
    },
    /// Ended by `unregister` or the endpoint's shutdown.
    Unregistered,
}

/// First wait after a failure; doubles up to `LONGEST_WAIT` (RFC 5626 §4.5 in spirit).
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Challenges answered in one attempt: the first, and one stale nonce.
const MAX_CHALLENGES: u32 = 2;

/// What the last attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Granted { expires: Duration },
    Refused { status: u16, retry_after: Option<u32> },
    Silence,
}

/// When to try again.
#[derive(Debug, Default)]
struct Plan {
    failures: u32,
}

impl Plan {
    /// The state to show and how long to wait.
    fn next(&mut self, outcome: Outcome) -> (RegistrationState, Duration) {
        match outcome {
            Outcome::Granted { expires } => {
                self.failures = 0;
                // In good time: at nine tenths, at least 5 s before, never faster than once a second.
                let ahead = (expires / 10).max(Duration::from_secs(5));
                (RegistrationState::Registered { expires }, expires.saturating_sub(ahead).max(Duration::from_secs(1)))
            }
            Outcome::Refused { status, retry_after } => self.failed(Some(status), retry_after),
            Outcome::Silence => self.failed(None, None),
        }
    }

    fn failed(&mut self, status: Option<u16>, retry_after: Option<u32>) -> (RegistrationState, Duration) {
        let backoff = FIRST_WAIT.saturating_mul(1 << self.failures.min(16)).min(LONGEST_WAIT);
        self.failures += 1;
        // A refused login does not heal by asking again: providers ban for that.
        let floor = if matches!(status, Some(401 | 403 | 404 | 407)) { Duration::from_secs(30) } else { Duration::ZERO };
        let asked = Duration::from_secs(u64::from(retry_after.unwrap_or(0)));
        let retry_in = backoff.max(floor).max(asked).min(Duration::from_secs(3600));
        (RegistrationState::Failed { status, retry_in }, retry_in)
    }
}

/// Keeps one registration until its task is ended.
struct Registrar {
    endpoint: Endpoint,
    registration: Registration,
    call_id: Arc<str>,
    cseq: u32,
    digest: Option<DigestClient>,
    /// What we ask for; grows when the registrar says 423.
    ask: u32,
}

/// Runs until `stop` fires, then takes the registration back.
pub(super) async fn keep(
    endpoint: Endpoint,
    registration: Registration,
    state: watch::Sender<RegistrationState>,
    mut stop: watch::Receiver<bool>,
) {
    let Ok(call_id) = endpoint.fresh().await else {
        return;
    };
    let ask = u32::try_from(registration.expires.as_secs()).unwrap_or(3600).max(1);
    let mut registrar = Registrar { endpoint, registration, call_id: call_id.into(), cseq: 0, digest: None, ask };
    let mut plan = Plan::default();
    loop {
        let outcome = tokio::select! {
            outcome = registrar.attempt(registrar_expires) => outcome,
            _ = stop.changed() => break,
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(SipError::Closed) => break,
            Err(error) => {
                tracing::warn!(registration = %registrar.registration.name, %error, "registration failed");
                Outcome::Silence
            }
        };
        let (shown, wait) = plan.next(outcome);
        if let RegistrationState::Failed { status, .. } = &shown {
            tracing::warn!(registration = %registrar.registration.name, status, retry_s = wait.as_secs(), "not registered");
        }
        state.send_replace(shown);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => break,
        }
    }
    if matches!(*state.borrow(), RegistrationState::Registered { .. }) {
        // Best effort: the endpoint may be going down.
        let _ = tokio::time::timeout(Duration::from_secs(2), registrar.attempt(|_| 0)).await;
    }
    state.send_replace(RegistrationState::Unregistered);
}

fn registrar_expires(registrar: &Registrar) -> u32 {
    registrar.ask
}

impl Registrar {
    /// One REGISTER with its challenges.
    async fn attempt(&mut self, expires: fn(&Registrar) -> u32) -> Result<Outcome, SipError> {
        let mut challenges = 0;
        let mut intervals = 0;
        loop {
            let (spec, digest) = self.spec(expires(self)).await?;
            self.digest = digest;
            let Some(response) = self.endpoint.exchange(&self.registration.registrar, self.registration.transport, spec).await? else {
                return Ok(Outcome::Silence);
            };
            match response.status {
                200..300 => {
                    return Ok(Outcome::Granted { expires: granted(&response, expires(self)) });
                }
                401 | 407 => {
                    let challenge = choose(&response.headers);
                    let retry =
                        challenge.as_ref().is_some_and(|challenge| challenges == 0 || challenge.stale) && challenges < MAX_CHALLENGES;
                    match challenge {
                        Some(challenge) if retry && self.registration.credentials.is_some() => {
                            challenges += 1;
                            self.digest = Some(DigestClient::new(challenge));
                        }
                        _ => {
                            self.digest = None;
                            return Ok(refused(&response));
                        }
                    }
                }
                // §10.2.8: Interval Too Brief.
                423 if intervals == 0 => {
                    intervals += 1;
                    match response.headers.text(&HeaderName::MinExpires).and_then(|text| leading_number(&text)) {
                        Some(least) => self.ask = self.ask.max(least.min(86_400)),
                        None => return Ok(refused(&response)),
                    }
                }
                _ => return Ok(refused(&response)),
            }
        }
    }

    async fn spec(&mut self, expires: u32) -> Result<(RequestSpec, Option<DigestClient>), SipError> {
        self.cseq += 1;
        let aor = NameAddr::new(None, self.registration.aor.clone());
        let uri = self.registration.registrar.to_string();
        let tag = self.endpoint.fresh().await?;
        let mut headers = vec![("Expires".to_owned(), expires.to_string())];
        let mut digest = self.digest.clone();
        if let (Some(digest), Some(credentials)) = (&mut digest, &self.registration.credentials) {
            let cnonce = self.endpoint.fresh().await?;
            let (name, value) = digest.authorize(credentials, "REGISTER", &uri, &cnonce);
            headers.push((name.to_owned(), value));
        }
        let user = self.registration.contact_user.clone().or_else(|| self.registration.aor.raw_user.clone());
        let spec = RequestSpec {
            method: Method::Register,
            uri,
            from: super::dialog::tagged(&aor, tag),
            to: aor.to_string(),
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            routes: Vec::new(),
            // The endpoint knows our address towards the registrar and puts it behind the user part.
            contact: Some(user.unwrap_or_default()),
            headers,
            body: None,
        };
        Ok((spec, digest))
    }
}

fn refused(response: &Response) -> Outcome {
    let retry_after = response.headers.text(&HeaderName::RetryAfter).and_then(|text| leading_number(&text));
    Outcome::Refused { status: response.status, retry_after }
}

/// §10.2.4: the shortest `expires` among the Contacts, then the header, then what was asked for.
fn granted(response: &Response, asked: u32) -> Duration {
    let contacts = response.headers.list(&HeaderName::Contact);
    let own = contacts
        .iter()
        .filter_map(|text| NameAddr::parse(text).ok())
        .filter_map(|contact| contact.params.get("expires")?.parse::<u32>().ok())
        .min();
    let header = || response.headers.text(&HeaderName::Expires).and_then(|text| leading_number(&text));
    Duration::from_secs(u64::from(own.or_else(header).unwrap_or(asked).min(asked.max(1)).max(1)))
}

#[cfg(test)]
mod tests;
