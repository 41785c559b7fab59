//! The helper `antfarm-exec`: it restricts itself, then becomes the command.
//!
//! Two processes. The *warden* reads a [`Spec`] from its standard input, gives up its identity if that is root, enters new
//! namespaces and starts the *cell*, which is the first process of the new process namespace. The cell sets limits, Landlock and
//! the filter of system calls on itself, says which [`Layer`]s hold, and becomes the command. The warden passes the output on,
//! enforces time and volume, and kills the cell when its own standard input ends: a daemon that dies leaves nothing behind. With
//! the cell dies everything that it started, wherever it went.
//!
//! A layer that this machine does not have is refused, by name, unless the spec says `best_effort`.

mod cell;
mod filter;
mod landlocked;
mod namespaces;
mod warden;
mod wire;

pub(crate) use wire::{End, Event, Limits, MAX_FRAME, Spec, frame};
pub use wire::{Held, Layer};

use std::process::ExitCode;

/// The whole of `antfarm-exec`: the warden, or with the argument `cell` the cell.
pub fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => warden::run(),
        Some(cell::ARGUMENT) => cell::run(),
        Some(_) => {
            use std::io::Write;
            // Nobody is left to tell when even this cannot be written.
            drop(writeln!(std::io::stderr(), "`antfarm-exec` is started by executors, with what to do on its standard input"));
            ExitCode::from(2)
        }
    }
}
