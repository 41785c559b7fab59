//! Scenario files made ready to run, and single runs of them.

use crate::bad_input::BadInput;
use crate::seeds::Seeds;
use antfarm_sim::scenario::{Registry, Report, Staged};
use antfarm_sim::{Disk, Recorder};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Instant;

/// A scenario that is ready to run.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The file, as the user named it.
    pub(crate) file: String,
    pub(crate) staged: Arc<dyn Staged>,
}

/// Reads and stages one file.
pub(crate) fn scenario(registry: &Registry, path: &Path) -> Result<Stage, BadInput> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| BadInput::Unreadable(path.to_owned(), error))?;
    let staged = registry.read(&file, &text).map_err(BadInput::Scenario)?;
    Ok(Stage { file, staged: Arc::from(staged) })
}

impl Stage {
    /// The seeds that the file asks for; of a saved failure, the one that failed.
    pub(crate) fn seeds(&self) -> Seeds {
        let scenario = self.staged.scenario();
        let saved = scenario.failure.as_ref().and_then(|saved| Seeds::only(saved.seed));
        saved.or(Seeds::first(scenario.seeds)).expect("a scenario asks for one seed at least")
    }

    /// Runs one seed, and takes the time. A machine that panics is in the report; the usual message would tear the output.
    pub(crate) fn run(&self, seed: u64, recorder: Recorder) -> Report {
        self.run_then(seed, recorder, &mut |_, _| {})
    }

    /// The same; after the run each node's name and disk are shown to `look`.
    pub(crate) fn run_then(&self, seed: u64, recorder: Recorder, look: &mut dyn FnMut(&str, &Disk)) -> Report {
        let begun = Instant::now();
        let mut report = quietly(|| self.staged.run_then(seed, recorder, look));
        report.wall = begun.elapsed();
        report
    }

    /// `0 ada, 1 ben`: which number in a story is whom.
    pub(crate) fn legend(&self) -> String {
        const MOST: usize = 12;
        let names = self.staged.peers().names();
        let mut told: Vec<String> = names.iter().take(MOST).enumerate().map(|(at, name)| format!("{at} {name}")).collect();
        if names.len() > MOST {
            told.push("..".to_owned());
        }
        told.join(", ")
    }
}

/// Runs machines, whose panics are told elsewhere.
pub(crate) fn quietly<T>(run: impl FnOnce() -> T) -> T {
    struct Loud;
    impl Drop for Loud {
        fn drop(&mut self) {
            QUIET.set(false);
        }
    }
    HOOK.call_once(hush);
    QUIET.set(true);
    let _loud_again = Loud;
    run()
}

static HOOK: Once = Once::new();

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Panics on this thread are told as always, but those of a machine that is run.
fn hush() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !QUIET.get() {
            usual(info);
        }
    }));
}
