//! The control socket: takes requests, has the node asked, and hands answers back.
//!
//! Rules kept: *a client harms only itself*. It may have [`MAX_PIPELINE`] requests under way, sends whole frames within [`PATIENCE`]
//! of their first byte, takes its answers as fast, or is hung up on. What does not decode ends its connection.

use crate::control::{
    Command, EntityLine, Free, MAX_LINES, MAX_VALUE, MAX_VALUES, Reply, Request, Said, Status, WritLine, frame, read_frame,
    request,
};
use crate::desk::{Answer, Desk};
use antfarm_authority::{Granted, WritId};
use antfarm_host::{Handle, Inbox};
use antfarm_ledger::SignedHead;
use antfarm_machine::Wall;
use antfarm_node::Node;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The most clients at a time; whoever comes then waits to be let in.
pub(crate) const MAX_CLIENTS: usize = 256;

/// The most requests of one client that are not answered.
pub(crate) const MAX_PIPELINE: usize = 256;

/// How long a client may take with a frame that it began, or that it is sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long an ask waits for what comes of it.
const LONGEST: Duration = Duration::from_secs(60);

/// What connections need.
pub(crate) struct Desks {
    pub(crate) inbox: Inbox<Node>,
    pub(crate) desk: Desk,
    pub(crate) host: Handle,
    pub(crate) name: String,
    /// The names of the peers that it is connected to.
    pub(crate) connected: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// What the parts around the machine count.
    pub(crate) metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// Serves clients until it is `closing`: then nobody is let in, nothing more is heard, and it ends when all are answered. Whatever it
/// began ends with it when it is dropped.
pub(crate) async fn serve(listener: UnixListener, desks: Arc<Desks>, mut closing: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MAX_CLIENTS));
    let mut tasks = JoinSet::new();
    let sweeping = tasks.spawn(sweep(desks.desk.clone()));
    loop {
        // Those that ended are let go.
        while tasks.try_join_next().is_some() {}
        let accepted = async {
            let permit = room.clone().acquire_owned().await.map_err(io::Error::other);
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            _ = closing.wait_for(|closing| *closing) => break,
            accepted = accepted => accepted,
        };
        match (permit, accepted) {
            (Ok(permit), Ok((stream, _))) => {
                let (desks, closing) = (desks.clone(), closing.clone());
                tasks.spawn(async move {
                    if let Err(error) = talk(stream, &desks, closing).await {
                        tracing::debug!(%error, "a client was hung up on");
                    }
                    drop(permit);
                });
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "a client was not let in");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    sweeping.abort();
    while tasks.join_next().await.is_some() {}
}

/// Tells those who wait too long that they may ask again.
async fn sweep(desk: Desk) {
    let mut waves = VecDeque::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        let now = tick.tick().await;
        waves.push_back((now, desk.next()));
        while let Some((_, before)) = waves.pop_front_if(|(then, _)| now.duration_since(*then) > LONGEST) {
            desk.end_before(before, &Said::Pending);
        }
    }
}

type Out = (Reply, OwnedSemaphorePermit);

async fn talk(stream: UnixStream, desks: &Arc<Desks>, closing: watch::Receiver<bool>) -> io::Result<()> {
    let (read, write) = stream.into_split();
    let (replies, outbox) = unbounded_channel();
    // What was asked is answered before the line is cut.
    let (heard, written) = tokio::join!(hear(read, desks, replies, closing), answer(write, outbox));
    heard.and(written)
}

async fn hear(
    read: OwnedReadHalf,
    desks: &Arc<Desks>,
    replies: UnboundedSender<Out>,
    mut closing: watch::Receiver<bool>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(MAX_PIPELINE));
    let mut read = BufReader::new(read);
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return Ok(()) };
        // A client may be silent as long as it likes, but not within a frame.
        tokio::select! {
            () = replies.closed() => return Ok(()),
            _ = closing.wait_for(|closing| *closing) => return Ok(()),
            ready = tokio::io::AsyncBufReadExt::fill_buf(&mut read) => if ready?.is_empty() { return Ok(()) },
        }
        let frame = timeout(PATIENCE, read_frame(&mut read)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let Some(body) = frame else { return Ok(()) };
        let Request { number, command } =
            request(&body).map_err(|bad| io::Error::new(io::ErrorKind::InvalidData, bad.to_string()))?;
        let replies = replies.clone();
        let reply: Answer = Box::new(move |said| drop(replies.send((Reply { number, said }, permit))));
        carry_out(desks, command, reply).await;
    }
}

