//! Sorts of expressions: what can be compared with what, what may be null, and which names are known where.

use super::names::list;
use super::{Faults, Sites};
use crate::expr::{Arith, Expr, Literal, Order, Set};
use crate::fault::{Site, Wrong};
use crate::spec::Spec;
use crate::{Kind, Marks, Text};
use alloc::vec::Vec;

/// The specs that are known beside the one that is checked.
#[derive(Clone, Copy)]
pub(crate) struct Others<'a>(pub(crate) &'a [&'a Spec]);

impl Others<'_> {
    pub(crate) const NONE: Self = Self(&[]);
}

/// What an expression is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Type {
    pub(super) sort: Sort,
    /// Whether it may be null.
    pub(super) optional: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    Bool,
    Number(Unit),
    Text,
    List,
    Null,
    /// Known when it is seen.
    Open,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    /// Zero.
    Any,
    None,
    Money(Text),
    Span,
}

impl Sort {
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Bool => "a truth",
            Self::Number(Unit::Any | Unit::None) => "a number",
            Self::Number(Unit::Money(_)) => "an amount of money",
            Self::Number(Unit::Span) => "a span of time",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Null => "null",
            Self::Open => "a property",
        }
    }

    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool,
            Kind::Counter | Kind::Int => Self::Number(Unit::None),
            Kind::Money { unit } => Self::Number(Unit::Money(unit.clone())),
            Kind::Duration => Self::Number(Unit::Span),
            Kind::Text | Kind::Ref { .. } => Self::Text,
            Kind::List { .. } | Kind::Set { .. } => Self::List,
            Kind::Open => Self::Open,
        }
    }
}

const fn plain(sort: Sort) -> Type {
    Type { sort, optional: false }
}

const fn optional(sort: Sort) -> Type {
    Type { sort, optional: true }
}

pub(super) fn check(spec: &Spec, params: &[Vec<Kind>], sites: &Sites, others: Others<'_>, faults: &mut Faults) {
    let nowhere = Marks::default();
    let marks = |site: Site| sites.get(&site).unwrap_or(&nowhere);
    let mut look = |expr: &Expr, site: Site, action: Option<usize>| {
        let mut checker = Checker {
            spec,
            params: action.map(|it| (it, params)),
            others,
            site,
            faults: &mut *faults,
            bound: Vec::new(),
            reach: 1,
        };
        checker.truth(expr, marks(site));
    };
    for (index, action) in spec.actions.iter().enumerate() {
        look(&action.guard, Site::Guard(index), Some(index));
        for (nth, constraint) in action.constraints.iter().enumerate() {
            look(constraint, Site::Constraint(index, nth), Some(index));
        }
        for (nth, trigger) in action.triggers.iter().enumerate() {
            if let Some(guard) = &trigger.guard {
                look(guard, Site::TriggerGuard(index, nth), None);
            }
        }
    }
    for (index, property) in spec.invariants.iter().enumerate() {
        look(&property.assert, Site::Invariant(index), None);
    }
    for (index, property) in spec.field_invariants.iter().enumerate() {
        look(&property.assert, Site::FieldInvariant(index), None);
    }
    for (index, action) in spec.actions.iter().enumerate() {
        for (nth, effect) in action.effects.iter().enumerate() {
            let site = Site::Effect(index, nth);
            let mut checker =
                Checker { spec, params: Some((index, params)), others, site, faults: &mut *faults, bound: Vec::new(), reach: 1 };
            checker.effect(effect, marks(site));
        }
    }
}

pub(super) struct Checker<'a> {
    pub(super) spec: &'a Spec,
    /// The action whose parameters are known, and all kinds.
    pub(super) params: Option<(usize, &'a [Vec<Kind>])>,
    others: Others<'a>,
    site: Site,
    faults: &'a mut Faults,
    bound: Vec<(Text, Option<Text>)>,
    /// How often what is looked at now is looked at, at most.
    pub(super) reach: u64,
}

