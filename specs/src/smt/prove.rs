//! What is asked of a spec at this level, in which order, and what follows from the answers.
//!
//! 1. Each invariant holds as the entity is created.
//! 2. One step keeps it: from any state in which all invariants hold, by any action. Those that are not kept so are taken from what is
//!    assumed, and the rest is asked again, until what is assumed is what is kept. That, and nothing less, is proved.
//! 3. What is left is looked for at the end of one step, two steps, .. from the beginning: the first one found is as short as can be. In
//!    between, k steps in which it holds are asked to lead to no state in which it does not.
//! 4. Each action can be taken in some state in which what was proved holds.
//! 5. Each trigger with a guard fires in some state that its action leads to.
//! 6. No state is a dead end: in each that must be left, some action can be taken that needs no argument. Nothing is said where that is not so,
//!    since an argument may do, or no run may come there.
//! 7. Some creation keeps the field invariants, against which every creation is held.

use super::asking::Asking;
use super::found::{Found, Run};
use super::path::{Encoding, Path};
use super::planted::Planted;
use super::proof::{Failed, Limits, Proof};
use super::solver::Solver;
use super::term::{Number, Truth, all, any};
use crate::verdict::{Bound, Finding, Judged, Kind, Level, Property, Reason, Verdict};
use antfarm_automata::{Table, Text};
use std::collections::BTreeMap;
use std::time::Instant;

/// Proves what can be proved of `table` at this level. `tables` are all types that are known, it among them; `file` is where it was read.
///
/// # Errors
///
/// The solver does not answer, or finds what the interpreter does not do.
pub fn prove(table: &Table, tables: &[&Table], file: &str, solver: &mut Solver, limits: Limits) -> Result<Proof, Failed> {
    prove_with(table, tables, file, solver, limits, None)
}

/// The same with a bug in the encoding. Nothing but tests calls it.
///
/// # Errors
///
/// As [`prove`].
pub fn prove_with(
    table: &Table,
    tables: &[&Table],
    file: &str,
    solver: &mut Solver,
    limits: Limits,
    planted: Option<Planted>,
) -> Result<Proof, Failed> {
    let start = Instant::now();
    let encoding = Encoding::new(table, tables, planted);
    let spec = table.spec();
    let mut proving = Proving {
        encoding: &encoding,
        asking: Asking::new(&encoding, solver),
        planted,
        unrolled: BTreeMap::new(),
        verdicts: vec![None; spec.invariants.len()],
        steps: vec![None; spec.invariants.len()],
    };
    proving.base()?;
    let mut proved = proving.inductive(&[])?;
    proving.deeper(&mut proved, limits)?;
    let mut judged = Vec::new();
    for (index, property) in spec.invariants.iter().enumerate() {
        let verdict = match proving.verdicts[index].take() {
            Some(verdict) => verdict,
            None if proved.contains(&index) => Verdict::Verified,
            None => Verdict::Incomplete(proving.steps[index].take().unwrap_or(Reason::Unsolved)),
        };
        judged.push(Judged { property: Property { kind: Kind::Invariant, name: property.name.clone() }, verdict });
    }
    for index in 0..spec.field_invariants.len() {
        judged.push(proving.field(index)?);
    }
    for action in encoding.actions.clone() {
        let enabled = proving.enabled(action, &proved)?;
        let is_enabled = enabled.verdict.is_verified();
        judged.push(enabled);
        if is_enabled {
            proving.triggers(action, &proved, &mut judged)?;
        }
    }
    judged.extend(proving.goes_on(&proved)?);
    let obligations = proving.asking.obligations;
    // A counterexample may be further away.
    let is_hit = judged.iter().any(|it| matches!(it.verdict, Verdict::Incomplete(Reason::NotInductive(_))));
    let bound = |of: &str, to: usize| Bound { of: of.to_owned(), to: to.to_string(), is_hit };
    let finding = Finding {
        spec: spec.entity.clone(),
        file: file.to_owned(),
        level: Level::L0,
        judged,
        bounds: vec![bound("steps of an induction", limits.induction), bound("steps from the beginning", limits.depth)],
        states: obligations.len() as u64,
        took: start.elapsed(),
    };
    Ok(Proof { finding, obligations })
}

/// A path, and of each of its states what each invariant says.
#[derive(Clone)]
struct Unrolled {
    path: Path,
    holds: Vec<Vec<Truth>>,
}

