//! What the host guarantees, tested at its boundary.

mod alarms;
mod clock;
mod incarnation;
mod kit;
mod lanes;
mod metrics;
mod raft;
mod recording;
mod rounds;
mod stop;
