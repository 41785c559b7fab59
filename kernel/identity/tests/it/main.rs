//! What this crate promises, tested from outside.

mod boundary_derive;
mod codec_derive;
mod codec_random;
mod codec_vectors;
mod digests;
mod keys;
mod recalled;
