//! Messages of an application to members: taken although some do not exist, and dropped in silence where there are too many.

use super::desk::{gone, sim};
use super::{Inner, Sent};
use crate::sim::wechat::wire::json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Weak;

/// To one member in a minute.
const PER_MINUTE: usize = 30;

pub(super) async fn send(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let corp = &sim.inner.corp;
    let taken = sim.admits(asked).and_then(|_| {
        let message: Value = serde_json::from_slice(&body).map_err(|_| (40058, "wrong json format"))?;
        if message["agentid"] != corp.agent_id {
            return Err((40056, "invalid agentid"));
        }
        let words = message["text"]["content"].as_str().unwrap_or_default().to_owned();
        if message["msgtype"] != "text" || words.is_empty() || words.len() > 2_048 {
            return Err((44004, "text content is empty"));
        }
        let to = message["touser"].as_str().unwrap_or_default().to_owned();
        let (known, unknown): (Vec<String>, Vec<String>) = to.split('|').map(str::to_owned).partition(|user| corp.members.contains(user));
        if known.is_empty() {
            return Err((81013, "user & party & tag all invalid"));
        }
        Ok((known, unknown, words))
    });
    let (known, unknown, words) = match taken {
        Err(code) => return sim.refuse(code, "message/send"),
        Ok(taken) => taken,
    };
    for member in known {
        let few = sim.book(|book| {
            let now = book.now();
            let sent = book.staff.entry(member.clone()).or_default();
            sent.retain(|at| now - at < 60_000);
            sent.push(now);
            sent.len() <= PER_MINUTE
        });
        if few {
            sim.took(Sent { to: member, kind: "staff".into(), text: words.clone(), ..Sent::default() });
        }
    }
    json(json!({ "errcode": 0, "errmsg": "ok", "invaliduser": unknown.join("|"), "invalidparty": "", "invalidtag": "", "msgid": "staff" }))
}
