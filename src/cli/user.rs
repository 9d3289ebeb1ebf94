//! `hubline user`: invitations and passwords of the declared agents.

use super::{Outcome, base, load, show};
use crate::auth::{Cookies, Gate};
use crate::clock::Clock;
use crate::config::Loaded;
use crate::config::words::say;
use crate::desk::id::AgentId;
use crate::store::{Store, users};
use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use clap::Subcommand;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::sync::Arc;

/// Invite people, set passwords, list who may log in.
///
/// Who may log in is declared in the configuration ([[agents]]); here they get their passwords. It works while the server runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  hubline user invite mara      print a link by which mara sets her password\n  \
                        hubline user passwd mara      set it here and now\n  hubline user list")]
pub(super) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a one-time link by which an agent sets their password.
    Invite {
        /// The agent's id.
        id: String,
    },
    /// Set an agent's password: typed twice, or read from standard input when that is no terminal.
    Passwd {
        /// The agent's id.
        id: String,
    },
    /// Who may log in, their roles, and who has no password yet.
    List,
}

impl User {
    pub fn run(self, config: &Path) -> Outcome {
        let loaded = load(config)?;
        super::block_on(async move {
            match self.command {
                Command::Invite { id } => invited(&loaded, &id).await,
                Command::Passwd { id } => {
                    set_password(&loaded, &id, &read_password()?).await?;
                    show(&say(loaded.config.site.language.get_ref(), "cli.user.password_set", &[("id", &id)]));
                    Ok(())
                }
                Command::List => list(&loaded).await,
            }
        })??;
        Ok(())
    }
}

async fn invited(loaded: &Loaded, id: &str) -> anyhow::Result<()> {
    let link = invite(loaded, id).await?;
    show(&format!("{}\n\n  {link}\n", say(loaded.config.site.language.get_ref(), "cli.user.invite", &[("id", id)])));
    Ok(())
}

/// A one-time link for this agent.
pub(super) async fn invite(loaded: &Loaded, id: &str) -> anyhow::Result<String> {
    let (gate, agent) = gate(loaded, id).await?;
    Ok(format!("{}{}", base::url(&loaded.config), gate.invite(&agent).await?))
}

pub(super) async fn set_password(loaded: &Loaded, id: &str, password: &str) -> anyhow::Result<()> {
    let (gate, agent) = gate(loaded, id).await?;
    Ok(gate.set_password(&agent, password).await?)
}

/// The gate over the store, which knows this agent: one who was added to the file is made known to it first.
async fn gate(loaded: &Loaded, id: &str) -> anyhow::Result<(Gate, AgentId)> {
    let Some(member) = loaded.config.members().find(|member| member.id.as_str().eq_ignore_ascii_case(id)) else {
        let known: Vec<String> = loaded.config.members().map(|member| member.id.to_string()).collect();
        bail!("the configuration declares no agent `{id}`; it has: {}", known.join(", "));
    };
    let store = open(loaded)?;
    let known = users::get(&store, &member.id).await?;
    if !known.is_some_and(|row| row.active) {
        let declared = loaded.config.members();
        let declared =
            declared.map(|member| users::Declared { id: member.id, name: member.name, role: member.role, language: Some(member.language) });
        users::declare(&store, declared.collect(), Clock::system().now()).await?;
    }
    let gate = Gate::new(store, Clock::system(), Arc::new(ArcSwap::from_pointee(loaded.clone())), Cookies::Https)?;
    Ok((gate, member.id))
}

pub(super) fn open(loaded: &Loaded) -> anyhow::Result<Store> {
    let data = loaded.config.data();
    Store::open(&data).with_context(|| format!("the data folder {}", data.display()))
}

async fn list(loaded: &Loaded) -> anyhow::Result<()> {
    let rows = users::list(&open(loaded)?).await?;
    let language = loaded.config.site.language.get_ref();
    for member in loaded.config.members() {
        let ready = rows.iter().any(|row| row.id == member.id && row.has_password);
        let state = if ready { String::new() } else { say(language, "cli.user.no_password", &[]) };
        show(format!("{:<20} {:<11} {:<24} {state}", member.id.as_str(), member.role.as_str(), member.name).trim_end());
    }
    Ok(())
}

/// From the terminal, twice and unseen; else one line of standard input.
pub(super) fn read_password() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\n', '\r']).to_owned());
    }
    let password = rpassword::prompt_password("New password: ")?;
    if password != rpassword::prompt_password("Once more:    ")? {
        bail!("the two passwords differ");
    }
    Ok(password)
}
