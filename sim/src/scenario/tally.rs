//! What many runs came to, and whether they were worth anything.
//!
//! Nothing is silently inert: a campaign is not valid when a row of a scenario never had an effect, when a family of faults was
//! planned twenty times and never fired, or when a mark that the machine promises was not reached in twenty seeds. The rows of
//! a saved failure are let off: on a machine that was mended, what they name may not come about any more. Only runs
//! that came to their end count here; a run that stopped at a failure never came to what was planned after it.

use crate::fault::Family;
use crate::scenario::report::{Count, Report, faults, object, text};
use std::collections::BTreeMap;
use std::fmt;

/// From how many seeds, or planned faults, on something must have happened.
const ENOUGH: u64 = 20;

/// Counts over the runs of one invocation.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many runs there were.
    pub seeds: u64,
    /// How many of them failed, and not as expected.
    pub failed: u64,
    /// Events of all runs.
    pub events: u64,
    /// The world's time of all runs, in nanoseconds.
    pub sim_ns: u128,
    /// Faults of all runs, by family.
    pub faults: BTreeMap<Family, Count>,
    /// Marks that were reached, and how often.
    pub reached: BTreeMap<&'static str, u64>,
    scenarios: BTreeMap<String, PerScenario>,
    machines: BTreeMap<&'static str, PerMachine>,
    whole: BTreeMap<Family, Count>,
}

#[derive(Clone, Debug, Default)]
struct PerScenario {
    whole_runs: u64,
    /// By place of the row among the rows: line, verb, effects.
    rows: Vec<(usize, &'static str, u64)>,
    expected: Option<String>,
    failed_as_expected: u64,
}

#[derive(Clone, Debug, Default)]
struct PerMachine {
    whole_runs: u64,
    marks: BTreeMap<&'static str, u64>,
}

/// What many runs came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Conclusion {
    /// All held, and all that was to happen happened.
    Held,
    /// A property failed, or one that is shown to fail did not.
    Failed(Vec<Unshown>),
    /// All held, but for want of trying.
    Invalid(Vec<Inert>),
}

/// A scenario that shows a property to fail, and did not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unshown {
    /// The scenario's file.
    pub scenario: String,
    /// The property.
    pub property: String,
}

/// What never happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inert {
    /// A row of a scenario.
    Row {
        /// The scenario's file.
        scenario: String,
        /// The line where the row begins.
        line: usize,
        /// `ask`, or the verb of a fault.
        verb: &'static str,
    },
    /// A family of faults.
    Family {
        /// The family.
        family: Family,
        /// How often it was planned.
        planned: u64,
    },
    /// A mark of a machine.
    Mark {
        /// The machine.
        machine: &'static str,
        /// The mark.
        mark: &'static str,
        /// In how many runs it was not reached.
        seeds: u64,
    },
}

impl Tally {
    /// Counts one run.
    pub fn add(&mut self, report: &Report) {
        self.seeds += 1;
        self.failed += u64::from(!report.ok());
        self.events += report.events;
        self.sim_ns += u128::from(report.simulated.0);
        merge(&mut self.faults, &report.faults);
        for (mark, count) in &report.reached {
            *self.reached.entry(mark).or_default() += count;
        }
        let scenario = self.scenarios.entry(report.scenario.clone()).or_default();
        scenario.expected.clone_from(&report.expected);
        scenario.failed_as_expected += u64::from(report.failed_as_expected());
        let machine = self.machines.entry(report.machine).or_default();
        for mark in report.marks {
            *machine.marks.entry(mark).or_default() += report.reached.get(mark).copied().unwrap_or(0);
        }
        if !report.remembers {
            scenario.rows.resize(report.rows.len(), (0, "", 0));
        }
        for (sum, row) in scenario.rows.iter_mut().zip(&report.rows) {
            *sum = (row.line, row.verb, sum.2 + row.fired);
        }
        if report.violation.is_none() {
            machine.whole_runs += 1;
            scenario.whole_runs += 1;
            merge(&mut self.whole, &report.faults);
        }
    }

    /// What it all came to.
    pub fn conclude(&self) -> Conclusion {
        let unshown = |(file, it): (&String, &PerScenario)| {
            let property = it.expected.clone().filter(|_| it.failed_as_expected == 0)?;
            Some(Unshown { scenario: file.clone(), property })
        };
        let unshown: Vec<Unshown> = self.scenarios.iter().filter_map(unshown).collect();
        if self.failed > 0 || !unshown.is_empty() {
            return Conclusion::Failed(unshown);
        }
        let inert = self.inert();
        if inert.is_empty() { Conclusion::Held } else { Conclusion::Invalid(inert) }
    }

    fn inert(&self) -> Vec<Inert> {
        let mut inert = Vec::new();
        for (file, scenario) in self.scenarios.iter().filter(|(_, scenario)| scenario.whole_runs > 0) {
            for (line, verb, _) in scenario.rows.iter().filter(|(_, _, fired)| *fired == 0) {
                inert.push(Inert::Row { scenario: file.clone(), line: *line, verb });
            }
        }
        for (&family, count) in self
            .whole
            .iter()
            .filter(|(family, count)| count.planned >= ENOUGH && self.faults.get(family).is_none_or(|count| count.fired == 0))
        {
            inert.push(Inert::Family { family, planned: count.planned });
        }
        for (machine, it) in self.machines.iter().filter(|(_, it)| it.whole_runs >= ENOUGH) {
            for (mark, _) in it.marks.iter().filter(|(_, count)| **count == 0) {
                inert.push(Inert::Mark { machine, mark, seeds: it.whole_runs });
            }
        }
        inert
    }

    /// The last line of JSON, as the tool's contract has it.
    pub fn json(&self) -> String {
        let conclusion = self.conclude();
        let list = |it: Vec<String>| format!("[{}]", it.iter().map(|it| text(it)).collect::<Vec<_>>().join(","));
        let (ok, failed, inert) = match &conclusion {
            Conclusion::Held => (true, Vec::new(), Vec::new()),
            Conclusion::Failed(unshown) => (false, unshown.iter().map(ToString::to_string).collect(), Vec::new()),
            Conclusion::Invalid(inert) => (false, Vec::new(), inert.iter().map(ToString::to_string).collect()),
        };
        let summary = object([
            ("ok", ok.to_string()),
            ("seeds", self.seeds.to_string()),
            ("failed", self.failed.to_string()),
            ("events", self.events.to_string()),
            ("sim_ns", self.sim_ns.to_string()),
            ("faults", faults(&self.faults)),
            ("reached", object(self.reached.iter().map(|(mark, count)| (*mark, count.to_string())))),
            ("unshown", list(failed)),
            ("inert", list(inert)),
        ]);
        object([("summary", summary)])
    }
}

fn merge(into: &mut BTreeMap<Family, Count>, from: &BTreeMap<Family, Count>) {
    for (family, count) in from {
        let sum = into.entry(*family).or_default();
        sum.planned += count.planned;
        sum.fired += count.fired;
    }
}

impl fmt::Display for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` was to be shown to fail, and held in every seed", self.scenario, self.property)
    }
}

impl fmt::Display for Inert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { scenario, line, verb } => {
                write!(f, "{scenario}:{line}: this `{verb}` never had an effect; change its time or what it hits, or remove it")
            }
            Self::Family { family, planned } => {
                write!(f, "faults of the family `{}` were planned {planned} times and never had an effect", family.name())
            }
            Self::Mark { machine, mark, seeds } => {
                write!(f, "the mark `{mark}` of the machine `{machine}` was not reached in {seeds} seeds")
            }
        }
    }
}
