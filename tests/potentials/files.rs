//! Files as users have them: what is written is read back bit for bit, and habits of other programs are understood.

use vitrum::forces::PairwiseEmbedded;
use vitrum::forces::crystal::crystals;
use vitrum::forces::embedded_atom::checks::findings;
use vitrum::forces::embedded_atom::table::Table;
use vitrum::forces::embedded_atom::{EmbeddedAtom, Layout, funcfl, read, write, zhou::Zhou};

/// A small file: two elements, six densities, five distances.
pub const ALLOY: &str = "\
first comment
second comment

  2 Cu Zr
6 0.5D+00 5 1.0 4.5  # nrho drho nr dr cutoff
29 63.546 3.615 fcc # copper
-0.25 -1.0 -1.5 # F
-2.0 -2.25 -2.5
5. 4 3
2 1
40 91.224 0.0 dummy
0 1 2 3 4
5
9 8 7 6 -5.0d-1
1 2 3 4 5
2 3 4 5 6
3 4 5
6 7
";

/// The same as eam/fs, with all four densities different.
pub fn finnis_sinclair() -> String {
    ALLOY
        .replace("5. 4 3\n2 1\n", "5. 4 3\n2 1\n5 4 3 2 0\n")
        .replace("9 8 7 6 -5.0d-1\n", "9 8 7 6 1\n9 8 7 6 2\n")
}

pub const FUNCFL: &str = "\
one element
13 26.98 4.05 FCC
6 0.1 7 0.5 2.5 # five numbers
-1.5 -2 -3
-4 -5 -6
1.0 0.9 0.8 0.7 0.6 0.5 0.4
7 6 5 4 3 2 1
";

fn values(table: &Table) -> Vec<f64> {
    table.values().collect()
}

#[test]
fn an_alloy_file_is_read_with_comments_and_fortran_exponents() {
    let potential = read::parse(ALLOY.as_bytes(), "x.eam.alloy").unwrap();
    assert_eq!(potential.symbols(), ["Cu", "Zr"]);
    assert_eq!(potential.comments, ["first comment", "second comment", ""]);
    assert!(potential.layout == Layout::Alloy && potential.is_density_of_source && potential.cutoff == 4.5);
    let zirconium = &potential.elements[1];
    assert_eq!((zirconium.atomic_number, zirconium.mass), (40, 91.224));
    assert_eq!((zirconium.lattice_constant, zirconium.structure.as_str()), (0.0, "dummy"));
    assert_eq!(values(&potential.embedding[0]), [-0.25, -1.0, -1.5, -2.0, -2.25, -2.5]);
    assert_eq!((potential.embedding[0].spacing(), potential.pair[0].spacing()), (0.5, 1.0));
    assert_eq!(values(&potential.density[3]), [9.0, 8.0, 7.0, 6.0, -0.5]);
    assert_eq!(potential.density[2], potential.density[3]);
    assert_eq!(values(&potential.pair[1]), [2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(potential.pair[1], potential.pair[2]);
    // An isolated atom keeps the energy the file gives it.
    assert_eq!(potential.embedding(0, 0.0).0, -0.25);
    // Other line ends, and no line end at all, and no lattice, are the same numbers.
    for text in [ALLOY.replace('\n', "\r\n"), ALLOY.trim_end().into(), ALLOY.replace("fcc", "")] {
        let other = read::parse(text.as_bytes(), "x.eam.alloy").unwrap();
        assert_eq!((other.pair, other.density), (potential.pair.clone(), potential.density.clone()));
    }
}

#[test]
fn names_that_say_nothing_leave_the_layout_to_the_numbers() {
    let alloy = read::parse(ALLOY.as_bytes(), "potential").unwrap();
    assert_eq!(alloy.layout, Layout::Alloy);
    let fs = read::parse(finnis_sinclair().as_bytes(), "folder.fs/potential").unwrap();
    assert_eq!(fs.layout, Layout::FinnisSinclair);
    let last: Vec<f64> = fs.density.iter().map(|table| values(table)[4]).collect();
    assert!(last == [1.0, 0.0, 1.0, 2.0] && !fs.is_density_of_source, "{last:?}");
    let one = read::parse(FUNCFL.as_bytes(), "Al.eam").unwrap();
    assert_eq!(one.layout, Layout::Funcfl);
}

#[test]
fn funcfl_charges_make_pair_energies() {
    let potential = read::parse(FUNCFL.as_bytes(), "Al.eam").unwrap();
    assert_eq!(potential.symbols(), ["Al"]);
    // One knot less than the file has, which is what other programs do.
    assert_eq!(values(&potential.embedding[0]), [-1.5, -2.0, -3.0, -4.0, -5.0]);
    let expected = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5].map(|z: f64| 27.2 * 0.529 * (z * z));
    for (found, expected) in values(&potential.pair[0]).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14 * expected, "{found} {expected}");
    }
    // A second element with other spacings: both on the coarsest spacing and the longest range.
    let second = FUNCFL.replace("13 26.98", "12 24.3").replace("6 0.1 7 0.5 2.5", "6 0.2 7 0.25 1.5");
    let files = [FUNCFL, &second].map(|text| funcfl::read(text.as_bytes(), "x").unwrap());
    let mixed = funcfl::mix(&files, "mixed").unwrap();
    assert_eq!((mixed.symbols(), mixed.cutoff), (vec!["Al", "Mg"], 2.5));
    assert_eq!((mixed.pair[0].spacing(), mixed.pair[0].knots()), (0.5, 6));
    assert_eq!((mixed.embedding[0].spacing(), mixed.embedding[0].knots()), (0.2, 5));
    let place = |r: f64| r / 0.5;
    let (al, mg) = (1.0 - 0.1 * place(1.0), 1.0 - 0.1 * 1.0 / 0.25);
    assert!((mixed.pair[1].value(1.0) - 27.2 * 0.529 * al * mg).abs() < 1e-13);
    assert_eq!(mixed.pair[1], mixed.pair[2]);
    assert!(funcfl::mix(&[files[0].clone(), files[0].clone()], "x").is_err());
}

