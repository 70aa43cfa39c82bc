//! The report of a run of molecular dynamics.

mod blocks;
mod displacement;
#[cfg(test)]
mod example;
mod glass;
mod kink;
mod minimization;
mod peak;
mod pictures;
mod quench;
mod run;
mod sheets;
mod stages;
mod structure;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod thermo;

use super::Input;
use super::csv::Sheet;
use super::number::{labeled, rounded, short, with_error};
use super::sections::Section;
use super::subject::{Fact, Subject};
use crate::formats::Frame;
use run::Run;
use serde_json::Value;

/// A run with all that is derived from it.
pub struct Report<'a> {
    run: Run<'a>,
    frame: Option<&'a Frame>,
    averages: Vec<stages::Averages>,
    quenches: Vec<quench::Quench>,
    shells: Vec<structure::Shells>,
}

impl<'a> Report<'a> {
    /// `None` if the tables are not those of molecular dynamics.
    #[must_use]
    pub fn new(input: &'a Input) -> Option<Self> {
        let frame = input.trajectory.as_ref();
        let run = Run::read(input.tables, frame.map(|frame| frame.atoms.len()))?;
        let averages = stages::averages(&run);
        let (quenches, shells) = (quench::all(&run), structure::all(&run));
        Some(Report { run, frame, averages, quenches, shells })
    }
}

impl Subject for Report<'_> {
    fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        facts.extend(self.run.atoms.map(|atoms| ("atoms", atoms.to_string())));
        facts.push(("stages", self.run.stages.len().to_string()));
        let last = |list: &[f64]| list.last().copied().unwrap_or(f64::NAN);
        facts.push(("simulated time", labeled(&rounded(last(&self.run.time), 6), "ps")));
        facts.push(("measurements", self.run.time.len().to_string()));
        for quench in &self.quenches {
            if let Some(kink) = quench.energy.kink() {
                let value = with_error(kink.temperature, kink.error);
                facts.push(("glass temperature", format!("{value} K ({})", quench.stage)));
            }
        }
        if let Some(density) = self.run.column("density") {
            facts.push(("density at the end", labeled(&short(last(&density)), "g/cm^3")));
        }
        facts
    }

    fn sections(&self) -> Vec<Section> {
        let mut sections = vec![
            stages::section(&self.run, &self.averages),
            thermo::section(&self.run),
            quench::section(&self.quenches),
            glass::section(self.frame),
            structure::section(&self.run, &self.shells),
            displacement::section(&self.run),
            minimization::section(&self.run),
        ];
        sections.retain(|section| !section.content.is_empty());
        sections
    }

    fn sheets(&self) -> Vec<(String, Sheet)> {
        sheets::all(self)
    }

    fn summary(&self) -> Value {
        summary::summary(self)
    }

    fn text(&self) -> String {
        text::tables(self)
    }
}
