//! The storage fault atlas: what can be recovered is recovered.
//!
//! A server may fall silent for good only over damage that it was not told of, which the simulated disk keeps a list of. A
//! torn write, a failed or a lost one, and a full disk are no such damage.

use crate::{Node, Notice};
use antfarm_machine::reached;
use antfarm_sim::{Moment, Oracle, Violation};
use std::format;

/// A server gives up for good only when its disk is damaged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Damage;

impl<O> Oracle<Node, O> for Damage {
    fn property(&self) -> &'static str {
        "damage"
    }

    fn claim(&self) -> &'static str {
        "a server gives up for good only when answered writes of its disk are damaged"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        for notice in moment.notices {
            if let (Notice::Halted { object, offset }, Some(node)) = (notice, moment.node) {
                reached!("oracle.damage");
                if moment.world.disk(node).harms().is_empty() {
                    return Err(Violation::at(node, format!("gave up over `{object}` at {offset}, and no byte is damaged")));
                }
            }
        }
        Ok(())
    }
}
