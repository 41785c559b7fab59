//! Quantities as text: decimal numbers and durations. Exact: nothing is rounded, nothing is floating point.
//!
//! ```text
//! duration  1.2s  200ms  1m30s  -5s
//! ```
//!
//! Durations are whole nanoseconds, at most a hundred years.

use crate::trouble::Complaint;
use antfarm_machine::Span;

/// The longest duration in a file, in nanoseconds: a hundred years of 365 days.
pub const LONGEST: i64 = 100 * 365 * 24 * 3_600 * 1_000_000_000;

/// The units of durations, in nanoseconds, longest first.
pub const UNITS: [(&str, i64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A duration, perhaps negative, in nanoseconds.
///
/// # Errors
///
/// It does not read as one, or is beyond what there is.
pub fn duration(text: &str) -> Result<i64, Complaint> {
    const WANTED: &str = "a duration such as \"200ms\", \"1.5s\" or \"1m30s\"";
    const KNOWN: &str = "`ns`, `us`, `ms`, `s`, `m`, `h` or `d`";
    let malformed = || Complaint::Text { wanted: WANTED, found: text.to_owned() };
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut total: i128 = 0;
    loop {
        let (number, tail) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, tail) = split(tail, char::is_alphabetic);
        let number = Decimal::parse(number).ok_or_else(malformed)?;
        let Some((_, nanos)) = UNITS.iter().find(|(known, _)| *known == unit) else {
            return Err(Complaint::Unit { unit: unit.to_owned(), known: KNOWN });
        };
        let exact = number.times(i128::from(*nanos)).ok_or_else(|| bounds("nothing is finer than a nanosecond"))?;
        total = total.saturating_add(exact);
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
    let total = i64::try_from(total).ok().filter(|total| *total <= LONGEST);
    let total = total.ok_or_else(|| bounds("a duration is at most a hundred years"))?;
    Ok(if negative { -total } else { total })
}

/// A duration of at least a millisecond: a time to wait, a limit.
///
/// # Errors
///
/// It does not read as one, or is shorter, or beyond what there is.
pub fn span(text: &str) -> Result<Span, Complaint> {
    let nanos = u64::try_from(duration(text)?).ok().filter(|nanos| *nanos >= 1_000_000);
    nanos.map(Span::from_nanos).ok_or_else(|| bounds("a duration is at least a millisecond here"))
}

/// A duration as text that reads back as itself: in the longest unit of which it is a whole number.
pub fn duration_text(nanos: i64) -> String {
    let (unit, size) = UNITS.iter().find(|(_, size)| nanos % size == 0).unwrap_or(&("ns", 1));
    if nanos == 0 { "0s".to_owned() } else { format!("{}{unit}", nanos / size) }
}

/// A span as text that reads back as itself, if it is no longer than a hundred years.
pub fn span_text(span: Span) -> String {
    duration_text(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX))
}

fn bounds(words: &str) -> Complaint {
    Complaint::Bounds { bounds: words.to_owned() }
}

fn split(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}

/// A decimal number: `digits` / 10^`places`.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: i128,
    places: u32,
}

impl Decimal {
    /// Digits, perhaps with a point between two of them; at most 18 in all, so that no product overflows.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || whole.len() + fraction.len() > 18 {
            return None;
        }
        let places = u32::try_from(fraction.len()).ok()?;
        Some(Self { digits: format!("{whole}{fraction}").parse().ok()?, places })
    }

    /// The product with `unit`, if it is whole.
    pub fn times(self, unit: i128) -> Option<i128> {
        let (product, scale) = (self.digits * unit, 10_i128.pow(self.places));
        (product % scale == 0).then_some(product / scale)
    }

    /// `unit` over this, rounded down; `None` for a division by zero.
    pub fn divides(self, unit: i128) -> Option<i128> {
        (unit * 10_i128.pow(self.places)).checked_div(self.digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_exactly() {
        for (text, nanos) in [
            ("1.2s", 1_200_000_000),
            ("200ms", 200_000_000),
            ("1m30s", 90_000_000_000),
            ("2h", 7_200_000_000_000),
            ("3d", 259_200_000_000_000),
            ("50us", 50_000),
            ("7ns", 7),
            ("-5s", -5_000_000_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(nanos), "{text}");
            assert_eq!(duration(&duration_text(nanos)), Ok(nanos), "{text} printed");
        }
    }

    #[test]
    fn a_time_to_wait_is_at_least_a_millisecond() {
        assert_eq!(span("1.5ms"), Ok(Span::from_nanos(1_500_000)));
        for text in ["0s", "999us", "-1s", "soon"] {
            assert!(span(text).is_err(), "`{text}`");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "s", "5", "1.s", ".5s", "1..2s", "5 s", "0.5ns", "101d1", "40000d", "99999999999999999999s", "1sek", "--1s"]
        {
            assert!(duration(text).is_err(), "`{text}`");
        }
    }
}
