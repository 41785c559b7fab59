//! What an invocation of `run` came to: figures, what fired, and whether it shows anything.

use crate::exit::Exit;
use crate::figures::{Count, Nanos, per_second, plural};
use antfarm_sim::scenario::{Conclusion, Report, Tally};
use std::fmt;

/// Counts over all runs.
#[derive(Debug)]
pub(crate) struct Summary {
    tally: Tally,
    scenarios: usize,
    cpu_ns: u64,
    complete: bool,
    /// Seeds two runs of which differed.
    differing: Vec<String>,
}

impl Summary {
    pub(crate) fn new() -> Self {
        Self { tally: Tally::default(), scenarios: 0, cpu_ns: 0, complete: false, differing: Vec::new() }
    }

    pub(crate) fn add(&mut self, report: &Report) {
        self.tally.add(report);
    }

    pub(crate) fn differs(&mut self, what: String) {
        if !self.differing.contains(&what) {
            self.differing.push(what);
        }
    }

    pub(crate) fn seeds(&self) -> u64 {
        self.tally.seeds
    }

    pub(crate) fn failed(&self) -> u64 {
        self.tally.failed
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.tally.failed > 0
    }

    /// Nothing more comes. `complete`: every seed that was asked for was run, or enough to know.
    pub(crate) fn close(&mut self, scenarios: usize, cpu_ns: u64, complete: bool) {
        (self.scenarios, self.cpu_ns, self.complete) = (scenarios, cpu_ns, complete);
    }

    /// The status. A seed that does not give one run is no evidence for anything, so that comes first; a failure is an answer
    /// even when not every seed was run; what was inert can only be said of a whole campaign.
    pub(crate) fn exit(&self) -> Exit {
        if !self.differing.is_empty() {
            return Exit::Invalid;
        }
        match self.tally.conclude() {
            Conclusion::Failed(_) if self.has_failed() => Exit::Failed,
            Conclusion::Held | Conclusion::Failed(_) | Conclusion::Invalid(_) if !self.complete => Exit::Incomplete,
            Conclusion::Held => Exit::Held,
            Conclusion::Failed(_) => Exit::Failed,
            Conclusion::Invalid(_) => Exit::Invalid,
        }
    }

    /// The last line of `run --json`: the simulator's own summary, and what only this tool knows.
    pub(crate) fn json(&self) -> String {
        let counts = self.tally.json();
        let counts = counts.strip_suffix("}}").expect("a summary is an object in an object");
        let differing: Vec<String> = self.differing.iter().map(|it| serde_json::Value::from(it.as_str()).to_string()).collect();
        let Self { scenarios, cpu_ns, complete, .. } = self;
        let differing = differing.join(",");
        format!(r#"{counts},"scenarios":{scenarios},"complete":{complete},"differing":[{differing}],"cpu_ns":{cpu_ns}}}}}"#)
    }
}

/// For people.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { seeds, failed, events, sim_ns, faults, reached, .. } = &self.tally;
        if !faults.is_empty() {
            writeln!(f, "\n{:<16}{:>12}{:>14}", "fault", "planned", "fired")?;
            for (family, count) in faults {
                writeln!(f, "{:<16}{:>12}{:>14}", family.name(), Count(count.planned), Count(count.fired))?;
            }
        }
        if !reached.is_empty() {
            writeln!(f, "\n{:<36}{:>12}", "mark", "reached")?;
            for (mark, count) in reached {
                writeln!(f, "{mark:<36}{:>12}", Count(*count))?;
            }
        }
        let sim_ns = u64::try_from(*sim_ns).unwrap_or(u64::MAX);
        writeln!(
            f,
            "\n{}, {}, {}, {} simulated in {} of CPU time{}",
            plural(self.scenarios as u64, "scenario"),
            plural(*seeds, "seed"),
            plural(*events, "event"),
            Nanos(sim_ns),
            Nanos(self.cpu_ns),
            Pace(*events, self.cpu_ns),
        )?;
        self.differing.iter().try_for_each(|it| writeln!(f, "not valid: {it}"))?;
        match self.tally.conclude() {
            Conclusion::Held if self.complete && self.differing.is_empty() => f.write_str("all held"),
            Conclusion::Held => {
                f.write_str(if self.complete { "what was run is not evidence" } else { "stopped: what was run held" })
            }
            Conclusion::Failed(unshown) => {
                if self.complete {
                    unshown.iter().try_for_each(|it| writeln!(f, "{it}"))?;
                }
                write!(f, "{} failed", plural(*failed, "seed"))
            }
            Conclusion::Invalid(_) if !self.complete => f.write_str("stopped: what was run held"),
            Conclusion::Invalid(inert) => {
                inert.iter().try_for_each(|it| writeln!(f, "not valid: {it}"))?;
                f.write_str("all held, but the run was not valid")
            }
        }
    }
}

/// Events per CPU-second, unless the time was too short to be measured: Linux accounts for it in ticks of some milliseconds.
struct Pace(u64, u64);

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHORT: u64 = 20_000_000;
        let Self(events, cpu_ns) = *self;
        if cpu_ns < SHORT {
            return Ok(());
        }
        write!(f, ": {} events per CPU-second", Count(per_second(events, cpu_ns)))
    }
}
