//! Pair distribution functions g(r), all pairs and by kinds, one for each stage.

use super::domain::Domain;
use crate::foundation::Result;
use crate::foundation::persist::{FieldMut, Layout, Visitor};
use crate::foundation::table::{Data, Sink, Table};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// Bins up to the cutoff of the potential, within which neighbor lists are complete.
const BINS: usize = 400;

/// What was counted in one stage.
#[derive(Debug, Clone, Default, PartialEq)]
struct Counts {
    frames: u64,
    /// Sum of the volumes of the frames (cubic Angstrom).
    volume: f64,
    /// `[pair of kinds][bin]`, each pair from both sides.
    pairs: Vec<u64>,
}

/// Histograms of distances; every rank has the sums of all.
#[derive(Debug, Clone)]
pub struct PairDistribution {
    elements: Vec<String>,
    atoms: Vec<usize>,
    cutoff: f64,
    stages: BTreeMap<usize, Counts>,
}

impl PairDistribution {
    /// For `atoms` of each element, up to a distance (Angstrom).
    #[must_use]
    pub fn new(elements: Vec<String>, atoms: Vec<usize>, cutoff: f64) -> Self {
        PairDistribution { elements, atoms, cutoff, stages: BTreeMap::new() }
    }

    /// Adds the present distances to those of a stage. Collective.
    pub fn measure(&mut self, domain: &Domain, stage: usize) {
        let kinds = self.atoms.len();
        let mut counted = vec![0u64; kinds * kinds * BINS];
        let bins_per_length = BINS as f64 / self.cutoff;
        for (index, atom) in domain.atoms.iter().enumerate() {
            for &other in domain.list.of(index) {
                let site = &domain.sites[other as usize];
                let r = (0..3).map(|d| (site.position[d] - atom.position[d]).powi(2)).sum::<f64>().sqrt();
                let bin = (r * bins_per_length) as usize;
                if bin < BINS {
                    counted[(atom.kind as usize * kinds + site.kind as usize) * BINS + bin] += 1;
                }
            }
        }
        domain.comm.sum(&mut counted);
        let counts = self.stages.entry(stage).or_default();
        counts.frames += 1;
        counts.volume += domain.periodic_box().volume();
        counts.pairs.resize(counted.len(), 0);
        counts.pairs.iter_mut().zip(&counted).for_each(|(sum, more)| *sum += more);
    }

    /// The g(r) of one stage for the pairs of kinds that `belongs` admits, with its coordination number up to each bin's
    /// end.
    fn function(&self, counts: &Counts, belongs: impl Fn(usize, usize) -> bool) -> (Vec<f64>, Vec<f64>) {
        let kinds = self.atoms.len();
        let pairs: Vec<(usize, usize)> =
            (0..kinds * kinds).map(|k| (k / kinds, k % kinds)).filter(|&(a, b)| belongs(a, b)).collect();
        let (frames, volume) = (counts.frames as f64, counts.volume / counts.frames as f64);
        // Expected number of ordered pairs per volume, and atoms they are seen from.
        let density: f64 = pairs.iter().map(|&(a, b)| (self.atoms[a] * self.atoms[b]) as f64 / volume).sum();
        let mut centers: Vec<usize> = pairs.iter().map(|&(a, _)| a).collect();
        centers.dedup();
        let centers: usize = centers.into_iter().map(|a| self.atoms[a]).sum();
        let width = self.cutoff / BINS as f64;
        let mut sum = 0.0;
        (0..BINS)
            .map(|bin| {
                let found: u64 = pairs.iter().map(|&(a, b)| counts.pairs[(a * kinds + b) * BINS + bin]).sum();
                let shell = 4.0 / 3.0 * PI * width.powi(3) * ((bin + 1).pow(3) - bin.pow(3)) as f64;
                sum += found as f64 / frames;
                let expected = density * shell;
                let g = if expected > 0.0 { found as f64 / frames / expected } else { 0.0 };
                (g, if centers > 0 { sum / centers as f64 } else { 0.0 })
            })
            .unzip()
    }

    /// The tables of results, by stage.
    ///
    /// # Errors
    /// Whatever `sink` returns.
    pub fn tables(&self, stages: &[&str], sink: Sink<'_>) -> Result<()> {
        let centers = (0..BINS).map(|bin| (bin as f64 + 0.5) * self.cutoff / BINS as f64).collect();
        sink(Table::new("/rdf/distance", vec![BINS], Data::F64(centers), "Angstrom", "centers of the bins"))?;
        for (&stage, counts) in &self.stages {
            let base = format!("/rdf/{stage}-{}", stages.get(stage).unwrap_or(&"stage"));
            let mut write = |name: &str, (g, coordination): (Vec<f64>, Vec<f64>)| -> Result<()> {
                let text = "pair distribution function";
                sink(Table::new(format!("{base}/{name}/g"), vec![BINS], Data::F64(g), "1", text))?;
                let text = "neighbors of an atom (of the first kind) up to the end of the bin";
                let data = Data::F64(coordination);
                sink(Table::new(format!("{base}/{name}/coordination"), vec![BINS], data, "1", text))
            };
            write("all", self.function(counts, |_, _| true))?;
            if self.elements.len() > 1 {
                for (a, first) in self.elements.iter().enumerate() {
                    for (b, second) in self.elements.iter().enumerate() {
                        write(&format!("{first}-{second}"), self.function(counts, |x, y| (x, y) == (a, b)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Shows all counts to a visitor.
    ///
    /// # Errors
    /// As [`Visitor::field`].
    pub fn visit(&mut self, visitor: &mut dyn Visitor) -> Result<()> {
        let mut stages: Vec<u64> = self.stages.keys().map(|&stage| stage as u64).collect();
        let mut count = stages.len() as u64;
        visitor.counter("rdf/stages", &mut count)?;
        if count == 0 {
            self.stages.clear();
            return Ok(());
        }
        let size = self.atoms.len() * self.atoms.len() * BINS;
        let shape = |item: &[usize]| {
            let mut shape = vec![count as usize];
            shape.extend(item);
            Layout::shared(&shape)
        };
        let mut frames: Vec<u64> = self.stages.values().map(|counts| counts.frames).collect();
        let mut volumes: Vec<f64> = self.stages.values().map(|counts| counts.volume).collect();
        let mut pairs: Vec<u64> = self.stages.values().flat_map(|counts| counts.pairs.clone()).collect();
        visitor.field("rdf/stage", &shape(&[]), FieldMut::U64(&mut stages))?;
        visitor.field("rdf/frames", &shape(&[]), FieldMut::U64(&mut frames))?;
        visitor.field("rdf/volume", &shape(&[]), FieldMut::F64(&mut volumes))?;
        visitor.field("rdf/pairs", &shape(&[size]), FieldMut::U64(&mut pairs))?;
        if visitor.is_loading() {
            let counts = frames.into_iter().zip(volumes).zip(pairs.chunks_exact(size));
            let counts =
                counts.map(|((frames, volume), pairs)| Counts { frames, volume, pairs: pairs.to_vec() });
            self.stages = stages.into_iter().map(|stage| stage as usize).zip(counts).collect();
        }
        Ok(())
    }
}
