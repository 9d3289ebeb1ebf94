//! What the program keeps through its own death, and how it is told things from outside: signals, its command line, archives.

use crate::rig::deskphone::DeskPhone;
use crate::rig::http::request;
use crate::rig::phone::{Caller, talk};
use crate::rig::served::{Served, hubline};
use crate::rig::visitor::Page;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn business(phones: &[&DeskPhone]) -> String {
    let mut text = "[routing]\ncallback_after = \"0s\"\n[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[lines]]\nnumber = \"echo\"\necho = true\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n[[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n\
         [[agents]]\nid = \"mara\"\nname = \"Mara\"\nrole = \"admin\"\nqueues = [\"sales\"]\n"
        .to_owned();
    for (n, phone) in phones.iter().enumerate() {
        text += &format!(
            "[[agents]]\nid = \"desk{n}\"\nname = \"Desk\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
            phone.uri()
        );
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_has_kept_its_word() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(AGENT_HZ, true).await);
    let mut house = Served::new(&business(&[&first, &second]));
    house.start().await;
    let mut callers = Vec::new();
    for n in 1..=2 {
        let caller = Caller::dial(house.sip, "4001", &format!("+49301{n}"), CUSTOMER_HZ).await;
        caller.hears(AGENT_HZ).await;
        callers.push(caller);
    }
    let waiting = Caller::dial(house.sip, "4001", "+493013", 620.0).await;
    waiting.hears_music(&[AGENT_HZ]).await;
    let mut pages = Vec::new();
    for _ in 0..8 {
        pages.push(Page::open(house.web, None).await);
    }
    // Everybody writes at once, as fast as they may, while the calls go on.
    let writing = pages.iter().enumerate().map(|(visitor, page)| async move {
        for n in 0..20 {
            page.says(&format!("{visitor}-{n}"), &format!("visitor {visitor} line {n:02}")).await;
            talk(Duration::from_millis(5)).await;
        }
    });
    let acknowledged = || pages.iter().map(|page| page.frames("recorded").len()).sum::<usize>();
    tokio::select! {
        _ = futures_util::future::join_all(writing) => until("enough is acknowledged", || acknowledged() >= 60).await,
        () = until("enough is acknowledged", || acknowledged() >= 60) => {}
    }
    house.kill();
    let killed = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    let promised: Vec<Vec<String>> = pages
        .iter()
        .enumerate()
        .map(|(visitor, page)| {
            let keys = page.frames("recorded").into_iter().filter_map(|frame| frame["key"].as_str().map(str::to_owned)).collect::<Vec<_>>();
            keys.iter()
                .map(|key| {
                    format!("visitor {visitor} line {:02}", key.split('-').nth(1).expect("a number").parse::<u32>().expect("a number"))
                })
                .collect()
        })
        .collect();
    assert!(promised.iter().map(Vec::len).sum::<usize>() >= 60);
    house.start().await;
    for (visitor, promised) in promised.iter().enumerate() {
        let kept = house.rows(&format!("SELECT text FROM message WHERE text LIKE 'visitor {visitor} %' ORDER BY id"));
        assert!(kept.starts_with(promised), "visitor {visitor}: promised {promised:?}, kept {kept:?}");
        assert!(kept.is_sorted() && kept.windows(2).all(|pair| pair[0] != pair[1]), "once and in order: {kept:?}");
    }
    let again = Page::open(house.web, Some(&pages[0].token)).await;
    let welcome = again.hears("welcome", "").await;
    assert!(promised[0].iter().all(|text| welcome.to_string().contains(text)), "the visitor sees what was promised: {welcome}");
    // Those who were cut off are listed, with the cause.
    let due = house.rows("SELECT number, cause FROM callback ORDER BY number");
    assert_eq!(due, ["+493011|restart", "+493012|restart", "+493013|restart"]);
    assert_eq!(house.rows("SELECT DISTINCT state, ended_by, end_cause FROM call"), ["ended|system|restart"]);
    // Recordings are whole up to a second before the kill.
    let recordings = house.rows("SELECT file, started_at, state, millis FROM recording ORDER BY file");
    assert_eq!(recordings.len(), 2, "{recordings:?}");
    for row in recordings {
        let columns: Vec<&str> = row.split('|').collect();
        let (started, millis): (i64, i64) = (columns[1].parse().expect("a time"), columns[3].parse().expect("a length"));
        assert_eq!(columns[2], "done");
        assert!(killed - started - millis < 1_000 + 150, "{} ms before the kill", killed - started - millis);
        let recording = Recording::read(&house.data().join("recordings").join(columns[0]));
        assert!(recording.millis() as i64 - millis < 50);
        assert!(Recording::heard(&recording.left, CUSTOMER_HZ) + 500 > recording.millis() / 2, "the customer to the end");
    }
    // And it takes calls.
    let caller = Caller::dial(house.sip, "echo", "+49302", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    assert_eq!(house.stop().await, Some(0));
    drop((callers, waiting));
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_ends_calls_and_recordings_properly() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let mut house = Served::new(&business(&[&phone]));
    house.start().await;
    let echo = Caller::dial(house.sip, "echo", "+49303", 620.0).await;
    let caller = Caller::dial(house.sip, "4001", "+49304", CUSTOMER_HZ).await;
    echo.hears(620.0).await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    let stopped = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    assert_eq!(house.stop().await, Some(0));
    caller.hung_up_on().await;
    echo.hung_up_on().await;
    phone.is_idle().await;
    assert!(!house.data().join("hubline.pid").exists(), "nobody is taken for running");
    // The file is complete without any repair.
    let row = house.rows("SELECT file, started_at FROM recording").remove(0);
    let (file, started) = row.split_once('|').expect("two columns");
    let recording = Recording::read(&house.data().join("recordings").join(file));
    let talked = (stopped - started.parse::<i64>().expect("a time")) as usize;
    assert!(recording.millis() + 200 > talked, "{} ms of {talked} ms", recording.millis());
    for (side, hz) in [(&recording.left, CUSTOMER_HZ), (&recording.right, AGENT_HZ)] {
        assert!(Recording::heard(side, hz) + 600 > talked, "{hz} Hz for {} ms of {talked} ms", Recording::heard(side, hz));
    }
    house.start().await;
    assert_eq!(house.rows("SELECT DISTINCT state FROM call"), ["ended"]);
    assert_eq!(house.rows("SELECT state, error FROM recording"), ["done|-"]);
    assert_eq!(house.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_the_running_house_becomes_another_house() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let mut house = Served::new(&business(&[&phone]));
    house.start().await;
    let caller = Caller::dial(house.sip, "4001", "+49305", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    caller.hang_up().await;
    until("the recording is finished", || house.rows("SELECT state FROM recording") == ["done"]).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Keep this").await;
    let archive = house.folder().join("archive.tar");
    let archive = archive.to_str().expect("a path");
    let made = house.hubline(&["backup", archive], "").await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    visitor.writes("Too late for the archive").await;
    // Not over a running house, and not over data.
    assert_eq!(house.hubline(&["restore", archive], "").await.status.code(), Some(1));
    let mut other = Served::new(&business(&[&phone]));
    let restored = other.hubline(&["restore", archive], "").await;
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert_eq!(other.hubline(&["restore", archive], "").await.status.code(), Some(1), "it holds data now");
    other.start().await;
    assert_eq!(other.rows("SELECT text FROM message"), ["Keep this"]);
    for sql in [
        "SELECT id, caller, agent, ended_by FROM call",
        "SELECT file, millis, bytes FROM recording",
        "SELECT id, name FROM person",
        "SELECT id, state FROM conversation",
    ] {
        assert_eq!(other.rows(sql), house.rows(sql), "{sql}");
    }
    let file = house.rows("SELECT file FROM recording").remove(0);
    let read = |of: &Served| std::fs::read(of.data().join("recordings").join(&file)).expect("a recording");
    assert_eq!(read(&house), read(&other));
    let back = Page::open(other.web, Some(&visitor.token)).await;
    assert!(back.hears("welcome", "").await.to_string().contains("Keep this"), "visitors' tokens live on");
    assert_eq!((house.stop().await, other.stop().await), (Some(0), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_configuration_is_taken_over_and_a_bad_one_is_not() {
    let mut house = Served::new(&business(&[]));
    assert_eq!(house.hubline(&["reload"], "").await.status.code(), Some(4), "nobody to tell");
    house.start().await;
    let ringing = async |number: &str| {
        let caller = Caller::dial(house.sip, number, "+49306", CUSTOMER_HZ).await;
        until("an answer", || !caller.events().is_empty()).await;
        caller.events().remove(0)
    };
    use hubline::sim::phone::PhoneEvent::{Answered, Refused};
    assert_eq!(ringing("5001").await, Refused(404));
    // A call and an agent go on through it.
    let mara = house.agent("mara").await;
    let during = Caller::dial(house.sip, "echo", "+49307", CUSTOMER_HZ).await;
    during.hears(CUSTOMER_HZ).await;
    house.configure(&format!("{}[[lines]]\nnumber = \"5001\"\necho = true\n", business(&[])));
    let reloaded = house.hubline(&["reload"], "").await;
    assert!(reloaded.status.success(), "{}", String::from_utf8_lossy(&reloaded.stderr));
    assert_eq!(
        String::from_utf8_lossy(&reloaded.stdout).trim(),
        "Reloaded. From now on:\n  line.5001: Number 5001 is answered from now on: echo\nGoing on as they were: 0 calls, 0 conversations."
    );
    assert_eq!(ringing("5001").await, Answered);
    during.hears(CUSTOMER_HZ).await;
    mara.available().await;
    house.configure(&format!("{}[[lines]]\nnumber = \"5002\"\nqueue = \"nowhere\"\n", business(&[])));
    let refused = house.hubline(&["reload"], "").await;
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("nowhere"));
    // The signal alone does no harm either, and says why in its log and beside its data.
    let _ = std::fs::remove_file(house.data().join("reload.txt"));
    house.signal(rustix::process::Signal::HUP);
    until("the outcome is noted", || std::fs::read_to_string(house.data().join("reload.txt")).is_ok_and(|text| text.contains("nowhere")))
        .await;
    assert_eq!(ringing("5001").await, Answered, "the old one goes on");
    assert_eq!(ringing("5002").await, Refused(404));
    house.configure(&business(&[]));
    house.signal(rustix::process::Signal::HUP);
    until("the outcome is noted", || std::fs::read_to_string(house.data().join("reload.txt")).is_ok_and(|text| text.starts_with("ok\n")))
        .await;
    assert_eq!(ringing("5001").await, Refused(404));
    assert_eq!(request(house.web, "GET", "/status", &[], "").await.status, 200);
    assert!(house.runs());
    assert_eq!(house.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_is_wrong_and_ends_with_its_code() {
    let house = Served::new(&business(&[]));
    let good = house.hubline(&["check"], "").await;
    assert_eq!(good.status.code(), Some(0), "{}", String::from_utf8_lossy(&good.stderr));
    house.configure("[[queues]]\nid = \"sales\"\nnmae = \"Sales\"\n");
    let bad = house.hubline(&["check"], "").await;
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert_eq!(bad.status.code(), Some(3));
    assert!(said.contains("nmae") && said.contains("name") && said.contains("hubline.toml:") && said.contains('^'), "{said}");
    assert_eq!(hubline(&house.folder().join("none.toml"), &["check"], "").await.status.code(), Some(3));
    assert_eq!(hubline(&house.config(), &["chekc"], "").await.status.code(), Some(2));
    assert_eq!(hubline(&house.config(), &["version"], "").await.status.code(), Some(0));
    assert!(!house.data().exists(), "a check changes nothing");
}
