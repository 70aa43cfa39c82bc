//! Files that are no potentials, each with its message; and the program.

use crate::files::{ALLOY, FUNCFL, finnis_sinclair};
use crate::program::{Scratch, finish, vitrum};
use vitrum::forces::embedded_atom::{EmbeddedAtom, Layout, read, write, zhou::Zhou};
use vitrum::foundation::Error;

fn refused(text: &str, name: &str) -> String {
    let error = read::parse(text.as_bytes(), name).unwrap_err();
    assert!(matches!(error, Error::Configuration(_)));
    let message = error.to_string();
    assert!(message.starts_with(name) && message.lines().count() == 1, "{message}");
    message
}

#[test]
fn every_damage_has_its_message() {
    let alloy = |from: &str, to: &str| {
        assert!(ALLOY.contains(from), "{from}");
        ALLOY.replacen(from, to, 1)
    };
    for (text, expected) in [
        (String::new(), "the file is empty"),
        ("\n \n".into(), "the file is empty"),
        (
            "one\ntwo\nthree".into(),
            "line 3: the file ends here, it is truncated: expected the number of elements",
        ),
        (alloy("2 Cu Zr", "Cu Zr"), "line 4: `Cu` is no number of elements: expected the number of elements"),
        (alloy("2 Cu Zr", "0"), "line 4: `0` is no number of elements"),
        (alloy("2 Cu Zr", "3 Cu Zr"), "line 4: 3 elements but 2 symbols"),
        (alloy("2 Cu Zr", "2 Cu Zr Al"), "line 4: 2 elements but 3 symbols"),
        (alloy("2 Cu Zr", "2 Cu 40"), "line 4: `40` is no symbol"),
        (alloy("2 Cu Zr", "2 Cu Cu"), "line 4: Cu is named twice"),
        (alloy("6 0.5D+00", "6.5 0.5"), "line 5: expected Nrho drho Nr dr cutoff"),
        (
            alloy("6 0.5D+00", "4 0.5"),
            "line 5: expected Nrho drho Nr dr cutoff: two whole numbers of at least 5",
        ),
        (alloy("0.5D+00", "-0.5"), "line 5: expected Nrho drho Nr dr cutoff"),
        (alloy("4.5  #", "nan #"), "line 5: expected Nrho drho Nr dr cutoff"),
        (alloy("4.5  #", "4.5 100 #"), "line 5: expected five numbers"),
        (alloy("29 63.546", "copper 63.546"), "line 6: expected the line of element 1 (Cu)"),
        (alloy("6 0.5D+00", "5 0.5"), "line 8: more numbers than the 5 of F of Cu"),
        (alloy("6 0.5D+00", "7 0.5"), "line 9: more numbers than the 7 of F of Cu"),
        (
            alloy("6 0.5D+00", "99999999999999 0.5"),
            "line 11: `dummy` is no finite number: expected number 15 of",
        ),
        (alloy("5 1.0 4.5", "6 1.0 4.5"), "line 11: more numbers than the 6 of the density of Cu"),
        (
            alloy("-1.5 # F", "-1.x # F"),
            "line 7: `-1.x` is no finite number: expected number 3 of the 6 of F of Cu",
        ),
        (alloy("-1.5 # F", "NaN # F"), "line 7: `NaN` is no finite number"),
        (alloy("-1.5 # F", "1e308 # F"), "line 8: F of Cu: a table of a potential has 1"),
        (
            alloy("3 4 5\n6 7\n", "3 4 5\n"),
            "line 17: the file ends here, it is truncated: 3 of the 5 numbers of r phi",
        ),
        (alloy("6 7\n", "6 7\n8 9\n\n10\n"), "line 19: 3 numbers follow where the last table ended"),
    ] {
        let message = refused(&text, "x.eam.alloy");
        assert!(message.contains(expected), "expected {expected:?} in {message}");
    }
    for (from, to, expected) in [
        ("13 26.98", "0 26.98", "line 2: 0 is no atomic number"),
        ("13 26.98", "13 x", "line 2: expected atomic number, mass"),
        ("6 0.1 7", "6 0.1 6", "line 6: more numbers than the 6 of the effective charge"),
        (
            "7 6 5 4 3 2 1",
            "7 6 5",
            "line 7: the file ends here, it is truncated: 3 of the 7 numbers of the density",
        ),
    ] {
        let message = refused(&FUNCFL.replacen(from, to, 1), "x.funcfl");
        assert!(message.contains(expected), "expected {expected:?} in {message}");
    }
    // An array that ends is not heard of before the element line that should follow; so are lines that are not text.
    let binary: Vec<u8> = ALLOY.bytes().map(|byte| if byte == b'8' { 0xff } else { byte }).collect();
    let message = read::parse(&binary, "x.eam.alloy").unwrap_err().to_string();
    assert!(message.contains("line 14") && message.contains("is no finite number"), "{message}");
}

