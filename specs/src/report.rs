//! What was proved, for people and for scripts.

use crate::trace::{Trace, line};
use crate::verdict::{Finding, Judged, Kind, Property, Reason, Verdict};
use antfarm_automata::Broken;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How many findings came out how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Of levels that verified all.
    pub verified: usize,
    /// That refuted something.
    pub refuted: usize,
    /// That had no answer for something, and refuted nothing.
    pub incomplete: usize,
}

impl Tally {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |word: &str| findings.iter().filter(|it| it.word() == word).count();
        Self { verified: count("verified"), refuted: count("refuted"), incomplete: count("incomplete") }
    }
}

/// A table: one row for each spec and level, what was hit below it.
pub fn table(findings: &[Finding]) -> String {
    let rows: Vec<[String; 6]> = findings
        .iter()
        .map(|it| {
            let unit = match it.level {
                crate::Level::L0 => "questions",
                crate::Level::L1 | crate::Level::Composite => "states",
                crate::Level::L2 => "events",
                crate::Level::L3 => "actions",
            };
            let properties = format!("{} of {}", it.judged.iter().filter(|it| it.verdict.is_verified()).count(), it.judged.len());
            let took = format!("{:.1} ms", it.took.as_secs_f64() * 1000.0);
            let spec = it.spec.to_string();
            [spec, it.level.to_string(), it.word().to_owned(), properties, took, format!("{} {unit}", it.states)]
        })
        .collect();
    let heads = ["spec", "level", "verdict", "holds", "time", "looked at"];
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).chain([heads[column].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let mut told = String::new();
    let mut row = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            4 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        let joined = padded.collect::<Vec<_>>().join("  ");
        told.push_str(joined.trim_end());
        told.push('\n');
    };
    row(&heads.map(str::to_owned));
    for (cells, finding) in rows.iter().zip(findings) {
        row(cells);
        let said = bounds(finding);
        if !said.is_empty() {
            row(&[format!("    within {said}")]);
        }
    }
    told
}

/// How far a level looked, in one line: what parameters were tried with is left to the long form.
fn bounds(finding: &Finding) -> String {
    let told = finding.bounds.iter().filter(|it| it.is_hit || !it.of.contains('(') && it.of != crate::Bound::STATES);
    let told = told.map(|it| format!("{} {}{}", it.of, it.to, if it.is_hit { " (HIT)" } else { "" }));
    told.collect::<Vec<_>>().join("; ")
}

/// Where the scenario is that shows that a property does not hold, or why there is none.
pub type Where<'a> = dyn Fn(&Finding, &Property) -> Option<Result<String, String>> + 'a;

/// What does not hold, as stories. `broken` says of a type what its spec says of itself.
pub fn stories(findings: &[Finding], shown: &Where<'_>, broken: impl Fn(&str) -> Option<Broken>) -> String {
    let mut told = String::new();
    for finding in findings {
        for Judged { property, verdict } in &finding.judged {
            let (spec, level) = (&finding.spec, finding.level);
            match verdict {
                Verdict::Verified => continue,
                Verdict::Refuted(Some(trace)) => {
                    let steps = trace.marks.len();
                    let _ = write!(
                        told,
                        "REFUTED {spec}.{property} by {level}, in {steps} step{}:\n{trace}",
                        if steps == 1 { "" } else { "s" }
                    );
                }
                Verdict::Refuted(None) => {
                    let never = match property.kind {
                        Kind::Action => "no reachable state enables it",
                        Kind::State => "no run leads to it",
                        Kind::Trigger => "its guard holds in no state that its action leads to",
                        Kind::FieldInvariant => "no creation keeps it",
                        Kind::Invariant | Kind::Reaches | Kind::HasActions | Kind::Deadlock | Kind::Reaction => {
                            "it does not hold"
                        }
                    };
                    let _ = writeln!(told, "REFUTED {spec}.{property} by {level}: {never}");
                }
                Verdict::Incomplete(Reason::NotInductive(step)) => {
                    let _ =
                        write!(told, "INCOMPLETE {spec}.{property} at {level}: {}:\n{step}", Reason::NotInductive(step.clone()));
                }
                Verdict::Incomplete(why) => {
                    let _ = writeln!(told, "INCOMPLETE {spec}.{property} at {level}: {why}");
                }
            }
            match shown(finding, property).filter(|_| verdict.is_refuted()) {
                Some(Ok(path)) => drop(writeln!(told, "       the kernel does the same: antfarm replay {path} --told")),
                Some(Err(why)) => drop(writeln!(told, "       not replayed through the kernel: {why}")),
                None => {}
            }
            if let Some(broken) = broken(spec)
                && broken.property == property.name
                && verdict.is_refuted()
            {
                let _ = writeln!(told, "       as its table `broken` says: {}", broken.because);
            }
        }
    }
    told
}

/// One line of JSON for each spec and level; where something is refuted or incomplete, one for each such property.
pub fn json(findings: &[Finding], shown: &Where<'_>) -> Vec<Value> {
    let mut lines = Vec::new();
    for finding in findings {
        let open: Vec<&Judged> = finding.judged.iter().filter(|it| !it.verdict.is_verified()).collect();
        if open.is_empty() {
            lines.push(row(finding, "verified", None, None, None));
        }
        for judged in open {
            let (trace, why) = match &judged.verdict {
                Verdict::Refuted(trace) => (trace.as_ref(), None),
                Verdict::Incomplete(why) => {
                    let step = if let Reason::NotInductive(step) = why { Some(&**step) } else { None };
                    (step, Some(why.to_string()))
                }
                Verdict::Verified => (None, None),
            };
            let mut line = row(finding, judged.verdict.word(), Some(judged), trace, why);
            match shown(finding, &judged.property).filter(|_| judged.verdict.is_refuted()) {
                Some(Ok(path)) => line["scenario"] = json!(path),
                Some(Err(why)) => line["no_scenario"] = json!(why),
                None => {}
            }
            lines.push(line);
        }
    }
    lines
}

fn row(finding: &Finding, verdict: &str, judged: Option<&Judged>, trace: Option<&Trace>, why: Option<String>) -> Value {
    let mark = |it: &crate::Mark| json!({ "action": it.taken.to_string(), "state": line(&it.after) });
    let bound = |it: &crate::Bound| json!({ "of": it.of, "to": it.to, "hit": it.is_hit });
    let mut row = json!({
        "spec": finding.spec.as_str(),
        "level": finding.level.word(),
        "verdict": verdict,
        "property": judged.map(|it| it.property.name.to_string()),
        "trace": trace.map(|it| it.marks.iter().map(mark).collect::<Vec<_>>()).unwrap_or_default(),
        "bounds": finding.bounds.iter().map(bound).collect::<Vec<_>>(),
        "states": finding.states,
        "ms": u64::try_from(finding.took.as_millis()).unwrap_or(u64::MAX),
        "file": finding.file,
    });
    if let Some(trace) = trace {
        row["first"] = json!(line(&trace.first));
        row["back_to"] = json!(trace.back_to);
    }
    if let Some(why) = why {
        row["why"] = json!(why);
    }
    row
}
