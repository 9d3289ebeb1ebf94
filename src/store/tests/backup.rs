//! A backup taken while everything goes on, and put back.

use super::rig::*;
use crate::desk::id::*;
use crate::store::backup::{Overwrite, restore};
use crate::store::{Store, StoreError, files, messages};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writes_restores_to_one_consistent_moment() {
    let rig = with_conversation().await;
    let file = files::create(&rig.store, "照片.png", "image/png", b"png bytes".to_vec(), "agent/mara", At(1)).await.unwrap();
    let sound: Vec<u8> = (0..10_000u32).map(|n| n.to_le_bytes()[0]).collect();
    std::fs::write(rig.store.data().join("recordings/call-1.wav"), &sound).unwrap();
    std::fs::write(rig.store.data().join("files/half.part"), b"unfinished").unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (store, stop) = (rig.store.clone(), stop.clone());
        async move {
            let mut id = 100;
            while !stop.load(Ordering::Relaxed) {
                store.record(vec![step(50, vec![received(id, 1, 1, "hello")])]).await.remove(0).unwrap();
                id += 1;
            }
        }
    });
    while rig.count("SELECT count(*) FROM message").await < 20 {
        tokio::task::yield_now().await;
    }
    let before = rig.count("SELECT count(*) FROM message").await;
    let archive = rig.folder.path().join("hubline.tar");
    let moved = rig.store.backup(&archive, Some("[site]\nname = \"测试\"\n".into())).await.unwrap();
    let after = rig.count("SELECT count(*) FROM message").await;
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    assert_eq!(moved.files, 4, "database, recording, file, configuration");

    let target = rig.folder.path().join("elsewhere");
    let (restored, config) = restore(&archive, &target, Overwrite::Refuse).unwrap();
    assert_eq!((restored, config.as_deref()), (moved, Some("[site]\nname = \"测试\"\n")));
    let again = Store::open(&target).unwrap();
    let kept = messages::page(&again, ConversationId(1), None, 1_000_000).await.unwrap();
    let count = i64::try_from(kept.len()).unwrap();
    assert!((before..=after).contains(&count), "{before} ≤ {count} ≤ {after}");
    let same = messages::page(&rig.store, ConversationId(1), Some(MessageId(100 + u64::try_from(count).unwrap())), 1_000_000);
    assert_eq!(kept, same.await.unwrap(), "exactly the first so many");
    let row = files::get(&again, file.id).await.unwrap().unwrap();
    assert_eq!(std::fs::read(files::path(&again, &row)).unwrap(), b"png bytes");
    assert_eq!(std::fs::read(target.join("recordings/call-1.wav")).unwrap(), sound);
    let events = |store: &Store| {
        let store = store.clone();
        async move { crate::store::events::after(&store, 0, 10).await.unwrap() }
    };
    assert_eq!(events(&again).await, events(&rig.store).await);
    let left: Vec<_> = std::fs::read_dir(rig.store.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("backup")), "nothing is left behind: {left:?}");
}

#[tokio::test]
async fn a_folder_that_holds_something_is_not_replaced_unless_told() {
    let rig = with_conversation().await;
    let archive = rig.folder.path().join("b.tar");
    rig.store.backup(&archive, None).await.unwrap();
    let target = rig.folder.path().join("target");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("mine"), b"precious").unwrap();
    assert!(matches!(restore(&archive, &target, Overwrite::Refuse), Err(StoreError::Invalid(_))));
    assert_eq!(std::fs::read(target.join("mine")).unwrap(), b"precious");
    let (_, config) = restore(&archive, &target, Overwrite::Replace).unwrap();
    assert_eq!(config, None);
    assert_eq!(std::fs::read(rig.folder.path().join("target.before-restore/mine")).unwrap(), b"precious");
    assert!(!target.join("mine").exists());
    assert_eq!(Store::open(&target).unwrap().next_call_id().unwrap(), 1);
}

#[tokio::test]
async fn a_damaged_archive_changes_nothing() {
    let rig = with_conversation().await;
    std::fs::write(rig.store.data().join("recordings/a.wav"), vec![7; 5_000]).unwrap();
    let archive = rig.folder.path().join("b.tar");
    rig.store.backup(&archive, None).await.unwrap();
    let whole = std::fs::read(&archive).unwrap();
    let recording = whole.windows(4).position(|window| window == [7; 4]).unwrap();
    let mut flipped = whole.clone();
    flipped[recording + 100] ^= 1;
    let mut escaping = whole.clone();
    let header = whole.windows(16).position(|window| window == b"recordings/a.wav").unwrap();
    escaping[header..header + 16].copy_from_slice(b"recordings/../..");
    let damaged = [
        ("one bit", flipped),
        ("a name that leads outside", escaping),
        ("cut short", whole[..whole.len() - 3_000].to_vec()),
        ("only its beginning", whole[..700].to_vec()),
        ("empty", Vec::new()),
        ("something else", b"PK\x03\x04 not a tar at all".repeat(100)),
    ];
    let target = rig.folder.path().join("target");
    for (what, bytes) in damaged {
        let file = rig.folder.path().join("damaged.tar");
        std::fs::write(&file, bytes).unwrap();
        let error = restore(&file, &target, Overwrite::Replace).unwrap_err();
        assert!(matches!(error, StoreError::Archive(_)), "{what}: {error:?}");
        assert!(!target.exists() && !rig.folder.path().join("target.restoring").exists(), "{what}");
    }
}

#[tokio::test]
async fn the_archive_is_what_tar_and_sha256sum_read() {
    let rig = with_conversation().await;
    std::fs::write(rig.store.data().join("recordings/a.wav"), vec![7; 1_000]).unwrap();
    let archive = rig.folder.path().join("b.tar");
    rig.store.backup(&archive, Some("x = 1\n".into())).await.unwrap();
    let out = rig.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let tar = std::process::Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&out).output().unwrap();
    assert!(tar.status.success(), "{tar:?}");
    let sums = std::process::Command::new("sha256sum").args(["-c", "MANIFEST"]).current_dir(&out).output().unwrap();
    assert!(sums.status.success(), "{sums:?}");
    assert_eq!(std::fs::read_to_string(out.join("hubline.toml")).unwrap(), "x = 1\n");
}
