//! The warden's own layers: another identity than root, and new namespaces.

use super::wire::{Held, Layer, Spec};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::unistd::{Gid, Uid, geteuid, setgroups, setresgid, setresuid};
use std::{fs, io};

/// Enters them one by one; each either holds or says why not.
pub(super) fn enter(spec: &Spec) -> Vec<Held> {
    // Each in a call of its own, so that the one that is missing can be named. Users first: in there, the others need no rights.
    let steps: [(Layer, &dyn Fn() -> io::Result<()>); 7] = [
        (Layer::Identity, &|| identity(spec.user)),
        (Layer::User, &user),
        (Layer::Network, &|| new(CloneFlags::CLONE_NEWNET)),
        (Layer::Mount, &mounts),
        (Layer::Ipc, &|| new(CloneFlags::CLONE_NEWIPC)),
        (Layer::Uts, &|| new(CloneFlags::CLONE_NEWUTS)),
        (Layer::Processes, &|| new(CloneFlags::CLONE_NEWPID)),
    ];
    steps.into_iter().map(|(layer, step)| Held { layer, missing: step().err().map(|error| error.to_string()) }).collect()
}

fn new(namespace: CloneFlags) -> io::Result<()> {
    Ok(unshare(namespace)?)
}

/// Root becomes somebody else, for good: limits on processes do not bind root, and files of root are root's.
fn identity(user: u32) -> io::Result<()> {
    if geteuid().is_root() {
        let (user, group) = (Uid::from_raw(user), Gid::from_raw(user));
        setgroups(&[])?;
        setresgid(group, group, group)?;
        setresuid(user, user, user)?;
    }
    // Else the maps of the user namespace, below, belong to root.
    prctl::set_dumpable(true)?;
    assert!(!geteuid().is_root(), "root gave itself up");
    Ok(())
}

/// A user namespace in which the user is the same one, and therefore has no rights once it executes anything.
fn user() -> io::Result<()> {
    let (user, group) = (geteuid(), nix::unistd::getegid());
    new(CloneFlags::CLONE_NEWUSER)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

fn mounts() -> io::Result<()> {
    new(CloneFlags::CLONE_NEWNS)?;
    let none: Option<&str> = None;
    Ok(mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?)
}
