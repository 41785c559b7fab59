//! Names: known, unique, and spelt so that the expression language can say them.

use super::{Faults, Sites};
use crate::effect::Deed;
use crate::expr::{Expr, Set};
use crate::fault::{Site, Wrong};
use crate::misread::Misread;
use crate::parse::{is_name, reads_back};
use crate::spec::{Goal, Mode, Spec, Started, Target, Trigger};
use crate::{Marks, Text};
use alloc::vec::Vec;

/// The most states, variables, actions or properties of a spec, and the most effects or parameters of an action.
pub const MOST: usize = 1000;

pub(super) fn check(spec: &Spec, faults: &mut Faults) {
    if !is_name(&spec.entity) {
        faults.push(Site::Automaton, 0, Wrong::NoName(spec.entity.clone()));
    }
    unique(faults, "state", spec.states.iter(), Site::State);
    unique(faults, "variable", spec.variables.iter().map(|it| &it.name), Site::Variable);
    unique(faults, "action", spec.actions.iter().map(|it| &it.name), Site::Action);
    unique(faults, "invariant", spec.invariants.iter().map(|it| &it.name), Site::Invariant);
    unique(faults, "field invariant", spec.field_invariants.iter().map(|it| &it.name), Site::FieldInvariant);
    unique(faults, "liveness propertie", spec.liveness.iter().map(|it| &it.name), Site::Liveness);
    let states = || spec.states.iter();
    faults.know(Site::Initial, 0, "state", &spec.initial, states());
    for (index, state) in spec.terminal.iter().enumerate() {
        faults.know(Site::Terminal(index), 0, "state", state, states());
    }
    for (index, state) in spec.indefinite.iter().enumerate() {
        faults.know(Site::Indefinite(index), 0, "state", state, states());
    }
    for (index, variable) in spec.variables.iter().enumerate() {
        if !is_name(&variable.name) {
            faults.push(Site::Variable(index), 0, Wrong::NoName(variable.name.clone()));
        }
        if !variable.kind.holds(&variable.initial) {
            faults.push(Site::VariableInitial(index), 0, Wrong::Initial(variable.kind.word()));
        }
    }
    for index in 0..spec.actions.len() {
        action(spec, index, faults);
    }
    let actions = || spec.actions.iter().map(|it| &it.name);
    for (index, liveness) in spec.liveness.iter().enumerate() {
        let reached = match &liveness.goal {
            Goal::Reaches(states) => states.as_slice(),
            Goal::HasActions => &[],
        };
        for state in liveness.from.iter().chain(reached) {
            faults.know(Site::Liveness(index), 0, "state", state, states());
        }
        for action in liveness.fair.iter().flatten() {
            faults.know(Site::Liveness(index), 0, "action", action, actions());
        }
    }
    for (index, timeout) in spec.timeouts.iter().enumerate() {
        let site = Site::Timeout(index);
        faults.know(site, 0, "state", &timeout.state, states());
        faults.know(site, 0, "action", &timeout.action, actions());
        for action in &timeout.reset_on {
            faults.know(site, 0, "action", action, actions());
        }
        if spec.terminal.contains(&timeout.state) {
            faults.push(site, 0, Wrong::Terminal(timeout.state.clone()));
        }
        if let Some(action) = spec.actions.iter().find(|it| it.name == timeout.action) {
            for (param, _) in &timeout.params {
                faults.know(site, 0, "parameter", param, action.params.iter().map(|it| &it.name));
            }
        }
    }
    for (index, outside) in spec.outside.iter().enumerate() {
        if let Some(action) = &outside.action {
            faults.know(Site::Outside(index), 0, "action", action, actions());
        }
    }
}

pub(super) fn bounds(spec: &Spec, faults: &mut Faults) {
    if spec.states.is_empty() {
        faults.push(Site::Automaton, 0, Wrong::None("state"));
    }
    let mut bound = |site, of, number: usize| {
        if number > MOST {
            faults.push(site, 0, Wrong::TooMany { of, most: MOST });
        }
    };
    bound(Site::Automaton, "states", spec.states.len());
    bound(Site::Automaton, "variables", spec.variables.len());
    bound(Site::Automaton, "actions", spec.actions.len());
    bound(Site::Automaton, "timeouts", spec.timeouts.len());
    bound(Site::Automaton, "tables of a server", spec.outside.len());
    bound(Site::Automaton, "terminal or indefinite states", spec.terminal.len().max(spec.indefinite.len()));
    bound(Site::Automaton, "properties", spec.invariants.len() + spec.field_invariants.len() + spec.liveness.len());
    for (index, action) in spec.actions.iter().enumerate() {
        bound(Site::Action(index), "effects", action.effects.len());
        bound(Site::Action(index), "parameters", action.params.len());
        bound(Site::Action(index), "triggers", action.triggers.len());
        bound(Site::Action(index), "constraints", action.constraints.len());
        bound(Site::Action(index), "states", action.from.len());
    }
}

