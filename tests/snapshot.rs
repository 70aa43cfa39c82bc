//! `vitrum snapshot` shows what a checkpoint holds, whole or in part, and refuses what is not there.

mod program;

use program::{Scratch, example, finish, vitrum};
use std::fs;
use std::path::Path;

fn snapshot(run: &Path, options: &[&str], output: &Path) -> program::Finished {
    let mut process = vitrum();
    process.arg("snapshot").arg(run).args(options).arg("--output").arg(output);
    finish(process)
}

#[test]
fn a_part_of_a_configuration_is_the_same_as_in_the_whole() {
    let scratch = Scratch::new("snapshot");
    let (config, run) = (scratch.path("glass.toml"), scratch.path("run"));
    fs::write(&config, example()).unwrap();
    let mut process = vitrum();
    process.arg("run").arg(&config).arg("--output").arg(&run).args(program::SHORT).arg("--quiet");
    process.args(["--set", "system.size=3"]);
    assert_eq!(finish(process).code, 0);

    let whole = snapshot(&run, &["--rung", "2", "--ladder", "1"], &scratch.path("whole"));
    assert_eq!((whole.code, whole.error.as_str()), (0, ""));
    assert!(whole.output.starts_with("432 sites"));
    let part =
        snapshot(&run, &["--rung", "2", "--ladder", "1", "--cells", "1:3,0:3,2:3"], &scratch.path("part"));
    assert_eq!((part.code, part.error.as_str()), (0, ""));
    let read = |name: &str| fs::read_to_string(scratch.path(name)).unwrap();
    let (whole, part) = (read("whole.xyz"), read("part.xyz"));
    let lines: Vec<&str> = whole.lines().skip(2).collect();
    assert_eq!((lines.len(), part.lines().count()), (432, 96 + 2));
    for line in part.lines().skip(2) {
        assert!(lines.contains(&line), "{line} is not in the whole");
    }
    for line in &lines {
        let numbers: Vec<f64> = line.split(' ').skip(1).map(|word| word.parse().unwrap()).collect();
        let length: f64 = numbers[3..6].iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-12 && numbers[6].abs() == 1.0, "{line}");
        assert_eq!(line.starts_with('P'), numbers[6] > 0.0);
    }
    assert!(fs::read(scratch.path("part.png")).unwrap().starts_with(b"\x89PNG"));
    let other = snapshot(&run, &["--rung", "1", "--ladder", "1"], &scratch.path("other"));
    assert_eq!(other.code, 0);
    assert_ne!(read("other.xyz"), whole);

    for (options, expected) in [
        (&["--rung", "99"][..], "expected a rung below"),
        (&["--ladder", "2"][..], "a ladder below 2"),
        (&["--cells", "0:4,0:3,0:3"][..], "expected ranges within the [3, 3, 3] cells"),
        (&["--cells", "0:3"][..], "expected three ranges such as 0:8,0:8,2:3"),
    ] {
        let refused = snapshot(&run, options, &scratch.path("refused"));
        assert_eq!(refused.code, 64, "{}", refused.error);
        assert!(refused.error.contains(expected), "{}", refused.error);
    }
    let refused = snapshot(&scratch.path("nowhere"), &[], &scratch.path("refused"));
    assert_eq!(refused.code, 64, "{}", refused.error);
    assert!(!scratch.path("refused.xyz").exists());
    let results = snapshot(&run.join("results.h5"), &[], &scratch.path("refused"));
    assert_ne!(results.code, 0, "results are no checkpoint");
    assert!(!results.error.contains("internal error"), "{}", results.error);
}
