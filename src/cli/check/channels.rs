//! Live checks of the platforms: token, rights, address, mailbox, as each connector tries them.

use super::live::Finding::{self, Bad, Good};
use crate::channels::config::ChannelSection;
use crate::channels::platform::Probe;
use crate::channels::{Opening, open};
use crate::config::Config;
use crate::config::words::say;

/// What each connector tried. A chat window needs nobody else.
pub(super) async fn check(config: &Config, section: &ChannelSection, base: Option<&str>) -> Vec<Finding> {
    // Nothing that a trial says is marked as ours.
    match open(Opening::of(section, &config.folder, base, [0; 32])) {
        Err(error) => vec![Bad(format!("{error:#}"))],
        Ok(None) => Vec::new(),
        Ok(Some(platform)) => {
            let language = config.site.language.get_ref().as_str();
            platform.probe().await.into_iter().map(|probe| found(language, probe)).collect()
        }
    }
}

/// The same sentences as on the page of channels.
fn found(language: &str, probe: Probe) -> Finding {
    let what = say(language, &format!("channels.probe.{}", probe.what), &[]);
    let both = |said: &str| say(language, "channels.found", &[("what", &what), ("said", said)]);
    match probe.result {
        Ok(said) if said.is_empty() => Good(what),
        Ok(said) => Good(both(&said)),
        Err(trouble) => {
            let (kind, why) = trouble.told();
            let trouble = both(&say(language, &format!("channels.trouble.{kind}"), &[("why", &why)]));
            Bad(format!("{trouble}. {}", say(language, "channels.look_at", &[("setting", probe.setting)])))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::platform::Trouble;

    #[test]
    fn a_finding_says_what_is_wrong_and_where_to_look() {
        let refused = |language| {
            let result = Err(Trouble::Refused("LOGIN failed".into()));
            found(language, Probe { what: "imap_login", result, setting: "user, password" })
        };
        assert_eq!(refused("en"), Bad("The mailbox lets us in: refused: LOGIN failed. Look at: user, password".into()));
        assert_eq!(refused("zh-CN"), Bad("登录邮箱：被拒绝：LOGIN failed. 请检查：user, password".into()));
        let well = Probe { what: "whatsapp_templates", result: Ok("3/4".into()), setting: "" };
        assert_eq!(found("en", well), Good("Templates approved: 3/4".into()));
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
