//! A platform's own JSON, read and written as its profile says.

use super::hear;
use super::profile::{Encoding, How, ProfileSection, SendSection, VerifySection, fits, text};
use crate::channels::platform::*;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Delivery;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use ring::{digest, hmac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Most events of one request.
const EVENTS: usize = 1_000;
/// Numbers from here on are milliseconds: in seconds this is the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;

/// Whether the header is what the platform would have made of this body. Compared in constant time.
pub(super) fn is_signed(verify: &VerifySection, secret: &SecretString, header: &str, body: &[u8]) -> bool {
    let secret = secret.expose_secret().as_bytes();
    let Some(given) = header.strip_prefix(verify.prefix.as_str()) else { return false };
    if verify.how == How::Equals {
        return Sha256::digest(given).as_slice().ct_eq(Sha256::digest(secret).as_slice()).into();
    }
    let decoded = match verify.encoding {
        Encoding::Hex => hex::decode(given).ok(),
        Encoding::Base64 => BASE64.decode(given).ok(),
    };
    let Some(given) = decoded else { return false };
    let hmac = |algorithm| hmac::verify(&hmac::Key::new(algorithm, secret), body, &given).is_ok();
    match verify.how {
        How::HmacSha256 => hmac(hmac::HMAC_SHA256),
        How::HmacSha1 => hmac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        How::Md5BodySecret => Md5::new().chain_update(body).chain_update(secret).finalize().as_slice().ct_eq(&given).into(),
        How::Sha1SecretBody => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &[secret, body].concat()).as_ref().ct_eq(&given).into(),
        How::Equals => false,
    }
}

/// The events of a request, each with its key.
pub(super) fn events(profile: &ProfileSection, told: Value) -> Option<Vec<(String, Value)>> {
    let events = match told.pointer(&profile.events) {
        Some(Value::Array(events)) if events.len() <= EVENTS => events.clone(),
        Some(Value::Array(_)) | None => return None,
        Some(event) => vec![event.clone()],
    };
    let keyed = |event: Value| {
        let id = text(&event, &profile.message.id).filter(|_| is_message(profile, &event)).filter(|id| id.len() <= 128);
        // What has no name is known by all that it says.
        let key = id.map_or_else(|| format!("event:{}", hex::encode(Sha256::digest(event.to_string()))), |id| format!("message:{id}"));
        (key, event)
    };
    Some(events.into_iter().map(keyed).collect())
}

fn is_message(profile: &ProfileSection, event: &Value) -> bool {
    let map = &profile.message;
    fits(event, &map.when) && text(event, &map.id).is_some() && text(event, &map.from).is_some()
}

pub(super) fn read(channel: &ChannelId, profile: &ProfileSection, kept: &hear::Kept) -> Result<Vec<Heard>, Unreadable> {
    let event = &kept.told;
    if let Some(map) = profile.receipt.as_ref().filter(|map| fits(event, &map.when)) {
        let id = text(event, &map.id).ok_or_else(|| Unreadable("a receipt without an id".into()))?;
        let said = text(event, &map.state).unwrap_or_default();
        let reason = || map.reason.as_ref().and_then(|at| text(event, at)).unwrap_or_else(|| "not delivered".into());
        let state = match map.states.get(&said).map(String::as_str) {
            Some("sent") => Delivery::Sent,
            Some("delivered") => Delivery::Delivered,
            Some("read") => Delivery::Read,
            Some("failed") => Delivery::Failed { reason: hear::clean(&reason()).chars().take(200).collect() },
            _ => return Ok(Vec::new()),
        };
        return Ok(vec![Heard::Receipt { of: hear::of_ours(id), state }]);
    }
    if !is_message(profile, event) {
        return Ok(Vec::new());
    }
    let map = &profile.message;
    let get = |at: &Option<crate::config::value::Name>| at.as_ref().and_then(|at| text(event, at));
    let (id, from) = (text(event, &map.id).unwrap_or_default(), text(event, &map.from).unwrap_or_default());
    if id.is_empty() || from.is_empty() || id.len() > 128 || from.len() > 128 {
        return Err(Unreadable("an id that is none".into()));
    }
    let at =
        get(&map.at).and_then(|at| at.parse::<i64>().ok()).map(|at| if at.abs() < MILLISECONDS { at.saturating_mul(1_000) } else { at });
    let media = get(&map.media).map(|url| Media { name: String::new(), at: MediaAt::Elsewhere(url) });
    Ok(vec![Heard::Message(Wrote {
        key: id,
        from: Sender { identity: hear::identity(channel, &from), name: get(&map.name), also: Vec::new(), language: None },
        text: hear::clean(&text(event, &map.text).unwrap_or_default()),
        extra: None,
        media: media.into_iter().collect(),
        sent: At(at.filter(|at| (0..=kept.at).contains(at)).unwrap_or(kept.at)),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    })])
}

