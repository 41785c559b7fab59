//! The cell: the process that becomes the command.
//!
//! It tells the warden on its standard error, in one frame, whether it begins; after that its standard error is the command's.
//! If then the command cannot be executed, it says so behind a mark that the command could not know.

use super::landlocked::{self, Unheld};
use super::wire::{Event, Held, Layer, Spec, frame, read_frame};
use super::{filter, wire::Limits};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::setsid;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// What it is started with.
pub(super) const ARGUMENT: &str = "cell";

/// What precedes the word that the command could not be executed.
pub(super) type Mark = [u8; 16];

/// Standard input without a buffer: what stands behind the spec is for the command.
struct Unbuffered;

impl Read for Unbuffered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Ok(nix::unistd::read(io::stdin(), into)?)
    }
}

pub(super) fn run() -> ExitCode {
    let told = read_frame::<(Mark, Spec)>(&mut Unbuffered);
    let Ok((mark, spec)) = told else { return ExitCode::FAILURE };
    let mut held = Vec::new();
    if let Err(event) = restrict(&spec, &mut held) {
        return tell(&frame(&event), 1);
    }
    if tell(&frame(&Event::Began(held)), 0) != ExitCode::SUCCESS {
        return ExitCode::FAILURE;
    }
    let (program, arguments) = spec.argv.split_first().expect("a manifest names a program");
    let error = Command::new(program).args(arguments).env_clear().envs(spec.environment).exec();
    tell(&[&mark[..], error.to_string().as_bytes()].concat(), UNSTARTED)
}

/// The status of a cell whose command could not be executed, as shells have it.
pub(super) const UNSTARTED: u8 = 127;

fn tell(what: &[u8], status: u8) -> ExitCode {
    match io::stderr().write_all(what) {
        Ok(()) => ExitCode::from(status),
        Err(_) => ExitCode::FAILURE,
    }
}

/// All layers that a process sets on itself. The filter comes last: it denies nothing that is still needed.
fn restrict(spec: &Spec, held: &mut Vec<Held>) -> Result<(), Event> {
    // Whatever ends the warden ends the cell, and with it everything in its namespace.
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(|error| Event::Unstarted(error.to_string()))?;
    // No terminal.
    setsid().map_err(|error| Event::Unstarted(error.to_string()))?;
    std::env::set_current_dir(&spec.folder).map_err(|error| Event::Unstarted(format!("`{}`: {error}", spec.folder)))?;
    let mut note = |layer, missing: Result<(), String>| {
        let it = Held { layer, missing: missing.err() };
        if it.missing.is_some() && !spec.best_effort {
            return Err(Event::Refused(it));
        }
        held.push(it);
        Ok(())
    };
    note(Layer::Limits, limit(&spec.limits).map_err(|error| error.to_string()))?;
    note(Layer::NoNewPrivileges, prctl::set_no_new_privs().map_err(|error| error.to_string()))?;
    match landlocked::restrict(spec) {
        Ok(()) => note(Layer::Files, Ok(()))?,
        Err(Unheld::Layer(why)) => note(Layer::Files, Err(why))?,
        Err(Unheld::Path(why)) => return Err(Event::Unstarted(why)),
    }
    note(Layer::Calls, filter::apply())
}

fn limit(limits: &Limits) -> nix::Result<()> {
    // The warden is one of the user's processes in the namespace, too.
    let processes = limits.processes.saturating_add(1);
    for (resource, most) in [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_CPU, limits.cpu),
        (Resource::RLIMIT_AS, limits.memory),
        (Resource::RLIMIT_NOFILE, limits.files),
        (Resource::RLIMIT_NPROC, processes),
        (Resource::RLIMIT_FSIZE, limits.file_size),
    ] {
        setrlimit(resource, most, most)?;
    }
    Ok(())
}
