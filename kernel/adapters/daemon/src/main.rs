//! `antfarmd`: runs one node of a colony, and asks a running one.

mod act;
mod args;
mod reach;
mod say;
mod words;

use antfarm_daemon::{Config, Daemon, key_file};
use args::{Args, Verb};
use clap::Parser as _;
use std::path::Path;
use std::process::ExitCode;

/// What scripts may rely on.
pub(crate) mod exit {
    /// Done, or as it should be.
    pub(crate) const DONE: u8 = 0;
    /// Refused or declined.
    pub(crate) const REFUSED: u8 = 1;
    /// Bad input: arguments, a configuration, a key, no daemon.
    pub(crate) const INPUT: u8 = 2;
    /// A daemon that ran could not go on, or did not end in order.
    pub(crate) const FAILED: u8 = 3;
    /// Not decided yet: in doubt, pending, busy.
    pub(crate) const OPEN: u8 = 4;
}

/// Why there is nothing done: what to say, and with which exit status.
struct Trouble(String, u8);

impl From<String> for Trouble {
    fn from(words: String) -> Self {
        Self(words, exit::INPUT)
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.verb {
        Verb::Keygen { file } => keygen(&file),
        Verb::CheckConfig { file } => check(&file),
        Verb::Run { file } => read(&file).map_err(Trouble::from).and_then(run),
        Verb::Client(client) => return client.run(),
    };
    match done {
        Ok(()) => ExitCode::from(exit::DONE),
        Err(Trouble(words, code)) => say::failed(&words, code),
    }
}

fn keygen(file: &Path) -> Result<(), Trouble> {
    let key = key_file::generate(file).map_err(|bad| bad.to_string())?;
    say::line(&key.to_string());
    Ok(())
}

fn read(file: &Path) -> Result<Config, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    Config::parse(&file.display().to_string(), &text).map_err(|troubles| troubles.to_string())
}

fn check(file: &Path) -> Result<(), Trouble> {
    let config = read(file)?;
    let me = Daemon::check(&config).map_err(|bad| bad.to_string())?;
    say::line(&format!("`{}` is `{}`, with {} peers; its key is {me}", file.display(), config.name, config.peers.len()));
    Ok(())
}

fn run(config: Config) -> Result<(), Trouble> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("ANTFARMD_LOG").unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(async {
        let mut daemon = Daemon::start(config).await.map_err(|bad| bad.to_string())?;
        let ended = tokio::select! {
            ended = daemon.ended() => Some(ended),
            () = asked_to_stop() => None,
        };
        match ended {
            // It ended by itself, which it never should; whoever looks after it starts it anew.
            Some(words) => Err(Trouble(words, exit::FAILED)),
            None => daemon.stop().await.map_err(|words| Trouble(words, exit::FAILED)),
        }
    })
}

/// SIGTERM or SIGINT.
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let [terminate, interrupt] = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
