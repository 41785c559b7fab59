//! Decisions out of a fuzzer's bytes.
//!
//! Bytes are used up from the front and each decision takes a fixed number of them, so that a fuzzer's small change to the input is
//! a small change to what happens. When they run out, decisions are zeros: a target asks [`Draw::is_empty`] to know when to stop.

/// The bytes that are left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    pub(crate) fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number below `n`, of two bytes; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::from(self.word()).checked_rem(n).unwrap_or(0)
    }

    /// The next `n` bytes, or as many as are left.
    pub(crate) fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
