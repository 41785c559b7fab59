//! Where the parts of an expression stand in the text that it was read from.

use alloc::vec::Vec;

/// Where an expression and its parts stand: a tree of the shape of [`crate::Expr::parts`]. What was not read from a text has the
/// default, which says that everything stands at the beginning.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// The byte of the text at which this begins; of what has two sides, where its sign stands.
    pub at: usize,
    parts: Vec<Self>,
}

static NOWHERE: Marks = Marks { at: 0, parts: Vec::new() };

impl Marks {
    /// Marks of what begins at `at` and is made of `parts`.
    pub fn new(at: usize, parts: impl IntoIterator<Item = Self>) -> Self {
        Self { at, parts: parts.into_iter().collect() }
    }

    pub(crate) fn at(at: usize) -> Self {
        Self { at, parts: Vec::new() }
    }

    /// The marks of the part with this index.
    pub fn part(&self, index: usize) -> &Self {
        self.parts.get(index).unwrap_or(&NOWHERE)
    }
}
