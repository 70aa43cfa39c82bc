//! The thermo table against time.

use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, RGBColor, Scale, category};
use super::super::number::labeled;
use super::super::sections::{Content, Section, vertical_values};
use super::blocks;
use super::run::{Kind, Run, Stage};

/// More points than this are not seen on a plot, only paid for.
const POINTS: usize = 1000;
/// With more stages than this, colors repeat and names do not fit.
const NAMED_STAGES: usize = 7;

/// A curve for each quantity, in colors of the stages.
#[must_use]
pub fn section(run: &Run) -> Section {
    let energy = run.units_per_atom("eV");
    let volume = run.units_per_atom("Angstrom^3");
    let relative = run.units_per_atom("meV");
    let scalars = [
        ("temperature", "temperature", "K", run.column("temperature")),
        ("pressure", "pressure", "GPa", run.column("pressure")),
        ("potential_energy", "potential energy", &*energy, run.column_per_atom("potential_energy")),
        ("total_energy", "total energy", &*energy, run.column_per_atom("total_energy")),
        ("volume", "volume", &*volume, run.column_per_atom("volume")),
        ("conserved", "conserved, change", &*relative, conserved(run)),
    ];
    let figure = |(name, label, units, values): (&str, &str, &str, Option<Vec<f64>>)| {
        let is_steady = |stage: &Stage| name != "conserved" || stage.kind == Kind::Steady;
        let curves = by_stage(run, &values?, is_steady);
        let axis =
            Axis::fit(labeled(label, units), Scale::Linear, &vertical_values(&curves, Scale::Linear), 0.06);
        let caption = match name {
            "conserved" => {
                "Energy that neither thermostat nor barostat accounts for, since the start of its stage; stages that drive \
                 the temperature are left out."
            }
            "pressure" => "Pressure of single configurations; in small systems it fluctuates by gigapascals.",
            "volume" => "Volume of the box by the number of atoms.",
            _ => "",
        };
        let caption = if caption.is_empty() {
            format!("The {label} of single configurations.")
        } else {
            caption.into()
        };
        Some(panel_figure(run, name, axis, curves, &caption))
    };
    Section::new(
        "thermo",
        "Against time",
        "Colors are stages, dashed lines their ends. Minimizations take no time and are not shown here.",
        scalars.into_iter().filter_map(figure).map(Content::Figure).collect(),
    )
}

/// The conserved quantity relative to the first row of each stage, in thousandths.
fn conserved(run: &Run) -> Option<Vec<f64>> {
    let mut values = run.column_per_atom("conserved")?;
    for stage in &run.stages {
        let start = values[stage.rows.start];
        values[stage.rows.clone()].iter_mut().for_each(|value| *value = 1e3 * (*value - start));
    }
    Some(values)
}

/// A curve for each stage that takes time and that `is_shown`.
#[must_use]
pub fn by_stage(run: &Run, values: &[f64], is_shown: impl Fn(&Stage) -> bool) -> Vec<Curve> {
    let curve = |(place, stage): (usize, &Stage)| {
        let rows = stage.rows.clone();
        let points = (POINTS * rows.len()).div_ceil(values.len()).max(2);
        let (time, values) =
            (blocks::averages(&run.time[rows.clone()], points), blocks::averages(&values[rows], points));
        Curve {
            label: if run.stages.len() > NAMED_STAGES { String::new() } else { stage.name.clone() },
            points: time.into_iter().zip(values).map(|(x, y)| Point { x, y, error: f64::NAN }).collect(),
            color: category(place),
            marker: Marker::None,
            width: 1.0,
            is_dashed: false,
        }
    };
    run.stages
        .iter()
        .enumerate()
        .filter(|(_, stage)| stage.kind != Kind::Minimization && is_shown(stage))
        .map(curve)
        .filter(|curve| curve.points.iter().any(|point| point.y.is_finite()))
        .collect()
}

fn panel_figure(run: &Run, name: &str, axis: Axis, curves: Vec<Curve>, caption: &str) -> Figure {
    let horizontal = Axis::fit("time t (ps)", Scale::Linear, &run.time, 0.0);
    let mut marks = Vec::new();
    for stage in &run.stages {
        let end = run.time[stage.rows.end - 1];
        if end > horizontal.low && end < horizontal.high {
            marks.push(Mark::Curve(Curve {
                label: String::new(),
                points: [axis.low, axis.high].map(|y| Point { x: end, y, error: f64::NAN }).to_vec(),
                color: RGBColor(150, 150, 150),
                marker: Marker::None,
                width: 1.0,
                is_dashed: true,
            }));
        }
    }
    marks.extend(curves.into_iter().map(Mark::Curve));
    let mut caption = caption.to_string();
    if run.time.len() > POINTS {
        caption
            .push_str(&format!(" Points are averages over about {} rows.", run.time.len().div_ceil(POINTS)));
    }
    let mut figure =
        Figure::new(&format!("thermo_{name}"), vec![Panel::new(horizontal, axis, marks)], caption);
    figure.height = 300.0;
    figure
}
