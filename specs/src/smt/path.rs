//! Several steps of one entity after another, each by any action.

use super::action::{Argument, Made, Taken, arguments, reaches_others, taken};
use super::list::List;
use super::look::{Desk, Look};
use super::planted::Planted;
use super::related::{Others, Reads, World};
use super::script::Script;
use super::state::{Symbolic, fixed, is_null};
use super::term::{Number, Truth, all, any};
use super::texts::Texts;
use super::value::{Val, null};
use crate::relate::{begets, goes_far, may_be_born, returns, written};
use antfarm_automata::entities::home_of;
use antfarm_automata::{Deed, Expr, Home, Mode, Spec, Started, Table, Text};
use std::collections::BTreeSet;

/// What is the same for all obligations about one table.
pub(super) struct Encoding<'a> {
    pub(super) table: &'a Table,
    tables: &'a [&'a Table],
    pub(super) texts: Texts,
    /// What the spec writes out, and the names of states, which as ids name nobody of this home.
    pub(super) said: BTreeSet<Text>,
    planted: Option<Planted>,
    /// The actions that anybody may take.
    pub(super) actions: Vec<usize>,
    /// Whether anything that the spec says depends on other entities.
    pub(super) asks_others: bool,
    /// By action.
    far: Vec<bool>,
    returns: Vec<bool>,
    /// By action, too: the types that may get somebody of whom nothing is known.
    begets: Vec<BTreeSet<Text>>,
}

/// Steps, as constants and what is asserted of them.
#[derive(Clone)]
pub(super) struct Path {
    pub(super) script: Script,
    pub(super) reads: Reads,
    pub(super) states: Vec<Symbolic>,
    pub(super) steps: Vec<Step>,
    pub(super) is_alone: bool,
}

/// One step.
#[derive(Clone)]
pub(super) struct Step {
    /// The number of the action; as many as there are actions where only others moved.
    pub(super) action: Number,
    /// The actions that may be taken.
    pub(super) by: Vec<Way>,
    /// Whether nobody else moved.
    still: Truth,
}

impl Step {
    /// Whether it is the action with this number.
    fn is(&self, action: usize) -> Truth {
        self.action.equals(&Number::known(i128::try_from(action).expect("there are few actions")))
    }
}

/// An action that a step may be.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) action: usize,
    pub(super) arguments: Vec<Argument>,
    pub(super) made: Vec<Made>,
}

impl Path {
    /// Whom the actions create that its steps may be, and where they do.
    fn made(&self) -> impl Iterator<Item = (Truth, &Made)> {
        let ways = self.steps.iter().flat_map(|step| step.by.iter().map(|way| (step.is(way.action), way)));
        ways.flat_map(|(is, way)| way.made.iter().map(move |made| (is.and(&made.when), made)))
    }

    /// The ids of new entities.
    pub(super) fn fresh(&self) -> impl Iterator<Item = &Number> {
        let made = self.steps.iter().flat_map(|step| &step.by).flat_map(|way| &way.made);
        made.filter(|it| it.is_new).map(|it| &it.id)
    }

    /// The lists of its states, and those that actions may be given.
    pub(super) fn lists(&self) -> impl Iterator<Item = &List> {
        let values = self.states.iter().flat_map(|it| &it.slots).chain(self.given());
        values.filter_map(|it| match it {
            Val::List(list) => Some(list),
            Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. } => None,
        })
    }

    /// What actions may be given.
    pub(super) fn given(&self) -> impl Iterator<Item = &Val> {
        self.steps.iter().flat_map(|step| &step.by).flat_map(|way| way.arguments.iter().map(|it| &it.value))
    }
}

fn asks(spec: &Spec) -> bool {
    let mut asks = false;
    spec.expressions().for_each(|it| it.walk(&mut |part| asks |= matches!(part, Expr::Related { .. })));
    asks
}

