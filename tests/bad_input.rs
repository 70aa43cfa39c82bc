//! Every mistake in what a user types gets one paragraph that names it, and its documented exit code.
//!
//! The files of tests/configs/bad say in their first lines what the message must contain and what the exit code is.

mod program;

use program::{Finished, Scratch, example, finish, mpirun, vitrum};
use std::fs;
use std::path::{Path, PathBuf};

/// What a refusal must be: one paragraph that says who speaks and contains the expected texts.
fn assert_refused(finished: &Finished, code: i32, expected: &[&str], what: &str) {
    let Finished { code: actual, error, .. } = finished;
    assert_eq!(*actual, code, "{what}: {error}");
    assert!(error.starts_with("vitrum: ") && error.ends_with('\n'), "{what}: {error}");
    assert_eq!(error.lines().count(), 1, "{what} is refused in more than one paragraph: {error}");
    assert!(!error.contains("panicked") && !error.contains("internal error"), "{what}: {error}");
    for text in expected {
        assert!(error.contains(text), "{what}: expected {text:?} in {error}");
    }
}

struct BadFile {
    path: PathBuf,
    expected: Vec<String>,
    code: i32,
}

fn bad_files() -> Vec<BadFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/bad");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let values = |key: &str| -> Vec<String> {
            text.lines().filter_map(|line| line.strip_prefix(key)).map(String::from).collect()
        };
        let expected = values("# expect: ");
        let code =
            values("# exit: ").first().unwrap_or_else(|| panic!("{}", path.display())).parse().unwrap();
        assert!(!expected.is_empty(), "{} expects nothing", path.display());
        BadFile { path, expected, code }
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_bad_configuration_is_refused_by_check_and_by_run() {
    let files = bad_files();
    assert!(files.len() > 100, "only {} bad configurations were found", files.len());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for (worker, files) in files.chunks(files.len().div_ceil(workers)).enumerate() {
            scope.spawn(move || {
                let scratch = Scratch::new(&format!("bad-files-{worker}"));
                files.iter().for_each(|file| refuse_file(file, &scratch.path("run")));
            });
        }
    });
}

fn refuse_file(BadFile { path, expected, code }: &BadFile, output: &Path) {
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    for command in ["check", "run"] {
        let mut process = vitrum();
        process.arg(command).arg(path);
        if command == "run" {
            process.arg("--output").arg(output);
        }
        let finished = finish(process);
        let what = format!("vitrum {command} {}", path.display());
        assert_refused(&finished, *code, &expected, &what);
        assert_eq!(finished.output, "", "{what} printed something");
        let safe = finished.error.contains("Nothing on disk was changed.");
        assert_eq!(safe, command == "run", "{what} must say what is safe: {}", finished.error);
    }
    assert!(!output.exists(), "{} left a run directory", path.display());
}

#[test]
fn two_ranks_complain_once_and_agree_on_the_exit_code() {
    let scratch = Scratch::new("bad-ranks");
    let output = scratch.path("run");
    let names =
        ["unknown_key_system", "type_text_for_integer", "moves_nothing", "broken_not_utf8", "broken_empty"];
    for BadFile { path, expected, code } in bad_files() {
        if !names.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name)) {
            continue;
        }
        let mut process = mpirun(2);
        process.arg("run").arg(&path).arg("--output").arg(&output);
        let finished = finish(process);
        let own: Vec<&str> = finished.error.lines().filter(|line| line.contains("vitrum: ")).collect();
        assert_eq!(own.len(), 1, "{}: {}", path.display(), finished.error);
        let own = Finished { code: finished.code, output: String::new(), error: format!("{}\n", own[0]) };
        assert_refused(&own, code, &expected.iter().map(String::as_str).collect::<Vec<_>>(), "two ranks");
        assert!(!output.exists(), "{} left a run directory", path.display());
    }
    let mut process = mpirun(2);
    process.args(["run", "glass.toml", "--thread", "4"]);
    let finished = finish(process);
    assert_eq!(finished.code, 64, "{}", finished.error);
    assert_eq!(
        finished.error.matches("vitrum: unexpected argument '--thread'").count(),
        1,
        "{}",
        finished.error
    );
}

