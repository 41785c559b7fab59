//! Three daemons in a folder of their own, and what is done to them.

use antfarm_authority::WritId;
use antfarm_daemon::control::{Command, Said, Status};
use antfarm_daemon::{Client, key_file};
use antfarm_identity::{PublicKey, from_bytes, to_bytes};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The daemon's program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_antfarmd");

pub(crate) const NAMES: [&str; 3] = ["queen", "scout", "store"];

/// How long anything may take on a busy machine before a test gives up.
pub(crate) const AT_MOST: Duration = Duration::from_secs(60);

/// A port that was free a moment ago, and is none of those that the system gives to whoever dials.
pub(crate) fn free_port() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Tests that run at once begin far from each other.
        let nth = process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(10_000 + nth % 20_000).expect("small");
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().expect("it is bound");
        }
    }
}

/// A folder that is removed in the end, unless the test failed.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("antfarmd-{name}-{}", process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}

/// A daemon that may run.
pub(crate) struct Daemon {
    pub(crate) config: PathBuf,
    pub(crate) socket: PathBuf,
    pub(crate) ledger: PathBuf,
    pub(crate) log: PathBuf,
    child: Option<Child>,
}

impl Daemon {
    /// The daemon of a configuration that lies beside its socket and its ledger.
    pub(crate) fn of(folder: &Path, name: &str) -> Self {
        let path = |end: &str| folder.join(format!("{name}{end}"));
        Self { config: path(".toml"), socket: path(".sock"), ledger: path(""), log: path(".log"), child: None }
    }

    pub(crate) fn start(&mut self) {
        self.start_by(process::Command::new(PROGRAM));
    }

    /// The same by a command that runs the program of the daemon.
    pub(crate) fn start_by(&mut self, mut command: process::Command) {
        command.arg("run").arg(&self.config);
        self.start_as(command);
    }

    /// The same by a command that becomes the daemon.
    pub(crate) fn start_as(&mut self, mut command: process::Command) {
        assert!(self.child.is_none(), "it runs");
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log).expect("a log for the daemon");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().expect("the daemon starts"));
    }

    /// The process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| child.try_wait().expect("it is ours").is_some())
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is ours");
            child.wait().expect("it is ours");
        }
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let mut child = self.child.take()?;
        let pid = child.id().to_string();
        process::Command::new("kill").args(["-TERM", &pid]).status().expect("`kill` is there");
        let began = Instant::now();
        loop {
            match child.try_wait().expect("it is ours") {
                Some(status) => return status.code(),
                None if began.elapsed() > AT_MOST => {
                    drop(child.kill());
                    panic!("the daemon does not end; see {}", self.log.display());
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    pub(crate) fn client(&self) -> Option<Client> {
        Client::connect(&self.socket, Duration::from_secs(20)).ok()
    }

    pub(crate) fn status(&self) -> Option<Status> {
        let said = self.client()?.say(Command::Status).ok()?;
        let Said::Status(status) = said else { panic!("{said:?}") };
        Some(status)
    }

    /// Waits until it is as wanted.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let began = Instant::now();
        loop {
            let status = self.status();
            if let Some(status) = status.as_ref().filter(|status| wanted(status)) {
                return status.clone();
            }
            assert!(began.elapsed() < AT_MOST, "never {what}: {status:?}; see {}", self.log.display());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the tool prints, and its exit status.
    pub(crate) fn tool(&self, verb: &str, args: &[&str]) -> (String, i32) {
        let mut command = process::Command::new(PROGRAM);
        command.arg(verb).arg("--config").arg(&self.config).args(args);
        let output = command.output().expect("the tool runs");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("it prints text");
        (text.trim_end().to_owned(), output.status.code().expect("it ends by itself"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The id of a writ, from what the tool printed.
pub(crate) fn writ(printed: &str) -> WritId {
    let digest: antfarm_identity::Digest = printed.strip_prefix("writ ").expect(printed).parse().expect(printed);
    from_bytes(&to_bytes(&digest)).expect("a writ's id is any digest")
}

/// Makes keys for these names.
pub(crate) fn keys(folder: &Path, names: &[&str]) -> Vec<PublicKey> {
    names.iter().map(|name| key_file::generate(&folder.join(format!("{name}.key"))).expect("it is made")).collect()
}

/// Writes a configuration: who it is, where it listens, and where it finds the others.
pub(crate) fn configure(
    folder: &Path,
    name: &str,
    listen: SocketAddr,
    root: &PublicKey,
    peers: &[(&str, PublicKey, SocketAddr)],
) {
    let mut text = format!(
        "name = \"{name}\"\ncolony = \"hive\"\ntenant = \"acme\"\nkey = \"{name}.key\"\nfolder = \"{name}\"\ncontrol = \"{name}.sock\"\n\
         listen = \"{listen}\"\nroots = [\"{root}\"]\ntools = \"tools.toml\"\npulse = \"200ms\"\npatience = \"500ms\"\nreopen = \"100ms\"\n"
    );
    for (name, key, address) in peers {
        text.push_str(&format!("\n[[peer]]\nname = \"{name}\"\nkey = \"{key}\"\naddress = \"{address}\"\n"));
    }
    fs::write(folder.join(format!("{name}.toml")), text).expect("a configuration");
}
