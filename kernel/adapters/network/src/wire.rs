//! What connections are made of: the one trait through which this crate touches sockets, time and tasks.
//!
//! Rule kept: nothing else here uses a reactor, a timer or a runtime, so that a simulated one can be put in their place.

use antfarm_machine::Span;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncWrite};

/// Dials, accepts, waits and runs tasks. Dropping a future that it returned cancels what that was for; dropping a stream or a
/// listener closes it.
pub trait Wire: Clone + Send + Sync + 'static {
    /// A connection: bytes both ways, in order.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;
    /// Where connections come in.
    type Listener: Send + 'static;

    /// Listens at `address`, and says where that is: a port of 0 becomes a real one.
    fn listen(&self, address: &str) -> impl Future<Output = io::Result<(Self::Listener, SocketAddr)>> + Send;

    /// The next connection, and where it comes from.
    fn accept(&self, listener: &mut Self::Listener) -> impl Future<Output = io::Result<(Self::Stream, IpAddr)>> + Send;

    /// Connects to `address`, a host or an IP address with a port. The caller limits how long it may take.
    fn connect(&self, address: &str) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Waits for so long.
    fn sleep(&self, span: Span) -> impl Future<Output = ()> + Send;

    /// Runs a task beside the others.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}
