//! How much: amounts in the four dimensions in which a writ is limited.
//!
//! Rule kept: arithmetic is checked in each dimension and says which one failed. Amounts have no total order on purpose:
//! one may be larger in tokens and smaller in money.

use antfarm_identity::Codec;
use antfarm_machine::Span;
use core::fmt;

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

/// As a decimal number, with as many places as it takes: `0.00002 USDC`.
impl fmt::Display for Usdc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut part, mut width) = (self.0 / 1_000_000, self.0 % 1_000_000, 6);
        write!(f, "{whole}")?;
        if part > 0 {
            while part % 10 == 0 {
                (part, width) = (part / 10, width - 1);
            }
            write!(f, ".{part:0width$}")?;
        }
        f.write_str(" USDC")
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

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tokens => "tokens",
            Self::Calls => "calls",
            Self::Time => "time",
            Self::Money => "money",
        })
    }
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

    /// So much of one dimension, in its smallest unit.
    pub const fn only(dimension: Dimension, units: u64) -> Self {
        match dimension {
            Dimension::Tokens => Self { tokens: Tokens(units), ..Self::ZERO },
            Dimension::Calls => Self { calls: Calls(units), ..Self::ZERO },
            Dimension::Time => Self { time: Span::from_nanos(units), ..Self::ZERO },
            Dimension::Money => Self { money: Usdc(units), ..Self::ZERO },
        }
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

/// What of it is not nothing: `2 calls, 50 USDC and 1 token`; `nothing`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = [Dimension::Calls, Dimension::Money, Dimension::Tokens, Dimension::Time];
        let parts = || order.into_iter().filter(|it| self.of(*it) > 0);
        let last = parts().count().saturating_sub(1);
        if parts().next().is_none() {
            return f.write_str("nothing");
        }
        for (nth, dimension) in parts().enumerate() {
            f.write_str(if nth == 0 {
                ""
            } else if nth == last {
                " and "
            } else {
                ", "
            })?;
            let ending = if self.of(dimension) == 1 { "" } else { "s" };
            match dimension {
                Dimension::Calls => write!(f, "{} call{ending}", self.calls.0),
                Dimension::Money => self.money.fmt(f),
                Dimension::Tokens => write!(f, "{} token{ending}", self.tokens.0),
                Dimension::Time => write!(f, "{} of work", self.time),
            }?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn amounts_are_told_in_units() {
        let check = |it: Amount, text: &str| assert_eq!(it.to_string(), text);
        check(Amount { calls: Calls(1), money: Usdc(20), ..Amount::ZERO }, "1 call and 0.00002 USDC");
        check(Amount { money: Usdc(1_500_000), time: Span::from_millis(20), ..Amount::ZERO }, "1.5 USDC and 20ms of work");
        check(
            Amount { calls: Calls(2), money: Usdc::whole(50), tokens: Tokens(1), ..Amount::ZERO },
            "2 calls, 50 USDC and 1 token",
        );
        check(Amount::ZERO, "nothing");
    }
}
