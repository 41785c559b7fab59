//! The failing corpus: failures of a planted bug, made small by the tool that has the bug, and run again with it and without.
//!
//! Goal: nine of ten shrink to at most five faults and ten asks within 60 CPU-seconds, each fails with its bug by the same property,
//! and none fails without.

use super::campaign::{BadCampaign, Campaign, Found};
use super::patch::Patch;
use super::scratch::Scratch;
use crate::args::Mutants;
use crate::bad_input::BadInput;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// CPU-seconds for each failure.
const SECONDS: u64 = 60;

/// What is small: faults, asks.
const GOAL: (u64, u64) = (5, 10);

/// One failure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Small {
    pub(crate) seed: u64,
    pub(crate) property: String,
    /// Where it was saved.
    file: PathBuf,
    /// How large it is now; `None`: it could not be made small.
    pub(crate) size: Option<Size>,
    /// Whether it fails again with its bug, by the same property.
    pub(crate) fails: bool,
    /// Whether it holds without the bug; `None`: not tried.
    pub(crate) holds: Option<bool>,
}

/// How much there is to a failure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Size {
    pub(crate) asks: u64,
    pub(crate) faults: u64,
    pub(crate) nodes: u64,
}

impl Small {
    fn is_small(&self) -> bool {
        self.size.is_some_and(|size| size.faults <= GOAL.0 && size.asks <= GOAL.1)
    }

    /// Whether it shows something else than its bug.
    pub(crate) fn is_wrong(&self) -> bool {
        self.size.is_some() && (!self.fails || self.holds == Some(false))
    }

    /// Runs it with a tool that has no bug.
    pub(crate) fn run_unbroken(&mut self, scratch: &Scratch) -> Result<(), BadInput> {
        if self.size.is_some() {
            self.holds = Some(again(scratch, &self.file)?.is_none());
        }
        Ok(())
    }
}

/// Failures of one bug, or of several, in a cell: how many are small, and the largest.
pub(crate) struct Summed<'a>(pub(crate) &'a [Small]);

impl fmt::Display for Summed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(largest) = self.0.iter().map(|small| small.size).max() else { return f.write_str("-") };
        let count = self.0.iter().filter(|small| small.is_small()).count();
        write!(f, "{count} of {}; ", self.0.len())?;
        match largest.filter(|_| self.0.iter().all(|small| small.size.is_some())) {
            Some(Size { asks, faults, nodes }) => write!(f, "{faults}, {asks}, {nodes}"),
            None => f.write_str("one not at all"),
        }
    }
}

/// Makes up to `--shrink` failures small: the first of each base, then further ones of the first base.
pub(crate) fn shrink(
    args: &Mutants,
    scratch: &Scratch,
    patch: &Patch,
    bases: &[Found],
    at: &[u64],
) -> Result<Vec<Small>, BadInput> {
    let mut failures: Vec<(u64, String)> = bases.iter().filter_map(|found| found.failure.clone()).collect();
    failures.truncate(args.shrink);
    let mut cpu = Duration::from_secs(SECONDS);
    // Beyond the next base they would be the same again.
    while let (Some((latest, _)), true) =
        (failures.iter().filter(|(seed, _)| *seed < at[0] + super::STRIDE).max(), failures.len() < args.shrink)
    {
        let next = latest + 1;
        let campaign = super::campaign(args, scratch, &patch.scenario, next, at[0] + super::STRIDE - next);
        let found = Campaign { cpu, ..campaign }.run()?;
        cpu = cpu.saturating_sub(found.cpu);
        let Some(failure) = found.failure else { break };
        failures.push(failure);
    }
    let folder = scratch.beside("shrunk");
    fs::create_dir_all(&folder).map_err(|error| BadInput::Unwritable(folder.clone(), error))?;
    let of = |(seed, property): (u64, String)| {
        let file = folder.join(format!("{}-{seed}.toml", patch.name));
        Small { seed, property, file, size: None, fails: false, holds: None }
    };
    let mut small: Vec<Small> = failures.into_iter().map(of).collect();
    in_parallel(args.jobs.get(), small.iter_mut().collect(), |small| {
        small.size = shrink_one(scratch, &patch.scenario, small)?;
        if small.size.is_some() {
            small.fails = again(scratch, &small.file)?.is_some_and(|property| property == small.property);
        }
        Ok(())
    })?;
    Ok(small)
}