#[test]
fn bad_command_lines_are_refused_with_their_exit_code() {
    let scratch = Scratch::new("bad-command-lines");
    let config = scratch.path("glass.toml");
    fs::write(&config, example()).unwrap();
    let config = config.to_str().unwrap();
    let output = scratch.path("run");
    let run = |options: &[&str]| {
        let arguments = ["run", config, "--output", output.to_str().unwrap()];
        arguments.iter().chain(options).map(ToString::to_string).collect::<Vec<String>>()
    };
    let folder = scratch.path("").display().to_string();
    let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<String>>();
    let cases: Vec<(Vec<String>, i32, &[&str])> = vec![
        (vec![], 64, &["no command is given", "vitrum --help"]),
        (words("runn"), 64, &["unrecognized subcommand 'runn'", "similar subcommand exists: 'run'"]),
        (words("run"), 64, &["<CONFIG>", "Usage: vitrum run"]),
        (words("check"), 64, &["<CONFIG>", "Usage: vitrum check"]),
        (words("report"), 64, &["<DIRECTORY>"]),
        (words("inspect"), 64, &["<FILE>"]),
        (words("run nosuch.toml"), 64, &["cannot read the configuration nosuch.toml", "vitrum models NAME"]),
        (words("check nosuch.toml"), 64, &["cannot read the configuration nosuch.toml"]),
        (vec!["check".into(), folder.clone()], 64, &["cannot read the configuration", "directory"]),
        (run(&["--frsh"]), 64, &["unexpected argument '--frsh'", "similar argument exists: '--fresh'"]),
        (
            run(&["--time-limit", "soon"]),
            64,
            &["'soon' for '--time-limit", "expected a duration such as 1h30m"],
        ),
        (run(&["--time-limit", "90"]), 64, &["'90' for '--time-limit", "expected a duration such as 1h30m"]),
        (run(&["--deadline", "noon"]), 64, &["'noon' for '--deadline", "expected whole seconds since 1970"]),
        (run(&["--deadline=-5"]), 64, &["expected whole seconds since 1970"]),
        (run(&["--threads", "0"]), 64, &["'0' for '--threads", "1..=1024"]),
        (run(&["--threads", "many"]), 64, &["'many' for '--threads"]),
        (run(&["--set", "method.copies"]), 64, &["--set method.copies is not understood", "table.key=value"]),
        (run(&["--set", "copies=4"]), 64, &["--set copies=4 is not understood"]),
        (run(&["--set", "method..copies=4"]), 64, &["--set method..copies=4 is not understood"]),
        (run(&["--set", "=4"]), 64, &["--set =4 is not understood"]),
        (run(&["--set", "method.kind.name=4"]), 64, &["--set method.kind.name=4 is not understood"]),
        (run(&["--set", "method.copis=4"]), 65, &["copis = 4 # from --set", "did you mean copies?"]),
        (run(&["--set", "methd.copies=4"]), 65, &["unknown table or key methd", "did you mean method?"]),
        (run(&["--set", "system.size=large"]), 65, &["size = \"large\" # from --set", "expected an integer"]),
        (run(&["--set", "system.size="]), 65, &["[system] size", "expected an integer"]),
        (
            run(&["--set", "method.copies=1000", "--set", "method.temperatures.count=100000"]),
            65,
            &["100000000 replicas of 1024 sites", "GB of memory", "Nothing on disk was changed."],
        ),
        (vec!["check".into(), config.into(), "--ranks".into(), "0".into()], 64, &["'0' for '--ranks"]),
        (words("models nosuch"), 64, &["no model is called nosuch", "pyrochlore-spin-lattice"]),
        (vec!["report".into(), folder.clone()], 64, &["there is no results.h5 in", "expected the directory"]),
        (words("report . --format pdf"), 64, &["'pdf' for '--format", "html, csv, json"]),
        (words("inspect nosuch.h5"), 74, &["cannot read nosuch.h5", "Expected a checkpoint or results.h5"]),
        (vec!["inspect".into(), folder], 74, &["cannot read", "Expected a checkpoint or results.h5"]),
        (vec!["inspect".into(), config.into()], 74, &["is not a file of vitrum", "nothing was changed"]),
    ];
    for (arguments, code, expected) in cases {
        let mut process = vitrum();
        process.args(&arguments);
        assert_refused(&finish(process), code, expected, &format!("vitrum {}", arguments.join(" ")));
        assert!(!output.exists(), "vitrum {} left a run directory", arguments.join(" "));
    }
}

#[test]
fn a_bad_deadline_in_the_environment_is_refused_before_anything_is_written() {
    let scratch = Scratch::new("bad-environment");
    let config = scratch.path("glass.toml");
    fs::write(&config, example()).unwrap();
    for name in ["VITRUM_DEADLINE_EPOCH", "SLURM_JOB_END_TIME"] {
        let mut process = vitrum();
        process.arg("run").arg(&config).arg("--output").arg(scratch.path("run")).env(name, "tomorrow");
        let expected =
            [name, "\"tomorrow\"", "expected whole seconds since 1970", "Nothing on disk was changed."];
        assert_refused(&finish(process), 64, &expected, name);
    }
    assert!(!scratch.path("run").exists());
}

