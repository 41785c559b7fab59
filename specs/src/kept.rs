//! What was proved before: kept in a folder, by the digest of all that a proof depends on.
//!
//! That is the specs' texts, byte for byte, the tool that proves, its solver, and how far the levels go. Anything else asks anew. A file
//! that cannot be read, or says what this tool does not write, is as if it were not there.

use crate::cascade::{Depth, Proved, Shown};
use crate::load::Group;
use crate::verdict::{Bound, Finding, Judged, Level};
use antfarm_automata::Text;
use antfarm_identity::{Codec, Digest, Domain, from_bytes, to_bytes};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const DOMAIN: Domain = Domain::new("antfarm 2026 kept proof");

/// A folder of proofs.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    /// What the tool is, and its solver.
    tool: String,
}

/// A finding as it is kept.
#[derive(Codec)]
struct Kept {
    spec: Text,
    file: String,
    level: Level,
    judged: Vec<Judged>,
    bounds: Vec<Bound>,
    states: u64,
    micros: u64,
}

impl Store {
    /// A store in a folder, which need not be there yet. `tool` names everything besides the specs that a proof depends on.
    pub fn new(folder: impl Into<PathBuf>, tool: impl Into<String>) -> Self {
        Self { folder: folder.into(), tool: tool.into() }
    }

    fn path(&self, group: &Group, depth: Depth) -> PathBuf {
        let members = group.members.iter().map(|it| (it.file.clone(), it.text.clone(), it.is_proved));
        let all: (Vec<(String, String, bool)>, String, String) = (members.collect(), self.tool.clone(), format!("{depth:?}"));
        self.folder.join(Digest::of(DOMAIN, &to_bytes(&all)).to_string())
    }

    /// What was proved of a group before.
    pub fn recall(&self, group: &Group, depth: Depth) -> Option<Proved> {
        let bytes = fs::read(self.path(group, depth)).ok()?;
        let (kept, shown): (Vec<Kept>, Vec<Shown>) = from_bytes(&bytes).ok()?;
        let finding = |it: Kept| Finding {
            spec: it.spec,
            file: it.file,
            level: it.level,
            judged: it.judged,
            bounds: it.bounds,
            states: it.states,
            took: Duration::from_micros(it.micros),
        };
        Some(Proved { findings: kept.into_iter().map(finding).collect(), shown, ..Proved::default() })
    }

    /// Keeps what was proved of a group. Contradictions are not kept: they are to be told each time. That it cannot be kept is no failure.
    pub fn keep(&self, group: &Group, depth: Depth, proved: &Proved) {
        if !proved.contradictions.is_empty() {
            return;
        }
        let kept = proved.findings.iter().map(|it| Kept {
            spec: it.spec.clone(),
            file: it.file.clone(),
            level: it.level,
            judged: it.judged.clone(),
            bounds: it.bounds.clone(),
            states: it.states,
            micros: u64::try_from(it.took.as_micros()).unwrap_or(u64::MAX),
        });
        let bytes = to_bytes(&(kept.collect::<Vec<Kept>>(), proved.shown.clone()));
        let path = self.path(group, depth);
        // Written beside and moved, so that two that prove at once do not see halves.
        let beside = path.with_extension(std::process::id().to_string());
        if fs::create_dir_all(&self.folder).and_then(|()| fs::write(&beside, bytes)).is_ok() {
            drop(fs::rename(&beside, &path));
        }
    }
}
