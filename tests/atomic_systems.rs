//! Atomic systems: crystals have their neighbors, files keep every bit, every mistake in a file gets one message.

use vitrum::formats::{Column, Frame, Values, dump, extended_xyz, lammps_data};
use vitrum::foundation::Result;
use vitrum::foundation::random::Key;
use vitrum::foundation::vector::norm;
use vitrum::system::atoms::Atoms;
use vitrum::system::crystal::{IDEAL_AXIS_RATIO, Structure, build};
use vitrum::system::packing;
use vitrum::system::periodic_box::PeriodicBox;
use vitrum::system::velocities::maxwell_boltzmann;

/// Written by `write_data` and `dump custom` of LAMMPS (29 Sep 2021) in one run of five atoms.
const LAMMPS_DATA: &str = include_str!("data/atomic_systems/lammps.data");
const LAMMPS_DUMP: &str = include_str!("data/atomic_systems/lammps.dump");
const LAMMPS_SCALED: &str = include_str!("data/atomic_systems/lammps_scaled.dump");

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// Distances of neighbors up to `range` with their numbers, counted over images, and how many are of each kind.
fn shells(atoms: &Atoms, at: usize, range: f64) -> Vec<(f64, [usize; 2])> {
    let mut found: Vec<(f64, [usize; 2])> = Vec::new();
    let edges = atoms.periodic_box.edges();
    for other in 0..atoms.len() {
        for image in 0..27 {
            let count = [image / 9 - 1, image / 3 % 3 - 1, image % 3 - 1].map(f64::from);
            let difference: [f64; 3] = std::array::from_fn(|k| {
                atoms.position[other][k] - atoms.position[at][k]
                    + (0..3).map(|d| count[d] * edges[d][k]).sum::<f64>()
            });
            let distance = norm(difference);
            if distance < 1e-9 || distance > range {
                continue;
            }
            let kind = usize::from(atoms.kind[other]);
            match found.iter_mut().find(|(known, _)| (known - distance).abs() < 1e-9) {
                Some((_, number)) => number[kind] += 1,
                None => {
                    let mut number = [0; 2];
                    number[kind] = 1;
                    found.push((distance, number));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

#[test]
fn crystals_have_the_neighbors_of_their_structure() {
    let key = Key::new(1);
    let a = 3.6;
    let half = |x: f64| x.sqrt() / 2.0 * a;
    let ratio = 1.59;
    let between = a * (1.0f64 / 3.0 + ratio * ratio / 4.0).sqrt();
    // Distance and number of the nearest and the next neighbors, of the first and the second kind.
    let cases = [
        (Structure::Fcc, 4, &["Cu"][..], [(half(2.0), [12, 0]), (a, [6, 0])]),
        (Structure::Bcc, 2, &["Fe"][..], [(half(3.0), [8, 0]), (a, [6, 0])]),
        (
            Structure::Hcp { axis_ratio: IDEAL_AXIS_RATIO },
            4,
            &["Zr"][..],
            [(a, [12, 0]), (2f64.sqrt() * a, [6, 0])],
        ),
        (Structure::Hcp { axis_ratio: ratio }, 4, &["Zr"][..], [(between, [6, 0]), (a, [6, 0])]),
    ];
    for (structure, per_cell, elements, expected) in cases {
        let atoms = build(structure, a, [4, 3, 3], &names(elements), &[], key).unwrap();
        assert_eq!(atoms.len(), per_cell * 36);
        atoms.check("crystal").unwrap();
        for at in 0..atoms.len() {
            let shells = shells(&atoms, at, 1.5 * a);
            for (found, expected) in shells.iter().zip(expected) {
                assert!(
                    (found.0 - expected.0).abs() < 1e-12 && found.1 == expected.1,
                    "{structure:?} {shells:?}"
                );
            }
        }
        let closest = atoms.closest_pair().unwrap().unwrap().distance;
        assert!((closest - expected[0].0).abs() < 1e-12);
    }
}

#[test]
fn ordered_crystals_have_unlike_neighbors() {
    let key = Key::new(1);
    let a = 3.2;
    let b2 = build(Structure::B2, a, [3; 3], &names(&["Cu", "Zr"]), &[], key).unwrap();
    let l12 = build(Structure::L12, a, [3; 3], &names(&["Ni", "Al"]), &[], key).unwrap();
    for at in 0..b2.len() {
        let [first, second] = shells(&b2, at, 1.1 * a)[..] else { panic!("two shells") };
        let mine = usize::from(b2.kind[at]);
        assert_eq!((first.1[mine], first.1[1 - mine]), (0, 8));
        assert_eq!((second.1[mine], second.1[1 - mine]), (6, 0));
    }
    for at in 0..l12.len() {
        let first = shells(&l12, at, 0.8 * a)[0];
        assert!((first.0 - a / 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(first.1, if l12.kind[at] == 0 { [8, 4] } else { [12, 0] });
    }
    assert_eq!(l12.kind.iter().filter(|&&kind| kind == 0).count(), 81);
}

/// A random alloy that exercises what files must keep: unordered ids, images, velocities, a box with its own corner.
fn alloy(tilts: [f64; 3]) -> Atoms {
    let cell = PeriodicBox::from_bounds([-3.3, 0.1, 1.7], [12.1, 15.0, 17.2], tilts).unwrap();
    let mut atoms = packing::pack(cell, 60, &names(&["Zr", "Cu"]), &[0.6, 0.4], None, Key::new(4)).unwrap();
    atoms.masses = Some(vec![91.224, 63.546]);
    maxwell_boltzmann(&mut atoms, 700.0, Key::new(4)).unwrap();
    atoms.id.reverse();
    for (at, image) in atoms.image.iter_mut().enumerate() {
        *image = [at as i32 % 3 - 1, -7, i32::MAX - at as i32];
    }
    atoms.position[7] = [-3.3, 1e-300, -0.0];
    atoms.velocity[9] = [5e-324, -1.7976931348623157e308, 0.1 + 0.2];
    atoms
}

fn frame(tilts: [f64; 3], step: u64) -> Frame {
    let mut frame = Frame::new(alloy(tilts), step);
    let count = frame.atoms.len();
    let number = |k: usize| (k as f64).sin() * 10f64.powi(k as i32 % 40 - 20);
    let word = |k: usize| format!("w{}", k % 3);
    frame.columns = vec![
        Column::vector("force", &(0..count).map(|k| [number(k), 0.0, -1.0]).collect::<Vec<_>>()),
        Column::scalar("energy", (0..count).map(number).collect()),
        Column::vector(
            "stress",
            &(0..count).map(|k| std::array::from_fn(|c| number(k + c))).collect::<Vec<[f64; 6]>>(),
        ),
        Column::scalar("pressure", vec![2.5; count]),
        Column::scalar("von_mises", vec![0.125; count]),
        Column { name: "label".into(), components: 1, values: Values::Text((0..count).map(word).collect()) },
        Column::vector("pair", &vec![[1.5, 2.5]; count]),
    ];
    frame
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

const TILTS: [[f64; 3]; 3] = [[0.0; 3], [5.1, -4.3, 3.9], [-31.7, 22.2, -14.9]];

#[test]
fn data_files_keep_every_bit() {
    for tilts in TILTS {
        let mut atoms = alloy(tilts);
        let text = written(|out| lammps_data::write(&atoms, out, "data"));
        assert_eq!(lammps_data::parse(&text, "data").unwrap(), atoms);
        atoms.masses = None;
        atoms.elements.clear();
        atoms.has_velocities = false;
        atoms.velocity.fill([0.0; 3]);
        let text = written(|out| lammps_data::write(&atoms, out, "data"));
        assert!(!text.contains("Masses") && !text.contains("Velocities"));
        assert_eq!(lammps_data::parse(&text, "data").unwrap(), atoms);
    }
}

#[test]
fn extended_xyz_keeps_every_bit() {
    for tilts in TILTS {
        let mut text = String::new();
        let mut expected = Vec::new();
        for step in [0, 5, 10] {
            let mut frame = frame(tilts, step);
            frame.time = (step > 0).then_some(step as f64 / 3.0);
            let remarks =
                [("energy", "-3.25"), ("stress", "1 2 3 2 4 5 3 5 6"), ("note", "say \"no\""), ("x", "")];
            frame.remarks = remarks.map(|(key, value)| (key.to_string(), value.to_string())).to_vec();
            let columns = frame.clone().with_columns();
            text += &written(|out| extended_xyz::write(&columns, out, "xyz"));
            // Masses have no place in these files; elements are numbered as they come.
            frame.atoms.masses = None;
            frame.columns[6] = columns.columns[9].clone();
            if frame.atoms.kind[0] == 1 {
                frame.atoms.elements.reverse();
                frame.atoms.kind.iter_mut().for_each(|kind| *kind = 1 - *kind);
            }
            expected.push(frame);
        }
        let found: Vec<Frame> = extended_xyz::frames(&text, "xyz").collect::<Result<_>>().unwrap();
        assert_eq!(found, expected);
        assert_eq!(extended_xyz::parse(&text, "xyz").unwrap(), expected[2]);
    }
}

#[test]
fn dump_files_keep_every_bit_of_atoms_and_the_box() {
    for tilts in TILTS {
        let mut text = String::new();
        let mut expected = Vec::new();
        for step in [0, 5] {
            let mut frame = frame(tilts, step);
            text += &written(|out| dump::write(&frame.clone().with_columns(), out, "dump"));
            frame.atoms.masses = None;
            expected.push(frame);
        }
        let found: Vec<Frame> = dump::frames(&text, "dump").collect::<Result<_>>().unwrap();
        for (mut found, expected) in found.into_iter().zip(expected) {
            // Bounding boxes of triclinic boxes round.
            let numbers = [&found.atoms, &expected.atoms].map(|atoms| atoms.periodic_box.numbers());
            assert!(numbers[0].iter().zip(numbers[1]).all(|(a, b)| (a - b).abs() < 1e-14 * 30.0));
            if tilts == [0.0; 3] {
                assert_eq!(numbers[0], numbers[1]);
            }
            found.atoms.periodic_box = expected.atoms.periodic_box;
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn stresses_stand_in_dump_files_in_the_order_of_lammps() {
    let cell = PeriodicBox::orthogonal([5.0; 3]).unwrap();
    let mut frame = Frame::new(Atoms::new(cell, names(&["Cu"]), vec![0], vec![[1.0; 3]]), 7);
    frame.columns = vec![Column::vector("stress", &[[1.0, 2.0, 3.0, 23.0, 13.0, 12.0]])];
    let text = written(|out| dump::write(&frame, out, "dump"));
    assert_eq!(text.lines().next_back(), Some("1 1 Cu 1.0 1.0 1.0 1.0 2.0 3.0 12.0 13.0 23.0"));
    let header = "ITEM: ATOMS id type element x y z c_stress[1] c_stress[2] c_stress[3] c_stress[4] c_stress[5] \
                  c_stress[6]";
    assert_eq!(text.lines().nth(8), Some(header));
    let text = written(|out| extended_xyz::write(&frame, out, "xyz"));
    assert_eq!(
        text,
        "1\nLattice=\"5.0 0.0 0.0 0.0 5.0 0.0 0.0 0.0 5.0\" Properties=species:S:1:pos:R:3:stresses:R:6 pbc=\"T T T\" \
         Step=7\nCu 1.0 1.0 1.0 1.0 2.0 3.0 23.0 13.0 12.0\n"
    );
}

#[test]
fn triclinic_boxes_stand_in_dump_files_as_their_bounding_boxes() {
    let cell = PeriodicBox::new([0.0; 3], [10.0; 3], [2.0, -3.0, -4.0]).unwrap();
    let frame = Frame::new(Atoms::new(cell, Vec::new(), vec![0], vec![[1.0; 3]]), 0);
    let text = written(|out| dump::write(&frame, out, "dump"));
    // LAMMPS writes the same numbers for region prism 0 10 0 10 0 10 2 -3 -4.
    let bounds = "ITEM: BOX BOUNDS xy xz yz pp pp pp\n-3.0 12.0 2.0\n-4.0 10.0 -3.0\n0.0 10.0 -4.0\n";
    assert!(text.contains(bounds), "{text}");
    assert_eq!(dump::parse(&text, "dump").unwrap(), frame);
}

#[test]
fn files_of_lammps_are_read_and_agree_with_each_other() {
    let mut data = lammps_data::parse(LAMMPS_DATA, "data").unwrap();
    data.sort_by_id();
    let cell = PeriodicBox::from_bounds([-1.0, 0.0, 2.0], [5.0, 6.0, 9.0], [2.0, -1.5, 1.25]).unwrap();
    assert_eq!(data.periodic_box, cell);
    assert_eq!(
        (data.kind.as_slice(), data.image[1], data.image[3]),
        (&[0, 0, 0, 1, 1][..], [1, -2, 0], [0, 0, 3])
    );
    assert_eq!(data.masses, Some(vec![63.546, 91.224]));
    assert_eq!(data.velocity[1], [-0.09766192297006436, 1.7319978416839548, -2.087881899162212]);
    let frames: Vec<Frame> = dump::frames(LAMMPS_DUMP, "dump").collect::<Result<_>>().unwrap();
    assert_eq!(frames.iter().map(|frame| frame.step).collect::<Vec<_>>(), [0, 2]);
    let last = frames[1].clone();
    assert_eq!(last.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["stress", "c_pe"]);
    // xx yy zz xy xz yz became xx yy zz yz xz xy.
    let stress = last.columns[0].reals().unwrap();
    assert_eq!(stress[..2], [-65740.95612171812, -110080.93886273737]);
    assert_eq!(stress[3..6], [-76969.98666649255, -59481.69789583875, -85069.53727165061]);
    let close = |a: &[[f64; 3]], b: &[[f64; 3]]| {
        a.as_flattened().iter().zip(b.as_flattened()).all(|(a, b)| (a - b).abs() < 1e-14 * 20.0)
    };
    let mut scaled = dump::parse(LAMMPS_SCALED, "scaled").unwrap().atoms;
    scaled.sort_by_id();
    for atoms in [&last.atoms, &scaled] {
        assert_eq!((&atoms.periodic_box, &atoms.kind, &atoms.image), (&cell, &data.kind, &data.image));
        assert!(close(&atoms.position, &data.position));
    }
    assert!(close(&last.atoms.velocity, &data.velocity));
    assert_eq!(last.atoms.elements, ["Cu", "Zr"]);
}