impl Checker<'_> {
    pub(super) fn refuse(&mut self, marks: &Marks, what: Wrong) -> Option<Type> {
        self.faults.push(self.site, marks.at, what);
        None
    }

    pub(super) fn wanted(&mut self, marks: &Marks, wanted: &'static str, found: &Sort) -> Option<Type> {
        self.refuse(marks, Wrong::Sort { wanted, found: found.words() })
    }

    pub(super) fn truth(&mut self, expr: &Expr, marks: &Marks) {
        let Some(found) = self.sort(expr, marks, false) else { return };
        match found.sort {
            _ if matches!(expr, Expr::Related { .. }) => drop(self.refuse(marks, Wrong::Bare)),
            Sort::Bool | Sort::Open => {}
            Sort::Number(_) | Sort::Text | Sort::List | Sort::Null => drop(self.wanted(marks, "a truth", &found.sort)),
        }
    }

    /// `direct`: whether it stands in a comparison, where a list of entities can be asked.
    pub(super) fn sort(&mut self, expr: &Expr, marks: &Marks, direct: bool) -> Option<Type> {
        match expr {
            Expr::Literal(literal) => self.literal(literal, marks),
            Expr::Status => Some(plain(Sort::Text)),
            Expr::Name(name) => self.name(name, marks),
            Expr::Param(name) => self.param(name, marks).map(|kind| plain(Sort::of(&kind))),
            Expr::Related { entity, id, field } => self.related(entity, id, field, marks, direct),
            Expr::Len(list) => {
                let found = self.sort(list, marks.part(0), false)?;
                if found.sort == Sort::List {
                    Some(plain(Sort::Number(Unit::None)))
                } else {
                    self.wanted(marks, "a list", &found.sort)
                }
            }
            Expr::Empty(inner) => {
                let found = self.sort(inner, marks.part(0), false)?;
                match found.sort {
                    Sort::Text | Sort::List | Sort::Open => Some(plain(Sort::Bool)),
                    Sort::Bool | Sort::Number(_) | Sort::Null => self.wanted(marks, "a text, a list or a reference", &found.sort),
                }
            }
            Expr::Not(inner) => {
                self.truth(inner, marks.part(0));
                Some(plain(Sort::Bool))
            }
            Expr::And(parts) | Expr::Or(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    self.truth(part, marks.part(index));
                }
                Some(plain(Sort::Bool))
            }
            Expr::Implies(left, right) => {
                self.truth(left, marks.part(0));
                self.truth(right, marks.part(1));
                Some(plain(Sort::Bool))
            }
            Expr::Compare { order, left, right } => {
                let one = self.sort(left, marks.part(0), true);
                let other = self.sort(right, marks.part(1), true);
                self.state_names(left, right, marks.part(1));
                self.state_names(right, left, marks.part(0));
                self.compare(*order, &one?, &other?, marks);
                Some(plain(Sort::Bool))
            }
            Expr::In { item, set, .. } => {
                let one = self.sort(item, marks.part(0), true)?;
                match set {
                    Set::Listed(literals) => {
                        for literal in literals {
                            if let Some(other) = self.literal(literal, marks) {
                                self.compare(Order::Equal, &one, &other, marks);
                            }
                            self.state_names(item, &Expr::Literal(literal.clone()), marks);
                        }
                    }
                    Set::Of(list) => {
                        let of = self.sort(list, marks.part(1), false)?;
                        if !matches!(of.sort, Sort::List | Sort::Open) {
                            self.wanted(marks.part(1), "a list", &of.sort);
                        } else if !matches!(one.sort, Sort::Text | Sort::Open | Sort::Null) {
                            self.refuse(marks, Wrong::Mixed { left: one.sort.words(), right: "a list of texts" });
                        }
                    }
                }
                Some(plain(Sort::Bool))
            }
            Expr::Arith { op, left, right } => {
                let one = self.sort(left, marks.part(0), false);
                let other = self.sort(right, marks.part(1), false);
                self.arith(*op, &one?, &other?, marks)
            }
            Expr::Negate(inner) => {
                let found = self.sort(inner, marks.part(0), false)?;
                if matches!(found.sort, Sort::Number(_)) { Some(found) } else { self.wanted(marks, "a number", &found.sort) }
            }
            Expr::Each { name, set, holds, .. } => {
                let mut entity = None;
                if let Some(over) = list(set) {
                    let found = self.sort(over, marks.part(0), false)?;
                    if !matches!(found.sort, Sort::List | Sort::Open) {
                        return self.wanted(marks.part(0), "a list", &found.sort);
                    }
                    entity = self.refers_to(over);
                } else if let Set::Listed(literals) = set
                    && literals.iter().any(|it| !matches!(it, Literal::Text(_)))
                {
                    return self.refuse(marks, Wrong::Sort { wanted: "texts", found: "other literals" });
                }
                let most = match set {
                    Set::Listed(literals) => u64::try_from(literals.len()).unwrap_or(u64::MAX),
                    Set::Of(list) => self.most(list),
                };
                let reach = self.reach;
                self.go_through(most, marks)?;
                self.bound.push((name.clone(), entity));
                self.truth(holds, marks.part(usize::from(list(set).is_some())));
                self.bound.pop();
                self.reach = reach;
                Some(plain(Sort::Bool))
            }
        }
    }

    fn literal(&mut self, literal: &Literal, marks: &Marks) -> Option<Type> {
        Some(match literal {
            Literal::Null => optional(Sort::Null),
            Literal::Bool(_) => plain(Sort::Bool),
            Literal::Int(0) => plain(Sort::Number(Unit::Any)),
            Literal::Int(_) => plain(Sort::Number(Unit::None)),
            Literal::Text(_) => plain(Sort::Text),
            Literal::Span(_) => plain(Sort::Number(Unit::Span)),
            Literal::Money(_, unit) => {
                let units = self.units();
                if !units.contains(unit) {
                    return self.refuse(marks, Wrong::Unknown { of: "unit", name: unit.clone(), known: units });
                }
                plain(Sort::Number(Unit::Money(unit.clone())))
            }
        })
    }

    /// The units of money that variables and parameters are in.
    fn units(&self) -> Vec<Text> {
        let params = self.spec.actions.iter().flat_map(|it| &it.params).filter_map(|it| it.kind.as_ref());
        let kinds = self.spec.variables.iter().map(|it| &it.kind).chain(params);
        let mut units: Vec<Text> =
            kinds.filter_map(|kind| if let Kind::Money { unit } = kind { Some(unit.clone()) } else { None }).collect();
        units.sort();
        units.dedup();
        units
    }

    pub(super) fn name(&mut self, name: &Text, marks: &Marks) -> Option<Type> {
        if self.bound.iter().any(|(bound, _)| bound == name) {
            return Some(plain(Sort::Text));
        }
        let Some(kind) = self.kind(name) else { return self.refuse(marks, self.no_variable(name)) };
        Some(Type { sort: Sort::of(kind), optional: kind.is_optional() })
    }

    /// What is wrong with a name that no variable has.
    pub(super) fn no_variable(&self, name: &Text) -> Wrong {
        if self.spec.is_own_id(name) {
            return Wrong::OwnId(name.clone());
        }
        let known = self.spec.variables.iter().map(|it| it.name.clone()).collect();
        Wrong::Unknown { of: "variable", name: name.clone(), known }
    }

    pub(super) fn kind(&self, name: &Text) -> Option<&Kind> {
        self.spec.variables.iter().find(|it| it.name == *name).map(|it| &it.kind)
    }

    fn param(&mut self, name: &Text, marks: &Marks) -> Option<Kind> {
        let Some((action, kinds)) = self.params else {
            self.refuse(marks, Wrong::NoParams);
            return None;
        };
        let params = &self.spec.actions[action].params;
        let found = params.iter().position(|it| it.name == *name).and_then(|nth| kinds[action].get(nth));
        if found.is_none() {
            let known = params.iter().map(|it| it.name.clone()).collect();
            self.refuse(marks, Wrong::Unknown { of: "parameter", name: name.clone(), known });
        }
        found.cloned()
    }

    /// The type of the entities that a variable, parameter or element refers to, if it says one.
    pub(super) fn refers_to(&self, id: &Expr) -> Option<Text> {
        match id {
            Expr::Name(name) => match self.bound.iter().rev().find(|(bound, _)| bound == name) {
                Some((_, entity)) => entity.clone(),
                None => self.kind(name).and_then(Kind::entity).cloned(),
            },
            Expr::Param(name) => {
                let (action, kinds) = self.params?;
                let nth = self.spec.actions[action].params.iter().position(|it| it.name == *name)?;
                kinds[action].get(nth).and_then(Kind::entity).cloned()
            }
            Expr::Literal(_)
            | Expr::Status
            | Expr::Related { .. }
            | Expr::Len(_)
            | Expr::Empty(_)
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Implies(..)
            | Expr::Compare { .. }
            | Expr::In { .. }
            | Expr::Arith { .. }
            | Expr::Negate(_)
            | Expr::Each { .. } => None,
        }
    }

    fn related(&mut self, entity: &Text, id: &Expr, field: &Text, marks: &Marks, direct: bool) -> Option<Type> {
        let found = self.sort(id, marks.part(0), false)?;
        match found.sort {
            Sort::Text | Sort::Open => {}
            Sort::List if direct => {
                let (reach, most) = (self.reach, self.most(id));
                self.go_through(most, marks)?;
                self.reach = reach;
            }
            Sort::List => return self.refuse(marks, Wrong::Indirect),
            Sort::Bool | Sort::Number(_) | Sort::Null => return self.wanted(marks.part(0), "a reference", &found.sort),
        }
        if let Some(to) = self.refers_to(id)
            && to != *entity
        {
            return self.refuse(marks, Wrong::Refers { to, read: entity.clone() });
        }
        if *field == "status" {
            return Some(optional(Sort::Text));
        }
        let Some(other) = self.other(entity) else { return Some(optional(Sort::Open)) };
        let Some(variable) = other.variables.iter().find(|it| it.name == *field) else {
            let known = other.variables.iter().map(|it| it.name.clone()).collect();
            return self.refuse(marks, Wrong::Unknown { of: "variable", name: field.clone(), known });
        };
        Some(optional(Sort::of(&variable.kind)))
    }

    /// The spec of a type of entities, where it is known.
    fn other(&self, entity: &Text) -> Option<&Spec> {
        if self.spec.entity == *entity {
            return Some(self.spec);
        }
        self.others.0.iter().find(|it| it.entity == *entity).copied()
    }

    /// That what a status is compared with is one of the states.
    fn state_names(&mut self, status: &Expr, with: &Expr, marks: &Marks) {
        let states = match status {
            Expr::Status => Some(&self.spec.states),
            Expr::Related { entity, field, .. } if *field == "status" => self.other(entity).map(|it| &it.states),
            Expr::Literal(_)
            | Expr::Name(_)
            | Expr::Param(_)
            | Expr::Related { .. }
            | Expr::Len(_)
            | Expr::Empty(_)
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Implies(..)
            | Expr::Compare { .. }
            | Expr::In { .. }
            | Expr::Arith { .. }
            | Expr::Negate(_)
            | Expr::Each { .. } => None,
        };
        if let (Some(states), Expr::Literal(Literal::Text(name))) = (states, with)
            && !states.contains(name)
        {
            let known = states.clone();
            self.refuse(marks, Wrong::Unknown { of: "state", name: name.clone(), known });
        }
    }

    fn compare(&mut self, order: Order, one: &Type, other: &Type, marks: &Marks) {
        let mixed = || Wrong::Mixed { left: one.sort.words(), right: other.sort.words() };
        let what = match (&one.sort, &other.sort) {
            (Sort::Null, Sort::Null) => None,
            (Sort::Null, _) => (!other.optional).then_some(Wrong::NeverNull),
            (_, Sort::Null) => (!one.optional).then_some(Wrong::NeverNull),
            (Sort::Open, _) | (_, Sort::Open) => None,
            (Sort::Number(left), Sort::Number(right)) => clash(left, right),
            (Sort::Text | Sort::Bool | Sort::List, _) if one.sort == other.sort => order.is_ordering().then(mixed),
            (Sort::Bool | Sort::Number(_) | Sort::Text | Sort::List, _) => Some(mixed()),
        };
        if let Some(what) = what {
            self.refuse(marks, what);
        }
    }

    fn arith(&mut self, op: Arith, one: &Type, other: &Type, marks: &Marks) -> Option<Type> {
        let unit = |found: &Type| match &found.sort {
            Sort::Number(unit) => Some(unit.clone()),
            Sort::Open => Some(Unit::None),
            Sort::Bool | Sort::Text | Sort::List | Sort::Null => None,
        };
        let (Some(left), Some(right)) = (unit(one), unit(other)) else {
            let wrong = if unit(one).is_none() { one } else { other };
            return self.wanted(marks, "a number", &wrong.sort);
        };
        let plain = |unit: &Unit| matches!(unit, Unit::Any | Unit::None);
        let found = match op {
            Arith::Plus | Arith::Minus => match clash(&left, &right) {
                None => Ok(if left == Unit::Any { right } else { left }),
                Some(what) => Err(what),
            },
            Arith::Times if plain(&left) => Ok(right),
            Arith::Times | Arith::Divide | Arith::Modulo if plain(&right) => Ok(left),
            Arith::Divide if left == right => Ok(Unit::None),
            Arith::Modulo if left == right => Ok(left),
            Arith::Times | Arith::Divide | Arith::Modulo => {
                Err(Wrong::Mixed { left: one.sort.words(), right: other.sort.words() })
            }
        };
        match found {
            Ok(unit) => Some(Type { sort: Sort::Number(unit), optional: one.optional || other.optional }),
            Err(what) => self.refuse(marks, what),
        }
    }
}

/// What is wrong with two units in one sum or comparison.
pub(super) fn clash(one: &Unit, other: &Unit) -> Option<Wrong> {
    let words = |unit: &Unit| match unit {
        Unit::Any | Unit::None => Text::from("a number without a unit"),
        Unit::Money(unit) => unit.clone(),
        Unit::Span => Text::from("a span of time"),
    };
    let fit = one == other || *one == Unit::Any || *other == Unit::Any;
    (!fit).then(|| Wrong::Units { one: words(one), other: words(other) })
}
