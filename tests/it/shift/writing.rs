//! Writing when things go wrong: a lost connection, a page that is left, files by drag and by paste.

use super::{HOUSE, has_one};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::proxy::changing;
use crate::rig::{AGENT_HZ, PATIENCE};
use serde_json::json;
use std::time::{Duration, Instant};

/// The page's sockets can be cut, as a lost network cuts them.
const SOCKETS: &str = "window.sockets = []; window.WebSocket = class extends WebSocket {
        constructor(url, ...more) { super(window.down ? url.replace('/live', '/nowhere') : url, ...more); window.sockets.push(this); }
    }";

async fn network(desk: &Browser, up: bool) {
    if !up {
        // The browser's own switch spares sockets, and one that is closed behind it waits long for the other side.
        desk.run("window.down = true; window.sockets.forEach(socket => socket.close())", json!([])).await;
    }
    let state = json!({ "offline": !up, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    desk.cdp("Network.emulateNetworkConditions", state).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_without_a_connection_goes_once_and_in_order() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "mara", "Hello").await;
    house.password("mara").await;
    desk.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": SOCKETS })).await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.cdp("Network.enable", json!({})).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;
    network(&desk, false).await;
    desk.sees("#offline").await;
    for text in ["first", "second"] {
        desk.keys("#text", &format!("{text}\u{e009}\u{e007}")).await;
    }
    desk.run("document.querySelector('.ctab[data-note]').click()", json!([])).await;
    desk.keys("#text", "a note\u{e009}\u{e007}").await;
    desk.reads(".pending", "a note").await;
    assert_eq!(house.rows("SELECT count(*) FROM message WHERE kind <> 'in'"), ["0"]);
    // The page is loaded again meanwhile: what waits is not lost with it.
    network(&desk, true).await;
    desk.reload().await;
    house.shows("SELECT kind, text FROM message WHERE kind <> 'in' ORDER BY id", &["out|first", "out|second", "note|a note"]).await;
    desk.sees("#text").await;
    desk.loses(".pending").await;
    assert_eq!(desk.run("return localStorage.getItem('hubline.outbox.mara')", json!([])).await, json!("[]"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_goes_on_in_another_network() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let visitor = has_one(&house, "mara", "Hello").await;
    house.password("mara").await;
    let network = changing(house.web).await;
    desk.signs_in(&format!("http://{}", network.address), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", network.address)).await;
    desk.sees("#text").await;
    // The socket and the connections that requests would use are dead, and neither side is told.
    network.change();
    visitor.writes("Still there?").await;
    for text in ["first", "second"] {
        desk.keys("#text", &format!("{text}\u{e009}\u{e007}")).await;
    }
    desk.run("window.dispatchEvent(new Event('online'))", json!([])).await;
    desk.reads("#tl", "Still there?").await;
    house.shows("SELECT text FROM message WHERE kind = 'out' ORDER BY id", &["first", "second"]).await;
    desk.loses(".pending").await;
    assert_eq!(house.rows("SELECT count(*) FROM message WHERE kind = 'out'"), ["2"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn screenshots_are_pasted_and_files_dropped() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let visitor = has_one(&house, "mara", "How do I fold it?").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;
    // As a browser brings a screenshot out of the clipboard, and a file that is let go over the conversation.
    let give = "const done = arguments[arguments.length - 1], canvas = document.createElement('canvas');
        canvas.width = canvas.height = 8;
        canvas.getContext('2d').fillRect(0, 0, 4, 4);
        canvas.toBlob(blob => {
            const give = (kind, type, at, field) => {
                const data = new DataTransfer();
                data.items.add(new File([blob], type, { type: 'image/png' }));
                document.querySelector(at).dispatchEvent(new kind(field === 'clipboardData' ? 'paste' : 'drop', { bubbles: true, cancelable: true, [field]: data }));
            };
            document.querySelector('#text').focus();
            give(ClipboardEvent, 'image.png', '#text', 'clipboardData');
            give(DragEvent, 'fold.png', '#tl', 'dataTransfer');
            done(true);
        }, 'image/png')";
    desk.wait_for(give, json!([])).await;
    desk.reads("#attached", "image.png").await;
    desk.reads("#attached", "fold.png").await;
    let uploaded = "return [...document.querySelectorAll('#attached .cut')].every(chip => !chip.textContent.includes('·'))";
    let begun = Instant::now();
    while desk.run(uploaded, json!([])).await != json!(true) {
        assert!(begun.elapsed() < PATIENCE, "they are not uploaded:\n{}", desk.text().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    desk.keys("#text", "Like this\u{e009}\u{e007}").await;
    let line = visitor.hears("message", "Like this").await["line"].clone();
    assert_eq!(line["files"].as_array().map(Vec::len), Some(2), "{line}");
    // Words are checked by the browser, and in the customer's conversation nothing keeps it from that.
    assert_eq!(desk.run("return document.querySelector('#text').spellcheck", json!([])).await, json!(true));
    house.close().await;
}

/// Drops a file with these bytes on the conversation.
const DROP: &str = "const [name, bytes] = arguments, data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name));
    document.querySelector('#tl').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_attached_stands_after_a_reload_and_goes_with_the_reply() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let visitor = has_one(&house, "mara", "Which manual?").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;
    for name in ["manual.txt", "wrong.txt"] {
        desk.run(DROP, json!([name, b"Fold here.".to_vec()])).await;
        desk.reads("#attached", name).await;
    }
    house.shows("SELECT count(*) FROM draft_file", &["2"]).await;
    desk.reload().await;
    desk.reads("#attached", "manual.txt").await;
    // A note has none of it, and what is taken away stays away.
    desk.run("document.querySelector('.ctab[data-note]').click()", json!([])).await;
    desk.loses("#attached .att").await;
    desk.run("document.querySelector('.ctab[data-conversation]').click()", json!([])).await;
    desk.reads("#attached", "wrong.txt").await;
    desk.run("document.querySelector('#attached .att:last-child button').click()", json!([])).await;
    house.shows("SELECT f.name FROM draft_file d JOIN file f ON f.id = d.file", &["manual.txt"]).await;
    desk.reload().await;
    desk.reads("#attached", "manual.txt").await;
    desk.keys("#text", "This one\u{e009}\u{e007}").await;
    let line = visitor.hears("message", "This one").await["line"].clone();
    assert_eq!(line["files"].as_array().map(Vec::len), Some(1), "{line}");
    house.shows("SELECT (SELECT count(*) FROM draft_file), (SELECT count(*) FROM draft)", &["0|0"]).await;
    desk.reload().await;
    desk.sees("#text").await;
    desk.loses("#attached .att").await;
    house.close().await;
}

/// A tone as a messenger keeps it, written by another maker's encoder; and one whose first frame is of a kind that is none.
const SPOKEN: &[u8] = include_bytes!("../../data/amr/2385.awb");
const BROKEN: &[u8] = b"#!AMR-WB\n\x54\x00\x00\x00";

#[tokio::test(flavor = "multi_thread")]
async fn a_messengers_voice_message_is_played_and_one_that_cannot_be_says_so() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "mara", "Hello").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;
    for (name, bytes, kept) in [("spoken.awb", SPOKEN, "1"), ("broken.awb", BROKEN, "2")] {
        desk.run(DROP, json!([name, bytes])).await;
        house.shows("SELECT count(*) FROM draft_file", &[kept]).await;
    }
    desk.keys("#text", "Two\u{e009}\u{e007}").await;
    desk.sees("#tl audio.voicemsg[src$='/1/spoken']").await;
    // It is played whole, and by its length it is what was said.
    let play = "const done = arguments[arguments.length - 1], audio = document.querySelector(\"audio[src$='/1/spoken']\");
        audio.muted = true;
        audio.onended = () => done(audio.duration);
        audio.play().catch(error => done(String(error)))";
    let length = desk.wait_for(play, json!([])).await;
    assert!(length.as_f64().is_some_and(|length| (1.4..1.6).contains(&length)), "{length}");
    // The other is not: said beside the file, which can be taken away.
    desk.run("document.querySelector(\"audio[src$='/2/spoken']\").play().catch(() => {})", json!([])).await;
    desk.reads("#tl", "This voice message cannot be played here.").await;
    desk.sees("#tl a[download][href='/files/2']").await;
    house.close().await;
}
