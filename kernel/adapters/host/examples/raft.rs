//! The Raft of the simulator's example as real processes: three servers, and a client that writes and reads.
//!
//! ```sh
//! cargo build --release -p antfarm-host --example raft
//! cd target/release/examples
//! all="127.0.0.1:7100 127.0.0.1:7101 127.0.0.1:7102 127.0.0.1:7103"
//! ./raft serve 0 /tmp/raft/0 $all &    # likewise 1 and 2
//! ./raft put 1 5 /tmp/raft/client $all
//! ./raft get 1 /tmp/raft/client $all
//! ```
//!
//! Nothing of Raft is here: this file gives a machine a folder, connections and a host. The last address is the client's own.
//! `ANTFARM_RECORD=FILE` records a process. The keys are those of tests, which anybody can compute: for one machine, to try things
//! out.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a tool")]

use antfarm_files::Files;
use antfarm_host::{Ended, Handle, Host, Inbox, Limits, Recorder, Stopped, SystemTime, lanes, next_incarnation};
use antfarm_identity::{Signer, to_bytes};
use antfarm_machine::{Observer, PeerId, Ports, Span};
use antfarm_network::{Config, Links, Outbox, Peer, Sockets};
use antfarm_raft::{Answer, Command, Message, Node, Notice};
use antfarm_recording::Header;
use std::error::Error;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;

const USAGE: &str = "usage: raft serve NUMBER FOLDER ADDRESS...
       raft put KEY VALUE FOLDER ADDRESS...
       raft get KEY FOLDER ADDRESS...
the addresses are those of all servers, in order, and then that of the client:
`127.0.0.1:7100 127.0.0.1:7101 127.0.0.1:7102 127.0.0.1:7103`";

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

type Trouble = Box<dyn Error + Send + Sync>;

