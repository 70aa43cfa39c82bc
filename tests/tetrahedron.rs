//! A free tetrahedron of four sites against exact quadratures: every move, alone and mixed.

mod support;

use support::{mhy, model};
use vitrum::foundation::random::Key;
use vitrum::foundation::simd::{Lanes, dispatch};
use vitrum::foundation::statistics::{binning, jackknife};
use vitrum::models::Model;
use vitrum::models::pyrochlore_spin_lattice::PyrochloreSpinLattice;
use vitrum::models::pyrochlore_spin_lattice::energy::{Measure, Totals};
use vitrum::models::pyrochlore_spin_lattice::field::{FieldContext, Neighborhood, regions};
use vitrum::models::pyrochlore_spin_lattice::site_moves::{
    DisplacementMetropolis, JointHeatBath, OverRelaxation, SpinHeatBath,
};
use vitrum::models::pyrochlore_spin_lattice::state::{Site, SiteBlock, State};
use vitrum::models::pyrochlore_spin_lattice::sweep::{ColorPass, split};
use vitrum::system::pyrochlore::SUBLATTICES;
use vitrum::system::pyrochlore_packing::Link;

/// No neighbors through DOWN tetrahedra: the lattice falls apart into its UP tetrahedra.
#[derive(Clone, Copy)]
struct Isolated;

impl Neighborhood for Isolated {
    #[inline(always)]
    fn fetch<L: Lanes>(self, _region: &[SiteBlock], _vector: usize, _link: Link) -> Site<L> {
        let zero = L::splat(0.0);
        Site { spin: [zero; 3], tau: zero }
    }
}

/// 32 free tetrahedra.
struct Tetrahedra {
    model: PyrochloreSpinLattice,
    state: State,
}

#[derive(Clone, Copy)]
enum Mixture {
    Joint,
    Separate,
    All,
}

impl Tetrahedra {
    fn new(system: &str) -> Self {
        let model = model(system);
        let state = model.random_state(Key::new(2), 0);
        Tetrahedra { model, state }
    }

    fn context(&self) -> FieldContext<'_, Isolated> {
        FieldContext {
            packing: self.model.packing(),
            neighborhood: Isolated,
            couplings: self.model.couplings(),
        }
    }

    fn totals(&self) -> Totals {
        let (context, units) = (self.context(), self.model.units());
        let regions = regions(self.model.packing(), &self.state.blocks);
        Totals::new(&dispatch(Measure { context, regions, units, further: None }), &units)
    }

    fn sweep(&mut self, beta: f64, mixture: Mixture, key: Key) {
        let mut state = self.state.clone();
        macro_rules! pass {
            ($site_move:expr, $id:literal) => {{
                for m in 0..SUBLATTICES {
                    let packing = self.model.packing();
                    let (regions, mine) = split(&mut state.blocks, packing.region(), m);
                    dispatch(ColorPass {
                        context: self.context(),
                        regions,
                        mine,
                        m,
                        vectors: 0..packing.vectors(),
                        site_move: $site_move,
                        inverse_temperature: beta,
                        key: key.with($id).with(m as u64),
                        scale: self.model.energy_unit().scale(),
                        further: None,
                    });
                }
            }};
        }
        if matches!(mixture, Mixture::Joint | Mixture::All) {
            pass!(JointHeatBath, 0);
        }
        if matches!(mixture, Mixture::Separate | Mixture::All) {
            pass!(SpinHeatBath, 1);
            pass!(DisplacementMetropolis, 2);
        }
        if matches!(mixture, Mixture::All) {
            pass!(OverRelaxation, 3);
        }
        self.state = state;
    }

    /// Energy and heat capacity of one tetrahedron, with errors.
    fn measure(&mut self, temperature: f64, mixture: Mixture, sweeps: u64) -> [(f64, f64); 2] {
        let beta = 1.0 / temperature;
        let (mut energy, mut square) = (Vec::new(), Vec::new());
        for sweep in 0..sweeps {
            self.sweep(beta, mixture, Key::new(5).with(sweep));
            if sweep >= sweeps / 10 {
                let totals = self.totals();
                let total = totals.spin_energy + totals.displacement_energy;
                energy.push(total);
                square.push(total * total);
            }
        }
        let count = 32.0;
        let mean = binning(&energy);
        let heat = jackknife(&[energy, square], |m| beta * beta * (m[1] - m[0] * m[0]));
        [(mean.mean / count, mean.error / count), (heat.mean / count, heat.error / count)]
    }
}

