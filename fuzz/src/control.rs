//! Target `control`: what a client writes into the control socket, and what a client reads from it.
//!
//! The first byte says in which pieces the rest arrives. Held:
//!
//! - However the bytes are cut, the same bodies come out, and then the same end: none, within a frame, or too long a one.
//! - Memory comes with the bytes: no more room is ever asked to be filled than what came already, and a little.
//! - A body is a request, a reply, or a typed error with its offset; what decodes has no other encoding, and frames as it came.

use crate::Met;
use crate::codec::round;
use antfarm_daemon::control::{self, MAX_FRAME, Reply, Request};
use antfarm_identity::from_bytes;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, ReadBuf};

/// Room that a reader may have for bytes beyond as many as came.
const SLACK: usize = 64;

/// Bodies, and how the stream ended.
type Read = (Vec<Vec<u8>>, Option<io::ErrorKind>);

/// Reads a control socket.
///
/// Panics when a guarantee of the socket's frames is broken.
pub fn control(input: &[u8]) -> Met {
    let Some((piece, bytes)) = input.split_first() else { return Met::Refused };
    let expected = model(bytes);
    for piece in [bytes.len(), usize::from(*piece), 1] {
        assert_eq!(read(bytes, piece.max(1)), expected, "{piece} bytes at a time");
    }
    let mut met = Met::Refused;
    for body in expected.0 {
        let requests = round::<Request>(&body);
        let replies = round::<Reply>(&body);
        assert_eq!(control::request(&body), from_bytes(&body), "a request is its encoding");
        if let Ok(request) = control::request(&body) {
            assert_eq!(control::frame(&request), framed(&body), "a request frames as it came");
        }
        if let Ok(reply) = from_bytes::<Reply>(&body) {
            assert_eq!(control::frame(&reply), framed(&body), "a reply frames as it came");
        }
        if requests == Met::Taken || replies == Met::Taken {
            met = Met::Taken;
        }
    }
    met
}

/// A body behind its length.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a short body");
    [&length.to_le_bytes()[..], body].concat()
}

fn model(bytes: &[u8]) -> Read {
    let mut bodies = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((length, behind)) = rest.split_first_chunk() else { return (bodies, Some(io::ErrorKind::UnexpectedEof)) };
        let length = u32::from_le_bytes(*length) as usize;
        if length > MAX_FRAME {
            return (bodies, Some(io::ErrorKind::InvalidData));
        }
        let Some((body, behind)) = behind.split_at_checked(length) else {
            return (bodies, Some(io::ErrorKind::UnexpectedEof));
        };
        bodies.push(body.to_vec());
        rest = behind;
    }
    (bodies, None)
}

fn read(bytes: &[u8], piece: usize) -> Read {
    let mut stream = Pieces { bytes, at: 0, piece };
    let mut bodies = Vec::new();
    loop {
        match at_once(control::read_frame(&mut stream)) {
            Ok(Some(body)) => bodies.push(body),
            Ok(None) => return (bodies, None),
            Err(error) => {
                assert!(!error.to_string().is_empty(), "{error:?} says nothing");
                return (bodies, Some(error.kind()));
            }
        }
    }
}

/// What a future gives that waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("all bytes are there, and somebody waits"),
    }
}

/// A stream that gives so many bytes at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
    piece: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        assert!(room.remaining() <= self.at + SLACK, "room for {} bytes after {}", room.remaining(), self.at);
        let end = (self.at + self.piece.min(room.remaining())).min(self.bytes.len());
        room.put_slice(&self.bytes[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}
