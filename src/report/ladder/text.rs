//! The tables of a ladder on the terminal.

use super::super::catalog::MAIN;
use super::super::number::{short, with_error};
use super::super::results::{Measured, Results};
use super::super::text::aligned;

/// A row per rung, and what is known of the ladder as a whole.
#[must_use]
pub fn tables(results: &Results) -> String {
    let mut text = aligned(&rung_rows(results));
    let summary = ladder_summary(results);
    if !summary.is_empty() {
        text.push('\n');
        text.push_str(&summary);
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