/// What the command line wants.
enum Job {
    Serve(u32),
    Ask(Command),
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((job, folder, addresses)) = parse(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Runtime::new().expect("a process can have threads");
    match runtime.block_on(run(job, Path::new(folder), &addresses)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("raft: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn parse<'a>(words: &[&'a str]) -> Option<(Job, &'a str, Vec<&'a str>)> {
    let (job, rest) = match words {
        ["serve", number, rest @ ..] => (Job::Serve(number.parse().ok()?), rest),
        ["put", key, value, rest @ ..] => (Job::Ask(Command::Put { key: key.parse().ok()?, value: value.parse().ok()? }), rest),
        ["get", key, rest @ ..] => (Job::Ask(Command::Get { key: key.parse().ok()? }), rest),
        _ => return None,
    };
    let (folder, addresses) = rest.split_first()?;
    let known = match job {
        Job::Serve(number) => (number as usize) + 1 < addresses.len(),
        Job::Ask(_) => addresses.len() > 1,
    };
    known.then_some((job, folder, addresses.to_vec()))
}

async fn run(job: Job, folder: &Path, addresses: &[&str]) -> Result<(), Trouble> {
    // All but the last, which is the client's.
    let servers = u32::try_from(addresses.len() - 1)?;
    match job {
        Job::Serve(number) => {
            let (handle, _client, running) = start(PeerId::new(number), servers, folder, addresses).await?;
            let mut running = tokio::spawn(running);
            println!("server {number} listens on {}", addresses[number as usize]);
            let ended = tokio::select! {
                ended = &mut running => ended,
                () = told_to_end() => {
                    handle.stop();
                    running.await
                }
            };
            finish(ended??)
        }
        Job::Ask(command) => {
            let (handle, mut client, running) = start(PeerId::new(servers), servers, folder, addresses).await?;
            let running = tokio::spawn(running);
            client.inbox.asked(command)?;
            let answer = tokio::time::timeout(PATIENCE, client.answers.recv()).await;
            handle.stop();
            finish(running.await??)?;
            match answer {
                Ok(Some(Answer::Value(value))) => println!("{value}"),
                Ok(Some(Answer::Done)) => println!("done"),
                Ok(Some(answer)) => println!("{answer:?}"),
                Ok(None) | Err(_) => {
                    return Err(format!("no answer within {} seconds; it may still be executed", PATIENCE.as_secs()).into());
                }
            }
            Ok(())
        }
    }
}

/// The machine at `id` on a host of its own.
async fn start(
    id: PeerId,
    servers: u32,
    folder: &Path,
    addresses: &[&str],
) -> Result<(Handle, Client, impl Future<Output = End> + Send + use<>), Trouble> {
    let objects = folder.join("objects");
    fs::create_dir_all(&objects)?;
    let incarnation = next_incarnation(&folder.join("starts"), 0)?;
    let (inbox, lanes) = lanes::<Node>(Limits::default());
    let receipts = inbox.clone();
    let storage = Files::open(&objects, move |receipt| receipts.stored(receipt))?;
    let heard = inbox.clone();
    let (links, network) = Links::start(Sockets, connections(id, addresses), move |from, message| {
        let heard = heard.clone();
        // A peer's next message is read when this one was taken; after the host's end nobody cares.
        async move { heard.heard_in_turn(from, message).await.unwrap_or_default() }
    })
    .await?;
    let (told, answers) = mpsc::unbounded_channel();
    let ports = Ports { clock: SystemTime, network, storage, observer: Tellings(told) };
    let mut host = Host::new(antfarm_raft::Config::new(servers).node(id), incarnation, ports);
    if let Some(path) = std::env::var_os("ANTFARM_RECORD") {
        let header = Header { machine: "raft".to_owned(), setup: to_bytes(&(id, servers)) };
        host = host.recorded(Recorder::create(Path::new(&path), &header)?);
    }
    let (handle, running) = host.start(lanes);
    Ok((handle, Client { inbox, answers, _links: links }, running))
}

/// How a host of this example ends.
type End = Ended<Node, Outbox<Message>, Files, Tellings>;

/// Who everybody is, and where.
fn connections(me: PeerId, addresses: &[&str]) -> Config {
    let signer = |id: PeerId| Signer::insecure(u64::from(id.number()));
    let peer = |(id, address): (PeerId, &&str)| (id, Peer { key: signer(id).public(), address: (*address).to_owned() });
    let others = (0..).map(PeerId::new).zip(addresses).filter(|(id, _)| *id != me);
    // A client comes and goes, and is to be found again soon.
    let limits = antfarm_network::Limits { longest_redial: Span::from_millis(200), ..antfarm_network::Limits::default() };
    Config { me, signer: signer(me), listen: addresses[me.index()].to_owned(), peers: others.map(peer).collect(), limits }
}

/// The ways in and out of a host, besides its ports.
struct Client {
    inbox: Inbox<Node>,
    answers: mpsc::UnboundedReceiver<Answer>,
    /// Connections last as long as this.
    _links: Links,
}

/// Prints what a server tells, and passes on what a client is answered.
struct Tellings(mpsc::UnboundedSender<Answer>);

impl Observer<Notice> for Tellings {
    fn tell(&mut self, notice: Notice) {
        match notice {
            Notice::Returned { answer, .. } => self.0.send(answer).unwrap_or_default(),
            Notice::Opened { last, .. } => println!("opened its log of {last} entries"),
            Notice::Leads { term } => println!("leads in term {term}"),
            Notice::Stopped => eprintln!("the disk failed; trying again"),
            Notice::Halted { object, offset } => eprintln!("`{object}` is damaged at byte {offset}; silent for good"),
            Notice::Applied { .. } | Notice::Installed { .. } | Notice::Invoked { .. } | Notice::Refused { .. } => {}
        }
    }
}

fn finish(stopped: Stopped<Node, Outbox<Message>, Files, Tellings>) -> Result<(), Trouble> {
    stopped.recorder.map_or(Ok(()), Recorder::finish)?;
    Ok(())
}

/// Ends at SIGTERM or an interrupt from the terminal.
async fn told_to_end() {
    #[cfg(unix)]
    {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("SIGTERM can be caught");
        tokio::select! {
            _ = term.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
