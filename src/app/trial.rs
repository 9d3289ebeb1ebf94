//! Trying a trunk, for the page and for `hubline call`: what is found, in the reader's language, line by line.

use super::calls::{self, Calls};
use super::{open_store, repair_recordings};
use crate::clock::Clock;
use crate::config::Loaded;
use crate::config::words::say;
use crate::desk::dial::Dialler;
use crate::desk::id::{AgentId, TrunkId};
use crate::switchboard::Switchboard;
use crate::voice::trial::{Finding, Mark, Wanted};
use crate::web::error::refusal_text;
use crate::web::i18n::I18n;
use crate::web::state::{TrialAsk, TrialLine};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Findings that may wait for a slow reader.
const FINDINGS: usize = 16;

/// Tries a trunk and tells each line as it is found. Ends when the trial does, or when nobody reads any more.
pub(super) async fn run(calls: &Calls, loaded: &Loaded, ask: TrialAsk) {
    let TrialAsk { trunk, number, by, language, lines } = ask;
    let trunk = match trunk.map(|name| TrunkId::from(name.as_str())).or_else(|| likely(loaded, number.is_some())) {
        Some(trunk) if loaded.catalog.dial.trunk(&trunk).is_some() => trunk,
        trunk => {
            let name = trunk.map(|trunk| trunk.to_string()).unwrap_or_default();
            let text = say(&language, "cli.call.no_such_trunk", &[("trunk", &name)]);
            return drop(lines.send(TrialLine { mark: "bad", text }).await);
        }
    };
    let fits = loaded.catalog.lines.iter().filter(|line| line.trunk.as_ref().is_none_or(|only| *only == trunk));
    let lines_of: Vec<String> = fits.map(|line| line.number.clone()).take(5).collect();
    let wanted =
        Wanted { by: by.map_or(Dialler::House, |agent| Dialler::Agent(AgentId::from(agent.as_str()))), trunk, number, lines: lines_of };
    let (tell, mut findings) = mpsc::channel(FINDINGS);
    let voice = calls.voice.clone();
    // A thread of its own: what was recorded is read and looked through there.
    let tried = tokio::task::spawn_blocking(move || Handle::current().block_on(voice.try_trunk(wanted, tell)));
    let told = async {
        while let Some(finding) = findings.recv().await {
            let line = TrialLine { mark: mark(&finding), text: text(&language, &finding) };
            if lines.send(line).await.is_err() {
                // Nobody reads any more: dropping the findings ends the trial.
                return findings.close();
            }
        }
    };
    let (tried, ()) = tokio::join!(tried, told);
    if let Err(error) = tried {
        tracing::error!(%error, "the trial of a trunk broke off");
    }
}

/// Without a running Hubline: as much of one as a trial needs, on its own ports, and away again.
pub async fn alone(loaded: Loaded, ask: TrialAsk) -> anyhow::Result<()> {
    let clock = Clock::system();
    let store = open_store(&loaded, &clock).await?;
    let switchboard = Switchboard::start(store.clone(), clock.clone(), Arc::new(loaded.catalog.clone()))?;
    repair_recordings(&store, &switchboard).await?;
    let calls = calls::start(&loaded, &store, &switchboard, &clock, None).await?;
    run(&calls, &loaded, ask).await;
    calls.stop().await;
    // What it cost is on disk before we go.
    if let Err(refusal) = switchboard.end().await {
        tracing::error!(?refusal, "the trial is not in the books");
    }
    Ok(())
}

/// The trunk that is meant where none is named: the first that can be called out through, or that brings calls.
fn likely(loaded: &Loaded, out: bool) -> Option<TrunkId> {
    let trunks = &loaded.catalog.dial.trunks;
    let open = trunks.iter().find(|trunk| !out || trunk.outbound.is_some());
    open.or(trunks.first()).map(|trunk| trunk.id.clone())
}

fn mark(finding: &Finding) -> &'static str {
    match finding.mark() {
        Mark::Note => "note",
        Mark::Good => "ok",
        Mark::Odd => "odd",
        Mark::Bad => "bad",
    }
}

