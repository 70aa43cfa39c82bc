//! What the tests of the program share: processes that end, and directories that go away.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Options that make any configuration a matter of a second.
pub const SHORT: [&str; 8] = [
    "--set",
    "method.thermalization_sweeps=20",
    "--set",
    "method.measurement_sweeps=40",
    "--set",
    "measure.every=10",
    "--set",
    "measure.structure_factor.every=20",
];

/// A process that ended.
pub struct Finished {
    pub code: i32,
    pub output: String,
    pub error: String,
}

/// A directory that is removed at the end of a test.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vitrum-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn settled(mut command: Command) -> Command {
    for name in ["VITRUM_DEADLINE_EPOCH", "SLURM_JOB_END_TIME", "VITRUM_LOG"] {
        command.env_remove(name);
    }
    command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command.env("OMPI_MCA_rmaps_base_oversubscribe", "1");
    command.stdin(Stdio::null());
    command
}

/// The program on one rank, with a time limit.
pub fn vitrum() -> Command {
    let mut command = Command::new("timeout");
    command.args(["60", env!("CARGO_BIN_EXE_vitrum")]);
    settled(command)
}

/// The program on several ranks, with a time limit.
pub fn mpirun(ranks: usize) -> Command {
    let mut command = Command::new("timeout");
    command.args(["60", "mpirun", "-n", &ranks.to_string(), env!("CARGO_BIN_EXE_vitrum")]);
    settled(command)
}

pub fn finish(mut command: Command) -> Finished {
    let output = command.output().unwrap();
    Finished {
        code: output.status.code().unwrap_or(-1),
        output: String::from_utf8_lossy(&output.stdout).to_string(),
        error: String::from_utf8_lossy(&output.stderr).to_string(),
    }
}

/// The example configuration of the first model.
pub fn example() -> &'static str {
    include_str!("../../src/models/pyrochlore_spin_lattice/example.toml")
}

/// The configurations the repository offers.
pub fn offered() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
}
