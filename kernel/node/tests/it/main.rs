//! What this crate promises, tested from outside.

mod fixture;
mod world;
mod world_random;
