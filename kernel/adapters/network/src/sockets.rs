//! The wire in production: TCP sockets, timers and tasks of tokio.

use crate::Wire;
use antfarm_machine::Span;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// TCP by tokio; must be used within a runtime whose IO and time are enabled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sockets;

impl Wire for Sockets {
    type Stream = TcpStream;
    type Listener = TcpListener;

    async fn listen(&self, address: &str) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(address).await?;
        let at = listener.local_addr()?;
        Ok((listener, at))
    }

    async fn accept(&self, listener: &mut TcpListener) -> io::Result<(TcpStream, IpAddr)> {
        let (stream, from) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, from.ip()))
    }

    async fn connect(&self, address: &str) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        // Messages are put together before they are written: waiting for more would only delay them.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn sleep(&self, span: Span) {
        tokio::time::sleep(Duration::from_nanos(span.as_nanos())).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}
