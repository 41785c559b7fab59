//! Each oracle is shown to fail: on servers and notices that are wrong in one way, and to pass on what differs from that by a
//! hair.

use crate::ballot::{Ballot, Vote, VoteFile};
use crate::log::Log;
use crate::oracle::{Acknowledged, Damage, Election, LeaderCompleteness, Liveness, LogMatching, StateMachine};
use crate::replication::Leadership;
use crate::server::{Phase as Stage, Server, Stance};
use crate::{Answer, Command, Config, Entry, Node, Notice, Payload};
use antfarm_machine::{Object, PeerId, Span};
use antfarm_sim::{Choice, Moment, Nobody, Oracle, Phase, Time, Violation, World};
use std::boxed::Box;
use std::string::String;
use std::vec::Vec;

const CLIENT: PeerId = PeerId::new(3);

fn config() -> Config {
    Config::new(3)
}

/// A server that serves, with a log of these terms; each entry adds 1 to key 1.
fn server(id: u32, term: u64, log: &[u64]) -> Server {
    let mut server = Server::new(config(), PeerId::new(id));
    server.phase = Stage::Serving;
    server.ballot = Ballot::read(Vote { term, candidate: None }, VoteFile::new(1, 0));
    for (sequence, &term) in (1..).zip(log) {
        server.log.push(add(term, sequence));
    }
    server
}

fn leader(id: u32, term: u64, log: &[u64]) -> Server {
    let server = server(id, term, log);
    Server { stance: Stance::Leader(Leadership::new(config(), server.log.last())), ..server }
}

fn add(term: u64, sequence: u64) -> Entry {
    Entry { term, payload: Payload::Write { client: CLIENT, sequence, command: Command::Add { key: 1, by: 1 } } }
}

/// An oracle, and the world that it sees.
struct Watched<O> {
    oracle: O,
    now: Time,
    healed: Option<Time>,
}

impl<O: Oracle<Node, Nobody>> Watched<O> {
    fn new(oracle: O) -> Self {
        Self { oracle, now: Time::ZERO, healed: None }
    }

    fn see(&mut self, node: &Node, at: PeerId, choice: &Choice, notices: &[Notice], end: bool) -> Result<(), Violation> {
        let mut world = World::new((0..=3).map(|id| config().node(PeerId::new(id))), Nobody);
        let mut nodes: Vec<Node> = world.ids().map(|id| world.machine(id).clone()).collect();
        nodes[at.index()] = node.clone();
        world = World::new(nodes, Nobody);
        world.advance(self.now);
        let core = [0, 1, 3].map(PeerId::new);
        let phase = self.healed.map_or(Phase::Chaos, |since| Phase::Healed { core: &core, since });
        let moment = Moment { world: &world, choice, node: Some(at), notices, sent: &[], event: 1, phase };
        if end { self.oracle.at_end(&moment) } else { self.oracle.after(&moment) }
    }

    /// A server takes an input and tells this.
    fn server(&mut self, server: &Server, notices: &[Notice]) -> Result<(), Violation> {
        self.see(&Node::Server(Box::new(server.clone())), server.id, &Choice::Start(server.id), notices, false)
    }

    /// The client tells this.
    fn client(&mut self, notice: Notice) -> Result<(), Violation> {
        self.see(&config().node(CLIENT), CLIENT, &Choice::Start(CLIENT), &[notice], false)
    }

    fn crash(&mut self, node: u32) -> Result<(), Violation> {
        let node = PeerId::new(node);
        self.see(&config().node(node), node, &Choice::Crash(node), &[], false)
    }
}

fn fails(seen: Result<(), Violation>, words: &str) {
    let message: String = seen.expect_err("the oracle sees what is wrong").message;
    assert!(message.contains(words), "`{message}` does not say `{words}`");
}

fn invoked(sequence: u64, command: Command) -> Notice {
    Notice::Invoked { client: CLIENT, sequence, command }
}

fn returned(sequence: u64, answer: Answer) -> Notice {
    Notice::Returned { client: CLIENT, sequence, answer }
}

