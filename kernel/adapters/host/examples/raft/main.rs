//! The Raft of the simulator's example as real processes: three servers, and a client that writes and reads.
//!
//! ```sh
//! cargo build --release -p antfarm-host --example raft
//! cd target/release/examples
//! ./raft serve 0 /tmp/raft/0 127.0.0.1:7100 127.0.0.1:7101 127.0.0.1:7102 &    # likewise 1 and 2
//! ./raft put 1 5 /tmp/raft/client 127.0.0.1:7100 127.0.0.1:7101 127.0.0.1:7102
//! ./raft get 1 /tmp/raft/client 127.0.0.1:7100 127.0.0.1:7101 127.0.0.1:7102
//! ```
//!
//! Nothing of Raft is here: this file gives a machine a folder, a network and a host. `ANTFARM_RECORD=FILE` records a process.
//! One client at a time uses a client's folder, which holds its count of starts.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a tool")]

mod disk;
mod wire;

use antfarm_host::{Ended, Handle, Host, Inbox, Limits, Recorder, Stopped, SystemTime, lanes, next_incarnation};
use antfarm_identity::to_bytes;
use antfarm_machine::{Observer, PeerId, Ports};
use antfarm_raft::{Answer, Command, Config, Node, Notice};
use antfarm_recording::Header;
use disk::Disk;
use std::error::Error;
use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;
use wire::Wire;

const USAGE: &str = "usage: raft serve NUMBER FOLDER ADDRESS...
       raft put KEY VALUE FOLDER ADDRESS...
       raft get KEY FOLDER ADDRESS...
the addresses are those of all servers, in order: `127.0.0.1:7100 127.0.0.1:7101 127.0.0.1:7102`";

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

fn parse<'a>(words: &[&'a str]) -> Option<(Job, &'a str, Vec<SocketAddr>)> {
    let (job, rest) = match words {
        ["serve", number, rest @ ..] => (Job::Serve(number.parse().ok()?), rest),
        ["put", key, value, rest @ ..] => (Job::Ask(Command::Put { key: key.parse().ok()?, value: value.parse().ok()? }), rest),
        ["get", key, rest @ ..] => (Job::Ask(Command::Get { key: key.parse().ok()? }), rest),
        _ => return None,
    };
    let (folder, addresses) = rest.split_first()?;
    let addresses: Vec<SocketAddr> = addresses.iter().map(|it| it.parse()).collect::<Result<_, _>>().ok()?;
    let known = match job {
        Job::Serve(number) => (number as usize) < addresses.len(),
        Job::Ask(_) => !addresses.is_empty(),
    };
    known.then_some((job, folder, addresses))
}

async fn run(job: Job, folder: &Path, addresses: &[SocketAddr]) -> Result<(), Trouble> {
    let servers = u32::try_from(addresses.len())?;
    match job {
        Job::Serve(number) => {
            let (handle, _, running) = start(PeerId::new(number), servers, folder, addresses).await?;
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
    addresses: &[SocketAddr],
) -> Result<(Handle, Client, impl Future<Output = Ended<Node, Wire, Disk, Tellings>> + Send + use<>), Trouble> {
    fs::create_dir_all(folder)?;
    let incarnation = next_incarnation(&folder.join("starts"))?;
    let (inbox, lanes) = lanes::<Node>(Limits::default());
    let receipts = inbox.clone();
    let storage = Disk::open(&folder.join("objects"), move |receipt| receipts.stored(receipt))?;
    let network = Wire::start(id, addresses, inbox.clone()).await?;
    let (told, answers) = mpsc::unbounded_channel();
    let ports = Ports { clock: SystemTime, network, storage, observer: Tellings(told) };
    let mut host = Host::new(Config::new(servers).node(id), incarnation, ports);
    if let Some(path) = std::env::var_os("ANTFARM_RECORD") {
        let header = Header { machine: "raft".to_owned(), setup: to_bytes(&(id, servers)) };
        host = host.recorded(Recorder::create(Path::new(&path), &header)?);
    }
    let (handle, running) = host.start(lanes);
    Ok((handle, Client { inbox, answers }, running))
}

/// A client's way in and out.
struct Client {
    inbox: Inbox<Node>,
    answers: mpsc::UnboundedReceiver<Answer>,
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

fn finish(stopped: Stopped<Node, Wire, Disk, Tellings>) -> Result<(), Trouble> {
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
