//! What a node's connections promise, over loopback sockets, against peers that keep the rules and others that do not.

mod again;
mod conformance;
mod hostile;
mod memory;
mod node;
mod peers;
mod quiet;
mod stranger;
mod talk;