/// Does this to each, on so many threads.
pub(crate) fn in_parallel<T: Send>(
    threads: usize,
    all: Vec<T>,
    each: impl Fn(T) -> Result<(), BadInput> + Sync,
) -> Result<(), BadInput> {
    let next = AtomicUsize::new(0);
    let all: Vec<Mutex<Option<T>>> = all.into_iter().map(|it| Mutex::new(Some(it))).collect();
    let work = || {
        while let Some(slot) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let taken = slot.lock().ok().and_then(|mut it| it.take());
            taken.map_or(Ok(()), &each)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn shrink_one(scratch: &Scratch, scenario: &Path, small: &Small) -> Result<Option<Size>, BadInput> {
    let mut command = Command::new(scratch.tool());
    command.arg("shrink").arg(scenario).args(["--seed", &small.seed.to_string(), "--cpu", &SECONDS.to_string()]);
    command.arg("-o").arg(&small.file).current_dir(scratch.work()).stdin(Stdio::null());
    let output = command.output().map_err(BadCampaign::Start)?;
    // 4: there was no time to make sure that nothing more can go.
    let done = matches!(output.status.code(), Some(0 | 4));
    Ok(Some(String::from_utf8_lossy(&output.stdout)).filter(|_| done).and_then(|text| size(&text)))
}

/// The size in the line `to    1 fault, 2 asks, 3 nodes, ..`.
fn size(told: &str) -> Option<Size> {
    let line = told.lines().rev().find_map(|line| line.strip_prefix("to "))?;
    let mut counts = line.split(',').map(|part| part.split_whitespace().next()?.parse().ok());
    let mut next = || counts.next().flatten();
    let (faults, asks, nodes) = (next()?, next()?, next()?);
    Some(Size { asks, faults, nodes })
}

/// The property that a saved failure fails by with the tool as it is now.
fn again(scratch: &Scratch, file: &Path) -> Result<Option<String>, BadInput> {
    let mut found = Found::default();
    let campaign = Campaign {
        tool: scratch.tool(),
        work: scratch.work(),
        scenario: file,
        base: 0,
        seeds: 1,
        cpu: Duration::MAX,
        jobs: 1,
        twice: false,
    };
    campaign.saved(&mut found)?;
    Ok(found.failure.map(|(_, property)| property))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_read_from_what_the_tool_tells() {
        let told = "seeds = 1\nfrom  37 faults, 24 asks, 7 nodes, 209 events in 7s\nto    1 fault, 2 asks, 3 nodes, 34 events in 3s\n9 runs";
        assert_eq!(size(told), Some(Size { asks: 2, faults: 1, nodes: 3 }));
        assert_eq!(size("to nothing"), None);
    }

    #[test]
    fn a_cell_tells_how_many_are_small_and_the_largest() {
        let small = |size| Small { seed: 1, property: String::new(), file: PathBuf::new(), size, fails: true, holds: Some(true) };
        let sized = |faults, asks| small(Some(Size { asks, faults, nodes: 3 }));
        assert_eq!(Summed(&[sized(5, 10), sized(0, 11), sized(6, 2)]).to_string(), "1 of 3; 0, 11, 3");
        assert_eq!(Summed(&[sized(5, 10), small(None)]).to_string(), "1 of 2; one not at all");
        assert!(Small { holds: Some(false), ..sized(0, 1) }.is_wrong() && Small { fails: false, ..sized(0, 1) }.is_wrong());
        assert!(!sized(0, 1).is_wrong() && !Small { fails: false, ..small(None) }.is_wrong());
    }

    #[test]
    fn each_is_done_once_on_any_number_of_threads() {
        for threads in [1, 3] {
            let mut all = [0; 20];
            in_parallel(threads, all.iter_mut().collect(), |it| {
                *it += 1;
                Ok(())
            })
            .expect("nothing fails");
            assert_eq!(all, [1; 20]);
        }
    }
}
