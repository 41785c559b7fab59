//! Ctrl-C in a campaign: the first asks for an orderly stop, the second ends the process at once. Commands that do not listen
//! are ended by the first, as any program is.

use std::sync::atomic::{AtomicBool, Ordering};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Listens from now on. Where no handler can be set, Ctrl-C ends the process as always.
pub(crate) fn listen() {
    let handler = || {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(crate::exit::Exit::Incomplete as i32);
        }
    };
    drop(ctrlc::set_handler(handler));
}

/// Whether Ctrl-C was pressed.
pub(crate) fn requested() -> bool {
    STOPPED.load(Ordering::Relaxed)
}
