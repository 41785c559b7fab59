//! Time as a machine may know it: two clocks that never mix, and spans between readings of one of them.
//!
//! Units are integer nanoseconds everywhere. Nothing here reads a clock.

use core::fmt;
use core::ops::{Add, Sub};

/// The largest rate error of a monotonic clock that guarantees are stated for, either way.
///
/// NTP slews a clock by at most 500 ppm (RFC 5905, section 11.3) and quartz adds about 100; the bound leaves room for both.
pub const MAX_DRIFT: Ppm = Ppm(1_000);

/// The largest distance between a node's wall clock and true time, either way, for which windows (`not before`, `not
/// after`) are guaranteed. Beyond it a node is excused by the window oracle.
pub const MAX_SKEW: Span = Span::from_millis(500);

/// Parts per million, signed: the rate error of a clock. `Ppm(100)` gains 100 microseconds a second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Ppm(pub i32);

/// A length of time in nanoseconds; at most 584 years. Arithmetic saturates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `n` nanoseconds.
    pub const fn from_nanos(n: u64) -> Self {
        Self(n)
    }
    /// A span of `n` microseconds.
    pub const fn from_micros(n: u64) -> Self {
        Self(n.saturating_mul(1_000))
    }
    /// A span of `n` milliseconds.
    pub const fn from_millis(n: u64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }
    /// A span of `n` seconds.
    pub const fn from_secs(n: u64) -> Self {
        Self(n.saturating_mul(1_000_000_000))
    }
    /// The span in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// The span times `n`.
    #[must_use]
    pub const fn times(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
    /// The span divided by `n`, rounded down. Panics when `n` is zero.
    #[must_use]
    pub const fn over(self, n: u64) -> Self {
        Self(self.0 / n)
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Shortest exact form in one unit: `1.5s`, `200ms`, `7us`, `0s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0 => return f.write_str("0s"),
            1..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "us"),
            1_000_000..1_000_000_000 => (1_000_000, "ms"),
            1_000_000_000.. => (1_000_000_000, "s"),
        };
        let (whole, mut part) = (self.0 / unit, self.0 % unit);
        write!(f, "{whole}")?;
        if part > 0 {
            let mut width = unit.ilog10() as usize;
            while part % 10 == 0 {
                part /= 10;
                width -= 1;
            }
            write!(f, ".{part:0width$}")?;
        }
        f.write_str(name)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! reading {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(u64);

        impl $name {
            /// The clock's zero.
            pub const ZERO: Self = Self(0);

            /// The reading `n` nanoseconds after the clock's zero.
            pub const fn from_nanos(n: u64) -> Self {
                Self(n)
            }
            /// Nanoseconds since the clock's zero.
            pub const fn as_nanos(self) -> u64 {
                self.0
            }
            /// How far this reading lies behind `later`; zero when it does not.
            pub const fn until(self, later: Self) -> Span {
                Span(later.0.saturating_sub(self.0))
            }
            /// How far this reading lies past `earlier`; zero when it does not.
            pub const fn since(self, earlier: Self) -> Span {
                earlier.until(self)
            }
        }

        impl Add<Span> for $name {
            type Output = Self;
            fn add(self, span: Span) -> Self {
                Self(self.0.saturating_add(span.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), Span(self.0))
            }
        }
    };
}

reading! {
    /// A reading of a node's monotonic clock, in nanoseconds since its present boot.
    ///
    /// It never goes back, its rate is wrong by at most [`MAX_DRIFT`], and it counts pauses and suspends. Each boot starts a
    /// new epoch, so a reading must never be stored or sent: it means nothing to anybody else.
    Mono
}

reading! {
    /// A reading of a node's wall clock, in nanoseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
    ///
    /// It may be offset, drift, freeze, and step either way. Never measure a span with it.
    Wall
}

/// The date and time as RFC 3339 has them, to the millisecond, in UTC. The date is by the method of H. Hinnant, "chrono-compatible
/// low-level date algorithms", `civil_from_days`, for days after 1970.
///
/// ```
/// use antfarm_machine::Wall;
///
/// let date = |seconds: u64| Wall::from_nanos(seconds * 1_000_000_000).to_string();
/// assert_eq!(date(0), "1970-01-01T00:00:00.000Z");
/// assert_eq!(date(951_782_399), "2000-02-28T23:59:59.000Z");
/// assert_eq!(date(951_782_400), "2000-02-29T00:00:00.000Z");
/// assert_eq!(date(4_107_542_400), "2100-03-01T00:00:00.000Z");
/// ```
impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0 / 1_000_000;
        let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
        let days = days + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", rest % 1_000)
    }
}

/// One reading of both clocks, taken once per step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Now {
    /// For measuring spans and for timers.
    pub mono: Mono,
    /// For dates that people and other nodes understand.
    pub wall: Wall,
}

impl Now {
    /// Both clocks at zero; for tests and for models that abstract time away.
    pub const ZERO: Self = Self { mono: Mono::ZERO, wall: Wall::ZERO };
}
