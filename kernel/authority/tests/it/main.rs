//! What this crate promises, tested from outside.

mod budget;
mod budget_random;
mod chain;
mod codec;
mod fixture;
mod narrowing;
