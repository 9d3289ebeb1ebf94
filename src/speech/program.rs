//! A program that is given a text and gives back bytes. It runs beside a thread of its own, and dies with whoever waits for it.

use super::SpeechError;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tokio::sync::oneshot;

/// Runs it; `most` bytes of its output are taken.
pub(super) async fn run(words: Vec<String>, text: String, most: usize) -> Result<Vec<u8>, SpeechError> {
    let (program, arguments) = words.split_first().ok_or(SpeechError::Nobody)?;
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own, so that what it starts dies with it.
        .process_group(0)
        .spawn()
        .map_err(SpeechError::Program)?;
    let mut killer = Killer(Pid::from_raw(i32::try_from(child.id()).unwrap_or_default()));
    let (done, answer) = oneshot::channel();
    let thread = std::thread::Builder::new().name("speech".into());
    // Whoever waited may be gone.
    thread.spawn(move || _ = done.send(talk(child, &text, most))).map_err(SpeechError::Program)?;
    let answer = answer.await.map_err(|_| SpeechError::Failed("it was not waited for".into()))?;
    // It has been waited for: its number may be another's by now.
    killer.0 = None;
    answer
}

/// Ends the program when nobody waits for it any more.
struct Killer(Option<Pid>);

impl Drop for Killer {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Gone already is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

fn talk(mut child: Child, text: &str, most: usize) -> Result<Vec<u8>, SpeechError> {
    if let Some(mut input) = child.stdin.take() {
        // A pipe holds more than the longest text, and a program that does not read everything is not at fault.
        let _ = input.write_all(text.as_bytes());
    }
    let mut wav = Vec::new();
    let read = child.stdout.take().map(|output| output.take(most as u64).read_to_end(&mut wav)).transpose();
    let status = child.wait().map_err(SpeechError::Program)?;
    read.map_err(SpeechError::Program)?;
    if status.success() { Ok(wav) } else { Err(SpeechError::Failed(status.to_string())) }
}
