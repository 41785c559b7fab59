//! The clocks of one machine: the world's time, read through a clock that runs a little fast or slow and is set a little wrong.

use antfarm_host::Timekeeper;
use antfarm_machine::{Mono, Span, Wall};
use madsim::time::TimeHandle;
use std::future::Future;
use std::time::Duration;

/// What the wall clock of a machine that is set right reads when the world begins: some day in 2026.
pub const BEGIN: Wall = Wall::from_nanos(1_780_000_000_000_000_000);

/// A machine's clocks. They go on while its processes are down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clocks {
    /// How much too fast it runs, in millionths; less than [`antfarm_machine::MAX_DRIFT`].
    pub fast: u32,
    /// By how much the wall clock is ahead; less than [`antfarm_machine::MAX_SKEW`].
    pub ahead: Span,
}

impl Clocks {
    fn elapsed(self) -> u64 {
        let nanos = nanos(TimeHandle::current().elapsed());
        nanos + nanos / 1_000_000 * u64::from(self.fast)
    }
}

impl Timekeeper for Clocks {
    fn mono(&self) -> Mono {
        Mono::from_nanos(self.elapsed())
    }

    fn wall(&self) -> Wall {
        BEGIN + self.ahead + Span::from_nanos(self.elapsed())
    }

    fn sleep(&self, span: Span) -> impl Future<Output = ()> + Send + use<> {
        // Made when it is polled, for only then there is surely a world.
        async move { sleep(span).await }
    }
}

/// Waits for so long, by the world's time.
pub async fn sleep(span: Span) {
    madsim::time::sleep(Duration::from_nanos(span.as_nanos())).await;
}

/// The world's time.
pub fn now() -> Span {
    Span::from_nanos(nanos(TimeHandle::current().elapsed()))
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).expect("a world lasts no 500 years")
}
