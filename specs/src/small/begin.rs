//! How the small world begins.

use crate::relate::asks_at_birth;
use crate::small::domain::Domain;
use crate::small::hits::{Combined, MOST_BEGINNINGS};
use crate::small::roll::Roll;
use crate::small::spot::Spot;
use crate::small::ways::Ways;
use crate::small::world::{World, small};
use antfarm_automata::Text;
use antfarm_automata::entities::{Asked, Entities, Move, Who};
use antfarm_identity::to_bytes;
use std::collections::BTreeSet;

impl World {
    /// All beginnings: each entity created with each combination of what may be given, as far as that is allowed.
    pub(crate) fn begin(&self) -> Vec<Spot> {
        let worlds = match self.suite.tables().iter().any(|it| asks_at_birth(it.spec())) {
            true => self.in_any_order(),
            false => self.everybody().fold(vec![Entities::new()], |worlds, (of, id)| {
                let mut grown = if self.may_lack(of, id) { worlds.clone() } else { Vec::new() };
                worlds.iter().for_each(|it| self.create(it, of, id, &mut grown));
                grown
            }),
        };
        let mut seen = BTreeSet::new();
        let spots = worlds.iter().map(|it| self.spot(Roll::of(it), 0));
        spots.filter(|it| seen.insert(it.print)).collect()
    }

    /// Where creation asks others, it matters who was there before.
    fn in_any_order(&self) -> Vec<Entities> {
        let is_there = |world: &Entities, of: usize, id: &Text| world.get(small(of), id).is_some();
        let (mut layer, mut done) = (vec![Entities::new()], Vec::new());
        for _ in 0..=self.everybody().count() {
            let is_whole = |world: &&Entities| self.everybody().all(|(of, id)| self.may_lack(of, id) || is_there(world, of, id));
            done.extend(layer.iter().filter(is_whole).cloned());
            let mut next = Vec::new();
            for (of, id) in self.everybody() {
                layer.iter().filter(|it| !is_there(it, of, id)).for_each(|it| self.create(it, of, id, &mut next));
            }
            let mut seen = BTreeSet::new();
            next.retain(|it| seen.insert(to_bytes(it)));
            layer = next;
        }
        done
    }

    /// Who is there at first.
    fn everybody(&self) -> impl Iterator<Item = (usize, &Text)> {
        self.first.iter().enumerate().flat_map(|(of, ids)| ids.iter().map(move |id| (of, id)))
    }

    /// Whether the world may begin without this entity.
    fn may_lack(&self, of: usize, id: &Text) -> bool {
        self.optional[of] && !self.naming.fixed[of].contains(id)
    }

    /// The worlds in which somebody is created, with all that may be given.
    fn create(&self, world: &Entities, of: usize, id: &Text, grown: &mut Vec<Entities>) {
        let roll = Roll::of(world);
        let held = self.naming.held(&roll);
        let spot = self.known(roll, 0, held);
        let domains: Vec<&Domain> = self.given[of].iter().map(|(_, domain)| domain).collect();
        let ways = Ways::new(self, &spot, self.naming.owner(of, id), &domains);
        ways.beginning(&self.first).each(&mut |values| {
            if grown.len() >= MOST_BEGINNINGS {
                self.hits.combined(Combined::Beginnings);
                return false;
            }
            let given = self.given[of].iter().map(|(name, _)| name.clone()).zip(values.iter().cloned());
            let moved = Move::Create { who: Who { entity: small(of), id: id.clone() }, given: given.collect() };
            match world.step(&self.suite, &Asked::of(moved), &[]) {
                Ok(step) => {
                    let mut grew = world.clone();
                    grew.apply(&step);
                    grown.push(grew);
                }
                Err(why) => self.refused(&why),
            }
            true
        });
    }
}
