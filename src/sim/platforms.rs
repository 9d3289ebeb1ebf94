//! The platforms of the demo: each simulated as strictly as for the tests, with one customer who writes, waits to be answered, and goes on.

use super::letters::{self, letter};
use super::line::Line;
use super::mail::{Manners, Sim as Mail, Trouble};
use super::meta::pages::{Page, Pages};
use super::meta::whatsapp::{self, Whatsapp};
use super::plan::Plan;
use super::telegram::Telegram;
use super::viber::Viber;
use super::{douyin, wechat, wecom, weibo};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Tokens and secrets between the demo's house and its platforms; they stand in its configuration too.
const TOKEN: &str = "4242:only-for-the-demo";
const SECRET: &str = "only for the demo";

/// What the firm has written for WhatsApp to approve: name, language, state, text.
const TEMPLATES: [(&str, &str, &str, &str); 4] = [
    ("order_ready", "en_US", "APPROVED", "Hello {{1}}, your order {{2}} is ready. You can pick it up until {{3}}."),
    ("order_ready", "zh_CN", "APPROVED", "{{1}}您好，您的订单 {{2}} 已备好，请在 {{3}} 前来取。"),
    ("workshop_day", "en_US", "PENDING", "Hello {{1}}, our workshop has time for you on {{2}}."),
    ("winter_sale", "en_US", "REJECTED", "Everything must go! Up to 50 % off."),
];

/// Pause before a platform's customer begins anew, and before the first of the next platform.
const BETWEEN: Duration = Duration::from_secs(240);
const APART: Duration = Duration::from_secs(14);
/// How long a customer waits for an answer.
const PATIENCE: Duration = Duration::from_secs(600);

/// Running platforms; they stop when this is dropped.
pub struct Platforms {
    telegram: Arc<Telegram>,
    whatsapp: Arc<Whatsapp>,
    messenger: Arc<Pages>,
    line: Arc<Line>,
    viber: Arc<Viber>,
    wechat: wechat::Sim,
    wecom: wecom::Sim,
    weibo: weibo::Sim,
    douyin: douyin::Sim,
    mail: Mail,
}

/// How one platform's customer writes, and how often they were answered.
struct Door {
    write: Box<dyn Fn(&str) + Send + Sync>,
    answers: Box<dyn Fn() -> usize + Send + Sync>,
    story: &'static [&'static str],
}

impl Platforms {
    pub async fn open() -> std::io::Result<Platforms> {
        let plan = Plan::default();
        let number = whatsapp::Account {
            number_id: "106540352242922".into(),
            business_id: "102290129340398".into(),
            token: TOKEN.into(),
            app_secret: SECRET.into(),
        };
        let page = Page { object: "page", id: "108".into(), token: TOKEN.into(), app_secret: SECRET.into(), human_agent: true };
        let whatsapp = Whatsapp::open(number, plan).await?;
        for (name, language, state, text) in TEMPLATES {
            whatsapp.template(name, language, state, text);
        }
        Ok(Platforms {
            telegram: Arc::new(Telegram::open(TOKEN, plan).await?),
            whatsapp: Arc::new(whatsapp),
            messenger: Arc::new(Pages::open(page, plan).await?),
            line: Arc::new(Line::open(SECRET, TOKEN, plan).await?),
            viber: Arc::new(Viber::open(TOKEN, plan).await?),
            wechat: wechat::Sim::open(wechat::Account::example(), wechat::Plan::default()).await?,
            wecom: wecom::Sim::open(wecom::Corp::example(), wecom::Plan::default()).await?,
            weibo: weibo::Sim::open(plan).await?,
            douyin: douyin::Sim::open(plan).await?,
            mail: Mail::open(letters::SUPPORT, SECRET, Manners::default(), Trouble::default()).await?,
        })
    }

    /// The channels of the demo's firm, with the platforms' addresses.
    pub fn configuration(&self) -> String {
        let urls = [
            ("{imap}", self.mail.imap.port().to_string()),
            ("{smtp}", self.mail.smtp.port().to_string()),
            ("{telegram}", self.telegram.url()),
            ("{whatsapp}", self.whatsapp.url()),
            ("{messenger}", self.messenger.url()),
            ("{line}", self.line.url()),
            ("{viber}", self.viber.url()),
            ("{wechat}", self.wechat.url()),
            ("{wecom}", self.wecom.url()),
            ("{weibo}", self.weibo.url()),
            ("{douyin}", self.douyin.url()),
        ];
        urls.iter().fold(include_str!("house/platforms.toml").to_owned(), |text, (name, url)| text.replace(name, url))
    }

