//! Whether a spec is well-formed: every name is known, every expression has a sort, and nothing is said twice.
//!
//! What is read and not declared becomes a property that is given at creation, with a notice; parameters without a type take the kind
//! that their use says. All that is wrong is found at once.

mod effects;
mod names;
mod params;
mod reach;
mod sorts;

use crate::fault::{Fault, Notice, Noticed, Site, Wrong};
use crate::spec::{Home, Spec, Started, Target, Variable};
use crate::{Kind, Marks, Text, Value};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use names::MOST;
pub(crate) use params::merged;
pub(crate) use sorts::Others;

/// Where the texts of a spec were read from.
pub type Sites = BTreeMap<Site, Marks>;

/// A checked spec, before it is compiled.
pub(crate) struct Checked {
    pub(crate) spec: Spec,
    /// The kinds of the parameters of each action.
    pub(crate) params: Vec<Vec<Kind>>,
    pub(crate) notices: Vec<Notice>,
}

pub(crate) fn check(mut spec: Spec, sites: &Sites) -> Result<Checked, Vec<Fault>> {
    let mut faults = Faults(Vec::new());
    // What is beyond its bounds is not looked at: it would take for ever.
    names::bounds(&spec, &mut faults);
    names::written(&spec, &mut faults);
    if !faults.0.is_empty() {
        return Err(faults.0);
    }
    names::check(&spec, &mut faults);
    own_ids(&mut spec);
    let mut notices = imply(&mut spec, sites);
    enable_timeouts(&mut spec);
    let params: Vec<Vec<Kind>> = (0..spec.actions.len()).map(|action| params::kinds(&spec, action, &mut faults)).collect();
    sorts::check(&spec, &params, sites, Others::NONE, &mut faults);
    ghosts(&spec, sites, &mut faults);
    lasting(&spec, &mut notices);
    match faults.0.is_empty() {
        true => Ok(Checked { spec, params, notices }),
        false => Err(faults.0),
    }
}

/// What is wrong with what a spec says of other types, once these are known.
pub(crate) fn check_beside(spec: &Spec, params: &[Vec<Kind>], sites: &Sites, others: Others<'_>) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    sorts::check(spec, params, sites, others, &mut faults);
    faults.0
}

/// The faults found so far.
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    fn push(&mut self, site: Site, at: usize, what: Wrong) {
        self.0.push(Fault { site, at, what });
    }

    /// That one of `known` is called `name`.
    fn know<'a>(&mut self, site: Site, at: usize, of: &'static str, name: &Text, known: impl Iterator<Item = &'a Text> + Clone) {
        if !known.clone().any(|it| it == name) {
            let known = known.cloned().collect();
            self.push(site, at, Wrong::Unknown { of, name: name.clone(), known });
        }
    }
}

/// A trigger for the entity that the own id names is one for the entity with the same id.
fn own_ids(spec: &mut Spec) {
    let own: Vec<Text> = ["Id", "id"].map(Text::from).into_iter().filter(|name| spec.is_own_id(name)).collect();
    for trigger in spec.actions.iter_mut().flat_map(|it| &mut it.triggers) {
        if let Started::Entity { target, .. } = &mut trigger.deed
            && matches!(target, Target::Field(name) if own.contains(name))
        {
            *target = Target::SameId;
        }
    }
}

/// Declares what is read as a property of the data model without being declared.
fn imply(spec: &mut Spec, sites: &Sites) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (name, site, at) in names::properties(spec, sites) {
        if spec.variables.iter().any(|it| it.name == name) || spec.is_own_id(&name) {
            continue;
        }
        notices.push(Notice { site, at, what: Noticed::Implied(name.clone()) });
        spec.variables.push(Variable {
            name,
            kind: Kind::Open,
            initial: Value::Null,
            given: true,
            ghost: false,
            implied: true,
            home: Home::Unstated,
            stored: Vec::new(),
        });
    }
    notices
}

/// The action of a timeout is enabled in its state.
fn enable_timeouts(spec: &mut Spec) {
    for timeout in &spec.timeouts {
        for action in spec.actions.iter_mut().filter(|it| it.name == timeout.action) {
            if !action.from.is_empty() && !action.from.contains(&timeout.state) {
                action.from.push(timeout.state.clone());
            }
        }
    }
}

fn lasting(spec: &Spec, notices: &mut Vec<Notice>) {
    for (index, state) in spec.states.iter().enumerate() {
        let ends = spec.timeouts.iter().any(|it| it.state == *state);
        if !ends && !spec.terminal.contains(state) && !spec.indefinite.contains(state) {
            notices.push(Notice { site: Site::State(index), at: 0, what: Noticed::Lasts(state.clone()) });
        }
    }
}

/// INVARIANT(ghosts-do-not-interfere): what is no ghost is a function of what is no ghost.
fn ghosts(spec: &Spec, sites: &Sites, faults: &mut Faults) {
    let is_ghost = |name: &Text| spec.variables.iter().any(|it| it.ghost && it.name == *name);
    let nowhere = Marks::default();
    let mut refuse = |expr: &crate::Expr, site: Site, at: usize| {
        expr.walk(&mut |part| {
            if let crate::Expr::Name(name) = part
                && is_ghost(name)
            {
                faults.push(site, at, Wrong::Ghost(name.clone()));
            }
        });
    };
    for (index, action) in spec.actions.iter().enumerate() {
        refuse(&action.guard, Site::Guard(index), 0);
        for (nth, constraint) in action.constraints.iter().enumerate() {
            refuse(constraint, Site::Constraint(index, nth), 0);
        }
        for (nth, effect) in action.effects.iter().enumerate() {
            let site = Site::Effect(index, nth);
            let marks = sites.get(&site).unwrap_or(&nowhere);
            if !effect.writes().is_some_and(&is_ghost) {
                for (part, expr) in effect.parts().into_iter().enumerate() {
                    refuse(expr, site, marks.part(part).at);
                }
            }
        }
        for (nth, trigger) in action.triggers.iter().enumerate() {
            if let Some(guard) = &trigger.guard {
                refuse(guard, Site::TriggerGuard(index, nth), 0);
            }
            for name in names::trigger_fields(trigger).filter(|name| is_ghost(name)) {
                refuse(&crate::Expr::Name(name.clone()), Site::Trigger(index, nth), 0);
            }
        }
    }
}
