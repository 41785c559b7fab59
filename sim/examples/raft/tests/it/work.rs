//! Elections, replication, sessions, reads and snapshots while nothing breaks.

use crate::cluster::Cluster;
use antfarm_machine::PeerId;
use antfarm_raft::{Answer, Body, Command, Config, Message, Notice, Role, Timer};

pub(crate) fn add(by: u64) -> Command {
    Command::Add { key: 1, by }
}

pub(crate) const GET: Command = Command::Get { key: 1 };

#[test]
fn three_servers_elect_one_leader_and_replicate() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    assert_eq!(cluster.ask(add(5)), Answer::Value(5));
    assert_eq!(cluster.ask(Command::Cas { key: 1, expect: 5, value: 9 }), Answer::Swapped(true));
    assert_eq!(cluster.ask(Command::Cas { key: 1, expect: 5, value: 7 }), Answer::Swapped(false));
    assert_eq!(cluster.ask(Command::Put { key: 2, value: 4 }), Answer::Done);
    assert_eq!(cluster.ask(GET), Answer::Value(9));
    cluster.ring(0, Timer::Heartbeat);
    for at in 0..3 {
        assert_eq!(cluster.server(at).applied_index(), 5, "the leader's first entry and four writes");
        assert_eq!(cluster.server(at).state_digest(), cluster.server(0).state_digest());
    }
    assert_eq!((1..3).filter(|&at| cluster.server(at).role() == Role::Leader).count(), 0);
}

#[test]
fn a_single_server_leads_itself() {
    let mut cluster = Cluster::new(Config::new(1));
    cluster.ring(0, Timer::Election);
    assert_eq!(cluster.ask(add(2)), Answer::Value(2));
    assert_eq!(cluster.ask(GET), Answer::Value(2));
}

#[test]
fn a_server_that_was_cut_off_deposes_nobody() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    cluster.cut.insert(2);
    for _ in 0..5 {
        cluster.ring(2, Timer::Election);
    }
    cluster.cut.clear();
    cluster.ring(2, Timer::Election);
    assert_eq!((cluster.server(0).role(), cluster.server(0).term()), (Role::Leader, 1));
    assert_eq!(cluster.server(2).term(), 1);
}

#[test]
fn a_leader_that_hears_no_majority_steps_down() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    cluster.ring(0, Timer::Election);
    assert_eq!(cluster.server(0).role(), Role::Leader, "both followers answered");
    cluster.cut.insert(0);
    cluster.ring(0, Timer::Election);
    assert_eq!(cluster.server(0).role(), Role::Follower);
}

#[test]
fn a_conflicting_suffix_is_given_up_in_memory_and_on_disk() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    assert_eq!(cluster.ask(add(1)), Answer::Value(1));
    cluster.cut.insert(0);
    for sequence in 1..=3 {
        let body = Body::Request { sequence, command: add(100) };
        cluster.hear(0, 9, Message::seal(body));
    }
    assert_eq!(cluster.server(0).last_index(), 5);
    cluster.elect(1);
    assert_eq!(cluster.ask(add(1)), Answer::Value(2));
    cluster.cut.clear();
    cluster.ring(1, Timer::Heartbeat);
    cluster.ring(1, Timer::Heartbeat);
    assert_eq!(cluster.server(0).role(), Role::Follower);
    assert_eq!(cluster.server(0).last_index(), 4);
    assert_eq!(cluster.disks[0], cluster_disk_with_votes_of(&cluster, 0, 1));
    cluster.start(0);
    assert_eq!(cluster.server(0).term_at(4), Some(2));
    assert_eq!(cluster.server(0).term_at(5), None);
}

/// The disk of `like`, but with the votes of `at`: what the disk of `at` is when the logs are equal.
fn cluster_disk_with_votes_of(cluster: &Cluster, at: usize, like: usize) -> crate::cluster::Disk {
    let mut disk = cluster.disks[like].clone();
    disk.retain(|object, _| !object.name().starts_with("vote"));
    let votes = cluster.disks[at].iter().filter(|(object, _)| object.name().starts_with("vote"));
    disk.extend(votes.map(|(object, bytes)| (object.clone(), bytes.clone())));
    disk
}

#[test]
fn a_retried_operation_takes_effect_once() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    for _ in 0..3 {
        cluster.hear(0, 9, Message::seal(Body::Request { sequence: 1, command: add(1) }));
    }
    cluster.elect(1);
    cluster.hear(1, 9, Message::seal(Body::Request { sequence: 1, command: add(1) }));
    assert_eq!(cluster.ask(GET), Answer::Value(1));
}

#[test]
fn a_leader_that_was_replaced_unknowingly_answers_no_read() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    assert_eq!(cluster.ask(add(1)), Answer::Value(1));
    cluster.cut.insert(0);
    cluster.elect(1);
    assert_eq!(cluster.server(0).role(), Role::Leader, "it knows of no other");
    cluster.cut.insert(1);
    cluster.cut.insert(2);
    cluster.cut.remove(&0);
    let before = cluster.told.len();
    cluster.feed(3, antfarm_machine::Input::Asked(GET));
    for _ in 0..4 {
        cluster.ring(0, Timer::Heartbeat);
        cluster.ring(3, Timer::Retry);
    }
    let returned = cluster.told[before..].iter().filter(|(_, notice)| matches!(notice, Notice::Returned { .. }));
    assert_eq!(returned.count(), 0);
}

#[test]
fn a_follower_that_is_far_behind_gets_the_snapshot() {
    let mut cluster = Cluster::new(Config { snapshot_every: 4, ..Config::new(3) });
    cluster.elect(0);
    cluster.cut.insert(2);
    for _ in 0..40 {
        cluster.ask(add(1));
    }
    assert!(cluster.server(0).first_index() > 1, "the log was compacted");
    cluster.cut.clear();
    for _ in 0..3 {
        cluster.ring(0, Timer::Heartbeat);
    }
    let installed = cluster.told.iter().filter(|(at, notice)| *at == 2 && matches!(notice, Notice::Installed { .. }));
    assert_eq!(installed.count(), 1);
    assert_eq!(cluster.server(2).state(), cluster.server(0).state());
    cluster.start(2);
    cluster.ring(0, Timer::Heartbeat);
    cluster.ring(0, Timer::Heartbeat);
    assert_eq!(cluster.server(2).state(), cluster.server(0).state());
}

#[test]
fn a_full_session_table_refuses_further_clients() {
    let mut cluster = Cluster::new(Config { sessions: 1, ..Config::new(1) });
    cluster.ring(0, Timer::Election);
    cluster.hear(0, 9, Message::seal(Body::Request { sequence: 1, command: add(7) }));
    assert_eq!(cluster.ask(add(1)), Answer::NoSession);
    assert_eq!(cluster.ask(GET), Answer::Value(7));
}

#[test]
fn a_message_of_the_wrong_class_is_ignored() {
    let mut cluster = Cluster::new(Config::new(3));
    let before = cluster.nodes[0].clone();
    cluster.hear(0, 3, Message::seal(Body::RequestVote { term: 9, last: 9, last_term: 9 }));
    cluster.hear(0, 1, Message::seal(Body::Request { sequence: 1, command: add(1) }));
    assert_eq!(cluster.nodes[0], before);
    let client = cluster.nodes[3].clone();
    cluster.hear(3, 0, Message::seal(Body::RequestVote { term: 9, last: 9, last_term: 9 }));
    assert_eq!(cluster.nodes[3], client);
    assert!(!cluster.config.is_server(PeerId::new(3)));
}
