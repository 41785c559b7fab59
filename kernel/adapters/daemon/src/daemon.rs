//! The process: a node on the host, with files, connections and executors around it.
//!
//! The order of a start is what keeps two daemons apart: the folder is locked before its starts are counted, and both before the
//! control socket is taken over or a peer hears anything.

use crate::config::Config;
use crate::control::Said;
use crate::desk::Desk;
use crate::key_file::{self, KeyTrouble};
use crate::server::{Desks, serve};
use crate::socket::SocketFile;
use crate::specs::{SpecTrouble, Specs};
use crate::tape::Tape;
use crate::toolbox::{Carry, TOOLS, ToolTrouble, Workshop};
use antfarm_authority::TrustRoots;
use antfarm_files::{Counters, Files, OpenError};
use antfarm_host::{Ended, Handle, Host, Inbox, Limits, SystemTime, Timekeeper, lanes, next_incarnation};
use antfarm_identity::{PublicKey, Signer};
use antfarm_ledger::Stop;
use antfarm_machine::{Network, Observer, PeerId, Ports};
use antfarm_network::{Links, Outbox, Sockets, StartError};
use antfarm_node::{Config as NodeConfig, Message, Node, Notice};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What the file is called that counts the starts of a node, in its folder: no object of a ledger begins with a dot.
const STARTS: &str = ".starts";

type Run = Ended<Node, Router, Files, Ears>;

/// A daemon that runs.
pub struct Daemon {
    host: Handle,
    running: JoinHandle<Run>,
    clients: JoinHandle<()>,
    /// Tells those who serve clients to take nothing more.
    closing: watch::Sender<bool>,
    desk: Desk,
    links: Arc<Links>,
    control: SocketFile,
    /// Says so once the disk has failed.
    failed: watch::Receiver<bool>,
}

/// How long clients may take with the last answers when a daemon ends.
const FAREWELL: Duration = Duration::from_secs(2);

impl Daemon {
    /// Looks at everything that a start would read, and starts nothing: the node's key.
    ///
    /// # Errors
    ///
    /// What a start would stumble over.
    pub fn check(config: &Config) -> Result<PublicKey, StartTrouble> {
        let signer = key_file::read(&config.key)?;
        let workshop = Workshop::read(config)?;
        let specs = Specs::read(config)?;
        let node = node(config, &signer, &workshop, specs.as_ref())?;
        Tape::of(config).check()?;
        connections(config, &signer, &node).check().map_err(|bad| StartTrouble::Network(StartError::Config(bad)))?;
        Ok(signer.public())
    }

    /// Starts a daemon on the runtime that this is called on.
    ///
    /// # Errors
    ///
    /// Something is not as the configuration says, or somebody else has the folder.
    pub async fn start(config: Config) -> Result<Self, StartTrouble> {
        let workshop = Workshop::read(&config)?;
        Self::start_with(config, workshop, SystemTime).await
    }

    /// The same with tools of one's own in place of those of a manifest, and with other clocks.
    ///
    /// # Errors
    ///
    /// As for [`Daemon::start`].
    pub async fn start_with(config: Config, workshop: Workshop, clock: impl Timekeeper) -> Result<Self, StartTrouble> {
        let signer = key_file::read(&config.key)?;
        let tape = Tape::of(&config);
        let specs = Specs::read(&config)?;
        specs.iter().flat_map(|it| &it.warnings).for_each(|warning| tracing::warn!("{warning}"));
        let setup = node(&config, &tape.signer(&signer), &workshop, specs.as_ref())?;
        folder(&config.folder)?;
        let (inbox, lanes) = lanes::<Node>(Limits::default());
        let receipts = inbox.clone();
        let files = Files::open(&config.folder, move |receipt| receipts.stored(receipt))?;
        let counters = files.counters();
        let starts = config.folder.join(STARTS);
        let floor = clock.wall().as_nanos();
        let incarnation = next_incarnation(&starts, floor).map_err(|error| io_trouble(&starts, error))?;
        let recorder = tape.recorder(&setup, specs.map(|it| it.texts).unwrap_or_default(), incarnation)?;
        let carry = workshop.open(&config.folder)?;
        let (listener, control) = SocketFile::listen(&config.control).map_err(|error| io_trouble(&config.control, error))?;

        let heard = inbox.clone();
        let deliver = move |from: PeerId, message: Message| {
            let heard = heard.clone();
            // A host that has stopped hears nothing more.
            async move { heard.heard_in_turn(from, message).await.unwrap_or_default() }
        };
        let (links, outbox) = Links::start(Sockets, connections(&config, &signer, &setup), deliver).await?;
        let links = Arc::new(links);
        let names = names(&setup, &config);
        let router = Router { outbox, carry, inbox: inbox.clone() };
        let desk = Desk::new(setup.clone());
        let (fails, failed) = watch::channel(false);
        let observer = Ears { desk: desk.clone(), fails };
        let ports = Ports { clock, network: router, storage: files, observer };
        let host = Host::new(Node::new(setup), incarnation, ports);
        let host = match recorder {
            None => host,
            Some(recorder) => host.recorded(recorder),
        };
        let (host, running) = host.start(lanes);
        let running = tokio::spawn(running);
        let desks = Desks {
            inbox,
            desk: desk.clone(),
            host: host.clone(),
            name: config.name.clone(),
            connected: connected(&links, &names),
            metrics: metrics(&links, names, counters),
        };
        let (closing, closes) = watch::channel(false);
        let clients = tokio::spawn(serve(listener, Arc::new(desks), closes));
        tracing::info!(name = config.name, key = %signer.public(), listen = %links.address(), incarnation, "started");
        Ok(Self { host, running, clients, closing, desk, links, control, failed })
    }

