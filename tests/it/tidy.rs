//! The shape of the source: what a reader relies on, checked as any other behaviour is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files may not be longer; what is longer hides a second thing.
const LONGEST: usize = 500;

/// Who may import whom: a module, and what of ours it may name. Configuration sections are defined by their modules, so each may name the
/// kinds of value of `config::value`, and `config` may name every section.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("rtp", &[]),
    ("clock", &["desk"]),
    ("download", &[]),
    ("desk", &["config"]),
    ("store", &["desk", "clock", "config"]),
    ("auth", &["desk", "store", "clock", "config"]),
    ("switchboard", &["desk", "store", "auth", "clock"]),
    ("sound", &["rtp"]),
    ("media", &["rtp", "sound", "config", "clock"]),
    ("sip", &["rtp", "media", "config", "clock"]),
    ("webrtc", &["rtp", "media", "clock"]),
    ("reach", &["config"]),
    ("speech", &["config", "media", "reach"]),
    ("lookup", &["desk", "store", "switchboard", "config", "clock", "reach"]),
    ("webhooks", &["desk", "store", "switchboard", "config", "clock", "reach"]),
    ("voice", &["desk", "store", "auth", "switchboard", "rtp", "sound", "media", "sip", "webrtc", "speech", "clock"]),
    ("channels", &["desk", "store", "auth", "switchboard", "clock", "config", "download", "reach"]),
    ("web", &["desk", "store", "auth", "switchboard", "clock", "config", "media", "rtp", "sound", "download", "webhooks"]),
    ("tls", &["desk", "config", "web", "clock"]),
    ("config", &["desk", "store", "sip", "media", "channels", "lookup", "speech", "web", "reach", "webhooks"]),
    ("sim", &["desk", "store"]),
    (
        "app",
        &[
            "desk",
            "store",
            "auth",
            "switchboard",
            "rtp",
            "sound",
            "media",
            "sip",
            "webrtc",
            "voice",
            "speech",
            "lookup",
            "reach",
            "webhooks",
            "channels",
            "web",
            "tls",
            "config",
            "sim",
            "clock",
        ],
    ),
    ("cli", &["app", "channels", "reach", "auth", "clock", "config", "desk", "media", "sim", "sip", "store", "tls", "web"]),
    ("main", &[]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files under a folder with one of these endings.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

/// Tests live in files of their own, so that they never hide a file's size; short ones may stand at the end of theirs.
fn is_test(path: &Path) -> bool {
    let name = name(path);
    name.contains("/tests/") || name.ends_with("/tests.rs") || name.ends_with("_tests.rs")
}

/// The part of a file that is not its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("readable");
    match text.find("#[cfg(test)]\nmod tests {") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The same without comments and doc comments.
fn bare(path: &Path) -> String {
    let without = |line: &str| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() };
    code(path).lines().map(without).collect::<Vec<_>>().join("\n")
}

fn none_of(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let long = files("src", &[".rs"]).into_iter().filter(|path| !is_test(path)).filter_map(|path| {
        let lines = code(&path).lines().count();
        (lines > LONGEST).then(|| format!("{} has {lines} lines", name(&path)))
    });
    none_of("longer than 500 lines", long.collect());
}

#[test]
fn files_say_what_they_are_for() {
    let silent = files("src", &[".rs"]).into_iter().filter(|path| !is_test(path));
    let silent = silent.filter(|path| !fs::read_to_string(path).expect("readable").starts_with("//!"));
    none_of("without a first paragraph", silent.map(|path| name(&path)).collect());
}

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    let modules: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    for path in files("src", &[".rs"]).into_iter().filter(|path| !is_test(path)) {
        let name = name(&path);
        let module = name.trim_start_matches("src/").split(['/', '.']).next().expect("a name").to_owned();
        if module == "lib" {
            continue;
        }
        let Some(may) = modules.get(module.as_str()) else {
            wrong.push(format!("{name}: which modules may {module} import?"));
            continue;
        };
        let text = bare(&path);
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + "crate::".len()..];
            let named: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let known = modules.contains_key(named.as_str());
            if known && named != module && !may.contains(&named.as_str()) {
                wrong.push(format!("{name} names {named}"));
            }
            // Of the configuration, a module below it may name only the kinds of value.
            let below = ["desk", "store", "media", "sip", "channels"].contains(&module.as_str());
            if below && named == "config" && !rest.starts_with("config::value") {
                wrong.push(format!("{name} names more of the configuration than its kinds of value"));
            }
        }
    }
    none_of("imports against the order", wrong);
}

#[test]
fn the_desk_is_pure() {
    let wrong = files("src/desk", &[".rs"]).into_iter().filter(|path| !is_test(path)).flat_map(|path| {
        let text = bare(&path);
        let found = [
            "tokio",
            "rusqlite",
            "std::fs",
            "std::net",
            "std::thread",
            "SystemTime",
            "Instant::now",
            " rand::",
            "(rand::",
            "use rand",
            "async fn",
        ];
        found.into_iter().filter(|word| text.contains(word)).map(|word| format!("{} has {word}", name(&path))).collect::<Vec<_>>()
    });
    none_of("not pure", wrong.collect());
}

