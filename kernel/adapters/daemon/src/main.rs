//! `antfarmd`: runs one node of a colony, and asks a running one.

mod args;
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
    /// Not decided yet: in doubt, pending, busy.
    pub(crate) const OPEN: u8 = 4;
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.verb {
        Verb::Keygen { file } => key_file::generate(&file).map(|key| say::line(&key.to_string())).map_err(|bad| bad.to_string()),
        Verb::CheckConfig { file } => check(&file),
        Verb::Run { file } => read(&file).and_then(run),
        Verb::Client(client) => return client.run(),
    };
    match done {
        Ok(()) => ExitCode::from(exit::DONE),
        Err(words) => say::failed(&words),
    }
}

fn read(file: &Path) -> Result<Config, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    Config::parse(&file.display().to_string(), &text).map_err(|troubles| troubles.to_string())
}

fn check(file: &Path) -> Result<(), String> {
    let config = read(file)?;
    let me = Daemon::check(&config).map_err(|bad| bad.to_string())?;
    say::line(&format!("`{}` is `{}`, with {} peers; its key is {me}", file.display(), config.name, config.peers.len()));
    Ok(())
}

fn run(config: Config) -> Result<(), String> {
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
            // It ended by itself, which it never should.
            Some(words) => Err(words),
            None => daemon.stop().await,
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