    /// Waits until the daemon cannot go on, and says why: the machine panicked, or the disk failed and only a new process may write
    /// to it again.
    pub async fn ended(&mut self) -> String {
        tokio::select! {
            ended = &mut self.running => match ended {
                Ok(Err(panicked)) => panicked.to_string(),
                Ok(Ok(_)) => "the host ended".to_owned(),
                Err(error) => error.to_string(),
            },
            Ok(_) = self.failed.wait_for(|failed| *failed) => {
                "the disk failed; what was acknowledged is on it, and a new start reads it".to_owned()
            }
        }
    }

    /// Ends in order: what was asked is carried out as far as it is, and what is on its way to the disk comes there.
    ///
    /// # Errors
    ///
    /// The machine had failed, or the disk did not answer in time.
    pub async fn stop(self) -> Result<(), String> {
        self.control.remove();
        self.closing.send_replace(true);
        self.host.stop();
        let stopped = self.running.await.map_err(|error| error.to_string())?.map_err(|bad| bad.to_string())?;
        // Whoever still waits may ask again; all answers are given before the lines are cut.
        self.desk.end_before(u64::MAX, &Said::Pending);
        let mut clients = self.clients;
        if timeout(FAREWELL, &mut clients).await.is_err() {
            clients.abort();
        }
        if let Some(links) = Arc::into_inner(self.links) {
            links.stop().await;
        }
        let unanswered = stopped.unanswered;
        // Waits for the disk.
        tokio::task::spawn_blocking(move || drop(stopped)).await.map_err(|error| error.to_string())?;
        match unanswered {
            0 => Ok(()),
            some => Err(format!("the disk did not answer {some} requests in time; what was acknowledged is safe")),
        }
    }
}

/// What a node is, by its configuration.
fn node(config: &Config, signer: &Signer, workshop: &Workshop, specs: Option<&Specs>) -> Result<NodeConfig, StartTrouble> {
    let roots = TrustRoots::new(config.colony_id(), config.roots.iter().copied()).ok_or(StartTrouble::TooManyRoots)?;
    let mut node = NodeConfig::new(roots, config.tenant.clone(), signer.clone());
    let me = signer.public();
    let mut keys: Vec<PublicKey> = config.peers.iter().map(|peer| peer.key).filter(|key| *key != me).collect();
    keys.sort_unstable();
    node.nodes = (1..).map(PeerId::new).zip(keys).collect();
    node.tools = workshop.toolbox();
    workshop.register(&mut node.secrets)?;
    (node.pulse, node.patience) = (config.pulse, config.patience);
    (node.reopen_after, node.sweep) = (config.reopen, config.sweep);
    let Some(specs) = specs else { return Ok(node) };
    specs.beside(&node.tools)?;
    specs.without(&node.secrets)?;
    node.with_suite(specs.suite().clone()).map_err(|bad| SpecTrouble::Name(bad).into())
}

fn connections(config: &Config, signer: &Signer, node: &NodeConfig) -> antfarm_network::Config {
    let address = |key: &PublicKey| config.peers.iter().find(|peer| peer.key == *key).map(|peer| peer.address.clone());
    let peer = |(id, key): (&PeerId, &PublicKey)| Some((*id, antfarm_network::Peer { key: *key, address: address(key)? }));
    antfarm_network::Config {
        me: PeerId::new(0),
        signer: signer.clone(),
        listen: config.listen.clone(),
        peers: node.nodes.iter().filter_map(peer).collect(),
        limits: antfarm_network::Limits::default(),
    }
}

fn names(node: &NodeConfig, config: &Config) -> BTreeMap<PeerId, String> {
    node.nodes.iter().filter_map(|(id, key)| Some((*id, config.called(key)?.to_owned()))).collect()
}

fn connected(links: &Arc<Links>, names: &BTreeMap<PeerId, String>) -> Box<dyn Fn() -> Vec<String> + Send + Sync> {
    let (links, names) = (Arc::downgrade(links), names.clone());
    Box::new(move || {
        let Some(links) = links.upgrade() else { return Vec::new() };
        let is_connected = |id: &PeerId| links.peer(*id).is_some_and(|it| it.outgoing || it.incoming);
        names.iter().filter(|(id, _)| is_connected(id)).map(|(_, name)| name.clone()).collect()
    })
}

