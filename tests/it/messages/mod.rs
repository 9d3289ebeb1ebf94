//! Messages: visitors who write, agents who answer.

mod amend;
mod api;
mod app;
mod bounces;
mod capacity;
mod cards;
mod continued;
mod conversation;
mod douyin;
mod email;
mod gateways;
mod hostile;
mod knowledge;
mod letters;
mod line;
mod mailboxes;
mod messenger;
mod outage;
mod proactive;
mod push;
mod rules;
mod signals;
mod storm;
mod surveys;
mod telegram;
mod texts;
mod tickets;
mod viber;
mod visits;
mod webhooks;
mod wechat;
mod wecom;
mod weibo;
mod whatsapp;
mod widget;
mod window;

use crate::rig::agent::Agent;
use crate::rig::house::House;
use crate::rig::until;

/// A window on our own pages and one shop, one queue, two agents for text.
const HOUSE: &str = r#"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
origins = ["https://shop.example"]
max_text = 200
max_file_mb = 1
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "sumi"
name = "Sumi Tanaka"
queues = ["sales"]
"#;

/// Signs in, opens the desk and takes text.
async fn on_duty(house: &House, id: &str) -> Agent {
    let agent = house.agent(id).await;
    agent.available().await;
    let line = format!("{id} Available");
    until(&line, || house.floor().iter().any(|agent| agent.starts_with(&line))).await;
    agent
}

/// Waits for the offer of a conversation and takes it.
async fn takes(agent: &Agent, conversation: u64) {
    agent.pushed("ring", &format!("conversation/{conversation}/accept")).await;
    agent.does(&format!("/work/conversation/{conversation}/accept"), &[]).await;
}

/// Replies with a text.
async fn replies(agent: &Agent, conversation: u64, text: &str) {
    let key = format!("r{}", rand::random::<u64>());
    agent.does(&format!("/work/conversation/{conversation}/reply"), &[("text", text), ("key", &key)]).await;
}
