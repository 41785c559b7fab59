//! Numbers as people read them.

use std::fmt;

/// A count with its thousands apart: `1,234,567`.
pub(crate) struct Count(pub(crate) u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// Nanoseconds in the two largest units that matter: `3d 2h`, `1h 0m`, `1.8s`, `12ms`.
pub(crate) struct Nanos(pub(crate) u64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (millis, secs) = (self.0 / 1_000_000, self.0 / 1_000_000_000);
        let (minutes, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
        match (days, hours, minutes, secs) {
            (0, 0, 0, 0) => write!(f, "{millis}ms"),
            (0, 0, 0, _) => write!(f, "{secs}.{}s", millis % 1000 / 100),
            (0, 0, _, _) => write!(f, "{minutes}m {}s", secs % 60),
            (0, _, _, _) => write!(f, "{hours}h {}m", minutes % 60),
            (_, _, _, _) => write!(f, "{days}d {}h", hours % 24),
        }
    }
}

/// `n` things, each called `name`: `1 seed`, `20 seeds`.
pub(crate) fn plural(n: u64, name: &str) -> String {
    format!("{} {name}{}", Count(n), if n == 1 { "" } else { "s" })
}

/// `part` for each second of `nanos`; 0 when there was none.
pub(crate) fn per_second(part: u64, nanos: u64) -> u64 {
    let rate = u128::from(part) * 1_000_000_000 / u128::from(nanos.max(1));
    if nanos == 0 { 0 } else { u64::try_from(rate).unwrap_or(u64::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let text = |n| Count(n).to_string();
        assert_eq!([text(0), text(999), text(1000), text(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn times_are_told_in_the_units_that_matter() {
        let second = 1_000_000_000;
        let text = |n| Nanos(n).to_string();
        assert_eq!([text(0), text(second * 9 / 5), text(61 * second)], ["0ms", "1.8s", "1m 1s"]);
        assert_eq!([text(3600 * second), text(90_000 * second)], ["1h 0m", "1d 1h"]);
    }

    #[test]
    fn a_rate_over_no_time_is_nothing() {
        assert_eq!(per_second(7, 0), 0);
        assert_eq!(per_second(7, 500_000_000), 14);
    }
}