fn check(system: &str, temperature: f64, mixture: Mixture, energy: f64, heat: f64) {
    let [measured, capacity] = Tetrahedra::new(system).measure(temperature, mixture, 30_000);
    support::assert_agrees("energy", measured, energy, 0.0, 5e-3);
    support::assert_agrees("heat capacity", capacity, heat, 0.0, 0.05);
}

#[test]
fn the_coupled_tetrahedron_has_its_exact_energy_under_every_mixture_of_moves() {
    for (ice, temperature, energy, heat) in [
        (0.2, 0.5, -5.091781, 3.244951),
        (0.2, 1.0, -4.040762, 1.614104),
        (0.2, 2.0, -2.805704, 0.919557),
        (0.2, 5.0, -1.383437, 0.236068),
        (0.6, 0.5, -5.443011, 2.593959),
        (0.6, 1.0, -4.416570, 1.680526),
        (0.6, 2.0, -3.137131, 0.957131),
        (0.6, 5.0, -1.613689, 0.262240),
        (0.6, 10.0, -0.893117, 0.079327),
    ] {
        for mixture in [Mixture::Joint, Mixture::Separate, Mixture::All] {
            check(&mhy(2, ice), temperature, mixture, energy, heat);
        }
    }
}

#[test]
fn pure_heisenberg_tetrahedra_have_their_exact_energy() {
    for (exchange, table) in [
        (
            1.0,
            [(0.5, -0.35715030, 0.21809220), (1.0, -0.27148235, 0.13378369), (2.0, -0.17991943, 0.06204634)],
        ),
        (
            -1.0,
            [(0.5, -1.10953725, 0.82063465), (1.0, -0.71731256, 0.66583761), (2.0, -0.33190976, 0.19899083)],
        ),
    ] {
        let system = format!(
            "size = 2\nexchange_in_in = {exchange:?}\nexchange_in_out = {exchange:?}\nexchange_out_out = {exchange:?}"
        );
        for (temperature, energy, heat) in table {
            check(&system, temperature, Mixture::All, 4.0 * energy, 4.0 * heat);
        }
    }
}

#[test]
fn the_displacements_of_a_free_tetrahedron_have_their_exact_weights() {
    // K = 0.6, T = 1: P(n_in = 4, 3, 2, 1, 0) with the spins integrated out.
    let exact = [0.001792, 0.119136, 0.613624, 0.258879, 0.006568];
    let mut tetrahedra = Tetrahedra::new(&mhy(2, 0.6));
    let mut series = vec![Vec::new(); 5];
    for sweep in 0..40_000 {
        tetrahedra.sweep(1.0, Mixture::Joint, Key::new(6).with(sweep));
        let mut counts = [0.0; 5];
        let packing = tetrahedra.model.packing();
        let slots: Vec<u32> = (0..packing.sites()).map(|site| packing.slot(site)).collect();
        for corners in slots.chunks_exact(4) {
            let inward = corners.iter().filter(|&&slot| tetrahedra.state.tau(slot) > 0.0).count();
            counts[inward] += 1.0 / 32.0;
        }
        if sweep > 100 {
            series.iter_mut().zip(counts).for_each(|(series, count)| series.push(count));
        }
    }
    for (n_in, series) in series.iter().enumerate() {
        let estimate = binning(series);
        support::assert_agrees("weight", (estimate.mean, estimate.error), exact[n_in], 1e-6, 1e-3);
    }
}
