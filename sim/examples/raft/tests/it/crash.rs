//! Crashes between any two bytes that reach the disk.

use crate::cluster::Cluster;
use crate::work::{GET, add};
use antfarm_machine::Object;
use antfarm_raft::{Answer, Config, Notice, Role, Timer};

#[test]
fn a_restarted_cluster_remembers_everything_that_was_answered() {
    let mut cluster = Cluster::new(Config { snapshot_every: 6, ..Config::new(3) });
    cluster.elect(0);
    for n in 1..=20 {
        assert_eq!(cluster.ask(add(1)), Answer::Value(n));
    }
    let term = cluster.server(0).term();
    (0..3).for_each(|at| cluster.start(at));
    for at in 0..3 {
        assert_eq!((cluster.server(at).role(), cluster.server(at).term()), (Role::Follower, term));
        assert!(cluster.server(at).snapshot_index() >= 12);
    }
    cluster.elect(2);
    assert_eq!(cluster.ask(GET), Answer::Value(20));
    assert_eq!(cluster.server(2).term(), term + 1);
}

#[test]
fn a_vote_survives_any_number_of_restarts_and_the_change_of_its_file() {
    let mut cluster = Cluster::new(Config { vote_bytes: 64, ..Config::new(3) });
    for round in 1..=10 {
        cluster.elect(round % 3);
        (0..3).for_each(|at| cluster.start(at));
        for at in 0..3 {
            assert_eq!(cluster.server(at).term(), round as u64);
            let votes = cluster.disks[at].keys().filter(|object| object.name().starts_with("vote"));
            assert_eq!(votes.count(), 1);
        }
    }
}

/// Cuts the newest segment of server 2 at every byte, with and without zeros behind: the server opens with a whole prefix.
#[test]
fn a_torn_append_is_cut_off_and_fetched_again() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    for _ in 0..4 {
        cluster.ask(add(1));
    }
    let log = Object::new("log-1").expect("a name");
    let whole = cluster.disks[2][&log].clone();
    let (last, mut lengths) = (cluster.server(2).last_index(), Vec::new());
    for length in 0..whole.len() {
        for zeros in [0, whole.len() - length] {
            let mut torn = whole[..length].to_vec();
            torn.resize(length + zeros, 0);
            let intact = torn == whole;
            cluster.disks[2].insert(log.clone(), torn);
            cluster.start(2);
            assert!(cluster.server(2).is_serving(), "cut at {length} with {zeros} zeros");
            let opened = cluster.server(2).last_index();
            assert!(opened < last || intact);
            lengths.push(opened);
            cluster.ring(0, Timer::Heartbeat);
            cluster.ring(0, Timer::Heartbeat);
            assert_eq!(cluster.disks[2][&log], whole, "fetched again");
        }
    }
    lengths.dedup();
    assert_eq!(lengths, (0..last).collect::<Vec<_>>());
}

#[test]
fn a_torn_snapshot_falls_back_to_the_one_before() {
    let mut cluster = Cluster::new(Config { snapshot_every: 5, ..Config::new(1) });
    cluster.ring(0, Timer::Election);
    cluster.count(3);
    let before = cluster.disks[0].clone();
    assert_eq!(cluster.server(0).snapshot_index(), 0);
    cluster.ask(add(1));
    assert_eq!(cluster.server(0).snapshot_index(), 5);
    let snap = Object::new("snap-5").expect("a name");
    let whole = cluster.disks[0][&snap].clone();
    for length in 0..whole.len() {
        cluster.disks[0] = before.clone();
        cluster.disks[0].insert(snap.clone(), whole[..length].to_vec());
        cluster.start(0);
        assert_eq!((cluster.server(0).snapshot_index(), cluster.server(0).last_index()), (0, 4));
        assert!(!cluster.disks[0].contains_key(&snap), "what was torn is removed");
        cluster.ring(0, Timer::Election);
        assert_eq!(cluster.ask(GET), Answer::Value(3));
    }
    let torn = cluster.told.iter().filter(|(_, notice)| matches!(notice, Notice::Opened { torn: true, .. }));
    assert_eq!(torn.count(), whole.len());
}

#[test]
fn a_log_that_a_snapshot_replaced_is_given_up_at_recovery_too() {
    let mut cluster = Cluster::new(Config { snapshot_every: 4, ..Config::new(3) });
    cluster.elect(0);
    cluster.ask(add(1));
    let behind = cluster.disks[2].clone();
    cluster.count(30);
    // A crash after the snapshot became durable and before the old log was removed.
    let newest = cluster.server(2).snapshot_index();
    let snap = Object::new(&format!("snap-{newest}")).expect("a name");
    let image = cluster.disks[2][&snap].clone();
    cluster.disks[2] = behind;
    cluster.disks[2].insert(snap, image);
    cluster.start(2);
    assert_eq!((cluster.server(2).last_index(), cluster.server(2).applied_index()), (newest, newest));
    cluster.ring(0, Timer::Heartbeat);
    cluster.ring(0, Timer::Heartbeat);
    assert_eq!(cluster.server(2).state(), cluster.server(0).state());
    cluster.start(2);
    assert_eq!(cluster.server(2).last_index(), cluster.server(0).last_index());
}