struct Proving<'a> {
    encoding: &'a Encoding<'a>,
    asking: Asking<'a>,
    planted: Option<Planted>,
    unrolled: BTreeMap<(usize, bool), Unrolled>,
    /// What is settled of each invariant.
    verdicts: Vec<Option<Verdict>>,
    /// Why one step does not keep it.
    steps: Vec<Option<Reason>>,
}

impl<'a> Proving<'a> {
    fn property(&self, invariant: usize) -> Property {
        Property { kind: Kind::Invariant, name: self.encoding.table.spec().invariants[invariant].name.clone() }
    }

    /// So many steps from anywhere. `is_alone`: nobody else is there.
    fn unrolled(&mut self, steps: usize, is_alone: bool) -> Unrolled {
        let encoding = self.encoding;
        let key = (steps, is_alone);
        if let Some(known) = self.unrolled.get(&key) {
            return known.clone();
        }
        let mut unrolled = match steps.checked_sub(1) {
            None => Unrolled { path: encoding.anywhere(is_alone), holds: Vec::new() },
            Some(fewer) => {
                let mut unrolled = self.unrolled(fewer, is_alone);
                encoding.step(&mut unrolled.path);
                unrolled
            }
        };
        let path = &mut unrolled.path;
        path.script.note("the invariants");
        let invariants = &encoding.table.spec().invariants;
        let holds = invariants.iter().map(|it| encoding.holds(path, steps, &it.assert));
        let holds = holds.collect();
        unrolled.holds.push(holds);
        self.unrolled.insert(key, unrolled.clone());
        unrolled
    }

    /// Which invariants hold at first.
    fn base(&mut self) -> Result<(), Failed> {
        if self.planted == Some(Planted::BaseDropped) || self.verdicts.is_empty() {
            return Ok(());
        }
        let Unrolled { mut path, holds } = self.unrolled(0, false);
        self.encoding.begin(&mut path);
        path.script.note("and yet one of the invariants does not hold");
        path.script.assert(&all(holds[0].clone()).not());
        let of: Vec<Property> = (0..self.verdicts.len()).map(|it| self.property(it)).collect();
        let is_it = |run: &Run<'a>| run.begins() && (0..of.len()).any(|it| !run.holds(it, 0));
        if matches!(self.asking.find(&of, "base", path, is_it)?, Found::No) {
            return Ok(());
        }
        for index in 0..self.verdicts.len() {
            self.verdicts[index] = self.reached(index, 0, false)?;
            if self.encoding.asks_others && self.verdicts[index].is_some() {
                // Others may be as no run makes them; that there is nobody else is possible always.
                let alone = self.reached(index, 0, true)?;
                let open = Verdict::Incomplete(Reason::Inexpressible("whether others can be as it takes to break it".to_owned()));
                self.verdicts[index] = Some(alone.unwrap_or(open));
            }
        }
        Ok(())
    }

    /// Whether an invariant is broken so many steps from the beginning.
    fn reached(&mut self, index: usize, steps: usize, is_alone: bool) -> Result<Option<Verdict>, Failed> {
        let encoding = self.encoding;
        let Unrolled { mut path, holds } = self.unrolled(steps, is_alone);
        encoding.begin(&mut path);
        path.script.note("and yet it does not hold");
        path.script.assert(&holds[steps][index].not());
        let name = if steps == 0 { "base".to_owned() } else { format!("reach {steps}") };
        let is_it = move |run: &Run<'a>| run.begins() && !run.holds(index, steps);
        Ok(match self.asking.find_plain(&[self.property(index)], &name, path, is_it)? {
            Found::No => None,
            Found::Yes(run) => Some(Verdict::Refuted(Some(run.trace()))),
            Found::Unclear(reason) => Some(Verdict::Incomplete(reason)),
        })
    }

