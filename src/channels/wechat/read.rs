//! What a push of an official account or a mini-program means.

use super::fields::Fields;
use crate::channels::platform::{Heard, Media, MediaAt, OfOurs, Sender, Unreadable, Wrote};
use crate::channels::taps;
use crate::desk::id::At;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};
use crate::desk::traits::Window;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

/// Longest id that stands as it is.
const LONGEST_ID: usize = 128;

/// A tap on a menu, be it the account's or one that we sent, a scan and a new follower may be answered so often within a minute.
const TAP: Window = Window { ms: 60_000, messages: Some(3) };
/// So often who opens the talk with a mini-program and has not written yet.
const ENTER: Window = Window { ms: 60_000, messages: Some(2) };

/// What must be known to read.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub app_id: String,
    /// Keys of menu items, and what a customer says who taps them.
    pub clicks: BTreeMap<String, String>,
}

/// The same push told again has the same name: a message its `MsgId`, an event whom, when and what.
pub(super) fn key(fields: &Fields) -> Option<String> {
    let id = fields.text("MsgId").unwrap_or_else(|| {
        let part = |name: &str| fields.text(name).unwrap_or_default();
        let what = format!("{}|{}", part("Event").to_ascii_lowercase(), part("EventKey") + &part("MsgID"));
        format!("{}.{}.{}", part("FromUserName"), part("CreateTime"), short(&what))
    });
    let named = fields.text("MsgType").is_some() && fields.text("FromUserName").is_some();
    named.then(|| if id.len() > LONGEST_ID { short(&id) } else { id })
}

fn short(text: &str) -> String {
    hex::encode(&Sha1::digest(text)[..10])
}

impl Reader {
    pub fn identity(&self, openid: &str) -> Identity {
        Identity { kind: "wechat".into(), namespace: self.app_id.clone(), value: openid.to_owned() }
    }

