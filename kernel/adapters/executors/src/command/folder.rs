//! The folder that a command is run in, which goes when the command is over, whatever it left there.

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, unlinkat};
use std::ffi::CStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// What folders of commands are called.
const PREFIX: &str = "antfarm-run-";

/// Removes folders that an earlier process left.
pub(crate) fn sweep(scratch: &Path) {
    let entries = fs::read_dir(scratch).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        drop(remove(&entry.path()));
    }
}

/// A folder that is there as long as this value.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder of this name, which is not made yet.
    pub(super) fn below(scratch: &Path, name: &str) -> Self {
        Self(scratch.join(format!("{PREFIX}{name}")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn make(&self, user: u32) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(&self.0)?;
        match nix::unistd::geteuid().is_root() {
            true => chown(&self.0, Some(user), Some(user)),
            false => Ok(()),
        }
    }

    /// Removes it, without holding up other work.
    pub(super) async fn leave(mut self) {
        let path = std::mem::take(&mut self.0);
        drop(spawn_blocking(move || remove(&path)).await);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.0);
        if path.as_os_str().is_empty() {
            return;
        }
        // What cannot be removed is in nobody's way: no other call has this name.
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || remove(&path))),
            Err(_) => drop(remove(&path)),
        }
    }
}

/// Removes a folder that a command may have filled as wide and as deep as it liked, and may still be changing: no more than two layers are
/// open at a time, no link is followed, and nothing is looked for by a path of more than one name. What lies deeper is moved up.
fn remove(folder: &Path) -> io::Result<()> {
    let top = open(folder, folders(), Mode::empty())?;
    let mut nth = 0;
    loop {
        let (mut is_empty, mut is_less) = (true, false);
        each(&top, &mut |name| {
            is_empty = false;
            is_less |= take_away(&top, name, &mut nth).is_ok();
        })?;
        if is_empty {
            return fs::remove_dir(folder);
        }
        if !is_less {
            return Err(Errno::ENOTEMPTY.into());
        }
    }
}

/// Removes an entry. Folders in it come to lie beside it.
fn take_away(top: &OwnedFd, name: &CStr, nth: &mut u64) -> nix::Result<()> {
    match unlinkat(top, name, UnlinkatFlags::NoRemoveDir) {
        Err(Errno::EISDIR) => {}
        done => return done,
    }
    let below = openat(top, name, folders(), Mode::empty())?;
    each(&below, &mut |inner| {
        if unlinkat(&below, inner, UnlinkatFlags::NoRemoveDir) == Err(Errno::EISDIR) {
            // Where that fails, the folder is not empty, and removing it fails.
            let _ = move_up(&below, inner, top, nth);
        }
    })?;
    unlinkat(top, name, UnlinkatFlags::RemoveDir)
}

/// Moves a folder to a name that nothing else has.
fn move_up(below: &OwnedFd, inner: &CStr, top: &OwnedFd, nth: &mut u64) -> nix::Result<()> {
    loop {
        *nth += 1;
        match renameat(below, inner, top, format!(".up-{nth}").as_str()) {
            Err(Errno::EEXIST | Errno::ENOTEMPTY | Errno::ENOTDIR) => {}
            done => return done,
        }
    }
}

/// Visits what is in a folder, by name.
fn each(folder: &OwnedFd, visit: &mut dyn FnMut(&CStr)) -> nix::Result<()> {
    for entry in Dir::openat(folder, c".", folders(), Mode::empty())?.iter() {
        let entry = entry?;
        if entry.file_name() != c"." && entry.file_name() != c".." {
            visit(entry.file_name());
        }
    }
    Ok(())
}

fn folders() -> OFlag {
    OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::mkdirat;

    #[test]
    fn a_folder_goes_however_deep_and_wide_it_is() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join(format!("{PREFIX}0"));
        fs::create_dir(&folder).expect("it is new");
        fs::write(scratch.path().join("kept"), "kept").expect("it is new");
        let mut at = open(&folder, folders(), Mode::empty()).expect("it is there");
        for depth in 0..20_000 {
            // Its name may be one that something else is moved to.
            let name = if depth % 3 == 0 { ".up-7" } else { "deeper" };
            mkdirat(&at, name, Mode::S_IRWXU).expect("it is new");
            at = openat(&at, name, folders(), Mode::empty()).expect("it is there");
        }
        drop(at);
        for wide in 0..200 {
            fs::create_dir_all(folder.join(format!("wide{wide}/inner"))).expect("it is new");
            fs::write(folder.join(format!("wide{wide}/inner/file")), "file").expect("it is new");
        }
        std::os::unix::fs::symlink(scratch.path(), folder.join("link")).expect("it is new");
        std::os::unix::fs::symlink("nowhere", folder.join("wide0/dangling")).expect("it is new");
        sweep(scratch.path());
        let left: Vec<_> = fs::read_dir(scratch.path()).expect("it is there").flatten().map(|it| it.file_name()).collect();
        assert_eq!(left, ["kept"]);
    }
}
