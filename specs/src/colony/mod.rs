//! The colony in the simulator: where entities live as they do in production.
//!
//! Two things are done there. Counterexamples of the other levels are replayed before they are reported ([`replay`]); and entities live
//! on nodes that everything befalls that may befall nodes: level L2 ([`lives`]). Both are scenario files, so that whoever reads of a failure
//! can run it.

mod draft;
mod lives;
mod replay;
mod walk;

pub use lives::{Lived, Lives, lived};
pub use replay::{Played, played};

use crate::load::{Group, Member as Spec};
use crate::relate::needs;
use antfarm_automata::Text;
use antfarm_automata::entities::{Entities, Step, Suite};
use antfarm_colony::{Colonies, Member, Told};
use antfarm_machine::PeerId;
use antfarm_node::Notice;
use antfarm_sim::scenario::{Cast, Key, Nodes, Recipe, Registry, Search, Section, Subject, Teller, Trouble};
use antfarm_sim::{Dice, Family, Moment, Nobody, Oracle, Time, Violation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The suite of the types that belong together with the one of this name, and their specs; nothing where a type is missing.
fn suite<'a>(group: &'a Group, of: &Text) -> Option<(Suite, Vec<&'a Spec>)> {
    let is_its = |it: &Vec<usize>| it.iter().any(|nth| group.members[*nth].table.spec().entity == *of);
    let members: Vec<&Spec> = group.components().into_iter().find(is_its)?.iter().map(|nth| &group.members[*nth]).collect();
    let have: BTreeSet<&Text> = members.iter().map(|it| &it.table.spec().entity).collect();
    let is_whole = members.iter().flat_map(|it| needs(it.table.spec())).all(|it| have.contains(&it));
    let suite = is_whole.then(|| Suite::new(members.iter().map(|it| it.table.clone()).collect()));
    Some((suite?.expect("loading has checked that these fit each other"), members))
}

/// A step that a node recorded.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// When it told of it.
    at: Time,
    node: PeerId,
    step: Step,
    /// The entities of that node afterwards.
    after: Entities,
}

/// What was noted of a run.
#[derive(Default)]
struct Noted {
    /// What nodes told, which they do when it is durable.
    steps: Vec<Note>,
    /// By node: how many records there were, and the entities then.
    latest: BTreeMap<PeerId, (u64, Entities)>,
}

/// Colonies of which it is noted what entities do. Clones share their notes.
#[derive(Clone, Default)]
struct Watched {
    notes: Arc<Mutex<Noted>>,
}

impl Watched {
    /// The machines that scenarios may name, these among them.
    fn registry(&self) -> Registry {
        Registry::new().with(self.clone())
    }

    fn locked(&self) -> MutexGuard<'_, Noted> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was noted since this was asked last.
    fn take(&self) -> Noted {
        std::mem::take(&mut *self.locked())
    }
}

impl Subject for Watched {
    type Machine = Member;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        Colonies.name()
    }

    fn purpose(&self) -> &'static str {
        Colonies.purpose()
    }

    fn tolerates(&self) -> Vec<Family> {
        Colonies.tolerates()
    }

    fn config(&self) -> &'static [Key] {
        Colonies.config()
    }

    fn asks(&self) -> &'static [Key] {
        Colonies.asks()
    }

    fn cast(&self, nodes: &Nodes, config: &Section) -> Result<Cast<Member, Nobody>, Trouble> {
        Colonies.cast(nodes, config)
    }

    fn ask(&self, row: &Section, cast: &Cast<Member, Nobody>) -> Result<Recipe<antfarm_colony::Errand>, Trouble> {
        Colonies.ask(row, cast)
    }

    fn core(&self, cast: &Cast<Member, Nobody>, dice: &mut Dice) -> Vec<PeerId> {
        Colonies.core(cast, dice)
    }

    fn search(&self, cast: &Cast<Member, Nobody>) -> Option<Search<Member, Nobody>> {
        Colonies.search(cast)
    }

    fn teller(&self, nodes: &Nodes) -> Option<Teller<Member, Nobody>> {
        Colonies.teller(nodes)
    }

    fn named(&self, message: String, nodes: &Nodes) -> String {
        Colonies.named(message, nodes)
    }

    fn oracles(&self, cast: &Cast<Member, Nobody>) -> Vec<Box<dyn Oracle<Member, Nobody>>> {
        let mut oracles = Colonies.oracles(cast);
        oracles.insert(0, Box::new(self.clone()));
        oracles
    }
}

/// The name of what takes notes, among oracles.
const NOTES: &str = "notes";

impl Oracle<Member, Nobody> for Watched {
    fn property(&self) -> &'static str {
        NOTES
    }

    fn claim(&self) -> &'static str {
        "what entities do is noted"
    }

    fn after(&mut self, moment: &Moment<'_, Member, Nobody>) -> Result<(), Violation> {
        let Some((at, node)) = moment.turned().and_then(|(at, it)| Some((at, it.node()?))) else { return Ok(()) };
        let after = node.state().entities();
        let mut notes = self.locked();
        for told in moment.notices {
            if let Told::Node(Notice::Stepped(step)) = told {
                notes.steps.push(Note { at: moment.at(), node: at, step: (**step).clone(), after: after.clone() });
            }
        }
        match node.ledger().submitted() {
            // While it opens its log, it has none yet.
            None => drop(notes.latest.remove(&at)),
            Some((records, _)) if notes.latest.get(&at).is_some_and(|(known, _)| *known == records) => {}
            Some((records, _)) => drop(notes.latest.insert(at, (records, after.clone()))),
        }
        Ok(())
    }
}
