//! Whether a Hubline is running on a data folder: it leaves its process id there.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

pub(super) use crate::app::{PID_FILE, RELOAD_FILE};

/// The process that runs on this data folder. A file left by a crash, or an id that another program has by now, counts as none.
pub(super) fn process(data: &Path) -> Option<Pid> {
    let number: i32 = std::fs::read_to_string(data.join(PID_FILE)).ok()?.trim().parse().ok()?;
    let same = std::fs::read_link(format!("/proc/{number}/exe")).ok()?.file_name()? == std::env::current_exe().ok()?.file_name()?;
    // A process never waits for itself: its own id in the file is a leftover.
    (same && number.unsigned_abs() != std::process::id()).then(|| Pid::from_raw(number))?
}

/// Asks it to read its configuration again.
pub(super) fn hang_up(process: Pid) -> rustix::io::Result<()> {
    kill_process(process, Signal::HUP)
}
