//! Asks a daemon through its control socket, one thing at a time.

use crate::control::{Command, MAX_FRAME, Reply, Request, Said, frame};
use antfarm_identity::from_bytes;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A connection to a daemon.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    number: u64,
}

impl Client {
    /// Connects to the socket of this name. An answer that takes longer than `patience` is an error.
    ///
    /// # Errors
    ///
    /// Nobody listens there, or one may not.
    pub fn connect(socket: &Path, patience: Duration) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Self { stream, number: 0 })
    }

    /// Says this, and waits for the answer.
    ///
    /// # Errors
    ///
    /// The connection fails, or what comes back is no answer.
    pub fn say(&mut self, command: Command) -> io::Result<Said> {
        self.number += 1;
        self.stream.write_all(&frame(&Request { number: self.number, command }))?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let bad = |words: &str| io::Error::new(io::ErrorKind::InvalidData, words.to_owned());
        if length > MAX_FRAME {
            return Err(bad("the daemon's answer is too long"));
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let reply: Reply = from_bytes(&body).map_err(|_| bad("the daemon speaks another version of this protocol"))?;
        if reply.number != self.number {
            return Err(bad("the daemon answered something else"));
        }
        Ok(reply.said)
    }
}
