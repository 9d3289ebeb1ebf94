//! `hubline demo`: the whole contact centre in a temporary folder, with simulated customers who dial and write.

use super::{App, signals};
use crate::clock::Clock;
use crate::config::{Config, Loaded};
use crate::sim::exchange::Exchange;
use crate::sim::platforms::Platforms;
use crate::sim::shop::Shop;
use crate::sim::sms::{Gateway, Trouble};
use crate::sim::{past, scene};
use crate::store::Store;
use anyhow::Context;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the demo's pages are, unless told otherwise.
const PORT: u16 = 8080;

/// Signs texts between the demo's house and its simulated telephones; stands in its configuration too.
const TEXTS_SECRET: &str = "only for the demo";

/// What `hubline demo` was asked for.
#[derive(Debug, Clone, Default)]
pub struct DemoOptions {
    /// Port of the pages.
    pub port: Option<u16>,
    /// `en` or `zh-CN`; by default the system's language.
    pub lang: Option<String>,
    /// Keep the data in this folder instead of throwing it away.
    pub keep: Option<PathBuf>,
}

/// Runs the demo until it is told to stop.
pub async fn demo(options: DemoOptions) -> anyhow::Result<()> {
    super::keep_private();
    let folder = Folder::new(options.keep)?;
    let language = language(options.lang);
    let telephones = Gateway::open(TEXTS_SECRET, Trouble::default()).await.context("the simulated telephones")?;
    let exchange = Exchange::open().await.context("the simulated provider")?;
    let shop = Shop::open(TEXTS_SECRET, language).await.context("the simulated shop")?;
    let platforms = Platforms::open().await.context("the simulated platforms")?;
    let outside =
        Outside { texts: telephones.url(), provider: exchange.address, channels: platforms.configuration() + &shop.configuration() };
    let loaded = house(language, options.port.unwrap_or(PORT), &outside, &folder.path)?;
    let (app, house) = open(loaded, language).await?;
    println!("{}", welcome(language, house.web.port(), telephones.address.port()));
    let world = tokio::spawn(async move { tokio::join!(scene::play(house, language, exchange), platforms.play(house.web, language)) });
    let ended = signals::until_stopped(app).await;
    world.abort();
    drop(shop);
    ended
}

/// Starts the demo's house with its past.
async fn open(loaded: Loaded, language: &'static str) -> anyhow::Result<(App, scene::House)> {
    let clock = Clock::system();
    {
        let store = Store::open(&loaded.config.data())?;
        if store.next_call_id()? == 1 {
            super::declare_users(&loaded, &store, &clock).await?;
            past::write(&store, loaded.catalog.clone(), language, clock.now()).await?;
        }
    }
    let app = App::start(loaded, true).await?;
    let addresses = app.addresses();
    let sip = addresses.sip_udp.context("the demo has no SIP port")?;
    Ok((app, scene::House { sip, web: addresses.web }))
}

/// Where the simulated world is reached.
struct Outside {
    /// URL of the gateway for texts.
    texts: String,
    /// The provider's SIP over UDP.
    provider: SocketAddr,
    /// The channels of platforms, as they stand in the configuration.
    channels: String,
}

/// The demo's configuration, with its pages on this port and its data in this folder.
fn house(language: &'static str, port: u16, outside: &Outside, folder: &Path) -> anyhow::Result<Loaded> {
    let text = match language {
        "zh" => include_str!("../sim/house/zh.toml"),
        _ => include_str!("../sim/house/en.toml"),
    };
    let text = text
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
        .replace("http://127.0.0.1:1/messages", &outside.texts)
        .replace("127.0.0.1:5099", &outside.provider.to_string())
        + include_str!("../sim/house/tickets.toml")
        + &outside.channels;
    // Written down, so that the administrator's page can show, change and reload it like any other.
    let path = folder.join("hubline.toml");
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Config::load(&path).map_err(|report| anyhow::anyhow!("{report}"))
}

/// `zh` for any Chinese, else `en`.
fn language(asked: Option<String>) -> &'static str {
    let asked = asked
        .or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty())));
    if asked.is_some_and(|tag| tag.to_ascii_lowercase().starts_with("zh")) { "zh" } else { "en" }
}

fn welcome(language: &str, port: u16, texts: u16) -> String {
    match language {
        "zh" => format!(
            "\n  Hubline 演示已启动：请打开 http://localhost:{port}/demo\n  客户手机收到的短信：http://localhost:{texts}/\n  按 Ctrl-C 停止。\n"
        ),
        _ => format!(
            "\n  The Hubline demo is running: open http://localhost:{port}/demo\n  What customers' telephones are sent: http://localhost:{texts}/\n  Ctrl-C stops it.\n"
        ),
    }
}

/// The demo's folder: removed at the end, unless it is to be kept.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    fn new(keep: Option<PathBuf>) -> anyhow::Result<Folder> {
        let (path, keep) = match keep {
            Some(path) => (path, true),
            None => (std::env::temp_dir().join(format!("hubline-demo-{}", std::process::id())), false),
        };
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Folder { path, keep })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(folder = %self.path.display(), %error, "the demo's data could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_houses_are_configurations() {
        let folder = tempfile::tempdir().expect("a folder");
        let platforms = Platforms::open().await.expect("the platforms");
        for language in ["en", "zh"] {
            let shop = Shop::open(TEXTS_SECRET, language).await.expect("the shop");
            let channels = platforms.configuration() + &shop.configuration();
            let outside = Outside { texts: "http://127.0.0.1:9/messages".into(), provider: ([127, 0, 0, 1], 9).into(), channels };
            let loaded = house(language, 9, &outside, folder.path()).expect("a configuration");
            assert!(loaded.catalog.queues.len() > 2 && loaded.catalog.channels.len() > 9, "{language}");
        }
    }
}
