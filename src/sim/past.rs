//! What happened before the demo began: yesterday's calls, chats and notes, decided by a desk like any other and recorded as it decides.

use super::phone::Line;
use super::{articles, scene};
use crate::desk::Desk;
use crate::desk::catalog::{Catalog, LineTarget};
use crate::desk::id::*;
use crate::desk::input::*;
use crate::desk::person::{Identity, Who};
use crate::store::persons::{Edit, edit, set_tags};
use crate::store::{Store, StoreError, canned, persons};
use std::sync::Arc;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// Fills an empty store with the people of the demo and what they did. `now` is when the demo begins.
pub async fn write(store: &Store, mut catalog: Catalog, language: &'static str, now: At) -> Result<(), StoreError> {
    // Recordings are never made up.
    catalog.queues.values_mut().for_each(|queue| queue.record = false);
    let catalog = Arc::new(catalog);
    let mut past = Past { desk: Desk::new(catalog.clone()), catalog, store, next_call: 1 };
    let people = scene::callers(language);
    past.arrive("mara", now.after(-50 * HOUR)).await?;
    for (index, story) in people.iter().enumerate() {
        // Nobody presses keys in this past: whoever meets the menu today had dialled the queue behind it.
        let dialled = if story.keys.is_empty() { &story.dials } else { "4002" };
        past.call(&story.line, dialled, now.after(-(49 - 10 * index as i64) * HOUR)).await?;
    }
    for (index, story) in words(language).iter().enumerate() {
        past.chat(visitor_name(language, index), index, story, now.after(-(3 + index as i64) * HOUR)).await?;
    }
    past.hear(Input::Command(AgentId::from("mara"), Command::SetStatus(WantedStatus::Offline)), now.after(-2 * HOUR)).await?;
    past.hear(Input::Device(AgentId::from("mara"), Device::PageGone), now.after(-2 * HOUR)).await?;
    decorate(store, language, &people[0].line).await?;
    for (shortcut, title, text) in canned_words(language) {
        let form = canned::CannedForm {
            shortcut: shortcut.into(),
            title: title.into(),
            text: text.into(),
            language: tag(language).into(),
            ..Default::default()
        };
        canned::create(store, form, &AgentId::from("mara"), now).await?;
    }
    articles::write(store, language, now).await
}

struct Past<'a> {
    desk: Desk,
    catalog: Arc<Catalog>,
    store: &'a Store,
    next_call: u64,
}

impl Past<'_> {
    /// Decides and records one input, and the deadlines that passed before it.
    async fn hear(&mut self, input: Input, at: At) -> Result<(), StoreError> {
        while let Some(due) = self.desk.next_deadline().filter(|due| *due <= at) {
            self.record(due, Input::Clock).await?;
        }
        self.record(at, input).await
    }

    async fn record(&mut self, at: At, input: Input) -> Result<(), StoreError> {
        let step = Arc::new(self.desk.handle(at, input));
        self.store.record(vec![step]).await.into_iter().try_for_each(|result| result.map(drop))
    }

    /// An agent opens the desk and is ready for everything.
    async fn arrive(&mut self, agent: &str, at: At) -> Result<(), StoreError> {
        let agent = AgentId::from(agent);
        for device in [Device::PageOpen, Device::VoiceReady { phone: "page".into() }] {
            self.hear(Input::Device(agent.clone(), device), at).await?;
        }
        self.hear(Input::Command(agent, Command::SetStatus(WantedStatus::Available)), at).await
    }

    /// A call that was answered, talked through and wrapped up.
    async fn call(&mut self, line: &Line, dialled: &str, at: At) -> Result<(), StoreError> {
        let (id, mara) = (CallId(self.next_call), AgentId::from("mara"));
        self.next_call += 1;
        let identity = Identity { kind: "phone".into(), namespace: String::new(), value: line.number.clone() };
        let person = persons::brief(self.store, identity.clone()).await?;
        let who = Who { identity, display: Some(line.name.clone()), person };
        let trunk = TrunkId::from("simulated");
        let quality = Quality { packets: 9_000, loss_percent: 0.1, jitter_ms: 2.0, rtt_ms: Some(18.0), mos: 4.3 };
        let heard = [(0, CallHeard::Invited { trunk, who, dialled: dialled.into() }), (4_000, CallHeard::PromptDone)];
        for (after, heard) in heard {
            self.hear(Input::Call(id, heard), at.after(after)).await?;
        }
        self.hear(Input::Command(mara.clone(), Command::Accept(Work::Call(id))), at.after(7_000)).await?;
        let later = [
            (7_200, CallHeard::AgentAnswered { agent: mara.clone() }),
            (3 * MINUTE, CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Normal }),
            (3 * MINUTE + 100, CallHeard::LegClosed { leg: LegParty::Customer, quality }),
            (3 * MINUTE + 100, CallHeard::LegClosed { leg: LegParty::Agent(mara.clone()), quality }),
        ];
        for (after, heard) in later {
            self.hear(Input::Call(id, heard), at.after(after)).await?;
        }
        let disposition = outcome(&self.catalog, dialled);
        self.hear(
            Input::Command(mara, Command::WrapUp { call: id, disposition, fields: Vec::new(), note: String::new() }),
            at.after(4 * MINUTE),
        )
        .await
    }

    /// A chat that was answered and resolved: visitor and agent by turns.
    async fn chat(&mut self, name: String, visitor: usize, lines: &[&str], at: At) -> Result<(), StoreError> {
        let mara = AgentId::from("mara");
        let identity = Identity { kind: "webchat".into(), namespace: "site".into(), value: format!("{visitor:032x}") };
        let mut conversation = None;
        for (turn, text) in lines.iter().enumerate() {
            let at = at.after(turn as i64 * MINUTE);
            let body = Body::text(*text);
            let key = format!("past-{visitor}-{turn}");
            match conversation.filter(|_| turn % 2 == 1) {
                Some(conversation) => self.hear(Input::Command(mara.clone(), Command::Reply { conversation, body, key }), at).await?,
                None => {
                    let person = persons::brief(self.store, identity.clone()).await?;
                    let who = Who { identity: identity.clone(), display: Some(name.clone()), person };
                    let channel = ChannelId::from("site");
                    self.hear(
                        Input::Message(MessageHeard {
                            channel,
                            external_id: key,
                            who,
                            body,
                            page: None,
                            sent: at,
                            known: None,
                            besides: Besides::default(),
                        }),
                        at,
                    )
                    .await?;
                    let offered = self.desk.floor(at).waiting.iter().find_map(|row| match row.work {
                        Work::Conversation(id) => Some(id),
                        Work::Call(_) | Work::Callback(_) => None,
                    });
                    if let Some(id) = offered {
                        conversation = Some(id);
                        self.hear(Input::Command(mara.clone(), Command::Accept(Work::Conversation(id))), at.after(5_000)).await?;
                    }
                }
            }
        }
        match conversation {
            Some(conversation) => {
                let at = at.after(10 * MINUTE);
                self.hear(
                    Input::Command(mara, Command::Resolve { conversation, disposition: None, fields: Vec::new(), note: String::new() }),
                    at,
                )
                .await
            }
            None => Ok(()),
        }
    }
}

