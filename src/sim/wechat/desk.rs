//! The platform's API, as strict as the real one: HTTP's status is 200 whatever happens, the code in the body says what did.

use super::state::Sent;
use super::wire::{cut, encode, escapes, json, query};
use super::{Inner, Says, Sim};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Weak;

type Code = (i64, &'static str);

pub(super) fn router(inner: Weak<Inner>) -> Router {
    Router::new()
        .route("/cgi-bin/stable_token", post(stable_token))
        .route("/cgi-bin/token", get(legacy_token))
        .route("/cgi-bin/message/custom/send", post(custom))
        .route("/cgi-bin/message/custom/typing", post(typing))
        .route("/cgi-bin/message/template/send", post(template))
        .route("/cgi-bin/template/get_all_private_template", get(templates))
        .route("/wxaapi/newtmpl/gettemplate", get(own_templates))
        .route("/cgi-bin/message/subscribe/send", post(template))
        .route("/cgi-bin/media/upload", post(upload))
        .route("/cgi-bin/media/get", get(download))
        .route("/film", get(film))
        .route("/cgi-bin/user/info", get(user))
        .route("/cgi-bin/getcallbackip", get(callers))
        .route("/cgi-bin/callback/check", post(callback))
        .route("/cgi-bin/openapi/quota/get", post(quota))
        .layer(DefaultBodyLimit::max(32 << 20))
        .with_state(inner)
}

fn sim(inner: &Weak<Inner>) -> Option<Sim> {
    Some(Sim { inner: inner.upgrade()?, address: SocketAddr::from(([127, 0, 0, 1], 0)) })
}

fn gone() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

impl Sim {
    fn refuse(&self, (code, message): Code, about: &str) -> Response {
        self.book(|book| book.refused.push(format!("{code} {message} {about}").trim_end().to_owned()));
        json(json!({ "errcode": code, "errmsg": format!("{message} rid: 65a0-sim") }))
    }

    /// Each request names a token that is good, from an address that is allowed.
    fn admits(&self, asked: &str) -> Result<(), Code> {
        if self.book(|book| book.outside) {
            return Err((40164, "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist"));
        }
        let token = query(asked, "access_token").ok_or((41001, "access_token missing"))?;
        let plan = self.inner.plan;
        self.book(|book| {
            book.believes(&token)?;
            if book.dice.chance(plan.expired) {
                book.expire(&token);
            }
            book.believes(&token)
        })
    }
}

async fn stable_token(State(inner): State<Weak<Inner>>, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let account = &sim.inner.account;
    if sim.book(|book| book.outside) {
        return sim.refuse((40164, "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist"), "");
    }
    if asked["grant_type"] != "client_credential" {
        return sim.refuse((40002, "invalid grant_type"), "");
    }
    if asked["appid"] != account.app_id.as_str() {
        return sim.refuse((40013, "invalid appid"), "");
    }
    if asked["secret"] != account.secret.as_str() {
        return sim.refuse((40125, "invalid appsecret"), "");
    }
    let (token, lasts) = sim.book(|book| book.stable(asked["force_refresh"] == true));
    json(json!({ "access_token": token, "expires_in": lasts }))
}

async fn legacy_token(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = asked.unwrap_or_default();
    let account = &sim.inner.account;
    if query(&asked, "appid").as_deref() != Some(&account.app_id) || query(&asked, "secret").as_deref() != Some(&account.secret) {
        return sim.refuse((40001, "invalid credential"), "");
    }
    json(json!({ "access_token": sim.legacy_token(), "expires_in": 7_200 }))
}

/// What a message must be before anybody looks at whom it is for.
fn parsed(body: &[u8]) -> Result<Value, Code> {
    let text = std::str::from_utf8(body).map_err(|_| (47001, "data format error"))?;
    if escapes(text) {
        return Err((40033, "invalid charset. please check your request, if include \\uxxxx will create fail!"));
    }
    serde_json::from_str(text).map_err(|_| (47001, "data format error"))
}

async fn custom(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let plan = sim.inner.plan;
    let taken = sim.admits(&asked.unwrap_or_default()).and_then(|()| {
        if sim.book(|book| book.dice.chance(plan.busy)) {
            return Err((-1, "system error"));
        }
        let message = parsed(&body)?;
        let sent = sim.looked_at(&message)?;
        let follows = sim.book(|book| book.followers.get(&sent.to).copied()).ok_or((40003, "invalid openid"))?;
        if !follows && !sim.inner.account.mini_program {
            return Err((43004, "require subscribe"));
        }
        sim.book(|book| book.spend(&sent.to))?;
        Ok(sent)
    });
    match taken {
        Err(code) => sim.refuse(code, &String::from_utf8_lossy(&body)),
        Ok(sent) => {
            sim.took(sent);
            if sim.book(|book| book.dice.chance(plan.cut)) { cut() } else { json(json!({ "errcode": 0, "errmsg": "ok" })) }
        }
    }
}

impl Sim {
    pub(super) fn took(&self, sent: Sent) {
        let count = self.book(|book| {
            book.sent.push(sent);
            book.sent.len()
        });
        self.inner.arrived.send_replace(count);
    }

    fn looked_at(&self, message: &Value) -> Result<Sent, Code> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = text(&message["msgtype"]);
        let mini = self.inner.account.mini_program;
        let to = Some(text(&message["touser"])).filter(|to| !to.is_empty()).ok_or((40003, "invalid openid"))?;
        let medium = |field: &str, wanted: &str| {
            let id = text(&message[&kind][field]);
            self.book(|book| book.medium(&id).filter(|media| media.kind == wanted).cloned()).ok_or((40007, "invalid media_id"))
        };
        let sent = Sent { to, kind: kind.clone(), ..Sent::default() };
        match kind.as_str() {
            "text" => {
                let content = text(&message["text"]["content"]);
                if content.is_empty() {
                    return Err((44004, "empty content"));
                }
                if content.len() > 2_048 {
                    return Err((45002, "content size out of limit"));
                }
                Ok(Sent { text: content, ..sent })
            }
            "image" => Ok(Sent { media: Some(medium("media_id", "image")?.bytes), ..sent }),
            "voice" if !mini => Ok(Sent { media: Some(medium("media_id", "voice")?.bytes), ..sent }),
            "video" if !mini => {
                medium("thumb_media_id", "thumb")?;
                Ok(Sent { media: Some(medium("media_id", "video")?.bytes), text: text(&message["video"]["title"]), ..sent })
            }
            "msgmenu" if !mini => {
                let menu = &message["msgmenu"];
                let list = menu["list"].as_array().filter(|list| !list.is_empty()).ok_or((47003, "argument invalid"))?;
                let named = list.iter().all(|each| each["id"].is_string() && each["content"].as_str().is_some_and(|text| !text.is_empty()));
                if !named {
                    return Err((47003, "argument invalid"));
                }
                Ok(Sent {
                    text: text(&menu["head_content"]),
                    options: list.iter().map(|each| text(&each["content"])).collect(),
                    ids: list.iter().map(|each| text(&each["id"])).collect(),
                    ..sent
                })
            }
            "link" if mini => {
                let link = &message["link"];
                let whole = ["title", "description", "url", "thumb_url"].iter().all(|name| link[name].is_string());
                if !whole || text(&link["title"]).is_empty() || !text(&link["url"]).starts_with("http") {
                    return Err((47003, "argument invalid"));
                }
                Ok(Sent { text: format!("{} {}", text(&link["title"]), text(&link["url"])), ..sent })
            }
            "news" if !mini => match message["news"]["articles"].as_array().map(Vec::as_slice) {
                Some([article]) => Ok(Sent { text: format!("{} {}", text(&article["title"]), text(&article["url"])), ..sent }),
                _ => Err((45008, "article size out of limit")),
            },
            _ => Err((40008, "invalid message type")),
        }
    }
}

