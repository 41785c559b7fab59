//! CPU time of this thread.

use std::time::Duration;

/// The CPU time that the calling thread has used, as Linux accounts for it (`/proc/thread-self/schedstat`, first field,
/// nanoseconds). `None` where that file is not.
pub fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_ascii_whitespace().next()?.parse().ok()?))
}
