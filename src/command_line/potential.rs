//! `vitrum potential`: what a potential holds, its crystals, what looks wrong; and the built-in potentials as files.

use super::print;
use crate::config::potential::read_potential;
use crate::forces::PairwiseEmbedded;
use crate::forces::crystal::{Crystal, Relaxed, crystals};
use crate::forces::embedded_atom::checks::findings;
use crate::forces::embedded_atom::thinning::HIGHEST_PAIR_ENERGY;
use crate::forces::embedded_atom::{EmbeddedAtom, Layout, write, zhou};
use crate::foundation::{Error, Result};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Arguments of `vitrum potential`.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  vitrum potential CuZr.eam.fs\n  vitrum potential Ni_u3.eam Cu_u3.eam\n  \
                  vitrum potential CuZr.eam.fs --knots 2000\n  vitrum potential zhou Cu Zr -o CuZr.eam.alloy"
)]
pub struct Arguments {
    #[command(subcommand)]
    built_in: Option<BuiltIn>,
    /// An eam/alloy, eam/fs or funcfl file, or a funcfl file for each element
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Also say what tables with fewer knots would change
    #[arg(long)]
    knots: Option<usize>,
}

#[derive(Debug, clap::Subcommand)]
enum BuiltIn {
    /// The potentials of Zhou, Johnson and Wadley (2004): look at one, or write it to a file
    Zhou(ZhouArguments),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vitrum potential zhou Cu Zr -o CuZr.eam.alloy")]
struct ZhouArguments {
    /// Out of Cu Ag Au Ni Pd Pt Al Pb Fe Mo Ta W Mg Co Ti Zr
    #[arg(required = true, value_name = "ELEMENT")]
    elements: Vec<String>,
    /// File to write; eam/fs if its name ends in .fs, else eam/alloy
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Knots of the tables
    #[arg(long, default_value_t = zhou::KNOTS)]
    knots: usize,
}

/// Prints what a potential holds, or writes one.
pub fn command(arguments: &Arguments) -> Result<()> {
    match &arguments.built_in {
        Some(BuiltIn::Zhou(arguments)) => built_in(arguments),
        None => {
            let potential = read_potential(&arguments.files)?;
            let mut text = describe(&potential)?;
            if let Some(knots) = arguments.knots {
                text.push_str(&thinning(&potential, knots)?);
            }
            print(&text)
        }
    }
}

fn built_in(arguments: &ZhouArguments) -> Result<()> {
    let elements: Vec<&str> = arguments.elements.iter().map(String::as_str).collect();
    let potential = zhou::Zhou::new(&elements)?.tabulated(arguments.knots)?;
    let Some(path) = &arguments.output else { return print(&describe(&potential)?) };
    let layout = if has_ending(path, "fs") { Layout::FinnisSinclair } else { Layout::Alloy };
    let text = write::setfl(&potential, layout)?;
    std::fs::write(path, text).map_err(|cause| Error::storage("write", path, &cause))?;
    print(&format!("wrote {} as {} with {} knots\n", path.display(), layout.name(), arguments.knots))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

/// Everything about a potential. Writing to a string cannot fail.
fn describe(potential: &EmbeddedAtom) -> Result<String> {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} for {}, cutoff {} Angstrom",
        potential.name,
        potential.layout.name(),
        potential.symbols().join(" "),
        potential.cutoff
    );
    for comment in potential.comments.iter().filter(|comment| comment.chars().any(char::is_alphanumeric)) {
        let shown: String = comment.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(text, "  {shown}");
    }
    let (embedding, radial) = (&potential.embedding[0], &potential.pair[0]);
    let _ = writeln!(
        text,
        "F at {} densities up to {:.6}; rho and r phi at {} distances up to {:.6} Angstrom",
        embedding.knots(),
        embedding.end(),
        radial.knots(),
        radial.end()
    );
    let depends = if potential.is_density_of_source { "its source alone" } else { "source and site" };
    let _ = writeln!(text, "The density at a site depends on {depends}");
    let _ = writeln!(text, "\nElement    Z     g/mol  lattice in the file         F(0) eV");
    for (kind, element) in potential.elements.iter().enumerate() {
        let lattice = format!("{} {}", element.structure, element.lattice_constant);
        let _ = writeln!(
            text,
            "{:<8} {:>3} {:>9.4}  {lattice:<24} {:>10.6}",
            element.symbol,
            element.atomic_number,
            element.mass,
            // A zero is a zero.
            potential.embedding(kind, 0.0).0 + 0.0
        );
    }
    let relax = |crystal: Crystal| Ok((crystal.relaxed(potential)?, crystal));
    let relaxed = crystals(potential.elements.len()).into_iter().map(relax);
    let relaxed = relaxed.map(|pair| pair.map(|(relaxed, crystal)| (crystal, relaxed)));
    let relaxed = relaxed.collect::<Result<Vec<(Crystal, Option<Relaxed>)>>>()?;
    table_of_crystals(&mut text, potential, &relaxed);
    text.push_str("\nWhat looks wrong\n");
    let found = findings(potential, &relaxed);
    for finding in &found {
        let _ =
            writeln!(text, "  {}: {}", if finding.is_warning { "warning" } else { "remark" }, finding.text);
    }
    if found.is_empty() {
        text.push_str("  nothing\n");
    }
    Ok(text)
}

