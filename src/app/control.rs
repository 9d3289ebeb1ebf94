//! Local control: a socket in the data folder by which the commands of this machine's owner ask the running process. One JSON line asks,
//! lines of JSON answer. Whoever may read the data folder may ask, and nobody else.

use super::calls::Calls;
use super::trial;
use crate::config::Loaded;
use crate::web::state::{TrialAsk, TrialLine};
use anyhow::Context;
use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// In the data folder.
const SOCKET: &str = "hubline.sock";
/// Longest question, bytes.
const QUESTION: u64 = 4_096;
/// A question is one line, written at once.
const PATIENCE: Duration = Duration::from_secs(5);
/// Commands at once.
const ASKERS: usize = 4;
/// Lines that may wait for a slow terminal.
const LINES: usize = 16;

/// What a command asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    Call { trunk: Option<String>, number: Option<String>, language: String },
}

/// One line of the answer.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    mark: String,
    text: String,
}

/// Opens the socket and answers until stopped. A folder that takes no sockets costs the commands, not the calls.
pub(super) fn listen(data: &Path, calls: Calls, config: Arc<ArcSwap<Loaded>>, stop: CancellationToken) {
    let path = data.join(SOCKET);
    // Left by a process that was killed; that no other runs on this folder is known by its lock.
    let _ = std::fs::remove_file(&path);
    let listener = match UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(error) => return tracing::warn!(socket = %path.display(), %error, "`hubline call` cannot reach this process"),
    };
    if let Err(error) = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)) {
        return tracing::warn!(socket = %path.display(), %error, "the socket cannot be kept private: it is not used");
    }
    tokio::spawn(async move {
        let askers = Arc::new(Semaphore::new(ASKERS));
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
            };
            let Ok(place) = askers.clone().try_acquire_owned() else { continue };
            let (calls, loaded, stop) = (calls.clone(), config.load_full(), stop.clone());
            tokio::spawn(async move {
                let _place = place;
                let answered = answer(stream, &calls, &loaded);
                if let Some(Err(error)) = stop.run_until_cancelled(answered).await {
                    tracing::debug!(%error, "a command was not answered to its end");
                }
            });
        }
        // The next start removes it otherwise.
        let _ = std::fs::remove_file(&path);
    });
}

async fn answer(stream: UnixStream, calls: &Calls, loaded: &Loaded) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut question = String::new();
    tokio::time::timeout(PATIENCE, BufReader::new(read.take(QUESTION)).read_line(&mut question)).await??;
    let Question::Call { trunk, number, language } = serde_json::from_str(&question)?;
    tracing::info!(trunk = trunk.as_deref().unwrap_or("-"), number = number.as_deref().unwrap_or("-"), "a trunk is tried");
    let (lines, mut said) = mpsc::channel::<TrialLine>(LINES);
    let tried = trial::run(calls, loaded, TrialAsk { trunk, number, by: None, language, lines });
    // A terminal that was closed ends the trial: nobody reads the lines any more.
    let told = async move {
        while let Some(line) = said.recv().await {
            let line = Said { mark: line.mark.to_owned(), text: line.text };
            let mut json = serde_json::to_string(&line)?;
            json.push('\n');
            write.write_all(json.as_bytes()).await?;
        }
        anyhow::Ok(())
    };
    let ((), told) = tokio::join!(tried, told);
    told
}

/// Asks the process that runs on this data folder to try a trunk; gives each line to `tell`.
pub async fn call(
    data: &Path,
    trunk: Option<String>,
    number: Option<String>,
    language: &str,
    mut tell: impl FnMut(&str, &str),
) -> anyhow::Result<()> {
    let path = data.join(SOCKET);
    let stream = UnixStream::connect(&path).await.with_context(|| format!("the running Hubline does not answer at {}", path.display()))?;
    let (read, mut write) = stream.into_split();
    let mut question = serde_json::to_string(&Question::Call { trunk, number, language: language.to_owned() })?;
    question.push('\n');
    write.write_all(question.as_bytes()).await?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        let Said { mark, text } = serde_json::from_str(&line)?;
        tell(&mark, &text);
    }
    Ok(())
}
