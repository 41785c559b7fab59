//! One campaign: a built tool runs one scenario on growing batches of seeds until one fails or the budget is used.
//!
//! The tool is a process of its own and is read through `run --json`, like any script would: a planted bug may loop, abort or
//! eat memory, and its marks and digests must not mix with ours.

use crate::stop;
use serde_json::Value;
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What to run, and when to give up.
#[derive(Clone, Debug)]
pub(crate) struct Campaign<'a> {
    pub(crate) tool: PathBuf,
    pub(crate) work: &'a Path,
    pub(crate) scenario: &'a Path,
    /// The first seed.
    pub(crate) base: u64,
    /// At most so many seeds.
    pub(crate) seeds: u64,
    /// No further batch begins after so much CPU time.
    pub(crate) cpu: Duration,
    pub(crate) jobs: usize,
    /// Each seed runs twice: two digests of one are a failure too, by the name of [`DIGEST`].
    pub(crate) twice: bool,
}

/// The property that a seed gives one run.
pub(crate) const DIGEST: &str = "digest";

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Found {
    /// The first failing seed, and the property that failed.
    pub(crate) failure: Option<(u64, String)>,
    /// How many seeds were run.
    pub(crate) seeds: u64,
    pub(crate) cpu: Duration,
    /// The families of faults that fired in the failing run.
    pub(crate) fired: Vec<String>,
}

/// The first batch: small, since most bugs show early; each further one is twice as large.
const FIRST_BATCH: u64 = 16;

impl Campaign<'_> {
    /// Runs it.
    pub(crate) fn run(&self) -> Result<Found, BadCampaign> {
        let mut found = Found::default();
        let mut batch = FIRST_BATCH;
        while found.failure.is_none() && found.seeds < self.seeds && found.cpu < self.cpu && !stop::requested() {
            let size = batch.min(self.seeds - found.seeds);
            self.batch(self.base + found.seeds, size, &mut found)?;
            batch = batch.saturating_mul(2);
        }
        Ok(found)
    }

    fn batch(&self, from: u64, size: u64, found: &mut Found) -> Result<(), BadCampaign> {
        self.tell(&["--seeds", &format!("{from}..{}", from + size)], found)
    }

    /// Runs the one seed of a saved failure.
    pub(crate) fn saved(&self, found: &mut Found) -> Result<(), BadCampaign> {
        self.tell(&[], found)
    }

    fn tell(&self, seeds: &[&str], found: &mut Found) -> Result<(), BadCampaign> {
        let mut command = Command::new(&self.tool);
        command.arg("run").arg(self.scenario).args(seeds).args(["--json", "--first", "--jobs", &self.jobs.to_string()]);
        if self.twice {
            command.arg("--twice");
        }
        command.current_dir(self.work).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(BadCampaign::Start)?;
        let lines = child.stdout.take().expect("standard output was asked for");
        let mut summed = false;
        for line in BufReader::new(lines).lines() {
            let line = line.map_err(BadCampaign::Start)?;
            let value: Value = serde_json::from_str(&line).map_err(|_| BadCampaign::Line(line.clone()))?;
            if let Some(summary) = value.get("summary") {
                found.cpu += Duration::from_nanos(summary.get("cpu_ns").and_then(Value::as_u64).unwrap_or(0));
                summed = true;
                if self.twice && found.failure.is_none() {
                    found.failure = differing(summary);
                }
            } else {
                found.seeds += 1;
                if found.failure.is_none() {
                    found.failure = failure(&value).ok_or_else(|| BadCampaign::Line(line.clone()))?;
                    if found.failure.is_some() {
                        found.fired = fired(&value);
                    }
                }
            }
        }
        let output = child.wait_with_output().map_err(BadCampaign::Start)?;
        // 3 says that something was inert, which a small batch cannot know; anything else must have ended with a summary.
        match output.status.code() {
            Some(0 | 1 | 3 | 4) if summed => Ok(()),
            code => Err(BadCampaign::Status(code, String::from_utf8_lossy(&output.stderr).into_owned())),
        }
    }
}

/// The seed and property of a line that reports a failure; `Some(None)` for a seed that held, `None` for no such line.
fn failure(line: &Value) -> Option<Option<(u64, String)>> {
    if line.get("ok")?.as_bool()? {
        return Some(None);
    }
    let property = line.get("violation")?.get("property")?.as_str()?;
    Some(Some((line.get("seed")?.as_u64()?, property.to_owned())))
}

/// The families of which a line says that they fired.
fn fired(line: &Value) -> Vec<String> {
    let faults = line.get("faults").and_then(Value::as_object).into_iter().flatten();
    let fired = |counts: &Value| counts.get("fired").and_then(Value::as_u64).is_some_and(|count| count > 0);
    faults.filter(|(_, counts)| fired(counts)).map(|(family, _)| family.clone()).collect()
}

/// The first seed of which a summary says that it gave two runs: `FILE, seed N: ..`.
fn differing(summary: &Value) -> Option<(u64, String)> {
    let told = summary.get("differing")?.as_array()?.first()?.as_str()?;
    let (_, seed) = told.rsplit_once(", seed ")?;
    let (seed, _) = seed.split_once(':')?;
    Some((seed.parse().ok()?, DIGEST.to_owned()))
}

/// Why a campaign gave no answer.
#[derive(Debug)]
pub(crate) enum BadCampaign {
    /// The tool could not be started or read.
    Start(io::Error),
    /// It printed a line that is not one of `run --json`.
    Line(String),
    /// It ended in another way than `run` does, and said this.
    Status(Option<i32>, String),
}

impl fmt::Display for BadCampaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the tool could not be run: {error}"),
            Self::Line(line) => write!(f, "the tool printed a line that is not one of `run --json`: {line}"),
            Self::Status(Some(code), said) => write!(f, "the tool ended with status {code}: {}", said.trim_end()),
            Self::Status(None, said) => write!(f, "the tool was killed: {}", said.trim_end()),
        }
    }
}

impl std::error::Error for BadCampaign {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<Option<(u64, &str)>>) {
        let value = serde_json::from_str(line).expect("JSON");
        assert_eq!(failure(&value), expected.map(|it| it.map(|(seed, property)| (seed, property.to_owned()))), "{line}");
    }

    #[test]
    fn a_line_tells_whether_its_seed_failed_and_by_which_property() {
        check(r#"{"seed":7,"ok":true,"violation":null}"#, Some(None));
        check(r#"{"seed":7,"ok":false,"violation":{"property":"agreement"}}"#, Some(Some((7, "agreement"))));
        check(r#"{"seed":7,"ok":false,"violation":null}"#, None);
        check(r#"{"seed":7}"#, None);
    }

    #[test]
    fn a_line_tells_what_fired_and_a_summary_which_seed_gave_two_runs() {
        let line = r#"{"ok":false,"faults":{"crash":{"planned":2,"fired":1},"loss":{"planned":1,"fired":0}}}"#;
        assert_eq!(fired(&serde_json::from_str(line).expect("JSON")), ["crash"]);
        let summary = |told: &str| serde_json::from_str(&format!(r#"{{"differing":[{told}]}}"#)).expect("JSON");
        assert_eq!(differing(&summary(r#""a, seed 3.toml, seed 7: two runs of one seed differ""#)), Some((7, DIGEST.to_owned())));
        assert_eq!(differing(&summary("")), None);
    }
}
