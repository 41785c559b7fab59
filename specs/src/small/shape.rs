//! Which entities there are at first.
//!
//! Of types that refer to each other, or to themselves, two of each. Of a type that others only create, and whose ids nobody else is given,
//! none. Entities that know nothing of each other do nothing together that they do not do alone: of a type by itself there is one, and
//! so there is of one that only creates others, which belong to it alone.

use crate::small::class::{Classes, Place};
use antfarm_automata::entities::home_of;
use antfarm_automata::{Deed, Kind, Started, Table, Target, Text};
use std::collections::BTreeSet;

/// How many entities of a type there are at first, where it takes more than one.
const INSTANCES: usize = 2;

/// How many entities of each type there are at first.
pub(crate) struct Shape {
    pub(crate) first: Vec<usize>,
    /// Ids of this home that a spec says by name.
    pub(crate) fixed: Vec<BTreeSet<Text>>,
    /// Whether entities of different types have the same ids.
    pub(crate) is_shared: bool,
    /// By type: whether its entities may be missing at first, since others create them under their own ids.
    pub(crate) optional: Vec<bool>,
}

impl Shape {
    pub(crate) fn of(tables: &[Table], classes: &Classes) -> Self {
        let number = |name: &Text| tables.iter().position(|it| it.spec().entity == *name);
        let (mut fixed, mut is_shared) = (vec![BTreeSet::new(); tables.len()], false);
        let mut optional = vec![false; tables.len()];
        let mut referred = vec![false; tables.len()];
        for table in tables {
            let spec = table.spec();
            for trigger in spec.actions.iter().flat_map(|it| &it.triggers) {
                let Started::Entity { entity, target, .. } = &trigger.deed else { continue };
                match target {
                    Target::SameId => is_shared = true,
                    Target::CreateIfMissing(name) if spec.is_own_id(name) => {
                        is_shared = true;
                        number(entity).into_iter().for_each(|it| optional[it] = true);
                    }
                    // Who lives elsewhere is not in this world.
                    Target::Fixed(id) if !home_of(id).is_empty() => {}
                    Target::Fixed(id) => drop(number(entity).map(|it| fixed[it].insert(id.clone()))),
                    Target::Field(_) | Target::CreateIfMissing(_) | Target::Create => {}
                }
            }
            let params = (0..spec.actions.len()).flat_map(|it| table.params(it)).filter_map(Kind::entity);
            let given = spec.variables.iter().filter(|it| it.given).filter_map(|it| it.kind.entity());
            params.chain(given).filter_map(number).for_each(|it| referred[it] = true);
        }
        // A text may be an id, too. Under one that somebody is created by, nobody need be there before.
        let mut said = vec![false; tables.len()];
        for (of, table) in tables.iter().enumerate() {
            let params = (0..table.spec().actions.len())
                .flat_map(|action| (0..table.params(action).len()).map(move |param| Place::Param(of, action, param)));
            let given = table.spec().variables.iter().enumerate().filter(|(_, it)| it.given);
            let given = given.map(|(slot, _)| Place::Variable(of, slot));
            for class in params.chain(given).filter_map(|it| classes.number(it)).map(|it| classes.class(it)) {
                let which = if class.names_new { &mut said } else { &mut referred };
                class.ids.iter().for_each(|it| which[*it] = true);
            }
        }
        let is_fixed = |of: usize| !fixed[of].is_empty();
        let only_created: Vec<bool> = (0..tables.len())
            .map(|of| {
                let name = &tables[of].spec().entity;
                !referred[of] && !is_shared && !is_fixed(of) && table_is_created(tables, name) && !refers_to_itself(&tables[of])
            })
            .collect();
        let roots = only_created.iter().filter(|it| !**it).count();
        // Those who only create each other: somebody was there before.
        let only_created = if roots == 0 { vec![false; tables.len()] } else { only_created };
        // What only one kind of root creates, and nobody else learns of, is a tree of its own: two of them share nothing.
        let alone = roots == 1
            && (0..tables.len()).all(|of| {
                let name = &tables[of].spec().entity;
                // Two trees share those who are created under ids that callers say.
                !said[of] && (only_created[of] || !referred[of] && !is_fixed(of) && !tables.iter().any(|it| is_asked(it, name)))
            });
        let first = only_created.iter().map(|only_created| match (only_created, alone) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => INSTANCES,
        });
        Self { first: first.collect(), fixed, is_shared, optional }
    }
}

/// Whether some type creates entities of this one.
pub(super) fn table_is_created(tables: &[Table], name: &Text) -> bool {
    tables.iter().flat_map(|it| &it.spec().actions).any(|action| {
        let spawns = |deed: &Deed| matches!(deed, Deed::Spawn { entity, .. } if entity == name);
        let creates = |deed: &Started| match deed {
            Started::Entity { entity, target: Target::Create | Target::CreateIfMissing(_), .. } => entity == name,
            Started::Entity { .. } | Started::Outside { .. } => false,
        };
        action.effects.iter().any(|it| spawns(&it.deed)) || action.triggers.iter().any(|it| creates(&it.deed))
    })
}

fn refers_to_itself(table: &Table) -> bool {
    is_asked(table, &table.spec().entity)
}

/// Whether a spec knows of entities of a type: holds their ids, asks them, creates them or sets something going at them.
fn is_asked(table: &Table, name: &Text) -> bool {
    let spec = table.spec();
    let kinds = spec.variables.iter().map(|it| &it.kind);
    let params = (0..spec.actions.len()).flat_map(|it| table.params(it));
    kinds.chain(params).any(|it| it.entity() == Some(name)) || crate::relate::needs(spec).contains(name)
}
