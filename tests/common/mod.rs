//! Runs the program in a directory of its own, plainly or under mpirun, and looks at what it leaves behind.

// Every test binary compiles this file and uses its part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Complete.
pub const COMPLETE: i32 = 0;
/// Stopped at a checkpoint.
pub const STOPPED: i32 = 75;
/// Command line.
pub const USAGE: i32 = 64;
/// Bad configuration.
pub const CONFIGURATION: i32 = 65;
/// No usable checkpoint.
pub const CHECKPOINT: i32 = 66;
/// Input or output failed.
pub const STORAGE: i32 = 74;

/// A run of a tenth of a second that uses everything: an adapting ladder whose swaps are accepted now and again, loops,
/// pairs of copies, structure factors and side branches for relaxation. Odd numbers, so that nothing divides evenly.
pub const CONFIGURATION_TEXT: &str = r#"
[run]
seed = 11
checkpoint_interval = "10min"

[system]
model = "pyrochlore-spin-lattice"
size = 2
exchange_in_in = 3.449490
exchange_in_out = 1.0
exchange_out_out = -1.449490
ice_coupling = 0.6

[method]
kind = "replica-exchange"
temperatures = { minimum = 0.7, maximum = 1.0, count = 6, spacing = "geometric" }
copies = 2
thermalization_sweeps = 320
measurement_sweeps = 403
adapt_ladder = true

[method.moves]
joint_heat_bath = 1
over_relaxation = 2
ice_loops = 1

[measure]
every = 5
structure_factor = { planes = ["hhl", "hk0"], every = 21 }
relaxation = { sweeps = 17, every = 50 }
"#;

/// Makes the run last about three seconds of one core, so that it can be interrupted.
pub const LONG: [&str; 2] = ["system.size=3", "method.measurement_sweeps=12003"];
/// A checkpoint after every block of sweeps.
pub const CHECKPOINT_ALWAYS: &str = "run.checkpoint_interval=\"0s\"";

/// What Open MPI needs to run as any user, with more ranks than processors.
const ENVIRONMENT: [(&str, &str); 7] = [
    ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
    ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
    ("OMPI_MCA_rmaps_base_oversubscribe", "1"),
    ("OMPI_MCA_hwloc_base_binding_policy", "none"),
    ("OMPI_MCA_mpi_yield_when_idle", "1"),
    ("OMPI_MCA_btl", "self,vader"),
    ("OMPI_MCA_btl_vader_single_copy_mechanism", "none"),
];
/// Variables of the caller that would change what is tested.
const FOREIGN: [&str; 5] =
    ["VITRUM_DEADLINE_EPOCH", "SLURM_JOB_END_TIME", "VITRUM_FAULT", "VITRUM_INSTRUCTION_SET", "VITRUM_LOG"];
/// Tells the processes of a job from all others, also those the launcher puts into groups of their own.
const MARK: &str = "VITRUM_TEST_JOB";
/// Seconds after which a job has hung.
const HUNG: u64 = 60;

static TURN: Mutex<()> = Mutex::new(());
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A temporary directory with a configuration; one at a time per test binary, so that jobs do not share processors.
/// It is removed at the end unless the test failed.
pub struct Workspace {
    root: PathBuf,
    settings: Vec<String>,
    _turn: MutexGuard<'static, ()>,
}

/// What a finished run computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    /// Of results.h5.
    pub results: String,
    /// Of the newest checkpoint.
    pub state: String,
}

impl Workspace {
    /// A workspace whose runs all get these settings.
    pub fn new(name: &str, settings: &[&str]) -> Self {
        // A test that failed while it held the turn does not spoil the others.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("vitrum-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("glass.toml"), CONFIGURATION_TEXT).unwrap();
        Workspace { root, settings: settings.iter().map(ToString::to_string).collect(), _turn: turn }
    }

    /// A path in the workspace.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// `vitrum run` into a directory of the workspace; one process without launcher unless told otherwise.
    pub fn run(&self, directory: &str) -> Launch<'_> {
        Launch {
            workspace: self,
            directory: self.path(directory),
            ranks: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            outlives_size_limit: false,
        }
    }

    /// Runs without interruption on one process; its hashes are what every other way must give.
    pub fn uninterrupted(&self) -> Hashes {
        self.run("uninterrupted").expect(COMPLETE);
        self.hashes("uninterrupted")
    }

    /// The hashes of a complete run.
    pub fn hashes(&self, directory: &str) -> Hashes {
        let directory = self.path(directory);
        let newest = generations(&directory).pop().expect("a checkpoint");
        Hashes { results: hash(&directory.join("results.h5")), state: hash(&newest) }
    }

    /// status.json of a run directory.
    pub fn status(&self, directory: &str) -> serde_json::Value {
        let text = fs::read_to_string(self.path(directory).join("status.json")).expect("status.json");
        serde_json::from_str(&text).expect("status.json is JSON")
    }

    /// log.txt of a run directory.
    pub fn log(&self, directory: &str) -> String {
        fs::read_to_string(self.path(directory).join("log.txt")).unwrap_or_default()
    }

    /// Copies a run directory.
    pub fn copy(&self, from: &str, to: &str) {
        copy_tree(&self.path(from), &self.path(to));
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept for inspection: {}", self.root.display());
        } else {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The published checkpoints of a run directory, oldest first.
pub fn generations(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory.join("checkpoints")) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "h5"));
    found.sort();
    found
}

