//! How inputs and effects are written down. [`Input`] and [`Effect`](antfarm_machine::Effect) belong to a crate without a codec, so theirs is here.

use alloc::vec::Vec;
use antfarm_identity::{Codec, Fold, Malformed, Reader};
use antfarm_machine::{Effect, Input, Machine, PeerId, Request, Span};

/// A machine whose whole vocabulary has a canonical encoding. Implemented for every machine that qualifies.
pub trait Recordable: Machine<Ask: Codec, Message: Codec, Timer: Codec, Notice: Codec> {}
impl<M: Machine<Ask: Codec, Message: Codec, Timer: Codec, Notice: Codec>> Recordable for M {}

/// Appends an input: the tag of its kind, in the order of declaration, then its fields.
pub(crate) fn encode_input<M: Recordable>(input: &Input<M>, out: &mut Vec<u8>) {
    match input {
        Input::Woke { incarnation } => {
            out.push(0);
            incarnation.encode(out);
        }
        Input::Asked(ask) => {
            out.push(1);
            ask.encode(out);
        }
        Input::Heard { from, message } => {
            out.push(2);
            from.encode(out);
            message.encode(out);
        }
        Input::Stored(receipt) => {
            out.push(3);
            receipt.encode(out);
        }
        Input::Rang(timer) => {
            out.push(4);
            timer.encode(out);
        }
    }
}

/// Reads an input.
pub(crate) fn decode_input<M: Recordable>(input: &mut Reader<'_>) -> Result<Input<M>, Malformed> {
    Ok(match input.tag(5)? {
        0 => Input::Woke { incarnation: Codec::decode(input)? },
        1 => Input::Asked(Codec::decode(input)?),
        2 => Input::Heard { from: Codec::decode(input)?, message: Codec::decode(input)? },
        3 => Input::Stored(Codec::decode(input)?),
        _ => Input::Rang(Codec::decode(input)?),
    })
}

/// Functions that encode the parts of a vocabulary, so that what holds them needs no bounds.
pub(crate) struct Vocabulary<M: Machine> {
    pub(crate) input: fn(&Input<M>, &mut Vec<u8>),
    pub(crate) message: fn(&M::Message, &mut Vec<u8>),
    pub(crate) timer: fn(&M::Timer, &mut Vec<u8>),
    pub(crate) notice: fn(&M::Notice, &mut Vec<u8>),
}

impl<M: Recordable> Vocabulary<M> {
    pub(crate) const fn new() -> Self {
        Self { input: encode_input::<M>, message: Codec::encode, timer: Codec::encode, notice: Codec::encode }
    }
}

/// The rolling digest of effects: each is absorbed as the tag of its kind and its fields.
pub(crate) struct Wanted<M: Machine> {
    pub(crate) vocabulary: Vocabulary<M>,
    fold: Fold,
    scratch: Vec<u8>,
}

impl<M: Machine> Wanted<M> {
    pub(crate) const fn new(vocabulary: Vocabulary<M>) -> Self {
        Self { vocabulary, fold: Fold::new(), scratch: Vec::new() }
    }

    /// The digest of all effects so far.
    pub(crate) const fn digest(&self) -> u64 {
        self.fold.value()
    }

    pub(crate) fn effect(&mut self, effect: &Effect<M>) {
        match effect {
            Effect::Send { to, message } => self.send(*to, message),
            Effect::Store(request) => self.store(request),
            Effect::Arm { timer, after } => self.arm(timer, *after),
            Effect::Disarm(timer) => self.disarm(timer),
            Effect::Tell(notice) => self.tell(notice),
        }
    }

    pub(crate) fn send(&mut self, to: PeerId, message: &M::Message) {
        self.absorb(0, |vocabulary, out| {
            to.encode(out);
            (vocabulary.message)(message, out);
        });
    }

    pub(crate) fn store(&mut self, request: &Request) {
        self.absorb(1, |_, out| request.encode(out));
    }

    pub(crate) fn arm(&mut self, timer: &M::Timer, after: Span) {
        self.absorb(2, |vocabulary, out| {
            (vocabulary.timer)(timer, out);
            after.encode(out);
        });
    }

    pub(crate) fn disarm(&mut self, timer: &M::Timer) {
        self.absorb(3, |vocabulary, out| (vocabulary.timer)(timer, out));
    }

    pub(crate) fn tell(&mut self, notice: &M::Notice) {
        self.absorb(4, |vocabulary, out| (vocabulary.notice)(notice, out));
    }

    fn absorb(&mut self, kind: u8, encode: impl FnOnce(&Vocabulary<M>, &mut Vec<u8>)) {
        self.scratch.clear();
        self.scratch.push(kind);
        encode(&self.vocabulary, &mut self.scratch);
        self.fold.absorb(&self.scratch);
    }
}
