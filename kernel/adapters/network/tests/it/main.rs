//! What a node's connections promise, over loopback sockets, against peers that keep the rules and others that do not.

mod conformance;
mod node;
mod talk;
