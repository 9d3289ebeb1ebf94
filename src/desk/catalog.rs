//! The business as the desk knows it: resolved from the configuration, swapped whole at a reload.

use super::callback::link::Links;
use super::callback::number;
use super::dial::spec::DialSpec;
use super::form::spec::FormSpec;
use super::hours::Hours;
use super::id::*;
use super::ivr::{Flow, Target};
use super::keyword::Keyword;
use super::outage::OutageRules;
use super::overlay::Overlay;
use super::rules::spec::Rules;
use super::survey::SurveySpec;
use super::ticket::spec::Tickets;
use super::traits::Traits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Agents, queues, lines and rules; every name in it is resolved.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    pub agents: BTreeMap<AgentId, AgentSpec>,
    pub queues: BTreeMap<QueueId, QueueSpec>,
    /// What a dialled number leads to.
    pub lines: Vec<LineSpec>,
    pub channels: BTreeMap<ChannelId, ChannelSpec>,
    /// Priority that a tier adds.
    pub tiers: BTreeMap<TierId, i32>,
    /// What people read for a tier or a skill whose section gives it a name.
    pub tier_names: BTreeMap<TierId, String>,
    pub skill_names: BTreeMap<SkillId, String>,
    pub routing: Routing,
    pub supervision: Supervision,
    /// Numbers and the ways out.
    pub dial: DialSpec,
    pub tickets: Tickets,
    pub callbacks: Callbacks,
    pub proactive: ProactiveRules,
    pub outages: OutageRules,
    pub rules: Rules,
    pub flows: BTreeMap<FlowId, Flow>,
    pub forms: BTreeMap<FormKind, FormSpec>,
    /// The first that fits is asked.
    pub surveys: Vec<SurveySpec>,
    /// Sets of rules that supervisors switch on and off.
    pub overlays: BTreeMap<OverlayId, Overlay>,
    /// The house's language, BCP 47.
    pub language: String,
}

/// How supervisors are in calls.
#[derive(Debug, Clone)]
pub struct Supervision {
    /// The others hear a tone, and the agent's page says who listens.
    pub announce: bool,
    /// The prompt that is the tone.
    pub prompt: String,
}

impl Catalog {
    /// The chat window in which somebody goes on who wrote elsewhere: one of the queue that serves them, so that they stay with the same people;
    /// else one of the queue that their channel leads to; else any.
    pub fn window_for(&self, queue: Option<&QueueId>, from: &ChannelId) -> Option<&ChannelSpec> {
        let windows = || self.channels.values().filter(|spec| spec.kind == "webchat");
        let of = |queue: &QueueId| windows().find(|spec| spec.queue == *queue);
        let door = self.channels.get(from).map(|spec| &spec.queue);
        queue.and_then(of).or_else(|| door.and_then(of)).or_else(|| windows().next())
    }
}

impl Default for Supervision {
    fn default() -> Self {
        Supervision { announce: true, prompt: "supervised".into() }
    }
}

/// Rules for messages that the house sends of its own accord.
#[derive(Debug, Clone, Default)]
pub struct ProactiveRules {
    /// When they may be sent; `None`: always.
    pub waking: Option<Hours>,
    /// One offer per customer in this time, ms; 0 for any number.
    pub offer_every_ms: i64,
    /// Which goes first where customers have used neither.
    pub channels: Vec<ChannelId>,
}

#[derive(Debug, Clone)]
pub struct AgentSpec {
    pub id: AgentId,
    pub name: String,
    /// Skill → level 1 to 5.
    pub skills: BTreeMap<SkillId, u8>,
    pub queues: Vec<QueueId>,
    /// Full at this many points; 100 unless configured.
    pub capacity: u32,
    /// Rung instead of the browser.
    pub phone: Option<DeskPhone>,
    /// No log-in needed: available from the start (desk phones).
    pub always_available: bool,
    /// At most this many calls at once; 1 for people.
    pub max_calls: u32,
    /// The queue to which this agent's calls out count; `None`: the first of `queues`.
    pub outbound_queue: Option<QueueId>,
    /// May supervise others.
    pub supervises: bool,
}

/// Where an agent's desk phone is; in JSON its address, or `registered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum DeskPhone {
    /// At this SIP address, always.
    At(String),
    /// Wherever it has registered from; several ring together.
    Registered,
}

impl From<String> for DeskPhone {
    fn from(text: String) -> DeskPhone {
        if text == REGISTERED { DeskPhone::Registered } else { DeskPhone::At(text) }
    }
}

impl From<DeskPhone> for String {
    fn from(phone: DeskPhone) -> String {
        match phone {
            DeskPhone::At(address) => address,
            DeskPhone::Registered => REGISTERED.to_owned(),
        }
    }
}

const REGISTERED: &str = "registered";

