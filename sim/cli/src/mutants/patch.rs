//! A planted bug: a patch, and in the lines before it which property should find it, in which scenario, and why it is a bug.
//!
//! ```text
//! # property: election safety, state machine safety
//! # scenario: scenarios/raft/bugs.toml
//! # check: scenarios/raft/small.toml
//! # why: a vote that a crash forgets can be given twice in one term
//! diff --git a/sim/examples/raft/src/election.rs b/sim/examples/raft/src/election.rs
//! ```
//!
//! `check` may be missing: then the model checker does not look for the bug. All other keys are required, once each.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// One planted bug.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Patch {
    /// The file's name without its ending.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Any of these finds it; the first is the expected one.
    pub(crate) properties: Vec<String>,
    pub(crate) scenario: PathBuf,
    pub(crate) check: Option<PathBuf>,
    pub(crate) why: String,
}

/// The patches of a folder, by name.
pub(crate) fn read_all(dir: &Path) -> Result<Vec<Patch>, BadPatch> {
    let bad = |reason| BadPatch { path: dir.to_owned(), line: None, reason };
    let entries = fs::read_dir(dir).map_err(|error| bad(Reason::Unreadable(error.to_string())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "patch"));
    paths.sort();
    if paths.is_empty() {
        return Err(bad(Reason::NoPatches));
    }
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Patch, BadPatch> {
    let bad = |line, reason| BadPatch { path: path.to_owned(), line, reason };
    let text = fs::read_to_string(path).map_err(|error| bad(None, Reason::Unreadable(error.to_string())))?;
    let (mut property, mut scenario, mut check, mut why) = (None, None, None, None);
    for (at, line) in (1..).zip(text.lines()).take_while(|(_, line)| !is_diff(line)) {
        let Some((key, value)) = line.strip_prefix('#').and_then(|rest| rest.split_once(':')) else { continue };
        let slot = match key.trim() {
            "property" => &mut property,
            "scenario" => &mut scenario,
            "check" => &mut check,
            "why" => &mut why,
            other => return Err(bad(Some(at), Reason::Key(other.to_owned()))),
        };
        if slot.replace(value.trim().to_owned()).is_some() {
            return Err(bad(Some(at), Reason::Twice(key.trim().to_owned())));
        }
    }
    if !text.lines().any(is_diff) {
        return Err(bad(None, Reason::NoDiff));
    }
    let wanted = |value: Option<String>, key| value.filter(|it| !it.is_empty()).ok_or_else(|| bad(None, Reason::Missing(key)));
    Ok(Patch {
        name: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
        path: path.to_owned(),
        properties: wanted(property, "property")?.split(',').map(|it| it.trim().to_owned()).collect(),
        scenario: PathBuf::from(wanted(scenario, "scenario")?),
        check: check.filter(|it| !it.is_empty()).map(PathBuf::from),
        why: wanted(why, "why")?,
    })
}

fn is_diff(line: &str) -> bool {
    line.starts_with("diff ") || line.starts_with("--- ")
}

/// Why a file is not a planted bug.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BadPatch {
    path: PathBuf,
    line: Option<u32>,
    reason: Reason,
}

/// What is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Reason {
    Unreadable(String),
    NoPatches,
    NoDiff,
    Key(String),
    Twice(String),
    Missing(&'static str),
}

impl fmt::Display for BadPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}:1")?;
        }
        match &self.reason {
            Reason::Unreadable(error) => write!(f, ": cannot be read: {error}"),
            Reason::NoPatches => f.write_str(": no `*.patch` file is in this folder"),
            Reason::NoDiff => f.write_str(": no `diff` follows the header"),
            Reason::Key(key) => write!(f, ": unknown key `{key}`; known are `property`, `scenario`, `check` and `why`"),
            Reason::Twice(key) => write!(f, ": `{key}` is given twice"),
            Reason::Missing(key) => write!(f, ": the header has no `# {key}: ..` line"),
        }
    }
}

impl std::error::Error for BadPatch {}