fn table_of_crystals(text: &mut String, potential: &EmbeddedAtom, relaxed: &[(Crystal, Option<Relaxed>)]) {
    text.push_str(
        "\nCrystals at zero temperature and pressure; energies per atom, of formation from the best crystals of the \
         elements\n\
         Crystal                a Angstrom      c/a   energy eV  cohesive eV  formation eV  C11 GPa  C12 GPa  \
         C44 GPa\n",
    );
    let n = potential.elements.len();
    let best: Vec<f64> = (0..n)
        .map(|kind| {
            let of_kind = relaxed.iter().filter(|(crystal, _)| crystal.kinds == [kind]);
            let energies = of_kind.filter_map(|(_, relaxed)| Some(relaxed.as_ref()?.energy));
            energies.fold(f64::INFINITY, f64::min)
        })
        .collect();
    for (crystal, relaxed) in relaxed {
        let symbols: Vec<&str> =
            crystal.kinds.iter().map(|&kind| potential.elements[kind].symbol.as_str()).collect();
        let formula = if symbols.len() == 2 && crystal.structure.name() == "L1_2" {
            format!("{}3{}", symbols[0], symbols[1])
        } else {
            symbols.concat()
        };
        let name = format!("{formula} {}", crystal.structure.name());
        let Some(relaxed) = relaxed else {
            let _ = writeln!(text, "{name:<22} no bound state found");
            continue;
        };
        let mean = |of: &dyn Fn(usize) -> f64| {
            relaxed.densities.iter().map(|(kind, _)| of(*kind)).sum::<f64>() / relaxed.densities.len() as f64
        };
        let cohesive = mean(&|kind| potential.embedding(kind, 0.0).0) - relaxed.energy;
        let formation = relaxed.energy - mean(&|kind| best[kind]);
        let formation = if formation.is_finite() { format!("{formation:.6}") } else { String::new() };
        let ratio = relaxed.axial_ratio.map_or(String::new(), |ratio| format!("{ratio:.5}"));
        let _ = write!(
            text,
            "{name:<22} {:>10.5} {ratio:>8} {:>11.6} {cohesive:>12.6} {formation:>13}",
            relaxed.lattice_constant, relaxed.energy
        );
        if let Some([c11, c12, c44]) = relaxed.elastic_constants {
            let is_stable = c11 > c12.abs() && c11 + 2.0 * c12 > 0.0 && c44 > 0.0;
            let note = if is_stable { "" } else { "  not stable" };
            let _ = write!(text, " {c11:>8.2} {c12:>8.2} {c44:>8.2}{note}");
        }
        text.push('\n');
    }
}

fn thinning(potential: &EmbeddedAtom, knots: usize) -> Result<String> {
    let (thinned, change) = potential.thinned(knots)?;
    Ok(format!(
        "\nWith {} instead of {} knots, wherever phi is below {HIGHEST_PAIR_ENERGY} eV:\n  \
         phi changes by up to {:.1e} eV, its slope by {:.1e} eV/Angstrom at {:.3} Angstrom,\n  \
         the density by up to {:.1e}, its slope by {:.1e} per Angstrom\n",
        thinned.pair[0].knots(),
        potential.pair[0].knots(),
        change.pair,
        change.pair_slope,
        change.distance,
        change.density,
        change.density_slope
    ))
}
