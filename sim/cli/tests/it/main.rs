//! The tool as scripts see it, and the repository's own rules.

mod adapter;
mod cookbook;
mod failures;
mod honesty;
mod interrupt;
mod json;
mod ledgers;
mod pinned;
mod production;
mod prove;
mod readme;
mod recorded;
mod scribe;
mod skeletons;
mod statuses;
mod tidy;
mod tool;
