//! Sending to one peer: dial, prove, be welcomed, hand over what waits; and when that ends, again.
//!
//! A connection carries messages one way, from who dialled. So both sides may dial at once, whenever they like, and there is
//! nothing to agree on: no tie to break, and no connection that each side thinks the other one keeps. A way that is broken in
//! one direction only is broken in that direction only, as in the simulator. It costs a second handshake and socket for each
//! pair.

use crate::backoff;
use crate::frame::{self, Frame, Frames};
use crate::proof::{Dialler, refusal};
use crate::pulse::{Heard, within};
use crate::state::{Ending, PeerState, State};
use crate::tally::PeerTally;
use crate::{Closing, Refusal, Wire};
use antfarm_machine::PeerId;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio_rustls::TlsStream;
use tracing::{debug, info};

/// How many bytes are handed over at a time. What is handed over no longer makes room for newer messages.
const BATCH: usize = 64 << 10;

/// Sends to one peer for as long as it is polled.
pub(crate) struct Dial<W> {
    wire: W,
    state: Arc<State>,
    to: PeerId,
    dialler: Dialler,
}

impl<W: Wire> Dial<W> {
    pub(crate) fn new(wire: W, state: Arc<State>, to: PeerId, dialler: Dialler) -> Self {
        Self { wire, state, to, dialler }
    }

    fn peer(&self) -> &PeerState {
        self.state.peer(self.to)
    }

    pub(crate) async fn run(self) {
        let mut address = self.peer().address.subscribe();
        let limits = self.state.limits;
        let mut attempt = 0;
        loop {
            let at = address.borrow_and_update().clone();
            let settled = AtomicBool::new(false);
            tokio::select! {
                biased;
                () = changed(&mut address) => {
                    attempt = 0;
                    continue;
                }
                () = self.once(&at, &settled) => {}
            }
            if settled.into_inner() {
                attempt = 0;
            }
            let wait = backoff::wait(limits.first_redial, limits.longest_redial, self.state.me, self.to, attempt);
            attempt = attempt.saturating_add(1);
            tokio::select! {
                biased;
                () = changed(&mut address) => attempt = 0,
                () = self.wire.sleep(wait) => {}
            }
        }
    }

    /// One connection, from its first byte to its end.
    async fn once(&self, at: &str, settled: &AtomicBool) {
        let (peer, tally) = (self.to, &self.peer().tally);
        match self.connect(at).await {
            Err(why) => {
                tally.refused.add(why);
                debug!(%peer, %at, %why, "no connection to peer");
            }
            Ok(stream) => {
                tally.dialled.add(1);
                info!(%peer, %at, "connected to peer");
                let mut ending = Ending::of(self.peer(), &tally.dialled_over);
                ending.why = self.serve(stream, settled).await;
            }
        }
    }

    async fn connect(&self, at: &str) -> Result<TlsStream<W::Stream>, Refusal> {
        let limit = self.state.limits.handshake;
        let reached = within(&self.wire, limit, self.wire.connect(at)).await;
        let stream = reached.and_then(Result::ok).ok_or(Refusal::Unreachable)?;
        let proof = async {
            let mut stream = self.dialler.connect(stream).await?;
            // Whoever accepts learns our key last, and may refuse it after our side of the handshake is done.
            welcomed(&mut stream).await?;
            Ok(stream)
        };
        within(&self.wire, limit, proof).await.unwrap_or(Err(Refusal::Slow))
    }

    async fn serve(&self, stream: TlsStream<W::Stream>, settled: &AtomicBool) -> Closing {
        let (reader, writer) = tokio::io::split(stream);
        let heard = Heard::default();
        let settling = async {
            self.wire.sleep(self.state.limits.settled).await;
            settled.store(true, Ordering::Relaxed);
            pending::<()>().await;
        };
        tokio::select! {
            // In a fixed order, as everywhere here: under a simulated runtime a seed is a run.
            biased;
            () = self.hand_over(writer) => Closing::Ended,
            why = listen(reader, &heard) => why,
            () = heard.silence(&self.wire, self.state.limits.silence) => Closing::Silent,
            () = settling => Closing::Ended,
        }
    }

    /// Hands over whatever waits, and beats while nothing does; returns when the connection takes no more.
    async fn hand_over(&self, mut writer: impl AsyncWrite + Unpin) {
        let PeerState { queue, tally, .. } = self.peer();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let messages = queue.take(BATCH, &mut bytes);
            if messages == 0 {
                tokio::select! {
                    biased;
                    () = queue.filled() => continue,
                    () = self.wire.sleep(self.state.limits.beat) => frame::write(Frame::Beat, &mut bytes),
                }
            }
            let mut batch = Batch { tally, messages };
            if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
                return;
            }
            tally.sent.add(std::mem::take(&mut batch.messages));
            if messages > 0 {
                tally.sent_bytes.add(bytes.len());
            }
            bytes.shrink_to(BATCH);
        }
    }
}

/// Messages on their way out: counted as lost if the connection ends meanwhile, however that comes.
struct Batch<'a> {
    tally: &'a PeerTally,
    messages: usize,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.tally.dropped_broken.add(self.messages);
    }
}

/// Returns when the address was changed; never, when nobody is left who could.
async fn changed(address: &mut watch::Receiver<String>) {
    if address.changed().await.is_err() {
        pending::<()>().await;
    }
}

/// Waits for the welcome, which is the first thing that comes.
async fn welcomed(stream: &mut (impl AsyncRead + Unpin)) -> Result<(), Refusal> {
    let mut expected = Vec::new();
    frame::write(Frame::Welcome, &mut expected);
    let mut found = vec![0; expected.len()];
    stream.read_exact(&mut found).await.map_err(|error| refusal(&error))?;
    if found == expected { Ok(()) } else { Err(Refusal::Protocol) }
}

/// Listens for beats; returns when something else comes, or nothing more.
async fn listen(mut reader: impl AsyncRead + Unpin, heard: &Heard) -> Closing {
    let mut frames = Frames::new(0);
    let mut bytes = [0; 256];
    loop {
        match reader.read(&mut bytes).await {
            Ok(0) | Err(_) => return Closing::Ended,
            Ok(length) => frames.push(&bytes[..length]),
        }
        heard.note();
        loop {
            match frames.take() {
                Ok(Some(Frame::Beat)) => {}
                Ok(None) => break,
                Ok(Some(Frame::Message(_) | Frame::Welcome)) | Err(_) => return Closing::Unexpected,
            }
        }
    }
}
