//! What lies between three daemons: lines on loopback, or network namespaces of their own.
//!
//! With `ANTFARM_NETNS` each daemon has a namespace, and all of them a bridge in the namespace that the test runs in, which has to be a fresh one:
//! `netns.sh` makes it. Packets are late and lost: by `netem`, or where the kernel has none, because the way out is narrow and its queue short. A cut sends them to a station that is not there: no end
//! is told. The addresses are public ones, since tools call no private ones; nothing leaves the namespaces.

use crate::hive::free_port;
use crate::proxy::Line;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// What may stand at the way out of a namespace; the first that the kernel knows does.
const TROUBLE: [&str; 2] = ["netem delay 1ms 1ms loss 1%", "tbf rate 1mbit burst 1600 latency 6ms"];

pub(crate) enum Wires {
    /// By who dials whom, with the ports where they listen.
    Lines {
        ports: [SocketAddr; 3],
        lines: BTreeMap<(usize, usize), Line>,
    },
    Spaces(Spaces),
}

/// Three namespaces, and what makes packets late and lost on the way out of them.
pub(crate) struct Spaces {
    trouble: &'static str,
}

impl Wires {
    pub(crate) fn new() -> Self {
        if std::env::var_os("ANTFARM_NETNS").is_some() {
            return Self::Spaces(Spaces::new());
        }
        let ports = [(); 3].map(|()| free_port());
        let pairs = (0..3).flat_map(|from| (0..3).filter(move |to| *to != from).map(move |to| (from, to)));
        let lines = pairs.map(|(from, to)| ((from, to), Line::to(ports[to], Duration::from_millis(1)))).collect();
        Self::Lines { ports, lines }
    }

    /// Where a daemon listens.
    pub(crate) fn listen(&self, at: usize) -> SocketAddr {
        match self {
            Self::Lines { ports, .. } => ports[at],
            Self::Spaces(_) => SocketAddr::from(([11, 77, 0, last(at)], 7_400)),
        }
    }

    /// Where one finds another.
    pub(crate) fn dial(&self, from: usize, to: usize) -> SocketAddr {
        match self {
            Self::Lines { lines, .. } => lines[&(from, to)].address,
            Self::Spaces(_) => self.listen(to),
        }
    }

    /// Where a bank may open that all of them reach.
    pub(crate) fn bank(&self) -> SocketAddr {
        match self {
            Self::Lines { .. } => SocketAddr::from(([127, 0, 0, 1], 0)),
            Self::Spaces(_) => SocketAddr::from(([11, 77, 0, 254], 0)),
        }
    }

    /// Runs the program of a daemon, where it belongs.
    pub(crate) fn command(&self, at: usize, program: &str) -> Command {
        match self {
            Self::Lines { .. } => Command::new(program),
            Self::Spaces(_) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &space(at), program]);
                command
            }
        }
    }

    /// Cuts two from each other, or joins them again.
    pub(crate) fn cut(&self, one: usize, other: usize, cut: bool) {
        for (from, to) in [(one, other), (other, one)] {
            match self {
                Self::Lines { lines, .. } => lines[&(from, to)].cut(cut),
                Self::Spaces(_) if cut => {
                    let nowhere =
                        format!("neigh replace {} lladdr 02:00:00:00:00:01 nud permanent dev eth0", self.listen(to).ip());
                    assert!(ip(&format!("-n {} {nowhere}", space(from))), "cut");
                }
                Self::Spaces(_) => {
                    assert!(ip(&format!("-n {} neigh del {} dev eth0", space(from), self.listen(to).ip())), "joined");
                }
            }
        }
    }

    /// In words, for a report.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Lines { .. } => "lines on loopback with a delay of 1 ms".to_owned(),
            Self::Spaces(Spaces { trouble }) => {
                format!("network namespaces behind {trouble}, {} packets dropped", (0..3).map(dropped).sum::<u64>())
            }
        }
    }
}

impl Spaces {
    fn new() -> Self {
        assert!(ip("link add hive type bridge") && ip("addr add 11.77.0.254/24 dev hive") && ip("link set hive up"), "a bridge");
        for at in 0..3 {
            let (space, end) = (space(at), format!("hive{at}"));
            assert!(ip(&format!("netns add {space}")), "a namespace");
            assert!(ip(&format!("link add {end} type veth peer name eth0 netns {space}")), "a wire");
            assert!(ip(&format!("link set {end} master hive up")), "a wire");
            assert!(ip(&format!("-n {space} addr add 11.77.0.{}/24 dev eth0", last(at))), "an address");
            assert!(ip(&format!("-n {space} link set eth0 up")) && ip(&format!("-n {space} link set lo up")), "a wire");
        }
        let stands = |trouble: &&str| (0..3).all(|at| run("tc", &format!("-n {} qdisc add dev eth0 root {trouble}", space(at))));
        Self { trouble: TROUBLE.into_iter().find(stands).expect("the kernel knows one of them") }
    }
}

impl Drop for Spaces {
    fn drop(&mut self) {
        for at in 0..3 {
            ip(&format!("netns del {}", space(at)));
        }
        ip("link del hive");
    }
}

/// How many packets were dropped on the way out.
fn dropped(at: usize) -> u64 {
    let shown = Command::new("tc").args(["-s", "-n", &space(at), "qdisc", "show", "dev", "eth0"]).output().expect("`tc` runs");
    let shown = String::from_utf8(shown.stdout).expect("it prints text");
    let (_, rest) = shown.split_once("dropped ").expect("it counts what it drops");
    rest.split(|it: char| !it.is_ascii_digit()).next().and_then(|it| it.parse().ok()).expect("a number")
}

fn space(at: usize) -> String {
    format!("hive{at}")
}

/// The last byte of an address.
fn last(at: usize) -> u8 {
    u8::try_from(at).expect("three of them") + 1
}

fn ip(arguments: &str) -> bool {
    run("ip", arguments)
}

fn run(program: &str, arguments: &str) -> bool {
    let status = Command::new(program).args(arguments.split(' ')).status();
    status.unwrap_or_else(|failure| panic!("{program}: {failure}")).success()
}
