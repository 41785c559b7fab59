//! What the frames behind the header say.

use crate::Recordable;
use crate::vocabulary::{decode_input, encode_input};
use alloc::vec::Vec;
use antfarm_identity::{Codec, Made, Malformed, Reader};
use antfarm_machine::{Input, Machine, Now};

pub(crate) const STEP: u8 = 0;
pub(crate) const PANICKED: u8 = 1;

/// One entry of a recording. All but [`Entry::Step`] are the last of theirs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Entry<M: Machine> {
    /// The machine took an input.
    Step(Step<M>),
    /// The machine panicked at this input; nobody knows what it had wanted.
    Panicked {
        /// What it was fed.
        input: Input<M>,
        /// When.
        now: Now,
    },
    /// The run went on, but the recording could not: the writer could not keep up, or a step was longer than [`crate::MAX_FRAME`].
    Overrun,
    /// The run ended as it was told to.
    Stopped,
}

/// An input that was taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Step<M: Machine> {
    /// What was fed.
    pub input: Input<M>,
    /// What the clocks read.
    pub now: Now,
    /// The digest of all effects so far, those of this step included.
    pub effects: u64,
    /// What the machine's signer made in this step, in order; nothing where nobody watched it.
    pub made: Vec<Made>,
}

impl<M: Recordable> Codec for Entry<M> {
    const KINDS: &'static [&'static str] = &["Step", "Panicked", "Overrun", "Stopped"];
    const SHORTEST: usize = 1;

    fn kind(&self) -> u16 {
        match self {
            Self::Step(_) => STEP.into(),
            Self::Panicked { .. } => PANICKED.into(),
            Self::Overrun => 2,
            Self::Stopped => 3,
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Step(Step { input, now, effects, made }) => {
                out.push(STEP);
                encode_input(input, out);
                now.encode(out);
                effects.encode(out);
                made.encode(out);
            }
            Self::Panicked { input, now } => {
                out.push(PANICKED);
                encode_input(input, out);
                now.encode(out);
            }
            Self::Overrun => out.push(2),
            Self::Stopped => out.push(3),
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag(4)? {
            STEP => Self::Step(Step {
                input: decode_input(input)?,
                now: Codec::decode(input)?,
                effects: Codec::decode(input)?,
                made: Codec::decode(input)?,
            }),
            PANICKED => Self::Panicked { input: decode_input(input)?, now: Codec::decode(input)? },
            2 => Self::Overrun,
            _ => Self::Stopped,
        })
    }
}