    /// The largest set of invariants that one step keeps, beside those that are proved.
    fn inductive(&mut self, proved: &[usize]) -> Result<Vec<usize>, Failed> {
        let is_left = |it: &usize, verdicts: &[Option<Verdict>]| proved.contains(it) || verdicts[*it].is_none();
        let mut assumed: Vec<usize> = (0..self.verdicts.len()).filter(|it| is_left(it, &self.verdicts)).collect();
        while assumed.len() > proved.len() {
            let asked: Vec<usize> = assumed.iter().copied().filter(|it| !proved.contains(it)).collect();
            let lost = match self.kept(&asked, &assumed)? {
                Found::No => break,
                Found::Yes(run) => {
                    let why = Reason::NotInductive(Box::new(run.trace()));
                    asked.into_iter().filter(|it| !run.holds(*it, 1)).map(|it| (it, why.clone())).collect()
                }
                Found::Unclear(_) => {
                    // Which of them is it? Those that cannot be told alone either are not assumed.
                    let mut lost = Vec::new();
                    for one in asked {
                        match self.kept(&[one], &assumed)? {
                            Found::No => {}
                            Found::Yes(run) => lost.push((one, Reason::NotInductive(Box::new(run.trace())))),
                            Found::Unclear(why) => lost.push((one, why)),
                        }
                    }
                    lost
                }
            };
            if lost.is_empty() {
                break;
            }
            for (index, why) in lost {
                assumed.retain(|it| *it != index);
                self.steps[index].get_or_insert(why);
            }
        }
        Ok(assumed)
    }

