//! Static structure factors of a lattice with a basis, by one small FFT per site of the cell.

use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlannerScalar};
use std::sync::Arc;

/// The geometry: `size`^3 cells, basis positions in units of a quarter of the cell edge.
pub struct StructureFactor {
    size: usize,
    basis: Vec<[i64; 3]>,
    fft: Arc<dyn Fft<f64>>,
    /// e^{2 pi i n/(4 L)}
    turns: Vec<Complex64>,
}

impl StructureFactor {
    /// Plans the transforms. The scalar planner is taken on purpose: its bits do not depend on the processor.
    #[must_use]
    pub fn new(size: usize, basis: Vec<[i64; 3]>) -> Self {
        let period = 4 * size;
        let turns = (0..period)
            .map(|n| Complex64::from_polar(1.0, std::f64::consts::TAU * n as f64 / period as f64))
            .collect();
        StructureFactor { size, basis, fft: FftPlannerScalar::new().plan_fft_inverse(size), turns }
    }

    /// Transforms a field given per basis site and cell, `field[b * cells + cell]`, in place:
    /// F_b(k) = sum_cells field e^{2 pi i k.cell / L}.
    pub fn transform(&self, field: &mut [Complex64]) {
        let l = self.size;
        let mut line = vec![Complex64::default(); l];
        for cells in field.chunks_exact_mut(l * l * l) {
            for stride in [1, l, l * l] {
                for start in (0..l * l * l).filter(|c| c / stride % l == 0) {
                    for (k, value) in line.iter_mut().enumerate() {
                        *value = cells[start + k * stride];
                    }
                    self.fft.process(&mut line);
                    for (k, value) in line.iter().enumerate() {
                        cells[start + k * stride] = *value;
                    }
                }
            }
        }
    }

    /// The phases e^{i q.r_b} of the basis sites and the cell index of q = 2 pi/(a L) (h, k, l): the amplitude of a
    /// transformed field is sum_b phase_b F_b(q).
    pub fn phases(&self, [h, k, l]: [i64; 3], phases: &mut Vec<Complex64>) -> usize {
        let size = self.size as i64;
        let wrap = |x: i64| x.rem_euclid(size) as usize;
        phases.clear();
        phases.extend(self.basis.iter().map(|r| {
            let turn = (h * r[0] + k * r[1] + l * r[2]).rem_euclid(4 * size);
            self.turns[turn as usize]
        }));
        (wrap(h) * self.size + wrap(k)) * self.size + wrap(l)
    }
}
