//! The tools of a daemon: what the node is told of them, and who carries them out.

use crate::config::Config;
use antfarm_authority::Name;
use antfarm_executors::{Executors, Manifest, SecretSource, Setup, Unkept};
use antfarm_machine::PeerId;
use antfarm_node::{Body, MAX_SECRET, Outcome, Secrets, Toolbox};
use antfarm_strict::Troubles;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// What the executors are called: one peer for all tools.
pub const TOOLS: PeerId = PeerId::new(1 << 20);

/// Where outcomes are kept, below the folder of the ledger; no object of a ledger begins with a dot.
const OUTCOMES: &str = ".tools";

/// Carries out what a node tells its tools, a call or a closing, and hands the answer back when there is one. It is called on the
/// runtime, by the task that drives the node: it must not wait.
pub type Carry = Box<dyn Fn(Body, Box<dyn FnOnce(Body) + Send>) + Send>;

/// The tools of a daemon.
pub struct Workshop {
    tools: Tools,
    /// As they were at the start: what is taken out of all that is stored is what tools are given.
    secrets: BTreeMap<String, Vec<u8>>,
    /// Of the folder in which commands run.
    name: String,
}

enum Tools {
    Manifest(Option<Manifest>),
    Own(Toolbox, Carry),
}

impl Workshop {
    pub(crate) fn read(config: &Config) -> Result<Self, ToolTrouble> {
        let manifest = config.tools.as_deref().map(manifest).transpose()?;
        let name = format!("antfarmd-{}-{}", config.colony_id().short(), config.name.escape_default());
        let secrets = config.secrets.as_deref().map(secrets).transpose()?.unwrap_or_default();
        Ok(Self { tools: Tools::Manifest(manifest), secrets, name: name.replace(['/', '\\'], "-") })
    }

    /// Tools of one's own. Each is to be at [`TOOLS`].
    pub fn own(toolbox: Toolbox, carry: Carry) -> Self {
        Self { tools: Tools::Own(toolbox, carry), secrets: BTreeMap::new(), name: String::new() }
    }

    pub(crate) fn toolbox(&self) -> Toolbox {
        match &self.tools {
            Tools::Manifest(manifest) => manifest.as_ref().map(|manifest| manifest.toolbox(TOOLS)).unwrap_or_default(),
            Tools::Own(toolbox, _) => toolbox.clone(),
        }
    }

    /// Has the node take every secret out of what it stores and sends.
    pub(crate) fn register(&self, registered: &mut Secrets) -> Result<(), ToolTrouble> {
        for (name, secret) in &self.secrets {
            let unfit = |why: String| ToolTrouble::Secret(PathBuf::from(name), why);
            let label = Name::new(name).map_err(|bad| unfit(bad.to_string()))?;
            registered.register(label, secret).map_err(|bad| unfit(bad.to_string()))?;
        }
        Ok(())
    }

    /// Opens what carries tools out.
    pub(crate) fn open(self, ledger: &Path) -> Result<Carry, ToolTrouble> {
        let manifest = match self.tools {
            Tools::Own(_, carry) => return Ok(carry),
            // Nothing is called where there are no tools.
            Tools::Manifest(None) => return Ok(Box::new(|_, _| {})),
            Tools::Manifest(Some(manifest)) => manifest,
        };
        let folder = ledger.join(OUTCOMES);
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| ToolTrouble::Io(folder.clone(), error))?;
        let scratch = scratch(&self.name)?;
        let secrets = SecretSource::Fixed(self.secrets);
        let executors = Executors::open(Setup { secrets, scratch, ..Setup::new(manifest, &folder) })?;
        Ok(Box::new(move |body, answer| {
            let hearing = executors.hear(&body);
            tokio::spawn(async move {
                match hearing.await {
                    Ok(it) => {
                        if !matches!(it.outcome, Outcome::Done { .. }) {
                            tracing::warn!(call = %it.key.digest().short(), cause = %it.cause, "a call was not done");
                        }
                        answer(it.body());
                    }
                    Err(refused) => tracing::debug!(%refused, "a call was not taken"),
                }
            });
        }))
    }
}

/// The folder in which each command gets one of its own: among temporary files, since whoever runs commands may not enter the
/// ledger's. What is there already must be ours.
fn scratch(name: &str) -> Result<PathBuf, ToolTrouble> {
    let path = std::env::temp_dir().join(name);
    let failed = |error| ToolTrouble::Io(path.clone(), error);
    match fs::DirBuilder::new().mode(0o711).create(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.map_err(failed)?,
    }
    let facts = fs::symlink_metadata(&path).map_err(failed)?;
    if !facts.is_dir() || facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, "it is somebody else's; remove it")));
    }
    Ok(path)
}

/// The files of a folder, each called as its secret.
fn secrets(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, ToolTrouble> {
    let failed = |path: &Path, error| ToolTrouble::Io(path.to_owned(), error);
    let entries =
        fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(|error| failed(folder, error))?;
    let mut secrets = BTreeMap::new();
    for entry in entries {
        let path = entry.path();
        let unfit = |why: String| ToolTrouble::Secret(path.clone(), why);
        let name = entry.file_name().into_string().map_err(|_| unfit("its name is no text".to_owned()))?;
        if name.starts_with('.') || !path.is_file() {
            continue;
        }
        let file = File::open(&path).map_err(|error| failed(&path, error))?;
        let mode = file.metadata().map_err(|error| failed(&path, error))?.mode();
        if mode & 0o077 != 0 {
            return Err(unfit(format!("mode {:04o}: others may read it; say `chmod 600`", mode & 0o777)));
        }
        let mut secret = Vec::new();
        file.take(MAX_SECRET as u64 + 2).read_to_end(&mut secret).map_err(|error| failed(&path, error))?;
        if secret.last() == Some(&b'\n') {
            secret.pop();
        }
        secrets.insert(name, secret);
    }
    Ok(secrets)
}

fn manifest(path: &Path) -> Result<Manifest, ToolTrouble> {
    let text = fs::read_to_string(path).map_err(|error| ToolTrouble::Io(path.to_owned(), error))?;
    Manifest::parse(&path.display().to_string(), &text).map_err(ToolTrouble::Manifest)
}

/// What is wrong with a daemon's tools or secrets. Nothing of a secret is in it.
#[derive(Debug)]
pub enum ToolTrouble {
    /// The manifest.
    Manifest(Troubles),
    /// A file or a folder.
    Io(PathBuf, io::Error),
    /// The file of a secret, and why it is none.
    Secret(PathBuf, String),
    /// What is remembered of calls.
    Outcomes(Unkept),
}

impl From<Unkept> for ToolTrouble {
    fn from(trouble: Unkept) -> Self {
        Self::Outcomes(trouble)
    }
}

impl fmt::Display for ToolTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(troubles) => troubles.fmt(f),
            Self::Io(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Secret(path, why) => write!(f, "secret `{}`: {why}", path.display()),
            Self::Outcomes(trouble) => trouble.fmt(f),
        }
    }
}

impl std::error::Error for ToolTrouble {}
