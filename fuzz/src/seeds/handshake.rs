//! Seeds of target `handshake`: see [`crate::handshake`] for what the bytes say.

const OPEN: u8 = 0;
const RAW: u8 = 1;
const CLOSE: u8 = 2;
const WAIT: u8 = 3;
const BEGIN: u8 = 4;
const GO_ON: u8 = 5;
const REPLAY: u8 = 6;
const TELL: u8 = 7;
const SHUT: u8 = 8;

const PEER: u8 = 0;
const STRANGER: u8 = 1;
const MYSELF: u8 = 2;
const PRETENDER: u8 = 3;

/// Nothing is changed.
const SAME: [u8; 4] = [7, 0, 0, 0];

pub(crate) fn handshake() -> Vec<(String, Vec<u8>)> {
    let begin = |conn: u8, who: u8, change: [u8; 4]| [&[BEGIN, conn, who], &change[..]].concat();
    let go_on = |conn: u8, change: [u8; 4]| [&[GO_ON, conn], &change[..]].concat();
    let shake = |conn: u8, who: u8| [begin(conn, who, SAME), go_on(conn, SAME)].concat();
    let tell = |conn: u8, bytes: &[u8]| [&[TELL, conn, u8::try_from(bytes.len()).unwrap_or(0)], bytes].concat();
    let message = [8, 0, 0, 0, 0, 3, 0, 0, 0, b'o', b'n', b'e'];
    let hello = [22, 3, 1, 0, 5, 1, 0, 0, 1, 3];
    let mut seeds: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", vec![OPEN, 0, WAIT, 200]),
        ("peer", [&[OPEN, 0][..], &shake(0, PEER), &tell(0, &message), &tell(0, &[1, 0, 0, 0, 1])].concat()),
        ("stranger", [&[OPEN, 0][..], &shake(0, STRANGER), &tell(0, &message)].concat()),
        ("myself", [&[OPEN, 1][..], &shake(0, MYSELF)].concat()),
        ("pretender", [&[OPEN, 2][..], &shake(0, PRETENDER), &tell(0, &message)].concat()),
        ("no-protocol", [&[OPEN, 0][..], &shake(0, 128)].concat()),
        ("replayed", [&[OPEN, 0, OPEN, 1][..], &shake(0, PEER), &[REPLAY, 1, 0, REPLAY, 1, 1]].concat()),
        ("replayed-answer", [&[OPEN, 0, OPEN, 1][..], &shake(0, PEER), &begin(1, PEER, SAME), &[REPLAY, 1, 1]].concat()),
        ("hello-changed", [&[OPEN, 0][..], &begin(0, PEER, [0, 20, 0, 1]), &go_on(0, SAME)].concat()),
        ("hello-cut", [&[OPEN, 0][..], &begin(0, PEER, [1, 90, 0, 0]), &[WAIT, 255]].concat()),
        ("hello-doubled", [&[OPEN, 0][..], &begin(0, PEER, [3, 0, 0, 0]), &go_on(0, SAME)].concat()),
        ("answer-changed", [&[OPEN, 0][..], &begin(0, PEER, SAME), &go_on(0, [0, 99, 0, 128])].concat()),
        ("answer-cut", [&[OPEN, 0][..], &begin(0, PEER, SAME), &go_on(0, [1, 99, 0, 0]), &[SHUT, 0]].concat()),
        ("answer-doubled", [&[OPEN, 0][..], &begin(0, PEER, SAME), &go_on(0, [3, 0, 0, 0]), &tell(0, &message)].concat()),
        ("record-lengthened", [&[OPEN, 0][..], &begin(0, STRANGER, [2, 5, 0, 9]), &go_on(0, SAME)].concat()),
        ("bad-frame", [&[OPEN, 0][..], &shake(0, PEER), &tell(0, &[255, 255, 0, 0, 0])].concat()),
        ("bad-message", [&[OPEN, 0][..], &shake(0, PEER), &tell(0, &[2, 0, 0, 0, 0, 9])].concat()),
        ("noise-after", [&[OPEN, 0][..], &shake(0, PEER), &tell(0, &message), &[RAW, 0, 4, 9, 9, 9, 9]].concat()),
        (
            "superseded",
            [&[OPEN, 0, OPEN, 1][..], &shake(0, PEER), &tell(0, &message), &shake(1, PEER), &tell(1, &message)].concat(),
        ),
        ("closed", [&[OPEN, 0][..], &begin(0, PEER, SAME), &[CLOSE, 0, OPEN, 0], &shake(1, PEER)].concat()),
        ("noise", [&[OPEN, 0, RAW, 0, 10][..], &hello, &[RAW, 0, 3, 1, 2, 3, WAIT, 50]].concat()),
        ("http", [&[OPEN, 4, RAW, 0, 18][..], b"GET / HTTP/1.1\r\n\r\n"].concat()),
    ];
    let crowd: Vec<u8> = (0..12).flat_map(|nth| [OPEN, nth]).collect();
    seeds.push(("crowd", [&crowd[..], &begin(0, PEER, SAME), &go_on(0, SAME)].concat()));
    seeds.push(("crowd-that-is-slow", [&crowd[..8], &begin(0, PEER, SAME), &[WAIT, 255], &go_on(0, SAME), &crowd[..8]].concat()));
    seeds.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}
