//! Other entities, as a map.

use crate::see::Related;
use crate::state::State;
use crate::{Seen, Table, Text};
use alloc::collections::BTreeMap;

/// Entities by type and id.
#[derive(Clone, Debug, Default)]
pub struct Crowd<'a> {
    entities: BTreeMap<(Text, Text), (&'a Table, State)>,
}

impl<'a> Crowd<'a> {
    /// Adds an entity, or replaces one.
    pub fn add(&mut self, table: &'a Table, id: &str, state: State) {
        self.entities.insert((table.spec().entity.clone(), id.into()), (table, state));
    }
}

impl Related for Crowd<'_> {
    fn read(&self, entity: &str, id: &str, field: &str) -> Option<Seen<'_>> {
        let (table, state) = self.entities.get(&(entity.into(), id.into()))?;
        if field == "status" {
            return table.spec().states.get(state.status()).map(Seen::Text);
        }
        state.slot(table.variable(field)?).map(crate::Value::see)
    }
}
