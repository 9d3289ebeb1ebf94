//! `hubline init`: from nothing to a configuration that works, an administrator, and what to do next.

use super::{Failed, Outcome, base, block_on, load, show, user};
use crate::config::words::say;
use anyhow::{Context, bail};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const EN: &str = include_str!("init/en.toml");
const ZH: &str = include_str!("init/zh-CN.toml");

/// Write a working configuration with comments, make the data folder and the administrator, and say what to do next.
///
/// The configuration is short on purpose; every further key is explained in config.example.toml. Nothing that exists is overwritten.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  hubline init\n  hubline init --lang zh-CN --dir /etc/hubline --data /var/lib/hubline\n  hubline init --admin mara --password"
)]
pub(super) struct Init {
    /// Language of the configuration's comments and of the pages: en or zh-CN. Default: the system's.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    lang: Option<String>,
    /// Where hubline.toml and the data folder are made.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// The data folder, from `--dir` unless the path is absolute; it is written into the configuration.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    data: PathBuf,
    /// Log-in name of the administrator.
    #[arg(long, value_name = "NAME", default_value = "admin", value_parser = login)]
    admin: String,
    /// Ask for the administrator's password now, instead of printing a link by which it is set.
    #[arg(long)]
    password: bool,
}

impl Init {
    pub fn run(self) -> Outcome {
        let language = self.lang.clone().unwrap_or_else(system_language);
        let path = self.dir.join("hubline.toml");
        std::fs::create_dir_all(&self.dir).with_context(|| format!("cannot make {}", self.dir.display()))?;
        write_new(&path, &text(&language, &self.admin, &self.data))?;
        let loaded = load(&path)?;
        // What customers say and write is nobody's business but the owner's.
        let data = loaded.config.data();
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let values = [("file", path.display().to_string()), ("data", data.display().to_string())];
        let link = block_on(async {
            if self.password {
                user::set_password(&loaded, &self.admin, &user::read_password()?).await?;
                return anyhow::Ok(None);
            }
            Ok(Some(user::invite(&loaded, &self.admin).await?))
        })??;
        let tell = |key: &str, more: &[(&str, &str)]| {
            let mut all: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            all.extend_from_slice(more);
            show(&say(&language, key, &all));
        };
        tell("cli.init.made", &[]);
        let url = base::url(&loaded.config);
        tell("cli.init.start", &[("url", &url)]);
        match link {
            Some(link) => tell("cli.init.invite", &[("id", &self.admin), ("link", &link)]),
            None => tell("cli.init.login", &[("id", &self.admin), ("url", &url)]),
        }
        tell("cli.init.next", &[]);
        Ok(())
    }
}

/// The configuration that a new installation begins with.
pub(super) fn text(language: &str, admin: &str, data: &Path) -> String {
    let (template, zone) = if language == "zh-CN" { (ZH, "Asia/Shanghai") } else { (EN, "UTC") };
    let system = jiff::tz::TimeZone::system();
    let zone = system.iana_name().filter(|name| *name != "UTC" && *name != "Etc/UTC" && *name != "Etc/Unknown").unwrap_or(zone);
    let data = toml::Value::from(data.to_string_lossy().as_ref()).to_string();
    template.replace("{timezone}", zone).replace("{admin}", admin).replace("{data}", &data)
}

/// It may come to hold passwords, so only its owner reads it.
fn write_new(path: &Path, text: &str) -> Result<(), Failed> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(path);
    match opened {
        Ok(mut file) => Ok(file.write_all(text.as_bytes())?),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(anyhow::anyhow!("{} exists already; nothing was changed", path.display()).into())
        }
        Err(error) => Err(anyhow::anyhow!("cannot write {}: {error}", path.display()).into()),
    }
}

/// `en` or `zh-CN`, from whatever way of writing it.
pub(super) fn language(text: &str) -> anyhow::Result<String> {
    match text.to_ascii_lowercase().get(..2) {
        Some("zh") => Ok("zh-CN".to_owned()),
        Some("en") => Ok("en".to_owned()),
        _ => bail!("languages are en and zh-CN"),
    }
}

fn login(text: &str) -> anyhow::Result<String> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if text.len() > 64 || !text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) || !text.chars().all(fine) {
        bail!("a log-in name has lower-case letters, digits, `.`, `_` or `-`");
    }
    Ok(text.to_owned())
}

/// By the first of the variables that say so (POSIX, §8.2).
pub(super) fn system_language() -> String {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let tag = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default();
    if tag.starts_with("zh") { "zh-CN".to_owned() } else { "en".to_owned() }
}
