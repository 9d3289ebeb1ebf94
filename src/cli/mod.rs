//! The command line: one file per subcommand. Here is the table of them, what they share, and how each ends.

mod backup;
mod base;
mod call;
mod check;
mod demo;
mod init;
mod logs;
mod reload;
mod restore;
mod running;
mod seed;
mod serve;
mod simulate;
#[cfg(test)]
mod tests;
mod user;
mod version;

use crate::config::words::say;
use crate::config::{Config, Loaded, Report};
use clap::{Parser, Subcommand};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// A whole contact centre in one executable: phones, browsers and messages ring at one desk.
#[derive(Debug, Parser)]
#[command(
    name = "hubline",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Try it without any configuration:\n  hubline demo\n\n\
                  Set it up:\n  hubline init --dir /etc/hubline\n  hubline check --config /etc/hubline/hubline.toml\n  \
                  hubline serve --config /etc/hubline/hubline.toml\n\n\
                  It ends with 0 when all went well, 1 when something failed, 2 on a wrong command line,\n\
                  3 when the configuration has errors, 4 when no Hubline is running, 5 when a live check failed."
)]
struct Cli {
    /// The configuration file.
    #[arg(short, long, global = true, env = "HUBLINE_CONFIG", default_value = "hubline.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Init(init::Init),
    Check(check::Check),
    Demo(demo::Demo),
    User(user::User),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Reload(reload::Reload),
    Call(call::Call),
    Simulate(simulate::Simulate),
    #[command(hide = true)]
    Seed(seed::Seed),
    Version(version::Version),
}

/// Why a command ends without success.
#[derive(Debug)]
enum Failed {
    /// 1
    Error(anyhow::Error),
    /// 3
    Config(Box<Report>),
    /// 3: the running server has refused the file; its report, as text.
    Refused(String),
    /// 4
    NotRunning(PathBuf),
    /// 5: how many live checks failed.
    Live(usize),
}

impl Failed {
    /// The exit code, as `hubline --help` lists them.
    fn code(&self) -> u8 {
        match self {
            Failed::Error(_) => 1,
            Failed::Config(_) | Failed::Refused(_) => 3,
            Failed::NotRunning(_) => 4,
            Failed::Live(_) => 5,
        }
    }

    fn text(&self) -> String {
        match self {
            Failed::Error(error) => format!("error: {error:#}"),
            Failed::Config(report) => {
                let shown = if std::io::stderr().is_terminal() { report.coloured() } else { report.plain() };
                format!("{shown}\n\n{}", summary(report))
            }
            Failed::Refused(report) => format!("{report}\n\nthe running configuration is unchanged"),
            Failed::NotRunning(data) => format!("error: no Hubline is running on {}", data.display()),
            Failed::Live(1) => "1 live check failed".to_owned(),
            Failed::Live(failures) => format!("{failures} live checks failed"),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Failed {
        Failed::Error(error.into())
    }
}

type Outcome = Result<(), Failed>;

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    // Two providers could be compiled in by a dependency's defaults; rustls wants to be told which one counts.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("error: a cryptography provider is installed already");
        return ExitCode::FAILURE;
    }
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{}", failed.text());
            ExitCode::from(failed.code())
        }
    }
}

fn run(cli: Cli) -> Outcome {
    let config = cli.config;
    match cli.command {
        Command::Serve(command) => command.run(config),
        Command::Init(command) => command.run(),
        Command::Check(command) => command.run(&config),
        Command::Demo(command) => command.run(),
        Command::User(command) => command.run(&config),
        Command::Backup(command) => command.run(&config),
        Command::Restore(command) => command.run(&config),
        Command::Reload(command) => command.run(&config),
        Command::Call(command) => command.run(&config),
        Command::Simulate(command) => command.run(&config),
        Command::Seed(command) => command.run(&config),
        Command::Version(command) => command.run(),
    }
}

/// The configuration, or the report why not. Warnings are printed once, here.
fn load(path: &std::path::Path) -> Result<Loaded, Failed> {
    let loaded = Config::load(path).map_err(|report| Failed::Config(Box::new(in_words_of_reader(report))))?;
    if !loaded.warnings.is_empty() {
        let report = loaded.report();
        eprintln!("{}\n", if std::io::stderr().is_terminal() { report.coloured() } else { report.plain() });
    }
    Ok(loaded)
}

/// A file whose language cannot be told, because it is not there or no TOML, is spoken of in the system's.
fn in_words_of_reader(report: Report) -> Report {
    let told = report.text.parse::<toml::Table>().is_ok_and(|table| table.get("site").is_some_and(|site| site.get("language").is_some()));
    if told { report } else { report.in_language(&init::system_language()) }
}

/// One line for whoever asked. A reader who has heard enough (`| head`) is no failure.
fn show(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// `2 errors, 1 warning in hubline.toml`
fn summary(report: &Report) -> String {
    let counted = |number: usize, what: &str| {
        let key = format!("cli.check.{what}_{}", if number == 1 { "one" } else { "many" });
        say(&report.language, &key, &[("n", &number.to_string())])
    };
    let (errors, warnings) = (counted(report.errors(), "error"), counted(report.warnings(), "warning"));
    say(&report.language, "cli.check.summary", &[("errors", &errors), ("warnings", &warnings), ("file", &report.file)])
}

/// A runtime of one thread, for the commands that only use the store or the network for a moment.
fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}
