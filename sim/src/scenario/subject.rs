//! What a scenario can run: a machine with its cast, its vocabulary and its oracles.

use crate::chance::Dice;
use crate::fault::Family;
use crate::oracle::{Moment, Oracle};
use crate::scenario::key::Key;
use crate::scenario::nodes::Nodes;
use crate::scenario::search::Search;
use crate::scenario::section::Section;
use crate::subject::{Outside, Simulated};
use antfarm_machine::{Machine, PeerId};
use antfarm_strict::Trouble;
use std::sync::Arc;

/// A machine as scenarios know it: what it is called, how it is configured, what it can be asked, and what must hold of it.
///
/// Implement it once, register it in one line, and every scenario file that says `machine = "NAME"` runs it:
///
/// ```
/// use antfarm_machine::PeerId;
/// use antfarm_sim::doc::Echo;
/// use antfarm_sim::scenario::{Cast, Form, Group, Key, Nodes, Recipe, Registry, Section, Subject, Trouble};
/// use antfarm_sim::{Family, Nobody, Oracle, Recorder};
/// use std::sync::Arc;
///
/// struct Pings;
///
/// impl Subject for Pings {
///     type Machine = Echo;
///     type Outside = Nobody;
///
///     fn name(&self) -> &'static str { "pings" }
///     fn purpose(&self) -> &'static str { "nodes that ping each other" }
///     fn tolerates(&self) -> Vec<Family> { vec![Family::Loss, Family::TwoWayCut, Family::Crash] }
///     fn config(&self) -> &'static [Key] { &[] }
///     fn asks(&self) -> &'static [Key] {
///         const { &[Key::new("ping", Form::Peer, "Whom to ping.").required()] }
///     }
///     fn cast(&self, nodes: &Nodes, _config: &Section) -> Result<Cast<Echo, Nobody>, Trouble> {
///         Ok(Cast::of(vec![Echo::default(); nodes.len()], Nobody))
///     }
///     fn ask(&self, row: &Section, _cast: &Cast<Echo, Nobody>) -> Result<Recipe<PeerId>, Trouble> {
///         let whom = row.peer("ping").expect("a required key");
///         Ok(Arc::new(move |_dice, _nth| whom))
///     }
///     fn oracles(&self, _cast: &Cast<Echo, Nobody>) -> Vec<Box<dyn Oracle<Echo, Nobody>>> { Vec::new() }
/// }
///
/// let registry = Registry::new().with(Pings);
/// let staged = registry.read("pings.toml", r#"
///     purpose = "pings arrive while a cut comes and goes"
///     machine = "pings"
///     nodes   = ["a", "b"]
///     ask     = [{ rate = "10/s", node = "a", ping = "b" }]
///     fault   = [{ at = "5s..10s", cut = ["a", "b"], heal = "+9s" }]
/// "#).unwrap();
/// let report = staged.run(7, Recorder::tail(20));
/// assert!(report.ok() && report.rows.iter().all(|row| row.fired > 0));
/// ```
pub trait Subject: Send + Sync + 'static {
    /// The machine.
    type Machine: Simulated;
    /// The scripted world around the nodes; [`crate::Nobody`] for none.
    type Outside: Outside<Self::Machine>;

    /// What scenarios call it.
    fn name(&self) -> &'static str;

    /// What it is, in a line.
    fn purpose(&self) -> &'static str;

    /// The fault families under which its oracles must hold: what `swarm = "default"` draws from.
    fn tolerates(&self) -> Vec<Family>;

    /// Marks that a campaign of twenty seeds or more must reach, lest it is not valid.
    fn marks(&self) -> &'static [&'static str] {
        &[]
    }

    /// The name of node `nth`, from 0, where a scenario only gives their number.
    fn node_name(&self, nth: usize) -> String {
        format!("n{}", nth + 1)
    }

    /// The keys of the table `config`.
    fn config(&self) -> &'static [Key];

    /// The keys of a row of asks, besides those that all have: `at`, `every`, `rate`, `from`, `until`, `node`.
    fn asks(&self) -> &'static [Key];

    /// The machines, as configured; one for each of `nodes`, in this order.
    fn cast(&self, nodes: &Nodes, config: &Section) -> Result<Cast<Self::Machine, Self::Outside>, Trouble>;

    /// What a row of asks wants.
    fn ask(
        &self,
        row: &Section,
        cast: &Cast<Self::Machine, Self::Outside>,
    ) -> Result<Recipe<<Self::Machine as Machine>::Ask>, Trouble>;

    /// The nodes that the second phase heals, where the scenario does not say: at first all of them.
    fn core(&self, cast: &Cast<Self::Machine, Self::Outside>, dice: &mut Dice) -> Vec<PeerId> {
        let _ = dice;
        (0..u32::try_from(cast.machines.len()).unwrap_or(u32::MAX)).map(PeerId::new).collect()
    }

    /// How a small world of it is searched exhaustively, as `antfarm check` does; `None`: it cannot be.
    fn search(&self, cast: &Cast<Self::Machine, Self::Outside>) -> Option<Search<Self::Machine, Self::Outside>> {
        let _ = cast;
        None
    }

    /// Who writes a run down as a person would, which `replay --told` prints; `None`: nobody.
    fn teller(&self, nodes: &Nodes) -> Option<Teller<Self::Machine, Self::Outside>> {
        let _ = nodes;
        None
    }

    /// What an oracle says of a violation, with nodes by their names where it calls them otherwise.
    fn named(&self, message: String, nodes: &Nodes) -> String {
        let _ = nodes;
        message
    }

    /// Everything that must hold; made anew for each run.
    fn oracles(&self, cast: &Cast<Self::Machine, Self::Outside>) -> Vec<Box<dyn Oracle<Self::Machine, Self::Outside>>>;
}

/// Says of one event what a person would write down: any number of sentences.
pub type Teller<M, O> = Box<dyn FnMut(&Moment<'_, M, O>) -> Vec<String> + Send>;

/// Makes asks, of dice of their own and their ordinal in the row, from 1.
pub type Recipe<A> = Arc<dyn Fn(&mut Dice, u64) -> A + Send + Sync>;

/// Who takes part.
#[derive(Clone, Debug)]
pub struct Cast<M, O> {
    /// The nodes' machines, as configured.
    pub machines: Vec<M>,
    /// Who is outside.
    pub outside: O,
    /// Names of the peers outside; their numbers follow the nodes'.
    pub peers: Vec<String>,
    /// The nodes that are asked where a row does not say; empty: all.
    pub clients: Vec<PeerId>,
    /// Nodes that stand for services with an availability of their own: no planned fault takes their memory or befalls their
    /// disks, and a search crashes none of them.
    pub lasting: Vec<PeerId>,
}

impl<M, O> Cast<M, O> {
    /// These machines and what is outside, which has no names; every node may be asked.
    pub fn of(machines: Vec<M>, outside: O) -> Self {
        Self { machines, outside, peers: Vec::new(), clients: Vec::new(), lasting: Vec::new() }
    }
}
