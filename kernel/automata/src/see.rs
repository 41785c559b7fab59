//! What an expression says of a state. Total: every expression has a value in every state, or a typed reason why not.

use crate::expr::{Arith, Order};
use crate::program::{Code, Listed};
use crate::refusal::Undefined;
use crate::state::{State, Writes};
use crate::{Seen, Text, Value};
use core::cmp::Ordering;

/// What is known of other entities.
pub trait Related {
    /// What `field` (`status`, or a variable) of the entity of this type and id is; nothing where there is no such entity, or it has
    /// no such variable. A status is the name of the state, as a text.
    fn read(&self, entity: &str, id: &str, field: &str) -> Option<Seen<'_>>;
}

/// There is nobody else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Nobody;

impl Related for Nobody {
    fn read(&self, _: &str, _: &str, _: &str) -> Option<Seen<'_>> {
        None
    }
}

/// What expressions are looked at in.
pub(crate) struct View<'a, R: ?Sized> {
    pub(crate) states: &'a [Text],
    pub(crate) state: &'a State,
    /// What effects have written so far.
    pub(crate) writes: &'a Writes,
    pub(crate) params: &'a [Value],
    pub(crate) related: &'a R,
    pub(crate) elements: Option<&'a Element<'a>>,
}

/// The element that a quantifier has come to.
pub(crate) struct Element<'a> {
    element: &'a Text,
    outer: Option<&'a Self>,
}

impl<'a, R: Related + ?Sized> View<'a, R> {
    #[inline]
    fn slot(&self, slot: u16) -> Seen<'a> {
        let value = self.writes.find(slot).or_else(|| self.state.slots.get(usize::from(slot)));
        value.map_or(Seen::Null, Value::see)
    }

    /// Whether `code` holds. What is no truth does not.
    #[inline]
    pub(crate) fn holds(&self, code: &'a Code) -> Result<bool, Undefined> {
        match code {
            Code::CompareSlot { order, slot, with } => Ok(compare(*order, self.slot(*slot), Seen::Int(*with))),
            Code::StatusIn(states) => Ok(states.get(self.state.status()).copied().unwrap_or(false)),
            Code::Slot(slot) => Ok(self.slot(*slot) == Seen::Bool(true)),
            Code::Not(inner) => Ok(!self.holds(inner)?),
            Code::And(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Code::Or(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Code::Implies(left, right) => Ok(!self.holds(left)? || self.holds(right)?),
            Code::Compare { order, left, right } => Ok(compare(*order, self.see(left)?, self.see(right)?)),
            Code::In { item, set, negated } => Ok(self.contains(set, self.see(item)?)? != *negated),
            Code::Each { all, set, holds } => self.each(*all, set, holds),
            Code::Empty(inner) => Ok(match self.see(inner)? {
                Seen::Null => true,
                Seen::Text(text) => text.is_empty(),
                Seen::List(list) => list.is_empty(),
                Seen::Bool(_) | Seen::Int(_) => false,
            }),
            Code::Value(_)
            | Code::Status
            | Code::Param(_)
            | Code::Element(_)
            | Code::Related { .. }
            | Code::Len(_)
            | Code::Arith { .. }
            | Code::Negate(_) => Ok(self.see(code)? == Seen::Bool(true)),
        }
    }

    /// The value of `code`.
    #[inline]
    pub(crate) fn see(&self, code: &'a Code) -> Result<Seen<'a>, Undefined> {
        Ok(match code {
            Code::Value(value) => value.see(),
            Code::Status => self.states.get(self.state.status()).map_or(Seen::Null, Seen::Text),
            Code::Slot(slot) => self.slot(*slot),
            Code::Param(param) => self.params.get(usize::from(*param)).map_or(Seen::Null, Value::see),
            Code::Element(outwards) => {
                let mut element = self.elements;
                for _ in 0..*outwards {
                    element = element.and_then(|it| it.outer);
                }
                element.map_or(Seen::Null, |it| Seen::Text(it.element))
            }
            Code::Related { entity, id, field } => match self.see(id)? {
                Seen::Text(id) if !id.is_empty() => self.related.read(entity, id, field).unwrap_or(Seen::Null),
                Seen::Text(_) | Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::List(_) => Seen::Null,
            },
            Code::Len(list) => match self.see(list)? {
                Seen::List(list) => i64::try_from(list.len()).map_or(Seen::Null, Seen::Int),
                Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) => Seen::Null,
            },
            Code::Arith { op, left, right } => match (self.see(left)?, self.see(right)?) {
                (Seen::Int(left), Seen::Int(right)) => Seen::Int(arith(*op, left, right)?),
                (Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) | Seen::List(_), _) => Seen::Null,
            },
            Code::Negate(inner) => match self.see(inner)? {
                Seen::Int(number) => Seen::Int(number.checked_neg().ok_or(Undefined::Overflow)?),
                Seen::Null | Seen::Bool(_) | Seen::Text(_) | Seen::List(_) => Seen::Null,
            },
            Code::StatusIn(_)
            | Code::Empty(_)
            | Code::Not(_)
            | Code::And(_)
            | Code::Or(_)
            | Code::Implies(..)
            | Code::Compare { .. }
            | Code::CompareSlot { .. }
            | Code::In { .. }
            | Code::Each { .. } => Seen::Bool(self.holds(code)?),
        })
    }

    fn contains(&self, set: &'a Listed, item: Seen<'_>) -> Result<bool, Undefined> {
        Ok(match set {
            Listed::Values(values) => values.iter().any(|value| value.see() == item),
            Listed::Texts(texts) => texts.iter().any(|text| Seen::Text(text) == item),
            Listed::Of(list) => match self.see(list)? {
                Seen::List(list) => list.iter().any(|text| Seen::Text(text) == item),
                Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) => false,
            },
        })
    }

    fn each(&self, all: bool, set: &'a Listed, holds: &'a Code) -> Result<bool, Undefined> {
        let list = match set {
            Listed::Texts(texts) => texts,
            Listed::Values(_) => return Ok(all),
            Listed::Of(list) => match self.see(list)? {
                Seen::List(list) => list,
                Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) => return Ok(all),
            },
        };
        // Each is looked at, so that the order of a set decides nothing.
        let mut decided = all;
        for element in list.iter() {
            let element = Element { element, outer: self.elements };
            let View { states, state, writes, params, related, .. } = *self;
            if (View { states, state, writes, params, related, elements: Some(&element) }).holds(holds)? != all {
                decided = !all;
            }
        }
        Ok(decided)
    }
}

