//! Values of variables, parameters and expressions as terms, and what the language's operations make of them.

use super::list::List;
use super::term::{Number, Truth, all};
use super::texts::NULL;
use antfarm_automata::{Arith, Order};

/// The least and the greatest number of 64 bits.
pub(super) const LEAST: i128 = i64::MIN as i128;
/// See [`LEAST`].
pub(super) const MOST: i128 = i64::MAX as i128;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A truth.
    Truth(Truth),
    /// An integer.
    Number(Number),
    /// The code of a text, or of null.
    Text(Number),
    /// Anything but a list: what it is, and which.
    Any {
        /// One of [`tag`].
        tag: Number,
        /// The integer, the code of the text, 1 for true; 0 of null.
        which: Number,
    },
    /// A list or set.
    List(List),
}

/// What a [`Val::Any`] is.
pub(super) mod tag {
    pub(crate) const NULL: i128 = 0;
    pub(crate) const TRUTH: i128 = 1;
    pub(crate) const NUMBER: i128 = 2;
    pub(crate) const TEXT: i128 = 3;
}

/// Null.
pub(super) fn null() -> Val {
    Val::Text(Number::known(NULL))
}

impl Val {
    /// The same as a [`Val::Any`]: what it is, and which. A list is nothing of the kind.
    pub(super) fn any(&self) -> Option<(Number, Number)> {
        let (zero, one) = (Number::known(0), Number::known(1));
        Some(match self {
            Self::Truth(truth) => (Number::known(tag::TRUTH), truth.pick(&one, &zero)),
            Self::Number(number) => (Number::known(tag::NUMBER), number.clone()),
            Self::Text(code) => {
                let is_null = if code.least > NULL { Truth::FALSE } else { code.equals(&Number::known(NULL)) };
                (is_null.pick(&Number::known(tag::NULL), &Number::known(tag::TEXT)), is_null.pick(&zero, code))
            }
            Self::Any { tag, which } => (tag.clone(), which.clone()),
            Self::List(_) => return None,
        })
    }

    /// Whether it is a number, and which.
    pub(super) fn number(&self) -> (Truth, Number) {
        match self {
            Self::Number(number) => (Truth::TRUE, number.clone()),
            Self::Any { tag, which } => (tag.equals(&Number::known(tag::NUMBER)), which.within(LEAST, MOST)),
            Self::Truth(_) | Self::Text(_) | Self::List(_) => (Truth::FALSE, Number::known(0)),
        }
    }

    /// Whether it is a text, and its code.
    pub(super) fn text(&self) -> (Truth, Number) {
        match self {
            Self::Text(code) if code.least > NULL => (Truth::TRUE, code.clone()),
            Self::Text(code) => (Number::known(NULL).below(code), code.clone()),
            Self::Any { tag, which } => (tag.equals(&Number::known(tag::TEXT)), which.clone()),
            Self::Truth(_) | Self::Number(_) | Self::List(_) => (Truth::FALSE, Number::known(0)),
        }
    }

    /// What the codes of all texts in it are among.
    pub(super) fn codes(&self) -> Vec<Number> {
        match self {
            Self::Text(code) => vec![code.clone()],
            Self::Any { tag, which } => vec![tag.equals(&Number::known(tag::TEXT)).pick(which, &Number::known(NULL))],
            Self::List(list) => list.items.clone(),
            Self::Truth(_) | Self::Number(_) => Vec::new(),
        }
    }

    /// Whether it is the truth that holds.
    pub(super) fn holds(&self) -> Truth {
        match self {
            Self::Truth(truth) => truth.clone(),
            Self::Any { tag, which } => tag.equals(&Number::known(tag::TRUTH)).and(&which.equals(&Number::known(1))),
            Self::Number(_) | Self::Text(_) | Self::List(_) => Truth::FALSE,
        }
    }

    /// Whether it is null, the empty text or an empty list.
    pub(super) fn is_empty(&self) -> Truth {
        match self {
            Self::Text(code) => code.at_most(&Number::known(0)),
            Self::List(list) => list.len.equals(&Number::known(0)),
            Self::Any { tag, which } => {
                let text = tag.equals(&Number::known(tag::TEXT)).and(&which.equals(&Number::known(0)));
                tag.equals(&Number::known(tag::NULL)).or(&text)
            }
            Self::Truth(_) | Self::Number(_) => Truth::FALSE,
        }
    }
}

/// Whether two values that are no lists are the same.
pub(super) fn same(left: &Val, right: &Val) -> Truth {
    match (left, right) {
        (Val::Truth(left), Val::Truth(right)) => left.same(right),
        (Val::Number(left), Val::Number(right)) | (Val::Text(left), Val::Text(right)) => left.equals(right),
        (Val::Truth(_), Val::Number(_) | Val::Text(_))
        | (Val::Number(_), Val::Truth(_) | Val::Text(_))
        | (Val::Text(_), Val::Truth(_) | Val::Number(_))
        | (Val::List(_), _)
        | (_, Val::List(_)) => Truth::FALSE,
        (Val::Any { .. }, _) | (_, Val::Any { .. }) => match (left.any(), right.any()) {
            (Some((one, this)), Some((other, that))) => one.equals(&other).and(&this.equals(&that)),
            _ => Truth::FALSE,
        },
    }
}

/// An ordering of two values: it holds of numbers only.
pub(super) fn ordered(order: Order, left: &Val, right: &Val) -> Truth {
    let ((is, left), (are, right)) = (left.number(), right.number());
    let compared = match order {
        Order::Less => left.below(&right),
        Order::AtMost => left.at_most(&right),
        Order::More => right.below(&left),
        Order::AtLeast => right.at_most(&left),
        Order::Equal | Order::Unequal => unreachable!("these are no orderings"),
    };
    all([is, are, compared])
}

/// An operation on numbers: the result, and where it has one within 64 bits.
pub(super) fn computed(op: Arith, left: &Number, right: &Number) -> (Number, Truth) {
    let text = |word: &str| format!("({word} {left} {right})");
    let defined = |result: Number| {
        let fits = result.lies(LEAST, MOST);
        (result.within(LEAST, MOST), fits)
    };
    if let (Some(one), Some(other)) = (left.value(), right.value()) {
        let result = match op {
            Arith::Plus => Some(one + other),
            Arith::Minus => Some(one - other),
            Arith::Times => Some(one * other),
            Arith::Divide => one.checked_div_euclid(other),
            Arith::Modulo => one.checked_rem_euclid(other),
        };
        return match result {
            Some(result) => defined(Number::known(result)),
            None => (Number::known(0), Truth::FALSE),
        };
    }
    match op {
        Arith::Plus => defined(Number::said(text("+"), left.least + right.least, left.most + right.most)),
        Arith::Minus => defined(Number::said(text("-"), left.least - right.most, left.most - right.least)),
        Arith::Times => {
            let corners = [left.least * right.least, left.least * right.most, left.most * right.least, left.most * right.most];
            let least = corners.iter().min().expect("there are four");
            let most = corners.iter().max().expect("there are four");
            defined(Number::said(text("*"), *least, *most))
        }
        Arith::Divide => {
            let far = left.least.abs().max(left.most.abs());
            let (result, fits) = defined(Number::said(text("div"), -far, far));
            (result, fits.and(&right.equals(&Number::known(0)).not()))
        }
        Arith::Modulo => {
            let far = right.least.abs().max(right.most.abs());
            (Number::said(text("mod"), 0, far.min(MOST)), right.equals(&Number::known(0)).not())
        }
    }
}
