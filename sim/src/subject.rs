//! What can be simulated: machines whose vocabulary has a canonical encoding, and the scripted world around them.

use antfarm_identity::Codec;
use antfarm_machine::{Datum, Machine, PeerId};

/// A machine that the simulator can drive. Implemented for every [`Machine`] whose asks, messages, timers and notices are
/// [`Codec`]: digests, corruption and names of choices need their bytes and kinds.
pub trait Simulated: Machine<Ask: Codec, Message: Codec, Timer: Codec, Notice: Codec> {}
impl<M: Machine<Ask: Codec, Message: Codec, Timer: Codec, Notice: Codec>> Simulated for M {}

/// Scripted peers outside the nodes: tools, minds, chains. Their numbers begin after the last node's.
///
/// Part of the world's value, so a plain state machine too; it answers at once, and its answers travel like all messages.
pub trait Outside<M: Machine>: Datum {
    /// `to` hears `message` from the node `from`; answers are pushed as (from, to, message).
    fn heard(&mut self, to: PeerId, from: PeerId, message: M::Message, answers: &mut Vec<(PeerId, PeerId, M::Message)>);
}

/// Nobody is outside: what is sent there is lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Nobody;

impl<M: Machine> Outside<M> for Nobody {
    fn heard(&mut self, _: PeerId, _: PeerId, _: M::Message, _: &mut Vec<(PeerId, PeerId, M::Message)>) {}
}
