//! One piece as the platform takes it: customer service messages (客服消息), and templates outside the window.

use super::Wechat;
use super::api::SentId;
use super::errors::{Fault, Outcome};
use crate::channels::platform::{Handed, LocalFile, Piece, Trouble};
use crate::channels::taps;
use crate::desk::input::{Delivery, Extra};
use serde_json::{Value, json};
use std::sync::PoisonError;

const CUSTOM: &str = "/cgi-bin/message/custom/send";
const TYPING: &str = "/cgi-bin/message/custom/typing";
const TEMPLATE: &str = "/cgi-bin/message/template/send";
const SUBSCRIPTION: &str = "/cgi-bin/message/subscribe/send";

/// A film needs a small picture; ours is plain grey.
pub(crate) const THUMB: &[u8] = include_bytes!("thumb.jpg");

impl Wechat {
    pub(super) async fn hand(&self, piece: &Piece) -> Result<Handed, Trouble> {
        if let Some(Extra::Template { name, variables, .. }) = &piece.extra {
            return self.template(piece, name, variables).await;
        }
        let sent = match self.custom(piece, false).await {
            // What was uploaded for it has expired meanwhile.
            Err(Fault::Media(_)) => self.custom(piece, true).await,
            sent => sent,
        };
        sent.map_err(Fault::trouble)?;
        // The platform gives no id and tells nothing more of it.
        Ok(Handed { ids: Vec::new(), state: Delivery::Sent, threads: Vec::new() })
    }

    async fn custom(&self, piece: &Piece, again: bool) -> Result<(), Fault> {
        let to = &piece.to.value;
        let content = match (piece.files.first(), &piece.extra) {
            (Some(file), _) => self.file(file, again).await?,
            (None, Some(Extra::Choices { options })) => {
                let line = |(at, option): (usize, &String)| json!({ "id": taps::name(piece.message, at), "content": clean(option) });
                let list: Vec<Value> = options.iter().enumerate().map(line).collect();
                let menu = json!({ "head_content": clean(&piece.text), "list": list, "tail_content": "" });
                json!({ "msgtype": "msgmenu", "msgmenu": menu })
            }
            (None, Some(Extra::Link { url, title, about, picture })) if self.mini_program => {
                let link = json!({ "title": clean(title), "description": clean(about), "url": url, "thumb_url": picture });
                json!({ "msgtype": "link", "link": link })
            }
            (None, Some(Extra::Link { url, title, about, picture })) => {
                let article = json!({ "title": clean(title), "description": clean(about), "url": url, "picurl": picture });
                json!({ "msgtype": "news", "news": { "articles": [article] } })
            }
            _ => json!({ "msgtype": "text", "text": { "content": clean(&piece.text) } }),
        };
        let mut body = content;
        body["touser"] = Value::String(to.clone());
        self.api.post::<Outcome>(CUSTOM, &body).await.map(drop)
    }

    async fn file(&self, file: &LocalFile, again: bool) -> Result<Value, Fault> {
        let kind = match file.mime.as_str() {
            mime if mime.starts_with("image/") => "image",
            "audio/amr" | "audio/mpeg" => "voice",
            "video/mp4" => "video",
            other => return Err(Fault::Trouble(Trouble::Refused(format!("the platform takes no {other}")))),
        };
        let id = self.api.upload(kind, file).await?;
        if kind != "video" {
            return Ok(json!({ "msgtype": kind, kind: { "media_id": id } }));
        }
        let thumb = self.thumb(again).await?;
        Ok(
            json!({ "msgtype": "video", "video": { "media_id": id, "thumb_media_id": thumb, "title": clean(&file.name), "description": "" } }),
        )
    }

    /// Uploaded once and used while it is there.
    async fn thumb(&self, again: bool) -> Result<String, Fault> {
        let known = self.thumb.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|_| !again) {
            return Ok(known);
        }
        let id = self.api.upload_bytes("thumb", "thumb.jpg", "image/jpeg", THUMB.into()).await?;
        *self.thumb.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.clone());
        Ok(id)
    }

    async fn template(&self, piece: &Piece, name: &str, variables: &[String]) -> Result<Handed, Trouble> {
        let template = self.templates.get(name).ok_or_else(|| Trouble::Refused(format!("no template `{name}`")))?;
        if template.fields.len() != variables.len() {
            return Err(Trouble::Refused(format!("the template `{name}` has {} variables", template.fields.len())));
        }
        let data: serde_json::Map<String, Value> =
            template.fields.iter().zip(variables).map(|(field, value)| (field.clone(), json!({ "value": clean(value) }))).collect();
        let mut body = json!({ "touser": piece.to.value, "template_id": template.id, "data": data });
        if let Some(page) = &template.page {
            body[if self.mini_program { "page" } else { "url" }] = Value::String(page.clone());
        }
        let path = if self.mini_program { SUBSCRIPTION } else { TEMPLATE };
        if !self.mini_program {
            // Names the message for a while, so that a second try is not a second message.
            body["client_msg_id"] = Value::String(piece.key.clone());
        }
        let sent = self.api.post::<SentId>(path, &body).await.map_err(Fault::trouble)?;
        Ok(Handed { ids: sent.id().into_iter().collect(), state: Delivery::Sent, threads: Vec::new() })
    }

    pub(super) async fn typing(&self, openid: &str) {
        // Of no consequence, and refused outside of the window.
        if let Err(fault) = self.api.post::<Outcome>(TYPING, &json!({ "touser": openid, "command": "Typing" })).await {
            tracing::debug!(trouble = %fault.trouble(), "typing is not shown");
        }
    }
}

/// Without what JSON can only write as `\u`, which the platform refuses (40033): characters that control.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_of_a_text_needs_to_be_escaped() {
        let text = clean("你好\u{1}\u{1f}\r\n\t\"x\\\"🙂\u{7f}");
        assert_eq!(text, "你好\n\t\"x\\\"🙂");
        assert!(!serde_json::to_string(&text).expect("JSON").contains("\\u"));
    }
}
