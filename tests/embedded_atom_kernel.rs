//! The vectorized force loops against the oracle, and what they promise to the last bit.

use vitrum::forces::PairwiseEmbedded;
use vitrum::forces::cell_sum::{COMPONENTS, cell_sum};
use vitrum::forces::embedded_atom::EmbeddedAtom;
use vitrum::forces::embedded_atom::kernel::{Accumulation, EmbeddedAtomKernel, Extremes, NearList, Tally};
use vitrum::forces::embedded_atom::table::Table;
use vitrum::forces::embedded_atom::zhou::Zhou;
use vitrum::foundation::random::{Key, Stream};
use vitrum::foundation::simd::InstructionSet;
use vitrum::system::neighbors::{NeighborList, Site};

/// Positions are multiples of this (Angstrom).
const GRID: f64 = 1.0 / (1u64 << 40) as f64;
const BOTH: [Accumulation; 2] = [Accumulation::Exact, Accumulation::Fast];

fn on_grid(x: f64) -> f64 {
    (x / GRID).round() * GRID
}

fn zhou(elements: &[&str]) -> EmbeddedAtom {
    Zhou::new(elements).unwrap().tabulated(2000).unwrap()
}

/// Densities as in files of Finnis and Sinclair: one per pair of kinds, the same both ways.
fn symmetric(elements: &[&str]) -> EmbeddedAtom {
    let mut potential = zhou(elements);
    let n = elements.len();
    let made: Vec<Table> = (0..n * n)
        .map(|pair| {
            let (a, b) = (pair / n, pair % n);
            let (one, other) = (&potential.density[a * n + a], &potential.density[b * n + b]);
            let values: Vec<f64> = one.values().zip(other.values()).map(|(x, y)| 0.5 * (x + y)).collect();
            Table::new(one.spacing(), &values).unwrap()
        })
        .collect();
    potential.density = made;
    potential.is_density_of_source = n == 1;
    potential
}

/// Densities that depend on both kinds and are different both ways.
fn of_source_and_site() -> EmbeddedAtom {
    let mut potential = zhou(&["Zr", "Cu"]);
    let scaled = |table: &Table, factor: f64| {
        let values: Vec<f64> = table.values().map(|value| factor * value).collect();
        Table::new(table.spacing(), &values).unwrap()
    };
    potential.density[1] = scaled(&potential.density[1], 1.3);
    potential.density[2] = scaled(&potential.density[2], 0.7);
    potential.is_density_of_source = false;
    potential
}

/// Tables of distances whose knots differ.
fn uneven() -> EmbeddedAtom {
    let mut potential = zhou(&["Cu", "Zr"]);
    let pair = &potential.pair[0];
    let spacing = pair.end() / 1499.0;
    let values: Vec<f64> = (0..1500).map(|k| pair.value(f64::from(k) * spacing)).collect();
    potential.pair[0] = Table::new(spacing, &values).unwrap();
    potential
}

fn potentials() -> Vec<(&'static str, EmbeddedAtom)> {
    vec![
        ("one kind", zhou(&["Cu"])),
        ("symmetric, two kinds", symmetric(&["Cu", "Zr"])),
        ("symmetric, three kinds", symmetric(&["Ni", "Al", "Zr"])),
        ("of the source, two kinds", zhou(&["Cu", "Zr"])),
        ("of the source, three kinds", zhou(&["Zr", "Cu", "Al"])),
        ("of source and site", of_source_and_site()),
        ("uneven knots", uneven()),
        ("nine kinds", zhou(&["Cu", "Ag", "Au", "Ni", "Pd", "Al", "Fe", "Mo", "Zr"])),
    ]
}

/// Atoms in a triclinic cell with all images within reach of any of them.
struct System {
    rows: [[f64; 3]; 3],
    owned: usize,
    sites: Vec<Site>,
    parent: Vec<usize>,
    list: NeighborList,
}

fn distance(a: &Site, b: &Site) -> f64 {
    (0..3).map(|d| (a.position[d] - b.position[d]).powi(2)).sum::<f64>().sqrt()
}

