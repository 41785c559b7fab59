//! Tasks that end together: all of them when they are told to, and whoever told them learns when they have.

use crate::Wire;
use std::convert::Infallible;
use std::future::Future;
use tokio::sync::{mpsc, watch};

/// Runs tasks within a scope.
pub(crate) struct Scope<W> {
    wire: W,
    stop: watch::Receiver<()>,
    alive: mpsc::Sender<Infallible>,
}

impl<W: Clone> Clone for Scope<W> {
    fn clone(&self) -> Self {
        Self { wire: self.wire.clone(), stop: self.stop.clone(), alive: self.alive.clone() }
    }
}

/// Ends a scope's tasks when it is dropped.
pub(crate) struct Ending {
    stop: watch::Sender<()>,
    alive: mpsc::Receiver<Infallible>,
}

impl<W: Wire> Scope<W> {
    pub(crate) fn new(wire: W) -> (Self, Ending) {
        let (tell, stop) = watch::channel(());
        let (alive, all) = mpsc::channel(1);
        (Self { wire, stop, alive }, Ending { stop: tell, alive: all })
    }

    pub(crate) fn wire(&self) -> &W {
        &self.wire
    }

    /// Runs `task` until it ends or the scope does; then it is dropped, and what it holds with it.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let (mut stop, alive) = (self.stop.clone(), self.alive.clone());
        self.wire.spawn(async move {
            let stopped = async {
                // Nothing is ever told: the only change is that nobody is left who could tell.
                while stop.changed().await.is_ok() {}
            };
            tokio::select! {
                biased;
                () = stopped => {}
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
