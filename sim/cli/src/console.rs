//! Where the tool writes: answers to standard output, everything else to standard error.
//!
//! A reader that goes away (`antfarm replay .. | head`) is not a failure: what can no longer be written is dropped.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::{Child, Command, Stdio};

/// Writes a line of the answer.
pub(crate) fn say(line: impl Display) {
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// Writes a line about the answer.
pub(crate) fn note(line: impl Display) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// A long answer: on a terminal it goes through `$PAGER`, or `less` where there is one.
pub(crate) struct Pager {
    child: Option<Child>,
}

impl Pager {
    pub(crate) fn open() -> Self {
        let program = std::env::var("PAGER").ok().filter(|it| !it.is_empty()).unwrap_or_else(|| "less".to_owned());
        let mut command = Command::new(program);
        // Leave at once when it fits on a screen, keep colours, keep it on the screen.
        command.env("LESS", "FRX").stdin(Stdio::piped());
        Self { child: io::stdout().is_terminal().then(|| command.spawn().ok()).flatten() }
    }

    pub(crate) fn line(&mut self, line: impl Display) {
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(stdin) => drop(writeln!(stdin, "{line}")),
            None => say(line),
        }
    }

    /// Waits until the reader has read.
    pub(crate) fn close(mut self) {
        if let Some(child) = &mut self.child {
            drop(child.wait());
        }
    }
}

/// A progress bar on a terminal; elsewhere nothing.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn of(total: u64, quiet: bool) -> Self {
        let shown = !quiet && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} seeds, {eta} left");
        bar.set_style(style.expect("the template is a constant that indicatif understands"));
        Self(bar)
    }

    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }

    /// Writes without tearing the bar.
    pub(crate) fn aside(&self, write: impl FnOnce()) {
        self.0.suspend(write);
    }

    pub(crate) fn done(&self) {
        self.0.finish_and_clear();
    }
}