/// One field of the wrap-up: its name, whether it must be filled, and what may be chosen (empty: anything may be written).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapUpField {
    pub name: String,
    pub required: bool,
    pub choices: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct QueueSpec {
    pub id: QueueId,
    pub name: String,
    pub requires: Vec<Requirement>,
    pub priority: i32,
    /// How long an offer stands before it counts as missed, ms.
    pub offer_ms: i64,
    /// After-contact work, ms; 0 for none.
    pub wrap_up_ms: i64,
    /// Outcomes to choose from; empty for none.
    pub dispositions: Vec<String>,
    pub disposition_required: bool,
    /// What the wrap-up asks for besides.
    pub wrap_up_fields: Vec<WrapUpField>,
    /// Played once when the call is answered; a prompt name.
    pub greeting: Option<String>,
    pub music: String,
    pub record: bool,
    /// Spoken before recording starts.
    pub record_notice: Option<String>,
    /// Record calls out that count to this queue; the notice is played to whoever was called.
    pub record_outbound: bool,
    pub overflow: Option<Overflow>,
    /// A caller has waited long enough, ms; 0 for ever.
    pub max_wait_ms: i64,
    pub hours: Option<Hours>,
    /// Played outside hours.
    pub closed_prompt: Option<String>,
    /// The last or dedicated agent is waited for this long, ms.
    pub prefer_agent_ms: i64,
    /// Open a ticket for each answered contact that has none.
    pub open_ticket: bool,
    pub waiting: WaitingSpec,
}

