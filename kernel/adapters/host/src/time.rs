//! How the host reads time and waits: one small trait, so that a simulated runtime can stand in for tokio's.

use antfarm_machine::{Mono, Span, Wall};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::future::Future;
use std::time::Duration;

/// Reads clocks and sleeps.
pub trait Timekeeper: Send + 'static {
    /// The monotonic clock, which never goes back and counts pauses and suspends.
    fn mono(&self) -> Mono;

    /// The wall clock, which promises nothing.
    fn wall(&self) -> Wall;

    /// Ends when about `span` has passed. It may end early, and it may leave suspends out: whoever waits reads the clock again.
    fn sleep(&self, span: Span) -> impl Future<Output = ()> + Send + use<Self>;
}

/// The clocks of the operating system, and tokio's timers.
///
/// `mono` is `CLOCK_BOOTTIME` on Linux, which counts suspends (`man 2 clock_gettime`), and `CLOCK_MONOTONIC` elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SystemTime;

#[cfg(target_os = "linux")]
const MONO: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const MONO: ClockId = ClockId::Monotonic;

impl Timekeeper for SystemTime {
    fn mono(&self) -> Mono {
        Mono::from_nanos(nanos(clock_gettime(MONO)))
    }

    fn wall(&self) -> Wall {
        Wall::from_nanos(nanos(clock_gettime(ClockId::Realtime)))
    }

    fn sleep(&self, span: Span) -> impl Future<Output = ()> + Send + use<> {
        // Made when it is polled, for only then there is surely a runtime.
        async move { tokio::time::sleep(Duration::from_nanos(span.as_nanos())).await }
    }
}

/// Nanoseconds since the clock's zero; a wall clock that is set before 1970 reads zero.
fn nanos(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}
