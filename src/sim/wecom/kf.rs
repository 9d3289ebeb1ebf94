//! Customer service: what customers did is asked for by a cursor; what the interface sends is never among it.

use super::desk::{Code, gone, sim};
use super::{Inner, Sent, Sim};
use crate::sim::wechat::wire::{cut, json};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Weak;

/// An empty cursor begins so far back.
const REPLAY_MS: i64 = 3 * 24 * 3_600_000;
/// The token of a hint.
const HINT_MS: i64 = 600_000;
/// A message is taken back so long.
const RECALLED_MS: i64 = 120_000;
/// Questions without one in a minute.
const BARE: usize = 60;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) async fn sync(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = sim.admits(asked).and_then(|_| serde_json::from_slice::<Value>(&body).map_err(|_| (40058, "invalid Request Parameter")));
    match asked.and_then(|asked| sim.page(&asked)) {
        Err(code) => sim.refuse(code, "sync_msg"),
        Ok(page) => json(page),
    }
}

/// 撤回消息: what the interface has sent, for two minutes.
pub(super) async fn recall(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = sim.admits(asked).and_then(|_| serde_json::from_slice::<Value>(&body).map_err(|_| (40058, "invalid Request Parameter")));
    let done = asked.and_then(|asked| {
        if asked["open_kfid"] != sim.inner.corp.open_kfid.as_str() {
            return Err((95000, "invalid open_kfid"));
        }
        let msgid = text(&asked["msgid"]);
        sim.book(|book| {
            let now = book.now();
            let place = book.sent.iter().position(|sent| !msgid.is_empty() && sent.msgid == msgid && sent.kind != "staff");
            let (Some(place), Some(at)) = (place, book.times.get(&msgid).copied()) else { return Err((40058, "invalid msgid")) };
            if now - at > RECALLED_MS {
                return Err((40058, "invalid msgid: too late"));
            }
            book.sent.remove(place);
            Ok(())
        })
    });
    match done {
        Err(code) => sim.refuse(code, "recall_msg"),
        Ok(()) => json(json!({ "errcode": 0, "errmsg": "ok" })),
    }
}

impl Sim {
    fn page(&self, asked: &Value) -> Result<Value, Code> {
        let (corp, plan) = (&self.inner.corp, self.inner.plan);
        if asked["open_kfid"] != corp.open_kfid.as_str() {
            return Err((95000, "invalid open_kfid"));
        }
        let limit = asked["limit"].as_u64().filter(|limit| (1..=1_000).contains(limit)).ok_or((40058, "limit must be 1 to 1000"))?;
        let limit = corp.page.min(usize::try_from(limit).unwrap_or(1));
        self.book(|book| {
            let now = book.now();
            match asked["token"].as_str() {
                Some(token) => {
                    let good = book.hints.get(token).is_some_and(|at| now - at < HINT_MS);
                    if !good {
                        return Err((95007, "invalid msg token"));
                    }
                }
                None => {
                    book.bare.retain(|at| now - at < 60_000);
                    book.bare.push(now);
                    if book.bare.len() > BARE {
                        return Err((45009, "api freq out of limit"));
                    }
                }
            }
            let cursor = text(&asked["cursor"]);
            let mut from = if cursor.is_empty() {
                book.items.iter().position(|(at, _)| now - at < REPLAY_MS).unwrap_or(book.items.len())
            } else {
                let (epoch, at) = cursor.strip_prefix("cur.").and_then(|rest| rest.split_once('.')).ok_or((40058, "invalid cursor"))?;
                if epoch != book.epoch.to_string() {
                    return Err((40058, "invalid cursor"));
                }
                at.parse::<usize>().ok().filter(|at| *at <= book.items.len()).ok_or((40058, "invalid cursor"))?
            };
            let waiting = from < book.items.len();
            if waiting && book.dice.chance(plan.empty) {
                return Ok(json!({ "errcode": 0, "errmsg": "ok", "next_cursor": format!("cur.{}.{from}", book.epoch), "has_more": 1, "msg_list": [] }));
            }
            // What stood on the page before may stand on this one, too.
            if from > 0 && book.dice.chance(plan.repeated) {
                from -= 1;
            }
            let to = (from + limit).min(book.items.len());
            let list: Vec<Value> = book.items.get(from..to).unwrap_or_default().iter().map(|(_, item)| item.clone()).collect();
            let more = u8::from(to < book.items.len());
            Ok(json!({ "errcode": 0, "errmsg": "ok", "next_cursor": format!("cur.{}.{to}", book.epoch), "has_more": more, "msg_list": list }))
        })
    }