/// What callers meet while they wait, and what happens when they cannot.
#[derive(Debug, Clone, Default)]
pub struct WaitingSpec {
    /// Place and estimate are said this long after the call came, and then as often, ms; 0 for never.
    pub announce_ms: i64,
    pub say_position: bool,
    pub say_wait: bool,
    /// A comfort message.
    pub comfort: Option<String>,
    /// How often it is played, ms; 0 for never.
    pub comfort_ms: i64,
    /// What a key leads to while waiting.
    pub keys: BTreeMap<char, Target>,
    /// Tells which keys there are; after each announcement.
    pub keys_prompt: Option<String>,
    /// Callers who may wait at once; 0 for any number.
    pub max_length: usize,
    /// Where a caller goes when that many wait, when the longest wait is over, outside hours, and on a holiday.
    pub full: Option<Target>,
    pub late: Option<Target>,
    pub closed: Option<Target>,
    pub holiday: Option<Target>,
    /// Played on a holiday instead of the closed prompt.
    pub holiday_prompt: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Requirement {
    pub skill: SkillId,
    /// Never below this level.
    pub minimum: u8,
    /// Wanted at first; relaxes by one level each `relax_ms` until `minimum`.
    pub preferred: u8,
    pub relax_ms: i64,
}

#[derive(Debug, Clone)]
pub struct Overflow {
    pub after_ms: i64,
    pub to: QueueId,
}

#[derive(Debug, Clone)]
pub struct LineSpec {
    /// The dialled user part, as it arrives.
    pub number: String,
    /// Only from this trunk, or from any.
    pub trunk: Option<TrunkId>,
    pub to: LineTarget,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineTarget {
    Queue(QueueId),
    Agent(AgentId),
    /// Answer and play the caller's audio back.
    Echo,
    Flow(FlowId),
}

#[derive(Debug, Clone)]
pub struct ChannelSpec {
    pub id: ChannelId,
    pub kind: String,
    pub queue: QueueId,
    /// Points a conversation of this channel takes.
    pub cost: u32,
    /// What may be written there.
    pub traits: Traits,
    /// Addresses of ours among which whoever writes a letter chooses; the first is the usual one.
    pub addresses: Vec<String>,
    /// What a writer meets before a person.
    pub flow: Option<FlowId>,
    /// Words by which a writer gets something at once.
    pub keywords: Vec<Keyword>,
    /// Sent once when a conversation opens outside the queue's hours.
    pub away_text: Option<String>,
    /// Sent so long after the queue has opened to who wrote while it was closed, if nobody has answered by then.
    pub open_text: Option<String>,
    pub open_after_ms: i64,
    /// What a customer who calls from the channel's page meets; `None`: none can.
    pub calls: Option<LineTarget>,
}

#[derive(Debug, Clone)]
pub struct Routing {
    pub call_cost: u32,
    /// Missed offers in a row that set an agent away; 0 for never.
    pub missed_limit: u32,
    /// Priority points added per minute of waiting.
    pub aging_per_minute: i32,
    /// A silent agent leg (page reloading) is waited for this long, ms.
    pub agent_grace_ms: i64,
    /// A page that is gone this long sets its agent offline, ms.
    pub page_grace_ms: i64,
    /// What agents may choose as a break reason.
    pub break_reasons: Vec<String>,
    /// UTC offset rules belong to `Hours`; this is only for display.
    pub timezone: String,
    /// An abandoned call is listed for callback when it waited at least this long, ms.
    pub callback_after_ms: i64,
    /// A waiting chat whose customer has left counts as missed after this long, ms.
    pub left_grace_ms: i64,
    /// A number that is called rings this long at most, ms.
    pub ring_out_ms: i64,
    /// Record calls between colleagues.
    pub record_internal: bool,
    /// The numbers of the slots for parked calls.
    pub park_slots: std::ops::RangeInclusive<u32>,
    /// A call parked this long goes back to who parked it, ms.
    pub park_ms: i64,
}

impl Routing {
    /// A page that is gone for less may be reloading: what was offered there stays, ms.
    pub fn reload_ms(&self) -> i64 {
        self.page_grace_ms.clamp(0, 5_000)
    }
}

impl Default for Routing {
    fn default() -> Self {
        Routing {
            call_cost: 100,
            missed_limit: 2,
            aging_per_minute: 1,
            agent_grace_ms: 15_000,
            page_grace_ms: 20_000,
            break_reasons: Vec::new(),
            timezone: "UTC".into(),
            callback_after_ms: 5_000,
            left_grace_ms: 300_000,
            ring_out_ms: 45_000,
            record_internal: false,
            park_slots: 701..=720,
            park_ms: 90_000,
        }
    }
}

/// How customers who were missed are told, called back, and recorded.
#[derive(Debug, Clone)]
pub struct Callbacks {
    /// Whether callers who gave up are sent a text at all.
    pub text: bool,
    /// The channel of text messages; `None` leaves open chats as the only way.
    pub text_channel: Option<ChannelId>,
    /// Beginnings of numbers to which texts are sent.
    pub mobile: Vec<String>,
    /// One text per person in this time, ms.
    pub text_every_ms: i64,
    /// How long a link works, ms.
    pub link_ms: i64,
    /// Length of the times that a customer may choose from, ms.
    pub slot_ms: i64,
    /// Attempts before it is given up.
    pub tries: u32,
    pub busy_retry_ms: i64,
    pub no_answer_retry_ms: i64,
    /// An entry that nobody has settled is closed after this long, ms.
    pub expire_ms: i64,
    /// Hours in which customers may be called where their number belongs, by beginning of the number.
    pub polite: Vec<(String, Hours)>,
    pub voicemail_longest_ms: i64,
    pub voicemail_silence_ms: i64,
    /// How we are called.
    pub site: String,
    /// BCP 47: for customers of whom no language is known.
    pub language: String,
    /// By language.
    pub texts: BTreeMap<String, Texts>,
    /// Set by the wiring, which has the key; `None` while customers have no address of ours.
    pub links: Option<Links>,
}

/// What customers are sent; `{site}`, `{wait}` (minutes), `{title}` and `{link}` are filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    pub missed_wait: String,
    /// The wait is not known.
    pub missed: String,
    /// There is no address for a link.
    pub missed_no_link: String,
    /// Confirms that no more texts come, and that they come again.
    pub stopped: String,
    pub resumed: String,
    /// A form, by its `{title}` and `{link}`; and one that asks for a number to call.
    pub form: String,
    pub number: String,
}

impl Default for Callbacks {
    fn default() -> Self {
        Callbacks {
            text: true,
            text_channel: None,
            mobile: number::MOBILE.iter().map(|&prefix| prefix.to_owned()).collect(),
            text_every_ms: 3_600_000,
            link_ms: 24 * 3_600_000,
            slot_ms: 30 * 60_000,
            tries: 3,
            busy_retry_ms: 5 * 60_000,
            no_answer_retry_ms: 30 * 60_000,
            expire_ms: 7 * 24 * 3_600_000,
            polite: Vec::new(),
            voicemail_longest_ms: 120_000,
            voicemail_silence_ms: 5_000,
            site: String::new(),
            language: "en".into(),
            texts: BTreeMap::new(),
            links: None,
        }
    }
}

static NO_TEXTS: Texts = Texts {
    missed_wait: String::new(),
    missed: String::new(),
    missed_no_link: String::new(),
    stopped: String::new(),
    resumed: String::new(),
    form: String::new(),
    number: String::new(),
};

impl Callbacks {
    /// The hours in which this number may be called; `None` where its zone is not known.
    pub fn polite_for(&self, number: &str) -> Option<&Hours> {
        let fits = self.polite.iter().filter(|(prefix, _)| number.starts_with(prefix.as_str()));
        fits.max_by_key(|(prefix, _)| prefix.len()).map(|(_, hours)| hours)
    }

    /// Texts in this language, else in one of the same family, else in the house's own.
    pub fn texts_for(&self, language: Option<&str>) -> &Texts {
        let wanted = language.unwrap_or(&self.language);
        let family = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let same = self.texts.iter().find(|(tag, _)| family(tag) == family(wanted));
        self.texts.get(wanted).or(same.map(|(_, texts)| texts)).or_else(|| self.texts.get(&self.language)).unwrap_or(&NO_TEXTS)
    }
}
