//! What a machine wants done, as data, and the sink it emits into.

use crate::{Machine, Operation, PeerId, Request, Span, Ticket};
use alloc::vec::Vec;
use core::fmt;

/// One thing that a machine wants done. The driver performs effects in the order in which they were emitted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Effect<M: Machine> {
    /// Send a message. It may be lost, late, doubled or reordered; no receipt comes.
    Send {
        /// The addressee; sending to oneself goes over the network too.
        to: PeerId,
        /// What to say.
        message: M::Message,
    },
    /// Ask the disk for something. Exactly one receipt with the request's ticket comes back, unless the process ends first
    /// or the disk hangs.
    Store(Request),
    /// Ring `timer` once, when `after` has passed on the monotonic clock. Replaces an armed alarm of that name.
    Arm {
        /// The alarm's name.
        timer: M::Timer,
        /// How long from now.
        after: Span,
    },
    /// Do not ring this alarm. Disarming an alarm that is not armed does nothing.
    Disarm(M::Timer),
    /// Tell observers.
    Tell(M::Notice),
}

impl<S: Machine> Effect<S> {
    /// The same effect in the vocabulary of a machine that contains `S`; requests to the disk go through `store`, where the
    /// container puts the ticket and the object's name into a part of its own.
    pub fn map<M: Machine>(
        self,
        message: impl FnOnce(S::Message) -> M::Message,
        timer: impl FnOnce(S::Timer) -> M::Timer,
        notice: impl FnOnce(S::Notice) -> M::Notice,
        store: impl FnOnce(Request) -> Request,
    ) -> Effect<M> {
        match self {
            Self::Send { to, message: it } => Effect::Send { to, message: message(it) },
            Self::Store(request) => Effect::Store(store(request)),
            Self::Arm { timer: it, after } => Effect::Arm { timer: timer(it), after },
            Self::Disarm(it) => Effect::Disarm(timer(it)),
            Self::Tell(it) => Effect::Tell(notice(it)),
        }
    }
}

/// Where a step emits its effects: a view of a buffer that the driver owns and reuses.
pub struct Effects<'a, M: Machine> {
    sink: Sink<'a, M>,
}

enum Sink<'a, M: Machine> {
    Buffer(&'a mut Vec<Effect<M>>),
    Container(&'a mut dyn FnMut(Effect<M>)),
}

impl<'a, M: Machine> Effects<'a, M> {
    /// Effects go to the end of `buffer`.
    pub fn new(buffer: &'a mut Vec<Effect<M>>) -> Self {
        Self { sink: Sink::Buffer(buffer) }
    }

    /// Emits one effect.
    pub fn emit(&mut self, effect: Effect<M>) {
        match &mut self.sink {
            Sink::Buffer(buffer) => buffer.push(effect),
            Sink::Container(accept) => accept(effect),
        }
    }

    /// Emits [`Effect::Send`].
    pub fn send(&mut self, to: PeerId, message: M::Message) {
        self.emit(Effect::Send { to, message });
    }

    /// Emits [`Effect::Store`].
    pub fn store(&mut self, ticket: Ticket, operation: Operation) {
        self.emit(Effect::Store(Request { ticket, operation }));
    }

    /// Emits [`Effect::Arm`].
    pub fn arm(&mut self, timer: M::Timer, after: Span) {
        self.emit(Effect::Arm { timer, after });
    }

    /// Emits [`Effect::Disarm`].
    pub fn disarm(&mut self, timer: M::Timer) {
        self.emit(Effect::Disarm(timer));
    }

    /// Emits [`Effect::Tell`].
    pub fn tell(&mut self, notice: M::Notice) {
        self.emit(Effect::Tell(notice));
    }

    /// Lets a contained machine emit through this sink, each effect put into this machine's vocabulary by `wrap` as it is
    /// emitted; there is no second buffer. See [`Effect::map`].
    pub fn lift<S: Machine, R>(
        &mut self,
        wrap: impl Fn(Effect<S>) -> Effect<M>,
        inner: impl FnOnce(&mut Effects<'_, S>) -> R,
    ) -> R {
        let mut accept = |effect| self.emit(wrap(effect));
        inner(&mut Effects { sink: Sink::Container(&mut accept) })
    }
}

impl<M: Machine> fmt::Debug for Effects<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sink {
            Sink::Buffer(buffer) => f.debug_tuple("Effects").field(buffer).finish(),
            Sink::Container(_) => f.write_str("Effects(lifted)"),
        }
    }
}
