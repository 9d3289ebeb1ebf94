//! The registrar by single messages: what a phone gets, what a guesser gets, and what is remembered.

use std::sync::Arc;
use std::time::Duration;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::rig::{Rig, SDP, addr, respond, start, tag_of, udp};
use crate::sip::call::{DialogId, Outgoing};
use crate::sip::net::{Flow, Transport};
use crate::sip::wire::{HeaderName, NameAddr, Uri};
use crate::sip::{Account, Contact};

const HOME: &str = "198.51.100.7:5060";
const STRANGE: &str = "203.0.113.9:5060";

fn account(agent: &str, tls_only: bool) -> Account {
    Account { agent: agent.into(), username: agent.to_owned(), password: "s3cret".into(), tls_only }
}

fn rig() -> Rig {
    let mut rig = Rig::new();
    let now = rig.now;
    rig.core.set_accounts(now, vec![account("mara", false), account("bo", false), account("tls", true)]);
    rig
}

/// A phone's hand: REGISTER after REGISTER with the credentials asked for.
struct Phone {
    user: &'static str,
    password: &'static str,
    from: Flow,
    call_id: String,
    cseq: u32,
    nonce: String,
    count: u32,
    sha: bool,
}

impl Phone {
    fn new(user: &'static str, password: &'static str, from: &str) -> Phone {
        let call_id = format!("reg-{user}-{from}");
        Phone { user, password, from: udp(from), call_id, cseq: 0, nonce: String::new(), count: 0, sha: false }
    }

    fn hash(&self, text: &str) -> String {
        if self.sha { hex::encode(Sha256::digest(text)) } else { hex::encode(Md5::digest(text)) }
    }

    fn authorization(&mut self, method: &str, uri: &str) -> String {
        if self.nonce.is_empty() {
            return String::new();
        }
        self.count += 1;
        let (nonce, nc) = (&self.nonce, format!("{:08x}", self.count));
        let a1 = self.hash(&format!("{}:phones:{}", self.user, self.password));
        let a2 = self.hash(&format!("{method}:{uri}"));
        let response = self.hash(&format!("{a1}:{nonce}:{nc}:c0ffee:auth:{a2}"));
        let algorithm = if self.sha { "SHA-256" } else { "MD5" };
        format!(
            "Authorization: Digest username=\"{}\", realm=\"phones\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
             algorithm={algorithm}, qop=auth, nc={nc}, cnonce=\"c0ffee\"\r\n",
            self.user
        )
    }

    fn request(&mut self, method: &str, headers: &str) -> String {
        self.cseq += 1;
        let uri = if method == "REGISTER" { "sip:hub.example" } else { "sip:4711@hub.example" };
        let authorization = self.authorization(method, uri);
        let to = if method == "REGISTER" { self.user } else { "4711" };
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.5;rport;branch=z9hG4bK{}{}{}\r\nMax-Forwards: 70\r\n\
             From: <sip:{}@hub.example>;tag=p\r\nTo: <sip:{to}@hub.example>\r\nCall-ID: {}\r\nCSeq: {} {method}\r\n{authorization}{headers}\
             Content-Length: 0\r\n\r\n",
            self.user, self.cseq, self.count, self.user, self.call_id, self.cseq
        )
    }

    /// Sends, and takes the nonce out of the answer.
    fn send(&mut self, rig: &mut Rig, method: &str, headers: &str) -> String {
        let text = self.request(method, headers);
        rig.sent.clear();
        rig.hear_over(self.from, &text);
        let answer =
            rig.sent.iter().find(|sent| sent.starts_with("SIP/2.0 ") && !sent.starts_with("SIP/2.0 100")).cloned().unwrap_or_default();
        let wanted = if self.sha { "algorithm=SHA-256" } else { "algorithm=MD5" };
        let challenge = answer.lines().find(|line| line.starts_with("WWW-Authenticate") && line.contains(wanted));
        if let Some(nonce) = challenge.and_then(|line| line.split("nonce=\"").nth(1)?.split('"').next()) {
            (self.nonce, self.count) = (nonce.to_owned(), 0);
        }
        answer
    }

    fn contact(&self) -> String {
        format!("Contact: <sip:{}@10.0.0.5:5060>;expires=300\r\n", self.user)
    }

    /// Challenged, then let in.
    fn registers(&mut self, rig: &mut Rig) -> String {
        let contact = self.contact();
        assert_eq!(start(&self.send(rig, "REGISTER", &contact)), "SIP/2.0 401 Unauthorized");
        let answer = self.send(rig, "REGISTER", &contact);
        assert_eq!(start(&answer), "SIP/2.0 200 OK", "{answer}");
        answer
    }
}

