//! Workloads: who asks what, and how often.

use crate::chance::Dice;
use crate::world::Time;
use antfarm_machine::{PeerId, Span};

/// Makes asks, from dice of their own and their ordinal from 1; `None`: this one is left out.
pub type Maker<A> = Box<dyn Fn(&mut Dice, u64) -> Option<A> + Send>;

/// One workload.
pub struct Load<A> {
    /// When it begins.
    pub from: Time,
    /// When it ends; asks at this time are made no more. `None`: with the first phase.
    pub until: Option<Time>,
    /// The gap between asks, drawn evenly; `None`: it asks once.
    pub every: Option<(Span, Span)>,
    /// Whom it asks: one of these, drawn evenly.
    pub nodes: Vec<PeerId>,
    /// What it asks.
    pub make: Maker<A>,
    /// What names its random stream: a number that stands for the row of the scenario. Loads of one number are told apart by their order.
    pub row: u32,
}

impl<A> Load<A> {
    /// One ask of one node.
    pub fn once(at: Time, node: PeerId, ask: A) -> Self
    where
        A: Clone + Send + 'static,
    {
        Self { from: at, until: None, every: None, nodes: vec![node], make: Box::new(move |_, _| Some(ask.clone())), row: 0 }
    }

    /// An ask every so often, of any of the nodes.
    pub fn every(gap: (Span, Span), nodes: Vec<PeerId>, make: impl Fn(&mut Dice, u64) -> A + Send + 'static) -> Self {
        Self {
            from: Time::ZERO,
            until: None,
            every: Some(gap),
            nodes,
            make: Box::new(move |dice, nth| Some(make(dice, nth))),
            row: 0,
        }
    }
}

impl<A> std::fmt::Debug for Load<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Load")
            .field("from", &self.from)
            .field("every", &self.every)
            .field("nodes", &self.nodes)
            .finish_non_exhaustive()
    }
}
