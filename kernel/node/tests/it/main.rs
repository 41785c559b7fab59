//! What this crate promises, tested from outside.

mod alone;
mod deliveries;
mod denials;
mod docket;
mod entities;
mod fact;
mod fixture;
mod forgetting;
mod forgetting_random;
mod heads;
mod judging;
mod judging_tasks;
mod judging_wishes;
mod redact;
mod redact_inputs;
mod redact_random;
mod saved;
mod world;
mod world_random;
