//! One account: what a writ was granted and where it is now.
//!
//! INVARIANT(conserved): granted = spent + reserved + drawn + free, in every dimension, at all times. `free` is kept, not
//! computed, so that the sum can be wrong and [`Account::check`] can see it.

use crate::amount::{Amount, Dimension};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, Reader, Reason};
use core::fmt;

/// Where the budget of a writ is. Nothing is created or lost: each operation moves an amount from one place to another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Account {
    granted: Amount,
    spent: Amount,
    reserved: Amount,
    drawn: Amount,
    free: Amount,
}

impl Account {
    pub(crate) const fn new(granted: Amount) -> Self {
        Self { granted, spent: Amount::ZERO, reserved: Amount::ZERO, drawn: Amount::ZERO, free: granted }
    }

    /// All of it: the writ's budget.
    pub const fn granted(&self) -> Amount {
        self.granted
    }

    /// Gone for good, here or by children that were closed.
    pub const fn spent(&self) -> Amount {
        self.spent
    }

    /// Set aside for what is under way.
    pub const fn reserved(&self) -> Amount {
        self.reserved
    }

    /// With children that were not closed.
    pub const fn drawn(&self) -> Amount {
        self.drawn
    }

    /// What may still be reserved or drawn.
    pub const fn free(&self) -> Amount {
        self.free
    }

    /// Whether so much is free.
    pub(crate) fn affords(&self, amount: Amount) -> Result<(), Shortage> {
        match self.free.checked_sub(amount) {
            Ok(_) => Ok(()),
            Err(dimension) => Err(Shortage { dimension, free: self.free.of(dimension), wanted: amount.of(dimension) }),
        }
    }

    /// Free to reserved. The caller asked whether it can be afforded.
    pub(crate) fn reserve(&mut self, amount: Amount) {
        self.free = less(self.free, amount);
        self.reserved = more(self.reserved, amount);
        self.check();
    }

    /// Reserved to spent, the rest to free.
    pub(crate) fn settle(&mut self, reserved: Amount, spent: Amount) {
        self.reserved = less(self.reserved, reserved);
        self.spent = more(self.spent, spent);
        self.free = more(self.free, less(reserved, spent));
        self.check();
    }

    /// Free to drawn. The caller asked whether it can be afforded.
    pub(crate) fn draw(&mut self, amount: Amount) {
        self.free = less(self.free, amount);
        self.drawn = more(self.drawn, amount);
        self.check();
    }

    /// Drawn to spent, the rest to free.
    pub(crate) fn reclaim(&mut self, drawn: Amount, spent: Amount) {
        self.drawn = less(self.drawn, drawn);
        self.spent = more(self.spent, spent);
        self.free = more(self.free, less(drawn, spent));
        self.check();
    }

    /// Panics when the account is not balanced, which is a bug.
    pub fn check(&self) {
        assert!(self.is_balanced(), "granted = spent + reserved + drawn + free does not hold: {self:?}");
    }

    pub(crate) fn is_balanced(&self) -> bool {
        let parts = [self.spent, self.reserved, self.drawn, self.free];
        parts.into_iter().try_fold(Amount::ZERO, Amount::checked_add) == Ok(self.granted)
    }
}

/// Its five amounts, in the order of their declaration. One that is not balanced is refused.
impl Codec for Account {
    const KINDS: &'static [&'static str] = &["Account"];
    const SHORTEST: usize = 5 * Amount::SHORTEST;
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { granted, spent, reserved, drawn, free } = self;
        [*granted, *spent, *reserved, *drawn, *free].encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what: "Account" } };
        let [granted, spent, reserved, drawn, free] = <[Amount; 5]>::decode(input)?;
        let read = Self { granted, spent, reserved, drawn, free };
        if read.is_balanced() { Ok(read) } else { Err(illegal) }
    }
}

/// Too little is free.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub struct Shortage {
    /// In this dimension, the first of those in which it is too little.
    pub dimension: Dimension,
    /// What is free, in the dimension's smallest unit.
    pub free: u64,
    /// What was wanted, in the same unit.
    pub wanted: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |units| Amount::only(self.dimension, units);
        write!(f, "it wants {}, and the writ has {} free", of(self.wanted), of(self.free))
    }
}

fn less(from: Amount, amount: Amount) -> Amount {
    from.checked_sub(amount).expect("an amount leaves only a place where it is")
}

fn more(to: Amount, amount: Amount) -> Amount {
    to.checked_add(amount).expect("no place holds more than was granted")
}
