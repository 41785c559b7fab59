//! What a recording guarantees: it reads as it was written, notices what was not, and tells where two runs part.

mod kit;
mod reading;
mod replaying;
mod signing;
