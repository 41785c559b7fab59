//! What a log is folded into.

use crate::record::Record;
use antfarm_identity::Digest;

/// A state that is the fold of a log's records, and of nothing else. The same [`Projection::fold`] runs when a record is
/// appended and when it is read back, so that a restart ends in the state that the machine had.
///
/// `()` folds nothing; an audit that only wants the chain checked uses it.
pub trait Projection {
    /// Goes back to the state before the first record.
    fn reset(&mut self);

    /// Takes up a state that was handed to [`crate::Ledger::checkpoint`] earlier; `false` when it is none, upon which the
    /// ledger falls back to an older checkpoint or to the first record.
    #[must_use]
    fn restore(&mut self, state: &[u8]) -> bool;

    /// Takes one of the pieces that were handed to [`crate::Ledger::piece`], in order, before [`Projection::sealed`]; `false` when it is
    /// none. Nothing vouches for it yet.
    #[must_use]
    fn piece(&mut self, _piece: &[u8]) -> bool {
        false
    }

    /// Takes up the state that the pieces since the last reset make. `seal` is the seal of all that was read, and `state` was
    /// handed to [`crate::Ledger::finish_checkpoint`] for it; `false` when they do not fit.
    #[must_use]
    fn sealed(&mut self, _state: &[u8], _seal: Digest) -> bool {
        false
    }

    /// Whether the records that followed vouch for the state that was taken up. Asked at the end of the log; where they do not,
    /// the ledger falls back as if the state had not been taken.
    fn is_bound(&self) -> bool {
        true
    }

    /// Takes up one record: also the ledger's own ([`crate::OPENED`]), and ones whose payload was redacted.
    fn fold(&mut self, record: &Record<'_>);
}

impl Projection for () {
    fn reset(&mut self) {}
    fn restore(&mut self, _: &[u8]) -> bool {
        true
    }
    fn fold(&mut self, _: &Record<'_>) {}
}
