//! Whether tables fit each other: what reactions, timers and reads say of other types is there, and gives what is needed.

use crate::effect::Deed;
use crate::entities::alarms::read;
use crate::expr::Expr;
use crate::fault::{Fault, Site, Wrong};
use crate::spec::{Composite, Home, Mode, Spec, Started, Target};
use crate::{Kind, Sites, Table, Text, Value};
use alloc::vec::Vec;
use core::fmt;

/// What of a table does not fit the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misfit {
    /// The place of the table among those that were given.
    pub table: usize,
    /// The name of its type.
    pub entity: Text,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, {}", self.entity, self.fault)
    }
}

impl core::error::Error for Misfit {}

pub(super) fn misfits(tables: &[Table]) -> Vec<Misfit> {
    let all: Vec<&Table> = tables.iter().collect();
    let mut misfits = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let mut fitting = Fitting { tables, table, spec: table.spec(), faults: Vec::new() };
        fitting.faults.extend(table.beside(&all, &Sites::new()));
        let name = &table.spec().entity;
        if tables[..index].iter().any(|it| it.spec().entity == *name) {
            fitting.refuse(Site::Automaton, Wrong::Twice { of: "type", name: name.clone() });
        }
        fitting.homes();
        fitting.reads();
        fitting.reactions();
        fitting.timers();
        let entity = || name.clone();
        misfits.extend(fitting.faults.into_iter().map(|fault| Misfit { table: index, entity: entity(), fault }));
    }
    misfits
}

struct Fitting<'a> {
    tables: &'a [Table],
    table: &'a Table,
    spec: &'a Spec,
    faults: Vec<Fault>,
}

impl<'a> Fitting<'a> {
    fn refuse(&mut self, site: Site, what: Wrong) {
        self.faults.push(Fault { site, at: 0, what });
    }

