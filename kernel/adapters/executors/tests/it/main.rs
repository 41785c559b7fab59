//! What executors promise, at their boundary: a node's message in, a tool's answer out.

mod commands;
mod fixture;
mod keys;
mod kills;
mod manifests;
mod requests;
mod server;
mod tls;
