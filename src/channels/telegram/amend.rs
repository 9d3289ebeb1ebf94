//! Other words for what the bot has said, or none.

use super::Telegram;
use super::wire::place;
use crate::channels::platform::{Amend, SentPiece, Trouble};
use crate::desk::input::Change;
use serde_json::{Map, Value, json};

impl Telegram {
    pub(super) async fn amended(&self, amend: &Amend) -> Result<(), Trouble> {
        let unnamed = || Trouble::Refused("Telegram's number of the message is not known".into());
        let places = amend.pieces.iter().map(|SentPiece { id, .. }| id.as_deref().and_then(place)).collect::<Option<Vec<_>>>();
        let places = places.filter(|places| !places.is_empty()).ok_or_else(unnamed)?;
        match (&amend.change, places.as_slice()) {
            (Change::Edited(text), [(connection, chat, message), ..]) => {
                let mut parameters = Map::from_iter([("chat_id".to_owned(), json!(chat)), ("message_id".to_owned(), json!(message))]);
                if let Some(connection) = connection {
                    parameters.insert("business_connection_id".into(), json!(connection));
                }
                let (method, field) = if amend.caption { ("editMessageCaption", "caption") } else { ("editMessageText", "text") };
                parameters.insert(field.into(), json!(text));
                match self.api.send(method, &Value::Object(parameters)).await {
                    // It says so already.
                    Err(Trouble::Refused(why)) if why.contains("message is not modified") => Ok(()),
                    done => done.map(drop),
                }
            }
            (_, places) => {
                for (connection, chat, message) in places {
                    let done = match connection {
                        Some(connection) => {
                            let parameters = json!({ "business_connection_id": connection, "message_ids": [message] });
                            self.api.send("deleteBusinessMessages", &parameters).await
                        }
                        None => self.api.send("deleteMessage", &json!({ "chat_id": chat, "message_id": message })).await,
                    };
                    match done {
                        // By the try before, of which the answer was lost.
                        Err(Trouble::Refused(why)) if amend.again && why.contains("message to delete not found") => {}
                        done => _ = done?,
                    }
                }
                Ok(())
            }
        }
    }
}
