//! A shift at the desk, by keyboard and in a real browser: keys of one's own, Chinese input, lost connections, and pages for everybody.

mod by_hand;
mod choices;
mod devices;
pub mod faults;
mod keys;
mod noticed;
mod phone;
mod together;
mod writing;

use crate::rig::house::House;
use crate::rig::until;
use crate::rig::visitor::Page;

/// One queue with outcomes, a window, two agents and one who may see everything.
const HOUSE: &str = r#"
[[queues]]
id = "sales"
name = "Sales"
wrap_up = "0s"
dispositions = ["delivery / late", "delivery / broken", "answered"]
[[channels]]
kind = "webchat"
id = "site"
queue = "sales"
max_file_mb = 1
[[people.fields]]
id = "plan"
title = "Plan"
kind = "choice"
options = ["gold", "plain"]
[[agents]]
id = "mara"
name = "Mara Voss"
queues = ["sales"]
[[agents]]
id = "sumi"
name = "Sumi Tanaka"
queues = ["sales"]
[[agents]]
id = "ada"
name = "Ada Lind"
role = "admin"
queues = ["sales"]
"#;

/// A visitor has written, and this agent has the conversation.
async fn has_one(house: &House, agent: &str, text: &str) -> Page {
    let visitor = Page::open(house.web, None).await;
    visitor.writes(text).await;
    let mara = house.agent(agent).await;
    mara.available().await;
    let newest = house.rows("SELECT max(id) FROM conversation").remove(0);
    mara.does(&format!("/work/conversation/{newest}/take"), &[]).await;
    let state = format!("SELECT state FROM conversation WHERE id = {newest}");
    until("it is theirs", || house.rows(&state) == ["serving"]).await;
    visitor
}
