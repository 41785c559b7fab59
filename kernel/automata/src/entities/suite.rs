//! The tables of all types, checked together.

use crate::entities::fit::{Misfit, misfits};
use crate::entities::{Act, Move, Refused, Who};
use crate::evaluate::Call;
use crate::refusal::Refusal;
use crate::{Table, Text, Value};
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::{Digest, Domain};
use core::fmt;

const DOMAIN: Domain = Domain::new("antfarm 2026 automaton suite");

/// Tables of types that know of each other. Cloning it copies a pointer.
#[derive(Clone, Debug)]
pub struct Suite {
    tables: Arc<Vec<Table>>,
    digest: Digest,
}

/// Suites with one digest are equal.
impl PartialEq for Suite {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Suite {}

impl core::hash::Hash for Suite {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl Suite {
    /// Checks tables together: that every type, state, variable, action and parameter that one says of another is there and fits, that no
    /// type is there twice, and that reactions, timers and spawns give what their actions need.
    ///
    /// # Errors
    ///
    /// All that does not fit, by the place of its table in `tables`.
    pub fn new(tables: Vec<Table>) -> Result<Self, Vec<Misfit>> {
        let misfits = misfits(&tables);
        if !misfits.is_empty() {
            return Err(misfits);
        }
        let mut tables = tables;
        tables.sort_by(|left, right| left.spec().entity.cmp(&right.spec().entity));
        let digests: Vec<u8> = tables.iter().flat_map(|it| *it.digest().as_bytes()).collect();
        Ok(Self { tables: Arc::new(tables), digest: Digest::of(DOMAIN, &digests) })
    }

    /// What names this very suite: the digest of its tables' digests, whatever the order in which they were given.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The tables, by the numbers of their types: ascending by name.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table of a type.
    pub fn table(&self, entity: u16) -> Option<&Table> {
        self.tables.get(usize::from(entity))
    }

    /// The number of a type.
    pub fn entity(&self, name: &str) -> Option<u16> {
        let found = self.tables.binary_search_by(|it| it.spec().entity.as_str().cmp(name)).ok()?;
        u16::try_from(found).ok()
    }

    /// An entity, by the name of its type.
    pub fn who(&self, entity: &str, id: &str) -> Option<Who> {
        Some(Who { entity: self.entity(entity)?, id: id.into() })
    }

    /// An action, by name.
    ///
    /// # Errors
    ///
    /// There is no such type, action or parameter.
    pub fn act(&self, entity: &str, id: &str, action: &str, params: &[(&str, Value)]) -> Result<Act, Refused> {
        let who = self.who(entity, id).ok_or(Refused::Type)?;
        let table = self.table(who.entity).ok_or(Refused::Type)?;
        let index = table.action(action).ok_or(Refused::Table(Refusal::Action))?;
        let params = table.arguments(index, params).map_err(Refused::Table)?;
        Ok(Act { who, action: crate::program::small(index), params })
    }

    /// A move that takes an action, by name.
    ///
    /// # Errors
    ///
    /// As [`Suite::act`].
    pub fn moved(&self, entity: &str, id: &str, action: &str, params: &[(&str, Value)]) -> Result<Move, Refused> {
        Ok(Move::Act { act: self.act(entity, id, action, params)?, writes: Vec::new() })
    }

    /// A move that creates an entity, by name.
    ///
    /// # Errors
    ///
    /// There is no such type.
    pub fn create(&self, entity: &str, id: &str, given: &[(&str, Value)]) -> Result<Move, Refused> {
        let who = self.who(entity, id).ok_or(Refused::Type)?;
        Ok(Move::Create { who, given: given.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect() })
    }

    /// A refusal in words. `act` is what was refused, as far as it is known: the type and the number of the action.
    pub fn explain<'a>(&'a self, act: Option<(u16, usize)>, refused: &'a Refused) -> impl fmt::Display + 'a {
        Explained { suite: self, act, refused }
    }
}

struct Explained<'a> {
    suite: &'a Suite,
    act: Option<(u16, usize)>,
    refused: &'a Refused,
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.act.and_then(|(entity, action)| Some((self.suite.table(entity)?, action)));
        if let (Refused::Table(refusal), Some((table, action))) = (self.refused, table) {
            return table.explain(Call::new(action, &[]), *refusal).fmt(f);
        }
        if let Refused::Write { write, why } = self.refused {
            return write!(
                f,
                "its write number {write} is refused: {}",
                Explained { suite: self.suite, act: None, refused: why }
            );
        }
        let spec = table.map(|(table, _)| table.spec());
        if let Refused::Field(index) = self.refused
            && let Some(invariant) = spec.and_then(|it| it.field_invariants.get(usize::from(*index)))
        {
            return write!(f, "the field invariant `{}` would not hold", invariant.name);
        }
        if let Refused::Placed { variable } = self.refused
            && let Some(variable) = spec.and_then(|it| it.variables.get(usize::from(*variable)))
        {
            return write!(f, "`{}` holds entities of the same home only", variable.name);
        }
        self.refused.fmt(f)
    }
}
