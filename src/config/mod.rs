//! The one configuration file: machine and business. Each section is defined by the module it configures; here they are put together,
//! checked against each other, and resolved into what the desk works with. A file with an error changes nothing.

mod check;
mod diagnostic;
pub mod diff;
mod findings;
mod load;
pub mod picture;
mod report;
mod resolve;
mod site;
pub mod speak;
mod suggest;
pub mod value;
pub mod words;

pub use diagnostic::{Diagnostic, Level, Suggestion};
pub use diff::{Change, Effect, diff};
pub use load::Loaded;
pub use report::Report;
pub use site::{LogFormat, LogSection, SiteSection};

use crate::channels::config::ChannelSection;
use crate::channels::wecom::config::AlertsSection;
use crate::desk::config::{
    AgentGroupSection, AgentSection, CallbacksSection, FlowSection, FormSection, HolidayListSection, HoursSection, LineSection,
    MoodsSection, OutagesSection, OverlaySection, PhoneLogin, PhoneSection, ProactiveSection, QueueSection, RoleName, RoutingSection,
    RuleSection, SkillSection, SupervisionSection, SurveySection, TicketSection, TierSection,
};
use crate::desk::dial::config::DialSection;
use crate::desk::id::{AgentId, ChannelId};
use crate::lookup::config::CrmSection;
use crate::media::config::MediaSection;
use crate::sip::config::{SipSection, TrunkSection};
use crate::speech::config::SpeechSection;
use crate::store::config::StoreSection;
use crate::store::viewer::Role;
use crate::web::api::config::ApiSection;
use crate::web::config::{AcmeSection, SecuritySection, ServerSection};
use crate::web::knowledge::config::KnowledgeSection;
use crate::web::people::config::PeopleSection;
use crate::web::wallboard::config::WallboardSection;
use crate::webhooks::config::WebhookSection;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Languages of the pages and texts, BCP 47.
pub const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// The whole file, as written: every value, nothing resolved.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who we are.
    pub site: SiteSection,
    /// Where pages are served.
    pub server: ServerSection,
    /// Where data is kept.
    pub store: StoreSection,
    /// SIP ports.
    pub sip: SipSection,
    /// Audio.
    pub media: MediaSection,
    /// Log lines.
    pub log: LogSection,
    /// The public authority of certificates, for `tls = "acme"`.
    pub acme: AcmeSection,
    /// Log-in and sessions.
    pub security: SecuritySection,
    /// Rules for all queues.
    pub routing: RoutingSection,
    /// How numbers are read, and who may call where.
    pub dial: DialSection,
    /// Rules for all tickets.
    pub tickets: TicketSection,
    /// What customers are asked when a contact is over.
    pub surveys: Vec<SurveySection>,
    /// Providers' lines.
    pub trunks: Vec<TrunkSection>,
    /// What dialled numbers lead to.
    pub lines: Vec<LineSection>,
    /// Waiting lines.
    pub queues: Vec<QueueSection>,
    /// People and desk phones.
    pub agents: Vec<AgentSection>,
    /// Many desk phones alike.
    pub agent_groups: Vec<AgentGroupSection>,
    /// Declared skills.
    pub skills: Vec<SkillSection>,
    /// Kinds of customers.
    pub tiers: Vec<TierSection>,
    /// Opening hours.
    pub hours: Vec<HoursSection>,
    /// Messages that the house sends of its own accord.
    pub proactive: ProactiveSection,
    /// The firm's own system of customers and orders.
    pub crm: CrmSection,
    /// What a house keeps of its customers besides.
    pub people: PeopleSection,
    /// Programs of the firm's that ask us.
    pub api: ApiSection,
    /// Addresses of the firm's that are told what happens.
    pub webhooks: Vec<WebhookSection>,
    /// Customers who did not reach us.
    pub callbacks: CallbacksSection,
    /// Holidays that several opening hours share.
    pub holiday_lists: Vec<HolidayListSection>,
    /// What callers and writers meet before a person, by name.
    pub flows: BTreeMap<value::Name, FlowSection>,
    /// What customers are asked in writing, by name.
    pub forms: BTreeMap<value::Name, FormSection>,
    /// Sets of routing rules that supervisors switch on and off, by name.
    pub overlays: BTreeMap<value::Name, OverlaySection>,
    /// What the house does by itself when something happens.
    pub rules: Vec<RuleSection>,
    /// Words that tell how a customer feels.
    pub moods: MoodsSection,
    /// Supervisors in calls.
    pub supervision: SupervisionSection,
    /// What the wallboard measures against.
    pub wallboard: WallboardSection,
    /// Articles, and the help centre.
    pub knowledge: KnowledgeSection,
    /// Who speaks texts that nobody has recorded.
    pub speech: Option<SpeechSection>,
    /// Message channels.
    pub channels: Vec<ChannelSection>,
    /// What customers are told of channels that do not work.
    pub outages: OutagesSection,
    /// Who is told when a channel does not work.
    pub alerts: AlertsSection,
    /// The folder of the file: relative paths start here.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// A declared agent as the log-in and the pages need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    /// BCP 47; the site's unless the agent has one.
    pub language: String,
}

