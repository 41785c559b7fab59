//! Tasks that end together: all of them when they are told to, and whoever told them learns when they have.

use crate::Wire;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Runs tasks within a scope.
pub(crate) struct Scope<W> {
    wire: W,
    stop: Arc<Semaphore>,
    alive: mpsc::Sender<Infallible>,
}

impl<W: Clone> Clone for Scope<W> {
    fn clone(&self) -> Self {
        Self { wire: self.wire.clone(), stop: self.stop.clone(), alive: self.alive.clone() }
    }
}

/// Ends a scope's tasks when it is dropped.
pub(crate) struct Ending {
    stop: Stop,
    alive: mpsc::Receiver<Infallible>,
}

/// Closed when this is dropped. It never has a permit: who waits for one waits for the end. It wakes all in the order in which they
/// began to wait, which a channel that is watched does not; under a simulated runtime a seed is a run.
struct Stop(Arc<Semaphore>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<W: Wire> Scope<W> {
    pub(crate) fn new(wire: W) -> (Self, Ending) {
        let stop = Arc::new(Semaphore::new(0));
        let (alive, all) = mpsc::channel(1);
        (Self { wire, stop: stop.clone(), alive }, Ending { stop: Stop(stop), alive: all })
    }

    pub(crate) fn wire(&self) -> &W {
        &self.wire
    }

    /// Runs `task` until it ends or the scope does; then it is dropped, and what it holds with it.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let (stop, alive) = (self.stop.clone(), self.alive.clone());
        self.wire.spawn(async move {
            tokio::select! {
                biased;
                end = stop.acquire() => assert!(end.is_err(), "there is no permit"),
                () = task => {}
            }
            drop(alive);
        });
    }
}

impl Ending {
    /// Ends all tasks, and returns when they have ended.
    pub(crate) async fn end(self) {
        let Self { stop, mut alive } = self;
        drop(stop);
        let none = alive.recv().await;
        assert!(none.is_none(), "what cannot exist cannot be sent");
    }
}
