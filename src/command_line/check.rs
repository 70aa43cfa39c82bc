//! `vitrum check`: what a configuration would do.

use super::print;
use crate::config::build::Configuration;
use crate::config::parse::Document;
use crate::foundation::Result;
use std::fmt::Write;
use std::path::PathBuf;

/// Arguments of `vitrum check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vitrum check glass.toml --ranks 8")]
pub struct Arguments {
    /// Configuration file
    config: PathBuf,
    /// Number of ranks to plan for
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    ranks: u32,
    /// Override a value of the configuration; may be repeated
    #[arg(long = "set", value_name = "key.path=value")]
    settings: Vec<String>,
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

/// Validates and prints the plan.
pub fn command(arguments: &Arguments) -> Result<()> {
    let document = Document::read(&arguments.config, &arguments.settings)?;
    let configuration = Configuration::new(&document)?;
    let ranks = arguments.ranks as usize;
    let grid = configuration.grid(ranks).map_err(|error| document.locate(&error.to_string()))?;
    let domains = crate::parallel::grid::domains(grid);
    let most = configuration.replicas_per_rank(ranks, grid);
    let (cold, hot) = (configuration.temperatures.first(), configuration.temperatures.last());
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<22} {value}");
    };
    line("model", configuration.model.clone());
    line("method", configuration.method.clone());
    line("sites per replica", configuration.sites.to_string());
    line(
        "temperatures",
        format!(
            "{} from {} to {}",
            configuration.temperatures.len(),
            cold.copied().unwrap_or_default(),
            hot.copied().unwrap_or_default()
        ),
    );
    line("replicas", configuration.replicas.to_string());
    line(
        "layout",
        format!(
            "{} replicas x {domains} {} on {ranks} ranks x {} threads; at most {most} replicas per rank",
            configuration.replicas,
            if domains == 1 { "domain".to_string() } else { format!("domains {grid:?}") },
            configuration.threads
        ),
    );
    line("sweeps per replica", configuration.sweeps.to_string());
    let [states, series] = configuration.memory_per_rank(ranks, grid).map(megabytes);
    line("memory per rank", format!("about {states} of configurations and tables, {series} of series"));
    line("checkpoint size", format!("about {}", megabytes(configuration.checkpoint_bytes as f64)));
    line("run directory", configuration.output.display().to_string());
    for remark in &configuration.remarks {
        line("remark", remark.clone());
    }
    let busy = configuration.replicas * domains;
    if ranks > busy {
        line("remark", format!("{} of {ranks} ranks would idle", ranks - busy));
    }
    if let Some(why) = configuration.why_whole(ranks, grid) {
        line("remark", format!("replicas are not cut into domains: {why}"));
    }
    if let Err(error) = configuration.require_memory(&document.name, ranks, grid) {
        line("remark", format!("too large for this computer: {error}"));
    }
    print(&text)
}
