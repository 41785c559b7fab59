//! The boundary between a decision and the world it is made in.
//!
//! A [`Machine`] is plain data with one function, [`Machine::step`]: an [`Input`] goes in, [`Effect`]s come out. It never
//! blocks, never reads a clock and never draws a random number, so the same code runs in production, in a simulator, in a
//! model checker and under a fuzzer. A *driver* feeds it, through [`Driver::turn`], the only caller of the three ports
//! [`Clock`], [`Network`] and [`Storage`] (and of an [`Observer`], on whom nothing may depend).
//!
//! # A machine
//!
//! It answers each `Ping` and complains when nobody calls for a second:
//!
//! ```
//! use antfarm_machine::{Driver, Effect, Effects, Input, Machine, Now, PeerId, Span};
//!
//! #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
//! struct Echo { answered: u64 }
//!
//! #[derive(Clone, PartialEq, Eq, Hash, Debug)]
//! enum Message { Ping(u64), Pong(u64) }
//! #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
//! struct Idle;
//! #[derive(Clone, PartialEq, Eq, Hash, Debug)]
//! struct Lonely;
//!
//! impl Machine for Echo {
//!     type Ask = (PeerId, u64);
//!     type Message = Message;
//!     type Timer = Idle;
//!     type Notice = Lonely;
//!
//!     fn step(&mut self, _now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
//!         match input {
//!             Input::Woke { .. } => out.arm(Idle, Span::from_secs(1)),
//!             Input::Asked((to, number)) => out.send(to, Message::Ping(number)),
//!             Input::Heard { from, message: Message::Ping(number) } => {
//!                 self.answered += 1;
//!                 out.send(from, Message::Pong(number));
//!                 out.arm(Idle, Span::from_secs(1)); // a name, not a deadline: this replaces the earlier alarm
//!             }
//!             Input::Heard { message: Message::Pong(_), .. } => {}
//!             Input::Rang(Idle) => out.tell(Lonely),
//!             Input::Stored(_) => unreachable!("this machine stores nothing"),
//!         }
//!     }
//! }
//!
//! // Driving it by hand, without any port: effects are data.
//! let mut echo = Echo::default();
//! let mut effects = Vec::new();
//! let input = Input::Heard { from: PeerId::new(7), message: Message::Ping(1) };
//! echo.step(Now::ZERO, input, &mut Effects::new(&mut effects));
//! assert_eq!(effects[0], Effect::Send { to: PeerId::new(7), message: Message::Pong(1) });
//! ```
//!
//! # What a driver owes a machine
//!
//! - `Woke` is the first input after a start, and after each restart; a restarted machine is a clone of the machine as it was
//!   configured, never of the state it had: what must survive is read back through [`Storage`].
//! - Inputs come one at a time. Effects are performed in the order in which they were emitted, after the step returned.
//! - Every port accepts and returns at once. Outcomes come back later, as inputs, in any order that the ports' contracts allow.
//!
//! # What a machine owes its driver
//!
//! - Durable before visible: nothing that reveals a stored fact is sent before that fact's [`Receipt`] came back.
//! - State is bounded: every queue, map and buffer that inputs can grow has a named limit and a typed refusal.
//! - No floats, hash maps, randomness, clocks or history in the state; it is compared, hashed and cloned all the time.
//!
//! This crate has no dependencies and needs only `alloc`. The contracts of the ports are executable: see
//! `antfarm-conformance`.

#![no_std]
extern crate alloc;

mod effect;
mod machine;
pub mod mark;
mod port;
mod storage;
mod time;

pub use effect::{Effect, Effects};
pub use machine::{Datum, Input, Machine, PeerId};
pub use port::{Clock, Driver, Environment, Network, Observer, Ports};
pub use storage::{BadObject, Entry, MAX_APPEND, MAX_OBJECT_NAME, Object, Operation, Outcome, Receipt, Request, Storage, Ticket};
pub use time::{MAX_DRIFT, MAX_SKEW, Mono, Now, Ppm, Span, Wall};
