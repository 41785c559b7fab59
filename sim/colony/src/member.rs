//! Whoever takes part in a colony: a node, a tool, or a traitor.

use crate::citizen::Citizen;
use crate::errand::Errand;
use crate::tool::{Tool, ToolTold};
use crate::traitor::Traitor;
use antfarm_authority::EffectKey;
use antfarm_identity::Codec;
use antfarm_machine::{Effects, Input, Machine, Now};
use antfarm_node::{Message, Node, Notice, Timer};
use antfarm_sim::{Nobody, Simulated};

/// One machine of a colony.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Member {
    /// A node.
    Citizen(Box<Citizen>),
    /// A tool.
    Tool(Box<Tool>),
    /// A byzantine node.
    Traitor(Box<Traitor>),
}

/// The alarms of members.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum MemberTimer {
    /// A node's.
    Node(Timer),
    /// A tool answers a call late.
    Late(EffectKey),
    /// A traitor does something.
    Mischief,
}

/// What members tell.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Codec)]
pub enum Told {
    /// A node.
    Node(Notice),
    /// A tool.
    Tool(ToolTold),
}

/// What an oracle of the colony sees after one event.
pub type Moment<'a> = antfarm_sim::Moment<'a, Member, Nobody>;

impl Member {
    /// The node, if it is one.
    pub fn node(&self) -> Option<&Node> {
        match self {
            Self::Citizen(citizen) => Some(citizen.node()),
            Self::Tool(_) | Self::Traitor(_) => None,
        }
    }

    /// The tool, if it is one.
    pub fn tool(&self) -> Option<&Tool> {
        match self {
            Self::Tool(tool) => Some(tool),
            Self::Citizen(_) | Self::Traitor(_) => None,
        }
    }
}

/// Whoever takes part in a colony as oracles of logs see it: a member, or what has one inside.
pub trait Colonist: Simulated + Machine<Message = Message, Notice = Told> {
    /// The node, if it is one.
    fn node(&self) -> Option<&Node>;

    /// The tool, if it is one.
    fn tool(&self) -> Option<&Tool>;
}

impl Colonist for Member {
    fn node(&self) -> Option<&Node> {
        Self::node(self)
    }

    fn tool(&self) -> Option<&Tool> {
        Self::tool(self)
    }
}

impl Machine for Member {
    type Ask = Errand;
    type Message = Message;
    type Timer = MemberTimer;
    type Notice = Told;

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        match self {
            Self::Citizen(citizen) => citizen.step(now, input, out),
            Self::Tool(tool) => tool.step(now, input, out),
            Self::Traitor(traitor) => traitor.step(input, out),
        }
    }
}
