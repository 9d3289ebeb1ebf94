//! `[[channels]]`: one account of a platform by which customers write: a chat window on web sites, a gateway for text messages, a bot, a page.

use super::aliyun::config::AliyunSection;
use super::douyin::config::DouyinSection;
use super::email::config::EmailSection;
use super::generic::config::HttpSection;
use super::instagram::config::InstagramSection;
use super::line::config::LineSection;
use super::messenger::config::MessengerSection;
use super::smpp::config::SmppSection;
use super::sms::config::GatewaySection;
use super::telegram::config::TelegramSection;
use super::tencent::config::TencentSection;
use super::twilio::config::TwilioSection;
use super::viber::config::ViberSection;
use super::webchat::config::{InvitationSection, VisitsSection};
use super::wechat::config::WechatSection;
use super::wecom::config::WecomSection;
use super::weibo::config::WeiboSection;
use super::whatsapp::config::WhatsappSection;
use super::{aliyun, douyin, generic, smpp, sms, tencent, twilio, wechat, wecom, weibo};
use super::{instagram, line, messenger, telegram, viber, whatsapp};
use crate::config::value::{Cidr, Name, Period, Secret};
use crate::desk::card;
use crate::desk::traits::{Cards, FileRule, Tells, Text, Traits, Unit, Within};
use serde::Deserialize;
use toml::Spanned;

/// Which platform a channel belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// The chat window on a web site.
    Webchat,
    /// Text messages to and from telephones, through a gateway.
    Sms,
    /// A WeChat official account or mini-program.
    Wechat,
    /// An account of WeCom customer service.
    Wecom,
    /// Weibo private messages.
    Weibo,
    /// Douyin private messages.
    Douyin,
    /// A bot.
    Telegram,
    /// A number of the Cloud API.
    Whatsapp,
    /// A page on Facebook.
    Messenger,
    /// A professional account.
    Instagram,
    /// An official account.
    Line,
    /// A bot on Viber.
    Viber,
    /// Letters of one mailbox.
    Email,
    /// Text messages through Twilio.
    Twilio,
    /// Text messages through a carrier's message centre.
    Smpp,
    /// Text messages through Aliyun.
    Aliyun,
    /// Text messages through Tencent Cloud.
    Tencent,
    /// Any platform, through a program of yours.
    Http,
}

impl ChannelKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ChannelKind::Webchat => "webchat",
            ChannelKind::Sms => "sms",
            ChannelKind::Wechat => "wechat",
            ChannelKind::Wecom => "wecom",
            ChannelKind::Weibo => "weibo",
            ChannelKind::Douyin => "douyin",
            ChannelKind::Telegram => "telegram",
            ChannelKind::Whatsapp => "whatsapp",
            ChannelKind::Messenger => "messenger",
            ChannelKind::Instagram => "instagram",
            ChannelKind::Line => "line",
            ChannelKind::Viber => "viber",
            ChannelKind::Email => "email",
            ChannelKind::Twilio => "twilio",
            ChannelKind::Smpp => "smpp",
            ChannelKind::Aliyun => "aliyun",
            ChannelKind::Tencent => "tencent",
            ChannelKind::Http => "http",
        }
    }
}

