//! Receiving: let in so many, have them prove who they are, read what they send as fast as it is taken.
//!
//! A connection is read only after its last message was delivered. A peer whose messages are taken slowly is so read slowly,
//! and its own queue fills; no other is concerned.

use crate::frame::{self, Frame, Frames};
use crate::gate::{Gate, Pass};
use crate::pulse::{Heard, beat, within};
use crate::scope::Scope;
use crate::state::{Ending, PeerState, State};
use crate::{BadFrame, Closing, Refusal, Wire};
use antfarm_identity::Codec;
use antfarm_machine::{PeerId, Span};
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsStream;
use tracing::{debug, info, warn};

/// How long nothing is accepted after that failed: until files were closed, or memory is free.
const PAUSE: Span = Span::from_millis(100);

/// Accepts connections for as long as it is polled.
pub(crate) struct Accept<W, T, F> {
    scope: Scope<W>,
    state: Arc<State>,
    deliver: Arc<F>,
    message: PhantomData<fn() -> T>,
}

impl<W: Wire, T, F> Clone for Accept<W, T, F> {
    fn clone(&self) -> Self {
        let (scope, state, deliver) = (self.scope.clone(), self.state.clone(), self.deliver.clone());
        Self { scope, state, deliver, message: PhantomData }
    }
}

impl<W, T, F, D> Accept<W, T, F>
where
    W: Wire,
    T: Codec + Send + 'static,
    F: Fn(PeerId, T) -> D + Send + Sync + 'static,
    D: Future<Output = ()> + Send + 'static,
{
    pub(crate) fn new(scope: Scope<W>, state: Arc<State>, deliver: Arc<F>) -> Self {
        Self { scope, state, deliver, message: PhantomData }
    }

    pub(crate) async fn run(self, mut listener: W::Listener) {
        let limits = self.state.limits;
        let gate = Gate::new(limits.max_unproved, limits.max_unproved_from_one);
        loop {
            match self.scope.wire().accept(&mut listener).await {
                Ok((stream, from)) => match gate.enter(from) {
                    Ok(pass) => self.scope.spawn(self.clone().once(stream, from, pass)),
                    Err(why) => self.refuse(from, why),
                },
                // Somebody who went away again costs nobody else a pause.
                Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {}
                Err(error) => {
                    self.state.tally.accept_failed.add(1);
                    warn!(%error, "cannot accept connections");
                    self.scope.wire().sleep(PAUSE).await;
                }
            }
        }
    }

    fn refuse(&self, from: IpAddr, why: Refusal) {
        self.state.tally.refused.add(why);
        debug!(%from, %why, "connection refused");
    }

    /// One connection, from its first byte to its end.
    async fn once(self, stream: W::Stream, from: IpAddr, pass: Pass) {
        let proof = async {
            let (stream, key) = self.state.prover.accept(stream).await?;
            let id = self.state.keys.get(&key).ok_or(Refusal::UnknownKey)?;
            Ok((stream, *id))
        };
        let proved = within(self.scope.wire(), self.state.limits.handshake, proof).await;
        drop(pass);
        match proved.unwrap_or(Err(Refusal::Slow)) {
            Err(why) => self.refuse(from, why),
            Ok((stream, peer)) => {
                let state = self.state.peer(peer);
                let superseded = state.admit();
                state.tally.accepted.add(1);
                info!(%peer, %from, "peer connected");
                let mut ending = Ending::of(state, &state.tally.accepted_over);
                ending.why = tokio::select! {
                    biased;
                    () = superseded => Closing::Superseded,
                    why = self.serve(stream, state) => why,
                };
            }
        }
    }

    async fn serve(&self, mut stream: TlsStream<W::Stream>, peer: &PeerState) -> Closing {
        let limits = self.state.limits;
        let mut welcome = Vec::new();
        frame::write(Frame::Welcome, &mut welcome);
        let welcoming = async { stream.write_all(&welcome).await.is_ok() && stream.flush().await.is_ok() };
        if within(self.scope.wire(), limits.handshake, welcoming).await != Some(true) {
            return Closing::Ended;
        }
        let (reader, writer) = tokio::io::split(stream);
        let heard = Heard::default();
        tokio::select! {
            // In a fixed order, as everywhere here: under a simulated runtime a seed is a run.
            biased;
            why = self.read(reader, peer, &heard) => why,
            () = heard.silence(self.scope.wire(), limits.silence) => Closing::Silent,
            () = beat(self.scope.wire(), limits.beat, writer) => Closing::Ended,
        }
    }

    async fn read(&self, mut reader: impl AsyncRead + Unpin, peer: &PeerState, heard: &Heard) -> Closing {
        let mut frames = Frames::new(self.state.limits.max_message);
        loop {
            match reader.read_buf(frames.space()).await {
                Ok(0) | Err(_) => return Closing::Ended,
                Ok(_) => heard.busy(true),
            }
            loop {
                match frames.take() {
                    Ok(Some(Frame::Message(bytes))) => {
                        if let Err(why) = peer.deliver(bytes, &*self.deliver).await {
                            return why;
                        }
                    }
                    Ok(Some(Frame::Beat)) => {}
                    Ok(Some(Frame::Welcome)) | Err(BadFrame::Kind) => return Closing::Unexpected,
                    Err(BadFrame::TooLong { .. }) => return Closing::Oversized,
                    Ok(None) => break,
                }
            }
            heard.busy(false);
        }
    }
}
