//! Ordinals as text: `3, 17..20` is the third, and the seventeenth to the twentieth.

/// Ordinals from 1, as ranges in order, both ends included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ordinals(Vec<(u64, u64)>);

impl Ordinals {
    /// The ordinals in a list that is in order.
    pub(super) fn of(list: impl IntoIterator<Item = u64>) -> Self {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for nth in list {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == nth => *last = nth,
                Some(_) | None => ranges.push((nth, nth)),
            }
        }
        Self(ranges)
    }

    /// Reads what `Display` writes; an empty text is no ordinals. `None` unless all are from 1 on and in order.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        if text.trim().is_empty() {
            return Some(Self(ranges));
        }
        let mut least = 1;
        for part in text.split(',').map(str::trim) {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let (first, last) = (first.trim().parse::<u64>().ok()?, last.trim().parse::<u64>().ok()?);
            if first < least || last < first {
                return None;
            }
            ranges.push((first, last));
            least = last.checked_add(1)?;
        }
        Some(Self(ranges))
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    pub(super) fn contains(&self, nth: u64) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < nth);
        self.0.get(at).is_some_and(|(first, _)| *first <= nth)
    }
}

impl std::fmt::Display for Ordinals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            if first == last { write!(f, "{comma}{first}")? } else { write!(f, "{comma}{first}..{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_what_is_out_of_order_is_refused() {
        let some = Ordinals::of([1, 2, 3, 7, 9, 10]);
        assert_eq!(some.to_string(), "1..3, 7, 9..10");
        assert_eq!(Ordinals::parse(&some.to_string()), Some(some.clone()));
        let inside: Vec<u64> = (0..12).filter(|nth| some.contains(*nth)).collect();
        assert_eq!(inside, [1, 2, 3, 7, 9, 10]);
        assert_eq!(Ordinals::parse("").map(|none| none.contains(1)), Some(false));
        for bad in ["0", "x", "3, 2", "5..4", "1..3, 3", "1,", "18446744073709551615, 1"] {
            assert_eq!(Ordinals::parse(bad), None, "{bad}");
        }
    }
}
