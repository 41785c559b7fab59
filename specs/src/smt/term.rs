//! Terms of SMT-LIB 2: truths and integers, nothing else, so that any solver reads them and a model is a list of numbers.
//!
//! A term is its text. What is known at once is folded: an obligation says no more than it must, and constants are never in doubt.

use std::fmt;
use std::rc::Rc;

/// A term of sort Bool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Truth {
    /// Known at once.
    Known(bool),
    /// As it is written.
    Said(Rc<str>),
}

/// A term of sort Int, and between which numbers it lies wherever it has a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Number {
    text: Rc<str>,
    pub(super) least: i128,
    pub(super) most: i128,
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(truth) => truth.fmt(f),
            Self::Said(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How many characters a term has before it gets a name.
const LONG: usize = 48;

impl Truth {
    pub(super) const TRUE: Self = Self::Known(true);
    pub(super) const FALSE: Self = Self::Known(false);

    pub(super) fn said(text: impl Into<Rc<str>>) -> Self {
        Self::Said(text.into())
    }

    pub(super) fn is_long(&self) -> bool {
        match self {
            Self::Known(_) => false,
            Self::Said(text) => text.len() > LONG,
        }
    }

    pub(super) fn not(&self) -> Self {
        match self {
            Self::Known(truth) => Self::Known(!truth),
            Self::Said(text) => match text.strip_prefix("(not ").and_then(|rest| rest.strip_suffix(')')) {
                Some(inner) => Self::said(inner),
                None => Self::said(format!("(not {text})")),
            },
        }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        all([self.clone(), other.clone()])
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        any([self.clone(), other.clone()])
    }

    pub(super) fn implies(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(false), _) | (_, Self::Known(true)) => Self::TRUE,
            (Self::Known(true), _) => other.clone(),
            (_, Self::Known(false)) => self.not(),
            (Self::Said(_), Self::Said(_)) => Self::said(format!("(=> {self} {other})")),
        }
    }

    /// Whether both are the same.
    pub(super) fn same(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Known(truth), it) | (it, Self::Known(truth)) => {
                if *truth {
                    it.clone()
                } else {
                    it.not()
                }
            }
            (Self::Said(_), Self::Said(_)) if self == other => Self::TRUE,
            (Self::Said(_), Self::Said(_)) => Self::said(format!("(= {self} {other})")),
        }
    }

    /// `yes` where this holds, `no` elsewhere.
    pub(super) fn choose(&self, yes: &Self, no: &Self) -> Self {
        match self {
            Self::Known(true) => yes.clone(),
            Self::Known(false) => no.clone(),
            Self::Said(_) => match (yes, no) {
                (Self::Known(true), _) => self.or(no),
                (Self::Known(false), _) => self.not().and(no),
                (_, Self::Known(false)) => self.and(yes),
                (_, Self::Known(true)) => self.not().or(yes),
                (Self::Said(_), Self::Said(_)) if yes == no => yes.clone(),
                (Self::Said(_), Self::Said(_)) => Self::said(format!("(ite {self} {yes} {no})")),
            },
        }
    }

    /// `yes` where this holds, `no` elsewhere.
    pub(super) fn pick(&self, yes: &Number, no: &Number) -> Number {
        match self {
            Self::Known(true) => yes.clone(),
            Self::Known(false) => no.clone(),
            Self::Said(_) if yes.text == no.text => yes.clone(),
            Self::Said(_) => Number::said(format!("(ite {self} {yes} {no})"), yes.least.min(no.least), yes.most.max(no.most)),
        }
    }
}

fn row(word: &str, unit: bool, parts: impl IntoIterator<Item = Truth>) -> Truth {
    let mut said: Vec<Rc<str>> = Vec::new();
    for part in parts {
        match part {
            Truth::Known(truth) if truth == unit => {}
            Truth::Known(truth) => return Truth::Known(truth),
            Truth::Said(text) => {
                if !said.contains(&text) {
                    said.push(text);
                }
            }
        }
    }
    match &said[..] {
        [] => Truth::Known(unit),
        [one] => Truth::Said(one.clone()),
        _ => Truth::said(format!("({word} {})", said.join(" "))),
    }
}

/// All of these.
pub(super) fn all(parts: impl IntoIterator<Item = Truth>) -> Truth {
    row("and", true, parts)
}

/// One of these at least.
pub(super) fn any(parts: impl IntoIterator<Item = Truth>) -> Truth {
    row("or", false, parts)
}

impl Number {
    pub(super) fn said(text: impl Into<Rc<str>>, least: i128, most: i128) -> Self {
        Self { text: text.into(), least, most }
    }

    pub(super) fn known(number: impl Into<i128>) -> Self {
        let number = number.into();
        let text = if number < 0 { format!("(- {})", number.unsigned_abs()) } else { number.to_string() };
        Self::said(text, number, number)
    }

    pub(super) fn is_long(&self) -> bool {
        self.text.len() > LONG
    }

    /// The number itself, where it is known at once.
    pub(super) fn value(&self) -> Option<i128> {
        (self.least == self.most).then_some(self.least)
    }

    /// The same number where it is known to lie within 64 bits.
    pub(super) fn within(&self, least: i128, most: i128) -> Self {
        Self::said(self.text.clone(), self.least.max(least).min(most), self.most.min(most).max(least))
    }

    pub(super) fn equals(&self, other: &Self) -> Truth {
        match (self.value(), other.value()) {
            (Some(one), Some(other)) => Truth::Known(one == other),
            _ if self.text == other.text => Truth::TRUE,
            _ => Truth::said(format!("(= {self} {other})")),
        }
    }

    pub(super) fn below(&self, other: &Self) -> Truth {
        match (self.value(), other.value()) {
            (Some(one), Some(other)) => Truth::Known(one < other),
            _ => Truth::said(format!("(< {self} {other})")),
        }
    }

    pub(super) fn at_most(&self, other: &Self) -> Truth {
        match (self.value(), other.value()) {
            (Some(one), Some(other)) => Truth::Known(one <= other),
            _ => Truth::said(format!("(<= {self} {other})")),
        }
    }

    /// That it lies between these, unless that is known.
    pub(super) fn lies(&self, least: i128, most: i128) -> Truth {
        let above = if self.least >= least { Truth::TRUE } else { Self::known(least).at_most(self) };
        let below = if self.most <= most { Truth::TRUE } else { self.at_most(&Self::known(most)) };
        above.and(&below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_said() {
        let (a, b) = (Truth::said("a"), Truth::said("b"));
        assert_eq!(all([Truth::TRUE, a.clone(), a.clone()]), a);
        assert_eq!(all([a.clone(), Truth::FALSE]), Truth::FALSE);
        assert_eq!(any([]), Truth::FALSE);
        assert_eq!(a.not().not(), a);
        assert_eq!(a.choose(&Truth::TRUE, &b).to_string(), "(or a b)");
        assert_eq!(a.implies(&Truth::FALSE).to_string(), "(not a)");
        assert_eq!(Number::known(i64::MIN).to_string(), "(- 9223372036854775808)");
        assert_eq!(Number::said("x", 0, 5).lies(0, 4).to_string(), "(<= x 4)");
        assert_eq!(Number::said("x", 0, 5).lies(-1, 5), Truth::TRUE);
    }
}