async fn typing(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    if let Err(code) = sim.admits(&asked.unwrap_or_default()) {
        return sim.refuse(code, "typing");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if !matches!(asked["command"].as_str(), Some("Typing" | "CancelTyping")) {
        return sim.refuse((45072, "command is invalid"), "");
    }
    let to = asked["touser"].as_str().unwrap_or_default().to_owned();
    if sim.book(|book| book.windows.get(&to).is_none_or(Vec::is_empty)) {
        return sim.refuse((45080, "client msg required"), "");
    }
    sim.book(|book| *book.typing.entry(to).or_default() += 1);
    json(json!({ "errcode": 0, "errmsg": "ok" }))
}

async fn templates(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    if let Err(code) = sim.admits(asked.as_deref().unwrap_or_default()) {
        return sim.refuse(code, "templates");
    }
    if sim.inner.account.mini_program {
        return sim.refuse((48001, "api unauthorized"), "templates");
    }
    let all = sim
        .inner
        .account
        .templates
        .iter()
        .map(|(id, fields)| json!({ "template_id": id, "title": "进度通知", "content": content(fields), "example": "" }));
    json(json!({ "template_list": all.collect::<Vec<_>>() }))
}

/// A mini-program's, which customers subscribe to.
async fn own_templates(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    if let Err(code) = sim.admits(asked.as_deref().unwrap_or_default()) {
        return sim.refuse(code, "templates");
    }
    if !sim.inner.account.mini_program {
        return sim.refuse((48001, "api unauthorized"), "templates");
    }
    let all = sim
        .inner
        .account
        .templates
        .iter()
        .map(|(id, fields)| json!({ "priTmplId": id, "title": "进度通知", "content": content(fields), "example": "", "type": 2 }));
    json(json!({ "errcode": 0, "errmsg": "ok", "data": all.collect::<Vec<_>>() }))
}

fn content(fields: &[String]) -> String {
    let lines: Vec<String> = fields.iter().map(|field| format!("{field}：{{{{{field}.DATA}}}}")).collect();
    lines.join("\n")
}

async fn template(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, body: Bytes) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let taken = sim.admits(&asked.unwrap_or_default()).and_then(|()| {
        let message = parsed(&body)?;
        let id = message["template_id"].as_str().unwrap_or_default();
        let (_, fields) = sim.inner.account.templates.iter().find(|(known, _)| known == id).ok_or((40037, "invalid template_id"))?;
        let values: Option<Vec<String>> = fields.iter().map(|field| message["data"][field]["value"].as_str().map(str::to_owned)).collect();
        let values = values.filter(|_| message["data"].as_object().is_some_and(|data| data.len() == fields.len()));
        let text = values.ok_or((47003, "argument invalid"))?.join(" | ");
        let to = message["touser"].as_str().unwrap_or_default().to_owned();
        if sim.book(|book| book.followers.get(&to).copied()) != Some(true) {
            return Err((43004, "require subscribe"));
        }
        let client = message["client_msg_id"].as_str().unwrap_or_default().to_owned();
        let (number, fresh) = sim.book(|book| match book.client_ids.get(&client).filter(|_| !client.is_empty()) {
            Some(known) => (*known, false),
            None => {
                let number = 200_163_000 + book.number();
                book.client_ids.insert(client, number);
                (number, true)
            }
        });
        Ok((number, fresh.then_some(Sent { to, kind: "template".into(), text, ..Sent::default() })))
    });
    match taken {
        Err(code) => sim.refuse(code, &String::from_utf8_lossy(&body)),
        Ok((number, sent)) => {
            if let Some(sent) = sent {
                let to = sent.to.clone();
                sim.took(sent);
                sim.customer(&to, Says::Finished(number, "success".into()));
            }
            json(json!({ "errcode": 0, "errmsg": "ok", "msgid": number }))
        }
    }
}

