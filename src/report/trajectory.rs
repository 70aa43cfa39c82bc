//! The last frame of a trajectory, found from the end of the file: trajectories can be large.

use crate::formats::{Frame, dump, extended_xyz};
use crate::foundation::{Error, Result};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Longest frame that is read, in bytes; at a hundred bytes an atom, five million atoms.
const LONGEST: u64 = 512 << 20;
/// First stretch that is read; doubled until the frame is found in it.
const STRETCH: u64 = 1 << 20;

/// Files and what finds the start of the last frame in a text.
type Format = (&'static str, fn(&str) -> Option<usize>, fn(&str, &str) -> Result<Frame>);

const FORMATS: [Format; 2] = [
    ("trajectory.xyz", start_of_extended_xyz, extended_xyz::parse),
    ("trajectory.dump", |text| text.rfind("ITEM: TIMESTEP"), dump::parse),
];

/// The last frame of the trajectory in a run directory; `None` if there is no trajectory.
///
/// # Errors
/// `Error::Storage` if the file cannot be read or has no frame, `Error::Configuration` if its last frame is damaged.
pub fn last_frame(directory: &Path) -> Result<Option<Frame>> {
    for (name, start, parse) in FORMATS {
        let path = directory.join(name);
        if path.exists() {
            let text = tail(&path, start)?;
            let frame = parse(&text, &path.display().to_string())?;
            if frame.atoms.is_empty() {
                return Err(Error::Storage(format!("the last frame of {} has no atoms", path.display())));
            }
            return Ok(Some(frame));
        }
    }
    Ok(None)
}

/// The text of the last frame.
fn tail(path: &Path, start: fn(&str) -> Option<usize>) -> Result<String> {
    let failed = |cause: std::io::Error| Error::storage("read", path, &cause);
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut stretch = STRETCH;
    loop {
        let from = length.saturating_sub(stretch);
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let mut bytes = Vec::new();
        (&mut file).take(length - from).read_to_end(&mut bytes).map_err(failed)?;
        // A stretch may begin in the middle of a character; what is no text in the frame is found by its reader.
        let text = String::from_utf8_lossy(&bytes);
        if let Some(start) = start(&text) {
            return Ok(text[start..].to_string());
        }
        if from == 0 || stretch >= LONGEST {
            return Err(Error::Storage(format!(
                "no frame was found in the last {} bytes of {}",
                length - from,
                path.display()
            )));
        }
        stretch *= 2;
    }
}

/// A frame begins with a line that holds a number, before one that says what the columns are.
fn start_of_extended_xyz(text: &str) -> Option<usize> {
    let comment = text.rfind("Properties=")?;
    let comment = text[..comment].rfind('\n')?;
    let start = text[..comment].rfind('\n').map(|end| end + 1);
    // At the start of a stretch the number may be cut.
    start
        .or_else(|| text[..comment].trim().parse::<u64>().is_ok().then_some(0))
        .filter(|&start| start < comment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("vitrum-trajectory-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a directory");
            Scratch(path)
        }

        fn write(&self, name: &str, text: &[u8]) {
            fs::write(self.0.join(name), text).expect("a file");
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn frame(atoms: usize, step: usize) -> String {
        let mut text = format!(
            "{atoms}\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3:pressure:R:1 pbc=\"T T T\" Step={step}\n"
        );
        for atom in 0..atoms {
            text.push_str(&format!("Cu {} 1.5 2.5 {step}\n", 9.0 * atom as f64 / atoms as f64));
        }
        text
    }

    #[test]
    fn the_last_frame_is_found_even_if_it_is_longer_than_a_stretch() {
        let scratch = Scratch::new("last");
        assert!(last_frame(&scratch.0).expect("no trajectory").is_none());
        for atoms in [3, 60_000] {
            let text = frame(atoms, 10) + &frame(atoms, 20);
            assert_eq!(text.len() as u64 > STRETCH, atoms > 3);
            scratch.write("trajectory.xyz", text.as_bytes());
            let found = last_frame(&scratch.0).expect("a frame").expect("a trajectory");
            assert_eq!((found.step, found.atoms.len()), (20, atoms));
        }
        scratch.write("trajectory.xyz", frame(2, 5).as_bytes());
        assert_eq!(last_frame(&scratch.0).expect("a frame").map(|frame| frame.step), Some(5));
    }

    #[test]
    fn a_dump_is_read_too() {
        let scratch = Scratch::new("dump");
        let one = |step: u32| {
            format!(
                "ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\n\
                 ITEM: ATOMS id type x y z pressure\n1 1 1.0 2.0 3.0 0.5\n"
            )
        };
        scratch.write("trajectory.dump", (one(1) + &one(2)).as_bytes());
        assert_eq!(last_frame(&scratch.0).expect("a frame").map(|frame| frame.step), Some(2));
    }

    #[test]
    fn damage_is_an_error() {
        let scratch = Scratch::new("damage");
        let whole = frame(3, 1) + &frame(3, 2);
        let cut = whole.trim_end().rsplit_once('\n').expect("lines").0;
        for text in [cut.as_bytes(), b"", b"nonsense", b"\xff\xfe\x00", &whole.as_bytes()[..60]] {
            scratch.write("trajectory.xyz", text);
            let error = last_frame(&scratch.0).expect_err("damage").to_string();
            assert!(error.contains("trajectory.xyz"), "{error}");
        }
    }
}
