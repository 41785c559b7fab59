//! One call of a tool, from the moment in which it was decided on, until it is forgotten.

use crate::ask::Answer;
use crate::fact::Reason;
use crate::message::{Call, MAX_RESULT};
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_authority::{Amount, Bytes, EffectKey, Granted, Intent, Nonce, Proposal, Resolution, WritId};
use antfarm_identity::{Codec, Malformed, Reader, Reason as Flaw};
use antfarm_machine::Wall;

/// A call that was started.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Effect {
    writ: WritId,
    nonce: Nonce,
    resolution: Resolution,
    cost: Amount,
    until: Wall,
    at: Wall,
    position: u64,
    /// What is said to the tool, until it is settled.
    call: Option<Arc<Call>>,
    phase: Phase,
}

/// How far a call got.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Phase {
    /// It may have been made, and no outcome is on the ledger.
    Started,
    /// Its contract cannot say how it went.
    Doubted,
    /// It was never made.
    Withheld(Reason),
    /// It took effect.
    Done(Bytes<MAX_RESULT>),
    /// It had no effect.
    Failed,
}

impl Effect {
    pub(crate) fn started(intent: &Intent, proposal: &Proposal, at: Wall, deadline: Wall, position: u64) -> Self {
        let (tool, target, args) = (intent.tool.clone(), intent.target.clone(), intent.args.clone());
        let call = Call { key: proposal.key, tool, target, args, deadline };
        Self {
            writ: proposal.writ,
            nonce: intent.nonce,
            resolution: proposal.resolution,
            cost: proposal.cost,
            until: intent.until,
            at,
            position,
            call: Some(Arc::new(call)),
            phase: Phase::Started,
        }
    }

    /// Appends its encoding for a checkpoint, under this key; `place` is that of its writ.
    pub(crate) fn save(&self, key: EffectKey, place: u32, out: &mut Vec<u8>) {
        let Self { writ: _, nonce, resolution, cost, until, at, position, call, phase } = self;
        (key, place, *nonce, *resolution).encode(out);
        (*cost, *until, *at, *position).encode(out);
        phase.encode(out);
        if let Some(call) = call.as_deref() {
            (call.tool.clone(), call.target.clone(), call.args.clone(), call.deadline).encode(out);
        }
    }

    /// Reads one, and its key. `kept` are the writs in their places.
    pub(crate) fn restore(kept: &[Granted], input: &mut Reader<'_>) -> Result<(EffectKey, Self), Malformed> {
        let offset = input.offset();
        let (key, place, nonce, resolution) = <(EffectKey, u32, Nonce, Resolution)>::decode(input)?;
        let (cost, until, at, position) = Codec::decode(input)?;
        let writ = usize::try_from(place).ok().and_then(|place| kept.get(place)).map(Granted::id);
        let writ = writ.ok_or(Malformed { offset, reason: Flaw::Illegal { what: "Effect" } })?;
        let phase = Phase::decode(input)?;
        let mut it = Self { writ, nonce, resolution, cost, until, at, position, call: None, phase };
        if it.is_open() {
            let (tool, target, args, deadline) = Codec::decode(input)?;
            it.call = Some(Arc::new(Call { key, tool, target, args, deadline }));
        }
        Ok((key, it))
    }

    /// The writ that it was started under.
    pub const fn writ(&self) -> WritId {
        self.writ
    }

    /// The wish that it came from.
    pub const fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// How it is resolved when it is in doubt.
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// What was set aside for it.
    pub const fn cost(&self) -> Amount {
        self.cost
    }

    /// Until when it could be started. It is remembered for longer, and as long as it is not settled.
    pub const fn until(&self) -> Wall {
        self.until
    }

    /// When it was started, by this node's clock.
    pub const fn at(&self) -> Wall {
        self.at
    }

    /// The position of the record that says that it was started.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// How far it got.
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What is said to the tool; none once it is settled.
    pub fn call(&self) -> Option<&Call> {
        self.call.as_deref()
    }

    /// Whether it is not settled: its cost is set aside.
    pub const fn is_open(&self) -> bool {
        match self.phase {
            Phase::Started | Phase::Doubted => true,
            Phase::Withheld(_) | Phase::Done(_) | Phase::Failed => false,
        }
    }

    /// What a client is told; nothing as long as it is under way.
    pub fn answer(&self) -> Option<Answer> {
        match &self.phase {
            Phase::Started => None,
            Phase::Doubted => Some(Answer::InDoubt),
            Phase::Withheld(reason) => Some(Answer::Refused(reason.clone())),
            Phase::Done(result) => Some(Answer::Done { result: result.clone() }),
            Phase::Failed => Some(Answer::Failed),
        }
    }

    pub(crate) fn doubt(&mut self) {
        self.phase = Phase::Doubted;
    }

    pub(crate) fn end(&mut self, phase: Phase) {
        assert!(self.is_open(), "an effect is settled once");
        self.phase = phase;
        self.call = None;
        assert!(!self.is_open(), "what is settled is not under way");
    }
}
