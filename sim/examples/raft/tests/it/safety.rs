//! The arguments that Raft's safety rests on, each as the one situation that would break it.

use crate::cluster::Cluster;
use crate::work::add;
use antfarm_machine::PeerId;
use antfarm_raft::{Body, Config, Message, Role, Timer};

fn ask_for_vote(cluster: &mut Cluster, from: u32, term: u64) -> Vec<Body> {
    let before = cluster.said.len();
    cluster.hear(0, from, Message::seal(Body::RequestVote { term, last: 0, last_term: 0 }));
    cluster.said[before..].iter().filter_map(|(_, _, message)| message.clone().open()).collect()
}

#[test]
fn a_server_votes_once_in_a_term_even_when_it_crashes_in_between() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.cut.insert(0);
    assert_eq!(ask_for_vote(&mut cluster, 1, 7), [Body::Voted { term: 7, granted: true }]);
    cluster.start(0);
    assert_eq!(ask_for_vote(&mut cluster, 2, 7), [Body::Voted { term: 7, granted: false }]);
    assert_eq!(ask_for_vote(&mut cluster, 1, 7), [Body::Voted { term: 7, granted: true }], "the same answer again");
}

#[test]
fn a_vote_is_answered_only_when_it_is_durable() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.mute.insert(0);
    assert_eq!(ask_for_vote(&mut cluster, 1, 7), []);
    assert_eq!(cluster.server(0).term(), 7, "the state changed at once");
}

#[test]
fn entries_count_only_where_they_are_durable() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    let body = Body::Request { sequence: 1, command: add(1) };
    cluster.mute.extend([1, 2]);
    cluster.hear(0, 9, Message::seal(body));
    assert_eq!((cluster.server(1).last_index(), cluster.server(2).last_index()), (2, 2), "both followers have it in memory");
    assert_eq!(cluster.server(0).commit_index(), 1);

    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    let body = Body::Request { sequence: 1, command: add(1) };
    cluster.mute.extend([0, 2]);
    cluster.hear(0, 9, Message::seal(body));
    assert_eq!(cluster.server(0).commit_index(), 1, "the leader does not count itself either");
}

/// Thesis figure 3.7: an entry of an older term that a majority holds may still be overwritten.
#[test]
fn only_entries_of_the_present_term_are_committed_by_counting() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.cut.insert(0);
    for term in 1..=2 {
        cluster.ring(0, Timer::Election);
        cluster.ring(0, Timer::Election);
        cluster.hear(0, 1, Message::seal(Body::PreVoted { term, granted: true }));
        cluster.hear(0, 1, Message::seal(Body::Voted { term, granted: true }));
        assert_eq!((cluster.server(0).role(), cluster.server(0).term()), (Role::Leader, term));
        assert_eq!(cluster.server(0).last_index(), term, "each term begins with an entry");
    }
    cluster.hear(0, 1, Message::seal(Body::Appended { term: 2, matched: 1, round: 0 }));
    assert_eq!(cluster.server(0).commit_index(), 0, "a majority holds the entry of term 1");
    cluster.hear(0, 1, Message::seal(Body::Appended { term: 2, matched: 2, round: 0 }));
    assert_eq!(cluster.server(0).commit_index(), 2, "now it holds one of term 2");
}

#[test]
fn a_shorter_or_older_log_gets_no_vote() {
    let mut cluster = Cluster::new(Config::new(3));
    cluster.elect(0);
    cluster.count(2);
    cluster.cut.insert(0);
    for (last, last_term, granted) in [(2, 1, false), (9, 0, false), (3, 1, true)] {
        let term = cluster.server(0).term() + 1;
        let request = Message::seal(Body::RequestVote { term, last, last_term });
        cluster.hear(0, 1, request.clone()); // enters the term, which a refusal does not wait for
        cluster.hear(0, 1, request);
        let answer = Message::seal(Body::Voted { term, granted });
        assert_eq!(cluster.said.last(), Some(&(0, PeerId::new(1), answer)), "a log that ends at {last} with term {last_term}");
    }
}
