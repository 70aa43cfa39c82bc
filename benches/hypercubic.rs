//! Nanoseconds per spin update of each move on the cubic lattice, on one core.
//!
//! `cargo bench --bench hypercubic [-- LENGTH] [all]`; one line per move: instruction set, model, move, median of several
//! repeats. `all` measures every instruction set of the processor, not only the best.

use std::rc::Rc;
use std::time::Instant;
use vitrum::foundation::random::Key;
use vitrum::foundation::simd::InstructionSet;
use vitrum::models::edwards_anderson::SpinGlass;
use vitrum::models::hypercubic::sweep::Move;
use vitrum::models::hypercubic::{Flavor, Hypercubic};
use vitrum::models::ising::Ferromagnet;
use vitrum::models::{Model, Workforce};
use vitrum::parallel::halo::{Halo, HaloPlan};
use vitrum::parallel::serial::Serial;
use vitrum::system::brick::Brick;

fn median_nanoseconds(sites: usize, mut pass: impl FnMut(u64)) -> f64 {
    let passes = (20_000_000 / sites).max(1) as u64;
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

/// Times moves at the temperatures given with them, after some sweeps there.
fn bench<F: Flavor>(system: &str, sets: &[InstructionSet], moves: &[(Move, f64)]) {
    let text = format!("model = '{}'\n{system}", F::NAME);
    let parameters: F::Parameters = toml::from_str(&text).expect("the benchmark's own parameters parse");
    let moves_of = Hypercubic::<F>::default_moves(&parameters);
    let mut model = Hypercubic::<F>::new(parameters, moves_of).expect("the benchmark's own model is valid");
    model.occupy(Brick::whole(model.cells()), Key::new(0));
    let plans = model.ghosts();
    let plans = plans.iter().map(|ghosts| HaloPlan::new(&Serial, ghosts, |g| model.locate(g))).collect();
    let workforce = Workforce { halo: &Halo::new(Rc::new(Serial), plans), threads: 1 };
    for &set in sets {
        for &(kind, temperature) in moves {
            let key = Key::new(1);
            let mut state = model.random_state(key, 0);
            workforce.halo.refresh_all(&mut state);
            let beta = 1.0 / temperature;
            for k in 0..200 {
                model.engine().pass_with((set, &workforce), &mut state, Move::HeatBath, beta, key.with(k));
            }
            let time = median_nanoseconds(model.sites(), |k| {
                model.engine().pass_with((set, &workforce), &mut state, kind, beta, key.with(k));
            });
            println!("{} {} {kind:?} T = {temperature}: {time:.3}", set.name(), system.replace('\n', " "));
        }
    }
}

fn main() {
    let length = std::env::args().skip(1).find_map(|a| a.parse::<usize>().ok()).unwrap_or(32);
    let all = std::env::args().any(|argument| argument == "all");
    let sets = if all { InstructionSet::available() } else { vec![InstructionSet::detect()] };
    let size = format!("size = [{length}, {length}, {length}]");
    let bits = [(Move::HeatBath, 4.5), (Move::Metropolis, 4.5)];
    bench::<Ferromagnet>(&size, &sets, &bits);
    bench::<Ferromagnet>(&format!("size = [{}, {}]", 8 * length, 8 * length), &sets, &bits);
    let glass = format!("{size}\ncouplings = 'bimodal'");
    bench::<SpinGlass>(&glass, &sets, &[(Move::HeatBath, 1.1), (Move::Metropolis, 1.1)]);
    let gaussian = format!("{size}\ncouplings = 'gaussian'");
    bench::<SpinGlass>(&gaussian, &sets, &[(Move::HeatBath, 1.0)]);
    let heisenberg = format!("{gaussian}\ncomponents = 3");
    let moves = [(Move::HeatBath, 0.2), (Move::OverRelaxation, 0.2)];
    bench::<SpinGlass>(&heisenberg, &sets, &moves);
}