/// The half-written files of a run directory.
pub fn leftovers(directory: &Path) -> Vec<PathBuf> {
    let list = |path: &Path| fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let all = list(directory).chain(list(&directory.join("checkpoints")));
    all.filter(|path| path.to_string_lossy().contains(".tmp.")).collect()
}

/// What `vitrum inspect --hash` says.
pub fn hash(file: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_vitrum"))
        .args(["inspect", "--hash"])
        .arg(file)
        .output()
        .expect("vitrum starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "inspect {}: {errors}", file.display());
    String::from_utf8(output.stdout).unwrap().trim().to_string()
}

/// Seconds since 1970.
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A `vitrum run` about to be started.
pub struct Launch<'a> {
    workspace: &'a Workspace,
    directory: PathBuf,
    ranks: Option<usize>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    outlives_size_limit: bool,
}

impl Launch<'_> {
    /// Under mpirun.
    pub fn ranks(mut self, ranks: usize) -> Self {
        self.ranks = Some(ranks);
        self
    }

    /// One more argument.
    pub fn argument(mut self, argument: impl ToString) -> Self {
        self.arguments.push(argument.to_string());
        self
    }

    /// One more setting.
    pub fn set(self, setting: impl ToString) -> Self {
        self.argument("--set").argument(setting)
    }

    /// Threads per rank.
    pub fn threads(self, threads: usize) -> Self {
        self.argument("--threads").argument(threads)
    }

    /// A variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The launcher does not wait a second or two before it kills the ranks that survive one of them.
    pub fn killed_at_once(self) -> Self {
        self.variable("OMPI_MCA_odls_base_sigkill_timeout", "0")
    }

    /// A file larger than the limit is then an error of the write instead of the end of the process.
    pub fn outliving_size_limit(mut self) -> Self {
        self.outlives_size_limit = true;
        self
    }

    /// Into another place than a directory of the workspace.
    pub fn into_directory(mut self, directory: &Path) -> Self {
        self.directory = directory.into();
        self
    }

    /// Starts it.
    pub fn start(self) -> Job {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{number}", std::process::id());
        let file = |kind: &str| self.workspace.path(&format!("{kind}.{number}"));
        let (output, errors) = (file("stdout"), file("stderr"));
        let mut command = Command::new("timeout");
        command.args(["-k", "5", &HUNG.to_string()]);
        if let Some(ranks) = self.ranks {
            assert!(is_on_path("mpirun"), "mpirun is not on the PATH: install Open MPI (openmpi-bin)");
            command.args(["mpirun", "-n", &ranks.to_string()]);
        }
        if self.outlives_size_limit {
            command.args(["bash", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        }
        command.arg(env!("CARGO_BIN_EXE_vitrum")).arg("run").arg(self.workspace.path("glass.toml"));
        command.arg("--output").arg(&self.directory);
        for setting in &self.workspace.settings {
            command.args(["--set", setting]);
        }
        command.args(&self.arguments);
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.envs(ENVIRONMENT).envs(self.environment).env(MARK, &mark);
        let redirect = |path: &Path| Stdio::from(File::create(path).unwrap());
        // Files, not pipes: a process that outlives the launcher must not keep the test waiting.
        let child = command
            .stdin(Stdio::null())
            .stdout(redirect(&output))
            .stderr(redirect(&errors))
            .spawn()
            .expect("timeout (coreutils) is on the PATH");
        let log = self.directory.join("log.txt");
        let log_length = fs::metadata(&log).map_or(0, |data| data.len() as usize);
        Job { child, mark, started: Instant::now(), errors, output, log, log_length, is_over: false }
    }

    /// Runs it to its end, whatever that is.
    pub fn finish(self) -> Finished {
        self.start().wait()
    }

    /// Runs it to its end, which must have this exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Finished {
        let finished = self.finish();
        finished.assert_code(code);
        finished
    }
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).exists())
}

/// A run in progress. It does not survive being dropped.
pub struct Job {
    child: Child,
    mark: String,
    started: Instant,
    output: PathBuf,
    errors: PathBuf,
    log: PathBuf,
    log_length: usize,
    is_over: bool,
}

