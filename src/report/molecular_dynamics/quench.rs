//! Energy and volume against temperature where the temperature was driven.

use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, RGBColor, Scale, category};
use super::super::number::{labeled, rounded, short, with_error};
use super::super::sections::{Content, Section, vertical_values};
use super::blocks;
use super::kink::{self, Kink, Line};
use super::run::{Kind, Run};
use crate::foundation::units::GIGAPASCAL;

/// A quantity against temperature in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// What it is: a word for file names.
    pub name: &'static str,
    /// What it is, in words.
    pub label: &'static str,
    /// Units.
    pub units: String,
    /// Averages over blocks: temperature, value.
    pub points: Vec<[f64; 2]>,
    /// The glass temperature, or why there is none; `None` if it was not looked for, because the temperature rose.
    pub kink: Option<Result<Kink, String>>,
}

impl Branch {
    /// The kink, if there is one.
    #[must_use]
    pub fn kink(&self) -> Option<&Kink> {
        self.kink.as_ref()?.as_ref().ok()
    }

    /// The glass temperature in words, or why there is none.
    #[must_use]
    pub fn verdict(&self) -> Option<String> {
        Some(match self.kink.as_ref()? {
            Ok(kink) => format!("{} K", with_error(kink.temperature, kink.error)),
            Err(reason) => format!("no kink: {reason}"),
        })
    }
}

/// A stage with a driven temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct Quench {
    /// Place of the stage in the run.
    pub index: usize,
    /// Name of the stage.
    pub stage: String,
    /// Temperatures at its ends (K).
    pub ends: [f64; 2],
    /// How fast the temperature changed (K/ps), negative on cooling.
    pub rate: f64,
    /// Potential energy or enthalpy.
    pub energy: Branch,
    /// Volume, if it changed.
    pub volume: Option<Branch>,
}

impl Quench {
    /// Energy and volume.
    pub fn branches(&self) -> impl Iterator<Item = &Branch> {
        std::iter::once(&self.energy).chain(&self.volume)
    }
}

/// All stages with a driven temperature and enough rows.
#[must_use]
pub fn all(run: &Run) -> Vec<Quench> {
    let columns = (run.column("temperature"), run.column_per_atom("potential_energy"));
    let (Some(temperature), Some(energy)) = columns else { return Vec::new() };
    let volume = run.column_per_atom("volume");
    let quench = |stage: &super::run::Stage| {
        let Kind::Ramp(from, to) = stage.kind else { return None };
        let rows = stage.rows.clone();
        if rows.len() < 4 {
            return None;
        }
        let count = (rows.len() / 8).clamp(25, 60);
        let kelvin = blocks::averages(&temperature[rows.clone()], count);
        let branch = |name, label, units: &str, values: &[f64]| {
            let values = blocks::averages(values, count);
            let points: Vec<[f64; 2]> = kelvin.iter().zip(values).map(|(t, y)| [*t, y]).collect();
            let kink = (to < from).then(|| kink::find(&points));
            Branch { name, label, units: run.units_per_atom(units), points, kink }
        };
        let pressure = stage.pressure.unwrap_or(0.0) / GIGAPASCAL;
        let volume = volume.as_ref().map(|volume| &volume[rows.clone()]);
        let energy = match volume {
            Some(volume) if pressure != 0.0 => {
                let enthalpy: Vec<f64> =
                    energy[rows.clone()].iter().zip(volume).map(|(e, v)| e + pressure * v).collect();
                branch("enthalpy", "potential energy and P V", "eV", &enthalpy)
            }
            _ => branch("energy", "potential energy", "eV", &energy[rows.clone()]),
        };
        let volume = volume.filter(|volume| volume.iter().any(|v| *v != volume[0]));
        let duration = run.time[rows.end - 1] - run.time[rows.start.saturating_sub(1)];
        Some(Quench {
            index: stage.index,
            stage: stage.name.clone(),
            ends: [from, to],
            rate: (to - from) / duration,
            energy,
            volume: volume.map(|volume| branch("volume", "volume", "Angstrom^3", volume)),
        })
    };
    run.stages.iter().filter_map(quench).collect()
}