/// One account of a platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSection {
    /// `webchat`, `sms`, `email`, `wechat`, `wecom`, `weibo`, `douyin`, `telegram`, `whatsapp`, `messenger`, `instagram`, `line` or
    /// `viber`.
    pub kind: ChannelKind,
    /// The name in tables, in the script tag and in addresses.
    pub id: Name,
    /// Visitors wait in this queue.
    pub queue: Name,
    /// For `sms`: the gateway.
    pub gateway: Option<GatewaySection>,
    /// For `wechat`: the official account or mini-program.
    pub wechat: Option<WechatSection>,
    /// For `wecom`: the customer service account.
    pub wecom: Option<WecomSection>,
    /// For `weibo`: the account.
    pub weibo: Option<WeiboSection>,
    /// For `douyin`: the account.
    pub douyin: Option<DouyinSection>,
    /// For `telegram`: the bot.
    pub telegram: Option<TelegramSection>,
    /// For `whatsapp`: the number.
    pub whatsapp: Option<WhatsappSection>,
    /// For `messenger`: the page.
    pub messenger: Option<MessengerSection>,
    /// For `instagram`: the account.
    pub instagram: Option<InstagramSection>,
    /// For `line`: the account.
    pub line: Option<LineSection>,
    /// For `viber`: the bot.
    pub viber: Option<ViberSection>,
    /// For `email`: the mailbox.
    pub email: Option<Box<EmailSection>>,
    /// For `twilio`: the account.
    pub twilio: Option<TwilioSection>,
    /// For `smpp`: the message centre.
    pub smpp: Option<SmppSection>,
    /// For `aliyun`: the account.
    pub aliyun: Option<AliyunSection>,
    /// For `tencent`: the account.
    pub tencent: Option<TencentSection>,
    /// For `http`: your program.
    pub http: Option<HttpSection>,
    /// Visitors meet this flow first, a `[flows.NAME]`; its menus are answered by numbers. Default: none.
    pub flow: Option<Name>,
    /// Words by which a customer gets something at once, without an agent. Default: none.
    #[serde(default)]
    pub keywords: Vec<KeywordSection>,
    /// Sites that may show the window, such as `https://shop.example`. Default: none but our own pages.
    #[serde(default)]
    pub origins: Vec<Name>,
    /// Points of an agent's capacity that one conversation takes. Default: 25.
    #[serde(default = "cost")]
    pub cost: u32,
    /// Longest text, characters, 1 to 20000. Default: 4000.
    #[serde(default = "max_text")]
    pub max_text: Spanned<usize>,
    /// Sent once when a conversation opens outside the queue's hours. Default: none.
    pub away_text: Option<String>,
    /// Sent once the queue has opened to customers who wrote while it was closed and whom nobody has answered since. Default: none.
    pub open_text: Option<String>,
    /// So long after the opening, up to 24h. Default: 5m.
    #[serde(default = "open_after")]
    pub open_after: Spanned<Period>,
    /// Heading of the window. Default: `site.name`.
    pub title: Option<String>,
    /// First line in an empty window. Default: none.
    pub greeting: Option<String>,
    /// Colour of the window, `#rrggbb`. Default: the product's own.
    pub accent: Option<Name>,
    /// For `webchat`: your site says who is signed in there. Default: it does not.
    pub account: Option<AccountSection>,
    /// For `webchat`: customers are asked how content they were when a conversation is over, in the window and in your app. Default: false.
    #[serde(default)]
    pub rating: bool,
    /// For `webchat`: your server is told of messages for customers of your app who are not there. Default: it is not.
    pub push: Option<PushSection>,
    /// For `webchat`: pages that visitors look at are kept, if they agree (`data-visits` in the script tag). Default: they are not.
    pub visits: Option<VisitsSection>,
    /// For `webchat` with `visits`: who is invited to a talk. Default: nobody.
    #[serde(default)]
    pub invitations: Vec<InvitationSection>,
    /// For `webchat`: visitors may call from the window. Default: they may not.
    pub calls: Option<CallsSection>,
    /// Visitors may send files and pictures. Default: true.
    #[serde(default = "files")]
    pub files: bool,
    /// Largest file that customers send, megabytes, 1 to 100. Default: where the platform's own section has such a key, that; 25 for letters, 20
    /// where the platform takes no more (`telegram`, `wechat`, `wecom`), else 10.
    #[serde(default)]
    pub max_file_mb: Option<Spanned<u32>>,
    /// For platforms: requests to them per second, 1 to 1000. Default: 20.
    #[serde(default = "rate")]
    pub rate: Spanned<u32>,
    /// For platforms: tries of one message before it is given up, 1 to 20. Default: 8.
    #[serde(default = "tries")]
    pub tries: Spanned<u32>,
    /// For platforms: addresses that they give for files may lead into these networks of your own. Default: none.
    #[serde(default)]
    pub private_networks: Vec<Spanned<Cidr>>,
    /// Largest film (MP4, WebM), in MB; it is played in the conversation. Default: 100.
    #[serde(default = "max_video_mb")]
    pub max_video_mb: Spanned<u32>,
}

impl ChannelSection {
    /// Requests to the platform per second, and tries of one message.
    pub fn pace(&self) -> (u32, u32) {
        match self.gateway.as_ref().filter(|_| self.kind == ChannelKind::Sms) {
            Some(gateway) => (*gateway.rate.get_ref(), *gateway.tries.get_ref()),
            None => (*self.rate.get_ref(), *self.tries.get_ref()),
        }
    }

    /// Largest file that customers send, MB.
    pub fn most_file_mb(&self) -> u32 {
        if let Some(most) = &self.max_file_mb {
            return *most.get_ref();
        }
        let own = match self.kind {
            ChannelKind::Whatsapp => self.whatsapp.as_ref().map(|section| &section.max_file_mb),
            ChannelKind::Messenger => self.messenger.as_ref().map(|section| &section.max_file_mb),
            ChannelKind::Instagram => self.instagram.as_ref().map(|section| &section.max_file_mb),
            ChannelKind::Line => self.line.as_ref().map(|section| &section.max_file_mb),
            ChannelKind::Viber => self.viber.as_ref().map(|section| &section.max_file_mb),
            ChannelKind::Email => return 25,
            ChannelKind::Telegram | ChannelKind::Wechat | ChannelKind::Wecom => return 20,
            _ => None,
        };
        own.map_or(10, |most| *most.get_ref())
    }

