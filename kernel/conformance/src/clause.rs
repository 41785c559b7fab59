//! One promise of a contract, and how a breach of it is told.

use std::fmt;

/// One promise of a port's contract, with a check on a rig of type `R`.
pub struct Clause<R: ?Sized> {
    pub(crate) name: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) check: fn(&mut R) -> Result<(), Breach>,
}

impl<R: ?Sized> Clause<R> {
    /// Its name, in words joined by dashes: `storage/a-stale-append-conflicts`. Names do not change.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the contract says.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Where to look when it is broken.
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }

    /// Checks it on `rig`, which must be fresh. Never panics of itself.
    pub fn check(&self, rig: &mut R) -> Result<(), Breach> {
        (self.check)(rig)
    }
}

impl<R: ?Sized> fmt::Debug for Clause<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What was seen that a clause forbids; a sentence for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    saw: String,
}

impl Breach {
    pub(crate) fn new(saw: impl Into<String>) -> Self {
        Self { saw: saw.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.saw)
    }
}

impl std::error::Error for Breach {}

/// A breach that says what was seen, unless `holds`.
pub(crate) fn ensure(holds: bool, saw: impl FnOnce() -> String) -> Result<(), Breach> {
    match holds {
        true => Ok(()),
        false => Err(Breach::new(saw())),
    }
}

/// Checks each clause on a fresh rig; panics with everything that was broken.
#[track_caller]
pub(crate) fn hold_all<R>(port: &str, clauses: &[Clause<R>], mut rig: impl FnMut() -> R) {
    let breaches: Vec<String> = clauses
        .iter()
        .filter_map(|clause| Some((clause, clause.check(&mut rig()).err()?)))
        .map(|(clause, breach)| {
            format!("\n\n{}\n  rule: {}\n  saw:  {breach}\n  look: {}", clause.name, clause.rule, clause.remedy)
        })
        .collect();
    assert!(breaches.is_empty(), "{} of {} clauses of `{port}` do not hold:{}", breaches.len(), clauses.len(), breaches.concat());
}
