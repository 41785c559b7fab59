//! CPU time, as Linux accounts for it.

use std::fs;
use std::time::Duration;

/// The CPU time that the calling thread has used (`/proc/thread-self/schedstat`, first field, nanoseconds). `None` where that
/// file is not.
pub fn cpu_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_ascii_whitespace().next()?.parse().ok()?))
}

/// The CPU time that all threads of this process have used, also those that ended (`/proc/self/stat`, fields 14 and 15 of
/// proc(5), in ticks of 10 ms). `None` where that file is not.
pub fn process_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets, and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * ticks))
}
