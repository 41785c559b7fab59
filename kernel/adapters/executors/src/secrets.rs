//! Secrets by name: where they come from, and how they are kept out of what a tool answers.
//!
//! A manifest names secrets and holds none. They are read when they are used, so that they can be changed while the daemon runs,
//! and forgotten after. Nothing here prints one.

use antfarm_authority::Name;
use antfarm_identity::Salt;
use antfarm_node::{BadSecret, MAX_SECRET, Secrets};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Where secrets come from.
#[derive(Clone, Default)]
pub enum SecretSource {
    /// There are none.
    #[default]
    Nothing,
    /// Files of a folder, each called as its secret; as systemd's credentials are. One end of a line at the end is not part of it.
    /// A file that others than its owner may read is refused.
    Folder(PathBuf),
    /// These.
    Fixed(BTreeMap<String, Vec<u8>>),
}

/// Names and places only.
impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
            Self::Fixed(secrets) => f.debug_tuple("Fixed").field(&secrets.keys()).finish(),
        }
    }
}

/// Why there is no secret of this name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoSecret {
    /// Nothing has this name, or it cannot be read.
    Missing,
    /// Others than its owner may read it.
    Open,
    /// It is longer than any.
    TooLong,
    /// It is so short, or such a word, that it could not be kept out of answers.
    Unfit,
}

impl fmt::Display for NoSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it is not there, or cannot be read",
            Self::Open => "others than its owner may read its file",
            Self::TooLong => "it is too long",
            Self::Unfit => "it is too short to be kept out of answers",
        })
    }
}

/// A secret that is in use. Prints as nothing.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Whether something can be the name of a secret: it is also a file's name.
pub(crate) fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(legal) && !name.starts_with('.')
}

/// The secrets that one call uses, and what takes them out of its answer.
pub(crate) struct Used<'a> {
    source: &'a SecretSource,
    redactor: Secrets,
}

impl<'a> Used<'a> {
    /// None yet.
    pub(crate) fn new(source: &'a SecretSource, salt: Salt) -> Self {
        Self { source, redactor: Secrets::new(salt) }
    }

    /// The secret of this name, which from now on is taken out.
    pub(crate) fn take(&mut self, name: &str) -> Result<Secret, NoSecret> {
        let secret = self.source.read(name)?;
        let label = Name::new(name).map_err(|_| NoSecret::Missing)?;
        match self.redactor.register(label, &secret.0) {
            Ok(()) => Ok(secret),
            Err(BadSecret::TooLong { .. }) => Err(NoSecret::TooLong),
            Err(BadSecret::TooShort | BadSecret::TooMany | BadSecret::InMarker) => Err(NoSecret::Unfit),
        }
    }

    /// The same bytes without any secret that was used.
    pub(crate) fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.redactor.redact(&bytes).into_owned()
    }
}

impl SecretSource {
    fn read(&self, name: &str) -> Result<Secret, NoSecret> {
        assert!(is_name(name), "manifests hold names only");
        match self {
            Self::Nothing => Err(NoSecret::Missing),
            Self::Fixed(secrets) => secrets.get(name).cloned().map(Secret).ok_or(NoSecret::Missing),
            Self::Folder(folder) => {
                let file = File::open(folder.join(name)).map_err(|_| NoSecret::Missing)?;
                if file.metadata().map_err(|_| NoSecret::Missing)?.mode() & 0o077 != 0 {
                    return Err(NoSecret::Open);
                }
                let mut secret = Vec::new();
                file.take(MAX_SECRET as u64 + 2).read_to_end(&mut secret).map_err(|_| NoSecret::Missing)?;
                if secret.last() == Some(&b'\n') {
                    secret.pop();
                }
                Ok(Secret(secret))
            }
        }
    }
}
