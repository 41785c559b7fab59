//! What this crate promises, tested from outside.

mod budget;
mod budget_random;
mod chain;
mod codec;
mod compile;
mod fixture;
mod forget;
mod forget_random;
mod marks;
mod narrowing;
mod saved;
mod standing;
mod standing_random;
