//! The report of a run that looks like a quench.

use super::super::{Input, text_tables, write_csv, write_html, write_json};
use super::Report;
use super::example::{ATOMS, GLASS, ROWS, input, tables};
use super::pictures::{Range, kind_colors, scene};
use super::run::Kind;
use crate::formats::{Column, Frame};
use crate::foundation::table::{Data, Table};
use crate::foundation::vector::IDENTITY;
use crate::report::drawing::RGBColor;
use crate::system::atoms::Atoms;
use crate::system::periodic_box::PeriodicBox;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vitrum-report-dynamics-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Scratch(path)
    }

    fn page(&self, input: &Input) -> String {
        fs::read_to_string(write_html(input, &self.0).expect("a report")).expect("a page")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copper at the left, zirconium at the right, with pressures of both signs.
fn frame() -> Frame {
    let periodic_box = PeriodicBox::orthogonal([12.0, 6.0, 6.0]).expect("a box");
    let elements = ["Cu", "Zr"].map(String::from).to_vec();
    let atoms = Atoms::new(periodic_box, elements, vec![0, 1], vec![[3.0, 3.0, 3.0], [9.0, 3.0, 3.0]]);
    let columns =
        vec![Column::scalar("pressure", vec![-5.0, 9.0]), Column::scalar("von_mises", vec![1.0, 2.0])];
    Frame { columns, rotation: IDENTITY, ..Frame::new(atoms, 7) }
}

#[test]
fn page_has_every_section_and_stands_alone() {
    let tables = tables();
    let scratch = Scratch::new("page");
    let page = scratch.page(&Input { trajectory: Some(frame()), ..input(&tables) });
    for anchor in
        ["stages", "thermo", "quench", "atoms", "structure", "displacement", "minimization", "configuration"]
    {
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
        assert!(page.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
    }
    let own = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!own.contains("http") && !own.contains("<script") && !page.contains("<hot>"));
    assert_eq!(page.matches("data:image/png;base64,").count(), 5, "three pictures and two color bars");
    for file in [
        "thermo_temperature.svg",
        "thermo_conserved.svg",
        "quench_1_energy.svg",
        "quench_1_volume.svg",
        "atoms_elements.svg",
        "atoms_pressure.svg",
        "rdf_all.svg",
        "rdf_partial.svg",
        "mean_square_displacement.svg",
        "minimization_force.svg",
        "thermo.csv",
        "stages.csv",
        "quench_1-quench.csv",
        "rdf_3-rest.csv",
        "summary.json",
    ] {
        let text = fs::read_to_string(scratch.0.join(file)).expect(file);
        assert!(!text.contains("NaN") && !text.contains("inf\""), "{file}");
    }
}

#[test]
fn stages_are_what_the_configuration_says_or_what_is_seen() {
    let mut tables = tables();
    let with_input = input(&tables);
    let report = Report::new(&with_input).expect("a run");
    assert_eq!(report.run.atoms, Some(ATOMS));
    let kinds: Vec<Kind> = report.run.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [Kind::Steady, Kind::Ramp(2000.0, 300.0), Kind::Steady, Kind::Minimization]);
    assert_eq!(report.run.stages[1].steps, 10.0 * ROWS[1] as f64);
    assert_eq!(report.run.stages[0].steps, 10.0 * ROWS[0] as f64);
    tables.remove("/run/configuration");
    let without_input = input(&tables);
    let report = Report::new(&without_input).expect("a run");
    let names: Vec<&str> = report.run.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["melt <hot>", "quench", "hold", "rest"]);
    assert!(matches!(report.run.stages[1].kind, Kind::Ramp(from, to)
        if (from - 2000.0).abs() < 30.0 && (to - 300.0).abs() < 30.0));
    assert_eq!(
        [0, 2, 3].map(|k| report.run.stages[k].kind),
        [Kind::Steady, Kind::Steady, Kind::Minimization]
    );
}

#[test]
fn glass_temperature_and_averages_are_those_that_were_put_in() {
    let tables = tables();
    let scratch = Scratch::new("json");
    let path = write_json(&input(&tables), &scratch.0).expect("a summary");
    let value: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON");
    for curve in value["quenches"][0]["curves"].as_array().expect("curves") {
        let glass = &curve["glass_temperature"];
        let (t, error) =
            (glass["temperature"].as_f64().expect("a kink"), glass["error"].as_f64().expect("an error"));
        assert!((t - GLASS).abs() < 4.0 * error && error < 30.0, "{curve}");
    }
    let melt = &value["stages"][0];
    let (mean, error) = (&melt["temperature"]["mean"], &melt["temperature"]["error"]);
    // Fifty values that scatter by 40 K.
    let (mean, error) = (mean.as_f64().expect("a mean"), error.as_f64().expect("an error"));
    assert!((mean - 2000.0).abs() < 4.0 * error && (2.0..12.0).contains(&error), "{mean} {error}");
    assert!(value["stages"][3]["temperature"]["error"].is_null());
    assert_eq!(value["stages"][0]["potential_energy"]["units"], "eV per atom");
    let pairs = value["first_shells"][3]["pairs"].as_array().expect("pairs");
    let zirconium = pairs.iter().find(|pair| pair["pair"] == "Zr-Zr").expect("a pair");
    assert!((zirconium["first_peak"].as_f64().expect("a peak") - 3.2).abs() < 0.01);
    let text = text_tables(&input(&tables));
    assert!(text.contains("glass temperature of quench from the potential energy: 7"), "{text}");
    assert!(text.contains("Zr-Zr"));
}

