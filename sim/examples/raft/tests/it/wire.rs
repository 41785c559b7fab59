//! What the network does to messages.

use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_machine::PeerId;
use antfarm_raft::{Answer, Append, Body, Command, Entry, Image, Message, Payload, Verdict};

fn one_of_each() -> Vec<Body> {
    let command = Command::Cas { key: 3, expect: 4, value: 5 };
    let entry = Entry { term: 7, payload: Payload::Write { client: PeerId::new(9), sequence: 8, command } };
    let entries = vec![entry, Entry { term: 7, payload: Payload::Noop }];
    vec![
        Body::PreVote { term: 1, last: 2, last_term: 3 },
        Body::PreVoted { term: 1, granted: true },
        Body::RequestVote { term: 1, last: 2, last_term: 3 },
        Body::Voted { term: 1, granted: false },
        Body::Append(Append { term: 1, prev: 2, prev_term: 3, commit: 4, round: 5, entries }),
        Body::Appended { term: 1, matched: 2, round: 3 },
        Body::Rejected { term: 1, hint: 2, round: 3 },
        Body::InstallSnapshot { term: 1, image: Image { index: 2, term: 3, state: Default::default() } },
        Body::Request { sequence: 1, command: Command::Add { key: 1, by: 2 } },
        Body::Request { sequence: 1, command: Command::Put { key: 1, value: 2 } },
        Body::Request { sequence: 1, command: Command::Get { key: 1 } },
        Body::Reply { sequence: 1, verdict: Verdict::Answered(Answer::Value(2)) },
        Body::Reply { sequence: 1, verdict: Verdict::Answered(Answer::Swapped(true)) },
        Body::Reply { sequence: 1, verdict: Verdict::Answered(Answer::Done) },
        Body::Reply { sequence: 1, verdict: Verdict::Redirect { leader: Some(PeerId::new(2)) } },
        Body::Reply { sequence: 1, verdict: Verdict::Redirect { leader: None } },
        Body::Reply { sequence: 1, verdict: Verdict::Busy },
    ]
}

#[test]
fn every_kind_of_message_round_trips() {
    for (body, tag) in one_of_each().into_iter().zip(0..) {
        let message = Message::seal(body.clone());
        let bytes = to_bytes(&message);
        let read: Message = from_bytes(&bytes).unwrap_or_else(|error| panic!("{body:?}: {error}"));
        assert_eq!(read, message);
        assert_eq!(usize::from(read.kind()), usize::from(bytes[0]), "kind {tag} is the tag");
        assert_eq!(read.open(), Some(body));
    }
    assert_eq!(Message::KINDS, Body::KINDS);
}

#[test]
fn a_message_with_any_one_or_two_neighbouring_bits_flipped_does_not_open() {
    for body in one_of_each() {
        let bytes = to_bytes(&Message::seal(body.clone()));
        for bit in 0..bytes.len() * 8 {
            for mask in [1_u8, 3] {
                let mut damaged = bytes.clone();
                damaged[bit / 8] ^= mask << (bit % 8);
                if let Ok(message) = from_bytes::<Message>(&damaged) {
                    assert_eq!(message.open(), None, "{body:?}, bit {bit}");
                }
            }
        }
    }
}
