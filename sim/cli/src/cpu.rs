//! CPU time of a thread, for figures that mean the same on a busy machine.
//!
//! Read as Linux accounts for it (`/proc/thread-self/schedstat`, first field, nanoseconds); where that file is not, wall time
//! stands in, which is only ever larger.

use std::time::Instant;

/// Measures from lap to lap on the thread that started it.
pub(crate) struct Stopwatch {
    cpu: Option<u64>,
    wall: Instant,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { cpu: used(), wall: Instant::now() }
    }

    /// Nanoseconds since the last lap, or since the start.
    pub(crate) fn lap(&mut self) -> u64 {
        let now = Self::start();
        let before = std::mem::replace(self, now);
        match (before.cpu, self.cpu) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            (None, _) | (_, None) => u64::try_from((self.wall - before.wall).as_nanos()).unwrap_or(u64::MAX),
        }
    }
}

fn used() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}
