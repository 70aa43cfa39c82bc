//! Writer of setfl files, eam/alloy and eam/fs, with all digits.

use super::table::Table;
use super::{EmbeddedAtom, Layout};
use crate::foundation::{Error, Result};
use std::fmt::Write;

/// The text of an eam/alloy or eam/fs file. Reading it gives back the same bits.
///
/// # Errors
/// `Error::Usage` for funcfl, for eam/alloy if a density depends on the site, and if an element is named twice.
pub fn setfl(potential: &EmbeddedAtom, layout: Layout) -> Result<String> {
    let n = potential.elements.len();
    let refuse = |what: &str| Err(Error::Usage(format!("{}: {what}", potential.name)));
    if layout == Layout::Funcfl {
        return refuse("funcfl files are not written: expected eam/alloy or eam/fs.");
    }
    if layout == Layout::Alloy && !potential.is_density_of_source {
        return refuse(
            "its densities depend on the site, which eam/alloy cannot hold: expected a name ending in .fs.",
        );
    }
    let symbols = potential.symbols();
    if (1..n).any(|k| symbols[..k].contains(&symbols[k])) {
        return refuse("an element is named twice, which no file can hold.");
    }
    let mut text = String::new();
    for k in 0..3 {
        // A comment is one line.
        let comment = potential.comments.get(k).map_or("", String::as_str);
        text.extend(comment.chars().map(|c| if c.is_control() { ' ' } else { c }).chain(['\n']));
    }
    let (embedding, radial) = (&potential.embedding[0], &potential.pair[0]);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{n} {}", symbols.join(" "));
    let _ = writeln!(
        text,
        "{} {:e} {} {:e} {:e}",
        embedding.knots(),
        embedding.spacing(),
        radial.knots(),
        radial.spacing(),
        potential.cutoff
    );
    for (k, element) in potential.elements.iter().enumerate() {
        let _ = writeln!(
            text,
            "{} {} {} {}",
            element.atomic_number, element.mass, element.lattice_constant, element.structure
        );
        write_table(&mut text, &potential.embedding[k]);
        let sites = if layout == Layout::Alloy { 1 } else { n };
        potential.density[k * n..k * n + sites].iter().for_each(|table| write_table(&mut text, table));
    }
    for a in 0..n {
        potential.pair[a * n..=a * n + a].iter().for_each(|table| write_table(&mut text, table));
    }
    Ok(text)
}

fn write_table(text: &mut String, table: &Table) {
    for (k, value) in table.values().enumerate() {
        let end = if k % 5 == 4 || k + 1 == table.knots() { '\n' } else { ' ' };
        // Sixteen digits behind the point tell all numbers of double precision apart.
        let _ = write!(text, "{value:.16e}{end}");
    }
}
