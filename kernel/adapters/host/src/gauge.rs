//! Histograms in powers of two: cheap to count into from any thread, coarse enough to read.

use std::sync::atomic::{AtomicU64, Ordering};

/// One for each number of significant bits, 0 to 64.
const BUCKETS: usize = 65;

/// Counts values by their number of significant bits.
#[derive(Debug)]
pub(crate) struct Buckets {
    counts: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS], sum: AtomicU64::new(0) }
    }
}

impl Buckets {
    pub(crate) fn count(&self, value: u64) {
        let bits = (u64::BITS - value.leading_zeros()) as usize;
        self.counts[bits].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Histogram {
        let counts = self.counts.each_ref().map(|it| it.load(Ordering::Relaxed));
        Histogram { counts, sum: self.sum.load(Ordering::Relaxed) }
    }
}

/// A histogram as it was read. Bucket `n` counts the values of `n` significant bits: 0, 1, 2 to 3, 4 to 7, and so on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Histogram {
    counts: [u64; BUCKETS],
    sum: u64,
}

impl Histogram {
    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum.
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// A value that at least `permille` of a thousand values do not exceed: the upper end of the bucket that the quantile lies in, so up
    /// to twice too high. 0 when nothing was counted.
    pub fn quantile(&self, permille: u64) -> u64 {
        let wanted = u128::from(self.count()) * u128::from(permille.min(1_000));
        let reached = |seen: u128| seen * 1_000 >= wanted;
        let found = self.cumulative().find(|(_, seen)| reached(u128::from(*seen)));
        found.filter(|_| self.count() > 0).map_or(0, |(upper, _)| upper)
    }

    /// The upper end of each bucket, and how many values lie in it or below, up to the last bucket that holds any.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (u64, u64)> {
        let used = self.counts.iter().rposition(|it| *it > 0).map_or(0, |last| last + 1);
        let upper = |bits: usize| if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
        self.counts[..used].iter().enumerate().scan(0, move |seen, (bits, count)| {
            *seen += count;
            Some((upper(bits), *seen))
        })
    }
}