#[test]
fn a_quench_along_a_straight_line_is_said_to_have_no_kink() {
    let mut tables = tables();
    let temperature = tables["/thermo/temperature"].numbers();
    let straight = temperature.iter().map(|t| ATOMS as f64 * (-5.0 + 2e-4 * t)).collect();
    if let Some(table) = tables.get_mut("/thermo/potential_energy") {
        table.data = Data::F64(straight);
    }
    let text = text_tables(&input(&tables));
    assert!(text.contains("from the potential energy: no kink"), "{text}");
    assert!(text.contains("from the volume: 7"), "{text}");
}

#[test]
fn what_is_missing_is_left_out() {
    let mut tables = tables();
    tables.retain(|path, _| !path.starts_with("/rdf") && !path.ends_with("displacement"));
    let page = Scratch::new("sections").page(&input(&tables));
    for anchor in ["atoms", "structure", "displacement"] {
        assert!(!page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    assert!(page.contains("id=\"thermo\""));
    let needed = ["/thermo/time", "/thermo/stage", "/thermo/temperature"];
    tables.retain(|path, _| needed.contains(&path.as_str()));
    assert!(Scratch::new("bare").page(&input(&tables)).contains("</html>"));
    for path in needed {
        let mut tables = tables.clone();
        tables.remove(path);
        let scratch = Scratch::new("nothing");
        let error = write_html(&input(&tables), &scratch.0).expect_err("nothing to show").to_string();
        assert!(error.contains("/thermo/time") && error.contains("/ladder/temperature"), "{error}");
        assert!(!scratch.0.exists());
    }
}

#[test]
fn any_table_may_be_full_of_holes_and_a_row_is_enough() {
    let example = tables();
    for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300] {
        let mut tables = example.clone();
        for table in tables.values_mut() {
            if let Data::F64(data) = &mut table.data {
                data.fill(broken);
            }
        }
        let page = Scratch::new("holes").page(&input(&tables));
        assert!(page.contains("</html>") && !page.contains("=\"NaN") && !page.contains("=\"inf"));
    }
    for rows in [1, 2, 3] {
        let mut tables: BTreeMap<String, Table> = example.clone();
        for table in tables.values_mut().filter(|table| table.name.starts_with("/thermo/")) {
            let width: usize = table.shape[1..].iter().product();
            table.data = Data::F64(table.numbers()[..rows * width].to_vec());
            table.shape[0] = rows;
        }
        assert!(Scratch::new("rows").page(&input(&tables)).contains("id=\"stages\""));
    }
}

#[test]
fn sheets_are_rectangles_with_all_digits() {
    let tables = tables();
    let scratch = Scratch::new("csv");
    let paths = write_csv(&input(&tables), &scratch.0).expect("tables");
    assert_eq!(paths.len(), 2 + 1 + 4);
    for path in &paths {
        let text = fs::read_to_string(path).expect("a table");
        let columns: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert!(columns.len() > 4 && columns.iter().all(|c| *c == columns[0]), "{}", path.display());
    }
    let text = fs::read_to_string(scratch.0.join("thermo.csv")).expect("a table");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let pressure = header.iter().position(|name| *name == "pressure").expect("a column");
    assert!(header.contains(&"stress_yz"));
    let third: Vec<&str> = text.lines().nth(3).expect("a row").split(',').collect();
    assert_eq!(third[pressure].parse(), Ok(tables["/thermo/pressure"].numbers()[2]));
}

#[test]
fn atoms_have_the_colors_of_their_elements_and_pressures() {
    let frame = frame();
    let seen = |color: &dyn Fn(usize) -> RGBColor| {
        let scene = scene(&frame, color);
        let pixels = scene.pixels(400).expect("a picture");
        [0, 1].map(|atom| pixels.at(scene.place(frame.atoms.position[atom], 400).expect("a place")))
    };
    let colors = kind_colors(&frame.atoms);
    let [copper, zirconium] = seen(&|atom| colors[frame.atoms.kind[atom] as usize]);
    let mut turned = frame.atoms.clone();
    turned.elements.reverse();
    assert_eq!(
        kind_colors(&turned),
        [colors[1], colors[0]],
        "an element has one color in whatever order it comes"
    );
    assert!(copper[0] > copper[2] + 60 && zirconium[2] > zirconium[0] + 60, "{copper:?} {zirconium:?}");
    let range = Range::around_mean(&[-5.0, 9.0]).expect("a range");
    assert_eq!([range.low, range.high], [-5.0, 9.0]);
    assert_eq!(range.color(2.0), RGBColor(221, 221, 221));
    let [stretched, squeezed] = seen(&|atom| range.color([-5.0, 9.0][atom]));
    assert!(stretched[2] > stretched[0] + 60 && squeezed[0] > squeezed[2] + 60, "{stretched:?} {squeezed:?}");
}
