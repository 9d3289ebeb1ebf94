//! `GET /inbox/dial`: whom one could call without a customer's card: colleagues, and what is parked.

use super::load;
use super::reader::Reader;
use super::render;
use super::targets::colleagues;
use super::view::{DialPad, Parked};
use crate::store::calls;
use crate::web::WebError;
use axum::response::Html;

pub async fn pad(reader: Reader) -> Result<Html<String>, WebError> {
    let say = reader.say();
    let mut parked = Vec::new();
    for at in load::my_parked(&reader) {
        let call = calls::get(&reader.state.store, &reader.viewer, at.call).await?;
        let name = call.map(|call| call.call.person_name).unwrap_or_default();
        let sub = say.with("desk.park.by", &[("by", &say.agent_name(&at.by)), ("queue", &say.queue(&at.queue))]);
        parked.push(Parked { slot: at.slot, name, sub, since: at.since });
    }
    let pad = DialPad { colleagues: colleagues(&reader), parked };
    Ok(Html(render::dial_pad(&say, &pad).0))
}
