//! The ports at the rim, and the one function that calls them.

use crate::{Effect, Effects, Input, Machine, Now, PeerId, Request, Span, Storage};
use alloc::vec::Vec;

/// Tells the time and rings alarms.
///
/// Contract: `mono` never goes back within a boot and its rate is wrong by at most [`crate::MAX_DRIFT`]. An armed alarm comes
/// back as [`Input::Rang`] once, not before `after` has passed on `mono`, unless it was disarmed or armed again before; after
/// either it never rings for the earlier arming. `arm` and `disarm` return at once, and alarms end with the process.
pub trait Clock<T> {
    /// Reads both clocks.
    fn now(&mut self) -> Now;
    /// Arms `timer`, in place of an armed alarm of that name.
    fn arm(&mut self, timer: T, after: Span);
    /// Disarms `timer` if it is armed.
    fn disarm(&mut self, timer: &T);
}

/// Carries messages.
///
/// Contract: `send` returns at once and promises nothing: the message may be lost, late, doubled or reordered. A message that
/// arrives was sent, to this addressee, by the peer that [`Input::Heard`] names: the channel authenticates, and refuses
/// bytes that were altered on the way where it can tell.
pub trait Network<T> {
    /// Sends `message` to `to`.
    fn send(&mut self, to: PeerId, message: T);
}

/// Watches. Nothing may act on a notice, so an observer can be left out without changing any behaviour.
pub trait Observer<T> {
    /// Takes note.
    fn tell(&mut self, notice: T);
}

/// Nobody watches.
impl<T> Observer<T> for () {
    fn tell(&mut self, _: T) {}
}

/// Everything that a machine of type `M` needs around it. Implemented for every type that has the three ports and observes.
pub trait Environment<M: Machine>: Clock<M::Timer> + Network<M::Message> + Storage + Observer<M::Notice> {}
impl<M: Machine, E> Environment<M> for E where E: Clock<M::Timer> + Network<M::Message> + Storage + Observer<M::Notice> {}

/// An environment put together from separate ports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ports<C, N, S, O = ()> {
    /// Tells the time.
    pub clock: C,
    /// Carries messages.
    pub network: N,
    /// Keeps bytes.
    pub storage: S,
    /// Watches.
    pub observer: O,
}

impl<T, C: Clock<T>, N, S, O> Clock<T> for Ports<C, N, S, O> {
    fn now(&mut self) -> Now {
        self.clock.now()
    }
    fn arm(&mut self, timer: T, after: Span) {
        self.clock.arm(timer, after);
    }
    fn disarm(&mut self, timer: &T) {
        self.clock.disarm(timer);
    }
}

impl<T, C, N: Network<T>, S, O> Network<T> for Ports<C, N, S, O> {
    fn send(&mut self, to: PeerId, message: T) {
        self.network.send(to, message);
    }
}

impl<C, N, S: Storage, O> Storage for Ports<C, N, S, O> {
    fn submit(&mut self, request: Request) {
        self.storage.submit(request);
    }
}

impl<T, C, N, S, O: Observer<T>> Observer<T> for Ports<C, N, S, O> {
    fn tell(&mut self, notice: T) {
        self.observer.tell(notice);
    }
}

/// Feeds machines. Owns the buffer that effects are collected in, so that a turn allocates nothing of its own.
#[derive(Debug)]
pub struct Driver<M: Machine> {
    effects: Vec<Effect<M>>,
}

impl<M: Machine> Driver<M> {
    /// A driver with an empty buffer.
    pub const fn new() -> Self {
        Self { effects: Vec::new() }
    }

    /// Reads the clock once, steps `machine` with `input`, and performs the effects in order.
    ///
    /// The only caller of the three ports, in production as in the simulator.
    pub fn turn(&mut self, machine: &mut M, env: &mut impl Environment<M>, input: Input<M>) {
        assert!(self.effects.is_empty(), "a turn performs all its effects");
        let now = Clock::<M::Timer>::now(env);
        machine.step(now, input, &mut Effects::new(&mut self.effects));
        // In the order in which they were emitted; popping them costs less than draining.
        self.effects.reverse();
        while let Some(effect) = self.effects.pop() {
            match effect {
                Effect::Send { to, message } => env.send(to, message),
                Effect::Store(request) => env.submit(request),
                Effect::Arm { timer, after } => env.arm(timer, after),
                Effect::Disarm(timer) => env.disarm(&timer),
                Effect::Tell(notice) => env.tell(notice),
            }
        }
    }
}

impl<M: Machine> Default for Driver<M> {
    fn default() -> Self {
        Self::new()
    }
}

/// The buffer is scratch: a clone starts with an empty one.
impl<M: Machine> Clone for Driver<M> {
    fn clone(&self) -> Self {
        Self::new()
    }
}
