//! What every peer is asked to do, and how it is timed: the same work, the same clock, the same line of output.
//!
//! A peer's crate is then nothing but that work in the peer's own terms. Nothing here simulates anything.

mod pace;
mod sample;
mod stopwatch;
mod work;

pub use pace::Pace;
pub use sample::Sample;
pub use stopwatch::{Stopwatch, Whose};
pub use work::{Usage, Work};

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

/// Seed of every run. One seed, so that a tool that repeats a run differently shows itself in `simulated_s`.
pub const SEED: u64 = 7;

/// Reads the work from the command line, times `run` (which returns the simulated time that passed) and prints one [`Sample`]
/// as a JSON line. The time includes building and dropping the simulation, not the start of the process.
///
/// Exit status 2 and a usage message if the arguments name no work.
pub fn bench(tool: &str, run: impl FnOnce(Work) -> Duration) -> ExitCode {
    let work = match Work::from_args(std::env::args().skip(1)) {
        Ok(work) => work,
        Err(usage) => {
            let _ = writeln!(std::io::stderr(), "usage: {tool} {usage}");
            return ExitCode::from(2);
        }
    };
    let watch = Stopwatch::start(Whose::Ours);
    let simulated = run(work);
    let (cpu, wall) = watch.stop();
    Sample::new(tool, work.name(), work.nodes(), work.count(), cpu, wall, Some(simulated)).print();
    ExitCode::SUCCESS
}
