//! The main results of a run on the terminal.

use super::super::text::aligned;
use super::Report;
use super::{stages, structure};

/// Stages, glass temperatures and the first shells of the last stage.
#[must_use]
pub fn tables(report: &Report) -> String {
    // Headings without units: a terminal is narrow.
    let mut rows = stages::rows(&report.run, &report.averages);
    for cell in &mut rows[0] {
        *cell =
            cell.split(" (").next().unwrap_or_default().replace("drift of the conserved quantity", "drift");
    }
    let mut text = aligned(&rows);
    let energies = report.run.units_per_atom("eV");
    text.push_str(&format!(
        "temperature in K, pressure in GPa, energies and drift in {energies}, volume in {}, density in g/cm^3, force in \
         eV/Angstrom\n",
        report.run.units_per_atom("Angstrom^3")
    ));
    for quench in &report.quenches {
        for branch in quench.branches() {
            if let Some(verdict) = branch.verdict() {
                text.push_str(&format!(
                    "glass temperature of {} from the {}: {verdict}\n",
                    quench.stage, branch.label
                ));
            }
        }
    }
    if let Some(last) = report.shells.last() {
        text.push('\n');
        text.push_str(&aligned(&structure::rows(std::slice::from_ref(last))));
    }
    text
}
