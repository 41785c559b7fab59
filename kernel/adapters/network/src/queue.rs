//! What waits to be sent to one peer: whole frames in one buffer, at most so many and so many bytes.
//!
//! When it is full, the oldest messages go. What waits longest is worth least: whoever still needs an answer asks again, and
//! standing, heads and sets are dated copies of which the latest replaces those before. A peer that reads nothing, or cannot
//! be reached, so costs one full queue and no more.

use crate::frame::{self, Frame, HEAD};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The memory that an empty queue keeps, in bytes.
const KEPT: usize = 64 << 10;

/// The queue of one peer. Many may put, one takes.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Notify,
    max_messages: usize,
    max_bytes: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Where the oldest frame begins; what lies before was taken.
    start: usize,
    messages: usize,
}

impl Waiting {
    fn length(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Takes the oldest frame off.
    fn advance(&mut self) -> &[u8] {
        let begin = self.start;
        self.start += frame::first_length(&self.bytes[begin..]);
        self.messages -= 1;
        &self.bytes[begin..self.start]
    }

    /// Gives back memory that taken frames held, once it is more than half: a queue holds at most twice its limit.
    fn compact(&mut self) {
        if self.messages == 0 {
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
            self.start = 0;
        } else if self.start > self.length() {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
    }
}

impl Queue {
    pub(crate) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self { waiting: Mutex::default(), filled: Notify::new(), max_messages, max_bytes }
    }

    /// No code that holds the lock can leave it half changed, so a panic elsewhere does no harm.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message behind the others; how many of the oldest had to go for it. It fits by itself: the caller has checked.
    pub(crate) fn put(&self, message: &[u8]) -> usize {
        let needed = HEAD + message.len();
        assert!(needed <= self.max_bytes && self.max_messages > 0, "limits were checked when they were configured");
        let mut waiting = self.lock();
        let before = waiting.messages;
        while waiting.messages == self.max_messages || waiting.length() + needed > self.max_bytes {
            waiting.advance();
        }
        let dropped = before - waiting.messages;
        if dropped > 0 {
            waiting.compact();
        }
        frame::write(Frame::Message(message), &mut waiting.bytes);
        waiting.messages += 1;
        assert!(waiting.length() <= self.max_bytes, "the queue is bounded");
        drop(waiting);
        if before == 0 {
            self.filled.notify_one();
        }
        dropped
    }

    /// Moves the oldest frames to the end of `out`: as many as have `wanted` bytes together, at least one if there is one. How
    /// many it moved.
    pub(crate) fn take(&self, wanted: usize, out: &mut Vec<u8>) -> usize {
        let mut waiting = self.lock();
        let before = waiting.messages;
        let mut room = wanted;
        while waiting.messages > 0 {
            let length = frame::first_length(&waiting.bytes[waiting.start..]);
            if length > room && waiting.messages < before {
                break;
            }
            room = room.saturating_sub(length);
            out.extend_from_slice(waiting.advance());
        }
        let moved = before - waiting.messages;
        waiting.compact();
        moved
    }

    /// Returns when something was put into the empty queue since the last call, or is.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// How many messages wait.
    pub(crate) fn length(&self) -> usize {
        self.lock().messages
    }
}
