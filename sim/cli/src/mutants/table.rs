//! The report on planted bugs: a Markdown table to paste, or JSON.

use super::campaign::Found;
use super::corpus::{Small, Summed};
use super::needs::Needs;
use super::patch::Patch;
use crate::figures::{Count, Nanos, plural};
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
    /// Which faults it needs.
    pub(crate) needs: Needs,
    /// Its failures, made small.
    pub(crate) small: Vec<Small>,
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
        let small = |small: &Small| {
            let size = small.size.map(|it| json!({ "faults": it.faults, "asks": it.asks, "nodes": it.nodes }));
            let Small { seed, property, fails, holds, .. } = small;
            json!({ "seed": seed, "property": property, "size": size, "fails": fails, "holds_unbroken": holds })
        };
        let rows = self.rows.iter().map(|row| {
            json!({
                "bug": row.patch.name,
                "why": row.patch.why,
                "stated": row.patch.properties,
                "found": row.as_stated(),
                "bases": row.bases.iter().map(found).collect::<Vec<_>>(),
                "check": row.check.to_string(),
                "needs": row.needs.to_string(),
                "small": row.small.iter().map(small).collect::<Vec<_>>(),
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

/// Markdown: for each base the offset of the first failing seed, the CPU time until then, and the property that failed.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| bug | found |")?;
        self.bases.iter().try_for_each(|base| write!(f, " from {} |", Count(*base)))?;
        writeln!(f, " check | needs | shrunk: faults, asks, nodes |")?;
        writeln!(f, "|---|---|{}---|---|---|", "---|".repeat(self.bases.len()))?;
        for row in &self.rows {
            let hits = row.bases.iter().filter(|found| found.failure.is_some()).count();
            write!(f, "| {} | {hits} of {} |", row.patch.name, row.bases.len())?;
            for (base, found) in self.bases.iter().zip(&row.bases) {
                let spent = Nanos(nanos(found.cpu));
                match &found.failure {
                    Some((seed, property)) => {
                        let stated = if row.states(property) { "" } else { " (not stated)" };
                        write!(f, " +{}, {spent}, {property}{stated} |", seed - base)?;
                    }
                    None => write!(f, " none in {}, {spent} |", plural(found.seeds, "seed"))?,
                }
            }
            writeln!(f, " {} | {} | {} |", row.check, row.needs, Summed(&row.small))?;
        }
        let corpus: Vec<Small> = self.rows.iter().flat_map(|row| row.small.iter().cloned()).collect();
        if !corpus.is_empty() {
            let wrong = corpus.iter().filter(|small| small.is_wrong()).count();
            write!(
                f,
                "\nShrunk to 5 faults and 10 asks: {}. Not failing with the bug, or failing without: {wrong}.",
                Summed(&corpus)
            )?;
        }
        for control in &self.controls {
            let Control { scenario, base, found } = control;
            write!(f, "\nUnbroken, `{scenario}` from {}: ", Count(*base))?;
            match &found.failure {
                Some((seed, property)) => write!(f, "seed {seed} fails by {property}.")?,
                None => write!(f, "{} held ({}).", plural(found.seeds, "seed"), Nanos(nanos(found.cpu)))?,
            }
        }
        writeln!(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(failure: Option<(u64, &str)>, seeds: u64, millis: u64) -> Found {
        let failure = failure.map(|(seed, property)| (seed, property.to_owned()));
        Found { failure, seeds, cpu: Duration::from_millis(millis), fired: Vec::new() }
    }

    #[test]
    fn a_row_tells_the_offset_from_its_base_the_time_and_whether_the_property_is_a_stated_one() {
        let patch = Patch {
            name: "bug".to_owned(),
            path: "bug.patch".into(),
            properties: vec!["agreement".to_owned()],
            scenario: "small.toml".into(),
            check: None,
            why: String::new(),
        };
        let bases = vec![
            found(Some((7, "agreement")), 8, 30),
            found(Some((1_000_002, "liveness")), 3, 1_500),
            found(None, 1_000, 61_000),
        ];
        let row = Row {
            patch,
            bases,
            check: Checked::NotAsked,
            needs: Needs::Any(vec!["loss".to_owned(), "hold".to_owned()]),
            small: Vec::new(),
        };
        assert!(!row.as_stated(), "one base found it by another property, one not at all");
        let table = Table { bases: vec![0, 1_000_000, 2_000_000], rows: vec![row], controls: Vec::new() };
        let cells = "| bug | 2 of 3 | +7, 30ms, agreement | +2, 1.5s, liveness (not stated) | none in 1,000 seeds, 1m 1s | not asked | loss or hold | - |";
        assert!(table.to_string().contains(cells), "{table}");
    }
}
