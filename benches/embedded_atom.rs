//! Nanoseconds per atom and step of the force loops of embedded-atom potentials, on one core.
//!
//! `cargo bench --bench embedded_atom [-- POTENTIAL [DATA [KNOTS]]] [all]`: a potential file, else Zhou's Cu-Zr; a LAMMPS
//! data file, else 32,000 atoms of a random alloy on a face-centered lattice at the density of a liquid, each displaced
//! by about 0.25 Angstrom; tables thinned to so many knots. Neighbor lists reach 1 Angstrom beyond the cutoff. Times are
//! processor time, the best of several repeats. `all` measures every instruction set of the processor.

use std::collections::HashMap;
use std::path::Path;
use vitrum::forces::embedded_atom::EmbeddedAtom;
use vitrum::forces::embedded_atom::kernel::{Accumulation, EmbeddedAtomKernel, Extremes, NearList, Tally};
use vitrum::forces::embedded_atom::read;
use vitrum::forces::embedded_atom::zhou::Zhou;
use vitrum::formats::lammps_data;
use vitrum::foundation::random::{Key, Stream};
use vitrum::foundation::simd::InstructionSet;
use vitrum::system::neighbors::{NeighborList, Site};

/// Beyond the cutoff (Angstrom).
const SKIN: f64 = 1.0;
/// Atoms of one chunk.
const CHUNK: usize = 1024;
/// Positions are multiples of this (Angstrom).
const GRID: f64 = 1.0 / (1u64 << 40) as f64;

fn processor_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the structure it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn normal(stream: &mut Stream) -> f64 {
    (-2.0 * (1.0 - stream.uniform()).ln()).sqrt() * (std::f64::consts::TAU * stream.uniform()).cos()
}

/// Edges of an orthogonal box, and atoms in it.
fn random_alloy(kinds: usize) -> ([f64; 3], Vec<Site>) {
    let (cells, constant) = (20, if kinds > 1 { 4.22 } else { 3.70 });
    let mut stream = Key::new(1).stream();
    let mut sites = Vec::new();
    for cell in 0..cells * cells * cells {
        for corner in [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]] {
            let cell = [cell % cells, cell / cells % cells, cell / cells / cells];
            let position = std::array::from_fn(|d| {
                constant * (cell[d] as f64 + corner[d]) + 0.25 / 3f64.sqrt() * normal(&mut stream)
            });
            sites.push(Site { position, kind: stream.below(kinds) as u64 });
        }
    }
    ([constant * cells as f64; 3], sites)
}

fn cell_of(position: [f64; 3], width: f64) -> [i32; 3] {
    position.map(|x| (x / width).floor() as i32)
}

/// Wraps atoms into the box, puts them in the order of small cells, and appends ghosts within reach.
fn prepare(edges: [f64; 3], mut sites: Vec<Site>, reach: f64) -> (Vec<Site>, usize) {
    for site in &mut sites {
        for d in 0..3 {
            site.position[d] = (site.position[d].rem_euclid(edges[d]) / GRID).round() * GRID;
        }
    }
    sites.sort_by_key(|site| cell_of(site.position, reach / 2.0));
    let owned = sites.len();
    let edges = edges.map(|edge| (edge / GRID).round() * GRID);
    let mut ghosts = Vec::new();
    for image in 0..27i32 {
        let shift = [image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1];
        for site in sites.iter().filter(|_| image != 13) {
            let position: [f64; 3] =
                std::array::from_fn(|d| site.position[d] + f64::from(shift[d]) * edges[d]);
            if (0..3).all(|d| position[d] > -reach && position[d] < edges[d] + reach) {
                ghosts.push(Site { position, kind: site.kind });
            }
        }
    }
    ghosts.sort_by_key(|site| cell_of(site.position, reach / 2.0));
    sites.extend(ghosts);
    (sites, owned)
}

