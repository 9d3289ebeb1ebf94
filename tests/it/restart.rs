//! What the program keeps through its own death, and how it is told things from outside: signals, its command line, archives.

use crate::rig::agent::Agent;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::{Ports, machine};
use crate::rig::http::request;
use crate::rig::noise::Noise;
use crate::rig::phone::{Caller, talk};
use crate::rig::served::{Served, hubline};
use crate::rig::visitor::Page;
use crate::rig::wav::Recording;
use crate::rig::writer::{Writer, lines_in};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_CUSTOMER_HZ, until};
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

/// Visitors who write on through all deaths, callers who talk, and rounds of it on the same data.
const WRITERS: usize = 20;
const TALKS: usize = 4;
const ROUNDS: usize = 3;
/// The chat window allows twenty lines at once and then one a second: well below that in each life of the house.
const PAUSE: Duration = Duration::from_millis(350);

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_again_and_again_it_has_kept_its_word() {
    let seed = std::env::var("HUBLINE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x9_2026);
    let mut noise = Noise::new(seed);
    let mut phones = Vec::new();
    for _ in 0..TALKS {
        phones.push(DeskPhone::new(AGENT_HZ, true).await);
    }
    let mut house = Served::new(&business(&phones.iter().collect::<Vec<_>>()));
    house.start().await;
    let mut mara = house.agent("mara").await;
    mara.available().await;
    let writers: Vec<Writer> = (0..WRITERS).map(|n| Writer::start(house.web, &format!("Visitor-{n:02}"), PAUSE)).collect();
    mara.takes_what_rings().await;
    for round in 0..ROUNDS {
        let numbers: Vec<String> = (0..=TALKS).map(|n| format!("+49301{round}{n}")).collect();
        let mut callers = Vec::new();
        for number in &numbers[..TALKS] {
            let caller = Caller::dial(house.sip, "4001", number, CUSTOMER_HZ).await;
            caller.hears(AGENT_HZ).await;
            callers.push(caller);
        }
        // All telephones are taken: the last one waits.
        let waiting = Caller::dial(house.sip, "4001", &numbers[TALKS], OTHER_CUSTOMER_HZ).await;
        waiting.hears_music(&[AGENT_HZ]).await;
        let moment = Duration::from_millis(1_200 + noise.below(2_500) as u64);
        talk(moment).await;
        let killed = house.kill().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
        let promised: Vec<Vec<usize>> = writers.iter().map(Writer::promised).collect();
        let here = format!("round {round} of seed {seed}, killed after {moment:?}");
        assert!(promised.iter().all(|lines| lines.len() > round), "{here}: everybody had written: {promised:?}");
        let connections: Vec<usize> = writers.iter().map(Writer::connections).collect();
        // Customers and agents put down telephones in which nobody is any more.
        for caller in callers.iter().chain([&waiting]) {
            caller.hang_up().await;
        }
        for phone in &phones {
            phone.hang_up().await;
        }

        house.start().await;
        mara = Agent::open(house.web, "mara", mara.cookie).await;
        for (writer, promised) in writers.iter().zip(&promised) {
            is_kept(&house, &mara, writer, promised, &here).await;
        }
        cut_off_are_listed(&house, &numbers, &here);
        recordings_play(&house, round, killed, &here);
        // By themselves, everybody is there again and writes on; an agent's words arrive.
        for ((writer, promised), connections) in writers.iter().zip(&promised).zip(connections) {
            let back = || writer.connections() > connections && writer.promised().len() > promised.len();
            until(&format!("{here}: {} writes on", writer.name), back).await;
        }
        let (conversation, text) =
            (house.rows("SELECT min(id) FROM conversation WHERE agent = 'mara'").remove(0), format!("After life {round}"));
        mara.does(&format!("/work/conversation/{conversation}/reply"), &[("text", &text), ("key", &text)]).await;
        let name = house
            .rows(&format!("SELECT substr(text, 1, 10) FROM message WHERE conversation = {conversation} ORDER BY id LIMIT 1"))
            .remove(0);
        writers.iter().find(|writer| writer.name == name).expect("a writer").hears(&text).await;
    }
    // What was written in all lives is there, once, in order.
    for writer in writers {
        let name = writer.name.clone();
        let written: Vec<usize> = (0..writer.finish().await).collect();
        let kept = house.rows(&format!("SELECT text FROM message WHERE text LIKE '{name} line %' ORDER BY id"));
        assert_eq!(lines_in(&name, &kept.join("|")), written, "{name}");
    }
    let caller = Caller::dial(house.sip, "echo", "+49302", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    assert_eq!(house.stop().await, Some(0));
}

/// Every promised line of a visitor is there once and in order: for themselves, and for an agent.
async fn is_kept(house: &Served, agent: &Agent, writer: &Writer, promised: &[usize], here: &str) {
    let name = &writer.name;
    let again = Page::open(house.web, writer.token().as_deref()).await;
    let welcome = again.hears("welcome", "").await;
    let texts = welcome["history"].as_array().expect("history").iter().filter_map(|line| line["text"].as_str());
    let own = lines_in(name, &texts.collect::<Vec<_>>().join("|"));
    again.close().await;
    // The window shows the last fifty.
    let first = if own.len() < 45 { 0 } else { own[0] };
    once_and_in_order(&own, promised.iter().copied().filter(|line| *line >= first), &format!("{here}: {name} sees"));
    let person = house.rows(&format!(
        "SELECT person FROM conversation WHERE id = (SELECT conversation FROM message WHERE text LIKE '{name} line %' LIMIT 1)"
    ));
    let (mut path, mut html) = (format!("/inbox/timeline/{}", person[0]), String::new());
    loop {
        let page = agent.get(&path).await.text();
        let older = page.split_once("data-older=\"").and_then(|(_, rest)| rest.split('"').next()).map(|path| path.replace("&amp;", "&"));
        html = page + &html;
        match older {
            Some(older) => path = older,
            None => break,
        }
    }
    once_and_in_order(&lines_in(name, &html), promised.iter().copied(), &format!("{here}: the agent sees of {name}"));
}

fn once_and_in_order(seen: &[usize], promised: impl Iterator<Item = usize>, who: &str) {
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{who} {seen:?}");
    let lost: Vec<usize> = promised.filter(|line| !seen.contains(line)).collect();
    assert!(lost.is_empty(), "{who} {seen:?}, not the promised {lost:?}");
}

/// Those who were cut off are listed, with the cause.
fn cut_off_are_listed(house: &Served, numbers: &[String], here: &str) {
    let due = house.rows(&format!("SELECT number, why FROM callback WHERE number >= '{}' ORDER BY number", numbers[0]));
    assert_eq!(due, numbers.iter().map(|number| format!("{number}|restart")).collect::<Vec<_>>(), "{here}");
    assert_eq!(house.rows("SELECT DISTINCT state, ended_by, end_cause FROM call"), ["ended|system|restart"], "{here}");
}

/// Recordings are whole up to a second before the kill, and hold what was said.
fn recordings_play(house: &Served, round: usize, killed: i64, here: &str) {
    let recordings = house.rows("SELECT file, started_at, state, millis FROM recording ORDER BY started_at, file");
    assert_eq!(recordings.len(), (round + 1) * TALKS, "{here}: {recordings:?}");
    for row in &recordings[round * TALKS..] {
        let columns: Vec<&str> = row.split('|').collect();
        let (started, millis): (i64, i64) = (columns[1].parse().expect("a time"), columns[3].parse().expect("a length"));
        assert_eq!(columns[2], "done", "{here}");
        let lost = killed - started - millis;
        assert!(lost <= 1_000, "{here}: the last {lost} ms are lost");
        let recording = Recording::read(&house.data().join("recordings").join(columns[0]));
        assert!((recording.millis() as i64 - millis).abs() < 50, "{here}");
        for (side, hz) in [(&recording.left, CUSTOMER_HZ), (&recording.right, AGENT_HZ)] {
            let (heard, last) = (Recording::heard(side, hz), Recording::heard(&side[side.len().saturating_sub(4_000)..], hz));
            assert!(
                heard * 10 > recording.millis() * 7 && last >= 300,
                "{here}: {hz} Hz for {heard} of {} ms, {last} of the last 500",
                recording.millis()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_ends_calls_and_recordings_properly() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let mut house = Served::new(&business(&[&phone]));
    house.start().await;
    let echo = Caller::dial(house.sip, "echo", "+49303", OTHER_CUSTOMER_HZ).await;
    let caller = Caller::dial(house.sip, "4001", "+49304", CUSTOMER_HZ).await;
    echo.hears(OTHER_CUSTOMER_HZ).await;
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
async fn calls_go_on_when_the_address_out_there_changes() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let machine = |ports: &Ports, public: &str| {
        let sip = format!("udp = \"0.0.0.0:{}\"\npublic_address = \"{public}\"", ports.sip.port());
        let text = machine(ports, &business(&[&phone])).replace(&format!("udp = \"{}\"", ports.sip), &sip);
        text.replace("bind = \"127.0.0.1\"", "bind = \"0.0.0.0\"")
    };
    let mut house = Served::with(|ports| machine(ports, "127.0.0.1"));
    house.start().await;
    let caller = Caller::dial(house.sip, "4001", "+49308", CUSTOMER_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    let told = || phone.sends_to().map(|address| address.ip().to_string()).unwrap_or_default();
    assert_eq!(told(), "127.0.0.1");
    house.write(&machine(&house.ports, "127.0.0.2"));
    let reloaded = house.hubline(&["reload"], "").await;
    let said = String::from_utf8_lossy(&reloaded.stdout).into_owned();
    assert!(reloaded.status.success() && said.contains("127.0.0.2") && said.contains("1 call"), "{said}");
    until("the telephone is told", || told() == "127.0.0.2").await;
    // Both now send to an address of ours that our sockets have not settled on: after some silence it is taken up, and then stays.
    let recording = |n: usize| house.data().join("recordings").join(house.rows("SELECT file FROM recording ORDER BY started_at").remove(n));
    let written = |n: usize| std::fs::metadata(recording(n)).map_or(0, |file| file.len() / 16);
    until("some seconds are recorded", || written(0) > 6_000).await;
    phone.forget();
    phone.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    phone.is_idle().await;
    // A call that begins now names it from the first.
    let next = Caller::dial(house.sip, "4001", "+49309", CUSTOMER_HZ).await;
    until("it rings again", || phone.rung() == 2).await;
    phone.forget();
    phone.hears(CUSTOMER_HZ).await;
    assert_eq!(told(), "127.0.0.2");
    until("some seconds are recorded", || written(1) > 6_000).await;
    next.hang_up().await;
    phone.is_idle().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["customer|normal", "customer|normal"]).await;
    house.shows("SELECT state FROM recording", &["done", "done"]).await;
    for n in [0, 1] {
        let Recording { left, right, .. } = Recording::read(&recording(n));
        for (side, hz) in [(&left, CUSTOMER_HZ), (&right, AGENT_HZ)] {
            let last = &side[side.len() - 16_000..];
            assert!(Recording::heard(last, hz) >= 1_800, "recording {n}, {hz} Hz for {} of its last 2,000 ms", Recording::heard(last, hz));
        }
    }
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
