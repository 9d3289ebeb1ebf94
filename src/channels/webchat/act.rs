//! Act → outside: messages for visitors, and what their pages are shown of the desk: who joined, who waits where, who types.

use super::visitors::Visitor;
use super::wire::{Card, From, Line, Question, VisitorHears};
use super::{WebChat, calls, files, hear, outages, rate};
use crate::desk::act::Outbound;
use crate::desk::fact::{AskedBy, ConversationFact, Fact, RoutingFact, SurveyFact};
use crate::desk::floor::Floor;
use crate::desk::id::{AgentId, ConversationId, MessageId, Work};
use crate::desk::input::{Delivery, Input};
use crate::desk::person::Page;
use crate::desk::step::Step;
use crate::store::{messages, users};
use crate::switchboard::Typist;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

/// Sends one window's messages. A message is sent once it lies where the visitor's page will read it, which is the store: the
/// push spares an open page the wait, and a closed one finds it in its history.
pub(super) async fn run(chat: WebChat, mut outlet: mpsc::Receiver<Outbound>) {
    while let Some(outbound) = outlet.recv().await {
        let Some(page) = Page::of(&outbound.channel, &outbound.to) else {
            tracing::error!(message = %outbound.message, "a message for nobody in this window");
            continue;
        };
        let visitor: Visitor = (page.channel, page.visitor);
        chat.shared.visitors.belongs(outbound.conversation, visitor.clone());
        if let Some(amends) = &outbound.amends {
            amend(&chat, &visitor, outbound.message, amends.message).await;
            continue;
        }
        let name = sender_name(&chat, outbound.message).await;
        let line = Line {
            id: outbound.message,
            from: if name.is_some() { From::Agent } else { From::System },
            key: None,
            name,
            text: outbound.body.text,
            files: files::shown(&chat, &outbound.channel, outbound.body.files),
            card: Card::of(outbound.body.extra),
            changed: None,
            at: chat.shared.clock.now(),
        };
        chat.shared.visitors.tell(&visitor, &VisitorHears::Message { line });
        if outbound.to.kind == "user" {
            chat.shared.pushes.look();
        }
        if let Err(refusal) = chat.shared.switchboard.ask(Input::Delivery(outbound.message, Delivery::Sent)).await {
            tracing::warn!(message = %outbound.message, ?refusal, "the message was sent but is not marked so");
        }
    }
}

/// The store is what pages read, so it is done once it is recorded; those that are open are told.
async fn amend(chat: &WebChat, visitor: &Visitor, amendment: MessageId, message: MessageId) {
    if let Err(refusal) = chat.shared.switchboard.ask(Input::Delivery(amendment, Delivery::Sent)).await {
        return tracing::warn!(%amendment, ?refusal, "an amendment is not recorded");
    }
    match messages::get(&chat.shared.store, message).await {
        Ok(Some(row)) => {
            for line in hear::lines(chat, visitor, vec![row]).await {
                chat.shared.visitors.tell(visitor, &VisitorHears::Changed { line });
            }
        }
        Ok(None) => {}
        Err(error) => tracing::error!(%message, %error, "an amended message could not be read"),
    }
}

