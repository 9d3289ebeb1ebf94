//! Networks that lose, delay and reorder packets, under telephones and under browsers: both sides still hear each other, the figures tell which
//! line is bad, and the recording is as long as the talk.

use super::house_of;
use crate::rig::bad_line::{BAD, BadLine};
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, until};
use hubline::desk::input::LegParty;
use hubline::switchboard::LineQuality;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One queue that records, a window from which visitors may call into it, and Mara with or without a desk phone.
fn business(agent: &str) -> String {
    format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n[channels.calls]\n\
         [[agents]]\nid = \"mara\"\nname = \"Mara Voss\"\nqueues = [\"sales\"]\n{agent}\n"
    )
}

/// A house whose media port is known before it opens, and a bad line before that.
async fn house_behind_a_bad_line(agent: &str, seed: u64) -> (House, SocketAddr, BadLine) {
    let ports = Ports { media: Ports::free().media, ..Ports::any() };
    let house = House::with(&machine(&ports, &business(agent))).await;
    (house, ports.media, BadLine::before(ports.media, BAD, seed).await)
}

/// What is told of the lines while the calls run.
fn told(house: &House) -> Arc<Mutex<Vec<LineQuality>>> {
    let (mut lines, told) = (house.app.switchboard.lines(), Arc::<Mutex<Vec<_>>>::default());
    let kept = told.clone();
    tokio::spawn(async move {
        while let Ok(line) = lines.recv().await {
            kept.lock().expect("lines").push(line);
        }
    });
    told
}

/// The figures of both legs at the end: the bad one has lost about what was lost, the good one nothing, and it shows in the estimate.
async fn the_figures_tell(house: &House, bad_is_the_customer: bool, line: &BadLine, live: &Mutex<Vec<LineQuality>>) {
    assert!(line.lost_percent() > 2.0 && line.overtaken() > 20, "{} % lost, {} overtaken", line.lost_percent(), line.overtaken());
    house.shows("SELECT count(*) FROM leg WHERE mos IS NULL", &["0"]).await;
    let figures = |whose: &str| -> Vec<f64> {
        let row = house.rows(&format!("SELECT loss_percent, jitter_ms, mos FROM leg WHERE agent {whose}")).remove(0);
        row.split('|').map(|figure| figure.parse().expect("a number")).collect()
    };
    let (customer, agent) = (figures("IS NULL"), figures("IS NOT NULL"));
    let (bad, good) = if bad_is_the_customer { (&customer, &agent) } else { (&agent, &customer) };
    assert!((1.5..12.0).contains(&bad[0]) && good[0] < 1.5, "loss: {bad:?} and {good:?}");
    assert!(bad[1] > 5.0 && bad[1] > good[1] + 3.0, "jitter: {bad:?} and {good:?}");
    assert!(bad[2] < good[2] - 0.1, "estimate: {bad:?} and {good:?}");
    let live = live.lock().expect("lines");
    let of = |party: &LineQuality| matches!(party.party, LegParty::Customer) == bad_is_the_customer;
    assert!(live.iter().any(|line| of(line) && line.loss_percent > 0.5 && line.jitter_ms > 5.0), "told while it ran: {live:?}");
}

/// As long as the talk, each side on its own, and only what was lost is missing.
async fn the_recording_is_whole(house: &House, bad_is_left: bool) {
    house.shows("SELECT state, error FROM recording", &["done|-"]).await;
    let row = house.rows("SELECT r.file, r.millis, (SELECT max(ended_at) FROM call) - r.started_at FROM recording r").remove(0);
    let mut row = row.split('|');
    let recording = Recording::read(&house.data().join("recordings").join(row.next().expect("a file")));
    let mut number = || row.next().and_then(|n| n.parse::<i64>().ok()).expect("a number");
    let (millis, talked) = (number(), number());
    assert!((millis - talked).abs() < 800, "{millis} ms of a talk of {talked} ms");
    assert!(recording.millis().abs_diff(millis as usize) < 100, "the file holds {} ms", recording.millis());
    for (side, hz, other, bad) in
        [(&recording.left, CUSTOMER_HZ, AGENT_HZ, bad_is_left), (&recording.right, AGENT_HZ, CUSTOMER_HZ, !bad_is_left)]
    {
        let heard = Recording::heard(side, hz);
        let due = recording.millis() * if bad { 75 } else { 80 } / 100;
        assert!(heard >= due, "{heard} ms of {hz} Hz in {} ms", recording.millis());
        assert_eq!(Recording::heard(side, other), 0, "each on their own side");
    }
}

/// SIP to SIP, the caller's network is bad.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_caller() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let live = told(&house);
    let time = Duration::from_secs(10);
    let Some((caller, line)) = Sipp::caller_over(BAD, 41, house.sip, "4001", "+491", CUSTOMER_HZ, time).await else { return };
    phone.hears(CUSTOMER_HZ).await;
    caller.audio.hears(AGENT_HZ).await;
    talk(Duration::from_secs(7)).await;
    assert!(phone.share(CUSTOMER_HZ) > 0.5 && caller.audio.share(AGENT_HZ) > 0.5, "all the time");
    caller.succeeds().await;
    phone.is_idle().await;
    house.quiet().await;
    the_figures_tell(&house, true, &line, &live).await;
    the_recording_is_whole(&house, true).await;
    house.close().await;
}