    /// Whether a step from a state in which all of `assumed` hold leads to one in which one of `asked` does not.
    fn kept(&mut self, asked: &[usize], assumed: &[usize]) -> Result<Found<'a>, Failed> {
        let Unrolled { mut path, holds } = self.unrolled(1, false);
        path.script.note("what is assumed");
        for index in assumed {
            path.script.assert(&holds[0][*index]);
        }
        path.script.note("and yet it does not hold");
        path.script.assert(&all(asked.iter().map(|it| holds[1][*it].clone())).not());
        let of: Vec<Property> = asked.iter().map(|it| self.property(*it)).collect();
        let is_it = |run: &Run<'a>| assumed.iter().all(|it| run.holds(*it, 0)) && asked.iter().any(|it| !run.holds(*it, 1));
        self.asking.find(&of, "step", path, is_it)
    }

    /// Whether so many steps in which it holds lead to a state in which it does not. What is proved holds in all of them.
    fn lasts(&mut self, index: usize, proved: &[usize], steps: usize) -> Result<bool, Failed> {
        let Unrolled { mut path, holds } = self.unrolled(steps, false);
        path.script.note("what is proved, and what is assumed");
        for (at, holds) in holds.iter().enumerate() {
            for other in proved {
                path.script.assert(&holds[*other]);
            }
            if at < steps {
                path.script.assert(&holds[index]);
            }
        }
        path.script.note("and yet it does not hold");
        path.script.assert(&holds[steps][index].not());
        let is_it = |run: &Run<'a>| (0..steps).all(|at| run.holds(index, at)) && !run.holds(index, steps);
        let told = self.asking.find(&[self.property(index)], &format!("induction {steps}"), path, is_it)?;
        Ok(matches!(told, Found::No))
    }

    /// Whether none of these is broken so many steps from the beginning, whatever others do.
    fn is_out_of_reach(&mut self, open: &[usize], steps: usize) -> Result<bool, Failed> {
        if open.is_empty() {
            return Ok(true);
        }
        let encoding = self.encoding;
        let Unrolled { mut path, holds } = self.unrolled(steps, false);
        encoding.begin(&mut path);
        path.script.note("and yet one of these does not hold");
        path.script.assert(&all(open.iter().map(|it| holds[steps][*it].clone())).not());
        let of: Vec<Property> = open.iter().map(|it| self.property(*it)).collect();
        let is_it = |run: &Run<'a>| run.begins() && open.iter().any(|it| !run.holds(*it, steps));
        Ok(matches!(self.asking.find(&of, &format!("reach {steps}"), path, is_it)?, Found::No))
    }

    /// What one step does not settle.
    fn deeper(&mut self, proved: &mut Vec<usize>, limits: Limits) -> Result<(), Failed> {
        // Where others can act, any number of steps can be theirs, and a longer induction proves no more than a short one.
        let induction = if self.encoding.asks_others { 1 } else { limits.induction.min(limits.depth) };
        for steps in 1..=limits.depth {
            let open: Vec<usize> =
                (0..self.verdicts.len()).filter(|it| self.verdicts[*it].is_none() && !proved.contains(it)).collect();
            // One question for all of them, as long as there is nothing to find.
            let is_near = !self.is_out_of_reach(&open, steps)?;
            for index in open {
                if proved.contains(&index) {
                    continue;
                }
                if is_near {
                    self.verdicts[index] = self.reached(index, steps, true)?;
                }
                if self.verdicts[index].is_none() && (2..=induction).contains(&steps) && self.lasts(index, proved, steps)? {
                    proved.push(index);
                    *proved = self.inductive(proved)?;
                }
            }
        }
        Ok(())
    }

    /// Whether an action can be taken at all.
    fn enabled(&mut self, action: usize, proved: &[usize]) -> Result<Judged, Failed> {
        let property = Property { kind: Kind::Action, name: self.encoding.table.spec().actions[action].name.clone() };
        let mut verdict = Verdict::Verified;
        let Unrolled { mut path, holds } = self.unrolled(0, false);
        path.script.note("what is proved");
        for invariant in proved {
            path.script.assert(&holds[0][*invariant]);
        }
        self.encoding.step_by(&mut path, action);
        match self.asking.find(std::slice::from_ref(&property), "enabled", path, |_| true)? {
            Found::Yes(_) => {}
            Found::No => verdict = Verdict::Refuted(None),
            Found::Unclear(reason) => verdict = Verdict::Incomplete(reason),
        }
        Ok(Judged { property, verdict })
    }

    /// That in each state that must be left some action can be taken without arguments, if that is so and there are such states.
    fn goes_on(&mut self, proved: &[usize]) -> Result<Option<Judged>, Failed> {
        let encoding = self.encoding;
        let spec = encoding.table.spec();
        let must_be_left = |it: &&Text| !spec.terminal.contains(it) && !spec.indefinite.contains(it);
        let left: Vec<&Text> = spec.states.iter().filter(must_be_left).collect();
        let property = Property { kind: Kind::Deadlock, name: Property::DEADLOCK.into() };
        if left.is_empty() {
            return Ok(None);
        }
        let Unrolled { mut path, holds } = self.unrolled(0, false);
        path.script.note("what is proved");
        for invariant in proved {
            path.script.assert(&holds[0][*invariant]);
        }
        let status = path.states[0].status.clone();
        path.script.note("in a state that must be left");
        path.script.assert(&any(left.into_iter().map(|it| status.equals(&Number::known(encoding.texts.code(it))))));
        for action in encoding.actions.iter().copied().filter(|it| encoding.is_plain(*it)) {
            let taken = encoding.act_without(&mut path, action);
            path.script.assert(&taken.happens.not());
        }
        self.encoding.connect(&mut path);
        let is_never = self.asking.is_never(std::slice::from_ref(&property), "goes on", &path)?;
        Ok(is_never.then_some(Judged { property, verdict: Verdict::Verified }))
    }

    /// Whether each guarded trigger of an action that can be taken fires after it in some state.
    fn triggers(&mut self, action: usize, proved: &[usize], judged: &mut Vec<Judged>) -> Result<(), Failed> {
        let encoding = self.encoding;
        let said = &encoding.table.spec().actions[action];
        for (nth, trigger) in said.triggers.iter().enumerate() {
            let Some(guard) = &trigger.guard else { continue };
            let property = Property { kind: Kind::Trigger, name: format!("{}.{}", said.name, trigger.name).as_str().into() };
            let Unrolled { mut path, holds } = self.unrolled(0, false);
            path.script.note("what is proved");
            for invariant in proved {
                path.script.assert(&holds[0][*invariant]);
            }
            encoding.step_by(&mut path, action);
            path.script.note(&format!("and the trigger `{}` fires", trigger.name));
            let fires = encoding.holds(&mut path, 1, guard);
            path.script.assert(&fires);
            if let Some(to) = &trigger.to_state {
                let leads_there = path.states[1].status.equals(&Number::known(encoding.texts.code(to)));
                path.script.assert(&leads_there);
            }
            let verdict = match self.asking.find(std::slice::from_ref(&property), "fires", path, |run| run.fires(0, nth))? {
                Found::Yes(_) => Verdict::Verified,
                Found::No => Verdict::Refuted(None),
                Found::Unclear(reason) => Verdict::Incomplete(reason),
            };
            judged.push(Judged { property, verdict });
        }
        Ok(())
    }

    /// Whether any creation keeps a field invariant beside all others.
    fn field(&mut self, index: usize) -> Result<Judged, Failed> {
        let name = self.encoding.table.spec().field_invariants[index].name.clone();
        let property = Property { kind: Kind::FieldInvariant, name };
        let Unrolled { mut path, .. } = self.unrolled(0, false);
        self.encoding.begin(&mut path);
        let verdict = match self.asking.find(std::slice::from_ref(&property), "creation", path, Run::begins)? {
            Found::Yes(_) => Verdict::Verified,
            Found::No => Verdict::Refuted(None),
            Found::Unclear(reason) => Verdict::Incomplete(reason),
        };
        Ok(Judged { property, verdict })
    }
}
