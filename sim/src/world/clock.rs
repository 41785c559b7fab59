//! A node's two clocks, as functions of the world's time.
//!
//! `mono` runs at a rate that is wrong by a settable drift, from the boot on; it never goes back and never stands still.
//! `wall` runs at the same rate, from a settable offset, and may be stepped and frozen. All integer: rates are in units of
//! 2^-32.

use antfarm_machine::{Mono, Now, Ppm, Span, Wall};

/// A time of the world: nanoseconds since the run began. Machines never see it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub u64);

impl Time {
    /// When the run began.
    pub const ZERO: Self = Self(0);

    /// This time and `span` more.
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.as_nanos()))
    }

    /// How long ago `earlier` was; zero when it was not.
    pub const fn since(self, earlier: Self) -> Span {
        Span::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (secs, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        write!(f, "{secs}.{nanos:09}s")
    }
}

/// What can be done to a node's clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClockChange {
    /// Both clocks run at this rate error from now on.
    Drift(Ppm),
    /// The wall clock jumps by this many nanoseconds, either way.
    Step(i64),
    /// The wall clock stands still.
    Freeze,
    /// The wall clock runs on from where it stood.
    Thaw,
    /// Both clocks jump ahead by this span; the model checker's tick.
    Tick(Span),
}

/// 2021-01-01T00:00:00Z: the wall clock's reading when a run begins.
pub(crate) const EPOCH: Wall = Wall::from_nanos(1_609_459_200_000_000_000);

/// A node's clocks: what they read at the world time `at`, and how they go on from there.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct NodeClock {
    at: Time,
    mono: u64,
    wall: u64,
    /// Gain per nanosecond, in units of 2^-32.
    rate: i64,
    frozen: bool,
}

impl NodeClock {
    pub(crate) const fn new() -> Self {
        Self { at: Time::ZERO, mono: 0, wall: EPOCH.as_nanos(), rate: 0, frozen: false }
    }

    #[inline]
    fn gone(&self, now: Time) -> u64 {
        let gone = now.0.saturating_sub(self.at.0);
        if self.rate == 0 {
            return gone;
        }
        let gain = (i128::from(gone) * i128::from(self.rate)) >> 32;
        gone.saturating_add_signed(i64::try_from(gain).unwrap_or(i64::MAX))
    }

    #[inline]
    pub(crate) fn read(&self, now: Time) -> Now {
        let gone = self.gone(now);
        let wall = if self.frozen { self.wall } else { self.wall.saturating_add(gone) };
        Now { mono: Mono::from_nanos(self.mono.saturating_add(gone)), wall: Wall::from_nanos(wall) }
    }

    /// How long the world must wait until `mono` has moved on by `span`, rounded up.
    #[inline]
    pub(crate) fn wait(&self, span: Span) -> Span {
        if self.rate == 0 {
            return span;
        }
        let speed = (1_i128 << 32) + i128::from(self.rate);
        let wait = ((i128::from(span.as_nanos()) << 32) + speed - 1) / speed;
        Span::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
    }

    fn settle(&mut self, now: Time) {
        let Now { mono, wall } = self.read(now);
        (self.at, self.mono, self.wall) = (now, mono.as_nanos(), wall.as_nanos());
    }

    /// A new boot: `mono` starts a new epoch.
    pub(crate) fn boot(&mut self, now: Time) {
        self.settle(now);
        self.mono = 0;
    }

    pub(crate) fn change(&mut self, now: Time, change: ClockChange) {
        let before = self.read(now).mono;
        self.settle(now);
        match change {
            // At most half or one and a half times as fast, so that it neither stands still nor goes back.
            ClockChange::Drift(Ppm(ppm)) => self.rate = (i64::from(ppm.clamp(-500_000, 500_000)) << 32) / 1_000_000,
            ClockChange::Step(by) => self.wall = self.wall.saturating_add_signed(by),
            ClockChange::Freeze => self.frozen = true,
            ClockChange::Thaw => self.frozen = false,
            ClockChange::Tick(span) => {
                self.mono = self.mono.saturating_add(span.as_nanos());
                self.wall = self.wall.saturating_add(span.as_nanos());
            }
        }
        assert!(self.read(now).mono >= before, "a monotonic clock never goes back");
    }
}
