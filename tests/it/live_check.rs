//! `hubline check --live` as somebody runs it who has entered something wrong: each failure says what it is and where to look.

use crate::rig::house::machine;
use crate::rig::served::Served;
use hubline::sim::generic::Bridge;
use hubline::sim::mail::{Manners, Sim, Trouble};
use hubline::sim::plan::Plan;
use hubline::sim::telegram::Telegram;
use hubline::sim::tencent::Tencent;

const TOKEN: &str = "4242:right";
const PASSWORD: &str = "correct-horse-9";
const SECRET: &str = "a secret of Tencent's";
const WEBHOOK: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The platforms, all of which work.
struct World {
    telegram: Telegram,
    tencent: Tencent,
    program: Bridge,
    mailbox: Sim,
}

impl World {
    async fn open() -> World {
        World {
            telegram: Telegram::open(TOKEN, Plan::default()).await.expect("Telegram"),
            tencent: Tencent::open("AKID", SECRET, "海港", Plan::default()).await.expect("Tencent"),
            program: Bridge::open(WEBHOOK, Plan::default()).await.expect("a program"),
            mailbox: Sim::open("support@shop.example", PASSWORD, Manners::default(), Trouble::default()).await.expect("a mailbox"),
        }
    }

    /// A house on them, with these secrets for the second bot, Tencent and the mailbox.
    fn business(&self, [token, secret, password]: [&str; 3]) -> String {
        format!(
            r#"
[[queues]]
id = "sales"
[[channels]]
kind = "telegram"
id = "bot"
queue = "sales"
[channels.telegram]
token = "{TOKEN}"
base_url = "{bot}"
[[channels]]
kind = "telegram"
id = "other-bot"
queue = "sales"
[channels.telegram]
token = "{token}"
base_url = "{bot}"
[[channels]]
kind = "http"
id = "forum"
queue = "sales"
[channels.http]
url = "{program}"
secret = "{WEBHOOK}"
[[channels]]
kind = "tencent"
id = "texts"
queue = "sales"
[channels.tencent]
secret_id = "AKID"
secret = "{secret}"
app = "1400000001"
sign = "海港"
push_key = "push"
base_url = "{tencent}"
templates = ["1001"]
[[channels]]
kind = "email"
id = "mail"
queue = "sales"
[channels.email]
address = "support@shop.example"
password = "{password}"
imap = {{ host = "127.0.0.1", port = {imap}, security = "none" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, security = "none" }}
[[agents]]
id = "mara"
queues = ["sales"]
"#,
            bot = self.telegram.url(),
            program = self.program.url(),
            tencent = self.tencent.url(),
            imap = self.mailbox.imap.port(),
            smtp = self.mailbox.smtp.port(),
        )
    }
}

/// Writes the configuration, with this public address, and tries it; the exit code, the lines, and the last thing that the command says besides.
async fn tries(house: &Served, business: &str, public: &str) -> (Option<i32>, Vec<String>, String) {
    house.write(&machine(&house.ports, business).replace("tls = \"off\"", &format!("tls = \"off\"\npublic_url = \"{public}\"")));
    let tried = house.hubline(&["check", "--live"], "").await;
    let lines = String::from_utf8_lossy(&tried.stdout).lines().map(str::to_owned).collect();
    (tried.status.code(), lines, String::from_utf8_lossy(&tried.stderr).lines().last().unwrap_or_default().to_owned())
}

/// The lines that begin with this word, without it.
fn with<'a>(lines: &'a [String], mark: &str) -> Vec<&'a str> {
    lines.iter().filter_map(|line| Some(line.strip_prefix(mark)?.trim_start())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_check_names_what_is_wrong_and_where_to_look() {
    let world = World::open().await;
    let good = world.business([TOKEN, SECRET, PASSWORD]);
    let mut house = Served::new(&good);
    house.start().await;
    let own = format!("http://{}", house.web);

    // All is well, and the house knows itself at its public address.
    let (code, lines, _) = tries(&house, &good, &own).await;
    assert_eq!((code, with(&lines, "FAIL")), (Some(0), Vec::new()), "{lines:#?}");
    for line in [
        "channel bot: The token of the bot is good: @sim_bot",
        "channel forum: Your program answers: 200 OK",
        &format!("channel forum: The platform can reach us at a public address: {own}/hooks/forum"),
        "channel mail: The mailbox lets us in: support@shop.example",
        "channel mail: The outgoing mail server lets us in: support@shop.example",
    ] {
        assert!(with(&lines, "ok").contains(&line), "{line}\n{lines:#?}");
    }

    // Wrong secrets, and at the public address is somebody else's program.
    let elsewhere = world.telegram.url();
    let (code, lines, said) = tries(&house, &world.business(["4242:wrong", "another", "wrong"]), &elsewhere).await;
    let address = |channel: &str| {
        format!(
            "channel {channel}: The platform can reach us at a public address: it does not work: {elsewhere}/hooks/{channel}: something else \
             answers there, 401 Unauthorized. Look at: server.public_url; the proxy must pass on /hooks/ and /sms/"
        )
    };
    let expected = [
        "channel other-bot: The token of the bot is good: it does not work: Unauthorized. Look at: @BotFather: /mybots → API Token".into(),
        address("forum"),
        "channel texts: Tencent Cloud lets us in: it does not work: AuthFailure.SignatureFailure: refused. Look at: 访问管理 › API 密钥管理 \
         (SecretId, SecretKey)"
            .into(),
        address("texts"),
        "channel mail: The mailbox lets us in: it does not work: LOGIN: wrong. Look at: IMAP: user, password (app password)".into(),
        "channel mail: The outgoing mail server lets us in: it does not work: 535 5.7.8 wrong. Look at: SMTP: user, password (app password)".into(),
    ];
    assert_eq!(with(&lines, "FAIL"), expected, "{lines:#?}");
    assert_eq!((code, said.as_str()), (Some(5), "6 live checks failed"));
    assert!(with(&lines, "ok").contains(&"channel bot: The token of the bot is good: @sim_bot"), "the others are tried all the same");

    // Where nobody answers from inside, it may still work from outside: said, and no failure.
    let (code, lines, _) = tries(&house, &good, "http://127.0.0.1:1").await;
    let unseen = with(&lines, "warn").into_iter().find(|line| line.starts_with("channel forum")).unwrap_or_default();
    assert!(code == Some(0) && unseen.ends_with("Look at: server.public_url, DNS, NAT"), "{lines:#?}");
    house.lives();
    house.stop().await;
    let (code, lines, _) = tries(&house, &good, &own).await;
    let unseen = with(&lines, "warn").into_iter().find(|line| line.starts_with("channel forum")).unwrap_or_default();
    assert!(code == Some(0) && unseen.ends_with("Look at: hubline serve"), "{lines:#?}");
}
