//! One piece as customer service takes it. Its key goes with it as `msgid`: the same key again is the same message, and a failure that is told
//! later names it.

use super::Wecom;
use crate::channels::platform::{Amend, Handed, LocalFile, Piece, Trouble};
use crate::channels::taps;
use crate::channels::wechat::api::{Api, SentId};
use crate::channels::wechat::errors::{Fault, Outcome};
use crate::channels::wechat::send::{THUMB, clean};
use crate::desk::input::{Change, Extra};
use serde::Deserialize;
use serde_json::{Value, json};

const SEND: &str = "/cgi-bin/kf/send_msg";
const RECALL: &str = "/cgi-bin/kf/recall_msg";
/// Sessions that are remembered as ours.
pub(super) const CLAIMED: usize = 50_000;

/// In whose hands a session is.
#[derive(Deserialize)]
struct Session {
    #[serde(default)]
    service_state: u8,
}

const UNATTENDED: u8 = 0;
const INTERFACE: u8 = 1;
const ENDED: u8 = 4;

impl Wecom {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        let body = self.body(piece).await.map_err(Fault::trouble)?;
        let sent = match self.api.post::<SentId>(SEND, &body).await {
            Err(Fault::Session(why)) => {
                self.take_back(&piece.to.value, why).await?;
                self.api.post::<SentId>(SEND, &body).await
            }
            // What was uploaded for it has expired meanwhile.
            Err(Fault::Media(_)) => {
                let body = self.body(piece).await.map_err(Fault::trouble)?;
                self.api.post::<SentId>(SEND, &body).await
            }
            sent => sent,
        };
        let sent = sent.map_err(Fault::trouble)?;
        Ok(Handed::sent(sent.id().unwrap_or_else(|| piece.key.clone())))
    }

    /// Its messages are taken back one by one; other words they cannot get.
    pub(super) async fn take_from(&self, amend: &Amend) -> Result<(), Trouble> {
        if amend.change != Change::Recalled {
            return Err(Trouble::Refused("customer service has no other words for a message".into()));
        }
        for piece in &amend.pieces {
            let body = json!({ "msgid": piece.id.as_ref().unwrap_or(&piece.key), "open_kfid": self.open_kfid });
            self.api.post::<Outcome>(RECALL, &body).await.map_err(Fault::trouble)?;
        }
        Ok(())
    }

    async fn body(&self, piece: &Piece) -> Result<Value, Fault> {
        let mut body = match (piece.files.first(), &piece.extra) {
            (Some(file), _) => {
                let kind = kind(file);
                let id = self.api.upload(kind, file).await?;
                json!({ "msgtype": kind, kind: { "media_id": id } })
            }
            (None, Some(Extra::Choices { options })) => {
                let click = |(at, option): (usize, &String)| json!({ "type": "click", "click": { "id": taps::name(piece.message, at), "content": clean(option) } });
                let list: Vec<Value> = options.iter().enumerate().map(click).collect();
                json!({ "msgtype": "msgmenu", "msgmenu": { "head_content": clean(&piece.text), "list": list, "tail_content": "" } })
            }
            (None, Some(Extra::Link { url, title, about, .. })) => {
                // A picture has to be there, and be one that was uploaded.
                let thumb = self.api.upload_bytes("image", "thumb.jpg", "image/jpeg", THUMB.into()).await?;
                let link = json!({ "title": clean(title), "desc": clean(about), "url": url, "thumb_media_id": thumb });
                json!({ "msgtype": "link", "link": link })
            }
            (None, Some(Extra::Place { latitude, longitude, label, address })) => {
                let (latitude, longitude) = (taps::degrees(*latitude), taps::degrees(*longitude));
                let place = json!({ "name": clean(label), "address": clean(address), "latitude": latitude, "longitude": longitude });
                json!({ "msgtype": "location", "location": place })
            }
            _ => json!({ "msgtype": "text", "text": { "content": clean(&piece.text) } }),
        };
        body["touser"] = json!(piece.to.value);
        body["open_kfid"] = json!(self.open_kfid);
        body["msgid"] = json!(piece.key);
        Ok(body)
    }

    /// The session is not in a state in which we may write. One that ended begins anew with the customer's next message; one that a colleague
    /// has in WeCom is theirs, unless the platform gives it back.
    async fn take_back(&self, customer: &str, why: String) -> Result<(), Trouble> {
        let asked = json!({ "open_kfid": self.open_kfid, "external_userid": customer });
        let session: Session = self.api.look("/cgi-bin/kf/service_state/get", &asked).await.map_err(Fault::trouble)?;
        match session.service_state {
            INTERFACE => Ok(()),
            ENDED => Err(Trouble::WindowClosed),
            _ => claim(&self.api, &self.open_kfid, customer).await.map_err(|fault| match fault.trouble() {
                Trouble::Refused(_) if session.service_state != UNATTENDED => {
                    Trouble::Refused(format!("{why}: a colleague serves this customer in WeCom"))
                }
                trouble => trouble,
            }),
        }
    }
}

/// The session shall be the interface's.
pub(super) async fn claim(api: &Api, account: &str, customer: &str) -> Result<(), Fault> {
    let body = json!({ "open_kfid": account, "external_userid": customer, "service_state": INTERFACE });
    api.post::<Outcome>("/cgi-bin/kf/service_state/trans", &body).await.map(drop)
}

fn kind(file: &LocalFile) -> &'static str {
    const MB: u64 = 1 << 20;
    match (file.mime.as_str(), file.bytes) {
        ("image/jpeg" | "image/png", ..=10_485_760) => "image",
        ("audio/amr", bytes) if bytes <= 2 * MB => "voice",
        ("video/mp4", bytes) if bytes <= 10 * MB => "video",
        _ => "file",
    }
}