#[inline]
fn compare(order: Order, left: Seen<'_>, right: Seen<'_>) -> bool {
    let ordered = || match (left, right) {
        (Seen::Int(left), Seen::Int(right)) => Some(left.cmp(&right)),
        (Seen::Null | Seen::Bool(_) | Seen::Int(_) | Seen::Text(_) | Seen::List(_), _) => None,
    };
    match order {
        Order::Equal => left == right,
        Order::Unequal => left != right,
        Order::Less => ordered() == Some(Ordering::Less),
        Order::AtMost => matches!(ordered(), Some(Ordering::Less | Ordering::Equal)),
        Order::More => ordered() == Some(Ordering::Greater),
        Order::AtLeast => matches!(ordered(), Some(Ordering::Greater | Ordering::Equal)),
    }
}

pub(crate) fn arith(op: Arith, left: i64, right: i64) -> Result<i64, Undefined> {
    let divided = |result: Option<i64>| if right == 0 { Err(Undefined::Zero) } else { result.ok_or(Undefined::Overflow) };
    match op {
        Arith::Plus => left.checked_add(right).ok_or(Undefined::Overflow),
        Arith::Minus => left.checked_sub(right).ok_or(Undefined::Overflow),
        Arith::Times => left.checked_mul(right).ok_or(Undefined::Overflow),
        Arith::Divide => divided(left.checked_div_euclid(right)),
        // The one case that overflows in the machine has a remainder all the same.
        Arith::Modulo => divided(left.checked_rem_euclid(right).or(Some(0))),
    }
}