    /// A message to a customer, looked at in the platform's order.
    fn message(&self, message: &Value) -> Result<(String, Option<Sent>), Code> {
        let corp = &self.inner.corp;
        if message["open_kfid"] != corp.open_kfid.as_str() {
            return Err((95000, "invalid open_kfid"));
        }
        let msgid = text(&message["msgid"]);
        if msgid.len() > 32 || !msgid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Err((40058, "invalid msgid"));
        }
        let to = text(&message["touser"]);
        if self.book(|book| !book.customers.contains_key(&to)) {
            return Err((40096, "invalid external userid"));
        }
        let kind = text(&message["msgtype"]);
        let mut sent = Sent { to: to.clone(), kind: kind.clone(), msgid: msgid.clone(), ..Sent::default() };
        match kind.as_str() {
            "text" => {
                sent.text = text(&message["text"]["content"]);
                if sent.text.is_empty() || sent.text.len() > 2_048 {
                    return Err((40058, "invalid text content"));
                }
            }
            "image" | "voice" | "video" | "file" => {
                let media = self.medium(&text(&message[&kind]["media_id"])).filter(|media| media.kind == kind);
                sent.media = Some(media.ok_or((40007, "invalid media_id"))?.bytes);
            }
            "msgmenu" => {
                let menu = &message["msgmenu"];
                let list = menu["list"].as_array().cloned().unwrap_or_default();
                if list.len() > 10 {
                    return Err((95008, "menu item count over limit"));
                }
                let options: Vec<String> = list.iter().map(|each| text(&each["click"]["content"])).collect();
                let ids: Vec<String> = list.iter().map(|each| text(&each["click"]["id"])).collect();
                let long = options.iter().chain(&ids).any(|text| text.is_empty() || text.len() > 128);
                if list.iter().any(|each| each["type"] != "click") || long || text(&menu["head_content"]).len() > 1_024 {
                    return Err((95009, "invalid menu item type"));
                }
                (sent.text, sent.options, sent.ids) = (text(&menu["head_content"]), options, ids);
            }
            "link" => {
                let link = &message["link"];
                let (title, about, url) = (text(&link["title"]), text(&link["desc"]), text(&link["url"]));
                let thumb = self.medium(&text(&link["thumb_media_id"])).filter(|media| media.kind == "image");
                if title.is_empty() || title.len() > 128 || about.len() > 512 || !url.starts_with("http") || url.len() > 2_048 {
                    return Err((40058, "invalid link"));
                }
                thumb.ok_or((40007, "invalid media_id"))?;
                sent.text = format!("{title} {url}");
            }
            "location" => {
                if !message["location"]["latitude"].is_number() || !message["location"]["longitude"].is_number() {
                    return Err((40058, "invalid location"));
                }
                sent.text = text(&message["location"]["name"]);
            }
            _ => return Err((40008, "invalid message type")),
        }
        self.book(|book| {
            let now = book.now();
            if let Some(known) = book.keys.get(&msgid).filter(|_| !msgid.is_empty()) {
                return Ok((known.clone(), None));
            }
            let id = if msgid.is_empty() { book.name("msg") } else { msgid.clone() };
            let customer = book.customers.entry(to.clone()).or_default();
            if customer.state > 1 {
                return Err((95018, "send msg session status invalid"));
            }
            if customer.until <= now {
                return Err((95002, "send msg time limit"));
            }
            customer.left = customer.left.checked_sub(1).ok_or((95001, "send msg count limit"))?;
            let blocked = customer.blocked;
            book.keys.insert(id.clone(), id.clone());
            if blocked {
                let event = book.name("ev");
                book.event(&event, &to, json!({ "event_type": "msg_send_fail", "fail_msgid": id, "fail_type": 10 }));
                return Ok((id, None));
            }
            Ok((id, Some(sent)))
        })
    }
}

