//! The languages against each other, and against the pages that use them.

use super::{Files, I18n, clock, embedded_texts, fill};
use crate::desk::id::At;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Keys without the plural ending; a language has those endings that it needs (Chinese has no `.one`).
fn stems(texts: &BTreeMap<String, String>) -> BTreeSet<&str> {
    texts.keys().map(|k| k.strip_suffix(".one").or(k.strip_suffix(".other")).unwrap_or(k)).collect()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn every_language_says_the_same_keys_with_the_same_placeholders() {
    let all = embedded_texts().unwrap();
    let english = &all["en"];
    assert!(all.len() >= 2 && english.len() > 100);
    for (language, texts) in &all {
        let (here, there) = (stems(texts), stems(english));
        assert_eq!(here.difference(&there).collect::<Vec<_>>(), Vec::<&&str>::new(), "only in {language}");
        assert_eq!(there.difference(&here).collect::<Vec<_>>(), Vec::<&&str>::new(), "missing in {language}");
        for (key, text) in texts {
            assert!(!text.trim().is_empty(), "{language}: {key} is empty");
            if let Some(original) = english.get(key) {
                assert_eq!(placeholders(text), placeholders(original), "{language}: {key}");
            }
        }
    }
}

#[test]
fn every_key_that_a_page_uses_is_said() {
    let i18n = I18n::embedded().unwrap();
    let english = i18n.fallback();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("templates"), &mut files);
    collect(&root.join("src/web"), &mut files);
    let mut seen = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (call, plural) in [(".t(\"", false), (".t1(\"", false), (".t2(\"", false), (".targs(\"", false), (".n(\"", true)] {
            for (at, _) in text.match_indices(call) {
                let Some(key) = text[at + call.len()..].split('"').next() else {
                    continue;
                };
                // Tests ask for keys that must not exist.
                if file.file_name().is_some_and(|n| n == "tests.rs") || !key.contains('.') {
                    continue;
                }
                seen += 1;
                let key = if plural { format!("{key}.other") } else { key.to_owned() };
                assert!(english.has(&key), "{}: {key} is nowhere said", file.display());
            }
        }
    }
    assert!(seen > 100, "the scan found only {seen} keys");
}

#[test]
fn every_word_of_the_desks_scripts_is_said() {
    let english = I18n::embedded().unwrap().fallback();
    let words = english.under("desk.js");
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("static/desk"), &mut files);
    let mut seen = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("say(\"") {
            let word = text[at + 5..].split('"').next().unwrap();
            seen += 1;
            assert!(words.contains_key(word), "{}: desk.js.{word} is nowhere said", file.display());
        }
    }
    assert!(seen > 50, "the scan found only {seen} words");
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        match entry.path() {
            path if path.is_dir() => collect(&path, files),
            path if path.extension().is_some_and(|e| e == "html" || e == "rs" || e == "js") => files.push(path),
            _ => {}
        }
    }
}

#[test]
fn the_language_is_the_users_then_the_cookies_then_the_browsers_then_the_sites() {
    let i18n = I18n::embedded().unwrap();
    let choose = |s, c, a, site| i18n.choose(s, c, a, site).code().to_owned();
    assert_eq!(choose(Some("zh-CN"), Some("en"), Some("en"), "en"), "zh-CN");
    assert_eq!(choose(None, Some("zh-CN"), Some("en"), "en"), "zh-CN");
    assert_eq!(choose(None, None, Some("fr, zh-Hans-SG;q=0.8, en;q=0.5"), "en"), "zh-CN");
    assert_eq!(choose(None, None, Some("en;q=0.5, zh;q=0"), "zh-CN"), "en");
    assert_eq!(choose(None, Some("../../etc"), Some("*"), "zh-CN"), "zh-CN");
    assert_eq!(choose(None, None, None, "xx"), "en");
}

#[test]
fn values_are_filled_and_counts_choose_their_form() {
    assert_eq!(fill("{a} of {b}, {c}, {", &[("a", &1), ("b", &"x")]), "1 of x, {c}, {");
    let i18n = I18n::embedded().unwrap();
    let (en, zh) = (i18n.get("en").unwrap(), i18n.get("zh-CN").unwrap());
    assert_eq!(en.n("admin.config.errors", 1), "1 error");
    assert_eq!(en.n("admin.config.errors", 2), "2 errors");
    assert_eq!(zh.n("admin.config.errors", 1), "1 个错误");
    assert_eq!(en.t("no.such"), "no.such");
}

#[test]
fn lengths_and_moments_are_written_as_each_language_does() {
    let i18n = I18n::embedded().unwrap();
    let (en, zh) = (i18n.get("en").unwrap(), i18n.get("zh-CN").unwrap());
    assert_eq!(clock(31_000), "0:31");
    assert_eq!(clock(3_723_999), "1:02:03");
    assert_eq!((en.duration(7_800_000), zh.duration(7_800_000)), ("2 h 10 m".into(), "2 小时 10 分".into()));
    assert_eq!((en.duration(-5), en.duration(7_200_000)), ("0 s".into(), "2 h".into()));
    assert_eq!((en.number(1234), en.number(-1_234_567)), ("1234".into(), "\u{2212}1\u{202f}234\u{202f}567".into()));
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    // 2026-11-12 17:02 UTC, a Thursday.
    let at = At(1_794_502_920_000);
    assert_eq!(en.time(at, &zone), "18:02");
    assert_eq!(en.day(at, at, &zone), "Today");
    assert_eq!(en.day(at, at.after(86_400_000), &zone), "Yesterday");
    assert_eq!(en.day(at, at.after(5 * 86_400_000), &zone), "Thursday, 12 November");
    assert_eq!(zh.day(at, at.after(5 * 86_400_000), &zone), "11月12日 星期四");
    assert_eq!(en.day(at, at.after(90 * 86_400_000), &zone), "Thursday, 12 November 2026");
    assert_eq!(en.moment(at, at.after(5 * 86_400_000), &zone), "12 Nov 18:02");
    assert_eq!((en.ago(at, at.after(59_000)), zh.ago(at, at.after(3 * 60_000))), ("now".into(), "3 分".into()));
}

#[test]
fn a_folder_of_own_texts_overrides_and_adds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("de")).unwrap();
    std::fs::create_dir_all(folder.path().join("en")).unwrap();
    std::fs::write(folder.path().join("de/shell.toml"), "[language]\nname = \"Deutsch\"\n").unwrap();
    std::fs::write(folder.path().join("en/mine.toml"), "[login]\ntitle = \"Come in\"\n").unwrap();
    let i18n = I18n::with_overlay(folder.path()).unwrap();
    assert_eq!(i18n.fallback().t("login.title"), "Come in");
    let german = i18n.get("de").unwrap();
    assert_eq!((german.t("language.name"), german.t("login.title")), ("Deutsch", "Come in"));
    std::fs::write(folder.path().join("en/mine.toml"), "[login]\ntitle = 3\n").unwrap();
    assert!(I18n::with_overlay(folder.path()).is_err());
    assert!(Files::iter().count() >= 4);
}