#[test]
fn election_sees_a_second_leader_of_a_term() {
    let mut watched = Watched::new(Election::default());
    for (id, term) in [(1, 3), (0, 4), (1, 3)] {
        watched.server(&leader(id, term, &[]), &[]).expect("terms 3 and 4 have a leader each");
    }
    fails(watched.server(&leader(2, 3, &[]), &[]), "leads term 3, which 1 leads or led");
    watched.crash(0).expect("a crash is nothing wrong");
    fails(watched.server(&leader(0, 4, &[]), &[]), "elected twice");
}

#[test]
fn log_matching_sees_one_term_at_one_position_after_different_pasts() {
    let mut watched = Watched::new(LogMatching::new(config()));
    watched.server(&server(0, 3, &[1, 1, 3]), &[]).expect("the first log");
    watched.server(&server(1, 3, &[1, 1]), &[]).expect("a beginning of it");
    watched.server(&server(1, 3, &[1, 1, 2]), &[]).expect("another term may differ");
    fails(watched.server(&server(2, 3, &[1, 2, 3]), &[]), "up to entry 3 of term 3 differs");

    let mut other = server(1, 3, &[1]);
    other.log.push(add(1, 77));
    fails(watched.server(&other, &[]), "up to entry 2 of term 1 differs");
}

#[test]
fn log_matching_looks_again_after_a_restart() {
    let mut watched = Watched::new(LogMatching::new(config()));
    watched.server(&server(0, 2, &[1, 1, 2]), &[]).expect("the first log");
    watched.server(&server(1, 2, &[1, 1, 2]), &[]).expect("the same");
    let mut damaged = server(1, 2, &[1]);
    damaged.log.push(add(1, 77));
    damaged.log.push(add(2, 3));
    watched.crash(1).expect("a crash is nothing wrong");
    fails(watched.server(&damaged, &[]), "up to entry 2 of term 1 differs");
}

#[test]
fn leader_completeness_sees_a_leader_without_what_was_committed_in_an_earlier_term() {
    let mut watched = Watched::new(LeaderCompleteness::default());
    let applied = |index, term| Notice::Applied { index, term, digest: 0 };
    watched.server(&leader(0, 3, &[1, 3]), &[applied(1, 1), applied(2, 3)]).expect("commits in term 3");
    watched.server(&leader(1, 2, &[1]), &[Notice::Leads { term: 2 }]).expect("late votes for term 2, which owes nothing");
    watched.server(&leader(1, 4, &[1, 3, 4]), &[Notice::Leads { term: 4 }]).expect("it has both");
    fails(watched.server(&leader(2, 5, &[1, 2]), &[Notice::Leads { term: 5 }]), "without entry 2, which was committed in term 3");
    fails(watched.server(&leader(2, 5, &[]), &[Notice::Leads { term: 5 }]), "without entry 1");
    let mut compacted = leader(2, 5, &[]);
    compacted.log = Log::after(2, 3);
    watched.server(&compacted, &[Notice::Leads { term: 5 }]).expect("its snapshot has them");
}

/// A server that applies its log up to `index`, and what it tells.
fn applying(id: u32, log: &[u64], index: u64) -> (Server, Vec<Notice>) {
    let mut server = server(id, 9, log);
    let mut told = Vec::new();
    for at in 1..=index {
        let entry = *server.log.entry(at).expect("it is in the log");
        let mut state = (*server.state).clone();
        state.apply(at, &entry, 10);
        told.push(Notice::Applied { index: at, term: entry.term, digest: state.digest() });
        server.state = state.into();
    }
    (server.commit, server.applied) = (index, index);
    (server, told)
}

#[test]
fn state_machine_sees_other_entries_gaps_and_repetitions() {
    let mut watched = Watched::new(StateMachine::new(config()));
    let (first, told) = applying(0, &[1, 1, 2], 3);
    watched.server(&first, &told).expect("the first server says what was applied");
    fails(watched.server(&first, &told[2..]), "applied 3 when 4 was next");
    let (second, told) = applying(1, &[1, 1, 2], 2);
    watched.server(&second, &told).expect("a second server behind");
    let (third, told) = applying(2, &[1, 1, 1], 3);
    fails(watched.server(&third, &told), "up to 3 is not what another server applied");
    let installed = Notice::Installed { index: 3, digest: 1 };
    fails(watched.server(&second, &[installed]), "up to 3 is not what another server applied");
}