#[test]
fn names_that_contradict_the_numbers_are_refused() {
    let fs = finnis_sinclair();
    for (text, name, expected) in [
        (
            ALLOY,
            "CuZr.eam.fs",
            "this is eam/fs, but its numbers are laid out as eam/alloy: expected a name that ends in",
        ),
        (&fs, "CuZr.eam.alloy", "this is eam/alloy, but its numbers are laid out as eam/fs"),
        (&fs, "CuZr.set", "this is eam/alloy, but its numbers are laid out as eam/fs"),
        (FUNCFL, "Al.EAM.ALLOY", "this is eam/alloy, but its numbers are laid out as funcfl"),
        (FUNCFL, "Al.eam.fs", "this is eam/fs, but its numbers are laid out as funcfl"),
        (ALLOY, "CuZr.adp", "another form of potential: expected eam/alloy, eam/fs or funcfl"),
        (ALLOY, "CuZr.funcfl", "line 2: expected atomic number"),
    ] {
        let message = refused(text, name);
        assert!(message.contains(expected), "expected {expected:?} in {message}");
    }
    // A damaged file is what it is, also under a name that says nothing.
    let damaged = fs.replace("9 8 7 6 2", "9 8 x 6 2");
    for name in ["CuZr.eam.fs", "CuZr"] {
        let message = refused(&damaged, name);
        assert!(
            message.contains("`x` is no finite number: expected number 3 of the 5 of the density of Zr"),
            "{message}"
        );
    }
}

/// No cut and no replaced byte may panic; no cut may be taken for the whole.
#[test]
fn truncation_anywhere_is_noticed() {
    let zhou = Zhou::new(&["Cu", "Zr"]).unwrap().tabulated(100).unwrap();
    let long = write::setfl(&zhou, Layout::FinnisSinclair).unwrap();
    let fs = finnis_sinclair();
    for (text, name, step) in
        [(ALLOY, "x", 1), (ALLOY, "x.alloy", 1), (&fs, "x.fs", 1), (FUNCFL, "x", 1), (&long, "x.fs", 41)]
    {
        // A cut inside the last number leaves a shorter number, which nobody can tell.
        let last = text.trim_end().rfind(char::is_whitespace).unwrap() + 1;
        let whole = read::parse(text.as_bytes(), name).unwrap();
        for cut in (0..text.len()).step_by(step) {
            match read::parse(&text.as_bytes()[..cut], name) {
                Ok(_) => assert!(cut > last, "{name} cut at {cut} is taken for a potential"),
                Err(error) => assert!(error.to_string().starts_with(name), "{error}"),
            }
        }
        for place in (0..text.len()).step_by(step) {
            for byte in [b'x', b'9', b'\n', b'#', b' ', 0, 0xc3] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[place] = byte;
                let read: Result<EmbeddedAtom, Error> = read::parse(&bytes, name);
                assert!(
                    read.is_err() || read.is_ok_and(|other| other.elements.len() <= whole.elements.len())
                );
            }
        }
    }
}

#[test]
fn the_program_writes_reads_and_refuses() {
    let scratch = Scratch::new("potential");
    let run = |arguments: &[&str]| {
        let mut command = vitrum();
        command.arg("potential").args(arguments);
        finish(command)
    };
    for ending in ["alloy", "fs"] {
        let path = scratch.path(&format!("CuZr.eam.{ending}"));
        let path = path.to_str().unwrap();
        let written = run(&["zhou", "Cu", "Zr", "-o", path, "--knots", "1000"]);
        assert!(written.code == 0 && written.output.contains(&format!("eam/{ending}")), "{}", written.error);
        let shown = run(&[path, "--knots", "500"]);
        assert_eq!(shown.code, 0, "{}", shown.error);
        for expected in [
            "cutoff 7.15536833",
            "fcc 3.61496",
            "Cu fcc                    3.61496            -3.539995     3.539995",
            "CuZr B2                   3.19013            -5.727594",
            "What looks wrong\n  remark: the energy of Zr and Zr steps at the cutoff",
            "With 501 instead of 1000 knots",
        ] {
            assert!(shown.output.contains(expected), "expected {expected:?} in {}", shown.output);
        }
    }
    let direct = run(&["zhou", "Fe"]);
    assert!(
        direct.output.contains("Fe bcc                    2.86595            -4.289998"),
        "{}",
        direct.output
    );
    let cut = scratch.path("cut.eam.alloy");
    std::fs::write(&cut, &ALLOY[..200]).unwrap();
    let funcfl = scratch.path("Al.eam");
    std::fs::write(&funcfl, FUNCFL).unwrap();
    let (cut, funcfl) = (cut.to_str().unwrap(), funcfl.to_str().unwrap());
    let nowhere = scratch.path("nowhere/x.fs");
    let folder = scratch.path("");
    for (arguments, code, expected) in [
        (&["no-such-file"][..], 64, "cannot read the potential no-such-file"),
        (&[folder.to_str().unwrap()], 64, "it is no regular file"),
        (&[], 64, "FILE"),
        (&[cut], 65, "it is truncated"),
        (&[funcfl, funcfl], 65, "two funcfl files are of element Al"),
        (&[funcfl, cut], 65, "Several files make one potential only where each is a funcfl file."),
        (&[funcfl, "--knots", "2"], 65, "expected at least 5"),
        (&["zhou"], 64, "ELEMENT"),
        (
            &["zhou", "Cu", "Xx"],
            64,
            "there is no element Xx for a potential of Zhou 2004: expected different elements",
        ),
        (&["zhou", "Cu", "Cu"], 64, "Cu is named twice"),
        (&["zhou", "Cu", "--knots", "7"], 64, "expected 100 to 1000000 knots"),
        (&["zhou", "Cu", "-o", nowhere.to_str().unwrap()], 74, "cannot write"),
    ] {
        let finished = run(arguments);
        assert_eq!(finished.code, code, "{arguments:?}: {}", finished.error);
        assert!(
            finished.error.contains(expected),
            "{arguments:?}: expected {expected:?} in {}",
            finished.error
        );
        assert_eq!(finished.error.lines().count(), 1, "{arguments:?}: {}", finished.error);
    }
}