fn neighbor_list(sites: &[Site], owned: usize, reach: f64) -> NeighborList {
    let mut cells: HashMap<[i32; 3], Vec<u32>> = HashMap::new();
    for (j, site) in sites.iter().enumerate() {
        cells.entry(cell_of(site.position, reach)).or_default().push(j as u32);
    }
    let mut list = NeighborList { first: vec![0], index: Vec::new() };
    for (i, site) in sites[..owned].iter().enumerate() {
        let center = cell_of(site.position, reach);
        for near in 0..27 {
            let cell = [center[0] + near / 9 - 1, center[1] + near / 3 % 3 - 1, center[2] + near % 3 - 1];
            for &j in cells.get(&cell).into_iter().flatten() {
                let other = &sites[j as usize].position;
                let square: f64 = (0..3).map(|d| (site.position[d] - other[d]).powi(2)).sum();
                if j as usize != i && square < reach * reach {
                    list.index.push(j);
                }
            }
        }
        list.first.push(list.index.len() as u32);
    }
    list
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let is_all = arguments.iter().any(|argument| argument == "all");
    let mut given = arguments.iter().filter(|&argument| argument != "all");
    let mut potential: EmbeddedAtom = match given.next() {
        Some(path) => {
            let bytes = std::fs::read(path).expect("the potential can be read");
            read::parse(&bytes, path).expect("the potential is well-formed")
        }
        None => Zhou::new(&["Cu", "Zr"]).and_then(|zhou| zhou.tabulated(2000)).expect("Zhou has these"),
    };
    let (edges, atoms) = match given.next() {
        Some(path) => {
            let text = std::fs::read_to_string(Path::new(path)).expect("the data file can be read");
            let atoms = lammps_data::parse(&text, path).expect("the data file is well-formed");
            let origin = atoms.periodic_box.origin();
            let site = |k: usize| Site {
                position: std::array::from_fn(|d| atoms.position[k][d] - origin[d]),
                kind: u64::from(atoms.kind[k]),
            };
            (atoms.periodic_box.lengths(), (0..atoms.position.len()).map(site).collect())
        }
        None => random_alloy(potential.elements.len()),
    };
    if let Some(knots) = given.next() {
        let knots = knots.parse().expect("the number of knots is a number");
        potential = potential.thinned(knots).expect("there are enough knots").0;
    }
    let kernel = EmbeddedAtomKernel::new(&potential);
    let reach = kernel.cutoff() + SKIN;
    let (sites, owned) = prepare(edges, atoms, reach);
    let list = neighbor_list(&sites, owned, reach);
    println!(
        "{owned} atoms, {} ghosts, {:.1} neighbors",
        sites.len() - owned,
        list.index.len() as f64 / owned as f64
    );
    let sets = if is_all { InstructionSet::available() } else { vec![InstructionSet::detect()] };
    for set in sets {
        for accumulation in [Accumulation::Fast, Accumulation::Exact] {
            for is_tallied in [false, true] {
                measure(&kernel, set, accumulation, is_tallied, &sites, owned, &list);
            }
        }
    }
}

/// One line: the three parts and all together, the best of repeats.
fn measure(
    kernel: &EmbeddedAtomKernel,
    set: InstructionSet,
    accumulation: Accumulation,
    is_tallied: bool,
    sites: &[Site],
    owned: usize,
    list: &NeighborList,
) {
    let chunks: Vec<_> = (0..owned).step_by(CHUNK).map(|start| start..(start + CHUNK).min(owned)).collect();
    let mut near = vec![NearList::default(); chunks.len()];
    let mut density = vec![0.0; owned];
    let mut derivative = vec![0.0; sites.len()];
    let mut force = vec![[0.0; 3]; owned];
    let mut tally = vec![Tally::default(); owned];
    let mut best = [f64::INFINITY; 4];
    let mut extremes = Extremes::default();
    for _ in 0..15 {
        let times = [processor_seconds(), 0.0, 0.0, 0.0];
        let mut times = times;
        for (chunk, near) in chunks.iter().zip(&mut near) {
            let density = &mut density[chunk.clone()];
            extremes =
                extremes.and(kernel.densities(set, accumulation, sites, list, chunk.clone(), near, density));
        }
        times[1] = processor_seconds();
        kernel.embed(&sites[..owned], &density, &mut derivative[..owned]);
        times[2] = processor_seconds();
        for (chunk, near) in chunks.iter().zip(&near) {
            let force = &mut force[chunk.clone()];
            let tally = is_tallied.then(|| &mut tally[chunk.clone()]);
            let found =
                kernel.forces(set, accumulation, sites, near, &derivative, chunk.clone(), force, tally);
            extremes = extremes.and(found);
        }
        times[3] = processor_seconds();
        for part in 0..3 {
            best[part] = best[part].min((times[part + 1] - times[part]) / owned as f64 * 1e9);
        }
        best[3] = best[3].min((times[3] - times[0]) / owned as f64 * 1e9);
    }
    assert!(!extremes.is_overflow);
    let bytes: usize =
        near.iter().map(NearList::bytes).sum::<usize>() + 4 * (list.index.len() + list.first.len());
    println!(
        "{} {accumulation:?}{}: densities {:.0}, embedding {:.0}, forces {:.0} ns; {:.0} ns and {:.2} million atoms a \
         second; {:.0} bytes of lists an atom",
        set.name(),
        if is_tallied { " tallied" } else { "" },
        best[0],
        best[1],
        best[2],
        best[3],
        1e3 / best[3],
        bytes as f64 / owned as f64,
    );
}
