//! A failure as it is told: what did not hold, where, what led to it, and one command to paste.

use crate::bad_input::BadInput;
use crate::console::note;
use crate::cpu::Stopwatch;
use crate::load::{self, Stage};
use crate::stop;
use antfarm_sim::Recorder;
use antfarm_sim::scenario::{self, Registry, Report, Shrunk, Unshrinkable, Violated};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Tells a failure of `stage`, with what led to it, from a second run. `command` is how the reader calls the tool, `saved` where
/// the failure was saved, `small` what it was made to.
pub(crate) fn text(stage: &Stage, report: &Report, command: &str, saved: Option<&Path>, small: Option<&Small>) -> String {
    let Some(Violated { property, claim, at, event, node, message }) = &report.violation else {
        return format!("{}, seed {}: all held", stage.file, report.seed);
    };
    let whom = node.as_ref().map(|node| format!(", node {node}")).unwrap_or_default();
    let again = stage.run(report.seed, Recorder::tail(20));
    let steps = again.steps;
    let mut text = format!(
        "FAILED {}, seed {}\n  property  {property}: {claim}\n  at        {at}, event {event}{whom}\n  found     {message}\n",
        stage.file, report.seed
    );
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  nodes     {}\n  the last {} steps:", stage.legend(), steps.len());
    if again.digest != report.digest {
        text.push_str("    NOT VALID: a second run of this seed was another one, and this is its story\n");
    }
    for step in steps {
        let _ = writeln!(text, "    {step}");
    }
    if let Some(Small { shrunk, path }) = small {
        let more = if shrunk.complete { "" } else { " (`shrink` may find less)" };
        let _ = writeln!(text, "  shrunk    from {}\n            to   {}{more}", shrunk.from, shrunk.to);
        let _ = writeln!(text, "  small     {}", path.display());
    }
    match saved {
        Some(path) => {
            let _ = writeln!(text, "  saved     {}\n  replay    {command} replay {}", path.display(), path.display());
        }
        None => {
            let _ = writeln!(text, "  replay    {command} replay {} --seed {}", stage.file, report.seed);
        }
    }
    text
}

/// A failure that was saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    /// The scenario file; its recording lies beside it.
    pub(crate) path: PathBuf,
    /// The run could be repeated for its recording; else a seed does not give one run.
    pub(crate) repeated: bool,
}

/// Saves a failed run in `dir`: a scenario file that remembers, and the recording of all steps.
pub(crate) fn keep(stage: &Stage, report: &Report, dir: &Path) -> Result<Kept, BadInput> {
    let path = dir.join(format!("{}-{}.toml", flat(&stage.file), report.seed));
    let failed = |error| BadInput::Unwritable(path.clone(), error);
    let again = stage.run(report.seed, Recorder::whole());
    let text = stage.staged.saved(report).expect("only what failed is saved");
    fs::create_dir_all(dir).map_err(failed)?;
    fs::write(&path, text).map_err(failed)?;
    fs::write(recording_of(&path), again.recording.to_string()).map_err(failed)?;
    Ok(Kept { repeated: again.digest == report.digest, path })
}

/// A failure that was made small, and where that was saved.
pub(crate) struct Small {
    pub(crate) shrunk: Shrunk,
    pub(crate) path: PathBuf,
}

/// Makes the failure of a seed small, for at most so many CPU-seconds.
pub(crate) fn shrink(registry: &Registry, stage: &Stage, seed: u64, seconds: u32) -> Result<Shrunk, Unshrinkable> {
    let (mut stopwatch, mut used) = (Stopwatch::start(), 0);
    let limit = u64::from(seconds) * 1_000_000_000;
    let mut go_on = || {
        used += stopwatch.lap();
        used < limit && !stop::requested()
    };
    load::quietly(|| scenario::shrink(registry, stage.staged.as_ref(), seed, &mut go_on))
}

/// Makes a failure small and saves it in `dir`. `None` when that cannot be.
pub(crate) fn keep_small(registry: &Registry, stage: &Stage, seed: u64, dir: &Path, seconds: u32) -> Option<Small> {
    let path = shrunk_path(stage, seed, dir);
    let saved = |shrunk: &Shrunk| fs::create_dir_all(dir).and_then(|()| fs::write(&path, &shrunk.text));
    match shrink(registry, stage, seed, seconds).map(|shrunk| (saved(&shrunk), shrunk)) {
        Ok((Ok(()), shrunk)) => Some(Small { shrunk, path }),
        Ok((Err(error), _)) => {
            note(BadInput::Unwritable(path, error));
            None
        }
        Err(why) => {
            note(format_args!("{}, seed {seed} was not made small: {why}", stage.file));
            None
        }
    }
}

/// Where a failure that was made small lies.
pub(crate) fn shrunk_path(stage: &Stage, seed: u64, dir: &Path) -> PathBuf {
    dir.join(format!("{}-{seed}-small.toml", flat(&stage.file)))
}

/// Where the recording of a saved failure lies.
pub(crate) fn recording_of(saved: &Path) -> PathBuf {
    saved.with_extension("steps")
}

/// A path as one file name: `scenarios/raft/hour.toml` becomes `scenarios-raft-hour`.
pub(crate) fn flat(file: &str) -> String {
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    let word = |part: &str| part.chars().map(|it| if it.is_alphanumeric() || it == '_' { it } else { '-' }).collect::<String>();
    word(stem.trim_matches(['.', '/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::flat;

    #[test]
    fn a_saved_failure_is_called_after_its_scenario() {
        assert_eq!(flat("scenarios/raft/hour.toml"), "scenarios-raft-hour");
        assert_eq!(flat("../mine.toml"), "mine");
        assert_eq!(flat("/tmp/a b.toml"), "tmp-a-b");
    }
}
