//! `hubline call`: proves a trunk in both directions, and says in plain words what is wrong.

use super::{Failed, Outcome, block_on, load, running, show};
use crate::app::{control, trial};
use crate::web::state::TrialAsk;
use std::path::Path;
use tokio::sync::mpsc;

/// Lines that may wait for a slow terminal.
const LINES: usize = 16;

/// Try a trunk: call a number through it, or wait for a call that comes in.
///
/// The call plays a tune and listens for it: call an echo test, or a number of your own that rings back. Without a number it waits for you
/// to call the house from a phone. It goes by the same rules and limits as every call, and through the running Hubline if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  hubline call 10000\n  hubline call --trunk provider +4930123456\n  hubline call --trunk provider\n\n\
                        It ends with 0 when the trunk is good, 4 when Hubline must not run beside it, 5 when something is wrong with it.")]
pub(super) struct Call {
    /// The trunk to try. Default: the first that takes calls out.
    #[arg(long, value_name = "TRUNK")]
    trunk: Option<String>,
    /// The number to call. Without it: wait for a call that comes in.
    #[arg(value_name = "NUMBER", allow_hyphen_values = true)]
    number: Option<String>,
}

impl Call {
    pub fn run(self, config: &Path) -> Outcome {
        let loaded = load(config)?;
        let data = loaded.config.data();
        let language = loaded.config.site.language.get_ref().clone();
        let mut wrong = 0;
        let mut tell = |mark: &str, text: &str| {
            let (word, bad) = match mark {
                "ok" => ("ok  ", 0),
                "odd" => ("warn", 0),
                "bad" => ("FAIL", 1),
                _ => ("    ", 0),
            };
            wrong += bad;
            show(&format!("{word}  {text}"));
        };
        if running::process(&data).is_some() {
            block_on(control::call(&data, self.trunk, self.number, &language, &mut tell))??;
        } else {
            block_on(async {
                let (lines, mut said) = mpsc::channel(LINES);
                let ask = TrialAsk { trunk: self.trunk, number: self.number, by: None, language, lines };
                let told = async {
                    while let Some(line) = said.recv().await {
                        tell(line.mark, &line.text);
                    }
                };
                tokio::join!(trial::alone(loaded, ask), told).0
            })??;
        }
        if wrong > 0 { Err(Failed::Live(wrong)) } else { Ok(()) }
    }
}