fn reachable(rig: &Rig, agent: &str) -> Vec<bool> {
    let news = rig.phones.iter().rev().find(|news| &*news.agent == agent).expect("news");
    news.contacts.iter().map(|contact| contact.reachable).collect()
}

#[test]
fn a_phone_registers_by_either_digest_and_is_rung_where_it_came_from() {
    for sha in [true, false] {
        let mut rig = rig();
        let mut phone = Phone { sha, ..Phone::new("mara", "s3cret", HOME) };
        let challenge = phone.send(&mut rig, "REGISTER", &phone.contact());
        let order: Vec<bool> = challenge.lines().filter(|line| line.starts_with("WWW-Auth")).map(|line| line.contains("SHA-256")).collect();
        assert_eq!(order, [true, false], "RFC 8760: the stronger first");
        assert!(!challenge.contains("Server:"), "a stranger learns nothing");
        let answer = phone.send(&mut rig, "REGISTER", &phone.contact());
        assert_eq!(start(&answer), "SIP/2.0 200 OK");
        assert!(answer.contains("Contact: <sip:mara@10.0.0.5:5060>;expires=300\r\n"), "{answer}");
        let targets = rig.core.phone_targets("mara");
        assert_eq!(targets.len(), 1);
        assert_eq!((targets[0].0.to_string().as_str(), targets[0].1.addr), ("sip:mara@10.0.0.5:5060", addr(HOME)), "behind its NAT");
        assert_eq!(reachable(&rig, "mara"), [true]);
    }
}

#[test]
fn several_phones_stand_side_by_side_and_leave_one_by_one_or_all_at_once() {
    let mut rig = rig();
    let mut desk = Phone::new("mara", "s3cret", HOME);
    let mut home = Phone::new("mara", "s3cret", "198.51.100.8:5070");
    desk.registers(&mut rig);
    let both = {
        let contact = "Contact: <sip:mara@10.0.0.9>\r\n";
        home.send(&mut rig, "REGISTER", contact);
        home.send(&mut rig, "REGISTER", contact)
    };
    assert!(both.contains("10.0.0.5:5060>;expires=300") && both.contains("10.0.0.9>;expires=3600"), "{both}");
    assert_eq!(rig.core.phone_targets("mara").len(), 2);
    let left = desk.send(&mut rig, "REGISTER", "Contact: <sip:mara@10.0.0.5:5060>;expires=0\r\n");
    assert!(!left.contains("@10.0.0.5") && left.contains("10.0.0.9"), "{left}");
    assert_eq!(start(&home.send(&mut rig, "REGISTER", "Contact: *\r\n")), "SIP/2.0 400 Bad Contact", "a star takes Expires: 0");
    assert_eq!(start(&home.send(&mut rig, "REGISTER", "Contact: *\r\nExpires: 0\r\n")), "SIP/2.0 200 OK");
    assert_eq!(rig.core.phone_targets("mara"), []);
    assert_eq!(reachable(&rig, "mara"), [] as [bool; 0]);
    let none = home.send(&mut rig, "REGISTER", "");
    assert!(start(&none) == "SIP/2.0 200 OK" && !none.contains("Contact:"), "a question: {none}");
}

#[test]
fn too_short_too_old_and_too_strange_registrations() {
    let mut rig = rig();
    let mut phone = Phone::new("mara", "s3cret", HOME);
    phone.registers(&mut rig);
    let brief = phone.send(&mut rig, "REGISTER", "Contact: <sip:mara@10.0.0.5:5060>;expires=30\r\n");
    assert!(brief.starts_with("SIP/2.0 423 ") && brief.contains("Min-Expires: 60\r\n"), "{brief}");
    let longest = phone.send(&mut rig, "REGISTER", "Contact: <sip:mara@10.0.0.5:5060>;expires=4294967295\r\n");
    assert!(longest.contains(";expires=3600\r\n"), "{longest}");
    // A REGISTER that was overtaken by a later one of the same Call-ID.
    phone.cseq -= 2;
    assert!(phone.send(&mut rig, "REGISTER", &phone.contact()).starts_with("SIP/2.0 500 "));
    phone.cseq += 5;
    for contact in ["Contact: <tel:+4930>\r\n", "Contact: <sip:a@b?Route=x>\r\n", "Contact: \"x\r\n"] {
        assert_eq!(start(&phone.send(&mut rig, "REGISTER", contact)), "SIP/2.0 400 Bad Contact", "{contact}");
    }
    let option = phone.send(&mut rig, "REGISTER", "Require: path\r\n");
    assert!(option.starts_with("SIP/2.0 420 ") && option.contains("Unsupported: path"), "{option}");
    // Somebody else's address of record.
    let text = phone.request("REGISTER", "").replace("To: <sip:mara@", "To: <sip:bo@");
    rig.sent.clear();
    rig.hear_over(phone.from, &text);
    assert_eq!(start(&rig.last()), "SIP/2.0 403 Forbidden");
}

