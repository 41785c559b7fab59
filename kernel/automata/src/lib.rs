//! Specified state machines: what is not in the table cannot happen.
//!
//! A [`Spec`] says what a type of entity is: its states, variables, actions with guards and effects, and what must hold. [`Table::new`]
//! checks it; a [`Table`] is the proof that it is well-formed. [`Table::evaluate`] is the one interpreter: production, simulator, model
//! checker and property tests call it, and [`mod@reference`] is a second, naive one that only tests hold against it.
//! [`entities`] is all entities of one home, with timers, reactions and what is on its way between them.
//!
//! The language of guards, invariants and effects is read by [`parse`] and [`parse_effect`]; files are read by the crate
//! `antfarm-automata-reader`. What every construct means is written down in `specs/README.md`.
//!
//! Nothing here does IO, reads a clock or draws a random number. A state holds no floats, and no arithmetic wraps: what 64 bits cannot
//! hold refuses the action.

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;

mod check;
mod effect;
pub mod entities;
mod evaluate;
mod expr;
mod fault;
mod kind;
mod lex;
mod marks;
mod misread;
mod normal;
mod parse;
mod print;
mod program;
mod reaction;
pub mod reference;
mod refusal;
mod see;
mod spec;
mod state;
mod table;
mod text;
mod value;
mod write;

pub use check::{MOST, Sites};
pub use effect::{Assign, Deed, Effect, parse_effect};
pub use evaluate::Call;
pub use expr::{Arith, Expr, Literal, Order, Set};
pub use fault::{Fault, Notice, Noticed, Site, Wrong};
pub use kind::{Kind, MOST_ELEMENTS, MOST_TEXT};
pub use lex::MOST_EXPRESSION;
pub use marks::Marks;
pub use misread::{Misread, Misreading};
pub use parse::{KEYWORDS, MOST_NESTED, is_name, parse};
pub use reaction::{Reached, Reaction};
pub use refusal::{Refusal, Unable, Undefined, Unfit};
pub use see::{Nobody, Related};
pub use spec::{
    Action, Broken, Composite, Goal, Home, Liveness, Mode, Outside, Param, Promise, Property, Spec, Started, Target, Timeout,
    Trigger, Variable,
};
pub use state::{Begun, State, Transition};
pub use table::Table;
pub use text::Text;
pub use value::{Seen, Value};
