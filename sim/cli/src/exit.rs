//! Exit statuses: what scripts may rely on.

use std::process::ExitCode;

/// How an invocation ended. The numbers are a contract with scripts and never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// All that was checked held.
    Held = 0,
    /// A property failed.
    Failed = 1,
    /// The input was bad; a message says where.
    BadInput = 2,
    /// The run shows nothing: something was inert, or two runs of one seed differed.
    Invalid = 3,
    /// A bound or an interrupt came before an answer.
    Incomplete = 4,
}

/// The contract, as help prints it.
pub(crate) const STATUSES: &str = "Exit status:
  0  all held
  1  a property failed
  2  bad input; the message says where
  3  the run was not valid: a fault, row or mark was inert, or two runs of one seed differed
  4  incomplete: a bound or Ctrl-C came before an answer";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