    /// Tells each platform where the house is, and plays for ever.
    pub async fn play(&self, web: SocketAddr, language: &'static str) {
        let hook = |id: &str| format!("http://{web}/hooks/{id}");
        self.whatsapp.calls(&hook("whatsapp"));
        self.messenger.calls(&hook("messenger"));
        self.line.calls(&hook("line"));
        self.viber.calls(&hook("viber"));
        let [wechat, wecom, weibo, douyin] = ["wechat", "wecom", "weibo", "douyin"].map(hook);
        let (wechat, wecom, weibo, douyin) = tokio::join!(
            self.wechat.configure(&wechat),
            self.wecom.configure(&wecom),
            self.weibo.configure(&weibo),
            self.douyin.configure(&douyin),
        );
        for greeted in [wechat, wecom, weibo, douyin] {
            if let Err(error) = greeted {
                tracing::warn!(%error, "a simulated platform does not know the house");
            }
        }
        let [telegram, messenger, line, wecom, douyin, viber] = NAMES;
        self.telegram.is_called(TELEGRAM, telegram);
        self.messenger.is_called(MESSENGER, messenger);
        self.line.is_called(LINE, line);
        self.wecom.is_called(WECOM, wecom);
        self.douyin.is_called(DOUYIN, douyin);
        self.viber.is_called(VIBER, viber);
        let doors = self.doors(language);
        let stories = doors.iter().enumerate().map(|(nth, door)| async move {
            tokio::time::sleep(APART * u32::try_from(nth + 1).unwrap_or(u32::MAX)).await;
            loop {
                tell(door).await;
                tokio::time::sleep(BETWEEN).await;
            }
        });
        futures_util::future::join_all(stories).await;
    }

    fn doors(&self, language: &str) -> Vec<Door> {
        let stories = if language == "zh" { &ZH } else { &EN };
        let ann = whatsapp::Customer { name: stories.0.into(), ..whatsapp::Customer::number("4915100138777") };
        let (telegram, whatsapp, messenger, line) =
            (self.telegram.clone(), self.whatsapp.clone(), self.messenger.clone(), self.line.clone());
        let (wechat, wecom, weibo, douyin) = (self.wechat.clone(), self.wecom.clone(), self.weibo.clone(), self.douyin.clone());
        let (viber, mail) = (self.viber.clone(), self.mail.clone());
        let door = |nth: usize, write: Box<dyn Fn(&str) + Send + Sync>, answers: Box<dyn Fn() -> usize + Send + Sync>| Door {
            write,
            answers,
            story: stories.1[nth],
        };
        vec![
            door(0, writes(&telegram, |sim, text| _ = sim.customer_writes(TELEGRAM, text)), answered(&telegram, |sim| sim.sent().len())),
            door(1, writes(&whatsapp, move |sim, text| _ = sim.customer_writes(&ann, text)), answered(&whatsapp, |sim| sim.sent().len())),
            door(2, writes(&messenger, |sim, text| _ = sim.customer_writes(MESSENGER, text)), answered(&messenger, |sim| sim.sent().len())),
            door(3, writes(&line, |sim, text| _ = sim.customer_writes(LINE, text)), answered(&line, |sim| sim.sent().len())),
            door(
                4,
                writes(&wechat, |sim, text| _ = sim.customer("oDEMO0001", wechat::Says::Text(text.to_owned()))),
                answered(&wechat, |sim| sim.sent().len()),
            ),
            door(
                5,
                writes(&wecom, |sim, text| _ = sim.tells(WECOM, wecom::Says::Text(text.to_owned()))),
                answered(&wecom, |sim| sim.sent().len()),
            ),
            door(
                6,
                writes(&weibo, |sim, text| sim.customer(1_234_567_890, weibo::Says::Text(text.to_owned()))),
                answered(&weibo, |sim| sim.sent().len()),
            ),
            door(7, writes(&douyin, |sim, text| sim.customer(DOUYIN, text)), answered(&douyin, |sim| sim.sent().len())),
            door(
                8,
                writes(&mail, move |sim, text| sim.customer_writes(&letter(stories.2, text, sim.sent().last()))),
                answered(&mail, |sim| sim.sent().len()),
            ),
            door(9, writes(&viber, |sim, text| _ = sim.customer_writes(VIBER, text)), answered(&viber, |sim| sim.sent().len())),
        ]
    }
}