    fn entity(&mut self, site: Site, name: &Text) -> Option<&'a Table> {
        let found = self.tables.iter().find(|it| it.spec().entity == *name);
        if found.is_none() {
            let known = self.tables.iter().map(|it| it.spec().entity.clone()).collect();
            self.refuse(site, Wrong::Unknown { of: "type", name: name.clone(), known });
        }
        found
    }

    /// An action that somebody else takes: its type and number.
    fn action(&mut self, site: Site, entity: &Text, name: &Text) -> Option<(&'a Table, usize)> {
        let table = self.entity(site, entity)?;
        let Some(action) = table.action(name) else {
            let known = table.spec().actions.iter().map(|it| it.name.clone()).collect();
            self.refuse(site, Wrong::Unknown { of: "action", name: name.clone(), known });
            return None;
        };
        if table.spec().actions[action].mode == Mode::Output {
            self.refuse(site, Wrong::Untaken(name.clone()));
            return None;
        }
        Some((table, action))
    }

    /// That what guards ask can be asked: nothing here reserves what an entity of another home says.
    fn homes(&mut self) {
        for (index, variable) in self.spec.variables.iter().enumerate() {
            match variable.home {
                Home::Reserved => self.refuse(Site::Variable(index), Wrong::Unreserved(variable.name.clone())),
                Home::Same | Home::Unstated => {}
            }
        }
    }

    /// That every type that an expression asks is there.
    fn reads(&mut self) {
        let spec = self.spec;
        let mut seen: Vec<(Site, &Expr)> = Vec::new();
        for (index, action) in spec.actions.iter().enumerate() {
            seen.push((Site::Guard(index), &action.guard));
            seen.extend(action.constraints.iter().enumerate().map(|(nth, it)| (Site::Constraint(index, nth), it)));
            for (nth, effect) in action.effects.iter().enumerate() {
                seen.extend(effect.parts().into_iter().map(|it| (Site::Effect(index, nth), it)));
            }
            for (nth, trigger) in action.triggers.iter().enumerate() {
                seen.extend(trigger.guard.iter().map(|it| (Site::TriggerGuard(index, nth), it)));
            }
        }
        seen.extend(spec.invariants.iter().enumerate().map(|(nth, it)| (Site::Invariant(nth), &it.assert)));
        seen.extend(spec.field_invariants.iter().enumerate().map(|(nth, it)| (Site::FieldInvariant(nth), &it.assert)));
        for (site, expr) in seen {
            let mut asked: Vec<&Text> = Vec::new();
            expr.walk(&mut |part| {
                if let Expr::Related { entity, .. } = part
                    && !asked.contains(&entity)
                {
                    asked.push(entity);
                }
            });
            for entity in asked {
                self.entity(site, entity);
            }
        }
    }

    fn reactions(&mut self) {
        for (index, action) in self.spec.actions.iter().enumerate() {
            for (nth, effect) in action.effects.iter().enumerate() {
                let site = Site::Effect(index, nth);
                if let Deed::Spawn { entity, action, .. } = &effect.deed
                    && let Some((table, action)) = self.action(site, entity, action)
                {
                    self.begins(site, table, action);
                    self.given(site, table, action, &[]);
                }
            }
            for (nth, trigger) in action.triggers.iter().enumerate() {
                self.trigger(Site::Trigger(index, nth), &trigger.deed);
            }
            if let Some(composite) = &action.composite {
                self.composite(index, composite);
            }
        }
    }

    fn composite(&mut self, index: usize, composite: &Composite) {
        let site = Site::Action(index);
        for (entity, action, _) in &composite.writes {
            self.action(site, entity, action);
        }
        let action = &self.spec.actions[index];
        let has =
            [("`to`", action.to.is_some()), ("effect", !action.effects.is_empty()), ("trigger", !action.triggers.is_empty())];
        for (what, _) in has.iter().filter(|(_, has)| *has && !composite.record_parent_event) {
            self.refuse(site, Wrong::Unrecorded(what));
        }
    }

    fn trigger(&mut self, site: Site, deed: &Started) {
        let Started::Entity { entity, action, target, params, params_from } = deed else { return };
        let Some((table, action)) = self.action(site, entity, action) else { return };
        if let Target::Field(name) | Target::CreateIfMissing(name) = target
            && let Some(slot) = self.table.variable(name)
        {
            let kind = &self.spec.variables[slot].kind;
            if let Some(to) = kind.entity().filter(|to| *to != entity) {
                self.refuse(site, Wrong::Refers { to: to.clone(), read: entity.clone() });
            } else if !matches!(kind, Kind::Text | Kind::Ref { .. } | Kind::Open) {
                self.refuse(site, Wrong::Sort { wanted: "a reference", found: kind.word() });
            }
        }
        if *target == Target::Create {
            self.begins(site, table, action);
        }
        let names: Vec<&Text> = params.iter().map(|(name, _)| name).chain(params_from.iter().map(|(name, _)| name)).collect();
        self.given(site, table, action, &names);
        let kind = |name: &Text| {
            let nth = table.spec().actions[action].params.iter().position(|it| it.name == *name)?;
            table.params(action).get(nth)
        };
        for (name, value) in params {
            if let Some(kind) = kind(name)
                && *value != Value::Null
                && !kind.holds(value)
            {
                self.refuse(site, Wrong::Initial(kind.word()));
            }
        }
        let own = Kind::Ref { entity: self.spec.entity.clone() };
        for (name, from) in params_from {
            let held = match self.table.variable(from) {
                Some(slot) => Some(&self.spec.variables[slot].kind),
                None => self.spec.is_own_id(from).then_some(&own),
            };
            if let (Some(into), Some(held)) = (kind(name), held)
                && let Some(what) = clash(name, into, held)
            {
                self.refuse(site, what);
            }
        }
    }

    /// That an action can be the first that an entity takes.
    fn begins(&mut self, site: Site, table: &Table, action: usize) {
        let initial = table.status(&table.spec().initial);
        if !initial.is_some_and(|initial| table.leads_from(action, initial)) {
            self.refuse(site, Wrong::NotFirst(table.spec().actions[action].name.clone()));
        }
    }

    /// That all that an action needs is given, and nothing that it does not have.
    fn given(&mut self, site: Site, table: &Table, action: usize, names: &[&Text]) {
        let params = &table.spec().actions[action].params;
        for (nth, param) in params.iter().enumerate() {
            if table.is_required(action, nth) && !names.contains(&&param.name) {
                let action = table.spec().actions[action].name.clone();
                self.refuse(site, Wrong::Ungiven { action, param: param.name.clone() });
            }
        }
        for name in names.iter().filter(|name| !params.iter().any(|it| it.name == ***name)) {
            let known = params.iter().map(|it| it.name.clone()).collect();
            self.refuse(site, Wrong::Unknown { of: "parameter", name: (*name).clone(), known });
        }
    }

    fn timers(&mut self) {
        let (table, spec) = (self.table, self.spec);
        for (index, timeout) in spec.timeouts.iter().enumerate() {
            let site = Site::Timeout(index);
            let Some((_, action)) = self.action(site, &spec.entity, &timeout.action) else { continue };
            let names: Vec<&Text> = timeout.params.iter().map(|(name, _)| name).collect();
            self.given(site, table, action, &names);
            for (name, text) in &timeout.params {
                let nth = spec.actions[action].params.iter().position(|it| it.name == *name);
                if let Some(kind) = nth.and_then(|nth| table.params(action).get(nth))
                    && read(kind, text).is_none()
                {
                    self.refuse(site, Wrong::Initial(kind.word()));
                }
            }
        }
        for (index, action) in spec.actions.iter().enumerate() {
            for (nth, effect) in action.effects.iter().enumerate() {
                if let Deed::Schedule { action, .. } | Deed::ScheduleAt { action, .. } = &effect.deed
                    && let Some((_, action)) = self.action(Site::Effect(index, nth), &spec.entity, action)
                {
                    self.given(Site::Effect(index, nth), table, action, &[]);
                }
            }
        }
    }
}

/// Why a parameter cannot take what a variable holds.
fn clash(param: &Text, into: &Kind, from: &Kind) -> Option<Wrong> {
    if let (Some(to), Some(read)) = (from.entity(), into.entity())
        && to != read
    {
        return Some(Wrong::Refers { to: to.clone(), read: read.clone() });
    }
    if let (Kind::Money { unit: one }, Kind::Money { unit: other }) = (from, into)
        && one != other
    {
        return Some(Wrong::Units { one: one.clone(), other: other.clone() });
    }
    let family = |kind: &Kind| match kind {
        Kind::Bool => 0,
        Kind::Counter | Kind::Int => 1,
        Kind::Money { .. } => 2,
        Kind::Duration => 3,
        Kind::Text | Kind::Ref { .. } => 4,
        Kind::List { .. } | Kind::Set { .. } => 5,
        Kind::Open => 6,
    };
    let fits = family(into) == family(from)
        || *from == Kind::Open && into.most().is_none()
        || *into == Kind::Open && from.most().is_none();
    (!fits).then(|| Wrong::Kinds { param: param.clone(), one: from.word(), other: into.word() })
}