/// What an answer to one of ours says.
pub(super) fn answered(send: &SendSection, answer: &crate::reach::Answer) -> Result<Handed, Trouble> {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let taken = answer.status.is_success() && fits(&said, &send.taken);
    if taken {
        let id = send.id.as_ref().and_then(|at| text(&said, at));
        return Ok(Handed { ids: id.into_iter().collect(), state: Delivery::Sent, threads: Vec::new() });
    }
    let reason = send.error.as_ref().and_then(|at| text(&said, at)).unwrap_or_else(|| answer.status.to_string());
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(200).collect();
    let code = send.code.as_ref().and_then(|at| text(&said, at)).and_then(|code| send.codes.get(&code));
    Err(match code.map(String::as_str) {
        Some("retry") => Trouble::Retry(reason),
        Some("window_closed") => Trouble::WindowClosed,
        Some("blocked") => Trouble::Blocked(reason),
        Some("quota") => Trouble::Quota(reason),
        Some("down") => Trouble::Down(reason),
        _ => super::send::of_status(answer, reason, false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(how: &str, encoding: &str, prefix: &str) -> VerifySection {
        let text = format!("header = \"x\"\nhow = \"{how}\"\nsecret = \"s\"\nencoding = \"{encoding}\"\nprefix = \"{prefix}\"");
        toml::from_str(&text).expect("a section")
    }

    /// Kuaishou's and Douyin's, by the vectors in the channels reference; Meta's kind of header.
    #[test]
    fn platforms_signatures_are_what_they_compute() {
        let app = SecretString::from("app_secret".to_owned());
        let is =
            |section: &VerifySection, secret: &SecretString, header: &str, body: &str| is_signed(section, secret, header, body.as_bytes());
        let kuaishou = verify("md5-body-secret", "hex", "");
        assert!(is(&kuaishou, &app, "c2fb6a8d3ebdd0e0f63151953902fe28", r#"{"a":1}"#));
        assert!(!is(&kuaishou, &app, "c2fb6a8d3ebdd0e0f63151953902fe28", r#"{"a":2}"#));
        let client = SecretString::from("client_secret".to_owned());
        let body = r#"{"event":"verify_webhook","client_key":"","content":{"challenge":12345}}"#;
        assert!(is(&verify("sha1-secret-body", "hex", ""), &client, "c3507ed54d0b6a16079b8de28a0c16741443223b", body));
        let meta = verify("hmac-sha256", "hex", "sha256=");
        let signed = "sha256=22d3988d1017c437ea81a89d41e2d3266c00a508cffdb23f8ad8746d232d77e9";
        assert!(is(&meta, &app, signed, r#"{"object":"page","entry":[]}"#));
        assert!(!is(&meta, &app, &signed[7..], r#"{"object":"page","entry":[]}"#), "without its prefix");
        let line = SecretString::from("8c570fa6dd201bb328f1c1eac23a96d8".to_owned());
        let body = r#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#;
        assert!(is(&verify("hmac-sha256", "base64", ""), &line, "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=", body));
        assert!(is(&verify("equals", "hex", "Bearer "), &app, "Bearer app_secret", ""));
        for forged in ["", "app_secret", "Bearer ", "Bearer app_secre"] {
            assert!(!is(&verify("equals", "hex", "Bearer "), &app, forged, ""), "{forged}");
        }
    }
}