/// Follows recorded facts: learns whose conversation is whose, and tells visitors who joined, left and read.
pub(super) async fn follow_facts(chat: WebChat) {
    let mut recorded = chat.shared.switchboard.recorded();
    loop {
        match recorded.recv().await {
            Ok(step) => show(&chat, &step).await,
            // Pages read their history when they next come; only live marks were missed.
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "chat windows missed live marks"),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn show(chat: &WebChat, step: &Step) {
    for fact in &step.facts {
        let (conversation, frame) = match fact {
            Fact::Conversation(id, ConversationFact::Opened { channel, identity, .. }) => {
                if let Some(page) = Page::of(channel, identity).filter(|page| chat.window(page.channel.as_str()).is_some()) {
                    chat.shared.visitors.belongs(*id, (page.channel, page.visitor));
                }
                continue;
            }
            // The visitor's other pages show it too, and the one that wrote it learns its number.
            Fact::Conversation(id, ConversationFact::Received { message, channel, external_id, body, .. }) => {
                let line = Line {
                    id: *message,
                    from: From::Visitor,
                    key: external_id.split_once(':').map(|(_, key)| key.to_owned()),
                    name: None,
                    text: body.text.clone(),
                    files: files::shown(chat, channel, body.files.clone()),
                    card: None,
                    changed: None,
                    at: chat.shared.clock.now(),
                };
                (*id, VisitorHears::Message { line })
            }
            Fact::Conversation(id, ConversationFact::ReadByAgent { upto, .. }) => (*id, VisitorHears::Read { upto: *upto }),
            Fact::Conversation(id, ConversationFact::Resolved { .. }) => {
                let survey = asked_in(chat, step, *id);
                (*id, VisitorHears::Ended { rate: survey.is_some(), survey })
            }
            Fact::Routing(Work::Conversation(id), RoutingFact::Assigned { agent, .. }) => {
                let name = agent_name(chat, agent).await;
                (*id, VisitorHears::Joined { agent: name.unwrap_or_else(|| agent.as_str().to_owned()) })
            }
            _ => continue,
        };
        if let Some(visitor) = chat.shared.visitors.of(conversation) {
            chat.shared.visitors.tell(&visitor, &frame);
        }
    }
}

/// What is asked about a conversation that ends with this step.
fn asked_in(chat: &WebChat, step: &Step, id: ConversationId) -> Option<Question> {
    let survey = step.facts.iter().find_map(|fact| match fact {
        Fact::Survey(_, SurveyFact::Asked { work: Some(work), by: AskedBy::Window, survey, .. }) => {
            (*work == Work::Conversation(id)).then_some(survey)
        }
        _ => None,
    })?;
    let visitor = chat.shared.visitors.of(id)?;
    rate::question(&chat.window(visitor.0.as_str())?, survey)
}

/// Follows the floor: tells waiting visitors their place when it has changed.
pub(super) async fn follow_floor(chat: WebChat) {
    let mut floor = chat.shared.switchboard.floor_changes();
    let mut told: HashMap<ConversationId, (u32, Option<u32>)> = HashMap::new();
    let mut shown = outages::Shown::new();
    while floor.changed().await.is_ok() {
        let now: Arc<Floor> = floor.borrow_and_update().clone();
        calls::places(&chat, &now);
        outages::follow(&chat, &now, &mut shown);
        let mut waiting = HashMap::new();
        for row in &now.waiting {
            if let Work::Conversation(id) = row.work {
                let place = (row.position, row.estimate_s);
                if told.get(&id) != Some(&place)
                    && let Some(visitor) = chat.shared.visitors.of(id)
                {
                    chat.shared.visitors.tell(&visitor, &VisitorHears::Waiting { position: Some(place.0), estimate_s: place.1 });
                }
                waiting.insert(id, place);
            }
        }
        told = waiting;
    }
}

/// Follows what is only shown: visitors see that an agent writes, never what, and where one points.
pub(super) async fn follow_signals(chat: WebChat) {
    let (mut typing, mut arrows) = (chat.shared.switchboard.typing(), chat.shared.switchboard.arrows());
    loop {
        tokio::select! {
            typing = typing.recv() => match typing {
                Ok(typing) if matches!(typing.from, Typist::Agent(_)) => {
                    if let Some(visitor) = chat.shared.visitors.of(typing.conversation) {
                        chat.shared.visitors.tell(&visitor, &VisitorHears::Typing { on: typing.on });
                    }
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            arrow = arrows.recv() => match arrow {
                Ok(arrow) => calls::pointed(&chat, &arrow),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

/// The name under which customers know an agent.
pub(super) async fn agent_name(chat: &WebChat, agent: &AgentId) -> Option<String> {
    match users::get(&chat.shared.store, agent).await {
        Ok(user) => user.map(|user| user.name),
        Err(error) => {
            tracing::error!(%agent, %error, "an agent's name could not be read");
            None
        }
    }
}

/// Who wrote a message; `None` for automatic ones.
async fn sender_name(chat: &WebChat, message: MessageId) -> Option<String> {
    match messages::get(&chat.shared.store, message).await {
        Ok(row) => agent_name(chat, &row?.agent?).await,
        Err(error) => {
            tracing::error!(%message, %error, "a sender could not be read");
            None
        }
    }
}

/// The place of a conversation in its queue, if it waits.
pub(super) fn waiting_frame(floor: &Floor, conversation: ConversationId) -> Option<VisitorHears> {
    let row = floor.waiting.iter().find(|row| row.work == Work::Conversation(conversation))?;
    Some(VisitorHears::Waiting { position: Some(row.position), estimate_s: row.estimate_s })
}
