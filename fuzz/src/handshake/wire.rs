//! A wire in memory: streams that a node accepts, counted while they are open; time that passes when nothing else happens.

use antfarm_machine::Span;
use antfarm_network::Wire;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc;

/// Bytes that wait in a stream, each way.
const ROOM: usize = 16 << 10;

/// Connections on their way to who listens.
type Coming = mpsc::UnboundedReceiver<(Stream, IpAddr)>;

/// Everybody's wire, as seen from one address.
#[derive(Clone)]
pub(crate) struct Memory {
    from: IpAddr,
    /// Whether it is the one that listens.
    dialled: mpsc::UnboundedSender<(Stream, IpAddr)>,
    coming: Arc<Mutex<Option<Coming>>>,
    open: Arc<AtomicUsize>,
}

/// One end of a connection.
pub(crate) struct Stream {
    inner: DuplexStream,
    open: Arc<AtomicUsize>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Addresses to dial from: some of IPv4, and some of one customer's IPv6.
pub(crate) fn address(number: u8) -> IpAddr {
    match number % 6 {
        0..=3 => Ipv4Addr::new(192, 0, 2, number % 6).into(),
        more => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, more.into()).into(),
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        let (dialled, coming) = mpsc::unbounded_channel();
        let coming = Arc::new(Mutex::new(Some(coming)));
        Self { from: Ipv4Addr::LOCALHOST.into(), dialled, coming, open: Arc::default() }
    }

    /// The same wire from elsewhere.
    pub(crate) fn from(&self, from: IpAddr) -> Self {
        Self { from, ..self.clone() }
    }

    /// Connections that the node holds open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Dials the node that listens.
    pub(crate) fn dial(&self) -> DuplexStream {
        let (ours, inner) = duplex(ROOM);
        self.open.fetch_add(1, Ordering::Relaxed);
        // Nobody accepts any more once the node is stopped.
        drop(self.dialled.send((Stream { inner, open: self.open.clone() }, self.from)));
        ours
    }
}

impl Wire for Memory {
    type Stream = Stream;
    type Listener = Option<Coming>;

    async fn listen(&self, address: &str) -> io::Result<(Option<Coming>, SocketAddr)> {
        let coming = match address {
            "node" => self.coming.lock().unwrap_or_else(PoisonError::into_inner).take(),
            _ => None,
        };
        Ok((coming, SocketAddr::new(self.from, 1)))
    }

    async fn accept(&self, listener: &mut Option<Coming>) -> io::Result<(Stream, IpAddr)> {
        match listener {
            Some(coming) => match coming.recv().await {
                Some(stream) => Ok(stream),
                None => std::future::pending().await,
            },
            None => std::future::pending().await,
        }
    }

    async fn connect(&self, address: &str) -> io::Result<Stream> {
        if address != "node" {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        // This end is not the node's, and not counted: it balances what its drop takes away.
        let inner = self.dial();
        let open = Arc::new(AtomicUsize::new(1));
        Ok(Stream { inner, open })
    }

    async fn sleep(&self, span: Span) {
        tokio::time::sleep(Duration::from_nanos(span.as_nanos())).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, room)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Everything that can be read now.
pub(crate) async fn read_now(stream: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let mut room = [0; 4096];
        let read = poll_fn(|cx| {
            let mut room = ReadBuf::new(&mut room);
            match Pin::new(&mut *stream).poll_read(cx, &mut room) {
                Poll::Ready(Ok(())) => Poll::Ready(room.filled().len()),
                Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(0),
            }
        })
        .await;
        if read == 0 {
            return bytes;
        }
        bytes.extend_from_slice(&room[..read]);
    }
}

/// Writes what can be written now. How much that was.
pub(crate) async fn write_now(stream: &mut DuplexStream, all: &[u8]) -> usize {
    let mut bytes = all;
    while !bytes.is_empty() {
        let written = poll_fn(|cx| match Pin::new(&mut *stream).poll_write(cx, bytes) {
            Poll::Ready(Ok(written)) => Poll::Ready(written),
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(0),
        })
        .await;
        if written == 0 {
            break;
        }
        bytes = &bytes[written..];
    }
    all.len() - bytes.len()
}
