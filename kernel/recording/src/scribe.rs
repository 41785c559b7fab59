//! Who writes the recording, standing between the driver and what is around the machine.
//!
//! Bytes go to the end of a buffer of the caller, who carries them to a file in their order.

use crate::entry::{PANICKED, STEP};
use crate::frame::{self, MAGIC};
use crate::vocabulary::{Vocabulary, Wanted};
use crate::{Header, MAX_FRAME, Recordable};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Made, to_bytes};
use antfarm_machine::{Clock, Driver, Environment, Input, Machine, Network, Now, Observer, PeerId, Request, Span, Storage};
use core::fmt;
use core::marker::PhantomData;

/// Writes one recording. Only making one asks that the machine be [`Recordable`], so a host may hold one for any machine.
pub struct Scribe<M: Machine> {
    wanted: Wanted<M>,
    /// The next frame's number.
    frames: u64,
    /// The entry that is being written.
    payload: Vec<u8>,
    now: Now,
    /// Whether the recording has not ended.
    open: bool,
    /// Takes what the machine's signer made since it was last asked.
    made: Box<dyn FnMut() -> Vec<Made> + Send>,
}

impl<M: Machine> Scribe<M> {
    /// Begins a recording in `out`.
    pub fn new(header: &Header, out: &mut Vec<u8>) -> Self
    where
        M: Recordable,
    {
        out.extend_from_slice(&MAGIC);
        frame::write(0, &to_bytes(header), out);
        Self {
            wanted: Wanted::new(Vocabulary::new()),
            frames: 1,
            payload: Vec::new(),
            now: Now::ZERO,
            open: true,
            made: Box::new(Vec::new),
        }
    }

    /// Asks `made` after each turn for what the machine's signer made in it: without that, who has no secret cannot replay a machine
    /// that signs. See [`antfarm_identity::Signer::watched`].
    pub fn witness(&mut self, made: impl FnMut() -> Vec<Made> + Send + 'static) {
        self.made = Box::new(made);
    }

    /// Whether the recording goes on. After its end, turns are turns and nothing more.
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// [`Driver::turn`], written down in `out`. When the machine panics, nothing is; say [`Scribe::panicked`] then.
    pub fn turn<E: Environment<M>>(
        &mut self,
        driver: &mut Driver<M>,
        machine: &mut M,
        env: &mut E,
        input: Input<M>,
        out: &mut Vec<u8>,
    ) {
        if !self.open {
            return driver.turn(machine, env, input);
        }
        self.payload.clear();
        self.payload.push(STEP);
        (self.wanted.vocabulary.input)(&input, &mut self.payload);
        driver.turn(machine, &mut Watched { env, scribe: self, machine: PhantomData }, input);
        self.now.encode(&mut self.payload);
        self.wanted.digest().encode(&mut self.payload);
        (self.made)().encode(&mut self.payload);
        match self.payload.len() <= MAX_FRAME {
            true => self.write(out),
            false => self.overrun(out),
        }
    }

    /// Ends the recording: the last turn panicked.
    pub fn panicked(&mut self, out: &mut Vec<u8>) {
        if !self.open {
            return;
        }
        let tag = self.payload.first_mut().expect("a turn had begun and not ended");
        *tag = PANICKED;
        self.now.encode(&mut self.payload);
        match self.payload.len() <= MAX_FRAME {
            true => self.write(out),
            false => self.overrun(out),
        }
        self.open = false;
    }

    /// Ends the recording: it cannot keep up.
    pub fn overrun(&mut self, out: &mut Vec<u8>) {
        self.end(2, out);
    }

    /// Ends the recording: the run was told to end.
    pub fn stopped(&mut self, out: &mut Vec<u8>) {
        self.end(3, out);
    }

    fn end(&mut self, tag: u8, out: &mut Vec<u8>) {
        if self.open {
            self.payload.clear();
            self.payload.push(tag);
            self.write(out);
            self.open = false;
        }
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        frame::write(self.frames, &self.payload, out);
        self.frames += 1;
        self.payload.clear();
    }
}

impl<M: Machine> fmt::Debug for Scribe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scribe").field("frames", &self.frames).field("open", &self.open).finish_non_exhaustive()
    }
}

/// An environment that is watched: it does what the inner one does.
struct Watched<'a, M: Machine, E> {
    env: &'a mut E,
    scribe: &'a mut Scribe<M>,
    machine: PhantomData<M>,
}

impl<M: Machine, E: Environment<M>> Clock<M::Timer> for Watched<'_, M, E> {
    fn now(&mut self) -> Now {
        self.scribe.now = Clock::<M::Timer>::now(self.env);
        self.scribe.now
    }
    fn arm(&mut self, timer: M::Timer, after: Span) {
        self.scribe.wanted.arm(&timer, after);
        self.env.arm(timer, after);
    }
    fn disarm(&mut self, timer: &M::Timer) {
        self.scribe.wanted.disarm(timer);
        self.env.disarm(timer);
    }
}

impl<M: Machine, E: Environment<M>> Network<M::Message> for Watched<'_, M, E> {
    fn send(&mut self, to: PeerId, message: M::Message) {
        self.scribe.wanted.send(to, &message);
        self.env.send(to, message);
    }
}

impl<M: Machine, E: Environment<M>> Storage for Watched<'_, M, E> {
    fn submit(&mut self, request: Request) {
        self.scribe.wanted.store(&request);
        self.env.submit(request);
    }
}

impl<M: Machine, E: Environment<M>> Observer<M::Notice> for Watched<'_, M, E> {
    fn tell(&mut self, notice: M::Notice) {
        self.scribe.wanted.tell(&notice);
        self.env.tell(notice);
    }
}
