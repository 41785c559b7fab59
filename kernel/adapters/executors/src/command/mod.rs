//! Commands: a program with fixed arguments, in which a call fills declared places, run by the helper under its sandbox.

mod folder;
mod read;
mod run;

pub(crate) use folder::sweep;
pub(crate) use read::{KEYS, read};
pub(crate) use run::{Ground, run};

use crate::sandbox::Limits;
use crate::template::Template;
use std::collections::BTreeMap;

/// A command as a manifest declares it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Command {
    /// The program's whole path, then one template for each argument.
    pub(crate) argv: Vec<Template>,
    /// Its standard input.
    pub(crate) input: Input,
    /// Its environment.
    pub(crate) environment: BTreeMap<String, Template>,
    /// Variables whose values are secrets, by the secrets' names.
    pub(crate) secrets: BTreeMap<String, String>,
    /// What it may read and execute.
    pub(crate) read: Vec<String>,
    /// What it may write besides its own folder.
    pub(crate) write: Vec<String>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// As whom it runs where the daemon is root.
    pub(crate) user: u32,
    /// Whether it runs where a layer of the sandbox is missing.
    pub(crate) best_effort: bool,
    /// Exit statuses that say that there was no effect.
    pub(crate) failed: Vec<u8>,
}

/// What a command reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Input {
    /// Nothing.
    Nothing,
    /// The arguments as they came.
    Args,
    /// A text.
    Text(Template),
}
