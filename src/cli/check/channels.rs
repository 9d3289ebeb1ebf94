//! Live checks of the platforms: token, rights, address, mailbox, as each connector tries them.

use super::live::Finding::{self, Bad, Good, Odd};
use crate::channels::config::ChannelSection;
use crate::channels::platform::{Found, Platform, Probe};
use crate::channels::reached::{self, Mark};
use crate::channels::{Opening, open};
use crate::config::Config;
use crate::config::words::say;
use crate::desk::id::ChannelId;
use crate::store::{Store, channel_events};

/// What each connector tried. A chat window needs nobody else.
pub(super) async fn check(config: &Config, section: &ChannelSection, base: Option<&str>, mark: Option<&Mark>) -> Vec<Finding> {
    // Nothing that a trial says is marked as ours.
    let opening = Opening::of(section, &config.folder, base, [0; 32]);
    let hook = opening.hook.clone();
    match open(opening) {
        Err(error) => vec![Bad(format!("{error:#}"))],
        Ok(None) => Vec::new(),
        Ok(Some(platform)) => {
            let id = ChannelId::from(section.id.get_ref().as_str());
            recall(config, &id, platform.as_ref()).await;
            let mut probes = platform.probe().await;
            probes.extend(reached::probe(platform.as_ref(), &id, hook.as_deref(), mark).await);
            let language = config.site.language.get_ref().as_str();
            probes.into_iter().map(|probe| found(language, probe)).collect()
        }
    }
}

/// What a connector renews by itself is in the data folder; a house that never ran has nothing there.
async fn recall(config: &Config, id: &ChannelId, platform: &dyn Platform) {
    let Ok(store) = Store::look(&config.data()) else { return };
    if let Ok(Some(cursor)) = channel_events::cursor(&store, id).await {
        platform.recall(&cursor);
    }
}

/// The same sentences as on the page of channels.
fn found(language: &str, probe: Probe) -> Finding {
    let what = say(language, &format!("channels.probe.{}", probe.what), &[]);
    let both = |said: &str| say(language, "channels.found", &[("what", &what), ("said", said)]);
    let seen_to = |key: String, why: &str| {
        let trouble = both(&say(language, &key, &[("why", why)]));
        format!("{trouble}. {}", say(language, "channels.look_at", &[("setting", probe.setting)]))
    };
    match probe.found {
        Found::Well(said) if said.is_empty() => Good(what),
        Found::Well(said) => Good(both(&said)),
        Found::Odd(odd) => {
            let (kind, why) = odd.told();
            Odd(seen_to(format!("channels.odd.{kind}"), &why))
        }
        Found::Bad(trouble) => {
            let (kind, why) = trouble.told();
            Bad(seen_to(format!("channels.trouble.{kind}"), &why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::platform::{self, Trouble};

    #[test]
    fn a_finding_says_what_is_wrong_and_where_to_look() {
        let refused = |language| {
            let refused = Found::Bad(Trouble::Refused("LOGIN failed".into()));
            found(language, Probe { what: "imap_login", found: refused, setting: "user, password" })
        };
        assert_eq!(refused("en"), Bad("The mailbox lets us in: refused: LOGIN failed. Look at: user, password".into()));
        assert_eq!(refused("zh-CN"), Bad("登录邮箱：被拒绝：LOGIN failed. 请检查：user, password".into()));
        let well = Probe { what: "whatsapp_templates", found: Found::Well("3/4".into()), setting: "" };
        assert_eq!(found("en", well), Good("Templates approved: 3/4".into()));
        let ends = |language| {
            let ends = Found::Odd(platform::Odd::Ends { days: 6 });
            found(language, Probe { what: "douyin_token", found: ends, setting: "授权管理" })
        };
        assert_eq!(
            ends("en"),
            Odd("The access token of Douyin is given: it ends in 6 days: give it anew before. Look at: 授权管理".into())
        );
        assert_eq!(ends("zh-CN"), Odd("取得抖音的 access_token：6 天后失效：请提前重新授权. 请检查：授权管理".into()));
    }

    /// Each name that a connector gives its trials.
    #[test]
    fn every_trial_has_a_sentence_in_both_languages() {
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/channels"))];
        let mut names = std::collections::BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => {
                        let text = std::fs::read_to_string(path).unwrap_or_default();
                        let named = text.split("Probe {").skip(1).filter_map(|rest| {
                            let rest = rest.trim_start().strip_prefix("what: \"")?;
                            rest.split_once('"').map(|(name, _)| name.to_owned())
                        });
                        names.extend(named);
                    }
                }
            }
        }
        assert!(names.len() > 25, "{names:?}");
        for name in names {
            let key = format!("channels.probe.{name}");
            assert_ne!(say("en", &key, &[]), key);
            assert_ne!(say("zh-CN", &key, &[]), say("en", &key, &[]), "{name} in Chinese");
        }
    }
}
