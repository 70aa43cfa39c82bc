//! The report of a ladder of temperatures: annealing and replica exchange.

mod sheets;
mod summary;
mod text;

use super::csv::Sheet;
use super::number::{labeled, short};
use super::results::Results;
use super::sections::{self, Section};
use super::subject::{Fact, Subject};
use serde_json::Value;
use std::fmt::Write;

impl Subject for Results<'_> {
    fn facts(&self) -> Vec<Fact> {
        key_numbers(self)
    }

    fn sections(&self) -> Vec<Section> {
        sections::all(self)
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

fn key_numbers(results: &Results) -> Vec<Fact> {
    let mut facts = Vec::new();
    let temperature = |rung: Option<&usize>| rung.map_or(f64::NAN, |rung| results.temperature()[*rung]);
    let (cold, hot) = (temperature(results.cold_to_hot().first()), temperature(results.cold_to_hot().last()));
    facts.push(("rungs", results.rungs().to_string()));
    let range = format!("{} to {}", short(cold), short(hot));
    facts.push(("temperatures", labeled(&range, results.temperature_units())));
    if let Some((shape, _)) = results.array("/series/energy") {
        facts.push(("measurements", shape.first().copied().unwrap_or(0).to_string()));
    }
    let finite = |list: Vec<f64>| list.into_iter().filter(|value| value.is_finite()).collect::<Vec<f64>>();
    if let Some(acceptance) = results.by_pair("/ladder/exchange_acceptance").map(finite) {
        let lowest = acceptance.iter().copied().fold(f64::INFINITY, f64::min);
        let mean = acceptance.iter().sum::<f64>() / acceptance.len() as f64;
        if lowest.is_finite() {
            facts.push(("exchange acceptance", format!("{mean:.2} on average, {lowest:.2} at least")));
        }
    }
    if let Some(trips) = results.list("/ladder/round_trips").map(finite) {
        facts.push(("round trips", short(trips.iter().sum())));
    }
    if let Some(barrier) = results.by_pair("/ladder/communication_barrier").map(finite) {
        facts.push(("communication barrier", format!("{:.2}", barrier.iter().sum::<f64>())));
    }
    if let Some(flags) = results.equilibrated() {
        let count = |word: &str| flags.iter().filter(|flag| **flag == Some(word)).count();
        let (yes, undecided) = (count("yes"), count("undecided"));
        let mut text = format!("{yes} of {} rungs", flags.len());
        if undecided > 0 {
            let _ = write!(text, ", {undecided} undecided");
        }
        facts.push(("equilibrated", text));
    }
    facts
}