fn writes<S: Clone + Send + Sync + 'static>(sim: &S, write: impl Fn(&S, &str) + Send + Sync + 'static) -> Box<dyn Fn(&str) + Send + Sync> {
    let sim = sim.clone();
    Box::new(move |text| write(&sim, text))
}

fn answered<S: Clone + Send + Sync + 'static>(
    sim: &S,
    count: impl Fn(&S) -> usize + Send + Sync + 'static,
) -> Box<dyn Fn() -> usize + Send + Sync> {
    let sim = sim.clone();
    Box::new(move || count(&sim))
}

/// Each line once the one before was answered.
async fn tell(door: &Door) {
    for line in door.story {
        let before = (door.answers)();
        (door.write)(line);
        let answered = async {
            while (door.answers)() == before {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, answered).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
}

/// The customers of platforms that tell what they call themselves, and what that is; WeChat and Weibo do not.
const TELEGRAM: i64 = 777;
const MESSENGER: &str = "1254459154682919";
const LINE: &str = "U4af4980629";
const WECOM: &str = "wmDEMO0001";
const DOUYIN: &str = "open_id_demo";
const VIBER: &str = "VBdemo0001==";
const NAMES: [&str; 6] = ["Milo Grant", "Sofia Reyes", "Kenji Mori", "周明", "小鱼骑行", "Petra Novak"];

/// Who writes by WhatsApp; what is written by Telegram, WhatsApp, Messenger, LINE, WeChat, WeCom, Weibo, Douyin, mail and Viber; who writes letters.
type Stories = (&'static str, [&'static [&'static str]; 10], &'static str);

const EN: Stories = (
    "Lena Ortiz",
    [
        &["Hi, is the Larkfield Tour in size L back in stock?", "Could you keep one for me until Friday?"],
        &["Hello! My order 20417 says delivered, but nothing is here.", "The neighbour has not got it either.", "Thank you for looking!"],
        &["Do you repair e-bikes that were bought somewhere else?", "It is the motor, error 503."],
        &["Which lock do you recommend for the city?", "Good, I will take that one."],
        &["你好，你们寄到上海吗？", "大概要几天？"],
        &["您好，我的头盔尺码买小了，可以换吗？", "订单号是 20433"],
        &["你们的儿童车有粉色的吗？", "谢谢，我再看看"],
        &["直播间里的折扣今天还有效吗？", "好的，我现在下单"],
        &[
            "Front wheel bent on arrival\n\nHello,\n\nmy order 20433 came this morning, and the front wheel is bent. The box was open on one side, \
             so I think it happened on the way.\n\nCan you send me another wheel, or should I bring the bicycle to your workshop?\n\nKind regards\nHanna Okafor",
            "Wednesday suits me well. Thank you!",
        ],
        &["Are you open on Saturday?", "Then I come for a test ride. Thanks!"],
    ],
    "Hanna Okafor <hanna.okafor@customer.example>",
);

const ZH: Stories = (
    "莉娜·奥尔蒂斯",
    [
        &["Hi, do you ship to Singapore?", "How long does it take?"],
        &["Hello, my order 20417 says delivered, but nothing is here.", "Thank you for looking!"],
        &["Do you repair e-bikes that were bought somewhere else?", "It is the motor, error 503."],
        &["Which lock do you recommend for the city?", "Good, I will take that one."],
        &["你好，L 码的旅行车到货了吗？", "可以帮我留一辆到周五吗？", "好的，谢谢！"],
        &["您好，我的头盔尺码买小了，可以换吗？", "订单号是 20433", "麻烦您了"],
        &["你们的儿童车有粉色的吗？", "谢谢，我再看看"],
        &["直播间里的折扣今天还有效吗？", "好的，我现在下单"],
        &[
            "前轮收到时已变形\n\n您好：\n\n订单 20433 今早送到，前轮变形了，包装箱有一侧是开的，应该是运输途中损坏的。\n\n请问可以补发一个前轮，还是需要我把车送到门店维修？\n\n苏静",
            "周三可以，谢谢！",
        ],
        &["Are you open on Saturday?", "Then I come for a test ride. Thanks!"],
    ],
    "苏静 <su.jing@customer.example>",
);