impl<'a> Encoding<'a> {
    /// `tables` are all types that are known, `table` among them.
    pub(super) fn new(table: &'a Table, tables: &'a [&'a Table], planted: Option<Planted>) -> Self {
        let spec = table.spec();
        let others = tables.iter().flat_map(|it| it.spec().states.clone());
        let leads = |action: &usize| match planted {
            Some(Planted::LoopsSkipped) => spec.actions[*action].to.is_some(),
            Some(Planted::GuardDropped | Planted::BaseDropped | Planted::CountersGoOn | Planted::NumbersBounded) | None => true,
        };
        let actions = (0..spec.actions.len()).filter(|it| spec.actions[*it].mode != Mode::Output).filter(leads).collect();
        let said: BTreeSet<Text> = written(spec).into_iter().chain(others).collect();
        let texts = Texts::new(said.iter().cloned());
        let far = spec.actions.iter().map(|it| goes_far(tables, it) || may_be_born(tables, it)).collect();
        let returns = spec.actions.iter().map(|it| returns(tables, spec, it)).collect();
        let begets = spec.actions.iter().map(|it| begets(tables, it)).collect();
        Self { table, tables, texts, said, planted, actions, asks_others: asks(spec), far, returns, begets }
    }

    /// More texts that are written out, by whoever asks.
    pub(super) fn saying(mut self, more: impl IntoIterator<Item = Text>) -> Self {
        self.texts = self.texts.and(more);
        self
    }

    /// Whether the kernel may refuse an action for how much it sets going, or for whom it creates.
    pub(super) fn goes_far(&self, action: usize) -> bool {
        self.far[action]
    }

    /// Whether what an action sets going may come back to its entity, in the same step.
    pub(super) fn returns(&self, action: usize) -> bool {
        self.returns[action]
    }

    /// The types of which somebody may be there after an action, created by what it sets going, of whom a path does not know.
    pub(super) fn begets(&self, action: usize) -> &BTreeSet<Text> {
        &self.begets[action]
    }

    /// Whether an id is none of this home: it says another, or the spec writes it out.
    pub(super) fn is_elsewhere(&self, id: &str) -> bool {
        !home_of(id).is_empty() || !id.is_empty() && self.said.contains(id)
    }

    /// That no step is one of these actions.
    pub(super) fn avoid(&self, path: &mut Path, which: impl Fn(&Self, usize) -> bool) {
        for step in &path.steps {
            for way in step.by.iter().filter(|it| which(self, it.action)) {
                path.script.assert(&step.is(way.action).not());
            }
        }
    }

    /// That nobody is asked whom the spec writes out, nor held where only those of this home may be.
    pub(super) fn ask_here(&self, path: &mut Path) {
        path.script.note("whom the spec writes out is neither asked nor counted on to live here");
        let said: Vec<Number> = self.said.iter().map(|it| Number::known(self.texts.code(it))).collect();
        let is_said = |id: &Number| any(said.iter().map(|it| id.equals(it).and(&Number::known(0).below(it))));
        for (when, asked) in path.reads.asked.clone() {
            path.script.assert(&when.and(&is_said(&asked)).not());
        }
        let placed = |state: &Symbolic| {
            let slots = self.table.spec().variables.iter().zip(&state.slots).filter(|(it, _)| it.home == Home::Same);
            let held = slots.map(|(_, slot)| any(slot.codes().iter().map(is_said)));
            any(held)
        };
        for state in path.states.iter().map(placed).collect::<Vec<Truth>>() {
            path.script.assert(&state.not());
        }
    }

    /// That nobody new has an id that the spec writes out, or that anybody held, was given or said before.
    pub(super) fn surprise(&self, path: &mut Path) {
        path.script.note("nobody knows the id of somebody new before");
        let said: Vec<Number> = self.said.iter().map(|it| Number::known(self.texts.code(it))).collect();
        let mut before: Vec<Number> = Vec::new();
        for (at, step) in path.steps.iter().enumerate() {
            let given = step.by.iter().flat_map(|way| &way.arguments).map(|it| &it.value);
            let heard = path.reads.reads.iter().filter(|it| it.moment == at);
            let held = path.states[at].slots.iter().chain(given).chain(heard.map(|it| &it.value));
            before.extend(held.flat_map(Val::codes));
            for way in &step.by {
                for made in way.made.iter().filter(|it| it.is_new) {
                    let is_known = any(said.iter().chain(&before).map(|it| made.id.equals(it)));
                    path.script.assert(&step.is(way.action).and(&made.when).and(&is_known).not());
                }
            }
        }
    }

    fn others(&self) -> Others<'_> {
        Others { tables: self.tables, texts: &self.texts }
    }