#[test]
fn an_output_path_that_is_a_file_is_refused_and_left_alone() {
    let scratch = Scratch::new("bad-output");
    let (config, output) = (scratch.path("glass.toml"), scratch.path("notes.txt"));
    fs::write(&config, example()).unwrap();
    fs::write(&output, "precious").unwrap();
    let mut process = vitrum();
    process.arg("run").arg(&config).arg("--output").arg(&output);
    let expected =
        ["notes.txt is a file", "expected the name of a run directory", "Nothing on disk was changed."];
    assert_refused(&finish(process), 74, &expected, "a file as output");
    assert_eq!(fs::read_to_string(&output).unwrap(), "precious");
}

#[test]
fn damaged_and_truncated_files_are_recognized_by_inspect_and_report() {
    let scratch = Scratch::new("bad-results");
    let (config, output) = (scratch.path("glass.toml"), scratch.path("run"));
    fs::write(&config, example()).unwrap();
    let mut process = vitrum();
    process.arg("run").arg(&config).arg("--output").arg(&output).args(program::SHORT).arg("--quiet");
    let finished = finish(process);
    assert_eq!(finished.code, 0, "{}", finished.error);
    let results = output.join("results.h5");
    let whole = fs::read(&results).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x10;
    let mut foreign = whole.clone();
    foreign[0] ^= 0x10;
    let mut head = whole.clone();
    head[30] ^= 0x01;
    let damages: [(&str, &[u8], &str); 6] = [
        ("flipped bit", &flipped, "is damaged: its contents do not match its checksum"),
        ("flipped first byte", &foreign, "is not a file of vitrum, or its first bytes are damaged"),
        ("flipped bit of the head", &head, "has a damaged head"),
        ("second half lost", &whole[..whole.len() / 2], "is cut short or overwritten"),
        ("all but ten bytes lost", &whole[..10], "is not a file of vitrum"),
        ("empty", &[], "is not a file of vitrum"),
    ];
    for (what, bytes, expected) in damages {
        fs::write(&results, bytes).unwrap();
        let mut process = vitrum();
        process.arg("inspect").arg(&results);
        assert_refused(&finish(process), 74, &[expected, "nothing was changed"], what);
        let mut process = vitrum();
        process.arg("report").arg(&output);
        assert_refused(&finish(process), 74, &[expected], what);
    }
}

#[test]
fn a_changed_physics_is_refused_with_the_first_difference_and_keeps_the_run() {
    let scratch = Scratch::new("bad-continuation");
    let (config, output) = (scratch.path("glass.toml"), scratch.path("run"));
    fs::write(&config, example()).unwrap();
    let run = |extra: &[&str]| {
        let mut process = vitrum();
        process
            .arg("run")
            .arg(&config)
            .arg("--output")
            .arg(&output)
            .args(program::SHORT)
            .args(extra)
            .arg("--quiet");
        finish(process)
    };
    assert_eq!(run(&[]).code, 0);
    let files = ["results.h5", "status.json", "config.toml"];
    let contents = || files.map(|name| fs::read(output.join(name)).unwrap());
    let before = contents();
    for (setting, key) in [
        ("system.ice_coupling=0.5", "system.ice_coupling = 0.6"),
        ("run.seed=3", "run.seed"),
        ("method.copies=3", "method.copies = 2"),
        ("measure.every=5", "measure.every = 10"),
    ] {
        let finished = run(&["--set", setting]);
        assert_refused(
            &finished,
            65,
            &[key, "the configuration now says", "Nothing was changed on disk"],
            setting,
        );
        assert!(before == contents(), "the refused {setting} touched {files:?}");
    }
    assert_eq!(run(&[]).code, 0);
}

#[test]
fn help_of_every_command_shows_an_example_and_version_names_the_libraries() {
    for command in [&[][..], &["run"], &["check"], &["models"], &["report"], &["inspect"]] {
        let mut process = vitrum();
        process.args(command).arg("--help");
        let finished = finish(process);
        assert_eq!((finished.code, finished.error.as_str()), (0, ""), "vitrum {command:?} --help");
        assert!(finished.output.contains("Example"), "vitrum {command:?} --help has no example");
    }
    let mut process = vitrum();
    process.arg("--version");
    let finished = finish(process);
    let lines: Vec<&str> = finished.output.lines().collect();
    assert_eq!((finished.code, lines.len()), (0, 3), "{}", finished.output);
    assert!(lines[0].starts_with(&format!("vitrum {} (", env!("CARGO_PKG_VERSION"))), "{}", lines[0]);
    assert!(
        lines[0].ends_with(')') && lines[1].contains("MPI") && lines[2].starts_with("HDF5 "),
        "{lines:?}"
    );
}
