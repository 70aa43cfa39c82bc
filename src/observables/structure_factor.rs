//! Static structure factors of a lattice with a basis: Fourier transforms of fields over cells, line by line, and the
//! phases of the sites within a cell.

use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlannerScalar};
use std::sync::Arc;

/// Transforms along the three axes of a box of cells. The scalar planner is taken on purpose: its bits do not depend
/// on the processor.
pub struct LineTransforms {
    plans: [Arc<dyn Fft<f64>>; 3],
}

impl LineTransforms {
    /// Plans the transforms of a box.
    #[must_use]
    pub fn new(cells: [usize; 3]) -> Self {
        let mut planner = FftPlannerScalar::new();
        LineTransforms { plans: cells.map(|length| planner.plan_fft_inverse(length)) }
    }

    /// Transforms every line along one axis of an array of this extent, which must be whole along the axis:
    /// F(k) = sum_n f(n) e^{2 pi i k n / L}.
    pub fn along(&self, axis: usize, extent: [usize; 3], field: &mut [Complex64]) {
        let stride: usize = extent[axis + 1..].iter().product();
        let length = extent[axis];
        let mut line = vec![Complex64::default(); length];
        for start in (0..field.len()).filter(|place| (place / stride).is_multiple_of(length)) {
            for (k, value) in line.iter_mut().enumerate() {
                *value = field[start + k * stride];
            }
            self.plans[axis].process(&mut line);
            for (k, value) in line.iter().enumerate() {
                field[start + k * stride] = *value;
            }
        }
    }
}

/// The phases e^{i q.r} of the sites of a cell at q = 2 pi (h/Lx, k/Ly, l/Lz)/a; positions in quarters of its edge.
#[must_use]
pub fn phases(cells: [usize; 3], basis: &[[i64; 3]], wave_vector: [i64; 3]) -> Vec<Complex64> {
    // With one denominator for the three axes the turn is a whole number of its parts, and periodic to the last bit.
    let parts = 4 * (cells[0] * cells[1] * cells[2]) as i64;
    let phase = |r: &[i64; 3]| {
        let along = |d: usize| wave_vector[d] * r[d] * (parts / 4 / cells[d] as i64);
        let turn = (0..3).map(along).sum::<i64>().rem_euclid(parts);
        Complex64::from_polar(1.0, std::f64::consts::TAU * turn as f64 / parts as f64)
    };
    basis.iter().map(phase).collect()
}

/// The cell that holds the transform at a wave vector.
#[must_use]
pub fn cell_of(cells: [usize; 3], wave_vector: [i64; 3]) -> [usize; 3] {
    std::array::from_fn(|d| wave_vector[d].rem_euclid(cells[d] as i64) as usize)
}