#[test]
fn a_nonce_grows_old_is_not_used_twice_and_is_ours() {
    let mut rig = rig();
    let mut phone = Phone::new("mara", "s3cret", HOME);
    phone.registers(&mut rig);
    // The same count again: a recorded REGISTER under a new branch.
    phone.count -= 1;
    let replayed = phone.send(&mut rig, "REGISTER", &phone.contact());
    assert!(replayed.starts_with("SIP/2.0 401 ") && replayed.contains("stale=true"), "{replayed}");
    assert_eq!(start(&phone.send(&mut rig, "REGISTER", &phone.contact())), "SIP/2.0 200 OK", "goes on with the new one");
    rig.wait(Duration::from_secs(301));
    let old = phone.send(&mut rig, "REGISTER", &phone.contact());
    assert!(old.starts_with("SIP/2.0 401 ") && old.contains("stale=true"), "{old}");
    assert_eq!(start(&phone.send(&mut rig, "REGISTER", &phone.contact())), "SIP/2.0 200 OK");
    let forged = format!("0{}", &phone.nonce[1..phone.nonce.len() - 1]) + "0";
    (phone.nonce, phone.count) = (forged, 0);
    assert!(phone.send(&mut rig, "REGISTER", &phone.contact()).contains("stale=true"), "a right password with a nonce of another process");
    let mut wrong = Phone::new("mara", "guess", HOME);
    wrong.send(&mut rig, "REGISTER", "");
    rig.wait(Duration::from_secs(301));
    assert!(!wrong.send(&mut rig, "REGISTER", "").contains("stale"), "which says nothing to who has no password");
}

/// What varies by itself taken out.
fn shape(answer: &str) -> String {
    let kept = answer.lines().filter(|line| !line.starts_with("Via") && !line.starts_with("CSeq") && !line.starts_with("Call-ID"));
    let blank = |line: &str| {
        let line = line.split("nonce=\"").next().unwrap_or(line).to_owned() + line.split("\", qop").nth(1).unwrap_or("");
        line.split(";tag=").next().unwrap_or_default().replace("mara", "USER").replace("ghost", "USER").replace("4711", "USER")
    };
    kept.map(blank).collect::<Vec<_>>().join("\n")
}

#[test]
fn known_and_unknown_users_are_answered_alike_whatever_they_send() {
    let mut rig = rig();
    for method in ["REGISTER", "INVITE"] {
        let mut known = Phone::new("mara", "guess", STRANGE);
        let mut unknown = Phone::new("ghost", "guess", "203.0.113.99:5060");
        for _ in 0..3 {
            let (a, b) = (known.send(&mut rig, method, ""), unknown.send(&mut rig, method, ""));
            assert!(a.starts_with("SIP/2.0 401 "), "{a}");
            assert_eq!(shape(&a), shape(&b), "{method}");
        }
    }
}

#[test]
fn a_user_under_attack_is_locked_for_strangers_and_not_at_home() {
    let mut rig = rig();
    let mut own = Phone::new("mara", "s3cret", HOME);
    own.registers(&mut rig);
    let mut guesser = Phone::new("mara", "guess", STRANGE);
    for _ in 0..6 {
        guesser.send(&mut rig, "REGISTER", "");
    }
    let mut lucky = Phone::new("mara", "s3cret", "203.0.113.77:5060");
    for _ in 0..3 {
        assert_eq!(start(&lucky.send(&mut rig, "REGISTER", &lucky.contact())), "SIP/2.0 401 Unauthorized", "right, and too late");
    }
    assert_eq!(start(&own.send(&mut rig, "REGISTER", &own.contact())), "SIP/2.0 200 OK");
    rig.wait(Duration::from_secs(400));
    lucky.registers(&mut rig);
}

