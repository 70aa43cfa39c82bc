//! The tables on the terminal.

use super::Input;
use super::catalog::MAIN;
use super::number::{short, with_error};
use super::results::{Measured, Results};

/// An aligned table per rung with the main observables, as `vitrum report` prints it; without a ladder, the reason
/// why there is none.
#[must_use]
pub fn text_tables(input: &Input) -> String {
    let results = match Results::new(input.tables) {
        Ok(results) => results,
        Err(error) => return format!("{error}\n"),
    };
    let mut text = input.title.clone();
    for path in ["/run/model", "/run/version"] {
        if let Some(value) = results.text(path) {
            text.push_str("  ");
            text.push_str(value.trim());
        }
    }
    text.push_str("\n\n");
    text.push_str(&aligned(&rung_rows(&results)));
    let summary = ladder_summary(&results);
    if !summary.is_empty() {
        text.push('\n');
        text.push_str(&summary);
    }
    for note in &input.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

fn rung_rows(results: &Results) -> Vec<Vec<String>> {
    let main: Vec<_> = main_observables(results);
    let acceptance = results.by_pair("/ladder/exchange_acceptance");
    let equilibrated = results.equilibrated();
    let mut header = vec!["rung".to_string(), "temperature".to_string()];
    header.extend(main.iter().map(|(_, heading)| heading.to_string()));
    if acceptance.is_some() {
        header.push("exchange".into());
    }
    if equilibrated.is_some() {
        header.push("equilibrated".into());
    }
    let mut rows = vec![header];
    for (rung, temperature) in results.temperature().iter().enumerate() {
        let mut row = vec![rung.to_string(), short(*temperature)];
        row.extend(main.iter().map(|(o, _)| with_error(o.mean.at(rung, 0), o.error.at(rung, 0))));
        if let Some(acceptance) = &acceptance {
            row.push(acceptance.get(rung).map_or_else(String::new, |value| fixed(*value)));
        }
        if let Some(flags) = &equilibrated {
            row.push(flags[rung].unwrap_or("-").to_string());
        }
        rows.push(row);
    }
    rows
}

/// The main observables that were measured, with their headings.
fn main_observables(results: &Results) -> Vec<(Measured, &'static str)> {
    let found = MAIN.iter().filter_map(|(name, heading)| Some((results.observable(name)?, *heading)));
    found.filter(|(observable, _)| observable.mean.width == 1).collect()
}

fn fixed(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { "-".into() }
}

/// What the headings mean, and the ladder as a whole.
fn ladder_summary(results: &Results) -> String {
    let mut text = String::new();
    for (observable, heading) in main_observables(results) {
        if heading != observable.name.replace('_', " ") {
            text.push_str(&format!("{heading}: {}\n", observable.name));
        }
    }
    if results.by_pair("/ladder/exchange_acceptance").is_some() {
        text.push_str("exchange: accepted fraction with the next rung\n");
    }
    if let Some(barrier) = results.by_pair("/ladder/communication_barrier") {
        let total: f64 = barrier.iter().filter(|value| value.is_finite()).sum();
        text.push_str(&format!("communication barrier of the whole ladder: {}\n", fixed(total)));
    }
    if let Some(trips) = results.list("/ladder/round_trips") {
        let total: f64 = trips.iter().filter(|value| value.is_finite()).sum();
        text.push_str(&format!("round trips: {} by {} replicas\n", short(total), trips.len()));
    }
    text
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_rung_has_a_line_with_errors_in_parentheses() {
        let tables = example::tables();
        let text = text_tables(&example::input(&tables));
        assert!(text.contains("equilibrated"));
        let energy = with_error(
            tables["/observables/energy/mean"].numbers()[3],
            tables["/observables/energy/error"].numbers()[3],
        );
        assert!(energy.contains('(') && text.contains(&energy));
        let rungs = tables["/ladder/temperature"].numbers().len();
        assert!(text.lines().count() > rungs);
        let lengths: Vec<usize> = text.lines().skip(2).take(rungs).map(str::len).collect();
        assert!(lengths.iter().all(|length| *length <= 120), "{lengths:?}");
    }

    #[test]
    fn without_a_ladder_the_text_says_why() {
        let tables = BTreeMap::new();
        assert!(text_tables(&example::input(&tables)).contains("not those of a ladder"));
    }
}
