//! How well replicas travel along the ladder.

use super::super::drawing::{Axis, Curve, Figure, Mark, Marker, Panel, Point, Scale, category};
use super::super::results::Results;
use super::{Content, Section, fraction_axis, rung_curve, temperature_axis};

/// More points than this are not seen on a plot, only paid for.
const POINTS: usize = 600;

/// Acceptance, barrier, round trips and the paths of some replicas.
#[must_use]
pub fn section(results: &Results) -> Section {
    let content = [acceptance(results), round_trips(results), diffusion(results)];
    Section::new(
        "exchange",
        "Replica exchange",
        "The acceptance should be flat over the ladder and not below about 0.2; a dip is a bottleneck. The upward \
         fraction falls linearly from one at the hot end to zero at the cold end in an optimal ladder; a step marks \
         where replicas turn back. Replicas with many round trips and paths that cross the whole ladder show that \
         cold rungs are fed with independent configurations.",
        content.into_iter().flatten().map(Content::Figure).collect(),
    )
}

fn acceptance(results: &Results) -> Option<Figure> {
    let acceptance = results.by_pair("/ladder/exchange_acceptance")?;
    let temperature = results.temperature();
    let pair_curve = |index: usize, label: &str, values: &[f64]| {
        let place = |pair: usize| (temperature[pair] * temperature[pair + 1]).sqrt();
        let points = values.iter().enumerate();
        Mark::Curve(Curve {
            label: label.into(),
            points: points.map(|(pair, y)| Point { x: place(pair), y: *y, error: f64::NAN }).collect(),
            color: category(index),
            marker: Marker::of(index),
            width: 1.2,
            is_dashed: false,
        })
    };
    let mut marks = vec![pair_curve(0, "exchange acceptance", &acceptance)];
    let mut caption = String::from("Accepted fraction of exchanges between neighboring rungs");
    if let Some(barrier) = results.by_pair("/ladder/communication_barrier") {
        let total: f64 = barrier.iter().filter(|value| value.is_finite()).sum();
        marks.push(pair_curve(1, "local barrier", &barrier));
        caption.push_str(&format!(
            ", local communication barrier (mean rejection; the whole ladder has {total:.2})"
        ));
    }
    if let Some(upward) = results.by_rung("/ladder/upward_fraction").filter(|upward| upward.width == 1) {
        let curve = rung_curve(results, 2, "upward fraction", |rung| (upward.at(rung, 0), f64::NAN));
        marks.push(Mark::Curve(curve));
        caption.push_str(", and fraction of visitors of a rung that last came from the hot end");
    }
    caption.push('.');
    let vertical = fraction_axis("fraction");
    let panel = Panel::new(temperature_axis(results), vertical, marks);
    Some(Figure::new("exchange", vec![panel], caption))
}

fn round_trips(results: &Results) -> Option<Figure> {
    let trips = results.list("/ladder/round_trips")?;
    let most = trips.iter().copied().filter(|count| count.is_finite()).fold(1.0, f64::max);
    let total: f64 = trips.iter().filter(|count| count.is_finite()).sum();
    let points = trips.iter().enumerate().map(|(replica, count)| [replica as f64, *count]).collect();
    let bars = Mark::Bars { points, width: 0.8, color: category(0) };
    let panel = Panel::new(
        Axis::new("replica", Scale::Linear, -0.8, trips.len() as f64 - 0.2),
        Axis::new("round trips", Scale::Linear, 0.0, 1.08 * most),
        vec![bars],
    );
    let caption = format!(
        "Round trips between the ends of the ladder: {total:.0} in all, by {} replicas.",
        trips.len()
    );
    Some(Figure::new("round_trips", vec![panel], caption))
}

fn diffusion(results: &Results) -> Option<Figure> {
    let (shape, replicas) = results.array("/series/replica_at_rung")?;
    let (rounds, rungs) = (*shape.first()?, *shape.get(1)?);
    let copies = shape.get(2).copied().unwrap_or(1);
    if rungs != results.rungs() || rounds < 2 || shape.len() > 3 {
        return None;
    }
    let at = |round: usize, rung: usize| replicas[(round * rungs + rung) * copies];
    let times = results
        .list("/series/round")
        .filter(|list| list.len() == rounds)
        .unwrap_or_else(|| (0..rounds).map(|round| round as f64).collect());
    let stride = rounds.div_ceil(POINTS);
    let place = |rung: usize| results.cold_to_hot().iter().position(|cold| *cold == rung);
    let chosen = rungs.min(3);
    let path = |index: usize| {
        let start = results.cold_to_hot()[(index * (rungs - 1)).checked_div(chosen - 1).unwrap_or(0)];
        let replica = at(0, start);
        let point = |round: usize| {
            let rung = (0..rungs).find(|rung| at(round, *rung) == replica).and_then(place);
            Point { x: times[round], y: rung.map_or(f64::NAN, |rung| rung as f64), error: f64::NAN }
        };
        Curve {
            label: format!("replica {replica}"),
            points: (0..rounds).step_by(stride).map(point).collect(),
            color: category(index),
            marker: Marker::None,
            width: 1.1,
            is_dashed: false,
        }
    };
    let marks = (0..chosen).map(|index| Mark::Curve(path(index))).collect();
    let horizontal = Axis::fit("exchange round", Scale::Linear, &times, 0.0);
    let vertical = Axis::new("rung, from cold to hot", Scale::Linear, -0.5, rungs as f64 - 0.5);
    let mut caption = String::from("Where some replicas of the first copy are on the ladder.");
    if stride > 1 {
        caption.push_str(&format!(" One round in {stride} is shown."));
    }
    let mut figure = Figure::new("replica_diffusion", vec![Panel::new(horizontal, vertical, marks)], caption);
    figure.is_wide = true;
    Some(figure)
}
