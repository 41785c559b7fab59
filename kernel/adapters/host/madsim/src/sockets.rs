//! The network adapter's wire over madsim's TCP, and what becomes of connections when the power goes.
//!
//! madsim closes the connections of a node that is killed, and the other side learns of it at once, also through a cut. So does a
//! kernel when a process dies. When the power goes nobody says anything: then the ends are kept aside until the machine is up again,
//! and the other side has to find out by the silence.

use antfarm_machine::Span;
use antfarm_network::Wire;
use madsim::net::{TcpListener, TcpStream};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The network card of one machine.
#[derive(Clone, Default, Debug)]
pub struct Sockets(Arc<Mutex<Card>>);

#[derive(Default, Debug)]
struct Card {
    dark: bool,
    /// Ends of connections that nobody was told are over.
    hanging: Vec<TcpStream>,
}

impl Sockets {
    /// From now on connections end without a word.
    pub fn darken(&self) {
        self.card(|card| card.dark = true);
    }

    /// The machine is up again: whoever still waits for one of its old connections learns that it is over. How many those were.
    pub fn lighten(&self) -> usize {
        let hanging = self.card(|card| {
            card.dark = false;
            std::mem::take(&mut card.hanging)
        });
        hanging.len()
    }

    fn card<R>(&self, change: impl FnOnce(&mut Card) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn line(&self, stream: TcpStream) -> Line {
        Line { stream: Some(stream), sockets: self.clone() }
    }
}

impl Wire for Sockets {
    type Stream = Line;
    type Listener = TcpListener;

    async fn listen(&self, address: &str) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(address).await?;
        let at = listener.local_addr()?;
        Ok((listener, at))
    }

    async fn accept(&self, listener: &mut TcpListener) -> io::Result<(Line, IpAddr)> {
        let (stream, from) = listener.accept().await?;
        Ok((self.line(stream), from.ip()))
    }

    async fn connect(&self, address: &str) -> io::Result<Line> {
        Ok(self.line(TcpStream::connect(address).await?))
    }

    async fn sleep(&self, span: Span) {
        crate::time::sleep(span).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(madsim::task::spawn(task));
    }
}

/// One end of a connection.
#[derive(Debug)]
pub struct Line {
    stream: Option<TcpStream>,
    sockets: Sockets,
}

impl Line {
    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(self.get_mut().stream.as_mut().expect("it is taken when it is dropped"))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let stream = self.stream.take();
        self.sockets.card(|card| {
            if card.dark {
                card.hanging.extend(stream)
            }
        });
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}
