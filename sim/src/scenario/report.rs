//! What one run of a scenario came to.

use crate::fault::Family;
use crate::record::{Recording, Step};
use crate::world::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// One seed of one scenario, run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario's file.
    pub scenario: String,
    /// The name of the machine.
    pub machine: &'static str,
    /// The seed.
    pub seed: u64,
    /// The digest of the trace.
    pub digest: u64,
    /// How many events there were.
    pub events: u64,
    /// The world's time at the end of the run.
    pub simulated: Time,
    /// How long it took on this machine. Whoever ran it fills this in: nothing here reads a clock.
    pub wall: Duration,
    /// Faults, by family.
    pub faults: BTreeMap<Family, Count>,
    /// The scenario is a saved failure: what once made it fail may come to nothing since.
    pub remembers: bool,
    /// The scenario's rows of asks and faults.
    pub rows: Vec<RowCount>,
    /// Marks that were reached, and how often.
    pub reached: BTreeMap<&'static str, u64>,
    /// Marks that a campaign must reach.
    pub marks: &'static [&'static str],
    /// The property that did not hold.
    pub violation: Option<Violated>,
    /// The property that the scenario shows to fail.
    pub expected: Option<String>,
    /// The steps that were remembered as they print.
    pub steps: Vec<Step>,
    /// The steps that were remembered, as a replay follows them.
    pub recording: Recording,
}

/// How often something was to happen, and happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// How many were planned.
    pub planned: u64,
    /// How often they had an effect.
    pub fired: u64,
}

/// What came of one row of a scenario.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RowCount {
    /// The line of the file where the row begins.
    pub line: usize,
    /// `ask`, or the verb of a fault.
    pub verb: &'static str,
    /// How often it had an effect.
    pub fired: u64,
}

/// How a run failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violated {
    /// The property's name; [`Violated::PANIC`] when a machine panicked.
    pub property: String,
    /// The property in words.
    pub claim: String,
    /// When.
    pub at: Time,
    /// After which event, from 1.
    pub event: u64,
    /// The name of the node that is to blame.
    pub node: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Violated {
    /// The property that a machine's own assertions are.
    pub const PANIC: &'static str = "assertions";
}

impl Report {
    /// Whether all held, or what did not is what the scenario shows to fail.
    pub fn ok(&self) -> bool {
        self.violation.is_none() || self.failed_as_expected()
    }

    /// Whether the property failed that the scenario shows to fail.
    pub fn failed_as_expected(&self) -> bool {
        matches!((&self.violation, &self.expected), (Some(violated), Some(property)) if violated.property == *property)
    }

    /// The latest of the steps that were remembered, twenty at most, one line each.
    pub fn story(&self) -> Vec<String> {
        let skip = self.steps.len().saturating_sub(20);
        self.steps.iter().skip(skip).map(ToString::to_string).collect()
    }

    /// One line of JSON, as the tool's contract has it; `repro` is the path of the saved failure.
    pub fn json(&self, repro: Option<&str>) -> String {
        let violation = self.violation.as_ref().map_or_else(
            || "null".to_owned(),
            |it| {
                object([
                    ("property", text(&it.property)),
                    ("claim", text(&it.claim)),
                    ("at_ns", it.at.0.to_string()),
                    ("event", it.event.to_string()),
                    ("node", it.node.as_deref().map_or_else(|| "null".to_owned(), text)),
                    ("message", text(&it.message)),
                ])
            },
        );
        object([
            ("scenario", text(&self.scenario)),
            ("seed", self.seed.to_string()),
            ("ok", self.ok().to_string()),
            ("digest", text(&format!("{:016x}", self.digest))),
            ("events", self.events.to_string()),
            ("sim_ns", self.simulated.0.to_string()),
            ("wall_ns", self.wall.as_nanos().to_string()),
            ("faults", faults(&self.faults)),
            ("reached", object(self.reached.iter().map(|(mark, count)| (*mark, count.to_string())))),
            ("violation", violation),
            ("repro", repro.map_or_else(|| "null".to_owned(), text)),
        ])
    }
}

/// A text in JSON.
pub(super) fn text(it: &str) -> String {
    serde_json::Value::from(it).to_string()
}

/// An object in JSON, with its keys in this order.
pub(super) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{}:{value}", text(key))).collect();
    format!("{{{}}}", entries.join(","))
}

/// Counts by family, in JSON.
pub(super) fn faults(counts: &BTreeMap<Family, Count>) -> String {
    object(counts.iter().map(|(family, count)| {
        (family.name(), object([("planned", count.planned.to_string()), ("fired", count.fired.to_string())]))
    }))
}
