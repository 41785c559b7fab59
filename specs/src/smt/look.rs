//! What an expression says of a symbolic state: its value, and where it has one. The one walk over expressions of this level.

use super::list::List;
use super::related::OTHERS_LIST;
use super::related::{Others, Reads, World};
use super::script::Script;
use super::state::Symbolic;
use super::term::{Number, Truth, all, any};
use super::value::{LEAST, MOST, Val, computed, null, ordered, same, tag};
use antfarm_automata::{Expr, Literal, Order, Set, Table, Text};

/// Where an obligation is written.
pub(super) struct Desk<'a> {
    pub(super) table: &'a Table,
    pub(super) others: Others<'a>,
    pub(super) script: &'a mut Script,
    pub(super) reads: &'a mut Reads,
}

/// What an expression is looked at in.
pub(super) struct Look<'d, 'a> {
    pub(super) desk: &'d mut Desk<'a>,
    pub(super) state: &'d Symbolic,
    /// The parameters of the action, null where one is not given.
    pub(super) params: &'d [Val],
    pub(super) action: Option<usize>,
    pub(super) world: World,
    elements: Vec<(Text, Number)>,
}

impl<'d, 'a> Look<'d, 'a> {
    pub(super) fn new(desk: &'d mut Desk<'a>, state: &'d Symbolic, world: World) -> Self {
        Self { desk, state, params: &[], action: None, world, elements: Vec::new() }
    }

    pub(super) fn by(desk: &'d mut Desk<'a>, state: &'d Symbolic, world: World, action: usize, params: &'d [Val]) -> Self {
        Self { desk, state, params, action: Some(action), world, elements: Vec::new() }
    }

    /// Whether an expression of the table has a value and holds.
    pub(super) fn is_so(&mut self, expr: &Expr) -> Truth {
        let (holds, has) = self.said(expr);
        let so = holds.and(&has);
        self.desk.script.share(so)
    }

    /// Whether an expression of the table holds, and where it has a value.
    pub(super) fn said(&mut self, expr: &Expr) -> (Truth, Truth) {
        let normal = self.desk.table.normal(self.action, expr);
        self.holds(&normal)
    }

    /// The value of an expression of the table, and where it has one.
    pub(super) fn value(&mut self, expr: &Expr) -> (Val, Truth) {
        let normal = self.desk.table.normal(self.action, expr);
        self.see(&normal)
    }

    fn holds(&mut self, expr: &Expr) -> (Truth, Truth) {
        let (holds, has) = match expr {
            Expr::Not(inner) => {
                let (holds, has) = self.holds(inner);
                (holds.not(), has)
            }
            Expr::And(parts) => self.row(parts, true),
            Expr::Or(parts) => self.row(parts, false),
            Expr::Implies(left, right) => {
                let ((left, has), (right, sure)) = (self.holds(left), self.holds(right));
                (left.implies(&right), has.and(&left.implies(&sure)))
            }
            Expr::Compare { order, left, right } => {
                let ((left, has), (right, sure)) = (self.see(left), self.see(right));
                (self.compared(*order, &left, &right), has.and(&sure))
            }
            Expr::In { item, set, negated } => {
                let (item, has) = self.see(item);
                let (found, sure) = self.contains(set, &item);
                (if *negated { found.not() } else { found }, has.and(&sure))
            }
            Expr::Each { all, name, set, holds } => self.each(*all, name, set, holds),
            Expr::Empty(inner) => {
                let (value, has) = self.see(inner);
                (value.is_empty(), has)
            }
            Expr::Literal(_)
            | Expr::Status
            | Expr::Name(_)
            | Expr::Param(_)
            | Expr::Related { .. }
            | Expr::Len(_)
            | Expr::Arith { .. }
            | Expr::Negate(_) => {
                let (value, has) = self.see(expr);
                (value.holds(), has)
            }
        };
        (self.desk.script.share(holds), self.desk.script.share(has))
    }

    /// A conjunction or disjunction: what need not be looked at is not.
    fn row(&mut self, parts: &[Expr], is_all: bool) -> (Truth, Truth) {
        let said: Vec<(Truth, Truth)> = parts.iter().map(|part| self.holds(part)).collect();
        let mut has = Truth::TRUE;
        for (holds, sure) in said.iter().rev() {
            let goes_on = if is_all { holds.clone() } else { holds.not() };
            has = self.desk.script.share(sure.and(&goes_on.implies(&has)));
        }
        let truths = said.into_iter().map(|it| it.0);
        (if is_all { all(truths) } else { any(truths) }, has)
    }

    fn compared(&mut self, order: Order, left: &Val, right: &Val) -> Truth {
        match order {
            Order::Equal => self.same(left, right),
            Order::Unequal => self.same(left, right).not(),
            Order::Less | Order::AtMost | Order::More | Order::AtLeast => ordered(order, left, right),
        }
    }

