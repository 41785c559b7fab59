//! How much: amounts in the four dimensions in which a writ is limited.
//!
//! Rule kept: arithmetic is checked in each dimension and says which one failed. Amounts have no total order on purpose:
//! one may be larger in tokens and smaller in money.

use antfarm_identity::Codec;
use antfarm_machine::Span;

/// Model tokens, in and out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Codec)]
pub struct Tokens(pub u64);

/// Calls of tools.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Codec)]
pub struct Calls(pub u64);

/// Money in millionths of a USDC, the smallest unit that the coin has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Codec)]
pub struct Usdc(pub u64);

impl Usdc {
    /// So many whole USDC; at most 18 million million. Saturates beyond.
    pub const fn whole(n: u64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }
}

/// An amount in every dimension. What is not mentioned is zero.
///
/// ```
/// use antfarm_authority::{Amount, Calls, Dimension, Usdc};
///
/// let budget = Amount { calls: Calls(2), money: Usdc::whole(50), ..Amount::ZERO };
/// let call = Amount { calls: Calls(1), money: Usdc::whole(30), ..Amount::ZERO };
/// let left = budget.checked_sub(call).expect("the first fits");
/// assert_eq!(left.checked_sub(call), Err(Dimension::Money));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Codec)]
pub struct Amount {
    /// Model tokens.
    pub tokens: Tokens,
    /// Calls of tools.
    pub calls: Calls,
    /// Time that tools work.
    pub time: Span,
    /// Money.
    pub money: Usdc,
}

/// One dimension of an [`Amount`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Dimension {
    /// [`Amount::tokens`].
    Tokens,
    /// [`Amount::calls`].
    Calls,
    /// [`Amount::time`], in nanoseconds.
    Time,
    /// [`Amount::money`], in millionths of a USDC.
    Money,
}

impl Dimension {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Tokens, Self::Calls, Self::Time, Self::Money];
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self { tokens: Tokens(0), calls: Calls(0), time: Span::ZERO, money: Usdc(0) };

    /// The amount in one dimension, in that dimension's smallest unit.
    pub const fn of(self, dimension: Dimension) -> u64 {
        match dimension {
            Dimension::Tokens => self.tokens.0,
            Dimension::Calls => self.calls.0,
            Dimension::Time => self.time.as_nanos(),
            Dimension::Money => self.money.0,
        }
    }

    /// The dimensions in which this is more than `limit`, in order.
    pub fn beyond(self, limit: Self) -> impl Iterator<Item = Dimension> {
        Dimension::ALL.into_iter().filter(move |&it| self.of(it) > limit.of(it))
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// The first dimension that overflows.
    pub fn checked_add(self, other: Self) -> Result<Self, Dimension> {
        self.combined(other, u64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// The first dimension in which `other` is more.
    pub fn checked_sub(self, other: Self) -> Result<Self, Dimension> {
        self.combined(other, u64::checked_sub)
    }

    fn combined(self, other: Self, with: impl Fn(u64, u64) -> Option<u64>) -> Result<Self, Dimension> {
        let part = |it: Dimension| with(self.of(it), other.of(it)).ok_or(it);
        Ok(Self {
            tokens: Tokens(part(Dimension::Tokens)?),
            calls: Calls(part(Dimension::Calls)?),
            time: Span::from_nanos(part(Dimension::Time)?),
            money: Usdc(part(Dimension::Money)?),
        })
    }
}
