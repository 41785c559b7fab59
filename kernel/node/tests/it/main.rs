//! What this crate promises, tested from outside.

mod alone;
mod fact;
mod fixture;
mod forgetting;
mod forgetting_random;
mod redact;
mod redact_random;
mod world;
mod world_random;
