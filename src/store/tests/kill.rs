//! What was acknowledged is there after `kill -9`: the test runs itself as a child that writes, and kills it.

use super::rig::*;
use crate::desk::id::*;
use crate::store::{Store, messages};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const CHILD: &str = "HUBLINE_TEST_STORE_CHILD";

#[test]
fn what_was_acknowledged_survives_kill_9() {
    if let Ok(data) = std::env::var(CHILD) {
        return child(Path::new(&data));
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let name = format!("{}::what_was_acknowledged_survives_kill_9", module_path!().split_once("::").unwrap().1);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([name.as_str(), "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, &data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        if let Some(id) = line.strip_prefix("acknowledged ").and_then(|id| id.parse::<u64>().ok()) {
            acknowledged.push(id);
        }
        if acknowledged.len() == 400 {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "it was killed in the middle: {status}");
    let store = Store::open(&data).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let page = runtime.block_on(messages::page(&store, ConversationId(1), None, 1_000_000)).unwrap();
    let there: std::collections::BTreeSet<u64> = page.iter().map(|row| row.id.0).collect();
    assert_eq!(there.len(), page.len(), "each once");
    let lost: Vec<_> = acknowledged.iter().filter(|id| !there.contains(id)).collect();
    assert!(lost.is_empty(), "lost after acknowledgement: {lost:?}");
    for producer in 0..8u64 {
        let turns: Vec<u64> = page.iter().filter(|row| row.id.0 % 8 == producer).map(|row| row.id.0).collect();
        assert!(turns.is_sorted(), "in order");
        let whole = turns.iter().zip(0..).all(|(id, turn)| *id == 1_000 + turn * 8 + producer);
        assert!(whole, "without gaps: a later message is never there without the earlier");
    }
}

/// Writes with eight producers until killed, at most 20,000 each.
fn child(data: &Path) {
    let store = Store::open(data).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let begin = store.record(vec![step(10, vec![person(1, "Li Wei", visitor("v1")), opened(1, 1)])]).await;
        assert!(begin.iter().all(Result::is_ok), "{begin:?}");
        let mut tasks = Vec::new();
        for producer in 0..8u64 {
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                for turn in 0..20_000u64 {
                    let id = 1_000 + turn * 8 + producer;
                    let result = store.record(vec![step(20, vec![received(id, 1, 1, "durable 消息")])]).await.remove(0);
                    if result.is_err() || writeln!(std::io::stdout(), "acknowledged {id}").is_err() {
                        return;
                    }
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
}
