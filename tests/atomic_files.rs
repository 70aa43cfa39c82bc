//! Text formats of atomic systems: every variant that occurs is read, every mistake gets one message with its line.

use vitrum::formats::{Values, dump, extended_xyz, lammps_data};
use vitrum::foundation::Result;
use vitrum::foundation::random::Key;
use vitrum::foundation::vector::rotate;

/// Written by `dump custom` of LAMMPS (29 Sep 2021).
const LAMMPS_DUMP: &str = include_str!("data/atomic_systems/lammps.dump");

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// A correct file with all that is optional.
const PLAIN_DATA: &str = "\
title line with 99 atoms\n\n# comment\n 3\tatoms # three\n0 bonds\n2 atom types\n0 angle types\n2 extra bond per atom\n
-10 -2.5 xlo xhi\n-1e1 -2.5e0\tylo yhi\n 0 7.5 zlo zhi\n\nMasses\n\n 2 91.224 # Zr\n1\t63.546 # Cu\n
Pair Coeffs # eam/alloy\n\n1 0.5 CuZr 2\n2 1 2\n
Atoms\n\n7 2 -3 -4 1\n1\t1  -5.5 -6 2.25  # a comment\n  3 1 -9.5 -9 7\n\nVelocities\n\n3 0 0 3\n7 7 0 0\n1 0 1 0\n";

#[test]
fn variants_of_data_files_mean_what_they_should() {
    let plain = lammps_data::parse(PLAIN_DATA, "data").unwrap();
    assert_eq!(plain.periodic_box.numbers(), [-10.0, -10.0, 0.0, 7.5, 7.5, 7.5, 0.0, 0.0, 0.0]);
    assert_eq!((plain.id.as_slice(), plain.kind.as_slice()), (&[7, 1, 3][..], &[1, 0, 0][..]));
    assert_eq!(plain.position, [[-3.0, -4.0, 1.0], [-5.5, -6.0, 2.25], [-9.5, -9.0, 7.0]]);
    assert_eq!(plain.velocity, [[7.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 3.0]]);
    assert_eq!((plain.elements.clone(), plain.image.clone()), (names(&["Cu", "Zr"]), vec![[0; 3]; 3]));
    let same = |from: &str, to: &str| {
        let text = PLAIN_DATA.replace(from, to);
        assert_ne!(text, PLAIN_DATA, "{from}");
        lammps_data::parse(&text, "data").unwrap()
    };
    assert_eq!(same("\n", "\r\n"), plain);
    assert_eq!(same("Atoms\n", "Atoms  # atomic\n"), plain);
    assert_eq!(same("Atoms\n", "Atoms # written by hand\n"), plain);
    assert_eq!(same("zlo zhi\n", "zlo zhi\n0.0 0 0 xy xz yz\n"), plain);
    let tilted = same("zlo zhi\n", "zlo zhi\n0.5 -1 2 xy xz yz\n");
    assert_eq!(tilted.periodic_box.tilts(), [0.5, -1.0, 2.0]);
    let rows = "7 2 -3 -4 1 0 1 -2\n1 1 -5.5 -6 2.25 0 0 0\n3 1 -9.5 -9 7 5 0 0\n";
    let (before, after) = (PLAIN_DATA.find("7 2 -3").unwrap(), PLAIN_DATA.find("\nVelocities").unwrap());
    let images = same(&PLAIN_DATA[before..after], rows).image;
    assert_eq!(images, [[0, 1, -2], [0; 3], [5, 0, 0]]);
}

#[test]
fn labels_and_missing_sections_of_data_files() {
    let labels = PLAIN_DATA
        .replace("Masses\n", "Atom Type Labels\n\n1 Cu\n2 Zr_b\n\nMasses\n")
        .replace("\n 2 91.224 # Zr\n", "\nZr_b 91.224\n")
        .replace("7 2 -3", "7 Zr_b -3");
    let atoms = lammps_data::parse(&labels, "data").unwrap();
    assert_eq!((atoms.elements, atoms.kind), (names(&["Cu", "Zr_b"]), vec![1, 0, 0]));
    assert_eq!(atoms.masses, Some(vec![63.546, 91.224]));
    let bare = "t\n1 atoms\n3 atom types\n0 1 xlo xhi\n0 1 ylo yhi\n0 1 zlo zhi\nAtoms\n\n5 2 0 0 0 -1 0 2";
    let atoms = lammps_data::parse(bare, "data").unwrap();
    assert_eq!((atoms.kinds, atoms.kind[0], atoms.image[0]), (3, 1, [-1, 0, 2]));
    assert!(atoms.elements.is_empty() && atoms.masses.is_none() && !atoms.has_velocities);
    // Comments that are no symbols name nothing.
    let text = PLAIN_DATA.replace("# Cu", "# copper");
    assert!(lammps_data::parse(&text, "data").unwrap().elements.is_empty());
}

