//! `hubline check --flow NAME --svg FILE`: the picture of a flow.

use crate::cli::{Failed, Outcome, show};
use crate::config::Loaded;
use crate::config::picture::{Dress, svg};
use crate::config::words::say;
use crate::desk::id::FlowId;
use anyhow::Context;
use std::io::Write;
use std::path::Path;

pub(super) fn draw(loaded: &Loaded, flow: &str, file: &Path) -> Outcome {
    let language = loaded.config.site.language.get_ref();
    let flows = &loaded.catalog.flows;
    let Some(found) = flows.get(&FlowId::from(flow)) else {
        let known: Vec<&str> = flows.keys().map(FlowId::as_str).collect();
        let comma = say(language, "cli.flow.comma", &[]);
        let text = match known.is_empty() {
            true => say(language, "cli.flow.no_flows", &[]),
            false => say(language, "cli.flow.none", &[("flow", flow), ("known", &known.join(&comma))]),
        };
        return Err(Failed::Error(anyhow::anyhow!(text)));
    };
    let picture = svg(found, language, Dress::File);
    if file == Path::new("-") {
        let written = std::io::stdout().write_all(picture.as_bytes()).context("the standard output");
        return written.map_err(Failed::Error);
    }
    let name = file.display().to_string();
    std::fs::write(file, picture).with_context(|| name.clone()).map_err(Failed::Error)?;
    show(&say(language, "cli.flow.written", &[("flow", flow), ("file", &name)]));
    Ok(())
}
