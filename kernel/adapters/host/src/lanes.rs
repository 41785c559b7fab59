//! The ways in: a bounded lane for messages, one for asks, and one for receipts that never refuses.
//!
//! The lane of receipts needs no limit of its own: there is one receipt for each request, so a machine that bounds its requests, as
//! it must, bounds the lane.
//!
//! Whoever waits for room waits in the order of arrival. A source that waits for each of its messages before it reads the next
//! has at most one in that queue, however much it would like to send: give each peer such a source, and none crowds out another.

use antfarm_machine::{Machine, Now, PeerId, Receipt, Span};
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};

use crate::metrics::Metrics;

/// What a host holds at most, and for how long it waits when it stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most messages that wait; 1 or more.
    pub messages: usize,
    /// The most asks that wait; 1 or more.
    pub asks: usize,
    /// The most inputs from one lane in one round; 1 or more.
    pub round: usize,
    /// How long a host that was told to stop waits for the receipts of what it handed to the disk.
    pub grace: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: 4_096, asks: 1_024, round: 256, grace: Span::from_secs(5) }
    }
}

/// The most that wait to look at the machine.
pub const MAX_LOOKS: usize = 64;

/// Somebody looks at a machine, and is told what time it is.
pub(crate) type Look<M> = Box<dyn FnOnce(Now, &M) + Send>;

/// A lane that can be full.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lane {
    /// Messages of peers.
    Messages,
    /// Asks of local clients.
    Asks,
    /// Those who want to look at the machine.
    Looks,
}

/// Why an input was not taken. It is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Refused {
    /// So many wait already. Those who can wait use the asynchronous variants.
    Overloaded {
        /// In which lane.
        lane: Lane,
        /// How many: [`Limits::messages`] or [`Limits::asks`].
        limit: usize,
    },
    /// The host stops or has ended; it takes no more.
    Stopped,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overloaded { lane: Lane::Messages, limit } => write!(f, "{limit} messages wait already; try again later"),
            Self::Overloaded { lane: Lane::Asks, limit } => write!(f, "{limit} asks wait already; try again later"),
            Self::Overloaded { lane: Lane::Looks, limit } => write!(f, "{limit} wait to look already; try again later"),
            Self::Stopped => f.write_str("the host has stopped and takes no more"),
        }
    }
}

impl std::error::Error for Refused {}

/// A new pair: the way in, for adapters and clients, and what a host is started on.
///
/// # Panics
///
/// When one of the limits is 0.
pub fn lanes<M: Machine>(limits: Limits) -> (Inbox<M>, Lanes<M>) {
    assert!(limits.messages > 0 && limits.asks > 0 && limits.round > 0, "a lane that holds nothing lets nothing through");
    let metrics = Arc::new(Metrics::default());
    let (to_receipts, receipts) = mpsc::unbounded_channel();
    let (to_messages, messages) = mpsc::channel(limits.messages);
    let (to_asks, asks) = mpsc::channel(limits.asks);
    let (to_looks, looks) = mpsc::channel(MAX_LOOKS);
    let inbox = Inbox { receipts: to_receipts, messages: to_messages, asks: to_asks, looks: to_looks, metrics: metrics.clone() };
    let open = Open { receipts: true, messages: true, asks: true, looks: true };
    (inbox, Lanes { receipts, messages, asks, looks, open, limits, metrics, batch: Batch::default() })
}

/// Hands inputs to a host. Cheap to clone; every adapter and every client holds one.
pub struct Inbox<M: Machine> {
    receipts: UnboundedSender<Receipt>,
    messages: Sender<(PeerId, M::Message)>,
    asks: Sender<M::Ask>,
    looks: Sender<Look<M>>,
    metrics: Arc<Metrics>,
}

impl<M: Machine> Inbox<M> {
    /// A peer's message arrived. Refused when the lane is full: on most networks a message may be lost.
    pub fn heard(&self, from: PeerId, message: M::Message) -> Result<(), Refused> {
        self.messages.try_send((from, message)).map_err(|error| self.refuse(Lane::Messages, &error, self.messages.max_capacity()))
    }

    /// A peer's message arrived. Waits for room, so that the connection it came by is not read on meanwhile.
    pub async fn heard_in_turn(&self, from: PeerId, message: M::Message) -> Result<(), Refused> {
        self.messages.send((from, message)).await.map_err(|_| Refused::Stopped)
    }

    /// A local client wants something. Refused when the lane is full.
    pub fn asked(&self, ask: M::Ask) -> Result<(), Refused> {
        self.asks.try_send(ask).map_err(|error| self.refuse(Lane::Asks, &error, self.asks.max_capacity()))
    }

    /// A local client wants something. Waits for room.
    pub async fn asked_in_turn(&self, ask: M::Ask) -> Result<(), Refused> {
        self.asks.send(ask).await.map_err(|_| Refused::Stopped)
    }

