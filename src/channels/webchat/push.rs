//! Messages for an app that is not there: the firm's own server is told, so that it wakes the app by whatever its platform has. It is told
//! once of each message, and of several for one customer together; what it did not take is told again later, with the same id.

use super::WebChat;
use crate::clock::Clock;
use crate::desk::id::{At, ChannelId, MessageId};
use crate::reach::signed::Key;
use crate::reach::{Ask, Client};
use crate::store::StoreError;
use crate::store::app_push::{self, Waiting};
use http::{StatusCode, Uri};
use secrecy::SecretString;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::Notify;

/// Nothing older is told of: nobody is woken for yesterday.
const OLDEST_MS: i64 = 3_600_000;
/// Messages looked at in one go, and characters of their text that are told.
const MOST: u32 = 200;
const TEXT: usize = 200;
/// Between two tries; it doubles.
const PAUSE_MS: i64 = 2_000;
const LONGEST_PAUSE_MS: i64 = 300_000;
/// An answer is waited for so long, and read so far, bytes.
const WITHIN: Duration = Duration::from_secs(10);
const ANSWER: usize = 4 << 10;

/// Where the firm's server is told.
#[derive(Debug, Clone)]
pub struct Push {
    pub url: String,
    pub secret: SecretString,
    /// A message that is not on the device after so long, ms.
    pub after_ms: i64,
    /// The server is told what the message says.
    pub text: bool,
}

#[derive(Default)]
pub(super) struct Pushes {
    /// There is something to look at, now or in a while.
    new: Notify,
}

impl Pushes {
    /// Something was written to somebody with an account.
    pub(super) fn look(&self) {
        self.new.notify_one();
    }
}

/// What the firm's server is told.
#[derive(Debug, Serialize)]
struct Told<'a> {
    r#type: &'static str,
    channel: &'a ChannelId,
    /// As the firm's site calls them.
    account: &'a str,
    /// The newest message, and how many wait.
    message: MessageId,
    waiting: usize,
    /// Who wrote it; missing where a machine did.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    files: bool,
    /// Milliseconds since 1970.
    at: At,
}

/// How one channel's server does.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    failures: u32,
    /// It is not asked before.
    not_before: At,
}

/// Runs as long as the chat does.
pub(super) async fn run(chat: WebChat) {
    let client = Client::default();
    let mut standing: BTreeMap<ChannelId, Standing> = BTreeMap::new();
    loop {
        let (now, mut next) = (chat.shared.clock.now(), None::<At>);
        let windows = chat.windows();
        standing.retain(|id, _| windows.contains_key(id));
        for (id, push) in windows.iter().filter_map(|(id, window)| Some((id, window.push.as_ref()?))) {
            let at = standing.entry(id.clone()).or_default();
            let due = match at.not_before > now {
                true => Some(at.not_before),
                false => match tell(&chat, &client, id, push, at, now).await {
                    Ok(due) => due,
                    Err(error) => {
                        tracing::error!(channel = %id, %error, "what waits for an app could not be read");
                        Some(now.after(PAUSE_MS))
                    }
                },
            };
            next = next.into_iter().chain(due).min();
        }
        let pause = next.map(|next| Duration::from_millis(next.since(chat.shared.clock.now()).max(50).unsigned_abs()));
        tokio::select! {
            () = chat.shared.pushes.new.notified() => {}
            () = sleep(pause) => {}
        }
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

/// Tells what is due now; gives when to look again.
async fn tell(
    chat: &WebChat,
    client: &Client,
    id: &ChannelId,
    push: &Push,
    standing: &mut Standing,
    now: At,
) -> Result<Option<At>, StoreError> {
    let (store, clock) = (&chat.shared.store, &chat.shared.clock);
    let waiting = app_push::due(store, id, now.after(-OLDEST_MS), now, MOST).await?;
    let (due, later): (Vec<Waiting>, Vec<Waiting>) = waiting.into_iter().partition(|one| now.since(one.at) >= push.after_ms);
    let next = later.first().map(|one| one.at.after(push.after_ms));
    let mut of: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
    for one in due {
        of.entry(one.account.clone()).or_default().push(one);
    }
    for waiting in of.into_values() {
        match one(chat, client, id, push, &waiting).await {
            Heard::Yes => standing.failures = 0,
            Heard::No(why) => tracing::warn!(channel = %id, why, "the app's server does not want to hear of a message"),
            Heard::NotNow(why) => {
                standing.failures = standing.failures.saturating_add(1);
                let pause = PAUSE_MS.saturating_mul(1 << (standing.failures - 1).min(12)).min(LONGEST_PAUSE_MS);
                standing.not_before = clock.now().after(pause);
                tracing::warn!(channel = %id, why, failures = standing.failures, "the app's server cannot be told of a message now");
                return Ok(Some(standing.not_before));
            }
        }
        app_push::told(store, waiting.iter().map(|one| one.message).collect(), clock.now()).await?;
    }
    Ok(next)
}

enum Heard {
    Yes,
    /// It would say the same again.
    No(String),
    NotNow(String),
}

/// Posts one customer's newest, signed by Standard Webhooks; the id is the newest message's, so that a repetition is known.
async fn one(chat: &WebChat, client: &Client, channel: &ChannelId, push: &Push, waiting: &[Waiting]) -> Heard {
    let Some(newest) = waiting.last() else { return Heard::Yes };
    let Ok(url) = push.url.parse::<Uri>() else { return Heard::No("its url is no address".into()) };
    let Ok(key) = Key::read(&push.secret) else { return Heard::No("its secret is none".into()) };
    let from = match &newest.agent {
        Some(agent) => super::act::agent_name(chat, agent).await,
        None => None,
    };
    let told = Told {
        r#type: "message.waiting",
        channel,
        account: &newest.account,
        message: newest.message,
        waiting: waiting.len(),
        from,
        text: push.text.then(|| newest.text.chars().take(TEXT).collect()),
        files: newest.files,
        at: newest.at,
    };
    let Ok(body) = serde_json::to_vec(&told) else { return Heard::No("it cannot be written".into()) };
    let (id, now) = (format!("{channel}-{}", newest.message), seconds(&chat.shared.clock));
    let ask = Ask::post(url, "application/json", body).within(WITHIN).most(ANSWER);
    match client.ask(ask.signed(&key, &id, now)).await {
        Ok(answer) if answer.status.is_success() || answer.status == StatusCode::CONFLICT => Heard::Yes,
        Ok(answer) if answer.status.is_client_error() && !matches!(answer.status.as_u16(), 401 | 403 | 404 | 408 | 425 | 429) => {
            Heard::No(answer.status.to_string())
        }
        // A key or an address that somebody will mend.
        Ok(answer) => Heard::NotNow(answer.status.to_string()),
        Err(error) => Heard::NotNow(error.to_string()),
    }
}

fn seconds(clock: &Clock) -> i64 {
    clock.now().0.div_euclid(1_000)
}
