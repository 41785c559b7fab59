//! What the tool prints: answers on standard output, what went wrong on standard error.

use crate::exit;
use std::io::Write as _;
use std::process::ExitCode;

/// One line for whoever asked. Nobody may be reading any more; that is no failure.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Bad input.
pub(crate) fn failed(words: &str) -> ExitCode {
    drop(writeln!(std::io::stderr(), "error: {words}"));
    ExitCode::from(exit::INPUT)
}
