//! A table: a spec that was checked, and the program that it was compiled to.
//!
//! Rule kept: there is a table only of a well-formed spec, and its program is a function of the spec. Whoever walks a table reads
//! [`Table::spec`]; whoever runs it calls [`Table::evaluate`].

use crate::check::{Checked, Others, Sites, check, check_beside};
use crate::evaluate::Call;
use crate::expr::Expr;
use crate::fault::{Fault, Notice};
use crate::program::{Program, Scope, compile};
use crate::refusal::{Refusal, Unable, Undefined, Unfit};
use crate::see::Related;
use crate::spec::Spec;
use crate::state::{State, Writes};
use crate::{Kind, Text, Value};
use alloc::string::ToString;
use alloc::vec::Vec;
use antfarm_identity::{Digest, Domain};
use core::fmt;

const DOMAIN: Domain = Domain::new("antfarm 2026 automaton table");

/// What is said to people only may be said in other words: it is no part of it.
fn digest(spec: &Spec) -> Digest {
    let mut silent = spec.clone();
    silent.field_invariants.iter_mut().for_each(|it| it.message = None);
    Digest::of(DOMAIN, silent.to_string().as_bytes())
}

/// A checked automaton.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) spec: Spec,
    pub(crate) program: Program,
    params: Vec<Vec<Kind>>,
    digest: Digest,
}

/// Tables of equal specs are equal.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl Eq for Table {}

impl Table {
    /// Checks a spec. `sites` say where its texts were read from; faults and notices point there.
    ///
    /// # Errors
    ///
    /// All that is wrong with the spec, at least one thing.
    pub fn new(spec: Spec, sites: &Sites) -> Result<(Self, Vec<Notice>), Vec<Fault>> {
        let Checked { spec, params, notices } = check(spec, sites)?;
        let program = compile(&spec, &params);
        let digest = digest(&spec);
        Ok((Self { spec, program, params, digest }, notices))
    }

    /// What is wrong with what this says of the types of `others`: states and variables that they do not have, and comparisons that do
    /// not fit theirs. Types that are not among them are not looked at.
    pub fn beside(&self, others: &[&Self], sites: &Sites) -> Vec<Fault> {
        let specs: Vec<&Spec> = others.iter().map(|it| &it.spec).collect();
        check_beside(&self.spec, &self.params, sites, Others(&specs))
    }

    /// What the automaton is, as data: with properties declared that the file only reads, and timeouts' actions enabled.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What names this very automaton: the digest of its spec in the newest grammar, without messages.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The number of an action.
    pub fn action(&self, name: &str) -> Option<usize> {
        self.spec.actions.iter().position(|it| it.name == name)
    }

    /// The number of a status.
    pub fn status(&self, name: &str) -> Option<usize> {
        self.spec.states.iter().position(|it| it == name)
    }

    /// The number of a variable.
    pub fn variable(&self, name: &str) -> Option<usize> {
        self.spec.variables.iter().position(|it| it.name == name)
    }

    /// The kinds of an action's parameters, in order; nothing where there is no such action.
    pub fn params(&self, action: usize) -> &[Kind] {
        self.params.get(action).map_or(&[], Vec::as_slice)
    }

    /// Which of an action's parameters must be given.
    pub fn is_required(&self, action: usize, param: usize) -> bool {
        self.program.actions.get(action).and_then(|it| it.params.get(param)).is_some_and(|it| it.required)
    }

    /// The variable that takes a parameter because it has the same name, and no effect writes it.
    pub fn merged(&self, action: usize, param: usize) -> Option<usize> {
        self.program.actions.get(action).and_then(|it| it.params.get(param)).and_then(|it| it.merged).map(usize::from)
    }

    /// Whether an action leads from a status, whatever its guard says.
    pub fn leads_from(&self, action: usize, status: usize) -> bool {
        self.program.actions.get(action).and_then(|it| it.from.get(status)).copied().unwrap_or(false)
    }

    /// Whether an entity of this status is over.
    pub fn is_terminal(&self, status: usize) -> bool {
        self.program.is_terminal.get(status).copied().unwrap_or(false)
    }

    /// The same without timeouts, for whoever takes any action at any time: a table of its own.
    pub fn timeless(&self) -> Self {
        let mut spec = self.spec.clone();
        spec.timeouts.clear();
        let digest = digest(&spec);
        Self { spec, digest, program: self.program.clone(), params: self.params.clone() }
    }

    /// What an action's guard and constraints are a conjunction of, in the order in which they are looked at.
    pub fn conjuncts(&self, action: usize) -> &[Expr] {
        self.program.actions.get(action).map_or(&[], |it| &it.said)
    }

    /// An expression of an action (or of the whole automaton: none) in its normal form, in which no comparison asks a list of
    /// entities: that is written out with `all`.
    pub fn normal(&self, action: Option<usize>, expr: &Expr) -> Expr {
        let params = action.and_then(|action| self.spec.actions.get(action)).map_or(&[][..], |it| &it.params);
        let names: Vec<&Text> = params.iter().map(|it| &it.name).collect();
        let kinds = action.map_or(&[][..], |action| self.params(action));
        Scope { spec: &self.spec, params: kinds, names: &names }.normal(expr)
    }

