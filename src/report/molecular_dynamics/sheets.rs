//! The tables of a run for spreadsheets.

use super::super::csv::Sheet;
use super::Report;
use super::stages::COLUMNS;
use crate::foundation::table::Table;

/// All tables there is something for, with the names of their files.
#[must_use]
pub fn all(report: &Report) -> Vec<(String, Sheet)> {
    let mut sheets =
        vec![("thermo.csv".to_string(), thermo(report)), ("stages.csv".to_string(), stages(report))];
    for quench in &report.quenches {
        let mut sheet = Sheet::new(&["temperature"]);
        sheet.header.extend(quench.branches().map(|branch| branch.name.to_string()));
        for (row, [temperature, energy]) in quench.energy.points.iter().enumerate() {
            let mut values = vec![*temperature, *energy];
            values.extend(quench.volume.as_ref().map(|volume| volume.points[row][1]));
            sheet.rows.push(values);
        }
        sheets.push((format!("quench_{}.csv", file_name(quench.index, &quench.stage)), sheet));
    }
    let distance = report.run.list("/rdf/distance").unwrap_or_default();
    for shells in &report.shells {
        let mut sheet = Sheet::new(&["distance"]);
        sheet.rows = distance.iter().map(|r| vec![*r]).collect();
        for function in &shells.pairs {
            let columns = [("g", Some(&function.g)), ("coordination", function.coordination.as_ref())];
            for (name, values) in columns.into_iter().filter_map(|(name, values)| Some((name, values?))) {
                sheet.header.push(format!("{}_{name}", function.name));
                sheet.rows.iter_mut().zip(values).for_each(|(row, value)| row.push(*value));
            }
        }
        sheets.push((format!("rdf_{}.csv", plain(&shells.folder)), sheet));
    }
    sheets
}

/// All columns of the thermo table, as they are in the results.
fn thermo(report: &Report) -> Sheet {
    let run = &report.run;
    let mut sheet = Sheet::new(&["time"]);
    sheet.rows = run.time.iter().map(|time| vec![*time]).collect();
    for name in run.children("/thermo/").into_iter().filter(|name| *name != "time") {
        let Some(numbers) = run.0.get(&format!("/thermo/{name}")).map(Table::numbers) else { continue };
        let width = numbers.len() / sheet.rows.len();
        if width == 0 || width * sheet.rows.len() != numbers.len() {
            continue;
        }
        let components = ["xx", "yy", "zz", "yz", "xz", "xy"];
        sheet.header.extend((0..width).map(|component| match width {
            1 => name.to_string(),
            6 => format!("{name}_{}", components[component]),
            _ => format!("{name}_{component}"),
        }));
        sheet.rows.iter_mut().zip(numbers.chunks(width)).for_each(|(row, values)| row.extend(values));
    }
    sheet
}

fn stages(report: &Report) -> Sheet {
    let mut sheet = Sheet::new(&["stage", "steps"]);
    for (name, _, _, is_per_atom) in COLUMNS {
        let name =
            if is_per_atom && report.run.atoms.is_some() { format!("{name}_per_atom") } else { name.into() };
        sheet.header.extend([name.clone(), format!("{name}_error")]);
    }
    for (stage, averages) in report.run.stages.iter().zip(&report.averages) {
        let mut row = vec![stage.index as f64, stage.steps];
        row.extend(averages.values.iter().flat_map(|value| value.unwrap_or([f64::NAN; 2])));
        sheet.rows.push(row);
    }
    sheet
}

fn file_name(index: usize, stage: &str) -> String {
    plain(&format!("{index}-{stage}"))
}

/// A text with nothing that does not belong into the name of a file.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