async fn upload(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, mut form: Multipart) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = asked.unwrap_or_default();
    let kind = query(&asked, "type").unwrap_or_default();
    let mut media = None;
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("media") && field.file_name().is_some() {
            media = field.bytes().await.ok();
        }
    }
    let taken = sim.admits(&asked).and_then(|()| {
        let bytes = media.filter(|bytes| !bytes.is_empty()).ok_or((41005, "media data missing"))?;
        let (mime, most) = match (kind.as_str(), bytes.as_ref()) {
            ("image", [0x89, b'P', b'N', b'G', ..]) => ("image/png", 10 << 20),
            ("image", [0xff, 0xd8, 0xff, ..]) => ("image/jpeg", 10 << 20),
            ("image", [b'G', b'I', b'F', ..]) => ("image/gif", 10 << 20),
            ("thumb", [0xff, 0xd8, 0xff, ..]) => ("image/jpeg", 64 << 10),
            ("voice", [b'#', b'!', b'A', b'M', b'R', ..]) => ("audio/amr", 2 << 20),
            ("voice", [b'I', b'D', b'3', ..] | [0xff, 0xfb, ..]) => ("audio/mpeg", 2 << 20),
            ("video", [_, _, _, _, b'f', b't', b'y', b'p', ..]) => ("video/mp4", 10 << 20),
            ("image" | "thumb" | "voice" | "video", _) => return Err((40005, "invalid file type")),
            _ => return Err((40004, "invalid media type")),
        };
        if bytes.len() > most {
            return Err((45001, "media size out of limit"));
        }
        Ok(sim.book(|book| book.keep(&kind, mime, bytes)))
    });
    match taken {
        Err(code) => sim.refuse(code, &kind),
        Ok(id) => {
            let field = if kind == "thumb" { "thumb_media_id" } else { "media_id" };
            json(json!({ "type": kind, field: id, "created_at": sim.book(|book| book.now()) / 1_000 }))
        }
    }
}