/// INVARIANT(digest-of-what-reads-back): a spec is written as a file that can be read, the same one however often.
pub(super) fn written(spec: &Spec, faults: &mut Faults) {
    let mut refuse = |site, found: Result<(), Misread>| {
        if let Err(wrong) = found {
            faults.push(site, 0, Wrong::Unwritable(wrong.what));
        }
    };
    for (index, action) in spec.actions.iter().enumerate() {
        refuse(Site::Guard(index), reads_back(&action.whole_guard()));
        for (nth, effect) in action.effects.iter().enumerate() {
            refuse(Site::Effect(index, nth), effect.reads_back());
        }
        for (nth, trigger) in action.triggers.iter().enumerate() {
            refuse(Site::TriggerGuard(index, nth), trigger.guard.as_ref().map_or(Ok(()), reads_back));
        }
    }
    for (index, it) in spec.invariants.iter().enumerate() {
        refuse(Site::Invariant(index), reads_back(&it.assert));
    }
    for (index, it) in spec.field_invariants.iter().enumerate() {
        refuse(Site::FieldInvariant(index), reads_back(&it.assert));
    }
}

fn unique<'a>(faults: &mut Faults, of: &'static str, names: impl Iterator<Item = &'a Text>, site: impl Fn(usize) -> Site) {
    let mut seen = Vec::new();
    for (index, name) in names.enumerate() {
        if name.is_empty() {
            faults.push(site(index), 0, Wrong::None("name"));
        } else if seen.contains(&name) {
            faults.push(site(index), 0, Wrong::Twice { of, name: name.clone() });
        }
        seen.push(name);
    }
}

fn action(spec: &Spec, index: usize, faults: &mut Faults) {
    let action = &spec.actions[index];
    for (nth, state) in action.from.iter().enumerate() {
        let site = Site::From(index, nth);
        faults.know(site, 0, "state", state, spec.states.iter());
        if spec.terminal.contains(state) {
            faults.push(site, 0, Wrong::Terminal(state.clone()));
        }
    }
    if let Some(state) = &action.to {
        faults.know(Site::To(index), 0, "state", state, spec.states.iter());
    }
    unique(faults, "parameter", action.params.iter().map(|it| &it.name), |nth| Site::Param(index, nth));
    for (nth, param) in action.params.iter().enumerate() {
        if !is_name(&param.name) {
            faults.push(Site::Param(index, nth), 0, Wrong::NoName(param.name.clone()));
        }
    }
    if action.mode == Mode::Output {
        let has = [
            ("`to`", action.to.is_some()),
            ("guard", action.guard != Expr::ALWAYS),
            ("effect", !action.effects.is_empty()),
            ("trigger", !action.triggers.is_empty()),
        ];
        for (what, _) in has.iter().filter(|(_, has)| *has) {
            faults.push(Site::Action(index), 0, Wrong::Event(what));
        }
    }
    let actions = || spec.actions.iter().map(|it| &it.name);
    for (nth, effect) in action.effects.iter().enumerate() {
        let site = Site::Effect(index, nth);
        match &effect.deed {
            Deed::Schedule { action, .. } | Deed::ScheduleAt { action, .. } => faults.know(site, 0, "action", action, actions()),
            Deed::Spawn { entity, action, .. } if *entity == spec.entity => faults.know(site, 0, "action", action, actions()),
            Deed::Spawn { .. } | Deed::Assign { .. } | Deed::Append { .. } | Deed::Remove { .. } | Deed::RemoveAt { .. } => {}
        }
    }
    for (nth, trigger) in action.triggers.iter().enumerate() {
        let site = Site::Trigger(index, nth);
        if let Some(state) = &trigger.to_state {
            faults.know(site, 0, "state", state, spec.states.iter());
        }
        match &trigger.deed {
            Started::Entity { entity, action, .. } if *entity == spec.entity => faults.know(site, 0, "action", action, actions()),
            Started::Entity { .. } => {}
            Started::Outside { on_success, on_failure, .. } => {
                for action in on_success.iter().chain(on_failure) {
                    faults.know(site, 0, "action", action, actions());
                }
            }
        }
    }
}