/// One or two sentences: what it is, and what to do about it.
fn text(language: &str, finding: &Finding) -> String {
    let plain = |key: &str| say(language, &format!("cli.call.{key}"), &[]);
    let with = |key: &str, values: &[(&str, String)]| {
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        say(language, &format!("cli.call.{key}"), &values)
    };
    let list = |items: &[String]| if items.is_empty() { "–".to_owned() } else { items.join(", ") };
    match finding {
        Finding::Calling { trunk, number, shown } => {
            let shown = shown.clone().unwrap_or_else(|| plain("nobody_shown"));
            with("calling", &[("trunk", trunk.to_string()), ("number", number.clone()), ("shown", shown)])
        }
        Finding::Refused(refusal) => {
            let locale = I18n::embedded().ok().and_then(|texts| texts.closest(language));
            let why = locale.map_or_else(String::new, |locale| refusal_text(&locale, refusal));
            with("refused", &[("why", why)])
        }
        Finding::NoServer => plain("no_server"),
        Finding::NoAddress => plain("no_address"),
        Finding::Unreachable => plain("unreachable"),
        Finding::Silent { ms } => with("silent", &[("s", (ms / 1_000).to_string())]),
        Finding::Trying { ms } => with("trying", &[("ms", ms.to_string())]),
        Finding::Ringing { early: false } => plain("ringing"),
        Finding::Ringing { early: true } => plain("early"),
        Finding::NotPickedUp => plain("not_picked_up"),
        Finding::Login { configured: true } => plain("login"),
        Finding::Login { configured: false } => plain("login_missing"),
        Finding::Forbidden { reason } => with("forbidden", &[("reason", reason.clone())]),
        Finding::NoSuchNumber => plain("no_such_number"),
        Finding::Busy => plain("busy"),
        Finding::NoCodec => plain("no_codec"),
        Finding::Status { status, reason } => with("status", &[("status", status.to_string()), ("reason", reason.clone())]),
        Finding::Answered { ms, to, codec } => {
            with("answered", &[("s", format!("{:.1}", *ms as f64 / 1_000.0)), ("to", to.to_string()), ("codec", (*codec).to_owned())])
        }
        Finding::PrivateOurs(addr) => with("private_ours", &[("addr", addr.to_string())]),
        Finding::PrivateTheirs(addr) => with("private_theirs", &[("addr", addr.to_string())]),
        Finding::OtherSource { refused } => with("other_source", &[("n", refused.to_string())]),
        Finding::BothWays { ms } => with("both_ways", &[("ms", ms.to_string())]),
        Finding::NothingHeard { sent } => with("nothing_heard", &[("n", sent.to_string())]),
        Finding::OnlySilence => plain("only_silence"),
        Finding::NotOurTones => plain("not_our_tones"),
        Finding::Keys(keys) => with("keys", &[("keys", keys.clone())]),
        Finding::NoKeys => plain("no_keys"),
        Finding::Quality { packets, loss_percent, jitter_ms, rtt_ms, mos } => {
            let rtt = rtt_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0} ms"));
            let values = [
                ("n", packets.to_string()),
                ("loss", format!("{loss_percent:.1}")),
                ("jitter", format!("{jitter_ms:.1}")),
                ("rtt", rtt),
                ("mos", format!("{mos:.1}")),
            ];
            with("quality", &values)
        }
        Finding::HungUp => plain("hung_up"),
        Finding::Waiting { numbers, seconds } => with("waiting", &[("numbers", list(numbers)), ("s", seconds.to_string())]),
        Finding::Arrived { from, dialled } => with("arrived", &[("from", from.clone()), ("dialled", dialled.clone())]),
        Finding::NoLine { dialled } => with("no_line", &[("dialled", dialled.clone())]),
        Finding::AnsweredHere => plain("answered_here"),
        Finding::CallerHeard => plain("caller_heard"),
        Finding::CallerSilent => plain("caller_silent"),
        Finding::NobodyCalled { logged_in, strangers } => {
            let first = match logged_in {
                Some(false) => plain("nobody_not_logged_in"),
                Some(true) => plain("nobody_logged_in"),
                None => plain("nobody_by_address"),
            };
            match strangers {
                0 => first,
                n => format!("{first} {}", with("strangers", &[("n", n.to_string())])),
            }
        }
        Finding::Failed(error) => with("failed", &[("error", error.clone())]),
    }
}
