//! The report on planted bugs: a Markdown table to paste, or JSON.

use super::campaign::Found;
use super::patch::Patch;
use crate::figures::plural;
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// What was found out about one bug.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) patch: Patch,
    /// One campaign for each base.
    pub(crate) bases: Vec<Found>,
    /// What the model checker said.
    pub(crate) check: Checked,
}

/// What the model checker said of a bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Checked {
    /// The patch names no small scenario.
    NotAsked,
    /// It found a counterexample.
    Found,
    /// Every interleaving within the bound holds.
    NotFound,
    /// It ran into its bound.
    Incomplete,
    /// It could not search, or died.
    NoAnswer,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAsked => "not asked",
            Self::Found => "found",
            Self::NotFound => "not found",
            Self::Incomplete => "incomplete",
            Self::NoAnswer => "no answer",
        })
    }
}

impl Row {
    /// Found on every base, each time by a stated property.
    pub(crate) fn as_stated(&self) -> bool {
        self.bases.iter().all(|found| found.failure.as_ref().is_some_and(|(_, property)| self.states(property)))
    }

    fn states(&self, property: &str) -> bool {
        self.patch.properties.iter().any(|stated| stated == property)
    }

    /// The properties that failed, in the order of the bases, each once.
    fn properties(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for (_, property) in self.bases.iter().filter_map(|found| found.failure.as_ref()) {
            let told = if self.states(property) { property.clone() } else { format!("{property} (not stated)") };
            if !seen.contains(&told) {
                seen.push(told);
            }
        }
        seen
    }
}

/// The unbroken tool on one base of one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(crate) scenario: String,
    pub(crate) base: u64,
    pub(crate) found: Found,
}

/// The whole report.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) bases: Vec<u64>,
    pub(crate) rows: Vec<Row>,
    pub(crate) controls: Vec<Control>,
}

impl Table {
    pub(crate) fn json(&self) -> Value {
        let found = |found: &Found| {
            let failure = found.failure.as_ref().map(|(seed, property)| json!({ "seed": seed, "property": property }));
            json!({ "failure": failure, "seeds": found.seeds, "cpu_ns": nanos(found.cpu) })
        };
        let rows = self.rows.iter().map(|row| {
            json!({
                "bug": row.patch.name,
                "why": row.patch.why,
                "stated": row.patch.properties,
                "found": row.as_stated(),
                "bases": row.bases.iter().map(found).collect::<Vec<_>>(),
                "check": row.check.to_string(),
            })
        });
        let controls = self
            .controls
            .iter()
            .map(|control| json!({ "scenario": control.scenario, "base": control.base, "run": found(&control.found) }));
        json!({ "bases": self.bases, "bugs": rows.collect::<Vec<_>>(), "control": controls.collect::<Vec<_>>() })
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// Markdown.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| bug | found |")?;
        self.bases.iter().try_for_each(|base| write!(f, " from {base} |"))?;
        writeln!(f, " property | check |")?;
        writeln!(f, "|---|---|{}---|---|", "---|".repeat(self.bases.len()))?;
        for row in &self.rows {
            let hits = row.bases.iter().filter(|found| found.failure.is_some()).count();
            write!(f, "| {} | {hits} of {} |", row.patch.name, row.bases.len())?;
            for found in &row.bases {
                match &found.failure {
                    Some((seed, _)) => write!(f, " {seed} ({}) |", Secs(found.cpu))?,
                    None => write!(f, " none in {} ({}) |", found.seeds, Secs(found.cpu))?,
                }
            }
            writeln!(f, " {} | {} |", row.properties().join(", "), row.check)?;
        }
        for control in &self.controls {
            let Control { scenario, base, found } = control;
            write!(f, "\nUnbroken, `{scenario}` from {base}: ")?;
            match &found.failure {
                Some((seed, property)) => write!(f, "seed {seed} fails by {property}.")?,
                None => write!(f, "{} held ({}).", plural(found.seeds, "seed"), Secs(found.cpu))?,
            }
        }
        writeln!(f)
    }
}

/// CPU-seconds with one decimal.
struct Secs(Duration);

impl fmt::Display for Secs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} s", self.0.as_secs(), self.0.subsec_millis() / 100)
    }
}