/// A figure for each branch, and a table of glass temperatures.
#[must_use]
pub fn section(quenches: &[Quench]) -> Section {
    let mut content: Vec<Content> = quenches
        .iter()
        .flat_map(|quench| quench.branches().map(|branch| Content::Figure(figure(quench, branch))))
        .collect();
    let head =
        ["stage", "rate (K/s)", "from", "glass temperature", "slope of the glass", "slope of the liquid"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for quench in quenches {
        for branch in quench.branches() {
            let Some(verdict) = branch.verdict() else { continue };
            let slope = |line: fn(&Kink) -> Line| {
                branch.kink().map(line).map_or("-".into(), |line| with_error(line.slope, line.slope_error))
            };
            let (low, high) = (slope(|kink| kink.low), slope(|kink| kink.high));
            let rate = short(quench.rate * 1e12);
            let units = super::super::number::units(&format!("{}/K", branch.units.replace(" per atom", "")));
            let name = format!("{} ({units})", branch.label);
            rows.push(vec![quench.stage.clone(), rate, name, verdict, low, high]);
        }
    }
    if rows.len() > 1 {
        content.push(Content::Table(rows));
    }
    Section::new(
        "quench",
        "Cooling and heating",
        "Averages over blocks of the stage. On cooling a straight line is fitted to the glass at low and to the liquid at \
         high temperature, without what lies close to the bend; where they meet is the fictive glass temperature at this \
         cooling rate. Its error is that of the two fits alone: a liquid whose line is curved moves it further. Slopes \
         that differ by less than three standard errors are no kink.",
        content,
    )
}

fn figure(quench: &Quench, branch: &Branch) -> Figure {
    let grey = RGBColor(119, 119, 119);
    let plain = |label: String, points: Vec<[f64; 2]>, color, width, is_dashed| Curve {
        label,
        points: points.into_iter().map(|[x, y]| Point { x, y, error: f64::NAN }).collect(),
        color,
        marker: Marker::None,
        width,
        is_dashed,
    };
    let mut blocks = plain(String::new(), branch.points.clone(), category(0), 0.0, false);
    blocks.marker = Marker::Circle;
    let temperatures: Vec<f64> = branch.points.iter().map(|[t, _]| *t).collect();
    let horizontal = Axis::fit("temperature T (K)", Scale::Linear, &temperatures, 0.03);
    let values = vertical_values(std::slice::from_ref(&blocks), Scale::Linear);
    let vertical = Axis::fit(labeled(branch.label, &branch.units), Scale::Linear, &values, 0.06);
    let mut marks = vec![Mark::Curve(blocks)];
    if let Some(kink) = branch.kink() {
        for (line, index) in [(kink.low, 2), (kink.high, 1)] {
            let ends = |a: f64, b: f64| vec![[a, line.at(a)], [b, line.at(b)]];
            marks.push(Mark::Curve(plain(
                String::new(),
                ends(line.range[0], line.range[1]),
                category(index),
                2.0,
                false,
            )));
            let inner = if index == 1 { line.range[0] } else { line.range[1] };
            marks.push(Mark::Curve(plain(
                String::new(),
                ends(inner, kink.temperature),
                category(index),
                1.5,
                true,
            )));
        }
        let label = format!("glass temperature {} K", with_error(kink.temperature, kink.error));
        let upright = vec![[kink.temperature, vertical.low], [kink.temperature, vertical.high]];
        marks.push(Mark::Curve(plain(label, upright, grey, 1.0, true)));
    }
    let panel = Panel::new(horizontal, vertical, marks).titled(quench.stage.clone());
    let verdict = match &branch.kink {
        Some(Err(reason)) => format!(" No kink: {reason}."),
        _ => String::new(),
    };
    let [from, to] = quench.ends.map(|t| rounded(t, 5));
    let caption = format!("{} against temperature, {from} to {to} K.{verdict}", capital(branch.label));
    Figure::new(&format!("quench_{}_{}", quench.index, branch.name), vec![panel], caption)
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
