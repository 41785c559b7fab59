//! `antfarm replay RECORDING`: what a production process did, done again in memory, without its key and without its secrets.
//!
//! [`run`] feeds the recorded machine and compares what it wants; [`image`] keeps the ledger that this writes; [`words`] tell what was fed;
//! [`report`] says what came of it, to people and to scripts.
//!
//! What it does not do: it judges nothing of what the node decided. `antfarm verify` does, on the ledger.

mod image;
mod report;
mod run;
mod words;

pub(crate) use report::replay;

use antfarm_identity::Malformed;
use antfarm_recording::{Unreadable, is_recording};
use antfarm_strict::Troubles;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Whether the file begins as a recording does.
pub(crate) fn is_one(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(8).read_to_end(&mut start)?;
    Ok(is_recording(&start))
}

/// Why a file that begins as a recording cannot be replayed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Unfit {
    /// Its header.
    Unreadable(Unreadable),
    /// It is of a machine that this tool does not have.
    Machine(String),
    /// What it says of the machine.
    Setup(Malformed),
    /// The specs that entities live by.
    Specs(Troubles),
    /// No machine can be set up so.
    Impossible,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => why.fmt(f),
            Self::Machine(name) => {
                let (name, known) = (name.escape_debug(), antfarm_node::Setup::MACHINE);
                write!(
                    f,
                    "it is a recording of `{name}`, and this tool replays `{known}`; `antfarm_recording::replay` replays any"
                )
            }
            Self::Setup(malformed) => {
                write!(f, "how the machine was set up cannot be understood, {malformed}; try another version")
            }
            Self::Specs(troubles) => write!(f, "the specs in it cannot be read by this version: {troubles}"),
            Self::Impossible => f.write_str("no node can be set up as it says"),
        }
    }
}