    pub fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let fields = Fields::read(raw).map_err(|error| Unreadable(error.to_string()))?;
        let missing = |name: &str| Unreadable(format!("it has no {name}"));
        let kind = fields.text("MsgType").ok_or_else(|| missing("MsgType"))?;
        let openid = fields.text("FromUserName").ok_or_else(|| missing("FromUserName"))?;
        let key = key(&fields).ok_or_else(|| missing("MsgId"))?;
        let sent = At(fields.number("CreateTime").ok_or_else(|| missing("CreateTime"))?.saturating_mul(1_000));
        let wrote = Wrote {
            seq: fields.number("MsgId").unwrap_or(0),
            key,
            from: Sender { identity: self.identity(&openid), name: None, also: Vec::new(), language: None },
            text: String::new(),
            extra: None,
            media: Vec::new(),
            sent,
            threads: Vec::new(),
            automatic: false,
            window: None,
        };
        if kind.eq_ignore_ascii_case("event") {
            return Ok(self.event(&fields, wrote));
        }
        let wrote = message(&kind, &fields, wrote);
        // Something is always there to be seen.
        let text = if wrote.text.trim().is_empty() && wrote.media.is_empty() { format!("[{kind}]") } else { wrote.text };
        Ok(vec![Heard::Message(Wrote { text, ..wrote })])
    }

    fn event(&self, fields: &Fields, wrote: Wrote) -> Vec<Heard> {
        let event = fields.text("Event").unwrap_or_default().to_ascii_lowercase();
        let key = fields.text("EventKey").unwrap_or_default();
        let window = if event == "user_enter_tempsession" { ENTER } else { TAP };
        let wrote = Wrote { window: Some(window), ..wrote };
        // Kept for whoever reads the story; what says nothing is not worth a line.
        let note = |kind: &str, text: String, wrote: Wrote| match text.trim() {
            "" => Vec::new(),
            said => vec![Heard::Message(Wrote { text: format!("[{kind}] {said}"), automatic: true, ..wrote })],
        };
        match event.as_str() {
            // Where the customer comes from: the scene of the code they scanned.
            "subscribe" => note("subscribe", key.strip_prefix("qrscene_").unwrap_or(&key).to_owned(), wrote),
            "scan" => note("scan", key, wrote),
            // What the page says from which a mini-program's customer opened the talk.
            "user_enter_tempsession" => note("enter", fields.text("SessionFrom").unwrap_or_default(), wrote),
            "unsubscribe" => vec![Heard::Unreachable { who: wrote.from.identity, why: Unreachable::Unfollowed }],
            "click" => match self.clicks.get(&key) {
                Some(says) => vec![Heard::Message(Wrote { text: says.clone(), ..wrote })],
                None => note("click", key, wrote),
            },
            "scancode_waitmsg" => {
                let result = fields.each("ScanCodeInfo").first().and_then(|info| info.text("ScanResult")).unwrap_or_default();
                vec![Heard::Message(Wrote { text: format!("[scan] {result}").trim().to_owned(), ..wrote })]
            }
            "templatesendjobfinish" => fields.text("MsgID").map(|id| receipt(id, fields.text("Status"))).into_iter().collect(),
            "subscribe_msg_sent_event" => {
                let lists = fields.each("SubscribeMsgSentEvent").into_iter().chain([fields.clone()]).flat_map(|within| within.each("List"));
                let status = |each: &Fields| match each.number("ErrorCode") {
                    Some(0) => Some("success".to_owned()),
                    _ => each.text("ErrorStatus"),
                };
                lists.filter_map(|each| Some(receipt(each.text("MsgID")?, status(&each)))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// `success`, or why not: `failed:user block`, `failed: system failed`.
fn receipt(id: String, status: Option<String>) -> Heard {
    let status = status.unwrap_or_default();
    let state = if status == "success" {
        Delivery::Delivered
    } else {
        let reason = status.trim_start_matches("failed:").trim_start_matches("failed").trim_matches([':', ' ']);
        Delivery::Failed { reason: reason.to_owned() }
    };
    Heard::Receipt { of: OfOurs::External(id), state }
}

fn message(kind: &str, fields: &Fields, wrote: Wrote) -> Wrote {
    let text = |name: &str| fields.text(name).unwrap_or_default();
    let media = |name: &str| -> Vec<Media> {
        let locator =
            fields.text("MediaId").map(|id| format!("media:{id}")).or_else(|| fields.text("PicUrl").map(|url| format!("at:{url}")));
        locator.map(|locator| Media { name: name.to_owned(), at: MediaAt::Elsewhere(locator) }).into_iter().collect()
    };
    match kind {
        // A choice from a menu that we sent is a tap to the platform.
        "text" => {
            let tapped = fields.text("bizmsgmenuid");
            let extra = tapped.as_deref().and_then(taps::chosen);
            Wrote { text: text("Content"), extra, window: tapped.map(|_| TAP), ..wrote }
        }
        "image" => Wrote { media: media("picture.jpg"), extra: Some(Extra::Picture), ..wrote },
        "voice" => {
            let ending = if text("Format").eq_ignore_ascii_case("speex") { "voice.speex" } else { "voice.amr" };
            Wrote { text: text("Recognition"), media: media(ending), extra: Some(Extra::Voice), ..wrote }
        }
        "video" | "shortvideo" => Wrote { media: media("video.mp4"), ..wrote },
        "location" => {
            let label = text("Label");
            match (fields.degrees("Location_X"), fields.degrees("Location_Y")) {
                (Some(latitude), Some(longitude)) => {
                    let at = format!("{}, {}", text("Location_X"), text("Location_Y"));
                    Wrote {
                        text: if label.is_empty() { at } else { label.clone() },
                        extra: Some(Extra::Place { latitude, longitude, label, address: String::new() }),
                        ..wrote
                    }
                }
                _ => Wrote { text: label, extra: Some(Extra::Other { kind: "location".into() }), ..wrote },
            }
        }
        "link" => {
            let (title, url) = (text("Title"), text("Url"));
            Wrote {
                text: format!("{title}\n{url}").trim().to_owned(),
                extra: Some(Extra::Link { url, title, about: text("Description"), picture: String::new() }),
                ..wrote
            }
        }
        "miniprogrampage" => {
            let words = format!("{}\n{}", text("Title"), text("PagePath"));
            Wrote { text: words.trim().to_owned(), ..wrote }
        }
        other => Wrote { text: text("Content"), extra: Some(Extra::Other { kind: other.chars().take(40).collect() }), ..wrote },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::wechat::crypt::tests::{APPID, MESSAGE};
    use crate::fuzz_tests::{Rounds, fuzz};

    fn reader() -> Reader {
        Reader { app_id: APPID.into(), clicks: BTreeMap::from([("HUMAN".into(), "I want to talk to somebody".into())]) }
    }

    fn xml(kind: &str, fields: &str) -> String {
        format!(
            "<xml><ToUserName><![CDATA[gh_sim]]></ToUserName><FromUserName><![CDATA[oSIM0001]]></FromUserName>\
             <CreateTime>1700000000</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{fields}</xml>"
        )
    }

    fn read(raw: &str) -> Vec<Heard> {
        reader().read(raw.as_bytes()).expect("readable")
    }

    fn wrote(raw: &str) -> Wrote {
        match read(raw).remove(0) {
            Heard::Message(wrote) => wrote,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_says_who_when_and_what() {
        let text = wrote(MESSAGE);
        assert_eq!((text.text.as_str(), text.key.as_str(), text.seq), ("你好", "1234567890123456", 1_234_567_890_123_456));
        assert_eq!(text.from.identity, Identity { kind: "wechat".into(), namespace: APPID.into(), value: "oSIM0001".into() });
        assert_eq!((text.sent, text.automatic), (At(1_700_000_000_000), false));
        let mini = r#"{"ToUserName":"gh_mini","FromUserName":"oMINI1","CreateTime":1700000000,"MsgType":"text","Content":"hi","MsgId":23456789012345679}"#;
        assert_eq!((wrote(mini).text.as_str(), wrote(mini).key.as_str()), ("hi", "23456789012345679"));
    }

    #[test]
    fn files_places_and_links_keep_what_they_are() {
        let picture = wrote(&xml("image", "<PicUrl>http://mmbiz.example/x</PicUrl><MediaId>m1</MediaId><MsgId>1</MsgId>"));
        assert_eq!(picture.media, [Media { name: "picture.jpg".into(), at: MediaAt::Elsewhere("media:m1".into()) }]);
        assert_eq!(picture.extra, Some(Extra::Picture));
        let picture = wrote(&xml("image", "<PicUrl>http://mmbiz.example/x</PicUrl><MsgId>1</MsgId>"));
        assert_eq!(picture.media[0].at, MediaAt::Elsewhere("at:http://mmbiz.example/x".into()));
        let voice = wrote(&xml("voice", "<MediaId>m2</MediaId><Format>amr</Format><Recognition>明天来</Recognition><MsgId>2</MsgId>"));
        assert_eq!((voice.text.as_str(), voice.media[0].name.as_str(), voice.extra), ("明天来", "voice.amr", Some(Extra::Voice)));
        let film = wrote(&xml("shortvideo", "<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId><MsgId>3</MsgId>"));
        assert_eq!(film.media[0].name, "video.mp4");
        // X is the latitude, whatever one would think.
        let place = wrote(&xml(
            "location",
            "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale><Label>广州</Label><MsgId>4</MsgId>",
        ));
        assert_eq!(
            place.extra,
            Some(Extra::Place { latitude: 23_134_521, longitude: 113_358_803, label: "广州".into(), address: String::new() })
        );
        let link = wrote(&xml("link", "<Title>T</Title><Description>D</Description><Url>https://a.example/</Url><MsgId>5</MsgId>"));
        assert_eq!(
            link.extra,
            Some(Extra::Link { url: "https://a.example/".into(), title: "T".into(), about: "D".into(), picture: String::new() })
        );
        let new = wrote(&xml("hologram", "<Content>x</Content><MsgId>6</MsgId>"));
        assert_eq!((new.text.as_str(), new.extra), ("x", Some(Extra::Other { kind: "hologram".into() })));
        let page = wrote(
            r#"{"FromUserName":"o","CreateTime":1,"MsgType":"miniprogrampage","MsgId":7,"Title":"Shoes","AppId":"wx","PagePath":"pages/shoe?id=1"}"#,
        );
        assert_eq!(page.text, "Shoes\npages/shoe?id=1");
    }

    #[test]
    fn events_ring_nobody_unless_they_were_made_words() {
        let event = |fields: &str| xml("event", fields);
        let followed = wrote(&event("<Event>subscribe</Event><EventKey>qrscene_shop-7</EventKey><Ticket>T</Ticket>"));
        assert_eq!((followed.text.as_str(), followed.automatic), ("[subscribe] shop-7", true));
        let scanned = wrote(&event("<Event>SCAN</Event><EventKey>shop-7</EventKey>"));
        assert_eq!((scanned.text.as_str(), scanned.automatic), ("[scan] shop-7", true));
        assert_eq!((followed.window, scanned.window), (Some(TAP), Some(TAP)));
        let tapped = wrote(&event("<Event>CLICK</Event><EventKey>HUMAN</EventKey>"));
        assert_eq!((tapped.text.as_str(), tapped.automatic), ("I want to talk to somebody", false));
        assert!(wrote(&event("<Event>CLICK</Event><EventKey>OTHER</EventKey>")).automatic);
        let gone = read(&event("<Event>unsubscribe</Event>"));
        assert_eq!(gone, [Heard::Unreachable { who: reader().identity("oSIM0001"), why: Unreachable::Unfollowed }]);
        assert_eq!(read(&event("<Event>subscribe</Event><EventKey></EventKey>")), [], "from nowhere");
        for nothing in ["VIEW", "LOCATION", "MASSSENDJOBFINISH", "kf_create_session", "a_new_one"] {
            assert_eq!(read(&event(&format!("<Event>{nothing}</Event>"))), [], "{nothing}");
        }
    }

    #[test]
    fn a_tap_may_be_answered_less_than_a_message() {
        let opens = |raw: &str| (wrote(raw).text, wrote(raw).automatic, wrote(raw).window);
        let event = |fields: &str| xml("event", fields);
        let click = event("<Event>CLICK</Event><EventKey>HUMAN</EventKey>");
        assert_eq!(opens(&click), ("I want to talk to somebody".into(), false, Some(TAP)));
        let code = "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>bike-7</ScanResult></ScanCodeInfo>";
        let scan = event(&format!("<Event>scancode_waitmsg</Event><EventKey>SCAN</EventKey>{code}"));
        assert_eq!(opens(&scan), ("[scan] bike-7".into(), false, Some(TAP)));
        let choice = xml("text", "<Content>Yes</Content><MsgId>8</MsgId><bizmsgmenuid>101</bizmsgmenuid>");
        assert_eq!(opens(&choice), ("Yes".into(), false, Some(TAP)));
        let page =
            r#"{"FromUserName":"o","CreateTime":1,"MsgType":"event","Event":"user_enter_tempsession","SessionFrom":"pages/shoe?id=7"}"#;
        assert_eq!(opens(page), ("[enter] pages/shoe?id=7".into(), true, Some(ENTER)));
        assert_eq!(wrote(MESSAGE).window, None);
    }

    #[test]
    fn results_of_templates_are_receipts() {
        let told = |status: &str| {
            read(&xml("event", &format!("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>200163840</MsgID><Status>{status}</Status>")))
        };
        let receipt = |state| [Heard::Receipt { of: OfOurs::External("200163840".into()), state }];
        assert_eq!(told("success"), receipt(Delivery::Delivered));
        assert_eq!(told("failed:user block"), receipt(Delivery::Failed { reason: "user block".into() }));
        assert_eq!(told("failed: system failed"), receipt(Delivery::Failed { reason: "system failed".into() }));
        let list = r#"{"FromUserName":"o","CreateTime":1,"MsgType":"event","Event":"subscribe_msg_sent_event","List":{"TemplateId":"t","MsgID":"9","ErrorCode":0}}"#;
        assert_eq!(read(list), [Heard::Receipt { of: OfOurs::External("9".into()), state: Delivery::Delivered }]);
    }

    #[test]
    fn the_same_push_has_the_same_name() {
        let key = |raw: &str| key(&Fields::read(raw.as_bytes()).expect("fields"));
        assert_eq!(key(MESSAGE).as_deref(), Some("1234567890123456"));
        let click = |what: &str| key(&xml("event", &format!("<Event>CLICK</Event><EventKey>{what}</EventKey>")));
        assert_eq!(click("a"), click("a"));
        assert_ne!(click("a"), click("b"));
        assert!(click(&"x".repeat(4_000)).expect("a key").len() <= LONGEST_ID);
        assert_eq!(key("<xml><MsgType>text</MsgType></xml>"), None);
    }

    #[test]
    fn fuzz_pushes_never_panic() {
        let seeds = [
            MESSAGE.to_owned(),
            xml("location", "<Location_X>23.1</Location_X><Location_Y>113</Location_Y><MsgId>4</MsgId>"),
            xml("event", "<Event>subscribe</Event>"),
        ];
        let reader = reader();
        fuzz(Rounds::new("wechat pushes", 4_000, 53), &seeds.map(String::into_bytes), |input, _| {
            let _ = reader.read(input);
        });
    }
}
