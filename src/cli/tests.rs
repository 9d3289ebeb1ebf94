//! Commands as they are typed, against real folders.

use super::*;
use clap::CommandFactory;
use std::path::Path;

/// Runs `hubline --config <folder>/hubline.toml …`.
fn hubline(folder: &Path, arguments: &[&str]) -> Outcome {
    let config = folder.join("hubline.toml");
    let config = config.to_str().expect("path");
    let typed: Vec<&str> = ["hubline", "--config", config].iter().chain(arguments).copied().collect();
    run(Cli::try_parse_from(typed).unwrap_or_else(|error| panic!("{error}")))
}

#[track_caller]
fn done(folder: &Path, arguments: &[&str]) {
    if let Err(failed) = hubline(folder, arguments) {
        panic!("hubline {arguments:?}: {}", failed.text());
    }
}

#[track_caller]
fn fails(folder: &Path, arguments: &[&str], code: u8, words: &str) {
    let failed = hubline(folder, arguments).expect_err("it went well");
    assert_eq!(failed.code(), code, "{}", failed.text());
    assert!(failed.text().contains(words), "{}", failed.text());
}

fn init(folder: &Path) {
    done(folder, &["init", "--lang", "en", "--dir", folder.to_str().expect("path"), "--admin", "mara"]);
}

#[test]
fn the_command_line_is_sound_and_every_command_teaches() {
    Cli::command().debug_assert();
    for command in Cli::command().get_subcommands().filter(|command| command.get_name() != "version") {
        let help = command.clone().render_long_help().to_string();
        assert!(help.contains("Example"), "{}:\n{help}", command.get_name());
    }
    let help = Cli::command().render_long_help().to_string();
    for code in ["0 when", "1 when", "2 on", "3 when", "4 when", "5 when"] {
        assert!(help.contains(code), "{help}");
    }
}

#[test]
fn a_new_configuration_is_good_and_free_of_warnings_in_both_languages() {
    for language in ["en", "zh-CN"] {
        let text = init::text(language, "mara", Path::new("data"));
        let loaded = Config::parse(&text, Path::new("hubline.toml")).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(loaded.warnings, [], "{language}");
        assert_eq!(loaded.config.site.language.get_ref(), language);
        // What is offered for removing its comment sign works as well.
        let full: String = text.lines().map(uncommented).collect();
        let full = full.replace("{ env = \"HUBLINE_TRUNK_PASSWORD\" }", "\"secret\"");
        let loaded = Config::parse(&full, Path::new("hubline.toml")).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!((loaded.catalog.lines.len(), loaded.config.channels.len()), (1, 1), "{language}");
    }
}

