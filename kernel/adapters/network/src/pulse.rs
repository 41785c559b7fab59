//! Whether the other side is alive: beats go out when there is time, and silence that lasts is the end.

use crate::Wire;
use crate::frame::{self, Frame};
use antfarm_machine::Span;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// What one connection heard, for who watches it.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    times: AtomicU64,
    busy: AtomicBool,
}

impl Heard {
    /// Something was heard.
    pub(crate) fn note(&self) {
        self.times.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the connection is not read, because what it brought is not yet delivered: silence then means nothing.
    pub(crate) fn busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
        self.note();
    }

    /// Returns when nothing was heard for `span`, though somebody listened.
    pub(crate) async fn silence(&self, wire: &impl Wire, span: Span) {
        loop {
            let before = self.times.load(Ordering::Relaxed);
            wire.sleep(span).await;
            if !self.busy.load(Ordering::Relaxed) && self.times.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }
}

/// Says again and again that this side is alive; returns when it cannot.
pub(crate) async fn beat(wire: &impl Wire, span: Span, mut writer: impl AsyncWrite + Unpin) {
    let mut bytes = Vec::new();
    frame::write(Frame::Beat, &mut bytes);
    loop {
        wire.sleep(span).await;
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

/// What `work` returns, or nothing if that takes longer than `span`.
pub(crate) async fn within<R>(wire: &impl Wire, span: Span, work: impl Future<Output = R>) -> Option<R> {
    tokio::select! {
        biased;
        result = work => Some(result),
        () = wire.sleep(span) => None,
    }
}
