//! Keys: every one is the user's to choose, and none means anything while a Chinese word is being composed.

use super::{HOUSE, has_one};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use serde_json::json;

/// Presses one key on whatever has the focus.
pub(super) async fn press(browser: &Browser, keys: &[&str]) {
    let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
    let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
    let all: Vec<_> = down.chain(up).collect();
    browser.actions(json!([{ "type": "key", "id": "keys", "actions": all }])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_being_composed_triggers_no_key() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "mara", "你们星期天开门吗？").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;

    // Every key of the table, as an input method sends it: none is taken from it, nothing happens.
    let all = "const table = JSON.parse(document.querySelector('#desk-settings').dataset.settings).commands, taken = [];
        for (const place of [document.querySelector('#text'), document.querySelector('#conv'), document.body]) {
            place.focus?.();
            for (const keys of table.map(command => command.keys).flat()) {
                const parts = keys.split('+'), key = parts.pop();
                for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
                    const e = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ctrlKey: parts.includes('mod'), shiftKey: parts.includes('shift'), ...how });
                    place.dispatchEvent(e);
                    if (e.defaultPrevented) taken.push(keys);
                }
            }
        }
        return [table.length > 30, taken, location.pathname, document.querySelectorAll('dialog[open]').length]";
    assert_eq!(desk.run(all, json!([])).await, json!([true, [], "/inbox/conversation/1", 0]));

    // A real composition in the composer, with Enter sending: the Enter that ends the word does not send it.
    desk.run("document.querySelector('#sendmenu').click(); document.querySelector('[data-enter=plain]').click()", json!([])).await;
    desk.run("document.querySelector('#text').focus()", json!([])).await;
    desk.cdp("Input.imeSetComposition", json!({ "text": "xing'qi", "selectionStart": 7, "selectionEnd": 7 })).await;
    for kind in ["rawKeyDown", "keyUp"] {
        let enter = json!({ "type": kind, "windowsVirtualKeyCode": 229, "key": "Process", "code": "Enter" });
        desk.cdp("Input.dispatchKeyEvent", enter).await;
    }
    desk.cdp("Input.insertText", json!({ "text": "星期" })).await;
    assert_eq!(desk.run("return document.querySelector('#text').value", json!([])).await, json!("星期"));
    assert_eq!(house.rows("SELECT count(*) FROM message WHERE kind = 'out'"), ["0"]);
    // Once the word stands, the next Enter sends.
    desk.keys("#text", "天开门\u{e007}").await;
    house.shows("SELECT text FROM message WHERE kind = 'out'", &["星期天开门"]).await;
    assert_eq!(house.rows("SELECT state FROM conversation"), ["serving"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_is_the_users_own() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "mara", "Hello").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;

    // The command bar leads to the page of keys; there a field takes the key that is pressed.
    press(&desk, &["\u{e009}", "k"]).await;
    desk.sees("#findbox[open]").await;
    desk.keys("#findtext", "choose keys").await;
    desk.reads("#commands .hit", "Choose keys").await;
    desk.keys("#findtext", "\u{e007}").await;
    desk.sees("#keymap").await;
    desk.run("document.querySelector('#k-snooze').focus()", json!([])).await;
    press(&desk, &["\u{e008}", "z"]).await;
    assert_eq!(desk.run("return document.querySelector('#k-snooze').value", json!([])).await, json!("shift+z"));
    // Two commands cannot have one key: said by the server, with what was chosen still there.
    desk.run("document.querySelector('#k-hold').focus()", json!([])).await;
    press(&desk, &["\u{e008}", "z"]).await;
    desk.click("#keymap .primary").await;
    desk.reads(".ban", "cannot have the same key").await;
    desk.run("document.querySelector('#k-hold').focus()", json!([])).await;
    press(&desk, &["h"]).await;
    desk.click("#keymap .primary").await;
    desk.reads(".ban", "Saved").await;
    house.shows("SELECT json_extract(prefs, '$.keys') FROM user WHERE id = 'mara'", &[r#"{"snooze":"shift+z"}"#]).await;

    // The old key means nothing any more, the new one does it, and the help and the button say so.
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#snooze").await;
    desk.run("document.activeElement?.blur()", json!([])).await;
    press(&desk, &["s"]).await;
    assert_eq!(desk.run("return document.querySelectorAll('dialog[open]').length", json!([])).await, json!(0));
    let title = desk.run("return document.querySelector('#snooze').title", json!([])).await;
    assert!(title.as_str().is_some_and(|title| title.ends_with("(⇧ Z)")), "{title}");
    press(&desk, &["?"]).await;
    desk.reads("#keysg dt", "Z").await;
    press(&desk, &["\u{e00c}"]).await;
    desk.loses("dialog[open]").await;
    // Alt with a letter writes letters on many keyboards: in a text it is nobody's.
    desk.run("document.querySelector('#text').focus()", json!([])).await;
    press(&desk, &["\u{e00a}", "z"]).await;
    assert_eq!(desk.run("return document.querySelectorAll('dialog[open]').length", json!([])).await, json!(0));
    // By keyboard alone: put aside, for twenty minutes.
    desk.run("document.activeElement?.blur()", json!([])).await;
    press(&desk, &["\u{e008}", "z"]).await;
    desk.sees("#snoozebox[open]").await;
    press(&desk, &["\u{e007}"]).await;
    house.shows("SELECT state, agent FROM conversation", &["snoozed|mara"]).await;
    house.stands("mara Available 0/100").await;
    house.close().await;
}

/// What a queue asks for after a call it asks for in writing: by keyboard, in a dialog; and several at once are refused with its name.
#[tokio::test(flavor = "multi_thread")]
async fn resolving_asks_for_what_the_queue_wants() {
    let fields = "[[queues.wrap_up_fields]]\nname = \"order number\"\nrequired = true\n[[channels]]";
    let house = House::open(&HOUSE.replacen("[[channels]]", fields, 1)).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "mara", "Where is my lamp?").await;
    let mara = house.agent("mara").await;
    let done = mara.post("/conversations/bulk", &[("ids", "1"), ("act", "resolve"), ("key", "b1")]).await;
    assert!(done.text().contains("order number"), "{}", done.text());
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;
    let open = async || {
        desk.run("document.activeElement?.blur()", json!([])).await;
        press(&desk, &["e"]).await;
        desk.sees("#resolvebox[open] #ro:focus").await;
    };
    open().await;
    press(&desk, &["\u{e00c}"]).await;
    desk.loses("#resolvebox[open]").await;
    assert_eq!(house.rows("SELECT state FROM conversation"), ["serving"]);
    // Only what may be left out is left out: the outcome here, and not the number.
    open().await;
    desk.keys("#rf1", "20417").await;
    desk.keys("#rn", "wants it on Friday").await;
    desk.keys("#rf1", "\u{e007}").await;
    desk.loses("#resolvebox[open]").await;
    house.shows("SELECT state, disposition FROM conversation", &["resolved|-"]).await;
    house.shows("SELECT text FROM message WHERE kind = 'note'", &["order number: 20417\nwants it on Friday"]).await;
    desk.reads("#tl", "order number: 20417").await;
    house.close().await;
}

/// By keys alone: available, a call accepted, held and taken back, hung up and wrapped up; a chat accepted, answered and resolved.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_and_a_chat_by_keys_alone() {
    let line = "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n";
    let house =
        House::open(&format!("{}{line}", HOUSE.replace("wrap_up = \"0s\"", "wrap_up = \"60s\"\ndisposition_required = true"))).await;
    let Some(desk) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    desk.can_be_called(&house, "mara").await;
    press(&desk, &["l"]).await;
    press(&desk, &["\u{e007}"]).await;
    house.stands("mara Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    desk.sees(".ringcard .accept").await;
    press(&desk, &["a"]).await;
    caller.hears(AGENT_HZ).await;
    desk.hears(CUSTOMER_HZ).await;
    press(&desk, &["h"]).await;
    caller.hears_music(&[AGENT_HZ]).await;
    desk.sees("#hold[aria-pressed=true]").await;
    press(&desk, &["h"]).await;
    caller.hears(AGENT_HZ).await;
    press(&desk, &["\u{e008}", "h"]).await;
    caller.hung_up_on().await;
    desk.sees(".wrapup").await;
    press(&desk, &["y"]).await;
    assert_eq!(desk.run("return document.activeElement.name", json!([])).await, json!("disposition"));
    press(&desk, &["\u{e015}"]).await;
    press(&desk, &["\u{e009}", "\u{e007}"]).await;
    desk.loses(".wrapup").await;
    house.shows("SELECT disposition, ended_by, agent FROM call", &["delivery / late|agent|mara"]).await;
    house.stands("mara Available 0/100").await;
    // A chat likewise: accepted, answered, resolved with its outcome.
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is the lamp in stock?").await;
    desk.sees(".ringcard .accept").await;
    press(&desk, &["a"]).await;
    desk.reads("#tl", "Is the lamp in stock?").await;
    desk.sees("#composer").await;
    press(&desk, &["r"]).await;
    for letter in ["Y", "e", "s"] {
        press(&desk, &[letter]).await;
    }
    press(&desk, &["\u{e009}", "\u{e007}"]).await;
    house.shows("SELECT text FROM message WHERE kind = 'out'", &["Yes"]).await;
    // Out of the text first: in it letters are letters.
    press(&desk, &["\u{e00c}"]).await;
    press(&desk, &["e"]).await;
    // The menu of outcomes opens on its first line; the arrows walk.
    desk.sees("#resolve[open] .mi:focus").await;
    press(&desk, &["\u{e015}"]).await;
    press(&desk, &["\u{e007}"]).await;
    house.shows("SELECT state, disposition FROM conversation", &["resolved|delivery / broken"]).await;
    house.stands("mara Available 0/100").await;
    house.quiet().await;
    house.close().await;
}
