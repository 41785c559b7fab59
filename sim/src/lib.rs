//! Deterministic simulation of machines.
//!
//! A [`World`] is a value: machines, their disks and clocks, and what is pending between them. What happens next is a
//! [`Choice`]; who picks it is a *walk*. [`Simulation`] is the seeded walk, which breaks everything that can break.
#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod chance;
mod check;
mod checked;
mod digest;
#[doc(hidden)]
pub mod doc;
mod fault;
mod link;
mod name;
mod oracle;
mod prop;
mod record;
mod replay;
pub mod scenario;
mod search;
mod seeds;
mod simulate;
mod subject;
mod traced;
mod track;
mod wander;
mod world;

pub use chance::{Chance, Dice, Odds, Slot, Stream, scale};
pub use check::{Budget, FoldHasher, Invariant, MAX_INVARIANTS, Model};
pub use checked::{Checked, Counterexample};
pub use digest::{CHECKPOINT, TraceDigest};
pub use fault::{Family, Fault, Header, Loss, Planned, Reach, Shape, Stage};
pub use name::{BadName, Fate, FlightName, Name};
pub use oracle::{Failure, Moment, Oracle, Phase, Violation};
pub use prop::picks;
pub use record::{BadRecording, BadStep, Recorder, Recording, Step};
pub use replay::{Divergence, Parting, Replay};
pub use search::{Found, MAX_PROPERTIES, Order, Search, Searched, Space, explore};
pub use seeds::seeds;
pub use simulate::{CALM_DISK, CALM_LINK, Injected, Load, Maker, Simulation, swarm};
pub use subject::{Nobody, Outside, Simulated};
pub use traced::Traced;
pub use wander::Wander;
pub use world::{
    ArmId, AskId, Born, Choice, ClockChange, Disk, Flight, FlightId, Harm, Menu, Scratch, SyncId, Time, Verdict, World,
};
