//! Daemons as processes: what a person would try, and what no person would wish for.

mod again;
mod bank;
mod clock;
mod disks;
mod entities;
mod hive;
mod proxy;
mod recorded;
mod refusals;
mod survives;
mod wires;
