//! What a push of Weibo means. It has no id of its own: who, when and what together name it.

use crate::channels::platform::{Heard, Media, MediaAt, Sender, Unreadable, Wrote};
use crate::channels::wechat::fields::Fields;
use crate::desk::id::At;
use crate::desk::input::Extra;
use crate::desk::person::{Identity, Unreachable};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

pub(super) fn identity(uid: &str) -> Identity {
    // A uid is the same for all applications.
    Identity { kind: "weibo".into(), namespace: String::new(), value: uid.to_owned() }
}

/// The same push told again has the same name. Two that differ in nothing within one second are one.
pub(super) fn key(fields: &Fields, bytes: &[u8]) -> Option<String> {
    let sender = fields.text("sender_id")?;
    Some(format!("{sender}.{}", hex::encode(&Sha1::digest(bytes)[..12])))
}

/// `Mon Jul 16 18:09:20 +0800 2012`.
fn moment(text: &str) -> Option<At> {
    let parsed = jiff::fmt::strtime::parse("%a %b %d %H:%M:%S %z %Y", text).ok()?;
    parsed.to_timestamp().ok().map(|at| At(at.as_millisecond()))
}

pub(super) fn read(raw: &[u8], clicks: &BTreeMap<String, String>) -> Result<Vec<Heard>, Unreadable> {
    let fields = Fields::read(raw).map_err(|error| Unreadable(error.to_string()))?;
    let missing = |name: &str| Unreadable(format!("it has no {name}"));
    let kind = fields.text("type").ok_or_else(|| missing("type"))?;
    let sender = fields.text("sender_id").ok_or_else(|| missing("sender_id"))?;
    let sent = fields.text("created_at").as_deref().and_then(moment).ok_or_else(|| missing("created_at"))?;
    let text = fields.text("text").unwrap_or_default();
    let data = fields.each("data").into_iter().next();
    let datum = |name: &str| data.as_ref().and_then(|data| data.text(name)).unwrap_or_default();
    let wrote = Wrote {
        key: key(&fields, raw).ok_or_else(|| missing("sender_id"))?,
        from: Sender { identity: identity(&sender), name: None, also: Vec::new(), language: None },
        text: text.clone(),
        extra: None,
        media: Vec::new(),
        sent,
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    };
    let other = |kind: &str| Some(Extra::Other { kind: kind.chars().take(40).collect() });
    let shown = |wrote: Wrote| {
        let text = if wrote.text.trim().is_empty() && wrote.media.is_empty() { format!("[{kind}]") } else { wrote.text };
        vec![Heard::Message(Wrote { text, ..wrote })]
    };
    // Files are named twice: for who sent them and for who has them now.
    let media = |name: &str| -> Vec<Media> {
        let id = Some(datum("tovfid")).filter(|id| !id.is_empty()).unwrap_or_else(|| datum("vfid"));
        let at = MediaAt::Elsewhere(format!("fid:{id}"));
        if id.is_empty() { Vec::new() } else { vec![Media { name: name.to_owned(), at }] }
    };
    Ok(match kind.as_str() {
        "text" => shown(wrote),
        "image" => shown(Wrote { text: String::new(), media: media("picture.jpg"), extra: Some(Extra::Picture), ..wrote }),
        "voice" => shown(Wrote { text: String::new(), media: media("voice.amr"), extra: Some(Extra::Voice), ..wrote }),
        "position" => {
            let place = data.as_ref().and_then(|data| Some((data.degrees("latitude")?, data.degrees("longitude")?)));
            let extra = place
                .map(|(latitude, longitude)| Extra::Place { latitude, longitude, label: text, address: String::new() })
                .or_else(|| other("position"));
            shown(Wrote { extra, ..wrote })
        }
        "mention" => shown(Wrote { text: format!("[mention] {text}"), ..wrote }),
        "event" => match datum("subtype").as_str() {
            "unfollow" | "unsubscribe" => vec![Heard::Unreachable { who: identity(&sender), why: Unreachable::Unfollowed }],
            "click" => match clicks.get(&datum("key")) {
                Some(says) => vec![Heard::Message(Wrote { text: says.clone(), ..wrote })],
                None => shown(Wrote { text: format!("[click] {}", datum("key")), automatic: true, ..wrote }),
            },
            "scan" | "scan_follow" if !datum("key").is_empty() => {
                shown(Wrote { text: format!("[scan] {}", datum("key")), automatic: true, ..wrote })
            }
            _ => Vec::new(),
        },
        unknown => shown(Wrote { extra: other(unknown), ..wrote }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_tests::{Rounds, fuzz};

    const TEXT: &str = r#"{"type":"text","receiver_id":1902538057,"sender_id":2489518277,"created_at":"Mon Jul 16 18:09:20 +0800 2012","text":"私信","data":{}}"#;

    fn heard(raw: &str) -> Vec<Heard> {
        read(raw.as_bytes(), &BTreeMap::from([("HUMAN".into(), "somebody, please".into())])).expect("readable")
    }

    fn with(kind: &str, data: &str) -> String {
        TEXT.replace("\"type\":\"text\"", &format!("\"type\":\"{kind}\"")).replace("{}", data)
    }

    fn wrote(raw: &str) -> Wrote {
        match heard(raw).remove(0) {
            Heard::Message(wrote) => wrote,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn messages_keep_what_they_are() {
        let text = wrote(TEXT);
        assert_eq!((text.text.as_str(), text.from.identity, text.sent), ("私信", identity("2489518277"), At(1_342_433_360_000)));
        assert_eq!(
            wrote(&with("image", r#"{"vfid":821804459,"tovfid":821804469}"#)).media[0].at,
            MediaAt::Elsewhere("fid:821804469".into())
        );
        let place = wrote(&with("position", r#"{"longitude":"116.308586","latitude":"39.982525"}"#));
        assert_eq!(
            place.extra,
            Some(Extra::Place { latitude: 39_982_525, longitude: 116_308_586, label: "私信".into(), address: String::new() })
        );
        assert_eq!(wrote(&with("mention", r#"{"subtype":"post","key":"1"}"#)).text, "[mention] 私信");
        assert_eq!(wrote(&with("event", r#"{"subtype":"click","key":"HUMAN"}"#)).text, "somebody, please");
        assert!(wrote(&with("event", r#"{"subtype":"click","key":"X"}"#)).automatic);
        assert_eq!(heard(&with("event", r#"{"subtype":"follow"}"#)), []);
        assert!(matches!(heard(&with("event", r#"{"subtype":"unfollow"}"#)).as_slice(), [Heard::Unreachable { .. }]));
        let xml = "<xml><type>text</type><sender_id>7</sender_id><created_at>Mon Jul 16 18:09:20 +0800 2012</created_at><text><![CDATA[hi]]></text></xml>";
        assert_eq!(wrote(xml).text, "hi", "in its other form");
    }

    #[test]
    fn fuzz_pushes_never_panic() {
        let seeds = [TEXT.to_owned(), with("position", r#"{"longitude":"1e400","latitude":"x"}"#), with("event", r#"{"subtype":"click"}"#)];
        fuzz(Rounds::new("weibo pushes", 4_000, 61), &seeds.map(String::into_bytes), |input, _| {
            let _ = read(input, &BTreeMap::new());
        });
    }
}
