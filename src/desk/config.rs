//! The business part of the configuration file: agents, skills, lines, tiers and routing (queues and hours stand beside).
//! Plain data with places; `crate::config` checks it and resolves it into a `Catalog`.

mod callbacks;
mod flow;
mod form;
mod hours;
mod outages;
mod overlay;
mod phone;
mod proactive;
mod queue;
mod rule;
mod surveys;
mod tickets;

pub use callbacks::CallbacksSection;
pub use flow::{FlowSection, NodeSection, Spoken, Texts};
pub use form::{FieldSection, FormSection, OptionSection};
pub use hours::{HolidayListSection, HolidaySection, HoursSection};
pub use outages::{OutagesSection, Place};
pub use overlay::{OverlaySection, QueueOverlaySection, SupervisionSection};
pub use phone::{PhoneLogin, PhoneSection};
pub use proactive::ProactiveSection;
pub use queue::{OverflowSection, QueueSection, RequirementSection, WaitingSection, WrapUpFieldSection};
pub use rule::{IfSection, MoodsSection, PastSection, RuleSection, TemplateSection, ThenSection, WhenSection};
pub use surveys::{CallWay, LowSection, LowTicketSection, SurveySection};
pub use tickets::{
    ApprovalSection, ConditionSection, DepartmentSection, PRIORITIES, PromiseSection, TicketSection, TicketTypeSection, Times,
};

use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// What a person may do: `admin` > `supervisor` > `agent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// Serves customers.
    #[default]
    Agent,
    /// Sees everyone's work, sessions and figures too.
    Supervisor,
    /// Changes the configuration too.
    Admin,
}

/// `[[agents]]`: a person who can log in, or a desk phone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSection {
    /// Login, and the name in tables and logs: lower-case letters, digits, `.`, `_`, `-`.
    pub id: Name,
    /// As colleagues and customers see it. Default: the id.
    pub name: Option<String>,
    /// `agent`, `supervisor` or `admin`. Default: `agent`.
    #[serde(default)]
    pub role: RoleName,
    /// Queues whose work is offered to this agent. Default: none.
    #[serde(default)]
    pub queues: Vec<Name>,
    /// Skill and level, 1 (knows a little) to 5 (the best). Default: none.
    #[serde(default)]
    pub skills: BTreeMap<Name, Spanned<u8>>,
    /// How much at once, in points; a call takes `routing.call_cost`, a conversation its channel's `cost`. Default: 100.
    #[serde(default = "hundred")]
    pub capacity: Spanned<u32>,
    /// A desk phone, rung instead of the browser: its SIP address `sip:user@host:port`, or the log-in with which it registers here:
    /// `{ username = "mara", password = { env = "NAME" }, srtp = "accept" }`. Default: none.
    pub phone: Option<Spanned<PhoneSection>>,
    /// Available from the start without logging in; for desk phones. Default: false.
    #[serde(default)]
    pub always_available: bool,
    /// Calls at once, 1 to 100. Default: 1.
    #[serde(default = "one")]
    pub max_calls: Spanned<u32>,
    /// The queue to which this agent's calls out count: its wrap-up and recording. Default: the first of `queues`.
    pub outbound_queue: Option<Name>,
    /// Language of the pages until the agent chooses another: `en` or `zh-CN`. Default: `site.language`.
    pub language: Option<Name>,
}

/// `[[agent_groups]]`: many alike, such as the desk phones of a hall. `{n}` stands for the number of each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentGroupSection {
    /// Ids are this and the number: `desk` gives `desk1`, `desk2`, ….
    pub prefix: Name,
    /// How many, 1 to 10000.
    pub count: Spanned<u32>,
    /// The first number. Default: 1.
    #[serde(default = "first")]
    pub first: u32,
    /// Name of each; may hold `{n}`. Default: the id.
    pub name: Option<String>,
    /// Queues of each. Default: none.
    #[serde(default)]
    pub queues: Vec<Name>,
    /// Skills of each. Default: none.
    #[serde(default)]
    pub skills: BTreeMap<Name, Spanned<u8>>,
    /// Capacity of each, points. Default: 100.
    #[serde(default = "hundred")]
    pub capacity: Spanned<u32>,
    /// Desk phone of each, such as `sip:desk{n}@192.0.2.10:5060` or `{ username = "desk{n}", password = { file = "PATH" } }`. Default: none.
    pub phone: Option<Spanned<PhoneSection>>,
    /// Available from the start without logging in. Default: false.
    #[serde(default)]
    pub always_available: bool,
    /// Calls at once, each. Default: 1.
    #[serde(default = "one")]
    pub max_calls: Spanned<u32>,
}

