//! What this crate promises, tested from outside.

mod codec_derive;
mod codec_vectors;
