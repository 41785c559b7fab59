//! What this crate promises, tested from outside.

mod fact;
mod fixture;
mod redact;
mod redact_random;
mod world;
mod world_random;