impl Config {
    /// Reads, checks and resolves the file. The report holds every error found; warnings of a good file are in `Loaded`.
    pub fn load(path: &Path) -> Result<Loaded, Report> {
        load::file(path)
    }

    /// The same for text that is not (yet) a file: `path` names it in reports, and relative paths start in its folder.
    pub fn parse(text: &str, path: &Path) -> Result<Loaded, Report> {
        load::text(text, path)
    }

    /// Whether customers at a page and agents may show each other pictures, in any channel.
    pub fn takes_video(&self) -> bool {
        self.channels.iter().any(|channel| channel.calls.as_ref().is_some_and(|calls| calls.video))
    }

    /// The same in this channel.
    pub fn takes_video_at(&self, channel: &ChannelId) -> bool {
        let here = |section: &&ChannelSection| section.id.get_ref() == channel.as_str();
        self.channels.iter().find(here).and_then(|channel| channel.calls.as_ref()).is_some_and(|calls| calls.video)
    }

    /// Whether calls of any queue are recorded: a call may come to each of them.
    pub fn records(&self) -> bool {
        self.queues.iter().any(|queue| queue.record)
    }

    /// The folder of the firm's own recordings.
    pub fn prompts(&self) -> Option<PathBuf> {
        self.media.prompts.as_ref().map(|folder| self.folder.join(folder.get_ref()))
    }

    /// The data folder: `HUBLINE_DATA`, or `store.data` beside the file.
    pub fn data(&self) -> PathBuf {
        match std::env::var_os("HUBLINE_DATA") {
            Some(data) if !data.is_empty() => PathBuf::from(data),
            _ => self.folder.join(&self.store.data),
        }
    }

    /// The phones that register here: the section, the agent they ring for, and their log-in name.
    pub fn phone_logins(&self) -> Vec<(PhoneLogin, AgentId, String)> {
        let mut logins = Vec::new();
        let mut add = |phone: &PhoneSection, id: String| {
            if let Some(login) = phone.login() {
                let name = login.username.as_ref().map_or_else(|| id.clone(), |name| name.get_ref().clone());
                logins.push((login.clone(), AgentId::from(id.as_str()), name));
            }
        };
        for agent in &self.agents {
            if let Some(phone) = &agent.phone {
                add(phone.get_ref(), agent.id.get_ref().clone());
            }
        }
        for group in &self.agent_groups {
            let Some(phone) = &group.phone else { continue };
            for number in (group.first..).take((*group.count.get_ref()).min(10_000) as usize) {
                let number = number.to_string();
                add(&phone.get_ref().numbered(&number), format!("{}{number}", group.prefix));
            }
        }
        logins
    }

    /// Everyone who may log in: the declared agents, not the members of groups.
    pub fn members(&self) -> impl Iterator<Item = Member> + '_ {
        self.agents.iter().map(|agent| Member {
            id: AgentId::from(agent.id.get_ref().as_str()),
            name: agent.name.clone().unwrap_or_else(|| agent.id.get_ref().clone()),
            role: match agent.role {
                RoleName::Agent => Role::Agent,
                RoleName::Supervisor => Role::Supervisor,
                RoleName::Admin => Role::Admin,
            },
            language: agent.language.as_ref().map_or_else(|| self.site.language.get_ref().clone(), |name| name.get_ref().clone()),
        })
    }
}

/// The rules of a text that has nothing else, as the scripts of the desk play them.
#[cfg(test)]
pub fn rules_of(text: &str) -> crate::desk::rules::spec::Rules {
    resolve::rules::resolve(&toml::from_str(text).expect("rules"), &BTreeMap::new())
}

#[cfg(test)]
mod tests;