#[test]
fn state_machine_sees_a_restart_that_counts_an_entry_twice() {
    let mut watched = Watched::new(StateMachine::new(config()));
    let (server, told) = applying(0, &[1, 1, 2], 3);
    watched.server(&server, &told).expect("the first server says what was applied");
    let opened = Notice::Opened { last: 3, torn: false };
    watched.crash(0).expect("a crash is nothing wrong");
    watched.server(&server, std::slice::from_ref(&opened)).expect("a snapshot at 3");
    let overlapping = Server { applied: 2, ..server };
    fails(watched.server(&overlapping, &[opened]), "up to 2 is not what another server applied");
}

#[test]
fn state_machine_sees_an_effect_that_the_digest_hides() {
    let mut watched = Watched::new(StateMachine::new(config()));
    let (server, told) = applying(0, &[1, 1], 2);
    let forgetful = Server { state: Default::default(), ..server };
    fails(watched.server(&forgetful, &told), "key 1 holds 0, and should hold 2");
}

#[test]
fn acknowledged_sees_answers_that_the_log_does_not_give() {
    let mut watched = Watched::new(Acknowledged::default());
    let command = Command::Add { key: 1, by: 1 };
    watched.client(invoked(1, command)).expect("asked");
    fails(watched.client(returned(1, Answer::Value(1))), "is not committed");

    watched.client(invoked(1, command)).expect("asked");
    let (server, told) = applying(0, &[1], 1);
    watched.server(&server, &told).expect("committed");
    fails(watched.client(returned(1, Answer::Value(2))), "was answered Value(2), and came to Value(1)");
    fails(watched.client(returned(1, Answer::Value(1))), "which it did not ask");

    watched.client(invoked(1, command)).expect("asked");
    watched.client(returned(1, Answer::Value(1))).expect("that is what it came to");
}

#[test]
fn damage_sees_a_server_that_gives_up_over_a_healthy_disk() {
    let mut watched = Watched::new(Damage);
    let object = Object::new("log-1").expect("a name");
    fails(watched.server(&server(0, 1, &[]), &[Notice::Halted { object, offset: 7 }]), "no byte is damaged");
}

#[test]
fn liveness_sees_silence_after_the_healing_and_only_then() {
    let bound = Span::from_secs(10);
    let mut watched = Watched::new(Liveness::new(config(), bound));
    watched.client(invoked(1, Command::Get { key: 1 })).expect("asked");
    watched.now = Time::ZERO.after(Span::from_secs(60));
    watched.server(&server(0, 1, &[]), &[]).expect("nothing is owed amid chaos");
    watched.healed = Some(watched.now);
    watched.now = watched.now.after(bound);
    watched.server(&server(0, 1, &[]), &[]).expect("just in time");
    watched.now = watched.now.after(Span::from_nanos(1));
    fails(watched.server(&server(0, 1, &[]), &[]), "has no answer 10s later");
    watched.client(returned(1, Answer::Value(0))).expect("answered");
    watched.server(&server(0, 1, &[]), &[]).expect("nothing is open");
}

#[test]
fn liveness_wants_a_leader_in_the_core_shortly_before_the_end() {
    let at = |secs| Time::ZERO.after(Span::from_secs(secs));
    let mut watched = Watched::new(Liveness::new(config(), Span::from_secs(10)));
    let end = |watched: &mut Watched<Liveness>| {
        watched.now = at(30);
        watched.see(&config().node(CLIENT), CLIENT, &Choice::Start(CLIENT), &[], true)
    };
    (watched.healed, watched.now) = (Some(Time::ZERO), at(19));
    watched.server(&leader(0, 1, &[]), &[]).expect("a leader");
    watched.now = at(25);
    watched.server(&leader(2, 2, &[]), &[]).expect("a leader outside the core");
    fails(end(&mut watched), "nobody in the healed core led for 10s: the last time was 19");
    watched.now = at(21);
    watched.server(&leader(1, 3, &[]), &[]).expect("a leader");
    end(&mut watched).expect("it led nine seconds ago");
}