/// A number that leaves the house was planned: by the limits, the permissions, the list of what is dear.
#[test]
fn a_number_leaves_the_house_in_one_way() {
    let made_in = |word: &str, allowed: &[&str]| -> Vec<String> {
        let sources = files("src", &[".rs"]).into_iter().filter(|path| !is_test(path));
        let wrong = sources.filter(|path| bare(path).contains(word) && !allowed.contains(&name(path).as_str()));
        wrong.map(|path| format!("{} has {word}", name(&path))).collect()
    };
    let wrong = [
        // Routes are made by the plan, acts of dialling beside it, and voice turns a route into a call at one place.
        made_in("DialRoute {", &["src/desk/dial/route.rs"]),
        made_in("VoiceAct::Dial {", &["src/desk/dial/call.rs", "src/voice/call.rs"]),
        made_in("way::outgoing(", &["src/voice/call/dial.rs", "src/voice/trial.rs"]),
        // Besides, only desk phones are called, and they are no trunk's.
        made_in("endpoint.invite(", &["src/voice/call/dial.rs", "src/voice/trial.rs", "src/voice/call/legs.rs"]),
        made_in("Some(Outgoing {", &["src/voice/way.rs"]),
    ];
    none_of("past the plan", wrong.into_iter().flatten().collect());
}

#[test]
fn time_is_read_in_one_place() {
    // Simulated customers and the media threads' own sleep live in real time by nature.
    let allowed = ["src/clock.rs", "src/sim/"];
    let wrong = files("src", &[".rs"]).into_iter().filter(|path| !is_test(path)).filter(|path| {
        let (name, text) = (name(path), bare(path));
        !allowed.iter().any(|start| name.starts_with(start))
            && ["Instant::now()", "SystemTime::now()", "Timestamp::now()", "Zoned::now()"].iter().any(|read| text.contains(read))
    });
    none_of("reads the clock", wrong.map(|path| name(&path)).collect());
}

#[test]
fn nothing_grows_without_bound_and_nothing_is_left_undone() {
    let words = ["unbounded_channel", "mpsc::unbounded", "todo!(", "unimplemented!(", "#[ignore", "dbg!("];
    let wrong =
        files("src", &[".rs"]).into_iter().chain(files("tests", &[".rs"])).filter(|path| !path.ends_with("tidy.rs")).flat_map(|path| {
            let text = bare(&path);
            words.into_iter().filter(|word| text.contains(word)).map(|word| format!("{} has {word}", name(&path))).collect::<Vec<_>>()
        });
    none_of("unbounded or undone", wrong.collect());
}

#[test]
fn nothing_is_unsafe() {
    // The one fence: libopus translated to Rust is still called as C is.
    let fenced = |path: &PathBuf| name(path) == "src/sound/opus.rs";
    let wrong = files("src", &[".rs"])
        .into_iter()
        .filter(|path| !fenced(path) && (bare(path).contains("unsafe {") || bare(path).contains("unsafe fn")));
    none_of("unsafe", wrong.map(|path| name(&path)).collect());
}

#[test]
fn every_page_has_its_template() {
    let mut wrong = Vec::new();
    let sources: Vec<String> = files("src", &[".rs"]).iter().map(|path| fs::read_to_string(path).expect("readable")).collect();
    let templates: Vec<String> = files("templates", &[".html"]).iter().map(|path| fs::read_to_string(path).expect("readable")).collect();
    for path in files("templates", &[".html"]) {
        let short = name(&path).trim_start_matches("templates/").to_owned();
        let named = format!("\"{short}\"");
        if !sources.iter().chain(&templates).any(|text| text.contains(&named)) {
            wrong.push(format!("{short} is drawn by nothing"));
        }
    }
    none_of("templates", wrong);
}

#[test]
fn pages_need_no_inline_script_or_style() {
    let wrong = files("templates", &[".html"]).into_iter().flat_map(|path| {
        let text = fs::read_to_string(&path).expect("readable");
        let found = [" style=\"", "<style", " onclick=", " onload=", " onsubmit=", "javascript:"];
        found.into_iter().filter(|word| text.contains(word)).map(|word| format!("{} has {word}", name(&path))).collect::<Vec<_>>()
    });
    none_of("against the content security policy", wrong.collect());
}

#[test]
fn the_repository_speaks_of_itself_alone() {
    let folders = ["src", "tests", "templates", "static", "locales", "benches", "packaging"];
    let endings = [".rs", ".md", ".toml", ".html", ".js", ".css", ".txt", ".service"];
    let mut paths: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder, &endings)).collect();
    paths.extend(
        ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CHANGELOG.md", "COMPAT.md", "config.example.toml", ".ci/run"]
            .map(|file| root().join(file)),
    );
    let strange = ["/roo".to_owned() + "t/", "/hom".to_owned() + "e/", "/work/".to_owned() + "main", "/work/".to_owned() + "scratch"];
    let wrong = paths.iter().filter(|path| {
        let text = fs::read_to_string(path).expect("readable");
        strange.iter().any(|word| text.contains(word.as_str()))
    });
    none_of("paths of somebody's machine", wrong.map(|path| name(path)).collect());
}

#[test]
fn the_chat_window_is_small() {
    let script = fs::read(root().join("static/chat/widget.js")).expect("readable");
    // Compressed it is about a third; the promise is 30 KB compressed, so 60 KB as it stands keeps it with room to spare.
    assert!(script.len() < 60_000, "{} bytes", script.len());
}
