//! The one machine type of a cluster: a server or a client. A colony of different machines is an enum of them.

use crate::{Client, Command, Message, Notice, Server};
use alloc::boxed::Box;
use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now};

/// A peer of a cluster, made by [`crate::Config::node`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    /// A peer that keeps the log.
    Server(Box<Server>),
    /// A peer that uses it.
    Client(Client),
}

/// The names of a node's alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Timer {
    /// A server heard no leader, or a leader no majority, for too long.
    Election,
    /// A leader should speak, or a candidate ask again.
    Heartbeat,
    /// A client should ask again.
    Retry,
    /// A server whose disk failed should read it again.
    Reopen,
}

impl Node {
    /// The server, if it is one.
    pub fn as_server(&self) -> Option<&Server> {
        match self {
            Self::Server(server) => Some(server),
            Self::Client(_) => None,
        }
    }

    /// The client, if it is one.
    pub const fn as_client(&self) -> Option<&Client> {
        match self {
            Self::Server(_) => None,
            Self::Client(client) => Some(client),
        }
    }
}

/// Neither looks at the time: all that matters is the order of events, so a model checker may ring any alarm that is armed.
impl Machine for Node {
    type Ask = Command;
    type Message = Message;
    type Timer = Timer;
    type Notice = Notice;

    fn step(&mut self, _now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match self {
            Self::Server(server) => server.step(input, out),
            Self::Client(client) => client.step(input, out),
        }
    }
}
