//! Typing goes straight from hand to eye: from agents' pages to the channels, and from customers to the pages of whoever serves them. Arrows over
//! pictures, and where a visitor is, go the same way.

use super::{Frame, arrows, here};
use crate::desk::id::Work;
use crate::switchboard::{Typing, Typist};
use crate::web::WebState;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Runs until stopped. What is missed is typed, pointed at or looked at again a moment later.
pub async fn carry(state: WebState, stop: CancellationToken) {
    let (mut agents, mut all) = (state.live.typing(), state.switchboard.typing());
    let (mut drawn, mut seen) = (state.switchboard.arrows(), state.switchboard.here());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            typed = agents.recv() => match typed {
                Ok((agent, conversation)) => {
                    let typing = Typing { conversation, from: Typist::Agent(agent), on: true, preview: None };
                    state.switchboard.show_typing(typing);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            arrow = drawn.recv() => match arrow {
                Ok(arrow) => arrows::show(&state, &arrow),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            page = seen.recv() => match page {
                Ok(page) => here::show(&state, page),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            typed = all.recv() => match typed {
                Ok(typing) if typing.from == Typist::Customer => show(&state, &typing),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

fn show(state: &WebState, typing: &Typing) {
    let floor = state.switchboard.floor();
    let Some(serving) = floor.serving.iter().find(|row| row.work == Work::Conversation(typing.conversation)) else { return };
    let text = typing.preview.as_deref().filter(|_| typing.on).unwrap_or_default();
    let frame = Frame::new("typing", json!({ "conversation": typing.conversation, "on": typing.on, "text": text, "line": text }));
    state.live.to_agent(&serving.agent, frame);
}