async fn answer(mut write: OwnedWriteHalf, mut outbox: UnboundedReceiver<Out>) -> io::Result<()> {
    let (mut bytes, mut permits) = (Vec::new(), Vec::new());
    let mut waiting = Vec::new();
    while outbox.recv_many(&mut waiting, 64).await > 0 {
        for (reply, permit) in waiting.drain(..) {
            bytes.extend(frame(&reply));
            permits.push(permit);
        }
        let written = timeout(PATIENCE, write.write_all(&bytes)).await;
        written.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        bytes.clear();
        permits.clear();
    }
    Ok(())
}

async fn carry_out(desks: &Arc<Desks>, command: Command, reply: Answer) {
    match command {
        Command::Ask(ask) => {
            let Some(place) = desks.desk.wait(&ask, reply) else { return };
            if desks.inbox.asked_in_turn(ask).await.is_err() {
                desks.desk.end(place, Said::Busy);
            }
        }
        Command::Status => {
            let (name, connected) = (desks.name.clone(), (desks.connected)());
            look(desks, reply, move |node, at| Said::Status(status(node, name, connected, at)));
        }
        Command::Head => look(desks, reply, |node, _| Said::Head(head(node))),
        Command::Writs { after } => look(desks, reply, move |node, _| Said::Writs(writs(node, after))),
        Command::Writ(id) => look(desks, reply, move |node, _| {
            Said::Writs(node.state().writ(id).map(|granted| line(node, granted)).into_iter().collect())
        }),
        // Before the log is read there is nobody.
        Command::Entity { entity: name, id } => look(desks, reply, move |node, _| match node.is_serving() {
            true => Said::Entity(entity(node, &name, &id)),
            false => Said::Busy,
        }),
        Command::Metrics => reply(Said::Text(format!("{}{}", desks.host.counts().prometheus(), (desks.metrics)()))),
    }
}

fn look(desks: &Desks, reply: Answer, seen: impl FnOnce(&Node, Wall) -> Said + Send + 'static) {
    let reply = Arc::new(std::sync::Mutex::new(Some(reply)));
    let say = |reply: &std::sync::Mutex<Option<Answer>>, said| {
        if let Some(reply) = reply.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            reply(said);
        }
    };
    let inner = reply.clone();
    let looked = desks.inbox.look(move |now, node| say(&inner, seen(node, now.wall)));
    if looked.is_err() {
        say(&reply, Said::Busy);
    }
}

fn status(node: &Node, name: String, connected: Vec<String>, at: Wall) -> Status {
    let (config, state) = (node.config(), node.state());
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Status {
        name,
        key: config.me(),
        colony: config.roots.colony(),
        log: config.ledger.log,
        serving: node.is_serving(),
        rolled_back: node.is_rolled_back(),
        records: node.ledger().durable().map_or(0, |head| head.records),
        writs: count(state.writs().count()),
        open: count(state.under_way().count()),
        connected,
        at,
    }
}

fn head(node: &Node) -> Option<SignedHead> {
    let config = node.config();
    let head = node.ledger().durable()?;
    Some(SignedHead::sign(&config.signer, config.roots.colony(), config.ledger.log, head))
}

fn writs(node: &Node, after: Option<WritId>) -> Vec<WritLine> {
    let later = |granted: &&Granted| after.is_none_or(|after| granted.id() > after);
    node.state().writs().filter(later).take(MAX_LINES).map(|granted| line(node, granted)).collect()
}

fn line(node: &Node, granted: &Granted) -> WritLine {
    let (state, id, body) = (node.state(), granted.id(), granted.body());
    let account = state.accounts().account(id);
    WritLine {
        writ: id.digest(),
        issuer: body.issuer,
        subject: body.subject,
        since: body.grant.window.not_before(),
        until: body.grant.window.expires_at(),
        freshness: body.grant.freshness,
        revoked: state.revocations().first_dead(granted).is_some(),
        free: account.map(|account| Free { calls: account.free().calls.0, money: account.free().money.0 }),
    }
}

fn entity(node: &Node, name: &str, id: &str) -> Option<EntityLine> {
    let suite = node.config().suite.as_ref()?;
    let number = suite.entity(name)?;
    let (spec, held) = (suite.table(number)?.spec(), node.state().entities().get(number, id)?);
    let status = spec.states.get(held.state.status()).map(ToString::to_string).unwrap_or_default();
    let mut room = MAX_VALUES;
    let mut variables = Vec::new();
    for (variable, value) in spec.variables.iter().zip(held.state.slots()) {
        if room == 0 {
            break;
        }
        let mut text = value.to_string();
        if text.len() > MAX_VALUE {
            text.truncate(text.floor_char_boundary(MAX_VALUE));
            text.push_str("..");
        }
        room = room.saturating_sub(variable.name.len() + text.len() + 8);
        variables.push((variable.name.to_string(), text));
    }
    Some(EntityLine { status, since: held.entered, variables })
}