fn metrics(links: &Arc<Links>, names: BTreeMap<PeerId, String>, files: Counters) -> Box<dyn Fn() -> String + Send + Sync> {
    let links = Arc::downgrade(links);
    Box::new(move || {
        let mut text = crate::metrics::files(&files.read());
        if let Some(links) = links.upgrade() {
            text.push_str(&links.counts().prometheus(|peer| names.get(&peer).cloned().unwrap_or_default()));
        }
        text
    })
}

/// The folder of the ledger, which only the daemon's user may enter.
fn folder(path: &Path) -> Result<(), StartTrouble> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| io_trouble(path, error))
}

/// Sends to nodes through connections, and to tools through what carries calls out.
struct Router {
    outbox: Outbox<Message>,
    carry: Carry,
    inbox: Inbox<Node>,
}

impl Network<Message> for Router {
    fn send(&mut self, to: PeerId, message: Message) {
        if to != TOOLS {
            return self.outbox.send(to, message);
        }
        let inbox = self.inbox.clone();
        // A host that has stopped hears nothing more; what carries calls out tells it again when it is asked for.
        (self.carry)(
            message.body,
            Box::new(move |body| {
                tokio::spawn(async move { inbox.heard_in_turn(TOOLS, Message::bare(body)).await.unwrap_or_default() });
            }),
        );
    }
}

/// Hears what the node tells: for clients, and for the log.
struct Ears {
    desk: Desk,
    /// Told when the disk fails.
    fails: watch::Sender<bool>,
}

impl Observer<Notice> for Ears {
    fn tell(&mut self, notice: Notice) {
        match &notice {
            Notice::Opened(opened) => tracing::info!(records = opened.records, "the log is open"),
            Notice::Stopped(stop) => tracing::warn!(?stop, "the log stopped; it is opened again"),
            Notice::Refused(refused) => tracing::error!(?refused, "the log is not served"),
            Notice::Broken { position } => tracing::error!(position, "the log holds a record that this node cannot have written"),
            Notice::RolledBack { records } => {
                tracing::error!(
                    records,
                    "the log does not go as far as a peer remembers it: it was rolled back, and is not served"
                );
            }
            Notice::Forked { log } => tracing::error!(%log, "somebody signed two histories"),
            Notice::Granted { .. }
            | Notice::Declined { .. }
            | Notice::Answered { .. }
            | Notice::Called(_)
            | Notice::Revoked { .. }
            | Notice::Closed { .. }
            | Notice::Reclaimed { .. }
            | Notice::Began { .. }
            | Notice::Ended { .. }
            | Notice::Reported { .. }
            | Notice::Stepped(_) => {}
        }
        if let Notice::Stopped(stop) = &notice {
            // What was on its way to the disk may be gone: whoever waits for it may ask again.
            self.desk.end_before(u64::MAX, &Said::Pending);
            if matches!(stop, Stop::Failed { .. }) {
                self.fails.send_replace(true);
            }
        }
        if matches!(notice, Notice::Broken { .. } | Notice::RolledBack { .. }) {
            self.desk.close();
        }
        self.desk.tell(notice);
    }
}

pub(crate) fn io_trouble(path: &Path, error: io::Error) -> StartTrouble {
    StartTrouble::Io { path: path.to_owned(), error }
}

/// Why a daemon does not start.
#[derive(Debug)]
pub enum StartTrouble {
    /// Its key.
    Key(KeyTrouble),
    /// Its tools.
    Tools(ToolTrouble),
    /// Its specs.
    Specs(SpecTrouble),
    /// The folder of its ledger.
    Folder(OpenError),
    /// Its connections.
    Network(StartError),
    /// There are more trust roots than a colony has.
    TooManyRoots,
    /// A file or a socket.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for StartTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(trouble) => trouble.fmt(f),
            Self::Tools(trouble) => trouble.fmt(f),
            Self::Specs(trouble) => trouble.fmt(f),
            Self::Folder(trouble) => trouble.fmt(f),
            Self::Network(trouble) => trouble.fmt(f),
            Self::TooManyRoots => f.write_str("there are more `roots` than a colony has"),
            Self::Io { path, error } => write!(f, "`{}`: {error}", path.display()),
        }
    }
}

impl std::error::Error for StartTrouble {}

macro_rules! from {
    ($($of:ty => $into:ident),*) => {$(
        impl From<$of> for StartTrouble {
            fn from(trouble: $of) -> Self {
                Self::$into(trouble)
            }
        }
    )*};
}

from!(KeyTrouble => Key, ToolTrouble => Tools, SpecTrouble => Specs, OpenError => Folder, StartError => Network);
