//! The file of the control socket: made so that only its owner may ever open it, and removed only while it is ours.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use tokio::net::UnixListener;

/// The file of a socket that this process made.
pub(crate) struct SocketFile {
    path: PathBuf,
    /// The device and the number of its inode.
    inode: (u64, u64),
}

impl SocketFile {
    /// Listens at `path`; a socket that is there is taken over, if nobody answers.
    pub(crate) fn listen(path: &Path) -> io::Result<(UnixListener, Self)> {
        match fs::symlink_metadata(path) {
            // Two configurations may name one socket, and it is the other's.
            Ok(facts) if facts.file_type().is_socket() && UnixStream::connect(path).is_ok() => {
                return Err(io::Error::new(io::ErrorKind::AddrInUse, "another daemon answers there"));
            }
            Ok(facts) if !facts.file_type().is_socket() => {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"));
            }
            Ok(_) | Err(_) => {}
        }
        // Bound where nobody else may enter, and moved when its mode is right: at no time may others open it. The names are short, since
        // the whole path of a socket has at most 107 bytes.
        let folder = path.with_file_name(format!(".{:x}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let bound = bind(&folder.join("s"), path);
        drop(fs::remove_dir_all(&folder));
        let (listener, facts) = bound?;
        Ok((listener, Self { path: path.to_owned(), inode: inode(&facts) }))
    }

    /// Removes the file, unless it is another's by now.
    pub(crate) fn remove(&self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|facts| inode(&facts) == self.inode) {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn bind(first: &Path, path: &Path) -> io::Result<(UnixListener, Metadata)> {
    let listener = UnixListener::bind(first)?;
    fs::set_permissions(first, Permissions::from_mode(0o600))?;
    let facts = fs::symlink_metadata(first)?;
    fs::rename(first, path)?;
    Ok((listener, facts))
}

fn inode(facts: &Metadata) -> (u64, u64) {
    (facts.dev(), facts.ino())
}
