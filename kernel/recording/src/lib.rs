//! A production run as a value: every input in the order in which it was fed, with the time at which it was, and a rolling digest of
//! the effects. A machine is a pure function of these, so whoever has the recording and the machine has the run.
//!
//! A [`Scribe`] stands between driver and machine and gives bytes; a [`Recording`] reads bytes; [`replay`] feeds a fresh machine and
//! says whether its effects are the same, or at which input they part. No IO: who writes and reads the file is the host's and the
//! tool's business, which see this crate and not each other.
//!
//! ```
//! # use antfarm_machine::{Clock, Driver, Effects, Input, Machine, Network, Now, Observer, PeerId, Request, Span, Storage};
//! use antfarm_recording::{Header, Recording, Replayed, Scribe, replay};
//! # #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
//! # struct Counter(u64);
//! # impl Machine for Counter {
//! #     type Ask = u64; type Message = u64; type Timer = (); type Notice = ();
//! #     fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
//! #         if let Input::Asked(by) = input { self.0 += by; out.send(PeerId::new(1), self.0); }
//! #     }
//! # }
//! # struct Ports;
//! # impl Clock<()> for Ports { fn now(&mut self) -> Now { Now::ZERO } fn arm(&mut self, _: (), _: Span) {} fn disarm(&mut self, _: &()) {} }
//! # impl Network<u64> for Ports { fn send(&mut self, _: PeerId, _: u64) {} }
//! # impl Storage for Ports { fn submit(&mut self, _: Request) {} }
//! # impl Observer<()> for Ports { fn tell(&mut self, _: ()) {} }
//! let configured = Counter::default();
//! let header = Header { machine: "counter".into(), setup: vec![] };
//!
//! let mut bytes = Vec::new();
//! let mut scribe = Scribe::new(&header, &mut bytes);
//! let (mut driver, mut ports, mut machine) = (Driver::new(), Ports, configured.clone());
//! scribe.turn(&mut driver, &mut machine, &mut ports, Input::Asked(7), &mut bytes);
//! scribe.stopped(&mut bytes);
//!
//! let recording = Recording::open(&bytes).unwrap();
//! assert_eq!(recording.header(), &header);
//! assert_eq!(replay(&configured, &recording, |_| ()), Replayed::Stopped { steps: 1 });
//! ```
//!
//! # The format
//!
//! Eight bytes of magic, then frames: length of the payload as `u32`, checksum as `u64`, payload; little-endian, as everything in the canonical
//! codec. The checksum is an [`antfarm_identity::Fold`] of the frame's number, counted from 0, and its payload, so a frame is
//! good in its own place only. The first payload is the format's number, the machine's name and its setup; each other is an
//! [`Entry`]. A recording whose process was killed lacks its end: what was written reads, and [`Tail`] says how it stops.
//!
//! # What a recording gives away
//!
//! Everything that the machine was told, as it was told: keep it like the machine's own data, and remove it with what was removed
//! there. Whoever has secrets to take out of inputs does so before the scribe sees them, and feeds the machine the same.
//!
//! Secret keys are not in it. What a machine's signer made is, where the scribe is told of it ([`Scribe::witness`]): a replay looks it up
//! ([`Recording::made`]) in place of signing.

#![no_std]
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]
extern crate alloc;

mod entry;
mod frame;
mod header;
mod reading;
mod replay;
mod scribe;
mod vocabulary;

pub use entry::{Entry, Step};
pub use frame::{MAX_FRAME, is_recording};
pub use header::{FORMAT, Header};
pub use reading::{Entries, Recording, Tail, Unreadable, Why};
pub use replay::{Replayed, Turn, replay, replay_while};
pub use scribe::Scribe;
pub use vocabulary::Recordable;