    fn same(&mut self, left: &Val, right: &Val) -> Truth {
        match (left, right) {
            (Val::List(left), Val::List(right)) => left.same(self.desk.script, right),
            (Val::List(_), Val::Any { .. }) | (Val::Any { .. }, Val::List(_)) if self.desk.script.open.contains(OTHERS_LIST) => {
                self.desk.script.open_truth(OTHERS_LIST)
            }
            (Val::List(_) | Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. }, _) => same(left, right),
        }
    }

    fn literal(&self, literal: &Literal) -> Val {
        match literal {
            Literal::Null => null(),
            Literal::Bool(truth) => Val::Truth(Truth::Known(*truth)),
            Literal::Int(number) | Literal::Money(number, _) | Literal::Span(number) => Val::Number(Number::known(*number)),
            Literal::Text(text) => Val::Text(Number::known(self.desk.others.texts.code(text))),
        }
    }

    fn contains(&mut self, set: &Set, item: &Val) -> (Truth, Truth) {
        match set {
            Set::Listed(literals) => {
                let found: Vec<Truth> = literals.iter().map(|literal| same(&self.literal(literal), item)).collect();
                (any(found), Truth::TRUE)
            }
            Set::Of(list) => match self.see(list) {
                (Val::List(list), has) => {
                    let (is, code) = item.text();
                    (list.contains(self.desk.script, &code).and(&is), has)
                }
                (Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. }, has) => (Truth::FALSE, has),
            },
        }
    }

    fn each(&mut self, is_all: bool, name: &Text, set: &Set, holds: &Expr) -> (Truth, Truth) {
        let (list, has) = match set {
            Set::Listed(literals) => {
                let codes: Vec<i128> = literals
                    .iter()
                    .filter_map(|literal| match literal {
                        Literal::Text(text) => Some(self.desk.others.texts.code(text)),
                        Literal::Null | Literal::Bool(_) | Literal::Int(_) | Literal::Money(..) | Literal::Span(_) => None,
                    })
                    .collect();
                let items = codes.iter().map(|code| Number::known(*code)).collect();
                let most = u32::try_from(codes.len()).expect("an expression is short");
                (List { len: Number::known(most), items, most }, Truth::TRUE)
            }
            Set::Of(list) => match self.see(list) {
                (Val::List(list), has) => (list, has),
                (Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. }, has) => return (Truth::Known(is_all), has),
            },
        };
        let said: Vec<(Truth, Truth)> = list
            .items
            .iter()
            .map(|item| {
                self.elements.push((name.clone(), item.clone()));
                let said = self.holds(holds);
                self.elements.pop();
                said
            })
            .collect();
        let (holds, sure) = list.each(self.desk.script, is_all, said);
        (holds, has.and(&sure))
    }

    fn see(&mut self, expr: &Expr) -> (Val, Truth) {
        match expr {
            Expr::Literal(literal) => (self.literal(literal), Truth::TRUE),
            Expr::Status => (Val::Text(self.state.status.clone()), Truth::TRUE),
            Expr::Name(name) => {
                if let Some((_, element)) = self.elements.iter().rev().find(|(bound, _)| bound == name) {
                    return (Val::Text(element.within(0, i128::MAX)), Truth::TRUE);
                }
                let slot = self.desk.table.variable(name).expect("a checked spec knows its variables");
                (self.state.slots[slot].clone(), Truth::TRUE)
            }
            Expr::Param(name) => {
                let action = self.action.expect("only actions have parameters");
                let params = &self.desk.table.spec().actions[action].params;
                let nth = params.iter().position(|it| it.name == *name).expect("a checked spec knows its parameters");
                (self.params[nth].clone(), Truth::TRUE)
            }
            Expr::Related { entity, id, field } => {
                let (id, has) = self.see(id);
                let Desk { others, script, reads, .. } = &mut *self.desk;
                (others.read(script, reads, self.world, entity, &id, field), has)
            }
            Expr::Len(list) => match self.see(list) {
                (Val::List(list), has) => (Val::Number(list.len), has),
                (Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. }, has) => (null(), has),
            },
            Expr::Arith { op, left, right } => {
                let ((left, has), (right, sure)) = (self.see(left), self.see(right));
                let ((is, one), (are, other)) = (left.number(), right.number());
                let both = is.and(&are);
                let (result, fits) = computed(*op, &one, &other);
                let has = self.desk.script.share(all([has, sure, both.implies(&fits)]));
                (self.number_if(&both, result), has)
            }
            Expr::Negate(inner) => {
                let (value, has) = self.see(inner);
                let (is, number) = value.number();
                let (result, fits) = computed(antfarm_automata::Arith::Minus, &Number::known(0), &number);
                let has = self.desk.script.share(has.and(&is.implies(&fits)));
                (self.number_if(&is, result), has)
            }
            Expr::Empty(_)
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Implies(..)
            | Expr::Compare { .. }
            | Expr::In { .. }
            | Expr::Each { .. } => {
                let (holds, has) = self.holds(expr);
                (Val::Truth(holds), has)
            }
        }
    }

    /// The number where `is` holds, null elsewhere.
    fn number_if(&mut self, is: &Truth, number: Number) -> Val {
        let number = self.desk.script.name(number.within(LEAST, MOST));
        match is {
            Truth::Known(true) => Val::Number(number),
            Truth::Known(false) => null(),
            Truth::Said(_) => Val::Any {
                tag: is.pick(&Number::known(tag::NUMBER), &Number::known(tag::NULL)),
                which: self.desk.script.name(is.pick(&number, &Number::known(0))),
            },
        }
    }
}
