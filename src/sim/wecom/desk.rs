//! The parts of the API that are the same for all applications: tokens, who may ask, media.

use super::{Inner, Media, Sim, kf, staff};
use crate::sim::wechat::wire::{json, query};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Weak;

pub(super) type Code = (i64, &'static str);

/// Temporary media stay for three days.
const MEDIA_MS: i64 = 3 * 24 * 3_600_000;

pub(super) fn router(inner: Weak<Inner>) -> Router {
    Router::new()
        .route("/cgi-bin/gettoken", get(token))
        .route("/cgi-bin/getcallbackip", get(callers))
        .route("/cgi-bin/media/upload", post(upload))
        .route("/cgi-bin/media/get", get(download))
        .route("/cgi-bin/kf/sync_msg", post(kf::sync))
        .route("/cgi-bin/kf/send_msg", post(kf::send))
        .route("/cgi-bin/kf/recall_msg", post(kf::recall))
        .route("/cgi-bin/kf/send_msg_on_event", post(kf::welcome))
        .route("/cgi-bin/kf/service_state/get", post(kf::state))
        .route("/cgi-bin/kf/service_state/trans", post(kf::trans))
        .route("/cgi-bin/kf/account/list", get(kf::accounts))
        .route("/cgi-bin/kf/customer/batchget", post(kf::customers))
        .route("/cgi-bin/message/send", post(staff::send))
        .layer(DefaultBodyLimit::max(32 << 20))
        .with_state(inner)
}

pub(super) fn sim(inner: &Weak<Inner>) -> Option<Sim> {
    Some(Sim { inner: inner.upgrade()?, address: SocketAddr::from(([127, 0, 0, 1], 0)) })
}

pub(super) fn gone() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

impl Sim {
    pub(super) fn refuse(&self, (code, message): Code, about: &str) -> Response {
        self.book(|book| book.refused.push(format!("{code} {message} {about}").trim_end().to_owned()));
        json(json!({ "errcode": code, "errmsg": format!("{message}, hint: [1700000000_sim], from ip: 203.0.113.9") }))
    }

    pub(super) fn admits(&self, asked: Option<String>) -> Result<String, Code> {
        let asked = asked.unwrap_or_default();
        let token = query(&asked, "access_token").ok_or((41001, "access_token missing"))?;
        let plan = self.inner.plan;
        self.book(|book| {
            let now = book.now();
            let until = *book.tokens.get(&token).ok_or((40014, "invalid access_token"))?;
            if until <= now || book.dice.chance(plan.expired) {
                book.tokens.insert(token, now);
                book.current = None;
                return Err((42001, "access_token expired"));
            }
            // Tokens are given to anybody, requests are not taken from everywhere.
            if book.outside { Err((60020, "not allow to access from your ip")) } else { Ok(asked) }
        })
    }
}

async fn token(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let asked = asked.unwrap_or_default();
    let corp = &sim.inner.corp;
    if query(&asked, "corpid").as_deref() != Some(&corp.corp_id) {
        return sim.refuse((40013, "invalid corpid"), "");
    }
    if query(&asked, "corpsecret").as_deref() != Some(&corp.secret) {
        return sim.refuse((40001, "invalid credential"), "");
    }
    let (token, left) = sim.book(|book| {
        let now = book.now();
        let current = book.current.clone().filter(|token| book.tokens.get(token).is_some_and(|until| *until > now));
        let token = current.unwrap_or_else(|| book.name("token"));
        let until = *book.tokens.entry(token.clone()).or_insert(now + 7_200_000);
        book.current = Some(token.clone());
        (token, (until - now) / 1_000)
    });
    json(json!({ "errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": left }))
}

async fn callers(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    match sim.admits(asked) {
        Err(code) => sim.refuse(code, "getcallbackip"),
        Ok(_) => json(json!({ "errcode": 0, "errmsg": "ok", "ip_list": ["127.0.0.1"] })),
    }
}

async fn upload(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery, mut form: Multipart) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let mut file = None;
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("media") {
            let name = field.file_name().map(str::to_owned);
            file = name.zip(field.bytes().await.ok());
        }
    }
    let taken = sim.admits(asked).and_then(|asked| {
        let kind = query(&asked, "type").unwrap_or_default();
        let (name, bytes) = file.ok_or((44001, "empty media data"))?;
        // Files of five bytes and less are refused.
        if bytes.len() <= 5 {
            return Err((40006, "invalid file size"));
        }
        let most = match (kind.as_str(), bytes.as_ref()) {
            ("image", [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..]) => 10 << 20,
            ("voice", [b'#', b'!', b'A', b'M', b'R', ..]) => 2 << 20,
            ("video", [_, _, _, _, b'f', b't', b'y', b'p', ..]) => 10 << 20,
            ("file", _) => 20 << 20,
            ("image" | "voice" | "video", _) => return Err((40004, "invalid file type")),
            _ => return Err((40005, "invalid type")),
        };
        if bytes.len() > most {
            return Err((40006, "invalid file size"));
        }
        Ok(sim.book(|book| {
            let id = book.name("media");
            let at = book.now();
            book.media.insert(id.clone(), Media { kind: kind.clone(), name, bytes, at });
            (kind, id, at)
        }))
    });
    match taken {
        Err(code) => sim.refuse(code, "upload"),
        Ok((kind, id, at)) => {
            json(json!({ "errcode": 0, "errmsg": "ok", "type": kind, "media_id": id, "created_at": (at / 1_000).to_string() }))
        }
    }
}

async fn download(State(inner): State<Weak<Inner>>, RawQuery(asked): RawQuery) -> Response {
    let Some(sim) = sim(&inner) else { return gone() };
    let found = sim.admits(asked).and_then(|asked| {
        let id = query(&asked, "media_id").unwrap_or_default();
        sim.medium(&id).ok_or((40007, "invalid media_id"))
    });
    match found {
        Err(code) => sim.refuse(code, "media/get"),
        Ok(media) => {
            let name = format!("attachment; filename=\"{}\"", media.name);
            ([("content-type", "application/octet-stream".to_owned()), ("content-disposition", name)], media.bytes).into_response()
        }
    }
}

impl Sim {
    pub(super) fn medium(&self, id: &str) -> Option<Media> {
        self.book(|book| book.media.get(id).filter(|media| book.now() - media.at < MEDIA_MS).cloned())
    }
}
