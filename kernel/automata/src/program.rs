//! A checked spec with its names resolved: states, variables and parameters are numbers, and nothing is looked up while it runs.

use crate::effect::{Assign, Deed};
use crate::expr::{Arith, Expr, Literal, Order, Set};
use crate::normal::normal;
use crate::spec::{Mode, Spec};
use crate::{Kind, Text, Value};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) initial: u16,
    /// Of each state, whether an entity is over there.
    pub(crate) is_terminal: Box<[bool]>,
    pub(crate) kinds: Box<[Kind]>,
    pub(crate) actions: Box<[Step]>,
    pub(crate) invariants: Box<[Code]>,
    pub(crate) field_invariants: Box<[Code]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Whether it names an event.
    pub(crate) is_event: bool,
    /// Of each state, whether it is enabled there.
    pub(crate) from: Box<[bool]>,
    pub(crate) to: Option<u16>,
    pub(crate) params: Box<[Given]>,
    pub(crate) conjuncts: Box<[Code]>,
    /// What each of these says, for people.
    pub(crate) said: Box<[Expr]>,
    pub(crate) effects: Box<[Write]>,
    pub(crate) trigger_guards: Box<[Option<Code>]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) kind: Kind,
    /// Whether the action reads it.
    pub(crate) required: bool,
    /// The variable that takes it.
    pub(crate) merged: Option<u16>,
}

#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) when: Option<Code>,
    pub(crate) deed: Do,
}

#[derive(Clone, Debug)]
pub(crate) enum Do {
    Set {
        slot: u16,
        value: Code,
    },
    Add {
        slot: u16,
        value: Code,
        subtract: bool,
    },
    /// A fixed number is added: the most frequent effect.
    Count {
        slot: u16,
        by: i64,
        least: i64,
        stops: bool,
    },
    Append {
        slot: u16,
        value: Code,
    },
    Remove {
        slot: u16,
        value: Code,
    },
    RemoveAt {
        slot: u16,
        index: Code,
    },
    Schedule,
    ScheduleAt {
        slot: u16,
    },
    Spawn {
        store: Option<u16>,
        id: Option<Code>,
    },
}

/// An expression with its names resolved.
#[derive(Clone, Debug)]
pub(crate) enum Code {
    Value(Value),
    Status,
    /// Of each state, whether the status being it makes this hold.
    StatusIn(Box<[bool]>),
    Slot(u16),
    Param(u16),
    /// The element of a quantifier, counted from the innermost.
    Element(u16),
    Related {
        entity: Text,
        id: Box<Self>,
        field: Text,
    },
    Len(Box<Self>),
    Empty(Box<Self>),
    Not(Box<Self>),
    And(Box<[Self]>),
    Or(Box<[Self]>),
    Implies(Box<Self>, Box<Self>),
    Compare {
        order: Order,
        left: Box<Self>,
        right: Box<Self>,
    },
    /// A variable against a number: the most frequent comparison.
    CompareSlot {
        order: Order,
        slot: u16,
        with: i64,
    },
    In {
        item: Box<Self>,
        set: Listed,
        negated: bool,
    },
    Arith {
        op: Arith,
        left: Box<Self>,
        right: Box<Self>,
    },
    Negate(Box<Self>),
    Each {
        all: bool,
        set: Listed,
        holds: Box<Self>,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Listed {
    Values(Box<[Value]>),
    /// Texts only, for quantifiers.
    Texts(Arc<Vec<Text>>),
    Of(Box<Code>),
}

/// An index of a table; there are at most [`crate::MOST`] of anything.
pub(crate) fn small(index: usize) -> u16 {
    u16::try_from(index).expect("a checked spec has at most 1000 of anything")
}

pub(crate) fn compile(spec: &Spec, params: &[Vec<Kind>]) -> Program {
    let none = Scope { spec, params: &[], names: &[] };
    let code = |expr: &Expr| none.code(expr);
    let actions = (0..spec.actions.len()).map(|index| step(spec, index, &params[index])).collect();
    Program {
        initial: small(spec.states.iter().position(|it| *it == spec.initial).expect("the initial state is a state")),
        is_terminal: spec.states.iter().map(|it| spec.terminal.contains(it)).collect(),
        kinds: spec.variables.iter().map(|it| it.kind.clone()).collect(),
        actions,
        invariants: spec.invariants.iter().map(|it| code(&it.assert)).collect(),
        field_invariants: spec.field_invariants.iter().map(|it| code(&it.assert)).collect(),
    }
}

fn step(spec: &Spec, index: usize, kinds: &[Kind]) -> Step {
    let action = &spec.actions[index];
    let names: Vec<&Text> = action.params.iter().map(|it| &it.name).collect();
    let scope = Scope { spec, params: kinds, names: &names };
    let is_enabled = |state: &Text| {
        let anywhere = action.from.is_empty() && !spec.terminal.contains(state);
        action.mode != Mode::Output && (anywhere || action.from.contains(state))
    };
    let said: Vec<Expr> = core::iter::once(&action.guard).chain(&action.constraints).flat_map(Expr::conjuncts).cloned().collect();
    let mut read = Vec::new();
    let exprs = said.iter().chain(action.effects.iter().flat_map(crate::Effect::parts));
    for expr in exprs {
        expr.walk(&mut |part| {
            if let Expr::Param(name) = part {
                read.push(name.clone());
            }
        });
    }
    let given = |(kind, name): (&Kind, &&Text)| Given {
        kind: kind.clone(),
        required: read.contains(name),
        merged: crate::check::merged(spec, action, name).map(small),
    };
    Step {
        is_event: action.mode == Mode::Output,
        from: spec.states.iter().map(is_enabled).collect(),
        to: action.to.as_ref().map(|to| small(spec.states.iter().position(|it| it == to).expect("it is a state"))),
        params: kinds.iter().zip(&names).map(given).collect(),
        conjuncts: said.iter().map(|expr| scope.code(expr)).collect(),
        said: said.into(),
        effects: action
            .effects
            .iter()
            .map(|effect| Write { when: effect.when.as_ref().map(|when| scope.code(when)), deed: scope.deed(&effect.deed) })
            .collect(),
        trigger_guards: action.triggers.iter().map(|it| it.guard.as_ref().map(|guard| scope.code(guard))).collect(),
    }
}

/// The names that an expression can say.
pub(crate) struct Scope<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) params: &'a [Kind],
    pub(crate) names: &'a [&'a Text],
}

