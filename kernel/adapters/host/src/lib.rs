//! Drives any [`Machine`](antfarm_machine::Machine) on tokio, with real time, and with whatever network and disk it is given.
//!
//! One task owns the machine. It takes what waits in its lanes, steps the machine with each (through
//! [`Driver::turn`](antfarm_machine::Driver::turn), as the simulator does), then hands all that is to be stored to the disk, so
//! that the disk's worker finds it together and syncs once, and then lets the outputs go. Nothing of a machine's logic is here.
//!
//! ```
//! use antfarm_host::{Host, Limits, SystemTime, lanes};
//! use antfarm_machine::{Effects, Input, Machine, Network, Now, PeerId, Ports, Request, Span, Storage};
//!
//! #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
//! struct Counter(u64);
//!
//! impl Machine for Counter {
//!     type Ask = u64;
//!     type Message = u64;
//!     type Timer = ();
//!     type Notice = ();
//!     fn step(&mut self, _: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
//!         if let Input::Asked(by) = input {
//!             self.0 += by;
//!             out.send(PeerId::new(1), self.0);
//!         }
//!     }
//! }
//!
//! # struct Wire;
//! # impl Network<u64> for Wire { fn send(&mut self, _: PeerId, _: u64) {} }
//! # struct Disk;
//! # impl Storage for Disk { fn submit(&mut self, _: Request) {} }
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
//! # runtime.block_on(async {
//! let (inbox, lanes) = lanes::<Counter>(Limits::default());
//! let ports = Ports { clock: SystemTime, network: Wire, storage: Disk, observer: () };
//! let (handle, running) = Host::new(Counter::default(), 0, ports).start(lanes);
//! let running = tokio::spawn(running);
//!
//! inbox.asked(7).unwrap();           // at once, or refused
//! inbox.asked_in_turn(8).await.unwrap(); // waits for room
//! handle.stop();                     // what waits is stepped, receipts are waited for
//! let stopped = running.await.unwrap().unwrap();
//! assert_eq!(stopped.machine, Counter(15));
//! # });
//! ```
//!
//! # What comes in, and in which order
//!
//! [`Inbox`] is the way in: messages and asks in bounded lanes that refuse or make wait, receipts in a lane that never
//! refuses. Each round takes from every lane in this order, from each at most [`Limits::round`]: receipts, messages, alarms that are due, asks.
//! So nothing starves: whatever floods one lane, another waits for one round at most. Messages go before alarms, because one
//! that waits may be just what an alarm is about to complain of the absence of.
//!
//! # Starts
//!
//! The first input is `Woke`, with the incarnation that the caller gives, which no two starts may share. A process keeps it in a
//! file beside its data: [`next_incarnation`] counts there, and returns when the new number is durable.
//!
//! # Recording
//!
//! With a [`Recorder`], each input and its time go into a file, with a digest of the effects, in the format of `antfarm-recording`. A
//! replay in the simulator's tool feeds the same machine with it and compares. A [`Witness`] notes what the machine's signer makes, so
//! that the replay needs no secret.
//!
//! # What it does not do
//!
//! No restarts: a host ends, and whoever started it decides. No retries: every outcome is an input. Nothing of tokio's timers or
//! reactor is used but through [`Timekeeper`], so that a simulated runtime can stand in.

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod alarms;
mod gauge;
mod host;
mod incarnation;
mod lanes;
mod metrics;
mod recorder;
mod room;
mod time;
mod witness;

pub use alarms::{Alarms, MAX_SLEEP};
pub use gauge::Histogram;
pub use host::{Ended, Handle, Host, Panicked, Stopped};
pub use incarnation::next_incarnation;
pub use lanes::{Inbox, Lane, Lanes, Limits, MAX_LOOKS, Refused, lanes};
pub use metrics::{Counts, Depth, Kind, KindCounts};
pub use recorder::{MAX_UNWRITTEN, Recorder};
pub use time::{SystemTime, Timekeeper};
pub use witness::Witness;