/// SIP to SIP in a talk of three: what others hear is mixed, so what the line lost is concealed for them.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_caller_in_a_conference() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = house_of(&[&first, &second], "", "").await;
    let dora = house.agent("dora").await;
    let time = Duration::from_secs(12);
    let Some((caller, line)) = Sipp::caller_over(BAD, 42, house.sip, "4001", "+491", CUSTOMER_HZ, time).await else { return };
    first.hears(CUSTOMER_HZ).await;
    dora.does("/work/call/1/add", &[("to", "agent/emil")]).await;
    second.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    first.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ]).await;
    talk(Duration::from_secs(3)).await;
    assert!(first.share(CUSTOMER_HZ) > 0.2 && second.share(CUSTOMER_HZ) > 0.2, "all the time");
    assert_eq!(second.holes(Duration::from_secs(2)), 0, "no packet of nothing where one was lost");
    caller.succeeds().await;
    assert!(line.lost_percent() > 2.0 && line.overtaken() > 20);
    house.quiet().await;
    dora.leave().await;
    house.close().await;
}

/// SIP to WebRTC, the agent's network is bad; the agent hangs up.
#[tokio::test(flavor = "multi_thread")]
async fn under_an_agents_page() {
    let (house, media, line) = house_behind_a_bad_line("", 43).await;
    let live = told(&house);
    let Some(page) = Browser::start(AGENT_HZ).await else { return };
    page.over(&line, media).await;
    house.password("mara").await;
    page.signs_in(&format!("http://{}", house.web), "mara").await;
    available(&page, &house).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    page.click(".ringcard .accept").await;
    page.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(8)).await;
    page.hears(CUSTOMER_HZ).await;
    assert!(!house.story().iter().any(|line| line.contains("silent")), "bad is not gone: {}", house.told());
    page.click("#end").await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["mara|agent|normal"]).await;
    the_figures_tell(&house, false, &line, &live).await;
    the_recording_is_whole(&house, false).await;
    house.close().await;
}

/// WebRTC to SIP, the visitor's network is bad; the visitor hangs up, which goes by the socket.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_visitors_page_to_a_desk_phone() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let agent = format!("phone = \"{}\"\nalways_available = true", phone.uri());
    let (house, media, line) = house_behind_a_bad_line(&agent, 44).await;
    let live = told(&house);
    let Some(visitor) = visitor_over(&line, media, &house).await else { return };
    phone.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    talk(Duration::from_secs(8)).await;
    phone.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    visitor.click_inside("[data-act=hangup]").await;
    phone.is_idle().await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["customer|normal"]).await;
    the_figures_tell(&house, true, &line, &live).await;
    the_recording_is_whole(&house, true).await;
    house.close().await;
}

/// WebRTC to WebRTC, the visitor's network is bad; the agent hangs up.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_visitors_page_to_an_agents_page() {
    let (house, media, line) = house_behind_a_bad_line("", 45).await;
    let live = told(&house);
    let Some(mara) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    available(&mara, &house).await;
    let Some(visitor) = visitor_over(&line, media, &house).await else { return };
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    talk(Duration::from_secs(8)).await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    mara.click("#end").await;
    visitor.reads_inside("The call has ended").await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal"]).await;
    the_figures_tell(&house, true, &line, &live).await;
    the_recording_is_whole(&house, true).await;
    house.close().await;
}

/// What a page's connection tells of the picture that it sends: asked for again piece by piece, pieces sent again, asked for anew, made anew.
async fn picture_sent(page: &Browser) -> [i64; 4] {
    let look = "const done = arguments[0]; window.connection.getStats().then(stats => {
        const sent = [...stats.values()].find(report => report.type === 'outbound-rtp' && report.kind === 'video');
        done(['nackCount', 'retransmittedPacketsSent', 'pliCount', 'keyFramesEncoded'].map(name => sent?.[name] ?? 0)) })";
    let told = page.wait_for(look, json!([])).await;
    std::array::from_fn(|n| told[n].as_i64().expect("a number"))
}

/// A visitor with a camera on a bad network: pieces of the picture that are lost are sent again, and after a stretch of nothing a whole picture is
/// asked for, so that it moves on.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_visitors_picture() {
    let ports = Ports { media: Ports::free().media, ..Ports::any() };
    let business = business("").replace("[channels.calls]", "[channels.calls]\nvideo = true");
    let house = House::with(&machine(&ports, &business)).await;
    let line = BadLine::before(ports.media, BAD, 46).await;
    let Some(mara) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    available(&mara, &house).await;
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    let keep = "const Direct = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Direct { constructor(wish) { super(wish); window.connection = this; } }";
    visitor.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": keep })).await;
    visitor.over(&line, ports.media).await;
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Video call us']").await;
    visitor.click_inside("[data-act=agree]").await;
    mara.reads(".ringcard", "Incoming video call").await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    mara.sees_motion("#theirs").await;
    talk(Duration::from_secs(6)).await;
    mara.sees_motion("#theirs").await;
    let [asked, again, _, _] = picture_sent(&visitor).await;
    assert!(asked > 0 && again > 0, "{asked} times asked for pieces, {again} sent again");
    assert!(line.lost_percent() > 2.0, "{} % lost", line.lost_percent());
    let [.., made] = picture_sent(&visitor).await;
    line.cut(true);
    talk(Duration::from_secs(3)).await;
    line.cut(false);
    mara.hears(CUSTOMER_HZ).await;
    mara.sees_motion("#theirs").await;
    let [_, _, anew, keys] = picture_sent(&visitor).await;
    assert!(anew > 0 && keys > made, "{anew} times asked for anew, {keys} whole pictures after {made}");
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["customer|normal"]).await;
    house.close().await;
}

async fn visitor_over(line: &BadLine, media: SocketAddr, house: &House) -> Option<Browser> {
    let visitor = Browser::start(CUSTOMER_HZ).await?;
    visitor.over(line, media).await;
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Call us']").await;
    Some(visitor)
}

/// Mara chooses her status by the menu.
async fn available(page: &Browser, house: &House) {
    page.can_be_called(house, "mara").await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    page.can_be_called(house, "mara").await;
}