impl System {
    fn new(stream: &mut Stream, kinds: usize, atoms: usize, reach: f64) -> Self {
        let rows = [[8.3, 0.0, 0.0], [1.9, 7.7, 0.0], [-2.2, 1.1, 9.1]].map(|row: [f64; 3]| row.map(on_grid));
        let image = |site: &Site, shift: [i32; 3]| Site {
            position: std::array::from_fn(|d| {
                site.position[d] + (0..3).map(|e| f64::from(shift[e]) * rows[e][d]).sum::<f64>()
            }),
            kind: site.kind,
        };
        let shifts: Vec<[i32; 3]> =
            (0..343).map(|s| [s % 7 - 3, s / 7 % 7 - 3, s / 49 - 3]).filter(|s| *s != [0; 3]).collect();
        let mut sites: Vec<Site> = Vec::new();
        while sites.len() < atoms {
            let fractions: [f64; 3] = std::array::from_fn(|_| stream.uniform());
            let position =
                std::array::from_fn(|d| on_grid((0..3).map(|e| fractions[e] * rows[e][d]).sum::<f64>()));
            let site = Site { position, kind: (sites.len() % kinds) as u64 };
            let is_free = |other: &Site| {
                distance(&site, other) > 1.9
                    && shifts.iter().all(|s| distance(&site, &image(other, *s)) > 1.9)
            };
            if sites.iter().all(is_free) {
                sites.push(site);
            }
        }
        let mut parent: Vec<usize> = (0..atoms).collect();
        for k in 0..atoms {
            for shift in &shifts {
                let ghost = image(&sites[k], *shift);
                if sites[..atoms].iter().any(|site| distance(site, &ghost) < reach) {
                    sites.push(ghost);
                    parent.push(k);
                }
            }
        }
        let mut list = NeighborList { first: vec![0], index: Vec::new() };
        for i in 0..atoms {
            let is_near = |&j: &usize| j != i && distance(&sites[i], &sites[j]) < reach;
            list.index.extend((0..sites.len()).filter(is_near).map(|j| j as u32));
            list.first.push(list.index.len() as u32);
        }
        System { rows, owned: atoms, sites, parent, list }
    }

