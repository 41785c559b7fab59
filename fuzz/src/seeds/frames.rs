//! Seeds of target `frames`: how long a message may be in fours, in which pieces the rest arrives, the stream.

use crate::frames::written;
use antfarm_network::Frame;

pub(crate) fn frames() -> Vec<(String, Vec<u8>)> {
    let stream = |frames: &[Frame<'_>]| -> Vec<u8> { frames.iter().flat_map(|frame| written(*frame)).collect() };
    let mixed = stream(&[Frame::Welcome, Frame::Message(b"one"), Frame::Beat, Frame::Message(&[7; 100]), Frame::Beat]);
    let seed = |name: &str, longest: u8, piece: u8, stream: &[u8]| (name.to_owned(), [&[longest, piece], stream].concat());
    vec![
        seed("welcome", 25, 1, &stream(&[Frame::Welcome])),
        seed("mixed", 25, 3, &mixed),
        seed("mixed-in-large-pieces", 25, 60, &mixed),
        seed("longest", 1, 2, &stream(&[Frame::Message(b"four"), Frame::Message(b"")])),
        seed("too-long", 1, 2, &stream(&[Frame::Message(b"four"), Frame::Message(b"five!")])),
        seed("beats", 0, 4, &stream(&[Frame::Beat; 40])),
        seed("no-kind", 25, 4, &[&stream(&[Frame::Beat])[..], &[0, 0, 0, 0]].concat()),
        seed("unknown-kind", 25, 4, &[&mixed[..], &[1, 0, 0, 0, 3]].concat()),
        seed("beat-with-content", 25, 4, &[&mixed[..], &[2, 0, 0, 0, 1, 0]].concat()),
        seed("claims-all", 255, 5, &[&mixed[..], &[0xff; 4], b"and on"].concat()),
        seed("cut-off", 25, 5, &mixed[..mixed.len() - 7]),
        seed("busy", 10, 7, &stream(&[Frame::Message(b"busy as can be"), Frame::Beat]).repeat(30)),
    ]
}