/// The variables that a trigger reads besides its guard.
pub(super) fn trigger_fields(trigger: &Trigger) -> impl Iterator<Item = &Text> {
    let (target, from) = match &trigger.deed {
        Started::Entity { target, params_from, .. } => (Some(target), params_from.as_slice()),
        Started::Outside { .. } => (None, [].as_slice()),
    };
    let field = target.and_then(|target| match target {
        Target::Field(field) | Target::CreateIfMissing(field) => Some(field),
        Target::SameId | Target::Fixed(_) | Target::Create => None,
    });
    field.into_iter().chain(from.iter().map(|(_, field)| field))
}

/// Names that are read where any property of the data model may be: as the id of a related entity, in `empty`, in guards of triggers
/// and field invariants, and where triggers and timers take values from.
pub(super) fn properties(spec: &Spec, sites: &Sites) -> Vec<(Text, Site, usize)> {
    let mut found = Vec::new();
    let nowhere = Marks::default();
    let marks = |site: Site| sites.get(&site).unwrap_or(&nowhere);
    let mut look = |expr: &Expr, marks: &Marks, site: Site, all: bool| {
        read(expr, marks, all, &mut Vec::new(), &mut |name, at| found.push((name.clone(), site, at)))
    };
    for (index, action) in spec.actions.iter().enumerate() {
        look(&action.guard, marks(Site::Guard(index)), Site::Guard(index), false);
        for (nth, constraint) in action.constraints.iter().enumerate() {
            let site = Site::Constraint(index, nth);
            look(constraint, marks(site), site, false);
        }
        for (nth, effect) in action.effects.iter().enumerate() {
            let site = Site::Effect(index, nth);
            for (part, expr) in effect.parts().into_iter().enumerate() {
                look(expr, marks(site).part(part), site, false);
            }
            let field = match &effect.deed {
                Deed::ScheduleAt { field, .. } => Some(field),
                Deed::Spawn { store, .. } => store.as_ref(),
                Deed::Assign { .. }
                | Deed::Append { .. }
                | Deed::Remove { .. }
                | Deed::RemoveAt { .. }
                | Deed::Schedule { .. } => None,
            };
            if let Some(field) = field {
                look(&Expr::Name(field.clone()), &Marks::at(marks(site).at), site, true);
            }
        }
        for (nth, trigger) in action.triggers.iter().enumerate() {
            if let Some(guard) = &trigger.guard {
                let site = Site::TriggerGuard(index, nth);
                look(guard, marks(site), site, true);
            }
            for field in trigger_fields(trigger) {
                look(&Expr::Name(field.clone()), &nowhere, Site::Trigger(index, nth), true);
            }
        }
    }
    for (index, property) in spec.invariants.iter().enumerate() {
        look(&property.assert, marks(Site::Invariant(index)), Site::Invariant(index), false);
    }
    for (index, property) in spec.field_invariants.iter().enumerate() {
        let site = Site::FieldInvariant(index);
        look(&property.assert, marks(site), site, true);
    }
    found
}

/// Calls `see` with each name that may be a property: all that are no elements where `all`, otherwise those of references.
fn read(expr: &Expr, marks: &Marks, all: bool, bound: &mut Vec<Text>, see: &mut dyn FnMut(&Text, usize)) {
    if let Expr::Name(name) = expr
        && all
        && !bound.contains(name)
    {
        see(name, marks.at);
    }
    let names_property = matches!(expr, Expr::Related { .. } | Expr::Empty(_));
    let binds = match expr {
        Expr::Each { name, .. } => Some(name),
        Expr::Literal(_)
        | Expr::Status
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
        | Expr::Negate(_) => None,
    };
    let parts = expr.parts();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.into_iter().enumerate() {
        // The element is known in what must hold, not in the set that is gone through.
        let is_inner = index == last;
        if let Some(name) = binds.filter(|_| is_inner) {
            bound.push(name.clone());
        }
        read(part, marks.part(index), all || names_property, bound, see);
        if binds.is_some() && is_inner {
            bound.pop();
        }
    }
}

/// The set that is gone through, if it is a list.
pub(super) fn list(set: &Set) -> Option<&Expr> {
    match set {
        Set::Listed(_) => None,
        Set::Of(list) => Some(list),
    }
}