    fn shuffled(&self, stream: &mut Stream) -> NeighborList {
        let mut list = self.list.clone();
        for i in 0..self.owned {
            let own = &mut list.index[list.first[i] as usize..list.first[i + 1] as usize];
            for k in (1..own.len()).rev() {
                own.swap(k, stream.below(k + 1));
            }
        }
        list
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Found {
    density: Vec<f64>,
    force: Vec<[f64; 3]>,
    tally: Vec<Tally>,
    extremes: Extremes,
}

/// Both passes over chunks of atoms; forces come twice, with tallies and without, and must agree.
fn evaluate(
    kernel: &EmbeddedAtomKernel,
    set: InstructionSet,
    accumulation: Accumulation,
    system: &System,
    list: &NeighborList,
    chunk: usize,
) -> Found {
    let (n, sites) = (system.owned, &system.sites);
    let chunks: Vec<_> = (0..n).step_by(chunk).map(|start| start..(start + chunk).min(n)).collect();
    let mut near = vec![NearList::default(); chunks.len()];
    let mut found = Found {
        density: vec![0.0; n],
        force: vec![[f64::NAN; 3]; n],
        tally: vec![Tally { energy: f64::NAN, virial: [f64::NAN; 6] }; n],
        extremes: Extremes::default(),
    };
    for (chunk, near) in chunks.iter().zip(&mut near) {
        let density = &mut found.density[chunk.clone()];
        let met = kernel.densities(set, accumulation, sites, list, chunk.clone(), near, density);
        found.extremes = found.extremes.and(met);
        for i in chunk.clone() {
            let is_near = |&&j: &&u32| distance(&sites[i], &sites[j as usize]) < kernel.cutoff();
            assert!(near.of(i - chunk.start).iter().eq(list.of(i).iter().filter(is_near)));
        }
    }
    let mut derivative = vec![0.0; n];
    let beyond = kernel.embed(&sites[..n], &found.density, &mut derivative);
    assert_eq!(beyond.count, 0);
    let derivative: Vec<f64> = system.parent.iter().map(|&parent| derivative[parent]).collect();
    for (chunk, near) in chunks.iter().zip(&near) {
        let force = &mut found.force[chunk.clone()];
        let tally = &mut found.tally[chunk.clone()];
        let met =
            kernel.forces(set, accumulation, sites, near, &derivative, chunk.clone(), force, Some(tally));
        found.extremes = found.extremes.and(met);
        let mut alone = vec![[f64::NAN; 3]; chunk.len()];
        kernel.forces(set, accumulation, sites, near, &derivative, chunk.clone(), &mut alone, None);
        assert_eq!(alone, force);
    }
    found
}

fn largest_difference(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    pairs.fold(0.0, |most, (a, b)| if (a - b).abs() <= most { most } else { (a - b).abs() })
}

/// Largest difference from the oracle in densities, forces, energies and virials.
fn error_of(potential: &EmbeddedAtom, system: &System, found: &Found) -> [f64; 4] {
    let positions: Vec<[f64; 3]> = system.sites[..system.owned].iter().map(|site| site.position).collect();
    let kinds: Vec<usize> = system.sites[..system.owned].iter().map(|site| site.kind as usize).collect();
    let sums = cell_sum(potential, &system.rows, &positions, &kinds).unwrap();
    let flat = |a: &[[f64; 3]]| a.iter().flatten().copied().collect::<Vec<f64>>();
    // The oracle's order of components is another one.
    let component = |c: usize| COMPONENTS.iter().position(|pair| *pair == ORDER[c]).unwrap();
    const ORDER: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
    let virials = (0..system.owned)
        .flat_map(|i| (0..6).map(move |c| (i, c)))
        .map(|(i, c)| (sums.virials[i][component(c)], found.tally[i].virial[c]));
    let energies = sums.energies.iter().copied().zip(found.tally.iter().map(|tally| tally.energy));
    [
        largest_difference(sums.densities.iter().copied().zip(found.density.iter().copied())),
        largest_difference(flat(&sums.forces).into_iter().zip(flat(&found.force))),
        largest_difference(energies),
        largest_difference(virials),
    ]
}

#[test]
fn they_agree_with_the_oracle() {
    for (name, potential) in potentials() {
        let kernel = EmbeddedAtomKernel::new(&potential);
        let kinds = potential.elements.len();
        for (seed, atoms) in [(1, 1), (2, 2), (3, 23), (4, 24)] {
            let system = System::new(&mut Key::new(seed).stream(), kinds, atoms, kernel.cutoff() + 0.7);
            for accumulation in BOTH {
                let set = InstructionSet::detect();
                let found = evaluate(&kernel, set, accumulation, &system, &system.list, 7);
                let errors = error_of(&potential, &system, &found);
                assert!(
                    errors.iter().all(|error| *error < 1e-10),
                    "{name} {atoms} {accumulation:?}: {errors:?}"
                );
                assert!(!found.extremes.is_overflow && found.extremes.shortest > 1.9);
            }
        }
    }
}

#[test]
fn a_transposed_density_would_be_noticed() {
    let potential = of_source_and_site();
    let mut transposed = potential.clone();
    transposed.density.swap(1, 2);
    let system = System::new(&mut Key::new(3).stream(), 2, 20, potential.cutoff);
    let kernel = EmbeddedAtomKernel::new(&transposed);
    let set = InstructionSet::detect();
    let found = evaluate(&kernel, set, Accumulation::Exact, &system, &system.list, 20);
    assert!(error_of(&potential, &system, &found).iter().all(|error| *error > 1e-3));
}

#[test]
fn exact_sums_do_not_depend_on_order_chunks_or_instruction_set() {
    let mut stream = Key::new(8).stream();
    for (name, potential) in potentials() {
        let kernel = EmbeddedAtomKernel::new(&potential);
        let mut system = System::new(&mut stream, potential.elements.len(), 21, kernel.cutoff() + 1.1);
        let portable = InstructionSet::Portable;
        let first = evaluate(&kernel, portable, Accumulation::Exact, &system, &system.list, 21);
        for set in InstructionSet::available() {
            for chunk in [1, 6, 21] {
                let list = system.shuffled(&mut stream);
                let found = evaluate(&kernel, set, Accumulation::Exact, &system, &list, chunk);
                assert_eq!(found, first, "{name} {} {chunk}", set.name());
            }
        }
        // Sites beyond the cutoff do not count.
        let before = system.list.index.len();
        let is_near =
            |i: usize, j: u32| distance(&system.sites[i], &system.sites[j as usize]) < kernel.cutoff();
        let mut list = NeighborList { first: vec![0], index: Vec::new() };
        for i in 0..system.owned {
            list.index.extend(system.list.of(i).iter().filter(|&&j| is_near(i, j)));
            list.first.push(list.index.len() as u32);
        }
        system.list = list;
        assert!(before > system.list.index.len());
        let found = evaluate(&kernel, portable, Accumulation::Exact, &system, &system.list, 21);
        assert_eq!(found, first, "{name}");
    }
}

#[test]
fn fast_sums_are_the_same_on_every_instruction_set() {
    for (name, potential) in potentials() {
        let kernel = EmbeddedAtomKernel::new(&potential);
        let system =
            System::new(&mut Key::new(5).stream(), potential.elements.len(), 19, kernel.cutoff() + 1.0);
        let run = |set| evaluate(&kernel, set, Accumulation::Fast, &system, &system.list, 8);
        let first = run(InstructionSet::Portable);
        for set in InstructionSet::available() {
            assert_eq!(run(set), first, "{name} {}", set.name());
        }
    }
}

#[test]
fn exact_forces_sum_to_zero_and_tallies_to_totals() {
    for (name, potential) in potentials() {
        let kernel = EmbeddedAtomKernel::new(&potential);
        let system = System::new(&mut Key::new(6).stream(), potential.elements.len(), 22, kernel.cutoff());
        let set = InstructionSet::detect();
        let found = evaluate(&kernel, set, Accumulation::Exact, &system, &system.list, 5);
        for d in 0..3 {
            let units: i64 = found.force.iter().map(|force| (force[d] / GRID) as i64).sum();
            assert_eq!(units, 0, "{name}");
        }
        assert!(found.force.iter().flatten().all(|x| x.abs() > 1e-6));
        let pairs: f64 = system.list_energy(&potential);
        let energy: f64 = found.tally.iter().map(|tally| tally.energy).sum();
        let embedding = |(site, &density): (&Site, &f64)| potential.embedding(site.kind as usize, density).0;
        let embedded: f64 = system.sites.iter().zip(&found.density).map(embedding).sum();
        assert!((energy - embedded - pairs).abs() < 1e-9, "{name}");
    }
}

impl System {
    /// Half of the pair energies of all listed pairs.
    fn list_energy(&self, potential: &EmbeddedAtom) -> f64 {
        let mut sum = 0.0;
        for i in 0..self.owned {
            for &j in self.list.of(i) {
                let (a, b) = (&self.sites[i], &self.sites[j as usize]);
                let r = distance(a, b);
                if r < potential.cutoff {
                    sum += 0.5 * potential.pair(a.kind as usize, b.kind as usize, r).0;
                }
            }
        }
        sum
    }
}

/// Two atoms of a kind at a distance along x.
fn two_atoms(r: f64) -> System {
    let site = |x: f64| Site { position: [x, 0.0, 0.0], kind: 0 };
    let list = NeighborList { first: vec![0, 1, 2], index: vec![1, 0] };
    System { rows: [[0.0; 3]; 3], owned: 2, sites: vec![site(1.0), site(1.0 + r)], parent: vec![0, 1], list }
}

#[test]
fn a_neighbor_at_the_cutoff_is_not_one() {
    let mut potential = zhou(&["Cu"]);
    potential.cutoff = 5.5;
    let kernel = EmbeddedAtomKernel::new(&potential);
    for set in InstructionSet::available() {
        for accumulation in BOTH {
            let run = |system: &System| evaluate(&kernel, set, accumulation, system, &system.list, 2);
            let at = run(&two_atoms(5.5));
            assert!(
                at.density == [0.0; 2] && at.force == [[0.0; 3]; 2] && at.extremes.shortest.is_infinite()
            );
            let inside = run(&two_atoms(5.5 - GRID));
            let expected = potential.density(0, 0, 5.5 - GRID).0;
            assert!(inside.density.iter().all(|rho| (rho - expected).abs() < 1e-12 && *rho > 1e-6));
            assert!(inside.force[0][0] != 0.0 && inside.force[0][0] == -inside.force[1][0]);
            assert_eq!(inside.extremes.shortest, 5.5 - GRID);
        }
    }
}

/// One kind with the pair energy 10000 exp(-r) eV, no embedding energy and a small density.
fn hard() -> EmbeddedAtom {
    let mut potential = zhou(&["Cu"]);
    let spacing = potential.pair[0].spacing();
    let values = |function: &dyn Fn(f64) -> f64, spacing: f64| {
        let values: Vec<f64> = (0..2000).map(|k| function(f64::from(k) * spacing)).collect();
        Table::new(spacing, &values).unwrap()
    };
    potential.pair[0] = values(&|r| r * 1e4 * (-r).exp(), spacing);
    potential.density[0] = values(&|r| 1e-3 * (-r).exp(), spacing);
    potential.embedding[0] = values(&|_| 0.0, 1.0);
    potential
}

#[test]
fn what_exact_sums_cannot_hold_is_said() {
    let kernel = EmbeddedAtomKernel::new(&hard());
    for set in InstructionSet::available() {
        let run =
            |accumulation, r: f64| evaluate(&kernel, set, accumulation, &two_atoms(r), &two_atoms(r).list, 2);
        // 10000 exp(-r) is 2047 at 1.586.
        let close = run(Accumulation::Exact, 1.5);
        assert!(close.extremes.is_overflow && close.extremes.largest_term > 2231.0);
        let far = run(Accumulation::Exact, 3.0);
        assert!(!far.extremes.is_overflow, "{:?}", far.extremes);
        let fast = run(Accumulation::Fast, 1.5);
        assert!(!fast.extremes.is_overflow && (fast.force[0][0] + 2231.3).abs() < 0.1);
        assert!((far.force[0][0] + 1e4 * (-3f64).exp()).abs() < 1e-4);
        assert!((far.density[0] - 1e-3 * (-3f64).exp()).abs() < 1e-12);
    }
}

#[test]
fn atoms_at_the_same_place_are_an_overflow() {
    for (_, potential) in potentials() {
        let kernel = EmbeddedAtomKernel::new(&potential);
        let system = two_atoms(0.0);
        for accumulation in BOTH {
            let mut near = NearList::default();
            let set = InstructionSet::detect();
            let met = kernel.densities(
                set,
                accumulation,
                &system.sites,
                &system.list,
                0..2,
                &mut near,
                &mut [0.0; 2],
            );
            assert!(met.is_overflow && met.shortest == 0.0);
        }
    }
}

#[test]
fn densities_beyond_the_table_are_counted_and_continued() {
    let potential = zhou(&["Cu", "Zr"]);
    let kernel = EmbeddedAtomKernel::new(&potential);
    let site = |kind| Site { position: [0.0; 3], kind };
    let end = potential.embedding[1].end();
    let density = [end + 3.0, 10.0, end + 1.0];
    let mut derivative = [0.0; 3];
    let beyond = kernel.embed(&[site(1), site(0), site(1)], &density, &mut derivative);
    assert!(beyond.count == 2 && beyond.largest == end + 3.0);
    for (k, kind) in [1, 0, 1].into_iter().enumerate() {
        assert_eq!(derivative[k], potential.embedding(kind, density[k]).1);
    }
}

#[test]
#[should_panic(expected = "farthest")]
fn a_list_of_sites_there_are_not_is_not_followed() {
    let mut system = two_atoms(2.0);
    system.list.index[1] = 2;
    let kernel = EmbeddedAtomKernel::new(&zhou(&["Cu"]));
    let mut near = NearList::default();
    let (set, sum) = (InstructionSet::detect(), Accumulation::Fast);
    kernel.densities(set, sum, &system.sites, &system.list, 0..2, &mut near, &mut [0.0; 2]);
}