/// The first outcome of the queue that this number leads to.
fn outcome(catalog: &Catalog, dialled: &str) -> Option<String> {
    let line = catalog.lines.iter().find(|line| line.number == dialled)?;
    match &line.to {
        LineTarget::Queue(queue) => catalog.queues.get(queue)?.dispositions.first().cloned(),
        LineTarget::Agent(_) | LineTarget::Echo | LineTarget::Flow(_) => None,
    }
}

/// What agents knew about the first customer.
async fn decorate(store: &Store, language: &'static str, line: &Line) -> Result<(), StoreError> {
    let identity = Identity { kind: "phone".into(), namespace: String::new(), value: line.number.clone() };
    let Some(brief) = persons::brief(store, identity).await? else { return Ok(()) };
    let (about, tags) = match language {
        "zh" => ("每天骑车通勤，有一个四岁的孩子。", ["儿童座椅", "通勤"]),
        _ => ("Rides to work every day, has a child of four.", ["child seat", "commuter"]),
    };
    let wanted = Edit {
        name: line.name.clone(),
        tier: Some(TierId::from("gold")),
        language: Some(tag(language).into()),
        about: about.into(),
        ..Edit::default()
    };
    edit(store, brief.id, wanted).await?;
    set_tags(store, brief.id, tags.map(str::to_owned).to_vec()).await
}

/// As the web chat names visitors who said no name.
fn visitor_name(language: &str, visitor: usize) -> String {
    let short = format!("{:04x}", 0xc4e1 + 0x1b37 * visitor);
    if language == "zh" { format!("访客 {short}") } else { format!("Visitor {short}") }
}

pub(super) fn tag(language: &str) -> &'static str {
    if language == "zh" { "zh-CN" } else { "en" }
}

/// Chats of the past: visitor and agent by turns.
fn words(language: &str) -> &'static [&'static [&'static str]] {
    match language {
        "zh" => &[
            &["你好，通勤三号现在有货吗？", "您好！M 码和 L 码都有现货，五天可取。", "好的，谢谢！"],
            &["后货架最多能承重多少？", "25 公斤，可以装儿童座椅。", "明白了"],
        ],
        _ => &[
            &["Hello, is the Commuter 3 in stock?", "Hello! Sizes M and L are, and ready in five days.", "Great, thanks!"],
            &["How much can the rear rack carry?", "25 kg, so a child seat is fine.", "Understood"],
        ],
    }
}

fn canned_words(language: &str) -> [(&'static str, &'static str, &'static str); 3] {
    match language {
        "zh" => [
            ("nihao", "问候", "您好！我是{agent}，请问有什么可以帮您？"),
            ("yingye", "营业时间", "我们周一至周六 9:00–18:00 营业，周日休息。"),
            ("tuihuo", "退换货", "收到商品后 30 天内可以退换，请保留包装。"),
        ],
        _ => [
            ("hello", "Greeting", "Hello! This is {agent}. How can I help?"),
            ("hours", "Opening hours", "We are open Monday to Saturday, 9 to 6, and closed on Sunday."),
            ("returns", "Returns", "You can return anything within 30 days; please keep the packaging."),
        ],
    }
}
