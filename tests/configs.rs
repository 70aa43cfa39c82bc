//! Every configuration the program offers is valid, runs, and can be continued from what the run wrote; and no text,
//! however broken, makes the reader panic.

mod program;

use program::{SHORT, Scratch, example, finish, offered, vitrum};
use std::fs;
use std::path::PathBuf;
use vitrum::config::atoms;
use vitrum::config::build::{Configuration, model_names};
use vitrum::config::parse::Document;

#[test]
fn every_offered_configuration_runs_and_continues_from_its_resolved_form() {
    let scratch = Scratch::new("configs");
    let mut paths: Vec<PathBuf> = offered();
    for name in model_names() {
        let mut process = vitrum();
        process.args(["models", name]);
        let finished = finish(process);
        assert_eq!((finished.code, finished.error.as_str()), (0, ""), "vitrum models {name}");
        let path = scratch.path(&format!("{name}.toml"));
        fs::write(&path, finished.output).unwrap();
        paths.push(path);
    }
    for (number, path) in paths.iter().enumerate() {
        let mut process = vitrum();
        process.arg("check").arg(path);
        let finished = finish(process);
        assert_eq!((finished.code, finished.error.as_str()), (0, ""), "vitrum check {}", path.display());
        let moves_atoms = finished.output.contains(atoms::METHOD.0);
        let lines = if moves_atoms { ["atoms", "stage"] } else { ["sites per replica", "replicas"] };
        for line in lines.into_iter().chain(["layout", "memory per rank", "checkpoint size"]) {
            assert!(finished.output.contains(line), "{line} is not in the plan of {}", path.display());
        }

        let output = scratch.path(&format!("run-{number}"));
        let mut process = vitrum();
        process.arg("run").arg(path).arg("--output").arg(&output).arg("--quiet");
        // Stages are as short as they can be without losing their meaning.
        if !moves_atoms {
            process.args(SHORT);
        }
        let finished = finish(process);
        assert_eq!((finished.code, finished.error.as_str()), (0, ""), "vitrum run {}", path.display());

        let resolved = output.join("config.toml");
        let mut process = vitrum();
        process.arg("check").arg(&resolved);
        let finished = finish(process);
        assert_eq!((finished.code, finished.error.as_str()), (0, ""), "{} is not valid", resolved.display());

        let results = fs::read(output.join("results.h5")).unwrap();
        let mut process = vitrum();
        process.arg("run").arg(&resolved).arg("--output").arg(&output).arg("--quiet");
        let finished = finish(process);
        assert_eq!((finished.code, finished.error.as_str()), (0, ""), "{} continues", resolved.display());
        let again = fs::read(output.join("results.h5")).unwrap();
        assert!(results == again, "continuing a complete run of {} changed its results", path.display());
    }
}

/// A few lines of random numbers (SplitMix64), so that every mutation can be repeated.
struct Stream(u64);

impl Stream {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ word >> 31) % end.max(1) as u64) as usize
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

const REPLACEMENTS: [&str; 18] = [
    "0",
    "-1",
    "1",
    "3",
    "13",
    "1e300",
    "nan",
    "-inf",
    "0.5",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "\"\"",
    "\"auto\"",
    "[]",
    "{}",
    "true",
    "1979-05-27",
];

fn flip_a_bit(text: &str, stream: &mut Stream) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = stream.below(bytes.len());
    bytes[at] ^= 1 << stream.below(8);
    String::from_utf8_lossy(&bytes).to_string()
}

fn change_a_line(text: &str, stream: &mut Stream, keep: bool) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = stream.below(lines.len());
    let line = lines[at];
    if keep {
        lines.insert(stream.below(lines.len()), line);
    } else {
        lines.remove(at);
    }
    lines.join("\n")
}

fn replace_a_number(text: &str, stream: &mut Stream) -> String {
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    let starts: Vec<usize> = text
        .char_indices()
        .filter(|&(at, c)| c.is_ascii_digit() && !text[..at].ends_with(inside))
        .map(|(at, _)| at)
        .collect();
    let Some(&start) = starts.get(stream.below(starts.len())) else { return text.into() };
    let end = text[start..].find(|c| !inside(c)).map_or(text.len(), |length| start + length);
    format!("{}{}{}", &text[..start], stream.one_of(&REPLACEMENTS), &text[end..])
}

fn cut(text: &str, stream: &mut Stream) -> String {
    text.chars().take(stream.below(text.len())).collect()
}

#[test]
fn no_mutation_of_a_configuration_makes_the_reader_panic() {
    // Small, so that building the model costs nothing.
    let lattice = example().replace("size = 4 ", "size = 2 ");
    mutate(&lattice, &["method.copies=3", "measure.relaxation.sweeps=8"]);
    mutate(atoms::EXAMPLE, &["method.stages.1.temperature=300.0", "method.stages.2.pressure_gpa=1.0"]);
}

fn mutate(original: &str, settings: &[&str]) {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    let mut refused = 0;
    for number in 0..300 {
        let mut stream = Stream(number);
        let mut text = original.to_string();
        for _ in 0..=stream.below(3) {
            text = match stream.below(6) {
                0 | 1 => flip_a_bit(&text, &mut stream),
                2 => change_a_line(&text, &mut stream, true),
                3 => change_a_line(&text, &mut stream, false),
                4 => replace_a_number(&text, &mut stream),
                _ if number % 10 == 0 => cut(&text, &mut stream),
                _ => replace_a_number(&text, &mut stream),
            };
            if text.is_empty() {
                text.push('\n');
            }
        }
        let document = Document { name: "mutated.toml".into(), text };
        let outcome = std::panic::catch_unwind(|| {
            let plain = Configuration::new(&document).map(|_| ());
            let set =
                document.clone().with_settings(&settings).and_then(|document| Configuration::new(&document));
            (plain, set.map(|_| ()))
        });
        let (plain, set) = outcome
            .unwrap_or_else(|_| panic!("mutation {number} makes the reader panic:\n{}", document.text));
        for error in [plain, set].into_iter().filter_map(Result::err) {
            refused += 1;
            let message = error.to_string();
            assert!(matches!(error.exit_code(), 64 | 65), "mutation {number}: {message}");
            assert!(!message.contains('\n'), "mutation {number}: more than one line: {message}");
        }
    }
    assert!(refused > 100, "only {refused} mutations were refused: they are too gentle to test anything");
}