async fn download(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, headers: http::HeaderMap) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = asked.unwrap_or_default();
    let id = query(&asked, "media_id").unwrap_or_default();
    let found = sim.admits(&asked).and_then(|()| sim.book(|book| book.medium(&id).cloned()).ok_or((40007, "invalid media_id")));
    match found {
        Err(code) => sim.refuse(code, &id),
        // Films are elsewhere.
        Ok(media) if media.kind == "video" => {
            let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
            json(json!({ "video_url": format!("http://{host}/film?id={}", encode(&id)) }))
        }
        Ok(media) => {
            let name = format!("attachment; filename=\"{id}\"");
            ([("content-type", media.mime.to_owned()), ("content-disposition", name)], media.bytes).into_response()
        }
    }
}

async fn film(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let id = query(&asked.unwrap_or_default(), "id").unwrap_or_default();
    match sim.book(|book| book.medium(&id).cloned()) {
        Some(media) => ([("content-type", media.mime)], media.bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn user(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = asked.unwrap_or_default();
    let openid = query(&asked, "openid").unwrap_or_default();
    let known = sim.admits(&asked).and_then(|()| sim.book(|book| book.followers.get(&openid).copied()).ok_or((40003, "invalid openid")));
    match known {
        Err(code) => sim.refuse(code, &openid),
        Ok(false) => json(json!({ "subscribe": 0, "openid": openid })),
        // Names and pictures are not told any more.
        Ok(true) => json(json!({
            "subscribe": 1, "openid": openid, "nickname": "", "headimgurl": "", "language": "zh_CN", "subscribe_time": 1_434_093_047,
            "unionid": format!("union-{openid}"), "remark": "", "groupid": 0, "tagid_list": [], "subscribe_scene": "ADD_SCENE_QR_CODE",
            "qr_scene": 0, "qr_scene_str": ""
        })),
    }
}

async fn callers(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    match sim.admits(&asked.unwrap_or_default()) {
        Err(code) => sim.refuse(code, "getcallbackip"),
        Ok(()) => json(json!({ "ip_list": ["127.0.0.1", "127.0.0.2"] })),
    }
}

async fn callback(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    match sim.admits(&asked.unwrap_or_default()) {
        Err(code) => sim.refuse(code, "callback/check"),
        Ok(()) => json(json!({ "dns": [{ "ip": "127.0.0.1", "real_operator": "UNICOM" }], "ping": [] })),
    }
}

async fn quota(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    match sim.admits(&asked.unwrap_or_default()) {
        Err(code) => sim.refuse(code, "quota/get"),
        Ok(()) => json(json!({ "errcode": 0, "errmsg": "ok", "quota": { "daily_limit": 500_000, "used": 7, "remain": 499_993 } })),
    }
}
