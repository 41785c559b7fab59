//! Disks that lose or change what they acknowledged, and disks that fail.

use crate::cluster::Cluster;
use crate::work::add;
use antfarm_machine::{Input, Object, Outcome};
use antfarm_raft::{Config, Notice, Timer};

/// Flips every bit of every object of a server that has taken snapshots and rotated its log.
#[test]
fn a_flipped_bit_anywhere_halts_the_server() {
    let mut cluster = Cluster::new(Config { snapshot_every: 4, ..Config::new(1) });
    cluster.ring(0, Timer::Election);
    cluster.count(9);
    let whole = cluster.disks[0].clone();
    assert_eq!(whole.len(), 4, "a vote, a snapshot and two segments: {:?}", whole.keys());
    for (object, bytes) in &whole {
        for bit in 0..bytes.len() * 8 {
            cluster.disks[0] = whole.clone();
            cluster.disks[0].get_mut(object).expect("it is there")[bit / 8] ^= 1 << (bit % 8);
            cluster.start(0);
            assert!(cluster.server(0).is_halted(), "bit {bit} of {object}");
            let (_, notice) = cluster.told.last().expect("it says so");
            assert!(matches!(notice, Notice::Halted { object: at, offset } if at == object && *offset <= bit as u64 / 8));
        }
    }
}

#[test]
fn a_lost_object_is_noticed_where_others_bear_witness() {
    let mut cluster = Cluster::new(Config { snapshot_every: 4, ..Config::new(1) });
    cluster.ring(0, Timer::Election);
    cluster.count(16);
    let whole = cluster.disks[0].clone();
    for lost in whole.keys().filter(|object| !object.name().starts_with("log")) {
        cluster.disks[0] = whole.clone();
        cluster.disks[0].remove(lost);
        cluster.start(0);
        assert!(cluster.server(0).is_halted(), "without {lost}");
    }
}

#[test]
fn a_frame_written_to_the_wrong_place_halts_the_server() {
    let mut cluster = Cluster::new(Config::new(1));
    cluster.ring(0, Timer::Election);
    cluster.count(3);
    let log = Object::new("log-1").expect("a name");
    let bytes = cluster.disks[0].get_mut(&log).expect("it is there");
    let length = bytes.len();
    let frame = bytes[length / 2..].to_vec();
    bytes.extend(frame);
    cluster.start(0);
    assert!(cluster.server(0).is_halted());
}

#[test]
fn a_failed_write_silences_the_server_until_it_has_read_its_disk_again() {
    let log = Object::new("log-1").expect("a name");
    for outcome in [Outcome::Failed, Outcome::Full, Outcome::Conflict { end: 0 }] {
        let mut cluster = Cluster::new(Config::new(3));
        cluster.elect(0);
        cluster.ask(add(1));
        cluster.refuse = Some((1, outcome.clone()));
        cluster.ask(add(1));
        assert!(!cluster.server(1).is_serving());
        assert!(cluster.told.contains(&(1, Notice::Stopped)));
        cluster.feed(1, Input::Rang(Timer::Election));
        assert!(!cluster.server(1).is_serving(), "nothing but its alarm wakes it after {outcome:?}");
        cluster.ring(1, Timer::Reopen);
        assert!(cluster.server(1).is_serving());
        cluster.ring(0, Timer::Heartbeat);
        cluster.ring(0, Timer::Heartbeat);
        assert_eq!(cluster.disks[1][&log], cluster.disks[0][&log]);
    }
}
