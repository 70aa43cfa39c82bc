//! How far a run is: a bar on a terminal, a line now and then otherwise.

use super::logger::terminal;
use crate::foundation::engine::Engine;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(30);

/// The display of one run.
pub struct Progress {
    bar: Option<ProgressBar>,
    silent: bool,
    started: Instant,
    first_step: u64,
    last_line: Instant,
}

impl Progress {
    /// A display of an engine; none if `silent`.
    #[must_use]
    pub fn new(engine: &dyn Engine, silent: bool) -> Self {
        let draw = !silent && std::io::stderr().is_terminal();
        let bar = draw.then(|| {
            let bar = terminal()
                .add(ProgressBar::with_draw_target(Some(engine.target()), ProgressDrawTarget::stderr()));
            let template = "{msg:>16} [{bar:40}] {pos}/{len} steps, {per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_position(engine.step());
            bar.reset_eta();
            bar
        });
        Progress {
            bar,
            silent,
            started: Instant::now(),
            first_step: engine.step(),
            last_line: Instant::now(),
        }
    }

    /// Shows the present state.
    pub fn update(&mut self, engine: &dyn Engine) {
        if let Some(bar) = &self.bar {
            bar.set_message(engine.phase());
            bar.set_position(engine.step());
        } else if !self.silent && self.last_line.elapsed() >= LINE_INTERVAL {
            self.last_line = Instant::now();
            let rate = (engine.step() - self.first_step) as f64 / self.started.elapsed().as_secs_f64();
            let left = (engine.target() - engine.step()) as f64 / rate.max(1e-9);
            let left = humantime::format_duration(Duration::from_secs(left.min(1e9) as u64));
            let (step, target, phase) = (engine.step(), engine.target(), engine.phase());
            log::info!("{phase}: {step}/{target} steps, {rate:.1} steps/s, {left} left");
        }
    }

    /// Takes the display away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