#[test]
fn a_guessing_source_is_banned_and_listed() {
    let mut rig = rig();
    let mut guesser = Phone::new("mara", "guess", STRANGE);
    let mut silent = 0;
    for _ in 0..30 {
        silent += usize::from(guesser.send(&mut rig, "REGISTER", "").is_empty());
    }
    assert!(silent > 15, "{silent}");
    let bans = rig.core.bans(rig.now);
    assert_eq!(bans.iter().map(|ban| ban.source.to_string()).collect::<Vec<_>>(), ["203.0.113.9"]);
    // Requests without any credentials, as a scanner sends them.
    let mut scanner = Phone::new("mara", "guess", "203.0.113.10:5060");
    let answered = (0..500).filter(|_| {
        scanner.nonce.clear();
        !scanner.send(&mut rig, "REGISTER", "").is_empty()
    });
    assert_eq!(answered.count(), 100);
    assert_eq!(rig.core.bans(rig.now).len(), 2);
    rig.wait(Duration::from_secs(601));
    assert_eq!(rig.core.bans(rig.now), []);
}

#[test]
fn a_phone_that_stops_answering_is_not_reachable_until_it_is_heard_again() {
    let mut rig = rig();
    let mut phone = Phone::new("mara", "s3cret", HOME);
    phone.registers(&mut rig);
    rig.sent.clear();
    rig.wait(Duration::from_secs(2));
    let ask = rig.sent.iter().find(|sent| sent.starts_with("OPTIONS sip:mara@10.0.0.5:5060 ")).expect("asked").clone();
    let answer = ask.lines().filter(|line| ["Via", "From", "To:", "Call", "CSeq"].iter().any(|name| line.starts_with(name)));
    let answer: String = std::iter::once("SIP/2.0 404 Nothing to say").chain(answer).map(|line| format!("{line}\r\n")).collect();
    rig.hear_over(phone.from, &format!("{answer}Content-Length: 0\r\n\r\n"));
    rig.wait(Duration::from_secs(100));
    assert_eq!(reachable(&rig, "mara"), [false], "it had answered, and does so no more");
    assert_eq!(rig.core.phone_targets("mara"), []);
    phone.send(&mut rig, "REGISTER", &phone.contact());
    assert_eq!(reachable(&rig, "mara"), [true]);
    rig.wait(Duration::from_secs(301));
    assert_eq!(reachable(&rig, "mara"), [] as [bool; 0], "and in the end it has expired");
}

#[test]
fn a_restart_knows_the_phones_and_asks_whether_they_are_still_there() {
    let mut rig = rig();
    let mut phone = Phone::new("mara", "s3cret", HOME);
    phone.registers(&mut rig);
    let known: Vec<Contact> = rig.phones.last().expect("news").contacts.clone();
    let stranger = Contact { agent: Arc::from("gone"), ..known[0].clone() };
    let mut rig = self::rig();
    let now = rig.now;
    rig.core.restore_contacts(now, [known, vec![stranger]].concat());
    assert_eq!(rig.core.phone_targets("mara"), [], "nobody rings on a guess");
    rig.wait(Duration::from_millis(1));
    let ask = rig.sent.iter().find(|sent| sent.starts_with("OPTIONS ")).expect("asked").clone();
    let kept = ask.lines().filter(|line| ["Via", "From", "To:", "Call", "CSeq"].iter().any(|name| line.starts_with(name)));
    let answer: String = std::iter::once("SIP/2.0 200 OK").chain(kept).map(|line| format!("{line}\r\n")).collect();
    rig.hear_over(phone.from, &format!("{answer}Content-Length: 0\r\n\r\n"));
    assert_eq!(reachable(&rig, "mara"), [true]);
    assert_eq!(rig.core.phone_targets("mara").len(), 1);
    assert!(rig.phones.iter().all(|news| &*news.agent == "mara"), "an account that is gone has no phones");
}

#[test]
fn a_closed_connection_takes_its_phones_away_and_tls_only_means_it() {
    let mut rig = rig();
    let tcp = |transport| Flow { transport, addr: addr(HOME), connection: Some(addr(HOME)) };
    let mut phone = Phone { from: tcp(Transport::Tcp), ..Phone::new("tls", "s3cret", HOME) };
    phone.send(&mut rig, "REGISTER", &phone.contact());
    assert_eq!(start(&phone.send(&mut rig, "REGISTER", &phone.contact())), "SIP/2.0 403 Forbidden");
    phone.from = tcp(Transport::Tls);
    assert_eq!(start(&phone.send(&mut rig, "REGISTER", &phone.contact())), "SIP/2.0 200 OK");
    assert_eq!(rig.core.phone_targets("tls")[0].1, tcp(Transport::Tls));
    rig.act(|core, now| core.connection_closed(now, Transport::Tls, addr(HOME)));
    assert_eq!(reachable(&rig, "tls"), [false]);
}

