//! How often the parts of an expression are looked at: quantifiers within quantifiers multiply, and what is bounded by lists of a thousand
//! each could still take for ever.

use super::sorts::Checker;
use crate::Marks;
use crate::expr::Expr;
use crate::fault::Wrong;

/// How often the innermost part of an expression may be looked at.
const MOST_LOOKS: u64 = 1_000_000;

impl Checker<'_> {
    /// The most elements of a list.
    pub(super) fn most(&self, list: &Expr) -> u64 {
        let kind = if let Expr::Name(name) = list {
            self.kind(name).cloned()
        } else if let (Expr::Param(name), Some((action, kinds))) = (list, self.params) {
            self.spec.actions[action]
                .params
                .iter()
                .position(|it| it.name == *name)
                .and_then(|nth| kinds[action].get(nth))
                .cloned()
        } else {
            None
        };
        kind.and_then(|kind| kind.most()).map_or(0, u64::from)
    }

    /// That what is gone through so many more times is not gone through for ever.
    pub(super) fn go_through(&mut self, most: u64, marks: &Marks) -> Option<()> {
        self.reach = self.reach.saturating_mul(most.max(1));
        if self.reach > MOST_LOOKS {
            self.reach = 1;
            self.refuse(marks, Wrong::Reach);
            return None;
        }
        Some(())
    }
}
