//! What a person, a spreadsheet and a program get to see of the results of a run.
//!
//! Everything is made from the tables of a results file, and pictures of atoms from the last frame of a trajectory, so a
//! report can be written anywhere, by anyone, from a copied run directory. What the results are about is recognized by
//! their tables, in one place.

mod catalog;
mod csv;
mod drawing;
#[cfg(test)]
mod example;
mod file;
mod html;
mod json;
mod ladder;
mod molecular_dynamics;
mod number;
mod results;
mod sections;
pub mod snapshot;
mod subject;
mod tables;
mod text;
pub mod trajectory;

pub use csv::write_csv;
pub use html::write_html;
pub use json::write_json;
pub use number::with_error;
pub use text::text_tables;

use crate::formats::Frame;
use crate::foundation::table::Table;
use std::collections::BTreeMap;

/// What a report is made from.
pub struct Input<'a> {
    /// The tables of the results file by their path.
    pub tables: &'a BTreeMap<String, Table>,
    /// The name of the run directory.
    pub title: String,
    /// The text of status.json, if there is one.
    pub status: Option<String>,
    /// Atoms to be drawn, if there are any.
    pub trajectory: Option<Frame>,
    /// Remarks to be shown with the results.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    fn fresh_directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("vitrum-report-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn page_of(tables: &BTreeMap<String, Table>, name: &str) -> String {
        let directory = fresh_directory(name);
        let path = write_html(&example::input(tables), &directory).expect("a report");
        let page = fs::read_to_string(path).expect("a page");
        fs::remove_dir_all(directory).expect("clean up");
        page
    }

    #[test]
    fn page_stands_alone_and_has_every_section() {
        let tables = example::tables();
        let directory = fresh_directory("page");
        let path = write_html(&example::input(&tables), &directory).expect("a report");
        let page = fs::read_to_string(&path).expect("a page");
        for anchor in [
            "equilibration",
            "thermodynamics",
            "order",
            "nonlinear",
            "glass",
            "tetrahedra",
            "structure-factor",
            "relaxation",
            "exchange",
            "moves",
            "series",
            "numbers",
            "other",
            "configuration",
        ] {
            assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
            assert!(page.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
        }
        let own = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains("http") && !own.contains("<script"));
        assert!(page.contains("&lt;test&gt; &amp; more") && !page.contains("<test>"));
        assert!(page.contains("# a &lt; b &amp; c"));
        assert!(page.len() < 5_000_000, "{} bytes", page.len());
        for file in [
            "energy.svg",
            "chi_3_magnetic.svg",
            "tetrahedra.svg",
            "structure_factor_hhl_spin.svg",
            "relaxation_time.svg",
            "replica_diffusion.svg",
            "observables.csv",
            "exchange.csv",
            "moves.csv",
            "relaxation.csv",
            "equilibration.csv",
            "structure_factor_hhl_spin.csv",
            "summary.json",
        ] {
            assert!(directory.join(file).is_file(), "{file}");
        }
        for entry in fs::read_dir(&directory).expect("the directory").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!name.starts_with('.'), "{name} was left behind");
            if name.ends_with(".svg") {
                let svg = fs::read_to_string(entry.path()).expect("a plot");
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
            }
        }
        fs::remove_dir_all(directory).expect("clean up");
    }

    #[test]
    fn identifiers_in_the_page_are_unique() {
        let page = page_of(&example::tables(), "unique");
        let mut names: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn summary_is_json_without_numbers_that_are_none() {
        let tables = example::tables();
        let directory = fresh_directory("json");
        let path = write_json(&example::input(&tables), &directory).expect("a summary");
        let text = fs::read_to_string(path).expect("a file");
        let value: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
        let rungs = tables["/ladder/temperature"].numbers().len();
        assert_eq!(value["temperatures"].as_array().map(Vec::len), Some(rungs));
        assert_eq!(value["observables"]["energy"]["units"], "J per site");
        assert!(value["observables"]["not_a_number"]["mean"][0].is_null());
        assert_eq!(value["observables"]["tetrahedra"]["mean"][0].as_array().map(Vec::len), Some(5));
        assert_eq!(value["equilibrated"][0], "yes");
        assert_eq!(value["status"]["state"], "complete");
        assert_eq!(value["exchange"]["acceptance"].as_array().map(Vec::len), Some(rungs - 1));
        fs::remove_dir_all(directory).expect("clean up");
    }

    #[test]
    fn csv_has_all_digits_and_empty_fields_for_what_is_no_number() {
        let tables = example::tables();
        let directory = fresh_directory("csv");
        let paths = write_csv(&example::input(&tables), &directory).expect("tables");
        for path in &paths {
            let text = fs::read_to_string(path).expect("a table");
            let columns: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
            assert!(columns.len() > 1 && columns.iter().all(|c| *c == columns[0]), "{}", path.display());
            assert!(!text.contains("NaN"));
        }
        let text = fs::read_to_string(directory.join("observables.csv")).expect("a table");
        let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
        assert_eq!(&header[..3], ["temperature", "energy", "energy_error"]);
        assert!(header.contains(&"tetrahedra_0") && header.contains(&"tetrahedra_4_error"));
        let first: Vec<&str> = text.lines().nth(1).expect("a row").split(',').collect();
        let energy = tables["/observables/energy/mean"].numbers()[0];
        assert_eq!(first[1].parse(), Ok(energy));
        fs::remove_dir_all(directory).expect("clean up");
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let mut tables = example::tables();
        tables.retain(|path, _| path.starts_with("/ladder/") || path.starts_with("/observables/energy/"));
        let page = page_of(&tables, "sections");
        assert!(page.contains("id=\"thermodynamics\"") && page.contains("id=\"exchange\""));
        for anchor in ["equilibration", "relaxation", "structure-factor", "moves", "series", "glass"] {
            assert!(!page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
        }
        tables.retain(|path, _| path == "/ladder/temperature");
        assert!(page_of(&tables, "bare").contains("</html>"));
    }

    #[test]
    fn any_table_may_be_full_of_holes() {
        let example = example::tables();
        for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300] {
            let mut tables = example.clone();
            for table in tables.values_mut() {
                if let crate::foundation::table::Data::F64(data) = &mut table.data {
                    data.fill(broken);
                }
            }
            let page = page_of(&tables, "holes");
            assert!(page.contains("</html>"));
            assert!(!page.contains("=\"NaN") && !page.contains("=\"inf") && !page.contains("=\"-inf"));
        }
    }

    #[test]
    fn a_ladder_of_one_or_two_rungs_is_enough() {
        for rungs in [1, 2] {
            let list = |value: f64| crate::foundation::table::Data::F64(vec![value; rungs]);
            let mut tables = BTreeMap::new();
            for (path, value) in [
                ("/ladder/temperature", 0.5),
                ("/observables/energy/mean", -1.0),
                ("/equilibration/equilibrated", 1.0),
            ] {
                tables.insert(path.to_string(), Table::new(path, vec![rungs], list(value), "1", "text"));
            }
            assert!(page_of(&tables, &format!("small-{rungs}")).contains("id=\"thermodynamics\""));
        }
    }

    #[test]
    fn without_results_of_a_known_kind_nothing_is_written() {
        let directory = fresh_directory("nothing");
        let tables = BTreeMap::new();
        assert!(write_html(&example::input(&tables), &directory).is_err());
        assert!(!directory.exists());
    }
}
