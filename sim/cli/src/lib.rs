//! The tool `antfarm`, as a library: a binary of three lines registers its own machines and gets the same tool.
//!
//! ```no_run
//! use antfarm_sim::scenario::{Echoes, Registry};
//!
//! fn main() -> std::process::ExitCode {
//!     antfarm_cli::main(Registry::new().with(Echoes))
//! }
//! ```
//!
//! [`test()`] does the same for `cargo test`: every scenario file of a folder becomes a test. What the tool prints and how it
//! ends is a contract with scripts; `antfarm help` states it. It keeps no state but the failures that it saves.

mod args;
mod bad_input;
mod command;
mod console;
mod cpu;
mod crew;
mod disks;
mod exit;
mod failure;
mod figures;
mod find;
mod load;
mod log;
mod mutants;
mod parting;
mod recorded;
mod seeds;
mod stop;
mod suite;
mod summary;

pub use exit::Exit;
pub use suite::test;

use antfarm_sim::scenario::{Echoes, Registry};
use args::{Arguments, Command};
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// The machines that ship with the tool: `echo`, `ledger` and `raft`.
pub fn registry() -> Registry {
    Registry::new().with(Echoes).with(antfarm_colony::Colonies).with(antfarm_keeper::Ledgers).with(antfarm_raft::Raft)
}

/// Does what the process's command line says, with the machines of `registry`. The status is a contract with scripts:
/// 0 all held, 1 a property failed, 2 bad input, 3 the run was not valid, 4 incomplete.
pub fn main(registry: Registry) -> ExitCode {
    invoke(&registry, std::env::args_os()).into()
}

/// Does what a command line says, the program's name first. Prints as [`main`] does.
pub fn invoke(registry: &Registry, arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(told) => {
            drop(told.print());
            // Help and version come this way too, and are not errors.
            return if told.use_stderr() { Exit::BadInput } else { Exit::Held };
        }
    };
    let done = match &arguments.command {
        Command::Run(args) => command::run::run(registry, args),
        Command::Replay(args) => command::replay::run(registry, args),
        Command::Check(args) => command::check::run(registry, args),
        Command::Diff(args) => command::diff::run(registry, args),
        Command::Mutants(args) => mutants::run(args),
        Command::Verify(args) => command::verify::run(args),
        Command::Audit(args) => command::audit::run(args),
        Command::Prove(args) => command::prove::run(args),
        Command::New(args) => command::new::run(args),
        Command::Shrink(args) => command::shrink::run(registry, args),
        Command::Schema(args) => command::schema::run(registry, args),
    };
    done.unwrap_or_else(|bad| {
        console::note(format_args!("error: {bad}"));
        Exit::BadInput
    })
}
