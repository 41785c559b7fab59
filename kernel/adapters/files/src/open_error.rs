//! Why a folder was not opened.

use crate::disk::is_full;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why a folder was not opened. Nothing that was answered before is lost by it.
#[derive(Debug)]
pub enum OpenError {
    /// There is no such folder.
    Missing {
        /// Which one.
        folder: PathBuf,
    },
    /// Another process, or another opener in this one, has it.
    Locked {
        /// Which one.
        folder: PathBuf,
    },
    /// The file system is mounted for reading only.
    ReadOnly {
        /// Which one.
        folder: PathBuf,
    },
    /// This user may not write there.
    Denied {
        /// Which one.
        folder: PathBuf,
    },
    /// There is no room for the journal, or for what is in it.
    Full {
        /// Which one.
        folder: PathBuf,
    },
    /// The journal is of a format that this version does not know.
    Foreign {
        /// Which one.
        folder: PathBuf,
        /// The format's number.
        format: u8,
    },
    /// The disk failed.
    Io {
        /// Which one.
        folder: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the operating system says.
        error: io::Error,
    },
}

impl OpenError {
    pub(crate) fn of(folder: &Path, doing: &'static str, error: io::Error) -> Self {
        let (kind, place) = (error.kind(), folder.to_owned());
        if kind == io::ErrorKind::ReadOnlyFilesystem {
            Self::ReadOnly { folder: place }
        } else if kind == io::ErrorKind::PermissionDenied {
            Self::Denied { folder: place }
        } else if is_full(&error) {
            Self::Full { folder: place }
        } else {
            Self::Io { folder: place, doing, error }
        }
    }

    /// The folder concerned.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Missing { folder }
            | Self::Locked { folder }
            | Self::ReadOnly { folder }
            | Self::Denied { folder }
            | Self::Full { folder }
            | Self::Foreign { folder, .. }
            | Self::Io { folder, .. } => folder,
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.folder().display();
        match self {
            Self::Missing { .. } => write!(f, "there is no folder `{folder}`: create it, or correct the path"),
            Self::Locked { .. } => write!(f, "`{folder}` is in use by another process: stop that one, or use another folder"),
            Self::ReadOnly { .. } => write!(f, "`{folder}` is on a file system that is mounted for reading only"),
            Self::Denied { .. } => write!(f, "this user may not write in `{folder}`: give it read and write access"),
            Self::Full { .. } => write!(f, "there is no room in `{folder}`: free some, then start again"),
            Self::Foreign { format, .. } => {
                write!(
                    f,
                    "the journal in `{folder}` has format {format}, which this version does not read: use the one that wrote it"
                )
            }
            Self::Io { doing, error, .. } => write!(f, "{doing} in `{folder}` failed: {error}"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Missing { .. }
            | Self::Locked { .. }
            | Self::ReadOnly { .. }
            | Self::Denied { .. }
            | Self::Full { .. }
            | Self::Foreign { .. } => None,
        }
    }
}