    /// An entity as it is created. `given` are values of variables that a creator may give.
    ///
    /// # Errors
    ///
    /// The first of `given` that no creator may give, or that its variable cannot hold, by its number in `given`.
    pub fn create(&self, given: &[(&str, Value)]) -> Result<State, Refusal> {
        let mut slots: Vec<Value> = self.spec.variables.iter().map(|it| it.initial.clone()).collect();
        for (param, (name, value)) in (0..).zip(given) {
            let slot = self.variable(name).filter(|slot| self.spec.variables[*slot].given);
            let slot = slot.ok_or(Refusal::Param { param, unfit: Unfit::Extra })?;
            if !self.spec.variables[slot].kind.holds(value) {
                return Err(Refusal::Param { param, unfit: Unfit::Kind });
            }
            slots[slot] = value.clone();
        }
        let state = State { status: self.program.initial, slots };
        debug_assert!(self.holds(&state), "an entity is created as its table says");
        Ok(state)
    }

    /// Whether a state is one of this table: what was read from a disk or a message is asked before it is used.
    pub fn holds(&self, state: &State) -> bool {
        state.status() < self.spec.states.len()
            && state.slots.len() == self.program.kinds.len()
            && self.program.kinds.iter().zip(&state.slots).all(|(kind, value)| kind.holds(value))
    }

    /// A state with this status and these values, if the table has such.
    pub fn state(&self, status: usize, slots: Vec<Value>) -> Option<State> {
        let state = State { status: u16::try_from(status).ok()?, slots };
        self.holds(&state).then_some(state)
    }

    /// Whether the invariant with this number holds of a state.
    ///
    /// # Errors
    ///
    /// It has no value there.
    pub fn invariant<R: Related + ?Sized>(&self, index: usize, state: &State, related: &R) -> Result<bool, Undefined> {
        let writes = Writes::default();
        match self.program.invariants.get(index) {
            Some(code) => self.view(state, &writes, &[], related).holds(code),
            None => Ok(true),
        }
    }

    /// Whether the field invariant with this number holds of a state.
    ///
    /// # Errors
    ///
    /// It has no value there.
    pub fn field_invariant<R: Related + ?Sized>(&self, index: usize, state: &State, related: &R) -> Result<bool, Undefined> {
        let writes = Writes::default();
        match self.program.field_invariants.get(index) {
            Some(code) => self.view(state, &writes, &[], related).holds(code),
            None => Ok(true),
        }
    }

    /// The parameters of a call, by name.
    ///
    /// # Errors
    ///
    /// The first that the action does not have, by its number in `named`.
    pub fn arguments(&self, action: usize, named: &[(&str, Value)]) -> Result<Vec<Value>, Refusal> {
        let params = &self.spec.actions.get(action).ok_or(Refusal::Action)?.params;
        let mut values = alloc::vec![Value::Null; params.len()];
        for (param, (name, value)) in (0..).zip(named) {
            let nth = params.iter().position(|it| it.name == *name);
            values[nth.ok_or(Refusal::Param { param, unfit: Unfit::Extra })?] = value.clone();
        }
        Ok(values)
    }

    /// A refusal of a call, in words.
    pub fn explain(&self, call: Call<'_>, refusal: Refusal) -> impl fmt::Display {
        Explained { table: self, action: call.action, refusal }
    }
}

struct Explained<'a> {
    table: &'a Table,
    action: usize,
    refusal: Refusal,
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spec = &self.table.spec;
        let Some(action) = spec.actions.get(self.action) else { return f.write_str("there is no such action") };
        let name = &action.name;
        let undefined = |why| match why {
            Undefined::Overflow => "needs a number beyond 64 bits",
            Undefined::Zero => "divides by zero",
        };
        let variable = |index: u16| spec.variables.get(usize::from(index)).map_or("?", |it| &it.name);
        match self.refusal {
            Refusal::Action => f.write_str("there is no such action"),
            Refusal::Event => write!(f, "`{name}` names an event; nobody takes it"),
            Refusal::State => write!(f, "the state is not one of `{}`", spec.entity),
            Refusal::Status { status } => {
                write!(f, "`{name}` does not lead from `{}`", spec.states.get(usize::from(status)).map_or("?", |it| it))
            }
            Refusal::Param { param, unfit } => {
                let param = action.params.get(usize::from(param)).map_or("?", |it| &it.name);
                match unfit {
                    Unfit::Missing => write!(f, "`{name}` needs the parameter `{param}`"),
                    Unfit::Kind => write!(f, "`{param}` of `{name}` is not of its kind"),
                    Unfit::Extra => write!(f, "`{name}` has no such parameter"),
                    Unfit::Range => write!(f, "the variable `{param}` cannot hold what `{name}` was given"),
                }
            }
            Refusal::Guard { conjunct } | Refusal::Undefined { conjunct, .. } => {
                let said = self.table.conjuncts(self.action).get(usize::from(conjunct)).unwrap_or(&Expr::ALWAYS);
                match self.refusal {
                    Refusal::Undefined { why, .. } => write!(f, "`{said}`, which `{name}` needs, {}", undefined(why)),
                    Refusal::Action
                    | Refusal::Event
                    | Refusal::State
                    | Refusal::Status { .. }
                    | Refusal::Param { .. }
                    | Refusal::Guard { .. }
                    | Refusal::Effect { .. } => write!(f, "`{name}` needs `{said}`"),
                }
            }
            Refusal::Effect { effect, unable } => {
                if let Some(effect) = action.effects.get(usize::from(effect)) {
                    write!(f, "`{effect}` of `{name}` ")?;
                }
                match unable {
                    Unable::Undefined(why) => f.write_str(undefined(why)),
                    Unable::Range { variable: index } => write!(f, "would put into `{}` what it cannot hold", variable(index)),
                    Unable::Full { variable: index } => write!(f, "finds `{}` full", variable(index)),
                    Unable::NoFreshId => f.write_str("needs the id of a new entity"),
                }
            }
        }
    }
}
