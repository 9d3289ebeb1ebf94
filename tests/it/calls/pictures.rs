//! Calls with pictures between a customer's page and an agent's: a camera whose picture moves, looked at on the other side.

use super::pages::{HOUSE, in_a_chat, in_a_talk, mara_is_here};
use super::pushed::fill;
use crate::rig::browser::Browser;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::talk;
use crate::rig::relay::{Relay, SECRET};
use crate::rig::served::Served;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use serde_json::json;
use std::time::Duration;

fn house() -> String {
    HOUSE.replace("[channels.calls]", "[channels.calls]\nvideo = true")
}

/// Turns the camera on: what may be recorded is said before anybody is filmed.
async fn shows_itself(visitor: &Browser) {
    visitor.click_inside("[data-act=camera]").await;
    visitor.reads_inside("may be recorded, in sound and picture").await;
    visitor.films(0).await;
    visitor.click_inside("[data-act=agree]").await;
    visitor.films(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_and_agent_see_each_other() {
    let house = House::open(&house()).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    // Nobody is filmed who has not asked for it.
    mara.films(0).await;
    visitor.films(0).await;
    shows_itself(&visitor).await;
    mara.sees_motion("#theirs").await;
    // It is the customer whom she sees, and nothing comes back of it.
    visitor.sees_motion(".stage .mine").await;
    visitor.sees_nothing(".stage .theirs").await;
    mara.click("#camera").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.sees_motion("#mine").await;
    // The sound goes on beside it.
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    // On hold nobody sees anybody; then they do again.
    mara.click("#hold").await;
    mara.sees_nothing("#theirs").await;
    visitor.sees_nothing(".stage .theirs").await;
    mara.sees("#hold[aria-pressed=true]").await;
    mara.click("#hold").await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .theirs").await;
    // Who turns the camera off is not seen any more.
    mara.click("#camera").await;
    visitor.sees_nothing(".stage .theirs").await;
    mara.films(0).await;
    mara.click("#camera").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.click("#end").await;
    house.quiet().await;
    visitor.reads_inside("The call has ended").await;
    mara.sees_nothing("#theirs").await;
    mara.sees_nothing("#mine").await;
    mara.films(0).await;
    visitor.films(0).await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_becomes_a_video_call_by_one_click() {
    let house = House::open(&house().replace("queues = [\"sales\"]", "queues = [\"sales\"]\ncapacity = 200")).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let Some(visitor) = in_a_chat(&house, &mara).await else { return };
    mara.click("#pagefilm").await;
    visitor.reads_inside("Mara Voss is calling you with video").await;
    // Nobody is filmed before they have said so.
    visitor.films(0).await;
    visitor.click_inside("[data-act=accept_video]").await;
    visitor.reads_inside("may be recorded, in sound and picture").await;
    visitor.films(0).await;
    visitor.click_inside("[data-act=agree]").await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    mara.click("#end").await;
    house.quiet().await;
    mara.films(0).await;
    visitor.films(0).await;
    // Who would rather not be seen has the call all the same; the next one without pictures films nobody.
    mara.click("#pagefilm").await;
    visitor.click_inside("[data-act=accept_sound]").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.films(0).await;
    visitor.sees_motion(".stage .theirs").await;
    mara.click("#end").await;
    house.quiet().await;
    mara.click("#pagecall").await;
    visitor.click_inside("[data-act=accept]").await;
    mara.hears(CUSTOMER_HZ).await;
    mara.films(0).await;
    visitor.films(0).await;
    mara.click("#end").await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal", "agent|normal", "agent|normal"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_are_shared_both_ways() {
    let house = House::open(&house()).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    mara.click("#video").await;
    mara.click("#screen").await;
    visitor.sees_motion(".stage .theirs").await;
    visitor.click_inside("[data-act=screen]").await;
    visitor.click_inside("[data-act=agree]").await;
    mara.sees_motion("#theirs").await;
    // The camera takes the screen's place, and the screen is let go.
    visitor.click_inside("[data-act=camera]").await;
    visitor.has_inside("[data-act=camera][aria-pressed=true]").await;
    mara.sees_motion("#theirs").await;
    visitor.films(1).await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    mara.films(0).await;
    visitor.films(0).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_pages_find_sound_and_picture_again_when_they_are_loaded_again() {
    // However slowly a page is loaded.
    let house = House::open(&format!("{}[routing]\nagent_grace = \"60s\"\n", house())).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Video call us']").await;
    visitor.click_inside("[data-act=agree]").await;
    // They see themselves while they wait.
    visitor.sees_motion(".stage .mine").await;
    mara.click(".ringcard .accept").await;
    mara.sees_motion("#theirs").await;
    mara.click("#camera").await;
    visitor.sees_motion(".stage .theirs").await;
    visitor.reload().await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.sees("#hubline-chat").await;
    visitor.hears(AGENT_HZ).await;
    visitor.run("document.querySelector('#hubline-chat').shadowRoot.querySelector('.win').hidden = false", json!([])).await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.reload().await;
    mara.hears(CUSTOMER_HZ).await;
    mara.sees_motion("#theirs").await;
    visitor.hears(AGENT_HZ).await;
    visitor.sees_motion(".stage .theirs").await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    mara.films(0).await;
    visitor.films(0).await;
    house.shows("SELECT count(*), count(DISTINCT agent) FROM call", &["1|1"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_point_at_what_is_shown() {
    let house = House::open(&house()).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    shows_itself(&visitor).await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .mine").await;
    let near = |(x, y): (f64, f64), (there_x, there_y): (f64, f64)| (x - there_x).abs() < 0.04 && (y - there_y).abs() < 0.04;
    // Both pictures have different sizes; the arrow points at the same place of both.
    mara.drags("#theirs", (0.2, 0.8), (0.7, 0.4)).await;
    let seen = visitor.arrow(".stage .mine").await;
    assert!(near(seen, (0.7, 0.4)), "{seen:?}");
    visitor.no_arrow().await;
    mara.no_arrow().await;
    visitor.drags(".stage .mine", (0.5, 0.5), (0.25, 0.25)).await;
    let seen = mara.arrow("#theirs").await;
    assert!(near(seen, (0.25, 0.25)), "{seen:?}");
    mara.no_arrow().await;
    // On hold nobody points.
    mara.click("#hold").await;
    visitor.reads_inside("has put you on hold").await;
    visitor.drags(".stage .mine", (0.5, 0.5), (0.25, 0.25)).await;
    talk(Duration::from_millis(500)).await;
    assert_eq!(mara.run("return document.querySelectorAll('.arrows g').length", json!([])).await, json!(0));
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.close().await;
}

/// The smallest that is taken for a picture.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\xdac\xfc\xcf\xc0P\x0f\0\x04\x85\x01\x80\x84\xa9\x8c!\0\0\0\0IEND\xaeB`\x82";

const IDENTITY: &str = r#"
[forms.identity]
title = "Identity"
verdict = true
[[forms.identity.fields]]
name = "consent"
kind = "consent"
title = "I agree"
[[forms.identity.fields]]
name = "front"
kind = "photo"
title = "Front"
[[forms.identity.fields]]
name = "face"
kind = "photo"
title = "Face"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_kept_in_the_conversation_and_with_the_case() {
    let house = House::open(&format!("{}{IDENTITY}", house())).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    visitor.writes_inside("Here it is").await;
    // What they write comes to whoever talks with them.
    mara.click("#list [href='/inbox/conversation/1']").await;
    mara.sees("#attach").await;
    shows_itself(&visitor).await;
    mara.sees_motion("#theirs").await;
    // A form goes to the window beside the call; its pictures, and one of the call, are kept with it.
    mara.click("#push").await;
    mara.click("[data-push-form=identity]").await;
    mara.reads("#toast", "Sent").await;
    visitor.has_inside(".log a[href*='/form/']").await;
    let path = visitor
        .run(
            "return new URL(document.querySelector('#hubline-chat').shadowRoot.querySelector(\".log a[href*='/form/']\").href).pathname",
            json!([]),
        )
        .await;
    let path = path.as_str().expect("a path").to_owned();
    // What the customer shows answers a field before they do; their own picture of another is kept beside it.
    mara.click(".sentf [data-snapshot$=face]").await;
    house.shows("SELECT field, value FROM form_answer", &["face|video"]).await;
    fill(&house, &path, &[("consent", "yes")], &[("front", "front.png", PNG)]).await;
    mara.sees(".formbox .shot img").await;
    mara.reads(".formbox", "Face, from the video").await;
    mara.click(".formbox [data-snapshot$=front]").await;
    mara.reads(".formbox", "Front, from the video").await;
    let kept = "SELECT a.field, f.mime, f.by, f.bytes > 2000 FROM form_answer a JOIN file f ON f.id = a.file ORDER BY a.place";
    let now = ["front|image/png|form/1|0", "face|image/jpeg|form/1|1", "video-front|image/jpeg|form/1|1"];
    house.shows(kept, &now).await;
    // After the verdict nothing is added any more.
    mara.click(".formbox .go").await;
    house.shows("SELECT state FROM form", &["accepted"]).await;
    // Another goes into the composer and is sent like any file.
    mara.click("#snap").await;
    mara.keys("#text", "This one?").await;
    mara.keys("#text", "\u{e009}\u{e007}").await;
    house.shows("SELECT f.mime, f.by, f.bytes > 2000 FROM message_file l JOIN file f ON f.id = l.file", &["image/jpeg|agent/mara|1"]).await;
    visitor.has_inside(".f img").await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.close().await;
}

/// How long a film is, as the page's own player says.
const LENGTH: &str = "const done = arguments[0], video = document.querySelector('[data-film]'), tell = () => done(video.duration);
    video.readyState ? tell() : video.addEventListener('loadedmetadata', tell)";

/// The colours of a film's picture at a time, as the page's own player shows it.
async fn film(page: &Browser, film: usize, seconds: f64) -> Vec<i64> {
    let look = "const [film, at, done] = arguments, video = document.querySelectorAll('[data-film]')[film];
        const draw = () => {
            const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 18 }), context = canvas.getContext('2d');
            context.drawImage(video, 0, 0, 32, 18);
            done([...context.getImageData(0, 0, 32, 18).data].filter((_, at) => at % 4 < 3));
        };
        const seek = () => { video.addEventListener('seeked', () => setTimeout(draw, 200), { once: true }); video.currentTime = at; };
        video.readyState ? seek() : video.addEventListener('loadedmetadata', seek, { once: true });";
    let picture = page.wait_for(look, json!([film, seconds])).await;
    picture.as_array().expect("a picture").iter().filter_map(|value| value.as_i64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_recorded_beside_what_was_said() {
    let house = House::open(&house()).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    shows_itself(&visitor).await;
    mara.sees_motion("#theirs").await;
    talk(Duration::from_secs(3)).await;
    // While the recording is paused nothing is written, of neither sound nor picture.
    mara.click("#record").await;
    mara.sees("#record[aria-pressed=true]").await;
    talk(Duration::from_millis(1_500)).await;
    let films = || house.data().join("recordings").read_dir().expect("recordings").flatten().map(|file| file.path());
    let size = || {
        films()
            .filter(|path| path.extension().is_some_and(|kind| kind == "webm"))
            .map(|path| path.metadata().expect("a file").len())
            .sum::<u64>()
    };
    let paused = size();
    assert!(paused > 10_000, "{paused}");
    talk(Duration::from_secs(4)).await;
    // One black picture at most.
    assert!(size() < paused + 200, "{} bytes were written during the pause", size() - paused);
    mara.click("#record").await;
    mara.sees("#record[aria-pressed=false]").await;
    talk(Duration::from_secs(4)).await;
    assert!(size() > paused + 2_000, "{} after {paused}", size());
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.shows("SELECT state, bytes > millis * 16 + 10000 FROM recording", &["done|1"]).await;
    // On the agent's page, with the sound: seconds after the camera went on there is a picture with colours, another a moment later, and in the
    // pause there is black.
    mara.go(&format!("http://{}/inbox/call/1", house.web)).await;
    mara.sees("[data-film]").await;
    assert_eq!(mara.run("return document.querySelectorAll('[data-film]').length", json!([])).await, json!(1), "the agent showed nothing");
    let length = mara.wait_for(LENGTH, json!([])).await;
    let sound = super::recording(&house).await.left.len() as f64 / 8_000.0;
    assert!((length.as_f64().expect("a length") - sound).abs() < 2.5, "{length} s of picture beside {sound} s of sound");
    let end = length.as_f64().expect("a length");
    let coloured =
        |picture: &[i64]| picture.chunks(3).filter(|rgb| rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(a, b)| a - b > 60)).count();
    let (last, before) = (film(&mara, 0, end - 0.4).await, film(&mara, 0, end - 1.9).await);
    assert!(coloured(&last) > 50 && coloured(&before) > 50, "{} {}", coloured(&last), coloured(&before));
    assert!(last.iter().zip(&before).filter(|(a, b)| (**a - **b).abs() > 40).count() > 5, "the picture stands still");
    assert!(film(&mara, 0, 0.0).await.iter().all(|point| *point < 40), "before anything was shown there is black");
    let mut black = 0;
    for half in 2..(end * 2.0) as usize {
        black += usize::from(film(&mara, 0, half as f64 / 2.0).await.iter().all(|point| *point < 40));
    }
    assert!(black >= 3, "the pause is black: {black}");
    // The sound is the clock.
    mara.click("[data-player] .playb").await;
    talk(Duration::from_millis(2_500)).await;
    let apart =
        "return Math.abs(document.querySelector('[data-player] audio').currentTime - document.querySelector('[data-film]').currentTime)";
    let apart = mara.run(apart, json!([])).await;
    assert!(apart.as_f64().is_some_and(|apart| apart < 0.6), "{apart}");
    house.close().await;
}

/// A house that dies while somebody is filmed: the film gets its length and its index when the house is there again, and plays.
#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_a_house_that_was_killed_plays() {
    let mut house = Served::new(&house());
    house.start().await;
    house.password("mara").await;
    let Some(mara) = Browser::start(AGENT_HZ).await else { return };
    mara.signs_in(&format!("http://{}", house.web), "mara").await;
    house.shows("SELECT count(*) > 0 FROM event WHERE kind = 'agent.voice_ready'", &["1"]).await;
    mara.click("#status").await;
    mara.click(".mestat [value=available]").await;
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Video call us']").await;
    visitor.click_inside("[data-act=agree]").await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    mara.sees_motion("#theirs").await;
    talk(Duration::from_secs(5)).await;
    house.kill();
    house.start().await;
    house.shows("SELECT state, films FROM recording", &["done|customer"]).await;
    house.shows("SELECT ended_by, end_cause FROM call", &["system|restart"]).await;
    let file = house.rows("SELECT file FROM recording").remove(0);
    let sound = Recording::read(&house.data().join("recordings").join(file)).left.len() as f64 / 8_000.0;
    mara.go(&format!("http://{}/inbox/call/1", house.web)).await;
    mara.sees("[data-film]").await;
    let length = mara.wait_for(LENGTH, json!([])).await.as_f64().expect("a length, which only an index tells");
    assert!((length - sound).abs() < 2.5, "{length} s of picture beside {sound} s of sound");
    // Anywhere in it, by the index: colours near its end, black before the camera was on.
    let coloured = film(&mara, 0, length - 0.5).await;
    assert!(coloured.chunks(3).any(|rgb| rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(a, b)| a - b > 60)), "{coloured:?}");
    assert!(film(&mara, 0, 0.0).await.iter().all(|point| *point < 40), "before anything was shown there is black");
    assert_eq!(house.stop().await, Some(0));
}

/// The page connects through a relay or not at all.
const RELAY_ALONE: &str = "const Direct = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Direct { constructor(wish) { super({ ...wish, iceTransportPolicy: 'relay' }); window.connection = this; } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_call_comes_through_a_relay_where_nothing_else_gets_through() {
    let Some(relay) = Relay::start().await else { return };
    let turn = format!("turn = [\"turn:127.0.0.1:{}?transport=tcp\"]\nturn_secret = \"{SECRET}\"", relay.port);
    let text = machine(&Ports::any(), &house()).replacen("[media]\n", &format!("[media]\n{turn}\n"), 1);
    let house = House::with(&text).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    visitor.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": RELAY_ALONE })).await;
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Call us']").await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    shows_itself(&visitor).await;
    mara.sees_motion("#theirs").await;
    let way = "const done = arguments[0]; window.connection.getStats().then(stats => {
        const pair = [...stats.values()].find(report => report.type === 'candidate-pair' && report.nominated), local = stats.get(pair.localCandidateId);
        done([local.candidateType, local.relayProtocol]) })";
    assert_eq!(visitor.wait_for(way, json!([])).await, json!(["relay", "tcp"]));
    // Agents' pages are told of it as well; nobody else is.
    let named =
        mara.wait_for("fetch('/softphone/relays', { method: 'POST' }).then(answer => answer.json()).then(arguments[0])", json!([])).await;
    assert!(named["username"].as_str().is_some_and(|name| name.ends_with(":mara")), "{named}");
    assert!(!named.to_string().contains(SECRET));
    let stranger = visitor
        .wait_for("fetch('/chat/site/call/relays', { method: 'POST' }).then(answer => arguments[0](answer.status))", json!([]))
        .await;
    assert_eq!(stranger, json!(401));
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    house.close().await;
}