impl Scope<'_> {
    fn slot(&self, name: &Text) -> u16 {
        small(self.spec.variables.iter().position(|it| it.name == *name).expect("a checked spec knows its variables"))
    }

    fn param(&self, name: &Text) -> u16 {
        small(self.names.iter().position(|it| *it == name).expect("a checked spec knows its parameters"))
    }

    /// Whether what an id stands for is a list of ids.
    pub(crate) fn is_list(&self, id: &Expr) -> bool {
        let kind = if let Expr::Name(name) = id {
            self.spec.variables.iter().find(|it| it.name == *name).map(|it| &it.kind)
        } else if let Expr::Param(name) = id {
            self.names.iter().position(|it| *it == name).map(|nth| &self.params[nth])
        } else {
            None
        };
        kind.is_some_and(|kind| kind.most().is_some())
    }

    /// The normal form of an expression.
    pub(crate) fn normal(&self, expr: &Expr) -> Expr {
        normal(expr, &|id| self.is_list(id))
    }

    fn code(&self, expr: &Expr) -> Code {
        self.of(&self.normal(expr), &mut Vec::new())
    }

    fn of(&self, expr: &Expr, bound: &mut Vec<Text>) -> Code {
        let boxed = |part: &Expr, bound: &mut Vec<Text>| Box::new(self.of(part, bound));
        match expr {
            Expr::Literal(literal) => Code::Value(literal.into()),
            Expr::Status => Code::Status,
            Expr::Name(name) => match bound.iter().rev().position(|it| it == name) {
                Some(outwards) => Code::Element(small(outwards)),
                None => Code::Slot(self.slot(name)),
            },
            Expr::Param(name) => Code::Param(self.param(name)),
            Expr::Related { entity, id, field } => {
                Code::Related { entity: entity.clone(), id: boxed(id, bound), field: field.clone() }
            }
            Expr::Len(part) => Code::Len(boxed(part, bound)),
            Expr::Empty(part) => Code::Empty(boxed(part, bound)),
            Expr::Not(part) => Code::Not(boxed(part, bound)),
            Expr::And(parts) => Code::And(parts.iter().map(|part| self.of(part, bound)).collect()),
            Expr::Or(parts) => Code::Or(parts.iter().map(|part| self.of(part, bound)).collect()),
            Expr::Implies(left, right) => Code::Implies(boxed(left, bound), boxed(right, bound)),
            Expr::Compare { order, left, right } => self.compare(*order, left, right, bound),
            Expr::In { item, set, negated } => match (&**item, set) {
                (Expr::Status, Set::Listed(names)) => self.status(|state| is_named(names, state) != *negated),
                (item, set) => Code::In { item: boxed(item, bound), set: self.listed(set, bound), negated: *negated },
            },
            Expr::Arith { op, left, right } => Code::Arith { op: *op, left: boxed(left, bound), right: boxed(right, bound) },
            Expr::Negate(part) => Code::Negate(boxed(part, bound)),
            Expr::Each { all, name, set, holds } => {
                let set = match set {
                    Set::Listed(literals) => {
                        let texts =
                            literals.iter().filter_map(|it| if let Literal::Text(text) = it { Some(text.clone()) } else { None });
                        Listed::Texts(Arc::new(texts.collect()))
                    }
                    Set::Of(list) => Listed::Of(boxed(list, bound)),
                };
                bound.push(name.clone());
                let holds = boxed(holds, bound);
                bound.pop();
                Code::Each { all: *all, set, holds }
            }
        }
    }

    fn compare(&self, order: Order, left: &Expr, right: &Expr, bound: &mut Vec<Text>) -> Code {
        match (left, right) {
            (Expr::Status, Expr::Literal(name)) | (Expr::Literal(name), Expr::Status) if !order.is_ordering() => {
                let names = core::slice::from_ref(name);
                self.status(|state| is_named(names, state) == (order == Order::Equal))
            }
            (Expr::Name(name), Expr::Literal(Literal::Int(with) | Literal::Money(with, _) | Literal::Span(with)))
                if !bound.contains(name) =>
            {
                Code::CompareSlot { order, slot: self.slot(name), with: *with }
            }
            (left, right) => {
                Code::Compare { order, left: Box::new(self.of(left, bound)), right: Box::new(self.of(right, bound)) }
            }
        }
    }

    fn status(&self, holds: impl Fn(&Text) -> bool) -> Code {
        Code::StatusIn(self.spec.states.iter().map(holds).collect())
    }

    fn listed(&self, set: &Set, bound: &mut Vec<Text>) -> Listed {
        match set {
            Set::Listed(literals) => Listed::Values(literals.iter().map(Value::from).collect()),
            Set::Of(list) => Listed::Of(Box::new(self.of(list, bound))),
        }
    }

    fn count(&self, slot: u16, how: Assign, value: &Code) -> Option<Do> {
        let kind = &self.spec.variables[usize::from(slot)].kind;
        let Code::Value(Value::Int(by)) = value else { return None };
        let (by, stops) = match how {
            Assign::Set => return None,
            Assign::Add => (*by, false),
            Assign::Subtract => (by.checked_neg()?, *kind == Kind::Counter),
        };
        Some(Do::Count { slot, by, least: kind.range()?.0, stops })
    }

    fn deed(&self, deed: &Deed) -> Do {
        match deed {
            Deed::Assign { variable, how, value } => {
                let (slot, value) = (self.slot(variable), self.code(value));
                if let Some(counted) = self.count(slot, *how, &value) {
                    return counted;
                }
                match how {
                    Assign::Set => Do::Set { slot, value },
                    Assign::Add => Do::Add { slot, value, subtract: false },
                    Assign::Subtract => Do::Add { slot, value, subtract: true },
                }
            }
            Deed::Append { list, value } => Do::Append { slot: self.slot(list), value: self.code(value) },
            Deed::Remove { list, value } => Do::Remove { slot: self.slot(list), value: self.code(value) },
            Deed::RemoveAt { list, index } => Do::RemoveAt { slot: self.slot(list), index: self.code(index) },
            Deed::Schedule { .. } => Do::Schedule,
            Deed::ScheduleAt { field, .. } => Do::ScheduleAt { slot: self.slot(field) },
            Deed::Spawn { store, id, .. } => {
                Do::Spawn { store: store.as_ref().map(|it| self.slot(it)), id: id.as_ref().map(|it| self.code(it)) }
            }
        }
    }
}

fn is_named(names: &[Literal], state: &Text) -> bool {
    names.iter().any(|name| matches!(name, Literal::Text(name) if name == state))
}
