//! Nanoseconds per site of each move of the pyrochlore spin-lattice glass, on one core.
//!
//! `cargo bench --bench kernels [-- SIZE] [all]`; one line per move: instruction set, name, median of several repeats.
//! `all` measures every instruction set of the processor, not only the best.

use std::time::Instant;
use vitrum::foundation::observable::MoveCount;
use vitrum::foundation::random::Key;
use vitrum::foundation::simd::InstructionSet;
use vitrum::models::pyrochlore_spin_lattice::PyrochloreSpinLattice;
use vitrum::models::pyrochlore_spin_lattice::site_moves::{
    DisplacementMetropolis, JointHeatBath, OverRelaxation, SpinHeatBath,
};
use vitrum::models::{Model, Workforce};
use vitrum::parallel::halo::Halo;
use vitrum::system::brick::Brick;

fn median_nanoseconds(sites: usize, mut pass: impl FnMut(u64)) -> f64 {
    let passes = (4_000_000 / sites).max(1) as u64;
    let mut times: Vec<f64> = (0..9)
        .map(|repeat| {
            let start = Instant::now();
            for k in 0..passes {
                pass(repeat * passes + k);
            }
            start.elapsed().as_secs_f64() * 1e9 / (passes as f64 * sites as f64)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let size = std::env::args().skip(1).find_map(|a| a.parse::<usize>().ok()).unwrap_or(8);
    let text = format!("model = 'pyrochlore-spin-lattice'\nsize = {size}\npreset = 'mhy-like'");
    let parameters = toml::from_str(&text).expect("the benchmark's own parameters parse");
    let moves = PyrochloreSpinLattice::default_moves(&parameters);
    let mut model =
        PyrochloreSpinLattice::new(parameters, moves).expect("the benchmark's own model is valid");
    model.occupy(Brick::whole(model.cells()), Key::new(0));
    let key = Key::new(1);
    let mut state = model.random_state(key, 0);
    let sites = model.sites();
    let all = std::env::args().any(|argument| argument == "all");
    let sets = if all { InstructionSet::available() } else { vec![InstructionSet::detect()] };
    for set in sets {
        let time = |name: &str, pass: &mut dyn FnMut(u64)| {
            println!("{} {name} {:.2}", set.name(), median_nanoseconds(sites, pass));
        };
        macro_rules! bench {
            ($name:literal, $site_move:expr) => {
                time($name, &mut |k| {
                    model.pass_with(set, &mut state, $site_move, 1.0, key.with(k));
                })
            };
        }
        bench!("spin_heat_bath", SpinHeatBath);
        bench!("joint_heat_bath", JointHeatBath);
        bench!("over_relaxation", OverRelaxation);
        bench!("displacement_metropolis", DisplacementMetropolis);
    }
    let best = InstructionSet::detect().name();
    println!(
        "{best} ice_loops {:.2}",
        median_nanoseconds(sites, |k| {
            model.loop_pass(&mut state, 1.0, key.with(k), &mut MoveCount::default());
        })
    );
    let mut counts = [MoveCount::default(); 5];
    let (halo, threads) = (&Halo::none(), 1);
    let workforce = Workforce { halo, threads };
    println!(
        "{best} default_sweep {:.2}",
        median_nanoseconds(sites, |k| {
            model.sweep(&mut state, 1.0, key.with(k), &mut counts, &workforce);
        })
    );
    let mut row = [0.0; 21];
    println!(
        "{best} observe {:.2}",
        median_nanoseconds(sites, |_| model.observe(&model.sums(&state), &mut row))
    );
    let mut pair = [0.0; 6];
    let other = state.clone();
    println!(
        "{best} observe_pair {:.2}",
        median_nanoseconds(sites, |_| model.observe_pair(&model.pair_sums(&state, &other), &mut pair))
    );
}