/// A comment that is a table or a key becomes one.
fn uncommented(line: &str) -> String {
    let key = |rest: &str| {
        rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    format!("{}\n", line.strip_prefix("# ").filter(|rest| key(rest)).unwrap_or(line))
}

#[test]
fn init_makes_everything_once() {
    let folder = tempfile::tempdir().expect("folder");
    init(folder.path());
    assert!(folder.path().join("data/hubline.db").exists());
    done(folder.path(), &["check"]);
    done(folder.path(), &["user", "list"]);
    let again = ["init", "--dir", folder.path().to_str().expect("path")];
    fails(folder.path(), &again, 1, "exists already");
    assert!(Cli::try_parse_from(["hubline", "init", "--lang", "fr"]).is_err());
    assert!(Cli::try_parse_from(["hubline", "init", "--admin", "Mara Voss"]).is_err());
}

#[test]
fn init_puts_the_data_where_it_is_told_and_says_so_in_the_configuration() {
    let (folder, data) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let elsewhere = data.path().join("with \"quotes\"");
    let (dir, told) = (folder.path().to_str().expect("path"), elsewhere.to_str().expect("path"));
    done(folder.path(), &["init", "--dir", dir, "--data", told]);
    assert!(elsewhere.join("hubline.db").exists() && !folder.path().join("data").exists());
    // Every later command finds it by the configuration alone.
    done(folder.path(), &["user", "invite", "admin"]);
    assert!(!folder.path().join("data").exists());
}

#[test]
fn users_are_those_of_the_configuration() {
    let folder = tempfile::tempdir().expect("folder");
    init(folder.path());
    done(folder.path(), &["user", "invite", "mara"]);
    fails(folder.path(), &["user", "invite", "jo"], 1, "declares no agent `jo`; it has: mara");
    let path = folder.path().join("hubline.toml");
    let text = std::fs::read_to_string(&path).expect("read") + "\n[[agents]]\nid = \"jo\"\nqueues = [\"service\"]\n";
    std::fs::write(&path, text).expect("write");
    done(folder.path(), &["user", "invite", "jo"]);
}

#[test]
fn an_invitation_leads_to_the_public_address() {
    let text = |server: &str| init::text("en", "mara", Path::new("data")).replace("listen = \"0.0.0.0:8443\"", server);
    let url = |server: &str| base::url(&Config::parse(&text(server), Path::new("hubline.toml")).expect(server).config);
    assert_eq!(url("public_url = \"https://desk.example/\""), "https://desk.example");
    assert_eq!(url("listen = \"127.0.0.1:8080\"\ntls = \"off\""), "http://localhost:8080");
    assert_eq!(url("listen = \"[2001:db8::1]:8443\""), "https://[2001:db8::1]:8443");
    assert!(url("listen = \"0.0.0.0:9000\"").ends_with(":9000"));

    let folder = tempfile::tempdir().expect("folder");
    init(folder.path());
    let loaded = load(&folder.path().join("hubline.toml")).unwrap_or_else(|failed| panic!("{}", failed.text()));
    let link = block_on(user::invite(&loaded, "mara")).expect("runtime").expect("link");
    let (_, token) = link.split_once("/invite/").expect("a link");
    assert_eq!(token.len(), 64, "{link}");
}

#[test]
fn what_was_backed_up_comes_back() {
    let folder = tempfile::tempdir().expect("folder");
    init(folder.path());
    let loaded = load(&folder.path().join("hubline.toml")).unwrap_or_else(|failed| panic!("{}", failed.text()));
    block_on(user::set_password(&loaded, "mara", "correct horse battery")).expect("runtime").expect("password");
    let archive = folder.path().join("backup.tar");
    let archive = archive.to_str().expect("path");
    done(folder.path(), &["backup", archive]);
    fails(folder.path(), &["restore", archive], 1, "--replace");
    done(folder.path(), &["restore", archive, "--replace"]);

    let elsewhere = tempfile::tempdir().expect("folder");
    done(elsewhere.path(), &["restore", archive]);
    let loaded = load(&elsewhere.path().join("hubline.toml")).unwrap_or_else(|failed| panic!("{}", failed.text()));
    let rows = block_on(async { crate::store::users::list(&user::open(&loaded).expect("store")).await }).expect("runtime").expect("rows");
    assert!(rows.iter().any(|row| row.id.as_str() == "mara" && row.has_password));
}

#[test]
fn each_way_to_fail_has_its_code() {
    let folder = tempfile::tempdir().expect("folder");
    fails(folder.path(), &["check"], 3, "cannot read");
    init(folder.path());
    fails(folder.path(), &["reload"], 4, "no Hubline is running");
    let path = folder.path().join("hubline.toml");
    let text = std::fs::read_to_string(&path).expect("read").replace("queues = [\"service\"]", "queues = [\"servise\"]");
    std::fs::write(&path, text).expect("write");
    fails(folder.path(), &["check"], 3, "did you mean `service`");
    fails(folder.path(), &["check"], 3, "1 error, ");
    assert_eq!(Cli::try_parse_from(["hubline", "chek"]).expect_err("typo").exit_code(), 2);
}

#[test]
fn a_leftover_pid_file_is_no_running_server() {
    let folder = tempfile::tempdir().expect("folder");
    for text in ["", "rubbish", "999999999", "-1", "1", &std::process::id().to_string()] {
        std::fs::write(folder.path().join(running::PID_FILE), text).expect("write");
        assert!(running::process(folder.path()).is_none(), "{text}");
    }
}