    /// What may be written there.
    pub fn traits(&self) -> Traits {
        let most = *self.max_text.get_ref();
        // A section that is missing is an error of the file; until that is said, the channel carries words.
        let words = || Traits::words(Text { most, unit: Unit::Characters, parts: 1 });
        match self.kind {
            ChannelKind::Telegram => self.telegram.as_ref().map_or_else(words, telegram::traits),
            ChannelKind::Whatsapp => self.whatsapp.as_ref().map_or_else(words, whatsapp::traits),
            ChannelKind::Messenger => self.messenger.as_ref().map_or_else(words, messenger::traits),
            ChannelKind::Instagram => self.instagram.as_ref().map_or_else(words, instagram::traits),
            ChannelKind::Line => self.line.as_ref().map_or_else(words, line::traits),
            ChannelKind::Viber => self.viber.as_ref().map_or_else(words, viber::traits),
            ChannelKind::Webchat => Traits {
                files: vec![FileRule { mime: "", most_bytes: u64::MAX }],
                whole: true,
                choices: card::MOST_CHOICES,
                cards: Cards { links: true, places: true, ..Cards::default() },
                open_page: true,
                edit: Within::Always,
                recall: Within::Always,
                tells: Tells { delivered: true, read: true, typing: true, shows_typing: true, shows_read: true, repeats_safely: true },
                ..words()
            },
            ChannelKind::Email => super::email::traits(),
            ChannelKind::Sms => self.gateway.as_ref().map_or_else(words, sms::traits),
            ChannelKind::Twilio => self.twilio.as_ref().map_or_else(words, twilio::traits),
            ChannelKind::Smpp => self.smpp.as_ref().map_or_else(words, smpp::traits),
            ChannelKind::Aliyun => aliyun::traits(),
            ChannelKind::Tencent => tencent::traits(),
            ChannelKind::Http => {
                self.http.as_ref().map_or_else(words, |http| generic::traits(http, most, u64::from(self.most_file_mb()) << 20))
            }
            ChannelKind::Wechat => self.wechat.as_ref().map_or_else(words, wechat::traits),
            ChannelKind::Wecom => self.wecom.as_ref().map_or_else(words, wecom::traits),
            ChannelKind::Weibo => self.weibo.as_ref().map_or_else(words, weibo::traits),
            ChannelKind::Douyin => self.douyin.as_ref().map_or_else(words, douyin::traits),
        }
    }
}

/// A message that begins with one of these words, while no agent is talking with the customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeywordSection {
    /// Capital or small; the first rule that has the word counts.
    pub words: Vec<Name>,
    /// Answered with this. Default: no answer.
    pub reply: Option<Name>,
    /// Opens a ticket with this subject and what they wrote. Default: none.
    pub ticket: Option<String>,
    /// They meet this flow, a `[flows.NAME]`, which may look up their order. Default: none.
    pub flow: Option<Name>,
}

/// Visitors who are signed in at the site of the window.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSection {
    /// The key with which the site signs its word (a JSON Web Token, HS256): `{ env = "NAME" }`, `{ file = "PATH" }` or plain text.
    pub secret: Spanned<Secret>,
}

/// Messages that wait for your app.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushSection {
    /// Where your server is told, such as `https://shop.example/hubline/push`.
    pub url: Name,
    /// The key with which we sign what we tell it: `whsec_` and base64 of 24 to 64 bytes.
    pub secret: Spanned<Secret>,
    /// A message that is not on the device after so long. Default: 10s.
    #[serde(default = "push_after")]
    pub after: Period,
    /// Your server is told what the message says. Default: true.
    #[serde(default = "files")]
    pub text: bool,
}

/// Calls from the window.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsSection {
    /// What callers meet: `queue:ID` or `flow:ID`. Default: the channel's queue.
    pub to: Option<Name>,
    /// Callers and agents may show each other their camera or their screen. Default: false.
    #[serde(default)]
    pub video: bool,
}

fn push_after() -> Period {
    Period::from_secs(10)
}

fn open_after() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(300))
}

fn cost() -> u32 {
    25
}

fn max_text() -> Spanned<usize> {
    Spanned::new(0..0, 4_000)
}

fn files() -> bool {
    true
}

fn rate() -> Spanned<u32> {
    Spanned::new(0..0, 20)
}

fn tries() -> Spanned<u32> {
    Spanned::new(0..0, 8)
}

fn max_video_mb() -> Spanned<u32> {
    Spanned::new(0..0, 100)
}