    /// Has somebody look at the machine between two rounds. What is seen may not be durable yet. Refused when [`MAX_LOOKS`] wait.
    /// One that panics harms nobody else.
    pub fn look(&self, look: impl FnOnce(Now, &M) + Send + 'static) -> Result<(), Refused> {
        self.looks.try_send(Box::new(look)).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Overloaded { lane: Lane::Looks, limit: MAX_LOOKS },
            TrySendError::Closed(_) => Refused::Stopped,
        })
    }

    /// The disk answered. Never refused while the host lives; from any thread. A receipt that comes after its end is dropped,
    /// as the process may end at any time between a write and its receipt.
    pub fn stored(&self, receipt: Receipt) {
        if self.receipts.send(receipt).is_err() {
            tracing::debug!("a receipt came after the host's end");
        }
    }

    fn refuse<T>(&self, lane: Lane, error: &TrySendError<T>, limit: usize) -> Refused {
        match error {
            TrySendError::Full(_) => {
                self.metrics.refuse(lane);
                Refused::Overloaded { lane, limit }
            }
            TrySendError::Closed(_) => Refused::Stopped,
        }
    }
}

impl<M: Machine> Clone for Inbox<M> {
    fn clone(&self) -> Self {
        let Self { receipts, messages, asks, looks, metrics } = self;
        Self {
            receipts: receipts.clone(),
            messages: messages.clone(),
            asks: asks.clone(),
            looks: looks.clone(),
            metrics: metrics.clone(),
        }
    }
}

impl<M: Machine> fmt::Debug for Inbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("limits", &(self.messages.max_capacity(), self.asks.max_capacity())).finish_non_exhaustive()
    }
}

/// The host's end of the lanes.
pub struct Lanes<M: Machine> {
    receipts: UnboundedReceiver<Receipt>,
    messages: Receiver<(PeerId, M::Message)>,
    asks: Receiver<M::Ask>,
    looks: Receiver<Look<M>>,
    open: Open,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
    batch: Batch<M>,
}

/// Which lanes somebody can still put something into.
struct Open {
    receipts: bool,
    messages: bool,
    asks: bool,
    looks: bool,
}

/// What one round takes from the lanes.
pub(crate) struct Batch<M: Machine> {
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) messages: Vec<(PeerId, M::Message)>,
    pub(crate) asks: Vec<M::Ask>,
    pub(crate) looks: Vec<Look<M>>,
}

impl<M: Machine> Default for Batch<M> {
    fn default() -> Self {
        Self { receipts: Vec::new(), messages: Vec::new(), asks: Vec::new(), looks: Vec::new() }
    }
}

impl<M: Machine> Lanes<M> {
    /// How many receipts, messages and asks wait, those for the next round included.
    pub(crate) fn depths(&self) -> [usize; 3] {
        let Batch { receipts, messages, asks, looks: _ } = &self.batch;
        [self.receipts.len() + receipts.len(), self.messages.len() + messages.len(), self.asks.len() + asks.len()]
    }

    /// Takes what waits, from each lane as much as a round may take.
    pub(crate) fn take(&mut self) -> Batch<M> {
        let mut batch = std::mem::take(&mut self.batch);
        let most = self.limits.round;
        fill(&mut batch.receipts, most, || self.receipts.try_recv().ok());
        fill(&mut batch.messages, most, || self.messages.try_recv().ok());
        fill(&mut batch.asks, most, || self.asks.try_recv().ok());
        fill(&mut batch.looks, most, || self.looks.try_recv().ok());
        batch
    }

    /// Gives the emptied batch back, whose buffers the next round uses again.
    pub(crate) fn give_back(&mut self, batch: Batch<M>) {
        assert!(
            batch.receipts.is_empty() && batch.messages.is_empty() && batch.asks.is_empty() && batch.looks.is_empty(),
            "a round steps all that it took"
        );
        self.batch = batch;
    }

    /// Waits until a lane holds something. Can be dropped at any time without losing an input. Waits for ever once nobody is left
    /// to put something in.
    pub(crate) async fn wait(&mut self) {
        let most = self.limits.round;
        let Self { receipts, messages, asks, looks, open, batch, .. } = self;
        loop {
            let (lane, taken) = tokio::select! {
                // The order says nothing: a round takes from all lanes.
                biased;
                taken = receipts.recv_many(&mut batch.receipts, most), if open.receipts => (&mut open.receipts, taken),
                taken = messages.recv_many(&mut batch.messages, most), if open.messages => (&mut open.messages, taken),
                taken = asks.recv_many(&mut batch.asks, most), if open.asks => (&mut open.asks, taken),
                taken = looks.recv_many(&mut batch.looks, most), if open.looks => (&mut open.looks, taken),
                else => std::future::pending().await,
            };
            // Nothing at all is how a lane says that it is closed.
            *lane = taken > 0;
            if taken > 0 {
                return;
            }
        }
    }

    /// Takes no more messages and asks; what waits stays.
    pub(crate) fn close(&mut self) {
        self.messages.close();
        self.asks.close();
        self.looks.close();
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.depths() == [0; 3]
    }
}

impl<M: Machine> fmt::Debug for Lanes<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").field("depths", &self.depths()).finish_non_exhaustive()
    }
}

/// Moves items until there are `most` or none is left.
fn fill<T>(into: &mut Vec<T>, most: usize, mut next: impl FnMut() -> Option<T>) {
    while into.len() < most {
        let Some(item) = next() else { return };
        into.push(item);
    }
}
