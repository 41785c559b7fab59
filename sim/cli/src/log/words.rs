//! Quantities, times and reasons as a person would write them down.

use antfarm_authority::{Amount, BadArgs, Calls, Dimension, Shortage, Tokens, Unmet, Usdc};
use antfarm_machine::{Span, Wall};

/// A text that came from cognition: what could trick a terminal is escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", text.escape_debug())
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(parts: &[String]) -> String {
    match parts {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

pub(crate) fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

pub(crate) fn amount(it: Amount) -> String {
    let counted = |count: u64, noun: &str| (count > 0).then(|| plural(count, noun));
    let parts = [
        counted(it.calls.0, "call"),
        (it.money.0 > 0).then(|| format!("{} USDC", usdc(it.money.0))),
        counted(it.tokens.0, "token"),
        (it.time.as_nanos() > 0).then(|| format!("{} of work", it.time)),
    ];
    list(&parts.into_iter().flatten().collect::<Vec<_>>())
}

/// Millionths as a decimal number.
fn usdc(millionths: u64) -> String {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(crate) fn shortage(it: &Shortage) -> String {
    let of = |units: u64| {
        amount(match it.dimension {
            Dimension::Tokens => Amount { tokens: Tokens(units), ..Amount::ZERO },
            Dimension::Calls => Amount { calls: Calls(units), ..Amount::ZERO },
            Dimension::Time => Amount { time: Span::from_nanos(units), ..Amount::ZERO },
            Dimension::Money => Amount { money: Usdc(units), ..Amount::ZERO },
        })
    };
    format!("it wants {}, and of these the writ has {} free", of(it.wanted), of(it.free))
}

pub(crate) fn arguments(it: BadArgs) -> String {
    match it {
        BadArgs::Target => "the tool has no such target".to_owned(),
        BadArgs::Malformed { at } => format!("its arguments are not as the tool wants them, from byte {at} on"),
        BadArgs::Range { field } => format!("field {field} of its arguments is out of the tool's range"),
    }
}

pub(crate) fn unmet(it: Unmet) -> String {
    match it {
        Unmet::Missing => "there is no such thing in the world".to_owned(),
        Unmet::Exists => "there is such a thing in the world already".to_owned(),
        Unmet::Version { expected, found } => format!("what was seen in version {expected} has version {found} now"),
        Unmet::Clause { number } => format!("condition {number} of the tool is not met"),
    }
}

/// A wall time as RFC 3339 has it, to the millisecond. The date is by the method of H. Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`, for days after 1970.
pub(crate) fn time(wall: Wall) -> String {
    let millis = wall.as_nanos() / 1_000_000;
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
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", rest % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        let check = |seconds: u64, text: &str| assert_eq!(time(Wall::from_nanos(seconds * 1_000_000_000)), text);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_399, "2000-02-28T23:59:59.000Z");
        check(951_782_400, "2000-02-29T00:00:00.000Z");
        check(1_609_459_200, "2021-01-01T00:00:00.000Z");
        check(4_107_542_400, "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn amounts_are_told_in_units() {
        let check = |it: Amount, text: &str| assert_eq!(amount(it), text);
        check(Amount { calls: Calls(1), money: Usdc(20), ..Amount::ZERO }, "1 call and 0.00002 USDC");
        check(
            Amount { calls: Calls(2), money: Usdc::whole(50), tokens: Tokens(1), ..Amount::ZERO },
            "2 calls, 50 USDC and 1 token",
        );
        check(Amount::ZERO, "nothing");
        let short = Shortage { dimension: Dimension::Calls, free: 0, wanted: 2 };
        assert_eq!(shortage(&short), "it wants 2 calls, and of these the writ has nothing free");
    }
}