fn assert_round_trip(potential: &EmbeddedAtom, layout: Layout, name: &str) {
    let text = write::setfl(potential, layout).unwrap();
    let mut read = read::parse(text.as_bytes(), name).unwrap();
    read.name.clone_from(&potential.name);
    read.layout = potential.layout;
    // Tables that are equal have the same bits, as none of their values is a negative zero or no number.
    assert_eq!(read, *potential, "{name}");
}

#[test]
fn what_is_written_is_read_back_bit_for_bit() {
    let zhou = Zhou::new(&["Cu", "Zr", "Fe"]).unwrap().tabulated(300).unwrap();
    assert_round_trip(&zhou, Layout::Alloy, "x.eam.alloy");
    assert_round_trip(&zhou, Layout::FinnisSinclair, "x.eam.fs");
    let fs = read::parse(finnis_sinclair().as_bytes(), "x.fs").unwrap();
    assert_round_trip(&fs, Layout::FinnisSinclair, "x.eam.fs");
    let error = write::setfl(&fs, Layout::Alloy).unwrap_err().to_string();
    assert!(error.contains("depend on the site"), "{error}");
    let twice = zhou.select(&["Cu", "Cu"]).unwrap();
    assert!(write::setfl(&twice, Layout::Alloy).is_err());
}

#[test]
fn an_element_that_is_not_in_the_file_is_refused_with_those_that_are() {
    let potential = read::parse(ALLOY.as_bytes(), "x.eam.alloy").unwrap();
    let error = potential.select(&["Cu", "Ni"]).unwrap_err().to_string();
    assert!(
        error.contains("x.eam.alloy") && error.contains("no element Ni") && error.contains("Cu, Zr"),
        "{error}"
    );
    assert!(potential.select(&[]).is_err());
}

#[test]
fn what_looks_wrong_is_said() {
    let zhou = || Zhou::new(&["Cu", "Zr"]).unwrap().tabulated(1000).unwrap();
    let said = |potential: &EmbeddedAtom| {
        let relax = |crystal: vitrum::forces::crystal::Crystal| {
            let relaxed = crystal.relaxed(potential).unwrap();
            (crystal, relaxed)
        };
        let relaxed: Vec<_> = crystals(potential.elements.len()).into_iter().map(relax).collect();
        let found = findings(potential, &relaxed);
        found.iter().map(|finding| format!("{} {}\n", finding.is_warning, finding.text)).collect::<String>()
    };
    let changed = |table: &Table, change: &dyn Fn(usize, f64) -> f64| {
        let values: Vec<f64> = table.values().enumerate().map(|(k, value)| change(k, value)).collect();
        Table::new(table.spacing(), &values).unwrap()
    };
    let plain = said(&zhou());
    assert!(
        plain.lines().count() == 1 && plain.starts_with("false the energy of Zr and Zr steps"),
        "{plain}"
    );
    let assert_said = |damage: &dyn Fn(&mut EmbeddedAtom), expected: &str| {
        let mut potential = zhou();
        damage(&mut potential);
        let text = said(&potential);
        assert!(text.contains(expected), "expected {expected:?} in {text}");
        assert!(!plain.contains(expected), "{expected}");
    };
    assert_said(&|p| p.elements[0].mass = -63.5, "true the mass of Cu is -63.5");
    assert_said(&|p| p.elements[1].mass = 40.0, "true the mass of Zr is 40 g/mol, expected 91.224");
    assert_said(&|p| p.elements[1].atomic_number = 1, "true the atomic number of Zr is 1, expected 40");
    assert_said(&|p| p.elements[1].symbol = "Qq".into(), "true Qq is no chemical symbol");
    assert_said(
        &|p| p.elements[0].lattice_constant = 4.0,
        "false the file gives the lattice constant of Cu as 4",
    );
    assert_said(&|p| p.cutoff = 7.5, "true the cutoff 7.5 lies beyond the tables");
    assert_said(&|p| p.cutoff = 4.0, "true the energy of");
    assert_said(
        &|p| p.embedding[0] = changed(&p.embedding[0], &|_, value| value - 0.5),
        "false F(0) of Cu is -0.500000 eV",
    );
    let short = |p: &mut EmbeddedAtom, end: usize| {
        let values: Vec<f64> = p.embedding[1].values().take(end).collect();
        p.embedding[1] = Table::new(p.embedding[1].spacing(), &values).unwrap();
    };
    assert_said(&|p| short(p, 250), "true the density 35.3");
    assert_said(&|p| short(p, 400), "false F of Zr ends at the density");
    assert_said(
        &|p| {
            p.pair[0] = changed(&p.pair[0], &|_, value| value.abs());
            p.embedding[0] = changed(&p.embedding[0], &|_, _| 0.0);
        },
        "true Cu has no bound",
    );
    assert_said(
        &|p| p.pair[3] = changed(&p.pair[3], &|k, value| if k == 444 { value + 2e-3 } else { value }),
        "true value 445 of r phi of Zr and Zr",
    );
    assert_said(
        &|p| {
            p.density[1] = changed(&p.density[1], &|_, value| 0.9 * value);
            p.is_density_of_source = false;
        },
        "false the densities of Cu-Zr are not symmetric",
    );
}