/// `[[skills]]`: optional; once one is declared, only declared skills may be used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkillSection {
    /// As agents and queues name it.
    pub id: Name,
    /// As people read it. Default: the id.
    pub name: Option<String>,
}

/// `[[lines]]`: what a dialled number leads to: exactly one of `queue`, `flow`, `agent` and `echo`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSection {
    /// The number as the trunk delivers it. `{n}` stands for a number that `agent` repeats: `9{n}` to agent `desk{n}`.
    pub number: Name,
    /// Only for calls from this trunk. Default: any.
    pub trunk: Option<Name>,
    /// Callers wait in this queue.
    pub queue: Option<Name>,
    /// Callers meet this flow, a `[flows.NAME]`.
    pub flow: Option<Name>,
    /// Straight to this agent.
    pub agent: Option<Name>,
    /// Answer and play the caller's own voice back: a test of the line. Default: false.
    #[serde(default)]
    pub echo: bool,
}

/// `[[tiers]]`: kinds of customers who are served sooner.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSection {
    /// As the customer's entry names it.
    pub id: Name,
    /// As people read it. Default: the id.
    pub name: Option<String>,
    /// Points added to the priority of their contacts; one point is worth a minute of waiting with `aging_per_minute = 1`.
    pub priority: i32,
}

/// `[routing]`: rules for all queues.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoutingSection {
    /// Points of capacity a call takes. Default: 100.
    pub call_cost: u32,
    /// Missed offers in a row that set an agent away; 0 for never. Default: 2.
    pub missed_limit: u32,
    /// Priority points added per minute of waiting. Default: 1.
    pub aging_per_minute: i32,
    /// The caller is kept on hold music this long while an agent's page reloads. Default: 15s.
    pub agent_grace: Period,
    /// A page gone this long sets its agent offline. Default: 20s.
    pub page_grace: Period,
    /// What agents may choose as the reason of a break. Default: none.
    pub break_reasons: Vec<String>,
    /// Callers who gave up are listed for callback if they waited at least this long. Default: 5s.
    pub callback_after: Period,
    /// A waiting chat whose customer has closed the window stays in its queue this long; then it counts as missed. Default: 5m.
    pub left_grace: Period,
    /// A number that is called rings this long at most. Default: 45s.
    pub ring_out: Period,
    /// Record calls between colleagues. Default: false.
    pub record_internal: bool,
    /// The first slot for parked calls; agents fetch them by its number. Default: 701.
    pub park_first: Spanned<u32>,
    /// How many slots there are, 1 to 100. Default: 20.
    pub park_slots: Spanned<u32>,
    /// A call parked this long goes back to who parked it, then to its queue. Default: 90s.
    pub park_time: Period,
}

impl Default for RoutingSection {
    fn default() -> Self {
        RoutingSection {
            call_cost: 100,
            missed_limit: 2,
            aging_per_minute: 1,
            agent_grace: Period::from_secs(15),
            page_grace: Period::from_secs(20),
            break_reasons: Vec::new(),
            callback_after: Period::from_secs(5),
            left_grace: Period::from_secs(300),
            ring_out: Period::from_secs(45),
            record_internal: false,
            park_first: Spanned::new(0..0, 701),
            park_slots: Spanned::new(0..0, 20),
            park_time: Period::from_secs(90),
        }
    }
}

fn hundred() -> Spanned<u32> {
    Spanned::new(0..0, 100)
}

fn one() -> Spanned<u32> {
    Spanned::new(0..0, 1)
}

fn first() -> u32 {
    1
}