    fn desk<'d>(&'d self, script: &'d mut Script, reads: &'d mut Reads) -> Desk<'d> {
        Desk { table: self.table, others: self.others(), script, reads }
    }

    /// Any state. `is_alone`: there is nobody else, now and later.
    pub(super) fn anywhere(&self, is_alone: bool) -> Path {
        let mut path =
            Path { script: Script::default(), reads: Reads::default(), states: Vec::new(), steps: Vec::new(), is_alone };
        self.state(&mut path);
        path
    }

    fn state(&self, path: &mut Path) {
        let suffix = format!("@{}", path.states.len());
        path.script.note(&format!("a state of `{}`", self.table.spec().entity));
        let state = Symbolic::open(&mut path.script, &self.texts, self.table.spec(), &suffix);
        if self.planted == Some(Planted::NumbersBounded) {
            for slot in &state.slots {
                if let Val::Number(number) = slot {
                    path.script.assert(&number.lies(-2, 2));
                }
            }
        }
        path.states.push(state);
    }

    /// That the first state is one in which an entity is created.
    pub(super) fn begin(&self, path: &mut Path) {
        let spec = self.table.spec();
        path.script.note("it is as it was created");
        let state = path.states[0].clone();
        path.script.assert(&state.status.equals(&Number::known(self.texts.code(&spec.initial))));
        for (variable, slot) in spec.variables.iter().zip(&state.slots) {
            if variable.given {
                continue;
            }
            match fixed(&self.texts, &variable.kind, &variable.initial) {
                Some(first) => path.script.assert(&super::state::is(&first, slot)),
                None => drop(path.script.open.insert("a list is longer at first than its first eight elements")),
            }
        }
        for property in &spec.field_invariants {
            let holds = self.holds(path, 0, &property.assert);
            path.script.assert(&holds);
        }
    }

    fn world(&self, path: &Path, at: usize) -> World {
        if path.is_alone { World::Nobody } else { World::At(at) }
    }

    /// Whether an expression of the table has a value and holds in a state of the path.
    pub(super) fn holds(&self, path: &mut Path, at: usize, expr: &Expr) -> Truth {
        let world = self.world(path, at);
        let state = path.states[at].clone();
        let mut desk = self.desk(&mut path.script, &mut path.reads);
        Look::new(&mut desk, &state, world).is_so(expr)
    }

    /// An action from the last state of the path, with any arguments.
    pub(super) fn act(&self, path: &mut Path, action: usize) -> (Vec<Argument>, Taken) {
        let at = path.states.len() - 1;
        let (world, before, suffix) = (self.world(path, at), path.states[at].clone(), format!("@{at}"));
        let name = &self.table.spec().actions[action].name;
        path.script.note(&format!("`{name}`"));
        let mut desk = self.desk(&mut path.script, &mut path.reads);
        let arguments = arguments(&mut desk, action, &suffix);
        let taken = taken(&mut desk, &before, world, action, &arguments, &suffix, self.planted);
        (arguments, taken)
    }

    /// An action with these arguments from the last state of the path.
    pub(super) fn act_with(&self, path: &mut Path, action: usize, arguments: &[Argument]) -> Taken {
        let at = path.states.len() - 1;
        let (world, before) = (self.world(path, at), path.states[at].clone());
        let mut desk = self.desk(&mut path.script, &mut path.reads);
        taken(&mut desk, &before, world, action, arguments, "@0", self.planted)
    }

    /// Whether an action needs no argument, asks nobody and sets nothing going, so that nothing but its guard and effects can refuse it:
    /// whom it asks may live elsewhere.
    pub(super) fn is_plain(&self, action: usize) -> bool {
        let said = &self.table.spec().actions[action];
        let spawns = said.effects.iter().any(|it| matches!(it.deed, Deed::Spawn { .. }));
        let calls = said.triggers.iter().any(|it| matches!(it.deed, Started::Entity { .. }));
        let needs = (0..said.params.len()).any(|it| self.table.is_required(action, it));
        let placed = self.table.spec().variables.iter().filter(|it| it.home == Home::Same);
        let is_placed = placed.map(|it| &it.name).any(|it| said.effects.iter().any(|effect| effect.writes() == Some(it)));
        !spawns && !calls && !needs && said.composite.is_none() && !is_placed && !crate::relate::asks(said)
    }

    /// An action from the last state of the path, with no argument given.
    pub(super) fn act_without(&self, path: &mut Path, action: usize) -> Taken {
        let params = &self.table.spec().actions[action].params;
        let none: Vec<Argument> = params.iter().map(|_| Argument { value: null(), is_given: Truth::FALSE }).collect();
        self.act_with(path, action, &none)
    }

    /// One more step, by any action.
    pub(super) fn step(&self, path: &mut Path) {
        self.step_of(path, &self.actions, self.asks_others);
    }

    /// One more step, by this action.
    pub(super) fn step_by(&self, path: &mut Path, action: usize) {
        self.step_of(path, &[action], false);
    }

    fn step_of(&self, path: &mut Path, actions: &[usize], others_act: bool) {
        let at = path.states.len() - 1;
        let all_actions = i128::try_from(self.table.spec().actions.len()).expect("there are few actions");
        path.script.note(&format!("step {}", at + 1));
        let action = path.script.number(&format!("step@{at}"), 0, all_actions);
        let mut step = Step { action, by: Vec::new(), still: Truth::TRUE };
        let mut moves = Vec::new();
        for action in actions {
            path.reads.when = step.is(*action);
            let (arguments, taken) = self.act(path, *action);
            step.by.push(Way { action: *action, arguments, made: taken.made.clone() });
            moves.push((*action, taken));
        }
        path.reads.when = Truth::TRUE;
        let before = path.states[at].clone();
        self.state(path);
        let after = path.states[at + 1].clone();
        let others_move = step.action.equals(&Number::known(all_actions));
        let mut allowed: Vec<Truth> = moves.iter().map(|(action, _)| step.is(*action)).collect();
        if !path.is_alone {
            let desk = self.desk(&mut path.script, &mut path.reads);
            let stirs = moves.iter().map(|it| it.0).filter(|it| reaches_others(&desk, *it));
            let mut stirs: Vec<Truth> = stirs.map(|it| step.is(it)).collect();
            if others_act {
                allowed.push(others_move.clone());
                path.script.assert(&others_move.implies(&before.is(&after)));
                stirs.push(others_move);
            }
            step.still = any(stirs).not();
        }
        path.script.assert(&any(allowed));
        for (action, taken) in moves {
            path.script.assert(&step.is(action).implies(&all([taken.happens, taken.after.is(&after)])));
        }
        path.steps.push(step);
        self.create(path);
    }

    /// That nobody has an id under which the last step creates somebody, and that one that is new differs from those that were.
    fn create(&self, path: &mut Path) {
        let all: Vec<(Truth, Made)> = path.made().map(|(when, made)| (when, made.clone())).collect();
        let last: usize = path.steps.last().map_or(0, |step| step.by.iter().map(|way| way.made.len()).sum());
        for nth in all.len() - last..all.len() {
            let (when, one) = &all[nth];
            for (also, other) in &all[..nth] {
                let differs = one.id.equals(&other.id).not();
                if one.is_new && other.is_new {
                    path.script.assert(&differs);
                } else if one.entity == other.entity {
                    path.script.assert(&when.and(also).implies(&differs));
                }
            }
            let (id, world) = (when.pick(&one.id, &Number::known(0)), self.world(path, path.steps.len() - 1));
            let known =
                self.others().read(&mut path.script, &mut path.reads, world, &one.entity, &Val::Text(id), &"status".into());
            path.script.assert(&is_null(&known));
        }
    }

    /// What is true of others from one moment to the next. The last thing that is said of a path.
    pub(super) fn connect(&self, path: &mut Path) {
        let still: Vec<Truth> = path.steps.iter().map(|it| it.still.clone()).collect();
        if !path.is_alone {
            let own = &self.table.spec().entity;
            self.others().connect(&mut path.script, &mut path.reads, own, &still);
        }
    }
}
