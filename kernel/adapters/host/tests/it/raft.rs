//! Raft as three processes: what was acknowledged survives SIGKILL, and what was recorded replays.

use antfarm_identity::from_bytes;
use antfarm_machine::PeerId;
use antfarm_raft::Config;
use antfarm_recording::{Recording, Replayed, Why, replay};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The example, which lies beside this test's own binary.
fn raft() -> PathBuf {
    let here = std::env::current_exe().expect("a test has a path");
    let built = here.ancestors().nth(2).expect("it lies in target/profile/deps").join("examples/raft");
    assert!(built.exists(), "`{}` is not built: run `cargo build -p antfarm-host --example raft`", built.display());
    built
}

/// Three servers and a client, on ports that were free a moment ago.
struct Cluster {
    folder: PathBuf,
    addresses: Vec<SocketAddr>,
    servers: Vec<Option<Child>>,
}

impl Cluster {
    fn start(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        if let Err(error) = fs::remove_dir_all(&folder) {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        }
        fs::create_dir_all(&folder).unwrap();
        let held: Vec<TcpListener> = (0..4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses = held.iter().map(|it| it.local_addr().unwrap()).collect();
        drop(held);
        let mut cluster = Self { folder, addresses, servers: vec![None, None, None] };
        (0..3).for_each(|number| cluster.serve(number, &format!("{number}.recording")));
        cluster
    }

    fn command(&self, words: &[&str], folder: &str) -> Command {
        let mut command = Command::new(raft());
        command.args(words).arg(self.folder.join(folder)).args(self.addresses.iter().map(ToString::to_string));
        command.stdout(Stdio::piped());
        command
    }

    /// Starts a server, and waits until it has read its log.
    fn serve(&mut self, number: usize, recording: &str) {
        let mut command = self.command(&["serve", &number.to_string()], &number.to_string());
        let mut child = command.env("ANTFARM_RECORD", self.folder.join(recording)).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("opened its log")), "server {number} ended");
        // It goes on to say when it leads: somebody must read that.
        std::thread::spawn(move || lines.count());
        self.servers[number] = Some(child);
    }

    /// Kills a server at once: SIGKILL.
    fn kill(&mut self, number: usize) {
        let mut child = self.servers[number].take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Tells a server to end: SIGTERM.
    fn stop(&mut self, number: usize) {
        let mut child = self.servers[number].take().expect("it runs");
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// What a client is answered.
    fn ask(&self, words: &[&str]) -> String {
        let output = self.command(words, "client").output().unwrap();
        assert!(output.status.success(), "`{}`: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for mut child in self.servers.drain(..).flatten() {
            child.kill().unwrap_or_default();
            child.wait().expect("a child can be waited for");
        }
    }
}

/// Replays the recording of a server and gives back how that ended.
fn replayed(path: &Path) -> Replayed<antfarm_raft::Node> {
    let bytes = fs::read(path).unwrap();
    let recording = Recording::open(&bytes).unwrap();
    let (id, servers): (PeerId, u32) = from_bytes(&recording.header().setup).unwrap();
    replay(&Config::new(servers).node(id), &recording, |_| ())
}

#[test]
fn three_processes_keep_what_they_acknowledged() {
    let mut cluster = Cluster::start("three");
    assert_eq!(cluster.ask(&["put", "1", "5"]), "done");
    assert_eq!(cluster.ask(&["get", "1"]), "5");
    cluster.kill(0);
    assert_eq!(cluster.ask(&["get", "1"]), "5");
    assert_eq!(cluster.ask(&["put", "1", "6"]), "done");
    // Of the two that are left after this, one has to learn of the 6 from its disk and from the other.
    cluster.serve(0, "0-again.recording");
    cluster.kill(1);
    assert_eq!(cluster.ask(&["get", "1"]), "6");
    cluster.kill(2);
    cluster.serve(1, "1-again.recording");
    assert_eq!(cluster.ask(&["put", "2", "7"]), "done");
    assert_eq!((cluster.ask(&["get", "1"]), cluster.ask(&["get", "2"])), ("6".to_owned(), "7".to_owned()));

    // What was killed has a recording without an end, what was told to end has one with.
    cluster.kill(0);
    for name in ["0", "1", "2", "0-again"] {
        let ended = replayed(&cluster.folder.join(format!("{name}.recording")));
        let Replayed::Torn { steps, tail } = &ended else { panic!("{name}: {ended:?}") };
        assert!(*steps > 10 && matches!(tail.why, Why::Ended | Why::Cut), "{name}: {ended:?}");
    }
    cluster.stop(1);
    let ended = replayed(&cluster.folder.join("1-again.recording"));
    assert!(matches!(ended, Replayed::Stopped { steps } if steps > 10), "{ended:?}");
}
