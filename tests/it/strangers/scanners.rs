//! Scanners learn nothing: whoever is asked for, the answer is the same; who goes on guessing is not answered any more, which
//! administrators see, may lift, and find in the record.

use crate::rig::handset::Handset;
use crate::rig::house::{House, Ports, machine};
use crate::rig::{Ended, PATIENCE, free_port, present, within};
use std::process::{Command, Stdio};

/// One phone that registers, an administrator, and a trunk that is somewhere else.
async fn house() -> House {
    let business = "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\n\
                    [[agents]]\nid = \"dora\"\nqueues = [\"sales\"]\nphone = { username = \"100\", password = \"s3cret\" }\n\
                    [[agents]]\nid = \"ada\"\nrole = \"admin\"\nqueues = [\"sales\"]\n";
    House::with(&machine(&Ports::any(), business).replace("sources = [\"127.0.0.1\"]", "sources = [\"127.99.99.99\"]")).await
}

/// An answer without what is another each time, and without the name that was asked for.
async fn answer(handset: &mut Handset, method: &str, house: &House, user: &str) -> String {
    let Some(answer) = handset.asks(method, &format!("sip:{user}@{}", house.sip)).await else { return "silence".to_owned() };
    let mut text = answer.first.clone();
    for name in ["www-authenticate", "allow", "server", "contact", "retry-after", "warning", "accept", "supported"] {
        for value in answer.all(name) {
            let (before, rest) = value.split_once("nonce=\"").unwrap_or((value, ""));
            let after = rest.split_once('"').map_or("", |(_, after)| after);
            text += &format!("\n{name}: {before}{after}");
        }
    }
    text + &answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_for_the_answer_is_the_same() {
    let house = house().await;
    // Without a password, and with a wrong one (or a right one for somebody else's name).
    for (n, (method, password)) in ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "REFER", "MESSAGE"]
        .into_iter()
        .flat_map(|method| [(method, ""), (method, "wrong")])
        .enumerate()
    {
        let mut said: Vec<(String, Vec<String>)> = Vec::new();
        for (k, user) in ["100", "dora", "4001", "sales", "nobody", "999", "admin", "anonymous"].into_iter().enumerate() {
            // Each has an address of its own, so that what one has done is not held against another.
            let mut handset = Handset::at([127, 90, n as u8, k as u8 + 1], house.sip, user, password).await;
            let mut answers = Vec::new();
            for _ in 0..4 {
                answers.push(answer(&mut handset, method, &house, user).await);
            }
            said.push((user.to_owned(), answers));
        }
        let (_, first) = &said[0];
        for (user, answers) in &said {
            assert_eq!(answers, first, "{method} for {user:?} is answered otherwise than for 100");
        }
        assert!(!first.iter().any(|answer| answer.contains("Hubline") || answer.starts_with("SIP/2.0 2")), "{method}: {first:?}");
    }
    assert!(house.rows("SELECT count(*) FROM call") == ["0"] && house.rows("SELECT count(*) FROM phone") == ["0"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_banned_listed_and_let_in_again() {
    let house = house().await;
    let ada = house.agent("ada").await;
    let source = [127, 91, 0, 1];
    let mut guesses = 0;
    let mut guesser = Handset::at(source, house.sip, "100", "wrong").await;
    let uri = format!("sip:100@{}", house.sip);
    while guesser.asks("REGISTER", &uri).await.is_some() {
        guesses += 1;
        assert!(guesses < 50, "guessing goes on");
    }
    // The right password does not help either, from there; the phone itself gets in from where it is.
    let mut again = Handset::at(source, house.sip, "100", "s3cret").await;
    assert!(again.asks("REGISTER", &uri).await.is_none(), "banned");
    let listed = || async { ada.get("/admin/phones").await.text() };
    let page = listed().await;
    assert!(page.contains("127.91.0.1") && page.contains("/admin/phones/allow"), "{page}");
    house.shows("SELECT kind, subject FROM event WHERE kind LIKE 'source.%'", &["source.banned|source/127.91.0.1"]).await;
    // Only administrators let anybody in.
    let dora = house.agent("dora").await;
    assert_eq!(dora.post("/admin/phones/allow", &[("source", "127.91.0.1")]).await.status, 403);
    assert_eq!(ada.post("/admin/phones/allow", &[("source", "somewhere")]).await.status, 422);
    let allowed = ada.post("/admin/phones/allow", &[("source", "127.91.0.1")]).await;
    assert_eq!((allowed.status, allowed.header("location")), (303, "/admin/phones?done=allowed"));
    assert!(!listed().await.contains("127.91.0.1"), "no longer listed");
    let kinds = ["source.banned|source/127.91.0.1", "source.allowed|source/127.91.0.1"];
    house.shows("SELECT kind, subject FROM event WHERE kind LIKE 'source.%' ORDER BY seq", &kinds).await;
    let answered = again.asks("REGISTER", &uri).await.and_then(|answer| answer.status());
    assert_eq!(answered, Some(401), "asked for a password again");
    // Twice is once too often.
    let twice = ada.post("/admin/phones/allow", &[("source", "127.91.0.1")]).await;
    assert_eq!(twice.header("location"), "/admin/phones?done=gone");
    dora.leave().await;
    ada.leave().await;
    house.close().await;
}

/// Runs one of SIPVicious' tools against a house of its own; gives what it found, and whether it was banned for it.
async fn sipvicious(tool: &str, arguments: &[&str]) -> Option<(String, bool)> {
    if !present(tool, "sipvicious") {
        return None;
    }
    let (house, folder) = (house().await, tempfile::tempdir().expect("a folder"));
    std::fs::write(folder.path().join("words"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\ns3cret\n").expect("written");
    let said = std::fs::File::create(folder.path().join("said")).expect("a file");
    let mut command = Command::new(tool);
    command.args(["-x", "127.0.0.1", "-P", &free_port().to_string(), "-p", &house.sip.port().to_string()]).args(arguments).arg("127.0.0.1");
    // It keeps its findings at home.
    command.current_dir(folder.path()).env("HOME", folder.path()).stdin(Stdio::null());
    let mut run = Ended(command.stdout(said.try_clone().expect("a file")).stderr(said).spawn().expect("it runs"));
    within(3 * PATIENCE, &format!("{tool} ends"), || run.0.try_wait().expect("it ran").is_some()).await;
    let text = std::fs::read_to_string(folder.path().join("said")).expect("what it said");
    assert!(!text.contains("Traceback"), "{tool} itself broke:\n{text}");
    assert_eq!(house.rows("SELECT count(*) FROM call"), ["0"], "nobody was rung");
    let banned = house.rows("SELECT count(*) FROM event WHERE kind = 'source.banned'") != ["0"];
    house.close().await;
    Some((text, banned))
}

#[tokio::test(flavor = "multi_thread")]
async fn sipvicious_finds_no_product_no_extension_and_no_password() {
    for method in ["OPTIONS", "INVITE", "REGISTER"] {
        let Some((found, _)) = sipvicious("svmap", &["-m", method]).await else { return };
        assert!(!found.to_lowercase().contains("hubline"), "{method}: {found}");
    }
    for method in ["REGISTER", "INVITE", "OPTIONS"] {
        for force in [&[][..], &["--force"]] {
            // 100 is there, the others are not.
            let Some((found, _)) = sipvicious("svwar", &[&["-e", "90-110", "-m", method], force].concat()).await else { return };
            assert!(found.contains("found nothing"), "{method} {force:?}: {found}");
        }
    }
    let Some((found, banned)) = sipvicious("svcrack", &["-u", "100", "-d", "words"]).await else { return };
    assert!(found.contains("found nothing") && banned, "{found}");
}
