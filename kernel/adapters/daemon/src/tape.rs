//! Records the run of a daemon, where its configuration says so: `record = "FOLDER"`.
//!
//! Each start writes a file of its own there, `run-N.recording`, N being the start's number; only its owner may read it. It has the texts
//! of the node's specs, no key and none of the secrets that the node is configured with, and `antfarm replay` needs neither. It ends with the round after which it
//! has more than [`MAX_RECORDING`] bytes; the run goes on. Of the files in the folder the last [`MAX_RECORDINGS`] stay.
//!
//! What it deliberately does not do: it makes nobody wait. A disk that cannot keep up ends the recording, and says so in the log.

use crate::config::Config;
use crate::daemon::{StartTrouble, io_trouble};
use antfarm_host::{Recorder, Witness};
use antfarm_identity::{Signer, to_bytes};
use antfarm_node::{Config as NodeConfig, Node, Setup, SpecText};
use antfarm_recording::Header;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// How long a recording gets, in bytes, but for its last round.
pub const MAX_RECORDING: u64 = 1 << 30;

/// How many recordings stay in a folder, that of the present start included.
pub const MAX_RECORDINGS: usize = 16;

/// What records a run; nothing, where nobody wants it.
pub(crate) struct Tape(Option<(PathBuf, Witness)>);

impl Tape {
    pub(crate) fn of(config: &Config) -> Self {
        Self(config.record.clone().map(|folder| (folder, Witness::default())))
    }

    /// The signer that the node is to have.
    pub(crate) fn signer(&self, signer: &Signer) -> Signer {
        self.0.as_ref().map_or_else(|| signer.clone(), |(_, witness)| witness.of(signer))
    }

    /// Whether the folder can be one.
    pub(crate) fn check(&self) -> Result<(), StartTrouble> {
        match &self.0 {
            Some((folder, _)) if folder.exists() && !folder.is_dir() => {
                Err(io_trouble(folder, io::Error::new(io::ErrorKind::NotADirectory, "`record` names a folder, and this is none")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What writes the recording of this start.
    pub(crate) fn recorder(
        self,
        setup: &NodeConfig,
        specs: Vec<SpecText>,
        start: u64,
    ) -> Result<Option<Recorder<Node>>, StartTrouble> {
        self.check()?;
        let Some((folder, witness)) = self.0 else { return Ok(None) };
        let failed = |error| io_trouble(&folder, error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(failed)?;
        for old in old(&folder).map_err(failed)? {
            fs::remove_file(&old).map_err(|error| io_trouble(&old, error))?;
        }
        let path = folder.join(format!("{PREFIX}{start}{SUFFIX}"));
        let header = Header { machine: Setup::MACHINE.to_owned(), setup: to_bytes(&Setup::of(setup).with_specs(specs)) };
        let recorder = Recorder::create(&path, &header).map_err(|error| io_trouble(&path, error))?;
        tracing::info!(path = %path.display(), "recording");
        Ok(Some(recorder.cleaned(Node::without_secrets).witnessed(&witness).at_most(MAX_RECORDING)))
    }
}

const PREFIX: &str = "run-";
const SUFFIX: &str = ".recording";

/// The recordings that must go, so that there is room for one more.
fn old(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str());
        let number = name.and_then(|it| it.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse::<u64>().ok());
        found.extend(number.map(|number| (number, path)));
    }
    found.sort_unstable();
    found.truncate((found.len() + 1).saturating_sub(MAX_RECORDINGS));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_recordings_go_and_nothing_else_does() {
        let folder = std::env::temp_dir().join(format!("antfarmd-tape-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir(&folder).expect("a folder for the test");
        let name = |start: usize| folder.join(format!("run-{start}.recording"));
        for start in 1..MAX_RECORDINGS {
            fs::write(name(start), b"").expect("it is ours");
        }
        for other in ["run-0.txt", "run-.recording", "walk-0.recording"] {
            fs::write(folder.join(other), b"").expect("it is ours");
        }
        assert_eq!(old(&folder).expect("it is ours"), Vec::<PathBuf>::new());
        fs::write(name(100), b"").expect("it is ours");
        fs::write(name(20), b"").expect("it is ours");
        assert_eq!(old(&folder).expect("it is ours"), [name(1), name(2)], "by number, not by letters");
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