impl Job {
    /// The living processes of the job: number and name of the program.
    fn processes(&self) -> Vec<(i32, String)> {
        let wanted = format!("{MARK}={}", self.mark);
        let is_ours = |directory: &Path| {
            let environment = fs::read(directory.join("environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|variable| variable == wanted.as_bytes())
        };
        let program = |directory: &Path| {
            let path = fs::read_link(directory.join("exe")).unwrap_or_default();
            path.file_name().map_or(String::new(), |name| name.to_string_lossy().to_string())
        };
        let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let path = entry.ok()?.path();
            let number = path.file_name()?.to_str()?.parse().ok()?;
            is_ours(&path).then(|| (number, program(&path)))
        });
        numbers.collect()
    }

    /// The processes that run vitrum itself.
    pub fn ranks(&self) -> Vec<i32> {
        let named = |(number, name): (i32, String)| (name == "vitrum").then_some(number);
        let mut found: Vec<i32> = self.processes().into_iter().filter_map(named).collect();
        found.sort_unstable();
        found
    }

    /// The launcher.
    pub fn launcher(&self) -> i32 {
        let is_launcher = |(_, name): &&(i32, String)| name == "orterun" || name.starts_with("mpi");
        self.processes().iter().find(is_launcher).expect("mpirun is running").0
    }

    /// Sends a signal to one process.
    pub fn signal(process: i32, signal: i32) {
        // SAFETY: kill has no memory effects; the number is that of a process of this job.
        unsafe { libc::kill(process, signal) };
    }

    /// Kills every process of the job, the launcher first.
    pub fn kill(&self) {
        let mut processes = self.processes();
        processes.sort_by_key(|(_, name)| name == "vitrum");
        processes.iter().filter(|(_, name)| name != "timeout").for_each(|&(process, _)| {
            Self::signal(process, libc::SIGKILL);
        });
    }

    /// Limits the size of files a process may write, from now on.
    pub fn limit_file_size(process: i32, bytes: u64) {
        let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: prlimit reads the limit it is given and writes nothing.
        let code = unsafe { libc::prlimit(process, libc::RLIMIT_FSIZE, &limit, std::ptr::null_mut()) };
        assert_eq!(code, 0, "cannot limit the size of files: {}", std::io::Error::last_os_error());
    }

    /// What this job added to log.txt so far.
    pub fn log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.get(self.log_length..).unwrap_or_default().to_string()
    }

    /// Waits until the log says something.
    #[track_caller]
    pub fn wait_for_log(&mut self, text: &str) {
        while !self.log().contains(text) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() || self.log().contains(text),
                "the run ended ({ended:?}) before it logged \"{text}\": {}",
                fs::read_to_string(&self.errors).unwrap_or_default()
            );
            assert!(self.started.elapsed().as_secs() < HUNG, "no \"{text}\" in {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it sweeps: signals are caught, the lock is held.
    #[track_caller]
    pub fn wait_until_it_sweeps(&mut self) {
        self.wait_for_log(" replicas of ");
        std::thread::sleep(Duration::from_millis(100));
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end and that of all its processes. A hang is a failure, and so is a panic or a stack of HDF5.
    #[track_caller]
    pub fn wait(mut self) -> Finished {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(self.started.elapsed().as_secs() < HUNG + 10, "the run hung; {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        };
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        let ended = Instant::now();
        // Ranks of a killed launcher notice and follow; until then they hold the lock.
        while !self.processes().is_empty() {
            assert!(ended.elapsed().as_secs() < 10, "processes survive: {:?}", self.processes());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.is_over = true;
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).to_string();
        let finished = Finished {
            code,
            output: read(&self.output),
            errors: read(&self.errors),
            log: self.log(),
            seconds: self.started.elapsed().as_secs_f64(),
        };
        assert!(finished.seconds < HUNG as f64, "the run hung: {finished:?}");
        for forbidden in ["internal error", "panicked at", "HDF5-DIAG", "infinite loop closing library"] {
            assert!(!finished.errors.contains(forbidden), "\"{forbidden}\" in {finished:?}");
        }
        finished
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.is_over {
            self.kill();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A run that ended.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; 128 and the signal if one ended it.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
    /// What it added to log.txt.
    pub log: String,
    /// How long it took.
    pub seconds: f64,
}

impl Finished {
    /// The exit code must be this one.
    #[track_caller]
    pub fn assert_code(&self, code: i32) {
        assert_eq!(self.code, code, "{self:?}");
    }

    /// The error must be one paragraph that says all of this.
    #[track_caller]
    pub fn assert_complaint(&self, parts: &[&str]) {
        let complaints: Vec<&str> = self.errors.lines().filter(|line| line.starts_with("vitrum: ")).collect();
        assert!(!complaints.is_empty(), "expected a paragraph of complaint in {self:?}");
        for (complaint, part) in complaints.iter().flat_map(|line| parts.iter().map(move |part| (line, part)))
        {
            assert!(complaint.contains(part), "\"{part}\" is not in \"{complaint}\"");
        }
    }
}