/// Changes a correct text in one place each and looks for what must be said of it.
fn refusals(good: &str, parse: impl Fn(&str) -> Result<()>, cases: &[(&str, &str, &str)]) {
    parse(good).unwrap();
    let mut wrong = Vec::new();
    for (from, to, expected) in cases {
        let text = good.replacen(from, to, 1);
        assert_ne!(&text, good, "{from:?} is not there");
        let message = parse(&text).err().map_or("accepted".into(), |error| error.to_string());
        let is_one_sentence = message.starts_with("file") && !message.contains('\n');
        if !message.contains(expected) || !is_one_sentence {
            wrong.push(format!("{from:?} -> {to:?}: {message}\n    expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn broken_data_files_get_one_message_with_the_line() {
    let parse = |text: &str| lammps_data::parse(text, "file").map(|_| ());
    refusals(
        PLAIN_DATA,
        parse,
        &[
            (PLAIN_DATA, "", "the file ends after line 0: expected a title line"),
            ("Atoms\n", "Atoms # charge\n", "file:24: the atoms are of style charge: expected atomic"),
            ("Atoms\n", "Atoms # full\n", "style full"),
            ("7 2 -3 -4 1\n", "7 2 0.5 -3 -4 1\n", "file:26: an atom has 6 columns: expected 5 or 8"),
            (
                "7 2 -3 -4 1\n",
                "7 2 -3 -4 1 0 0 0\n",
                "file:27: an atom has 5 columns: expected 5 or 8 (id type x y z, and image flags), 8 as in",
            ),
            ("7 2 -3", "7 3 -3", "file:26: the atom type is \"3\": expected a number from 1 to 2"),
            ("7 2 -3", "0 2 -3", "the id is 0"),
            ("7 2 -3", "1.5 2 -3", "the id is \"1.5\": expected a whole number"),
            ("7 2 -3", "1 2 -3", "file:27: two atoms have the id 1"),
            ("7 2 -3", "7 2 nan", "the position is \"nan\": expected a finite number"),
            ("7 2 -3", "7 2 1D+00", "the position is \"1D+00\""),
            ("7 2 -3 -4 1\n", "", "the file ends after line 33: it has 2 atoms, expected the 3"),
            (" 3\tatoms", "2 atoms", "file:28: there are more atoms than the 2 of the header"),
            (" 3\tatoms", " -3 atoms", "file:4: the number of atoms is \"-3\""),
            (" 3\tatoms # three\n", "", "the number of atoms is missing before the section Masses"),
            ("2 atom types\n", "", "the number of atom types is missing"),
            ("2 atom types\n", "70000 atom types\n", "expected 1 to 65535"),
            ("-1e1 -2.5e0\tylo yhi\n", "", "the line ylo yhi is missing"),
            (" 0 7.5 zlo zhi", "7.5 0 zlo zhi", "the box has length -7.5 along z"),
            ("0 bonds", "4 bonds", "file:5: the file has bonds: expected atoms alone"),
            ("0 bonds", "0 bounds", "file:5: \"0 bounds\" is not a header line"),
            ("0 bonds", "0 0 0 0 avec bvec", "is not a header line"),
            ("0 bonds", "5 0 0 avec", "the line bvec is missing before the section Masses"),
            ("0 bonds", "5 0 0 avec\n0 5 0 bvec\n0 0 5 cvec", "the header has bounds and edges (avec)"),
            ("Velocities", "Velocitys", "file:30: \"Velocitys\" is not read"),
            ("Velocities", "Bonds", "\"Bonds\" is not read"),
            ("Pair Coeffs # eam/alloy\n\n1 0.5 CuZr 2", "Masses\n", "the section Masses occurs twice"),
            ("1\t63.546", "2 63.546", "the mass of type 2 is given twice"),
            ("1\t63.546 # Cu\n", "", "the section Masses lacks type 1"),
            ("1\t63.546", "1\t-63.546", "the mass is -63.546"),
            ("1\t63.546", "1\t63.546 5", "file:17: a mass has 3 words"),
            ("3 0 0 3\n", "", "the section Velocities has 2 atoms, expected 3"),
            ("3 0 0 3\n", "4 0 0 3\n", "file:32: a velocity is given for atom 4, which is not there"),
            ("3 0 0 3\n", "7 0 0 3\n", "file:33: the velocity of atom 7 is given twice"),
            ("3 0 0 3\n", "3 0 0\n", "file:32: a velocity has 3 columns"),
            (
                "Atoms\n\n7 2 -3 -4 1\n1\t1  -5.5 -6 2.25  # a comment\n  3 1 -9.5 -9 7\n\nVelocities",
                "Velocities",
                "expected a section Atoms",
            ),
            ("Masses\n", "Atom Type Labels\n\n1 Cu\n\nMasses\n", "the section Atom Type Labels lacks type 2"),
            ("Masses\n", "Atom Type Labels\n\n1 Cu\n2 Cu\n\nMasses\n", "the label Cu is given twice"),
            ("Masses\n", "Atom Type Labels\n\n1 Cu\n2 2Zr\n\nMasses\n", "starts with a digit"),
        ],
    );
}

/// A correct file with a lattice in general orientation.
const PLAIN_XYZ: &str = "\
3\nLattice=\"0 6 0 -5 1 0 0 0 7\" Properties=species:S:1:pos:R:3:forces:R:3:tag:I:1:ok:L:1:dipole:R:3 pbc=\"T T T\" \
energy=-1.5 Time=0.25\nCu 0 1 0 1 0 0 4 T 1 0 0\nZr -1 2 3 0 1 0 5 F 0 1 0\nCu -2 2 3.5 0 0 1 6 T 0 0 1\n";

#[test]
fn lattices_in_any_orientation_are_rotated_with_what_is_known_to_turn() {
    let frame = extended_xyz::parse(PLAIN_XYZ, "file").unwrap();
    let cell = frame.atoms.periodic_box;
    assert!(
        cell.numbers()
            .iter()
            .zip([0.0, 0.0, 0.0, 6.0, 5.0, 7.0, 1.0, 0.0, 0.0])
            .all(|(a, b)| (a - b).abs() < 1e-14)
    );
    let original = [[0.0, 1.0, 0.0], [-1.0, 2.0, 3.0], [-2.0, 2.0, 3.5]];
    for (found, original) in frame.atoms.position.iter().zip(original) {
        assert_eq!(*found, rotate(&frame.rotation, original));
    }
    // The y axis became x, and x became -y.
    assert_eq!(frame.atoms.position[1], [2.0, 1.0, 3.0]);
    let column = |name: &str| frame.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(column("force").reals().unwrap(), [0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(column("dipole").reals().unwrap()[..3], [1.0, 0.0, 0.0]);
    assert_eq!(column("tag").values, Values::Integer(vec![4, 5, 6]));
    assert_eq!(frame.time, Some(0.25));
    assert_eq!(frame.remarks, [("energy".to_string(), "-1.5".to_string())]);
    assert_eq!(
        (frame.atoms.elements.clone(), frame.atoms.kind.clone()),
        (names(&["Cu", "Zr"]), vec![0, 1, 0])
    );
}

#[test]
fn lammps_files_with_general_boxes_turn_like_extended_xyz() {
    let data =
        "t\n2 atoms\n1 atom types\n0 6 0 avec\n-5 1 0 bvec\n0 0 7 cvec\n1 2 3 abc origin\n\nAtoms # atomic\n
1 1 0 1 0\n2 1 -1 2 3\n\nVelocities\n\n1 0 1 0\n2 1 0 5\n";
    let dump = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS abc origin pp pp pp\n0 6 0 1\n-5 1 0 2\n0 0 7 3\n\
                ITEM: ATOMS id type x y z vx vy vz c_stress[1] c_stress[2] c_stress[3] c_stress[4] c_stress[5] c_stress[6]\n\
                1 1 0 1 0 0 1 0 1 2 3 4 5 6\n2 1 -1 2 3 1 0 5 1 2 3 4 5 6\n";
    let xyz = "2\nLattice=\"0 6 0 -5 1 0 0 0 7\" Origin=\"1 2 3\" Properties=species:S:1:pos:R:3:velo:R:3\n1 0 1 0 0 1 0\n1 -1 2 3 1 0 5\n";
    let expected = extended_xyz::parse(xyz, "file").unwrap().atoms;
    assert_eq!(expected.velocity[1], [0.0, -1.0, 5.0]);
    assert_eq!(lammps_data::parse(data, "file").unwrap(), expected);
    let frame = dump::parse(dump, "file").unwrap();
    assert_eq!(frame.atoms, expected);
    assert_eq!(
        (frame.columns[0].name.as_str(), &frame.columns[0].reals().unwrap()[..6]),
        ("c_stress", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..])
    );
}

#[test]
fn variants_of_extended_xyz_are_understood() {
    let plain = extended_xyz::parse("1\nLattice=\"5 0 0 0 6 0 0 0 7\"\nCu 1 2 3\n", "file").unwrap();
    assert_eq!(plain.atoms.position, [[1.0, 2.0, 3.0]]);
    for second in
        ["Lattice='5 0 0 0 6 0 0 0 7' pbc=[T,T,T]", "pbc lattice = [[5, 0, 0], [0, 6, 0], [0, 0, 7]]"]
    {
        let text = format!("1\n{second}\nCu 1 2 3\n\n");
        let frame = extended_xyz::parse(&text, "file").unwrap();
        assert_eq!(frame.atoms, plain.atoms, "{second}");
    }
    let numbered = "2\nLattice=\"5 0 0 0 6 0 0 0 7\" Origin=\"1 2 3\" Properties=id:I:1:pos:R:3:species:S:1:vel:R:3:map_shift:I:3\n\
                    9 1 2 3 3 1 1 1 0 -1 2\n8 1 2 4 1 0 0 0 0 0 0\n";
    let atoms = extended_xyz::parse(numbered, "file").unwrap().atoms;
    assert_eq!((atoms.id, atoms.kind, atoms.kinds), (vec![9, 8], vec![2, 0], 3));
    assert!(atoms.has_velocities && atoms.elements.is_empty());
    assert_eq!((atoms.image[0], atoms.periodic_box.origin()), ([0, -1, 2], [1.0, 2.0, 3.0]));
}

#[test]
fn broken_extended_xyz_gets_one_message_with_the_line() {
    let parse = |text: &str| extended_xyz::frames(text, "file").try_for_each(|frame| frame.map(|_| ()));
    refusals(
        PLAIN_XYZ,
        parse,
        &[
            ("3\n", "x\n", "file:1: the number of atoms is \"x\""),
            ("3\n", "0\n", "file:1: there are 0 atoms"),
            ("3\n", "4\n", "the file ends after line 5: expected 4 atoms, found 3"),
            ("3\n", "2\n", "file:5: the number of atoms is \"Cu -2 2 3.5 0 0 1 6 T 0 0 1\""),
            ("Lattice=\"0 6 0 -5 1 0 0 0 7\"", "", "file:2: there is no Lattice"),
            ("-5 1 0 0 0 7", "-5 1 0 0 0", "Lattice has 8 numbers: expected 9"),
            ("-5 1 0 0 0 7", "-5 1 0 0 0 seven", "Lattice is \"seven\""),
            (
                "-5 1 0 0 0 7",
                "-5 1 0 0 0 -7",
                "file:2: the box has edges [0.0, 6.0, 0.0], [-5.0, 1.0, 0.0], [0.0, 0.0, -7.0]: they are left-handed",
            ),
            ("-5 1 0 0 0 7", "0 1 0 0 0 7", "they lie in a plane"),
            ("T T T", "T T F", "file:2: pbc=\"T T F\" has F: expected a box that is periodic"),
            ("pbc=\"T T T\"", "pbc=\"T T T", "opening \" that is not closed"),
            ("energy=-1.5", "Lattice=1", "the key Lattice twice"),
            ("Time=0.25", "Time=soon", "Time is \"soon\""),
            ("tag:I:1", "tag:I", "expected triples"),
            ("tag:I:1", "tag:Q:1", "the column tag has the unknown type \"Q\": expected R (real)"),
            ("tag:I:1", "tag:I:0", "expected a name and 1 to 1000 columns"),
            ("tag:I:1", "forces:I:1", "the column forces occurs twice"),
            ("species:S:1", "what:S:1", "no kinds of atoms: expected species:S:1"),
            ("pos:R:3", "position:R:3", "no positions: expected pos:R:3"),
            (
                "Zr -1 2 3 0 1 0 5",
                "Zr -1 2 3 0 1 0 5.5",
                "file:4: the column tag is \"5.5\": expected a whole number",
            ),
            ("Zr -1 2 3 0 1 0 5", "Zr -1 2 x 0 1 0 5", "file:4: the column pos is \"x\""),
            ("Zr -1 2 3 0 1 0 5", "Zr -1 2 nan 0 1 0 5", "file:2: atom 2 is at"),
            (
                "Zr -1 2 3 0 1 0 5",
                "Zr -1 2 3 0 1 0",
                "file:4: there are 11 columns: expected the 12 of Properties",
            ),
            ("Zr -1 2 3 0 1 0 5", "Zr -1 2 3 0 1 0 5 6", "file:4: there are 13 columns"),
        ],
    );
    let message = extended_xyz::parse("\n\n", "file").unwrap_err().to_string();
    assert_eq!(message, "file: the file is empty: expected atoms");
    let twice = PLAIN_XYZ.replace("tag", "id").replace("1 0 0 4", "1 0 0 5");
    let message = extended_xyz::parse(&twice, "file").unwrap_err().to_string();
    assert_eq!(message, "file:2: two atoms have the id 5: expected unique ids");
}

#[test]
fn variants_of_dump_files_are_understood() {
    let head = "ITEM: TIMESTEP\n5\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 4\n1 9\n0 16\n";
    let read = |rest: &str| dump::parse(&format!("{head}{rest}"), "file").unwrap();
    let unwrapped = read("ITEM: ATOMS type xu yu zu ix iy iz\n2 -1 5 40 7 7 7\n1 1 1 1 0 0 0\n").atoms;
    assert_eq!((unwrapped.id.as_slice(), unwrapped.kind.as_slice()), (&[1, 2][..], &[1, 0][..]));
    assert_eq!((unwrapped.position[0], unwrapped.image[0]), ([-1.0, 5.0, 40.0], [0; 3]));
    let both = read("ITEM: ATOMS element id zsu ysu xsu\nZr 1 2.5 0.5 -0.25\nCu 2 0 0 0\n").atoms;
    assert_eq!((both.position[0], both.elements), ([-1.0, 5.0, 40.0], names(&["Zr", "Cu"])));
    let text = read(
        "ITEM: ATOMS id type element x y z c_v[1] c_v[2] w[2] word\n1 3 C 1 2 3 4 5 6 a\n2 1 A 1 2 4 7 8 nan b\n",
    );
    assert_eq!(text.atoms.elements, names(&["A", "2", "C"]));
    let columns: Vec<(&str, usize)> = text.columns.iter().map(|c| (c.name.as_str(), c.components)).collect();
    assert_eq!(columns, [("c_v", 2), ("w[2]", 1), ("word", 1)]);
    assert_eq!(text.columns[0].reals().unwrap(), [4.0, 5.0, 7.0, 8.0]);
    assert_eq!(text.columns[2].values, Values::Text(names(&["a", "b"])));
    let modern = format!(
        "ITEM: UNITS\nmetal\nITEM: TIME\n0.005\n{head}ITEM: ATOMS id type x y z\n2 1 1 2 3\n1 1 1 2 4\n"
    );
    let frame = dump::parse(&modern, "file").unwrap();
    assert_eq!((frame.step, frame.time, frame.atoms.id), (5, Some(0.005), vec![2, 1]));
}

#[test]
fn broken_dump_files_get_one_message_with_the_line() {
    let parse = |text: &str| dump::frames(text, "file").try_for_each(|frame| frame.map(|_| ()));
    refusals(
        LAMMPS_DUMP,
        parse,
        &[
            ("ITEM: TIMESTEP\n0\n", "", "file:7: there is no ITEM: TIMESTEP before ITEM: ATOMS"),
            ("ITEM: TIMESTEP\n0\n", "ITEM: TIMESTEP\n-1\n", "file:2: the step is \"-1\""),
            (
                "ITEM: TIMESTEP\n0\n",
                "ITEM: UNITS\nlj\nITEM: TIMESTEP\n0\n",
                "file:2: the units are lj: expected metal",
            ),
            ("ITEM: TIMESTEP", "ITEM: THYMESTEP", "file:1: the item \"THYMESTEP\" is not read"),
            ("ITEM: TIMESTEP", "TIMESTEP", "file:1: \"TIMESTEP\" is no item"),
            ("ITEM: NUMBER OF ATOMS\n5\n", "", "there is no ITEM: NUMBER OF ATOMS"),
            ("OF ATOMS\n5\n", "OF ATOMS\n6\n", "file:15: there are 5 atoms: expected 6"),
            ("OF ATOMS\n5\n", "OF ATOMS\n4\n", "file:14: \"5 2 Zr 2.8383"),
            ("OF ATOMS\n5\n", "OF ATOMS\n0\n", "there are 0 atoms"),
            (
                "xy xz yz pp pp pp",
                "xy xz yz pp ff pp",
                "file:5: a boundary of the box is ff: expected a periodic box",
            ),
            (
                "xy xz yz pp pp pp",
                "abc origin pp pp pp",
                "file:6: an edge of the box with its corner has 3 numbers: expected 4",
            ),
            ("xy xz yz pp pp pp", "pp pp pp", "file:6: a bound of the box has 3 numbers: expected 2"),
            ("9.0000000000000000e+00 1.25", "-9.0e+00 1.25", "file:8: the box has length -11 along z"),
            (
                "id type element x y z",
                "id type element xi yi zi",
                "file:9: there are no positions: expected columns x y z",
            ),
            (
                "id type element x y z",
                "id kind symbol x y z",
                "there is no column type and no column element",
            ),
            ("id type element x y z", "id type id x y z", "the column id occurs twice"),
            (
                "id type element x y z",
                "id type element x y z more",
                "file:10: there are 19 columns: expected the 20",
            ),
            ("1 1 Cu 6.2696", "1 0 Cu 6.2696", "file:10: the type is 0"),
            ("1 1 Cu 6.2696", "1 1 Zr 6.2696", "file:9: atoms of type 1 are Zr and Cu: expected one element"),
            ("1 1 Cu 6.2696", "2 1 Cu 6.2696", "file:9: two atoms have the id 2"),
            ("1 1 Cu 6.2696", "-1 1 Cu 6.2696", "the id of atom number 1 is 0"),
            ("1 1 Cu 6.2696", "1 1 Cu x6.2696", "file:10: the position is \"x6.2696"),
            ("1 -2 0 -0.0976", "1 -2.5 0 -0.0976", "file:9: the column image does not hold whole numbers"),
            ("1 -2 0 -0.0976", "1 -2 0 fast", "file:9: the column velocity does not hold numbers"),
            ("1 -2 0 -0.0976", "1 -2 0 nan -0.0976", "file:11: there are 20 columns"),
        ],
    );
}

/// Reads a text as everything it could be; nothing may panic.
fn read_as_anything(text: &str) -> usize {
    let data = lammps_data::parse(text, "file").is_ok();
    let xyz = extended_xyz::frames(text, "file").filter(Result::is_ok).count();
    usize::from(data) + xyz + dump::frames(text, "file").filter(Result::is_ok).count()
}

#[test]
fn no_truncation_and_no_changed_byte_makes_a_reader_panic() {
    let texts = [PLAIN_DATA, PLAIN_XYZ, LAMMPS_DUMP];
    let mut stream = Key::new(8).stream();
    let mut accepted = 0;
    for text in texts {
        assert!(read_as_anything(text) >= 1);
        for end in 0..text.len() {
            accepted += read_as_anything(&text[..end]);
        }
        let letters = b"0123456789-+.eE \n\t#\"={}[]:TFnaixyzAt\0";
        for _ in 0..4000 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=stream.below(3) {
                let at = stream.below(bytes.len());
                match stream.below(3) {
                    0 => bytes[at] = letters[stream.below(letters.len())],
                    1 => bytes.insert(at, letters[stream.below(letters.len())]),
                    _ => drop(bytes.remove(at)),
                }
            }
            accepted += read_as_anything(std::str::from_utf8(&bytes).unwrap());
        }
    }
    // Some changes are harmless: a digit more or less.
    assert!(accepted > 1000);
}

#[test]
fn counts_beyond_the_file_ask_for_no_memory() {
    let data = PLAIN_DATA.replace(" 3\tatoms", "9999999999999 atoms");
    assert!(lammps_data::parse(&data, "file").is_err());
    let xyz = PLAIN_XYZ.replacen('3', "9999999999999", 1);
    assert!(extended_xyz::parse(&xyz, "file").is_err());
    let dump = LAMMPS_DUMP.replacen("ATOMS\n5", "ATOMS\n9999999999999", 1);
    assert!(dump::parse(&dump, "file").is_err());
}
