//! What must hold of a cluster as a whole, watched from outside after every event.
//!
//! Five properties are those of the thesis (figure 3.2): `election`, `log-matching`, `leader-completeness`, `state-machine`,
//! and, for clients, `linearizability` (section 6.3). Beside them: `acknowledged` (an answer is what the log says), `damage`
//! (nobody gives up over a healthy disk) and `liveness` (a healed core answers).
//!
//! Each oracle keeps a model of its own, of bounded size, and looks only at what the event could have changed. What an
//! oracle could not judge because of a bound is counted under a mark `oracle.*.skipped`; what it did judge under
//! `oracle.*`, so that an oracle that judged nothing is seen.

mod acknowledged;
mod candidates;
mod completeness;
mod damage;
mod election;
#[cfg(test)]
mod histories;
mod linearizability;
mod liveness;
mod matching;
mod past;
mod register;
#[cfg(test)]
mod shown;
mod state_machine;
mod window;

pub use acknowledged::Acknowledged;
pub use completeness::LeaderCompleteness;
pub use damage::Damage;
pub use election::Election;
pub use linearizability::Linearizability;
pub use liveness::{Liveness, PROGRESS};
pub use matching::LogMatching;
pub use register::Register;
pub use state_machine::StateMachine;

use crate::{Config, Node, Server};
use antfarm_machine::PeerId;
use antfarm_sim::{Moment, Oracle};
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

/// All oracles for a cluster of this configuration, new.
pub fn all<O: 'static>(config: Config) -> Vec<Box<dyn Oracle<Node, O>>> {
    vec![
        Box::new(Election::default()),
        Box::new(LogMatching::new(config)),
        Box::new(LeaderCompleteness::default()),
        Box::new(StateMachine::new(config)),
        Box::new(Acknowledged::default()),
        Box::new(Linearizability::default()),
        Box::new(Damage),
        Box::new(Liveness::new(config, PROGRESS)),
    ]
}

/// The server that took an input just now, if it takes part.
fn serving<'a, O>(moment: &Moment<'a, Node, O>) -> Option<(PeerId, &'a Server)> {
    let node = moment.node?;
    let server = moment.world.machine(node).as_server()?;
    server.is_serving().then_some((node, server))
}
