//! The tables of all types, checked together.

use crate::entities::fit::{Misfit, misfits};
use crate::entities::{Act, Move, Refused, Who};
use crate::evaluate::Call;
use crate::refusal::{Refusal, Unfit};
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
        match self.refused {
            Refused::Type => f.write_str("there is no such type"),
            Refused::Table(refusal) => match table {
                Some((table, action)) => table.explain(Call::new(action, &[]), *refusal).fmt(f),
                None => match refusal {
                    Refusal::Action => f.write_str("there is no such action"),
                    Refusal::Param { unfit: Unfit::Extra, .. } => f.write_str("no creator may give that"),
                    Refusal::Param { .. } => f.write_str("a variable cannot hold what it was given"),
                    Refusal::Event
                    | Refusal::State
                    | Refusal::Status { .. }
                    | Refusal::Guard { .. }
                    | Refusal::Undefined { .. }
                    | Refusal::Effect { .. } => write!(f, "its table does not allow it: {refusal:?}"),
                },
            },
            Refused::Field(index) => {
                let name = table.and_then(|(table, _)| table.spec().field_invariants.get(usize::from(*index)));
                write!(f, "the field invariant `{}` would not hold", name.map_or("?", |it| &it.name))
            }
            Refused::Missing => f.write_str("there is no such entity"),
            Refused::Taken { id } => write!(f, "there is an entity `{id}` already"),
            Refused::Elsewhere { id } => write!(f, "`{id}` has another home"),
            Refused::Nobody => f.write_str("the variable that says for whom it is holds nobody"),
            Refused::Apart { entity, id } => write!(f, "`{entity}` `{id}` would decide, and has another home"),
            Refused::Placed { variable } => {
                let name = table.and_then(|(table, _)| table.spec().variables.get(usize::from(*variable)));
                write!(f, "`{}` holds entities of the same home only", name.map_or("?", |it| &it.name))
            }
            Refused::NoTime => f.write_str("what should say when is no time"),
            Refused::Undeclared { write } => write!(f, "the action declares no such write as number {write}"),
            Refused::Write { write, why } => {
                write!(f, "its write number {write} is refused: {}", Explained { suite: self.suite, act: None, refused: why })
            }
            Refused::Deep => write!(f, "reactions to it lie deeper than {}", super::MOST_DEPTH),
            Refused::Many => write!(f, "more than {} things would happen", super::MOST_HAPPENED),
            Refused::NoFresh => f.write_str("there are too few fresh ids"),
            Refused::Full => f.write_str("there are as many entities, or deliveries on their way, as there may be"),
            Refused::NotSet => f.write_str("the alarm is not set"),
            Refused::Repeated => f.write_str("it has happened, under the same key"),
            Refused::OtherKey => f.write_str("something else was asked under the same key"),
            Refused::Expired => f.write_str("its key has expired"),
            Refused::Keys => f.write_str("there are as many keys as are remembered"),
            Refused::Applied => f.write_str("it has arrived before"),
            Refused::Ahead => f.write_str("what was sent before it has not arrived"),
            Refused::NotSent => f.write_str("nothing so far was sent to that home"),
            Refused::Astray => f.write_str("it is not for this home"),
            Refused::Untriggered => f.write_str("no trigger of the specs sends such a thing"),
            Refused::Withheld => f.write_str("a secret stands in it"),
            Refused::Drifted => f.write_str("the entity was made by another table than that of its type now"),
        }
    }
}