pub(super) async fn send(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let plan = sim.inner.plan;
    let taken = sim.admits(asked).and_then(|_| {
        if sim.book(|book| book.dice.chance(plan.busy)) {
            return Err((-1, "system busy"));
        }
        let message: Value = serde_json::from_slice(&body).map_err(|_| (40058, "wrong json format"))?;
        sim.message(&message)
    });
    match taken {
        Err(code) => sim.refuse(code, &String::from_utf8_lossy(&body)),
        Ok((id, sent)) => {
            if let Some(sent) = sent {
                sim.took(sent);
            } else {
                let sim = sim.clone();
                tokio::spawn(async move { sim.hint().await });
            }
            if sim.book(|book| book.dice.chance(plan.cut)) { cut() } else { json(json!({ "errcode": 0, "errmsg": "ok", "msgid": id })) }
        }
    }
}

/// A code is good for 20 s and once.
pub(super) async fn welcome(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let taken = sim.admits(asked).and_then(|_| {
        let message: Value = serde_json::from_slice(&body).map_err(|_| (40058, "wrong json format"))?;
        let code = text(&message["code"]);
        let known = sim.book(|book| book.codes.remove(&code).filter(|(_, until)| *until > book.now()));
        let (to, _) = known.ok_or((41056, "invalid code"))?;
        let words = text(&message["text"]["content"]);
        if message["msgtype"] != "text" || words.is_empty() || words.len() > 2_048 {
            return Err((40058, "invalid text content"));
        }
        Ok(Sent { to, kind: "welcome".into(), text: words, ..Sent::default() })
    });
    match taken {
        Err(code) => sim.refuse(code, "send_msg_on_event"),
        Ok(sent) => {
            sim.took(sent);
            json(json!({ "errcode": 0, "errmsg": "ok", "msgid": "welcome" }))
        }
    }
}

pub(super) async fn state(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    if let Err(code) = sim.admits(asked) {
        return sim.refuse(code, "service_state/get");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let state = sim.state(&text(&asked["external_userid"]));
    json(json!({ "errcode": 0, "errmsg": "ok", "service_state": state, "servicer_userid": if state == 3 { "liwei" } else { "" } }))
}

pub(super) async fn trans(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let done = sim.admits(asked).and_then(|_| {
        let asked: Value = serde_json::from_slice(&body).map_err(|_| (40058, "wrong json format"))?;
        let to = asked["service_state"].as_u64().ok_or((40058, "service_state missing"))?;
        sim.book(|book| {
            let customer = book.customers.get_mut(&text(&asked["external_userid"])).ok_or((40096, "invalid external userid"))?;
            let allowed = matches!((customer.state, to), (0, 1..=4) | (1, 2..=4) | (2, 1 | 3 | 4) | (3, 2..=4));
            if !allowed {
                return Err((95016, "state transition not allowed"));
            }
            customer.state = u8::try_from(to).unwrap_or(4);
            Ok(())
        })
    });
    match done {
        Err(code) => sim.refuse(code, "service_state/trans"),
        Ok(()) => json(json!({ "errcode": 0, "errmsg": "ok" })),
    }
}

pub(super) async fn accounts(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    match sim.admits(asked) {
        Err(code) => sim.refuse(code, "account/list"),
        Ok(_) => json(json!({ "errcode": 0, "errmsg": "ok",
            "account_list": [{ "open_kfid": sim.inner.corp.open_kfid, "name": "咨询客服", "avatar": "" }] })),
    }
}

pub(super) async fn customers(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    if let Err(code) = sim.admits(asked) {
        return sim.refuse(code, "customer/batchget");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let ids: Vec<String> = asked["external_userid_list"].as_array().map(|list| list.iter().map(text).collect()).unwrap_or_default();
    if ids.is_empty() || ids.len() > 100 {
        return sim.refuse((40058, "external_userid_list must have 1 to 100"), "");
    }
    let (known, unknown): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| sim.book(|book| book.customers.contains_key(id)));
    let name = |id: &String| sim.book(|book| book.names.get(id).cloned()).unwrap_or_else(|| format!("客户{id}"));
    let list: Vec<Value> = known
        .iter()
        .map(|id| json!({ "external_userid": id, "nickname": name(id), "avatar": "", "gender": 0, "unionid": format!("union-{id}") }))
        .collect();
    json(json!({ "errcode": 0, "errmsg": "ok", "customer_list": list, "invalid_external_userid": unknown }))
}
