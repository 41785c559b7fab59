//! A wire in memory whose time passes only when a test says so.

use antfarm_machine::Span;
use antfarm_network::Wire;
use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::DuplexStream;
use tokio::sync::{mpsc, oneshot};

/// Where streams come out that were dialled to an address.
type Door = mpsc::UnboundedSender<DuplexStream>;

/// How long somebody waits, and how he is woken.
type Sleep = (Span, oneshot::Sender<()>);

#[derive(Clone, Default)]
pub(crate) struct Memory {
    doors: Arc<Mutex<BTreeMap<String, Door>>>,
    dials: Arc<AtomicUsize>,
    sleeps: Arc<Mutex<Vec<Sleep>>>,
}

impl Memory {
    /// The same addresses, in another time.
    pub(crate) fn beside(&self) -> Self {
        Self { doors: self.doors.clone(), ..Self::default() }
    }

    /// How often somebody was dialled.
    pub(crate) fn dials(&self) -> usize {
        self.dials.load(Ordering::Relaxed)
    }

    /// What is waited for now, but for these.
    pub(crate) fn sleeps(&self, but: &[Span]) -> Vec<Span> {
        let mut sleeps = self.sleeps.lock().expect("no panic");
        sleeps.retain(|(_, waits)| !waits.is_closed());
        sleeps.iter().map(|(span, _)| *span).filter(|span| !but.contains(span)).collect()
    }

    /// Lets all who wait for so long wake.
    pub(crate) fn pass(&self, span: Span) {
        let mut sleeps = self.sleeps.lock().expect("no panic");
        let (over, others): (Vec<_>, Vec<_>) = sleeps.drain(..).partition(|(waits, _)| *waits == span);
        *sleeps = others;
        assert!(!over.is_empty(), "nobody waits for {span}");
        over.into_iter().for_each(|(_, wakes)| wakes.send(()).unwrap_or_default());
    }
}

impl Wire for Memory {
    type Stream = DuplexStream;
    type Listener = mpsc::UnboundedReceiver<DuplexStream>;

    async fn listen(&self, address: &str) -> io::Result<(Self::Listener, SocketAddr)> {
        let (door, listener) = mpsc::unbounded_channel();
        self.doors.lock().expect("no panic").insert(address.to_owned(), door);
        Ok((listener, SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 1)))
    }

    async fn accept(&self, listener: &mut Self::Listener) -> io::Result<(DuplexStream, IpAddr)> {
        match listener.recv().await {
            Some(stream) => Ok((stream, Ipv4Addr::LOCALHOST.into())),
            None => pending().await,
        }
    }

    async fn connect(&self, address: &str) -> io::Result<DuplexStream> {
        self.dials.fetch_add(1, Ordering::Relaxed);
        let (near, far) = tokio::io::duplex(1 << 16);
        let door = self.doors.lock().expect("no panic").get(address).cloned();
        let open = door.is_some_and(|door| door.send(far).is_ok());
        if open { Ok(near) } else { Err(io::ErrorKind::ConnectionRefused.into()) }
    }

    async fn sleep(&self, span: Span) {
        let (wakes, waits) = oneshot::channel();
        self.sleeps.lock().expect("no panic").push((span, wakes));
        waits.await.expect("time passes by `pass` only");
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}
