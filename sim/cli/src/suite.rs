//! Scenario files as tests: each file is one test, named by its path, and runs the seeds that it asks for.
//!
//! Works under `cargo test` and nextest. `ANTFARM_SEEDS=1000` runs other seeds than the files ask for.

use crate::failure;
use crate::find;
use crate::load::{self, Stage};
use crate::seeds::Seeds;
use antfarm_sim::Recorder;
use antfarm_sim::scenario::{Conclusion, Registry, Tally};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Runs every scenario file below `dir` as a test; the `main` of a test target with `harness = false`.
///
/// ```no_run
/// // tests/scenarios.rs
/// use antfarm_sim::scenario::Registry;
///
/// fn main() -> std::process::ExitCode {
///     antfarm_cli::test(Registry::new(), concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
/// }
/// ```
pub fn test(registry: Registry, dir: impl AsRef<Path>) -> ExitCode {
    let arguments = Arguments::from_args();
    let registry = Arc::new(registry);
    let dir = dir.as_ref();
    let trials = match find::scenarios(&[dir.to_owned()]) {
        Ok(files) => files.into_iter().map(|file| trial(&registry, dir, file)).collect(),
        // Without its files a suite must fail, not pass as empty.
        Err(bad) => {
            let message = bad.to_string();
            vec![Trial::test(dir.display().to_string(), move || Err(Failed::from(message)))]
        }
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(registry: &Arc<Registry>, dir: &Path, file: PathBuf) -> Trial {
    let name = file.strip_prefix(dir).unwrap_or(&file).display().to_string();
    let registry = registry.clone();
    Trial::test(name, move || check(&registry, &file))
}

fn check(registry: &Registry, file: &Path) -> Result<(), Failed> {
    let stage = load::scenario(registry, file)?;
    let mut tally = Tally::default();
    for seed in seeds(&stage)?.iter() {
        let report = stage.run(seed, Recorder::Off);
        if !report.ok() {
            return Err(Failed::from(failure::text(&stage, &report, "cargo run --release --", None, None)));
        }
        tally.add(&report);
    }
    let lines = |it: Vec<String>| Err(Failed::from(it.join("\n")));
    match tally.conclude() {
        Conclusion::Held => Ok(()),
        Conclusion::Failed(unshown) => lines(unshown.iter().map(ToString::to_string).collect()),
        Conclusion::Invalid(inert) => lines(inert.iter().map(ToString::to_string).collect()),
    }
}

fn seeds(stage: &Stage) -> Result<Seeds, Failed> {
    match std::env::var("ANTFARM_SEEDS") {
        Ok(text) => Ok(text.parse::<Seeds>().map_err(|bad| format!("ANTFARM_SEEDS: {bad}"))?),
        Err(_) => Ok(stage.seeds()),
    }
}
