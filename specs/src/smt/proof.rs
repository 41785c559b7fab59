//! What this level says, as plain data: verdicts, and the obligations that they rest on.

use crate::trace::Trace;
use crate::verdict::{Finding, Property};
use std::fmt;
use std::io;
use std::time::Duration;

/// How far this level goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most steps in a row that an induction assumes.
    pub induction: usize,
    /// The most steps from the beginning that are looked at for a counterexample.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { induction: 4, depth: 8 }
    }
}

/// What was asked, as it can be asked of any solver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Obligation {
    /// The properties that it is about.
    pub of: Vec<Property>,
    /// What is asked: `base`, `step`, `reach 3`, `induction 2`, `enabled`, ..
    pub name: String,
    /// SMT-LIB 2.
    pub text: String,
    /// `sat`, `unsat` or `unknown`.
    pub answer: &'static str,
    /// How long it took.
    pub took: Duration,
}

/// What this level says of one spec.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The verdicts.
    pub finding: Finding,
    /// What they rest on.
    pub obligations: Vec<Obligation>,
}

/// Why there is no proof at all.
#[derive(Debug)]
pub enum Failed {
    /// The solver does not answer.
    Solver(io::Error),
    /// The interpreter does not follow what the solver found: the encoding and the interpreter disagree, and one of them is wrong.
    Disagrees {
        /// About what.
        of: Vec<Property>,
        /// What the solver found.
        trace: Box<Trace>,
    },
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Solver(error) => write!(f, "the solver: {error}"),
            Self::Disagrees { of, trace } => {
                let of: Vec<String> = of.iter().map(ToString::to_string).collect();
                let of = of.join("`, `");
                write!(f, "`{of}`: the interpreter does not follow what the solver found; this is a bug of ours:\n{trace}")
            }
        }
    }
}

impl std::error::Error for Failed {}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Solver(error)
    }
}