#[test]
fn an_authenticated_phone_calls_and_nobody_else_does() {
    let mut rig = rig();
    let mut phone = Phone::new("mara", "s3cret", HOME);
    let contact = "Contact: <sip:mara@10.0.0.5:5060>\r\nP-Asserted-Identity: <sip:boss@hub.example>\r\n";
    assert_eq!(start(&phone.send(&mut rig, "INVITE", contact)), "SIP/2.0 401 Unauthorized");
    assert_eq!(phone.send(&mut rig, "INVITE", contact), "", "rings at the house");
    let call = rig.calls.pop().expect("a call");
    assert_eq!(call.caller, crate::sip::Caller::Phone("mara".into()));
    assert!(call.asserted.is_none(), "a phone does not say who it is");
    let mut stranger = Phone::new("mara", "guess", STRANGE);
    for _ in 0..3 {
        assert_eq!(start(&stranger.send(&mut rig, "INVITE", contact)), "SIP/2.0 401 Unauthorized");
    }
    assert!(rig.calls.is_empty());
}

/// RFC 3891 §3, by whoever has logged in: what is there, rings, is up, is over, or never was.
#[test]
fn a_phone_asks_for_the_place_of_a_call() {
    let mut rig = rig();
    let mut phone = Phone::new("mara", "s3cret", HOME);
    phone.registers(&mut rig);
    let outgoing = Outgoing {
        to: Uri::parse("sip:mara@10.0.0.9").expect("uri"),
        from: NameAddr::parse("<sip:us@192.0.2.1>").expect("from"),
        transport: None,
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: None,
        may_refer: true,
    };
    let other = udp("198.51.100.8:5060");
    let (key, DialogId { call_id, local_tag }) = rig.core.invite(rig.now, other, outgoing).expect("room");
    rig.act(|_, _| {});
    let sent = rig.last();
    assert_eq!(tag_of(&sent, HeaderName::From), *local_tag);
    let named = |theirs: &str| format!("{call_id};to-tag={local_tag};from-tag={theirs}");
    // The final answer, or what it is to replace.
    let mut ask = |rig: &mut Rig, replaces: &str| {
        let before = rig.calls.len();
        let headers = format!("{}Replaces: {}\r\n", phone.contact(), replaces.replace(" and ", "\r\nReplaces: "));
        let mut answer = phone.send(rig, "INVITE", &headers);
        if answer.starts_with("SIP/2.0 401") {
            answer = phone.send(rig, "INVITE", &headers);
        }
        match rig.calls.get(before) {
            Some(call) => call.replaces.as_ref().map_or("nothing".to_owned(), |id| format!("takes {}", id.local_tag)),
            None => start(&answer).to_owned(),
        }
    };
    let (gone, takes) = ("SIP/2.0 481 Call/Transaction Does Not Exist", format!("takes {local_tag}"));
    assert_eq!(ask(&mut rig, &named("desk")), gone, "nothing has rung there yet");
    rig.hear_over(other, &respond(&sent, "180 Ringing", "desk", "Contact: <sip:mara@10.0.0.9>\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(ask(&mut rig, &format!("{};early-only", named("desk"))), takes, "rings");
    assert_eq!(ask(&mut rig, &named("other")), gone, "another phone of the same call");
    // What the phone itself has dialled rings nowhere that we could take it from.
    let own = rig.calls.last().map(|call| format!("{};to-tag={};from-tag=p", call.id.call_id, call.id.local_tag)).expect("a call");
    assert_eq!(ask(&mut rig, &own), gone);
    let ok = format!("Contact: <sip:mara@10.0.0.9>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}", SDP.len());
    rig.hear_over(other, &respond(&sent, "200 OK", "desk", &ok));
    assert_eq!(ask(&mut rig, &format!("{};early-only", named("desk"))), "SIP/2.0 486 Busy Here");
    assert_eq!(ask(&mut rig, &named("desk")), takes);
    // The tags the other way round name the other side's call.
    assert_eq!(ask(&mut rig, &format!("{call_id};to-tag=desk;from-tag={local_tag}")), gone);
    for broken in ["rubbish".to_owned(), format!("{call_id};to-tag={local_tag}"), format!("{} and {}", named("desk"), named("desk"))] {
        assert_eq!(ask(&mut rig, &broken), "SIP/2.0 400 Bad Replaces", "{broken}");
    }
    rig.act(|core, now| core.end(now, key, None));
    assert_eq!(ask(&mut rig, &named("desk")), "SIP/2.0 603 Decline");
    assert_eq!(ask(&mut rig, &named("other")), gone);
}
