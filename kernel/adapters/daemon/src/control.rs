//! What is said on the control socket, and how it is framed.
//!
//! A frame is its length as a little-endian `u32` and a body of so many bytes, at most [`MAX_FRAME`], in the canonical codec. A client
//! sends [`Request`]s, as many as it likes without waiting; each is answered by one [`Reply`] with its number, in any order.
//! The socket is a file that only its owner may open: who can, may ask for everything.

use antfarm_authority::WritId;
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, from_bytes, to_bytes};
use antfarm_ledger::SignedHead;
use antfarm_machine::{Span, Wall};
use antfarm_node::{Ask, Notice};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest body of a frame, in bytes. What is longest of what is said are an entity, about half of it, and a thousand writs, about a
/// quarter; all names of connected peers are 16 KiB, and the metrics, which are lines of one number each, less than that.
pub const MAX_FRAME: usize = 1 << 20;

/// The most writs in one answer.
pub const MAX_LINES: usize = 1_000;

/// The longest value of a variable in an answer, in bytes, but for the mark that it goes on.
pub const MAX_VALUE: usize = 4_096;

/// How long all values of an entity's variables in an answer are together, in bytes, but for the last.
pub const MAX_VALUES: usize = MAX_FRAME / 2;

/// What a client wants.
#[derive(Clone, PartialEq, Debug, Codec)]
pub struct Request {
    /// The client's number for it; its reply has the same.
    pub number: u64,
    /// What.
    pub command: Command,
}

/// The things that a client can want.
#[derive(Clone, PartialEq, Debug, Codec)]
pub enum Command {
    /// Something of the node.
    Ask(Ask),
    /// How it is.
    Status,
    /// How far its log is durable, signed.
    Head,
    /// The writs that the node knows, in order of their ids: at most [`MAX_LINES`] at a time.
    Writs {
        /// Those after this one; none: from the first.
        after: Option<WritId>,
    },
    /// One writ, if the node knows it.
    Writ(WritId),
    /// What it counted, as text for Prometheus.
    Metrics,
    /// One entity that lives at the node.
    Entity {
        /// Its type.
        entity: String,
        /// Its id.
        id: String,
    },
}

/// What a client is told.
#[derive(Clone, PartialEq, Debug, Codec)]
pub struct Reply {
    /// The number of its request.
    pub number: u64,
    /// What.
    pub said: Said,
}

/// The things that a client can be told.
#[derive(Clone, PartialEq, Debug, Codec)]
pub enum Said {
    /// What came of an ask.
    Notice(Notice),
    /// Nothing was heard of the ask in time. It may still come about: ask again, with the same nonce.
    Pending,
    /// Too much waits, or the daemon is on its way out: nothing was done.
    Busy,
    /// The node stopped for good, since its log is not what it was: nothing was done, and nothing will be.
    Over,
    /// How the node is.
    Status(Status),
    /// How far its log is durable; none: it is not open.
    Head(Option<SignedHead>),
    /// What it knows of writs: fewer than [`MAX_LINES`] are the last of them.
    Writs(Vec<WritLine>),
    /// Text.
    Text(String),
    /// The entity; none: no such one lives there.
    Entity(Option<EntityLine>),
}

/// One entity that lives at a node.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct EntityLine {
    /// Its status.
    pub status: String,
    /// Since when, in milliseconds since 1970, by the node's clock.
    pub since: i64,
    /// What its variables hold, by name: as specs write values, each cut after [`MAX_VALUE`] bytes, and none after [`MAX_VALUES`]
    /// together.
    pub variables: Vec<(String, String)>,
}

/// How a node is.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct Status {
    /// What it is called.
    pub name: String,
    /// Its key.
    pub key: PublicKey,
    /// The colony.
    pub colony: Digest,
    /// The id of its log.
    pub log: Digest,
    /// Whether it takes asks.
    pub serving: bool,
    /// Whether it found its log rolled back, or not its own, and stopped for good.
    pub rolled_back: bool,
    /// Records that are durable.
    pub records: u64,
    /// Writs that it knows.
    pub writs: u64,
    /// Calls under way or in doubt.
    pub open: u64,
    /// The peers that it is connected to, by name.
    pub connected: Vec<String>,
    /// When, by its clock.
    pub at: Wall,
}

/// One writ that a node knows.
#[derive(Clone, PartialEq, Eq, Debug, Codec)]
pub struct WritLine {
    /// Which.
    pub writ: Digest,
    /// Who gave it.
    pub issuer: PublicKey,
    /// To whom.
    pub subject: PublicKey,
    /// From when on.
    pub since: Wall,
    /// Until when.
    pub until: Wall,
    /// The bound of its revocation.
    pub freshness: Span,
    /// Whether it was revoked, or one above it, as far as is known here.
    pub revoked: bool,
    /// What is free, if its account is kept here.
    pub free: Option<Free>,
}

/// What is free of a writ's budget.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Codec)]
pub struct Free {
    /// Calls.
    pub calls: u64,
    /// Millionths of a USDC.
    pub money: u64,
}

/// A frame with this in it.
pub fn frame<T: Codec>(it: &T) -> Vec<u8> {
    let body = to_bytes(it);
    let length = u32::try_from(body.len()).expect("what is said here is short");
    assert!(body.len() <= MAX_FRAME, "what is said here is short");
    [&length.to_le_bytes()[..], &body].concat()
}

/// Reads a frame; none at the end of the stream.
///
/// # Errors
///
/// The stream fails or ends within a frame, or the frame is too long.
pub async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match stream.read(&mut length[..1]).await? {
        0 => return Ok(None),
        _ => stream.read_exact(&mut length[1..]).await?,
    };
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes is longer than {MAX_FRAME}")));
    }
    // Memory comes with the bytes, not with the claim.
    let mut body = Vec::new();
    let read = stream.take(length as u64).read_to_end(&mut body).await?;
    if read < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(body))
}

/// What a request's frame says.
///
/// # Errors
///
/// It is no request.
pub fn request(body: &[u8]) -> Result<Request, Malformed> {
    from_bytes(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_PEERS;
    use antfarm_identity::Signer;

    #[test]
    fn the_longest_that_is_said_fits_into_a_frame() {
        let key = Signer::insecure(1).public();
        let (colony, wall) = (Digest::ZERO, Wall::from_nanos(u64::MAX));
        let connected = vec!["n".repeat(64); MAX_PEERS];
        let status = Status {
            name: "n".repeat(64),
            key,
            colony,
            log: colony,
            serving: true,
            rolled_back: true,
            records: u64::MAX,
            writs: u64::MAX,
            open: u64::MAX,
            connected,
            at: wall,
        };
        let line = WritLine {
            writ: colony,
            issuer: key,
            subject: key,
            since: wall,
            until: wall,
            freshness: Span::from_secs(1 << 33),
            revoked: true,
            free: Some(Free { calls: u64::MAX, money: u64::MAX }),
        };
        let value = "v".repeat(MAX_VALUE + 2);
        let values = MAX_VALUES / (MAX_VALUE + 10) + 1;
        let variables = (0..values).map(|nth| (nth.to_string(), value.clone())).collect();
        let entity = EntityLine { status: "s".repeat(MAX_VALUE), since: i64::MAX, variables };
        let most = |said| frame(&Reply { number: u64::MAX, said }).len();
        assert!(most(Said::Status(status)) < 20 << 10);
        assert!(most(Said::Writs(vec![line; MAX_LINES])) < MAX_FRAME / 4);
        assert!(most(Said::Entity(Some(entity))) < MAX_FRAME / 2 + (16 << 10));
    }
}
