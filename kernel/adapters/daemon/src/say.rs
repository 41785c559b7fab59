//! What the tool prints: answers on standard output, what went wrong on standard error.

use std::io::Write as _;
use std::process::ExitCode;

/// One line for whoever asked. Nobody may be reading any more; that is no failure.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// What went wrong; the exit status.
pub(crate) fn failed(words: &str, code: u8) -> ExitCode {
    drop(writeln!(std::io::stderr(), "error: {words}"));
    ExitCode::from(code)
}
