//! A plain network: TCP, frames with a length, and no security at all. Whoever can connect can say who he is: for one machine, to try
//! things out.
//!
//! Each process dials all servers and sends to a server over the connection that it dialled; a server answers a client, which
//! listens nowhere, over the connection that the client dialled. A peer's connection is read only as fast as the machine takes what it says.

use antfarm_host::Inbox;
use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_machine::{Machine, Network, PeerId};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The most messages that wait for one peer; more are lost.
const QUEUE: usize = 1_024;

/// The longest message in bytes.
const LONGEST: usize = 16 << 20;

/// How long a peer that cannot be reached is left alone.
const PAUSE: Duration = Duration::from_millis(100);

/// Those who listen nowhere and dialled us, and the way back to them.
type Guests = Arc<Mutex<BTreeMap<PeerId, Sender<Vec<u8>>>>>;

/// The connections of one process.
pub(crate) struct Wire {
    servers: BTreeMap<PeerId, Sender<Vec<u8>>>,
    guests: Guests,
    _tasks: JoinSet<()>,
}

impl Wire {
    /// Listens, if `me` is one of the servers, and dials all the others. What they say goes to `inbox`.
    pub(crate) async fn start<M>(me: PeerId, servers: &[SocketAddr], inbox: Inbox<M>) -> io::Result<Self>
    where
        M: Machine<Message: Codec>,
    {
        let guests = Guests::default();
        let mut tasks = JoinSet::new();
        if let Some(address) = servers.get(me.index()) {
            let listener = TcpListener::bind(address).await?;
            tasks.spawn(listen(listener, inbox.clone(), guests.clone()));
        }
        let mut ways = BTreeMap::new();
        for (peer, address) in (0..).map(PeerId::new).zip(servers).filter(|(peer, _)| *peer != me) {
            let (way, queue) = mpsc::channel(QUEUE);
            ways.insert(peer, way);
            tasks.spawn(dial(me, peer, *address, queue, inbox.clone()));
        }
        Ok(Self { servers: ways, guests, _tasks: tasks })
    }
}

impl<T: Codec> Network<T> for Wire {
    fn send(&mut self, to: PeerId, message: T) {
        let guests = self.guests.lock().expect("nothing panics while it holds the guests");
        if let Some(way) = self.servers.get(&to).or_else(|| guests.get(&to)) {
            // What finds no room is lost, which a network may do.
            drop(way.try_send(to_bytes(&message)));
        }
    }
}

/// Keeps a connection to a server, for as long as the process lives.
async fn dial<M: Machine<Message: Codec>>(
    me: PeerId,
    peer: PeerId,
    address: SocketAddr,
    mut queue: Receiver<Vec<u8>>,
    inbox: Inbox<M>,
) {
    loop {
        if let Ok(Ok(stream)) = timeout(10 * PAUSE, TcpStream::connect(address)).await {
            let (mut reader, mut writer) = halves(stream);
            if write(&mut writer, &to_bytes(&me)).await.is_ok() {
                // What waited while nobody was there is stale.
                while queue.try_recv().is_ok() {}
                tokio::select! {
                    _ = forward(&mut queue, &mut writer) => {}
                    _ = listen_to(peer, &mut reader, &inbox) => {}
                }
            }
        }
        sleep(PAUSE).await;
    }
}

/// Takes connections.
async fn listen<M: Machine<Message: Codec>>(listener: TcpListener, inbox: Inbox<M>, guests: Guests) {
    let mut visits = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            visits.spawn(receive(stream, inbox.clone(), guests.clone()));
        }
        while visits.try_join_next().is_some() {}
    }
}

/// Serves one connection that somebody dialled.
async fn receive<M: Machine<Message: Codec>>(stream: TcpStream, inbox: Inbox<M>, guests: Guests) {
    let (mut reader, mut writer) = halves(stream);
    let Ok(Ok(name)) = timeout(10 * PAUSE, read(&mut reader)).await else { return };
    let Ok(peer) = from_bytes::<PeerId>(&name) else { return };
    let (way, mut queue) = mpsc::channel(QUEUE);
    guests.lock().expect("nothing panics while it holds the guests").insert(peer, way.clone());
    tokio::select! {
        _ = forward(&mut queue, &mut writer) => {}
        _ = listen_to(peer, &mut reader, &inbox) => {}
    }
    let mut guests = guests.lock().expect("nothing panics while it holds the guests");
    if guests.get(&peer).is_some_and(|it| it.same_channel(&way)) {
        guests.remove(&peer);
    }
}

fn halves(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    // Without it a small message may wait for the acknowledgement of the one before.
    stream.set_nodelay(true).unwrap_or_default();
    stream.into_split()
}

async fn forward(queue: &mut Receiver<Vec<u8>>, writer: &mut OwnedWriteHalf) -> io::Result<()> {
    while let Some(message) = queue.recv().await {
        write(writer, &message).await?;
    }
    Ok(())
}

async fn listen_to<M: Machine<Message: Codec>>(peer: PeerId, reader: &mut OwnedReadHalf, inbox: &Inbox<M>) -> io::Result<()> {
    loop {
        let message = from_bytes(&read(reader).await?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        inbox.heard_in_turn(peer, message).await.map_err(|_| ErrorKind::ConnectionAborted)?;
    }
}

async fn write(writer: &mut OwnedWriteHalf, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend_from_slice(message);
    writer.write_all(&frame).await
}

async fn read(reader: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let length = reader.read_u32_le().await? as usize;
    if length > LONGEST {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut message = Vec::new();
    let got = reader.take(length as u64).read_to_end(&mut message).await?;
    if got == length { Ok(message) } else { Err(ErrorKind::UnexpectedEof.into()) }
}
